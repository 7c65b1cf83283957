import { DataError } from '../core/errors.js';
import type { Frequency } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';
import { calendarNames } from '../market/calendars.js';
import { formatDate } from '../market/civil-date.js';
import type { BarGroup, Bundle, Listing } from './bundle.js';
import { draftOf } from './bundle-draft.js';
import type { AssetDraft, BundleDraft, DividendDraft, GroupDraft, SplitDraft } from './draft.js';
import { assertLists, calendarNamed } from './draft-order.js';
import type { KnownBlocks } from './layout.js';
import { BLOCK_ROWS, type GroupRecord } from './manifest.js';

/** A draft that holds a bundle and what was added to it. */
export interface MergedDraft {
  readonly draft: BundleDraft;
  /** Hashes of the first blocks of the columns that begin as the bundle's do. */
  readonly known: KnownBlocks;
}

const REQUIRED: readonly string[] = ['open', 'high', 'low', 'close', 'volume'];

/**
 * Returns a bundle with the bars and events of a draft added: what a draft of all of it at once would be. A bar that both have must be the
 * same. Columns that get no rows are those of the bundle, without a copy, so that it has to stay open until the draft is written.
 * Throws {@link DataError} `APPEND_CONFLICT` naming symbol, time, column and both values where the two contradict each other; `DRAFT_INVALID` for a list that is missing.
 */
export function mergeDraft(base: Bundle, added: BundleDraft): MergedDraft {
  assertLists(added);
  const known = new Map<Float64Array, readonly string[]>();
  const records = new Map(base.groups.map((group, place) => [keyOf(group), base.manifest.groups[place]!]));
  const own = new Map(base.groups.map((group) => [keyOf(group), group]));
  const facts = factsOf(base, added);
  // Those of Hindcast reach further than the bundle recorded them.
  const calendars = [
    ...(added.calendars ?? []),
    ...base.calendars.filter(({ name }) => !calendarNames().includes(name)),
  ];
  const calendarOf = (name: string): Calendar => calendarNamed({ calendars }, name);
  const groups = added.groups.map((group): GroupDraft => {
    const key = keyOf(group);
    const before = own.get(key);
    return before === undefined
      ? group
      : mergeGroup(before, records.get(key)!, group, calendarOf(group.calendar), known);
  });
  const touched = new Set(added.groups.map(keyOf));
  for (const [key, group] of own) {
    if (!touched.has(key)) groups.push(asDraft(group, records.get(key)!, known));
  }
  const { splits, dividends } = draftOf(base);
  return {
    draft: {
      judged: true,
      groups: groups.map((group) => ({
        ...group,
        assets: group.assets.map((asset) => ({ ...asset, ...facts(asset) })),
      })),
      splits: mergeEvents<SplitDraft>('split', splits, added.splits, ({ ratio }) => ratio),
      dividends: mergeEvents<DividendDraft>('dividend', dividends, added.dividends, ({ amount, payDate = '' }) => {
        return `${Number(amount)} ${payDate}`;
      }),
      synthetic: base.manifest.synthetic,
      calendars,
    },
    known,
  };
}

const keyOf = ({ calendar, frequency }: { readonly calendar: string; readonly frequency: Frequency }): string =>
  `${calendar} ${frequency}`;

type Facts = Omit<AssetDraft, 'first' | 'columns' | 'symbol'>;

