import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/suggest.js';
import {
  BundleStore,
  extendBundle,
  type NetworkProgress,
  openBundle,
  type WrittenBundle,
  writeBundle,
} from '../../data/index.js';
import { type Defect, describeDefect } from '../../data/ingest/defects.js';
import { type AssetReport, buildDraft, type IngestOptions, type IngestReport } from '../../data/ingest/ingest.js';
import { readMapping } from '../../data/ingest/mapping-file.js';
import { joinReports, readQuality, saveQuality } from '../../data/quality.js';
import { assertBundleName } from '../../data/store.js';
import { calendarNames } from '../../market/calendars.js';
import { formatCount, formatTime, renderTable } from '../../report/index.js';
import { Download } from '../download.js';
import { loadExchange } from '../load-exchange.js';
import type { Session } from '../session.js';
import { counted, shortHash } from '../text-blocks.js';
import { assignment, duration, list, lists, wholeNumber } from '../values.js';

const SOURCES = ['csv', 'parquet', 'yahoo', 'ccxt'];
/** Flags of the sources that are servers. */
const NETWORK_FLAGS = ['from', 'to', 'baseUrl', 'requestTimeout', 'retries'] as const;
const SUSPICIONS: ReadonlySet<Defect['code']> = new Set(['SUSPECT_SPIKE', 'LARGE_MOVE'] as const);
/** Warnings shown on a terminal; the document has all. */
const WARNINGS_SHOWN = 10;

interface Flags {
  readonly bundle?: string;
  readonly member?: string;
  readonly symbol?: string;
  readonly layout?: string;
  readonly mapping?: string;
  readonly column?: Readonly<Record<string, string>>;
  readonly header?: readonly string[];
  readonly delimiter?: string;
  readonly decimal?: string;
  readonly divisor?: number;
  readonly timezone?: string;
  readonly calendar?: string;
  readonly frequency?: string;
  readonly missing?: string;
  readonly on?: Readonly<Record<string, string>>;
  readonly allow?: readonly string[];
  readonly splits?: string;
  readonly dividends?: string;
  readonly precision?: string;
  readonly factors?: string;
  readonly adjClose?: string;
  readonly jobs?: number;
  readonly maps?: string;
  readonly assets?: string;
  readonly currency?: string;
  readonly append?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly baseUrl?: string;
  readonly requestTimeout?: number;
  readonly retries?: number;
}

