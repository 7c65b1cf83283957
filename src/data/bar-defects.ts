import { decimalsOf } from '../core/decimal-text.js';
import { wrongKind } from '../core/option-kind.js';
import { FIELDS, type Field } from '../market/bars.js';
import type { AssetDraft } from './draft.js';

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

/** Integers up to it have at most 15 digits, which is what a float64 tells apart whatever its decimals. */
const EXACT_LIMIT = 1e15;
/** Most decimals that an asset may have. */
const MOST_DECIMALS = 15;

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

function findPrice(
  { columns, priceDecimals }: AssetDraft,
  field: Field,
  allow: readonly AllowedDefect[],
): BarDefect | undefined {
  const column = columns[field]!;
  const least = allow.includes('negative-price')
    ? Number.NEGATIVE_INFINITY
    : allow.includes('zero-price')
      ? 0
      : Number.MIN_VALUE;
  const row = firstNot(column, priceDecimals, least);
  if (row === undefined) return undefined;
  const value = column[row]!;
  const defect = value === 0 ? 'zero-price' : 'negative-price';
  const reason =
    value < least
      ? `${value === 0 ? 'is zero' : `${value} is negative`}. Correct it, or let it in with allow: ['${defect}']`
      : offDecimals(value, 'priceDecimals', priceDecimals);
  return { field, row, value, reason };
}

function findVolume({ columns, volumeDecimals }: AssetDraft): BarDefect | undefined {
  const column = columns.volume!;
  const row = firstNot(column, volumeDecimals, 0);
  if (row === undefined) return undefined;
  const value = column[row]!;
  const reason = value < 0 ? `${value} is negative` : offDecimals(value, 'volumeDecimals', volumeDecimals);
  return { field: 'volume', row, value, reason };
}

/** Returns the first row whose value is below `least` or no decimal of so many decimals. */
function firstNot(column: Float64Array, decimals: number, least: number): number | undefined {
  const power = Number(`1e${decimals}`);
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    const scaled = Math.round(value * power);
    if (value >= least && scaled / power === value && scaled <= EXACT_LIMIT && scaled >= -EXACT_LIMIT) continue;
    if (Number.isNaN(value)) continue;
    // Beyond 15 digits only the text tells.
    if (value < least || decimalsOf(value) > decimals) return row;
  }
  return undefined;
}

function offDecimals(value: number, key: 'priceDecimals' | 'volumeDecimals', decimals: number): string {
  const needed = decimalsOf(value);
  // A float's noise is no decimal of any asset.
  const isDecimal = needed <= MOST_DECIMALS && Math.abs(value) * Number(`1e${needed}`) <= EXACT_LIMIT;
  const remedy = isDecimal ? `Round it, or give ${key}: ${needed}` : `Round it to ${decimals}`;
  return `${value} is no number of ${decimals} decimals: it needs ${needed}. ${remedy}`;
}

function findOutside({ columns }: AssetDraft, allow: readonly AllowedDefect[]): BarDefect | undefined {
  const [open, high, low, close] = FIELDS.map((field) => columns[field]!) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [anyRange, anyOpen, anyClose] = (['high-below-low', 'open-outside-range', 'close-outside-range'] as const).map(
    (defect) => allow.includes(defect),
  );
  const found = (field: Field, row: number, what: string, defect: AllowedDefect): BarDefect => ({
    field,
    row,
    value: columns[field]![row]!,
    reason: `${what}. Correct it, or let it in with allow: ['${defect}']`,
  });
  for (let row = 0; row < close.length; row++) {
    const [top, bottom] = [high[row]!, low[row]!];
    if (top < bottom) {
      if (anyRange) continue;
      return found('high', row, `high ${top} is below low ${bottom}`, 'high-below-low');
    }
    const range = (price: number): string => `${price} lies outside low ${bottom} to high ${top}`;
    const [first, last] = [open[row]!, close[row]!];
    if (!anyOpen && (first < bottom || first > top)) return found('open', row, range(first), 'open-outside-range');
    if (!anyClose && (last < bottom || last > top)) return found('close', row, range(last), 'close-outside-range');
  }
  return undefined;
}
