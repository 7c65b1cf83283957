import { describe, expect, it, onTestFinished } from 'vitest';
import type { AssetDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import type { Context } from '../../../src/engine/strategy.js';
import { assetDraft, dailyDraft } from '../../helpers/bundle-draft.js';
import { fillsOf, runOn, type TinyRun } from '../../helpers/tiny-market.js';

/** Runs over assets of any precision, acting bar by bar. Orders fill at the next close, an instant that belongs to the day after. */
async function trading(
  assets: readonly AssetDraft[],
  acts: readonly ((context: Context) => unknown)[],
  options: TinyRun = {},
) {
  const bundle = await bundleFromColumns(dailyDraft(assets), { name: 'precise', sharing: 'shared' });
  onTestFinished(() => bundle[Symbol.dispose]());
  let bar = 0;
  const held: string[] = [];
  const result = runOn(
    bundle,
    {
      handleData(context) {
        held.push(context.assets.map((asset) => String(context.portfolio.position(asset).exact.quantity)).join(' '));
        acts[bar++]?.(context);
      },
    },
    { cash: 100_000, fill: 'next-close', ...options },
  );
  const fees = result.fills.map(({ exact: { fee } }) => fee.toString());
  return { fills: fillsOf(result), fees, held, ending: result.endingEquity.toString() };
}

const bitcoin = (close: readonly number[], more: Partial<AssetDraft> = {}): AssetDraft =>
  assetDraft('BTC', close, { lot: 1e-8, ...more });
const ether = (close: readonly number[], more: Partial<AssetDraft> = {}): AssetDraft =>
  assetDraft('ETH', close, { lot: 1e-18, ...more });

describe('coins', () => {
  it('trade in lots of 8 decimals, whatever is asked for', async () => {
    const { fills, fees, ending } = await trading(
      [bitcoin([47_211.13, 47_211.13, 46_999.99, 47_000.01])],
      [
        ({ order, asset }) => order(asset, '0.123456789'),
        ({ order, asset }) => order(asset, '-0.00000001'),
        ({ order, asset }) => order.close(asset),
      ],
      { commission: 'percent:0.001' },
    );
    expect(fills).toEqual([
      '2 BTC 0.12345678 @ 47211.13',
      '3 BTC -0.00000001 @ 46999.99',
      '4 BTC -0.12345677 @ 47000.01',
    ]);
    // 0.12345678 * 47211.13 is 5828.53408996, a thousandth of which is 5.82853409.
    expect(fees).toEqual(['5.82853409', '0.00000047', '5.80246942']);
    expect(ending).toBe('99962.30480063');
  });

  it('trade in lots of 18 decimals', async () => {
    const { fills, held } = await trading(
      [ether([2_000, 2_000, 2_500, 2_500])],
      [
        ({ order, asset }) => order(asset, '0.000000000000000001'),
        ({ order, asset }) => order(asset, '3.141592653589793238'),
        ({ order, asset }) => order.target(asset, '1.000000000000000001'),
      ],
    );
    expect(fills).toEqual([
      '2 ETH 0.000000000000000001 @ 2000',
      '3 ETH 3.141592653589793238 @ 2500',
      '4 ETH -2.141592653589793238 @ 2500',
    ]);
    expect(held.at(-1)).toBe('1.000000000000000001');
  });

  it('spend all cash to the last of 18 decimals that money of 8 tells apart', async () => {
    // Three times 33333.333333335 is a half of money's last digit above 100,000, which rounds to the even one.
    const { held, ending } = await trading([ether([3, 3, 3])], [({ order, asset }) => order.notional(asset, 'all')]);
    expect(held.at(-1)).toBe('33333.333333335');
    expect(ending).toBe('100000');
  });

  it('of 18 decimals and whole shares share an account', async () => {
    const { fills, held } = await trading(
      [ether([2_000, 2_000, 2_000]), assetDraft('SHARE', [100, 100, 100], { lot: 1 })],
      [
        ({ order, symbol }) => [
          order(symbol('ETH'), '0.000000000000000001'),
          order(symbol('SHARE'), 1.5),
          order(symbol('SHARE'), 2_000),
        ],
      ],
    );
    // One share, and then as many whole ones as the rest of 100,000 pays.
    expect(fills).toEqual(['2 ETH 0.000000000000000001 @ 2000', '2 SHARE 1 @ 100', '2 SHARE 999 @ 100']);
    expect(held.at(-1)).toBe('0.000000000000000001 1000');
  });
});

describe('futures', () => {
  const mini = (close: readonly number[]): AssetDraft =>
    assetDraft('ES', close, { multiplier: 50, tick: 0.25, lot: 1 });

  it('are worth their multiplier on a margin account, long and short', async () => {
    const long = await trading([mini([4_500.25, 4_500.25, 4_512.75])], [({ order, asset }) => order(asset, 3)], {
      account: 'margin:leverage=10',
    });
    // 12.5 points of 50 for three contracts.
    expect(long.ending).toBe('101875');
    const short = await trading([mini([4_500.25, 4_500.25, 4_512.75])], [({ order, asset }) => order(asset, -3)], {
      account: 'margin:leverage=10',
    });
    expect(short.ending).toBe('98125');
  });

  it('open what their value, not their price, allows', async () => {
    const { fills } = await trading([mini([4_500, 4_500, 4_500])], [({ order, asset }) => order(asset, 100)], {
      account: 'margin:leverage=10',
    });
    // A million of buying power, 225,000 a contract.
    expect(fills).toEqual(['2 ES 4 @ 4500']);
  });
});

describe('a notional of 1e15', () => {
  it('is exact to the last digit of money', async () => {
    const { fills, fees, ending } = await trading(
      [assetDraft('BIG', [99_999.99, 99_999.99, 99_999.98], { lot: 1 })],
      [({ order, asset }) => order(asset, 9_999_999_999)],
      { cash: '2000000000000000.12345678', commission: 'percent:0.000001' },
    );
    expect(fills).toEqual(['2 BIG 9999999999 @ 99999.99']);
    // 9999999999 * 99999.99 = 999999899900000.01, a millionth of which is 999999899.90000001.
    expect(fees).toEqual(['999999899.90000001']);
    expect(ending).toBe('1999998900000100.23345677');
  });
});

describe('the currency of an account', () => {
  it('is one: assets of two are refused, and those of one choose it', async () => {
    const mixed = [assetDraft('EUR', [10, 10], { currency: 'EUR' }), assetDraft('USD', [10, 10])];
    await expect(trading(mixed, [])).rejects.toMatchObject({
      code: 'MIXED_CURRENCIES',
      details: { currencies: ['EUR', 'USD'] },
    });
    const bundle = await bundleFromColumns(dailyDraft(mixed), { name: 'mixed', sharing: 'shared' });
    onTestFinished(() => bundle[Symbol.dispose]());
    expect(runOn(bundle, { handleData() {} }, { symbols: ['EUR'] }).currency).toBe('EUR');
  });
});
