import type { EpochMs, Sid } from '../core/brand.js';
import { isDense } from '../core/dense-column.js';
import { UsageError } from '../core/errors.js';
import { checkKinds, listOfTexts, type OptionKind } from '../core/option-kind.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { didYouMean } from '../core/suggest.js';
import { formatDate, parseDate } from '../core/time.js';
import { type AdjustmentSchedule, adjustmentSchedule, restate } from '../data/adjustments.js';
import { findAsset } from '../data/asset-lookup.js';
import type { BarGroup, Bundle, Listing } from '../data/bundle.js';
import { joinedGroup } from '../data/joined-group.js';
import type { ColumnName, GroupedColumns } from '../data/pre-grouped-data.js';
import type { Asset } from '../market/asset.js';
import { type Field, FREQUENCIES, type Frequency } from '../market/bars.js';
import { lowerBound } from '../market/calendar.js';
import { DAY_MS } from '../market/civil-date.js';
import type { Dividend, Split } from '../market/corporate-actions.js';
import { calendarOf, sessionAfter } from '../market/session-axis.js';
import type { AssetList, ListedAssets } from './cached-asset-list.js';
import { labelsAtHome } from './home-axis.js';
import { closedBy, longerSource } from './longer-bars.js';

/** What a corporate action does to an account at the opening of a bar. Rows are axis rows. */
export type LedgerEvent =
  | { readonly kind: 'split'; readonly row: number; readonly numerator: bigint; readonly denominator: bigint }
  | {
      readonly kind: 'dividend';
      readonly row: number;
      /** Axis row of the payment; undefined when it lies beyond the data. */
      readonly payRow: number | undefined;
      /** Cash for one unit: `mantissa / 10 ** decimals`. */
      readonly mantissa: bigint;
      readonly decimals: number;
    };

/** An event with its dates, and its ratio or amount as the data have it. */
export type DatedEvent = LedgerEvent & {
  readonly exDate: EpochMs;
  readonly payDate: EpochMs | undefined;
  readonly written: string;
};

/** One asset of a run. */
export interface AssetView {
  readonly asset: Asset;
  readonly listing: Listing;
  /** Identity of the asset's data as seen: what caches key on. */
  readonly key: string;
  /** Closes, carried over missing bars: what positions are marked at. Listing rows. */
  readonly marks: ReadonlyFloat64Array;
  readonly schedule: AdjustmentSchedule | undefined;
  /** Ascending by row, then by ex-date; a split goes before a dividend of the same date. */
  readonly events: readonly DatedEvent[];
}

/** Bars of other lengths beside those of a run, with the events that restate them. */
export interface LongerSource extends Pick<Bundle, 'splits' | 'dividends' | 'restore'> {
  /** Returns the bars of a length; undefined when there are none that reach as far as the run's. */
  stored(frequency: Frequency): BarGroup | undefined;
}

/** What a run sees: some assets over rows of one time axis. */
export interface RunView {
  readonly group: BarGroup;
  readonly assets: readonly AssetView[];
  /** First axis row of the run. Earlier rows are readable history. */
  readonly from: number;
  /** Axis row after the last of the run. Later rows cannot be reached. */
  readonly to: number;
  /** Where longer bars are looked for before they are made of the run's. */
  readonly longer?: LongerSource | undefined;
  /** Of a run on longer bars than those that it was asked for: how many it has for each of them. @defaultValue 1 */
  readonly share?: number | undefined;
}

/** The part of a bundle that a run sees: chosen symbols over chosen rows of one time axis. */
export interface MarketView extends RunView {
  readonly bundle: Bundle;
}

/** The end of a listing whose asset trades on, in a market that is still arriving: a row that no axis reaches. */
export const STILL_LISTED = 2 ** 30;

