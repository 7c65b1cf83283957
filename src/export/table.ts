import { Decimal } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';

/** One value for each row; null where there is none. */
type Cells =
  /** Exact amounts, prices and quantities; a string is a decimal as written. */
  | { readonly kind: 'decimal'; readonly values: readonly (Decimal | string | null)[] }
  /** Decimals as the doubles that stand for them, each exact at `scale` decimals; none is missing. `digits` bounds those of an unscaled integer. */
  | { readonly kind: 'price'; readonly values: Float64Array; readonly scale: number; readonly digits: number }
  /** Statistics. NaN is no value. */
  | { readonly kind: 'number'; readonly values: ArrayLike<number | null> }
  /** Safe integers: counts and places. */
  | { readonly kind: 'integer'; readonly values: ArrayLike<number | null> }
  /** UTC milliseconds. */
  | { readonly kind: 'time'; readonly values: ArrayLike<number | null> }
  /** Dates: UTC midnight in milliseconds. */
  | { readonly kind: 'date'; readonly values: ArrayLike<number | null> }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] };

/** A column of a table: its name, what its values are, and the values. */
export type Column = { readonly name: string } & Cells;

/** What a file holds: columns of one length under different names. */
export interface Table {
  /** Name of the file without its ending. */
  readonly name: string;
  readonly columns: readonly Column[];
}

/** A table too long to be held at once: tables of one name and the same columns, each a run of its rows. */
export interface LongTable {
  readonly name: string;
  /** What readers of the file may want to know beside the rows: JSON, kept where the format has a place for it. */
  readonly note?: string;
  /** Yields the runs in their order; at least one, which may be without rows. */
  runs(): Iterable<Table>;
}

/**
 * Returns the number of rows of a table.
 * @throws UsageError `COLUMN_NAMED_TWICE`, case ignored as SQL does; RangeError for columns of different lengths
 */
export function rowsOf({ name, columns }: Table): number {
  const seen = new Set<string>();
  const rows = columns[0]?.values.length ?? 0;
  for (const column of columns) {
    const key = column.name.toLowerCase();
    if (seen.has(key)) {
      throw new UsageError('COLUMN_NAMED_TWICE', {
        message: `The table ${name} would have two columns named '${column.name}' (case ignored). Record the value under another name.`,
        details: { table: name, column: column.name },
      });
    }
    seen.add(key);
    if (column.values.length !== rows)
      throw new RangeError(`column ${column.name} of ${name} is not ${rows} rows long`);
  }
  return rows;
}

/** Returns a decimal with all its digits and no exponent. */
export function decimalText(value: Decimal | string | number): string {
  if (typeof value === 'number') {
    const text = String(value);
    if (!text.includes('e')) return text;
    return decimalText(text);
  }
  const decimal = typeof value === 'string' ? new Decimal(value) : value;
  return decimal.isZero() ? '0' : decimal.toFixed();
}

/**
 * Returns a cell as text from which the same value is read again, null where there is none: decimals with all digits,
 * numbers as JavaScript prints them with the sign of -0, instants as `2020-01-02T14:30:00.000Z`, dates as `2020-01-02`.
 */
export function cellText(column: Column, row: number): string | null {
  const value = column.values[row] ?? null;
  if (value === null || Number.isNaN(value)) return null;
  switch (column.kind) {
    case 'decimal':
      return decimalText(value as Decimal | string);
    case 'price':
      return decimalText(value as number);
    case 'date':
      return new Date(value as number).toISOString().slice(0, 10);
    case 'time':
      return new Date(value as number).toISOString();
    case 'text':
      return value as string;
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}
