import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asEpochMs, type EpochMs } from '../../core/brand.js';
import { DataError, UsageError } from '../../core/errors.js';
import type { TickerPeriod } from '../../market/asset.js';
import { DAY_MS, formatDate, parseDateLabel } from '../../market/civil-date.js';
import type { AssetDraft } from '../draft.js';
import type { BarChunk } from './bar-reader.js';
import { readCsv, useRecords } from './csv-source.js';
import type { DefectLog } from './defects.js';
import { quote } from './number-cell.js';
import { textFilesOf } from './text-file.js';

/** What is known of an asset beside its bars. */
export type AssetFacts = Pick<AssetDraft, 'exchange' | 'currency' | 'tick' | 'lot' | 'multiplier' | 'tickers'>;

/** LEAN's letters for the exchanges of the US, as market identifier codes. */
const EXCHANGES: Readonly<Record<string, string>> = {
  A: 'XASE',
  B: 'XBOS',
  N: 'XNYS',
  P: 'ARCX',
  Q: 'XNAS',
  Z: 'BATS',
};
/** LEAN writes a ticker that still holds to the end of 2050. */
const FOREVER = Date.UTC(2050, 0, 1);
const NUMBERS = ['tick', 'lot', 'multiplier'] as const;

/** Who had which ticker when, and what else is known of the assets of an ingest. */
export class Symbology {
  readonly #assets = new Map<string, AssetFacts>();

  /** Adds what is known of an asset. Throws DataError `SYMBOL_TWICE` where it was told before, in this file or another. */
  add(symbol: string, facts: AssetFacts, file: string): void {
    if (this.#assets.has(symbol)) {
      throw new DataError('SYMBOL_TWICE', {
        message: `${file} describes ${symbol}, which was described before. Describe each asset once.`,
        details: { file, symbol },
      });
    }
    this.#assets.set(symbol, facts);
  }

  /** Returns what is known of an asset. */
  factsOf(symbol: string): AssetFacts {
    return this.#assets.get(symbol) ?? {};
  }

  /** Returns the symbol of the asset that had a ticker on a day; undefined where another had it that is not known here. */
  holderOf(ticker: string, label: number): string | undefined {
    for (const [symbol, { tickers = [] }] of this.#assets) {
      if (tickers.some((period) => period.ticker === ticker && holds(period, label))) return symbol;
    }
    return this.isKnown(ticker) ? undefined : ticker;
  }

