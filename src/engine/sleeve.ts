import { inspect } from 'node:util';
import { asEpochMs } from '../core/brand.js';
import { toDecimal } from '../core/decimal.js';
import { HindcastError, LookaheadError, RunError, UsageError } from '../core/errors.js';
import type { ScaledInteger } from '../core/scaled-integer.js';
import { formatInstant } from '../core/time.js';
import type { HistoryReader } from '../data/history.js';
import { WindowBlocks } from '../data/window-memory.js';
import type { IntrabarRule, StopLimitRule } from '../execution/matching.js';
import type { Fill } from '../execution/order.js';
import type { SlippageModel } from '../execution/slippage/slippage.js';
import type { IndicatorSource } from '../indicators/columns.js';
import { sessionAxis } from '../market/session-axis.js';
import type { Account, Sizing } from '../portfolio/account.js';
import { ClockedBarData, fromLabelledRows } from './bar-data.js';
import type { CarryModels } from './carry.js';
import { Clock } from './clock.js';
import { type LogEntry, type RunState, SetupContext, TradingContext } from './contexts.js';
import type { Delisting } from './corporate-actions.js';
import { Declarations } from './declarations.js';
import type { FillRule } from './fill-rule.js';
import { closesSessionOf, instantsOf } from './home-axis.js';
import { decide, decideWhereNotQuiet } from './hot-loops.js';
import type { AssetView, RunView } from './market-view.js';
import { orderApi } from './order-api.js';
import { CONTROL_BREACHED, OrderControls } from './order-controls.js';
import { exactPrice, fillsAtOpening } from './order-stream.js';
import type { GivenParams } from './params.js';
import { PortfolioView } from './portfolio-view.js';
import type { ExitsFrom } from './resting-orders.js';
import { isPromise, promiseReturned } from './returned-promise.js';
import { noteAsked, QuietBars, ruleOf } from './rule/quiet-bars.js';
import { type ScheduledFunction, Schedules } from './schedule.js';
import { type BrokerNotice, type Liquidation, SimulatedBroker } from './simulated-broker.js';
import type { AnyDefinition, BarData, Context } from './strategy.js';
import type { Stretches } from './stretches.js';
import { Venues } from './venues.js';

/** What one run of a sleeve needs beside the sleeve. */
export interface SleeveRun {
  readonly params: GivenParams;
  readonly cash: ScaledInteger;
  /** What takes the account's values at the run's bars: a column, or of an account in one asset stretches. */
  readonly equity: Float64Array | Stretches;
  readonly seed: number | string;
  readonly randomLabels: readonly (string | number)[];
  readonly record: (row: number, name: string, value: number) => void;
  readonly log: (entry: LogEntry) => void;
  /** Ascending by row. @defaultValue none */
  readonly changes?: readonly InstanceChange[];
  /** Called before each change, with its place among them: the account is as of the bar before its row. */
  readonly onChange?: (index: number) => void;
}

/** From an axis row on, another instance of the strategy decides, with parameters of its own: positions and working orders stay. */
export interface InstanceChange {
  /** Behind the run's first row and before its end. */
  readonly row: number;
  readonly params: GivenParams;
  readonly randomLabels: readonly (string | number)[];
}

/**
 * One instance of a strategy with an account of its own: the whole run when there are no sleeves. Its objects live for
 * many runs, so that a trial of a search allocates nothing per bar and little per run.
 */
export class Sleeve {
  readonly broker: SimulatedBroker;
  readonly #definition: AnyDefinition;
  readonly #view: RunView;
  readonly #assets: readonly AssetView[];
  readonly #clock: Clock;
  readonly #windows = new WindowBlocks();
  readonly #fill: FillRule;
  readonly #liquidate: Liquidation;
  readonly #data: BarData;
  readonly #setup: SetupContext;
  readonly #context: TradingContext;
  readonly #run: RunState;
  /** Of the present run. */
  #params: GivenParams = {};
  readonly #portfolio: PortfolioView;
  readonly #declarations: Declarations;
  readonly #schedules: Schedules;
  readonly #controls: OrderControls | undefined;
  /** No handler that must be told something within a bar: the plain loop serves. */
  readonly #isPlain: boolean;
  /** Knows on which bars the handler does nothing, where the plain loop serves and its source text could be read. */
  #quiet: QuietBars | undefined;
  readonly #asksEveryBar: boolean;
  readonly #instantOf: ReturnType<typeof instantsOf>;
  /** Whether any instance so far has scheduled something. */
  #hasScheduled = false;
  /** The row after the last on which any of the sleeve's assets lives, of recorded data. */
  readonly #lifeEnd: number;

