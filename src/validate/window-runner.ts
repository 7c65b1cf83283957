import type { Bundle } from '../data/bundle.js';
import { BundlePool } from '../data/bundle-pool.js';
import { DirectHistory } from '../data/history.js';
import { indicatorSource } from '../engine/indicator-sharing.js';
import { type MarketView, viewOf } from '../engine/market-view.js';
import { Simulation } from '../engine/simulation.js';
import { type AnyDefinition, definitionOf } from '../engine/strategy.js';
import { importStrategy } from '../engine/strategy-loader.js';
import { evaluateJoined } from '../optimize/joined-trial.js';
import type { TrialResult, TrialTask } from '../optimize/search.js';
import { ParameterSpace } from '../optimize/space.js';
import { evaluate, type TrialSetup } from '../optimize/trial-runner.js';
import type { CreateRunner, Runner } from '../parallel/executor.js';
import type { RowRange } from './span.js';

/** The parts of windows on which parameters are chosen. Test rows are not among them: no worker knows where they are. */
export interface ChoosingRows {
  readonly train: readonly RowRange[];
  readonly validate: RowRange | undefined;
}

/** What a worker needs to run the trials of all windows. */
export interface WindowSetup extends TrialSetup {
  /** By place, from 0. */
  readonly windows: readonly ChoosingRows[];
}

/** A trial of one window. */
export interface WindowTask extends TrialTask {
  /** Place of the window, from 0. */
  readonly window: number;
  readonly part: 'train' | 'validate';
}

/** Windows whose simulations a worker keeps ready: several are searched at a time. */
const WINDOWS_KEPT = 16;

const bundles = new BundlePool();

/** Opens market and strategy once for all windows; then runs trials, each as if it were the only one. */
export const createRunner: CreateRunner<WindowTask, TrialResult> = async (given) => {
  const setup = given as WindowSetup;
  const strategy = typeof setup.strategy === 'string' ? await importStrategy(setup.strategy) : setup.strategy;
  const definition = definitionOf(strategy);
  const lease = 'groups' in setup.bundle ? undefined : bundles.acquire(setup.bundle);
  const bundle = lease?.bundle ?? (setup.bundle as Bundle);
  const space = new ParameterSpace(definition.parameters);
  const simulations = new WindowSimulations(definition, viewOf(bundle, setup.view), setup);
  const runner: Runner<WindowTask, TrialResult> = {
    run(task) {
      const parts = simulations.of(task.window, task.part);
      try {
        if (parts.length === 1) return evaluate(parts[0]!, space, setup, task);
        return evaluateJoined(parts, space, setup, task);
      } finally {
        bundle.restore();
      }
    },
    dispose: () => lease?.[Symbol.dispose](),
  };
  return runner;
};

/** The simulations of windows, one for each range of rows; made when they are wanted. All share one source of indicators. */
class WindowSimulations {
  readonly #kept = new Map<string, readonly Simulation[]>();
  readonly #make: (range: RowRange) => Simulation;
  readonly #windows: readonly ChoosingRows[];

  constructor(definition: AnyDefinition, view: MarketView, { run, indicators, windows }: WindowSetup) {
    const source = indicatorSource(indicators);
    const history = new DirectHistory();
    this.#windows = windows;
    this.#make = (range) =>
      new Simulation({ definition, view: { ...view, ...range }, run, indicators: source, history });
  }

  of(window: number, part: WindowTask['part']): readonly Simulation[] {
    const key = `${window} ${part}`;
    let parts = this.#kept.get(key);
    if (parts === undefined) {
      const { train, validate } = this.#windows[window]!;
      parts = (part === 'train' ? train : [validate!]).map(this.#make);
    } else this.#kept.delete(key);
    // The one used last stands last.
    this.#kept.set(key, parts);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= WINDOWS_KEPT) break;
      this.#kept.delete(oldest);
    }
    return parts;
  }
}
