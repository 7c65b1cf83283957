import { UsageError } from './errors.js';
import { divideRounded, type Rounding } from './rounding.js';

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Far beyond what a double prints, and small enough that no text can ask for a gigabyte of digits. */
const LARGEST_EXPONENT = 1000;

/**
 * Returns the integer `text * 10 ** decimals`. Accepts what a number prints: a sign, a point, an exponent.
 *
 * @param rounding how digits beyond `decimals` are dropped; `'exact'` refuses them
 * @param what names the value in the error, 'cash' for example
 * @throws UsageError `NOT_A_DECIMAL` when the text is no decimal number, `DECIMALS_DO_NOT_FIT` when `'exact'` would lose digits
 */
export function parseScaled(text: string, decimals: number, rounding: Rounding | 'exact', what: string): bigint {
  const match = DECIMAL.exec(text);
  const digits = match === null ? '' : `${match[2]}${match[3] ?? ''}`;
  const exponent = Number(match?.[4] ?? 0);
  if (match === null || digits === '' || Math.abs(exponent) > LARGEST_EXPONENT) {
    throw new UsageError('NOT_A_DECIMAL', {
      message: `${what} must be a decimal number such as 1000 or 0.25, but is '${text}'.`,
      details: { what, value: text },
    });
  }
  const mantissa = BigInt(match[1] === '-' ? `-${digits}` : digits);
  const shift = exponent - (match[3]?.length ?? 0) + decimals;
  if (shift >= 0) return mantissa * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  if (rounding !== 'exact') return divideRounded(mantissa, divisor, rounding);
  if (mantissa % divisor !== 0n) {
    throw new UsageError('DECIMALS_DO_NOT_FIT', {
      message: `${what} may have at most ${decimals} decimals, but is ${text}. Round it first.`,
      details: { what, value: text, decimals },
    });
  }
  return mantissa / divisor;
}

/** Returns the number that a text writes in decimals, such as `-1.5e3`, infinite beyond the largest; NaN for a text that writes none, among them `0x10`. */
export const decimalNumber = (text: string): number => (text !== '' && DECIMAL.test(text) ? Number(text) : Number.NaN);

/** Returns how many decimals the shortest decimal form of a number needs: 2 for 0.25, 18 for 1e-18. */
export function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const fraction = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, fraction - Number(exponent));
}

/** Returns `mantissa / 10 ** decimals` as a decimal with exactly that many decimals: `-0.50`. */
export function formatScaled(mantissa: bigint, decimals: number): string {
  const sign = mantissa < 0n ? '-' : '';
  const digits = String(mantissa < 0n ? -mantissa : mantissa).padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Returns a decimal with thousands separators in its whole part: `-1,234.50`. */
export const groupThousands = (text: string): string =>
  text.replace(/^(-?\d+)/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','));

/** Returns a whole number with thousands separators. `toLocaleString` says the same, and takes 30 ms to say it for the first time. */
export const countText = (count: number | bigint): string =>
  groupThousands(Number.isInteger(count) ? BigInt(count).toString() : String(count));
