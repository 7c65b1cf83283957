import { HindcastError, UsageError } from '../core/errors.js';
import type { Bundle, BundleHandle } from '../data/bundle.js';
import { CacheLedger, type CacheLedgerHandle } from '../engine/cache-ledger.js';
import type { IndicatorSharing } from '../engine/indicator-sharing.js';
import type { ViewOptions } from '../engine/market-view.js';
import type { OptimizationSettings } from '../engine/optimization-config.js';
import type { GivenParams } from '../engine/params.js';
import { chooseCaches } from '../engine/run-caches.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { StatisticsOfRun } from '../engine/run-statistics.js';
import type { FullRun, Simulation } from '../engine/simulation.js';
import { openSimulations, type Simulations } from '../engine/simulations.js';
import { type CustomMetrics, definitionOf, isStrategy, type Strategy } from '../engine/strategy.js';
import { type CompiledStrategy, importStrategy } from '../engine/strategy-loader.js';
import type { MetricName, Metrics } from '../metrics/summary.js';
import type { CreateRunner, Runner } from '../parallel/executor.js';
import { evaluateJoined } from './joined-trial.js';
import { type MidwayTerms, MidwayWatch } from './midway.js';
import { type OwnValue, type ResolvedObjective, type Score, scoreOf } from './objective.js';
import { partsOf } from './partial-data.js';
import type { Fidelity } from './samplers/sampler.js';
import type { TrialResult, TrialTask } from './search.js';
import { keepSessionValues, type SessionValuesHandle } from './session-values.js';
import { SHARE_LACKS } from './share-text.js';
import { ParameterSpace } from './space.js';

/** Where a worker imports a strategy from, and which file of the user's errors name. */
export type StrategyPlace = Pick<CompiledStrategy, 'url' | 'path'>;

/** Returns the strategy of a setup. Throws as {@link importStrategy} does. */
export const strategyOf = (strategy: StrategyPlace | Strategy): Strategy | Promise<Strategy> =>
  isStrategy(strategy) ? strategy : importStrategy(strategy.url, strategy.path);

/** What a worker needs to run the trials of a study: plain data and shared memory, but for what stays in one thread. */
export interface TrialSetup {
  /** Where the compiled strategy lies, or in the caller's own thread the strategy itself. */
  readonly strategy: StrategyPlace | Strategy;
  /** The bundle's handle, or in the caller's own thread the open bundle. */
  readonly bundle: BundleHandle | Bundle;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  /** Scores a result in place of a metric; only in the caller's own thread. */
  readonly score?: ((run: FullRun, params: GivenParams) => OwnValue) | undefined;
  readonly seed: number;
  readonly indicators: IndicatorSharing;
  /** Which caches runs use. */
  readonly optimization: OptimizationSettings;
  /** Where they say what they did. */
  readonly ledger: CacheLedgerHandle;
  /** Where to keep each trial's account values. @defaultValue nowhere */
  readonly sessionValues?: SessionValuesHandle | undefined;
  /** Which part of the data a trial runs over whose budget is not all of it. @defaultValue all trials run over all of it */
  readonly fidelity?: Fidelity | undefined;
  /** How a run is looked at before its end. @defaultValue not at all */
  readonly midway?: MidwayTerms | undefined;
}

/** Shares of the data whose simulations a worker keeps ready: a search has few. */
const SHARES_KEPT = 16;

/** Opens market and strategy once; then runs trials one after another, each as if it were the only one. */
export const createRunner: CreateRunner<TrialTask, TrialResult> = async (given) => {
  const setup = given as TrialSetup;
  const trials = await openTrials(setup, SHARES_KEPT);
  const { simulations, space } = trials;
  const fidelity = setup.fidelity ?? { part: 'start' };
  // What the market cannot give is the search's error, not that of each trial.
  simulations.use(
    1,
    (view) => [view],
    () => {},
  );
  const run = (task: TrialTask): TrialResult =>
    simulations.use(
      task.budget,
      (view) => partsOf(view, task.budget, fidelity, setup.run),
      (parts) => {
        if (task.budget === 1) return evaluate(parts[0]!, space, setup, task);
        // Account values are those of whole runs.
        const { sessionValues: _whole, objective, ...partly } = setup;
        // Requirements such as a number of trades are of whole runs too.
        const { require: _ofWholeRuns, ...ranking } = objective;
        if (parts.length === 1) return evaluate(parts[0]!, space, { ...partly, objective: ranking }, task);
        return evaluateJoined(parts, space, { ...partly, objective: ranking }, task);
      },
    );
  const runner: Runner<TrialTask, TrialResult> = {
    run: (task) => {
      try {
        return run(task);
      } catch (error) {
        throw task.budget < 1 ? ofShare(error, fidelity) : error;
      }
    },
    dispose: () => trials[Symbol.dispose](),
  };
  return runner;
};

