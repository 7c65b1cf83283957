import { basename } from 'node:path';
import { DataError, UsageError } from '../../core/errors.js';
import type { Frequency } from '../../market/bars.js';
import { getCalendar } from '../../market/calendars.js';
import { DAY_MS } from '../../market/civil-date.js';
import type { Bundle } from '../bundle.js';
import type { BundleDraft, DividendDraft, SplitDraft } from '../draft.js';
import { EXACT_DIGITS } from '../exact-decimal.js';
import { checkAdjustedClose } from './adjusted-close.js';
import { type AdjustedEvents, adjustedEvents } from './adjusted-events.js';
import { type CalendarChoice, chooseCalendar, frequencyOf, INGESTED_FREQUENCIES } from './axis-choice.js';
import type { BarChunk, BarFile } from './bar-reader.js';
import { type Defect, DefectLog, type QualityEntry } from './defects.js';
import { type AssetDecimals, draftGroups } from './draft-groups.js';
import { type AssetLife, columnEvents, type EventReport, factorEvents, readDividends, readSplits } from './events.js';
import { calendarIn, extendedLives, lastBarIn } from './extended-bundle.js';
import { type IngestOptions, type ResolvedOptions, resolveOptions } from './ingest-options.js';
import type { LayoutName } from './layouts.js';
import { applyMissingPolicy, type MissingBars } from './missing-bars.js';
import { type Precision, type Settled, type SettledDecimals, settleDecimals } from './precision.js';
import { readFiles } from './read-files.js';
import { refuseIfAborted } from './requests.js';
import { type BarSeries, joinChunks } from './series.js';
import { shownSplits, treatOffGrid, treatSuspects, warnOfSameContent } from './suspects.js';
import { readAssetTable, readMapFiles, Symbology } from './symbology.js';

export type { IngestOptions } from './ingest-options.js';

/** What was read from one file of bars. */
export interface FileReport {
  readonly file: string;
  /** Data rows. */
  readonly rows: number;
  readonly layout: LayoutName;
  /** What was recognised, and why. */
  readonly recognised: string;
  /** How dates are written, `YYYY-MM-DD` for example. */
  readonly dates: string;
}

/** What became of one asset at one frequency. */
export interface AssetReport extends MissingBars {
  readonly symbol: string;
  readonly frequency: Frequency;
  readonly calendar: string;
  /** Why this calendar. */
  readonly calendarReason: string;
  /** Labels of the first and the last bar. */
  readonly first: number;
  readonly last: number;
  /** Bars in the draft, filled ones included. */
  readonly bars: number;
  readonly prices: SettledDecimals;
  readonly volumes: SettledDecimals;
}

/** What an ingest found and did. Plain data. */
export interface IngestReport {
  /** Data rows of all files. */
  readonly rows: number;
  readonly files: readonly FileReport[];
  /** By symbol, then frequency. */
  readonly assets: readonly AssetReport[];
  readonly splits: EventReport | undefined;
  readonly dividends: EventReport | undefined;
  /** What the user should know; nothing here stopped the ingest. */
  readonly warnings: readonly Defect[];
  /** What was found, by kind of defect, and what was done about it. */
  readonly quality: readonly QualityEntry[];
}

/**
 * Reads files of bars into a bundle draft. Every row is checked; any error refuses everything, so that there is a whole draft or none.
 * What counts as an error is a matter of policy, see {@link IngestOptions.on}.
 *
 * @throws DataError `INGEST_REFUSED` with all errors by kind and the first of them with file, row and column; other codes where a
 * file cannot be understood as a whole. UsageError for options that are wrong and files that are not there; RunError for files that
 * cannot be read.
 * @param base a bundle that the rows will be added to: its calendars are taken where none is named, and events count in its assets' lives
 */
