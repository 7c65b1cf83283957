import { UsageError } from '../../core/errors.js';
import { EXACT_DIGITS, hasExactDigits, isExactDecimal } from '../exact-decimal.js';
import { afterValues } from '../scratch.js';
import { significantDigits } from './number-cell.js';

/** How decimals are settled: recognise artefacts of binary floats, a number of decimals, or refuse what is not exact. */
export type Precision = 'auto' | 'exact' | number;

/** Most decimals that an asset's prices or volumes may have. */
export const MOST_DECIMALS = 12;

/** The decimals of one asset's columns, and what reaching them changed. */
export interface SettledDecimals {
  readonly decimals: number;
  /** How many values were changed. */
  readonly rounded: number;
  /** Largest absolute change of a value. */
  readonly largestChange: number;
  /** What the values were taken for: `decimal`, `float32` or `float64`. */
  readonly source: 'decimal' | 'float32' | 'float64';
}

/** Columns that were settled. */
export interface Settled {
  readonly settled: SettledDecimals;
  /** Values that were written with more digits than the decimals of all leave to them, and have lost some; artefacts of floats are none. */
  readonly shortened: number;
  /** The largest of their changes, as a share of the value. */
  readonly largestShare: number;
}

/** A value that the wanted precision cannot hold, by column and place in it. */
export interface Unrepresentable {
  readonly column: number;
  readonly place: number;
  readonly value: number;
  readonly message: string;
}

/** Values that are changed in place. */
type Column = number[] | Float64Array;

/** Decimals up to which a value is taken as written, whatever it may also be. */
const PLAIN_DECIMALS = 5;
/** A value of fewer digits is too short to betray a float. */
const LONG_DIGITS = 10;
/**
 * A source is taken for float32 when nearly all of its long values are, and one of them has more digits than an exact decimal
 * may have or there are several: a single decimal of up to 15 digits may be a float32 by chance.
 */
const SEVERAL = 3;
const FLOAT32_SHARE = 0.9;

/**
 * Rounds columns in place to the decimals that they share, so that `Math.round(value * 10 ** decimals)` is each value's exact integer.
 *
 * `auto` takes values of at most 15 digits as they are; recognises columns that were float32 (each value becomes the shortest
 * decimal with the same float32, as 112.62999725341797 becomes 112.63) and noise of double arithmetic (0.30000000000000004
 * becomes 0.3); and rounds what remains to 15 significant digits. A number rounds to that many decimals. `exact` changes nothing.
 *
 * @param columns values, none of them NaN
 * @returns the settled decimals, or the values that cannot be held: with `exact` all that would change, else those rounded to zero
 *   and those of more than 15 digits before the point
 */
export function settleDecimals(
  columns: readonly Column[],
  precision: Precision,
): Settled | { readonly refused: Unrepresentable[] } {
  if (precision === 'exact') return settleExactly(columns);
  const source = precision === 'auto' && isFloat32Source(columns) ? 'float32' : 'decimal';
  const cleaned =
    precision === 'auto' ? cleanAll(columns, source === 'float32') : { decimals: precision, noisy: false };
  const room = Math.max(0, EXACT_DIGITS - integerDigits(columns));
  const decimals = precision === 'auto' ? Math.min(cleaned.decimals, room) : precision;
  const refused: Unrepresentable[] = [];
  let rounded = 0;
  let largestChange = 0;
  let largestShare = 0;
  for (const [column, values] of columns.entries()) {
    for (let place = 0; place < values.length; place++) {
      const value = values[place]!;
      const clean = precision === 'auto' ? cleanOne(value, source === 'float32') : value;
      const settled = isExactDecimal(clean, decimals) ? clean : Number(clean.toFixed(decimals));
      if (settled === 0 && value !== 0) {
        refused.push({ column, place, value, message: `${value} would round to zero at ${decimals} decimals` });
      } else if (!hasExactDigits(settled, decimals)) {
        refused.push({
          column,
          place,
          value,
          message: `${value} has more than ${EXACT_DIGITS} digits at ${decimals} decimals`,
        });
      } else if (settled !== value) {
        rounded++;
        largestChange = Math.max(largestChange, Math.abs(settled - value));
        largestShare = Math.max(largestShare, Math.abs((settled - value) / value));
        values[place] = settled;
      }
    }
    afterValues(values.length);
  }
  if (refused.length > 0) return { refused };
  const settled: SettledDecimals = { decimals, rounded, largestChange, source: cleaned.noisy ? 'float64' : source };
  // Of a source of decimals nothing is cleaned: what was changed are digits that somebody wrote. A number of decimals asks for that.
  const isShortened = precision === 'auto' && settled.source === 'decimal' && rounded > 0;
  return { settled, shortened: isShortened ? rounded : 0, largestShare: isShortened ? largestShare : 0 };
}

