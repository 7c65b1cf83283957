import { Decimal } from '../core/decimal.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { formatDate, formatInstant } from '../core/time.js';
import type { CacheLedger } from '../engine/cache-ledger.js';
import { rowOfFill } from '../engine/fill-records.js';
import { ownIndicators } from '../engine/indicator-sharing.js';
import type { MarketView } from '../engine/market-view.js';
import type { OptimizationSettings } from '../engine/optimization-config.js';
import type { GivenParams } from '../engine/params.js';
import type { BacktestResult, FillRecord } from '../engine/result.js';
import { chooseCaches, type RunCaches } from '../engine/run-caches.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import { annualizationOf } from '../engine/sessions-of-run.js';
import { type AccountAtChange, type FullRun, Simulation } from '../engine/simulation.js';
import type { AnyDefinition } from '../engine/strategy.js';
import { INTRADAY_MS } from '../market/bar-axis.js';
import { type MetricName, type Metrics, summarize } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import { sumOfTrips } from '../optimize/joined-run.js';
import { type OwnValue, type ResolvedObjective, scoreOf } from '../optimize/objective.js';
import type { RowRange } from './span.js';

/** What a strategy did on one range of bars. */
export interface WindowRun {
  /** Labels of the first and the last bar: dates of daily and longer bars, else instants. */
  readonly start: string;
  readonly end: string;
  readonly bars: number;
  /** What the account was worth before the first bar, exact. */
  readonly startingEquity: Decimal;
  /** What it was worth at the close of the last one, exact. */
  readonly endingEquity: Decimal;
  /** Labels of the bars, UTC milliseconds. */
  readonly times: ReadonlyFloat64Array;
  /** Account value at the close of each bar. */
  readonly equity: ReadonlyFloat64Array;
  readonly fills: readonly FillRecord[];
  /** Orders given on these bars. */
  readonly orders: number;
  readonly metrics: Metrics;
  /** Value of the objective; undefined where there is none: it never traded, or too little. */
  readonly score: number | undefined;
  /** SHA-256 over what the run did; undefined for a part of a run that goes on. */
  readonly orderStreamHash: string | undefined;
}

/** What was traded with the parameters of each window in turn, as one account. */
export interface StitchedRun {
  readonly startingCash: Decimal;
  readonly endingEquity: Decimal;
  readonly times: ReadonlyFloat64Array;
  readonly equity: ReadonlyFloat64Array;
  readonly fills: readonly FillRecord[];
  readonly orders: number;
  readonly metrics: Metrics;
}

/** What becomes of positions where one window's parameters give way to the next one's. */
export type Seam = 'close' | 'carry';

/** Runs of one strategy over ranges of one market, in this thread. */
export interface RunContext {
  readonly definition: AnyDefinition;
  readonly view: MarketView;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  readonly score: ((run: FullRun, params: GivenParams) => OwnValue) | undefined;
  readonly seed: number;
  /** Which caches runs use; the bundle is open already. */
  readonly optimization: OptimizationSettings;
  readonly ledger: CacheLedger;
}

/** Parameters for a range. */
export interface PlannedTest {
  /** Of the window, from 1. */
  readonly number: number;
  readonly rows: RowRange;
  /** Undefined where none could be chosen: nothing is traded. */
  readonly params: GivenParams | undefined;
}

/** What all tests gave. */
export interface Tests {
  /** One a window. */
  readonly runs: readonly WindowRun[];
  readonly stitched: StitchedRun;
}

/** Runs a strategy over ranges of a market, and keeps account of the tests: theirs is the only door to the bars of a test. */
export class RangeRunner {
  readonly #context: RunContext;
  /** The rows of every run that was a test. */
  readonly #testsRead: RowRange[] = [];
  readonly #caches: RunCaches;

  constructor(context: RunContext) {
    this.#context = context;
    const { view, optimization: settings, ledger } = context;
    const indicators = ownIndicators(settings.indicatorCache);
    this.#caches = chooseCaches({ settings, bundle: view.bundle, indicators, ledger });
  }