export async function buildDraft(
  options: IngestOptions,
  base?: Bundle,
): Promise<{ draft: BundleDraft; report: IngestReport }> {
  const resolved = resolveOptions(options);
  const log = new DefectLog(resolved.policies);
  const files = await readFiles(options, resolved, lastBarIn(base, resolved), log);
  refuseIfAborted(resolved.network.signal);
  const names = new Symbology();
  if (resolved.maps !== undefined) await readMapFiles(resolved.maps, names);
  if (resolved.assets !== undefined) await readAssetTable(resolved.assets, names);
  const bySymbol = groupBySymbol(resolved, files, names, log);
  const series = buildSeries(bySymbol, resolved, log, base);
  const lives = extendedLives(livesOf(series), base);
  const { reports, splitsOfColumns, ...given } = await readEvents(resolved, series, lives, names, log);
  const settled = settlePrecision(series, resolved.precision, files, log);
  log.refuse();
  const derived = resolved.adjClose === 'derive' ? derivedEvents(series, given, settled, log) : NO_EVENTS;
  log.refuse();
  const dividends = [...given.dividends, ...derived.dividends];
  let splits: readonly SplitDraft[] = [...given.splits, ...derived.splits];
  for (const one of series) {
    splits = shownSplits(one, splits, splitsOfColumns, log);
    if (resolved.adjClose !== 'ignore') checkAdjustedClose(one, splits, dividends, log);
    treatSuspects(one, splits, log);
    treatOffGrid(one, log);
  }
  warnOfSameContent(series, log);
  const missing = series.map((one) => applyMissingPolicy(one, log));
  for (const { files: named, times, symbol } of series) {
    if (times.length === 0) log.error('NO_ROWS', named.join(', '), `no bar of ${symbol} remains`);
  }
  log.refuse();
  const groups = draftGroups(series, settled, resolved.currency, names);
  const report: IngestReport = {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    files: files.map(({ file, rows, layout, stampFormat = '' }) => ({
      file,
      rows,
      layout: layout.name,
      recognised: layout.reason,
      dates: stampFormat,
    })),
    assets: series.map((one, index) => ({
      symbol: one.symbol,
      frequency: one.frequency,
      calendar: one.calendar.name,
      calendarReason: one.calendarReason,
      first: one.times[0]!,
      last: one.times.at(-1)!,
      bars: one.times.length,
      ...missing[index]!,
      ...settled.get(one.symbol)!,
    })),
    ...reports,
    warnings: log.warnings,
    quality: log.quality,
  };
  const calendars = [...new Set(series.map(({ calendar }) => calendar))];
  return { draft: { judged: true, groups, splits, dividends, calendars }, report };
}

