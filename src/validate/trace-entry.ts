import { serializeError } from '../core/errors.js';
import { openMarket } from '../engine/market.js';
import type { ViewOptions } from '../engine/market-view.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import { paramsFor } from '../engine/simulation.js';
import { definitionOf } from '../engine/strategy.js';
import { importStrategy } from '../engine/strategy-loader.js';
import type { StrategyPlace } from '../optimize/trial-runner.js';
import type { CreateRunner } from '../parallel/executor.js';
import type { Trace } from './trace.js';
import { type TraceInput, traceRun } from './traced-run.js';

/** One run of a strategy in a thread of its own. */
export interface TraceTask {
  /** Where the compiled strategy lies. */
  readonly strategy: StrategyPlace;
  /** A store that holds one bundle, the market of this run. */
  readonly home: string;
  /** Its name. */
  readonly bundle: string;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly input: TraceInput;
}

/**
 * Runs strategies whose whole world is another market: before the strategy is loaded, the store of the thread becomes the one of the task,
 * so that a strategy that opens the bundle by itself meets the same bars as the engine.
 */
export const createRunner: CreateRunner<TraceTask, Trace> = () => ({
  async run({ strategy, home, bundle, view, run, input }) {
    // A thread has an environment of its own, a copy of the process's.
    process.env.HINDCAST_HOME = home;
    try {
      const definition = definitionOf(await importStrategy(strategy.url, strategy.path));
      using market = openMarket({ bundle, ...view });
      return traceRun(definition, market.view, run, { ...input, params: paramsFor(definition, input.params) });
    } catch (error) {
      return { accounts: [], fills: [], orderStreamHash: undefined, failure: serializeError(error) };
    }
  },
});
