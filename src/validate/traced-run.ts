import { serializeError } from '../core/errors.js';
import { runOnce } from '../engine/backtest.js';
import { rowOfFill } from '../engine/fill-records.js';
import type { MarketView } from '../engine/market-view.js';
import type { GivenParams } from '../engine/params.js';
import type { BacktestResult } from '../engine/result.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { AnyDefinition } from '../engine/strategy.js';
import { type Trace, type TracedFill, TraceRecorder } from './trace.js';

/** What a run is given beside strategy and market. */
export interface TraceInput {
  readonly params: GivenParams;
  readonly seed: number;
  /** Number of the trial whose random stream the run uses. */
  readonly trial: number;
}

/** Runs a strategy once over a view, alone and without caches, and returns what it did, also when it failed on the way. */
export function traceRun(
  definition: AnyDefinition,
  view: MarketView,
  run: ResolvedRunOptions,
  input: TraceInput,
): Trace {
  const recorder = new TraceRecorder(definition);
  try {
    const { result } = runOnce(recorder.definition, view, run, input);
    const { orderStreamHash } = result;
    return { accounts: recorder.accounts(), fills: fillsOf(result), orderStreamHash, failure: undefined };
  } catch (error) {
    const failure = serializeError(error);
    return { accounts: recorder.accounts(), fills: [], orderStreamHash: undefined, failure };
  }
}

const fillsOf = ({ fills }: BacktestResult): TracedFill[] =>
  fills.map((fill) => {
    const { quantity, price, fee } = fill.exact;
    return { row: rowOfFill(fill), text: `${fill.asset.symbol} ${quantity} at ${price}, fee ${fee}` };
  });
