import { rejectUnknownKeys } from '../core/suggest.js';
import { DirectHistory } from '../data/history.js';
import { DirectIndicators } from '../indicators/columns.js';
import type { LogEntry } from './contexts.js';
import { type MarketOptions, openMarket } from './market.js';
import type { MarketView } from './market-view.js';
import type { ParameterMap, ParamsInput, ParamsOf } from './parameters.js';
import type { GivenParams } from './params.js';
import type { BacktestResult } from './result.js';
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
}

const KEYS = ['bundle', 'symbols', 'start', 'end', 'frequency', 'params', 'seed', 'onLog', ...RUN_OPTION_KEYS] as const;

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
  const definition = definitionOf(strategy as unknown as Strategy);
  const { bundle, symbols, start, end, frequency, params = {}, seed = 0, onLog, ...run } = options;
  const resolved = resolveRunOptions(run, definition.costs);
  const checked = paramsFor(definition, params as GivenParams);
  using market = openMarket({ bundle, symbols, start, end, frequency });
  const { result, custom } = runOnce(definition, market.view, resolved, { params: checked, seed, trial: 0, onLog });
  // Assigned, not spread: the list of fills stays unmade until somebody asks for it.
  return Object.assign(result, { params: checked as ParamsOf<P>, custom: custom as M });
}

/** Runs a definition once over a view with nothing cached or shared: what every faster way must equal. */
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
): { readonly result: BacktestResult; readonly custom: CustomMetrics } {
  const { params, seed, trial, onLog } = input;
  const simulation = new Simulation({
    definition,
    view,
    run,
    indicators: new DirectIndicators(),
    history: new DirectHistory(),
  });
  try {
    return simulation.full({ params, seed, randomLabels: ['trial', trial], log: onLog });
  } finally {
    view.bundle.restore();
  }
}
