import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asEpochMs, asSid } from '../../../src/core/brand.js';
import { type AdjustmentKind, adjustmentSchedule, restate } from '../../../src/data/adjustments.js';
import type { Asset } from '../../../src/market/asset.js';
import type { Dividend, Split } from '../../../src/market/corporate-actions.js';
import { DAY, days } from '../../helpers/bundle-draft.js';
import { describeShared, sharedFile } from '../../helpers/shared.js';

const NONE = Number.NaN;
const asset = { sid: asSid(0), symbol: 'AAA' } as Asset;
const split = (row: number, ratio: string): Split => ({
  sid: asSid(0),
  exDate: asEpochMs(days(1)[0]! + row * DAY),
  ratio,
});
const dividend = (row: number, amount: string): Dividend => ({
  sid: asSid(0),
  exDate: asEpochMs(days(1)[0]! + row * DAY),
  payDate: undefined,
  amount,
});

function scheduleOf(
  close: readonly number[],
  splits: readonly Split[],
  dividends: readonly Dividend[] = [],
  first = 0,
) {
  const column = Float64Array.from(close);
  const listing = { asset, first, column: () => column };
  const found = adjustmentSchedule(listing, { times: days(first + close.length + 5) }, splits, dividends);
  if (found === undefined) return undefined;
  return {
    rows: [...found.rows],
    priceFactors: [...found.priceFactors],
    volumeFactors: [...found.volumeFactors],
  };
}

function asOf(
  column: readonly number[],
  schedule: ReturnType<typeof scheduleOf>,
  kind: AdjustmentKind | undefined,
  row: number,
): number[] {
  const out = new Float64Array(row + 1);
  const typed = schedule && {
    rows: Int32Array.from(schedule.rows),
    priceFactors: Float64Array.from(schedule.priceFactors),
    volumeFactors: Float64Array.from(schedule.volumeFactors),
  };
  restate(Float64Array.from(column), typed, kind, row, 0, row + 1, out);
  return [...out];
}

describe('adjustmentSchedule', () => {
  it.each<[string, readonly number[], readonly Split[], readonly Dividend[], unknown]>([
    ['nothing without events', [1, 2, 3], [], [], undefined],
    ['a split', [8, 8, 2], [split(2, '4')], [], { rows: [2], priceFactors: [0.25], volumeFactors: [4] }],
    ['a reverse split', [1, 1, 20], [split(2, '0.05')], [], { rows: [2], priceFactors: [20], volumeFactors: [0.05] }],
    ['a fraction', [1, 1, 3], [split(2, '1/3')], [], { rows: [2], priceFactors: [3], volumeFactors: [1 / 3] }],
    ['a dividend', [10, 8, 7], [], [dividend(2, '2')], { rows: [2], priceFactors: [0.75], volumeFactors: [1] }],
    [
      'a dividend after a gap: the last close counts',
      [8, NONE, 7],
      [],
      [dividend(2, '2')],
      { rows: [2], priceFactors: [0.75], volumeFactors: [1] },
    ],
    [
      'an event in a gap: it waits for the next bar',
      [8, NONE, NONE, 7],
      [split(1, '2')],
      [],
      { rows: [3], priceFactors: [0.5], volumeFactors: [2] },
    ],
    [
      'split and dividend of one day: the dividend is of the new share',
      [8, 4],
      [split(1, '2')],
      [dividend(1, '1')],
      { rows: [1], priceFactors: [0.5 * 0.75], volumeFactors: [2] },
    ],
    [
      'a dividend before a split that meet after a gap: of the old share',
      [8, NONE, NONE, 4],
      [split(2, '2')],
      [dividend(1, '2')],
      { rows: [3], priceFactors: [0.5 * 0.75], volumeFactors: [2] },
    ],
    [
      'two dividends of one day: their sum',
      [8, 7],
      [],
      [dividend(1, '1'), dividend(1, '3')],
      { rows: [1], priceFactors: [0.5], volumeFactors: [1] },
    ],
    [
      'two splits of one day: their product',
      [8, 1],
      [split(1, '2'), split(1, '4')],
      [],
      { rows: [1], priceFactors: [0.125], volumeFactors: [8] },
    ],
    [
      'events at or before the first bar: nothing',
      [8, 7],
      [split(0, '2'), split(-3, '2')],
      [dividend(0, '1')],
      undefined,
    ],
    [
      'events before the first bar that has a price: nothing',
      [NONE, NONE, 8, 7],
      [split(1, '2')],
      [dividend(2, '9')],
      undefined,
    ],
    ['events after the last bar: nothing', [8, 7], [split(2, '2')], [dividend(4, '1')], undefined],
    ['another asset: nothing', [8, 7], [{ ...split(1, '2'), sid: asSid(1) }], [], undefined],
  ])('knows %s', (_, close, splits, dividends, expected) => {
    expect(scheduleOf(close, splits, dividends)).toEqual(expected);
  });

  it('counts rows from the listing, dates on the axis', () => {
    expect(scheduleOf([8, 8, 2], [split(7, '4')], [], 5)?.rows).toEqual([2]);
  });

  it('places an event between bars at the first bar after it', () => {
    const column = Float64Array.of(8, 2);
    const times = Float64Array.of(days(9)[0]!, days(9)[8]!);
    const found = adjustmentSchedule({ asset, first: 0, column: () => column }, { times }, [split(3, '4')], []);
    expect(found?.rows).toEqual(Int32Array.of(1));
  });

  it('places an event of the day at its first minute', () => {
    const times = Float64Array.from({ length: 6 }, (_, i) => days(2)[i < 3 ? 0 : 1]! + (870 + (i % 3)) * 60_000);
    const column = Float64Array.of(8, 8, 8, 2, 2, 2);
    const found = adjustmentSchedule({ asset, first: 0, column: () => column }, { times }, [split(1, '4')], []);
    expect(found?.rows).toEqual(Int32Array.of(3));
  });

  it.each(['8', '9'])('refuses a dividend of %s on a close of 8', (amount) => {
    expect(() => scheduleOf([8, 7], [], [dividend(1, amount)])).toThrow(
      expect.objectContaining({
        code: 'EVENT_INVALID',
        exitCode: 3,
        message: expect.stringContaining('AAA on 2020-01-02'),
      }),
    );
  });
});