  constructor(options: {
    readonly definition: AnyDefinition;
    readonly view: RunView;
    readonly assets: readonly AssetView[];
    readonly account: Account;
    readonly slippage: SlippageModel;
    readonly fill: FillRule;
    /** @defaultValue 0 */
    readonly withholding?: number;
    /** @defaultValue 'hold' */
    readonly delisting?: Delisting;
    readonly intrabar?: IntrabarRule;
    readonly timeInForce?: 'gtc' | 'day';
    /** @defaultValue 'entry-bar' */
    readonly exitsFrom?: ExitsFrom;
    readonly delay?: number | undefined;
    /** @defaultValue 'from-open' */
    readonly stopLimits?: StopLimitRule;
    /** @defaultValue 'fractional' */
    readonly sizing?: Sizing;
    /** @defaultValue 'never' */
    readonly liquidate?: Liquidation;
    /** @defaultValue nothing is charged for holding */
    readonly carry?: CarryModels;
    readonly history: HistoryReader;
    /** Whether windows asked for as arrays are taken out of labelled rows. @defaultValue false */
    readonly labelled?: boolean | undefined;
    /** Whether the handler is asked on every bar, also where it is known to do nothing. @defaultValue false */
    readonly asksEveryBar?: boolean | undefined;
    readonly indicators: IndicatorSource;
  }) {
    const { definition, view, assets, fill } = options;
    this.#clock = new Clock(Math.min(...assets.map(({ listing }) => listing.first)));
    this.#definition = definition;
    this.#view = view;
    this.#instantOf = instantsOf(view);
    this.#assets = assets;
    this.#lifeEnd = Math.max(...assets.map(({ listing }) => listing.end));
    this.#fill = fill;
    this.#liquidate = options.liquidate ?? 'never';
    this.broker = new SimulatedBroker({
      clock: this.#clock,
      assets,
      account: options.account,
      slippage: options.slippage,
      fill,
      withholding: options.withholding ?? 0,
      delisting: options.delisting ?? 'hold',
      sessions: view.group.times,
      intrabar: options.intrabar ?? 'pessimistic',
      timeInForce: options.timeInForce ?? 'gtc',
      stopLimits: options.stopLimits ?? 'from-open',
      sizing: options.sizing ?? 'fractional',
      instantOf: this.#instantOf,
      venues: Venues.of(view.group, assets),
      exitsFrom: options.exitsFrom ?? 'entry-bar',
      delay: options.delay,
      closesSession: (row, line) => closesSessionOf(assets[line]!.listing, view.group, row),
      carry: options.carry,
      looksAhead: options.asksEveryBar !== true && view.group.grows !== true,
    });
    this.broker.tells = definition.onFill !== undefined || definition.onOrder !== undefined;
    const { controls } = definition;
    if (controls !== undefined) {
      const { broker } = this;
      this.#controls = new OrderControls({ controls, broker, clock: this.#clock, axis: view.group, from: view.from });
      broker.holdAgainst(this.#controls);
    }
    this.#isPlain =
      !this.broker.tells &&
      definition.beforeTradingStart === undefined &&
      fill !== 'same-close' &&
      !this.broker.isWatched;
    this.#asksEveryBar = !this.#isPlain || options.asksEveryBar === true || definition.handleData === undefined;
    const data = new ClockedBarData(this.#clock, view, assets, options.history, this.#windows);
    this.#data = options.labelled === true ? fromLabelledRows(data) : data;
    this.#portfolio = new PortfolioView(this.broker);
    this.#schedules = new Schedules(view.group);
    this.#run = {
      declarations: undefined,
      schedules: this.#schedules,
      seed: 0,
      randomLabels: [],
      random: undefined,
      record: () => {},
      log: () => {},
    };
    const parts = {
      assets: Object.freeze(assets.map(({ asset }) => asset)),
      portfolio: this.#portfolio,
      clock: this.#clock,
      view,
      run: this.#run,
    };
    const first = this.#clock.origin;
    this.#declarations = new Declarations({
      clock: this.#clock,
      assets,
      frequency: view.group.frequency,
      source: options.indicators,
      // Before its first bar trades, a strategy may look when there is nothing yet.
      rows: { from: definition.beforeTradingStart === undefined ? first : first - 1, to: this.#lifeEnd },
    });
    this.#setup = new SetupContext(parts);
    this.#context = new TradingContext(parts, orderApi(this.broker));
  }

