import type { ColumnMetaData, SchemaElement, Statistics } from 'hyparquet';
import type { Cell } from './row-source.js';

/** The library makes a decimal of the statistics by a product of doubles; real damage is further off. */
const ROUNDING = 1e-9;

/**
 * Compares the values of a column chunk with what the file itself says of them: smallest, largest, how many are missing. Most formats of
 * page have no checksum, so that this is what finds a price whose bytes have changed.
 */
export class ChunkCheck {
  readonly #least: number;
  readonly #most: number;
  readonly #nulls: bigint | undefined;
  #seenNulls = 0;

  constructor({ statistics }: ColumnMetaData, element: SchemaElement) {
    const [least, most] = boundsOf(statistics, element);
    this.#least = least;
    this.#most = most;
    this.#nulls = statistics?.null_count;
  }

  /** Throws an Error for a value outside the bounds. */
  add(cells: readonly Cell[] | Float64Array): void {
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row]!;
      if (cell === null) this.#seenNulls++;
      else if (typeof cell === 'number' && (cell < this.#least || cell > this.#most)) {
        throw new Error(`it holds ${cell}, but its own statistics say ${this.#least} to ${this.#most}`);
      }
    }
  }

  /** Throws an Error when another number of values is missing than the file says. */
  finish(): void {
    if (this.#nulls === undefined || this.#nulls === BigInt(this.#seenNulls)) return;
    throw new Error(`${this.#seenNulls} of its values are missing, but its own statistics say ${this.#nulls}`);
  }
}

function boundsOf(statistics: Statistics | undefined, { type }: SchemaElement): [number, number] {
  const bound = (value: Statistics['min_value'], room: number, none: number): number => {
    if (value instanceof Date) return value.getTime() + Math.sign(room);
    if (typeof value === 'bigint') return Number(value);
    if (typeof value !== 'number' || Number.isNaN(value)) return none;
    return value + room * Math.abs(value) * ROUNDING;
  };
  // Bytes are compared as bytes, and the times of INT96 are not ordered at all.
  if (type === 'BYTE_ARRAY' || type === 'INT96' || type === 'BOOLEAN') {
    return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }
  return [
    bound(statistics?.min_value, -1, Number.NEGATIVE_INFINITY),
    bound(statistics?.max_value, 1, Number.POSITIVE_INFINITY),
  ];
}
