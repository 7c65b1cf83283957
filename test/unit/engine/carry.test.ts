import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import type { Context } from '../../../src/engine/strategy.js';
import { afterOpen, monthEnd } from '../../../src/market/schedule-rules.js';
import { assetDraft, days } from '../../helpers/bundle-draft.js';
import { run, runOn, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

async function holding(market: TinyMarket, units: number, options: TinyRun = {}) {
  const cash: string[] = [];
  const result = await run(
    market,
    {
      handleData({ order, asset, portfolio }: Context) {
        if (cash.length === 0 && units !== 0) order(asset, units);
        cash.push(portfolio.exact.cash.toString());
      },
    },
    { cash: 1000, account: 'margin:leverage=10', ...options },
  );
  return { cash, equity: [...result.equity], financing: result.financing.toString(), result };
}

describe('borrow cost', () => {
  it('is charged at each opening on the short value of the evening before', async () => {
    // A tenth of a per cent a day of 1000, 1100 and 1200.
    const { cash, equity, financing } = await holding({ assets: { A: '10 10 11 12 12' } }, -100, {
      borrow: 'borrow:0.365',
    });
    expect(cash).toEqual(['1000', '2000', '1999', '1997.9', '1996.7']);
    expect(equity.map((value) => Number(value.toFixed(8)))).toEqual([1000, 1000, 899, 797.9, 796.7]);
    expect(financing).toBe('3.3');
  });

  it('costs nothing where nothing is short, and on another count of days more', async () => {
    expect((await holding({ assets: { A: '10 10 10' } }, 50, { borrow: 'borrow:0.365' })).financing).toBe('0');
    const { financing } = await holding({ assets: { A: '10 10 10' } }, -36, { borrow: 'borrow:0.1,days=360' });
    expect(financing).toBe('0.1');
  });

  it('sums to the exact interest of a year', async () => {
    const assets = { A: Array.from({ length: 367 }, () => '7').join(' ') };
    const { financing, result } = await holding({ assets }, -100, { borrow: 'borrow:0.0725' });
    // 700 for 365 nights; what rounding leaves over is carried on.
    expect(financing).toBe('50.75');
    expect(result.endingEquity.toString()).toBe('949.25');
  });

  it('is measured before a split turns the shares', async () => {
    const { cash } = await holding(
      { assets: { A: '10 10 40 40' }, splits: [{ symbol: 'A', row: 2, ratio: '1/4' }] },
      -100,
      { borrow: 'borrow:0.365' },
    );
    expect(cash).toEqual(['1000', '2000', '1999', '1998']);
  });
});

describe('interest on cash', () => {
  it('is charged on what is borrowed, and paid on cash at hand where a credit rate says so', async () => {
    const debit = await holding({ assets: { A: '10 10 10 10' } }, 200, { financing: 'interest:0.365,credit=0.0365' });
    // A night of 1000 at hand earns a tenth of what a night of 1000 borrowed costs.
    expect(debit.cash).toEqual(['1000', '-999.9', '-1000.8999', '-1001.9007999']);
    expect(debit.financing).toBe('1.9007999');
    const none = await holding({ assets: { A: '10 10 10 10' } }, 0, { financing: 'interest:0.365' });
    expect(none.financing).toBe('0');
  });

  it('is earned by a cash account too, from the first bar on, whatever the warm-up', async () => {
    const result = await run(
      { assets: { A: '10 10 10 10 10' } },
      { warmUp: () => 4, handleData() {} },
      { cash: 1000, financing: 'interest:0.1,credit=0.0365' },
    );
    expect(result.endingEquity.toString()).toBe('1000.40006');
    expect(result.financing.toString()).toBe('-0.40006');
  });

  it('counts calendar days: three over a weekend, whatever the bars of a day', async () => {
    // Thursday 2 to Tuesday 7 January 2020.
    const times = days(6, '2020-01-02').filter((time) => ![0, 6].includes(new Date(time).getUTCDay()));
    const bundle = await bundleFromColumns(
      {
        groups: [{ calendar: 'XNYS', frequency: '1d', times, assets: [assetDraft('A', [10, 10, 10, 10])] }],
        splits: [],
        dividends: [],
      },
      { name: 'weekend', sharing: 'shared' },
    );
    onTestFinished(() => bundle[Symbol.dispose]());
    const cash: string[] = [];
    runOn(
      bundle,
      { handleData: ({ portfolio }) => void cash.push(portfolio.exact.cash.toString()) },
      { cash: 1000, financing: 'interest:0.1,credit=0.365' },
    );
    expect(cash).toEqual(['1000', '1001', '1004.003', '1005.007003']);
  });

  it('belongs to each sleeve, and to the record of the run', async () => {
    const market: TinyMarket = { assets: { A: '10 10 10', B: '10 10 10' } };
    const idle = { sleeves: 'equal', handleData() {} } as const;
    const free = await run(market, idle, { cash: 2000 });
    const paid = await run(market, idle, { cash: 2000, financing: 'interest:0.1,credit=0.365' });
    expect(paid.financing.toString()).toBe('-4.002');
    expect(paid.orderStreamHash).not.toBe(free.orderStreamHash);
    expect([...paid.equity]).toEqual([2000, 2002, 2004.002]);
  });

  it('accrues whatever the handlers of a strategy', async () => {
    const options = { cash: 1000, financing: 'interest:0.1,credit=0.1' };
    const market = { assets: { A: '10 10 10 10' } };
    const told = await run(market, { handleData() {}, onFill() {}, beforeTradingStart() {} }, options);
    const bare = await run(market, { handleData() {} }, options);
    const none = await run(market, {}, options);
    const scheduled = await run(
      market,
      { initialize: ({ schedule }) => void schedule(monthEnd(), afterOpen(), () => {}) },
      options,
    );
    // Interest on interest, night by night.
    expect(bare.endingEquity.toString()).toBe('1000.82214301');
    for (const result of [told, none, scheduled]) expect(result.endingEquity).toEqual(bare.endingEquity);
  });
});

describe('models of holding costs', () => {
  it.each([
    { borrow: 'borow:0.1' },
    { borrow: 'borrow:0.1,days=100' },
    { borrow: 'borrow' },
    { financing: 'interest:0.1,debit=3' },
  ])('%j is refused', async (options) => {
    await expect(holding({ assets: { A: '1 1' } }, 0, options)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});
