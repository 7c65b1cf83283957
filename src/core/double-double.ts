/** 2 ** 27 + 1 splits a double into two halves of 26 bits. */
export const SPLITTER = 134_217_729;

/**
 * Returns `x * y - product` exactly, where `product` is the rounded `x * y` (Dekker 1971, with Veltkamp's splitting).
 * The caller keeps factors and product between 1e-140 and 1e290, or zero.
 */
export function productError(x: number, y: number, product: number): number {
  const scaledX = x * SPLITTER;
  const xHigh = scaledX - (scaledX - x);
  const xLow = x - xHigh;
  const scaledY = y * SPLITTER;
  const yHigh = scaledY - (scaledY - y);
  const yLow = y - yHigh;
  return xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow);
}

/** Returns `x + y - sum` exactly, where `sum` is the rounded `x + y` (Knuth). */
export function sumError(x: number, y: number, sum: number): number {
  const fromY = sum - x;
  return x - (sum - fromY) + (y - fromY);
}
