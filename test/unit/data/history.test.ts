import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LookaheadError } from '../../../src/core/errors.js';
import { type AdjustmentSchedule, adjustmentSchedule } from '../../../src/data/adjustments.js';
import type { Bundle, Listing, Sharing } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { DirectHistory, type HistoryReader, MAX_WINDOW } from '../../../src/data/history.js';
import { HistoryCache } from '../../../src/data/history-cache.js';
import { defaultSharing } from '../../../src/data/reader.js';
import { assetDraft, dailyDraft, days } from '../../helpers/bundle-draft.js';
import { expectSame, expectSameValues } from '../../helpers/same.js';

const ROWS = 60;
const raw = Array.from({ length: ROWS }, (_, row) => (row === 17 || row === 40 ? Number.NaN : 100 + row));
const draft = () =>
  dailyDraft([assetDraft('AAA', raw, { extra: { bid: Float64Array.from(raw, (price) => price - 1) } })], {
    splits: [
      { symbol: 'AAA', exDate: days(ROWS)[20]!, ratio: '4' },
      { symbol: 'AAA', exDate: days(ROWS)[40]!, ratio: '2' },
    ],
    dividends: [{ symbol: 'AAA', exDate: days(ROWS)[30]!, amount: '1.29' }],
  });

/** The definition of a window, value by value, and nothing else. */
function expectedWindow(
  listing: Listing,
  schedule: AdjustmentSchedule | undefined,
  field: string,
  endRow: number,
  count: number,
): number[] {
  const column = listing.column(field);
  return Array.from({ length: count }, (_, i) => {
    const row = endRow - count + 1 + i;
    if (row < 0 || row >= column.length) return Number.NaN;
    let factor = 1;
    const events = schedule === undefined || field === 'bid' ? [] : [...schedule.rows.keys()].reverse();
    for (const event of events) {
      const at = schedule!.rows[event]!;
      const factors = field === 'volume' ? schedule!.volumeFactors : schedule!.priceFactors;
      if (at > row && at <= endRow) factor *= factors[event]!;
    }
    return column[row]! * factor;
  });
}

const sharings: readonly Sharing[] =
  defaultSharing() === 'mapped' ? ['mapped', 'shared', 'copied'] : ['shared', 'copied'];
const readers: readonly [string, () => HistoryReader][] = [
  ['DirectHistory', () => new DirectHistory()],
  ['HistoryCache', () => new HistoryCache()],
  ['HistoryCache without room', () => new HistoryCache({ bytes: 0 })],
  [
    'HistoryCache of two lengths and three entries',
    () => new HistoryCache({ windows: [3, 8], entries: 3, bytes: 500 }),
  ],
];

