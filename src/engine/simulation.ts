import { inspect } from 'node:util';
import { asEpochMs } from '../core/brand.js';
import { toDecimal, toScaled } from '../core/decimal.js';
import { decimalsOf } from '../core/decimal-text.js';
import { HindcastError, RunError, UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { didYouMean } from '../core/suggest.js';
import type { HistoryReader } from '../data/history.js';
import { parseBorrow, parseCommission, parseFinancing, parseSlippage } from '../execution/models.js';
import type { IndicatorSource } from '../indicators/columns.js';
import { INTRADAY_MS } from '../market/bar-axis.js';
import { getCalendar } from '../market/calendars.js';
import type { RoundTripMethod } from '../metrics/round-trips.js';
import { type Metrics, summarize } from '../metrics/summary.js';
import { openAccount, parseAccount } from './account-options.js';
import type { LogEntry } from './contexts.js';
import { benchmarkCloses, type MarketView } from './market-view.js';
import { exactPrice, fillsAtOpening, isFill, OrderStream } from './order-stream.js';
import { checkParams, type GivenParams } from './params.js';
import type { BacktestResult, FillRecord } from './result.js';
import { assetPaths, type RoundTripRecord, roundTripRecords } from './round-trip-records.js';
import { MONEY_DECIMALS, type ResolvedRunOptions } from './run-options.js';
import { type RunStatistics, runStatistics } from './run-statistics.js';
import { Sleeve } from './sleeve.js';
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
}

const ignore = (): void => {};

/**
 * One strategy over one view of the market under one set of options: runs it again and again with other parameters.
 * Every run starts from the same state, whatever the runs before it did.
 */
export class Simulation {
  readonly #definition: AnyDefinition;
  readonly #view: MarketView;
  readonly #options: ResolvedRunOptions;
  readonly #sleeves: readonly Sleeve[];
  readonly #shares: readonly ScaledInteger[];
  /** Of each sleeve, and of all in the order of events. */
  readonly #streams: readonly OrderStream[];
  readonly #merged: OrderStream;
  readonly #equity: Float64Array;
  readonly #annualization: number;
  readonly #startingCash: number;
  readonly #quantityDecimals: number;
  readonly #benchmark: Float64Array | undefined;
  #recorded = new Map<string, Float64Array>();

