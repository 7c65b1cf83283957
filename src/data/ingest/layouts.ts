import { DataError, UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import { quote } from './number-cell.js';

/** Layouts of a bar file: `yahoo` has an adjusted close beside the prices. */
export type LayoutName = 'plain' | 'yahoo';

/** What a column means. `time` completes a `date`. */
export type ColumnRole = 'date' | 'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'adjClose' | 'symbol';

/** Column names of a file by what they mean, for files whose header is not recognised. */
export type ColumnNames = Readonly<Partial<Record<ColumnRole, string>>>;

/** How a header was understood. */
export interface RecognisedLayout {
  readonly name: LayoutName;
  /** Index of each column by its role. */
  readonly columns: Readonly<Partial<Record<ColumnRole, number>>>;
  /** Names of columns that are not read. */
  readonly ignored: readonly string[];
  /** What was recognised, and why, for the report. */
  readonly reason: string;
}

/** What every bar file must have. */
const REQUIRED = ['date', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Names by role, the better one first; compared without case, spaces and signs. An index column has no name. */
const SYNONYMS: Readonly<Record<ColumnRole, readonly string[]>> = {
  date: [
    'date',
    'datetime',
    'timestamp',
    'dateandtime',
    'tradedate',
    'session',
    'day',
    'opentime',
    'time',
    '',
    'indexlevel0',
    'indexlevel1',
  ],
  time: ['time', 'timeofday'],
  open: ['open', 'openprice', 'openingprice'],
  high: ['high', 'highprice', 'max'],
  low: ['low', 'lowprice', 'min'],
  close: ['close', 'closeprice', 'closingprice', 'closelast', 'last', 'lastprice'],
  volume: ['volume', 'vol', 'tradevolume', 'sharevolume'],
  adjClose: ['adjclose', 'adjustedclose', 'closeadj', 'closeadjusted'],
  symbol: ['symbol', 'ticker', 'name', 'instrument'],
};

/** Roles that a column map may name. */
export const COLUMN_ROLES = Object.keys(SYNONYMS) as readonly ColumnRole[];

/**
 * Recognises the columns of a bar file from its header, in any order and case.
 *
 * @param wanted the layout to expect; `auto` is `yahoo` where there is an adjusted close
 * @param names names of the file's columns that take precedence over the known ones
 * @throws DataError `UNKNOWN_LAYOUT` naming what was found, what is missing and how to map it; `AMBIGUOUS_HEADER`
 */
export function recogniseLayout(
  header: readonly string[],
  wanted: LayoutName | 'auto',
  names: ColumnNames,
  file: string,
): RecognisedLayout {
  const normalised = header.map((name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  const columns: Partial<Record<ColumnRole, number>> = {};
  const taken = new Set<number>();
  for (const role of COLUMN_ROLES) {
    const mapped = names[role];
    const found = mapped === undefined ? findSynonym(role) : findMapped(role, mapped);
    if (found === undefined || (role === 'adjClose' && wanted === 'plain')) continue;
    columns[role] = found;
    taken.add(found);
  }
  const missing = REQUIRED.filter((role) => columns[role] === undefined);
  if (missing.length > 0) throw unknownLayout(header, missing, file);
  if (wanted === 'yahoo' && columns.adjClose === undefined) throw unknownLayout(header, ['Adj Close'], file);
  const name = columns.adjClose === undefined ? 'plain' : 'yahoo';
  const ignored = header.filter((_, index) => !taken.has(index));
  return { name, columns, ignored, reason: reasonOf(name, wanted, header, columns, ignored) };

  function findMapped(role: ColumnRole, name: string): number {
    const index = header.indexOf(name);
    if (index >= 0) return index;
    throw new UsageError('UNKNOWN_COLUMN', {
      message: `${file} has no column '${name}' to take as ${role}.${didYouMean(name, header)}`,
      details: { file, role, column: name, found: header },
    });
  }

  function findSynonym(role: ColumnRole): number | undefined {
    for (const synonym of SYNONYMS[role]) {
      const found = normalised.flatMap((name, index) => (name === synonym && isFree(index) ? [index] : []));
      if (found.length > 1) {
        throw new DataError('AMBIGUOUS_HEADER', {
          message: `${file} has ${found.length} columns named ${quote(header[found[0]!]!)}: which is the ${role}? Rename one.`,
          details: { file, role, found: header },
        });
      }
      if (found.length === 1) return found[0];
    }
    return undefined;
  }

  function isFree(index: number): boolean {
    return !taken.has(index) && !Object.values(names).includes(header[index]!);
  }
}

function reasonOf(
  name: LayoutName,
  wanted: LayoutName | 'auto',
  header: readonly string[],
  columns: Readonly<Partial<Record<ColumnRole, number>>>,
  ignored: readonly string[],
): string {
  const why =
    wanted !== 'auto'
      ? 'as asked for'
      : name === 'yahoo'
        ? `since there is a column '${header[columns.adjClose!]}', kept beside the prices, which stay as they are in the file`
        : 'since there is no adjusted close';
  const long = columns.symbol === undefined ? '' : `, symbols by column '${header[columns.symbol]}'`;
  const rest = ignored.length === 0 ? '' : `; not read: ${ignored.map(quote).join(', ')}`;
  return `${name} layout, ${why}${long}${rest}`;
}

function unknownLayout(header: readonly string[], missing: readonly string[], file: string): DataError {
  const found = header.slice(0, 20).map(quote).join(', ');
  const details = { file, found: header.slice(0, 20), missing };
  if (header.length > 1 && header.every((name) => name === '' || /^[\d.,:/+\-TZ ]+$/.test(name))) {
    return new DataError('UNKNOWN_LAYOUT', {
      message: `${file} has no header line: it begins with ${found}. Put a line 'date,open,high,low,close,volume' first, in the order of the columns.`,
      details,
    });
  }
  return new DataError('UNKNOWN_LAYOUT', {
    message: `${file}: no column for ${missing.join(', ')}. Columns found: ${found}. Rename them to date, open, high, low, close, volume, or say which they are: --column ${missing[0]}=NAME.`,
    details,
  });
}
