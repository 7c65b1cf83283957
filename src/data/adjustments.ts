import { DataError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Dividend, Split } from '../market/corporate-actions.js';
import type { BarGroup, Listing } from './bundle.js';
import { parseRatio } from './ratio.js';

/**
 * What restates one asset's past as of a later bar. Row numbers are the listing's own (0 is its first bar).
 * As of row i, the price of row j <= i is `raw[j]` times the price factors of all events m with `j < rows[m] <= i`;
 * volumes likewise with the volume factors.
 */
export interface AdjustmentSchedule {
  /** Rows at whose opening history is restated, ascending, each within (0, length). */
  readonly rows: Int32Array;
  /** Split: 1 / ratio. Dividend: 1 - amount / last close before the ex-date. */
  readonly priceFactors: Float64Array;
  /** Split: ratio. Dividend: 1. */
  readonly volumeFactors: Float64Array;
}

/** Which factors restate a column. */
export type AdjustmentKind = 'price' | 'volume';

/**
 * Returns which factors restate a field, or undefined for one that events do not touch: named columns beside the five of every
 * asset are taken as given, because only their owner knows what a split means to them.
 */
export function adjustmentKind(field: string): AdjustmentKind | undefined {
  if (field === 'volume') return 'volume';
  return field === 'open' || field === 'high' || field === 'low' || field === 'close' ? 'price' : undefined;
}

/** The parts of a listing and a group that an event is placed by. */
type Placed = Pick<Listing, 'asset' | 'first' | 'column'>;

/**
 * Returns the schedule of one listing, or undefined when no event restates any of its rows. Events of other assets are ignored.
 *
 * An event applies at the listing's first bar whose label is on or after the ex-date; where that row is missing (NaN), at the next bar.
 * Events at or before the first bar, and after the last one, restate nothing and are dropped. Events that meet on one row make one factor:
 * the product of the splits, times 1 minus the sum of the dividends, each as a share of the last close before the ex-date in the share
 * terms of its ex-date (a split of the same or an earlier date divides that close first).
 *
 * Throws {@link DataError} `EVENT_INVALID` when dividends are not below the close before them, or a ratio is none.
 */
export function adjustmentSchedule(
  listing: Placed,
  group: Pick<BarGroup, 'times'>,
  splits: readonly Split[],
  dividends: readonly Dividend[],
): AdjustmentSchedule | undefined {
  const { asset } = listing;
  const events = [
    ...splits
      .filter(({ sid }) => sid === asset.sid)
      .map((split) => ({ exDate: split.exDate, split, dividend: undefined })),
    ...dividends
      .filter(({ sid }) => sid === asset.sid)
      .map((dividend) => ({ exDate: dividend.exDate, split: undefined, dividend })),
  ].sort((a, b) => a.exDate - b.exDate || Number(a.split === undefined) - Number(b.split === undefined));
  if (events.length === 0) return undefined;

  const { times } = group;
  const close = listing.column('close');
  const rows: number[] = [];
  const priceFactors: number[] = [];
  const volumeFactors: number[] = [];
  let row = 0;
  for (let next = 0; next < events.length; ) {
    row = rowOnOrAfter(events[next]!.exDate, row, listing, times, close);
    if (row === close.length) break;
    const before = lastCloseBefore(row, close);
    // All events up to the label of this bar are restated at its opening.
    const factors = new EventFactors(before, asset.symbol);
    for (; next < events.length && events[next]!.exDate <= times[listing.first + row]!; next++) {
      const { split, dividend, exDate } = events[next]!;
      if (split !== undefined) factors.split(split.ratio);
      else factors.dividend(dividend.amount, exDate);
    }
    // Nothing traded before it, so there is no past to restate.
    if (Number.isNaN(before)) continue;
    rows.push(row);
    priceFactors.push(factors.price);
    volumeFactors.push(factors.volume);
  }
  if (rows.length === 0) return undefined;
  return {
    rows: Int32Array.from(rows),
    priceFactors: Float64Array.from(priceFactors),
    volumeFactors: Float64Array.from(volumeFactors),
  };
}

