import { describe, expect, it } from 'vitest';
import { choice, crossValidate, defineStrategy, walkForward } from '../../../src/index.js';
import { walkBundle } from '../../helpers/walk-market.js';

/** Bars that a label reads ahead, and for which the planted strategies hold a position. */
const REACH = 5;
const BARS = 3_000;

/** The return over the next bars: what no run may know, and every supervised data set holds. */
const labels = (closes: readonly number[]): { readonly label: Float64Array } => ({
  label: Float64Array.from(closes, (close, row) => (closes[row + REACH] ?? Number.NaN) / close - 1),
});

/**
 * Buys or sells at the beginning of a run and holds for as long as a label reads. Its choice of side is judged by the label of the last bar: on a training that ends
 * where its test begins, that is what the test will bring.
 */
const peeks = defineStrategy({
  parameters: { side: choice('long', 'short') },
  initialize: () => ({ bars: 0, label: 0 }),
  handleData({ asset, order, state, record }, data, { side }) {
    state.bars++;
    if (state.bars === 1) order.targetPercent(asset, side === 'long' ? 0.9 : -0.9);
    if (state.bars === REACH) order.target(asset, 0);
    record('label', data.current(asset, 'label'));
  },
  analyze(result, { side }) {
    return { edge: (side === 'long' ? 1 : -1) * result.recorded('label').at(-1)! };
  },
});

/** Returns the share of tests that won, of those that could. */
async function sharpShare(purge: number, embargo: number): Promise<{ readonly share: number; readonly tests: number }> {
  const bundle = await walkBundle(BARS, { seed: 5, extra: labels });
  const options = {
    train: 20,
    test: 10,
    search: 'grid',
    jobs: 1,
    account: 'margin',
    objective: 'edge',
    bundle,
  } as const;
  const { windows } = await walkForward(peeks, { ...options, purge, embargo });
  const profits = windows.map(({ test }) => test.endingEquity.minus(test.startingEquity).toNumber());
  return { share: profits.filter((profit) => profit > 0).length / profits.length, tests: profits.length };
}

describe('a strategy that wins only by what leaks across the edge of a window', () => {
  it('wins where nothing is purged: the test itself has teeth', async () => {
    const { share, tests } = await sharpShare(0, 0);
    expect(tests).toBeGreaterThan(290);
    expect(share).toBeGreaterThan(0.65);
  });

  it.each([
    [REACH, 0],
    [0, REACH],
    [3, 2],
    [REACH, 7],
  ])('is at chance after a purge of %i and an embargo of %i', async (purge, embargo) => {
    const { share, tests } = await sharpShare(purge, embargo);
    // Three deviations of a fair coin.
    expect(Math.abs(share - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / tests));
  });

  it('is found out bar by bar: one bar short of the reach is too few', async () => {
    const shares: number[] = [];
    for (const purge of [0, 2, 4, 5]) shares.push((await sharpShare(purge, 0)).share);
    expect(shares[0]).toBeGreaterThan(shares[2]!);
    expect(shares[1]).toBeGreaterThan(shares[3]!);
  });
});

/** Bars of a group: the first is tested, the second trained on. */
const GROUP = 20;

/**
 * The other edge: a training that looks back into the test before it. The side that the last bars went before a run begins has one trade more, and so wins the
 * training; the test holds it over just these bars.
 */
const remembers = defineStrategy({
  parameters: { side: choice('long', 'short') },
  initialize: () => ({ bars: 0 }),
  handleData({ asset, order, state }, data, { side }) {
    const sign = side === 'long' ? 1 : -1;
    state.bars++;
    if (state.bars === 1) {
      const closes = data.history(asset, 'close', REACH + 1, '1d', { returnType: 'array' });
      if (sign * (closes[REACH]! / closes[0]! - 1) > 0) order(asset, 1);
    } else if (state.bars === 2) order.target(asset, 0);
    else if (state.bars === GROUP - REACH) order.targetPercent(asset, sign * 0.9);
  },
});

describe('a strategy that wins only by looking back from its training into its test', () => {
  const shareOf = async (
    purge: number,
    embargo: number,
  ): Promise<{ readonly share: number; readonly tests: number }> => {
    const bundle = await walkBundle(BARS * 2, { seed: 9 });
    const date = (row: number): string => new Date(Date.UTC(2020, 0, 1) + row * 86_400_000).toISOString().slice(0, 10);
    const split = { groups: 2, testGroups: 1, purge, embargo };
    const options = { bundle, search: 'grid', jobs: 1, objective: 'trades', account: 'margin', ...split } as const;
    const profits: number[] = [];
    for (let from = REACH; from + 2 * GROUP <= BARS * 2; from += 2 * GROUP) {
      const span = { start: date(from), end: date(from + 2 * GROUP - 1) };
      const { splits } = await crossValidate(remembers, { ...options, ...span });
      const [test] = splits[0]!.tests;
      // Where the bars before the training went nowhere, neither side traded in it.
      if (test !== undefined) profits.push(test.endingEquity.minus(test.startingEquity).toNumber());
    }
    return { share: profits.filter((profit) => profit > 0).length / profits.length, tests: profits.length };
  };

  it('wins without an embargo', async () => {
    const { share, tests } = await shareOf(0, 0);
    expect(tests).toBeGreaterThan(140);
    expect(share).toBeGreaterThan(0.7);
  });

  it.each([
    [0, REACH],
    [2, REACH - 2],
  ])('is at chance after a purge of %i and an embargo of %i', async (purge, embargo) => {
    const { share, tests } = await shareOf(purge, embargo);
    expect(Math.abs(share - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / tests));
  });
});
