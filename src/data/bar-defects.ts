import { decimalsOf } from '../core/decimal-text.js';
import { wrongKind } from '../core/option-kind.js';
import { FIELDS, type Field } from '../market/bars.js';
import type { AssetDraft } from './draft.js';
import { EXACT_DIGITS, hasExactDigits, isExactDecimal } from './exact-decimal.js';
import { type FaultCode, priceFault, rangeFaults, volumeFault } from './sound-bar.js';

const ALLOWABLE = [
  'zero-price',
  'negative-price',
  'high-below-low',
  'open-outside-range',
  'close-outside-range',
] as const;

/** Bars that a caller may let in, in the words of an ingest's policies. A price that may be negative may be zero, too. */
export type AllowedDefect = (typeof ALLOWABLE)[number];

/** One value that a bundle must not hold, and why. */
export interface BarDefect {
  readonly field: Field;
  /** Row of the column. */
  readonly row: number;
  readonly value: number;
  readonly reason: string;
}

/** Throws UsageError `INVALID_OPTION` for anything but a list of {@link AllowedDefect}. */
export function checkAllowed(allow: readonly AllowedDefect[]): void {
  const takes = `a list of ${ALLOWABLE.join(', ')}`;
  if (!Array.isArray(allow)) throw wrongKind('allow', allow, takes);
  for (const one of allow) {
    if (!ALLOWABLE.includes(one)) throw wrongKind('allow', one, takes);
  }
}

/**
 * Returns the first value of an asset's columns that is no decimal of the asset, or is a negative volume, or is a price that an ingest would
 * refuse and `allow` does not let in. Columns are of equal length; missing bars are passed over.
 */
export function findBarDefect(asset: AssetDraft, allow: readonly AllowedDefect[]): BarDefect | undefined {
  for (const field of FIELDS) {
    const found = field === 'volume' ? findVolume(asset) : findPrice(asset, field, allow);
    if (found !== undefined) return found;
  }
  return findOutside(asset, allow);
}

/** How a caller lets a fault in, undefined where nobody may. */
function allowedName(code: FaultCode): AllowedDefect | undefined {
  return ALLOWABLE.find((name) => name === code.toLowerCase().replaceAll('_', '-'));
}

const remedyOf = (code: FaultCode): string => {
  const name = allowedName(code);
  return name === undefined ? '' : `. Correct it, or let it in with allow: ['${name}']`;
};

function findPrice(
  { columns, priceDecimals }: AssetDraft,
  field: Field,
  allow: readonly AllowedDefect[],
): BarDefect | undefined {
  const column = columns[field]!;
  const least = allow.includes('negative-price')
    ? Number.MIN_SAFE_INTEGER
    : allow.includes('zero-price')
      ? 0
      : Number.MIN_VALUE;
  const row = firstNot(column, priceDecimals, least);
  if (row === undefined) return undefined;
  const value = column[row]!;
  const fault = value < least ? priceFault(value) : undefined;
  const reason =
    fault === undefined ? offDecimals(value, 'priceDecimals', priceDecimals) : fault.message + remedyOf(fault.code);
  return { field, row, value, reason };
}

function findVolume({ columns, volumeDecimals }: AssetDraft): BarDefect | undefined {
  const column = columns.volume!;
  const row = firstNot(column, volumeDecimals, 0);
  if (row === undefined) return undefined;
  const value = column[row]!;
  const reason = volumeFault(value)?.message ?? offDecimals(value, 'volumeDecimals', volumeDecimals);
  return { field: 'volume', row, value, reason };
}

/** Returns the first row whose value is below `least`, 2^53 or more, or no decimal of at most so many decimals. */
function firstNot(column: Float64Array, decimals: number, least: number): number | undefined {
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    // Beyond 15 digits only the text tells: 36,301,200 shares are that also where others are counted to 8 decimals.
    const isDecimal = isExactDecimal(value, decimals) || decimalsOf(value) <= decimals;
    if (isDecimal && value >= least && value <= Number.MAX_SAFE_INTEGER) continue;
    if (!Number.isNaN(value)) return row;
  }
  return undefined;
}

function offDecimals(value: number, key: 'priceDecimals' | 'volumeDecimals', decimals: number): string {
  const needed = decimalsOf(value);
  if (needed <= decimals) {
    return `${value} is 2^53 or more, beyond exact counting. Give it in larger units`;
  }
  // A float's noise is no decimal of any asset.
  const isDecimal = needed <= EXACT_DIGITS && hasExactDigits(value, needed);
  const remedy = isDecimal ? `Round it, or give ${key}: ${needed}` : `Round it to ${decimals}`;
  return `${value} is no number of ${decimals} decimals: it needs ${needed}. ${remedy}`;
}

function findOutside({ columns }: AssetDraft, allow: readonly AllowedDefect[]): BarDefect | undefined {
  const { open, high, low, close } = columns as Record<Field, Float64Array>;
  for (let row = 0; row < close.length; row++) {
    for (const { code, field, message } of rangeFaults(open[row]!, high[row]!, low[row]!, close[row]!)) {
      if (allow.includes(allowedName(code)!)) continue;
      return { field, row, value: columns[field]![row]!, reason: message + remedyOf(code) };
    }
  }
  return undefined;
}
