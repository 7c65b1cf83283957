import { EXACT_DIGITS } from '../exact-decimal.js';
import { atRow } from '../scratch.js';
import { priceFault, rangeFaults, volumeFault } from '../sound-bar.js';
import type { DefectCode, DefectLog } from './defects.js';
import type { EventKind } from './events.js';
import { type FieldColumns, type LayoutWish, type RecognisedLayout, recogniseLayout } from './layouts.js';
import { badByte, type CellProblem, plainText, quote, readNumber, significantDigits } from './number-cell.js';
import { NumberList } from './number-list.js';
import type { Policy } from './policies.js';
import type { BarInput, RowBatch, RowSource } from './row-source.js';
import { type StampKind, StampReader } from './time-stamps.js';

/** The columns that every bar has, in the order of {@link BarChunk.values}. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** The rows that one source has of one symbol, in the source's order, free of defects within a row. */
export interface BarChunk {
  readonly file: string;
  /** From a column or from the source's name; empty where neither gives one. */
  readonly symbol: string;
  /** Whether a column gave the symbol. */
  readonly isNamed: boolean;
  readonly kind: StampKind;
  /** Zone of local stamps, where the source's form fixes it. */
  readonly timezone: string | undefined;
  /** Whether bars are of quotes: the mean of bid and ask, not of trades. */
  readonly isQuotes: boolean;
  /** Stamps in milliseconds: date labels, wall-clock times or instants, by `kind`. */
  readonly stamps: Float64Array;
  /** Data row of each bar, from 1. */
  readonly rows: Float64Array;
  /** Names of the columns: {@link BAR_FIELDS}, then what else the source has. */
  readonly fields: readonly string[];
  /** One column for each field. NaN in all of them is a row that is to be filled; volume is 0 where the source has none. */
  readonly values: readonly Float64Array[];
  /** Names of the columns in the file, by field. */
  readonly names: readonly string[];
  /** First prices and volumes written with more than {@link EXACT_DIGITS} digits that a float64 does not show. */
  readonly longNumbers: { readonly row: number; readonly column: string; readonly text: string }[];
  /** Splits and dividends in columns of the file, by data row, as exact text. */
  readonly events: { readonly kind: EventKind; readonly row: number; readonly value: string }[];
}

/** What was read from one source. */
export interface BarFile {
  readonly file: string;
  /** Data rows, blank lines not counted. */
  readonly rows: number;
  /** What it was taken for, and why. */
  readonly layout: Pick<RecognisedLayout, 'name' | 'reason'>;
  /** How dates are written; undefined when no row has one. */
  readonly stampFormat: string | undefined;
  readonly chunks: readonly BarChunk[];
}

/** Settings of {@link readBars}. */
export interface BarReaderOptions extends LayoutWish {
  /** What prices are divided by; undefined where the source says it. */
  readonly divisor?: number | undefined;
}

const LONG_NUMBERS_KEPT = 20;
/** Lost events that a warning names. */
const PLACES_NAMED = 5;
/** With a larger share of rows whose close lies outside low to high, the header is wrong and not the rows. */
const WRONG_SHARE = 0.9;
const SEVERITY: Readonly<Record<Policy, number>> = { warn: 1, first: 1, last: 1, fill: 2, drop: 3, fail: 4 };

/**
 * Reads one source of bars, checking every row by itself. Rows with a defect are treated by the log's policies.
 * @throws UsageError, DataError or RunError where the source as a whole cannot be read, see {@link BarInput} and `recogniseLayout`
 */
export async function readBars(input: BarInput, options: BarReaderOptions, log: DefectLog): Promise<BarFile> {
  const { name: file } = input;
  return input.use(async (source) => {
    const header = source.columns.map(({ name }) => name);
    const wish = source.layout === undefined ? options : { ...options, layout: 'auto' as const };
    const recognised = recogniseLayout(header, wish, file);
    const reader = new RowReader(input, source, recognised, options, log);
    let rows = 0;
    for await (const batch of source.batches) {
      for (let row = 0; row < batch.rows; row++) {
        reader.read(batch, row, ++rows);
        atRow(rows);
      }
    }
    const chunks = reader.finish(rows);
    if (rows === 0) log.error('NO_ROWS', file, 'has a header but no rows');
    else if (!recognised.hasVolume && !chunks.some(({ isQuotes }) => isQuotes)) {
      log.whole(
        'NO_VOLUME',
        file,
        'has no volume',
        rows,
        '; it is 0 in every bar, and limits by volume let nothing fill',
      );
    }
    return { file, rows, layout: describe(source, recognised), stampFormat: reader.stampFormat, chunks };
  });
}

