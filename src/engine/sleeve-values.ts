import { type Metrics, RunningSummary } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import type { RunValues } from './account-values.js';
import { marksSum, SUMMED_BARS } from './marks.js';
import { Stretches } from './stretches.js';

/** Values of several accounts together, added in their order at each bar. */
export class SleeveValues implements RunValues {
  readonly accounts: readonly Stretches[];
  readonly #summary = new RunningSummary();
  readonly #bars: number;
  #column: Float64Array | undefined;
  /** Bars of the present run that are in the column. */
  #written = 0;

  /** @param accounts at least one @param bars of a run */
  constructor(accounts: number, bars: number) {
    this.accounts = Array.from({ length: accounts }, () => new Stretches());
    this.#bars = bars;
  }

  begin(startingCash: number): void {
    this.#summary.begin(startingCash);
    for (const account of this.accounts) account.clear();
    this.#written = 0;
  }

  metrics(annualization: number, roundTrips: RoundTripSummary): Metrics {
    const summary = this.#summary;
    const end = this.#end;
    while (summary.count < end) {
      const from = summary.count;
      const flat = this.#flatUntil(from);
      if (flat > from) {
        summary.takeFlat(this.#cashAt(from), flat - from);
        continue;
      }
      const to = Math.min(end, from + SUMMED_BARS);
      this.#sum(from, to);
      summary.take(marksSum.sums, 0, to - from, 0, 1);
    }
    const values = (): Float64Array => this.column().subarray(0, end);
    return summary.metrics(values, annualization, roundTrips);
  }

  column(): Float64Array {
    this.#column ??= new Float64Array(this.#bars);
    this.#write(this.#column, this.#written, this.#summary);
    this.#written = this.#end;
    return this.#column;
  }

  valuesAt(bars: Int32Array | undefined, into: Float64Array): Float64Array {
    if (bars === undefined) {
      this.#write(into, 0);
      return into;
    }
    into.fill(0);
    for (const account of this.accounts) account.addAt(bars, into);
    return into;
  }

  /** Place behind the last value, which all accounts have reached whenever one is asked for. */
  get #end(): number {
    return this.accounts[0]!.end;
  }

  /** Place behind the bars from `from` on over which no account holds anything and none changes; `from` where one holds something. */
  #flatUntil(from: number): number {
    let until = this.#end;
    for (const account of this.accounts) {
      if (account.unitsAt(from) !== 0) return from;
      until = Math.min(until, account.endAt(from));
    }
    return until;
  }

  #cashAt(bar: number): number {
    let cash = 0;
    for (const account of this.accounts) cash += account.cashAt(bar);
    return cash;
  }

  /** @param summary takes the values too, where they are the next ones for it */
  #write(column: Float64Array, first: number, summary?: RunningSummary): void {
    const end = this.#end;
    for (let from = first; from < end; from += SUMMED_BARS) {
      const to = Math.min(end, from + SUMMED_BARS);
      this.#sum(from, to);
      column.set(marksSum.sums.subarray(0, to - from), from);
      if (summary?.count === from) summary.take(marksSum.sums, 0, to - from, 0, 1);
    }
  }

  #sum(from: number, to: number): void {
    const { accounts } = this;
    accounts[0]!.write(marksSum.sums, from, from, to);
    for (let i = 1; i < accounts.length; i++) accounts[i]!.addToSum(from, to);
  }
}
