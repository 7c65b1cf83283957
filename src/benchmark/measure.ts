import { assertInteger } from '../core/assert.js';
import { RunError } from '../core/errors.js';
import { roundOrders } from './round-order.js';
import { type ArmSamples, type RunSample, refuseFewRuns } from './samples.js';
import type { WorkResult } from './work.js';

/** One run of an arm. */
export interface MeasuredRun {
  readonly sample: RunSample;
  readonly result: WorkResult;
}

/** Something that can be run again and again. */
export interface MeasurableArm {
  readonly name: string;
  run(signal?: AbortSignal): Promise<MeasuredRun>;
  close(): Promise<void>;
}

/** How arms are measured. */
export interface MeasureOptions {
  /** Counted rounds, at least 10. */
  readonly runs: number;
  /** Rounds before them that are not counted, at least 1: the first of them shows that results are equal. */
  readonly warmUp: number;
  /** Decides the order within each round. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each run that ended, out of `(runs + warmUp) * arms`. */
  readonly onRun?: ((done: number, total: number) => void) | undefined;
}

/** What was measured. */
export interface Measurement {
  /** In the order of the arms. */
  readonly arms: readonly ArmSamples[];
  /** Which arm ran when in each counted round, as indexes. */
  readonly orders: readonly (readonly number[])[];
  /** What every single run gave. */
  readonly result: WorkResult;
}

/**
 * Runs arms in rounds, in a random order within each, and keeps what the counted ones took. Every run, those of the warm-up too, must give
 * what the first arm gave first: otherwise nothing is measured. The arms are closed in the end.
 *
 * @throws RunError `RESULTS_DIFFER`, `INTERRUPTED`; UsageError `TOO_FEW_RUNS`; what a run throws
 */
export async function measure(arms: readonly MeasurableArm[], options: MeasureOptions): Promise<Measurement> {
  const { runs, warmUp, seed, signal, onRun } = options;
  refuseFewRuns('runs', runs);
  assertInteger('warmUp', warmUp, { min: 1 });
  // Equality first, and in the order of the arms, so that the baseline is what the others are compared with.
  const orders = [arms.map((_, arm) => arm), ...roundOrders(arms.length, warmUp - 1 + runs, seed)];
  const samples = arms.map((): RunSample[] => []);
  let expected: WorkResult | undefined;
  let done = 0;
  try {
    for (const [round, order] of orders.entries()) {
      for (const arm of order) {
        const { sample, result } = await arms[arm]!.run(signal);
        expected ??= result;
        if (result.digest !== expected.digest) throw different(arms[0]!.name, expected, arms[arm]!.name, result, round);
        if (round >= warmUp) samples[arm]!.push(sample);
        onRun?.(++done, orders.length * arms.length);
      }
    }
  } catch (error) {
    // A process that was ended because of Ctrl-C tells of its death, which is not the reason.
    if (signal?.aborted === true) throw interrupted();
    throw error;
  } finally {
    await Promise.all(arms.map((arm) => arm.close()));
  }
  return {
    arms: arms.map(({ name }, arm) => ({ name, runs: samples[arm]! })),
    orders: orders.slice(warmUp),
    result: expected!,
  };
}

const interrupted = (): RunError =>
  new RunError('INTERRUPTED', { message: 'The benchmark was interrupted. Nothing was kept.' });

function different(base: string, expected: WorkResult, arm: string, found: WorkResult, round: number): RunError {
  const who = arm === base ? `'${arm}' does not repeat itself` : `'${arm}' gives other results than '${base}'`;
  return new RunError('RESULTS_DIFFER', {
    message: `${who}, so that no time of it means anything. '${base}': ${expected.says}. '${arm}' in round ${round + 1}: ${found.says}. Find out why first; no timing is reported.`,
    details: { baseline: base, arm, round: round + 1, expected, found },
  });
}
