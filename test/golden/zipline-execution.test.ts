import { expect, it } from 'vitest';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import type { RunOptions } from '../../src/engine/run-options.js';
import { assetDraft, dailyDraft } from '../helpers/bundle-draft.js';
import { referenceJson } from '../helpers/reference.js';
import { describeShared } from '../helpers/shared.js';
import { runOn } from '../helpers/tiny-market.js';

/** Bars of zipline's own tests open outside their range. */
const ZIPLINES_OWN = ['open-outside-range', 'close-outside-range'] as const;

interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What is bought and paid, a fill a row, by orders given on the first of four bars that are alike. */
async function filled(
  bar: Bar,
  orders: readonly number[],
  options: RunOptions,
): Promise<{ row: number; quantity: number; price: number; fee: number }[]> {
  const columns = Object.fromEntries(
    Object.entries(bar).map(([name, value]) => [name, new Float64Array(4).fill(value)]),
  );
  using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', [], { columns })]), {
    name: 'four',
    sharing: 'shared',
    allow: ZIPLINES_OWN,
  });
  let row = -1;
  const rows: number[] = [];
  const { fills } = runOn(
    bundle,
    {
      handleData(context) {
        row++;
        if (row === 0) for (const units of orders) context.order(context.assets[0]!, units);
      },
      onFill: () => rows.push(row + 1),
    },
    { cash: 100_000, fill: 'next-close', account: 'margin', ...options },
  );
  return fills.map(({ quantity, price, exact }, index) => ({
    row: rows[index]!,
    quantity,
    price,
    fee: Number(exact.fee),
  }));
}

describeShared("zipline's runs", 'reference/zipline/commissions.json', () => {
  it('pay the same commission on the same days', async () => {
    const { algorithm_cases: cases } = referenceJson<{
      readonly algorithm_cases: readonly {
        readonly model: string;
        readonly params: { readonly cost: number; readonly min?: number };
        readonly commission_on_order_after_each_day: readonly number[];
        readonly capital_used_each_day: readonly number[];
      }[];
    }>('reference/zipline/commissions.json');
    const names: Readonly<Record<string, string>> = {
      PerTrade: 'per-trade',
      PerShare: 'per-share',
      PerDollar: 'percent',
    };
    expect(cases.length).toBeGreaterThanOrEqual(4);
    for (const { model, params, ...expected } of cases) {
      const least = params.min === undefined ? '' : `,min=${params.min}`;
      const fills = await filled({ open: 10, high: 10, low: 10, close: 10, volume: 100 }, [300], {
        commission: `${names[model]}:${params.cost}${least}`,
        slippage: 'volume-share:1,0',
      });
      expect(fills.map(({ row, quantity }) => [row, quantity])).toEqual([
        [1, 100],
        [2, 100],
        [3, 100],
      ]);
      let paid = 0;
      const paidAfter = fills.map(({ fee }) => {
        paid += fee;
        return paid;
      });
      expect(paidAfter).toEqual(expected.commission_on_order_after_each_day);
      expect(fills.map(({ quantity, price, fee }) => -quantity * price - fee)).toEqual(expected.capital_used_each_day);
    }
  });
});

describeShared("zipline's shared volume", 'reference/zipline/slippage.json', () => {
  it('fills the same orders at the same prices', async () => {
    const reference = referenceJson<{
      readonly volume_share: readonly {
        readonly model: { readonly volume_limit: number; readonly price_impact: number };
        readonly bar: Bar;
        readonly amount: number;
        readonly expected: { readonly price: number; readonly amount: number };
      }[];
      readonly fixed_basis_points: {
        readonly bar: Bar;
        readonly rows: readonly (readonly [string, number, number, number, number, number])[];
      };
      readonly volume_limit_shared_by_orders: readonly {
        readonly orders: readonly number[];
        readonly basis_points: number;
        readonly volume_limit: number;
        readonly bar_volume: number;
        readonly expected_fills: readonly number[];
      }[];
    }>('reference/zipline/slippage.json');
    const first = ({ quantity, price }: { quantity: number; price: number }): object => ({ price, amount: quantity });
    for (const { model, bar, amount, expected } of reference.volume_share) {
      const slippage = `volume-share:${model.volume_limit},${model.price_impact}`;
      const [fill] = await filled(bar, [amount], { slippage });
      expect(first(fill!)).toEqual(expected);
    }
    const { bar, rows } = reference.fixed_basis_points;
    for (const [, points, limit, units, price, amount] of rows) {
      const [fill] = await filled(bar, [units], { slippage: `bps:${points},limit=${limit}` });
      expect(first(fill!)).toEqual({ price, amount });
    }
    for (const shared of reference.volume_limit_shared_by_orders) {
      const slippage = `bps:${shared.basis_points},limit=${shared.volume_limit}`;
      const fills = await filled({ ...bar, volume: shared.bar_volume }, shared.orders, { slippage });
      expect(fills.map(({ row, quantity }) => [row, quantity])).toEqual(
        shared.expected_fills.map((quantity) => [1, quantity]),
      );
    }
  });
});

