import type { MarketMoment } from './slippage.js';

/**
 * Returns a slipped price that stays within the bar's high and low, and is no better than the quoted one.
 *
 * @param ticks quoted price, an integer at the asset's decimals
 * @param price slipped price, in `unit` parts of a tick
 */
export function withinBar(
  side: 1 | -1,
  ticks: number,
  price: number,
  unit: number,
  { high, low }: MarketMoment,
): number {
  const quoted = ticks * unit;
  return side > 0 ? Math.max(quoted, Math.min(price, high * unit)) : Math.min(quoted, Math.max(price, low * unit));
}
