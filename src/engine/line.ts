import { parseScaled } from '../core/decimal-text.js';
import { Rounding } from '../core/scaled-integer.js';
import type { SlippageModel } from '../execution/slippage/slippage.js';
import type { Account, AssetScales } from '../portfolio/account.js';
import { PositionBook } from '../portfolio/book.js';
import type { FillRule } from './fill-rule.js';
import type { AssetView } from './market-view.js';

/** One asset as the broker trades it. */
export interface Line {
  readonly view: AssetView;
  readonly book: PositionBook;
  readonly scales: AssetScales;
  /** Prices that orders fill at, in listing rows. */
  readonly prices: { readonly [row: number]: number; readonly length: number };
  readonly first: number;
  /** Ticks of the asset's own decimals in one unit of price. */
  readonly tickScale: number;
  /** The same of a fill's price, which slippage may have made finer. */
  readonly fillScale: number;
  /** Money per unit and point of price. */
  readonly multiplier: number;
}

/** Returns the line of an asset at a place among those of its account. @param wholeUnit the step of an order given in money, in quantity decimals; 1 for the smallest there is */
export function lineOf(
  view: AssetView,
  index: number,
  { fill, slippage, account }: { readonly fill: FillRule; readonly slippage: SlippageModel; readonly account: Account },
  wholeUnit: number,
): Line {
  const { asset, listing } = view;
  const multiplier = decimalParts(asset.multiplier);
  const { quantity } = account.scales;
  const lot = Math.max(1, Number(parseScaled(String(asset.lot), quantity, Rounding.HalfEven, 'The lot')));
  return {
    view,
    book: new PositionBook(asset, index),
    scales: {
      price: asset.priceDecimals + slippage.extraDecimals,
      multiplier,
      point: asset.multiplier,
      lot,
      step: wholeUnit === 1 ? 1 : Math.max(lot, wholeUnit),
    },
    prices: listing.column(fill === 'next-open' ? 'open' : 'close'),
    first: listing.first,
    tickScale: 10 ** asset.priceDecimals,
    fillScale: 10 ** (asset.priceDecimals + slippage.extraDecimals),
    multiplier: asset.multiplier,
  };
}

/** What a position is worth per point of price. */
export const unitsOf = ({ book, multiplier }: Line): number => book.held * multiplier;

/** The price of an axis row at which a line fills; NaN where it has none. */
export function quoteOf({ prices, first }: Line, row: number): number {
  const at = row - first;
  return at >= 0 && at < prices.length ? prices[at]! : Number.NaN;
}

/** A number as the decimal it prints, in integers. */
function decimalParts(value: number): { readonly mantissa: number; readonly decimals: number } {
  const [digits = '', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = digits.split('.', 2);
  const decimals = fraction.length - Number(exponent);
  const mantissa = Number(whole + fraction);
  return decimals >= 0 ? { mantissa, decimals } : { mantissa: mantissa * 10 ** -decimals, decimals: 0 };
}
