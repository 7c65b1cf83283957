import { hash } from 'node:crypto';
import { toDecimal } from '../core/decimal.js';
import { ScaledInteger } from '../core/scaled-integer.js';
import type { FillRule } from './fill-rule.js';
import { RowOrder } from './row-order.js';

/** What a record of the stream tells. */
export const StreamKind = {
  Fill: 1,
  TrimmedFill: 2,
  Rejected: 3,
  Cancelled: 4,
  Expired: 5,
  /** Within a bar, or at its close where the run fills at opens: known at the close. */
  Touched: 6,
  TrimmedTouched: 7,
  /** At the opening of a bar where the run fills at closes. */
  Opened: 8,
  TrimmedOpened: 9,
  MarginCall: 16,
  Settlement: 17,
  Carry: 18,
} as const;
export type StreamKind = (typeof StreamKind)[keyof typeof StreamKind];

/** Whether a record of this kind moved units against money. */
export const isFill = (kind: StreamKind): boolean =>
  kind <= StreamKind.TrimmedFill ||
  (kind >= StreamKind.Touched && kind <= StreamKind.TrimmedOpened) ||
  kind === StreamKind.Settlement;

/** Whether a fill of this kind happens at the opening of its bar: a position is settled before the market opens without its asset. */
export const fillsAtOpening = (kind: StreamKind, rule: FillRule): boolean =>
  kind <= StreamKind.TrimmedFill ? rule === 'next-open' : kind >= StreamKind.Opened;

/** Doubles of one record; some hold two 32-bit integers. */
const DOUBLES = 6;
/** Records that a stream has room for at first. */
const ROOM = 64;
const INTS = 2 * DOUBLES;

// Where the parts of a record lie: in 32-bit integers, and in doubles.
const KIND = 0;
const SID = 1;
const SUBMITTED_ROW = 2;
const ROW = 3;
const QUANTITY_LOW = 6;
const FEE_LOW = 7;
const QUANTITY_HIGH = 2;
const TICKS = 4;
const FEE_HIGH = 5;
/** The double that the two low limbs make. */
const LOWS = 3;
/** The kind of a record lies in the low byte of its integer, the decimals of its price above. */
const KIND_MASK = 0xff;
const DECIMALS_SHIFT = 8;

const ZERO = new ScaledInteger();

/**
 * What became of a run's orders, as binary records of fixed layout: fills, rejections, cancellations, expiries and carries in
 * the order of events. Two runs have equal hashes if and only if all of that is the same. An order that still rests at the end of a run has met
 * nothing and leaves no record: the number of orders tells of it, its prices are nowhere.
 */
export class OrderStream {
  #doubles = new Float64Array(ROOM * DOUBLES);
  #ints = new Int32Array(this.#doubles.buffer);
  #length = 0;
  /** Whether a copy reads the same memory: what has been pushed must not be written over. */
  #isShared = false;
  /** Exact digits of integers beyond the two limbs of a record. */
  #wide: string[] = [];
  fills = 0;
  readonly #register = new ScaledInteger();
  /** Of one that others are merged into. */
  #order: RowOrder | undefined;
  /** Tags by record. */
  readonly #tags = new Map<number, string>();

  /** Number of records. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    if (this.#isShared) this.#leave();
    this.#length = 0;
    this.#wide = [];
    this.fills = 0;
    if (this.#tags.size > 0) this.#tags.clear();
  }

  /** Gives the last record its order's tag. */
  tagLast(tag: string): void {
    this.#tags.set(this.#length - 1, tag);
  }

