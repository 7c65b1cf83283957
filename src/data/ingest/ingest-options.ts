import { UsageError } from '../../core/errors.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import type { Frequency } from '../../market/bars.js';
import { zoneClock } from '../../market/zone-clock.js';
import { findCalendar } from '../calendar-file.js';
import { INGESTED_FREQUENCIES } from './axis-choice.js';
import { isNetworkSource, SOURCE_NAMES, type SourceName } from './inputs.js';
import { COLUMN_ROLES, type ColumnNames, LAYOUT_NAMES, type LayoutName } from './layouts.js';
import type { MissingPolicy } from './missing-bars.js';
import { type NetworkOptions, type ResolvedNetwork, resolveNetwork } from './network-options.js';
import { Policies, type Policy, type PolicyNames } from './policies.js';
import { type Precision, parsePrecision } from './precision.js';

/** What an adjusted close is for. */
export type AdjustedCloseUse = 'check' | 'derive' | 'ignore';

/** What to ingest, and how it is to be understood. */
export interface IngestOptions {
  /** Paths of the files, gzipped or zipped ones too; of a server, the symbols. Their order does not matter. */
  readonly files: readonly string[];
  /** What the files are, or the server that is asked. @defaultValue 'auto': Parquet where the name ends so, else text */
  readonly source?: SourceName;
  /** How a server is asked: for the sources `yahoo` and `ccxt` alone. */
  readonly network?: NetworkOptions;
  /** The members of zip archives that are meant, `*` for any characters. @defaultValue the only one of each */
  readonly member?: string;
  /** Symbol of all rows, where neither a column nor the files' names give it. */
  readonly symbol?: string;
  /** @defaultValue 'auto', which reports what it recognised and why */
  readonly layout?: LayoutName | 'auto';
  /** Columns by what they mean, where the header is not recognised: `{ close: 'Last', date: 'd' }`. */
  readonly columns?: ColumnNames;
  /** Names of the columns, for texts without a header line. */
  readonly header?: readonly string[];
  /** What divides fields. @defaultValue the most frequent of comma, semicolon, tab and bar in the first line */
  readonly delimiter?: string;
  /** The decimal sign of numbers. @defaultValue told from the first 200 rows */
  readonly decimal?: '.' | ',';
  /** What prices are divided by, where the files hold them as integers. @defaultValue 10,000 for shares in LEAN's layout, else 1 */
  readonly divisor?: number;
  /** IANA zone of stamps without an offset. @defaultValue the one that the layout fixes, else the calendar's */
  readonly timezone?: string;
  /** A calendar's name or file, or `auto`: chosen for each asset by its rows, see `chooseCalendar`. @defaultValue 'auto' */
  readonly calendar?: string;
  /** Bar length. @defaultValue the most frequent step; a day where stamps are dates and there is one row */
  readonly frequency?: Frequency;
  /**
   * What happens to missing sessions inside an asset's life. A gap invents nothing and nothing trades in it, so that `skip`, which
   * keeps exactly what the source has and warns with count and first dates, changes no result silently. Stands for the policies
   * `missing-sessions` and `missing-bars`.
   * @defaultValue 'skip'
   */
  readonly missing?: MissingPolicy;
  /** What is done about each kind of defect: `{ 'duplicate-identical': 'drop' }`. @defaultValue refuses what would change results */
  readonly on?: PolicyNames;
  /** @defaultValue 'auto' */
  readonly precision?: Precision;
  /** Path of a file of splits. */
  readonly splits?: string;
  /** Path of a file of dividends. */
  readonly dividends?: string;
  /** Path of LEAN's factor files, one for each asset or a folder of them, from which splits and dividends are taken. */
  readonly factors?: string;
  /**
   * What an adjusted close beside the prices is for. `check` compares it with the events of daily bars, where there are some. `derive`
   * makes events of its ratio to the close, for assets that have no others; the report says how many, and how accurate. `ignore` does
   * neither. The column is kept in any case.
   * @defaultValue 'check'
   */
  readonly adjClose?: AdjustedCloseUse;
  /** Path of LEAN's map files, one for each asset or a folder of them: who had which ticker when. */
  readonly maps?: string;
  /** Path of a table of assets: CSV with `symbol` and any of `exchange, currency, tick, lot, multiplier, ticker, from, to`. */
  readonly assets?: string;
  /** Quote currency of all assets. @defaultValue 'USD' */
  readonly currency?: string;
  /**
   * Threads that read several files at the same time, each one file. The outcome is the same for any number.
   * @defaultValue 2 where there are two processors, for files of 32 MB and more altogether; else 1
   */
  readonly jobs?: number;
}

/** Names of all options. */
export const INGEST_OPTIONS = [
  ...[
    'files',
    'source',
    'member',
    'symbol',
    'layout',
    'columns',
    'header',
    'delimiter',
    'decimal',
    'divisor',
    'timezone',
  ],
  ...[
    'calendar',
    'frequency',
    'missing',
    'on',
    'precision',
    'splits',
    'dividends',
    'factors',
    'adjClose',
    'maps',
    'assets',
    'currency',
    'network',
    'jobs',
  ],
];

