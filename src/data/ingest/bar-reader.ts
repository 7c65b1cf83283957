import type { DefectLog } from './defects.js';
import {
  type ColumnNames,
  type ColumnRole,
  type LayoutName,
  type RecognisedLayout,
  recogniseLayout,
} from './layouts.js';
import { badByte, type CellProblem, EXACT_DIGITS, quote, readNumber, significantDigits } from './number-cell.js';
import { NumberList } from './number-list.js';
import type { BarInput, RowBatch, SourceColumn } from './row-source.js';
import { type StampKind, StampReader } from './time-stamps.js';

/** The number columns of a bar, in the order of {@link BarChunk.values}. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume', 'adjClose'] as const;

/** The rows that one source has of one symbol, in the source's order, free of defects within a row. */
export interface BarChunk {
  readonly file: string;
  /** From a column or from the source's name; empty where neither gives one. */
  readonly symbol: string;
  /** Whether a column gave the symbol. */
  readonly isNamed: boolean;
  readonly kind: StampKind;
  /** Stamps in milliseconds: date labels, wall-clock times or instants, by `kind`. */
  readonly stamps: Float64Array;
  /** Data row of each bar, from 1. */
  readonly rows: Float64Array;
  /** One column for each of {@link BAR_FIELDS} that the file has; the first five always. */
  readonly values: readonly Float64Array[];
  /** Names of those columns in the file. */
  readonly names: readonly string[];
  /** First prices and volumes written with more than {@link EXACT_DIGITS} digits that a float64 does not show. */
  readonly longNumbers: { readonly row: number; readonly column: string; readonly text: string }[];
}

/** What was read from one file. */
export interface BarFile {
  readonly file: string;
  /** Data rows, blank lines not counted. */
  readonly rows: number;
  readonly layout: RecognisedLayout;
  /** How dates are written; undefined when no row has one. */
  readonly stampFormat: string | undefined;
  readonly chunks: readonly BarChunk[];
}

/** Settings of {@link readBars}. */
export interface BarReaderOptions {
  readonly layout: LayoutName | 'auto';
  readonly columns: ColumnNames;
}

const LONG_NUMBERS_KEPT = 20;

/**
 * Reads one source of bars, checking every row by itself. Rows with a defect are logged and left out.
 * @throws UsageError, DataError or RunError where the source as a whole cannot be read, see {@link BarInput} and `recogniseLayout`
 */
export async function readBars(input: BarInput, options: BarReaderOptions, log: DefectLog): Promise<BarFile> {
  const { name: file } = input;
  return input.use(async ({ columns, batches }) => {
    const header = columns.map(({ name }) => name);
    const layout = recogniseLayout(header, options.layout, options.columns, file);
    const reader = new RowReader(input, columns, layout, log);
    let rows = 0;
    for await (const batch of batches) {
      for (let row = 0; row < batch.rows; row++) reader.read(batch, row, ++rows);
    }
    const chunks = reader.finish();
    if (rows === 0) log.error('NO_ROWS', file, 'has a header but no rows');
    return { file, rows, layout, stampFormat: reader.stampFormat, chunks };
  });
}

/** A chunk that rows are still added to. */
interface OpenChunk {
  readonly symbol: string;
  readonly stamps: NumberList;
  readonly rows: NumberList;
  readonly values: readonly NumberList[];
  readonly longNumbers: { readonly row: number; readonly column: string; readonly text: string }[];
}