  /** The tag of a record's order. */
  tagOf(record: number): string | undefined {
    return this.#tags.get(record);
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
    const at = this.#length * DOUBLES;
    if (at === this.#doubles.length) this.#grow();
    const doubles = this.#doubles;
    const ints = this.#ints;
    const intAt = 2 * at;
    ints[intAt + KIND] = kind | (priceDecimals << DECIMALS_SHIFT);
    ints[intAt + SID] = sid;
    ints[intAt + SUBMITTED_ROW] = submittedRow;
    ints[intAt + ROW] = row;
    doubles[at + TICKS] = ticks;
    if (!quantity.writeLimbs(doubles, at + QUANTITY_HIGH, ints, intAt + QUANTITY_LOW)) {
      this.#setWide(at + QUANTITY_HIGH, intAt + QUANTITY_LOW, quantity);
    }
    if (!fee.writeLimbs(doubles, at + FEE_HIGH, ints, intAt + FEE_LOW)) {
      this.#setWide(at + FEE_HIGH, intAt + FEE_LOW, fee);
    }
    this.#length++;
    if (isFill(kind)) this.fills++;
  }

  /** Returns one record as values. */
  read(record: number): StreamRecord {
    const at = record * DOUBLES;
    const ints = this.#ints.subarray(record * INTS, (record + 1) * INTS);
    return {
      kind: (ints[KIND]! & KIND_MASK) as StreamKind,
      submittedRow: ints[SUBMITTED_ROW]!,
      row: ints[ROW]!,
      sid: ints[SID]!,
      quantity: this.#integer(this.#doubles[at + QUANTITY_HIGH]!, ints[QUANTITY_LOW]!),
      ticks: this.#doubles[at + TICKS]!,
      priceDecimals: ints[KIND]! >> DECIMALS_SHIFT,
      fee: this.#integer(this.#doubles[at + FEE_HIGH]!, ints[FEE_LOW]!),
    };
  }

  /** Replaces the content by the records of several streams, merged by row; streams of earlier position go first within a row. */
  merge(streams: readonly OrderStream[]): void {
    this.clear();
    let total = 0;
    for (const stream of streams) total += stream.#length;
    while (this.#doubles.length < total * DOUBLES) this.#grow();
    this.#order ??= new RowOrder();
    const order = this.#order;
    order.begin(total);
    for (let s = 0; s < streams.length; s++) {
      const stream = streams[s]!;
      order.add(s, stream.#ints, stream.#length, ROW, INTS);
      this.fills += stream.fills;
    }
    const merged = order.merged();
    const next = new Int32Array(streams.length);
    for (let to = 0; to < total; to = (to + 1) | 0) {
      const s = merged[to]!;
      const record = next[s]!;
      next[s] = record + 1;
      this.#copy(streams[s]!, record, to);
    }
    this.#length = total;
  }

  /** Returns the ids of the assets that were filled. */
  filledSids(): Set<number> {
    const sids = new Set<number>();
    const ints = this.#ints;
    let last: number | undefined;
    for (let at = 0; at < this.#length * INTS; at += INTS) {
      const sid = ints[at + SID]!;
      if (sid === last || !isFill((ints[at + KIND]! & KIND_MASK) as StreamKind)) continue;
      sids.add(sid);
      last = sid;
    }
    return sids;
  }

  /** Returns the last axis row, from `from` on, on which each asset was filled after the opening of its bar, by the asset's id. */
  filledAfterOpening(from: number, rule: FillRule): Map<number, number> {
    const rows = new Map<number, number>();
    const ints = this.#ints;
    for (let at = (this.#length - 1) * INTS; at >= 0; at -= INTS) {
      const kind = (ints[at + KIND]! & KIND_MASK) as StreamKind;
      if (!isFill(kind)) continue;
      if (ints[at + ROW]! < from) break;
      const sid = ints[at + SID]!;
      if (!rows.has(sid) && !fillsAtOpening(kind, rule)) rows.set(sid, ints[at + ROW]!);
    }
    return rows;
  }

  /** Returns what `of` returns for each fill: of its record, axis row, asset id, and place among the fills. */
  mapFills<T>(of: (record: number, row: number, sid: number, index: number) => T): T[] {
    const results = new Array<T>(this.fills);
    const ints = this.#ints;
    let index = 0;
    for (let record = 0; record < this.#length; record++) {
      const at = record * INTS;
      if (!isFill((ints[at + KIND]! & KIND_MASK) as StreamKind)) continue;
      results[index] = of(record, ints[at + ROW]!, ints[at + SID]!, index);
      index++;
    }
    return results;
  }

  /** Returns the instant of each fill. @param instantOf gives that at which the bar of an axis row and asset id opens, or closes */
  fillInstants(rule: FillRule, instantOf: (opens: boolean, row: number, sid: number) => number): Float64Array {
    const instants = new Float64Array(this.fills);
    const ints = this.#ints;
    let index = 0;
    for (let at = 0; at < this.#length * INTS; at += INTS) {
      const kind = (ints[at + KIND]! & KIND_MASK) as StreamKind;
      if (isFill(kind)) instants[index++] = instantOf(fillsAtOpening(kind, rule), ints[at + ROW]!, ints[at + SID]!);
    }
    return instants;
  }

  /** Returns the signed units of a record as a double. */
  quantityOf(record: number, decimals: number): number {
    const high = this.#doubles[record * DOUBLES + QUANTITY_HIGH]!;
    const low = this.#ints[record * INTS + QUANTITY_LOW]!;
    return this.#setInteger(this.#register, high, low).toNumber(decimals);
  }

  /** Returns the price of a record as a double. */
  priceOf(record: number): number {
    return this.#doubles[record * DOUBLES + TICKS]! / 10 ** (this.#ints[record * INTS + KIND]! >> DECIMALS_SHIFT);
  }

  /** Returns a copy, which keeps its content: this stream writes into the memory of both only behind what it has, until it is cleared. */
  copy(): OrderStream {
    const copy = new OrderStream();
    copy.#ints = this.#ints;
    copy.#doubles = this.#doubles;
    copy.#isShared = true;
    this.#isShared = true;
    copy.#length = this.#length;
    copy.#wide = [...this.#wide];
    copy.fills = this.fills;
    for (const [record, tag] of this.#tags) copy.#tags.set(record, tag);
    return copy;
  }

  /** SHA-256 over all records, in hex. */
  digest(): string {
    const bytes = Buffer.from(this.#doubles.buffer, 0, this.#length * DOUBLES * Float64Array.BYTES_PER_ELEMENT);
    return hash(
      'sha256',
      this.#wide.length === 0 ? bytes : Buffer.concat([bytes, Buffer.from(this.#wide.join('\n'))]),
      'hex',
    );
  }

  /** Copies a record of another stream as doubles: a pair of its integers is never the pattern of a NaN, which a copy could change. */
  #copy(from: OrderStream, record: number, to: number): void {
    const source = (record * DOUBLES) | 0;
    const target = (to * DOUBLES) | 0;
    const doubles = this.#doubles;
    const others = from.#doubles;
    doubles[target] = others[source]!;
    doubles[target + 1] = others[source + 1]!;
    doubles[target + QUANTITY_HIGH] = others[source + QUANTITY_HIGH]!;
    doubles[target + LOWS] = others[source + LOWS]!;
    doubles[target + TICKS] = others[source + TICKS]!;
    doubles[target + FEE_HIGH] = others[source + FEE_HIGH]!;
    if (from.#wide.length > 0) this.#copyWide(from, record, target);
    if (from.#tags.size > 0) {
      const tag = from.#tags.get(record);
      if (tag !== undefined) this.#tags.set(to, tag);
    }
  }

  #copyWide(from: OrderStream, record: number, target: number): void {
    const { quantity, fee } = from.read(record);
    if (Number.isNaN(this.#doubles[target + QUANTITY_HIGH]!)) {
      this.#setWide(target + QUANTITY_HIGH, 2 * target + QUANTITY_LOW, quantity);
    }
    if (Number.isNaN(this.#doubles[target + FEE_HIGH]!)) {
      this.#setWide(target + FEE_HIGH, 2 * target + FEE_LOW, fee);
    }
  }

  /** NaN in the high limb: the low one counts the digits that are kept aside. */
  #setWide(highAt: number, lowAt: number, value: ScaledInteger): void {
    this.#doubles[highAt] = Number.NaN;
    this.#ints[lowAt] = this.#wide.push(value.toBigInt().toString()) - 1;
  }

  #integer(high: number, low: number): ScaledInteger {
    return this.#setInteger(new ScaledInteger(), high, low);
  }

  #setInteger(register: ScaledInteger, high: number, low: number): ScaledInteger {
    return Number.isNaN(high) ? register.setBigInt(BigInt(this.#wide[low]!)) : register.setLimbs(high, low);
  }

  #grow(): void {
    const before = this.#ints;
    this.#take(this.#doubles.length * 2);
    this.#ints.set(before);
  }

  /** Leaves its memory to its copies, for some with room for as much as it has. */
  #leave(): void {
    let room = ROOM;
    while (room < this.#length) room *= 2;
    this.#take(room * DOUBLES);
  }

  #take(doubles: number): void {
    this.#doubles = new Float64Array(doubles);
    this.#ints = new Int32Array(this.#doubles.buffer);
    this.#isShared = false;
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
