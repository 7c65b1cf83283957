import { UsageError } from '../../core/errors.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import type { Frequency } from '../../market/bars.js';
import { zoneClock } from '../../market/zone-clock.js';
import { findCalendar } from '../calendar-file.js';
import { INGESTED_FREQUENCIES } from './axis-choice.js';
import { SOURCE_NAMES, type SourceName } from './inputs.js';
import { COLUMN_ROLES, type ColumnNames, type LayoutName } from './layouts.js';
import type { MissingPolicy } from './missing-bars.js';
import { type Precision, parsePrecision } from './precision.js';

/** What to ingest, and how it is to be understood. */
export interface IngestOptions {
  /** Paths of the files, `.gz` allowed. Their order does not matter. */
  readonly files: readonly string[];
  /** What the files are. @defaultValue 'auto': Parquet where the name ends so, else text */
  readonly source?: SourceName;
  /** Symbol of all rows, where neither a column nor the files' names give it. */
  readonly symbol?: string;
  /** @defaultValue 'auto' */
  readonly layout?: LayoutName | 'auto';
  /** Columns by what they mean, where the header is not recognised: `{ close: 'Last', date: 'd' }`. */
  readonly columns?: ColumnNames;
  /** IANA zone of stamps without an offset. @defaultValue the calendar's */
  readonly timezone?: string;
  /** A calendar's name or file, or `auto`: chosen for each asset by its rows, see `chooseCalendar`. @defaultValue 'auto' */
  readonly calendar?: string;
  /** Bar length. @defaultValue a day where stamps are dates, else the most frequent step */
  readonly frequency?: Frequency;
  /**
   * What happens to missing sessions inside an asset's life. A gap invents nothing and nothing trades in it, so that `skip`, which
   * keeps exactly what the source has and warns with count and first dates, changes no result silently.
   * @defaultValue 'skip'
   */
  readonly missing?: MissingPolicy;
  /** @defaultValue 'auto' */
  readonly precision?: Precision;
  /** Path of a file of splits. */
  readonly splits?: string;
  /** Path of a file of dividends. */
  readonly dividends?: string;
  /** Quote currency of all assets. @defaultValue 'USD' */
  readonly currency?: string;
}

const OPTIONS = [
  'files',
  'source',
  'symbol',
  'layout',
  'columns',
  'timezone',
  'calendar',
  'frequency',
  'missing',
  'precision',
  'splits',
  'dividends',
  'currency',
] as const;

/** Options with every default filled in and every word checked. */
export type ResolvedOptions = Required<
  Omit<IngestOptions, 'symbol' | 'timezone' | 'frequency' | 'splits' | 'dividends'>
> &
  Pick<IngestOptions, 'symbol' | 'timezone' | 'frequency' | 'splits' | 'dividends'>;

/** Returns the options complete and checked; throws UsageError naming the option and what it may be. */
export function resolveOptions(options: IngestOptions): ResolvedOptions {
  rejectUnknownKeys('ingest', options, OPTIONS);
  const {
    files,
    source = 'auto',
    symbol,
    layout = 'auto',
    columns = {},
    timezone,
    calendar = 'auto',
    frequency,
    missing = 'skip',
    precision = 'auto',
    splits,
    dividends,
    currency = 'USD',
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
  oneOf('layout', layout, ['auto', 'plain', 'yahoo']);
  oneOf('missing', missing, ['fail', 'skip', 'fill']);
  if (frequency !== undefined) oneOf('frequency', frequency, INGESTED_FREQUENCIES);
  rejectUnknownKeys('the column map', columns, COLUMN_ROLES);
  if (calendar !== 'auto') findCalendar(calendar);
  if (timezone !== undefined) zoneClock(timezone);
  return {
    files,
    source,
    layout,
    columns,
    calendar,
    missing,
    precision: parsePrecision(precision),
    currency,
    ...(symbol === undefined ? {} : { symbol: symbol.trim() }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(frequency === undefined ? {} : { frequency }),
    ...(splits === undefined ? {} : { splits }),
    ...(dividends === undefined ? {} : { dividends }),
  };
}

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new UsageError('INVALID_OPTION', {
    message: `Option ${option} is '${value}', but must be one of ${known.join(', ')}.`,
    details: { option, value, known },
  });
}