  /** Runs the strategy once over the view's rows. Throws a RunError that names handler and bar when a handler throws. */
  run(run: SleeveRun): void {
    const { from, to } = this.#view;
    const decides = this.#firstDecision(this.begin(run));
    const end = Math.min(to, this.#lifeEnd);
    const { changes } = run;
    const stop = Math.min(end, changes?.[0]?.row ?? end);
    if (this.isActive || this.broker.isWatched) {
      this.#passOver(from, Math.min(Math.max(from, decides), stop));
      this.#walk(Math.max(from, decides), stop, run.params);
    }
    if (changes !== undefined) this.#runOn(run, changes, end);
    this.end(to);
  }

  /**
   * Runs as {@link run} does, and yields before each of these axis rows, with the account's values written up to there; where it is not asked again, the
   * run was given up.
   */
  *runInPieces(run: SleeveRun, rows: readonly number[]): Generator<undefined, void> {
    const { from, to } = this.#view;
    const decides = Math.max(from, this.#firstDecision(this.begin(run)));
    const end = Math.min(to, this.#lifeEnd);
    const works = this.isActive || this.broker.isWatched;
    let at = from;
    const walkTo = (stop: number): void => {
      if (!works || stop <= at) return;
      this.#passOver(at, Math.min(decides, stop));
      this.#walk(Math.max(at, decides), stop, run.params);
      at = stop;
    };
    for (const row of rows) {
      walkTo(Math.min(row, end));
      // Behind the life of its assets an account is what the end of the run finds.
      if (row > end) this.#clock.moveTo(to - 1);
      while (row > end && this.broker.nextEventRow < row) this.broker.applyEvents(this.broker.nextEventRow);
      this.broker.markTo(row);
      yield;
    }
    walkTo(end);
    this.end(to);
  }

  /** The rest of a run whose strategy changes its parameters. */
  #runOn({ onChange }: SleeveRun, changes: readonly InstanceChange[], end: number): void {
    for (const [index, { row, params, randomLabels }] of changes.entries()) {
      const stop = Math.min(end, changes[index + 1]?.row ?? end);
      onChange?.(index);
      this.#params = params;
      this.#run.randomLabels = randomLabels;
      this.#run.random = undefined;
      const decides = Math.max(row, this.#firstDecision(this.#initialize(params, row)));
      this.#hold(row, Math.min(decides, stop));
      if (this.isActive || this.broker.isWatched) this.#walk(decides, stop, params);
      else this.#hold(decides, stop);
    }
  }

  /** Bars on which an account trades on without its strategy: fills that are due, corporate actions, costs of holding. */
  #hold(from: number, to: number): void {
    const { broker } = this;
    for (let row = from; row < to; row++) {
      const hasEvents = row === broker.nextEventRow;
      if (!hasEvents && broker.working.length === 0 && !broker.isWatched) continue;
      this.#clock.standBefore(row);
      if (broker.isWatched) broker.carry(row);
      if (hasEvents) broker.applyEvents(row);
      broker.executeOpening(row);
      this.tell();
      this.closeBar(row);
      broker.executeBar(row);
      this.tell();
      broker.executeSameClose(row);
      this.settleBar(row);
    }
  }

  /** Starts a run and lets the strategy declare. Returns its warm-up in bars, the current one included, where it states one. */
  begin(run: SleeveRun): number | undefined {
    this.broker.start(run.cash, run.equity, this.#view.from);
    this.#windows.begin();
    this.#params = run.params;
    const state = this.#run;
    state.seed = run.seed;
    state.randomLabels = run.randomLabels;
    state.random = undefined;
    state.log = run.log;
    // Before the opening and at its fills, the bar is the one that opens.
    state.record = (name, value) =>
      run.record(this.#clock.beforeOpen ? this.#clock.row + 1 : this.#clock.row, name, value);
    return this.#initialize(run.params, this.#view.from);
  }

  /** Ends a run for whatever its strategy has given away: series have no values, and nothing more is recorded. */
  rest(): void {
    this.#declarations.open();
    this.#run.record = recordTooLate;
  }

  /** Ends a run before an axis row. */
  end(to: number): void {
    this.#clock.moveTo(to - 1);
    while (this.broker.nextEventRow < to) this.broker.applyEvents(this.broker.nextEventRow);
    if (this.#liquidate !== 'never') this.broker.liquidate(to - 1, this.#liquidate === 'last-open' ? 'open' : 'close');
    this.broker.finish(to);
    if (this.broker.tells) this.tell();
    this.#reportBreaches();
  }

  /** Ends a run whose strategy swallowed the error of a breach; tells of those that the run went on after. */
  #reportBreaches(): void {
    const controls = this.#controls;
    if (controls === undefined) return;
    if (controls.stopped !== undefined) throw controls.stopped;
    for (const { control, limit, count, row, first } of controls.breaches) {
      const time = asEpochMs(this.#view.group.closes[row]!);
      this.#run.log({ time, message: `control ${control} breached`, facts: { limit, count, first } });
    }
  }

  /** Lets the strategy declare before an axis row. */
  #initialize(params: GivenParams, from: number): number | undefined {
    this.#clock.standBefore(from);
    this.#clock.isOpened = false;
    this.#schedules.clear();
    const declarations = this.#declarations;
    declarations.open();
    this.#run.declarations = declarations;
    const definition = this.#definition;
    try {
      this.#context.state = definition.initialize?.(this.#setup, params);
      declarations.begin();
    } catch (error) {
      throw this.#failure('initialize', error);
    } finally {
      this.#run.declarations = undefined;
      this.#clock.beforeOpen = false;
    }
    if (isPromise(this.#context.state)) throw promiseReturned('initialize', this.#context.state);
    if (!this.#asksEveryBar) this.#beginQuiet(params);
    this.#hasScheduled ||= !this.#schedules.isEmpty;
    this.broker.reuseTickets(this.#dropsOrders);
    if (definition.warmUp === undefined) return undefined;
    let warmUp: number;
    try {
      warmUp = definition.warmUp(params);
    } catch (error) {
      this.#clock.beforeOpen = true;
      throw this.#failure('warmUp', error);
    }
    if (!Number.isInteger(warmUp) || warmUp < 1) {
      throw new UsageError('INVALID_WARM_UP', {
        message: `warmUp returns a whole number of bars, at least 1 (the current one), not ${String(warmUp)}.`,
      });
    }
    return warmUp;
  }

  /** Whether no order that the strategy gives is kept. What was ever scheduled is not read, and may have put the context aside. */
  get #dropsOrders(): boolean {
    return this.#quiet !== undefined && !this.#hasScheduled && ruleOf(this.#definition.handleData)!.dropsOrders;
  }

  #beginQuiet(params: GivenParams): void {
    if (this.#quiet === undefined) {
      const rule = ruleOf(this.#definition.handleData);
      if (rule === undefined) return;
      this.#quiet = new QuietBars(rule, this.#clock, (asset) => this.#assets[this.broker.lineOf(asset)]);
    }
    this.#quiet.begin(this.#context, this.#data, params);
  }

  /** The axis row of the first decision. */
  #firstDecision(warmUp: number | undefined): number {
    const first = this.#clock.origin;
    return warmUp === undefined ? this.#declarations.firstDecision(first) : first + warmUp - 1;
  }

  /** False for schedules alone: between their rows, only bars on which an order may fill matter. */
  get #looksAtEveryBar(): boolean {
    return this.#definition.handleData !== undefined || this.#definition.beforeTradingStart !== undefined;
  }

  #walk(from: number, end: number, params: GivenParams): void {
    const { broker } = this;
    const schedules = this.#schedules;
    let row = from;
    schedules.seek(row);
    while (row < end) {
      const stop = Math.min(end, broker.nextEventRow, schedules.nextRow);
      if (this.#isPlain) this.#walkPlain(row, stop, params);
      else this.#walkStepwise(row, stop);
      row = stop;
      if (row < end) {
        // The bar of an event or a schedule: history turns before its opening, then it is a bar like others, and what is due runs.
        const hasEvents = row === broker.nextEventRow;
        if (this.#isPlain) {
          if (hasEvents) broker.applyEvents(row);
          this.#walkPlain(row, row + 1, params);
          if (row === schedules.nextRow) this.#runSchedules(row);
        } else {
          this.#step(row, hasEvents);
        }
        row++;
      }
    }
  }

  /** Bars before the first decision: what happens to an account whatever its strategy does. */
  #passOver(from: number, to: number): void {
    const { broker } = this;
    if (broker.isWatched) {
      for (let row = from; row < to; row++) {
        broker.carry(row);
        if (broker.nextEventRow === row) broker.applyEvents(row);
      }
    }
    while (broker.nextEventRow < to) broker.applyEvents(broker.nextEventRow);
  }

  /** Bars on which nothing has to be told: fills that are due, then the strategy. */
  #walkPlain(from: number, to: number, params: GivenParams): void {
    const { broker } = this;
    if (this.#definition.handleData === undefined) {
      for (let row = from; row < to && broker.working.length !== 0; row++) {
        this.#clock.moveTo(row - 1);
        broker.execute(row);
      }
      if (to > from) this.#clock.moveTo(to - 1);
      return;
    }
    try {
      if (this.#quiet !== undefined) {
        decideWhereNotQuiet(
          this.#definition,
          broker,
          this.#clock,
          this.#quiet,
          this.#context,
          this.#data,
          params,
          from,
          to,
        );
      } else {
        decide(this.#definition, broker, this.#clock, this.#context, this.#data, params, from, to);
      }
    } catch (error) {
      throw this.#failure('handleData', error);
    }
    if (!this.#asksEveryBar && this.#quiet === undefined) noteAsked(this.#definition.handleData, to - from);
    broker.settle();
  }

  /** Bars before the next event and schedule; without a handler or a look at every bar, those on which an order may fill. */
  #walkStepwise(from: number, to: number): void {
    const { working } = this.broker;
    const looks = this.#looksAtEveryBar || this.broker.isWatched;
    for (let row = from; row < to && (looks || working.length !== 0); row++) this.#step(row, false);
  }

  /** One bar with everything that a strategy may be told. */
  #step(row: number, hasEvents: boolean): void {
    const { broker } = this;
    this.openBar(row);
    if (broker.isWatched) broker.carry(row);
    if (hasEvents) broker.applyEvents(row);
    broker.executeOpening(row);
    this.tell();
    this.closeBar(row);
    broker.executeBar(row);
    this.tell();
    this.decide(row);
    broker.executeSameClose(row);
    this.settleBar(row);
  }

  /** Whether there is anything to do for the strategy on a bar. */
  get isActive(): boolean {
    return this.#looksAtEveryBar || !this.#schedules.isEmpty;
  }

  /** Whether the strategy's indicators are ready, of columns that grow; `more`: once so many bars more have arrived. */
  isReady(more: 0 | 1): boolean {
    return this.#declarations.areReady(more);
  }

  /** The last row of an axis that grows is complete: schedules look at it. */
  arrive(row: number): void {
    this.#schedules.arrive(row);
  }

  /** Before a bar opens: what the strategy does before its session starts. */
  openBar(row: number): void {
    this.#clock.standBefore(row);
    if (this.#definition.beforeTradingStart !== undefined && sessionAxis(this.#view.group).opensSession(row)) {
      this.#call('beforeTradingStart', this.#params);
    }
  }

  /** A bar is known. */
  closeBar(row: number): void {
    this.#clock.moveTo(row);
    this.#clock.beforeOpen = false;
  }

  /** The strategy's turn at the close of a bar. */
  decide(row: number): void {
    this.#call('handleData', this.#params);
    if (row === this.#schedules.nextRow) this.#runSchedules(row);
  }

  /** After the last fill of a bar. */
  settleBar(row: number): void {
    if (this.broker.isWatched) this.broker.watch(row);
    this.tell();
  }

  #call(handler: 'beforeTradingStart' | 'handleData', params: GivenParams): void {
    const definition = this.#definition;
    if (definition[handler] === undefined) return;
    this.#clock.interrupted = false;
    try {
      const returned = definition[handler](this.#context as unknown as Context, this.#data, params);
      if (isPromise(returned)) throw promiseReturned(handler, returned);
    } catch (error) {
      throw this.#failure(handler, error);
    }
    this.broker.settle();
  }

  #runSchedules(row: number): void {
    this.#schedules.runAt(row, this.#runScheduled);
  }

  readonly #runScheduled = (run: ScheduledFunction, text: string): void => {
    this.#clock.interrupted = false;
    try {
      const returned = run(this.#context as unknown as Context, this.#data);
      if (isPromise(returned)) throw promiseReturned('The function of schedule', returned);
    } catch (error) {
      throw this.#failure('schedule', error, text);
    }
    this.broker.settle();
  };

  /** Passes on what the broker did, also what these handlers themselves bring about. */
  tell(): void {
    const { notices } = this.broker;
    // Asked three times a bar, mostly for nothing: setting the length of a list is dear.
    if (notices.length === 0) return;
    const params = this.#params;
    const definition = this.#definition;
    this.#clock.isOpened = this.#clock.beforeOpen;
    for (let i = 0; i < notices.length; i++) {
      if (i === NOTICES_MAX) throw this.#failure('onOrder', endlessOrders());
      const notice = notices[i]!;
      this.#clock.interrupted = false;
      const handler = notice.kind === 'fill' ? 'onFill' : 'onOrder';
      try {
        const returned =
          notice.kind === 'fill'
            ? definition.onFill?.(this.#context as unknown as Context, this.#fillOf(notice), params)
            : definition.onOrder?.(this.#context as unknown as Context, notice.order, params);
        if (isPromise(returned)) throw promiseReturned(handler, returned);
      } catch (error) {
        throw this.#failure(handler, error);
      }
      this.broker.settle();
    }
    this.#clock.isOpened = false;
    notices.length = 0;
  }

  #fillOf({ order, record }: BrokerNotice): Fill {
    const { kind, row, sid, quantity, ticks, priceDecimals, fee } = this.broker.stream.read(record);
    const { scales } = this.broker.account;
    return {
      order,
      asset: order.asset,
      time: asEpochMs(this.#instantOf(fillsAtOpening(kind, this.#fill), row, sid)),
      quantity: quantity.toNumber(scales.quantity),
      price: ticks / 10 ** priceDecimals,
      exact: {
        quantity: toDecimal(quantity, scales.quantity),
        price: exactPrice(ticks, priceDecimals),
        fee: toDecimal(fee, scales.money),
      },
    };
  }

  /** What a strategy threw, with the place where it happened; errors of our own keep their code. */
  #failure(handler: string, thrown: unknown, name = handler): HindcastError {
    if (thrown instanceof UsageError && thrown.code === 'INVALID_STRATEGY') return thrown;
    if (thrown instanceof RunError && thrown.code === CONTROL_BREACHED) return thrown;
    const { row, beforeOpen } = this.#clock;
    const { times } = this.#view.group;
    const at = beforeOpen ? row + 1 : row;
    const where = `${name} at ${formatInstant(times[at] ?? times[0]!)} (bar ${at - this.#view.from}, ${this.#assets
      .map(({ asset }) => asset.symbol)
      .slice(0, 3)
      .join(', ')})`;
    const isOwn = thrown instanceof HindcastError;
    const text = thrown instanceof Error ? thrown.message : `it threw ${inspect(thrown)}, which is no Error`;
    const Failure = thrown instanceof LookaheadError ? LookaheadError : RunError;
    return new Failure(isOwn ? thrown.code : 'STRATEGY_THREW', {
      message: `The strategy failed in ${where}: ${text}`,
      details: { handler, bar: at - this.#view.from, ...(isOwn ? thrown.details : {}) },
      cause: thrown,
    });
  }
}

/** What a strategy is told on one bar at most. Beyond it, its answer to a rejected order must be another one that is rejected at once. */
const NOTICES_MAX = 100_000;

const endlessOrders = (): UsageError =>
  new UsageError('ENDLESS_ORDERS', {
    message: `it was told of ${NOTICES_MAX} orders on one bar. Give no order in onOrder that is rejected or cancelled at once.`,
  });

/** What a context does with a value once its run has ended: the columns of a result that somebody holds stay as they are. */
const recordTooLate: RunState['record'] = (name) => {
  throw new UsageError('RECORDED_TOO_LATE', {
    message: `record('${name}') came from a context of a run that has ended. Keep no context beyond its run: each handler is given its own.`,
    details: { name },
  });
};
