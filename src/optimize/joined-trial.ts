import type { GivenParams } from '../engine/params.js';
import type { Simulation } from '../engine/simulation.js';
import { joinRuns, scoreOfJoined } from './joined-run.js';
import type { TrialResult, TrialTask } from './search.js';
import type { ParameterSpace } from './space.js';
import type { TrialSetup } from './trial-runner.js';

/** A trial over several ranges: each is a run of its own, judged by the curve that they make when laid end to end. */
export function evaluateJoined(
  parts: readonly Simulation[],
  space: ParameterSpace,
  { objective, seed }: Pick<TrialSetup, 'objective' | 'seed'>,
  { number, params }: Pick<TrialTask, 'number' | 'params'>,
): TrialResult {
  const started = performance.now();
  const given = space.fromFlat(params) as GivenParams;
  const runs = parts.map((simulation, index) => {
    const { result } = simulation.full({ params: given, seed, randomLabels: ['trial', number, 'part', index] });
    return { result, trips: simulation.trips };
  });
  const joined = joinRuns(runs, parts[0]!.annualization);
  const judged = scoreOfJoined(objective, joined);
  const { metrics, orders, fills, orderStreamHash } = joined;
  const report = { metrics, orders, fills, orderStreamHash, seconds: (performance.now() - started) / 1000 };
  if (judged.state === 'pruned') return { state: 'pruned', reason: judged.reason, ...report };
  return { state: 'complete', values: [judged.value], ...report };
}
