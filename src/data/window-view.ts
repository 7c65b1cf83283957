import { LookaheadError } from '../core/errors.js';

/**
 * A window over a longer column without a copy. Its `buffer` would be the whole column, tomorrow included, and is not given out: the type hides
 * it from those who compile, this class from those who do not. Structured cloning asks neither.
 */
export class WindowView extends Float64Array {
  /** What methods that make a new array return: plain memory of its own. */
  static get [Symbol.species](): Float64ArrayConstructor {
    return Float64Array;
  }

  /** Returns the rows `[from, to)` of a column without a copy. */
  static over(column: Float64Array, from: number, to: number): WindowView {
    return new WindowView(
      column.buffer as ArrayBuffer,
      column.byteOffset + from * Float64Array.BYTES_PER_ELEMENT,
      to - from,
    );
  }

  override get buffer(): never {
    throw new LookaheadError('LOOKAHEAD', {
      message:
        'The memory behind a view reaches beyond the current bar. Read the window itself, or copy it with slice().',
    });
  }

  /** A part of the window, without a copy and with no more of its memory given out. Bounds as in Float64Array. */
  override subarray(begin = 0, end: number = this.length): WindowView {
    const from = clamped(begin, this.length);
    const to = Math.max(from, clamped(end, this.length));
    const start = this.byteOffset + from * Float64Array.BYTES_PER_ELEMENT;
    return new WindowView(super.buffer as ArrayBuffer, start, to - from);
  }
}

/** An index as typed arrays take it: truncated, from the end where negative, within `[0, length]`. */
function clamped(index: number, length: number): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? Math.max(0, length + whole) : Math.min(whole, length);
}