  /** Whether a history tells who had the ticker. */
  isKnown(ticker: string): boolean {
    return [...this.#assets.values()].some(({ tickers = [] }) => tickers.some((period) => period.ticker === ticker));
  }

  /**
   * Returns a chunk's rows by the asset that they are of: the one that had the chunk's ticker on the row's day. Rows of days on which
   * another asset had it become an asset of their own, named by ticker and last month, EEM-200212, unless the log's policy for
   * `REUSED_TICKER` drops or refuses them.
   */
  divide(chunk: BarChunk, log: DefectLog): BarChunk[] {
    const { symbol: ticker, stamps } = chunk;
    if (!this.isKnown(ticker)) return [chunk];
    const holders = new Map<string | undefined, number[]>();
    for (let place = 0; place < stamps.length; place++) {
      const holder = this.holderOf(ticker, Math.floor(stamps[place]! / DAY_MS) * DAY_MS);
      const places = holders.get(holder);
      if (places === undefined) holders.set(holder, [place]);
      else places.push(place);
    }
    return [...holders].flatMap(([holder, places]) => {
      if (holder !== undefined) return [{ ...part(chunk, places), symbol: holder }];
      const days = places.map((place) => Math.floor(stamps[place]! / DAY_MS) * DAY_MS);
      const first = days.reduce((best, day) => Math.min(best, day));
      const last = days.reduce((best, day) => Math.max(best, day));
      const name = `${ticker}-${formatDate(last).slice(0, 7).replace('-', '')}`;
      const span = `${formatDate(first)} to ${formatDate(last)}`;
      const message = `${places.length} rows of ${ticker}, ${span}, are of days on which another asset had that ticker`;
      const isKept = log.policies.of('REUSED_TICKER') === 'warn';
      const done = isKept ? `; they are the asset ${name}` : '; they were left out';
      log.whole('REUSED_TICKER', chunk.file, message, places.length, done);
      if (!isKept) return [];
      if (!this.#assets.has(name)) {
        this.#assets.set(name, { tickers: [{ ticker, from: asEpochMs(first), to: asEpochMs(last) }] });
      }
      return [{ ...part(chunk, places), symbol: name }];
    });
  }
}

/** Reads LEAN's map files, one for each asset: a file, or all of a folder. Throws DataError `BAD_MAP_FILE`, UsageError `FILE_NOT_FOUND`. */
export async function readMapFiles(path: string, symbology: Symbology): Promise<void> {
  for (const file of csvFiles(path)) {
    const rows = await recordsOf(file);
    const name = basename(file);
    const periods = rows.map(([date = '', ticker = '', exchange = ''], row) => {
      const label = parseDateLabel(date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'));
      if (Number.isNaN(label) || ticker === '') throw badMap(name, row + 1, `${quote(date)}, ${quote(ticker)}`);
      return { label, ticker: ticker.toUpperCase(), exchange };
    });
    const [start] = periods;
    const end = periods.at(-1);
    if (start === undefined || end === undefined || periods.length < 2) throw badMap(name, 1, 'fewer than two rows');
    const tickers: TickerPeriod[] = [];
    for (let row = 1; row < periods.length; row++) {
      const { label, ticker } = periods[row]!;
      const before = periods[row - 1]!.label;
      if (label <= before) throw badMap(name, row + 1, 'a date that is not after the one before');
      const from = asEpochMs(row === 1 ? before : before + DAY_MS);
      const last = tickers.at(-1);
      if (last?.ticker === ticker) tickers.pop();
      tickers.push({
        ticker,
        from: last?.ticker === ticker ? last.from! : from,
        ...(label >= FOREVER ? {} : { to: asEpochMs(label) }),
      });
    }
    const exchange = EXCHANGES[end.exchange.toUpperCase()] ?? end.exchange;
    symbology.add(end.ticker, { tickers, ...(exchange === '' ? {} : { exchange }) }, name);
  }
}

/**
 * Reads a table of assets: CSV with a column `symbol`, and any of `exchange, currency, tick, lot, multiplier, ticker, from, to`. An asset
 * that traded under several tickers has a row for each, in order of time. Throws DataError `BAD_ASSET_TABLE` naming row and column.
 */
export async function readAssetTable(path: string, symbology: Symbology): Promise<void> {
  await readCsv(path, async ({ file, header, rows }) => {
    const names = header.map((name) => name.toLowerCase());
    const known = ['symbol', 'exchange', 'currency', ...NUMBERS, 'ticker', 'from', 'to'];
    const odd = header.find((_, index) => !known.includes(names[index]!));
    if (!names.includes('symbol') || odd !== undefined) {
      const what = odd === undefined ? "no column 'symbol'" : `a column ${quote(odd)}`;
      throw badTable(file, undefined, `${what}; known are ${known.join(', ')}`);
    }
    const assets = new Map<string, { -readonly [Key in keyof AssetFacts]: AssetFacts[Key] }>();
    let row = 0;
    for await (const cells of rows) {
      row++;
      const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
      const symbol = cell('symbol');
      if (symbol === '') throw badTable(file, row, 'no symbol');
      const facts = assets.get(symbol) ?? {};
      for (const name of ['exchange', 'currency'] as const) if (cell(name) !== '') facts[name] = cell(name);
      for (const name of NUMBERS) {
        if (cell(name) === '') continue;
        const value = Number(cell(name));
        if (!(value > 0 && Number.isFinite(value))) throw badTable(file, row, `${name} ${quote(cell(name))}`);
        facts[name] = value;
      }
      if (cell('ticker') !== '') {
        facts.tickers = [...(facts.tickers ?? []), periodOf(cell('ticker'), cell('from'), cell('to'), file, row)];
      }
      assets.set(symbol, facts);
    }
    for (const [symbol, facts] of assets) symbology.add(symbol, facts, file);
  });
}

/** Returns the CSV files of a folder, sorted, or the file itself. Throws UsageError `FILE_NOT_FOUND`. */
export function csvFiles(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new UsageError('FILE_NOT_FOUND', {
      message: `No file or folder '${path}'. Check the path.`,
      details: { path },
    });
  }
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path).filter((name) => /\.csv$/i.test(name));
  if (files.length === 0) {
    throw new UsageError('FILE_NOT_FOUND', { message: `The folder '${path}' holds no CSV file.`, details: { path } });
  }
  return files.sort().map((name) => join(path, name));
}

/** Returns all records of a small text without a header. */
export async function recordsOf(path: string): Promise<(readonly string[])[]> {
  const [text] = await textFilesOf(path);
  return text!.use((bytes) =>
    useRecords(bytes, text!.name, ',', async (_, records) => {
      const all: (readonly string[])[] = [];
      for await (const record of records) all.push(record);
      return all;
    }),
  );
}

const holds = ({ from, to }: TickerPeriod, label: number): boolean =>
  (from === undefined || from <= label) && (to === undefined || label <= to);

function periodOf(ticker: string, from: string, to: string, file: string, row: number): TickerPeriod {
  const labelOf = (text: string): EpochMs => {
    const label = parseDateLabel(text);
    if (Number.isNaN(label)) throw badTable(file, row, `the date ${quote(text)}, not YYYY-MM-DD`);
    return asEpochMs(label);
  };
  return { ticker, ...(from === '' ? {} : { from: labelOf(from) }), ...(to === '' ? {} : { to: labelOf(to) }) };
}

/** Returns the rows of a chunk at some places. */
function part(chunk: BarChunk, places: readonly number[]): BarChunk {
  if (places.length === chunk.stamps.length) return chunk;
  const pick = (column: Float64Array): Float64Array => Float64Array.from(places, (place) => column[place]!);
  const rows = pick(chunk.rows);
  const kept = new Set(rows);
  return {
    ...chunk,
    stamps: pick(chunk.stamps),
    rows,
    values: chunk.values.map(pick),
    longNumbers: chunk.longNumbers.filter(({ row }) => kept.has(row)),
    events: chunk.events.filter(({ row }) => kept.has(row)),
  };
}

const badMap = (file: string, row: number, what: string): DataError =>
  new DataError('BAD_MAP_FILE', {
    message: `${file} row ${row} holds ${what}. A map file has rows of date, ticker and exchange, as 20220608,fb,Q.`,
    details: { file, row },
  });

const badTable = (file: string, row: number | undefined, what: string): DataError =>
  new DataError('BAD_ASSET_TABLE', {
    message: `${file}${row === undefined ? '' : ` row ${row}`} holds ${what}. Correct the table of assets.`,
    details: { file, row: row ?? null },
  });
