import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import type { Order, OrderOptions } from '../../../src/execution/order.js';
import type { Asset } from '../../../src/market/asset.js';
import { fillsOf, run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10 10 20 20 20', B: '5 5 5 5 5' } };

type Acts = (context: Context, bar: number) => unknown;

/** Runs what is done bar by bar. */
async function acting(acts: Acts, options: TinyRun = {}, market: TinyMarket = MARKET) {
  let bar = 0;
  return run(market, { handleData: (context) => void acts(context, bar++) }, options);
}

/** What the order family gives, ordered on the first bar. */
async function ordered(give: (context: Context) => Order | undefined, options: TinyRun = {}, market?: TinyMarket) {
  let order: Order | undefined;
  const result = await acting(
    (context, bar) => {
      if (bar === 0) order = give(context);
    },
    options,
    market,
  );
  return { order, fills: fillsOf(result), result };
}

describe('the order family', () => {
  it.each<[string, (context: Context) => Order | undefined, string[]]>([
    ['order', ({ order, asset }) => order(asset, 3), ['1 A 3 @ 10']],
    ['order of a decimal text', ({ order, asset }) => order(asset, '3'), ['1 A 3 @ 10']],
    ['order rounds to the lot towards zero', ({ order, asset }) => order(asset, 3.999), ['1 A 3 @ 10']],
    ['value', ({ order, asset }) => order.value(asset, 59.99), ['1 A 5 @ 10']],
    ['value at a price that divides exactly', ({ order, asset }) => order.value(asset, '60'), ['1 A 6 @ 10']],
    ['percent', ({ order, asset }) => order.percent(asset, 0.1), ['1 A 1000 @ 10']],
    ['notional', ({ order, asset }) => order.notional(asset, 25), ['1 A 2.5 @ 10']],
    ['notional of a third', ({ order, asset }) => order.notional(asset, '3.33333333'), ['1 A 0.33333333 @ 10']],
    ['notional of all', ({ order, asset }) => order.notional(asset, 'all'), ['1 A 10000 @ 10']],
    ['target', ({ order, asset }) => order.target(asset, 4), ['1 A 4 @ 10']],
    ['targetValue', ({ order, asset }) => order.targetValue(asset, 45), ['1 A 4 @ 10']],
    ['targetPercent', ({ order, asset }) => order.targetPercent(asset, 0.5), ['1 A 5000 @ 10']],
  ])('%s', async (_name, give, fills) => {
    expect((await ordered(give)).fills).toEqual(fills);
  });

  it('buys 3 units of 99.99 for 299.97, whatever the last bit of the quotient', async () => {
    const market: TinyMarket = { assets: { A: '99.99 99.99' } };
    expect((await ordered(({ order, asset }) => order.value(asset, 299.97), {}, market)).fills).toEqual([
      '1 A 3 @ 99.99',
    ]);
    expect((await ordered(({ order, asset }) => order.value(asset, 299.96), {}, market)).fills).toEqual([
      '1 A 2 @ 99.99',
    ]);
  });

  it('sizes to an asset’s own lot and multiplier', async () => {
    const market: TinyMarket = { assets: { A: '10 10' }, lot: 0.01, multiplier: 50 };
    const { fills, result } = await ordered(({ order, asset }) => order.value(asset, 777), {}, market);
    expect(fills).toEqual(['1 A 1.55 @ 10']);
    expect(result.equity[1]).toBe(100_000);
    const lots: TinyMarket = { assets: { A: '10 10' }, lot: 100 };
    expect((await ordered(({ order, asset }) => order(asset, 250), {}, lots)).fills).toEqual(['1 A 200 @ 10']);
  });

  it('targets do nothing where nothing is to be done', async () => {
    const seen: unknown[] = [];
    await acting(({ order, asset }, bar) => {
      if (bar === 0) seen.push(order.target(asset, 0), order.close(asset), order.targetPercent(asset, 0));
      if (bar === 0) order(asset, 5);
      if (bar === 1) seen.push(order.target(asset, 5), order.targetValue(asset, 55));
    });
    expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('a target replaces the working orders of its asset, so asking twice is harmless', async () => {
    const orders: (Order | undefined)[] = [];
    const result = await acting(({ order, symbol }, bar) => {
      if (bar !== 0) return;
      order(symbol('B'), 1);
      orders.push(order.target(symbol('A'), 5), order.target(symbol('A'), 5), order.target(symbol('A'), 7));
    });
    expect(fillsOf(result)).toEqual(['1 B 1 @ 5', '1 A 7 @ 10']);
    expect(orders.map((order) => order!.status)).toEqual(['cancelled', 'cancelled', 'filled']);
    expect(orders[0]!.reason).toBe('by the strategy');
    expect(result.orders).toBe(4);
  });

  it('a target counts what is held, fractions too; a target of 0 leaves whole', async () => {
    const result = await acting(({ order, asset }, bar) => {
      if (bar === 0) order.notional(asset, 25);
      if (bar === 1) order.target(asset, 1);
      if (bar === 2) order.target(asset, 0);
    });
    // 2.5 to 1 would be 1.5 units: a lot and a half.
    expect(fillsOf(result)).toEqual(['1 A 2.5 @ 10', '2 A -1 @ 20', '3 A -1.5 @ 20']);
  });

  it('close cancels what works and sells what is held', async () => {
    let entry: Order | undefined;
    const result = await acting(({ order, asset }, bar) => {
      if (bar === 0) order(asset, 5);
      if (bar === 1) {
        entry = order(asset, 100);
        order.close(asset);
      }
    });
    expect(fillsOf(result)).toEqual(['1 A 5 @ 10', '2 A -5 @ 20']);
    expect(entry!.status).toBe('cancelled');
  });

  it('lists what works, oldest first, of one asset or of all', async () => {
    const open: string[][] = [];
    await acting(({ order, symbol }, bar) => {
      if (bar === 0) {
        order(symbol('B'), 1);
        order(symbol('A'), 1);
        order(symbol('B'), 2).cancel();
      }
      open.push(
        order.open().map(({ id }) => id),
        order.open(symbol('A')).map(({ id }) => id),
      );
    });
    expect(open.slice(0, 4)).toEqual([['B-1', 'A-2'], ['A-2'], [], []]);
  });

  it('gives handles that follow the broker', async () => {
    let order: Order | undefined;
    const seen: unknown[] = [];
    await acting(({ order: give, asset, portfolio }, bar) => {
      if (bar === 0) order = give(asset, 3, { tag: 'first' });
      const { status, quantity, filled, remaining, averagePrice, reason, tag } = order!;
      seen.push([status, quantity, filled, remaining, averagePrice, reason, tag, portfolio.position(asset).isFlat]);
      order!.cancel();
      if (bar === 0) order = give(asset, 3, { tag: 'second' });
    });
    expect(seen.slice(0, 2)).toEqual([
      ['working', 3, 0, 3, Number.NaN, undefined, 'first', false],
      ['filled', 3, 3, 0, 10, undefined, 'second', false],
    ]);
    // Cancelling what is filled changes nothing.
    expect(order!.status).toBe('filled');
  });
});

describe('orders that cannot be', () => {
  it.each<[string, (context: Context) => Order | undefined, string, string]>([
    ['less than a lot', ({ order, asset }) => order(asset, 0.5), 'rejected', 'it rounds to 0 units (lot 1)'],
    ['nothing', ({ order, asset }) => order(asset, 0), 'rejected', 'it rounds to 0 units (lot 1)'],
    [
      'a value below a unit',
      ({ order, asset }) => order.value(asset, 9.99),
      'rejected',
      'it rounds to 0 units (lot 1)',
    ],
    [
      'a sale of what is not held',
      ({ order, asset }) => order(asset, -1),
      'rejected',
      'a cash account sells only what it holds',
    ],
    [
      'a target below zero',
      ({ order, asset }) => order.target(asset, -1),
      'rejected',
      'a cash account sells only what it holds',
    ],
  ])('%s is rejected with the reason', async (_name, give, status, reason) => {
    const { order, fills } = await ordered(give);
    expect({ status: order!.status, reason: order!.reason, fills }).toEqual({ status, reason, fills: [] });
    expect(order!.remaining).toBe(0);
  });

  it.each<[string, (context: Context, asset: Asset) => Order | undefined, string[]]>([
    ['units', ({ order }, asset) => order(asset, 2), ['2 B 2 @ 3']],
    ['a target', ({ order }, asset) => order.target(asset, 2), ['2 B 2 @ 3']],
    ['an amount', ({ order }, asset) => order.notional(asset, 6), ['2 B 2 @ 3']],
    ['a limit', ({ order }, asset) => order(asset, 2, { limit: 3 }), ['2 B 2 @ 3']],
    ['a stop', ({ order }, asset) => order(asset, 2, { stop: 3 }), ['2 B 2 @ 3']],
    ['exits at a distance', ({ order }, asset) => order(asset, 2, { stopLoss: { percent: 0.1 } }), ['2 B 2 @ 3']],
    ['a limit with exits', ({ order }, asset) => order(asset, 2, { limit: 3, stopLoss: { price: 2 } }), ['2 B 2 @ 3']],
  ])('%s of an asset that has no price yet wait for its first bar', async (_name, give, fills) => {
    const market: TinyMarket = { assets: { A: '1 2 3 3', B: '- - 3 3' } };
    const found = await ordered((context) => give(context, context.symbol('B')), {}, market);
    expect([found.order!.reason, found.fills]).toEqual([undefined, fills]);
  });

  it.each<[string, (context: Context, asset: Asset) => Order | undefined, string]>([
    ['a value', ({ order }, asset) => order.value(asset, 6), 'no price is known yet'],
    ['a share', ({ order }, asset) => order.percent(asset, 0.1), 'no price is known yet'],
    [
      'a trailing stop',
      ({ order }, asset) => order(asset, 2, { trailing: { percent: 0.1 } }),
      'no price is known yet that its stop could trail',
    ],
    [
      'a stop-loss at a price',
      ({ order }, asset) => order(asset, 2, { stopLoss: { price: 2 } }),
      'no price is known yet that its exits could be held against',
    ],
    [
      'a take-profit at a price',
      ({ order }, asset) => order(asset, 2, { takeProfit: { price: 4 } }),
      'no price is known yet that its exits could be held against',
    ],
  ])('%s of an asset that has no price yet is rejected', async (_name, give, reason) => {
    const market: TinyMarket = { assets: { A: '1 2 3 3', B: '- - 3 3' } };
    const found = await ordered((context) => give(context, context.symbol('B')), {}, market);
    expect([found.order!.status, found.order!.reason, found.fills]).toEqual(['rejected', reason, []]);
  });

  it('a value of an asset that has no price yet is rejected, and its target is not given', async () => {
    const market: TinyMarket = { assets: { A: '1 2 3', B: '- - 3' } };
    const { order } = await ordered(({ order: give, symbol }) => give.value(symbol('B'), 10), {}, market);
    expect([order!.status, order!.reason]).toEqual(['rejected', 'no price is known yet']);
    const target = await ordered(({ order: give, symbol }) => give.targetPercent(symbol('B'), 0.5), {}, market);
    expect(target.order).toBeUndefined();
    expect(target.result.orders).toBe(0);
  });

  it.each<[string, (context: Context) => unknown, string]>([
    ['NaN units', ({ order, asset }) => order(asset, Number.NaN), 'NOT_A_DECIMAL'],
    ['infinite units', ({ order, asset }) => order.target(asset, Number.POSITIVE_INFINITY), 'NOT_A_DECIMAL'],
    ['a NaN fraction', ({ order, asset }) => order.percent(asset, Number.NaN), 'INVALID_AMOUNT'],
    ['a notional sale', ({ order, asset }) => order.notional(asset, -5), 'INVALID_AMOUNT'],
    ['a notional of nothing', ({ order, asset }) => order.notional(asset, 0), 'INVALID_AMOUNT'],
    ['no number', ({ order, asset }) => order(asset, undefined as never), 'NOT_A_DECIMAL'],
    ['no asset', ({ order }) => order(undefined as never, 1), 'UNKNOWN_ASSET'],
    ['an option that is none', ({ order, asset }) => order(asset, 1, { limt: 3 } as never), 'UNKNOWN_OPTION'],
  ])('%s ends the run with the place', async (_name, act, code) => {
    await expect(acting((context, bar) => bar === 1 && act(context))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^The strategy failed in handleData at 2020-01-02T00:00:00Z \(bar 1, A, B\): /),
    });
  });

  it('sells no more than is held: trimmed, or rejected when told to', async () => {
    const sale = async (unaffordable: 'trim' | 'reject') => {
      let order: Order | undefined;
      const result = await acting(
        ({ order: give, asset }, bar) => {
          if (bar === 0) give(asset, 5);
          if (bar === 1) order = give(asset, -8);
        },
        { unaffordable },
      );
      return [fillsOf(result).slice(1), order!.status, order!.reason, order!.quantity, order!.filled];
    };
    expect(await sale('trim')).toEqual([['2 A -5 @ 20'], 'filled', 'trimmed to what is held', -8, -5]);
    expect(await sale('reject')).toEqual([[], 'rejected', 'a cash account sells only what it holds', -8, 0]);
  });

  it('buys no more than cash pays, fee included: trimmed to whole lots, or rejected when told to', async () => {
    const purchase = async (unaffordable: 'trim' | 'reject') => {
      const { order, fills, result } = await ordered(({ order: give, asset }) => give(asset, 11), {
        unaffordable,
        cash: 100,
        commission: 'percent:0.001',
      });
      return [fills, order!.status, order!.reason, result.endingEquity.toString()];
    };
    // 10 units cost 100.10 with the fee; 9 cost 90.09 and are worth 180 at 20.
    expect(await purchase('trim')).toEqual([['1 A 9 @ 10'], 'filled', 'trimmed to the cash at hand', '189.91']);
    expect(await purchase('reject')).toEqual([
      [],
      'rejected',
      'the cash at hand does not pay for it, fee included',
      '100',
    ]);
  });

  it('a notional order beyond the cash is trimmed or rejected; one of no cash at all is rejected', async () => {
    const spend = async (unaffordable: 'trim' | 'reject') => {
      const { order, fills } = await ordered(({ order: give, asset }) => give.notional(asset, 150), {
        unaffordable,
        cash: 100,
      });
      return [fills, order!.status];
    };
    expect(await spend('trim')).toEqual([['1 A 10 @ 10'], 'filled']);
    expect(await spend('reject')).toEqual([[], 'rejected']);
    const poor = await acting(({ order, asset }, bar) => bar < 2 && order.notional(asset, 'all'), { cash: 100 });
    expect(fillsOf(poor)).toEqual(['1 A 10 @ 10']);
  });

  it('a fee that neither proceeds nor cash pay stops the sale', async () => {
    let sale: Order | undefined;
    await acting(
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 1);
        if (bar === 1) sale = order(asset, -1);
      },
      { cash: 60, commission: 'per-share:0,min=50' },
      { assets: { A: '10 10 1' } },
    );
    expect([sale!.status, sale!.reason]).toEqual(['rejected', 'the fee exceeds the proceeds and the cash at hand']);
  });
});

