import { describe, expect, it } from 'vitest';
import type { BacktestResult } from '../../../src/engine/result.js';
import type { Context } from '../../../src/engine/strategy.js';
import type { Order, OrderOptions } from '../../../src/execution/order.js';
import { rowOf, run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

const START = '100';

/**
 * Fills as text: `row symbol quantity @ price`. Days follow each other without a pause, so an opening is also the close of the bar before: the
 * fill is the opening's when its price is about the open.
 */
function fillsOf({ fills }: BacktestResult, bars: string): string[] {
  const opens = bars.split(' ').map((word) => Number.parseFloat(word));
  return fills.map(({ asset, time, price, exact }) => {
    const row = rowOf(time);
    const isOpening = Math.abs(price - (opens[row] ?? Number.NaN)) < 0.5;
    return `${isOpening ? row : row - 1} ${asset.symbol} ${exact.quantity} @ ${exact.price}`;
  });
}

/** Runs one action on the first bar, of which bar 1 is the first that can fill; returns fills as text and the order. */
async function afterFirst(
  bars: string,
  act: (context: Context) => Order | undefined,
  options: TinyRun = {},
  market: Partial<TinyMarket> = {},
) {
  let order: Order | undefined;
  const statuses: string[] = [];
  const result = await run(
    { assets: { A: `${START} ${bars}` }, priceDecimals: 2, ...market },
    {
      initialize: () => ({ bar: 0 }),
      handleData(context) {
        if (context.state.bar++ === 0) order = act(context as Context);
        statuses.push(order?.status ?? '-');
      },
    },
    { cash: 1_000_000, ...options },
  );
  return { fills: fillsOf(result, `${START} ${bars}`), order: order!, statuses, result };
}

/** Units are bought on bar 0 and held from the opening of bar 1 on; then the action of bar 1 is taken. */
async function holding(bars: string, units: number, options: OrderOptions, runOptions: TinyRun = {}) {
  let order: Order | undefined;
  const result = await run(
    { assets: { A: `${START} ${START} ${bars}` }, priceDecimals: 2 },
    {
      initialize: () => ({ bar: 0 }),
      handleData({ state, order: give, asset }) {
        if (state.bar === 0) give(asset, units);
        if (state.bar === 1) order = give(asset, -units, options);
        state.bar++;
      },
    },
    { cash: 1_000_000, account: 'margin', ...runOptions },
  );
  return { fills: fillsOf(result, `${START} ${START} ${bars}`).slice(1), order: order!, result };
}

describe('limit orders', () => {
  it.each<[string, string, number, number, string[]]>([
    ['a buy fills at its limit when the bar touches it', '102>103:99-104', 10, 100, ['1 A 10 @ 100']],
    ['a buy fills at the open when that is better', '98>99:97-99', 10, 100, ['1 A 10 @ 98']],
    [
      'a buy waits while the bar stays above',
      '102>103:101-104 101>101:100.5-102 101>101:100-102',
      10,
      100,
      ['3 A 10 @ 100'],
    ],
    ['a touch to the tick fills', '102>102:100.01-103 102>102:100-103', 10, 100, ['2 A 10 @ 100']],
    ['orders wait over a missing bar', '. 99', 10, 100, ['2 A 10 @ 99']],
  ])('%s', async (_name, bars, units, limit, expected) => {
    const { fills, order } = await afterFirst(bars, ({ order: give, asset }) => give(asset, units, { limit }));
    expect(fills).toEqual(expected);
    expect(order.limit).toBe(limit);
  });

  it.each<[string, string, number, string[]]>([
    ['a sale fills at its limit', '100>101:99-105', 104, ['2 A -10 @ 104']],
    ['a sale fills at the open when that is better', '106>105:104-107', 104, ['2 A -10 @ 106']],
  ])('%s', async (_name, bars, limit, expected) => {
    expect((await holding(bars, 10, { limit })).fills).toEqual(expected);
  });

  it('is never worse than its limit for slippage', async () => {
    const { fills } = await afterFirst('102>102:99-104', ({ order, asset }) => order(asset, 10, { limit: 100 }), {
      slippage: 'bps:50',
    });
    expect(fills).toEqual(['1 A 10 @ 100']);
    const gap = await afterFirst('90>90', ({ order, asset }) => order(asset, 10, { limit: 100 }), {
      slippage: 'bps:50',
    });
    expect(gap.fills).toEqual(['1 A 10 @ 90.45']);
  });
});

describe('stop orders', () => {
  it.each<[string, string, OrderOptions, string[]]>([
    ['a buy fills at its stop', '100>101:99-106', { stop: 105 }, ['1 A 10 @ 105']],
    ['a gap through the stop fills at the open, the worse price', '108>109:107-110', { stop: 105 }, ['1 A 10 @ 108']],
    ['waits below', '100>101:99-104.99 100>101:99-105', { stop: 105 }, ['2 A 10 @ 105']],
    [
      'stop-limit with its limit behind the stop fills at the stop',
      '100>101:99-106',
      { stop: 105, limit: 107 },
      ['1 A 10 @ 105'],
    ],
    [
      'stop-limit: a gap beyond the limit triggers and waits',
      '108>109:107.5-110 108>107:106-109',
      { stop: 105, limit: 107 },
      ['2 A 10 @ 107'],
    ],
    [
      'stop-limit: a gap between stop and limit fills at the open',
      '106>107:105.5-108',
      { stop: 105, limit: 107 },
      ['1 A 10 @ 106'],
    ],
    [
      'stop-limit with its limit before the stop waits for the price to come back',
      '100>106:99-106 104>104:103-104.5',
      { stop: 105, limit: 104 },
      ['2 A 10 @ 104'],
    ],
    ['which the close of the bar proves', '100>103:99-106', { stop: 105, limit: 104 }, ['1 A 10 @ 104']],
  ])('%s', async (_name, bars, options, expected) => {
    const { fills } = await afterFirst(bars, ({ order, asset }) => order(asset, 10, options));
    expect(fills).toEqual(expected);
  });

  it('optimistically a touch is enough for a limit before the stop', async () => {
    const give = ({ order, asset }: Context) => order(asset, 10, { stop: 105, limit: 104 });
    expect((await afterFirst('100>106:99-106 110', give, { intrabar: 'optimistic' })).fills).toEqual(['1 A 10 @ 104']);
    expect((await afterFirst('100>106:99-106 110', give)).fills).toEqual([]);
  });

  it.each<[string, string, OrderOptions, string[]]>([
    ['a limit that the bar touches waits', '100>100:95-100 99>97:97-99', { limit: 97 }, ['2 A 10 @ 97']],
    ['a gap through a limit fills at the close', '95>96:94-97', { limit: 97 }, ['1 A 10 @ 96']],
    ['a limit below the close waits', '95>98:94-98 98>98', { limit: 97 }, []],
    ['a stop that the bar touches waits', '100>103:100-106 103>106:103-107', { stop: 105 }, ['2 A 10 @ 106']],
    [
      'a stop-limit fills at a close between its prices',
      '100>106:100-106',
      { stop: 105, limit: 107 },
      ['1 A 10 @ 106'],
    ],
    [
      'a stop-limit whose stop a close has passed waits for its limit alone',
      '100>108:100-108 108>103:103-108',
      { stop: 105, limit: 104 },
      ['2 A 10 @ 103'],
    ],
  ])('where closes alone are seen, %s', async (_name, bars, options, expected) => {
    const give = ({ order, asset }: Context) => order(asset, 10, options);
    const { fills, result } = await afterFirst(bars, give, { intrabar: 'close' });
    expect(fills).toEqual(expected);
    for (const { time } of result.fills) expect(rowOf(time)).toBeGreaterThan(1);
  });

  it('where closes alone are seen, the exits of a bracket work from the next bar', async () => {
    const give = ({ order, asset }: Context) =>
      order(asset, 10, { limit: 97, stopLoss: { price: 96.5 }, takeProfit: { price: 110 } });
    const { fills } = await afterFirst('100>97:90-115 98>96:96-98 95', give, { intrabar: 'close' });
    expect(fills).toEqual(['1 A 10 @ 97', '2 A -10 @ 96']);
  });

  it.each<[string, string, OrderOptions, string[]]>([
    [
      'a trailing stop follows the highs of bars that have closed',
      '100>110:100-110 109>106:104.49-109',
      { trailing: { percent: 0.05 } },
      ['3 A -10 @ 104.5'],
    ],
    ['and never its own bar', '100>110:96-112 111>111:107-112', { trailing: { percent: 0.05 } }, []],
    ['an amount below', '100>103:98-103 101>99:98-101', { trailing: { amount: 3 } }, ['3 A -10 @ 100']],
    ['a gap through it fills at the open', '100>103:98-103 95>94:93-96', { trailing: { amount: 3 } }, ['3 A -10 @ 95']],
  ])('%s', async (_name, bars, options, expected) => {
    expect((await holding(bars, 10, options)).fills).toEqual(expected);
  });
});

describe('brackets', () => {
  const bracket = (options: OrderOptions) => (context: Context) => context.order(context.asset, 10, options);

  it.each<[string, string, OrderOptions, string[]]>([
    [
      'the stop-loss',
      '100>100:99-101 100>96:94-101',
      { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } },
      ['1 A 10 @ 100', '2 A -10 @ 95'],
    ],
    [
      'the take-profit',
      '100>100:99-101 100>108:99-111',
      { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } },
      ['1 A 10 @ 100', '2 A -10 @ 110'],
    ],
    [
      'both in one bar: the stop-loss',
      '100>100:99-101 100>100:94-111',
      { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } },
      ['1 A 10 @ 100', '2 A -10 @ 95'],
    ],
    [
      'in the bar of a market entry',
      '100>100:94-101 100',
      { stopLoss: { price: 95 }, takeProfit: { price: 110 } },
      ['1 A 10 @ 100', '1 A -10 @ 95'],
    ],
    [
      'a profit in the bar of a market entry',
      '100>105:99-111 100',
      { stopLoss: { price: 95 }, takeProfit: { price: 110 } },
      ['1 A 10 @ 100', '1 A -10 @ 110'],
    ],
    [
      'a profit in the bar of a touched entry only when the close proves it',
      '102>103:98-111 104>104:103-105 108>108:107-110',
      { limit: 99, stopLoss: { amount: 5 }, takeProfit: { amount: 10 } },
      ['1 A 10 @ 99', '3 A -10 @ 109'],
    ],
    [
      'the loss in the bar of a touched entry',
      '102>97:93-103 100',
      { limit: 99, stopLoss: { amount: 5 }, takeProfit: { amount: 10 } },
      ['1 A 10 @ 99', '1 A -10 @ 94'],
    ],
    [
      'exits measured from the fill',
      '98>98:97-99 97>93:92-98',
      { limit: 99, stopLoss: { percent: 0.05 } },
      ['1 A 10 @ 98', '2 A -10 @ 93.1'],
    ],
    [
      'a trailing stop-loss',
      '100>108:99-110 108>105:104-109',
      { stopLoss: { trailing: 0.05 } },
      ['1 A 10 @ 100', '2 A -10 @ 104.5'],
    ],
    [
      'a gap at the entry through the stop-loss',
      '94>95:93-96 96',
      { stopLoss: { price: 95 } },
      ['1 A 10 @ 94', '1 A -10 @ 94'],
    ],
  ])('%s', async (_name, bars, options, expected) => {
    const { fills, result } = await afterFirst(bars, bracket(options));
    expect(fills).toEqual(expected);
    expect(result.metrics.trades).toBe(expected.length === 2 ? 1 : 0);
  });

  it('takes the profit first where told to be optimistic', async () => {
    const options = { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } };
    const { fills } = await afterFirst('100>100:99-101 100>100:94-111', bracket(options), { intrabar: 'optimistic' });
    expect(fills).toEqual(['1 A 10 @ 100', '2 A -10 @ 110']);
  });

  it('shows its exits as handles, and cancels the other', async () => {
    const { order } = await afterFirst(
      '100>100:99-101 100>96:94-101',
      bracket({ stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } }),
    );
    expect([order.stopLoss?.status, order.stopLoss?.stop, order.stopLoss?.filled]).toEqual(['filled', 95, -10]);
    expect([order.takeProfit?.status, order.takeProfit?.limit]).toEqual(['cancelled', 110]);
    expect(order.takeProfit?.reason).toMatch(/has filled/);
  });

  it('has no exits without its entry', async () => {
    const { order, fills } = await afterFirst('101>101:100-102 95', ({ order: give, asset }) =>
      give(asset, 10, { limit: 99, timeInForce: 'day', stopLoss: { amount: 5 } }),
    );
    expect(fills).toEqual([]);
    expect([order.status, order.stopLoss?.status]).toEqual(['expired', 'cancelled']);
  });

  it('leaves with the position that it protects', async () => {
    let bar = 0;
    let order: Order | undefined;
    const result = await run(
      { assets: { A: '100 100 100 90 80' }, priceDecimals: 2 },
      {
        handleData({ order: give, asset, portfolio }) {
          if (bar === 0) order = give(asset, 10, { stopLoss: { percent: 0.05 } });
          if (bar === 1) give.target(asset, 0);
          if (bar === 2) expect(portfolio.position(asset).isFlat).toBe(true);
          bar++;
        },
      },
    );
    expect(fillsOf(result, '100 100 100 90 80')).toEqual(['1 A 10 @ 100', '2 A -10 @ 100']);
    expect(order?.stopLoss?.status).toBe('cancelled');
  });

  it('refuses exits on the wrong side with the numbers', async () => {
    const { order } = await afterFirst('100', bracket({ stopLoss: { price: 105 } }));
    expect([order.status, order.reason]).toEqual([
      'rejected',
      'its stop-loss 105 is not below 100, where it would enter',
    ]);
  });

  it('protects a short position from above', async () => {
    const { fills } = await afterFirst(
      '100>100:99-101 100>104:99-106',
      ({ order, asset }) => order(asset, -10, { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } }),
      { account: 'margin' },
    );
    expect(fills).toEqual(['1 A -10 @ 100', '2 A 10 @ 105']);
  });
});

