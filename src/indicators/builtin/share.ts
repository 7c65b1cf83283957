/** Returns `part / whole` in per cent, or `otherwise` where the whole is 0. */
export function percentOf(part: number, whole: number, otherwise = 0): number {
  return whole === 0 ? otherwise : 100 * (part / whole);
}

/** Returns the change from `past` to `value` in per cent of `past`; 0 from 0. */
export function percentChange(value: number, past: number): number {
  return past === 0 ? 0 : 100 * (value / past - 1);
}