describeShared("zipline's orders that wait for a price", 'reference/zipline/slippage.json', () => {
  interface Terms {
    readonly amount: number;
    readonly stop: number | null;
    readonly limit?: number | null;
  }
  type Expected = { readonly price: number; readonly amount: number } | null;

  /** What an order buys and pays on bars that follow the one on which it is given, bar by bar; null where it does not fill. */
  async function bought(bars: readonly Bar[], { amount, stop, limit }: Terms, slippage: string): Promise<Expected[]> {
    const before: Bar = { ...bars[0]!, high: 3, low: 3, open: 3, close: 3 };
    const columns = Object.fromEntries(
      (['open', 'high', 'low', 'close', 'volume'] as const).map((field) => [
        field,
        Float64Array.from([before, ...bars], (bar) => bar[field]),
      ]),
    );
    using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', [], { columns })]), {
      name: 'waiting',
      sharing: 'shared',
      allow: ZIPLINES_OWN,
    });
    const found: Expected[] = bars.map(() => null);
    let row = -1;
    const { fills } = runOn(
      bundle,
      {
        handleData(context) {
          row++;
          const prices = { ...(stop === null ? {} : { stop }), ...(limit == null ? {} : { limit }) };
          if (row === 0) context.order(context.assets[0]!, amount, prices);
        },
        onFill: (_context, { quantity, price }) => {
          found[row] = { price, amount: quantity };
        },
      },
      { cash: 100_000, fill: 'next-close', intrabar: 'close', account: 'margin', slippage },
    );
    expect(fills).toHaveLength(found.filter((fill) => fill !== null).length);
    return found;
  }

  const { bars, ...reference } = referenceJson<{
    readonly bars: Readonly<Record<keyof Bar, readonly number[]>>;
    readonly limit_orders: readonly (Terms & { readonly name: string; bar_index: number; expected: Expected })[];
    readonly stop_limit_orders_in_sequence: readonly (Terms & {
      readonly name: string;
      readonly bars: readonly number[];
      readonly expected: readonly Expected[];
    })[];
    readonly stop_orders_VolumeShareSlippage_default: readonly (Terms & {
      readonly name: string;
      readonly bar: Bar;
      readonly expected: Expected;
    })[];
    readonly fill_price_worse_than_limit: readonly {
      readonly price: number;
      readonly limit: number;
      readonly side: 'buy' | 'sell';
      readonly worse: boolean;
    }[];
  }>('reference/zipline/slippage.json');
  const barAt = (index: number): Bar =>
    Object.fromEntries(
      (['open', 'high', 'low', 'close', 'volume'] as const).map((field) => [field, bars[field][index]!]),
    ) as unknown as Bar;

  it.each(reference.limit_orders)('limit: $name', async ({ bar_index, expected, ...terms }) => {
    expect(await bought([barAt(bar_index)], terms, 'volume-share:0.025,0.1')).toEqual([expected]);
  });

  it.each(reference.stop_limit_orders_in_sequence)('stop-limit: $name', async ({ bars: at, expected, ...terms }) => {
    expect(await bought(at.map(barAt), terms, 'volume-share:0.025,0.1')).toEqual(expected);
  });

  it.each(reference.stop_orders_VolumeShareSlippage_default)('stop: $name', async ({ bar, expected, ...terms }) => {
    expect(await bought([bar], terms, 'volume-share:0.025,0.1')).toEqual([expected]);
  });

  it.each(reference.fill_price_worse_than_limit)('a price of $price and a limit of $limit', async (asked) => {
    const { price, limit, side, worse } = asked;
    const bar: Bar = { open: price, high: price, low: price, close: price, volume: 2000 };
    const [fill] = await bought([bar], { amount: side === 'buy' ? 10 : -10, stop: null, limit }, 'none');
    expect(fill).toEqual(worse ? null : { price, amount: side === 'buy' ? 10 : -10 });
  });
});