/** What a strategy cannot do without on a share of the data, by the error that it then meets. */
const LACKS: Partial<Record<Fidelity['part'], string>> = {
  symbols: 'UNKNOWN_SYMBOL',
  frequency: 'UNSUPPORTED_FREQUENCY',
};

/** The error of a trial over part of the data: where the part lacks what the strategy asks for, and all of it does not, it says so. */
function ofShare(error: unknown, fidelity: Fidelity): unknown {
  const { part } = fidelity;
  if (!(error instanceof HindcastError) || error.code !== LACKS[part]) return error;
  if (part === 'symbols' && !fidelity.order.some((symbol) => symbol === error.details.name)) return error;
  return new UsageError(SHARE_LACKS, {
    message: `${error.message} Trials over part of the data have fewer symbols or longer bars: let a share of it be windows (--part windows).`,
    details: { ...error.details, part },
    cause: error,
  });
}

/** Runs one trial on a simulation and judges it. Throws what the strategy throws. */
export function evaluate(
  simulation: Simulation,
  space: ParameterSpace,
  {
    objective,
    score,
    seed,
    sessionValues,
    midway,
  }: Pick<TrialSetup, 'objective' | 'score' | 'seed' | 'sessionValues' | 'midway'>,
  { number, params, rule }: Pick<TrialTask, 'number' | 'params' | 'rule'>,
): TrialResult {
  const input = { params: space.fromFlat(params) as GivenParams, seed, randomLabels: ['trial', number] };
  const statistics = (): StatisticsOfRun => simulation.statistics();
  const watch = midway && new MidwayWatch(simulation, midway, objective, rule);
  const summary =
    watch === undefined ? simulation.summary(input) : simulation.summaryUnless(input, watch.bars, watch.stops);
  const seen = watch === undefined || watch.intermediate.length === 0 ? {} : { intermediate: watch.intermediate };
  if (summary === undefined) {
    const { share: stoppedAt, ...ending } = watch!.ending;
    return { state: 'pruned', ...ending, ...seen, stoppedAt };
  }
  const own = score?.(simulation.result(input.params), input.params);
  if (sessionValues !== undefined)
    keepSessionValues(sessionValues, number, (ends, into) => simulation.sessionValues(ends, into));
  const { metrics, custom, endingEquity, orders, fills, orderStreamHash } = summary;
  const broken = watch?.finish();
  const judged: Score =
    broken === undefined
      ? scoreOf(objective, summary, statistics, own)
      : { state: 'pruned', reason: broken, broken: true };
  const report = { metrics: asJson(metrics, custom), orderStreamHash, endingEquity, orders, fills, ...seen };
  if (judged.state === 'complete') return { state: 'complete', values: judged.values, ...report };
  return { state: 'pruned', reason: judged.reason, ...(judged.broken && { stoppedAt: 1 }), ...report };
}

/** What trials run on, open until it is disposed of. */
interface OpenTrials extends Disposable {
  readonly simulations: Simulations;
  readonly space: ParameterSpace;
}

/** Opens the strategy and the market of a setup. @param keep ranges of rows whose simulations are kept at most */
export async function openTrials(setup: TrialSetup, keep: number): Promise<OpenTrials> {
  const strategy = await strategyOf(setup.strategy);
  const definition = definitionOf(strategy);
  const { bundle, view, run, indicators, optimization: settings, ledger } = setup;
  const caches = chooseCaches({ settings, bundle, indicators, ledger: new CacheLedger(ledger) });
  const simulations = openSimulations({ definition, bundle, view, run, caches }, keep);
  return {
    simulations,
    space: new ParameterSpace(definition.parameters),
    [Symbol.dispose]() {
      simulations[Symbol.dispose]();
      caches[Symbol.dispose]();
    },
  };
}

/** Metrics as JSON holds them: null where one is not available. */
function asJson(metrics: Metrics, custom: CustomMetrics): Record<string, number | null> {
  // One object of one shape: built name by name it would cost as much as a fill.
  const ours: Record<MetricName, number | null> = {
    totalReturn: metrics.totalReturn ?? null,
    annualReturn: metrics.annualReturn ?? null,
    annualVolatility: metrics.annualVolatility ?? null,
    sharpe: metrics.sharpe ?? null,
    sortino: metrics.sortino ?? null,
    calmar: metrics.calmar ?? null,
    maxDrawdown: metrics.maxDrawdown ?? null,
    winRate: metrics.winRate ?? null,
    profitFactor: metrics.profitFactor ?? null,
    trades: metrics.trades ?? null,
  };
  return { ...ours, ...custom };
}
