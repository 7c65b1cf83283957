import { sha256 } from '../core/hash.js';
import { canonicalJson } from '../core/json.js';
import { backtest } from '../engine/backtest.js';
import type { ParameterMap, ParamsInput } from '../engine/parameters.js';
import type { BacktestResult } from '../engine/result.js';
import type { Strategy } from '../engine/strategy.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import { type StudyReport, searchLoaded } from '../optimize/study-run.js';
import type { FinishedTrial } from '../optimize/trial.js';
import type { RecordingSink } from '../profiling/recorder.js';
import type { Work, WorkResult } from './work.js';

/**
 * Does the work as often as it says, and returns what is left to describe of the last time: reading it takes no part in the time.
 *
 * @param profile takes what worker threads record of themselves. @defaultValue nothing is recorded
 */
export async function doWork(
  work: Work,
  compiled: CompiledStrategy & { readonly strategy: Strategy },
  profile?: RecordingSink,
): Promise<() => Promise<WorkResult>> {
  const once = work.search === undefined ? runOnce : searchOnce;
  let describe: (() => Promise<WorkResult>) | undefined;
  for (let time = 0; time < work.repeat; time++) describe = await once(work, compiled, profile);
  return describe!;
}

async function runOnce(
  { market, params, seed }: Work,
  { strategy }: { readonly strategy: Strategy },
): Promise<() => Promise<WorkResult>> {
  const result = await backtest(strategy, { ...market, params: params as ParamsInput<ParameterMap>, seed });
  return async () => describeRun(result);
}

function describeRun({
  metrics,
  orders,
  fills,
  endingEquity,
  orderStreamHash,
  custom,
}: BacktestResult & {
  readonly custom: Readonly<Record<string, number | null>>;
}): WorkResult {
  const figures = { orders, fills: fills.length, endingEquity: endingEquity.toString(), orderStreamHash };
  return {
    digest: digestOf({ ...figures, metrics: withNulls(metrics), custom: withNulls(custom) }),
    says: `${figures.fills} fills, ending equity ${figures.endingEquity}, order stream ${orderStreamHash.slice(0, 12)}`,
  };
}

async function searchOnce(
  { market, seed, search }: Work,
  compiled: CompiledStrategy & { readonly strategy: Strategy },
  profile?: RecordingSink,
): Promise<() => Promise<WorkResult>> {
  const { name, trials, objective, jobs } = search!;
  const request = { market, search: name, trials, objective, jobs, seed, profile };
  const { report } = await searchLoaded(compiled.strategy, compiled, request, performance.now());
  return () => describeSearch(report);
}

async function describeSearch({ allTrials, trials, best }: StudyReport): Promise<WorkResult> {
  const outcomes: object[] = [];
  for await (const trial of allTrials()) outcomes.push(outcomeOf(trial));
  const won = best === undefined ? 'none has an objective' : `best #${best.number} with ${best.values[0]}`;
  return {
    digest: digestOf(outcomes),
    says: `${trials.total} trials, ${trials.complete} complete, ${trials.failed} failed, ${won}`,
  };
}

/** A trial without what differs from run to run: times, workers, and which one was a copy. */
function outcomeOf({
  seconds: _,
  worker: __,
  duplicateOf: ___,
  metrics,
  ...outcome
}: FinishedTrial<ParameterMap>): object {
  return { ...outcome, metrics: withNulls(metrics ?? {}) };
}

const withNulls = (figures: object): object =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      Number.isFinite(value) ? value : value === null ? null : String(value),
    ]),
  );

const digestOf = (value: unknown): string => sha256(canonicalJson(value));