type Standard = 'source' | 'layout' | 'columns' | 'calendar' | 'precision' | 'currency' | 'files' | 'adjClose';

/** Options with every default filled in and every word checked. */
export type ResolvedOptions = Required<Pick<IngestOptions, Standard>> & {
  readonly [Key in Exclude<keyof IngestOptions, Standard | 'missing' | 'on' | 'network'>]:
    | IngestOptions[Key]
    | undefined;
} & { readonly policies: Policies; readonly network: ResolvedNetwork };

/** Returns the options complete and checked; throws UsageError naming the option and what it may be. */
export function resolveOptions(options: IngestOptions): ResolvedOptions {
  rejectUnknownKeys('ingest', options, INGEST_OPTIONS);
  const {
    files,
    source = 'auto',
    symbol,
    layout = 'auto',
    columns = {},
    calendar = 'auto',
    missing = 'skip',
    precision = 'auto',
  } = options;
  const {
    adjClose = 'check',
    currency = 'USD',
    timezone,
    frequency,
    on = {},
    decimal,
    delimiter,
    divisor,
    header,
  } = options;
  if (files.length === 0) throw new UsageError('NO_FILES', { message: 'No files to ingest. Name at least one.' });
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new UsageError('FILE_TWICE', {
      message: `'${twice}' is named twice. Name each file once.`,
      details: { file: twice },
    });
  }
  if (symbol !== undefined && symbol.trim() === '') {
    throw new UsageError('INVALID_SYMBOL', { message: 'The symbol is empty. Give one, or leave the option out.' });
  }
  oneOf('source', source, SOURCE_NAMES);
  refuseNetwork(source, options);
  oneOf('layout', layout, ['auto', ...LAYOUT_NAMES]);
  oneOf('missing', missing, ['fail', 'skip', 'fill']);
  oneOf('adjClose', adjClose, ['check', 'derive', 'ignore']);
  if (frequency !== undefined) oneOf('frequency', frequency, INGESTED_FREQUENCIES);
  if (decimal !== undefined) oneOf('decimal', decimal, ['.', ',']);
  if (delimiter !== undefined && (delimiter.length !== 1 || /["\r\n]/.test(delimiter))) {
    throw invalid('delimiter', delimiter, 'one character, and no quote');
  }
  if (divisor !== undefined && !(Number.isSafeInteger(divisor) && divisor > 0)) {
    throw invalid('divisor', divisor, 'a whole number above 0, such as 10000');
  }
  if (header !== undefined && (header.length < 2 || new Set(header).size < header.length)) {
    throw invalid('header', header.join(','), 'the names of all columns in their order, each once');
  }
  if (options.jobs !== undefined && !(Number.isSafeInteger(options.jobs) && options.jobs > 0)) {
    throw invalid('jobs', options.jobs, 'a whole number above 0');
  }
  rejectUnknownKeys('the column map', columns, COLUMN_ROLES);
  if (calendar !== 'auto') findCalendar(calendar);
  if (timezone !== undefined) zoneClock(timezone);
  const gaps: Policy = missing === 'skip' ? 'warn' : missing;
  return {
    files,
    source,
    member: options.member,
    symbol: symbol?.trim(),
    layout,
    columns,
    header,
    delimiter,
    decimal,
    divisor,
    timezone,
    calendar,
    frequency,
    policies: new Policies({ 'missing-sessions': gaps, 'missing-bars': gaps, ...on }),
    precision: parsePrecision(precision),
    splits: options.splits,
    dividends: options.dividends,
    factors: options.factors,
    adjClose,
    maps: options.maps,
    assets: options.assets,
    currency,
    jobs: options.jobs,
    network: resolveNetwork(options.network ?? {}),
  };
}

/** Options of files mean nothing to a server, and those of a server nothing to files. */
function refuseNetwork(source: SourceName, options: IngestOptions): void {
  const names = isNetworkSource(source)
    ? (['member', 'columns', 'header', 'delimiter', 'decimal', 'divisor', 'timezone', 'jobs'] as const)
    : (['network'] as const);
  for (const option of names) {
    const value = options[option];
    if (value === undefined || (option === 'columns' && Object.keys(value).length === 0)) continue;
    throw new UsageError('OPTION_WITHOUT_EFFECT', {
      message: isNetworkSource(source)
        ? `Option ${option} is of files, but the bars come from ${source}. Leave it out.`
        : `Options of a server are of the sources yahoo and ccxt, but the source is ${source}. Leave them out.`,
      details: { option, source },
    });
  }
}

const invalid = (option: string, value: unknown, wanted: string): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `Option ${option} is '${String(value)}', but must be ${wanted}.`,
    details: { option, value },
  });

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new UsageError('INVALID_OPTION', {
    message: `Option ${option} is '${value}', but must be one of ${known.join(', ')}.`,
    details: { option, value, known },
  });
}
