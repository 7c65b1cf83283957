import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import type { Order } from '../../../src/execution/order.js';
import { run, type TinyMarket, type TinyRun } from '../../helpers/tiny-market.js';

/** Runs actions by bar; returns fills as text and all orders given. */
async function acting(
  bars: string,
  acts: Readonly<Record<number, (context: Context, given: readonly Order[]) => Order | readonly Order[] | undefined>>,
  options: TinyRun = {},
  market: Partial<TinyMarket> = {},
) {
  const given: Order[] = [];
  let bar = 0;
  const { fills } = await run(
    { assets: { A: bars }, priceDecimals: 2, ...market },
    {
      handleData(context) {
        given.push(...[acts[bar++]?.(context as Context, given) ?? []].flat());
      },
    },
    { cash: 1_000_000, ...options },
  );
  return { fills: fills.map(({ exact }) => `${exact.quantity} @ ${exact.price}`), given };
}

const VOLUME = { slippage: 'volume-share:0.1,0' };

describe('orders of which one cancels the other', () => {
  const pairOf =
    (on?: 'close') =>
    ({ order, asset }: Context): Order[] => {
      const pair = [order(asset, 10, on && { on }), order(asset, 20, on && { on })];
      order.oneCancelsOther(...pair);
      return pair;
    };

  it.each<[string, 'close' | undefined, TinyRun]>([
    ['at the opening', undefined, {}],
    ['at the close', 'close', {}],
    ['at the close of a run that fills there', undefined, { fill: 'next-close' }],
    ['at the same close', undefined, { fill: 'same-close' }],
  ])('fill once when both could %s', async (_name, on, options) => {
    const { fills, given } = await acting('100 100 100', { 0: pairOf(on) }, options);
    expect(fills).toEqual(['10 @ 100']);
    expect(given.map(({ status }) => status)).toEqual(['filled', 'cancelled']);
  });

  it('stay partners when one of them is paired again', async () => {
    const { fills, given } = await acting('100 100 100>100:80-100 100', {
      0: ({ order, asset }) => order(asset, 10, { stopLoss: { price: 90 }, takeProfit: { price: 130 } }),
      1({ order, asset }, [entry]) {
        const other = order(asset, 5, { limit: 50 });
        order.oneCancelsOther(entry!.stopLoss!, other);
        return [other, entry!.stopLoss!, entry!.takeProfit!];
      },
    });
    expect(fills).toEqual(['10 @ 100', '-10 @ 90']);
    expect(given.map(({ status }) => status)).toEqual(['filled', 'cancelled', 'filled', 'cancelled']);
  });
});

describe('brackets that fill in parts', () => {
  it('keep the stop-loss while the take-profit has filled in part', async () => {
    const { fills } = await acting(
      '100 100 100 100>101:99-112 105>92:89-105 100',
      { 0: ({ order, asset }) => order(asset, 180, { stopLoss: { price: 90 }, takeProfit: { price: 110 } }) },
      VOLUME,
    );
    expect(fills).toEqual(['100 @ 100', '80 @ 100', '-100 @ 110', '-80 @ 90']);
  });

  it('fill no more of the entry once an exit has filled', async () => {
    const { fills, given } = await acting(
      '100 100 105>112:104-115 100 100',
      { 0: ({ order, asset }) => order(asset, 180, { limit: 100, takeProfit: { price: 110 } }) },
      VOLUME,
    );
    expect(fills).toEqual(['100 @ 100', '-100 @ 110']);
    expect([given[0]!.status, given[0]!.reason]).toEqual(['cancelled', 'A-2, which closes its position, has filled']);
  });
});

it('turns what has filled of an order at a split as well', async () => {
  const { fills, given } = await acting(
    '400 400 100 100',
    { 0: ({ order, asset }) => order(asset, 125, { stopLoss: { percent: 0.1 } }) },
    VOLUME,
    { splits: [{ symbol: 'A', row: 2, ratio: '4' }] },
  );
  expect(fills).toEqual(['100 @ 400', '100 @ 100']);
  expect([given[0]!.quantity, given[0]!.filled, given[0]!.averagePrice]).toEqual([500, 500, 100]);
  expect(given[0]!.stopLoss!.stop).toBe(90);
});

