import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Simulation } from '../engine/simulation.js';
import { type MetricName, summarize } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import { isMetricName, type ResolvedObjective } from './objective.js';
import { checkPruner, type PruneRule, type Pruner, stopsAfter, WORSENING } from './pruners.js';

/** What ends the run of a trial before its data do. The trial is then pruned: it has no value of the study and cannot be its best. */
export interface MidwayStops {
  /** Ends runs that cannot be worth their time, judged by what other trials had reached at the same part of the data. @defaultValue none */
  readonly prune?: Pruner | undefined;
  /** Ends a run whose account has fallen from its highest value by more than this share: 0.4 is 40 %. @defaultValue no limit */
  readonly stopAtDrawdown?: number | undefined;
  /** Ends a run whose account is worth no more than this share of its cash; true for 0. @defaultValue no limit */
  readonly stopAtRuin?: number | boolean | undefined;
  /**
   * Parts of equal length into which runs are cut: behind each but the last a run may end. @defaultValue 8 where anything may end it
   */
  readonly checks?: number | undefined;
}

/** The keys of {@link MidwayStops}. */
export const MIDWAY_KEYS = ['prune', 'stopAtDrawdown', 'stopAtRuin', 'checks'] as const;

/** How the runs of a study are looked at before their end: plain data that crosses threads and is written into journals. */
export interface MidwayTerms {
  readonly checks: number;
  /** What a step's value is measured over; undefined where no pruner asks for values. */
  readonly over?: 'so far' | 'part' | undefined;
  /** Deepest fall that is allowed, a share of the peak. */
  readonly drawdown?: number | undefined;
  /** The account must stay above this share of its cash. */
  readonly ruin?: number | undefined;
}

const DEFAULT_CHECKS = 8;

/**
 * Completes the rules that end runs midway; undefined where there are none.
 * @throws UsageError `OUT_OF_RANGE`, `NOT_AN_INTEGER`, `CHECKS_OF_NOTHING`, `INVALID_OPTION`, `PRUNING_NEEDS_A_METRIC`, `NO_BOUND`
 */
export function resolveMidway(
  { prune, stopAtDrawdown, stopAtRuin, checks }: MidwayStops,
  objective: ResolvedObjective,
  ownScore: boolean,
): MidwayTerms | undefined {
  if (prune !== undefined) checkPruner(prune);
  if (checks !== undefined) assertInteger('checks', checks, { min: 2, max: 1000 });
  if (stopAtDrawdown !== undefined) assertShare('stopAtDrawdown', stopAtDrawdown, 'above 0 and below 1', 0);
  const ruin = stopAtRuin === true ? 0 : stopAtRuin === false ? undefined : stopAtRuin;
  if (ruin !== undefined) assertShare('stopAtRuin', ruin, 'from 0, below 1', -Number.MIN_VALUE);
  if (prune !== undefined) refuseToMeasure(prune, objective, ownScore);
  // A requirement that is broken for certain ends the run where it is: nothing that follows mends it.
  const required = objective.require?.find(({ metric }) => metric === 'maxDrawdown')?.max;
  const drawdown = Math.min(stopAtDrawdown ?? 1, required !== undefined && required > 0 ? required : 1);
  if (prune === undefined && drawdown === 1 && ruin === undefined) {
    if (checks === undefined) return undefined;
    throw new UsageError('CHECKS_OF_NOTHING', {
      message: `A run is looked at ${checks - 1} times, but nothing can end it there. Give a pruner, stopAtDrawdown or stopAtRuin too, or leave the number of checks out.`,
      details: { checks },
    });
  }
  return {
    checks: checks ?? DEFAULT_CHECKS,
    ...(prune === undefined ? {} : { over: prune.over ?? 'so far' }),
    ...(drawdown === 1 ? {} : { drawdown }),
    ...(ruin === undefined ? {} : { ruin }),
  };
}

/** Returns the rules that a journal's terms were made of, but for the pruner. */
export const stopsOf = ({ checks, drawdown, ruin }: Partial<MidwayTerms> = {}): MidwayStops => ({
  checks,
  stopAtDrawdown: drawdown,
  stopAtRuin: ruin,
});

/**
 * Tells whether a run that went through to its end under some terms goes through under others: it has kept to their limits, and where a pruner looks, what it would have seen was
 * measured.
 */
export function goesThrough(
  { checks, over, drawdown = 1, ruin = Number.NEGATIVE_INFINITY }: Partial<MidwayTerms>,
  under: Partial<MidwayTerms>,
): boolean {
  if (drawdown > (under.drawdown ?? 1) || ruin < (under.ruin ?? Number.NEGATIVE_INFINITY)) return false;
  return under.over === undefined || (over === under.over && checks === under.checks);
}

function assertShare(option: string, value: unknown, range: string, above: number): void {
  if (typeof value === 'number' && value > above && value < 1) return;
  throw new UsageError('OUT_OF_RANGE', {
    message: `${option} is a share ${range}, such as 0.4 for 40 %, not ${String(value)}.`,
    details: { option, value },
  });
}

function refuseToMeasure({ name }: Pruner, { metric, direction }: ResolvedObjective, ownScore: boolean): void {
  if (ownScore || !isMetricName(metric)) {
    throw new UsageError('PRUNING_NEEDS_A_METRIC', {
      message: `The pruner '${name}' judges a run by its objective so far, and '${metric}' is measured at its end alone. Look for one of the metrics of every run, or leave the pruner out.`,
      details: { pruner: name, objective: metric },
    });
  }
  if (name !== 'bound' || WORSENING[metric] === direction) return;
  const known = Object.entries(WORSENING).map(([each, way]) => `${each} (${way})`);
  throw new UsageError('NO_BOUND', {
    message: `A run that is behind by ${metric} (${direction}) may still catch up, so that no bound proves that it cannot win. There is one for ${known.join(' and ')}; for others take a pruner such as median.`,
    details: { objective: metric, direction },
  });
}