describe('a notional order', () => {
  it('spends its amount to the last smallest unit, commission included', async () => {
    const { fills, result } = await ordered(
      ({ order, asset }) => order.notional(asset, 1000),
      { commission: 'percent:0.001' },
      { assets: { A: '7.77 7.77' } },
    );
    // q * 7.77 * 1.001 <= 1000 holds for q = 128.57155714 and for no larger one.
    expect(fills).toEqual(['1 A 128.57155714 @ 7.77']);
    const [fill] = result.fills;
    expect(fill!.exact.fee.toString()).toBe('0.999001');
    // Its handle says what was filled, since it was sized there.
    expect((await ordered(({ order, asset }) => order.notional(asset, 1000))).order!.quantity).toBe(100);
  });

  it('shares the free cash of the fill in the order of submission', async () => {
    const result = await acting(({ order, symbol }, bar) => {
      if (bar !== 0) return;
      order.notional(symbol('A'), 60_000);
      order.notional(symbol('B'), 'all');
    });
    expect(fillsOf(result)).toEqual(['1 A 6000 @ 10', '1 B 8000 @ 5']);
  });

  it('a sale pays for the purchase after it on the same bar', async () => {
    const result = await acting(({ order, symbol }, bar) => {
      if (bar === 0) order.notional(symbol('A'), 'all');
      if (bar === 1) {
        order.close(symbol('A'));
        order.notional(symbol('B'), 'all');
      }
    });
    expect(fillsOf(result)).toEqual(['1 A 10000 @ 10', '2 A -10000 @ 20', '2 B 40000 @ 5']);
  });
});

