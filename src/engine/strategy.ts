import type { EpochMs } from '../core/brand.js';
import type { Amount, Decimal } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Fill, Order, OrderChange, OrderOptions } from '../execution/order.js';
import type { Indicator, Reading, Series } from '../indicators/indicator.js';
import type { Asset } from '../market/asset.js';
import type { Field, Frequency } from '../market/bars.js';
import type { DateRule, TimeRule } from '../market/schedule-rules.js';
import { checkControls, type TradingControls } from './control-options.js';
import type { ParameterMap, ParamsOf, Scalar } from './parameters.js';
import type { BacktestResult } from './result.js';
import { COST_KEYS, type DefaultCosts, resolveRunOptions } from './run-options.js';
import type { ScheduleOptions } from './schedule.js';

type Many<T> = T | readonly T[];
type PerAsset<A> = A extends readonly Asset[] ? readonly ReadonlyFloat64Array[] : ReadonlyFloat64Array;
type Windows<A, F> = F extends readonly (infer K extends FieldName)[]
  ? { readonly [N in K]: PerAsset<A> }
  : PerAsset<A>;

/** A field of every bundle, or the name of an extra column. */
export type FieldName = Field | (string & {});

/** A labelled window: the last bars of several assets and fields as of now. Its columns are copies. */
export interface HistoryFrame {
  /** Bar labels, in UTC milliseconds, ascending. */
  readonly times: ReadonlyFloat64Array;
  readonly assets: readonly Asset[];
  readonly fields: readonly FieldName[];
  /** Returns one column, as long as `times`, NaN where the bar is missing. Throws UsageError for what was not asked for. */
  column(asset: Asset, field: FieldName): ReadonlyFloat64Array;
}

/** The market as of now: nothing later than the current bar can be reached. */
export interface BarData {
  open(asset: Asset): number;
  high(asset: Asset): number;
  low(asset: Asset): number;
  close(asset: Asset): number;
  volume(asset: Asset): number;
  /** False on a missing bar and outside the asset's life. */
  canTrade(asset: Asset): boolean;
  /** True when the asset has traded before and its current bar is missing: a gap or its end, which only later bars tell apart. */
  isStale(asset: Asset): boolean;
  /** The current bar's field, NaN on a missing bar. */
  current(asset: Asset, field: FieldName): number;
  /**
   * The last `barCount` bars up to and including the current one, adjusted as of now, padded with NaN in front. Of a longer `frequency`
   * than the run's the last ones that have closed by now: the bundle's own, else made of the run's bars by sessions.
   * A labelled frame; with `returnType: 'array'` a window, a list for several assets, keyed for several fields.
   * A copy, yours to keep and to write to (its `buffer` is larger, and holds other windows of the run: `slice()` it before you give that away);
   * with `view: true` it may share memory until the next bar, and must not be kept,
   * nor cloned or posted to another thread, which would take along what lies beyond the bar: `slice()` it first.
   */
  history(
    assets: Many<Asset>,
    fields: Many<FieldName>,
    barCount: number,
    frequency?: Frequency,
    options?: { readonly returnType?: 'frame' },
  ): HistoryFrame;
  history<const A extends Many<Asset>, const F extends Many<FieldName>>(
    assets: A,
    fields: F,
    barCount: number,
    frequency: Frequency,
    options: { readonly returnType: 'array'; readonly view?: boolean },
  ): Windows<A, F>;
}

/** A share of the buying power at the fill, from -1 to 1 and not 0; below 0 it sells short. */
export interface BuyingPowerShare {
  readonly share: Amount;
}

/**
 * Places orders. They fill at the next bar at the earliest (see the run's `fill` option). Units are rounded towards
 * zero to the asset's lot. A target replaces the asset's working orders, so asking twice is harmless;
 * undefined: there is nothing to do.
 */
export interface OrderApi {
  /** Signed units. */
  (asset: Asset, quantity: Amount, options?: OrderOptions): Order;
  /** Units worth a signed amount of money at the last known price. */
  value(asset: Asset, value: Amount, options?: OrderOptions): Order;
  /** Units worth a signed fraction of the portfolio's value. */
  percent(asset: Asset, fraction: number, options?: OrderOptions): Order;
  /**
   * Spends an amount at the fill, commission included; 'all' is the free cash at the fill. A share of the buying power at the fill may be below 0
   * and then sells short. Holds fractions, 8 decimals, rounded down; whole units where the run's `sizing` says so.
   */
  notional(asset: Asset, amount: Amount | 'all' | BuyingPowerShare, options?: OrderOptions): Order;
  /** Towards a position of so many signed units; 0 leaves whole, fractions included. */
  target(asset: Asset, quantity: Amount, options?: OrderOptions): Order | undefined;
  /** Towards a position worth a signed amount of money. */
  targetValue(asset: Asset, value: Amount, options?: OrderOptions): Order | undefined;
  /** Towards a position worth a signed fraction of the portfolio's value. */
  targetPercent(asset: Asset, fraction: number, options?: OrderOptions): Order | undefined;
  /** Cancels the asset's working orders, then sells or covers what is held. */
  close(asset: Asset): Order | undefined;
  /**
   * Changes units or prices of a working order, and returns it; `quantity` counts what has filled already. Throws UsageError `NOT_WORKING` for one
   * that has ended, `INVALID_ORDER` for a price that it does not have or units of another side.
   */
  replace(order: Order, change: OrderChange): Order;
  /** From the first fill of one of these orders on, the others are cancelled. */
  oneCancelsOther(...orders: readonly Order[]): void;
  /** Working orders, of one asset or of all, oldest first. */
  open(asset?: Asset): readonly Order[];
}

