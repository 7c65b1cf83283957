import { basename } from 'node:path';
import { DataError } from '../../core/errors.js';
import { readCsv } from './csv-source.js';
import type { DefectLog } from './defects.js';
import {
  type ColumnNames,
  type ColumnRole,
  type LayoutName,
  type RecognisedLayout,
  recogniseLayout,
} from './layouts.js';
import { badByte, type CellProblem, EXACT_DIGITS, quote, readNumber, significantDigits } from './number-cell.js';
import { type StampKind, StampReader } from './time-stamps.js';

/** The number columns of a bar, in the order of {@link BarChunk.values}. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume', 'adjClose'] as const;

/** The rows that one file has of one symbol, in the file's order, free of defects within a row. */
export interface BarChunk {
  readonly file: string;
  readonly symbol: string;
  readonly kind: StampKind;
  /** Stamps in milliseconds: date labels, wall-clock times or instants, by `kind`. */
  readonly stamps: number[];
  /** Data row of each bar, from 1. */
  readonly rows: number[];
  /** One column for each of {@link BAR_FIELDS} that the file has; the first five always. */
  readonly values: number[][];
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
 * Reads one file of bars, checking every row by itself. Rows with a defect are logged and left out.
 * @throws UsageError, DataError or RunError where the file as a whole cannot be read, see `readCsv` and `recogniseLayout`
 */
export async function readBars(path: string, options: BarReaderOptions, log: DefectLog): Promise<BarFile> {
  return readCsv(path, async ({ file, header, rows: lines }) => {
    const layout = recogniseLayout(header, options.layout, options.columns, file);
    const reader = new RowReader(file, header, layout, log);
    let rows = 0;
    for await (const cells of lines) reader.read(cells, ++rows);
    const chunks = reader.finish();
    if (rows === 0) log.error('NO_ROWS', file, 'has a header but no rows');
    return { file, rows, layout, stampFormat: reader.stampFormat, chunks };
  });
}

/** Returns the symbol that a file's name stands for: the name without folder, `.gz` and one more extension. */
export function symbolOfFile(path: string): string {
  const symbol = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]*$/, '')
    .trim();
  if (symbol !== '') return symbol;
  throw new DataError('NO_SYMBOL', {
    message: `The name of '${path}' gives no symbol. Name the symbol, or rename the file to SYMBOL.csv.`,
    details: { path },
  });
}

class RowReader {
  readonly #file: string;
  readonly #header: readonly string[];
  readonly #log: DefectLog;
  readonly #columns: RecognisedLayout['columns'];
  readonly #fields: readonly {
    readonly role: (typeof BAR_FIELDS)[number];
    readonly index: number;
    readonly name: string;
  }[];
  readonly #stamps = new StampReader();
  readonly #chunks = new Map<string, BarChunk>();
  /** The numbers of the row being read, reused. */
  readonly #bar: number[];

  constructor(file: string, header: readonly string[], layout: RecognisedLayout, log: DefectLog) {
    this.#file = file;
    this.#header = header;
    this.#log = log;
    this.#columns = layout.columns;
    this.#fields = BAR_FIELDS.flatMap((role) => {
      const index = layout.columns[role];
      return index === undefined ? [] : [{ role, index, name: header[index]! }];
    });
    this.#bar = this.#fields.map(() => 0);
  }

  get stampFormat(): string | undefined {
    return this.#stamps.format;
  }

  read(cells: readonly string[], row: number): void {
    if (cells.length !== this.#header.length) {
      this.#log.error('RAGGED_ROW', this.#file, `has ${cells.length} fields, the header ${this.#header.length}`, row);
      return;
    }
    const before = this.#log.errorCount;
    const symbol = this.#symbol(cells, row);
    this.#readNumbers(cells, row);
    // The stamp comes last: it is stored into the chunk, so the row must be known to be sound but for it.
    const isSound = this.#log.errorCount === before;
    const chunk = isSound ? this.#chunk(symbol) : undefined;
    const place = chunk?.stamps.length ?? 0;
    const { date, time } = this.#columns;
    const text = time === undefined ? cells[date!]! : `${cells[date!]!} ${cells[time]!}`;
    const problem = this.#stamps.read(text, row, (value) => {
      if (chunk !== undefined) chunk.stamps[place] = value;
    });
    if (problem !== undefined) this.#report(problem, row, 'date');
    else if (chunk !== undefined) {
      // A date whose order is not known yet takes its place now and its value later.
      if (chunk.stamps.length === place) chunk.stamps.push(Number.NaN);
      chunk.rows.push(row);
      for (let field = 0; field < this.#bar.length; field++) chunk.values[field]!.push(this.#bar[field]!);
      this.#noteLongNumbers(chunk, cells, row);
    }
  }

  finish(): BarChunk[] {
    for (const { row, problem } of this.#stamps.finish()) this.#report(problem, row, 'date');
    const kind = this.#stamps.kind;
    return [...this.#chunks.values()].map((chunk) => ({ ...chunk, kind })).filter(({ rows }) => rows.length > 0);
  }

  #symbol(cells: readonly string[], row: number): string {
    const index = this.#columns.symbol;
    if (index === undefined) return '';
    const symbol = cells[index]!;
    const trouble = badByte(symbol);
    if (trouble !== undefined) this.#report(trouble, row, 'symbol');
    else if (symbol === '') this.#report({ code: 'NO_SYMBOL', message: 'no symbol (empty cell)' }, row, 'symbol');
    return symbol;
  }

  #chunk(symbol: string): BarChunk {
    let chunk = this.#chunks.get(symbol);
    if (chunk === undefined) {
      chunk = {
        file: this.#file,
        symbol,
        kind: 'date',
        stamps: [],
        rows: [],
        values: this.#fields.map(() => []),
        names: this.#fields.map(({ name }) => name),
        longNumbers: [],
      };
      this.#chunks.set(symbol, chunk);
    }
    return chunk;
  }

  #readNumbers(cells: readonly string[], row: number): void {
    const before = this.#log.errorCount;
    for (const [field, { role, index, name }] of this.#fields.entries()) {
      const value = readNumber(cells[index]!);
      if (typeof value !== 'number') {
        this.#log.error(value.code, this.#file, value.message, row, name);
        continue;
      }
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
    const [open, high, low, close] = this.#bar as [number, number, number, number];
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

  #noteLongNumbers(chunk: BarChunk, cells: readonly string[], row: number): void {
    for (const { role, index, name } of this.#fields) {
      const text = cells[index]!;
      if (text.length <= EXACT_DIGITS || role === 'adjClose' || chunk.longNumbers.length >= LONG_NUMBERS_KEPT) continue;
      // What the number itself shows is found later; here only what reading the text has lost.
      const isLost = significantDigits(text) > EXACT_DIGITS && significantDigits(String(Number(text))) <= EXACT_DIGITS;
      if (isLost) chunk.longNumbers.push({ row, column: name, text: quote(text) });
    }
  }

  #report({ code, message }: CellProblem, row: number, role: ColumnRole): void {
    this.#log.error(code, this.#file, message, row, this.#header[this.#columns[role]!]);
  }
}
