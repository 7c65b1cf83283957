import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import type { Order } from '../../../src/execution/order.js';
import { fillsOf, run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

/** Acts bar by bar, and tells what the account is worth, holds and may still buy at each close. */
async function acting(market: TinyMarket, acts: (context: Context, bar: number) => unknown, options: TinyRun = {}) {
  const seen: { cash: string; held: number; power: number }[] = [];
  const ended: string[] = [];
  let bar = 0;
  const result = await run(
    market,
    {
      handleData(context) {
        const { portfolio, asset } = context;
        seen.push({
          cash: String(portfolio.exact.cash),
          held: portfolio.position(asset).quantity,
          power: portfolio.buyingPower,
        });
        acts(context, bar++);
      },
      onOrder: (_context, { id, status, reason }) => void ended.push(`${id} ${status}: ${reason}`),
    },
    { cash: 1000, account: 'margin', ...options },
  );
  return { seen, ended, result, equity: [...result.equity], ending: result.endingEquity.toString() };
}

const orderAt =
  (bar: number, units: number, into: Order[] = []) =>
  ({ order, asset }: Context, at: number): void => {
    if (at === bar) into.push(order(asset, units));
  };

describe('what a margin account carries', () => {
  it('buys for twice its equity, and not a share more', async () => {
    const { seen, equity } = await acting({ assets: { A: '10 10 11' } }, orderAt(0, 200));
    expect(seen[0]).toEqual({ cash: '1000', held: 0, power: 2000 });
    expect(seen[1]).toEqual({ cash: '-1000', held: 200, power: 0 });
    // 2200 of shares, 1000 borrowed: 1200 of equity carry 2400.
    expect(seen[2]).toEqual({ cash: '-1000', held: 200, power: 200 });
    expect(equity).toEqual([1000, 1000, 1200]);
    const more: Order[] = [];
    expect((await acting({ assets: { A: '10 10' } }, orderAt(0, 201, more))).seen[1]!.held).toBe(200);
    expect(more[0]).toMatchObject({ status: 'filled', filled: 200, reason: 'trimmed to the buying power' });
    const strict: Order[] = [];
    await acting({ assets: { A: '10 10' } }, orderAt(0, 201, strict), { unaffordable: 'reject' });
    expect(strict[0]).toMatchObject({
      status: 'rejected',
      reason: 'the buying power does not carry it, fee included',
    });
  });

  it.each([
    { account: 'margin:leverage=10', held: 1000 },
    { account: 'margin:leverage=3', held: 300 },
    { account: 'margin:leverage=1', held: 100 },
    { account: 'margin:initial=1', held: 100 },
    { account: 'margin:initial=0.3,maintenance=0.2', held: 333 },
  ])('$account holds $held shares of 10 on 1000', async ({ account, held }) => {
    const { seen } = await acting({ assets: { A: '10 10' } }, orderAt(0, 100_000), { account });
    expect(seen[1]!.held).toBe(held);
    const short = await acting({ assets: { A: '10 10' } }, orderAt(0, -100_000), { account });
    expect(short.seen[1]!.held).toBe(-held);
  });

  it('counts the fee with what is bought', async () => {
    // 2000 of buying power pay 199 shares and their 1 %: 2009.90 would be too much, 1999.80 for 198 is not.
    const { seen } = await acting({ assets: { A: '10 10' } }, orderAt(0, 200), { commission: 'percent:0.01' });
    expect(seen[1]).toMatchObject({ held: 198, cash: '-999.8' });
  });

  it('sells short, keeps the proceeds as collateral, and covers', async () => {
    const { seen, equity, result } = await acting({ assets: { A: '10 10 8 8' } }, ({ order, asset }, bar) => {
      if (bar === 0) order(asset, -100);
      if (bar === 2) order.close(asset);
    });
    expect(seen[1]).toEqual({ cash: '2000', held: -100, power: 1000 });
    expect(equity).toEqual([1000, 1000, 1200, 1200]);
    expect(fillsOf(result)).toEqual(['1 A -100 @ 10', '3 A 100 @ 8']);
    expect(result.metrics).toMatchObject({ trades: 1, winRate: 1 });
  });

  it('goes through zero: what it closes frees its margin first', async () => {
    const orders: Order[] = [];
    const { seen } = await acting({ assets: { A: '10 10 10' } }, ({ order, asset }, bar) => {
      if (bar === 0) orders.push(order(asset, 200));
      if (bar === 1) orders.push(order(asset, -500));
    });
    expect(seen.map(({ held }) => held)).toEqual([0, 200, -200]);
    expect(orders[1]).toMatchObject({ filled: -400, reason: 'trimmed to the buying power' });
  });

  it('closes whatever the margin says', async () => {
    const orders: Order[] = [];
    const { seen } = await acting(
      { assets: { A: '10 10>7 7 7' } },
      ({ order, asset }, bar) => {
        if (bar === 0) orders.push(order(asset, 200));
        // 400 of equity under 1400 of shares: nothing may be opened, anything closed.
        if (bar === 1) orders.push(order(asset, 1), order(asset, -20));
      },
      { unaffordable: 'reject' },
    );
    expect(seen[1]!.power).toBe(-600);
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'rejected', 'filled']);
    expect(seen[2]!.held).toBe(180);
  });

  it("spends its own cash on 'all', an amount up to the buying power, and no collateral of short sales", async () => {
    const market: TinyMarket = { assets: { A: '10 10 10', B: '5 5 5' } };
    const spend = async (amount: 'all' | number, shorts: number): Promise<number> => {
      const { result } = await acting(market, ({ order, assets, symbol }, bar) => {
        if (bar === 0 && shorts > 0) order(symbol('B'), -shorts);
        if (bar === 1) order.notional(assets[0]!, amount);
      });
      return result.fills.filter(({ asset }) => asset.symbol === 'A')[0]!.quantity;
    };
    expect(await spend('all', 0)).toBe(100);
    expect(await spend(1500, 0)).toBe(150);
    expect(await spend(5000, 0)).toBe(200);
    // 500 sold short: 1500 of cash, of which 500 are collateral.
    expect(await spend('all', 100)).toBe(100);
    // 1500 sold short leave 500 of buying power.
    expect(await spend('all', 300)).toBe(50);
  });

  it('measures other positions at the closes before, also when orders fill at the close', async () => {
    const market: TinyMarket = { assets: { A: '10 10 10 10', B: '10 10>20 20 20' } };
    const bought = async (fill: TinyRun['fill'], from: number): Promise<number> => {
      const { result } = await acting(
        market,
        ({ order, symbol }, bar) => {
          if (bar === from) order(symbol('B'), 100);
          if (bar === from + 1) order(symbol('A'), 1000);
        },
        { fill },
      );
      return result.fills.filter(({ asset }) => asset.symbol === 'A')[0]?.quantity ?? 0;
    };
    // B is bought at 10 and closes at 20: 2000 of equity carry 4000, of which B takes 2000.
    expect(await bought('next-open', 0)).toBe(200);
    expect(await bought('same-close', 0)).toBe(200);
    // Bought at 20, B takes all there is.
    expect(await bought('next-close', 0)).toBe(0);
  });
});