/** Returns what an asset is in the whole: the most decimals of both, the rest as the bundle has it. */
function factsOf(base: Bundle, added: BundleDraft): (asset: AssetDraft) => Facts {
  const facts = new Map<string, Facts>();
  for (const { symbol, priceDecimals, volumeDecimals, tick, lot, multiplier, currency, ...told } of base.assets) {
    // A tick that is but the last decimal goes with the decimals.
    const isUsual = tick === Number(`1e-${priceDecimals}`);
    facts.set(symbol, {
      ...named(told),
      ...{ priceDecimals, volumeDecimals, lot, multiplier, currency },
      ...(isUsual ? {} : { tick }),
    });
  }
  for (const { assets } of added.groups) {
    for (const asset of assets) {
      const before = facts.get(asset.symbol);
      const { priceDecimals, volumeDecimals, currency } = asset;
      if (before === undefined) {
        facts.set(asset.symbol, asset);
        continue;
      }
      if (currency !== undefined && currency !== before.currency) {
        throw conflict(asset.symbol, `is in ${before.currency} and would get rows in ${currency}`, { currency });
      }
      const known = base.assets.find(({ symbol }) => symbol === asset.symbol);
      for (const fact of ['tick', 'lot', 'multiplier'] as const) {
        const [has, told] = [known?.[fact], asset[fact]];
        if (has === undefined || told === undefined || told === has) continue;
        throw conflict(asset.symbol, `has ${fact} ${has} and would get rows with ${fact} ${told}`, { fact, has, told });
      }
      facts.set(asset.symbol, {
        ...before,
        ...named(asset),
        priceDecimals: Math.max(priceDecimals, before.priceDecimals),
        volumeDecimals: Math.max(volumeDecimals, before.volumeDecimals),
      });
    }
  }
  return ({ symbol }) => {
    const { priceDecimals, volumeDecimals, tick, lot, multiplier, currency, ...told } = facts.get(symbol)!;
    return {
      ...named(told),
      priceDecimals,
      volumeDecimals,
      ...(tick === undefined ? {} : { tick }),
      ...(lot === undefined ? {} : { lot }),
      ...(multiplier === undefined ? {} : { multiplier }),
      ...(currency === undefined ? {} : { currency }),
    };
  };
}

/** Returns where an asset is listed and its tickers, as far as they are told. */
const named = ({
  exchange,
  tickers,
}: Pick<AssetDraft, 'exchange' | 'tickers'>): Pick<AssetDraft, 'exchange' | 'tickers'> => ({
  ...(exchange === undefined ? {} : { exchange }),
  ...(tickers === undefined ? {} : { tickers }),
});

/** Returns a group as it is: its columns are the bundle's. */
function asDraft(group: BarGroup, record: GroupRecord, known: Map<Float64Array, readonly string[]>): GroupDraft {
  const times = group.times as Float64Array;
  known.set(times, record.times.blocks);
  return {
    calendar: group.calendar,
    frequency: group.frequency,
    times,
    assets: group.listings.map((listing, place) => unchanged(listing, record, place, listing.first, known)),
  };
}

function unchanged(
  listing: Listing,
  record: GroupRecord,
  place: number,
  first: number,
  known: Map<Float64Array, readonly string[]>,
): AssetDraft {
  const { symbol, priceDecimals, volumeDecimals } = listing.asset;
  const columns = Object.fromEntries(
    listing.fields.map((field) => {
      const values = listing.column(field) as Float64Array;
      known.set(values, record.listings[place]!.columns[field]!.blocks);
      return [field, values];
    }),
  );
  return { symbol, first, columns, priceDecimals, volumeDecimals };
}

