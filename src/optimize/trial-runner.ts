import type { Bundle, BundleHandle } from '../data/bundle.js';
import { BundlePool } from '../data/bundle-pool.js';
import { DirectHistory } from '../data/history.js';
import { CachedHistory } from '../data/history-cache.js';
import { type IndicatorSharing, indicatorSource } from '../engine/indicator-sharing.js';
import { type MarketView, type ViewOptions, viewOf } from '../engine/market-view.js';
import type { GivenParams } from '../engine/params.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { RunStatistics } from '../engine/run-statistics.js';
import { type FullRun, Simulation } from '../engine/simulation.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { importStrategy } from '../engine/strategy-loader.js';
import type { CreateRunner, Runner } from '../parallel/executor.js';
import { evaluateJoined } from './joined-trial.js';
import { type ResolvedObjective, scoreOf } from './objective.js';
import { partsOf } from './partial-data.js';
import type { Fidelity } from './samplers/sampler.js';
import type { TrialResult, TrialTask } from './search.js';
import { keepSessionValues, type SessionValuesHandle } from './session-values.js';
import { ParameterSpace } from './space.js';

/** What a worker needs to run the trials of a study: plain data and shared memory, but for what stays in one thread. */
export interface TrialSetup {
  /** URL of the compiled strategy, or in the caller's own thread the strategy itself. */
  readonly strategy: string | Strategy;
  /** The bundle's handle, or in the caller's own thread the open bundle. */
  readonly bundle: BundleHandle | Bundle;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  /** Scores a result in place of a metric; only in the caller's own thread. */
  readonly score?: ((run: FullRun, params: GivenParams) => number) | undefined;
  readonly seed: number;
  readonly indicators: IndicatorSharing;
  readonly history: 'direct' | 'cached';
  /** Where to keep each trial's account values. @defaultValue nowhere */
  readonly sessionValues?: SessionValuesHandle | undefined;
  /** Which part of the data a trial runs over whose budget is not all of it. @defaultValue all trials run over all of it */
  readonly fidelity?: Fidelity | undefined;
}

/** One pool for the thread: searches and windows over the same bundle open it once. */
const bundles = new BundlePool();

/** Opens market and strategy once; then runs trials one after another, each as if it were the only one. */
export const createRunner: CreateRunner<TrialTask, TrialResult> = async (given) => {
  const setup = given as TrialSetup;
  const { simulation, space, bundle, dispose, parts } = await openTrials(setup);
  const runner: Runner<TrialTask, TrialResult> = {
    run(task) {
      try {
        if (task.budget === 1) return evaluate(simulation, space, setup, task);
        const simulations = parts(task.budget);
        // Account values are those of whole runs.
        const { objective, score, seed } = setup;
        if (simulations.length === 1) return evaluate(simulations[0]!, space, { objective, score, seed }, task);
        return evaluateJoined(simulations, space, setup, task);
      } finally {
        bundle.restore();
      }
    },
    dispose,
  };
  return runner;
};

/** Runs one trial on a simulation and judges it. Throws what the strategy throws. */
export function evaluate(
  simulation: Simulation,
  space: ParameterSpace,
  { objective, score, seed, sessionValues }: Pick<TrialSetup, 'objective' | 'score' | 'seed' | 'sessionValues'>,
  { number, params }: Pick<TrialTask, 'number' | 'params'>,
): TrialResult {
  const started = performance.now();
  const input = { params: space.fromFlat(params) as GivenParams, seed, randomLabels: ['trial', number] };
  const statistics = (): RunStatistics => simulation.statistics();
  const summary = simulation.summary(input);
  const value = score === undefined ? undefined : score(simulation.result(input.params), input.params);
  const { metrics, custom, endingEquity, orders, fills, orderStreamHash } = summary;
  if (sessionValues !== undefined) keepSessionValues(sessionValues, number, simulation.equity);
  const report = {
    metrics: { ...nullable(metrics), ...custom },
    orderStreamHash,
    endingEquity,
    orders,
    fills,
    seconds: (performance.now() - started) / 1000,
  };
  const judged = scoreOf(objective, summary, statistics, value);
  if (judged.state === 'pruned') return { state: 'pruned', reason: judged.reason, ...report };
  return { state: 'complete', values: [judged.value], ...report };
}

/** What trials run on, open until it is disposed of. */
interface OpenTrials {
  readonly simulation: Simulation;
  readonly space: ParameterSpace;
  readonly bundle: Bundle;
  readonly view: MarketView;
  readonly dispose: () => void;
  /** The simulations of a share of the data, made once. */
  readonly parts: (budget: number) => readonly Simulation[];
}

/** Opens the strategy and the market of a setup. */
export async function openTrials(setup: TrialSetup): Promise<OpenTrials> {
  const strategy = typeof setup.strategy === 'string' ? await importStrategy(setup.strategy) : setup.strategy;
  const definition = definitionOf(strategy);
  const lease = isOpen(setup.bundle) ? undefined : bundles.acquire(setup.bundle);
  const bundle = lease?.bundle ?? (setup.bundle as Bundle);
  const view = viewOf(bundle, setup.view);
  const shared = {
    definition,
    run: setup.run,
    indicators: indicatorSource(setup.indicators),
    history: setup.history === 'cached' ? new CachedHistory() : new DirectHistory(),
  };
  const simulation = new Simulation({ ...shared, view });
  const space = new ParameterSpace(definition.parameters);
  const made = new Map<number, readonly Simulation[]>();
  const parts = (budget: number): readonly Simulation[] => {
    let simulations = made.get(budget);
    if (simulations === undefined) {
      const rows = partsOf(view, budget, setup.fidelity ?? { part: 'start' });
      simulations = rows.map((range) => new Simulation({ ...shared, view: { ...view, ...range } }));
      made.set(budget, simulations);
    }
    return simulations;
  };
  return { simulation, space, bundle, view, parts, dispose: () => lease?.[Symbol.dispose]() };
}

function isOpen(bundle: Bundle | BundleHandle): bundle is Bundle {
  return 'groups' in bundle;
}

/** Metrics as JSON holds them: null where one is not available. */
function nullable(metrics: Readonly<Record<string, number | undefined>>): Record<string, number | null> {
  const out: Record<string, number | null> = {};
  for (const name in metrics) out[name] = metrics[name] ?? null;
  return out;
}
