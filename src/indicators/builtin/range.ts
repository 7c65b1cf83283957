/**
 * Returns the true range: the largest of high - low and the distances of both from the close before; NaN without one. Which
 * bits that NaN has is the compiler's choice: callers that hand it on give `Number.NaN`.
 */
export function trueRangeOf(high: number, low: number, previousClose: number): number {
  return Math.max(high - low, Math.abs(high - previousClose), Math.abs(low - previousClose));
}

/** Returns the mean of high, low and close. */
export function typicalPriceOf(high: number, low: number, close: number): number {
  return (high + low + close) / 3;
}

/** Returns where the close lies in the bar's range, from -1 at the low to 1 at the high; 0 for a bar without a range. */
export function closeLocation(high: number, low: number, close: number): number {
  return high === low ? 0 : (close - low - (high - close)) / (high - low);
}
