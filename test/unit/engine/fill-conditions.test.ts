import { describe, expect, it } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import type { Context } from '../../../src/engine/strategy.js';
import { run, runOn, type TinyRun, tinyDraft } from '../../helpers/tiny-market.js';

/** Gives orders by bar; returns price and fee of each fill as exact text. */
async function traded(bars: string, orders: Readonly<Record<number, (context: Context) => unknown>>, options: TinyRun) {
  let bar = 0;
  const result = await run(
    { assets: { A: bars }, priceDecimals: 2 },
    { handleData: (context) => void orders[bar++]?.(context as Context) },
    { cash: 1_000_000, ...options },
  );
  return result.fills.map(({ exact }) => `${exact.quantity} @ ${exact.price} fee ${exact.fee}`);
}

const buy = (units: number) => (context: Context) => context.order(context.asset, units);

describe('what models are told of a fill', () => {
  it('an order in parts pays its least fee once', async () => {
    // Volume is 1000 and the row's number, a tenth of it may be taken: 100, 100, 50.
    const fills = await traded(
      '10 10 10 10',
      { 0: buy(250) },
      { commission: 'per-share:0.01,min=1.5', slippage: 'volume-share:0.1,0' },
    );
    expect(fills).toEqual(['100 @ 10 fee 1.5', '100 @ 10 fee 0.5', '50 @ 10 fee 0.5']);
  });

  it('a fee for an order is paid with its first part alone, and again by the next order', async () => {
    const fills = await traded(
      '10 10 10 10 10',
      { 0: buy(150), 3: buy(5) },
      { commission: 'per-trade:4.95', slippage: 'volume-share:0.1,0' },
    );
    expect(fills).toEqual(['100 @ 10 fee 4.95', '50 @ 10 fee 0', '5 @ 10 fee 4.95']);
  });

  it('an order that rested is a maker, one that went to the market a taker', async () => {
    const fills = await traded(
      '100 102>102:99-103 102 90',
      {
        0: ({ order, asset }) => order(asset, 10, { limit: 100 }),
        1: buy(10),
        // Better than its limit already at the open: it takes.
        2: ({ order, asset }) => order(asset, 10, { limit: 100 }),
      },
      { commission: 'maker-taker:maker=-0.0001,taker=0.0004' },
    );
    expect(fills).toEqual(['10 @ 100 fee -0.1', '10 @ 102 fee 0.408', '10 @ 90 fee 0.36']);
  });

  it('a tier counts the volume of the calendar month', async () => {
    // Days from 2020-01-01 on: row 31 is the first of February.
    const fills = await traded(
      Array.from({ length: 34 }, () => '10').join(' '),
      { 0: buy(150), 1: buy(100), 30: buy(150) },
      { commission: 'tiered-per-share:0.01,100=0.005' },
    );
    expect(fills).toEqual(['150 @ 10 fee 1.25', '100 @ 10 fee 0.5', '150 @ 10 fee 1.25']);
  });

  it('impact grows with what the account has taken of the bar before', async () => {
    const fills = await traded(
      '100 100',
      { 0: (context) => [buy(100)(context), buy(100)(context)] },
      { slippage: 'volume-share:0.5,1' },
    );
    // 100 / 1001 and 200 / 1001 of the volume, squared.
    expect(fills).toEqual([`100 @ ${price((100 / 1001) ** 2)} fee 0`, `100 @ ${price((200 / 1001) ** 2)} fee 0`]);
  });

  it('volatility is that of the bars before the fill', async () => {
    const fills = await traded('100 110 99 99 99', { 2: buy(1) }, { slippage: 'volatility:0.1,bars=2' });
    // Returns of 10 % and -10 %: their sample deviation is 0.1 * sqrt(2).
    expect(fills).toEqual([`1 @ ${(99 * (1 + 0.1 * 0.1 * Math.SQRT2)).toFixed(8).replace(/0+$/, '')} fee 0`]);
  });

  it('quotes of the bar itself, the last known where it has none', async () => {
    const draft = tinyDraft({ assets: { A: '100 100 100 100' }, priceDecimals: 2 });
    const [group] = draft.groups;
    const [asset] = group!.assets;
    const quoted = (bid: number[], ask: number[]) => ({
      ...draft,
      groups: [
        {
          ...group!,
          assets: [
            { ...asset!, columns: { ...asset!.columns, bid: Float64Array.from(bid), ask: Float64Array.from(ask) } },
          ],
        },
      ],
    });
    using bundle = await bundleFromColumns(quoted([99.9, 99.95, Number.NaN, 99], [100, 100.05, Number.NaN, 101]), {
      name: 'quoted',
    });
    const result = runOn(
      bundle,
      { handleData: (context) => void buy(1)(context as Context) },
      { slippage: 'quoted-spread' },
    );
    expect(result.fills.map(({ exact }) => exact.price.toString())).toEqual(['100.05', '100.05', '101']);
  });

  it('says what is missing where there are no quotes', async () => {
    await expect(traded('100 100', {}, { slippage: 'quoted-spread' })).rejects.toThrow(
      /reads the columns 'bid' and 'ask'.*spread:0.02/,
    );
  });
});

/** A price of 100 raised by a share, as the model rounds it: to six decimals more than the asset's two. */
const price = (share: number): string => String(Math.round(100 * (1 + share) * 1e8) / 1e8);