/** Adds `ingest csv|parquet FILE... --bundle B` and `ingest yahoo|ccxt SYMBOL... --bundle B`. */
export function registerIngest(program: Command, session: Session): void {
  program
    .command('ingest')
    .description(
      'Reads bars from files or servers, checks every row, and stores them as a new version of a bundle. Bad data is refused with file, row, column and reason, and changes nothing.',
    )
    .argument('<source>', 'what the files are: csv (all text, JSON too) or parquet; or the server: yahoo or ccxt')
    .argument('<file...>', 'files of bars; text may be gzipped or zipped. Of yahoo symbols, of ccxt exchange:symbol')
    .option('--bundle <name>', 'name of the bundle (required)')
    .option('--symbol <symbol>', "symbol of all rows (default: a column, else the file's name)")
    .option('--member <name>', 'files in a zip that are meant, * for any characters')
    .option(
      '--layout <name>',
      'auto, plain, yahoo, csvdir, wide, values, lean, backtrader, google or ccxt (default: auto)',
    )
    .option('--column <role=name>', 'what a column of the files means, close=Last; repeat it', assignment('column'))
    .option('--header <names>', 'names of the columns of files without a header', list('header'))
    .option('--delimiter <sign>', 'what divides fields (default: told from the first line)')
    .option('--decimal <sign>', '. or , as decimal sign (default: told from the rows)')
    .option('--divisor <number>', 'prices are integers of this part', wholeNumber('divisor', { min: 1 }))
    .option('--mapping <file>', 'JSON file of these options; flags override it')
    .option('--timezone <zone>', "zone of times without one (default: the calendar's)")
    .option('--calendar <name>', 'sessions: a name below, or a file (default: told from the dates)')
    .option('--frequency <length>', 'bar length: 1m, 5m, 15m, 30m, 1h, 1d, 1w, 1mo (default: told from the times)')
    .option('--missing <policy>', 'missing sessions: skip, fill or fail (default: skip)')
    .option('--on <defect=policy>', 'what is done about a defect: fail, warn, drop, fill; repeat it', assignment('on'))
    .option('--allow <defects>', 'keep rows with these: short for --on DEFECT=warn', lists('allow'))
    .option('--splits <file>', 'CSV with symbol, ex_date, ratio (new shares for one old)')
    .option('--dividends <file>', 'CSV with symbol, ex_date, amount[, pay_date]')
    .option('--factors <path>', "LEAN's factor files: splits and dividends")
    .option('--adj-close <use>', 'check it against events, derive events from it, or ignore (default: check)')
    .option('--maps <path>', "LEAN's map files: who had which ticker when")
    .option('--assets <file>', 'CSV with symbol, exchange, tick, lot, multiplier, ticker, from, to')
    .option('--precision <decimals>', 'auto, exact or a number of decimals (default: auto)')
    .option('--currency <code>', 'quote currency (default: USD)')
    .option('--jobs <count>', 'threads that read files (default: 2 for large ones)', wholeNumber('jobs', { min: 1 }))
    .option('--append', 'add the rows to the newest version of the bundle, as a new version')
    .option('--from <day>', 'yahoo, ccxt: first day (in an append: the last bar that is known)')
    .option('--to <day>', 'yahoo, ccxt: last day, inclusive (default: now)')
    .option('--base-url <url>', 'yahoo, ccxt: a proxy or mirror that is asked instead')
    .option(
      '--request-timeout <time>',
      'yahoo, ccxt: for each request, 90s (default: 30s)',
      duration('request-timeout'),
    )
    .option('--retries <count>', 'yahoo, ccxt: of a request (default: 5)', wholeNumber('retries', { min: 0 }))
    .addHelpText(
      'after',
      `
An existing name gets a new version; the old ones stay until 'bundles clean'.
A file without a symbol column holds the symbol that it is named after.
Calendars: ${calendarLines()}.
Defects and their policies: docs/concepts/ingest.md.

Examples:
  $ hindcast ingest csv prices/*.csv --bundle us --calendar XNYS
  $ hindcast ingest csv prices/*.csv --bundle us \\
      --splits splits.csv --dividends dividends.csv
  $ hindcast ingest csv btc.csv.gz --bundle coins --symbol BTC --calendar 24/7
  $ hindcast ingest parquet minutes/*.parquet --bundle minutes
  $ hindcast ingest csv wti.csv --bundle oil --layout values \\
      --allow negative-price --on not-a-session=drop
  $ hindcast ingest csv today.csv --bundle us --append
  $ hindcast ingest yahoo AAPL MSFT --bundle us --from 2015-01-01
  $ hindcast ingest ccxt binance:BTC/USDT --bundle coins --frequency 1h \\
      --from 2024-01-01`,
    )
    .action((source: string, files: string[], flags: Flags) => ingest(session, source, files, flags));
}

/** The names of the calendars, in lines of the help's width. */
const calendarLines = (): string =>
  calendarNames()
    .join(', ')
    .replace(/(.{55,}?,) /g, '$1\n  ');