function describe(source: RowSource, { name, reason }: RecognisedLayout): Pick<RecognisedLayout, 'name' | 'reason'> {
  const remarks = source.remarks === undefined ? '' : `; ${source.remarks}`;
  if (source.layout === undefined) return { name, reason: reason + remarks };
  return { name: source.layout.name, reason: `${source.layout.name} layout: ${source.layout.reason}${remarks}` };
}

/** A chunk that rows are still added to. */
interface OpenChunk {
  readonly symbol: string;
  readonly plan: BarPlan;
  readonly stamps: NumberList;
  readonly rows: NumberList;
  readonly values: readonly NumberList[];
  readonly longNumbers: { readonly row: number; readonly column: string; readonly text: string }[];
  readonly events: { readonly kind: EventKind; readonly row: number; readonly value: string }[];
}

/** How one bar of a row is read. */
interface BarPlan {
  readonly symbol: string | undefined;
  readonly isQuotes: boolean;
  /** Columns of the source that it reads. */
  readonly columns: readonly number[];
  readonly fields: readonly FieldPlan[];
}

interface FieldPlan {
  readonly field: string;
  readonly isPrice: boolean;
  readonly columns: FieldColumns['columns'] | readonly [];
  readonly name: string;
  /** What the number, or the sum of two, is divided by. */
  readonly divisor: number;
  readonly isScaled: boolean;
}

class RowReader {
  readonly #input: BarInput;
  readonly #file: string;
  readonly #source: RowSource;
  readonly #log: DefectLog;
  readonly #layout: RecognisedLayout;
  readonly #plans: readonly BarPlan[];
  readonly #stamps = new StampReader();
  readonly #chunks = new Map<string, OpenChunk>();
  /** The numbers of the bar being read, reused. */
  readonly #bar: Float64Array;
  /** What is to be done about the bar being read: the severest of its defects' policies. */
  #policy: Policy | undefined;
  #closesOutside = 0;
  #volumesInside = 0;
  /** Splits and dividends of rows that were not taken. */
  readonly #lostEvents: BarChunk['events'][number][] = [];