describe('short positions at corporate actions', () => {
  it('pay the whole dividend when it is due, and turn at a split', async () => {
    const { seen, equity } = await acting(
      {
        assets: { A: '10 10 9 9 3' },
        dividends: [{ symbol: 'A', row: 2, amount: '1', payRow: 3 }],
        splits: [{ symbol: 'A', row: 4, ratio: '3' }],
      },
      orderAt(0, -50),
      { withholding: 0.15 },
    );
    expect(seen.map(({ cash }) => cash)).toEqual(['1000', '1500', '1500', '1450', '1450']);
    expect(seen.map(({ held }) => held)).toEqual([0, -50, -50, -50, -150]);
    expect(equity).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('owe cash in lieu for a fraction', async () => {
    const { seen, equity } = await acting(
      { assets: { A: '30 30 33 22' }, splits: [{ symbol: 'A', row: 3, ratio: '3/2' }] },
      orderAt(0, -3),
    );
    // -4.5 new shares: 4 stay short, half a share of 22 is paid.
    expect(seen[3]).toMatchObject({ held: -4, cash: '1079' });
    expect(equity).toEqual([1000, 1000, 991, 991]);
  });
});

describe('a margin call', () => {
  it('closes all positions where the next orders fill, and cancels working orders', async () => {
    const { ended, result, equity } = await acting(
      { assets: { A: '10 10 6 5 4', B: '1 1 . . 2', C: '1 1 1 1 1' } },
      ({ order, symbol }, bar) => {
        if (bar === 0) order(symbol('A'), 150);
        if (bar === 0) order(symbol('B'), 500);
        if (bar === 2) order(symbol('B'), -1);
      },
    );
    // At 6, 1400 of shares on 400 are carried; at 5, 1250 on 250 are below a quarter.
    expect(equity).toEqual([1000, 1000, 400, 250, 600]);
    expect(ended).toEqual(['B-3 cancelled: margin call: the equity is below the maintenance requirement']);
    expect(fillsOf(result)).toEqual(['1 A 150 @ 10', '1 B 500 @ 1', '4 A -150 @ 4', '4 B -500 @ 2']);
  });

  it('comes at the first close below the maintenance requirement', async () => {
    const call = async (close: number) => {
      const { result, ended, equity } = await acting(
        { assets: { A: `10 10 ${close} 6.5 6.5 6.5` } },
        ({ order, asset }, bar) => {
          if (bar === 0) order(asset, 200);
          if (bar >= 2 && bar <= 4) order(asset, -1);
        },
      );
      return { fills: fillsOf(result), ended, equity };
    };
    // 200 p - 1000 < 50 p below 6.666...
    const safe = await call(6.67);
    expect(safe.fills.slice(0, 2)).toEqual(['1 A 200 @ 10', '3 A -1 @ 6.5']);
    const called = await call(6.66);
    expect(called.ended[0]).toBe('A-2 cancelled: margin call: the equity is below the maintenance requirement');
    expect(called.fills.slice(0, 2)).toEqual(['1 A 200 @ 10', '3 A -200 @ 6.5']);
    expect(called.equity.slice(0, 4)).toEqual([1000, 1000, 332, 300]);
    // Flat again and in good standing: the next order goes short.
    expect(called.fills.slice(2)).toEqual(['4 A -1 @ 6.5', '5 A -1 @ 6.5']);
  });

  it('tells the strategy through onFill, with the reason in the order', async () => {
    const told: string[] = [];
    await run(
      { assets: { A: '10 10 6 6' } },
      {
        handleData({ order, asset, portfolio }) {
          if (portfolio.position(asset).isFlat && told.length === 0) order(asset, 200);
        },
        onFill: (_context, { order, quantity }) => void told.push(`${quantity} ${order.reason}`),
      },
      { cash: 1000, account: 'margin' },
    );
    expect(told).toEqual(['200 undefined', '-200 margin call: the equity is below the maintenance requirement']);
  });

  it('waits where the bar is missing, and takes no order until the positions are closed', async () => {
    const orders: Order[] = [];
    const { result, ended } = await acting(
      { assets: { A: '10 10 6 . 6 6', B: '1 1 1 1 1 1' } },
      ({ order, symbol }, bar) => {
        if (bar === 0) order(symbol('A'), 200);
        if (bar === 3 || bar === 4) orders.push(order(symbol('B'), 10));
      },
    );
    expect(fillsOf(result)).toEqual(['1 A 200 @ 10', '4 A -200 @ 6', '5 B 10 @ 1']);
    expect(ended).toEqual(["B-3 rejected: a margin call is closing the account's positions"]);
    expect(orders.map(({ status }) => status)).toEqual(['rejected', 'filled']);
  });

  it('is another run than one without it', async () => {
    const market = { assets: { A: '10 10 6 6' } };
    const called = await acting(market, orderAt(0, 200));
    const sold = await acting(
      market,
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 200);
        if (bar === 2) order.close(asset);
      },
      { account: 'margin:maintenance=0' },
    );
    expect(fillsOf(called.result)).toEqual(fillsOf(sold.result));
    expect(called.result.orderStreamHash).not.toBe(sold.result.orderStreamHash);
  });
});

