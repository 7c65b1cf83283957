import { asEpochMs, type EpochMs } from '../core/brand.js';
import { toDecimal } from '../core/decimal.js';
import type { Asset } from '../market/asset.js';
import type { FillRule } from './fill-rule.js';
import { instantsOf } from './home-axis.js';
import type { RunView } from './market-view.js';
import { exactPrice, type OrderStream } from './order-stream.js';
import type { FillRecord } from './result.js';
import { MONEY_DECIMALS } from './run-options.js';

/** Returns what lists the fills of a run, whatever becomes of its bundle; `stream` is the list's own. */
export function fillLister(
  stream: OrderStream,
  run: { readonly view: RunView; readonly rule: FillRule; readonly quantityDecimals: number },
): () => FillRecord[] {
  const assets = new Map(run.view.assets.map(({ asset }) => [asset.sid as number, asset]));
  const instants = stream.fillInstants(run.rule, instantsOf(run.view));
  return () =>
    stream.mapFills(
      (record, _row, sid, index) =>
        new ListedFill(assets.get(sid)!, asEpochMs(instants[index]!), stream, record, run.quantityDecimals),
    );
}

/** Returns the axis row of a fill that a result lists: where one bar closes as the next one opens, its instant does not say. */
export const rowOfFill = (fill: FillRecord): number => ListedFill.rowOf(fill as ListedFill);

/**
 * A fill of a list. Three decimals are most of the time of a fill: they are made when they are asked for, by a getter that all fills share, for with one of
 * its own each object becomes a dictionary (10 to 20 times as slow to make, four times as large). It is the object's own property all the same, so that
 * copies and documents have it.
 */
class ListedFill implements FillRecord {
  readonly asset: Asset;
  readonly time: EpochMs;
  readonly quantity: number;
  readonly price: number;
  readonly tag: string | undefined;
  declare readonly exact: FillRecord['exact'];
  readonly #stream: OrderStream;
  readonly #record: number;
  readonly #quantityDecimals: number;
  #exact: FillRecord['exact'] | undefined;

  static readonly #sharedExact = {
    enumerable: true,
    get(this: ListedFill): FillRecord['exact'] {
      this.#exact ??= exactFill(this.#stream, this.#record, this.#quantityDecimals);
      return this.#exact;
    },
  };

  constructor(asset: Asset, time: EpochMs, stream: OrderStream, record: number, quantityDecimals: number) {
    this.asset = asset;
    this.time = time;
    this.quantity = stream.quantityOf(record, quantityDecimals);
    this.price = stream.priceOf(record);
    this.tag = stream.tagOf(record);
    this.#stream = stream;
    this.#record = record;
    this.#quantityDecimals = quantityDecimals;
    Object.defineProperty(this, 'exact', ListedFill.#sharedExact);
  }

  static rowOf(fill: ListedFill): number {
    return fill.#stream.read(fill.#record).row;
  }
}

function exactFill(stream: OrderStream, record: number, quantityDecimals: number): FillRecord['exact'] {
  const { quantity, ticks, priceDecimals, fee } = stream.read(record);
  return {
    quantity: toDecimal(quantity, quantityDecimals),
    price: exactPrice(ticks, priceDecimals),
    fee: toDecimal(fee, MONEY_DECIMALS),
  };
}