class RowReader {
  readonly #input: BarInput;
  readonly #file: string;
  readonly #source: readonly SourceColumn[];
  readonly #log: DefectLog;
  readonly #columns: RecognisedLayout['columns'];
  readonly #fields: readonly {
    readonly role: (typeof BAR_FIELDS)[number];
    readonly index: number;
    readonly name: string;
    readonly divisor: number;
  }[];
  readonly #stamps = new StampReader();
  readonly #chunks = new Map<string, OpenChunk>();
  /** The numbers of the row being read, reused. */
  readonly #bar: Float64Array;

  constructor(input: BarInput, source: readonly SourceColumn[], layout: RecognisedLayout, log: DefectLog) {
    this.#input = input;
    this.#file = input.name;
    this.#source = source;
    this.#log = log;
    this.#columns = layout.columns;
    this.#fields = BAR_FIELDS.flatMap((role) => {
      const index = layout.columns[role];
      if (index === undefined) return [];
      const { name, divisor = 1 } = source[index]!;
      return [{ role, index, name, divisor }];
    });
    this.#bar = new Float64Array(this.#fields.length);
    for (const { index, name } of this.#fields) {
      if (source[index]!.isText !== true) continue;
      const message = 'is a column of text, not of numbers; write it as DOUBLE or DECIMAL';
      log.error('TEXT_NUMBERS', this.#file, message, undefined, name);
    }
  }

  get stampFormat(): string | undefined {
    return this.#stamps.format;
  }

  /** Reads row `at` of a batch, which is data row `row` of the source. */
  read(batch: RowBatch, at: number, row: number): void {
    const width = batch.width(at);
    if (width !== this.#source.length) {
      this.#log.error('RAGGED_ROW', this.#file, `has ${width} fields, the header ${this.#source.length}`, row);
      return;
    }
    const whole = batch.problem?.(at);
    if (whole !== undefined) {
      this.#log.error(whole.code, this.#file, whole.message, row);
      return;
    }
    const before = this.#log.errorCount;
    const symbol = this.#symbol(batch, at, row);
    this.#readNumbers(batch, at, row);
    // The stamp comes last: it is stored into the chunk, so the row must be known to be sound but for it.
    const isSound = this.#log.errorCount === before;
    const chunk = isSound ? this.#chunk(symbol) : undefined;
    const place = chunk?.stamps.length ?? 0;
    // A date whose order is not known yet takes its place now and its value later.
    chunk?.stamps.push(Number.NaN);
    const problem = this.#readStamp(batch, at, row, (value) => chunk?.stamps.set(place, value));
    if (problem !== undefined) {
      this.#report(problem, row, 'date');
      chunk?.stamps.pop();
    } else if (chunk !== undefined) {
      chunk.rows.push(row);
      for (let field = 0; field < this.#bar.length; field++) chunk.values[field]!.push(this.#bar[field]!);
      this.#noteLongNumbers(chunk, batch, at, row);
    }
  }

  finish(): BarChunk[] {
    for (const { row, problem } of this.#stamps.finish()) this.#report(problem, row, 'date');
    const kind = this.#stamps.kind;
    const isNamed = this.#columns.symbol !== undefined;
    return [...this.#chunks.values()]
      .filter(({ rows }) => rows.length > 0)
      .map(({ symbol, stamps, rows, values, longNumbers }) => ({
        file: this.#file,
        symbol: isNamed ? symbol : (this.#input.symbol ?? ''),
        isNamed,
        kind,
        stamps: stamps.finish(),
        rows: rows.finish(),
        values: values.map((column) => column.finish()),
        names: this.#fields.map(({ name }) => name),
        longNumbers,
      }));
  }

  #symbol(batch: RowBatch, at: number, row: number): string {
    const index = this.#columns.symbol;
    if (index === undefined) return '';
    const cell = batch.cell(at, index);
    const symbol = cell === null ? '' : String(cell);
    const trouble = badByte(symbol);
    if (trouble !== undefined) this.#report(trouble, row, 'symbol');
    else if (symbol === '') this.#report({ code: 'NO_SYMBOL', message: 'no symbol (empty cell)' }, row, 'symbol');
    return symbol;
  }

  #chunk(symbol: string): OpenChunk {
    let chunk = this.#chunks.get(symbol);
    if (chunk === undefined) {
      chunk = {
        symbol,
        stamps: new NumberList(),
        rows: new NumberList(),
        values: this.#fields.map(() => new NumberList()),
        longNumbers: [],
      };
      this.#chunks.set(symbol, chunk);
    }
    return chunk;
  }

  #readStamp(batch: RowBatch, at: number, row: number, store: (value: number) => void): CellProblem | undefined {
    const { date, time } = this.#columns;
    const { stamps, stampsFrom = 0 } = this.#source[date!]!;
    const cell = batch.cell(at, date!);
    const base = stampsFrom === 0 ? store : (value: number) => store(value + stampsFrom);
    if (typeof cell === 'number') return this.#stamps.readNumber(cell, stamps, base);
    const text = time === undefined ? (cell ?? '') : `${cell ?? ''} ${batch.cell(at, time) ?? ''}`;
    return this.#stamps.read(text, row, base);
  }

  #readNumbers(batch: RowBatch, at: number, row: number): void {
    const before = this.#log.errorCount;
    for (let field = 0; field < this.#fields.length; field++) {
      const { role, index, name, divisor } = this.#fields[field]!;
      const cell = batch.cell(at, index);
      const number = typeof cell === 'string' ? readNumber(cell) : checkNumber(cell);
      if (typeof number !== 'number') {
        this.#log.error(number.code, this.#file, number.message, row, name);
        continue;
      }
      const value = divisor === 1 ? number : number / divisor;
      this.#bar[field] = value;
      if (role === 'volume') this.#checkVolume(value, row, name);
      else if (value === 0) this.#log.error('ZERO_PRICE', this.#file, 'is zero', row, name);
      else if (value < 0) this.#log.error('NEGATIVE_PRICE', this.#file, `${value} is negative`, row, name);
    }
    if (this.#log.errorCount === before) this.#checkRange(row);
  }

  #checkVolume(value: number, row: number, name: string): void {
    if (value < 0) this.#log.error('NEGATIVE_VOLUME', this.#file, `${value} is negative`, row, name);
    else if (value > Number.MAX_SAFE_INTEGER) {
      this.#log.error('VOLUME_TOO_LARGE', this.#file, `${value} is above 2^53, beyond exact counting`, row, name);
    }
  }

  #checkRange(row: number): void {
    const [open = 0, high = 0, low = 0, close = 0] = this.#bar;
    if (high < low) {
      this.#report({ code: 'HIGH_BELOW_LOW', message: `high ${high} is below low ${low}` }, row, 'high');
      return;
    }
    const outside = (price: number): string => `${price} lies outside low ${low} to high ${high}`;
    if (open < low || open > high) this.#report({ code: 'OPEN_OUTSIDE_RANGE', message: outside(open) }, row, 'open');
    if (close < low || close > high) {
      this.#report({ code: 'CLOSE_OUTSIDE_RANGE', message: outside(close) }, row, 'close');
    }
  }

  #noteLongNumbers(chunk: OpenChunk, batch: RowBatch, at: number, row: number): void {
    for (const { role, index, name } of this.#fields) {
      const text = batch.cell(at, index);
      // A number shows later what it is.
      if (typeof text !== 'string') continue;
      if (text.length <= EXACT_DIGITS || role === 'adjClose' || chunk.longNumbers.length >= LONG_NUMBERS_KEPT) continue;
      // What the number itself shows is found later; here only what reading the text has lost.
      const isLost = significantDigits(text) > EXACT_DIGITS && significantDigits(String(Number(text))) <= EXACT_DIGITS;
      if (isLost) chunk.longNumbers.push({ row, column: name, text: quote(text) });
    }
  }

  #report({ code, message }: CellProblem, row: number, role: ColumnRole): void {
    this.#log.error(code, this.#file, message, row, this.#source[this.#columns[role]!]?.name);
  }
}

/** Returns the number of a typed source, or why it is none. */
function checkNumber(cell: number | null): number | CellProblem {
  if (cell === null) return { code: 'MISSING_VALUE', message: 'no value (null)' };
  if (Number.isNaN(cell)) return { code: 'MISSING_VALUE', message: 'no value (NaN)' };
  if (!Number.isFinite(cell)) return { code: 'NOT_FINITE', message: `${cell} is not finite` };
  return cell;
}
