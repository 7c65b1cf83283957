/** A typed array that only reads: no set, sort, fill, reverse or buffer. */
export interface ReadonlyFloat64Array
  extends Iterable<number>,
    Pick<Float64Array, 'length' | 'at' | 'indexOf' | 'slice' | 'entries'> {
  readonly [index: number]: number;
  subarray(begin?: number, end?: number): ReadonlyFloat64Array;
}