describe('ruin', () => {
  it.each(['next-open', 'next-close', 'same-close'] as const)(
    'ends the positions, and the run goes on flat (%s)',
    async (fill) => {
      const { equity, result, ended } = await acting(
        { assets: { A: '10 10 4 4 20 20' } },
        ({ order, asset }, bar) => {
          if (bar === 0 || bar === 4) order(asset, 1000);
        },
        { account: 'margin:leverage=2', fill },
      );
      expect(equity).toEqual([1000, 1000, -200, -200, -200, -200]);
      expect(fillsOf(result).map((text) => text.slice(2))).toEqual(['A 200 @ 10', 'A -200 @ 4']);
      expect(ended).toEqual(['A-3 rejected: nothing is left: the equity is not above zero']);
      expect(result.metrics).toMatchObject({ sharpe: undefined, trades: 1, totalReturn: -1.2 });
    },
  );

  it('comes with the equity at zero, of a short position too', async () => {
    const { equity } = await acting({ assets: { A: '10 10 20 20 5' } }, orderAt(0, -100), {
      account: 'margin:leverage=1',
    });
    expect(equity).toEqual([1000, 1000, 0, 0, 0]);
  });
});

describe('how an account is written', () => {
  it.each([
    ['margn', 'INVALID_MODEL'],
    ['margin:initial=0', 'INVALID_MODEL'],
    ['margin:initial=1.5', 'INVALID_MODEL'],
    ['margin:initial=0.2,maintenance=0.3', 'INVALID_MODEL'],
    ['margin:leverage=0.5', 'INVALID_MODEL'],
    ['margin:leverage=4,initial=0.25', 'INVALID_MODEL'],
    ['margin:leverage=4,maintenance=0.3', 'INVALID_MODEL'],
    ['cash:1', 'INVALID_MODEL'],
  ])('%s is refused', async (account, code) => {
    await expect(acting({ assets: { A: '1 1' } }, () => {}, { account })).rejects.toMatchObject({ code });
  });
});