/**
 * Returns a precision as it is written: `auto`, `exact`, or a number of decimals.
 * @throws UsageError `INVALID_PRECISION`
 */
export function parsePrecision(text: string | number): Precision {
  if (text === 'auto' || text === 'exact') return text;
  const decimals = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN;
  if (decimals <= MOST_DECIMALS) return decimals;
  throw new UsageError('INVALID_PRECISION', {
    message: `Precision is '${text}', but must be auto, exact or a number of decimals from 0 to ${MOST_DECIMALS}.`,
    details: { precision: text },
  });
}

function settleExactly(columns: readonly Column[]): Settled | { readonly refused: Unrepresentable[] } {
  const whole = integerDigits(columns);
  const room = Math.max(0, EXACT_DIGITS - whole);
  const refused: Unrepresentable[] = [];
  let decimals = 0;
  for (const [column, values] of columns.entries()) {
    for (const [place, value] of values.entries()) {
      const own = decimalsOf(value, decimals);
      if (own !== undefined && own <= room) {
        decimals = Math.max(decimals, own);
        continue;
      }
      const reason =
        own === undefined
          ? `more than ${EXACT_DIGITS} digits or ${MOST_DECIMALS} decimals, or a float's artefact`
          : `it has ${own} decimals, and all of its asset share one number of them, at most ${room} beside ${whole} digits before the point of the largest`;
      refused.push({ column, place, value, message: `${value} would not survive exactly: ${reason}` });
    }
    afterValues(values.length);
  }
  if (refused.length > 0) return { refused };
  const settled: SettledDecimals = { decimals, rounded: 0, largestChange: 0, source: 'decimal' };
  return { settled, shortened: 0, largestShare: 0 };
}

function isFloat32Source(columns: readonly Column[]): boolean {
  let long = 0;
  let float32 = 0;
  let mostDigits = 0;
  for (const values of columns) {
    for (const value of values) {
      if (isExactDecimal(value, PLAIN_DECIMALS)) continue;
      const digits = digitsOf(value);
      if (digits < LONG_DIGITS) continue;
      long++;
      if (Math.fround(value) !== value) continue;
      float32++;
      mostDigits = Math.max(mostDigits, digits);
    }
    afterValues(values.length);
  }
  return (mostDigits > EXACT_DIGITS || float32 >= SEVERAL) && float32 >= FLOAT32_SHARE * long;
}

/** Returns the decimals that the cleaned values need; all there are when a value of full double precision remains. */
function cleanAll(columns: readonly Column[], isFloat32: boolean): { decimals: number; noisy: boolean } {
  let decimals = 0;
  let noisy = false;
  for (const values of columns) {
    for (const value of values) {
      if (isExactDecimal(value, decimals)) continue;
      const clean = cleanOne(value, isFloat32);
      if (clean !== value && !isFloat32) noisy = true;
      decimals = Math.max(decimals, decimalsOf(clean, decimals) ?? MOST_DECIMALS);
    }
    afterValues(values.length);
  }
  return { decimals, noisy };
}

function cleanOne(value: number, isFloat32: boolean): number {
  if (isExactDecimal(value, PLAIN_DECIMALS)) return value;
  if (isFloat32 && Math.fround(value) === value && digitsOf(value) >= LONG_DIGITS) return shortestOfFloat32(value);
  if (decimalsOf(value, 0) !== undefined) return value;
  // Noise of double arithmetic falls away with the digits beyond the fifteenth; what has no short form keeps fifteen.
  return Number(value.toPrecision(EXACT_DIGITS));
}

/** Returns the decimal of fewest digits that has the same float32. Nine digits always suffice. */
function shortestOfFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/** Returns the fewest decimals, at least `from`, that write the value exactly in 15 digits; undefined when none do. */
function decimalsOf(value: number, from: number): number | undefined {
  for (let decimals = from; decimals <= MOST_DECIMALS; decimals++) if (isExactDecimal(value, decimals)) return decimals;
  return undefined;
}

/** Returns how many significant digits the shortest text of a double has. */
const digitsOf = (value: number): number => significantDigits(String(value));

function integerDigits(columns: readonly Column[]): number {
  let largest = 0;
  for (const values of columns) {
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    afterValues(values.length);
  }
  return largest < 1 ? 0 : Math.trunc(largest).toFixed(0).length;
}
