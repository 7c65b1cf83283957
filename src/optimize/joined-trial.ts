import type { GivenParams } from '../engine/params.js';
import type { Simulation } from '../engine/simulation.js';
import { joinRuns, type PartialRun, scoreOfJoined } from './joined-run.js';
import { LimitWatch } from './midway.js';
import type { TrialResult, TrialTask } from './search.js';
import type { ParameterSpace } from './space.js';
import type { TrialSetup } from './trial-runner.js';

/** A trial over several ranges: each is a run of its own, judged by the curve that they make when laid end to end. */
export function evaluateJoined(
  parts: readonly Simulation[],
  space: ParameterSpace,
  { objective, seed, midway }: Pick<TrialSetup, 'objective' | 'seed' | 'midway'>,
  { number, params }: Pick<TrialTask, 'number' | 'params'>,
): TrialResult {
  const given = space.fromFlat(params) as GivenParams;
  const runs: PartialRun[] = [];
  const cash = parts[0]!.startingCash;
  const limits = midway && new LimitWatch(cash, midway);
  // Each part goes on from what the one before it ended with.
  let worth = cash;
  for (const [index, simulation] of parts.entries()) {
    const { result } = simulation.full({ params: given, seed, randomLabels: ['trial', number, 'part', index] });
    runs.push({ result, trips: simulation.trips });
    const broken = limits?.add(result.equity, 0, result.equity.length, worth / cash);
    worth = (worth / cash) * (result.equity.at(-1) ?? cash);
    if (broken === undefined) continue;
    const stoppedAt = (index + 1) / parts.length;
    const reason = `stopped after ${index + 1} of ${parts.length} parts of the data: ${broken}`;
    return { state: 'pruned', reason, stoppedAt };
  }
  const joined = joinRuns(runs, parts[0]!.annualization);
  const judged = scoreOfJoined(objective, joined);
  const { metrics, orders, fills, orderStreamHash } = joined;
  const report = { metrics, orders, fills, orderStreamHash };
  if (judged.state === 'pruned') return { state: 'pruned', reason: judged.reason, ...report };
  return { state: 'complete', values: [judged.value], ...report };
}