describe('costs, to the last digit', () => {
  const roundTrip = async (options: TinyRun, market: TinyMarket = { assets: { A: '33.33 33.33 44.44' } }) => {
    const result = await acting(
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 7);
        if (bar === 1) order.close(asset);
      },
      options,
      market,
    );
    return {
      fills: result.fills.map(({ exact }) => `${exact.quantity} @ ${exact.price}, fee ${exact.fee}`),
      equity: result.endingEquity.toString(),
    };
  };

  it.each([
    // 7 * 33.33 = 233.31, 7 * 44.44 = 311.08
    { options: {}, fees: ['0', '0'], prices: ['33.33', '44.44'], equity: '100077.77' },
    {
      options: { commission: 'percent:0.00125' },
      fees: ['0.2916375', '0.38885'],
      prices: ['33.33', '44.44'],
      equity: '100077.0895125',
    },
    {
      options: { commission: 'per-share:0.005' },
      fees: ['0.035', '0.035'],
      prices: ['33.33', '44.44'],
      equity: '100077.7',
    },
    {
      options: { commission: 'per-share:0.005,min=1' },
      fees: ['1', '1'],
      prices: ['33.33', '44.44'],
      equity: '100075.77',
    },
    // Against the trader: 33.33 * 1.0005, 44.44 * 0.9995
    { options: { slippage: 'bps:5' }, fees: ['0', '0'], prices: ['33.346665', '44.41778'], equity: '100077.497805' },
    {
      options: { slippage: 'bps:2.5', commission: 'percent:0.001' },
      fees: ['0.2333683275', '0.31100223'].map((fee) => Number(fee).toFixed(8).replace(/0+$/, '')),
      prices: ['33.3383325', '44.42889'],
      // 233.3683275 bought, 311.00223 sold, fees 0.23336833 and 0.31100223
      equity: '100077.08953194',
    },
  ])('$options', async ({ options, fees, prices, equity }) => {
    const found = await roundTrip(options);
    expect(found.equity).toBe(equity);
    expect(found.fills).toEqual([`7 @ ${prices[0]}, fee ${fees[0]}`, `-7 @ ${prices[1]}, fee ${fees[1]}`]);
  });

  it('0.1 and 0.2 make 0.3', async () => {
    const result = await acting(
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 0.1);
        if (bar === 1) order(asset, 0.2);
      },
      { cash: 1 },
      { assets: { A: '1 1 1 1' }, lot: 0.1 },
    );
    expect(result.endingEquity.toString()).toBe('1');
    expect(result.fills.map(({ exact }) => exact.quantity.toString())).toEqual(['0.1', '0.2']);
  });

  it('keeps 15 digits of a price and slippage beside them, rounded against the trader', async () => {
    const result = await acting(
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 1);
        if (bar === 1) order(asset, -1);
      },
      { slippage: 'bps:5', cash: 10_000_000 },
      { assets: { A: '60000.12345678 60000.12345678 60000.12345678' }, lot: 1e-8, priceDecimals: 8 },
    );
    const [buy, sale] = result.fills;
    // Exactly 60030.1235185083900 and 59970.12339505161: 17 digits, of which 16 fit.
    expect(Number(buy!.exact.price)).toBeCloseTo(60_030.123518508_39, 9);
    expect(buy!.exact.price.gte('60030.12351850839')).toBe(true);
    expect(sale!.exact.price.lte('59970.12339505161')).toBe(true);
    expect(buy!.exact.price.minus('60030.12351850839').toNumber()).toBeLessThan(1e-9);
  });

  it('keeps as many of orders that wait for a price, none of them past a limit', async () => {
    const market = { assets: { A: '60000.12345678 60000.12345678 60000.12345678' }, lot: 1e-8, priceDecimals: 8 };
    const bought = (options: OrderOptions) =>
      acting(
        ({ order, asset }, bar) => bar === 0 && order(asset, 1, options),
        { slippage: 'bps:5', cash: 10_000_000 },
        market,
      );
    const [stopped] = (await bought({ stop: 50_000 })).fills;
    expect(stopped!.exact.price.gte('60030.12351850839')).toBe(true);
    expect(stopped!.exact.price.minus('60030.12351850839').toNumber()).toBeLessThan(1e-9);
    const [limited] = (await bought({ limit: '60030.12345678' })).fills;
    expect(limited!.exact.price.toString()).toBe('60030.12345678');
  });

  it('takes a multiplier as the decimal it prints, however small', async () => {
    const result = await acting(
      ({ order, asset }, bar) => bar === 0 && order(asset, 1000),
      {},
      { assets: { A: '10 10 30' }, multiplier: 1e-7 },
    );
    expect(result.endingEquity.toString()).toBe('100000.002');
  });
});

