import type { SweepRow } from './reference-workloads.js';

/** The figures of one run that must equal the reference's. */
export interface Figures {
  readonly equity: number;
  readonly fills: number;
  readonly sharpe: number;
  readonly maxDrawdown: number;
}

/** What is published of a run. */
export type Published = Pick<Figures, 'equity' | 'fills'> & Partial<Figures>;

/** An arm computed something else: its time means nothing. */
export class UnequalError extends Error {
  override readonly name = 'UnequalError';
}

const isWithin = (distance: number, bound: number): boolean => Math.abs(distance) <= bound;

/**
 * Returns what is wrong with a run's figures, or undefined: fills equal, equity within 1e-7 relative, Sharpe ratio and drawdown
 * within 1e-6. A figure that is not a number is wrong.
 */
export function differenceOf(found: Figures, expected: Published): string | undefined {
  if (found.fills !== expected.fills) return `${found.fills} fills, not ${expected.fills}`;
  if (!isWithin(found.equity / expected.equity - 1, 1e-7))
    return `final equity ${found.equity}, not ${expected.equity}`;
  for (const figure of ['sharpe', 'maxDrawdown'] as const) {
    const value = expected[figure];
    if (value !== undefined && !isWithin(found[figure] - value, 1e-6)) {
      return `${figure} ${found[figure]}, not ${value}`;
    }
  }
  return undefined;
}

/** Compares a sweep with the published one, row by row. @throws UnequalError that names the arm, the first wrong row and the figure */
export function assertSameSweep(arm: string, found: readonly SweepRow[], expected: readonly SweepRow[]): void {
  if (found.length !== expected.length) {
    throw new UnequalError(`${arm}: ${found.length} combinations, not ${expected.length}`);
  }
  for (const [index, row] of expected.entries()) {
    const { fast, slow, threshold } = row;
    const other = found[index]!;
    const at = `${arm}, combination ${index} (${fast}, ${slow}, ${threshold})`;
    if (other.fast !== fast || other.slow !== slow || other.threshold !== threshold) {
      throw new UnequalError(`${at}: it ran (${other.fast}, ${other.slow}, ${other.threshold})`);
    }
    const difference = differenceOf(other, row);
    if (difference !== undefined) throw new UnequalError(`${at}: ${difference}`);
  }
}

/** What one window of a walk-forward picked and came to. */
export interface WindowFigures {
  /** Fast, slow, threshold. */
  readonly params: readonly [number, number, number];
  /** Final equity of the test. */
  readonly equity: number;
}

/** Compares a walk-forward with the published one, window by window. @throws UnequalError that names the arm, the window and the figure */
export function assertSameWindows(
  arm: string,
  found: readonly WindowFigures[],
  expected: readonly WindowFigures[],
): void {
  if (found.length !== expected.length)
    throw new UnequalError(`${arm}: ${found.length} windows, not ${expected.length}`);
  for (const [index, { params, equity }] of expected.entries()) {
    const other = found[index]!;
    const at = `${arm}, window ${index + 1}`;
    if (other.params.join() !== params.join()) {
      throw new UnequalError(`${at}: it picked (${other.params.join(', ')}), not (${params.join(', ')})`);
    }
    if (!isWithin(other.equity / equity - 1, 1e-7)) {
      throw new UnequalError(`${at}: final equity ${other.equity}, not ${equity}`);
    }
  }
}