  constructor(
    input: BarInput,
    source: RowSource,
    layout: RecognisedLayout,
    { divisor }: BarReaderOptions,
    log: DefectLog,
  ) {
    this.#input = input;
    this.#file = input.name;
    this.#source = source;
    this.#log = log;
    this.#layout = layout;
    this.#plans = layout.bars.map(({ symbol, fields }): BarPlan => {
      const named = [...fields];
      if (!layout.hasVolume) named.splice(4, 0, { field: 'volume', columns: [0] });
      const plans = named.map(({ field, columns }): FieldPlan => {
        const isPrice = field !== 'volume' && field !== 'openInterest';
        const isAbsent = field === 'volume' && !layout.hasVolume;
        const own = source.columns[columns[0]]!;
        const scale = isPrice ? (divisor ?? own.divisor ?? 1) : 1;
        return {
          field,
          isPrice,
          columns: isAbsent ? [] : columns,
          name: isAbsent ? 'volume' : own.name,
          divisor: scale * columns.length,
          isScaled: scale !== 1,
        };
      });
      return {
        symbol,
        isQuotes: fields.some(({ columns }) => columns.length === 2),
        columns: [...new Set(plans.flatMap(({ columns }) => [...columns]))],
        fields: plans,
      };
    });
    this.#bar = new Float64Array(Math.max(...this.#plans.map(({ fields }) => fields.length)));
    for (const column of new Set(this.#plans.flatMap(({ columns }) => columns))) {
      const { name, isText } = source.columns[column]!;
      if (isText !== true) continue;
      log.whole('TEXT_NUMBERS', this.#file, `column '${name}' is text, not numbers; write it as DOUBLE or DECIMAL`);
    }
  }

  get stampFormat(): string | undefined {
    return this.#stamps.format;
  }

  /** Reads row `at` of a batch, which is data row `row` of the source. */
  read(batch: RowBatch, at: number, row: number): void {
    this.#policy = undefined;
    const width = batch.width(at);
    if (width !== this.#source.columns.length) {
      const expected = this.#source.columns.length;
      this.#note({ code: 'RAGGED_ROW', message: `has ${width} fields, the header ${expected}` }, row);
      return;
    }
    const whole = batch.problem?.(at);
    if (whole !== undefined) {
      this.#note(whole, row);
      return;
    }
    const symbol = this.#symbol(batch, at, row);
    const ofRow: Policy | undefined = this.#policy;
    const stamp = this.#stamp(batch, at, row);
    const ofStamp: Policy | undefined = this.#policy;
    for (const plan of this.#plans) {
      this.#policy = ofStamp;
      if (plan.symbol !== undefined && this.#isEmpty(plan, batch, at)) continue;
      this.#readNumbers(plan, batch, at, row);
      const events = this.#readEvents(batch, at, row);
      if (this.#policy === 'fail' || this.#policy === 'drop') {
        this.#lostEvents.push(...events);
        continue;
      }
      const chunk = this.#chunk(plan.symbol ?? symbol, plan);
      chunk.stamps.push(stamp);
      chunk.rows.push(row);
      const isFilled = this.#policy === 'fill';
      for (let field = 0; field < plan.fields.length; field++) {
        chunk.values[field]!.push(isFilled ? Number.NaN : this.#bar[field]!);
      }
      if (!isFilled) this.#noteLongNumbers(chunk, batch, at, row);
      chunk.events.push(...events);
    }
    this.#policy = ofRow;
  }

  /** Ends the source of so many rows. */
  finish(rows: number): BarChunk[] {
    const { later, problems } = this.#stamps.finish();
    for (const { row, problem } of problems) this.#note(problem, row, this.#layout.date);
    if (rows > 2 && this.#closesOutside >= WRONG_SHARE * rows && this.#volumesInside >= WRONG_SHARE * rows) {
      this.#log.cause(
        'WRONG_HEADER',
        this.#file,
        `'${this.#nameOf('close')}' lies outside low to high in ${this.#closesOutside} of ${rows} rows and '${this.#nameOf('volume')}' inside: the header seems to name them in the wrong order`,
      );
    }
    if (this.#lostEvents.length > 0) {
      const count = this.#lostEvents.length;
      const places = this.#lostEvents.slice(0, PLACES_NAMED).map(({ value, row }) => `${value} in data row ${row}`);
      const message = `${count} of its splits and dividends stand in rows that were dropped`;
      const done = ` and are lost with them, ${places.join(', ')}${count > PLACES_NAMED ? ', ...' : ''}; a file of events can bring them`;
      this.#log.whole('EVENT_DROPPED', this.#file, message, count, done);
    }
    const kind = this.#stamps.kind;
    const isNamed = this.#layout.symbol !== undefined || this.#plans.some(({ symbol }) => symbol !== undefined);
    return [...this.#chunks.values()]
      .map(({ symbol, plan, ...chunk }) => ({
        file: this.#file,
        symbol: isNamed ? symbol : (this.#source.symbol ?? this.#input.symbol ?? ''),
        isNamed,
        kind,
        timezone: this.#source.timezone,
        isQuotes: plan.isQuotes,
        fields: plan.fields.map(({ field }) => field),
        names: plan.fields.map(({ name }) => name),
        longNumbers: chunk.longNumbers,
        events: chunk.events,
        ...dated(chunk, later),
      }))
      .filter((chunk) => chunk.rows.length > 0);
  }

  #nameOf(field: string): string {
    return this.#plans[0]!.fields.find((plan) => plan.field === field)!.name;
  }

  #symbol(batch: RowBatch, at: number, row: number): string {
    const index = this.#layout.symbol;
    if (index === undefined) return '';
    const cell = batch.cell(at, index);
    const symbol = cell === null ? '' : String(cell);
    const trouble = badByte(symbol);
    if (trouble !== undefined) this.#note({ ...trouble, code: 'NO_SYMBOL' }, row, index);
    else if (symbol === '') this.#note({ code: 'NO_SYMBOL', message: 'no symbol (empty cell)' }, row, index);
    return symbol;
  }

  /** Returns the row's stamp, NaN where it is not known yet or cannot be read, which is noted then. */
  #stamp(batch: RowBatch, at: number, row: number): number {
    const { date, time } = this.#layout;
    const { stamps, stampsFrom } = this.#source.columns[date]!;
    const cell = batch.cell(at, date);
    let stamp: number | CellProblem;
    if (stampsFrom !== undefined && typeof cell === 'string' && /^\d{1,8}$/.test(cell)) {
      stamp = this.#stamps.readNumber(stampsFrom + Number(cell), stamps);
    } else if (typeof cell === 'number' && time === undefined) {
      stamp = this.#stamps.readNumber((stampsFrom ?? 0) + cell, stamps);
    } else if (typeof cell === 'number' && stamps !== undefined) {
      stamp = this.#stamps.readDay((stampsFrom ?? 0) + cell, stamps, String(batch.cell(at, time!) ?? ''));
    } else {
      const text = time === undefined ? String(cell ?? '') : `${cell ?? ''} ${batch.cell(at, time) ?? ''}`;
      stamp = this.#stamps.read(text, row);
    }
    if (typeof stamp === 'number') return stamp;
    // A row without a time cannot be filled: nobody knows where.
    const isTreatable = this.#log.policies.of(stamp.code) !== 'fill';
    this.#note(isTreatable ? stamp : { ...stamp, code: 'NOT_A_DATE' }, row, date);
    return Number.NaN;
  }

  /** Whether a wide row has nothing of a symbol, which is no defect: it was not traded. */
  #isEmpty({ columns }: BarPlan, batch: RowBatch, at: number): boolean {
    return columns.every((column) => {
      const cell = batch.cell(at, column);
      return cell === null || cell === '' || Number.isNaN(cell) || cell === 'NaN' || cell === 'nan';
    });
  }

  #chunk(symbol: string, plan: BarPlan): OpenChunk {
    let chunk = this.#chunks.get(symbol);
    if (chunk === undefined) {
      chunk = {
        symbol,
        plan,
        stamps: new NumberList(),
        rows: new NumberList(),
        values: plan.fields.map(() => new NumberList()),
        longNumbers: [],
        events: [],
      };
      this.#chunks.set(symbol, chunk);
    }
    return chunk;
  }

  #readNumbers({ fields }: BarPlan, batch: RowBatch, at: number, row: number): void {
    let isWhole = true;
    for (let place = 0; place < fields.length; place++) {
      const { field, columns, divisor, isPrice } = fields[place]!;
      const [first, second] = columns;
      if (first === undefined) {
        this.#bar[place] = 0;
        continue;
      }
      const one = this.#number(batch, at, row, first, fields[place]!);
      const other = second === undefined ? 0 : this.#number(batch, at, row, second, fields[place]!);
      const sum = one + other;
      if (Number.isNaN(sum)) {
        isWhole = false;
        continue;
      }
      const value = divisor === 1 ? sum : sum / divisor;
      // The mean of two decimals of 14 digits has 15; what is beyond is noise of the sum.
      this.#bar[place] =
        second === undefined || fields[place]!.isScaled ? value : Number(value.toPrecision(EXACT_DIGITS));
      const fault = field === 'volume' ? volumeFault(value) : isPrice ? priceFault(value) : undefined;
      if (fault !== undefined) this.#note(fault, row, first);
    }
    if (isWhole) this.#checkRange(fields, row);
  }

  /** Returns the number of a cell, NaN where it holds none, which is noted then. */
  #number(batch: RowBatch, at: number, row: number, column: number, { isScaled }: FieldPlan): number {
    const cell = batch.cell(at, column);
    const number = typeof cell === 'string' ? readNumber(cell, this.#source.numbers) : checkNumber(cell);
    if (typeof number !== 'number') {
      this.#note(number, row, column);
      return Number.NaN;
    }
    if (isScaled && !Number.isInteger(number)) {
      const message = `${quote(String(cell))} is no integer, but prices were taken for scaled ones; name the divisor, --divisor 1`;
      this.#note({ code: 'MIXED_SCALE', message }, row, column);
    }
    return number;
  }

  #checkRange(fields: readonly FieldPlan[], row: number): void {
    const [open = 0, high = 0, low = 0, close = 0, volume = 0] = this.#bar;
    for (const fault of rangeFaults(open, high, low, close)) {
      this.#note(fault, row, fields[BAR_FIELDS.indexOf(fault.field)]!.columns[0]!);
      if (fault.code !== 'CLOSE_OUTSIDE_RANGE') continue;
      this.#closesOutside++;
      if (volume >= low && volume <= high) this.#volumesInside++;
    }
  }

  #readEvents(batch: RowBatch, at: number, row: number): OpenChunk['events'] {
    const { dividend, split } = this.#layout;
    if (dividend === undefined && split === undefined) return [];
    const events: OpenChunk['events'] = [];
    for (const [kind, column] of [
      ['dividends', dividend],
      ['splits', split],
    ] as const) {
      const cell = column === undefined ? null : batch.cell(at, column);
      // An empty cell is a day without an event, and so is 0; and for splits 1, which zipline writes.
      if (cell === null || cell === '' || Number.isNaN(cell)) continue;
      const text = plainText(String(cell), this.#source.numbers ?? 'plain');
      if (/^0*(\.0*)?$/.test(text) || (kind === 'splits' && /^0*1(\.0*)?$/.test(text))) continue;
      events.push({ kind, row, value: text });
    }
    return events;
  }

  #noteLongNumbers(chunk: OpenChunk, batch: RowBatch, at: number, row: number): void {
    if (chunk.longNumbers.length >= LONG_NUMBERS_KEPT) return;
    for (const { field, columns, name } of chunk.plan.fields) {
      if (field === 'adjClose') continue;
      for (const column of columns) {
        const text = batch.cell(at, column);
        // A number shows later what it is.
        if (typeof text !== 'string' || text.length <= EXACT_DIGITS) continue;
        const plain = plainText(text, this.#source.numbers ?? 'plain');
        // What the number itself shows is found later; here only what reading the text has lost.
        const isLost =
          significantDigits(plain) > EXACT_DIGITS && significantDigits(String(Number(plain))) <= EXACT_DIGITS;
        if (isLost) chunk.longNumbers.push({ row, column: name, text: quote(text) });
      }
    }
  }

  /** Notes a defect of the row being read and keeps the severest policy. */
  #note(
    { code, message }: { readonly code: DefectCode; readonly message: string },
    row: number,
    column?: number,
  ): void {
    const name = column === undefined ? undefined : this.#source.columns[column]!.name;
    const policy = this.#log.row(code, this.#file, message, row, name);
    if (this.#policy === undefined || SEVERITY[policy] > SEVERITY[this.#policy]) this.#policy = policy;
  }
}

