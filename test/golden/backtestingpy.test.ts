import { expect, it } from 'vitest';
import type { RunOptions } from '../../src/engine/run-options.js';
import { backtestingpyRules } from '../helpers/backtestingpy-strategies.js';
import { byBars, engineMarket, feesByBar, type ListedTrade, largestGap, listed } from '../helpers/other-engines.js';
import { referenceJson } from '../helpers/reference.js';
import { describeShared } from '../helpers/shared.js';
import { runOn } from '../helpers/tiny-market.js';

const FILE = 'reference/backtest/backtestingpy_cases.json.gz';

interface Case {
  readonly data: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, number>>;
  readonly backtest_args: {
    readonly cash: number;
    readonly commission: number | readonly [fixed: number, relative: number];
    readonly spread: number;
    readonly margin: number;
    readonly trade_on_close: boolean;
    readonly hedging: boolean;
    readonly exclusive_orders: boolean;
    readonly finalize_trades: boolean;
  };
  readonly trade_columns: readonly string[];
  readonly trades: readonly (readonly number[])[];
  readonly equity: readonly number[];
}

/** The settings under which Hindcast trades as that engine does: the table of docs/concepts/other-engines.md. */
function settingsOf({
  cash,
  commission,
  spread,
  margin,
  trade_on_close,
  finalize_trades,
}: Case['backtest_args']): RunOptions {
  const [fixed, relative] = typeof commission === 'number' ? [0, commission] : commission;
  const fee = fixed === 0 ? '' : `,fixed=${fixed}`;
  return {
    cash,
    fill: trade_on_close ? 'same-close' : 'next-open',
    account: `margin:initial=${margin},maintenance=0`,
    unaffordable: 'reject',
    sizing: 'unit-cost',
    stopLimits: 'whole-bar',
    commission: fixed === 0 && relative === 0 ? 'none' : `percent:${relative}${fee}`,
    slippage: spread === 0 ? 'none' : `bps:${Number((spread * 10_000).toFixed(8))},entries`,
    liquidate: finalize_trades ? 'last-open' : 'never',
  };
}

function tradesOf({ trade_columns, trades }: Case): ListedTrade[] {
  const column = (name: string): number => trade_columns.indexOf(name);
  return trades
    .map((trade) => ({
      size: trade[column('Size')]!,
      entryBar: trade[column('EntryBar')]!,
      exitBar: trade[column('ExitBar')]!,
      entryPrice: trade[column('EntryPrice')]!,
      exitPrice: trade[column('ExitPrice')]!,
      profit: trade[column('PnL')]!,
      commission: trade[column('Commission')]!,
    }))
    .sort(byBars);
}

describeShared('backtesting.py', FILE, () => {
  const cases = Object.entries(referenceJson<Readonly<Record<string, Case>>>(FILE));
  it.each(cases)('%s: the same trades and equity', async (_name, reference) => {
    const { backtest_args: args, data, strategy, params } = reference;
    const bundle = await engineMarket(data, { dates: 'consecutive', priceDecimals: args.spread === 0 ? 8 : 5 });
    const rule = backtestingpyRules[strategy]!(params, { hedging: args.hedging, exclusive: args.exclusive_orders });
    const result = runOn(bundle, rule, settingsOf(args));
    const trades = listed(result.roundTrips('tag'));
    const expected = tradesOf(reference);
    expect(trades.length).toBe(expected.length);
    for (const [index, trade] of trades.entries()) {
      const wanted = expected[index]!;
      const { size, entryBar, exitBar } = wanted;
      expect(trade, `trade ${index}`).toMatchObject({ size, entryBar, exitBar });
      for (const key of ['entryPrice', 'exitPrice', 'profit', 'commission'] as const) {
        expect(Math.abs(trade[key] - wanted[key]), `trade ${index}, ${key}: ${trade[key]}`).toBeLessThan(1e-6);
      }
    }
    // There an order at the close of a bar is charged on the bar after.
    const late = args.trade_on_close ? feesByBar(result) : undefined;
    const equity =
      late === undefined ? result.equity : Float64Array.from(result.equity, (value, row) => value + late[row]!);
    expect(largestGap(equity, reference.equity)).toMatchObject({ gap: expect.closeTo(0, 10) });
  });
});