function mergeGroup(
  group: BarGroup,
  record: GroupRecord,
  added: GroupDraft,
  calendar: Calendar,
  known: Map<Float64Array, readonly string[]>,
): GroupDraft {
  const times = mergedAxis(group, added, calendar);
  keepPrefix(times, group.times as Float64Array, record.times.blocks, known);
  const rowsBefore = rowsOn(times, group.times as Float64Array);
  const rowsAdded = rowsOn(times, added.times);
  const fresh = new Map(added.assets.map((asset) => [asset.symbol, asset]));
  const assets = group.listings.map((listing, place): AssetDraft => {
    const more = fresh.get(listing.asset.symbol);
    fresh.delete(listing.asset.symbol);
    const first = rowsBefore[listing.first]!;
    const isContiguous = rowsBefore[listing.end - 1]! - first === listing.end - 1 - listing.first;
    if (more === undefined && isContiguous) return unchanged(listing, record, place, first, known);
    return mergeAsset({ group, listing, rowsBefore, rowsAdded, more, times, record, place, known });
  });
  for (const asset of fresh.values()) {
    const first = rowsAdded[asset.first]!;
    const length = rowsAdded[asset.first + asset.columns.close!.length - 1]! + 1 - first;
    const columns = Object.fromEntries(
      Object.entries(asset.columns).map(([field, values]) => {
        const column = new Float64Array(length).fill(Number.NaN);
        for (let row = 0; row < values.length; row++) column[rowsAdded[asset.first + row]! - first] = values[row]!;
        return [field, column];
      }),
    );
    assets.push({ ...asset, first, columns });
  }
  return { calendar: group.calendar, frequency: group.frequency, times, assets };
}

/** Daily bars of an exchange lie on all its sessions, other bars on those that there are: as in a draft of everything. */
function mergedAxis({ frequency, times }: BarGroup, added: GroupDraft, calendar: Calendar): Float64Array {
  const all = new Float64Array(times.length + added.times.length);
  let length = 0;
  for (let one = 0, other = 0; one < times.length || other < added.times.length; length++) {
    const left = times[one] ?? Number.POSITIVE_INFINITY;
    const right = added.times[other] ?? Number.POSITIVE_INFINITY;
    all[length] = Math.min(left, right);
    if (left <= right) one++;
    if (right <= left) other++;
  }
  const axis = all.subarray(0, length);
  if (frequency !== '1d' || calendar.name === '24/7') return axis;
  const sessions = calendar.sessions(axis[0]!, axis[length - 1]!).labels;
  return sessions.length > length ? sessions : axis;
}

interface Merge {
  readonly group: BarGroup;
  readonly listing: Listing;
  readonly rowsBefore: Uint32Array;
  readonly rowsAdded: Uint32Array;
  readonly more: AssetDraft | undefined;
  readonly times: Float64Array;
  readonly record: GroupRecord;
  readonly place: number;
  readonly known: Map<Float64Array, readonly string[]>;
}

function mergeAsset(merge: Merge): AssetDraft {
  const { group, listing, rowsBefore, rowsAdded, more, times, record, place, known } = merge;
  const { asset } = listing;
  const rows = listing.end - listing.first;
  const addedRows = more === undefined ? 0 : more.columns.close!.length;
  const ownFirst = rowsBefore[listing.first]!;
  const addedFirst = more === undefined ? ownFirst : rowsAdded[more.first]!;
  const first = Math.min(ownFirst, addedFirst);
  const addedLast = more === undefined ? 0 : rowsAdded[more.first + addedRows - 1]!;
  const end = Math.max(rowsBefore[listing.end - 1]!, addedLast) + 1;
  const fields = [...new Set([...REQUIRED, ...listing.fields, ...Object.keys(more?.columns ?? {})])];
  const close = listing.column('close');
  const columns: Record<string, Float64Array> = {};
  for (const field of fields) {
    const column = new Float64Array(end - first).fill(Number.NaN);
    const isOwn = listing.fields.includes(field);
    const own = isOwn ? listing.column(field) : undefined;
    for (let row = 0; own !== undefined && row < rows; row++) {
      column[rowsBefore[listing.first + row]! - first] = own[row]!;
    }
    const isContiguous = rowsBefore[listing.end - 1]! - ownFirst === rows - 1;
    let kept = isOwn && first === ownFirst && isContiguous ? rows : 0;
    const power = Number(`1e${field === 'volume' ? asset.volumeDecimals : asset.priceDecimals}`);
    for (let row = 0; row < addedRows; row++) {
      const value = more!.columns[field]?.[row] ?? Number.NaN;
      if (Number.isNaN(more!.columns.close![row]!)) continue;
      const target = rowsAdded[more!.first + row]!;
      const before = column[target - first]!;
      if (isBar(close, rowsBefore, listing, target)) {
        // A value at more decimals than the bundle has may be the one that was rounded to it.
        const isSame = Object.is(value, before) || Math.round(value * power) === Math.round(before * power);
        if (isSame || (!REQUIRED.includes(field) && Number.isNaN(value))) continue;
        throw conflict(
          asset.symbol,
          `has ${field} ${before} on ${timeText(times[target]!, group)} in the bundle, and ${value} in the new rows`,
          { field, time: times[target]!, before, value },
        );
      }
      column[target - first] = value;
      kept = Math.min(kept, Math.max(0, target - first));
    }
    if (kept > 0)
      known.set(column, fullBlocks(record.listings[place]!.columns[field]!.blocks, rows, kept, column.length));
    columns[field] = column;
  }
  const { priceDecimals, volumeDecimals } = asset;
  return { symbol: asset.symbol, first, columns, priceDecimals, volumeDecimals };
}

