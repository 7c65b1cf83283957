import { describe, expect, it } from 'vitest';
import type { BarData, Context } from '../../../src/engine/strategy.js';
import type { Order } from '../../../src/execution/order.js';
import { dateOf, fillsOf, run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

async function acting(
  market: TinyMarket,
  acts: (context: Context, bar: number, data: BarData) => unknown,
  options: TinyRun = {},
) {
  let bar = 0;
  return run(market, { handleData: (context, data) => void acts(context, bar++, data) }, options);
}

/** Buys on the first bar, and tells what is held and in cash at each bar's close. */
async function holding(market: TinyMarket, units: number | 'all', options: TinyRun = {}) {
  const seen: string[] = [];
  const result = await acting(
    market,
    ({ order, asset, portfolio }, bar) => {
      const { exact } = portfolio.position(asset);
      seen.push(`${exact.quantity} for ${exact.cost}, cash ${portfolio.exact.cash}`);
      if (bar === 0) units === 'all' ? order.notional(asset, 'all') : order(asset, units);
    },
    { cash: 1000, ...options },
  );
  return { seen, equity: [...result.equity], ending: result.endingEquity.toString(), result };
}

describe('a split', () => {
  it('of 4:1 turns units at the opening of its ex-date, and the value goes on', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '100 100 120 30 32' }, splits: [{ symbol: 'A', row: 3, ratio: '4' }] },
      5,
    );
    expect(seen).toEqual([
      '0 for 0, cash 1000',
      '5 for 500, cash 500',
      '5 for 500, cash 500',
      '20 for 500, cash 500',
      '20 for 500, cash 500',
    ]);
    expect(equity).toEqual([1000, 1000, 1100, 1100, 1140]);
  });

  it('of 1:20 pays what makes no whole share at the last close', async () => {
    const market: TinyMarket = { assets: { A: '2 2 3 60 60' }, splits: [{ symbol: 'A', row: 3, ratio: '1/20' }] };
    const { seen, equity } = await holding(market, 50);
    // 2.5 new shares: 2, and half a share of 60 in cash, with a fifth of the cost.
    expect(seen[2]).toBe('50 for 100, cash 900');
    expect(seen[3]).toBe('2 for 80, cash 930');
    expect(equity).toEqual([1000, 1000, 1050, 1050, 1050]);
    expect((await holding({ ...market, splits: [{ symbol: 'A', row: 3, ratio: '0.05' }] }, 50)).seen).toEqual(seen);
  });

  it('of 1:20 ends a position of less than one new share, and its trade', async () => {
    const { seen, result } = await holding(
      { assets: { A: '2 2 3 60 60' }, splits: [{ symbol: 'A', row: 3, ratio: '1/20' }] },
      19,
    );
    expect(seen[3]).toBe('0 for 0, cash 1019');
    expect(result.metrics.trades).toBe(1);
    expect(result.metrics.winRate).toBe(1);
  });

  it('of 3:2 pays half a share in lieu', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '30 30 33 22 22' }, splits: [{ symbol: 'A', row: 3, ratio: '3/2' }] },
      3,
    );
    expect(seen[3]).toBe('4 for 80, cash 921');
    expect(equity).toEqual([1000, 1000, 1009, 1009, 1009]);
    const decimal = await holding(
      { assets: { A: '30 30 33 22 22' }, splits: [{ symbol: 'A', row: 3, ratio: '3/2.0' }] },
      3,
    );
    expect(decimal.seen).toEqual(seen);
  });

  it('turns a fractional holding to the smallest unit', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '7 7 7 2.3333' }, splits: [{ symbol: 'A', row: 3, ratio: '3' }] },
      'all',
    );
    expect(seen[1]).toBe('142.85714285 for 999.99999995, cash 0.00000005');
    expect(seen[3]).toBe('428.57142855 for 999.99999995, cash 0.00000005');
    expect(equity[3]).toBeCloseTo(999.9857, 4);
    const third = await holding({ assets: { A: '7 7 7 21' }, splits: [{ symbol: 'A', row: 3, ratio: '1/3' }] }, 'all');
    // A third of 142.85714285 is 47.61904761 and two thirds of the smallest unit, worth 14e-8.
    expect(third.seen[3]).toBe('47.61904761 for 999.99999981, cash 0.00000019');
    expect(third.equity[3]).toBeCloseTo(1000, 7);
  });

  it('turns working orders, and cancels those of which no lot is left', async () => {
    const orders: Order[] = [];
    const market: TinyMarket = {
      assets: { A: '10 10 . 40 40', B: '1 1 1 1 1' },
      splits: [{ symbol: 'A', row: 3, ratio: '1/4' }],
    };
    const result = await acting(market, ({ order, asset }, bar) => {
      if (bar === 1) orders.push(order(asset, 9), order(asset, 3), order.notional(asset, 100));
    });
    expect(orders.map(({ status, quantity, reason }) => [status, quantity, reason])).toEqual([
      ['filled', 2, undefined],
      ['cancelled', 0, 'a split left less than one lot of it'],
      ['filled', 2.5, undefined],
    ]);
    expect(fillsOf(result)).toEqual(['3 A 2 @ 40', '3 A 2.5 @ 40']);
  });

  it('that follows another on one bar pays in lieu at the price in its shares', async () => {
    const market: TinyMarket = {
      assets: { A: '100 100 100 . 25 25', B: '1 1 1 1 1 1' },
      splits: [
        { symbol: 'A', row: 3, ratio: '10' },
        { symbol: 'A', row: 4, ratio: '2/5' },
      ],
    };
    const { seen, equity } = await holding(market, 3);
    // 30 shares of 10, then 12 of 25.
    expect(seen[4]).toBe('12 for 300, cash 700');
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    const odd = await holding(market, 1);
    // 10 shares of 10, then 4 of 25.
    expect(odd.equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    const rest = await holding(
      {
        ...market,
        splits: [
          { symbol: 'A', row: 3, ratio: '2' },
          { symbol: 'A', row: 4, ratio: '1/4' },
        ],
        assets: { A: '100 100 100 . 200 200', B: '1 1 1 1 1 1' },
      },
      3,
    );
    // 6 shares of 50, then one and a half of 200.
    expect(rest.seen[4]).toBe('1 for 200, cash 800');
    expect(rest.equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  });
});

