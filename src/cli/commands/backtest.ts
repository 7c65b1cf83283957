import type { Command } from 'commander';
import { formatDate } from '../../core/time.js';
import { BundlePool } from '../../data/bundle-pool.js';
import { BundleStore } from '../../data/store.js';
import { backtest } from '../../engine/backtest.js';
import type { LogEntry } from '../../engine/contexts.js';
import { type ParameterMap, type ParamsInput, parseParams } from '../../engine/parameters.js';
import type { BacktestResult, FillRecord } from '../../engine/result.js';
import type { RoundTripRecord } from '../../engine/round-trip-records.js';
import { definitionOf } from '../../engine/strategy.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { formatCount, formatTime, renderReport, renderTable } from '../../report/index.js';
import { backtestModel, type FinishedBacktest } from '../backtest-model.js';
import { cacheOptions } from '../cache-options.js';
import { checkExportFlags, writeExport } from '../export-files.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { openProfile, PROFILE_HELP, type ProfileResult } from '../profile-option.js';
import { checkReportPath, writeReport } from '../report-file.js';
import type { Session } from '../session.js';
import { counted, metricsDocument, paramsText, resultRows, shortHash } from '../text-blocks.js';
import { assignment, wholeNumber } from '../values.js';

interface Flags extends MarketFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly report?: string;
  readonly export?: string;
  readonly exportAs?: string;
  readonly trades?: true;
  readonly profile?: string;
}

/** Adds `backtest STRATEGY --bundle B`. */
export function registerBacktest(program: Command, session: Session): void {
  const command = program
    .command('backtest')
    .description('Runs a strategy once over a bundle, bar by bar, with exact money.')
    .argument('<strategy>', 'a .ts or .js module whose default export is a strategy');
  addMarketOptions(command)
    .option('--param <name=value>', "a parameter; repeat it (default: the strategy's)", assignment('param'))
    .option('--seed <number>', 'seed of random() (default: 0)', wholeNumber('seed', { min: 0 }))
    .option('--report <file>', 'write an HTML report')
    .option('--export <folder>', 'write fills, round trips, equity and records there')
    .option('--export-as <format>', 'parquet, csv or jsonl (default: parquet)')
    .option('--trades', 'print every fill')
    .option('--profile <folder>', PROFILE_HELP)
    .addHelpText(
      'after',
      `
Orders fill at the next bar's opening unless --fill says otherwise.

Examples:
  $ hindcast backtest examples/sma-crossover.ts --bundle us \\
      --param fast=10 --param slow=50 --param threshold=0.005
  $ hindcast backtest mine.ts --bundle us --symbols AAPL,IBM \\
      --start 2010-01-01 --commission percent:0.001 --report mine.html`,
    )
    .action((strategy: string, flags: Flags) => runBacktest(session, strategy, flags));
}

type Finished = FinishedBacktest & { readonly seconds: number };

async function runBacktest(session: Session, file: string, flags: Flags): Promise<void> {
  const { output, log } = session;
  if (flags.report !== undefined) checkReportPath(flags.report);
  checkExportFlags(flags);
  const profiling = await openProfile(flags.profile);
  const options = marketOptionsOf(flags);
  const { strategy: definition, ...strategy } = await loadStrategy(file);
  const caches = cacheOptions(session);
  const sharing = caches.optimization?.settings.sharedBundle === false ? ({ sharing: 'copied' } as const) : {};
  using pool = new BundlePool({ store: new BundleStore(), ...sharing });
  using lease = pool.acquire(options.bundle);
  const { bundle } = lease;
  log.debug({ event: 'bundle-opened', bundle_name: bundle.name, version: bundle.version, sharing: bundle.sharing });
  const params = parseParams(definition.parameters, flags.param ?? {});
  using profiled = await profiling?.start();
  const begun = performance.now();
  const result = await backtest(definition, {
    ...options,
    bundle,
    params: params as ParamsInput<ParameterMap>,
    seed: flags.seed,
    ...caches,
    onWarning: (message) => output.warn(message),
    onLog: (entry) => tellLog(session, entry),
  });
  const seconds = (performance.now() - begun) / 1000;
  const bars = { name: 'bar', count: result.times.length } as const;
  const profile = await profiled?.finish(`${strategy.name} on ${bundle.name} ${shortHash(bundle.version)}`, bars);
  log.info({ event: 'backtest-finished', strategy: strategy.name, seconds, orders: result.orders });
  const { name, version, manifest } = bundle;
  const { costs } = definitionOf(definition);
  const finished: Finished = { strategy, bundle: { name, version, manifest }, params, result, seconds, costs };
  if (flags.report !== undefined) {
    const model = backtestModel(finished, flags);
    writeReport(flags.report, renderReport({ ...model, profile: profile?.report }));
  }
  const exported = await writeExport(result, flags);
  const document = { ...documentOf(finished), ...(profile === undefined ? {} : { profile: profile.document }) };
  output.result(
    flags.trades
      ? { ...document, trades: result.fills.map(fillDocument), roundTrips: result.roundTrips().map(tripDocument) }
      : document,
    () => textOf(session, finished, flags, profile),
  );
  if (flags.report !== undefined) output.note(`Report: ${flags.report}`);
  for (const note of exported) output.note(note);
}

