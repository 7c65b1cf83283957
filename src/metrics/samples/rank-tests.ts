import { assertFinite, assertOneOf } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { normalTail } from '../../core/normal.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';

/** A statistic and the probability, either way, of one at least as far out where there is no difference. */
export interface RankTest {
  readonly statistic: number;
  readonly p: number;
}

/**
 * Compares two samples by ranks (Mann and Whitney 1947). The statistic is U of the first: pairs in which it is the larger one, ties half.
 *
 * @param method `exact` counts all orders, for samples without ties; `asymptotic` takes the normal distribution, with ties
 * @param isCorrected whether the asymptotic form is corrected for continuity. @defaultValue true
 * @throws UsageError `SAMPLE_TOO_SMALL`, `TIES`, `NOT_A_NUMBER`, `INVALID_OPTION`
 */
export function mannWhitney(
  a: ReadonlyFloat64Array,
  b: ReadonlyFloat64Array,
  method: 'exact' | 'asymptotic',
  isCorrected = true,
): RankTest {
  assertOneOf('method', method, ['exact', 'asymptotic']);
  notEmpty(a, b);
  const { ranks, ties } = ranked([...Float64Array.from(a), ...Float64Array.from(b)]);
  const [n, m] = [a.length, b.length];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ranks[i]!;
  const statistic = sum - (n * (n + 1)) / 2;
  const larger = Math.max(statistic, n * m - statistic);
  if (method === 'exact') {
    if (ties > 0) throw tiesRefused('Mann and Whitney');
    return { statistic, p: Math.min(1, 2 * upperShare(mannWhitneyCounts(n, m), larger)) };
  }
  const all = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
  const away = larger - (n * m) / 2 - (isCorrected ? 0.5 : 0);
  return { statistic, p: deviation > 0 ? Math.min(1, 2 * normalTail(away / deviation)) : 1 };
}

/**
 * Compares two samples pair by pair, by the ranks of their differences (Wilcoxon 1945), counting all signs. The statistic is the smaller
 * sum of ranks. Pairs without a difference are left out; ties among the others are refused.
 */
export function wilcoxon(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): RankTest {
  if (a.length !== b.length) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `Wilcoxon's test pairs samples of equal length, not ${a.length} and ${b.length}.`,
    });
  }
  const differences = [...Float64Array.from(a, (value, i) => value - b[i]!)].filter((value) => value !== 0);
  notEmpty(differences);
  const { ranks, ties } = ranked(differences.map(Math.abs));
  if (ties > 0) throw tiesRefused('Wilcoxon');
  let above = 0;
  differences.forEach((value, i) => {
    if (value > 0) above += ranks[i]!;
  });
  const count = differences.length;
  const total = (count * (count + 1)) / 2;
  // How many choices of signs give each sum: a rank is in or out.
  let counts = new Float64Array(total + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= count; rank++) {
    const next = counts.map((ways) => ways / 2);
    for (let sum = rank; sum <= total; sum++) next[sum]! += counts[sum - rank]! / 2;
    counts = next;
  }
  const larger = Math.max(above, total - above);
  return { statistic: total - larger, p: Math.min(1, 2 * upperShare(counts, larger)) };
}

/**
 * Compares the distributions of two samples (Kolmogorov and Smirnov): the largest distance between their empirical distributions, and its
 * exact probability over all orders of the values, taken for distinct.
 */
export function kolmogorovSmirnov(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): RankTest {
  notEmpty(a, b);
  const [first, second] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const [n, m] = [a.length, b.length];
  let [i, j, largest] = [0, 0, 0];
  while (i < n && j < m) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < n && first[i] === value) i++;
    while (j < m && second[j] === value) j++;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  return { statistic: largest / (n * m), p: largest === 0 ? 1 : shareOfPathsReaching(n, m, largest) };
}

/** Share of the ways from (0, 0) to (n, m) on which `|i m - j n|` reaches a bound somewhere: added up where a way first does. */
function shareOfPathsReaching(n: number, m: number, bound: number): number {
  let reached = 0;
  // Share of all ways that are at (i, j) and have not reached the bound: one row of j at a time.
  let row = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    const next = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      let share = i === 0 && j === 0 ? 1 : 0;
      if (i > 0) share += (row[j]! * (n - i + 1)) / (n - i + 1 + m - j);
      if (j > 0) share += (next[j - 1]! * (m - j + 1)) / (n - i + m - j + 1);
      if (Math.abs(i * m - j * n) >= bound) reached += share;
      else next[j] = share;
    }
    row = next;
  }
  return Math.min(1, reached);
}

/** Ranks from 1, ties sharing their mean, and the sum of `t ** 3 - t` over the sizes of ties. */
function ranked(values: readonly number[]): { readonly ranks: Float64Array; readonly ties: number } {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  let ties = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  return { ranks, ties };
}

/** Share of all orders of n and m values that give each U, by the recursion over which sample holds the largest value. */
function mannWhitneyCounts(n: number, m: number): Float64Array {
  // shares[j] is for i values of the first and j of the second.
  let shares: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const counts = new Float64Array(i * j + 1);
      const [fromFirst, fromSecond] = [shares[j]!, next[j - 1]!];
      // The largest of all is of the first with probability i / (i + j), and then above all j of the second.
      for (let u = 0; u < fromFirst.length; u++) counts[u + j]! += (fromFirst[u]! * i) / (i + j);
      for (let u = 0; u < fromSecond.length; u++) counts[u]! += (fromSecond[u]! * j) / (i + j);
      next.push(counts);
    }
    shares = next;
  }
  return shares[m]!;
}

function upperShare(shares: Float64Array, from: number): number {
  let sum = 0;
  for (let i = shares.length - 1; i >= from; i--) sum += shares[i]!;
  return sum;
}

function notEmpty(...samples: readonly ArrayLike<number>[]): void {
  for (const sample of samples) assertFinite('a sample', sample);
  if (samples.every(({ length }) => length > 0)) return;
  throw new UsageError('SAMPLE_TOO_SMALL', { message: 'A rank test needs at least one value in each sample.' });
}

const tiesRefused = (name: string): UsageError =>
  new UsageError('TIES', {
    message: `The exact test of ${name} counts orders of distinct values, but some are equal. Use the asymptotic one.`,
  });
