import type { CustomMetrics, OrderApi, Setup, StrategyDefinition } from '../../src/engine/strategy.js';
import type { Order, OrderOptions } from '../../src/execution/order.js';
import { highest, lowest, sma } from '../../src/indicators/index.js';
import type { Series } from '../../src/indicators/indicator.js';
import type { Asset } from '../../src/market/asset.js';

type Numbers = Readonly<Record<string, number>>;
/** Handlers whose state nobody else looks at. */
type Handlers = Omit<StrategyDefinition<Record<never, never>, never, CustomMetrics>, 'parameters'>;

/** What a rule is told beside its parameters. */
export interface RuleSettings {
  /** Long and short trades of one asset side by side, each with its own tag. */
  readonly hedging: boolean;
  /** Each order closes what is held, and cancels what waits. */
  readonly exclusive: boolean;
}

/** Makes handlers whose rule runs at each close with the number of the bar, from `first` on. */
function rule<S>(
  first: number,
  initialize: (setup: Setup) => S,
  decide: (bar: number, state: S, order: OrderApi, asset: Asset, close: number) => void,
): Handlers {
  const handlers: Omit<
    StrategyDefinition<Record<never, never>, { bar: number; rest: S }, CustomMetrics>,
    'parameters'
  > = {
    warmUp: () => first + 1,
    initialize: (setup) => ({ bar: first - 1, rest: initialize(setup) }),
    handleData({ state, order, asset }, data) {
      state.bar++;
      decide(state.bar, state.rest, order, asset, data.close(asset));
    },
  };
  return handlers as unknown as Handlers;
}

/** Two averages, and whether they crossed with this bar: strictly on both sides. */
function crossing(setup: Setup, { n1, n2 }: Numbers): { up(): boolean; down(): boolean } {
  const fast = setup.indicator(sma(n1!), setup.asset);
  const slow = setup.indicator(sma(n2!), setup.asset);
  const crosses = (a: Series, b: Series): boolean => a.ago(1) < b.ago(1) && a.value > b.value;
  return { up: () => crosses(fast, slow), down: () => crosses(slow, fast) };
}

const slower = ({ n1, n2 }: Numbers): number => Math.max(n1!, n2!);

/** All of the buying power but the least share that can be named, on either side: that engine's default size is one less the smallest double. */
const nearlyAll = (side: 1 | -1) => ({ share: side * 0.99999999 });

/** An entry and what is known of it since it filled. */
interface Trade {
  readonly entry: Order;
  readonly tag: string;
  /** Undefined until it fills. */
  bar: number | undefined;
  /** Signed units that are open. */
  left: number;
}

/** The trades that a strategy has open, oldest first, as the other engine keeps them. */
class Trades {
  open: Trade[] = [];
  readonly #hedging: boolean;
  #count = 0;

  constructor(hedging: boolean) {
    this.#hedging = hedging;
  }

  /** Tags an order as the entry of a trade of its own. */
  enter(give: (tag: string) => Order): Order {
    const tag = `trade-${++this.#count}`;
    const entry = give(tag);
    this.open.push({ entry, tag, bar: undefined, left: 0 });
    return entry;
  }

  /** Takes note of what filled up to a bar: entries that net older trades close those first. */
  update(bar: number): void {
    for (const trade of this.open) {
      if (trade.bar !== undefined || trade.entry.filled === 0) continue;
      trade.bar = bar;
      trade.left = trade.entry.filled;
      if (!this.#hedging) this.#net(trade);
    }
    this.open = this.open.filter(({ bar: at, left, entry }) =>
      at === undefined ? entry.status === 'working' : left !== 0,
    );
  }

  /** Those that have filled. */
  get filled(): Trade[] {
    return this.open.filter(({ bar }) => bar !== undefined);
  }

  /** Closes units of a trade at market. */
  close(trade: Trade, units: number, order: OrderApi, asset: Asset): void {
    order(asset, -Math.sign(trade.left) * units, { tag: trade.tag });
    trade.left -= Math.sign(trade.left) * units;
  }

  #net(newest: Trade): void {
    for (const older of this.open) {
      if (older === newest || older.bar === undefined || older.left * newest.left >= 0) continue;
      const units = Math.min(Math.abs(older.left), Math.abs(newest.left));
      older.left -= Math.sign(older.left) * units;
      newest.left -= Math.sign(newest.left) * units;
    }
  }
}

/** Rounds to the nearest, halves to the even one. */
function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Entries that wait for a price, are cancelled after a while, and are left so many bars after they filled. */
function waiting(
  { n, hold, size }: Numbers,
  bars: number,
  settings: RuleSettings,
  terms: (close: number) => OrderOptions,
) {
  return rule(
    1,
    () => ({ trades: new Trades(settings.hedging), last: undefined as Order | undefined, placed: 0 }),
    (bar, state, order, asset, close) => {
      const { trades } = state;
      trades.update(bar);
      if (state.last?.status === 'working' && bar - state.placed >= hold!) state.last.cancel();
      for (const trade of trades.filled) {
        if (bar - trade.bar! >= bars) trades.close(trade, Math.abs(trade.left), order, asset);
      }
      if (bar % n! !== 0) return;
      state.last = trades.enter((tag) => order(asset, size!, { ...terms(close), tag }));
      state.placed = bar;
    },
  );
}