function documentOf({ strategy, bundle, params, result, seconds }: Finished) {
  return {
    strategy: strategy.name,
    bundle: { name: bundle.name, version: bundle.version },
    params,
    start: dateAt(result, 0),
    end: dateAt(result, result.times.length - 1),
    bars: result.times.length,
    currency: result.currency,
    startingCash: result.startingCash.toString(),
    endingEquity: result.endingEquity.toString(),
    ...(result.financing.isZero() ? {} : { financing: result.financing.toString() }),
    orders: result.orders,
    fills: result.fills.length,
    metrics: metricsDocument(result.metrics),
    statistics: metricsDocument({ ...result.statistics() }),
    ...(Object.keys(result.custom).length === 0 ? {} : { custom: metricsDocument(result.custom) }),
    orderStreamHash: result.orderStreamHash,
    seconds,
  };
}

const dateAt = ({ times }: BacktestResult, row: number): string => formatDate(times[row]!);

const fillDocument = ({ time, asset, quantity, exact }: FillRecord) => ({
  time: new Date(time).toISOString(),
  symbol: asset.symbol,
  side: quantity < 0 ? 'sell' : 'buy',
  quantity: exact.quantity.abs().toString(),
  price: exact.price.toString(),
  fee: exact.fee.toString(),
});

/** Statistics for the table: without those of a benchmark where none is given. */
const shownStatistics = (statistics: Readonly<Record<string, number | null>>): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(statistics).filter(
      ([name, value]) => value !== null || !['alpha', 'beta', 'benchmarkReturn'].includes(name),
    ),
  );

const tripDocument = (trip: RoundTripRecord) => ({
  symbol: trip.asset.symbol,
  side: trip.side,
  quantity: trip.quantity.toString(),
  entryTime: new Date(trip.entryTime).toISOString(),
  entryPrice: trip.exact.entryPrice.toString(),
  exitTime: new Date(trip.exitTime).toISOString(),
  exitPrice: trip.exact.exitPrice.toString(),
  bars: trip.bars,
  commission: trip.commission.toString(),
  profit: trip.profit.toString(),
  return: trip.return,
  mae: trip.mae,
  mfe: trip.mfe,
});

function textOf({ output }: Session, finished: Finished, flags: Flags, profile: ProfileResult | undefined): string {
  const { strategy, bundle, params, result, seconds } = finished;
  const document = documentOf(finished);
  const style = { width: output.width, color: output.color };
  const rows = [
    ...resultRows(document.startingCash, document.endingEquity, {
      ...document.metrics,
      ...shownStatistics(document.statistics),
      ...document.custom,
    }),
    ['Orders', formatCount(document.orders)],
    ['Fills', formatCount(document.fills)],
  ];
  return [
    `${strategy.name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.manifest.synthetic ? ' (synthetic)' : ''}`,
    `${document.start} to ${document.end}, ${counted(document.bars, 'bar')}`,
    ...(Object.keys(params).length === 0 ? [] : [paramsText(params)]),
    '',
    renderTable(
      [
        { header: 'result', whole: true },
        { header: 'value', align: 'right' },
      ],
      rows,
      style,
    ),
    ...(flags.trades ? ['', fillsTable(result.fills, style)] : []),
    '',
    `Order stream ${shortHash(result.orderStreamHash)}, ${seconds.toFixed(3)} s`,
    ...(profile === undefined ? [] : ['', profile.text(output)]),
  ].join('\n');
}

function fillsTable(fills: readonly FillRecord[], style: { readonly width: number; readonly color: boolean }): string {
  if (fills.length === 0) return 'No fills.';
  return renderTable(
    [
      { header: 'time (UTC)', whole: true },
      { header: 'symbol', whole: true },
      { header: 'side', whole: true },
      { header: 'quantity', align: 'right' },
      { header: 'price', align: 'right' },
      { header: 'fee', align: 'right' },
    ],
    fills.map((fill) => {
      const { symbol, side, quantity, price, fee } = fillDocument(fill);
      return [formatTime(fill.time), symbol, side, quantity, price, fee];
    }),
    style,
  );
}

function tellLog({ output, log }: Session, { time, message, facts }: LogEntry): void {
  if (log.isLevelEnabled('info')) log.info({ event: 'strategy-log', at: formatTime(time), ...facts }, message);
  else output.note(`${formatTime(time)} ${message}${Object.keys(facts).length === 0 ? '' : ` ${paramsText(facts)}`}`);
}