/** Follows an account's values for a limit that they break. */
export class LimitWatch {
  readonly #limits: Pick<MidwayTerms, 'drawdown' | 'ruin'>;
  readonly #floor: number;
  readonly #cash: number;
  #peak: number;

  constructor(cash: number, limits: Pick<MidwayTerms, 'drawdown' | 'ruin'>) {
    this.#limits = limits;
    this.#cash = cash;
    this.#peak = cash;
    this.#floor = limits.ruin === undefined ? Number.NEGATIVE_INFINITY : limits.ruin * cash;
  }

  /** Takes the next values, each times `scale`; returns how they break a limit. */
  add(values: ReadonlyFloat64Array, from: number, to: number, scale = 1): string | undefined {
    const { drawdown = Number.POSITIVE_INFINITY, ruin } = this.#limits;
    let peak = this.#peak;
    for (let i = from; i < to; i++) {
      const value = values[i]! * scale;
      if (value > peak) peak = value;
      else if (value <= this.#floor)
        return `its account was worth ${percent(value / this.#cash)} of its cash, and ${percent(ruin!)} is ruin`;
      else if (1 - value / peak > drawdown)
        return `its account fell by ${percent(1 - value / peak)} from its peak, and ${percent(drawdown)} is the limit`;
    }
    this.#peak = peak;
    return undefined;
  }
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** Looks at one run while it goes on: measures the steps of its pruner, and holds its account against limits. */
export class MidwayWatch {
  /** Bars behind which to look: ascending, inside the run. */
  readonly bars: readonly number[];
  readonly #simulation: Simulation;
  readonly #terms: MidwayTerms;
  readonly #objective: ResolvedObjective;
  readonly #rule: PruneRule | undefined;
  readonly #limits: LimitWatch;
  readonly #values: number[] = [];
  #seen = 0;
  #trips: RoundTripSummary = NO_TRIPS;
  #broken: string | undefined;
  #pruned = false;

  constructor(simulation: Simulation, terms: MidwayTerms, objective: ResolvedObjective, rule: PruneRule | undefined) {
    this.#simulation = simulation;
    this.#terms = terms;
    this.#objective = objective;
    this.#rule = rule;
    this.#limits = new LimitWatch(simulation.startingCash, terms);
    const whole = simulation.equity.length;
    const places = Array.from({ length: terms.checks - 1 }, (_, k) => Math.round(((k + 1) * whole) / terms.checks));
    this.bars = [...new Set(places)].filter((bars) => bars > 0 && bars < whole);
  }

  /** Tells whether the run ends behind so many bars. */
  readonly stops = (bars: number): boolean => {
    this.#broken = this.#limits.add(this.#simulation.equity, this.#seen, bars);
    if (this.#broken === undefined && this.#terms.over !== undefined) {
      this.#values.push(this.#measure(bars));
      this.#pruned = stopsAfter(this.#rule, this.#values, this.#objective.direction);
    }
    this.#seen = bars;
    return this.#broken !== undefined || this.#pruned;
  };

  /** Looks at what is left of a run that went through to its end; returns how it broke a limit. */
  finish(): string | undefined {
    const { equity } = this.#simulation;
    this.#broken ??= this.#limits.add(equity, this.#seen, equity.length);
    return this.#broken;
  }

  /** What was measured, as a trial keeps it. */
  get intermediate(): (readonly [number, number])[] {
    return this.#values.map((value, at) => [at + 1, value] as const).filter(([, value]) => !Number.isNaN(value));
  }

  /** Why the run ended where it did, and how far it went. */
  get ending(): { readonly reason: string; readonly share: number; readonly value?: number } {
    const whole = this.#simulation.equity.length;
    const share = this.#seen / whole;
    const place = `after ${percent(share)} of the data`;
    if (this.#broken !== undefined) return { reason: `stopped ${place}: ${this.#broken}`, share };
    const last = this.intermediate.at(-1);
    const reason = `pruned ${place}: others had more by then`;
    return { reason, share, ...(last === undefined ? {} : { value: last[1] }) };
  }

  /** The objective over the run so far or over its newest part; NaN where it has none, as before the first trade. */
  #measure(bars: number): number {
    const { equity, startingCash, annualization, trips, hasTraded } = this.#simulation;
    const metric = this.#objective.metric as MetricName;
    const isPart = this.#terms.over === 'part' && this.#seen > 0;
    // The part's first return goes on from the last value before it.
    const from = isPart ? this.#seen - 1 : 0;
    const measured = isPart ? difference(trips, this.#trips) : trips;
    this.#trips = trips;
    if (!hasTraded) return Number.NaN;
    const values = equity.subarray(from, bars);
    return summarize(values, isPart ? equity[from]! : startingCash, annualization, measured)[metric] ?? Number.NaN;
  }
}

const NO_TRIPS: RoundTripSummary = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };

const difference = (a: RoundTripSummary, b: RoundTripSummary): RoundTripSummary => ({
  trades: a.trades - b.trades,
  wins: a.wins - b.wins,
  grossProfit: a.grossProfit - b.grossProfit,
  grossLoss: a.grossLoss - b.grossLoss,
});