/** What of a bundle to run on. */
export interface ViewOptions {
  /** Symbols of the bundle, or tickers that its assets had when the run begins. @defaultValue all symbols of the bundle, in its order */
  readonly symbols?: readonly string[] | undefined;
  /** First date, inclusive, YYYY-MM-DD. @defaultValue the first bar of any symbol */
  readonly start?: string | undefined;
  /** Last date, inclusive. @defaultValue the last bar of any symbol */
  readonly end?: string | undefined;
  /** Length of the bars, where the bundle has several. @defaultValue the shortest that all of the symbols have */
  readonly frequency?: Frequency | undefined;
  /** Rows of the time axis in place of dates: from the first, inclusive, to the second, exclusive. */
  readonly rows?: readonly [from: number, to: number] | undefined;
}

const KINDS: Readonly<Record<string, OptionKind>> = {
  symbols: listOfTexts("a list of symbols such as ['SPY', 'QQQ']"),
};

/** Where a view's assets and columns come from. */
export interface ViewSources {
  readonly assets: AssetList;
  readonly columns: GroupedColumns;
}

/**
 * Returns the view of a bundle that a run needs; symbols of several calendars are put on one time axis, see `joinedGroup`. Throws UsageError for an unknown or
 * doubled symbol, symbols whose bars overlap or have no length in common, or of different currencies, a length that the bundle does not have, an unreadable date, or a span
 * without bars.
 *
 * @param sources of assets and columns. @defaultValue the bundle itself
 */
export function viewOf(bundle: Bundle, options: ViewOptions, sources?: ViewSources): MarketView {
  checkKinds(options, KINDS);
  const look = (): ListedAssets => listAssets(bundle, options);
  const listed = sources === undefined ? look() : sources.assets.list(bundle, options, look);
  const group = joinedGroup(bundle, listed.groups);
  const listings = listed.assets.map(({ place }) => group.listings[place]!);
  const first = Math.min(...listings.map((listing) => listing.first));
  const end = Math.max(...listings.map((listing) => listing.end));
  const [begin, stop] = options.rows ?? [
    options.start === undefined ? first : lowerBound(group.times, dateOption('start', options.start)),
    options.end === undefined ? end : lowerBound(group.times, dateOption('end', options.end) + DAY_MS),
  ];
  const from = Math.max(first, begin);
  const to = Math.min(end, stop);
  if (from >= to) {
    throw new UsageError('EMPTY_SPAN', {
      message:
        `No bars between ${options.start ?? 'the first bar'} and ${options.end ?? 'the last bar'}: ` +
        `the chosen symbols of '${bundle.name}' reach from ${formatDate(group.times[first]!)} to ${formatDate(group.times[end - 1]!)}.`,
      details: { start: options.start, end: options.end },
    });
  }
  return {
    bundle,
    longer: longerSource(bundle, group),
    group,
    from,
    to,
    assets: listed.assets.map(({ schedule, events }, index) => {
      const listing = listings[index]!;
      const { asset } = listing;
      const key = `${bundle.version}/${listed.groups.join('+')}/${asset.sid}`;
      if (sources === undefined) {
        return { asset, listing, key, marks: carried(listing.column('close')), schedule, events };
      }
      const grouped = new GroupedListing(
        listing,
        { bundle: bundle.name, version: bundle.version, asset: key },
        sources.columns,
      );
      return { asset, listing: grouped, key, marks: grouped.marks, schedule, events };
    }),
  };
}

/** Looks up the assets of a run, and what happens to them. Throws UsageError as {@link viewOf} does. */
function listAssets(bundle: Bundle, options: ViewOptions): ListedAssets {
  const start = options.start === undefined ? undefined : dateOption('start', options.start);
  const symbols = options.symbols ?? bundle.assets.map(({ symbol }) => symbol);
  const { groups, axis, listings } = listingsOf(bundle, symbols, options.frequency, start);
  return {
    groups,
    assets: listings.map((listing) => {
      const times = labelsAtHome(listing, axis);
      return {
        place: axis.listings.indexOf(listing),
        schedule: adjustmentSchedule(listing, { times }, bundle.splits, bundle.dividends),
        events: ledgerEvents(bundle, times, listing),
      };
    }),
  };
}