describe('restate', () => {
  it('knows nothing of an event before its row', () => {
    const schedule = scheduleOf([8, 8, 2, 2], [split(2, '4')]);
    expect(asOf([8, 8, 2, 2], schedule, 'price', 1)).toEqual([8, 8]);
    expect(asOf([8, 8, 2, 2], schedule, 'price', 2)).toEqual([2, 2, 2]);
    expect(asOf([100, 100, 400, 400], schedule, 'volume', 3)).toEqual([400, 400, 400, 400]);
    expect(asOf([8, 8, 2, 2], schedule, undefined, 3)).toEqual([8, 8, 2, 2]);
  });

  it('equals the definition, value by value, for any events, window and row', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 1, max: 11 }), fc.constantFrom('2', '4', '0.5', '1/3', '1.5')), {
      maxLength: 5,
    });
    const prices = fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(prices, events, fc.nat(11), fc.nat(11), fc.nat(12), (cents, list, asOfRow, from, length) => {
        const column = Float64Array.from(cents, (price) => price / 100);
        const listing = { asset, first: 0, column: () => column };
        const schedule = adjustmentSchedule(
          listing,
          { times: days(12) },
          list.map(([row, ratio]) => split(row, ratio)),
          [],
        );
        const start = Math.min(from, asOfRow);
        const end = Math.min(asOfRow + 1, start + length);
        const out = new Float64Array(end - start).fill(-1);
        restate(column, schedule, 'price', asOfRow, start, end, out);
        const expected = out.map((_, i) => {
          let factor = 1;
          for (let m = (schedule?.rows.length ?? 0) - 1; m >= 0; m--) {
            if (schedule!.rows[m]! > start + i && schedule!.rows[m]! <= asOfRow) factor *= schedule!.priceFactors[m]!;
          }
          return column[start + i]! * factor;
        });
        expect([...out]).toEqual([...expected]);
      }),
      { numRuns: 5000 },
    );
  });
});