for (const sharing of sharings) {
  describe.each(readers)(`%s over ${sharing} memory`, (_, create) => {
    let bundle: Bundle;
    let listing: Listing;
    let schedule: AdjustmentSchedule | undefined;
    beforeAll(async () => {
      bundle = await bundleFromColumns(draft(), { sharing });
      listing = bundle.groups[0]!.listings[0]!;
      schedule = adjustmentSchedule(listing, bundle.groups[0]!, bundle.splits, bundle.dividends);
    });
    afterAll(() => bundle[Symbol.dispose]());

    it('gives the same values in every form, in any order of requests', () => {
      const request = fc.tuple(
        fc.constantFrom('open', 'close', 'volume', 'bid'),
        fc.integer({ min: -4, max: ROWS + 4 }),
        fc.integer({ min: 1, max: ROWS + 10 }),
        fc.boolean(),
        fc.boolean(),
      );
      fc.assert(
        fc.property(fc.array(request, { minLength: 1, maxLength: 12 }), (requests) => {
          const reader = create();
          for (const [field, endRow, count, view, isAdjusted] of requests) {
            const events = isAdjusted ? schedule : undefined;
            const window = reader.window(listing, events, field, endRow, count, view);
            expectSameValues(window, expectedWindow(listing, events, field, endRow, count));
          }
        }),
        { numRuns: 1000 },
      );
    });

    it('holds nothing after its end, at every row, for every length', () => {
      const reader = create();
      for (let endRow = 0; endRow < ROWS; endRow++) {
        for (let count = 1; count <= endRow + 2; count++) {
          for (const view of [false, true]) {
            const window = reader.window(listing, undefined, 'close', endRow, count, view);
            // Every way in that the type has: index, at, slice, subarray, iteration.
            const reached = [
              window[count],
              window[-1],
              window.at(count),
              window.slice(0, count + 5)[count],
              window.subarray(0, count + 5)[count],
            ];
            expectSame(
              reached.every((value) => value === undefined),
              true,
            );
            expectSame(window.length, count);
            for (const value of window)
              if (value > 100 + endRow) expect.fail(`${value} is of a later bar than ${endRow}`);
          }
        }
      }
    });

    it('is not changed by whoever writes into a window', () => {
      const reader = create();
      for (const count of [5, 20, 21, 50, 55]) {
        for (const endRow of [55, 55, 56, 58]) {
          const window = reader.window(listing, schedule, 'close', endRow, count, false) as Float64Array;
          const before = [...window];
          expect(before).toEqual(expectedWindow(listing, schedule, 'close', endRow, count));
          window.fill(-1).reverse();
          window.sort();
          const again = reader.window(listing, schedule, 'close', endRow, count, false);
          expect([...again]).toEqual(before);
        }
      }
      expect([...listing.column('close')]).toEqual(raw);
    });

    it('forgets what was written into a view', () => {
      const reader = create();
      const view = reader.window(listing, schedule, 'close', 15, 10, true) as Float64Array;
      view.fill(-1);
      bundle.restore();
      expect([...listing.column('close')]).toEqual(raw);
      expect([...reader.window(listing, schedule, 'close', 15, 10, false)]).toEqual(
        expectedWindow(listing, schedule, 'close', 15, 10),
      );
    });

    it.runIf(sharing === 'mapped')('gives a view without a copy where no event lies within', () => {
      const reader = create();
      // Memory is shared if what is written through one view shows in another.
      const isShared = (endRow: number, count: number): boolean => {
        const window = reader.window(listing, schedule, 'close', endRow, count, true) as Float64Array;
        window[window.length - 1] = 4711;
        const seen = listing.view('close', endRow, endRow + 1)[0] === 4711;
        bundle.restore();
        return seen;
      };
      expect(isShared(29, 10)).toBe(true);
      // An event at the first row of the window restates nothing within it.
      expect(isShared(29, 11)).toBe(false);
      expect(isShared(30, 10)).toBe(false);
      expect(isShared(5, 10)).toBe(false);
    });

    it('gives no memory beyond the window', () => {
      const window = create().window(listing, schedule, 'close', 29, 10, true) as Float64Array;
      const part = window.subarray(2, -4);
      expect([...part]).toEqual([...window].slice(2, -4));
      expect([...window.subarray(-3)]).toEqual([...window].slice(-3));
      for (const array of [window, part, window.subarray(0, 99)]) {
        expect(bytesBehind(array)).toBeLessThanOrEqual(window.byteLength);
      }
      expect(bytesBehind(window.slice(2))).toBe(8 * 8);
      expect(bytesBehind(window.map((close) => close * 2))).toBe(8 * 10);
    });

    it.each([-1, -0.5, Number.NEGATIVE_INFINITY])('calls %s bars a look into the future', (count) => {
      const ask = () => create().window(listing, schedule, 'close', 5, count, false);
      expect(ask).toThrow(LookaheadError);
      expect(ask).toThrow(expect.objectContaining({ code: 'LOOKAHEAD', exitCode: 1 }));
    });

    it.each([0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_WINDOW + 1, 2 ** 53])('refuses %s bars', (count) => {
      for (const view of [false, true]) {
        expect(() => create().window(listing, schedule, 'close', 5, count, view)).toThrow(
          expect.objectContaining({ code: 'HISTORY_COUNT', exitCode: 2 }),
        );
      }
    });

    it('refuses an unknown column and half a row', () => {
      expect(() => create().window(listing, schedule, 'clsoe', 5, 2, false)).toThrow(/Did you mean 'close'/);
      expect(() => create().window(listing, schedule, 'close', 5.5, 2, false)).toThrow(
        expect.objectContaining({ code: 'HISTORY_ROW' }),
      );
    });
  });
}

