import { assertInteger } from '../core/assert.js';
import { checkKinds, LISTENER } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { DirectHistory } from '../data/history.js';
import { DirectIndicators } from '../indicators/columns.js';
import { CacheLedger, type CacheReport, reportCaches } from './cache-ledger.js';
import type { LogEntry } from './contexts.js';
import { ownIndicators } from './indicator-sharing.js';
import { type MarketOptions, openMarket } from './market.js';
import type { MarketView } from './market-view.js';
import { type OptimizationConfig, settingsOf } from './optimization-config.js';
import type { ParameterMap, ParamsInput, ParamsOf } from './parameters.js';
import type { GivenParams } from './params.js';
import type { BacktestResult } from './result.js';
import { chooseCaches, type RunCaches } from './run-caches.js';
import { type ResolvedRunOptions, RUN_OPTION_KEYS, resolveRunOptions } from './run-options.js';
import { paramsFor, Simulation } from './simulation.js';
import { type AnyDefinition, type CustomMetrics, definitionOf, type Strategy } from './strategy.js';

/** The parameters of a strategy as an option: needed where one of them has no default. */
export type WithParams<P> =
  Record<never, never> extends ParamsInput<P>
    ? { readonly params?: ParamsInput<P> }
    : { readonly params: ParamsInput<P> };

/** What a backtest of a strategy with parameters P and custom metrics M returns. */
export type Result<P, M> = BacktestResult & { readonly params: ParamsOf<P>; readonly custom: M };

/** Options of {@link backtest} beside the parameters. */
export interface BacktestOptions extends MarketOptions {
  /** Seed of `random()`. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Hears what the strategy logs. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** Which caches are used; those of workers have no meaning here. @defaultValue `OptimizationConfig.fromDefaults()` */
  readonly optimization?: OptimizationConfig | undefined;
  /** Hears, after the run, what each flag of `optimization` chose, and how often it helped. @defaultValue nothing is counted */
  readonly onCaches?: ((reports: readonly CacheReport[]) => void) | undefined;
  /** Hears of caches that failed and were done without. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'frequency', 'params', 'seed', ...RUN_OPTION_KEYS],
  ...['optimization', 'onLog', 'onCaches', 'onWarning'],
] as const;

/**
 * Runs a strategy once over a bundle, bar by bar, with exact money.
 *
 * Orders fill at the next bar's opening unless told otherwise. Bars before `start` are readable history; the first
 * decision falls on the first bar from `start` on at which the longest indicator is ready.
 *
 * @throws UsageError for unknown options, bundles, symbols and parameters; RunError when the strategy throws
 */
export async function backtest<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: BacktestOptions & WithParams<P>,
): Promise<Result<P, M>> {
  rejectUnknownKeys('backtest', options, KEYS);
  checkKinds(options, { onLog: LISTENER, onCaches: LISTENER, onWarning: LISTENER });
  const definition = definitionOf(strategy as unknown as Strategy);
  const { bundle, symbols, start, end, frequency, params = {}, seed = 0, ...others } = options;
  const { onLog, onCaches, onWarning, optimization, ...run } = others;
  assertInteger('seed', seed);
  const resolved = resolveRunOptions(run, definition.costs);
  const checked = paramsFor(definition, params as GivenParams);
  const settings = settingsOf(optimization);
  const ledger = CacheLedger.create(onCaches !== undefined);
  using market = openMarket({ bundle, symbols, start, end, frequency }, settings, ledger);
  const { view } = market;
  const indicators = ownIndicators(settings.indicatorCache);
  using caches = chooseCaches({ settings, bundle: view.bundle, indicators, ledger });
  const input = { params: checked, seed, trial: 0, onLog };
  const { result, custom } = runOnce(definition, view, resolved, input, caches);
  caches.tell();
  market.tell();
  for (const warning of ledger.warnings()) onWarning?.(warning);
  const chosen = { sharedBundle: view.bundle.sharing, persistentPool: 'this thread' };
  onCaches?.(reportCaches(ledger, settings, view.bundle.name, chosen));
  // Assigned, not spread: the list of fills stays unmade until somebody asks for it.
  return Object.assign(result, { params: checked as ParamsOf<P>, custom: custom as M });
}

/**
 * Runs a definition once over a view.
 *
 * @param caches what the run reads through. @defaultValue nothing is cached or shared: what every faster way must equal
 */
export function runOnce(
  definition: AnyDefinition,
  view: MarketView,
  run: ResolvedRunOptions,
  input: {
    readonly params: GivenParams;
    readonly seed: number;
    /** Number of the trial whose random stream the run uses. */
    readonly trial: number;
    readonly onLog?: ((entry: LogEntry) => void) | undefined;
  },
  caches?: Pick<RunCaches, 'settings' | 'indicators' | 'history'>,
): { readonly result: BacktestResult; readonly custom: CustomMetrics } {
  const { params, seed, trial, onLog } = input;
  const simulation = new Simulation({
    definition,
    view,
    run,
    indicators: caches?.indicators ?? new DirectIndicators(),
    history: caches?.history ?? new DirectHistory(),
    labelled: caches?.settings.arrayReturn === false,
    asksEveryBar: caches?.settings.quietBars !== true,
  });
  try {
    return simulation.full({ params, seed, randomLabels: ['trial', trial], log: onLog });
  } finally {
    view.bundle.restore();
  }
}