/** Returns a chunk's columns with the stamps that were told later, without the rows whose stamp nobody knows. */
function dated(
  { stamps, rows, values }: Pick<OpenChunk, 'stamps' | 'rows' | 'values'>,
  later: ReadonlyMap<number, number>,
): Pick<BarChunk, 'stamps' | 'rows' | 'values'> {
  const all = { stamps: stamps.finish(), rows: rows.finish(), values: values.map((column) => column.finish()) };
  let isUnknown = false;
  for (let place = 0; place < all.stamps.length; place++) {
    if (!Number.isNaN(all.stamps[place]!)) continue;
    all.stamps[place] = later.get(all.rows[place]!) ?? Number.NaN;
    isUnknown ||= Number.isNaN(all.stamps[place]!);
  }
  if (!isUnknown) return all;
  const known = (_: number, place: number): boolean => !Number.isNaN(all.stamps[place]!);
  return {
    rows: all.rows.filter(known),
    values: all.values.map((column) => column.filter(known)),
    stamps: all.stamps.filter((stamp) => !Number.isNaN(stamp)),
  };
}

/** Returns the number of a typed source, or why it is none. */
function checkNumber(cell: number | null): number | CellProblem {
  if (cell === null) return { code: 'MISSING_VALUE', message: 'no value (null)' };
  if (Number.isNaN(cell)) return { code: 'MISSING_VALUE', message: 'no value (NaN)' };
  if (!Number.isFinite(cell)) return { code: 'NOT_FINITE', message: `${cell} is not finite` };
  return cell;
}