describe('HistoryCache', () => {
  let bundle: Bundle;
  let listing: Listing;
  let schedule: AdjustmentSchedule | undefined;
  beforeAll(async () => {
    bundle = await bundleFromColumns(draft(), { sharing: 'shared' });
    listing = bundle.groups[0]!.listings[0]!;
    schedule = adjustmentSchedule(listing, bundle.groups[0]!, bundle.splits, bundle.dividends);
  });
  afterAll(() => bundle[Symbol.dispose]());

  it('reads a window anew at the start, at each event, and not otherwise', () => {
    const cache = new HistoryCache();
    for (let row = 0; row < ROWS; row++) {
      cache.window(listing, schedule, 'close', row, 10, false);
      cache.window(listing, schedule, 'close', row, 45, false);
    }
    // Two lengths of sliding windows, each read at the first row and at three events.
    expect(cache.statistics).toMatchObject({
      hits: 2 * ROWS - 8,
      misses: 8,
      views: 0,
      entries: 2,
      bytes: 8 * 2 * (20 + 50),
    });
    expect(cache.statistics.hitRate).toBeGreaterThan(0.9);
  });

  it('forgets the least recently used of the long windows first', () => {
    const cache = new HistoryCache({ windows: [], entries: 2 });
    const ask = (row: number): string => {
      const { hits } = cache.statistics;
      cache.window(listing, schedule, 'close', row, 5, false);
      return cache.statistics.hits > hits ? 'hit' : 'miss';
    };
    expect([ask(10), ask(11), ask(10), ask(12), ask(10), ask(11)]).toEqual([
      'miss',
      'miss',
      'hit',
      'miss',
      'hit',
      'miss',
    ]);
    expect(cache.statistics).toMatchObject({ entries: 2, evictions: 2, bytes: 2 * 5 * 8 });
  });

  it('never holds more bytes than its limit: long windows leave before sliding ones', () => {
    const cache = new HistoryCache({ windows: [4], entries: 100, bytes: 200 });
    for (const count of [4, 9, 10, 12, 2, 30]) {
      cache.window(listing, schedule, 'close', 50, count, false);
      expect(cache.statistics.bytes).toBeLessThanOrEqual(200);
    }
    expect(cache.statistics).toMatchObject({ entries: 1, bytes: 64, evictions: 4 });
    cache.window(listing, schedule, 'open', 50, 4, false);
    cache.window(listing, schedule, 'high', 50, 4, false);
    cache.window(listing, schedule, 'low', 50, 4, false);
    expect(cache.statistics).toMatchObject({ entries: 3, bytes: 192, evictions: 5 });
  });

  it('does not take one bundle for another with the same names', async () => {
    const cache = new HistoryCache();
    using changed = await bundleFromColumns(
      dailyDraft([
        assetDraft(
          'AAA',
          raw.map((price) => price * 2),
        ),
      ]),
      { sharing: 'shared' },
    );
    const [other] = changed.groups[0]!.listings;
    for (const count of [10, 55]) {
      expect(cache.window(listing, undefined, 'close', 57, count, false).at(-1)).toBe(157);
      expect(cache.window(other!, undefined, 'close', 57, count, false).at(-1)).toBe(314);
      expect(cache.window(listing, schedule, 'close', 57, count, false)[0]).toBe(
        expectedWindow(listing, schedule, 'close', 57, count)[0],
      );
    }
  });

  it('counts views apart', () => {
    const cache = new HistoryCache();
    cache.window(listing, schedule, 'close', 10, 5, true);
    expect(cache.statistics).toMatchObject({ views: 1, hits: 0, misses: 0, hitRate: 0, entries: 0 });
  });

  it.each([{ windows: [50, 20] }, { windows: [1.5] }, { entries: -1 }, { bytes: Number.NaN }])(
    'refuses %j',
    (options) => {
      expect(() => new HistoryCache(options)).toThrow(expect.objectContaining({ code: 'HISTORY_CACHE', exitCode: 2 }));
    },
  );

  it('refuses a misspelt option', () => {
    const options = { entires: 3 } as object;
    expect(() => new HistoryCache(options)).toThrow(/Did you mean 'entries'/);
  });
});

/** Bytes that an array's buffer gives out; those of the array itself where it gives out none. */
function bytesBehind(array: Float64Array): number {
  try {
    return array.buffer.byteLength;
  } catch (error) {
    expect(error).toBeInstanceOf(LookaheadError);
    return array.byteLength;
  }
}
