import { describe, expect, it } from 'vitest';
import { parseReferenceLine } from '../../../bench/support/c-reference.js';
import { mannWhitney, quantile, wilson } from '../../../bench/support/sampler-tables.js';
import { median, ratioWithinRounds, seededRandom, shuffled } from '../../../bench/support/statistics.js';

describe('median', () => {
  it('is the middle, or the mean of the two in the middle, and orders by value', () => {
    expect(median([100, 9, 20])).toBe(20);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('ratioWithinRounds', () => {
  it('has no width where there is no noise', () => {
    expect(ratioWithinRounds([6, 6, 6], [2, 2, 2], seededRandom(1))).toEqual({ value: 3, low: 3, high: 3 });
  });

  it('lets rounds that were slow for both cancel', () => {
    const slow = [1, 5, 2, 4, 3, 1, 2, 6, 1, 3];
    const { low, high } = ratioWithinRounds(
      slow.map((factor) => 2 * factor),
      slow,
      seededRandom(1),
    );
    expect([low, high]).toEqual([2, 2]);
  });

  it('is right on a machine that changes its pace between rounds: medians of the arms would be of two paces, 4 and 1', () => {
    expect(ratioWithinRounds([2, 2, 4, 4, 4], [1, 1, 1, 2, 2], seededRandom(1))).toMatchObject({ value: 2, high: 4 });
  });

  it('holds the true ratio of noisy arms about 19 times in 20', () => {
    const random = seededRandom(7);
    const noisy = (middle: number): number[] => Array.from({ length: 15 }, () => middle * (0.8 + 0.4 * random()));
    let held = 0;
    for (let trial = 0; trial < 100; trial++) {
      const { low, high } = ratioWithinRounds(noisy(3), noisy(1), random);
      if (low <= 3 && 3 <= high) held++;
    }
    expect(held).toBeGreaterThan(85);
    expect(held).toBeLessThanOrEqual(100);
  });

  it('refuses arms of different length', () => {
    expect(() => ratioWithinRounds([1, 2], [1], seededRandom(1))).toThrow(RangeError);
  });
});

describe('shuffled', () => {
  it('gives every order about as often, and leaves the list alone', () => {
    const random = seededRandom(3);
    const list = ['a', 'b', 'c'];
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled(list, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(list).toEqual(['a', 'b', 'c']);
  });
});

describe('parseReferenceLine', () => {
  it('reads a sweep and a backtest', () => {
    const sweep =
      'W2 goog     C-A  median 0.01080 s min 0.01070 (21 runs) 4.571 ns/bar/asset/combo 101852 combos/s  sumEq 2.712536e+12 fills 28119 sharpe[500] 0.571842 mdd[500] 0.502817';
    expect(parseReferenceLine(sweep)).toEqual({
      ...{ variant: 'C-A', seconds: 0.0108, equity: 2.712536e12, fills: 28_119 },
      ...{ sharpe: 0.571842, maxDrawdown: 0.502817 },
    });
    const backtest =
      'W1 min1m    C    median 7.500e-03 s min 7.4e-03 (21 runs) 7.500 ns/bar  equity 1388671624.2697 fills 27473 sharpe 0.100000 mdd 0.200000';
    expect(parseReferenceLine(backtest)).toMatchObject({ variant: 'C', seconds: 0.0075, equity: 1388671624.2697 });
  });

  it('refuses anything else', () => {
    expect(() => parseReferenceLine('Segmentation fault')).toThrow("printed 'Segmentation fault'");
  });
});

describe('the tables of samplers', () => {
  it('have the quantiles of R', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 1.75, 2.5, 3.25, 4]);
  });

  // From scipy 1.17.1: mannwhitneyu(a, b, method='asymptotic').pvalue, proportion intervals of Wilson.
  it('test ranks as scipy does', () => {
    expect(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeCloseTo(0.012185780355344813, 6);
    expect(mannWhitney([1, 1, 2, 3, 3, 4], [2, 3, 3, 5, 6, 6, 7])).toBeCloseTo(0.05859475373947393, 6);
    expect(mannWhitney([1, 1], [1, 1])).toBe(1);
    expect(wilson(27, 30).map((share) => share.toFixed(3))).toEqual(['0.744', '0.965']);
    expect(wilson(30, 30).map((share) => share.toFixed(3))).toEqual(['0.886', '1.000']);
  });
});
