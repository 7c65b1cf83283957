import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { FREQUENCIES, type Frequency } from '../market/bars.js';
import { longerThan, type ResampledAxis, resampleAxis } from '../market/resampling.js';
import { type AdjustmentKind, type AdjustmentSchedule, adjustmentKind, adjustmentSchedule } from './adjustments.js';
import type { BarGroup, Bundle, Listing } from './bundle.js';
import { draftOf } from './bundle-draft.js';
import type { AssetDraft, BundleDraft, GroupDraft } from './draft.js';

/** One asset's bars on a resampled axis, and what restates its past there. */
export interface ResampledAsset {
  readonly listing: Listing;
  readonly schedule: AdjustmentSchedule | undefined;
}

/**
 * Returns the bars of a listing on a longer axis: first open, highest high, lowest low, last close, sum of the volume, last value of
 * other columns, of the bars that there are; NaN where there are none. Undefined when no bar lies within a session.
 *
 * An event within a longer bar restates the shorter bars before it, so that a longer bar is in the terms of its own end, and is moved to
 * that bar. The history of longer bars is then what the history of the shorter ones, restated as of now, makes of them.
 *
 * @param beforeReading called before a column of the listing is read: where others may have written to it, this undoes it
 * @param rounds whether prices and volumes of an asset with events are made decimals again: to trade on. @defaultValue false
 */
export function resampleListing(
  listing: Listing,
  schedule: AdjustmentSchedule | undefined,
  axis: ResampledAxis,
  beforeReading: () => void,
  rounds = false,
): ResampledAsset | undefined {
  const bars = axis.bars.subarray(listing.first, listing.end);
  const close = listing.column('close');
  const isOutside = (row: number): boolean => bars[row] === -1 || Number.isNaN(close[row]!);
  let from = 0;
  let to = Math.min(bars.length, close.length);
  while (from < to && isOutside(from)) from++;
  while (to > from && isOutside(to - 1)) to--;
  if (from === to) return undefined;
  const rows = { bars, from, to, first: bars[from]!, end: bars[to - 1]! + 1 };
  return {
    listing: new ResampledListing(listing, schedule, rows, beforeReading, rounds && schedule !== undefined),
    schedule: movedSchedule(schedule, rows),
  };
}

/** Rows `[from, to)` of a listing that lie within bars `[first, end)` of the longer axis. */
interface Rows {
  readonly bars: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

/** Returns the row of the longer listing that an event applies at: that of the first bar on or after its row; undefined after the last. */
function barOfEvent(row: number, { bars, to, first }: Rows): number | undefined {
  for (let at = row; at < to; at++) if (bars[at] !== -1) return bars[at]! - first;
  return undefined;
}

/** The events on longer rows; those that meet on one make one, and those of the first row restate nothing. */
function movedSchedule(schedule: AdjustmentSchedule | undefined, rows: Rows): AdjustmentSchedule | undefined {
  if (schedule === undefined) return undefined;
  const moved = new Map<number, { price: number; volume: number }>();
  for (const [event, row] of schedule.rows.entries()) {
    const bar = barOfEvent(row, rows);
    if (bar === undefined || bar === 0) continue;
    const factors = moved.get(bar) ?? { price: 1, volume: 1 };
    factors.price *= schedule.priceFactors[event]!;
    factors.volume *= schedule.volumeFactors[event]!;
    moved.set(bar, factors);
  }
  if (moved.size === 0) return undefined;
  return {
    rows: Int32Array.from(moved.keys()),
    priceFactors: Float64Array.from(moved.values(), ({ price }) => price),
    volumeFactors: Float64Array.from(moved.values(), ({ volume }) => volume),
  };
}

/** Longer bars of a listing, each column made when it is first asked for. */
class ResampledListing implements Listing {
  readonly asset: Listing['asset'];
  readonly first: number;
  readonly end: number;
  readonly fields: readonly string[];
  readonly #shorter: Listing;
  readonly #schedule: AdjustmentSchedule | undefined;
  readonly #rows: Rows;
  readonly #beforeReading: () => void;
  readonly #rounds: boolean;
  readonly #columns = new Map<string, Float64Array>();

  constructor(
    shorter: Listing,
    schedule: AdjustmentSchedule | undefined,
    rows: Rows,
    beforeReading: () => void,
    rounds: boolean,
  ) {
    this.#beforeReading = beforeReading;
    this.#rounds = rounds;
    this.asset = shorter.asset;
    this.fields = shorter.fields;
    this.first = rows.first;
    this.end = rows.end;
    this.#shorter = shorter;
    this.#schedule = schedule;
    this.#rows = rows;
  }