  /** Adds what the caches of these runs did to the ledger. */
  tellCaches(): void {
    this.#caches.tell();
  }

  /** Returns how many runs that were tests went over any of these rows. */
  testReads({ from, to }: RowRange): number {
    return this.#testsRead.filter((read) => read.from < to && from < read.to).length;
  }

  /** Runs a test: {@link over} its rows, counted. */
  test(...[rows, params, randomLabels, changed]: Parameters<RangeRunner['over']>): ReturnType<RangeRunner['over']> {
    this.#testsRead.push(rows);
    return this.over(rows, params, randomLabels, changed);
  }

  /** Runs once over a range, flat at its beginning; bars before it are readable. */
  over(
    rows: RowRange,
    params: GivenParams,
    randomLabels: readonly (string | number)[],
    changed: Partial<ResolvedRunOptions> = {},
  ): { readonly window: WindowRun; readonly result: BacktestResult; readonly simulation: Simulation } {
    const { view, objective, score, seed } = this.#context;
    const simulation = this.#simulation(rows, changed);
    try {
      const summary = simulation.summary({ params, seed, randomLabels });
      const full = simulation.result(params);
      const judged = scoreOf(objective, summary, () => simulation.statistics(), score?.(full, params));
      const { result } = full;
      const window = {
        ...labels(view, rows),
        startingEquity: result.startingCash,
        endingEquity: result.endingEquity,
        times: result.times,
        equity: result.equity,
        fills: result.fills,
        orders: result.orders,
        metrics: result.metrics,
        score: judged.state === 'complete' ? judged.value : undefined,
        orderStreamHash: result.orderStreamHash,
      };
      return { window, result, simulation };
    } finally {
      simulation.rest();
      view.bundle.restore();
    }
  }

