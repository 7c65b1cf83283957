import { describe, expect, it } from 'vitest';
import { type Contestant, measureInTurns } from '../../../bench/support/contestant.js';
import { assertSameSweep, assertSameWindows, differenceOf, UnequalError } from '../../../bench/support/equality.js';
import type { SweepRow } from '../../../bench/support/reference-workloads.js';
import { seededRandom } from '../../../bench/support/statistics.js';

const row = (fast: number, more: Partial<SweepRow> = {}): SweepRow => ({
  ...{ fast, slow: 50, threshold: 0.001, equity: 2_375_871_909.84, fills: 23, sharpe: 0.571842, maxDrawdown: 0.502817 },
  ...more,
});
const expected = [row(5), row(10), row(15)];
const withLast = (more: Partial<SweepRow>): SweepRow[] => [row(5), row(10), row(15, more)];

describe('the comparison of a sweep', () => {
  it('takes equal rows, and rows that differ by less than the bounds', () => {
    assertSameSweep('arm', expected, expected);
    assertSameSweep('arm', withLast({ equity: 2_375_871_909.84 * (1 + 9e-8) }), expected);
    assertSameSweep('arm', withLast({ sharpe: 0.571842 + 9e-7, maxDrawdown: 0.502817 - 9e-7 }), expected);
  });

  it.each([
    ['one fill more', { fills: 24 }, '24 fills, not 23'],
    ['equity off by 2e-7', { equity: 2_375_871_909.84 * (1 - 2e-7) }, 'final equity'],
    ['another Sharpe ratio', { sharpe: 0.571842 + 2e-6 }, 'sharpe'],
    ['another drawdown', { maxDrawdown: 0.502817 + 2e-6 }, 'maxDrawdown'],
    ['no number for equity', { equity: Number.NaN }, 'final equity NaN'],
    ['no number for the Sharpe ratio', { sharpe: Number.NaN }, 'sharpe NaN'],
    ['other parameters', { slow: 65 }, 'it ran (15, 65, 0.001)'],
  ])('refuses one wrong row in the last place: %s', (_name, wrong, said) => {
    const compare = (): void => assertSameSweep('the arm', withLast(wrong), expected);
    expect(compare).toThrow(UnequalError);
    expect(compare).toThrow('the arm, combination 2 (15, 50, 0.001)');
    expect(compare).toThrow(said);
  });

  it('refuses a sweep that lacks a row, or has one too many', () => {
    expect(() => assertSameSweep('arm', expected.slice(1), expected)).toThrow('2 combinations, not 3');
    expect(() => assertSameSweep('arm', [...expected, row(20)], expected)).toThrow('4 combinations, not 3');
  });

  it('asks only for what is published', () => {
    const { equity, fills } = row(5);
    expect(differenceOf(row(5, { sharpe: 9, maxDrawdown: 0.9 }), { equity, fills })).toBeUndefined();
  });
});

describe('measuring in turns', () => {
  const random = seededRandom(1);
  const arm = (name: string, runs: string[]): Contestant<number> => ({
    arms: [name],
    run: async () => {
      runs.push(name);
      return [{ arm: name, seconds: runs.length, result: 1 }];
    },
    close: () => runs.push(`${name} closed`),
  });

  it('runs every arm once a round, in changing order, and keeps the counted rounds', async () => {
    const runs: string[] = [];
    const arms = ['a', 'b', 'c'];
    const rounds = { counted: 30, warmUp: 2, random };
    const samples = await measureInTurns(
      arms.map((name) => arm(name, runs)),
      rounds,
      () => {},
    );
    expect(samples.map(({ seconds }) => seconds.length)).toEqual([30, 30, 30]);
    expect(Math.min(...samples.flatMap(({ seconds }) => seconds))).toBe(7);
    const orders = Array.from({ length: 32 }, (_, round) => runs.slice(3 * round, 3 * round + 3));
    for (const order of orders) expect([...order].sort()).toEqual(arms);
    expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(3);
    expect(runs.slice(96)).toEqual(['a closed', 'b closed', 'c closed']);
  });

  it('times nothing more after a wrong result, and closes what it opened', async () => {
    const runs: string[] = [];
    const refuse = (): never => {
      throw new UnequalError('wrong');
    };
    const rounds = { counted: 5, warmUp: 1, random };
    await expect(measureInTurns([arm('a', runs), arm('b', runs)], rounds, refuse)).rejects.toThrow('wrong');
    expect(runs).toHaveLength(3);
    expect(runs.slice(1).sort()).toEqual(['a closed', 'b closed']);
  });
});

describe('the comparison of a walk-forward', () => {
  const expected = [
    { params: [40, 50, 0.001], equity: 1009671011.29 },
    { params: [5, 50, 0.001], equity: 982855940.03 },
  ] as const;

  it('takes the same picks, and equities that differ by less than the bound', () => {
    assertSameWindows('arm', expected, expected);
    assertSameWindows('arm', [expected[0], { ...expected[1], equity: 982855940.03 * (1 + 9e-8) }], expected);
  });

  it.each([
    [
      'another pick',
      [expected[0], { ...expected[1], params: [5, 65, 0.001] as const }],
      'window 2: it picked (5, 65, 0.001), not (5, 50, 0.001)',
    ],
    [
      'equity off by 2e-7',
      [expected[0], { ...expected[1], equity: 982855940.03 * (1 + 2e-7) }],
      'window 2: final equity',
    ],
    ['no number for equity', [expected[0], { ...expected[1], equity: Number.NaN }], 'window 2: final equity NaN'],
    ['a window too few', [expected[0]], '1 windows, not 2'],
  ])('refuses %s', (_name, found, said) => {
    expect(() => assertSameWindows('the arm', found, expected)).toThrow(said);
  });
});
