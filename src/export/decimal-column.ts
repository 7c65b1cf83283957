import type { Decimal } from '../core/decimal.js';
import { parseScaled } from '../core/decimal-text.js';
import { decimalText } from './table.js';

/** Digits that a 16-byte decimal holds, the most that common readers know. */
export const PRECISION = 38;
/** Decimals of the ledger: a column has them even where its values need fewer, so that files of several runs agree. */
const LEAST_SCALE = 8;

/** Returns the decimals of a column of decimals, and whether 38 digits hold all its values so. */
export function decimalColumnOf(values: readonly (Decimal | string | null)[]): {
  readonly scale: number;
  readonly fits: boolean;
} {
  const texts = values.flatMap((value) => (value === null ? [] : [decimalText(value)]));
  const scale = texts.reduce((most, text) => Math.max(most, decimalsOf(text)), LEAST_SCALE);
  return { scale, fits: scale <= PRECISION && texts.every((text) => wholeDigitsOf(text) + scale <= PRECISION) };
}

/**
 * Returns the integer of a decimal at that many decimals: of its text, or of the double that stands for it.
 * Throws UsageError `DECIMALS_DO_NOT_FIT` where it has more.
 */
export function unscaled(value: string | number, scale: number): bigint {
  if (typeof value === 'number') {
    const scaled = Math.round(value * Number(`1e${scale}`));
    // Below it, the error of the product is too small to reach the next integer.
    if (Math.abs(scaled) <= 1e15) return BigInt(scaled);
  }
  return parseScaled(String(value), scale, 'exact', 'a decimal');
}

const decimalsOf = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);

const wholeDigitsOf = (text: string): number => text.replace(/^-?0?|\..*$/g, '').length;
