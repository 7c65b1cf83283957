import { normalCdf } from '../../src/core/normal.js';

/**
 * Returns the probability that `small` lies as far below `large` as it does when both come from one law: Mann and Whitney (1947), one
 * side, by the normal law with the correction for ties and continuity. Good from about 10 values a side on.
 */
export function smallerBy(small: readonly number[], large: readonly number[]): number {
  const all = [...small, ...large].sort((a, b) => a - b);
  const rankOf = (value: number): number => (all.indexOf(value) + all.lastIndexOf(value)) / 2 + 1;
  const ranks = small.reduce((sum, value) => sum + rankOf(value), 0);
  const [m, n] = [small.length, large.length];
  const above = ranks - (m * (m + 1)) / 2;
  let ties = 0;
  for (const value of new Set(all)) {
    const count = all.lastIndexOf(value) - all.indexOf(value) + 1;
    ties += count ** 3 - count;
  }
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance === 0 ? 1 : normalCdf((above - (m * n) / 2 + 0.5) / Math.sqrt(variance));
}
