import { Decimal as BaseDecimal } from 'decimal.js';
import { parseScaled } from './decimal-text.js';
import { UsageError } from './errors.js';
import { POWERS, Rounding, ScaledInteger } from './scaled-integer.js';

/**
 * decimal.js at 64 significant digits, rounding half-even, printed without exponents from 1e-30 up to 1e50.
 * A class of its own: settings that a strategy makes on its copy of decimal.js do not reach it.
 */
export const Decimal = BaseDecimal.clone({
  precision: 64,
  rounding: BaseDecimal.ROUND_HALF_EVEN,
  toExpNeg: -31,
  toExpPos: 51,
});

/** An exact decimal as values leave: see the constant of this name. */
export type Decimal = BaseDecimal;

/** An amount as it enters. A number is taken as the decimal it prints; a string or Decimal is exact as written. */
export type Amount = number | string | Decimal;

/**
 * Returns a new register with an amount at a scale.
 *
 * @param decimals decimals of the register, 0 to 22
 * @param rounding what happens to digits beyond them; `'exact'` refuses them
 * @param what names the amount in the error, `cash` for example
 * @throws UsageError `NOT_A_DECIMAL` for NaN, infinities, empty or unreadable text and other types; `DECIMALS_DO_NOT_FIT`
 */
export function toScaled(amount: Amount, decimals: number, rounding: Rounding | 'exact', what: string): ScaledInteger {
  if (typeof amount === 'number' && decimals < POWERS.length) {
    if (Number.isSafeInteger(amount)) {
      const whole = new ScaledInteger(amount);
      return whole.setProduct(whole, POWERS[decimals]!, 0, Rounding.Down);
    }
    const scaled = scaledDouble(amount, POWERS[decimals]!, rounding);
    if (scaled !== undefined) return new ScaledInteger(scaled);
  }
  if (typeof amount !== 'number' && typeof amount !== 'string' && !BaseDecimal.isDecimal(amount)) {
    throw new UsageError('NOT_A_DECIMAL', {
      message: `${what} must be a number, a decimal string or a Decimal, but is ${describe(amount)}.`,
      details: { what, value: describe(amount) },
    });
  }
  return new ScaledInteger().setBigInt(parseScaled(String(amount), decimals, rounding, what));
}

/** A decimal of at most 15 digits is the only one of so many that its double stands for, and so the one that it prints. */
const DIGITS_MAX = 1e15;
/** More than the product of a number and a power of ten can miss that of the decimal which the number prints, as a share. */
const MISS = 1e-15;

/** The integer `value * unit` of the decimal that a number prints, where a double's digits leave no doubt of it. */
function scaledDouble(value: number, unit: number, rounding: Rounding | 'exact'): number | undefined {
  const product = value * unit;
  const size = Math.abs(product);
  if (!(size < DIGITS_MAX)) return undefined;
  const nearest = Math.round(product);
  // Signed zeros are one amount.
  if (nearest / unit === value) return nearest + 0;
  const miss = size * MISS;
  if (rounding === Rounding.Down) return Math.abs(product - nearest) > miss ? Math.trunc(product) + 0 : undefined;
  if (rounding !== Rounding.HalfEven) return undefined;
  return Math.abs(product - Math.floor(product) - 0.5) > miss ? nearest + 0 : undefined;
}

/** Returns `value / 10 ** decimals` exactly. */
export const toDecimal = (value: ScaledInteger, decimals: number): Decimal => new Decimal(value.toString(decimals));

const describe = (value: unknown): string => (value === null ? 'null' : typeof value);
