import { DataError } from '../../core/errors.js';
import { checkedLabel } from '../../market/civil-date.js';
import type { LayoutName } from './layouts.js';
import { isValue } from './number-cell.js';
import type { SourceColumn } from './row-source.js';

/** The beginning of a text, and what its place says. */
export interface TextSample {
  /** Folders, file and member. */
  readonly path: string;
  /** The first records, at least one. */
  readonly records: readonly (readonly string[])[];
}

/** How the records of a text become rows: their columns, and where they begin. */
export interface TextFrame {
  readonly columns: readonly SourceColumn[];
  /** Records before the first row. */
  readonly skip: number;
  /** The layout that it was recognised as, undefined where the names of columns have to tell. */
  readonly layout?: LayoutName;
  /** Why, for the report. */
  readonly reason?: string;
  /** The symbol that the place of the text says. */
  readonly symbol?: string;
  /** Zone of stamps without an offset, where the layout fixes one. */
  readonly timezone?: string;
  /** Turns records into rows, for layouts whose records lean on each other. */
  readonly rows?: (records: AsyncIterable<readonly string[]>) => AsyncIterable<readonly string[]>;
}

const BAR_NAMES = ['date', 'open', 'high', 'low', 'close', 'volume'];
const QUOTE_NAMES = [
  ...['date', 'bid open', 'bid high', 'bid low', 'bid close', 'bid size'],
  ...['ask open', 'ask high', 'ask low', 'ask close', 'ask size'],
];
/** LEAN writes prices of shares as integers of ten-thousandths. */
const LEAN_SCALE = 10_000;
const FIELD_WORD = /^(open|high|low|close|adj close|volume|dividends|stock splits|capital gains)$/i;
const TIME_OF_DAY = /^\d{1,2}:\d{2}(:\d{2})?$/;
/** What the index column of a line of symbols is named; then a symbol may be any word, NA too. */
const SYMBOLS_NAME = /^(tickers?|symbols?)$/i;
const DATE_LIKE = /^(\d{4}[-/.]?\d{2}[-/.]?\d{2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{9,14}(\.0+)?)([ T].*)?$/;

/**
 * Recognises how the records of a text become rows: by the forms that are told by their rows, else the first record names the columns.
 *
 * @param wanted the layout to expect
 * @param names the columns' names, for a text without a header: then every record is a row
 * @throws DataError `UNKNOWN_LAYOUT` where the text is not in the layout that was asked for
 */
export function frameText(
  sample: TextSample,
  wanted: LayoutName | 'auto',
  names: readonly string[] | undefined,
): TextFrame {
  if (names !== undefined) return { columns: names.map(named), skip: 0 };
  const frames = { lean: leanFrame, backtrader: backtraderFrame, google: googleFrame };
  for (const [layout, frame] of Object.entries(frames)) {
    if (wanted !== 'auto' && wanted !== layout) continue;
    const found = frame(sample);
    if (found !== undefined) return { ...found, layout: layout as LayoutName };
    if (wanted === layout) throw notInLayout(sample, layout as LayoutName);
  }
  if (wanted === 'ccxt') throw notInLayout(sample, wanted);
  const twoRows = twoRowHeader(sample);
  if (twoRows !== undefined && (wanted === 'auto' || wanted === 'wide')) return twoRows;
  if (wanted === 'auto' || wanted === 'plain') {
    const bare = bareFrame(sample);
    if (bare !== undefined) return bare;
  }
  return { columns: sample.records[0]!.map(named), skip: 1 };
}

const named = (name: string): SourceColumn => ({ name });

/**
 * LEAN's files: no header; `yyyyMMdd HH:mm` for days and hours, or milliseconds since the midnight of the date in the file's name; open to
 * close and volume, or those of bid and ask with sizes. Prices of shares are integers of ten-thousandths, all others are as they are.
 */
function leanFrame({ path, records }: TextSample): TextFrame | undefined {
  const first = records[0]!;
  const isQuote = first.length === QUOTE_NAMES.length;
  if (!isQuote && first.length !== BAR_NAMES.length) return undefined;
  const isDated = /^\d{8} \d{2}:\d{2}$/.test(first[0]!);
  const [stem = '', file = '', folder = ''] = path.split('/').reverse();
  const place = `${folder}/${file}/${stem}`;
  const dated = /(?:^|\/)(\d{4})(\d{2})(\d{2})_(?:[^/]*_)?(?:trade|quote)\.(?:zip|csv)/i.exec(place);
  const midnight = dated === null ? Number.NaN : checkedLabel(Number(dated[1]), Number(dated[2]), Number(dated[3]));
  if (!isDated && (Number.isNaN(midnight) || !/^\d{1,8}$/.test(first[0]!))) return undefined;
  const priced = isQuote ? [1, 2, 3, 4, 6, 7, 8, 9] : [1, 2, 3, 4];
  const isWhole = records.every((row) => priced.every((index) => /^\d*$/.test(row[index] ?? '')));
  const market = /\/(crypto|cryptofuture|forex|cfd)\//i.exec(path)?.[1];
  const isScaled = isWhole && market === undefined;
  const columns = (isQuote ? QUOTE_NAMES : BAR_NAMES).map((name, index): SourceColumn => {
    if (index === 0) return isDated ? { name } : { name, stamps: 'local', stampsFrom: midnight };
    return isScaled && priced.includes(index) ? { name, divisor: LEAN_SCALE } : { name };
  });
  const symbol = leanSymbol(path, !isDated);
  const prices = isScaled
    ? 'prices are integers and are divided by 10,000'
    : `prices are ${market === undefined ? 'not all integers' : `of ${market}`} and stay as they are`;
  const times = isDated ? 'times written yyyyMMdd HH:mm' : 'milliseconds since the midnight of the date in its name';
  return {
    columns,
    skip: 0,
    reason: `no header, ${times}, ${isQuote ? 'bid and ask' : 'trades'}; ${prices}`,
    ...(symbol === undefined ? {} : { symbol }),
    // Shares are in the time of their exchange, all else is in UTC.
    ...(isScaled ? {} : { timezone: 'UTC' }),
  };
}

/** The ticker in a LEAN path: in a member's name, else the folder of a day's file, else the file's name. */
function leanSymbol(path: string, isDaily: boolean): string | undefined {
  const parts = path.split('/');
  const last = parts.at(-1)!;
  const member = /^\d{8}_(.+)_(?:tick|second|minute)_(?:trade|quote)\.csv$/i.exec(last)?.[1];
  if (member !== undefined) return member.toUpperCase();
  if (isDaily) return parts.at(/\.zip$/i.test(parts.at(-2) ?? '') ? -3 : -2)?.toUpperCase();
  const stem = last.replace(/\.[^.]*$/, '').replace(/_(trade|quote)$/i, '');
  return stem === '' ? undefined : stem.toUpperCase();
}

/** backtrader's minute files: the header leaves out the time, which stands in a column of its own behind the date. */
function backtraderFrame({ records }: TextSample): TextFrame | undefined {
  const [header, ...rows] = records;
  if (header === undefined || rows.length === 0 || !/^<?date>?$/i.test(header[0]!)) return undefined;
  if (!rows.every((row) => row.length === header.length + 1 && TIME_OF_DAY.test(row[1]!))) return undefined;
  const columns = [header[0]!, 'Time', ...header.slice(1)].map(named);
  return { columns, skip: 1, reason: `rows have one field more than the header, a time behind the date` };
}

/** Google's getprices: lines of settings, then `a` and an epoch, and minutes counted from it. */
function googleFrame({ records }: TextSample): TextFrame | undefined {
  const at = records.findIndex((row) => /^COLUMNS=DATE$/i.test(row[0]!));
  const interval = Number(
    records.map((row) => /^INTERVAL=(\d+)$/.exec(row[0]!)?.[1]).find((text) => text !== undefined),
  );
  const first = records.findIndex((row) => /^a\d{9,11}$/.test(row[0]!));
  if (at < 0 || first < at || !(interval > 0)) return undefined;
  const names = ['DATE', ...records[at]!.slice(1)];
  const symbol = /[?&]q=([A-Za-z0-9.:-]+)/.exec(records[0]!.join(','))?.[1];
  return {
    columns: names.map(named),
    skip: first,
    reason: `a preamble names the columns; times are an epoch and steps of ${interval} s from it`,
    ...(symbol === undefined ? {} : { symbol }),
    rows: (records) => googleRows(records, interval),
  };
}

async function* googleRows(
  records: AsyncIterable<readonly string[]>,
  interval: number,
): AsyncGenerator<readonly string[]> {
  let epoch = Number.NaN;
  for await (const [time = '', ...rest] of records) {
    // Settings come again where the clocks change; epochs are UTC and do not need them.
    if (/^[A-Z_]+=/.test(time)) continue;
    if (/^a\d{9,11}$/.test(time)) epoch = Number(time.slice(1));
    const seconds = /^a/.test(time) ? epoch : /^\d{1,7}$/.test(time) ? epoch + Number(time) * interval : Number.NaN;
    yield [Number.isNaN(seconds) ? time : String(seconds), ...rest];
  }
}

/**
 * yfinance's tables of several symbols: one record of fields and one of symbols, in either order, and one that names the index. A record that
 * begins with a date is a row, whatever follows it, and so is one of values without a name in front.
 */
function twoRowHeader({ records }: TextSample): TextFrame | undefined {
  const [one, two, three] = records;
  if (one === undefined || two === undefined || one.length < 2 || one.length !== two.length) return undefined;
  const [fields, symbols] =
    areFields(one) && areSymbols(two) ? [one, two] : areSymbols(one) && areFields(two) ? [two, one] : [];
  if (fields === undefined || symbols === undefined) return undefined;
  const hasIndexName = three !== undefined && !isDated(three) && three.slice(1).every((cell) => cell === '');
  const columns = fields.map((field, index) => named(index === 0 ? 'Date' : `${field} ${symbols[index]}`));
  return { columns, skip: hasIndexName ? 3 : 2, reason: 'the header has a line of fields and a line of symbols' };
}

const isDated = ([first = '']: readonly string[]): boolean => DATE_LIKE.test(first);

const areFields = ([, ...cells]: readonly string[]): boolean => cells.every((cell) => FIELD_WORD.test(cell));

/** A symbol may be a word for a field, as LOW and OPEN are; a line of nothing else is of symbols only where it is named so. */
function areSymbols(record: readonly string[]): boolean {
  const [first = '', ...cells] = record;
  if (isDated(record)) return false;
  const isNamed = SYMBOLS_NAME.test(first);
  return cells.every((cell) => cell !== '' && (isNamed || !isValue(cell))) && (isNamed || !areFields(record));
}

/**
 * A table without a header is taken for date, open, high, low, close and volume only where its numbers prove that order: the third column
 * is the highest and the fourth the lowest of every row, and opens lie nearer to the closes before them than the other way round.
 */
function bareFrame({ records }: TextSample): TextFrame | undefined {
  const width = records[0]!.length;
  if (records.length < 2 || (width !== 5 && width !== 6)) return undefined;
  const rows = records.filter(
    (row) => row.length === width && row.slice(1).every((cell) => /^\d+(\.\d+)?$/.test(cell)),
  );
  if (rows.length < 2 || rows[0] !== records[0] || rows.length < 0.9 * records.length) return undefined;
  if (!rows.every((row) => DATE_LIKE.test(row[0]!))) return undefined;
  const bars = rows.map((row) => row.slice(1).map(Number));
  const isOrdered = bars.every(
    ([open = 0, high = 0, low = 0, close = 0]) => high >= Math.max(open, close) && low <= Math.min(open, close),
  );
  let before = 0;
  let behind = 0;
  for (let row = 1; row < bars.length; row++) {
    before += Math.abs(bars[row]![0]! - bars[row - 1]![3]!);
    behind += Math.abs(bars[row]![3]! - bars[row - 1]![0]!);
  }
  if (!isOrdered || before > behind) return undefined;
  return {
    columns: BAR_NAMES.slice(0, width).map(named),
    skip: 0,
    reason: `no header; taken for ${BAR_NAMES.slice(0, width).join(', ')}, which the first ${rows.length} rows bear out`,
  };
}

function notInLayout({ path, records }: TextSample, wanted: LayoutName): DataError {
  const file = path.split('/').at(-1)!;
  return new DataError('UNKNOWN_LAYOUT', {
    message: `${file} is not in the ${wanted} layout: it begins with '${records[0]!.join(',').slice(0, 80)}'. Choose --layout auto, or the layout that it has.`,
    details: { file, wanted },
  });
}
