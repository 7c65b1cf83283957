import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import type { Order } from '../../../src/execution/order.js';
import { dateOf, fillsOf, rowOf, run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

/** A ends after its third bar; B trades on. */
const ENDING: TinyMarket = { assets: { A: '10 10 12 - - -', B: '5 5 5 5 5 5' } };

async function acting(market: TinyMarket, acts: (context: Context, bar: number) => unknown, options: TinyRun = {}) {
  const seen: string[] = [];
  const told: string[] = [];
  let bar = 0;
  const result = await run(
    market,
    {
      handleData(context) {
        const { portfolio, symbol } = context;
        seen.push(`${portfolio.position(symbol('A')).quantity} A, cash ${portfolio.exact.cash}`);
        acts(context, bar++);
      },
      onFill: (_context, { time, price, order: { id, reason } }) =>
        void told.push(`${rowOf(time)} ${id} filled at ${price}${reason === undefined ? '' : `: ${reason}`}`),
      onOrder: (_context, { id, status, reason }) => void told.push(`${id} ${status}: ${reason}`),
    },
    { cash: 1000, ...options },
  );
  return { seen, told, result, equity: [...result.equity] };
}

const ENDED = 'its data have ended: the asset trades no more';

describe('an asset whose data end before the run does', () => {
  it("keeps its position at the last close under 'hold', and its orders expire with the run", async () => {
    const orders: Order[] = [];
    const { seen, told, equity, result } = await acting(ENDING, ({ order, symbol }, bar) => {
      if (bar === 0) orders.push(order(symbol('A'), 20));
      if (bar === 2 || bar === 4) orders.push(order(symbol('A'), -20));
    });
    expect(seen.at(-1)).toBe('20 A, cash 800');
    expect(equity).toEqual([1000, 1000, 1040, 1040, 1040, 1040]);
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'expired', 'expired']);
    expect(told).toEqual(['1 A-1 filled at 10', `A-2 expired: ${ENDED}`, `A-3 expired: ${ENDED}`]);
    expect(result.endingEquity.toString()).toBe('1040');
  });

  it.each(['next-open', 'next-close', 'same-close'] as const)(
    "is closed at its last close under 'close', without a fee (%s)",
    async (fill) => {
      const orders: Order[] = [];
      const { seen, told, equity, result } = await acting(
        ENDING,
        ({ order, symbol }, bar) => {
          if (bar === 0) orders.push(order(symbol('A'), 20));
          if (bar === 3) orders.push(order(symbol('A'), 1), order(symbol('B'), 10));
        },
        { delisting: 'close', fill, commission: 'percent:0.01' },
      );
      expect(seen.slice(2)).toEqual(['20 A, cash 798', '0 A, cash 1038', expect.anything(), expect.anything()]);
      expect(equity.slice(2, 4)).toEqual([1038, fill === 'same-close' ? 1037.5 : 1038]);
      expect(told[1]).toBe(`3 A-2 filled at 12: ${ENDED}`);
      expect(told).toContain(`A-3 rejected: ${ENDED}`);
      expect(orders.map(({ status }) => status)).toEqual(['filled', 'rejected', 'filled']);
      expect(result.metrics.trades).toBe(1);
      expect(result.fills.map(({ exact: { fee } }) => fee.toString())).toEqual(['2', '0', '0.5']);
    },
  );

  it("ends working orders at once under 'close', and covers short positions too", async () => {
    const { told, equity } = await acting(
      ENDING,
      ({ order, symbol }, bar) => {
        if (bar === 0) order(symbol('A'), -20);
        if (bar === 2) order(symbol('A'), -1);
      },
      { delisting: 'close', account: 'margin' },
    );
    expect(told).toEqual(['1 A-1 filled at 10', `A-2 expired: ${ENDED}`, `3 A-3 filled at 12: ${ENDED}`]);
    expect(equity).toEqual([1000, 1000, 960, 960, 960, 960]);
  });

  it('is closed at a price of more digits than an exact number holds', async () => {
    const market = { assets: { A: '1044396227.24 1044396227.24 1044396227.24 -', B: '5 5 5 5' }, priceDecimals: 8 };
    const { told, result } = await acting(
      market,
      ({ order, symbol }, bar) => {
        if (bar === 0) order(symbol('A'), 1);
      },
      { delisting: 'close', cash: 2e9 },
    );
    expect(told.at(-1)).toBe(`3 A-2 filled at 1044396227.24: ${ENDED}`);
    expect(fillsOf(result)).toEqual(['1 A 1 @ 1044396227.24', '3 A -1 @ 1044396227.24']);
    expect(result.endingEquity.toString()).toBe('2000000000');
  });

  it('is not taken for one that has ended where the run ends first, or with it', async () => {
    const buy = ({ order, symbol }: Context, bar: number): void => {
      if (bar === 0) order(symbol('A'), 20);
    };
    const early = await acting(ENDING, buy, { delisting: 'close', end: dateOf(2) });
    expect(fillsOf(early.result)).toEqual(['1 A 20 @ 10']);
    const alone = await acting({ assets: { A: '10 10 12' } }, buy, { delisting: 'close' });
    expect(fillsOf(alone.result)).toEqual(['1 A 20 @ 10']);
  });

  it('receives dividends that were earned before', async () => {
    const { equity, seen } = await acting(
      { ...ENDING, dividends: [{ symbol: 'A', row: 2, amount: '1', payRow: 4 }] },
      ({ order, symbol }, bar) => {
        if (bar === 0) order(symbol('A'), 20);
      },
      { delisting: 'close', withholding: 0.25 },
    );
    expect(equity).toEqual([1000, 1000, 1055, 1055, 1055, 1055]);
    expect(seen.map((line) => line.split('cash ')[1])).toEqual(['1000', '800', '800', '1040', '1055', '1055']);
  });

  it('works in sleeves, each with an account of its own', async () => {
    const result = await run(
      ENDING,
      {
        sleeves: 'equal',
        handleData({ order, asset, portfolio }) {
          if (portfolio.position(asset).isFlat) order.notional(asset, 'all');
        },
      },
      { cash: 1000, delisting: 'close' },
    );
    expect(fillsOf(result)).toEqual(['1 A 50 @ 10', '1 B 100 @ 5', '3 A -50 @ 12']);
    expect([...result.equity]).toEqual([1000, 1000, 1100, 1100, 1100, 1100]);
  });
});