/** A listing whose columns come from a source that may outlive its bundle, or give each run its own. */
class GroupedListing implements Listing {
  readonly asset: Asset;
  readonly first: number;
  readonly end: number;
  readonly fields: readonly string[];
  readonly home: Listing['home'];
  readonly #listing: Listing;
  readonly #name: Omit<ColumnName, 'field'>;
  readonly #columns: GroupedColumns;
  /** Those of this run: one look-up for the many reads of a column after its first. */
  readonly #held = new Map<string, ReadonlyFloat64Array>();

  constructor(listing: Listing, name: Omit<ColumnName, 'field'>, columns: GroupedColumns) {
    this.asset = listing.asset;
    this.first = listing.first;
    this.end = listing.end;
    this.fields = listing.fields;
    this.home = listing.home;
    this.#listing = listing;
    this.#name = name;
    this.#columns = columns;
  }

  column(field: string): ReadonlyFloat64Array {
    return this.#held.get(field) ?? this.#take(field, () => this.#listing.column(field));
  }

  view(field: string, from: number, to: number): ReadonlyFloat64Array {
    return this.#listing.view(field, from, to);
  }

  /** Closes, carried over missing bars. No column of a bundle has a name with a space. */
  get marks(): ReadonlyFloat64Array {
    return this.#take('close carried', () => carried(this.#listing.column('close')));
  }

  #take(field: string, gather: () => ReadonlyFloat64Array): ReadonlyFloat64Array {
    const column = this.#columns.column({ ...this.#name, field }, gather);
    this.#held.set(field, column);
    return column;
  }
}

/** Listings of chosen symbols on one time axis. */
interface ChosenListings {
  /** Places of the groups that the axis is made of. */
  readonly groups: readonly number[];
  readonly axis: BarGroup;
  readonly listings: readonly Listing[];
}

function listingsOf(
  bundle: Bundle,
  symbols: readonly string[],
  frequency: Frequency | undefined,
  start: number | undefined,
): ChosenListings {
  const possible = groupsOf(bundle, frequency);
  if (symbols.length === 0) {
    throw new UsageError('NO_SYMBOLS', { message: `No symbols chosen. '${bundle.name}' holds ${symbolList(bundle)}.` });
  }
  const seen = new Set<string>();
  const sids = symbols.map((symbol) => {
    if (seen.has(symbol))
      throw new UsageError('DUPLICATE_SYMBOL', { message: `Symbol '${symbol}' is named twice.`, details: { symbol } });
    seen.add(symbol);
    const sid = sidOf(bundle, symbol, start);
    if (possible.some((group) => listingIn(group, sid) !== undefined)) return sid!;
    throw new UsageError('UNKNOWN_SYMBOL', {
      message:
        sid !== undefined
          ? `'${bundle.name}' has no ${frequency} bars of '${symbol}', but of other lengths. Choose symbols that have them, or make them: hindcast bundles resample`
          : `'${bundle.name}' has no symbol '${symbol}'.${didYouMean(
              symbol,
              bundle.assets.map((asset) => asset.symbol),
            )}`,
      details: { symbol, bundle: bundle.name },
    });
  });
  const groups = groupsWith(possible, sids);
  if (groups === undefined) {
    const lengths = symbols.map((symbol, k) => {
      const known = possible.filter((group) => listingIn(group, sids[k]) !== undefined);
      return `${symbol} (${known.map((group) => group.frequency).join(', ')})`;
    });
    throw new UsageError('MIXED_TIME_AXES', {
      message: `No length of bars is there for all of ${lengths.join(' and ')}. Choose symbols of one with --symbols, or make it: hindcast bundles resample`,
    });
  }
  const places = groups.map((group) => bundle.groups.indexOf(group));
  const axis = joinedGroup(bundle, places);
  const listings = sids.map((sid) => listingIn(axis, sid)!);
  const { asset } = listings[0]!;
  const foreign = listings.find((listing) => listing.asset.currency !== asset.currency)?.asset;
  if (foreign !== undefined) {
    throw new UsageError('MIXED_CURRENCIES', {
      message:
        `${asset.symbol} is quoted in ${asset.currency} and ${foreign.symbol} in ${foreign.currency}; an account has one currency. ` +
        'Choose symbols of one with --symbols.',
      details: { symbols: [asset.symbol, foreign.symbol], currencies: [asset.currency, foreign.currency] },
    });
  }
  return { groups: places, axis, listings };
}