describe('how long an order works', () => {
  it.each<[string, string, OrderOptions, string, string[]]>([
    ['day', '101>101:100-102 99', { limit: 99, timeInForce: 'day' }, 'expired', []],
    ['ioc', '101>101:100-102 99', { limit: 99, timeInForce: 'ioc' }, 'cancelled', []],
    ['fok', '101>101:100-102 99', { limit: 99, timeInForce: 'fok' }, 'cancelled', []],
    ['gtc', '101>101:100-102 99', { limit: 99 }, 'filled', ['2 A 10 @ 99']],
    ['fok that fills', '99>99:98-102', { limit: 99, timeInForce: 'fok' }, 'filled', ['1 A 10 @ 99']],
  ])('%s', async (_name, bars, options, status, expected) => {
    const { order, fills } = await afterFirst(bars, ({ order: give, asset }) => give(asset, 10, options));
    expect([order.status, fills]).toEqual([status, expected]);
  });

  it('all orders of a run last for their session where it says so', async () => {
    const rest = ({ order, asset }: Context) => order(asset, 10, { limit: 99 });
    expect((await afterFirst('101>101:100-102 99', rest, { timeInForce: 'day' })).order.status).toBe('expired');
    const kept = ({ order, asset }: Context) => order(asset, 10, { limit: 99, timeInForce: 'gtc' });
    expect((await afterFirst('101>101:100-102 99', kept, { timeInForce: 'day' })).fills).toEqual(['2 A 10 @ 99']);
    const market = ({ order, asset }: Context) => order.notional(asset, 'all');
    const missing = await afterFirst('. 99', market, { timeInForce: 'day' });
    expect([missing.order.status, missing.fills]).toEqual(['expired', []]);
  });

  it('one cancels the other', async () => {
    let other: Order | undefined;
    const { fills } = await afterFirst('100>101:99-106 98', ({ order, asset }) => {
      const entry = order(asset, 10, { stop: 105 });
      other = order(asset, 10, { limit: 99 });
      order.oneCancelsOther(entry, other);
      return entry;
    });
    expect(fills).toEqual(['1 A 10 @ 105']);
    expect(other?.status).toBe('cancelled');
  });

  it('at the open or the close, whatever the run does', async () => {
    const bars = '101>103 104';
    const at = (on: 'open' | 'close') => (context: Context) => context.order(context.asset, 10, { on });
    expect((await afterFirst(bars, at('close'))).fills).toEqual(['1 A 10 @ 103']);
    expect((await afterFirst(bars, at('open'), { fill: 'next-close' })).fills).toEqual(['1 A 10 @ 101']);
    expect((await afterFirst(bars, at('close'), { fill: 'same-close' })).fills).toEqual(['0 A 10 @ 100']);
    expect((await afterFirst(bars, at('open'), { fill: 'same-close' })).fills).toEqual(['1 A 10 @ 101']);
  });

  it('is replaced while it works', async () => {
    let bar = 0;
    let order: Order | undefined;
    const result = await run(
      { assets: { A: '100 102>102:101-103 102>102:101-103 103' }, priceDecimals: 2 },
      {
        handleData({ order: give, asset }) {
          if (bar === 0) order = give(asset, 10, { limit: 90 });
          if (bar === 1) give.replace(order!, { limit: 101.5, quantity: 4 });
          if (bar === 2) expect(() => give.replace(order!, { limit: 1 })).toThrow(/is filled and cannot be replaced/);
          if (bar === 2) expect(() => give.oneCancelsOther(order!)).toThrow(/is filled and cannot be paired/);
          bar++;
        },
      },
    );
    expect(fillsOf(result, '100 102 102 103')).toEqual(['2 A 4 @ 101.5']);
  });
});

