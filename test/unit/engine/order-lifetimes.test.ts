import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../../src/engine/run-options.js';
import type { OrderOptions } from '../../../src/execution/order.js';
import { run } from '../../helpers/tiny-market.js';

const DAY = 86_400_000;
const START = Date.UTC(2020, 0, 1);

/** Gives one order at the close of a bar and returns what filled, as `row units @ price`, and what ended, as `status`. */
async function outcome(
  bars: string,
  units: number,
  options: OrderOptions,
  settings: RunOptions = {},
  first?: number,
): Promise<string[]> {
  const said: string[] = [];
  await run(
    { assets: { A: bars } },
    {
      initialize: () => ({ bar: -1 }),
      handleData({ state, order, asset }) {
        state.bar++;
        if (state.bar === 0 && first !== undefined) order(asset, first);
        if (state.bar === (first === undefined ? 0 : 1)) order(asset, units, options);
      },
      onFill: ({ state }, { quantity, price }) => void said.push(`${state.bar + 1}: ${quantity} @ ${price}`),
      onOrder: ({ state }, { status }) => void said.push(`${state.bar + 1}: ${status}`),
    },
    settings,
  );
  return said;
}

describe('an order that is good till an instant', () => {
  it.each([
    { till: 4 * DAY, said: ['3: 1 @ 9'] },
    { till: 3 * DAY + 1, said: ['3: 1 @ 9'] },
    { till: 3 * DAY, said: ['3: expired'] },
    { till: 0, said: ['1: expired'] },
  ])('fills on bars that open before it: $till', async ({ till, said }) => {
    expect(await outcome('10 10 10 9 9', 1, { limit: 9, goodTill: START + till })).toEqual(said);
  });

  it('takes its exits with it', async () => {
    const options = { limit: 9, goodTill: START + 2 * DAY, stopLoss: { price: 8 } };
    expect(await outcome('10 10 9 8 7', 1, options)).toEqual(['2: expired']);
  });

  it('refuses what is no instant', async () => {
    await expect(outcome('10 10', 1, { limit: 9, goodTill: Number.NaN })).rejects.toThrow(/goodTill: NaN/);
  });
});

describe('a trailing stop', () => {
  // Bought on bar 1; from bar 1 on the stop trails by 1: from 11 and then 12 by closes, from 14 by highs.
  const bars = '10 10>11:10-11 11>12:11-14 12.5>12:12-12.5 11.5>11:10-11.5 11';
  it.each([
    { follows: 'close', said: ['1: 1 @ 10', '4: -1 @ 11'] },
    { follows: 'extreme', said: ['1: 1 @ 10', '3: -1 @ 12.5'] },
  ] as const)('follows the $follows', async ({ follows, said }) => {
    expect(await outcome(bars, -1, { trailing: { amount: 1, follows } }, {}, 1)).toEqual(said);
  });

  it('refuses another word', async () => {
    const options = { trailing: { amount: 1, follows: 'high' as 'close' } };
    await expect(outcome(bars, -1, options, {}, 1)).rejects.toThrow(/follows: 'high'/);
  });
});

describe('the exits of a bracket', () => {
  it.each([
    { exitsFrom: 'entry-bar', said: ['1: 1 @ 10', '1: -1 @ 9', '1: cancelled'] },
    {
      exitsFrom: 'next-bar',
      said: ['1: 1 @ 10', '2: -1 @ 12', '2: cancelled'],
    },
  ] as const)('work from the $exitsFrom', async ({ exitsFrom, said }) => {
    const options = { stopLoss: { price: 9 }, takeProfit: { price: 12 } };
    expect(await outcome('10 10:8-11 11:11-13 11', 1, options, { exitsFrom })).toEqual(said);
  });

  it.each(['cash', 'margin'])(
    'wait for the next opening with their entry, in an account of the kind %s',
    async (account) => {
      expect(await outcome('10>11 12 12', 1, { stopLoss: { price: 5 } }, { account })).toEqual(['1: 1 @ 12']);
    },
  );
});

describe('a stop-limit that a bar gaps through', () => {
  it.each([
    { bars: '10 12:11-13', stopLimits: 'from-open', said: ['1: 1 @ 12'] },
    { bars: '10 12:11-13', stopLimits: 'whole-bar', said: ['1: 1 @ 11'] },
    { bars: '10 13:12-13 12', stopLimits: 'from-open', said: ['1: 1 @ 12'] },
    { bars: '10 13:12.5-13 12', stopLimits: 'whole-bar', said: ['2: 1 @ 12'] },
    { bars: '10 10:9-10 10', stopLimits: 'whole-bar', said: [] },
  ] as const)('$bars, $stopLimits', async ({ bars, stopLimits, said }) => {
    expect(await outcome(bars, 1, { stop: 11, limit: 12 }, { stopLimits })).toEqual(said);
  });
});

describe('the tag of an order', () => {
  it('is carried to its fills, within a bar too, and tells round trips apart', async () => {
    const result = await run(
      { assets: { A: '10 10 12:11-14 13:9-13 13' } },
      {
        initialize: () => ({ bar: -1 }),
        handleData({ state, order, asset }) {
          state.bar++;
          if (state.bar === 0) order(asset, 1, { stopLoss: { price: 9 }, tag: 'early' });
          if (state.bar === 1) order(asset, 1, { takeProfit: { price: 13 }, tag: 'late' });
        },
      },
    );
    expect(result.fills.map(({ tag, quantity, price }) => [tag, quantity, price])).toEqual([
      ['early', 1, 10],
      ['late', 1, 12],
      ['late', -1, 13],
      ['early', -1, 9],
    ]);
    const rows = (method: 'fifo' | 'tag'): number[][] =>
      result.roundTrips(method).map((trip) => [trip.entryRow, trip.exitRow, trip.profit.toNumber()]);
    expect(rows('fifo')).toEqual([
      [1, 2, 3],
      [2, 3, -3],
    ]);
    expect(rows('tag')).toEqual([
      [2, 2, 1],
      [1, 3, -1],
    ]);
  });
});
