import { RunError } from '../core/errors.js';

/** The two kinds of columns, by the class of their values. */
type Values = Float64Array | Int32Array;

/**
 * A column that grows in place: whoever holds `values` sees what is appended, and there is nothing behind its end. The address space of
 * `capacity` values is reserved, memory is used for what was appended.
 */
export class GrowingColumn<V extends Values = Float64Array> {
  readonly values: V;
  readonly #buffer: ArrayBuffer;
  readonly #width: number;

  private constructor(buffer: ArrayBuffer, values: V) {
    this.#buffer = buffer;
    this.values = values;
    this.#width = values.BYTES_PER_ELEMENT;
  }

  /** Returns an empty column of doubles. */
  static ofDoubles(capacity: number): GrowingColumn {
    const buffer = new ArrayBuffer(0, { maxByteLength: capacity * Float64Array.BYTES_PER_ELEMENT });
    return new GrowingColumn(buffer, new Float64Array(buffer));
  }

  /** Returns an empty column of 32-bit integers. */
  static ofIntegers(capacity: number): GrowingColumn<Int32Array> {
    const buffer = new ArrayBuffer(0, { maxByteLength: capacity * Int32Array.BYTES_PER_ELEMENT });
    return new GrowingColumn(buffer, new Int32Array(buffer));
  }

  /** Appends a value. Throws RunError `COLUMN_FULL` beyond the capacity, `NO_MEMORY` where the system has no more. */
  push(value: number): void {
    const { length } = this.values;
    const bytes = (length + 1) * this.#width;
    if (bytes > this.#buffer.maxByteLength) {
      throw new RunError('COLUMN_FULL', {
        message: `More than ${length} bars arrived, which is all that there is room for. Start anew with a later first bar.`,
        details: { capacity: length },
      });
    }
    try {
      this.#buffer.resize(bytes);
    } catch (cause) {
      throw new RunError('NO_MEMORY', {
        message: `The system gives a column no memory for bar ${length + 1}: it is used up, or the process has too many pieces of it (on Linux, vm.max_map_count). Run fewer strategies in one process.`,
        details: { bars: length },
        cause,
      });
    }
    this.values[length] = value;
  }
}