async function ingest(session: Session, source: string, files: string[], flags: Flags): Promise<void> {
  const { output, log } = session;
  if (!SOURCES.includes(source)) throw unknownSource(source);
  const { bundle, append } = flags;
  if (bundle === undefined) {
    throw new UsageError('MISSING_BUNDLE', { message: 'Name the bundle to make: --bundle NAME.' });
  }
  assertBundleName(bundle);
  const given = await optionsOf(files, source, flags);
  const store = new BundleStore();
  using download = isServer(source) ? new Download(session) : undefined;
  const options = download === undefined ? given : await ofServer(given, flags, download);
  const extended = append === true ? store.resolve(bundle) : undefined;
  const before = extended === undefined ? undefined : readQuality(store, extended);
  const { written, report } =
    extended !== undefined ? await extendBundle(store, bundle, options) : await makeBundle(store, bundle, options);
  saveQuality(store, written, before === undefined ? report : joined(before, report, written));
  log.info({ event: 'ingested', bundle_name: bundle, version: written.version, rows: report.rows });
  for (const warning of inOrder(report.warnings).slice(0, WARNINGS_SHOWN)) output.warn(describeDefect(warning));
  const hidden = report.warnings.length - WARNINGS_SHOWN;
  if (hidden > 0) output.warn(`${formatCount(hidden)} more; --json lists all.`);
  output.result(documentOf(written, report), () =>
    textOf(written, report, { width: output.width, color: output.color }),
  );
}

const isServer = (source: string): boolean => source === 'yahoo' || source === 'ccxt';

/** Returns the options of an ingest with what a server needs, an exchange loaded. */
async function ofServer(options: IngestOptions, flags: Flags, download: Download): Promise<IngestOptions> {
  const { from, to, baseUrl, requestTimeout: timeoutMs, retries } = flags;
  const common = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
    signal: download.signal,
    onProgress: (progress: NetworkProgress) => download.show(progress),
  };
  if (options.source === 'yahoo') {
    return { ...options, network: { ...common, ...(baseUrl === undefined ? {} : { baseUrl }) } };
  }
  const { exchange, symbols } = await loadExchange(options.files, baseUrl, timeoutMs);
  return { ...options, files: symbols, network: { ...common, exchange } };
}

/** Returns the options of an ingest: those of the mapping file, overridden by flags. */
async function optionsOf(
  files: string[],
  source: string,
  { bundle, append, mapping, column, on, allow, precision, ...others }: Flags,
): Promise<IngestOptions> {
  const { from: _from, to: _to, baseUrl: _baseUrl, requestTimeout: _timeout, retries: _retries, ...rest } = others;
  const [refused] = isServer(source) ? [] : NETWORK_FLAGS.filter((flag) => others[flag] !== undefined);
  if (refused !== undefined) {
    const name = refused.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError('OPTION_WITHOUT_EFFECT', {
      message: `--${name} is of the sources yahoo and ccxt, but the source is ${source}. Leave it out.`,
      details: { option: name, source },
    });
  }
  const mapped = mapping === undefined ? {} : await readMapping(mapping);
  const allowed = Object.fromEntries((allow ?? []).map((defect) => [defect, 'warn']));
  const options = {
    ...mapped,
    ...rest,
    files,
    source,
    columns: { ...mapped.columns, ...column },
    on: { ...mapped.on, ...allowed, ...on },
    ...precisionOf(precision),
  };
  return options as IngestOptions;
}

/** Returns the report of a version that an append made or found: rows that were all there already add nothing to it. */
function joined(
  before: IngestReport,
  report: IngestReport,
  { directory, alreadyPresent }: WrittenBundle,
): IngestReport {
  if (alreadyPresent) return before;
  using bundle = openBundle(directory);
  return joinReports(before, report, bundle);
}

async function makeBundle(
  store: BundleStore,
  name: string,
  options: IngestOptions,
): Promise<{ written: WrittenBundle; report: IngestReport }> {
  const { draft, report } = await buildDraft(options);
  return { written: await writeBundle(store, name, draft), report };
}

/** What merely looks odd comes after what the ingest did or left out. */
const inOrder = (warnings: readonly Defect[]): Defect[] => [
  ...warnings.filter(({ code }) => !SUSPICIONS.has(code)),
  ...warnings.filter(({ code }) => SUSPICIONS.has(code)),
];