describe('a dividend', () => {
  it('is earned before its ex-date and received with it, when no payment date is known', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '50 50 50 48 48' }, dividends: [{ symbol: 'A', row: 3, amount: '2' }] },
      10,
    );
    expect(seen[2]).toBe('10 for 500, cash 500');
    expect(seen[3]).toBe('10 for 500, cash 520');
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('counts from the ex-date and is cash on its payment date', async () => {
    const { seen, equity, ending } = await holding(
      { assets: { A: '50 50 48 48 48 48' }, dividends: [{ symbol: 'A', row: 2, amount: '2', payRow: 4 }] },
      10,
    );
    expect(seen.map((line) => line.split('cash ')[1])).toEqual(['1000', '500', '500', '500', '520', '520']);
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    expect(ending).toBe('1000');
  });

  it('that is paid after the data ends is part of the ending equity', async () => {
    const { seen, equity, ending } = await holding(
      { assets: { A: '50 50 48 48' }, dividends: [{ symbol: 'A', row: 2, amount: '2', payRow: 40 }] },
      10,
    );
    expect(seen[3]).toBe('10 for 500, cash 500');
    expect(equity[3]).toBe(1000);
    expect(ending).toBe('1000');
  });

  it('is not for who buys on the ex-date, and is paid to who sold since', async () => {
    const buys = await acting(
      { assets: { A: '50 50 48 48' }, dividends: [{ symbol: 'A', row: 2, amount: '2' }] },
      ({ order, asset }, bar) => bar === 1 && order(asset, 10),
      { cash: 1000 },
    );
    expect(buys.endingEquity.toString()).toBe('1000');
    const sells = await acting(
      { assets: { A: '50 50 48 48 48' }, dividends: [{ symbol: 'A', row: 2, amount: '2', payRow: 4 }] },
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 10);
        if (bar === 1) order.close(asset);
      },
      { cash: 1000 },
    );
    // Sold at the opening of the ex-date, at 48: the dividend is the seller's.
    expect(sells.endingEquity.toString()).toBe('1000');
    expect([...sells.equity]).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('is exact to more digits than a double has', async () => {
    const { seen } = await holding(
      { assets: { A: '50 50 50 48' }, dividends: [{ symbol: 'A', row: 3, amount: '0.123456789012345678901' }] },
      10,
    );
    expect(seen[3]).toBe('10 for 500, cash 501.23456789');
  });

  it('and a split of one day: the amount is for the new shares', async () => {
    const { seen, equity } = await holding(
      {
        assets: { A: '100 100 100 24 24' },
        splits: [{ symbol: 'A', row: 3, ratio: '4' }],
        dividends: [{ symbol: 'A', row: 3, amount: '1' }],
      },
      5,
    );
    expect(seen[3]).toBe('20 for 500, cash 520');
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('and a split of the day after that meet where a bar is missing: the amount is for the old shares', async () => {
    const { seen, equity } = await holding(
      {
        assets: { A: '100 100 100 . 24 24', B: '1 1 1 1 1 1' },
        splits: [{ symbol: 'A', row: 4, ratio: '4' }],
        dividends: [{ symbol: 'A', row: 3, amount: '4' }],
      },
      5,
    );
    expect(seen[4]).toBe('20 for 500, cash 520');
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  });
});

