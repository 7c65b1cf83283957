import { inspect } from 'node:util';
import { type Decimal, toDecimal, toScaled } from '../core/decimal.js';
import { decimalsOf } from '../core/decimal-text.js';
import { HindcastError, RunError, UsageError } from '../core/errors.js';
import { once } from '../core/once.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { didYouMean } from '../core/suggest.js';
import type { HistoryReader } from '../data/history.js';
import { parseBorrow, parseCommission, parseFinancing, parseSlippage } from '../execution/models.js';
import type { IndicatorSource } from '../indicators/columns.js';
import type { RoundTripMethod } from '../metrics/round-trips.js';
import { type Metrics, summarize } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import type { Account } from '../portfolio/account.js';
import { openAccount, parseAccount } from './account-options.js';
import { AccountValues, type RunValues } from './account-values.js';
import type { CarryModels } from './carry.js';
import type { LogEntry } from './contexts.js';
import { fillLister } from './fill-records.js';
import { type AssetView, benchmarkCloses, type MarketView, type RunView } from './market-view.js';
import { OrderStream } from './order-stream.js';
import { checkParams, type GivenParams } from './params.js';
import type { BacktestResult, FillRecord } from './result.js';
import { assetPaths, type RoundTripRecord, roundTripRecords } from './round-trip-records.js';
import { MONEY_DECIMALS, type ResolvedRunOptions } from './run-options.js';
import { StatisticsOfRun } from './run-statistics.js';
import { annualizationOf, gatherSessionValues } from './sessions-of-run.js';
import { type InstanceChange, Sleeve, type SleeveRun } from './sleeve.js';
import { SleeveValues } from './sleeve-values.js';
import type { AnyDefinition, CustomMetrics } from './strategy.js';

/** What a run of a search needs to know of its result: no column, no list. */
export interface RunSummary {
  readonly metrics: Metrics;
  /** What `analyze` returned. */
  readonly custom: CustomMetrics;
  /** Exact, a decimal string. */
  readonly endingEquity: string;
  readonly orders: number;
  readonly fills: number;
  readonly orderStreamHash: string;
}

/** A run with all its columns and lists. */
export interface FullRun {
  readonly result: BacktestResult;
  /** What `analyze` returned. */
  readonly custom: CustomMetrics;
}

/** What varies from run to run. */
export interface RunInput {
  /** Checked and completed parameters. */
  readonly params: GivenParams;
  /** Seed and labels of the run's random stream. */
  readonly seed: number | string;
  readonly randomLabels: readonly (string | number)[];
  readonly log?: ((entry: LogEntry) => void) | undefined;
  /** Where in the run the strategy takes other parameters while its account goes on; ascending by row. @defaultValue nowhere */
  readonly changes?: readonly InstanceChange[] | undefined;
}

/** An account where its strategy took other parameters, as of the bar before. */
export interface AccountAtChange {
  /** Exact. */
  readonly equity: Decimal;
  readonly orders: number;
  /** Closed round trips so far. */
  readonly trips: RoundTripSummary;
}

const ignore = (): void => {};

/**
 * One strategy over one view of the market under one set of options: runs it again and again with other parameters.
 * Every run starts from the same state, whatever the runs before it did.
 */
export class Simulation {
  readonly #definition: AnyDefinition;
  readonly #view: RunView;
  readonly #options: ResolvedRunOptions;
  readonly #sleeves: readonly Sleeve[];
  readonly #accounts: readonly AccountPart[];
  /** Of each sleeve, and of all in the order of events. */
  readonly #streams: readonly OrderStream[];
  readonly #merged: OrderStream;
  /** What the last run's account values went to. */
  #values: Float64Array | RunValues;
  /** Whether a result has their column. */
  #isTaken = false;
  readonly #annualization: number;
  readonly #startingCash: number;
  readonly #quantityDecimals: number;
  readonly #benchmark: Float64Array | undefined;
  /** Of the last run; undefined where it recorded nothing. Results keep it, so that each run has its own. */
  #recorded: Map<string, Float64Array> | undefined;
  #atChanges: AccountAtChange[] = [];
  /** Of a run that the caller drives: what each instance is worth and records. */
  #driven: { readonly equity: Float64Array; readonly notes: Parameters<SleeveRun['record']>[] }[] = [];

