import { asEpochMs } from '../core/brand.js';
import { toDecimal } from '../core/decimal.js';
import type { FillRule } from './fill-rule.js';
import type { RunView } from './market-view.js';
import { exactPrice, fillsAtOpening, type OrderStream } from './order-stream.js';
import type { FillRecord } from './result.js';
import { MONEY_DECIMALS } from './run-options.js';

/** Returns what lists the fills of a run, whatever becomes of its bundle; `stream` is the list's own. */
export function fillLister(
  stream: OrderStream,
  run: { readonly view: RunView; readonly rule: FillRule; readonly quantityDecimals: number },
): () => FillRecord[] {
  const { opens, closes } = run.view.group;
  const assets = new Map(run.view.assets.map(({ asset }) => [asset.sid as number, asset]));
  const instants = stream.mapFills((_record, kind, row) =>
    asEpochMs((fillsAtOpening(kind, run.rule) ? opens : closes)[row]!),
  );
  return () =>
    stream.mapFills((record, _kind, _row, sid, index): FillRecord => {
      let exact: FillRecord['exact'] | undefined;
      return {
        asset: assets.get(sid)!,
        time: instants[index]!,
        quantity: stream.quantityOf(record, run.quantityDecimals),
        price: stream.priceOf(record),
        tag: stream.tagOf(record),
        // Three decimals are most of the time of a fill: made when they are asked for.
        get exact() {
          exact ??= exactFill(stream, record, run.quantityDecimals);
          return exact;
        },
      };
    });
}

function exactFill(stream: OrderStream, record: number, quantityDecimals: number): FillRecord['exact'] {
  const { quantity, ticks, priceDecimals, fee } = stream.read(record);
  return {
    quantity: toDecimal(quantity, quantityDecimals),
    price: exactPrice(ticks, priceDecimals),
    fee: toDecimal(fee, MONEY_DECIMALS),
  };
}
