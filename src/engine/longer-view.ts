import { findAsset } from '../data/asset-lookup.js';
import type { BarGroup, Bundle, Listing } from '../data/bundle.js';
import { resampledBars } from '../data/resample.js';
import type { Asset } from '../market/asset.js';
import type { Frequency } from '../market/bars.js';
import { longerThan, resampleAxis } from '../market/resampling.js';
import { longerSource } from './longer-bars.js';
import { type LongerSource, type MarketView, viewOf } from './market-view.js';
import { barsPerYear } from './sessions-of-run.js';

/** Longer bars that a run's bars make. */
export interface LongerRun {
  readonly frequency: Frequency;
  /** How many there are for each bar of the run, by the calendar: 52 weeks for 252 sessions are 0.206. Above 0, below 1. */
  readonly share: number;
}

/**
 * Returns the longer bars that a run can be made on instead of its own, ascending by length: those of which at least two lie within it whole. Of several
 * lengths that make as many bars the shortest stands for all, and days for what makes one bar a session.
 */
export function longerRuns({ group, from, to }: MarketView): LongerRun[] {
  const byShare = new Map<number, LongerRun>();
  for (const frequency of longerThan(group.frequency)) {
    const axis = resampleAxis(group, frequency);
    const rows = wholeBars(axis.bars, from, to);
    const share = barsPerYear(axis) / barsPerYear(group);
    if (rows.to - rows.from >= 2 && (!byShare.has(share) || frequency === '1d'))
      byShare.set(share, { frequency, share });
  }
  return [...byShare.values()].filter(({ share }) => share < 1);
}

/**
 * Returns a run on longer bars made of its own: what a backtest with `--frequency` sees after `bundles resample`, over those longer bars that lie within
 * the run whole. Splits, dividends and what is counted by a year follow. Windows of the past are readable in every length that they are readable in on the
 * run's own bars, these among them: as of the close of a longer bar.
 *
 * @param benchmark symbol or former ticker of the bundle that the run is compared with. @defaultValue none
 * @throws UsageError `UNSUPPORTED_FREQUENCY` for a length that the run's bars do not make
 */
export function longerView(view: MarketView, frequency: Frequency, benchmark?: string): MarketView {
  const { bundle, group, assets, from, to } = view;
  const compared = benchmark === undefined ? undefined : findAsset(bundle.assets, benchmark);
  const sids = new Set([...assets.map(({ asset }) => asset.sid), compared?.sid]);
  const listings = group.listings.filter(({ asset }) => sids.has(asset.sid));
  const longer = resampledBars(bundle, group, frequency, listings);
  const whole = wholeBars(longer.bars, from, to);
  const known = new Set(longer.listings.map(({ asset }) => asset.sid));
  const made = viewOf(ofGroups(bundle, [longer, ...benchmarkApart(view, frequency, compared)]), {
    frequency,
    symbols: assets.flatMap(({ asset }) => (known.has(asset.sid) ? [asset.symbol] : [])),
    rows: [whole.from, whole.to],
  });
  return { ...made, longer: sourceOf(view, listings), share: barsPerYear(longer) / barsPerYear(group) };
}

/** The longer bars of a benchmark that has a calendar of its own. */
function benchmarkApart({ bundle, group }: MarketView, frequency: Frequency, compared: Asset | undefined): BarGroup[] {
  const holds = ({ listings }: BarGroup): boolean => listings.some(({ asset }) => asset.sid === compared?.sid);
  if (compared === undefined || holds(group)) return [];
  const own = bundle.groups.find((other) => other.frequency === group.frequency && holds(other));
  if (own === undefined) return [];
  const listings = own.listings.filter(({ asset }) => asset.sid === compared.sid);
  return [resampledBars(bundle, own, frequency, listings)];
}

/** The bundle with other bars; columns of its assets are known by another version, since they are other data. */
function ofGroups(bundle: Bundle, groups: readonly [BarGroup, ...BarGroup[]]): Bundle {
  const { name, version, manifest, assets, calendars, splits, dividends, handle, sharing } = bundle;
  return {
    ...{ name, manifest, assets, calendars, splits, dividends, handle, sharing },
    version: `${version} in ${groups[0].frequency}`,
    groups,
    restore: () => bundle.restore(),
    // It is open as long as its owner leaves it so.
    [Symbol.dispose]: () => {},
  };
}

/** Bars of other lengths as the run on its own bars has them: of the bundle, or made of the run's. */
function sourceOf({ bundle, group, longer }: MarketView, listings: readonly Listing[]): LongerSource {
  const source = longer ?? longerSource(bundle, group);
  const made = new Map<Frequency, BarGroup>();
  return {
    splits: bundle.splits,
    dividends: bundle.dividends,
    restore: () => bundle.restore(),
    stored(frequency) {
      const stored = source.stored(frequency) ?? made.get(frequency);
      if (stored !== undefined || !longerThan(group.frequency).includes(frequency)) return stored;
      const bars = resampledBars(bundle, group, frequency, listings);
      made.set(frequency, bars);
      return bars;
    },
  };
}

/** The longer bars all of whose rows lie within `[from, to)`. @param bars of each row the longer bar that it is part of, or -1 */
function wholeBars(bars: Int32Array, from: number, to: number): { readonly from: number; readonly to: number } {
  let [first, last] = [from, to - 1];
  while (first < to && bars[first] === -1) first++;
  while (last >= first && bars[last] === -1) last--;
  if (first > last) return { from: 0, to: 0 };
  let [before, behind] = [from - 1, to];
  while (before >= 0 && bars[before] === -1) before--;
  while (behind < bars.length && bars[behind] === -1) behind++;
  const isCut = before >= 0 && bars[before] === bars[first];
  const isOpen = behind < bars.length && bars[behind] === bars[last];
  return { from: bars[first]! + (isCut ? 1 : 0), to: bars[last]! + (isOpen ? 0 : 1) };
}
