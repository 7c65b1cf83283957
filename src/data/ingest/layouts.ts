import { DataError, UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import { quote } from './number-cell.js';

/** Layouts that are told by the names of their columns. */
const NAMED_LAYOUTS = ['plain', 'yahoo', 'csvdir', 'wide', 'values'] as const;
/** Layouts of texts that are told by the form of their rows. */
export const FRAMED_LAYOUTS = ['lean', 'backtrader', 'google', 'ccxt'] as const;

/**
 * What a file of bars looks like. By names of columns: `plain`; `yahoo` with an adjusted close; `csvdir` with columns of events, as zipline's;
 * `wide` with a column for each symbol and field; `values` with one price a row. By the form of rows: `lean`, `backtrader`, `google`, and
 * `ccxt`, which freqtrade's JSON is too.
 */
export type LayoutName = (typeof NAMED_LAYOUTS)[number] | (typeof FRAMED_LAYOUTS)[number];

/** All layouts, for messages and help. */
export const LAYOUT_NAMES: readonly LayoutName[] = [...NAMED_LAYOUTS, ...FRAMED_LAYOUTS];

/** Names by what a column means, the better one first; compared without case, spaces and signs. An index column has no name. */
const SYNONYMS = {
  date: [
    ...['date', 'datetime', 'timestamp', 'dateandtime', 'tradedate', 'session', 'day', 'opentime', 'time', ''],
    ...['indexlevel0', 'indexlevel1'],
  ],
  time: ['time', 'timeofday'],
  open: ['open', 'openprice', 'openingprice'],
  high: ['high', 'highprice', 'max'],
  low: ['low', 'lowprice', 'min'],
  close: ['close', 'closeprice', 'closingprice', 'closelast', 'last', 'lastprice'],
  volume: ['volume', 'vol', 'tradevolume', 'sharevolume'],
  adjClose: ['adjclose', 'adjustedclose', 'closeadj', 'closeadjusted'],
  symbol: ['symbol', 'ticker', 'name', 'instrument'],
  openInterest: ['openinterest', 'openint'],
  dividend: ['dividend', 'dividends'],
  split: ['split', 'splits', 'stocksplits', 'splitratio'],
  bidOpen: ['bidopen'],
  bidHigh: ['bidhigh'],
  bidLow: ['bidlow'],
  bidClose: ['bidclose'],
  askOpen: ['askopen'],
  askHigh: ['askhigh'],
  askLow: ['asklow'],
  askClose: ['askclose'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What a column means. `time` completes a `date`. */
export type ColumnRole = keyof typeof SYNONYMS;

/** Column names of a file by what they mean, for files whose header is not recognised; `volume: 'none'` or `time: 'none'` where there is none. */
export type ColumnNames = Readonly<Partial<Record<ColumnRole, string>>>;

/** Roles that a column map may name. */
export const COLUMN_ROLES = Object.keys(SYNONYMS) as readonly ColumnRole[];

/** Columns of a bundle beside the five of every bar, in the order in which chunks have them. */
const EXTRA_FIELDS = ['adjClose', 'openInterest'] as const;

/** Where a value of a bar comes from: one column, or two whose mean it is, as of bid and ask. */
export interface FieldColumns {
  /** Name in the bundle. */
  readonly field: string;
  readonly columns: readonly [number] | readonly [number, number];
}

/** The columns of one bar of a row. */
export interface BarColumns {
  /** The symbol, where the columns' names give it. */
  readonly symbol: string | undefined;
  /** Open, high, low, close, then volume where there is one, then further columns. */
  readonly fields: readonly FieldColumns[];
}

/** How a source was understood. */
export interface RecognisedLayout {
  readonly name: LayoutName;
  readonly date: number;
  /** Column of the time of day, where it stands apart. */
  readonly time: number | undefined;
  readonly symbol: number | undefined;
  /** The bars of each row: one, or in a wide table one for each symbol. */
  readonly bars: readonly BarColumns[];
  readonly hasVolume: boolean;
  /** Columns of events of the row's day. */
  readonly dividend: number | undefined;
  readonly split: number | undefined;
  /** What was recognised, and why, for the report. */
  readonly reason: string;
}

/** What a header is to be taken for. */
export interface LayoutWish {
  readonly layout: LayoutName | 'auto';
  readonly columns: ColumnNames;
}

const PRICES = ['open', 'high', 'low', 'close'] as const;
const QUOTES = ['bidOpen', 'askOpen', 'bidHigh', 'askHigh', 'bidLow', 'askLow', 'bidClose', 'askClose'] as const;

/**
 * Recognises what the columns of a source mean from their names, in any order and case. Without a column of volume the volume is 0;
 * but where columns are left over that may be it, one has to be named. Quotes give bars of the mean of bid and ask.
 *
 * @param wish the layout to expect, and names of columns that take precedence over the known ones
 * @throws DataError `UNKNOWN_LAYOUT` naming what was found, what is missing and how to map it; `AMBIGUOUS_HEADER`; UsageError `UNKNOWN_COLUMN`
 */
export function recogniseLayout(header: readonly string[], wish: LayoutWish, file: string): RecognisedLayout {
  const { layout: wanted, columns: names } = wish;
  const isNamed = (NAMED_LAYOUTS as readonly string[]).includes(wanted);
  const found = new RoleFinder(header, names, file).find();
  if (wanted === 'plain') delete found.adjClose;
  // 'Close LAST' may be the close of LAST in a panel, and is Nasdaq's close in a plain table.
  const isWide = wanted === 'wide' || (!isNamed && PRICES.some((role) => found[role] === undefined));
  if (isWide && found.bidOpen === undefined) {
    const wide = wideLayout(header, found, wanted === 'wide', file);
    if (wide !== undefined) return wide;
  }
  if (wanted === 'values') return valuesLayout(header, found, file);
  const isQuotes = QUOTES.every((role) => found[role] !== undefined);
  const missing = [
    ...(found.date === undefined ? ['date'] : []),
    ...PRICES.filter((role) => found[role] === undefined && !isQuotes),
  ];
  if (missing.length > 0) throw unknownLayout(header, missing, file);
  if (wanted === 'yahoo' && found.adjClose === undefined) throw unknownLayout(header, ['Adj Close'], file);
  const hasEvents = found.dividend !== undefined || found.split !== undefined;
  if (wanted === 'csvdir' && !hasEvents) throw unknownLayout(header, ['dividend and split'], file);
  const name = found.adjClose !== undefined ? 'yahoo' : hasEvents ? 'csvdir' : 'plain';
  const ignored = header.filter((_, index) => !Object.values(found).includes(index));
  if (found.volume === undefined && names.volume !== 'none' && !isQuotes && ignored.length > 0) {
    throw unknownLayout(header, ['volume'], file);
  }
  const prices = isQuotes
    ? [
        ...PRICES.map((field, place): FieldColumns => {
          const [bid, ask] = [QUOTES[2 * place]!, QUOTES[2 * place + 1]!];
          return { field, columns: [found[bid]!, found[ask]!] };
        }),
      ]
    : PRICES.map((field): FieldColumns => ({ field, columns: [found[field]!] }));
  const quotes = isQuotes
    ? [single('bid', found.bidClose), single('ask', found.askClose)]
    : EXTRA_FIELDS.map((field) => single(field, found[field]));
  const fields = [...prices, single('volume', found.volume), ...quotes].filter((field) => field !== undefined);
  return {
    ...commonOf(found),
    name,
    bars: [{ symbol: undefined, fields }],
    reason: reasonOf(name, wanted, header, found, ignored, isQuotes),
  };
}

type Found = Partial<Record<ColumnRole, number>>;

const single = (field: string, column: number | undefined): FieldColumns | undefined =>
  column === undefined ? undefined : { field, columns: [column] };

const commonOf = (found: Found): Omit<RecognisedLayout, 'name' | 'bars' | 'reason'> => ({
  date: found.date!,
  time: found.time,
  symbol: found.symbol,
  hasVolume: found.volume !== undefined,
  dividend: found.dividend,
  split: found.split,
});

/** Finds the column of each role: the one that the user names, else the one with the best known name. */
class RoleFinder {
  readonly #header: readonly string[];
  readonly #normalised: readonly string[];
  readonly #names: ColumnNames;
  readonly #file: string;
  readonly #taken = new Set<number>();

  constructor(header: readonly string[], names: ColumnNames, file: string) {
    this.#header = header;
    this.#normalised = header.map(normalise);
    this.#names = names;
    this.#file = file;
  }

  find(): Found {
    const found: Found = {};
    for (const role of COLUMN_ROLES) {
      const mapped = this.#names[role];
      if ((role === 'volume' || role === 'time') && mapped === 'none') continue;
      const index = mapped === undefined ? this.#synonym(role) : this.#mapped(role, mapped);
      if (index === undefined) continue;
      found[role] = index;
      this.#taken.add(index);
    }
    return found;
  }

  #mapped(role: ColumnRole, name: string): number {
    const index = this.#header.indexOf(name);
    if (index >= 0) return index;
    throw new UsageError('UNKNOWN_COLUMN', {
      message: `${this.#file} has no column '${name}' to take as ${role}.${didYouMean(name, this.#header)}`,
      details: { file: this.#file, role, column: name, found: this.#header },
    });
  }

  #synonym(role: ColumnRole): number | undefined {
    for (const synonym of SYNONYMS[role]) {
      const found = this.#normalised.flatMap((name, index) => (name === synonym && this.#isFree(index) ? [index] : []));
      if (found.length > 1) {
        throw new DataError('AMBIGUOUS_HEADER', {
          message: `${this.#file} has ${found.length} columns named ${quote(this.#header[found[0]!]!)}: which is the ${role}? Rename one.`,
          details: { file: this.#file, role, found: this.#header.slice(0, 20) },
        });
      }
      if (found.length === 1) return found[0];
    }
    return undefined;
  }

  #isFree(index: number): boolean {
    return !this.#taken.has(index) && !Object.values(this.#names).includes(this.#header[index]!);
  }
}

/** A table with a column for each symbol and field, `AAPL_close` or `Close AAPL`; where it is asked for also one of closes alone. */
function wideLayout(
  header: readonly string[],
  found: Found,
  isWanted: boolean,
  file: string,
): RecognisedLayout | undefined {
  const date = found.date ?? (isWanted ? 0 : undefined);
  if (date === undefined) return undefined;
  const parts = symbolsAndFields(header.map((name, index) => (index === date ? '' : name)));
  const symbols = new Map<string, Map<string, number>>();
  const unread: string[] = [];
  let twice: SymbolAndField | undefined;
  for (const [index, name] of header.entries()) {
    if (index === date) continue;
    const part = parts[index]!;
    if (part === undefined) {
      unread.push(name);
      continue;
    }
    const fields = symbols.get(part.symbol) ?? new Map<string, number>();
    if (fields.has(part.field)) twice ??= part;
    symbols.set(part.symbol, fields.set(part.field, index));
  }
  const complete = [...symbols].filter(([, fields]) => PRICES.every((field) => fields.has(field)));
  const isPanel = complete.length > 0 || !isWanted;
  if (twice !== undefined && isPanel) {
    throw new DataError('AMBIGUOUS_HEADER', {
      message: `${file} has two columns for the ${twice.field} of ${quote(twice.symbol)}. Remove one.`,
      details: { file, symbol: twice.symbol, field: twice.field },
    });
  }
  if (complete.length === 0) {
    if (isPanel || header.length === 1) return undefined;
    const partly = partOfPanel(symbols, unread);
    if (partly !== undefined) throw incompletePanel(header, partly, file);
    return closesLayout(header, date, file);
  }
  const broken = [...symbols].find(([, fields]) => !PRICES.every((field) => fields.has(field)));
  if (broken !== undefined) {
    throw new DataError('UNKNOWN_LAYOUT', {
      message: `${file} has columns of ${quote(broken[0])}, but not its open, high, low and close. Add or remove them.`,
      details: { file, symbol: broken[0] },
    });
  }
  const order = [...PRICES, 'volume', ...EXTRA_FIELDS];
  const bars = complete.map(([symbol, fields]) => ({
    symbol,
    fields: order.map((field) => single(field, fields.get(field))).filter((field) => field !== undefined),
  }));
  const rest = unread.length === 0 ? '' : `; not read: ${unread.slice(0, 20).map(quote).join(', ')}`;
  const why = isWanted
    ? 'as asked for'
    : `since columns are named by symbol and field, as '${header[bars[0]!.fields[0]!.columns[0]]}' is`;
  return {
    ...commonOf({ date, ...(complete.every(([, fields]) => fields.has('volume')) ? { volume: 0 } : {}) }),
    name: 'wide',
    bars,
    reason: `wide layout, ${why}: ${bars.length} symbols${rest}`,
  };
}

/** A table with a column of closes for each symbol. */
function closesLayout(header: readonly string[], date: number, file: string): RecognisedLayout {
  const closes = header.flatMap((symbol, index) => (index === date ? [] : [{ symbol, index }]));
  const twice = closes.find(({ symbol }, place) => closes.findIndex((other) => other.symbol === symbol) !== place);
  if (twice !== undefined || closes.some(({ symbol }) => symbol === '')) {
    throw new DataError('AMBIGUOUS_HEADER', {
      message: `${file} has ${twice === undefined ? 'a column without a name' : `two columns named ${quote(twice.symbol)}`}: each must name a symbol.`,
      details: { file },
    });
  }
  return {
    ...commonOf({ date }),
    name: 'wide',
    bars: closes.map(({ symbol, index }) => ({ symbol, fields: onePrice(index) })),
    reason: `wide layout, as asked for: a column of closes for each of ${closes.length} symbols, which stand for open, high and low too; no volume`,
  };
}

/** The columns of a symbol in a wide table, by field. */
type SymbolColumns = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Returns the columns of a symbol of a panel that has lost some, among names of which no symbol has all prices; undefined where the names are
 * symbols themselves. A ticker that is a word for a field, with its exchange behind it as in LOW.N, reads as a field of N. It is none where N stands
 * with other names in the same way, or is the symbol of that one field; but closes alone are what a panel may have, and so are volumes, beside a
 * column of the symbol alone or beside other fields.
 */
function partOfPanel(symbols: SymbolColumns, unread: readonly string[]): readonly number[] | undefined {
  const alone = new Set(unread);
  const ends = new Set(unread.flatMap((name) => [name.split(SIGNS)[0], name.split(SIGNS).at(-1)]));
  for (const [symbol, fields] of symbols) {
    const isSeveral = fields.size > 1;
    const isPart = alone.has(symbol)
      ? isSeveral || fields.has('volume')
      : isSeveral
        ? fields.has('volume') || !ends.has(symbol)
        : fields.has('close') && !ends.has(symbol);
    if (isPart) return [...fields.values()];
  }
  return undefined;
}

const SIGNS = /[ _.|,:/-]+/;

function incompletePanel(header: readonly string[], columns: readonly number[], file: string): DataError {
  const names = columns.map((index) => quote(header[index]!)).join(', ');
  return new DataError('UNKNOWN_LAYOUT', {
    message: `${file}: ${names} ${columns.length === 1 ? 'reads' : 'read'} as part of a panel of open, high, low and close, whose other columns are missing. Add them or remove ${columns.length === 1 ? 'it' : 'these'}; or, where each column holds the closes of one symbol, join the word to the rest of its name, as in ${header[columns[0]!]!.replace(SIGNS, '')}.`,
    details: { file, found: header.slice(0, 20), columns: columns.map((index) => header[index]!) },
  });
}

/** A name taken apart. */
interface SymbolAndField {
  readonly symbol: string;
  readonly field: string;
}

/** What is tried first where both are in a name: 'Open Interest' is no open of a symbol named Interest. */
const WIDE_FIELDS = [...EXTRA_FIELDS, ...PRICES, 'volume'] as const;

/**
 * Takes columns' names apart, undefined for those that name no symbol and field. The field may stand before or after the symbol, between any
 * signs. A symbol may be a word for a field, as LOW, OPEN and LAST are, so that both readings of a name make sense: the table's is the one by
 * which more of its symbols have all prices, and only names that it does not read are read the other way.
 */
function symbolsAndFields(names: readonly string[]): (SymbolAndField | undefined)[] {
  const readings = (['before', 'after'] as const).map((side) => names.map((name) => symbolAndField(name, side)));
  const [before, after] = readings.map((parts) => completeSymbols(parts));
  const [first, second] = after! > before! ? readings.toReversed() : readings;
  return names.map((_, index) => first![index] ?? second![index]);
}

/** Returns how many symbols have all prices. */
function completeSymbols(parts: readonly (SymbolAndField | undefined)[]): number {
  const fields = new Map<string, Set<string>>();
  for (const part of parts) {
    if (part !== undefined) fields.set(part.symbol, (fields.get(part.symbol) ?? new Set()).add(part.field));
  }
  return [...fields.values()].filter((own) => PRICES.every((field) => own.has(field))).length;
}

function symbolAndField(name: string, fieldIs: 'before' | 'after'): SymbolAndField | undefined {
  const text = name.replace(/^[('"\s]+|[)'"\s]+$/g, '');
  for (const field of WIDE_FIELDS) {
    for (const synonym of SYNONYMS[field]) {
      const word = [...synonym].join('[ _.-]*');
      const match =
        fieldIs === 'before'
          ? new RegExp(`^(?:${word})['"\\s]*[ _.|,:/-]['"\\s]*(?<symbol>.+)$`, 'i').exec(text)
          : new RegExp(`^(?<symbol>.+?)['"\\s]*[ _.|,:/-]['"\\s]*(?:${word})$`, 'i').exec(text);
      const symbol = match?.groups?.symbol?.trim();
      // 'Adj Close' is no close of a symbol named Adj.
      if (symbol !== undefined && symbol !== '' && !/^adj(usted)?$/i.test(symbol)) return { symbol, field };
    }
  }
  return undefined;
}

/** One price a row, which stands for open, high, low and close. Only where it is asked for: a range that nobody recorded is made up. */
function valuesLayout(header: readonly string[], found: Found, file: string): RecognisedLayout {
  const date = found.date;
  if (date === undefined) throw unknownLayout(header, ['date'], file);
  const others = header.flatMap((_, index) => (index === date || index === found.symbol ? [] : [index]));
  const close = found.close ?? (others.length === 1 ? others[0] : undefined);
  if (close === undefined) throw unknownLayout(header, ['close'], file);
  const fields = [...onePrice(close), single('volume', found.volume)].filter((field) => field !== undefined);
  return {
    ...commonOf({ ...found, date }),
    name: 'values',
    bars: [{ symbol: undefined, fields }],
    reason: `values layout, as asked for: '${header[close]}' stands for open, high, low and close${found.volume === undefined ? '; no volume' : ''}`,
  };
}

const onePrice = (column: number): FieldColumns[] => PRICES.map((field) => ({ field, columns: [column] }));

function reasonOf(
  name: LayoutName,
  wanted: LayoutName | 'auto',
  header: readonly string[],
  columns: Found,
  ignored: readonly string[],
  isQuotes: boolean,
): string {
  const why =
    wanted !== 'auto'
      ? 'as asked for'
      : name === 'yahoo'
        ? `since there is a column '${header[columns.adjClose!]}', kept beside the prices, which stay as they are in the file`
        : name === 'csvdir'
          ? `since there are columns of events`
          : 'since there is no adjusted close';
  const long = columns.symbol === undefined ? '' : `, symbols by column '${header[columns.symbol]}'`;
  const mean = isQuotes ? '; prices are the mean of bid and ask' : '';
  const volume = columns.volume === undefined ? '; no volume' : '';
  const rest = ignored.length === 0 ? '' : `; not read: ${ignored.map(quote).join(', ')}`;
  return `${name} layout, ${why}${long}${mean}${volume}${rest}`;
}

const normalise = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function unknownLayout(header: readonly string[], missing: readonly string[], file: string): DataError {
  const found = header.slice(0, 20).map(quote).join(', ');
  const details = { file, found: header.slice(0, 20), missing };
  if (header.length > 1 && header.every((name) => name === '' || /^[\d.,:/+\-TZ ]+$/.test(name))) {
    return new DataError('UNKNOWN_LAYOUT', {
      message: `${file} has no header line: it begins with ${found}. Name its columns, --header date,open,high,low,close,volume in their order.`,
      details,
    });
  }
  const isVolume = missing.length === 1 && missing[0] === 'volume';
  const isSingle = header.length <= 3 && missing.includes('open');
  const isPanel = PRICES.some((role) => missing.includes(role));
  const way = isVolume
    ? 'Say which it is, --column volume=NAME, or that there is none, --column volume=none'
    : isSingle
      ? `If it holds one price a row, take it with --layout values; else name the columns, --column ${missing[0]}=NAME`
      : `Rename them to date, open, high, low, close, volume, or say which they are: --column ${missing[0]}=NAME${isPanel ? '; where each column holds the closes of one symbol, say --layout wide' : ''}`;
  return new DataError('UNKNOWN_LAYOUT', {
    message: `${file}: no column for ${missing.join(', ')}. Columns found: ${found}. ${way}.`,
    details,
  });
}