  column(field: string): ReadonlyFloat64Array {
    return this.#column(field) as ReadonlyFloat64Array;
  }

  /** A copy: these columns are nobody's to write to. */
  view(field: string, from: number, to: number): ReadonlyFloat64Array {
    return this.#column(field).slice(from, to) as ReadonlyFloat64Array;
  }

  #column(field: string): Float64Array {
    let column = this.#columns.get(field);
    if (column === undefined) {
      this.#beforeReading();
      const kind = adjustmentKind(field);
      const values = inOwnTerms(this.#shorter.column(field), kind, this.#schedule, this.#rows);
      column = aggregate(field, values, this.#rows);
      if (this.#rounds && kind !== undefined) {
        const { priceDecimals, volumeDecimals } = this.asset;
        column = roundedTo(kind === 'volume' ? volumeDecimals : priceDecimals, column);
      }
      this.#columns.set(field, column);
    }
    return column;
  }
}

/** The column with each value in the terms of the end of its longer bar: itself when no event lies within one. */
function inOwnTerms(
  column: ReadonlyFloat64Array,
  kind: AdjustmentKind | undefined,
  schedule: AdjustmentSchedule | undefined,
  rows: Rows,
): ReadonlyFloat64Array {
  if (schedule === undefined || kind === undefined) return column;
  const factors = kind === 'price' ? schedule.priceFactors : schedule.volumeFactors;
  let copy: Float64Array | undefined;
  for (const [event, eventRow] of schedule.rows.entries()) {
    const bar = barOfEvent(eventRow, rows);
    if (bar === undefined) continue;
    for (let row = eventRow - 1; row >= rows.from; row--) {
      if (rows.bars[row] === -1) continue;
      if (rows.bars[row]! - rows.first !== bar) break;
      copy ??= column.slice() as unknown as Float64Array;
      copy[row] = copy[row]! * factors[event]!;
    }
  }
  return (copy as ReadonlyFloat64Array | undefined) ?? column;
}

function aggregate(field: string, column: ReadonlyFloat64Array, { bars, from, to, first, end }: Rows): Float64Array {
  const made = new Float64Array(end - first).fill(Number.NaN);
  for (let row = from; row < to; row++) {
    const value = column[row]!;
    if (bars[row] === -1 || Number.isNaN(value)) continue;
    const bar = bars[row]! - first;
    const before = made[bar]!;
    if (Number.isNaN(before)) made[bar] = value;
    else if (field === 'high') made[bar] = Math.max(before, value);
    else if (field === 'low') made[bar] = Math.min(before, value);
    else if (field === 'volume') made[bar] = before + value;
    else if (field !== 'open') made[bar] = value;
  }
  return made;
}

/** Settings of {@link resampledDraft}. */
export interface ResampleOptions {
  /** Makes bars anew that the bundle has already: after rows were added to the shorter ones. @defaultValue false */
  readonly replace?: boolean;
}

/**
 * Returns the draft of a bundle with longer bars beside those that it has: of each asset, each length is made of the longest of its shorter
 * bars on the same calendar. Bars before a split within a longer bar are taken in the new shares, prices rounded to the asset's decimals;
 * dividends are not taken out. A length that the bundle has already is left as it is, unless it is to be replaced.
 *
 * @throws UsageError `UNSUPPORTED_FREQUENCY` for a length that no group of the bundle makes
 */
export function resampledDraft(
  bundle: Bundle,
  frequencies: readonly Frequency[],
  options: ResampleOptions = {},
): BundleDraft {
  rejectUnknownKeys('resampledDraft', options, ['replace']);
  const { replace = false } = options;
  const draft = draftOf(bundle);
  const made: GroupDraft[] = [];
  for (const frequency of new Set(frequencies)) {
    const before = made.length;
    const calendars = new Set(bundle.groups.map(({ calendar }) => calendar));
    for (const calendar of calendars) {
      const all = bundle.groups.filter((group) => group.calendar === calendar);
      if (!replace && all.some((group) => group.frequency === frequency)) continue;
      // What is made anew is not what others are made of: it may lack rows.
      const isRemade = (group: BarGroup): boolean =>
        replace && frequencies.includes(group.frequency) && all.some((other) => makes(other, group.frequency));
      const source = all
        .filter((group) => !isRemade(group))
        .toSorted((a, b) => FREQUENCIES.indexOf(b.frequency) - FREQUENCIES.indexOf(a.frequency))
        .find((group) => makes(group, frequency));
      if (source !== undefined) made.push(resampledGroup(bundle, source, frequency));
    }
    const has = bundle.groups.some((group) => group.frequency === frequency);
    // Of all groups the first says what is wrong.
    if (made.length === before && !has) resampleAxis(bundle.groups[0]!, frequency);
  }
  const isReplaced = (group: GroupDraft): boolean =>
    made.some(({ calendar, frequency }) => calendar === group.calendar && frequency === group.frequency);
  const groups = [...draft.groups.filter((group) => !isReplaced(group)), ...made];
  return { ...draft, groups: groups.filter(({ assets }) => assets.length > 0) };
}

/**
 * Returns the groups of a bundle that are, bar for bar, what {@link resampledDraft} makes of the shorter bars that a draft has more of, and of
 * which it has none itself: they have to be made anew once the rows are added.
 */
export function groupsMadeOf(bundle: Bundle, added: BundleDraft): BarGroup[] {
  const isSame = (a: { readonly calendar: string }, b: { readonly calendar: string }): boolean =>
    a.calendar === b.calendar;
  const longer = bundle.groups.filter(
    (group) =>
      !added.groups.some((other) => isSame(group, other) && other.frequency === group.frequency) &&
      added.groups.some((other) => isSame(group, other) && longerThan(other.frequency).includes(group.frequency)),
  );
  if (longer.length === 0) return [];
  const made = resampledDraft(
    bundle,
    longer.map(({ frequency }) => frequency),
    { replace: true },
  );
  return longer.filter((group) => {
    const again = made.groups.find((other) => isSame(group, other) && other.frequency === group.frequency);
    return again !== undefined && holds(group, again);
  });
}

/** Whether a group holds the very bars of a draft. */
function holds({ times, listings }: BarGroup, draft: GroupDraft): boolean {
  return (
    isEqual(times, draft.times) &&
    listings.length === draft.assets.length &&
    listings.every((listing) => {
      const asset = draft.assets.find(({ symbol }) => symbol === listing.asset.symbol);
      return (
        asset?.first === listing.first &&
        listing.fields.every((field) => isEqual(listing.column(field), asset.columns[field] ?? []))
      );
    })
  );
}

function isEqual(a: ReadonlyFloat64Array, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let row = 0; row < a.length; row++) if (!Object.is(a[row], b[row])) return false;
  return true;
}

const makes = ({ frequency }: BarGroup, longer: Frequency): boolean => longerThan(frequency).includes(longer);

function resampledGroup(bundle: Bundle, group: BarGroup, frequency: Frequency): GroupDraft {
  const { calendar, times, opens, closes, listings } = resampledBars(bundle, group, frequency);
  const assets = listings.map((listing): AssetDraft => {
    const { sid: _sid, ...asset } = listing.asset;
    const columns = listing.fields.map((field) => [field, listing.column(field) as Float64Array] as const);
    return { ...asset, first: listing.first, columns: Object.fromEntries(columns) };
  });
  return { calendar, frequency, times, opens, closes, assets };
}

/**
 * Returns longer bars of a group to trade on, as {@link resampledDraft} puts them into a bundle: in the shares of their own end, prices rounded to the
 * asset's decimals, dividends not taken out. Columns are made when they are first asked for.
 *
 * @param listings those of the group that are wanted; one without a bar in a session is left out. @defaultValue all
 * @throws UsageError `UNSUPPORTED_FREQUENCY` for a length that the group's bars do not make
 */
export function resampledBars(
  bundle: Bundle,
  group: BarGroup,
  frequency: Frequency,
  listings: readonly Listing[] = group.listings,
): BarGroup & ResampledAxis {
  const axis = resampleAxis(group, frequency);
  const made = listings.flatMap((listing): Listing[] => {
    const splits = adjustmentSchedule(listing, group, bundle.splits, []);
    const longer = resampleListing(listing, splits, axis, () => bundle.restore(), true);
    return longer === undefined ? [] : [longer.listing];
  });
  return { ...axis, listings: made };
}

/** Rounds to so many decimals, to the decimal number that a price is. */
function roundedTo(decimals: number, column: Float64Array): Float64Array {
  const scale = 10 ** decimals;
  return column.map((value) => Math.round(value * scale) / scale);
}
