import type { AssetScales } from '../portfolio/account.js';

/**
 * Returns a fill price of more digits than an exact number holds as one of as many as it does, in fewer decimals.
 *
 * @param up whether it is rounded up, else down
 */
export function coarser(
  ticks: number,
  scales: AssetScales,
  up: boolean,
): { readonly ticks: number; readonly scales: AssetScales } {
  let dropped = 0;
  while (ticks / 10 ** dropped > Number.MAX_SAFE_INTEGER) dropped++;
  const rounded = ticks / 10 ** dropped;
  return {
    ticks: up ? Math.ceil(rounded) : Math.floor(rounded),
    scales: { ...scales, price: scales.price - dropped },
  };
}
