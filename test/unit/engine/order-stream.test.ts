import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScaledInteger } from '../../../src/core/scaled-integer.js';
import { exactPrice, OrderStream, StreamKind } from '../../../src/engine/order-stream.js';

interface Entry {
  readonly kind: StreamKind;
  readonly row: number;
  readonly sid: number;
  readonly quantity: bigint;
  readonly ticks: number;
  readonly fee: bigint;
}

const { Fill, TrimmedFill, Touched, TrimmedTouched, Opened, TrimmedOpened, Settlement } = StreamKind;
const FILLS: readonly StreamKind[] = [Fill, TrimmedFill, Touched, TrimmedTouched, Opened, TrimmedOpened, Settlement];
const big = fc.oneof(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.bigInt(-(10n ** 40n), 10n ** 40n));
const entry: fc.Arbitrary<Entry> = fc.record({
  kind: fc.constantFrom(...Object.values(StreamKind)),
  row: fc.nat(20),
  sid: fc.nat(3),
  quantity: big,
  ticks: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fee: big,
});
const entries = fc.array(entry, { maxLength: 80 }).map((list) => list.sort((a, b) => a.row - b.row));

const streamOf = (list: readonly Entry[]): OrderStream => pushTo(new OrderStream(), list);

const pushTo = (stream: OrderStream, list: readonly Entry[]): OrderStream => {
  for (const { kind, row, sid, quantity, ticks, fee } of list) {
    stream.push(
      kind,
      row - 1,
      row,
      sid,
      new ScaledInteger().setBigInt(quantity),
      ticks,
      4,
      new ScaledInteger().setBigInt(fee),
    );
  }
  return stream;
};

const read = (stream: OrderStream): Entry[] =>
  Array.from({ length: stream.length }, (_, at) => {
    const { kind, row, sid, quantity, ticks, fee, submittedRow, priceDecimals } = stream.read(at);
    expect([submittedRow, priceDecimals]).toEqual([row - 1, 4]);
    return { kind, row, sid, quantity: quantity.toBigInt(), ticks, fee: fee.toBigInt() };
  });

describe('an order stream', () => {
  it('gives back what was pushed, however large, and counts the fills', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const stream = streamOf(list);
        expect(read(stream)).toEqual(list);
        expect(stream.fills).toBe(list.filter(({ kind }) => FILLS.includes(kind)).length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('merges by row, earlier streams first, and hashes like one stream of the same records', () => {
    const rows = fc.constantFrom(1, 100, 5_000, 2 ** 26);
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 9 }), rows, (lists, apart) => {
        const wide = lists.map((list) => list.map((each) => ({ ...each, row: each.row * apart })));
        const merged = new OrderStream();
        merged.push(StreamKind.Fill, 0, 0, 0);
        merged.merge(wide.map(streamOf));
        const expected = wide.flat().sort((a, b) => a.row - b.row);
        expect(read(merged)).toEqual(expected);
        expect(merged.fills).toBe(expected.filter(({ kind }) => FILLS.includes(kind)).length);
        expect(merged.digest()).toBe(streamOf(expected).digest());
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves a record of an earlier row behind the later one of its stream, tags with it', () => {
    const tagged = fc.array(fc.tuple(entry, fc.option(fc.string(), { nil: undefined })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(tagged, { maxLength: 5 }), (lists) => {
        const merged = new OrderStream();
        merged.merge(
          lists.map((list) => {
            const stream = new OrderStream();
            for (const [{ kind, row }, tag] of list) {
              stream.push(kind, row, row, 0);
              if (tag !== undefined) stream.tagLast(tag);
            }
            return stream;
          }),
        );
        const rests = lists.map((list) => [...list]);
        const expected: (readonly [number, string | undefined])[] = [];
        for (;;) {
          const left = rests.filter((rest) => rest.length > 0);
          if (left.length === 0) break;
          const row = Math.min(...left.map(([head]) => head![0].row));
          const [each, tag] = left.find(([head]) => head![0].row === row)!.shift()!;
          expected.push([each.row, tag]);
        }
        const found = Array.from({ length: merged.length }, (_, at) => [merged.read(at).row, merged.tagOf(at)]);
        expect(found).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has another hash for any other record', () => {
    fc.assert(
      fc.property(entries, entries, (left, right) => {
        const same = JSON.stringify(left, bigText) === JSON.stringify(right, bigText);
        expect(streamOf(left).digest() === streamOf(right).digest()).toBe(same);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves a copy as it was, whatever is pushed afterwards', () => {
    fc.assert(
      fc.property(entries, entries, entries, fc.boolean(), (list, more, others, clears) => {
        const stream = streamOf(list);
        const copies = [stream.copy(), stream.copy()];
        pushTo(stream, more);
        const later = stream.copy();
        if (clears) stream.clear();
        pushTo(stream, others);
        for (const copy of copies) expect(read(copy)).toEqual(list);
        for (const copy of copies) expect(copy.digest()).toBe(streamOf(list).digest());
        expect(read(later)).toEqual([...list, ...more]);
        expect(read(stream)).toEqual(clears ? others : [...list, ...more, ...others]);
        copies[0]!.clear();
        pushTo(copies[0]!, others);
        expect(read(copies[1]!)).toEqual(list);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is empty once cleared', () => {
    const stream = streamOf([{ kind: StreamKind.Fill, row: 1, sid: 0, quantity: 10n ** 30n, ticks: 1, fee: 0n }]);
    stream.clear();
    expect([stream.length, stream.fills]).toEqual([0, 0]);
    expect(stream.digest()).toBe(new OrderStream().digest());
  });
});

const bigText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

it('prices are exact decimals', () => {
  expect(exactPrice(123_456, 4).toString()).toBe('12.3456');
});
