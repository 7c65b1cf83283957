import type { AssetDraft, GroupDraft } from '../draft.js';
import { afterValues, scratchColumn, scratchPlaces } from '../scratch.js';
import type { SettledDecimals } from './precision.js';
import type { BarSeries } from './series.js';
import type { Symbology } from './symbology.js';

/** The decimals of one asset, in all of its series. */
export interface AssetDecimals {
  readonly prices: SettledDecimals;
  readonly volumes: SettledDecimals;
}

/** Returns the series as groups of one calendar and frequency each, every group on one time axis; a missing bar is NaN. */
export function draftGroups(
  all: readonly BarSeries[],
  settled: ReadonlyMap<string, AssetDecimals>,
  currency: string,
  names: Symbology,
): GroupDraft[] {
  const groups = new Map<string, BarSeries[]>();
  for (const series of all) {
    const key = `${series.calendar.name} ${series.frequency}`;
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  return [...groups.values()].map((members) => {
    const { calendar, frequency } = members[0]!;
    const times = axisOf(members);
    const assets = members.map((series): AssetDraft => {
      const rows = rowsOn(times, series.times);
      const first = rows[0]!;
      const length = rows.at(-1)! + 1 - first;
      const columns: Record<string, Float64Array> = {};
      for (const [field, values] of series.values.entries()) {
        columns[series.fields[field]!] = length === values.length ? values : spread(values, rows, first, length);
      }
      const { prices, volumes } = settled.get(series.symbol)!;
      const decimals = { priceDecimals: prices.decimals, volumeDecimals: volumes.decimals };
      return { symbol: series.symbol, first, columns, ...decimals, currency, ...names.factsOf(series.symbol) };
    });
    return { calendar: calendar.name, frequency, times, assets };
  });
}

/** All sessions from the first to the last bar for daily bars of an exchange, so that a missing one is a row; else the union of the bars. */
function axisOf(members: readonly BarSeries[]): Float64Array {
  const { calendar, frequency } = members[0]!;
  if (frequency === '1d' && calendar.name !== '24/7') {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const { times } of members) {
      first = Math.min(first, times[0]!);
      last = Math.max(last, times.at(-1)!);
    }
    return calendar.sessions(first, last).labels;
  }
  if (members.length === 1) return members[0]!.times;
  const all = scratchColumn(members.reduce((sum, { times }) => sum + times.length, 0));
  let end = 0;
  for (const { times } of members) {
    all.set(times, end);
    end += times.length;
  }
  all.sort();
  let rows = 0;
  for (let row = 0; row < all.length; row++) {
    if (row === 0 || all[row] !== all[rows - 1]) all[rows++] = all[row]!;
  }
  afterValues(all.length);
  return all.subarray(0, rows);
}

/** Returns values at their rows of the axis, NaN in the rows between. */
function spread(values: Float64Array, rows: Uint32Array, first: number, length: number): Float64Array {
  const column = scratchColumn(length).fill(Number.NaN);
  for (let bar = 0; bar < values.length; bar++) column[rows[bar]! - first] = values[bar]!;
  afterValues(2 * length);
  return column;
}

/** Returns the axis row of each time; both ascend and every time is on the axis. */
function rowsOn(axis: Float64Array, times: Float64Array): Uint32Array {
  const rows = scratchPlaces(times.length);
  let row = 0;
  for (let bar = 0; bar < times.length; bar++) {
    while (axis[row]! < times[bar]!) row++;
    rows[bar] = row;
  }
  return rows;
}
