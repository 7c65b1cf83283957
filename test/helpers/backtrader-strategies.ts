import type { CustomMetrics, OrderApi, Position, Setup, StrategyDefinition } from '../../src/engine/strategy.js';
import type { Order, OrderOptions } from '../../src/execution/order.js';
import { sma } from '../../src/indicators/index.js';
import type { Asset } from '../../src/market/asset.js';

/** Parameters of a reference case: numbers, and the kind of order of one rule. */
export interface BacktraderParams {
  readonly kind?: string;
  readonly [name: string]: number | string | undefined;
}

type Handlers = Omit<StrategyDefinition<Record<never, never>, never, CustomMetrics>, 'parameters'>;

/** Where a rule stands: the number of its bar, counted from 1, and the day on which it closed. */
interface Standing {
  readonly bar: number;
  /** UTC midnight of the bar's date. */
  readonly date: number;
  readonly close: number;
}

/** What became of an order on a bar counted from 1: a fill, or its end. */
export interface OrderEvent {
  readonly bar: number;
  readonly side: 'buy' | 'sell';
  readonly status: 'Completed' | 'Expired' | 'Margin';
  readonly size: number;
  readonly price: number;
  readonly fee: number;
}

const DAY = 86_400_000;

/** Makes handlers whose rule runs at each close from bar `first` on, and which note in `events` what became of orders. */
function rule<S>(
  first: number,
  events: OrderEvent[],
  initialize: (setup: Setup) => S,
  decide: (at: Standing, state: S, order: OrderApi, asset: Asset, position: Position) => void,
): Handlers {
  const note = (bar: number, order: Order, status: OrderEvent['status'], size: number, price: number, fee: number) =>
    events.push({ bar, side: (size || order.quantity) > 0 ? 'buy' : 'sell', status, size, price, fee });
  const handlers: Omit<
    StrategyDefinition<Record<never, never>, { bar: number; position: Position; rest: S }, CustomMetrics>,
    'parameters'
  > = {
    warmUp: () => first,
    initialize: (setup) => ({
      bar: first - 1,
      position: setup.portfolio.position(setup.asset),
      rest: initialize(setup),
    }),
    handleData({ state, order, asset, now, record, portfolio }, data) {
      state.bar++;
      record('position', state.position.quantity);
      record('cash', portfolio.cash);
      decide({ bar: state.bar, date: now - DAY, close: data.close(asset) }, state.rest, order, asset, state.position);
    },
    onFill({ state }, { order, quantity, price, exact }) {
      note(state.bar + 1, order, 'Completed', quantity, price, exact.fee.toNumber());
    },
    onOrder({ state }, order) {
      if (order.status === 'expired') note(state.bar + 1, order, 'Expired', 0, Number.NaN, Number.NaN);
      if (order.status === 'rejected') note(state.bar + 1, order, 'Margin', 0, Number.NaN, Number.NaN);
    },
  };
  return handlers as unknown as Handlers;
}

/** Two averages and the side of their crossing with this bar: the last difference that was not 0 had the other sign. */
function crossing(setup: Setup, f: number, s: number): () => -1 | 0 | 1 {
  const fast = setup.indicator(sma(f), setup.asset);
  const slow = setup.indicator(sma(s), setup.asset);
  let last = Number.NaN;
  return () => {
    if (Number.isNaN(last)) last = fast.ago(1) - slow.ago(1);
    const now = fast.value - slow.value;
    const side = last < 0 && now > 0 ? 1 : last > 0 && now < 0 ? -1 : 0;
    if (now !== 0) last = now;
    return side;
  };
}

/** The rules of the reference cases by name, each written once. */
export const backtraderRules: Readonly<
  Record<string, (params: BacktraderParams & Record<string, number>, events: OrderEvent[]) => Handlers>
> = {
  SmaX: ({ f, s, size }, events) =>
    rule(
      Math.max(f!, s!) + 1,
      events,
      (setup) => crossing(setup, f!, s!),
      (_at, cross, order, asset, { quantity }) => {
        const side = cross();
        if (quantity === 0) {
          if (side > 0) order(asset, size!);
        } else if (side < 0) order.close(asset);
      },
    ),

  SmaFlip: ({ f, s, size }, events) =>
    rule(
      Math.max(f!, s!) + 1,
      events,
      (setup) => crossing(setup, f!, s!),
      (_at, cross, order, asset) => {
        const side = cross();
        if (side === 0) return;
        order.close(asset);
        order(asset, side * size!);
      },
    ),

  Orders: ({ kind, n, valid, off, off2, size, hold }, events) =>
    rule(
      1,
      events,
      () => ({ seen: 0 }),
      ({ bar, date, close }, state, order, asset, { quantity }) => {
        if (quantity !== 0) {
          if (state.seen === 0) state.seen = bar;
          if (bar - state.seen === hold) order.close(asset);
          return;
        }
        state.seen = 0;
        if (bar % n! !== 0) return;
        const goodTill = date + valid! * DAY;
        const below = { limit: close * (1 - off!), goodTill };
        const entries: Readonly<Record<string, readonly OrderOptions[]>> = {
          limit: [below],
          stop: [{ stop: close * (1 + off!), goodTill }],
          stoplimit: [{ stop: close * (1 + off!), limit: close * (1 + off2!), goodTill }],
          close: [{ on: 'close', goodTill }],
          oco: [below, { stop: close * (1 + off2!), goodTill }],
        };
        const given = entries[kind!]!.map((options) => order(asset, size!, options));
        if (given.length > 1) order.oneCancelsOther(...given);
      },
    ),

  Bracket: ({ n, off, sl, tp, size, valid }, events) =>
    rule(
      1,
      events,
      () => undefined,
      ({ bar, date, close }, _state, order, asset, { quantity }) => {
        if (quantity !== 0 || bar % n! !== 0) return;
        for (const working of order.open(asset)) working.cancel();
        const entry = close * (1 - off!);
        order(asset, size!, {
          limit: entry,
          goodTill: date + valid! * DAY,
          stopLoss: { price: entry * (1 - sl!) },
          takeProfit: { price: entry * (1 + tp!) },
        });
      },
    ),

  Trail: ({ n, trail, size }, events) =>
    rule(
      1,
      events,
      () => ({ protects: false }),
      ({ bar }, state, order, asset, { quantity }) => {
        if (quantity === 0) {
          state.protects = false;
          if (bar % n! === 0) order(asset, size!);
        } else if (!state.protects) {
          state.protects = true;
          order(asset, -quantity, { trailing: { percent: trail!, follows: 'close' } });
        }
      },
    ),
};