/** The asset whose own symbol it is; else the one that had the ticker when the run begins. */
const sidOf = ({ assets }: Bundle, symbol: string, start: number | undefined): Sid | undefined =>
  (assets.find((asset) => asset.symbol === symbol) ?? findAsset(assets, symbol, start))?.sid;

/** Returns the group that has all assets, else the fewest first ones of the shortest length that together have them; undefined where no length does. */
function groupsWith(possible: readonly BarGroup[], sids: readonly Sid[]): readonly BarGroup[] | undefined {
  const common = possible.find((group) => sids.every((sid) => listingIn(group, sid) !== undefined));
  if (common !== undefined) return [common];
  for (const frequency of FREQUENCIES) {
    const ofLength = possible.filter((group) => group.frequency === frequency);
    const homes = sids.map((sid) => ofLength.find((group) => listingIn(group, sid) !== undefined));
    if (homes.every((home) => home !== undefined)) return ofLength.filter((group) => homes.includes(group));
  }
  return undefined;
}

/**
 * Returns what a unit of any symbol of the bundle is worth over the rows of a view to somebody who keeps what splits and dividends bring: at each row the last close that is known when the row
 * is, restated as of the last of the rows, in memory of its own. The symbol may have a calendar of its own; while the first of its bars is not over, its opening counts. A missing bar repeats
 * the close before it. Throws UsageError for an unknown symbol, or one whose bars begin after the first row, or end before the last.
 */
export function benchmarkCloses({ bundle, group, from, to }: MarketView, symbol: string): Float64Array {
  const { axis, listings } = listingsOf(bundle, [symbol], group.frequency, undefined);
  const listing = listings[0]!;
  const { first, end } = listing;
  const until = group.closes[to - 1]!;
  const known = closedBy(axis, until);
  const hasBegun = axis.opens[first]! < group.closes[from]!;
  if (!hasBegun || end < known || (known === axis.length && hasClosedSince(axis, until))) {
    throw new UsageError('BENCHMARK_DOES_NOT_COVER', {
      message: `Benchmark '${symbol}' has no bars on some of the run's; choose another symbol, or dates that it covers.`,
      details: { symbol },
    });
  }
  const schedule = adjustmentSchedule(listing, axis, bundle.splits, bundle.dividends);
  const length = Math.max(1, known - first);
  const restated = (field: Field, rows: number): Float64Array => {
    const worth = new Float64Array(rows);
    restate(listing.column(field), schedule, 'price', length - 1, 0, rows, worth);
    return worth;
  };
  const opening = restated('open', 1)[0]!;
  const closes = carried(restated('close', length) as unknown as ReadonlyFloat64Array);
  const asOf = new Float64Array(to - from);
  let next = first;
  for (let row = from; row < to; row++) {
    while (next < known && axis.closes[next]! <= group.closes[row]!) next++;
    asOf[row - from] = next === first ? opening : closes[next - first - 1]!;
  }
  return asOf;
}

/** Whether a venue has held a session after the last bar of its axis that was over by an instant. */
function hasClosedSince(axis: BarGroup, instant: number): boolean {
  const next = sessionAfter(axis);
  return next !== undefined && calendarOf(axis).sessions(next, next).closes[0]! <= instant;
}

/** Returns the groups of a length. Throws UsageError `UNSUPPORTED_FREQUENCY` when there is none. */
function groupsOf({ name, groups }: Bundle, frequency: Frequency | undefined): readonly BarGroup[] {
  const found = groups.filter((group) => frequency === undefined || group.frequency === frequency);
  if (found.length > 0 || frequency === undefined) return found;
  const known = [...new Set(groups.map((group) => group.frequency))];
  throw new UsageError('UNSUPPORTED_FREQUENCY', {
    message: `'${name}' has no ${frequency} bars, but ${known.join(', ')}. Make longer ones: hindcast bundles resample ${name} --to ${frequency}`,
    details: { bundle: name, frequency, known },
  });
}