/** Whether the bundle has a bar in a row of the merged axis. */
function isBar(close: ArrayLike<number>, rowsBefore: Uint32Array, { first, end }: Listing, target: number): boolean {
  let from = first;
  let to = end;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (rowsBefore[middle]! < target) from = middle + 1;
    else to = middle;
  }
  return from < end && rowsBefore[from] === target && !Number.isNaN(close[from - first]!);
}

/** Returns the hashes of the blocks whose rows are all among the first `kept`; the last block of a column may be short. */
function fullBlocks(blocks: readonly string[], rows: number, kept: number, length: number): readonly string[] {
  const isWhole = kept === rows && length === rows;
  return isWhole ? blocks : blocks.slice(0, Math.floor(kept / BLOCK_ROWS));
}

function keepPrefix(
  column: Float64Array,
  before: Float64Array,
  blocks: readonly string[],
  known: Map<Float64Array, readonly string[]>,
): void {
  let kept = 0;
  while (kept < before.length && column[kept] === before[kept]) kept++;
  known.set(column, fullBlocks(blocks, before.length, kept, column.length));
}

/** Returns the row of each time on an axis that holds them all. */
function rowsOn(axis: Float64Array, times: Float64Array): Uint32Array {
  const rows = new Uint32Array(times.length);
  let row = 0;
  for (let place = 0; place < times.length; place++) {
    while (axis[row]! < times[place]!) row++;
    rows[place] = row;
  }
  return rows;
}

function mergeEvents<E extends SplitDraft | DividendDraft>(
  kind: string,
  before: readonly E[],
  added: readonly E[],
  textOf: (event: E) => string,
): E[] {
  const keyOfDay = ({ symbol, exDate }: E): string => `${symbol} ${exDate}`;
  const days = new Map<string, string[]>();
  for (const event of before) days.set(keyOfDay(event), [...(days.get(keyOfDay(event)) ?? []), textOf(event)]);
  const fresh = added.filter((event) => {
    const known = days.get(keyOfDay(event));
    if (known === undefined) return true;
    if (known.includes(textOf(event))) return false;
    throw conflict(
      event.symbol,
      `has another ${kind} on ${formatDate(event.exDate)} in the bundle: ${known[0]}, and ${textOf(event)} in the new rows`,
      { exDate: event.exDate },
    );
  });
  return [...before, ...fresh];
}

const timeText = (time: number, { frequency }: BarGroup): string =>
  ['1d', '1w', '1mo'].includes(frequency) ? formatDate(time) : `${new Date(time).toISOString().slice(0, 16)}Z`;

const conflict = (symbol: string, what: string, details: Readonly<Record<string, unknown>>): DataError =>
  new DataError('APPEND_CONFLICT', {
    message: `${symbol} ${what}. Nothing was stored. Correct the new rows, or ingest everything again without --append.`,
    details: { symbol, ...details },
  });