/** Returns all chunks by symbol: from the option, the column, or the name of the source; tickers by who had them when. */
function groupBySymbol(
  options: ResolvedOptions,
  files: readonly BarFile[],
  names: Symbology,
  log: DefectLog,
): Map<string, BarChunk[]> {
  const groups = new Map<string, BarChunk[]>();
  const fromColumn = new Set<string>();
  for (const chunk of files.flatMap(({ chunks }) => chunks)) {
    if (chunk.isNamed) fromColumn.add(chunk.symbol);
    const symbol = options.symbol ?? chunk.symbol;
    if (symbol === '') throw noSymbol(chunk.file);
    for (const part of names.divide({ ...chunk, symbol }, log)) {
      groups.set(part.symbol, [...(groups.get(part.symbol) ?? []), part]);
    }
  }
  if (options.symbol !== undefined && fromColumn.size > 1) {
    const found = [...fromColumn].sort();
    throw new UsageError('SYMBOL_CONFLICT', {
      message: `The files hold ${found.length} symbols (${found.slice(0, 3).join(', ')}...), but all rows are to be '${options.symbol}'. Leave the symbol out.`,
      details: { symbol: options.symbol, found },
    });
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function noSymbol(file: string): DataError {
  return new DataError('NO_SYMBOL', {
    message: `The name of '${file}' gives no symbol. Name the symbol, or rename the file to SYMBOL.csv.`,
    details: { file },
  });
}

function buildSeries(
  bySymbol: ReadonlyMap<string, readonly BarChunk[]>,
  options: ResolvedOptions,
  log: DefectLog,
  base: Bundle | undefined,
): BarSeries[] {
  const all: BarSeries[] = [];
  const files = options.files.map((path) => basename(path)).join(', ');
  for (const [symbol, chunks] of bySymbol) {
    const byFrequency = new Map<Frequency, BarChunk[]>();
    for (const chunk of chunks) {
      const frequency = orRefuse(log, () => frequencyOf(chunk, options.frequency));
      byFrequency.set(frequency, [...(byFrequency.get(frequency) ?? []), chunk]);
    }
    for (const frequency of INGESTED_FREQUENCIES) {
      const same = byFrequency.get(frequency);
      if (same === undefined) continue;
      const own = options.calendar === 'auto' ? calendarIn(base, symbol, frequency) : undefined;
      const choice = own ?? orRefuse(log, () => calendarOf(same, frequency, options));
      const series = joinChunks(symbol, same, frequency, choice, options.timezone, log);
      if (series.times.length > 0) all.push(series);
      else log.warning('NO_ROWS', [...new Set(same.map(({ file }) => file))].join(', '), `no bar of ${symbol} remains`);
    }
  }
  if (all.length === 0) {
    log.refuse();
    log.error('NO_ROWS', files, 'no bar remains of all rows');
    log.refuse();
  }
  return all;
}

function calendarOf(
  chunks: readonly BarChunk[],
  frequency: Frequency,
  { source, calendar, timezone }: ResolvedOptions,
): CalendarChoice {
  // Few bars of a market that never closes may all fall into the sessions of one that does.
  if (source === 'ccxt' && calendar === 'auto') {
    return { calendar: getCalendar('24/7'), reason: 'the exchanges of ccxt never close' };
  }
  return chooseCalendar(chunks, frequency, calendar, timezone);
}

/** Runs a step whose own refusal would hide the defects that caused it: those come first. */
function orRefuse<T>(log: DefectLog, step: () => T): T {
  try {
    return step();
  } catch (error) {
    log.refuse();
    throw error;
  }
}

function livesOf(all: readonly BarSeries[]): Map<string, AssetLife> {
  const lives = new Map<string, AssetLife>();
  const day = (label: number): number => Math.floor(label / DAY_MS) * DAY_MS;
  for (const { symbol, calendar, times } of all) {
    const known = lives.get(symbol);
    lives.set(symbol, {
      calendar: known?.calendar ?? calendar,
      firstSession: Math.min(known?.firstSession ?? Number.POSITIVE_INFINITY, day(times[0]!)),
      lastSession: Math.max(known?.lastSession ?? Number.NEGATIVE_INFINITY, day(times.at(-1)!)),
    });
  }
  return lives;
}

async function readEvents(
  options: ResolvedOptions,
  all: readonly BarSeries[],
  lives: ReadonlyMap<string, AssetLife>,
  names: Symbology,
  log: DefectLog,
): Promise<{
  readonly splits: readonly SplitDraft[];
  readonly splitsOfColumns: ReadonlySet<SplitDraft>;
  readonly dividends: readonly DividendDraft[];
  readonly reports: Pick<IngestReport, 'splits' | 'dividends'>;
}> {
  const fromSplits = options.splits === undefined ? undefined : await readSplits(options.splits, lives, log, names);
  const fromDividends =
    options.dividends === undefined ? undefined : await readDividends(options.dividends, lives, log, names);
  const fromFactors =
    options.factors === undefined ? { splits: [], dividends: [] } : await factorEvents(options.factors, lives, log);
  const fromColumns = columnEvents(
    all.flatMap(({ symbol, events }) => events.map((event) => ({ ...event, symbol }))),
    lives,
    log,
  );
  return {
    splits: [...(fromSplits?.splits ?? []), ...fromFactors.splits, ...fromColumns.splits],
    splitsOfColumns: new Set(fromColumns.splits),
    dividends: [...(fromDividends?.dividends ?? []), ...fromFactors.dividends, ...fromColumns.dividends],
    reports: { splits: fromSplits?.report, dividends: fromDividends?.report },
  };
}

const NO_EVENTS: AdjustedEvents = { splits: [], dividends: [] };

/** Returns the events that adjusted closes show, of assets that have no others. */
function derivedEvents(
  all: readonly BarSeries[],
  given: AdjustedEvents,
  settled: ReadonlyMap<string, AssetDecimals>,
  log: DefectLog,
): AdjustedEvents {
  if (!all.some(({ fields, frequency }) => frequency === '1d' && fields.includes('adjClose'))) {
    throw new UsageError('OPTION_WITHOUT_EFFECT', {
      message:
        'Events are to be derived from the adjusted close, but no daily bars have one. Leave --adj-close derive out.',
      details: { option: 'adjClose' },
    });
  }
  const known = new Set([...given.splits, ...given.dividends].map(({ symbol }) => symbol));
  const found = all
    .filter(({ symbol }) => !known.has(symbol))
    .map((series) => adjustedEvents(series, settled.get(series.symbol)!.prices.decimals, log));
  return {
    splits: found.flatMap(({ splits }) => splits),
    dividends: found.flatMap(({ dividends }) => dividends),
  };
}

/** Settles the decimals of each asset over all its series, since they are the asset's own. */
function settlePrecision(
  all: readonly BarSeries[],
  precision: Precision,
  files: readonly BarFile[],
  log: DefectLog,
): Map<string, AssetDecimals> {
  const settled = new Map<string, AssetDecimals>();
  const none: SettledDecimals = { decimals: 0, rounded: 0, largestChange: 0, source: 'decimal' };
  for (const symbol of new Set(all.map((series) => series.symbol))) {
    const own = all.filter((series) => series.symbol === symbol);
    const settle = (names: readonly string[], how: Precision): SettledDecimals => {
      const columns = own.flatMap((series) =>
        series.fields.flatMap((name, field) => (names.includes(name) ? [{ series, field }] : [])),
      );
      const outcome = settleDecimals(
        columns.map(({ series, field }) => series.values[field]!),
        how,
      );
      if ('settled' in outcome) {
        warnOfShortened(own, names.length === 1 ? 'volumes' : 'prices', outcome, log);
        return outcome.settled;
      }
      for (const { column, place, message } of outcome.refused) {
        const { series, field } = columns[column]!;
        log.error(
          'PRECISION',
          series.files[series.fileOf[place]!]!,
          message,
          series.rowOf[place],
          series.fields[field],
        );
      }
      return none;
    };
    settled.set(symbol, {
      prices: settle(['open', 'high', 'low', 'close'], precision),
      volumes: settle(['volume'], precision === 'exact' ? 'exact' : 'auto'),
    });
  }
  if (precision === 'exact') {
    for (const { file, chunks } of files) {
      for (const { row, column, text } of chunks.flatMap(({ longNumbers }) => longNumbers)) {
        log.error('PRECISION', file, `${text} would not survive exactly: more than 15 digits`, row, column);
      }
    }
  }
  return settled;
}

/** Warns of digits that were written and are not kept. */
function warnOfShortened(
  own: readonly BarSeries[],
  what: 'prices' | 'volumes',
  { settled: { decimals }, shortened, largestShare }: Settled,
  log: DefectLog,
): void {
  if (shortened === 0) return;
  const files = [...new Set(own.flatMap((series) => series.files))].join(', ');
  const share = `up to ${Number(largestShare.toPrecision(2))} of the value`;
  const why = `all ${what} of an asset share one number of decimals, here ${decimals}, of ${EXACT_DIGITS} digits in all`;
  log.warning('PRECISION', files, `${shortened} ${what} of ${own[0]!.symbol} lost digits, ${share}: ${why}`);
}