/** A number of decimals arrives as text; words are checked where the data is read. */
function precisionOf(text: string | undefined): Pick<IngestOptions, 'precision'> {
  if (text === undefined) return {};
  return { precision: /^\d+$/.test(text) ? Number(text) : (text as 'auto' | 'exact') };
}

function documentOf({ name, version, alreadyPresent }: WrittenBundle, report: IngestReport): object {
  return {
    bundle: { name, version },
    alreadyPresent,
    rows: report.rows,
    files: report.files,
    symbols: report.assets.map(({ first, last, ...asset }) => ({ ...asset, start: dateOf(first), end: dateOf(last) })),
    splits: report.splits ?? null,
    dividends: report.dividends ?? null,
    quality: report.quality,
    warnings: report.warnings,
  };
}

const dateOf = (label: number): string => formatTime(label).slice(0, 10);

function textOf(
  { name, version, alreadyPresent }: WrittenBundle,
  report: IngestReport,
  style: { readonly width: number; readonly color: boolean },
): string {
  const { files, assets, splits, dividends } = report;
  const lines: string[] = [];
  for (const [recognised, count] of tally(files.map((file) => `${file.recognised}; dates ${file.dates}`))) {
    lines.push(`${counted(count, 'file')}: ${recognised}`);
  }
  for (const [calendar, all] of byCalendar(assets)) {
    const reasons = tally(all.map(({ calendarReason }) => calendarReason));
    const [[reason] = ['']] = [...reasons];
    lines.push(
      `Calendar ${calendar} for ${counted(all.length, 'symbol')}: ${reason}${reasons.size > 1 ? ' (and alike)' : ''}`,
    );
  }
  for (const [what, events] of [
    ['splits', splits],
    ['dividends', dividends],
  ] as const) {
    if (events !== undefined)
      lines.push(`${events.file}: ${formatCount(events.used)} of ${formatCount(events.rows)} ${what} used`);
  }
  const table = renderTable(
    [
      { header: 'symbol', whole: true },
      { header: 'bars', whole: true },
      { header: 'rows', align: 'right' },
      { header: 'from', whole: true },
      { header: 'to', whole: true },
      { header: 'missing', align: 'right' },
      { header: 'filled', align: 'right' },
      { header: 'decimals', align: 'right' },
      { header: 'rounded', align: 'right' },
    ],
    assets.map((asset) => [
      asset.symbol,
      asset.frequency,
      formatCount(asset.bars),
      dateOf(asset.first),
      dateOf(asset.last),
      formatCount(asset.missing),
      formatCount(asset.filled),
      String(asset.prices.decimals),
      formatCount(asset.prices.rounded),
    ]),
    style,
  );
  const rows = assets.reduce((sum, { bars }) => sum + bars, 0);
  const symbols = new Set(assets.map(({ symbol }) => symbol)).size;
  const state = alreadyPresent ? 'was already here, unchanged' : 'is stored';
  return [
    ...lines,
    '',
    table,
    '',
    `Bundle ${name} ${shortHash(version)} ${state}: ${counted(symbols, 'symbol')}, ${counted(rows, 'row')}.`,
  ].join('\n');
}

function tally(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

function byCalendar(assets: readonly AssetReport[]): Map<string, AssetReport[]> {
  const groups = new Map<string, AssetReport[]>();
  for (const asset of assets) groups.set(asset.calendar, [...(groups.get(asset.calendar) ?? []), asset]);
  return groups;
}

function unknownSource(source: string): UsageError {
  return new UsageError('UNKNOWN_SOURCE', {
    message: `Unknown source '${source}'.${didYouMean(source, SOURCES)} Write: hindcast ingest csv FILES --bundle NAME`,
    details: { source, known: SOURCES },
  });
}