/** The factors of the events that meet on one row, taken in the order of their ex-dates, a split before a dividend of its date. */
export class EventFactors {
  /** What volumes before the row are multiplied by. */
  volume = 1;
  #split = 1;
  #paid = 0;
  readonly #before: number;
  readonly #symbol: string;

  /** @param before the last close before the row; NaN where there is none */
  constructor(before: number, symbol: string) {
    this.#before = before;
    this.#symbol = symbol;
  }

  /** What prices before the row are multiplied by. */
  get price(): number {
    return this.#split * (1 - this.#paid);
  }

  split(ratio: string): void {
    const { fresh, old } = parseRatio(ratio, `the split of ${this.#symbol}`);
    this.#split *= old / fresh;
    this.volume *= fresh / old;
  }

  /** Throws {@link DataError} `EVENT_INVALID` when the dividends so far are not below the close before them. */
  dividend(amount: string, exDate: number): void {
    if (Number.isNaN(this.#before)) return;
    const close = this.#before * this.#split;
    this.#paid += Number(amount) / close;
    if (!(this.#paid < 1)) {
      throw new DataError('EVENT_INVALID', {
        message: `The dividend of ${this.#symbol} on ${new Date(exDate).toISOString().slice(0, 10)}, ${amount} a share, is not below the close before it (${close}). Check amount, date and splits of the same day. Nothing was written.`,
        details: { symbol: this.#symbol, exDate, amount, close },
      });
    }
  }
}

/**
 * Writes rows `[from, to)` of a column into `out` from index 0, as they are known at row `asOfRow`: each raw value times the product
 * of the factors of the events with `row < event <= asOfRow`, multiplied together from the latest event to the earliest. Without a
 * schedule, or with a kind that events do not touch, the values are the raw ones. The caller guarantees
 * `0 <= from <= to <= asOfRow + 1 <= column.length` and `out.length >= to - from`.
 */
export function restate(
  column: ReadonlyFloat64Array,
  schedule: AdjustmentSchedule | undefined,
  kind: AdjustmentKind | undefined,
  asOfRow: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  let end = to;
  let factor = 1;
  if (schedule !== undefined && kind !== undefined) {
    const { rows } = schedule;
    const factors = kind === 'price' ? schedule.priceFactors : schedule.volumeFactors;
    for (let event = segmentAt(rows, asOfRow) - 1; event >= 0 && end > from; event--) {
      // From the event's own row on, this event and all earlier ones are in the raw values already.
      const begin = Math.max(from, rows[event]!);
      for (let row = begin; row < end; row++) out[row - from] = column[row]! * factor;
      end = Math.min(end, begin);
      factor *= factors[event]!;
    }
  }
  for (let row = from; row < end; row++) out[row - from] = column[row]! * factor;
}

/** Returns whether an event restates some row of `[from, asOfRow]` as of `asOfRow`: whether it lies within `(from, asOfRow]`. */
export function isRestated(schedule: AdjustmentSchedule | undefined, from: number, asOfRow: number): boolean {
  if (schedule === undefined) return false;
  const segment = segmentAt(schedule.rows, asOfRow);
  return segment > 0 && schedule.rows[segment - 1]! > from;
}

/** Returns how many of the ascending event rows are at or before a row: the number of the segment that the row lies in. */
export function segmentAt(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowOnOrAfter(
  exDate: number,
  from: number,
  { first }: Placed,
  times: ReadonlyFloat64Array,
  close: ReadonlyFloat64Array,
): number {
  let row = from;
  while (row < close.length && (times[first + row]! < exDate || Number.isNaN(close[row]!))) row++;
  return row;
}

function lastCloseBefore(row: number, close: ReadonlyFloat64Array): number {
  for (let before = row - 1; before >= 0; before--) if (!Number.isNaN(close[before]!)) return close[before]!;
  return Number.NaN;
}
