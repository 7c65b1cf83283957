import { Decimal as BaseDecimal } from 'decimal.js';
import { parseScaled } from './decimal-text.js';
import { UsageError } from './errors.js';
import { type Rounding, ScaledInteger } from './scaled-integer.js';

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
  if (typeof amount === 'number' && Number.isSafeInteger(amount) && decimals <= 15) {
    const whole = new ScaledInteger(amount);
    return whole.setProduct(whole, Number(`1e${decimals}`), 0, 0);
  }
  if (typeof amount !== 'number' && typeof amount !== 'string' && !BaseDecimal.isDecimal(amount)) {
    throw new UsageError('NOT_A_DECIMAL', {
      message: `${what} must be a number, a decimal string or a Decimal, but is ${describe(amount)}.`,
      details: { what, value: describe(amount) },
    });
  }
  return new ScaledInteger().setBigInt(parseScaled(String(amount), decimals, rounding, what));
}

/** Returns `value / 10 ** decimals` exactly. */
export const toDecimal = (value: ScaledInteger, decimals: number): Decimal => new Decimal(value.toString(decimals));

const describe = (value: unknown): string => (value === null ? 'null' : typeof value);