describeShared('windows of zipline', 'reference/zipline/history_adjustments.json', () => {
  interface Case {
    readonly raw_close: readonly number[];
    readonly raw_volume: readonly number[];
    readonly sessions: readonly string[];
    readonly events: readonly { readonly effective: string; readonly ratio: number }[];
    readonly windows: readonly {
      readonly end: string;
      readonly close: readonly number[];
      readonly volume?: readonly number[];
      readonly split_volume?: readonly number[];
    }[];
  }

  it('are ours: daily closes and volumes over two splits', () => {
    const reference = JSON.parse(readFileSync(sharedFile('reference/zipline/history_adjustments.json'), 'utf8'));
    const { raw_close, raw_volume, sessions, events, windows } = reference.daily_data
      .split_asset_close_and_volume as Case;
    const times = Float64Array.from(sessions, Date.parse);
    const column = Float64Array.from(raw_close);
    const splits = events.map(({ effective, ratio }) => ({
      sid: asSid(0),
      exDate: asEpochMs(Date.parse(effective)),
      // There the factor of the price, here new shares for one old.
      ratio: `1/${ratio}`,
    }));
    const schedule = adjustmentSchedule({ asset, first: 0, column: () => column }, { times }, splits, []);
    expect(windows).toHaveLength(3);
    for (const window of windows) {
      const row = sessions.indexOf(window.end);
      const close = new Float64Array(row + 1);
      restate(column, schedule, 'price', row, 0, row + 1, close);
      expect([...close]).toEqual(window.close);
      const volume = new Float64Array(row + 1);
      restate(Float64Array.from(raw_volume), schedule, 'volume', row, 0, row + 1, volume);
      expect([...volume]).toEqual(window.split_volume ?? window.volume);
    }
  });

  it('are ours: minute closes over the night of a split', () => {
    const reference = JSON.parse(readFileSync(sharedFile('reference/zipline/history_adjustments.json'), 'utf8'));
    const [before, across] = reference.minute_1m_close_split.windows as [
      { expected: number[] },
      { first5: number[]; last5: number[] },
    ];
    const opening = Date.parse('2015-01-06T14:31:00Z');
    const times = Float64Array.from(
      { length: 15 },
      (_, i) => (i < 10 ? Date.parse('2015-01-05T20:51:00Z') : opening - 600_000) + i * 60_000,
    );
    const column = Float64Array.from([...before.expected, ...across.last5]);
    const splits = [{ sid: asSid(0), exDate: asEpochMs(Date.parse('2015-01-06')), ratio: '4' }];
    const schedule = adjustmentSchedule({ asset, first: 0, column: () => column }, { times }, splits, []);
    const out = new Float64Array(10);
    restate(column, schedule, 'price', 9, 0, 10, out);
    expect([...out]).toEqual(before.expected);
    restate(column, schedule, 'price', 14, 5, 15, out);
    expect([...out]).toEqual([...across.first5, ...across.last5]);
  });
});

describeShared('AAPL, raw with its splits', 'data/equities/events/splits-by-ex-date.csv', () => {
  const rowsOf = (path: string): string[][] =>
    readFileSync(sharedFile(path), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(','));

  it('is the split-adjusted series of another vendor', () => {
    const theirs = new Map(
      rowsOf('data/equities/yahoo-new/AAPL_2004-2018.csv').map(([date, , , , close]) => [date!, Number(close)]),
    );
    const last = Math.max(...[...theirs.keys()].map((date) => Date.parse(date)));
    const bars = rowsOf('data/equities/plain-daily/AAPL.csv').filter(([date]) => Date.parse(date!) <= last);
    const close = Float64Array.from(bars, (row) => Number(row[4]));
    const splits = rowsOf('data/equities/events/splits-by-ex-date.csv')
      .filter(([symbol]) => symbol === 'AAPL')
      .map(([, exDate, ratio]) => ({ sid: asSid(0), exDate: asEpochMs(Date.parse(exDate!)), ratio: ratio! }));
    const times = Float64Array.from(bars, ([date]) => Date.parse(date!));
    const schedule = adjustmentSchedule({ asset, first: 0, column: () => close }, { times }, splits, []);
    expect(schedule?.rows).toHaveLength(3);
    const adjusted = new Float64Array(close.length);
    restate(close, schedule, 'price', close.length - 1, 0, close.length, adjusted);
    const differences = bars
      .flatMap(([date], row) => (theirs.has(date!) ? [Math.abs(adjusted[row]! / theirs.get(date!)! - 1)] : []))
      .sort((a, b) => a - b);
    // The two vendors' closing prints differ by so much, measured when the reference data was collected.
    expect(differences).toHaveLength(3379);
    expect(differences[1689]).toBeLessThan(5e-8);
    expect(differences.filter((difference) => difference > 0.005).length).toBeLessThanOrEqual(7);
    expect(differences.at(-1)).toBeLessThan(0.014);
  });
});
