import { UsageError } from '../core/errors.js';
import { composed, savingOf } from './composition.js';

/** A change that may make something faster. */
export interface SequentialStep {
  readonly name: string;
  /** Share of the time that it is expected to save: the largest is tried first; equal ones in their order. */
  readonly expected: number;
}

/** How a step came out, measured on top of all that were accepted before it. */
export type StepOutcome =
  | { readonly verdict: 'accepted'; readonly timeRatio: number }
  | { readonly verdict: 'rejected'; readonly reason: string; readonly timeRatio?: number | undefined };

/** When to stop. */
export interface StopRule {
  /** Share of the time to save in all. @defaultValue 0.9 */
  readonly goal?: number | undefined;
  /** Savings below this are small. @defaultValue 0.02 */
  readonly small?: number | undefined;
  /** So many small savings in a row end the evaluation; a rejected step saves nothing. @defaultValue 2 */
  readonly row?: number | undefined;
}

/** What became of a step. */
export interface SequentialEntry<S extends SequentialStep> {
  readonly step: S;
  readonly verdict: 'accepted' | 'rejected' | 'skipped';
  /** Why it was rejected or skipped. */
  readonly reason: string | undefined;
  /** Its own speed-up; undefined where it was not measured. */
  readonly timeRatio: number | undefined;
  /** Speed-up of all accepted ones up to here, multiplied. */
  readonly cumulativeTimeRatio: number;
}

/** What {@link evaluateInRankOrder} returns. */
export interface SequentialResult<S extends SequentialStep> {
  /** In rank order. */
  readonly entries: readonly SequentialEntry<S>[];
  /** Of all accepted steps, multiplied. */
  readonly timeRatio: number;
  readonly saved: number;
  readonly goal: number;
  readonly isGoalReached: boolean;
  readonly stopped: 'goal-reached' | 'diminishing-returns' | 'all-evaluated';
}

/**
 * Tries changes one by one in the order of what is expected of them, each on top of those that were accepted, until the goal is reached or
 * the last ones were hardly worth it. What is left is skipped.
 *
 * @param evaluate measures a step against the accepted ones before it
 * @throws UsageError `OUT_OF_RANGE` for a goal outside 0 to 1; what `evaluate` throws
 */
export async function evaluateInRankOrder<S extends SequentialStep>(
  steps: readonly S[],
  evaluate: (step: S, accepted: readonly S[]) => StepOutcome | Promise<StepOutcome>,
  { goal = 0.9, small = 0.02, row = 2 }: StopRule = {},
): Promise<SequentialResult<S>> {
  if (!(goal > 0 && goal < 1)) {
    throw new UsageError('OUT_OF_RANGE', {
      message: `The goal is the share of time to save, above 0 and below 1, not ${goal}.`,
      details: { goal },
    });
  }
  const ranked = steps.toSorted((a, b) => b.expected - a.expected);
  const entries: SequentialEntry<S>[] = [];
  const accepted: S[] = [];
  let cumulative = 1;
  let smallInARow = 0;
  let stopped: SequentialResult<S>['stopped'] = 'all-evaluated';
  for (const step of ranked) {
    if (stopped !== 'all-evaluated') {
      const reason = stopped === 'goal-reached' ? 'the goal was reached before' : 'the steps before saved too little';
      entries.push({
        step,
        verdict: 'skipped',
        reason,
        timeRatio: undefined,
        cumulativeTimeRatio: cumulative,
      });
      continue;
    }
    const outcome = await evaluate(step, [...accepted]);
    const isAccepted = outcome.verdict === 'accepted';
    if (isAccepted) {
      accepted.push(step);
      cumulative = composed([cumulative, outcome.timeRatio]);
    }
    entries.push({
      step,
      verdict: outcome.verdict,
      reason: isAccepted ? undefined : outcome.reason,
      timeRatio: outcome.timeRatio,
      cumulativeTimeRatio: cumulative,
    });
    smallInARow = isAccepted && savingOf(outcome.timeRatio) >= small ? 0 : smallInARow + 1;
    if (savingOf(cumulative) >= goal) stopped = 'goal-reached';
    else if (smallInARow >= row) stopped = 'diminishing-returns';
  }
  const saved = savingOf(cumulative);
  return { entries, timeRatio: cumulative, saved, goal, isGoalReached: saved >= goal, stopped };
}
