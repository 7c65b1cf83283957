/** Most digits with which a decimal survives a float64. */
export const EXACT_DIGITS = 15;

/** Powers of ten by exponent, written out: the language does not fix the last digit of computed ones. */
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/** Integers up to it have at most {@link EXACT_DIGITS} digits, which is what a float64 tells apart whatever its decimals. */
const EXACT_LIMIT = 1e15;

/** Returns ten to a power of 0 to {@link EXACT_DIGITS}. */
export const powerOfTen = (exponent: number): number => POWERS[exponent]!;

/** Whether the value is the double of a decimal with at most that many decimals, 0 to 15, and 15 digits, or a safe integer. */
export function isExactDecimal(value: number, decimals: number): boolean {
  const power = POWERS[decimals]!;
  const scaled = Math.round(value * power);
  return scaled / power === value && Math.abs(scaled) <= (decimals === 0 ? Number.MAX_SAFE_INTEGER : EXACT_LIMIT);
}

/** Whether a decimal's integer at that many decimals is one that a float64 tells from its neighbours. */
export function hasExactDigits(value: number, decimals: number): boolean {
  const limit = decimals === 0 ? Number.MAX_SAFE_INTEGER : EXACT_LIMIT;
  return Math.abs(value) * POWERS[decimals]! <= limit;
}