  constructor(options: {
    readonly definition: AnyDefinition;
    readonly view: RunView & Partial<Pick<MarketView, 'bundle'>>;
    readonly run: ResolvedRunOptions;
    readonly indicators: IndicatorSource;
    readonly history: HistoryReader;
    /** Whether windows asked for as arrays are taken out of labelled rows. @defaultValue false */
    readonly labelled?: boolean | undefined;
    /** Whether the handler is asked on every bar, also where it is known to do nothing, and orders are held against every bar. @defaultValue false */
    readonly asksEveryBar?: boolean | undefined;
  }) {
    const { definition, view, run, history, labelled, asksEveryBar, indicators } = options;
    this.#definition = definition;
    this.#view = view;
    this.#options = run;
    if (view.group.isJoined === true && run.fill === 'same-close') {
      throw new UsageError('MIXED_TIME_AXES', {
        message: `Fill 'same-close' needs one calendar, and the symbols have ${view.group.calendar.replaceAll('+', ' and ')}: a decision at the last close of a row would be filled at closes before it. Choose another fill, or symbols of one calendar.`,
        details: { calendar: view.group.calendar },
      });
    }
    this.#annualization = annualizationOf(view, run);
    this.#benchmark = benchmarkOf(view, run.benchmark);
    this.#startingCash = toScaled(run.cash, MONEY_DECIMALS, Rounding.Down, 'cash').toNumber(MONEY_DECIMALS);
    this.#accounts = accountsOf(definition, view.assets, run);
    this.#quantityDecimals = this.#accounts[0]!.account.scales.quantity;
    const slippage = parseSlippage(run.slippage);
    this.#values = this.#newValues();
    this.#sleeves = this.#accounts.map(({ assets, account }) => {
      const rules = tradingRules(run);
      const reading = { history, labelled, asksEveryBar, indicators };
      return new Sleeve({ definition, view, assets, account, slippage, ...rules, ...reading });
    });
    this.#streams = this.#sleeves.map(({ broker }) => broker.stream);
    this.#merged = this.#streams.length === 1 ? this.#streams[0]! : new OrderStream();
  }

  /** Runs once and returns the figures. */
  summary(input: RunInput): RunSummary {
    this.#simulate(input);
    return this.#summarized(input);
  }

  /**
   * Runs once and returns the figures; undefined where `stops` gives the run up. It is asked after each of these numbers of bars, ascending, with the account's
   * values so far in {@link equity}, its round trips in {@link trips}. Between them a run costs what an unbroken one does, and has the same result.
   */
  summaryUnless(input: RunInput, bars: readonly number[], stops: (bars: number) => boolean): RunSummary | undefined {
    const { from } = this.#view;
    const equity = this.#beginRun();
    const rows = bars.map((count) => from + count);
    const record: SleeveRun['record'] = (row, name, value) => this.#record(row, name, value);
    const runs = this.#sleeves.map((sleeve, index) =>
      sleeve.runInPieces(this.#runOf(index, input, equity[index]!, record), rows),
    );
    for (const count of bars) {
      for (const run of runs) run.next();
      if (stops(count)) return undefined;
    }
    for (const run of runs) run.next();
    if (this.#streams.length > 1) this.#merged.merge(this.#streams);
    return this.#summarized(input);
  }

  /** True where the last run has traded, or a run that is looked at has so far. */
  get hasTraded(): boolean {
    return this.#streams.some(({ fills }) => fills > 0);
  }

  /** What each run begins with. */
  get startingCash(): number {
    return this.#startingCash;
  }

  #summarized(input: RunInput): RunSummary {
    const metrics = this.#metrics();
    const custom =
      this.#definition.analyze === undefined ? {} : this.#analyze(this.#result(metrics, 'later'), input.params);
    return {
      metrics,
      custom,
      endingEquity: this.#endingEquity().toString(MONEY_DECIMALS),
      orders: this.#orders(),
      fills: this.#merged.fills,
      orderStreamHash: this.#merged.digest(),
    };
  }

  /** Gives the figures of the last run that are not among its metrics: ask for them before the next one. */
  statistics(): StatisticsOfRun {
    const stream = this.#merged;
    const fills = once(() => this.#fillLister(stream)());
    return this.#statisticsOf(() => this.#column(), fills, this.#tripLister(stream, fills, 'later'));
  }

  /** Runs once and returns everything, independent of later runs. Ends with {@link rest}. */
  full(input: RunInput): FullRun {
    try {
      this.#simulate(input);
      return this.result(input.params);
    } finally {
      this.rest();
    }
  }

  /** Returns everything about the last run, independent of later ones. */
  result(params: GivenParams): FullRun {
    const result = this.#result(this.#metrics(), 'now');
    return { result, custom: this.#analyze(result, params) };
  }

  /**
   * Takes the values from all series of the last run, of those that its strategy has given away too, and what its contexts write to. Call it when the
   * last result of a run has been asked for: `analyze` may look at series.
   */
  rest(): void {
    for (const sleeve of this.#sleeves) sleeve.rest();
  }

  /** Account value at the close of each bar of the last run: read it before the next one. */
  get equity(): ReadonlyFloat64Array {
    return this.#column();
  }

  /** Writes the account value of the last run at the end of each session into `into`, and returns that. @param ends see {@link sessionEnds} */
  sessionValues(ends: Int32Array | undefined, into: Float64Array): Float64Array {
    return this.#values instanceof Float64Array
      ? gatherSessionValues(ends, this.#values, into)
      : this.#values.valuesAt(ends, into);
  }

  /** The accounts of the run. */
  get accounts(): readonly AccountPart[] {
    return this.#accounts;
  }

  /** The strategy instances, in the order of their accounts. */
  get sleeves(): readonly Sleeve[] {
    return this.#sleeves;
  }

  /** Bars in a year, as the metrics count them. */
  get annualization(): number {
    return this.#annualization;
  }

  /** Closed round trips of the last run. */
  get trips(): RoundTripSummary {
    const sum = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };
    for (const { broker } of this.#sleeves) {
      const { ledger } = broker.account;
      sum.trades += ledger.trades;
      sum.wins += ledger.wins;
      sum.grossProfit += ledger.grossProfit;
      sum.grossLoss += ledger.grossLoss;
    }
    return sum;
  }

  /** The account of the last run at each of its changes. */
  get atChanges(): readonly AccountAtChange[] {
    return this.#atChanges;
  }

  #newValues(): Float64Array | RunValues {
    const bars = this.#view.to - this.#view.from;
    const { length } = this.#accounts;
    // Several accounts have one asset each.
    if (length > 1) return new SleeveValues(length, bars);
    return this.#accounts[0]!.assets.length === 1 ? new AccountValues(bars) : new Float64Array(bars);
  }

  #column(): Float64Array {
    return this.#values instanceof Float64Array ? this.#values : this.#values.column();
  }

  /** Forgets the last run. Returns what takes the values of each account in the next one. */
  #beginRun(): readonly SleeveRun['equity'][] {
    if (this.#isTaken) {
      this.#values = this.#newValues();
      this.#isTaken = false;
    }
    this.#recorded = undefined;
    this.#atChanges = [];
    if (this.#values instanceof Float64Array) return [this.#values];
    this.#values.begin(this.#startingCash);
    return this.#values.accounts;
  }

  #simulate(input: RunInput): void {
    const equity = this.#beginRun();
    for (const [index, sleeve] of this.#sleeves.entries()) {
      const run = this.#runOf(index, input, equity[index]!, (row, name, value) => this.#record(row, name, value));
      const { changes } = input;
      if (changes === undefined) sleeve.run(run);
      else sleeve.run({ ...run, ...this.#changesOf(index, sleeve, changes) });
    }
    if (this.#streams.length > 1) this.#merged.merge(this.#streams);
  }

  /**
   * Starts a run that the caller drives bar by bar. Returns the warm-up that each strategy instance states.
   *
   * @param equity one column for each instance: as long as the run is by then, whenever the instance is asked for its value
   */
  begin(input: RunInput, equity: readonly Float64Array[]): (number | undefined)[] {
    this.#recorded = undefined;
    this.#driven = this.#sleeves.map((_, index) => ({ equity: equity[index]!, notes: [] }));
    return this.#sleeves.map((sleeve, index) => {
      const { notes } = this.#driven[index]!;
      const record: SleeveRun['record'] = (...note) => void notes.push(note);
      return sleeve.begin(this.#runOf(index, input, equity[index]!, record));
    });
  }

  /** Ends the run that the caller drove, at the end of the view. */
  end(): void {
    const { from, to } = this.#view;
    for (const sleeve of this.#sleeves) sleeve.end(to);
    const sum = new Float64Array(to - from);
    for (const { equity, notes } of this.#driven) {
      // In the order in which instances run one after the other: sums of doubles depend on it.
      for (let i = 0; i < equity.length; i++) sum[i] = sum[i]! + equity[i]!;
      for (const note of notes) this.#record(...note);
    }
    this.#values = sum;
    this.#isTaken = true;
    if (this.#streams.length > 1) this.#merged.merge(this.#streams);
  }

  #runOf(index: number, input: RunInput, equity: SleeveRun['equity'], record: SleeveRun['record']): SleeveRun {
    return {
      params: input.params,
      cash: this.#accounts[index]!.cash,
      equity,
      seed: input.seed,
      randomLabels: [...input.randomLabels, 'sleeve', index],
      record,
      log: input.log ?? ignore,
    };
  }

  /** The changes of one instance, each of which adds what its account is then worth. */
  #changesOf(
    index: number,
    { broker }: Sleeve,
    changes: readonly InstanceChange[],
  ): Pick<SleeveRun, 'changes' | 'onChange'> {
    return {
      changes: changes.map((change) => ({ ...change, randomLabels: [...change.randomLabels, 'sleeve', index] })),
      onChange: (at) => {
        const { trades, wins, grossProfit, grossLoss } = broker.account.ledger;
        const before = this.#atChanges[at];
        this.#atChanges[at] = {
          equity: toDecimal(broker.valuation.exactValue(changes[at]!.row - 1), MONEY_DECIMALS).plus(
            before?.equity ?? 0,
          ),
          orders: broker.orders + (before?.orders ?? 0),
          trips: {
            trades: trades + (before?.trips.trades ?? 0),
            wins: wins + (before?.trips.wins ?? 0),
            grossProfit: grossProfit + (before?.trips.grossProfit ?? 0),
            grossLoss: grossLoss + (before?.trips.grossLoss ?? 0),
          },
        };
      },
    };
  }

  #record(row: number, name: string, value: number): void {
    const { from, to } = this.#view;
    this.#recorded ??= new Map();
    let column = this.#recorded.get(name);
    if (column === undefined) {
      column = new Float64Array(to - from).fill(Number.NaN);
      this.#recorded.set(name, column);
    }
    if (row >= from) column[row - from] = value;
  }

  #metrics(): Metrics {
    const { trips } = this;
    return this.#values instanceof Float64Array
      ? summarize(this.#values, this.#startingCash, this.#annualization, trips)
      : this.#values.metrics(this.#annualization, trips);
  }

  #analyze(result: BacktestResult, params: GivenParams): CustomMetrics {
    let custom: CustomMetrics;
    try {
      custom = this.#definition.analyze?.(result, params) ?? {};
    } catch (cause) {
      throw new RunError(cause instanceof HindcastError ? cause.code : 'STRATEGY_THREW', {
        message: `The strategy failed in analyze: ${cause instanceof Error ? cause.message : `it threw ${inspect(cause)}, which is no Error`}`,
        details: { handler: 'analyze', ...(cause instanceof HindcastError ? cause.details : {}) },
        cause,
      });
    }
    if (typeof custom !== 'object' || typeof (custom as { readonly then?: unknown }).then === 'function') {
      // A rejection that nobody hears would end the process.
      if (typeof custom === 'object') Promise.resolve(custom).catch(() => {});
      throw new UsageError('INVALID_METRIC', {
        message: `analyze returned ${typeof custom === 'object' ? 'a Promise' : typeof custom}; it returns metrics by name, such as { trades: 3 }, without waiting.`,
      });
    }
    for (const [name, value] of Object.entries(custom)) {
      if (typeof value !== 'number') {
        throw new UsageError('INVALID_METRIC', {
          message: `analyze returned ${typeof value} for '${name}'; metrics are numbers.`,
        });
      }
    }
    return custom;
  }

  #orders(): number {
    return this.#sleeves.reduce((sum, { broker }) => sum + broker.orders, 0);
  }

  #financing(): ScaledInteger {
    const total = new ScaledInteger();
    for (const { broker } of this.#sleeves) total.add(broker.account.ledger.carried);
    return total;
  }

  #endingEquity(): ScaledInteger {
    const total = new ScaledInteger();
    for (const { broker } of this.#sleeves) total.add(broker.valuation.exactValue(this.#view.to - 1));
    return total;
  }

  #result(metrics: Metrics, columns: 'now' | 'later'): BacktestResult {
    const { from, to, group } = this.#view;
    const recorded = this.#recorded ?? new Map<string, Float64Array>();
    const stream = this.#merged.copy();
    const fills = once(this.#fillLister(stream));
    const hash = once(() => stream.digest());
    const equity = this.#equityOf(columns);
    const { times: axis } = group;
    const times = once(() => axis.slice(from, to));
    const listTrips = this.#tripLister(stream, fills, columns);
    return {
      currency: this.#view.assets[0]!.asset.currency,
      startingCash: toDecimal(toScaled(this.#options.cash, MONEY_DECIMALS, Rounding.Down, 'cash'), MONEY_DECIMALS),
      endingEquity: toDecimal(this.#endingEquity(), MONEY_DECIMALS),
      financing: toDecimal(this.#financing(), MONEY_DECIMALS),
      get times() {
        return times();
      },
      get equity() {
        return equity();
      },
      get fills() {
        return fills();
      },
      orders: this.#orders(),
      get orderStreamHash() {
        return hash();
      },
      metrics,
      roundTrips: (method = 'fifo') => listTrips(method),
      statistics: () => this.#statisticsOf(equity, fills, listTrips).all(),
      recordedNames: [...recorded.keys()],
      recorded(name: string): ReadonlyFloat64Array {
        const column = recorded.get(name);
        if (column === undefined) {
          throw new UsageError('UNKNOWN_RECORD', {
            message: `Nothing was recorded as '${name}'.${didYouMean(name, recorded.keys())}`,
            details: { name },
          });
        }
        return column;
      },
    };
  }

  #fillLister(stream: OrderStream): () => FillRecord[] {
    const { fill: rule } = this.#options;
    return fillLister(stream, { view: this.#view, rule, quantityDecimals: this.#quantityDecimals });
  }

  #statisticsOf(
    equity: () => ReadonlyFloat64Array,
    fills: () => readonly FillRecord[],
    listTrips: (method: RoundTripMethod) => RoundTripRecord[],
  ): StatisticsOfRun {
    const annualization = this.#annualization;
    const benchmark = this.#benchmark;
    return new StatisticsOfRun({ equity, fills, trips: () => listTrips('fifo'), annualization, benchmark });
  }

  /** Returns what gives the account values of the last run. One that is read as a whole is seldom followed by another: it keeps what they are made of. */
  #equityOf(columns: 'now' | 'later'): () => Float64Array {
    const values = this.#values;
    if (columns === 'now') {
      this.#isTaken = true;
      return () => (values instanceof Float64Array ? values : values.column());
    }
    const copy = this.#column().slice();
    return () => copy;
  }

  /** Returns what lists the round trips of the last run; its columns are taken now, or only when somebody asks while the bundle is open. */
  #tripLister(
    stream: OrderStream,
    fills: () => readonly FillRecord[],
    copy: 'now' | 'later',
  ): (method: RoundTripMethod) => RoundTripRecord[] {
    const view = this.#view;
    const { from } = view;
    const pathsNow = () => assetPaths(view, stream.filledSids(), this.#quantityDecimals);
    let paths = copy === 'now' ? pathsNow() : undefined;
    const fillAt = this.#options.fill === 'next-open' ? 'open' : 'close';
    return (method) => {
      paths ??= pathsNow();
      return roundTripRecords(
        paths,
        fills(),
        stream.mapFills((_record, row) => row - from),
        fillAt,
        method,
      );
    };
  }
}

/**
 * Checks a caller's parameters against a strategy, its constraint included. Throws UsageError naming the parameter,
 * the value and the nearest valid word.
 */
export function paramsFor(definition: AnyDefinition, given: GivenParams): GivenParams {
  const params = checkParams(definition.parameters, given) as GivenParams;
  if (definition.constraint !== undefined && !isAllowed(definition.constraint, params)) {
    throw new UsageError('CONSTRAINT_VIOLATED', {
      message: `The strategy's constraint excludes ${JSON.stringify(params)}. Choose other values.`,
      details: { params },
    });
  }
  return params;
}

function isAllowed(constraint: NonNullable<AnyDefinition['constraint']>, params: GivenParams): boolean {
  try {
    return constraint(params as never);
  } catch (cause) {
    throw new RunError('STRATEGY_THREW', {
      message: `The strategy failed in constraint: ${cause instanceof Error ? cause.message : `it threw ${inspect(cause)}, which is no Error`}`,
      details: { handler: 'constraint', params },
      cause,
    });
  }
}

/** One account of a run: its assets and its part of the cash. */
export interface AccountPart {
  readonly assets: readonly AssetView[];
  readonly cash: ScaledInteger;
  readonly account: Account;
}

/** Opens the accounts of a run: one for all assets, or one for each in sleeves. The last digit of the cash goes to the first ones. */
export function accountsOf(
  { sleeves }: Pick<AnyDefinition, 'sleeves'>,
  assets: readonly AssetView[],
  run: ResolvedRunOptions,
): AccountPart[] {
  const groups = sleeves === 'equal' ? assets.map((asset) => [asset]) : [assets];
  const shares = equalShares(toScaled(run.cash, MONEY_DECIMALS, Rounding.Down, 'cash'), groups.length);
  const quantity = Math.max(8, ...assets.map(({ asset }) => decimalsOf(asset.lot)));
  return groups.map((group, index) => ({
    assets: group,
    cash: shares[index]!,
    account: accountOf(run, quantity),
  }));
}

/** Returns how an account of a run trades; of each account its own, because a model of holding costs keeps what rounding has left over. */
export function tradingRules(run: ResolvedRunOptions) {
  const { fill, withholding, delisting, intrabar, timeInForce, exitsFrom, stopLimits, sizing, liquidate, delay } = run;
  const carry: CarryModels = { borrow: parseBorrow(run.borrow), financing: parseFinancing(run.financing) };
  return {
    fill,
    withholding,
    delisting,
    intrabar,
    timeInForce,
    exitsFrom,
    stopLimits,
    sizing,
    liquidate,
    delay,
    carry,
  };
}

/** Opens an account of the kind that a run asks for. */
export const accountOf = (run: ResolvedRunOptions, quantityDecimals: number): Account =>
  openAccount(parseAccount(run.account), {
    scales: { money: MONEY_DECIMALS, quantity: quantityDecimals },
    commission: parseCommission(run.commission),
    unaffordable: run.unaffordable,
    sizing: run.sizing,
  });

const benchmarkOf = (
  { bundle, ...view }: RunView & Partial<Pick<MarketView, 'bundle'>>,
  symbol: string | undefined,
): Float64Array | undefined =>
  symbol === undefined || bundle === undefined ? undefined : benchmarkCloses({ bundle, ...view }, symbol);

/** Splits an amount into equal parts to the last digit; what cannot be divided goes to the first ones. */
function equalShares(cash: ScaledInteger, parts: number): ScaledInteger[] {
  const total = cash.toBigInt();
  const share = total / BigInt(parts);
  const rest = Number(total - share * BigInt(parts));
  return Array.from({ length: parts }, (_, part) => new ScaledInteger().setBigInt(part < rest ? share + 1n : share));
}