describe('events where nothing trades', () => {
  it('wait on a missing bar for the next that trades, and the value goes on', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '100 100 100 . . 25 25', B: '1 1 1 1 1 1 1' }, splits: [{ symbol: 'A', row: 3, ratio: '4' }] },
      5,
    );
    expect(seen[4]).toBe('5 for 500, cash 500');
    expect(seen[5]).toBe('20 for 500, cash 500');
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it('before the start date, before the listing and after the last bar change nothing', async () => {
    const market: TinyMarket = {
      assets: { A: '400 400 100 100 99 99 -', B: '1 1 1 1 1 1 1' },
      splits: [{ symbol: 'A', row: 2, ratio: '4' }],
      dividends: [
        { symbol: 'A', row: 4, amount: '1', payRow: 5 },
        { symbol: 'A', row: 6, amount: '9' },
      ],
    };
    const { seen, ending } = await holding(market, 5, { start: dateOf(3) });
    // Bought on row 4, the ex-date: no dividend.
    expect(seen).toEqual(['0 for 0, cash 1000', '5 for 495, cash 505', '5 for 495, cash 505', '5 for 495, cash 505']);
    expect(ending).toBe('1000');
  });

  it('between the start date and the first decision, with nothing held, change nothing', async () => {
    const bars = await run(
      {
        assets: { A: '100 100 25 25 25 25' },
        splits: [{ symbol: 'A', row: 2, ratio: '4' }],
        dividends: [{ symbol: 'A', row: 3, amount: '1' }],
      },
      {
        warmUp: () => 4,
        handleData: ({ order, asset, portfolio }) => {
          if (portfolio.position(asset).isFlat) order(asset, 1);
        },
      },
    );
    expect(fillsOf(bars)).toEqual(['4 A 1 @ 25']);
    expect(bars.endingEquity.toString()).toBe('100000');
  });
});

describe('the value goes on over an event also for who looks before the bar is known', () => {
  it.each([
    { name: 'split', splits: [{ symbol: 'A', row: 2, ratio: '4' }], after: '25' },
    { name: 'reverse split', splits: [{ symbol: 'A', row: 2, ratio: '1/4' }], after: '400' },
    { name: 'dividend', dividends: [{ symbol: 'A', row: 2, amount: '2', payRow: 3 }], after: '98' },
    {
      name: 'split and dividend',
      splits: [{ symbol: 'A', row: 2, ratio: '4' }],
      dividends: [{ symbol: 'A', row: 2, amount: '1' }],
      after: '24',
    },
  ])('$name', async ({ name: _name, after, ...events }) => {
    const values: string[] = [];
    await run(
      { assets: { A: `100 100 ${after} ${after}`, B: '1 1 1 1' }, ...events },
      {
        handleData({ order, assets, now: _now }, data) {
          const [a, b] = assets;
          if (data.close(b!) === 1 && order.open().length === 0) order(a!, 4);
        },
        beforeTradingStart: ({ portfolio }) => void values.push(`before ${portfolio.value}`),
        onFill: ({ portfolio }) => void values.push(`fill ${portfolio.value}`),
      },
      { cash: 10_000 },
    );
    expect(new Set(values.map((line) => line.split(' ')[1]))).toEqual(new Set(['10000']));
    expect(values).toContain('fill 10000');
  });

  it('an order by value at the opening of a split is in new shares', async () => {
    const result = await run(
      { assets: { A: '100 100 25 25', B: '1 1 1 1' }, splits: [{ symbol: 'A', row: 2, ratio: '4' }] },
      {
        handleData({ order, symbol, portfolio }) {
          if (portfolio.position(symbol('B')).isFlat) order(symbol('B'), 1);
          else if (portfolio.position(symbol('B')).quantity === 1) order(symbol('B'), 1);
        },
        onFill({ order, symbol }, { asset, order: { id } }) {
          if (asset.symbol === 'B' && id === 'B-2') order.value(symbol('A'), 100);
        },
      },
    );
    expect(fillsOf(result).filter((line) => line.includes('A'))).toEqual(['3 A 4 @ 25']);
  });
});

describe('tax withheld from dividends', () => {
  it.each([
    { withholding: 0, cash: '520' },
    { withholding: 0.15, cash: '517' },
    { withholding: 0.3, cash: '514' },
    { withholding: 0.123456, cash: '517.53088' },
  ])('of $withholding leaves $cash', async ({ withholding, cash }) => {
    const { seen, equity } = await holding(
      { assets: { A: '50 50 50 48 48' }, dividends: [{ symbol: 'A', row: 3, amount: '2' }] },
      10,
      { withholding },
    );
    expect(seen[3]).toBe(`10 for 500, cash ${cash}`);
    expect(equity[4]).toBe(480 + Number(cash));
  });

  it('is taken when the dividend is earned, so that the receivable is what will be paid', async () => {
    const { seen, equity } = await holding(
      { assets: { A: '50 50 48 48 48' }, dividends: [{ symbol: 'A', row: 2, amount: '2', payRow: 4 }] },
      10,
      { withholding: 0.25 },
    );
    expect(seen.map((line) => line.split('cash ')[1])).toEqual(['1000', '500', '500', '500', '515']);
    expect(equity).toEqual([1000, 1000, 995, 995, 995]);
  });

  it.each([-0.1, 1, Number.NaN])('of %s is refused', async (withholding) => {
    await expect(holding({ assets: { A: '1 1' } }, 1, { withholding })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});
