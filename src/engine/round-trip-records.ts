import { Decimal } from '../core/decimal.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Asset } from '../market/asset.js';
import { type Excursions, excursions } from '../metrics/excursions.js';
import { type RoundTrip, type RoundTripMethod, roundTrips, type TripEvent } from '../metrics/round-trips.js';
import { instantOf } from './home-axis.js';
import type { AssetView, RunView } from './market-view.js';
import type { FillRecord } from './result.js';

/** A round trip as a result lists it. Rows are rows of the run, 0 at its first bar. */
export interface RoundTripRecord extends RoundTrip, Excursions {
  readonly asset: Asset;
}

/** What round trips need of one asset. */
interface AssetPath {
  readonly asset: Asset;
  /** By rows of the run; NaN where there is no bar. */
  readonly high: ReadonlyFloat64Array;
  readonly low: ReadonlyFloat64Array;
  readonly actions: readonly TripEvent[];
  readonly splits: readonly { readonly row: number; readonly ratio: number }[];
}

/** Returns what the round trips of some assets, held in units of so many decimals, need, also when the bundle is closed before somebody asks. */
export function assetPaths(view: RunView, sids: ReadonlySet<number>, quantityDecimals: number): AssetPath[] {
  const unit = new Decimal(10).pow(-quantityDecimals);
  return view.assets.filter(({ asset }) => sids.has(asset.sid)).map((asset) => pathOf(view, asset, unit));
}

/** Returns the closed round trips of a run in the order of their ends. `rows` holds the row of each fill. */
export function roundTripRecords(
  paths: readonly AssetPath[],
  fills: readonly FillRecord[],
  rows: ArrayLike<number>,
  fillAt: 'open' | 'close',
  method: RoundTripMethod,
): RoundTripRecord[] {
  const records = paths.flatMap(({ asset, high, low, actions, splits }) => {
    const own = fills.flatMap((fill, index): TripEvent[] =>
      fill.asset.sid === asset.sid
        ? [{ kind: 'fill', row: rows[index]!, time: fill.time, tag: fill.tag, ...fill.exact }]
        : [],
    );
    // A corporate action falls on the opening of its bar: before all fills of the row.
    const events = [...actions, ...own].sort((a, b) => a.row - b.row);
    return roundTrips(events, method, new Decimal(asset.multiplier)).map((trip) => ({
      asset,
      ...trip,
      ...excursions(trip, high, low, fillAt, splits),
    }));
  });
  return records.sort((a, b) => a.exitRow - b.exitRow);
}

function pathOf({ from, to, group }: RunView, { asset, listing, marks, events }: AssetView, unit: Decimal): AssetPath {
  const cut = (field: 'high' | 'low'): ReadonlyFloat64Array => {
    const { first, end } = listing;
    const [start, stop] = [Math.max(from, first), Math.min(to, end)];
    const recorded = listing.column(field).subarray(Math.max(0, start - first), Math.max(0, stop - first));
    // Columns of a bundle stay readable when it is closed; one that grows may be laid elsewhere.
    if (recorded.length === to - from && group.grows !== true) return recorded;
    const column = new Float64Array(to - from).fill(Number.NaN);
    if (start < stop) column.set(recorded as Float64Array, start - from);
    return column;
  };
  const actions: TripEvent[] = [];
  const splits: { readonly row: number; readonly ratio: number }[] = [];
  for (const event of events) {
    if (event.row < from || event.row >= to) continue;
    const at = { row: event.row - from, time: instantOf(listing, group, event.row, 'opens') };
    if (event.kind === 'dividend') {
      const amount = new Decimal(event.mantissa.toString()).div(new Decimal(10).pow(event.decimals));
      actions.push({ kind: 'income', ...at, amount: amount.times(asset.multiplier) });
      continue;
    }
    const numerator = new Decimal(event.numerator.toString());
    const denominator = new Decimal(event.denominator.toString());
    const price = new Decimal(marks[event.row - listing.first - 1]!).times(denominator).div(numerator);
    actions.push({ kind: 'split', ...at, numerator, denominator, lot: new Decimal(asset.lot), unit, price });
    splits.push({ row: at.row, ratio: numerator.div(denominator).toNumber() });
  }
  return { asset, high: cut('high'), low: cut('low'), actions, splits };
}