describe('a bar whose volume is shared', () => {
  // Volume is 1000 and the row's number.
  it('fills market orders in parts and carries the rest', async () => {
    const { fills, order, statuses } = await afterFirst('100 100 100', ({ order: give, asset }) => give(asset, 250), {
      slippage: 'volume-share:0.1,0',
    });
    expect(fills).toEqual(['1 A 100 @ 100', '2 A 100 @ 100', '3 A 50 @ 100']);
    expect([order.filled, order.averagePrice, order.status]).toEqual([250, 100, 'filled']);
    expect(statuses).toEqual(['working', 'working', 'working', 'filled']);
  });

  it('is shared by all orders of a bar', async () => {
    const { fills } = await afterFirst(
      '100 100',
      ({ order, asset }) => {
        order(asset, 90);
        return order(asset, 30);
      },
      { slippage: 'volume-share:0.1,0' },
    );
    expect(fills).toEqual(['1 A 90 @ 100', '1 A 10 @ 100', '2 A 20 @ 100']);
  });

  it('closes what is held by then, and says how much that has become', async () => {
    let bar = 0;
    let exit: Order | undefined;
    const sizes: number[][] = [];
    await run(
      { assets: { A: '100 100 100 100 100 100' } },
      {
        handleData({ order, asset }) {
          if (bar === 0) order(asset, 150);
          if (bar === 2) {
            exit = order.target(asset, 0);
            order(asset, 30, { on: 'open' });
          }
          if (exit !== undefined) sizes.push([exit.quantity, exit.filled, exit.remaining]);
          bar++;
        },
      },
      { fill: 'next-close', slippage: 'volume-share:0.1,0' },
    );
    expect(sizes).toEqual([
      [-150, 0, -150],
      [-180, -70, -110],
      [-180, -170, -10],
      [-180, -180, 0],
    ]);
  });

  it('fills or kills whole, and immediately or not', async () => {
    const give = (timeInForce: 'ioc' | 'fok') => (context: Context) =>
      context.order(context.asset, 250, { timeInForce });
    const options = { slippage: 'volume-share:0.1,0' };
    const fok = await afterFirst('100 100', give('fok'), options);
    expect([fok.order.status, fok.fills]).toEqual(['cancelled', []]);
    const ioc = await afterFirst('100 100', give('ioc'), options);
    expect([ioc.order.status, ioc.order.filled, ioc.fills]).toEqual(['cancelled', 100, ['1 A 100 @ 100']]);
  });

  it('brings exits to life with what has filled', async () => {
    const { fills } = await afterFirst(
      '100 100>94:90-100 100 100',
      ({ order, asset }) => order(asset, 150, { stopLoss: { percent: 0.05 } }),
      {
        slippage: 'volume-share:0.1,0',
      },
    );
    expect(fills[0]).toBe('1 A 100 @ 100');
    const bought = fills.filter((text) => !text.includes('-')).length;
    expect(bought).toBe(2);
    const total = fills.reduce((sum, text) => sum + Number(text.split(' ')[2]), 0);
    expect(total).toBe(0);
  });
});

