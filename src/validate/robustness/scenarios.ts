import { RunError } from '../../core/errors.js';
import { workerEntry } from '../../core/worker-entry-url.js';
import type { ViewOptions } from '../../engine/market-view.js';
import type { ResolvedRunOptions } from '../../engine/run-options.js';
import type { Executor, RunOptions } from '../../parallel/executor.js';
import { InlineExecutor } from '../../parallel/inline-executor.js';
import { runBatch } from '../../parallel/task-source.js';
import type { MarketChange } from './other-markets.js';
import type { ScenarioSetup } from './scenario-runner.js';

/** What one run has otherwise than the run that is examined. */
export interface Scenario {
  /** Parameters in their flat form. */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly run?: Partial<ResolvedRunOptions>;
  readonly view?: ViewOptions;
  readonly market?: MarketChange;
}

/** What a scenario's run found. */
export interface ScenarioFigures {
  readonly metrics: Readonly<Record<string, number | undefined>>;
  /** Exact, a decimal string. */
  readonly endingEquity: string;
  readonly fills: number;
  readonly orderStreamHash: string;
}

/** Runs scenarios of one strategy on an executor: the same for any number of workers. */
export class Scenarios {
  readonly #executor: Executor;
  readonly #setup: ScenarioSetup;
  readonly #options: RunOptions;
  readonly #key = `scenarios (${++opened})`;
  /** Tells how many runs are done, of those asked for so far. */
  onRun: (() => void) | undefined;

  constructor(executor: Executor, setup: ScenarioSetup, options: RunOptions = {}) {
    this.#executor = executor;
    this.#setup = setup;
    this.#options = options;
  }

  /**
   * Returns what each scenario found, in their order.
   * @throws RunError `SCENARIO_FAILED` when the strategy fails in one, `INTERRUPTED`
   */
  async run(scenarios: readonly Scenario[]): Promise<ScenarioFigures[]> {
    const isInline = this.#executor instanceof InlineExecutor;
    const job = {
      key: this.#key,
      module: (isInline
        ? new URL(import.meta.resolve('./scenario-runner.js'))
        : workerEntry(import.meta.url, './scenario-runner.js')
      ).href,
      setup: this.#setup,
    };
    const outcomes = await runBatch<Scenario, ScenarioFigures>(this.#executor, job, scenarios, this.#options);
    return outcomes.map((outcome, index) => {
      if (outcome.state === 'done') return outcome.value;
      throw new RunError('SCENARIO_FAILED', {
        message: `The strategy fails where ${described(scenarios[index]!)}: ${outcome.error.message}`,
        details: { scenario: scenarios[index], code: outcome.error.code },
      });
    });
  }

  /** Lets the executor forget what it keeps for the scenarios. */
  async release(): Promise<void> {
    await this.#executor.release(this.#key);
  }
}

/** Sets of scenarios of this thread: two on one pool have different keys. */
let opened = 0;

const described = ({ params, run, view, market }: Scenario): string =>
  [
    ...(market === undefined ? [] : [`the market has ${market.kind}`]),
    ...Object.entries({ ...params, ...run, ...view }).map(([name, value]) => `${name} is ${String(value)}`),
  ].join(', ') || 'nothing is changed';