/** What is held of one asset: a handle, read as of now. */
export interface Position {
  readonly asset: Asset;
  /** Signed units. */
  readonly quantity: number;
  /** Average price paid, fees excluded; NaN when nothing is held. */
  readonly averagePrice: number;
  /** Worth at the last known close. */
  readonly value: number;
  /** Unrealised profit: value less cost, fees excluded. */
  readonly profit: number;
  /** Nothing held and no order working: the safe question before an entry, in backtest and live. */
  readonly isFlat: boolean;
  readonly exact: { readonly quantity: Decimal; readonly cost: Decimal };
}

/** The account as of now; in a sleeve, the sleeve's own. */
export interface Portfolio {
  readonly cash: number;
  /** Cash, dividends not yet paid, and positions at the last known closes. */
  readonly value: number;
  /** Worth of all positions, long and short, over the value. */
  readonly leverage: number;
  /**
   * What may be bought or sold short now, fee included, at the last known closes: the cash of a cash account; of a margin account
   * (value - initial requirement) over the initial share, below zero where more is held than could be opened.
   */
  readonly buyingPower: number;
  readonly exact: { readonly cash: Decimal };
  /** A handle: ask once, read for ever. */
  position(asset: Asset): Position;
  /** Makes a new list of what is held: for rebalances rather than for every bar. */
  held(): readonly Position[];
}