/** The rules of the reference cases by name, each written once. */
export const backtestingpyRules: Readonly<Record<string, (params: Numbers, settings: RuleSettings) => Handlers>> = {
  SmaCross: (params, { exclusive }) =>
    rule(
      slower(params),
      (setup) => crossing(setup, params),
      (_bar, cross, order, asset) => {
        const side = cross.up() ? 1 : cross.down() ? -1 : 0;
        if (side === 0) return;
        if (exclusive) order.close(asset);
        order.notional(asset, nearlyAll(side));
      },
    ),

  SmaCrossClose: (params, settings) => backtestingpyRules.SmaCross!(params, { ...settings, exclusive: true }),

  SmaLongOnly: (params) =>
    rule(
      slower(params),
      (setup) => ({ cross: crossing(setup, params), position: setup.portfolio.position(setup.asset) }),
      (_bar, { cross, position }, order, asset) => {
        if (position.quantity === 0) {
          if (!cross.up()) return;
          if (typeof params.size === 'number') order(asset, params.size);
          else order.notional(asset, nearlyAll(1));
        } else if (cross.down()) order.close(asset);
      },
    ),

  SmaSlTp: (params, { exclusive }) =>
    rule(
      slower(params),
      (setup) => crossing(setup, params),
      (_bar, cross, order, asset, close) => {
        const { sl, tp } = params as { readonly sl: number; readonly tp: number };
        const side = cross.up() ? 1 : cross.down() ? -1 : 0;
        if (side === 0) return;
        if (exclusive) order.close(asset);
        order.notional(asset, nearlyAll(side), {
          stopLoss: { price: close * (side > 0 ? sl : 2 - sl) },
          takeProfit: { price: close * (side > 0 ? tp : 2 - tp) },
        });
      },
    ),

  EveryN_SlTp: ({ n, size, sl, tp }) =>
    rule(
      1,
      () => undefined,
      (bar, _state, order, asset, close) => {
        if (bar % n! !== 0) return;
        order(asset, size!, {
          stopLoss: { price: close * sl! },
          takeProfit: { price: close * tp! },
          tag: `bar-${bar}`,
        });
      },
    ),

  EveryN_Limit: (params, settings) => waiting(params, 15, settings, (close) => ({ limit: close * params.off! })),

  StopLimit: (params, settings) =>
    waiting(params, 12, settings, (close) => ({ stop: close * params.st!, limit: close * params.li! })),

  Donchian: ({ n, m, size }) =>
    rule(
      Math.max(n!, m!),
      (setup) => ({
        high: setup.indicator(highest(n!), setup.asset),
        low: setup.indicator(lowest(m!), setup.asset),
        position: setup.portfolio.position(setup.asset),
        entry: undefined as Order | undefined,
        protection: undefined as Order | undefined,
        level: 0,
      }),
      (_bar, state, order, asset) => {
        const [high, low] = [state.high.value, state.low.value];
        if (state.entry?.status === 'working') state.entry.cancel();
        if (state.position.quantity === 0) {
          state.protection = undefined;
          state.level = low;
          state.entry = high > low ? order(asset, size!, { stop: high }) : undefined;
          return;
        }
        state.level = Math.max(state.level, low);
        if (state.protection === undefined)
          state.protection = order(asset, -state.position.quantity, { stop: state.level });
        else order.replace(state.protection, { stop: state.level });
      },
    ),

  Hedge: ({ n, k, size }, settings) =>
    rule(
      1,
      () => new Trades(settings.hedging),
      (bar, trades, order, asset) => {
        trades.update(bar);
        // What closes goes before what opens, as there.
        for (const trade of trades.filled) {
          if (bar - trade.bar! >= 30) trades.close(trade, Math.abs(trade.left), order, asset);
        }
        const side = bar % n! === 0 ? 1 : bar % n! === k ? -1 : 0;
        const options = (tag: string) => (settings.hedging ? { tag } : {});
        if (side !== 0) trades.enter((tag) => order(asset, side * size!, options(tag)));
      },
    ),

  Partial: ({ n, size }, settings) =>
    rule(
      1,
      () => new Trades(settings.hedging),
      (bar, trades, order, asset) => {
        trades.update(bar);
        const phase = bar % n!;
        if (phase === 0) trades.enter((tag) => order(asset, size!, { tag }));
        else if (trades.filled.length === 0) return;
        else if (phase === 10) {
          for (const trade of trades.filled) {
            trades.close(trade, Math.max(1, halfEven(Math.abs(trade.left) / 2)), order, asset);
          }
        } else if (phase === 20) trades.enter(() => order(asset, -7));
        else if (phase === 30) {
          order.close(asset);
          trades.open = [];
        }
      },
    ),

  Flip: ({ n }) =>
    rule(
      1,
      () => undefined,
      (bar, _state, order, asset) => {
        const units = { 5: 10, 15: -15, 25: 8 }[bar % n!];
        if (units !== undefined) order(asset, units);
      },
    ),

  FracSize: ({ n }) =>
    rule(
      1,
      () => undefined,
      (bar, _state, order, asset) => {
        const phase = bar % n!;
        if (phase === 0) order.notional(asset, { share: 0.25 });
        else if (phase === 11) order.notional(asset, { share: 0.5 });
        else if (phase === 22) order.close(asset);
      },
    ),
};