describe('an asset that is listed late', () => {
  it('is worth nothing before, takes no price from later, and is bought at the opening of its first bar at the earliest', async () => {
    const told: string[] = [];
    let bar = 0;
    const result = await run(
      { assets: { A: '- - 7>8 9', B: '5 5 5 5' } },
      {
        handleData({ order, symbol, portfolio }, data) {
          const a = symbol('A');
          told.push(`${data.canTrade(a)} ${data.close(a)} ${portfolio.position(a).value}`);
          if (bar === 0) order(a, 10);
          if (bar === 0) told.push(order.value(a, 100).reason!);
          bar++;
        },
      },
      { cash: 1000 },
    );
    expect(told).toEqual(['false NaN 0', 'no price is known yet', 'false NaN 0', 'true 8 80', 'true 9 90']);
    expect(fillsOf(result)).toEqual(['2 A 10 @ 7']);
    expect([...result.equity]).toEqual([1000, 1000, 1010, 1020]);
  });

  it('counts at cost for the margin of another that is bought at the same opening', async () => {
    const orders: Order[] = [];
    await run(
      { assets: { A: '- - 7>8 9', B: '5 5 5 5' } },
      {
        warmUp: () => 1,
        handleData({ order, symbol, now }) {
          if (rowOf(now) === 2) orders.push(order(symbol('A'), 100), order(symbol('B'), 1000));
        },
      },
      { cash: 1000, account: 'margin', symbols: ['A', 'B'] },
    );
    expect(orders.map(({ filled }) => filled)).toEqual([100, 260]);
  });
});
