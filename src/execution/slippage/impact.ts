/** Decimals that a price moved by a computed share has beyond the asset's own. */
export const IMPACT_DECIMALS = 6;

const UNIT = 10 ** IMPACT_DECIMALS;

/**
 * Returns `ticks * (1 +- share)` with {@link IMPACT_DECIMALS} more decimals, rounded to the nearest; the smallest price that can be
 * written when a sale would be given away.
 */
export function impactedPrice(side: 1 | -1, ticks: number, share: number): number {
  return Math.max(1, ticks * UNIT + side * Math.round(ticks * UNIT * share));
}