describe('positions and the portfolio', () => {
  it('say what is held, what it cost and what it is worth', async () => {
    const seen: unknown[] = [];
    await acting(
      ({ order, asset, portfolio }, bar) => {
        if (bar === 0) order(asset, 4);
        const position = portfolio.position(asset);
        seen.push([position.quantity, position.averagePrice, position.value, position.profit, position.isFlat]);
        if (bar === 2) {
          expect(position.exact.cost.toString()).toBe('40');
          expect(position.exact.quantity.toString()).toBe('4');
          expect(portfolio.cash).toBe(99_959.9);
          expect(portfolio.exact.cash.toString()).toBe('99959.9');
          expect(portfolio.value).toBe(100_039.9);
          expect(portfolio.leverage).toBe(80 / 100_039.9);
          expect(portfolio.held()).toEqual([position]);
        }
      },
      { commission: 'per-share:0.025' },
    );
    expect(seen.slice(0, 3)).toEqual([
      [0, Number.NaN, 0, 0, false],
      [4, 10, 40, 0, false],
      [4, 10, 80, 40, false],
    ]);
  });

  it('know only the assets of the run', async () => {
    await expect(acting(({ portfolio }) => portfolio.position({ sid: 9, symbol: 'Z' } as never))).rejects.toThrowError(
      "Z is not traded here; this account's assets are A, B.",
    );
    await expect(acting(({ symbol }) => symbol('AA'))).rejects.toThrowError(
      "This run has no symbol 'AA'. Did you mean 'A'?",
    );
  });

  it('value equals the equity of the bar', async () => {
    const values: number[] = [];
    const result = await acting(({ order, symbol, portfolio }, bar) => {
      values.push(portfolio.value);
      if (bar === 0) order.percent(symbol('A'), 0.3);
      if (bar === 1) order.percent(symbol('B'), 0.3);
      if (bar === 2) order.close(symbol('A'));
    });
    expect(values).toEqual([...result.equity]);
  });
});