const listingIn = ({ listings }: BarGroup, sid: Sid | undefined): Listing | undefined =>
  listings.find(({ asset }) => asset.sid === sid);

const symbolList = (bundle: Bundle): string => bundle.assets.map(({ symbol }) => symbol).join(', ');

function dateOption(name: string, text: string): number {
  try {
    return parseDate(text);
  } catch (cause) {
    throw new UsageError('INVALID_DATE', {
      message: `'${name}' is a date such as 2015-01-31, not '${text}'.`,
      details: { name, text },
      cause,
    });
  }
}

/** The column itself when no bar is missing; else a copy whose gaps repeat the value before them. */
function carried(column: ReadonlyFloat64Array): ReadonlyFloat64Array {
  if (isDense(column)) return column;
  const filled = column.slice() as unknown as Float64Array;
  for (let i = 1; i < filled.length; i++) if (Number.isNaN(filled[i]!)) filled[i] = filled[i - 1]!;
  return filled;
}

function ledgerEvents(bundle: Bundle, times: ReadonlyFloat64Array, listing: Listing): DatedEvent[] {
  const closes = listing.column('close');
  const barAtOrAfter = (instant: number): number => {
    let row = lowerBound(times, instant);
    while (row >= listing.first && row < listing.end && Number.isNaN(closes[row - listing.first]!)) row++;
    return row;
  };
  const inside = (row: number): boolean => row > listing.first && row < listing.end;
  const events: DatedEvent[] = [];
  for (const split of bundle.splits) {
    const row = split.sid === listing.asset.sid ? barAtOrAfter(split.exDate) : -1;
    if (inside(row)) events.push(splitEvent(row, split));
  }
  for (const dividend of bundle.dividends) {
    const row = dividend.sid === listing.asset.sid ? barAtOrAfter(dividend.exDate) : -1;
    if (!inside(row)) continue;
    const pay = dividend.payDate === undefined ? row : Math.max(row, lowerBound(times, dividend.payDate));
    events.push(dividendEvent(row, dividend, pay < times.length ? pay : undefined));
  }
  // Events of several dates meet on one bar where bars are missing: a dividend is paid in the shares of its own date.
  return events.sort(byDate);
}

/** The order of events: by row, then by ex-date; a split before a dividend of its date. */
export const byDate = (a: DatedEvent, b: DatedEvent): number =>
  a.row - b.row || a.exDate - b.exDate || (a.kind === b.kind ? 0 : a.kind === 'split' ? -1 : 1);

/** A split at the opening of an axis row. */
export const splitEvent = (row: number, { exDate, ratio }: Pick<Split, 'exDate' | 'ratio'>): DatedEvent => ({
  kind: 'split',
  row,
  exDate,
  payDate: undefined,
  written: ratio,
  ...parseRatio(ratio),
});

/** A dividend at the opening of an axis row, paid at that of another. */
export function dividendEvent(
  row: number,
  { exDate, payDate, amount }: Pick<Dividend, 'exDate' | 'payDate' | 'amount'>,
  payRow: number | undefined,
): DatedEvent & { readonly kind: 'dividend' } {
  const { numerator, denominator } = parseRatio(amount);
  const decimals = denominator.toString().length - 1;
  return { kind: 'dividend', row, exDate, written: amount, payDate, payRow, mantissa: numerator, decimals };
}

/** Returns an exact decimal ('0.05') or fraction ('1/3') as integers; the denominator of a decimal is a power of ten. */
export function parseRatio(text: string): { readonly numerator: bigint; readonly denominator: bigint } {
  const [over = '', under = '1'] = text.split('/', 2);
  const above = decimalOf(over);
  const below = decimalOf(under);
  return { numerator: above.mantissa * below.scale, denominator: above.scale * below.mantissa };
}

function decimalOf(text: string): { readonly mantissa: bigint; readonly scale: bigint } {
  const [whole = '0', fraction = ''] = text.trim().split('.', 2);
  return { mantissa: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) };
}
