import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Bundle, Listing } from '../data/bundle.js';
import { type AssetView, type DatedEvent, type LongerSource, type MarketView, viewOf } from '../engine/market-view.js';
import type { Asset } from '../market/asset.js';
import { FIELDS, type Frequency } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';
import { calendarOf } from '../market/session-axis.js';
import type { BarEvent, Feed, FeedEvent } from './feed.js';

/** What of a bundle to replay. */
export interface RecordedFeedOptions {
  /** @defaultValue all symbols of the bundle, in its order */
  readonly symbols?: readonly string[];
  /** Last date, inclusive, YYYY-MM-DD. @defaultValue the last bar of any symbol */
  readonly end?: string;
  /** Length of the bars, where the bundle has several. @defaultValue the shortest that all of the symbols have */
  readonly frequency?: Frequency;
}

/**
 * Replays a bundle bar by bar, from the first row of its time axis: what was recorded arrives in the order in which it became known.
 * The bundle stays its owner's and open until the feed has been read. Throws UsageError as a backtest over the same symbols and dates does, and `MIXED_TIME_AXES` for symbols of several calendars.
 */
export class RecordedFeed implements Feed {
  readonly calendar: string;
  readonly venue: Calendar;
  readonly longer: LongerSource | undefined;
  readonly frequency: Frequency;
  readonly assets: readonly Asset[];
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly #view: MarketView;

  constructor(bundle: Bundle, options: RecordedFeedOptions = {}) {
    rejectUnknownKeys('the recorded feed', options, ['symbols', 'end', 'frequency']);
    this.#view = viewOf(bundle, { symbols: options.symbols, end: options.end, frequency: options.frequency });
    const { group, assets } = this.#view;
    if (group.isJoined === true) {
      throw new UsageError('MIXED_TIME_AXES', {
        message: `A feed has one calendar, and these symbols have ${group.calendar.replaceAll('+', ' and ')}. Choose symbols of one with 'symbols'.`,
        details: { calendar: group.calendar },
      });
    }
    this.calendar = group.calendar;
    this.venue = calendarOf(group);
    this.longer = this.#view.longer;
    this.frequency = group.frequency;
    this.assets = assets.map(({ asset }) => asset);
    this.columns = Object.fromEntries(assets.map(({ asset, listing }) => [asset.symbol, namedColumns(listing)]));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<FeedEvent> {
    const { group, assets, to } = this.#view;
    const { times, opens, closes } = group;
    for (let row = 0; row < to; row++) {
      const label = times[row]!;
      for (const { asset, listing } of assets) {
        if (row === listing.first) yield { kind: 'listed', symbol: asset.symbol };
        if (row === listing.end) yield { kind: 'delisted', symbol: asset.symbol };
      }
      yield { kind: 'opening', label, opens: opens[row]!, closes: closes[row]! };
      for (const view of assets) yield* eventsAt(view, row);
      for (const { listing } of assets) {
        const bar = barAt(listing, row, label);
        if (bar !== undefined) yield bar;
      }
      yield { kind: 'arrived', label };
      yield { kind: 'complete', label };
      yield { kind: 'closed', label };
    }
  }
}

const namedColumns = ({ fields }: Listing): string[] =>
  fields.filter((field) => !(FIELDS as readonly string[]).includes(field));

function eventsAt({ asset: { symbol }, events }: AssetView, row: number): FeedEvent[] {
  return events.filter((event) => event.row === row).map((event) => eventOf(symbol, event));
}

function eventOf(symbol: string, event: DatedEvent): FeedEvent {
  const { kind, exDate, written } = event;
  return kind === 'split'
    ? { kind, symbol, exDate, ratio: written }
    : { kind, symbol, exDate, payDate: event.payDate, amount: written };
}

/** The bar of an axis row; undefined where the asset did not trade. */
function barAt(listing: Listing, row: number, label: number): BarEvent | undefined {
  const at = row - listing.first;
  if (row < listing.first || row >= listing.end || Number.isNaN(listing.column('close')[at]!)) return undefined;
  const value = (field: string): number => listing.column(field)[at]!;
  const others = namedColumns(listing);
  return {
    kind: 'bar',
    symbol: listing.asset.symbol,
    label,
    open: value('open'),
    high: value('high'),
    low: value('low'),
    close: value('close'),
    volume: value('volume'),
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others.map((name) => [name, value(name)])) }),
  };
}