interface Common {
  /** The symbols of the run; in a sleeve, its own. `asset` is the first. */
  readonly assets: readonly Asset[];
  readonly asset: Asset;
  readonly portfolio: Portfolio;
  /** Throws UsageError for a symbol outside the run. */
  symbol(name: string): Asset;
  /** Seeded by the trial, in [0, 1). */
  random(): number;
  log(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** In `initialize`: declare. There is no `order` here. */
export interface Setup extends Common {
  /** A field's values as of each bar. */
  series(asset: Asset, field: Field, frequency?: Frequency): Series;
  /** Over an asset's fields, or over given series: pairs, ratios, an indicator of an indicator. */
  indicator<I extends readonly Field[], O extends string>(
    recipe: Indicator<I, O>,
    source: Asset | { readonly [K in keyof I]: Series },
    frequency?: Frequency,
  ): Reading<O>;
  /**
   * Runs a function on the sessions and at the time that two rules name: at the first bar that is known by then, after handleData,
   * from the first decision on. `run` uses what `initialize` holds: build the state first, close over it, return it.
   * Throws UsageError for what is no rule, or one that no week or month of the calendar can meet.
   */
  schedule(
    date: DateRule,
    time: TimeRule,
    run: (context: Context, data: BarData) => Synchronous,
    options?: ScheduleOptions,
  ): void;
}

/** In every other handler: act. */
export interface Context<S = unknown> extends Common {
  readonly state: S;
  readonly order: OrderApi;
  /** The instant from which the current bar is known: its close. Before trading starts: the opening of the session. */
  readonly now: EpochMs;
  /** Minutes from the session's opening to now, and from now to its close, early on a half day; negative outside hours. */
  readonly session: { readonly minutesSinceOpen: number; readonly minutesToClose: number };
  /** Keeps a number of this bar under a name; `result.recorded(name)` returns them. */
  record(name: string, value: number): void;
}

/** Anything but a Promise: a handler that awaited would see tomorrow. */
export type Synchronous = void | null | undefined | Scalar | (object & { readonly then?: never });

/** What `state` is when a handler stands above `initialize`, or there is none. */
export interface NoState {
  readonly 'write initialize above the handlers and let it return the state': never;
}

export type CustomMetrics = Readonly<Record<string, number>>;

/** What `analyze` returns when there is none. */
export type NoMetrics = Readonly<Record<never, never>>;

/** What `defineStrategy` takes. */
export interface StrategyDefinition<P extends ParameterMap, S = NoState, M extends CustomMetrics = NoMetrics> {
  readonly parameters: P;
  /** Parameter sets for which it returns false are not part of the search space, and refused by a backtest. */
  readonly constraint?: (params: ParamsOf<P>) => boolean;
  /** `import.meta.url`: lets searches started from code load the strategy in workers. The command line knows it already. */
  readonly module?: string;
  /**
   * 'equal': each symbol gets its share of the opening cash and an instance of the strategy of its own, whose `asset`
   * and `portfolio` are the sleeve's. Sleeves never see each other, and are never rebalanced.
   */
  readonly sleeves?: 'equal';
  /** Commission and slippage of runs that name none: `{ commission: 'per-share:0.005,min=1' }`. */
  readonly costs?: DefaultCosts;
  /** Bars that must have been seen by the first decision, the current one included. @defaultValue what the slowest indicator needs; in an account of several assets, for the one where it is ready first */
  readonly warmUp?: (params: ParamsOf<P>) => number;
  /** What the strategy must never do, whatever it decides. */
  readonly controls?: TradingControls;
  /** Write it above the handlers: TypeScript infers the state from top to bottom. Return plain data and handles. */
  initialize?(setup: Setup, params: ParamsOf<P>): S;
  /** Before the first bar of each session, with data up to the bar before. Its orders fill from that session's first bar on. */
  beforeTradingStart?(context: Context<S>, data: BarData, params: ParamsOf<P>): Synchronous;
  /** At the close of each bar. */
  handleData?(context: Context<S>, data: BarData, params: ParamsOf<P>): Synchronous;
  /** Once per fill. */
  onFill?(context: Context<S>, fill: Fill, params: ParamsOf<P>): Synchronous;
  /** An order of the strategy was rejected, cancelled or expired. */
  onOrder?(context: Context<S>, order: Order, params: ParamsOf<P>): Synchronous;
  /** Extra metrics by name; searches may use them as objectives. */
  analyze?(result: BacktestResult, params: ParamsOf<P>): M;
}

const STRATEGY = Symbol.for('hindcast.strategy');

/** A strategy as `defineStrategy` returns it. */
export interface Strategy<P extends ParameterMap = ParameterMap, M = NoMetrics> {
  readonly parameters: P;
  /** Never set: carries the names of the custom metrics to the compiler. */
  readonly metrics?: M;
}

/** A strategy with its types set aside: what the engine runs. */
export type AnyDefinition = StrategyDefinition<ParameterMap, unknown, CustomMetrics>;

const KEYS = [
  'parameters',
  'constraint',
  'module',
  'sleeves',
  'costs',
  'warmUp',
  'controls',
  'initialize',
  'beforeTradingStart',
  'handleData',
  'onFill',
  'onOrder',
  'analyze',
] as const satisfies readonly (keyof AnyDefinition)[];

const HANDLERS = [
  'constraint',
  'warmUp',
  'initialize',
  'beforeTradingStart',
  'handleData',
  'onFill',
  'onOrder',
  'analyze',
] as const;

/**
 * Declares a strategy. One module holds one strategy as its default export; the same object runs in backtest, search,
 * paper and live. Throws UsageError for an unknown key (with the nearest known one) or a handler that is no function.
 */
export function defineStrategy<const P extends ParameterMap, S = NoState, M extends CustomMetrics = NoMetrics>(
  definition: StrategyDefinition<P, S, M>,
): Strategy<P, M> {
  rejectUnknownKeys('defineStrategy', definition, KEYS);
  for (const handler of HANDLERS) {
    const value = definition[handler];
    if (value !== undefined && typeof value !== 'function') {
      throw new UsageError('INVALID_STRATEGY', {
        message: `'${handler}' of a strategy is a function, not ${typeof value}.`,
      });
    }
  }
  if (definition.sleeves !== undefined && definition.sleeves !== 'equal') {
    throw new UsageError('INVALID_STRATEGY', {
      message: `'sleeves' of a strategy is 'equal' or absent, not '${String(definition.sleeves)}'.`,
    });
  }
  if (definition.controls !== undefined) checkControls(definition.controls);
  if (definition.costs !== undefined) {
    rejectUnknownKeys("'costs' of a strategy", definition.costs, COST_KEYS);
    resolveRunOptions({}, definition.costs);
  }
  if (definition.parameters === null || typeof definition.parameters !== 'object') {
    throw new UsageError('INVALID_STRATEGY', { message: "A strategy declares its 'parameters': {} when it has none." });
  }
  return Object.freeze({ ...definition, [STRATEGY]: true }) as unknown as Strategy<P, M>;
}

/** True for what `defineStrategy` returned, from whichever copy of the package. */
export function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'object' && value !== null && STRATEGY in value;
}

/** Returns the definition behind a strategy. Throws UsageError for anything that `defineStrategy` did not return. */
export function definitionOf(strategy: Strategy<ParameterMap, unknown>): AnyDefinition {
  if (!isStrategy(strategy)) {
    throw new UsageError('INVALID_STRATEGY', {
      message: 'This is no strategy. Make one with defineStrategy({ parameters, initialize, handleData }).',
    });
  }
  return strategy as unknown as AnyDefinition;
}