describe('splits and orders that wait', () => {
  it('turns prices and units', async () => {
    let bar = 0;
    let order: Order | undefined;
    const result = await run(
      {
        assets: { A: '400 400 100>100:99-101 97>97:94-98' },
        splits: [{ symbol: 'A', row: 2, ratio: '4' }],
        priceDecimals: 2,
      },
      {
        handleData({ order: give, asset }) {
          if (bar++ === 0) order = give(asset, 10, { limit: 384, stopLoss: { price: 380 } });
        },
      },
    );
    expect([order!.limit, order!.quantity]).toEqual([96, 40]);
    expect(fillsOf(result, '400 400 100 97')).toEqual(['3 A 40 @ 96', '3 A -40 @ 95']);
  });
});

describe('orders that make no sense', () => {
  it.each<[OrderOptions, RegExp]>([
    [{ limit: 0 }, /limit 0. Prices are above 0/],
    [{ limit: -1 }, /limit -1/],
    [{ limit: 0.001 }, /rounds to 0/],
    [{ trailing: { percent: 5 } }, /Write 5 % as 0.05/],
    [{ trailing: { percent: 0.05, amount: 3 } } as never, /'percent' or 'amount'/],
    [{ trailing: { percent: 0.05 }, limit: 3 } as never, /trailing stop beside a limit/],
    [{ limit: 3, on: 'close' }, /both a price and 'on'/],
    [{ timeInForce: 'week' } as never, /'gtc', 'day', 'ioc', 'fok'/],
    [{ stopLoss: {} } as never, /needs one of price, percent, amount, trailing/],
    [{ takeProfit: { trailing: 0.1 } } as never, /trailing/],
    [{ limt: 3 } as never, /limit/],
  ])('%j', async (options, message) => {
    await expect(afterFirst('100', ({ order, asset }) => order(asset, 1, options))).rejects.toThrow(message);
  });
});
