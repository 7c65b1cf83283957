import { expect, it } from 'vitest';
import type { RunOptions } from '../../src/engine/run-options.js';
import { type BacktraderParams, backtraderRules, type OrderEvent } from '../helpers/backtrader-strategies.js';
import { engineMarket, largestGap } from '../helpers/other-engines.js';
import { referenceJson } from '../helpers/reference.js';
import { describeShared } from '../helpers/shared.js';
import { runOn } from '../helpers/tiny-market.js';

const FILE = 'reference/backtest/backtrader_cases.json.gz';

interface Case {
  readonly data: string;
  readonly strategy: string;
  readonly params: BacktraderParams & Record<string, number>;
  readonly cash: number;
  readonly commission: { readonly commission?: number; readonly margin?: number; readonly mult?: number };
  readonly slippage: readonly ['perc' | 'fixed', number] | null;
  readonly cheat_on_close: boolean;
  readonly final_value: number;
  readonly order_columns: readonly string[];
  readonly orders: readonly (readonly (string | number | null)[])[];
  readonly trade_columns: readonly string[];
  readonly trades: readonly (readonly number[])[];
  readonly equity: readonly (readonly [date: string, value: number, cash: number, position: number])[];
}

const decimal = (value: number): string => String(Number(value.toFixed(9)));

/** The settings under which Hindcast trades as that engine does: the table of docs/concepts/other-engines.md. */
function settingsOf({ cash, commission, slippage, cheat_on_close, params }: Case): RunOptions {
  const { commission: fee = 0, margin } = commission;
  const [kind, amount] = slippage ?? ['perc', 0];
  return {
    cash,
    fill: cheat_on_close ? 'same-close' : 'next-open',
    // A margin of so much money a contract has no counterpart; a leverage that never binds lets the same orders through.
    account: margin === undefined ? 'margin:initial=1,maintenance=0' : 'margin:leverage=100',
    unaffordable: 'reject',
    exitsFrom: 'next-bar',
    // There the orders of a bar are taken in turn: of a bracket the stop first, of the pair the limit.
    intrabar: params.kind === 'oco' ? 'optimistic' : 'pessimistic',
    commission: fee === 0 ? 'none' : `${margin === undefined ? 'percent' : 'per-contract'}:${decimal(fee)}`,
    slippage:
      amount === 0
        ? 'none'
        : kind === 'perc'
          ? `bps:${decimal(amount * 10_000)},in-range`
          : `spread:${decimal(2 * amount)},in-range`,
  };
}

const byBar = (a: OrderEvent, b: OrderEvent): number =>
  a.bar - b.bar || a.status.localeCompare(b.status) || a.side.localeCompare(b.side) || a.price - b.price;

/**
 * What became of the orders of a case, but for those that were cancelled with their partners. There an order that expires cancels its partner, which
 * would have expired on the same bar; here both expire.
 */
function eventsOf({ order_columns, orders }: Case): OrderEvent[] {
  const column = (name: string): number => order_columns.indexOf(name);
  const number = (value: string | number | null | undefined): number => (value === null ? Number.NaN : Number(value));
  const all = orders.map((order) => ({
    bar: Number(order[column('bar_1based')]),
    side: order[column('side')] as OrderEvent['side'],
    status: order[column('status')] as OrderEvent['status'] | 'Canceled',
    size: Number(order[column('exec_size')]),
    price: number(order[column('exec_price')]),
    fee: number(order[column('exec_comm')]),
  }));
  const expired = new Set(all.filter(({ status }) => status === 'Expired').map(({ bar, side }) => `${bar} ${side}`));
  return all
    .flatMap((event): OrderEvent[] => {
      const { status, bar, side } = event;
      if (status !== 'Canceled') return [{ ...event, status }];
      return expired.has(`${bar} ${side}`) ? [{ ...event, status: 'Expired' }] : [];
    })
    .sort(byBar);
}

describeShared('backtrader', FILE, () => {
  const cases = Object.entries(referenceJson<Readonly<Record<string, Case>>>(FILE));
  it.each(cases)('%s: the same orders, trades, positions and values', async (_name, reference) => {
    const { strategy, params, slippage, commission } = reference;
    const bundle = await engineMarket(reference.data, {
      dates: 'own',
      priceDecimals: slippage === null ? 10 : 6,
      multiplier: commission.mult ?? 1,
    });
    const events: OrderEvent[] = [];
    const result = runOn(bundle, backtraderRules[strategy]!(params, events), settingsOf(reference));

    const expected = eventsOf(reference);
    const shape = ({ bar, side, status, size }: OrderEvent): string => `${bar} ${side} ${status} ${size}`;
    const given = [...events].sort(byBar);
    expect(given.map(shape)).toEqual(expected.map(shape));
    for (const key of ['price', 'fee'] as const) {
      const filled = (event: OrderEvent): boolean => event.status === 'Completed';
      for (const [index, event] of given.filter(filled).entries()) {
        expect(event[key], `fill ${index}`).toBeCloseTo(expected.filter(filled)[index]![key], 6);
      }
    }

    const trips = result
      .roundTrips('fifo')
      .map((trip) => [
        trip.entryRow + 1,
        trip.exitRow + 1,
        trip.entryPrice,
        trip.profit.plus(trip.commission).toNumber(),
        trip.profit.toNumber(),
        trip.commission.toNumber(),
      ]);
    expect(reference.trade_columns).toEqual([
      'bar_open',
      'bar_close',
      'entry_price',
      'pnl_gross',
      'pnl_net',
      'commission',
    ]);
    expect(trips.length).toBe(reference.trades.length);
    for (const [index, trade] of reference.trades.entries()) {
      for (const [at, value] of trade.entries()) expect(trips[index]![at]!, `trade ${index}`).toBeCloseTo(value, 6);
    }

    const row = new Map(Array.from(result.times, (time, at) => [new Date(time).toISOString().slice(0, 10), at]));
    const at = reference.equity.map(([date]) => row.get(date)!);
    const read = (column: ArrayLike<number>): number[] => at.map((index) => column[index]!);
    expect(
      largestGap(
        read(result.equity),
        reference.equity.map(([, value]) => value),
      ).gap,
    ).toBeLessThan(1e-10);
    expect(read(result.recorded('position'))).toEqual(reference.equity.map(([, , , position]) => position));
    if (commission.margin === undefined) {
      expect(
        largestGap(
          read(result.recorded('cash')),
          reference.equity.map(([, , cash]) => cash),
        ).gap,
      ).toBeLessThan(1e-10);
    }
    expect(result.endingEquity.toNumber()).toBeCloseTo(reference.final_value, 6);
  });
});
