import type { EpochMs } from '../core/brand.js';
import { DataError, UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { didYouMean } from '../core/suggest.js';
import { formatInstant } from '../core/time.js';
import type { BarGroup, Listing } from '../data/bundle.js';
import { GrowingColumn } from '../data/growing-column.js';
import {
  byDate,
  type DatedEvent,
  dividendEvent,
  type LongerSource,
  type RunView,
  splitEvent,
} from '../engine/market-view.js';
import type { SimulatedBroker } from '../engine/simulated-broker.js';
import type { Asset } from '../market/asset.js';
import { INTRADAY_MS } from '../market/bar-axis.js';
import type { Frequency } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';
import { calendarOf } from '../market/session-axis.js';
import { ArrivingAsset } from './arriving-asset.js';
import type { BarEvent, Feed, FeedEvent } from './feed.js';

/** Bars that there is room for: more than a century of days, and three decades of minutes around the clock. */
export function capacityOf(frequency: Frequency): number {
  const minutes = (INTRADAY_MS[frequency] ?? 0) / 60_000;
  return minutes === 0 ? 2 ** 16 : Math.ceil(2 ** 24 / minutes);
}

/** An event of an asset that the feed has told of; the place is the asset's in the market. */
export interface ArrivedEvent {
  readonly place: number;
  readonly event: DatedEvent | { readonly kind: 'end'; readonly row: number };
}

/**
 * A market as far as it has arrived: the view of a run whose columns grow. All columns begin at axis row 0 and have a row for every
 * complete bar of the axis, NaN where the asset did not trade. What lies behind the last complete bar is not in memory.
 */
export class ArrivingMarket implements RunView {
  readonly group: ArrivingGroup;
  readonly assets: readonly ArrivingAsset[];
  readonly longer: LongerSource | undefined;
  /** First axis row of the run. */
  from = 0;
  /** Complete bars of the axis. */
  to = 0;
  readonly #bySymbol = new Map<string, ArrivingAsset>();
  readonly #bars = new Map<string, BarEvent>();
  #news: Extract<FeedEvent, { kind: 'split' | 'dividend' }>[] = [];
  readonly #unpaid: UnpaidDividend[] = [];

  constructor(feed: Feed, symbols: readonly string[] | undefined = undefined) {
    const { frequency, assets, columns = {} } = feed;
    this.longer = feed.longer;
    const capacity = capacityOf(frequency);
    const chosen = symbols === undefined ? assets : symbols.map((symbol) => assetNamed(symbol, assets));
    this.assets = chosen.map((asset) => new ArrivingAsset(asset, columns[asset.symbol] ?? [], capacity));
    for (const view of this.assets) this.#bySymbol.set(view.asset.symbol, view);
    this.group = new ArrivingGroup(
      feed,
      this.assets.map(({ listing }) => listing),
      capacity,
    );
  }

  /** The axis row that is open or complete: the last that is known of. */
  get row(): number {
    return this.group.length - 1;
  }

  /** Whether any asset trades or has traded. */
  get isListed(): boolean {
    return this.assets.some(({ listedFrom }) => listedFrom !== undefined);
  }

  /** Takes a message of the feed; bars are kept back until {@link complete}. Throws DataError `FEED_OUT_OF_ORDER`. */
  hear(event: FeedEvent): void {
    switch (event.kind) {
      case 'listed':
        this.#assetOf(event.symbol)?.list(this.group.length);
        break;
      case 'delisted':
        this.#assetOf(event.symbol)?.delist(this.group.length);
        break;
      case 'opening':
        if (
          this.to !== this.group.length ||
          !(event.label > (this.group.times[this.row] ?? Number.NEGATIVE_INFINITY))
        ) {
          throw outOfOrder(event, this.group.times[this.row]);
        }
        this.group.open(event);
        this.#findPayments();
        break;
      case 'split':
      case 'dividend':
        this.#expectOpen(event);
        if (this.#assetOf(event.symbol) !== undefined) this.#news.push(event);
        break;
      case 'bar':
        this.#expectOpen(event);
        if (event.label !== this.group.times[this.row]) throw outOfOrder(event, this.group.times[this.row]);
        if (this.#assetOf(event.symbol) !== undefined) this.#bars.set(event.symbol, event);
        break;
      case 'arrived':
        this.#expectOpen(event);
        break;
      case 'complete':
        break;
      case 'closed':
        if (this.to !== this.group.length) throw outOfOrder(event, this.group.times[this.row]);
        break;
    }
  }

  /** Returns what has become of holdings at the opening of the present row, and restates history by it. */
  takeEvents(): ArrivedEvent[] {
    const { row } = this;
    const label = this.group.times[row]!;
    const news = this.#news;
    this.#news = [];
    return this.assets.flatMap((view, place): ArrivedEvent[] => {
      const own = news.filter(({ symbol }) => symbol === view.asset.symbol);
      const events = own.map((told): DatedEvent => {
        const exDate = told.exDate as EpochMs;
        if (told.kind === 'split') return splitEvent(row, { exDate, ratio: told.ratio });
        const payDate = told.payDate as EpochMs | undefined;
        const paysNow = payDate === undefined || payDate <= label;
        const event = dividendEvent(row, { exDate, payDate, amount: told.amount }, paysNow ? row : undefined);
        if (!paysNow) this.#unpaid.push(event);
        return event;
      });
      view.apply(events.sort(byDate), row);
      const arrived: ArrivedEvent[] = events.map((event) => ({ place, event }));
      if (view.listing.end === row) arrived.push({ place, event: { kind: 'end', row } });
      return arrived;
    });
  }

  /** The bars of the present row become known. Throws DataError `FEED_OUT_OF_ORDER` where none is open. */
  complete(): void {
    this.#expectOpen({ kind: 'complete', label: Number.NaN });
    for (const view of this.assets) view.push(this.#bars.get(view.asset.symbol));
    this.#bars.clear();
    this.to = this.group.length;
  }

  #findPayments(): void {
    const { row } = this;
    const label = this.group.times[row]!;
    for (let i = this.#unpaid.length - 1; i >= 0; i--) {
      const dividend = this.#unpaid[i]!;
      if (dividend.payDate! > label) continue;
      dividend.payRow = row;
      this.#unpaid.splice(i, 1);
    }
  }

  #expectOpen(event: FeedEvent): void {
    if (this.to === this.group.length) throw outOfOrder(event, this.group.times[this.row]);
  }

  /** Feeds may tell of more assets than a run trades. */
  #assetOf(symbol: string): ArrivingAsset | undefined {
    return this.#bySymbol.get(symbol);
  }
}

/** Tells an account of the events of its assets, in the order of its lines. */
export function enterEvents(broker: SimulatedBroker, events: readonly ArrivedEvent[], market: ArrivingMarket): void {
  for (const { place, event } of events) {
    const line = broker.lineOf(market.assets[place]!.asset);
    if (line >= 0) broker.addEvent(line, event);
  }
  broker.lookForEvents();
}

type UnpaidDividend = ReturnType<typeof dividendEvent> & { payRow: number | undefined };

class ArrivingGroup implements BarGroup {
  readonly grows = true;
  readonly calendar: string;
  readonly venue: Calendar;
  readonly frequency: Frequency;
  readonly listings: readonly Listing[];
  readonly times: ReadonlyFloat64Array;
  readonly opens: ReadonlyFloat64Array;
  readonly closes: ReadonlyFloat64Array;
  readonly #columns: readonly [GrowingColumn, GrowingColumn, GrowingColumn];

  constructor({ calendar, venue, frequency }: Feed, listings: readonly Listing[], capacity: number) {
    this.calendar = calendar;
    this.venue = venue ?? calendarOf({ calendar });
    this.frequency = frequency;
    this.listings = listings;
    this.#columns = [
      GrowingColumn.ofDoubles(capacity),
      GrowingColumn.ofDoubles(capacity),
      GrowingColumn.ofDoubles(capacity),
    ];
    this.times = this.#columns[0].values;
    this.opens = this.#columns[1].values;
    this.closes = this.#columns[2].values;
  }

  get length(): number {
    return this.times.length;
  }

  open({ label, opens, closes }: Extract<FeedEvent, { kind: 'opening' }>): void {
    this.#columns[0].push(label);
    this.#columns[1].push(opens);
    this.#columns[2].push(closes);
  }
}

function assetNamed(symbol: string, assets: readonly Asset[]): Asset {
  const asset = assets.find((candidate) => candidate.symbol === symbol);
  if (asset !== undefined) return asset;
  const known = assets.map((candidate) => candidate.symbol);
  throw new UsageError('UNKNOWN_SYMBOL', {
    message: `The feed has no symbol '${symbol}'.${didYouMean(symbol, known)}`,
    details: { symbol, known },
  });
}

function outOfOrder({ kind }: FeedEvent, label: number | undefined): DataError {
  const after = label === undefined ? 'before any bar opened' : `at the bar of ${formatInstant(label)}`;
  return new DataError('FEED_OUT_OF_ORDER', {
    message: `The feed told of '${kind}' out of order, ${after}. A bar opens, its bars arrive, it is complete and closed; labels ascend.`,
    details: { kind, label },
  });
}
