import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunError } from '../../../src/core/errors.js';
import type { TradingControls } from '../../../src/engine/control-options.js';
import { type Context, defineStrategy } from '../../../src/engine/strategy.js';
import { fillsOf, run, runOn, type TinyMarket, type TinyRun, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10 10 10 10', B: '10 10 10 10' } };

/** Acts bar by bar under controls, and returns what was filled and logged. */
async function acting(
  controls: TradingControls,
  acts: (context: Context, bar: number) => unknown,
  options: TinyRun = {},
  market = MARKET,
) {
  const logged: string[] = [];
  let bar = 0;
  const result = await run(
    market,
    { controls, handleData: (context) => void acts(context, bar++) },
    {
      cash: 1000,
      onLog: ({ message, facts }) => void logged.push(`${message}: ${JSON.stringify(facts)}`),
      ...options,
    },
  );
  return { fills: fillsOf(result), logged };
}

interface Case {
  readonly controls: TradingControls;
  /** Orders that a control allows. */
  readonly within: (context: Context, bar: number) => unknown;
  /** The same and one more, or a larger one. */
  readonly beyond: (context: Context, bar: number) => unknown;
  readonly says: string;
  readonly account?: string;
}

const once =
  (act: (context: Context) => unknown) =>
  (context: Context, bar: number): unknown =>
    bar === 1 && act(context);

const CASES: readonly Case[] = [
  {
    controls: { maxOrderSize: 10 },
    within: once(({ order, asset }) => order(asset, 10)),
    beyond: once(({ order, asset }) => order(asset, 11)),
    says: 'maxOrderSize (10) stopped the run at 2020-01-02T00:00:00Z (bar 1): an order of A of 11 units',
  },
  {
    controls: { maxOrderSize: '10.5' },
    within: once(({ order, asset }) => order.notional(asset, 105)),
    beyond: once(({ order, asset }) => order.notional(asset, '105.0001')),
    says: 'an order of A of 10.50001 units',
  },
  {
    controls: { maxOrderValue: 100 },
    within: once(({ order, asset }) => order(asset, 10)),
    beyond: once(({ order, asset }) => order.value(asset, 110)),
    says: 'maxOrderValue (100) stopped the run at 2020-01-02T00:00:00Z (bar 1): an order of A worth 110',
  },
  {
    controls: { maxOrderValue: 999 },
    within: once(({ order, asset }) => order.notional(asset, 999)),
    beyond: once(({ order, asset }) => order.notional(asset, 'all')),
    says: 'an order of A worth 1000',
  },
  {
    controls: { maxPosition: 15 },
    within: ({ order, asset }, bar) => {
      if (bar === 0) order(asset, 10);
      if (bar === 1) order(asset, 5);
      if (bar === 2) order(asset, -3);
    },
    beyond: ({ order, asset }, bar) => {
      if (bar === 0) order(asset, 10);
      if (bar === 1) order(asset, 6);
    },
    says: 'an order of A that leads to 16 units',
  },
  {
    // Working orders count: both would fill on the next bar.
    controls: { maxPosition: 15 },
    within: once(({ order, asset }) => [order(asset, 10), order(asset, 5)]),
    beyond: once(({ order, asset }) => [order(asset, 10), order(asset, 6)]),
    says: 'an order of A that leads to 16 units',
  },
  {
    controls: { maxPosition: 15 },
    account: 'margin',
    within: once(({ order, asset }) => order(asset, -15)),
    beyond: once(({ order, asset }) => order(asset, -16)),
    says: 'an order of A that leads to -16 units',
  },
  {
    controls: { maxOrders: 2 },
    within: ({ order, asset }, bar) => bar < 2 && order(asset, 1),
    beyond: ({ order, asset }, bar) => bar < 3 && order(asset, 1),
    says: 'maxOrders (2) stopped the run at 2020-01-03T00:00:00Z (bar 2): an order of A, number 3 of the run',
  },
  {
    controls: { maxOrdersPerDay: 2 },
    within: ({ order, assets }) => assets.map((asset) => order(asset, 1)),
    beyond: ({ order, assets }, bar) => [...assets.map((asset) => order(asset, 1)), bar === 1 && order(assets[0]!, 1)],
    says: 'an order of A, number 3 of the day',
  },
  {
    controls: { longOnly: true },
    account: 'margin',
    within: ({ order, asset }, bar) => order(asset, bar === 0 ? 10 : bar === 1 ? -10 : 0),
    beyond: ({ order, asset }, bar) => order(asset, bar === 0 ? 10 : bar === 1 ? -11 : 0),
    says: 'longOnly (true) stopped the run at 2020-01-02T00:00:00Z (bar 1): an order of A that leads to -1 units',
  },
  {
    // Of the two exits of a bracket one will fill, and neither opens a position.
    controls: { maxPosition: 15, longOnly: true },
    account: 'margin',
    within: ({ order, asset }, bar) => {
      if (bar === 0) order(asset, 10, { stopLoss: { price: 5 }, takeProfit: { price: 15 } });
      if (bar === 1) order(asset, 5);
    },
    beyond: ({ order, asset }, bar) => {
      if (bar === 0) order(asset, 10, { stopLoss: { price: 5 }, takeProfit: { price: 15 } });
      if (bar === 1) order(asset, 6);
    },
    says: 'an order of A that leads to 16 units',
  },
  {
    controls: { maxOrderSize: 10 },
    within: once(({ order, asset }) => order.replace(order(asset, 5, { limit: 20 }), { quantity: 10 })),
    beyond: once(({ order, asset }) => order.replace(order(asset, 5, { limit: 20 }), { quantity: 11 })),
    says: 'of A of 11 units',
  },
  {
    // What the order asked for before it was replaced does not count any more.
    controls: { maxPosition: 15 },
    within: once(({ order, asset }) => order.replace(order(asset, 10), { quantity: 15 })),
    beyond: once(({ order, asset }) => order.replace(order(asset, 10), { quantity: 16 })),
    says: 'that leads to 16 units',
  },
  {
    controls: { restricted: ['B', 'ELSEWHERE'] },
    within: once(({ order, asset }) => order(asset, 1)),
    beyond: once(({ order, symbol }) => order(symbol('B'), 1)),
    says: 'restricted (B) stopped the run at 2020-01-02T00:00:00Z (bar 1): an order of B',
  },
  {
    controls: { maxLeverage: 1.5 },
    account: 'margin',
    within: once(({ order, asset }) => order(asset, 150)),
    beyond: once(({ order, asset }) => order(asset, 151)),
    says: 'an order of A that leads to a leverage of 1.5100',
  },
  {
    controls: { maxLeverage: 1.5 },
    account: 'margin',
    within: once(({ order, assets: [a, b] }) => [order(a!, 100), order(b!, -50)]),
    beyond: once(({ order, assets: [a, b] }) => [order(a!, 100), order(b!, -51)]),
    says: 'an order of B that leads to a leverage of 1.5100',
  },
];

describe.each(CASES)('the controls $controls', ({ controls, within, beyond, says, account = 'cash' }) => {
  const count = Object.keys(controls)[0];

  it('let pass what they allow', async () => {
    const free = await acting({}, within, { account });
    const held = await acting(controls, within, { account });
    expect(held).toEqual(free);
    expect(held.fills.length).toBeGreaterThan(0);
  });

  it('stop the run at what they do not', async () => {
    const failure = await acting(controls, beyond, { account }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunError);
    expect(failure).toMatchObject({ code: 'CONTROL_BREACHED', details: { control: count } });
    expect((failure as Error).message).toContain(says);
  });

  it("log it and change nothing under 'log'", async () => {
    const free = await acting({}, beyond, { account });
    const held = await acting({ ...controls, breach: 'log' }, beyond, { account });
    expect(held.fills).toEqual(free.fills);
    expect(held.logged).toHaveLength(1);
    expect(held.logged[0]).toContain(`control ${count} breached`);
  });
});

describe('controls', () => {
  it('end a run whose strategy swallows the error', async () => {
    const swallows = acting({ maxOrderSize: 10 }, ({ order, asset }, bar) => {
      try {
        order(asset, bar === 0 ? 11 : 1);
      } catch {}
    });
    await expect(swallows).rejects.toMatchObject({ code: 'CONTROL_BREACHED' });
  });

  it('judge leverage again at the price of the fill', async () => {
    const market: TinyMarket = { assets: { A: '10 14 14' } };
    const buys = ({ order, asset }: Context, bar: number) => bar === 0 && order(asset, 140);
    // 1.4 at the close; at the opening 1960 over 1000.
    await expect(acting({ maxLeverage: 1.5 }, buys, { account: 'margin' }, market)).rejects.toThrow(
      'a fill of A at 14 that leads to a leverage of 1.9600',
    );
    expect((await acting({ maxLeverage: 2 }, buys, { account: 'margin' }, market)).fills).toHaveLength(1);
  });

  it('let positions be reduced whatever the leverage has become', async () => {
    const market: TinyMarket = { assets: { A: '10 10 7 7 7' } };
    const { fills } = await acting(
      { maxLeverage: 2 },
      ({ order, asset }, bar) => {
        if (bar === 0) order(asset, 190);
        if (bar === 2) order(asset, -50);
        if (bar === 3) order.close(asset);
      },
      { account: 'margin:leverage=2' },
      market,
    );
    expect(fills).toEqual(['1 A 190 @ 10', '3 A -50 @ 7', '4 A -140 @ 7']);
  });

  it('count every breach, and log each control once with the first', async () => {
    const { logged } = await acting({ maxOrderSize: 10, maxOrders: 2, breach: 'log' }, ({ order, asset }, bar) =>
      order(asset, 10 + bar),
    );
    expect(logged).toEqual([
      'control maxOrderSize breached: {"limit":"10","count":3,"first":"an order of A of 11 units"}',
      'control maxOrders breached: {"limit":"2","count":2,"first":"an order of A, number 3 of the run"}',
    ]);
  });

  it('do not judge what the account itself closes', async () => {
    const market: TinyMarket = { assets: { A: '10 10 6 6' } };
    const { fills } = await acting(
      { maxOrders: 1, maxOrderSize: 200 },
      ({ order, asset }, bar) => bar === 0 && order(asset, 200),
      { account: 'margin' },
      market,
    );
    expect(fills).toEqual(['1 A 200 @ 10', '3 A -200 @ 6']);
  });

  describe('of an asset before its first price', () => {
    const LATE: TinyMarket = { assets: { A: '10 10 10 10', B: '- - 10 10' } };
    const ofB = (order: (context: Context, b: Context['asset']) => unknown) => (context: Context, bar: number) =>
      bar === 0 && order(context, context.symbol('B'));

    it.each<[string, TradingControls, (context: Context, b: Context['asset']) => unknown, string]>([
      ['units', { maxOrderValue: 100 }, ({ order }, b) => order(b, 50), 'worth'],
      ['a limit order', { maxOrderValue: 100 }, ({ order }, b) => order(b, 50, { limit: 20 }), 'worth'],
      ['a target', { maxOrderValue: 100 }, ({ order }, b) => order.target(b, 50), 'worth'],
      [
        'all cash, which may be more by then',
        { maxOrderValue: 5000 },
        ({ order }, b) => order.notional(b, 'all'),
        'worth',
      ],
      ['a share', { maxOrderValue: 5000 }, ({ order }, b) => order.notional(b, { share: 0.5 }), 'worth'],
      ['an amount', { maxOrderSize: 10 }, ({ order }, b) => order.notional(b, 500), 'size'],
      ['an amount', { maxPosition: 10 }, ({ order }, b) => order.notional(b, 500), 'size'],
      ['a short share', { longOnly: true }, ({ order }, b) => order.notional(b, { share: -0.5 }), 'size'],
    ])('stop what they cannot measure: %s under %o', async (_what, controls, order, unknown) => {
      const [control] = Object.keys(controls);
      await expect(acting(controls, ofB(order), { account: 'margin' }, LATE)).rejects.toMatchObject({
        code: 'CONTROL_BREACHED',
        details: { control, order: `an order of B of unknown ${unknown} before its first price` },
      });
      const { logged } = await acting({ ...controls, breach: 'log' }, ofB(order), { account: 'margin' }, LATE);
      expect(logged).toHaveLength(1);
      expect(logged[0]).toContain(`control ${control} breached: `);
    });

    it.each<[string, TradingControls, (context: Context, b: Context['asset']) => unknown, string[]]>([
      ['units', { maxOrderSize: 50, maxPosition: 50 }, ({ order }, b) => order(b, 50), ['2 B 50 @ 10']],
      ['an amount', { maxOrderValue: 500, longOnly: true }, ({ order }, b) => order.notional(b, 500), ['2 B 50 @ 10']],
      ['closing nothing', { maxOrderValue: 0 }, ({ order }, b) => order.close(b), []],
    ])('let pass what is known to be within them: %s under %o', async (_what, controls, order, fills) => {
      expect((await acting(controls, ofB(order), {}, LATE)).fills).toEqual(fills);
    });

    it('no order fills above a limit, whatever is ordered', async () => {
      const bundle = await tinyBundle(LATE);
      const orders: readonly ((context: Context, b: Context['asset'], size: number) => unknown)[] = [
        ({ order }, b, size) => order(b, size),
        ({ order }, b, size) => order(b, -size),
        ({ order }, b, size) => order.notional(b, size),
        ({ order }, b, size) => order.notional(b, { share: size / 1000 }),
        ({ order }, b, size) => order.notional(b, { share: -size / 1000 }),
        ({ order }, b) => order.notional(b, 'all'),
      ];
      const control = fc.constantFrom('maxOrderValue', 'maxOrderSize', 'maxPosition');
      const size = fc.integer({ min: 1, max: 1000 });
      const kind = fc.integer({ min: 0, max: orders.length - 1 });
      fc.assert(
        fc.property(control, size, size, kind, fc.integer({ min: 0, max: 2 }), (name, limit, units, which, at) => {
          let bar = 0;
          const handleData = (context: Context): void => {
            if (bar++ === at) orders[which]!(context, context.symbol('B'), units);
          };
          try {
            const options = { account: 'margin', cash: 1000 };
            const { fills } = runOn(bundle, { controls: { [name]: limit }, handleData }, options);
            const factor = name === 'maxOrderValue' ? 10 : 1;
            return fills.every(({ quantity }) => Math.abs(quantity) * factor <= limit);
          } catch (error) {
            return (error as { code?: string }).code === 'CONTROL_BREACHED';
          }
        }),
        { numRuns: 1000 },
      );
    });
  });

  it.each<[string, object]>([
    ['maxLeverge', { maxLeverge: 2 }],
    ['maxOrders', { maxOrders: 1.5 }],
    ['maxOrdersPerDay', { maxOrdersPerDay: -1 }],
    ['maxLeverage', { maxLeverage: Number.NaN }],
    ['maxPosition', { maxPosition: 'many' }],
    ['longOnly', { longOnly: 'yes' }],
    ['restricted', { restricted: 'A' }],
    ['breach', { breach: 'fail' }],
  ])('that say nothing sensible are refused: %s', (name, controls) => {
    expect(() => defineStrategy({ parameters: {}, controls } as never)).toThrow(name);
  });
});
