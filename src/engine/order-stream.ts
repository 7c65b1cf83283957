import { hash } from 'node:crypto';
import { toDecimal } from '../core/decimal.js';
import { ScaledInteger } from '../core/scaled-integer.js';

/** What a record of the stream tells. */
export const StreamKind = { Fill: 1, TrimmedFill: 2, Rejected: 3, Cancelled: 4 } as const;
export type StreamKind = (typeof StreamKind)[keyof typeof StreamKind];

/** Doubles of one record: kind, submitted row, row, sid, quantity hi and lo, price ticks, price decimals, fee hi and lo. */
export const RECORD_LENGTH = 10;

const ZERO = new ScaledInteger();

/**
 * Everything that a run did to the market, as binary records of fixed layout: fills, rejections and cancellations in
 * the order of events. Two runs did the same if and only if their hashes are equal.
 */
export class OrderStream {
  #records = new Float64Array(64 * RECORD_LENGTH);
  #length = 0;
  /** Exact digits of integers beyond the two limbs of a record. */
  #wide: string[] = [];
  fills = 0;

  /** Number of records. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#wide = [];
    this.fills = 0;
  }

  /** Appends one record. Rows are axis rows; `ticks` has `priceDecimals` decimals; `quantity` is signed. */
  push(
    kind: StreamKind,
    submittedRow: number,
    row: number,
    sid: number,
    quantity: ScaledInteger = ZERO,
    ticks = 0,
    priceDecimals = 0,
    fee: ScaledInteger = ZERO,
  ): void {
    const at = this.#length * RECORD_LENGTH;
    if (at === this.#records.length) this.#grow();
    const records = this.#records;
    records[at] = kind;
    records[at + 1] = submittedRow;
    records[at + 2] = row;
    records[at + 3] = sid;
    records[at + 6] = ticks;
    records[at + 7] = priceDecimals;
    if (!quantity.writeLimbs(records, at + 4)) this.#setWide(at + 4, quantity);
    if (!fee.writeLimbs(records, at + 8)) this.#setWide(at + 8, fee);
    this.#length++;
    if (kind <= StreamKind.TrimmedFill) this.fills++;
  }

  /** The axis row of a record. */
  rowOf(record: number): number {
    return this.#records[record * RECORD_LENGTH + 2]!;
  }

  /** Returns one record as values. */
  read(record: number): StreamRecord {
    const at = record * RECORD_LENGTH;
    const field = (index: number): number => this.#records[at + index]!;
    return {
      kind: field(0) as StreamKind,
      submittedRow: field(1),
      row: field(2),
      sid: field(3),
      quantity: this.#integer(at + 4),
      ticks: field(6),
      priceDecimals: field(7),
      fee: this.#integer(at + 8),
    };
  }

  /** Replaces the content by the records of several streams, merged by row; streams of earlier position go first within a row. */
  merge(streams: readonly OrderStream[]): void {
    this.clear();
    let total = 0;
    for (const stream of streams) total += stream.#length;
    while (this.#records.length < total * RECORD_LENGTH) this.#grow();
    const next = new Int32Array(streams.length);
    for (let record = 0; record < total; record++) {
      let earliest = Number.POSITIVE_INFINITY;
      let chosen = 0;
      for (let s = 0; s < streams.length; s++) {
        const stream = streams[s]!;
        if (next[s]! < stream.#length) {
          const row = stream.rowOf(next[s]!);
          if (row < earliest) {
            earliest = row;
            chosen = s;
          }
        }
      }
      this.#append(streams[chosen]!, next[chosen]!);
      next[chosen]!++;
    }
  }

  /** SHA-256 over all records, in hex. */
  digest(): string {
    const bytes = Buffer.from(this.#records.buffer, 0, this.#length * RECORD_LENGTH * Float64Array.BYTES_PER_ELEMENT);
    return hash(
      'sha256',
      this.#wide.length === 0 ? bytes : Buffer.concat([bytes, Buffer.from(this.#wide.join('\n'))]),
      'hex',
    );
  }

  #append(from: OrderStream, record: number): void {
    const source = record * RECORD_LENGTH;
    const target = this.#length * RECORD_LENGTH;
    for (let i = 0; i < RECORD_LENGTH; i++) this.#records[target + i] = from.#records[source + i]!;
    if (from.#wide.length > 0) {
      for (const at of [4, 8]) {
        if (Number.isNaN(this.#records[target + at]!)) this.#setWide(target + at, from.#integer(source + at));
      }
    }
    this.#length++;
    if (this.#records[target]! <= StreamKind.TrimmedFill) this.fills++;
  }

  /** NaN in the high limb points, by the low limb, to the digits kept aside. */
  #setWide(at: number, value: ScaledInteger): void {
    this.#records[at] = Number.NaN;
    this.#records[at + 1] = this.#wide.push(value.toBigInt().toString()) - 1;
  }

  #integer(at: number): ScaledInteger {
    const hi = this.#records[at]!;
    const lo = this.#records[at + 1]!;
    const value = new ScaledInteger();
    if (Number.isNaN(hi)) return value.setBigInt(BigInt(this.#wide[lo]!));
    return value.setBigInt(BigInt(hi) * 100_000_000n + BigInt(lo));
  }

  #grow(): void {
    const larger = new Float64Array(this.#records.length * 2);
    larger.set(this.#records);
    this.#records = larger;
  }
}

/** One record of an {@link OrderStream}. */
export interface StreamRecord {
  readonly kind: StreamKind;
  readonly submittedRow: number;
  readonly row: number;
  readonly sid: number;
  readonly quantity: ScaledInteger;
  readonly ticks: number;
  readonly priceDecimals: number;
  readonly fee: ScaledInteger;
}

/** A price in ticks as an exact decimal. */
export const exactPrice = (ticks: number, decimals: number) =>
  toDecimal(new ScaledInteger().setNumber(ticks), decimals);