  /**
   * Runs the tests one after the other, each a run of its own that begins flat.
   *
   * @param reinvests whether each begins with what the one before it ended with; else with the opening cash, and profits are laid aside
   */
  tradeClosed(tests: readonly PlannedTest[], reinvests: boolean, liquidate: ResolvedRunOptions['liquidate']): Tests {
    const opening = new Decimal(this.#context.run.cash);
    let worth = opening;
    const trips: RoundTripSummary[] = [];
    const runs = tests.map(({ number, rows, params }): WindowRun => {
      const cash = reinvests ? worth : opening;
      // An account that has lost everything cannot open another run.
      if (params === undefined || !cash.isPositive() || cash.isZero()) return this.#idle(rows, cash);
      const { window, simulation } = this.test(rows, params, ['test', number], { cash: cash.toFixed(), liquidate });
      worth = worth.plus(window.endingEquity).minus(window.startingEquity);
      trips.push(simulation.trips);
      return window;
    });
    const equity = new Float64Array(runs.reduce((bars, run) => bars + run.bars, 0));
    let at = 0;
    let aside = new Decimal(0);
    for (const run of runs) {
      const offset = reinvests ? 0 : aside.toNumber();
      for (const value of run.equity) equity[at++] = value + offset;
      aside = aside.plus(run.endingEquity).minus(run.startingEquity);
    }
    return { runs, stitched: this.#stitched(runs, opening, worth, equity, trips) };
  }

  /** Runs all tests as one account that goes on: at each seam the strategy begins anew with other parameters, its positions and orders stay. */
  tradeCarried(tests: readonly PlannedTest[]): Tests {
    const { view, run, objective, seed } = this.#context;
    const opening = new Decimal(run.cash);
    const begin = tests.findIndex(({ params }) => params !== undefined);
    if (begin === -1) return this.tradeClosed(tests, true, 'never');
    const idle = tests.slice(0, begin).map(({ rows }) => this.#idle(rows, opening));
    const [first, ...later] = tests.slice(begin) as [PlannedTest, ...PlannedTest[]];
    const whole = { from: first.rows.from, to: tests.at(-1)!.rows.to };
    const simulation = this.#simulation(whole, {});
    this.#testsRead.push(whole);
    let known = first.params!;
    const changes = later.map(({ number, rows, params }) => {
      known = params ?? known;
      return { row: rows.from, params: known, randomLabels: ['test', number] };
    });
    let result: BacktestResult;
    try {
      const input = { params: first.params!, seed, randomLabels: ['test', first.number], changes };
      result = simulation.full(input).result;
    } finally {
      view.bundle.restore();
    }
    const none: AccountAtChange = { equity: opening, orders: 0, trips: sumOfTrips([]) };
    const last: AccountAtChange = { equity: result.endingEquity, orders: result.orders, trips: simulation.trips };
    const states = [none, ...simulation.atChanges, last];
    const traded = [first, ...later].map(({ rows }, index): WindowRun => {
      const [before, after] = [states[index]!, states[index + 1]!];
      const equity = result.equity.slice(rows.from - whole.from, rows.to - whole.from);
      const trips = tripsBetween(before.trips, after.trips);
      const metrics = summarize(equity, before.equity.toNumber(), simulation.annualization, trips);
      const fills = result.fills.filter((fill) => isWithin(rows, rowOfFill(fill)));
      return {
        ...labels(view, rows),
        startingEquity: before.equity,
        endingEquity: after.equity,
        times: view.group.times.slice(rows.from, rows.to),
        equity,
        fills,
        orders: after.orders - before.orders,
        metrics,
        score: fills.length === 0 ? undefined : metrics[objective.metric as MetricName],
        orderStreamHash: undefined,
      };
    });
    const runs = [...idle, ...traded];
    const equity = Float64Array.from(runs.flatMap((each) => [...each.equity]));
    return { runs, stitched: this.#stitched(runs, opening, result.endingEquity, equity, [simulation.trips]) };
  }

  #simulation(rows: RowRange, changed: Partial<ResolvedRunOptions>): Simulation {
    const { definition, view, run } = this.#context;
    const { indicators, history, settings } = this.#caches;
    return new Simulation({
      definition,
      view: { ...view, ...rows },
      run: { ...run, ...changed },
      indicators,
      history,
      labelled: !settings.arrayReturn,
      asksEveryBar: !settings.quietBars,
    });
  }

  /** An account that does nothing. */
  #idle(rows: RowRange, cash: Decimal): WindowRun {
    const { view } = this.#context;
    const equity = new Float64Array(rows.to - rows.from).fill(cash.toNumber());
    return {
      ...labels(view, rows),
      startingEquity: cash,
      endingEquity: cash,
      times: view.group.times.slice(rows.from, rows.to),
      equity,
      fills: [],
      orders: 0,
      metrics: summarize(equity, cash.toNumber(), 1, sumOfTrips([])),
      score: undefined,
      orderStreamHash: undefined,
    };
  }

  #stitched(
    runs: readonly WindowRun[],
    startingCash: Decimal,
    endingEquity: Decimal,
    equity: Float64Array,
    trips: readonly RoundTripSummary[],
  ): StitchedRun {
    const { view, run } = this.#context;
    return {
      startingCash,
      endingEquity,
      times: Float64Array.from(runs.flatMap(({ times }) => [...times])),
      equity,
      fills: runs.flatMap(({ fills }) => fills),
      orders: runs.reduce((sum, { orders }) => sum + orders, 0),
      metrics: summarize(equity, startingCash.toNumber(), annualizationOf(view, run), sumOfTrips(trips)),
    };
  }
}

/** Returns the labels of the first and the last bar of a range, and how many bars it has. */
export function labels(
  { group }: Pick<MarketView, 'group'>,
  { from, to }: RowRange,
): Pick<WindowRun, 'start' | 'end' | 'bars'> {
  const text = group.frequency in INTRADAY_MS ? formatInstant : formatDate;
  return { start: text(group.times[from]!), end: text(group.times[to - 1]!), bars: to - from };
}

const isWithin = ({ from, to }: RowRange, row: number): boolean => row >= from && row < to;

const tripsBetween = (before: RoundTripSummary, after: RoundTripSummary): RoundTripSummary => ({
  trades: after.trades - before.trades,
  wins: after.wins - before.wins,
  grossProfit: after.grossProfit - before.grossProfit,
  grossLoss: after.grossLoss - before.grossLoss,
});