  constructor(options: {
    readonly definition: AnyDefinition;
    readonly view: MarketView;
    readonly run: ResolvedRunOptions;
    readonly indicators: IndicatorSource;
    readonly history: HistoryReader;
  }) {
    const { definition, view, run, history, indicators } = options;
    this.#definition = definition;
    this.#view = view;
    this.#options = run;
    this.#equity = new Float64Array(view.to - view.from);
    this.#annualization = run.annualization ?? barsPerYear(view);
    this.#benchmark = run.benchmark === undefined ? undefined : benchmarkCloses(view, run.benchmark);
    const cash = toScaled(run.cash, MONEY_DECIMALS, Rounding.Down, 'cash');
    this.#startingCash = cash.toNumber(MONEY_DECIMALS);
    this.#quantityDecimals = Math.max(8, ...view.assets.map(({ asset }) => decimalsOf(asset.lot)));
    const groups = definition.sleeves === 'equal' ? view.assets.map((asset) => [asset]) : [view.assets];
    this.#shares = equalShares(cash, groups.length);
    const slippage = parseSlippage(run.slippage);
    const scales = { money: MONEY_DECIMALS, quantity: this.#quantityDecimals };
    const kind = parseAccount(run.account);
    this.#sleeves = groups.map((assets, index) => {
      const account = openAccount(kind, {
        scales,
        commission: parseCommission(run.commission),
        unaffordable: run.unaffordable,
        sizing: run.sizing,
      });
      const { fill, withholding, delisting, intrabar, timeInForce, exitsFrom, stopLimits, sizing, liquidate } = run;
      // Of each account its own: a model keeps what rounding has left over.
      const carry = { borrow: parseBorrow(run.borrow), financing: parseFinancing(run.financing) };
      return new Sleeve({
        definition,
        view,
        assets,
        account,
        slippage,
        fill,
        withholding,
        delisting,
        intrabar,
        timeInForce,
        writesFirst: index === 0,
        exitsFrom,
        stopLimits,
        sizing,
        liquidate,
        carry,
        history,
        indicators,
      });
    });
    this.#streams = this.#sleeves.map(({ broker }) => broker.stream);
    this.#merged = this.#streams.length === 1 ? this.#streams[0]! : new OrderStream();
  }

  /** Runs once and returns the figures. */
  summary(input: RunInput): RunSummary {
    this.#simulate(input);
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

  /** Returns the figures of the last run that are not among its metrics. */
  statistics(): RunStatistics {
    return this.#result(this.#metrics(), 'later').statistics();
  }

  /** Runs once and returns everything, in memory of its own. */
  full(input: RunInput): FullRun {
    this.#simulate(input);
    return this.result(input.params);
  }

  /** Returns everything about the last run, in memory of its own. */
  result(params: GivenParams): FullRun {
    const result = this.#result(this.#metrics(), 'now');
    return { result, custom: this.#analyze(result, params) };
  }

  #simulate(input: RunInput): void {
    const { from, to } = this.#view;
    const equity = this.#equity;
    this.#recorded = new Map();
    const record = (row: number, name: string, value: number): void => {
      let column = this.#recorded.get(name);
      if (column === undefined) {
        column = new Float64Array(to - from).fill(Number.NaN);
        this.#recorded.set(name, column);
      }
      if (row >= from) column[row - from] = value;
    };
    for (const [index, sleeve] of this.#sleeves.entries()) {
      sleeve.run({
        params: input.params,
        cash: this.#shares[index]!,
        equity,
        seed: input.seed,
        randomLabels: [...input.randomLabels, 'sleeve', index],
        record,
        log: input.log ?? ignore,
      });
    }
    if (this.#streams.length > 1) this.#merged.merge(this.#streams);
  }

  #metrics(): Metrics {
    const trips = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };
    for (const { broker } of this.#sleeves) {
      const { ledger } = broker.account;
      trips.trades += ledger.trades;
      trips.wins += ledger.wins;
      trips.grossProfit += ledger.grossProfit;
      trips.grossLoss += ledger.grossLoss;
    }
    return summarize(this.#equity, this.#startingCash, this.#annualization, trips);
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
    for (const { broker } of this.#sleeves) total.add(broker.exactValue(this.#view.to - 1));
    return total;
  }

  #result(metrics: Metrics, columns: 'now' | 'later'): BacktestResult {
    const { from, to, group } = this.#view;
    const recorded = this.#recorded;
    const stream = this.#merged.copy();
    const listFills = this.#fillLister(stream);
    let fills: readonly FillRecord[] | undefined;
    const fillsOnce = (): readonly FillRecord[] => {
      fills ??= listFills();
      return fills;
    };
    const equity = this.#equity.slice();
    const annualization = this.#annualization;
    const benchmark = this.#benchmark;
    const listTrips = this.#tripLister(stream, fillsOnce, columns);
    return {
      currency: this.#view.assets[0]!.asset.currency,
      startingCash: toDecimal(toScaled(this.#options.cash, MONEY_DECIMALS, Rounding.Down, 'cash'), MONEY_DECIMALS),
      endingEquity: toDecimal(this.#endingEquity(), MONEY_DECIMALS),
      financing: toDecimal(this.#financing(), MONEY_DECIMALS),
      times: group.times.slice(from, to),
      equity,
      // Three decimals a fill are most of the time of a run that trades much: made when they are asked for.
      get fills() {
        return fillsOnce();
      },
      orders: this.#orders(),
      orderStreamHash: this.#merged.digest(),
      metrics,
      roundTrips: (method = 'fifo') => listTrips(method),
      statistics: (): RunStatistics =>
        runStatistics({ equity, fills: fillsOnce(), trips: listTrips('fifo'), annualization, benchmark }),
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

  /** Returns what lists the round trips of the last run; its columns are copied now, or only when somebody asks while the bundle is open. */
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
      return roundTripRecords(paths, fills(), stream.fillRows(from), fillAt, method);
    };
  }

  /** Returns what lists the fills of the last run, whatever becomes of this simulation and its bundle. */
  #fillLister(stream: OrderStream): () => FillRecord[] {
    const { group, bundle, from, to } = this.#view;
    const opens = group.opens.slice(from, to);
    const closes = group.closes.slice(from, to);
    const { fill } = this.#options;
    const { assets } = bundle;
    const quantityDecimals = this.#quantityDecimals;
    return () => {
      const fills: FillRecord[] = [];
      for (let record = 0; record < stream.length; record++) {
        const { kind, row, sid, quantity, ticks, priceDecimals, fee } = stream.read(record);
        if (!isFill(kind)) continue;
        fills.push({
          asset: assets[sid]!,
          time: asEpochMs((fillsAtOpening(kind, fill) ? opens : closes)[row - from]!),
          quantity: quantity.toNumber(quantityDecimals),
          price: ticks / 10 ** priceDecimals,
          tag: stream.tagOf(record),
          exact: {
            quantity: toDecimal(quantity, quantityDecimals),
            price: exactPrice(ticks, priceDecimals),
            fee: toDecimal(fee, MONEY_DECIMALS),
          },
        });
      }
      return fills;
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

/** Splits an amount into equal parts to the last digit; what cannot be divided goes to the first ones. */
function equalShares(cash: ScaledInteger, parts: number): ScaledInteger[] {
  const total = cash.toBigInt();
  const share = total / BigInt(parts);
  const rest = Number(total - share * BigInt(parts));
  return Array.from({ length: parts }, (_, part) => new ScaledInteger().setBigInt(part < rest ? share + 1n : share));
}

/** Bars in a year: the calendar's sessions a year times the bars of a full session. */
function barsPerYear({ group }: MarketView): number {
  const calendar = getCalendar(group.calendar);
  const { frequency } = group;
  if (frequency === '1d') return calendar.sessionsPerYear;
  if (frequency === '1w') return 52;
  if (frequency === '1mo') return 12;
  return calendar.sessionsPerYear * Math.ceil((calendar.sessionMinutes * 60_000) / INTRADAY_MS[frequency]!);
}
