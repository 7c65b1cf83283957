/** Share of a tick from which on a price is rounded to its far side: what is so near was meant to be there. */
const FAR_SHARE = 0.95;

/** How far a price may miss a tick by the digits of a double alone. */
const NOISE = 1e-9;

/**
 * Returns a price as a multiple of the tick, rounded in the favour of the trader as zipline does: the limit of a buy and the stop of a sale
 * down unless the price lies within a twentieth of the next tick, the others up unless it lies within a twentieth of the one below.
 *
 * @param price in the smallest unit of the asset's decimals, not yet whole
 * @param tick the asset's tick in the same unit, at least 1
 * @param down whether the favour of the trader is a lower price
 */
export function roundToTick(price: number, tick: number, down: boolean): number {
  const ticks = price / tick;
  const below = Math.floor(ticks);
  const rest = ticks - below;
  if (down) return (rest >= FAR_SHARE - NOISE ? below + 1 : below) * tick;
  return (rest <= 1 - FAR_SHARE + NOISE ? below : below + 1) * tick;
}
