import { UsageError } from '../core/errors.js';
import { type AdjustmentKind, adjustmentSchedule, segmentAt } from '../data/adjustments.js';
import type { BarGroup, Bundle, Listing } from '../data/bundle.js';
import { type ResampledAsset, resampleListing } from '../data/resample.js';
import type { BarTimes } from '../market/bar-axis.js';
import type { Frequency } from '../market/bars.js';
import { longerThan, type ResampledAxis, resampleAxis } from '../market/resampling.js';
import type { AssetView, LongerSource, RunView } from './market-view.js';

/** Longer bars of a run: where they come from, and one asset's. */
export interface LongerBars {
  readonly axis: BarTimes;
  /** Returns the longer bars of an asset; undefined for one that has none. */
  assetOf(view: AssetView): ResampledAsset | undefined;
}

/**
 * Returns the bars of other lengths that a bundle has beside a group, where they reach as far: days that end before the minutes do would make an
 * old day the last one.
 */
export function longerSource(bundle: Bundle, group: BarGroup): LongerSource {
  const known = new Map<Frequency, BarGroup | undefined>();
  return {
    splits: bundle.splits,
    dividends: bundle.dividends,
    restore: () => bundle.restore(),
    stored(frequency) {
      if (!known.has(frequency)) {
        const found = bundle.groups.find(
          (other) => other.calendar === group.calendar && other.frequency === frequency && reachesAsFar(other, group),
        );
        known.set(frequency, found);
      }
      return known.get(frequency);
    },
  };
}

/** Whether bars begin no later than those that a group makes, and end no earlier than the last of these that is complete. */
function reachesAsFar(stored: BarGroup, group: BarGroup): boolean {
  if (!longerThan(group.frequency).includes(stored.frequency)) return true;
  const end = group.closes[group.length - 1]!;
  const made = axisOf(group, stored.frequency, end);
  const complete = closedBy(made, end);
  if (complete === 0) return true;
  return stored.opens[0]! <= made.opens[0]! && stored.closes[stored.length - 1]! >= made.closes[complete - 1]!;
}

/** Longer bars by group: axes are the same for all runs over it. */
const knownAxes = new WeakMap<BarGroup, Map<Frequency, ResampledAxis>>();
const knownAssets = new WeakMap<BarTimes, Map<Listing, ResampledAsset | undefined>>();

/**
 * Returns the bars of another length that a run can look back on: those that the bundle or feed has on the same calendar, of all of the
 * run's assets, else those that the run's bars make, see `resampleAxis`.
 *
 * @param now instant as of which bars will be read: of a market that is arriving, bars that have closed by then are complete
 * @throws UsageError `UNSUPPORTED_FREQUENCY`
 */
export function longerBars(view: RunView, frequency: Frequency, now: number): LongerBars {
  const stored = storedBars(view, frequency);
  if (stored !== undefined) return stored;
  const possible = longerThan(view.group.frequency);
  if (!possible.includes(frequency)) {
    throw new UsageError('UNSUPPORTED_FREQUENCY', {
      message:
        `${frequency} bars are not available: this run's bars are ${view.group.frequency}` +
        (possible.length === 0 ? '.' : `, of which can be made ${possible.join(', ')}.`),
      details: { frequency, available: [view.group.frequency, ...possible] },
    });
  }
  const axis = axisOf(view.group, frequency, now);
  const assets = knownAssets.get(axis)!;
  return {
    axis,
    assetOf({ listing, schedule }) {
      if (!assets.has(listing))
        assets.set(
          listing,
          resampleListing(listing, schedule, axis, () => view.longer?.restore()),
        );
      return assets.get(listing);
    },
  };
}

function storedBars({ longer, assets }: RunView, frequency: Frequency): LongerBars | undefined {
  const stored = longer?.stored(frequency);
  if (longer === undefined || stored === undefined) return undefined;
  const listings = new Map(stored.listings.map((listing) => [listing.asset.sid, listing]));
  if (!assets.every(({ asset }) => listings.has(asset.sid))) return undefined;
  return {
    axis: stored,
    assetOf({ asset }) {
      const listing = listings.get(asset.sid)!;
      const known = knownAssets.get(stored) ?? new Map<Listing, ResampledAsset | undefined>();
      knownAssets.set(stored, known);
      if (!known.has(listing)) {
        known.set(listing, { listing, schedule: adjustmentSchedule(listing, stored, longer.splits, longer.dividends) });
      }
      return known.get(listing);
    },
  };
}

/** The axis of a market that is arriving is made anew when the longer bar that it ends with has closed. */
function axisOf(group: BarGroup, frequency: Frequency, now: number): ResampledAxis {
  const ofGroup = knownAxes.get(group) ?? new Map<Frequency, ResampledAxis>();
  knownAxes.set(group, ofGroup);
  let axis = ofGroup.get(frequency);
  const isStale =
    axis !== undefined && group.grows === true && axis.bars.length < group.length && !(axis.closes.at(-1)! > now);
  if (axis === undefined || isStale) {
    axis = resampleAxis(group, frequency);
    ofGroup.set(frequency, axis);
    knownAssets.set(axis, new Map());
  }
  return axis;
}

/**
 * Returns what the values of a longer bar are multiplied by for the events since its close: those of a longer bar that is not complete yet have
 * restated its past all the same.
 *
 * @param row axis row of the run's last bar
 * @param close of the last longer bar that is complete
 */
export function pendingFactor(
  { listing, schedule }: AssetView,
  { opens }: BarTimes,
  kind: AdjustmentKind | undefined,
  row: number,
  close: number,
): number {
  if (schedule === undefined || kind === undefined) return 1;
  const { rows } = schedule;
  const factors = kind === 'price' ? schedule.priceFactors : schedule.volumeFactors;
  let factor = 1;
  for (let event = segmentAt(rows, row - listing.first) - 1; event >= 0; event--) {
    if (opens[listing.first + rows[event]!]! < close) break;
    factor *= factors[event]!;
  }
  return factor;
}

/** Returns how many bars of an axis have closed by an instant. */
export function closedBy({ closes, length }: BarTimes, now: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (closes[middle]! <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}
