import type { RunView } from '../engine/market-view.js';
import type { Fidelity } from './samplers/sampler.js';

/** Returns a share of the data in words, such as `11.1 % of the data`. */
export const shareText = (budget: number): string => `${Number((budget * 100).toPrecision(3))} % of the data`;

/** Rows of an axis: the first, and the one behind the last. */
export interface PartRows {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the rows that a share of a run's bars is: its first ones, or windows of equal length, each in the middle of its part of the run. At least one bar each;
 * windows that would touch are one run of the whole.
 *
 * @param budget above 0, at most 1, of which the run itself is the part
 */
export function partsOf({ from, to }: Pick<RunView, 'from' | 'to'>, budget: number, fidelity: Fidelity): PartRows[] {
  const bars = to - from;
  if (budget >= 1) return [{ from, to }];
  if (fidelity.part === 'start') return [{ from, to: from + Math.max(1, Math.round(budget * bars)) }];
  const count = Math.min(fidelity.count, bars);
  const length = Math.max(1, Math.round((budget * bars) / count));
  if (length * count >= bars) return [{ from, to }];
  return Array.from({ length: count }, (_, window) => {
    const [low, high] = [window, window + 1].map((edge) => from + Math.round((edge * bars) / count)) as [
      number,
      number,
    ];
    const first = Math.min(high - length, low + Math.floor((high - low - length) / 2));
    return { from: first, to: first + length };
  });
}
