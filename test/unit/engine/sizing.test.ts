import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amount } from '../../../src/core/decimal.js';
import type { RunOptions } from '../../../src/engine/run-options.js';
import type { Context, OrderOptions } from '../../../src/index.js';
import { fillsOf, openTiny, run, runOn, type TinyRun } from '../../helpers/tiny-market.js';

const MARGIN = 'margin:initial=0.5,maintenance=0';

/** Orders a share of the buying power on the first bar and returns the fills. */
async function invested(share: Amount, options: RunOptions, bars = '10 10 20'): Promise<string[]> {
  const result = await run(
    { assets: { A: bars }, lot: 1e-8 },
    {
      initialize: () => ({ isDone: false }),
      handleData({ state, order, asset }) {
        if (!state.isDone) order.notional(asset, { share });
        state.isDone = true;
      },
    },
    { cash: 1000, ...options },
  );
  return fillsOf(result);
}

describe('an order for a share of the buying power', () => {
  it.each([
    { share: 0.5, options: {}, fills: ['1 A 50 @ 10'] },
    { share: '0.333', options: {}, fills: ['1 A 33.3 @ 10'] },
    { share: '0.333', options: { sizing: 'whole-units' }, fills: ['1 A 33 @ 10'] },
    // A fee of 1 % and of 2 for the order: 98 / 10.1 = 9.7
    { share: 0.1, options: { sizing: 'whole-units', commission: 'percent:0.01,fixed=2' }, fills: ['1 A 9 @ 10'] },
    // A tenth of a unit costs 1 + 0.01 + 2, so a unit 30.1: 100 / 30.1 = 3.3
    { share: 0.1, options: { sizing: 'unit-cost', commission: 'percent:0.01,fixed=2' }, fills: ['1 A 3 @ 10'] },
    { share: 1, options: { account: MARGIN }, fills: ['1 A 200 @ 10'] },
    { share: -0.25, options: { account: MARGIN }, fills: ['1 A -50 @ 10'] },
    { share: -0.25, options: { account: MARGIN, commission: 'percent:0.25' }, fills: ['1 A -40 @ 10'] },
    { share: 0.001, options: { sizing: 'whole-units' }, fills: [] },
    // A cash account sells only what it holds.
    { share: -0.5, options: {}, fills: [] },
  ] as const)('$share with $options fills $fills', async ({ share, options, fills }) => {
    expect(await invested(share, options)).toEqual(fills);
  });

  it('waits for a price, and is sized where it fills', async () => {
    const result = await run(
      { assets: { A: '10 10>9:8-10 20' } },
      {
        initialize: () => ({ isDone: false }),
        handleData({ state, order, asset }) {
          if (!state.isDone) order.notional(asset, { share: 0.5 }, { limit: 8 });
          state.isDone = true;
        },
      },
      { cash: 1000 },
    );
    expect(fillsOf(result)).toEqual(['2 A 62.5 @ 8']); // touched within bar 1: known at the instant that day 2 begins
  });

  it.each([0, 1.5, -2, Number.NaN])('is refused for %s', async (share) => {
    await expect(invested(share, {})).rejects.toThrow(/share/);
  });

  it('is refused for a misspelt word', async () => {
    const result = run(
      { assets: { A: '10 10' } },
      { handleData: ({ order, asset }) => order.notional(asset, { share: 0.5, shares: 1 } as { share: number }) },
    );
    await expect(result).rejects.toThrow(/'shares'/);
  });

  it('takes its share to the last whole unit and never more, on either side', async () => {
    using bundle = await openTiny({ assets: { A: '10 10 10' }, lot: 1e-8 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.constantFrom('whole-units', 'fractional'),
        (parts, sells, cash, points, sizing) => {
          const share = parts / 1e8;
          const result = runOn(
            bundle,
            {
              initialize: () => ({ isDone: false }),
              handleData({ state, order, asset }) {
                if (!state.isDone) order.notional(asset, { share: sells ? -share : share });
                state.isDone = true;
              },
            },
            { cash, sizing: sizing as RunOptions['sizing'], account: MARGIN, commission: `percent:${points / 10_000}` },
          );
          const step = sizing === 'fractional' ? 1e-8 : 1;
          const budget = 2 * cash * share;
          const cost = 10 * (1 + points / 10_000);
          const size = Math.abs(result.fills[0]?.quantity ?? 0);
          expect(size * cost).toBeLessThanOrEqual(budget + 1e-6);
          expect((size + step) * cost).toBeGreaterThan(budget - 1e-6);
          if (result.fills.length > 0) expect(result.fills[0]!.quantity < 0).toBe(sells);
          expect(Number.isInteger(size / step) || sizing === 'fractional').toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('whole units', () => {
  it('hold for orders by value and by units too', async () => {
    const result = await run(
      { assets: { A: '10 10 10 10' }, lot: 0.001 },
      {
        initialize: () => ({ bar: 0 }),
        handleData({ state, order, asset }) {
          if (state.bar === 0) order.value(asset, 155);
          if (state.bar === 1) order(asset, 2.75);
          state.bar++;
        },
      },
      { sizing: 'whole-units' },
    );
    expect(fillsOf(result)).toEqual(['1 A 15 @ 10', '2 A 2 @ 10']);
  });

  it('are whole lots where those are larger', async () => {
    const result = await run(
      { assets: { A: '10 10' }, lot: 100 },
      { handleData: ({ order, asset }) => void order.notional(asset, 'all') },
      { cash: 2999, sizing: 'whole-units' },
    );
    expect(fillsOf(result)).toEqual(['1 A 200 @ 10']);
  });
});

describe('the last bar', () => {
  it.each([
    // 10 for 100 and a fee of 1; then worth 120, or sold for 110 or 120 less a hundredth.
    { liquidate: 'never', fills: ['1 A 10 @ 10'], ending: '1019' },
    { liquidate: 'last-open', fills: ['1 A 10 @ 10', '2 A -10 @ 11'], ending: '1007.9' },
    { liquidate: 'last-close', fills: ['1 A 10 @ 10', '3 A -10 @ 12'], ending: '1017.8' },
  ] as const)('closes what is held: $liquidate', async ({ liquidate, fills, ending }) => {
    const result = await run(
      { assets: { A: '10 10 11>12' } },
      {
        initialize: () => ({ isDone: false }),
        handleData({ state, order, asset }) {
          if (!state.isDone) order(asset, 10);
          state.isDone = true;
        },
      },
      { cash: 1000, liquidate, commission: 'percent:0.01' },
    );
    // A fill at a close carries the instant at which the next day begins.
    expect(fillsOf(result)).toEqual(fills);
    expect(result.endingEquity.toString()).toBe(ending);
    expect(result.equity.at(-1)).toBe(Number(ending));
    expect(result.roundTrips().map(({ entryRow, exitRow }) => [entryRow, exitRow])).toEqual(
      liquidate === 'never' ? [] : [[1, 2]],
    );
  });

  it('takes what waits off the book first', async () => {
    const ends: string[] = [];
    await run(
      { assets: { A: '10 10 10' } },
      {
        initialize: () => ({ isDone: false }),
        handleData({ state, order, asset }) {
          if (!state.isDone) order(asset, 1, { limit: 5 });
          state.isDone = true;
        },
        onOrder: (_context, { status, reason }) => void ends.push(`${status}: ${reason}`),
      },
      { liquidate: 'last-close' },
    );
    expect(ends).toEqual(['cancelled: the run closes its positions on its last bar']);
  });

  it.each<[string, OrderOptions, TinyRun, readonly string[]]>([
    ['within it', { limit: 9.5 }, {}, ['3 A 2 @ 9.5', '3 A -2 @ 11']],
    ['at its close, by name', { on: 'close' }, {}, ['3 A 2 @ 11', '3 A -2 @ 11']],
    ['at its close, by rule', {}, { fill: 'next-close' }, ['3 A 2 @ 11', '3 A -2 @ 11']],
    ['at its opening', {}, {}, ['2 A 2 @ 10', '2 A -2 @ 10']],
  ])('closes at its opening only what was there: what was bought %s', async (_name, order, options, fills) => {
    // The order is given on the bar before the last, which opens at 10, falls to 9 and closes at 11.
    const handlers = buyingOnRow(1, order);
    const market = { assets: { A: '10 10 10>11:9-11' } };
    const result = await run(market, handlers, { liquidate: 'last-open', ...options });
    expect(fillsOf(result)).toEqual(fills);
  });

  it('closes at the close what was bought at the close of the decision', async () => {
    const market = { assets: { A: '10 10 10>11' } };
    const result = await run(market, buyingOnRow(2, {}), { liquidate: 'last-open', fill: 'same-close' });
    expect(fillsOf(result)).toEqual(['3 A 2 @ 11', '3 A -2 @ 11']);
  });

  it('closes a position whole where the last bar added to it, and others at the opening', async () => {
    const result = await run(
      { assets: { A: '10 10 10>11:9-11', B: '10 10 12>11' } },
      {
        initialize: ({ assets }) => ({ assets, row: 0 }),
        handleData({ state, order }) {
          const [first, second] = state.assets;
          if (state.row === 0) for (const asset of [first!, second!]) order(asset, 1);
          if (state.row === 1) order(first!, 2, { limit: 9.5 });
          state.row++;
        },
      },
      { liquidate: 'last-open' },
    );
    const closings = result.fills.filter(({ quantity }) => quantity < 0);
    expect(closings.map(({ asset, quantity, price }) => [asset.symbol, quantity, price]).sort()).toEqual([
      ['A', -3, 11],
      ['B', -1, 12],
    ]);
  });
});

/** Buys two units of the one asset by an order that is given on a row. */
const buyingOnRow = (given: number, options: OrderOptions) => ({
  initialize: () => ({ row: 0 }),
  handleData({ state, order, asset }: Context<{ row: number }>) {
    if (state.row === given) order(asset, 2, options);
    state.row++;
  },
});
