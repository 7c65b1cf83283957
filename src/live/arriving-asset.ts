import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { didYouMean } from '../core/suggest.js';
import { type AdjustmentSchedule, EventFactors } from '../data/adjustments.js';
import type { Listing } from '../data/bundle.js';
import { GrowingColumn } from '../data/growing-column.js';
import { type AssetView, type DatedEvent, STILL_LISTED } from '../engine/market-view.js';
import type { Asset } from '../market/asset.js';
import { FIELDS } from '../market/bars.js';
import type { BarEvent } from './feed.js';

class ArrivingListing implements Listing {
  readonly asset: Asset;
  readonly first = 0;
  end = STILL_LISTED;
  readonly fields: readonly string[];
  readonly #columns: ReadonlyMap<string, ReadonlyFloat64Array>;

  constructor(asset: Asset, columns: ReadonlyMap<string, ReadonlyFloat64Array>) {
    this.asset = asset;
    this.fields = [...columns.keys()];
    this.#columns = columns;
  }

  column(field: string): ReadonlyFloat64Array {
    const column = this.#columns.get(field);
    if (column === undefined) {
      throw new UsageError('FIELD_UNKNOWN', {
        message: `${this.asset.symbol} has no column '${field}'.${didYouMean(field, this.fields)}`,
        details: { field, known: this.fields },
      });
    }
    return column;
  }

  view(field: string, from: number, to: number): ReadonlyFloat64Array {
    return this.column(field).slice(from, to);
  }
}

/** One asset of an arriving market. */
export class ArrivingAsset implements AssetView {
  readonly asset: Asset;
  readonly key: string;
  readonly listing: ArrivingListing;
  readonly marks: ReadonlyFloat64Array;
  readonly schedule: AdjustmentSchedule;
  readonly events: DatedEvent[] = [];
  /** Axis row of the first bar; undefined until the asset is listed. */
  listedFrom: number | undefined = undefined;
  readonly #columns = new Map<string, GrowingColumn>();
  readonly #marks: GrowingColumn;
  readonly #rows: GrowingColumn<Int32Array>;
  readonly #prices: GrowingColumn;
  readonly #volumes: GrowingColumn;

  constructor(asset: Asset, others: readonly string[], capacity: number) {
    this.asset = asset;
    this.key = `arriving/${asset.sid}`;
    for (const field of [...FIELDS, ...others]) this.#columns.set(field, GrowingColumn.ofDoubles(capacity));
    this.listing = new ArrivingListing(
      asset,
      new Map([...this.#columns].map(([field, { values }]) => [field, values] as const)),
    );
    this.#marks = GrowingColumn.ofDoubles(capacity);
    this.marks = this.#marks.values;
    this.#rows = GrowingColumn.ofIntegers(capacity);
    this.#prices = GrowingColumn.ofDoubles(capacity);
    this.#volumes = GrowingColumn.ofDoubles(capacity);
    this.schedule = {
      rows: this.#rows.values,
      priceFactors: this.#prices.values,
      volumeFactors: this.#volumes.values,
    };
  }

  list(row: number): void {
    this.listedFrom ??= row;
  }

  delist(row: number): void {
    this.listing.end = row;
  }

  /** Takes the events of a row, in their order. */
  apply(events: readonly DatedEvent[], row: number): void {
    if (events.length === 0) return;
    this.events.push(...events);
    const before = this.marks[row - 1] ?? Number.NaN;
    const factors = new EventFactors(before, this.asset.symbol);
    for (const { kind, written, exDate } of events) {
      if (kind === 'split') factors.split(written);
      else factors.dividend(written, exDate);
    }
    if (Number.isNaN(before)) return;
    this.#rows.push(row);
    this.#prices.push(factors.price);
    this.#volumes.push(factors.volume);
  }

  /** Appends a bar; undefined where the asset did not trade. */
  push(bar: BarEvent | undefined): void {
    for (const [field, column] of this.#columns) column.push(fieldOf(bar, field));
    const close = bar?.close ?? Number.NaN;
    const last = this.marks[this.marks.length - 1] ?? Number.NaN;
    this.#marks.push(Number.isNaN(close) ? last : close);
  }
}

function fieldOf(bar: BarEvent | undefined, field: string): number {
  if (bar === undefined) return Number.NaN;
  const isOwn = (FIELDS as readonly string[]).includes(field);
  return (isOwn ? bar[field as (typeof FIELDS)[number]] : bar.others?.[field]) ?? Number.NaN;
}