describe('trailing exits', () => {
  it('do not follow what the bar showed before they were born', async () => {
    const bracket = { stopLoss: { trailing: 0.1 } };
    const atClose = await acting(
      '100 100>100:95-120 100 100',
      { 0: ({ order, asset }) => order(asset, 10, bracket) },
      { fill: 'next-close' },
    );
    expect([atClose.fills, atClose.given[0]!.stopLoss!.stop]).toEqual([['10 @ 100'], 90]);
    const within = await acting('100 101>100:99-120 100 100', {
      0: ({ order, asset }) => order(asset, 10, { ...bracket, limit: 100 }),
    });
    expect([within.fills, within.given[0]!.stopLoss!.stop]).toEqual([['10 @ 100'], 90]);
  });

  it('go on from where they stand when more of the entry fills', async () => {
    const { given } = await acting(
      '100 100>120:99-120 121 121',
      { 0: ({ order, asset }) => order(asset, 180, { stopLoss: { trailing: 0.1 } }) },
      VOLUME,
    );
    expect(given[0]!.stopLoss!.stop).toBe(108.9);
  });

  it('keep their distance in money over a split', async () => {
    const split = { splits: [{ symbol: 'A', row: 2, ratio: '4' }] };
    const own = await acting(
      '400 400 100 110 110',
      {
        0: ({ order, asset }) => order(asset, 10),
        1: ({ order, asset }) => order(asset, -10, { trailing: { amount: 20 } }),
      },
      {},
      split,
    );
    expect([own.given[1]!.stop, own.given[1]!.status]).toEqual([105, 'working']);
    const planned = await acting(
      '400 400 100 95>95:94-96 95',
      { 0: ({ order, asset }) => order(asset, 10, { limit: 380, takeProfit: { amount: 40 } }) },
      {},
      split,
    );
    expect([planned.fills, planned.given[0]!.takeProfit!.limit]).toEqual([['40 @ 95'], 105]);
  });
});

describe('replacing', () => {
  it('by fewer units than have filled ends the order', async () => {
    const { fills, given } = await acting(
      '100 100 100 100',
      {
        0: ({ order, asset }) => order(asset, 180),
        1: ({ order }, [first]) => void order.replace(first!, { quantity: 50 }),
      },
      VOLUME,
    );
    expect(fills).toEqual(['100 @ 100']);
    expect([given[0]!.status, given[0]!.filled]).toEqual(['cancelled', 100]);
  });

  it('refuses the stop of a trailing order, and leaves an exit that waits for its entry alone', async () => {
    const { given } = await acting('100 100 100', {
      0({ order, asset }) {
        const entry = order(asset, 10, { limit: 90, stopLoss: { price: 80 } });
        const trailing = order(asset, 10, { trailing: { percent: 0.1 } });
        expect(() => order.replace(trailing, { stop: 120 })).toThrow(/no stop that could be replaced/);
        expect(() => order.replace(entry.stopLoss!, { stop: 70 })).toThrow(/no stop that could be replaced/);
        order.replace(entry.stopLoss!, {});
        return [entry, entry.stopLoss!, trailing];
      },
    });
    expect(given.map(({ status }) => status)).toEqual(['working', 'working', 'working']);
  });
});

describe('a run that is told of its fills', () => {
  it.each<[TinyRun['fill'], string[]]>([
    ['next-open', ['10 @ 103']],
    ['next-close', ['10 @ 104']],
    ['same-close', ['10 @ 101']],
  ])('fills a bracket by the rule %s', async (fill, expected) => {
    const told: string[] = [];
    let bar = 0;
    await run(
      { assets: { A: '100>101 103>104 105' } },
      {
        handleData({ order, asset }) {
          if (bar++ === 0) order(asset, 10, { stopLoss: { percent: 0.5 } });
        },
        onFill: (_context, { quantity, price }) => void told.push(`${quantity} @ ${price}`),
      },
      { cash: 100_000, fill },
    );
    expect(told).toEqual(expected);
  });
});
