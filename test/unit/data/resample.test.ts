import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import type { BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { layOut } from '../../../src/data/layout.js';
import { resampledDraft } from '../../../src/data/resample.js';
import type { Frequency } from '../../../src/market/bars.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { DAY_MS, formatDate, parseDateLabel } from '../../../src/market/civil-date.js';
import { longerThan } from '../../../src/market/resampling.js';
import { assetDraft } from '../../helpers/bundle-draft.js';

const MINUTE = 60_000;
const day = parseDateLabel;
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

/** Bars of a length over whole UTC days, those of hours outside sessions included; the close of row r is 10 + r. */
function draft(
  calendar: string,
  frequency: '30m' | '1h',
  from: string,
  days: number,
  more: Partial<BundleDraft> = {},
): BundleDraft {
  const step = frequency === '30m' ? 30 * MINUTE : 60 * MINUTE;
  const times = Float64Array.from({ length: (days * DAY_MS) / step }, (_, row) => day(from) + row * step);
  const asset = assetDraft(
    'AAA',
    [...times.keys()].map((row) => 10 + row),
  );
  return { groups: [{ calendar, frequency, times, assets: [asset] }], splits: [], dividends: [], ...more };
}

/** The bars of a made length, as a person would check them. */
function barsOf(bundle: Bundle, frequencies: readonly Frequency[], frequency: Frequency): string[] {
  const { groups } = resampledDraft(bundle, frequencies);
  const { times, opens, closes, assets } = groups.find((group) => group.frequency === frequency)!;
  const { first, columns } = assets[0]!;
  return [...columns.close!.keys()].map((row) => {
    const at = first + row;
    const prices = ['open', 'high', 'low', 'close', 'volume'].map((field) => columns[field]![row]);
    return `${iso(times[at]!)} ${iso(opens![at]!)} ${iso(closes![at]!)} ${prices.join(' ')}`;
  });
}

describe('resampledDraft', () => {
  it('makes hours that begin at the opening and end with a half day, without the bars outside the session', async () => {
    using bundle = await bundleFromColumns(draft('XNYS', '30m', '2024-07-03', 1));
    // 13:30 is row 27, whose close is 37; the session ends at 17:00 with row 33.
    expect(barsOf(bundle, ['1h'], '1h')).toEqual([
      '2024-07-03T13:30 2024-07-03T13:30 2024-07-03T14:30 36.75 38.5 36.5 38 7500',
      '2024-07-03T14:30 2024-07-03T14:30 2024-07-03T15:30 38.75 40.5 38.5 40 7900',
      '2024-07-03T15:30 2024-07-03T15:30 2024-07-03T16:30 40.75 42.5 40.5 42 8300',
      '2024-07-03T16:30 2024-07-03T16:30 2024-07-03T17:00 42.75 43.5 42.5 43 4300',
    ]);
    expect(barsOf(bundle, ['1d'], '1d')).toEqual([
      '2024-07-03T00:00 2024-07-03T13:30 2024-07-03T17:00 36.75 43.5 36.5 43 28000',
    ]);
  });

  it('begins anew after a lunch break', async () => {
    using bundle = await bundleFromColumns(draft('XTKS', '30m', '2024-11-05', 1));
    expect(barsOf(bundle, ['2h'], '2h').map((bar) => bar.slice(11, 50))).toEqual([
      '00:00 2024-11-05T00:00 2024-11-05T02:00',
      '02:00 2024-11-05T02:00 2024-11-05T02:30',
      '03:30 2024-11-05T03:30 2024-11-05T05:30',
      '05:30 2024-11-05T05:30 2024-11-05T06:30',
    ]);
  });

  it('gives the evening before to the session that opens then, and keeps hours over a change of the clock', async () => {
    using bundle = await bundleFromColumns(draft('CMES', '1h', '2024-03-07', 6));
    const days = barsOf(bundle, ['1d'], '1d').map((bar) => bar.slice(0, 50));
    expect(days).toEqual([
      '2024-03-07T00:00 2024-03-06T23:00 2024-03-07T23:00',
      '2024-03-08T00:00 2024-03-07T23:00 2024-03-08T23:00',
      '2024-03-11T00:00 2024-03-10T22:00 2024-03-11T22:00',
      '2024-03-12T00:00 2024-03-11T22:00 2024-03-12T22:00',
      '2024-03-13T00:00 2024-03-12T22:00 2024-03-13T22:00',
    ]);
  });

  it('labels weeks and months by their last session, and makes each of the longest bars that do', async () => {
    using bundle = await bundleFromColumns(draft('XNYS', '1h', '2024-07-01', 35));
    const frequencies: Frequency[] = ['1mo', '1w', '1d'];
    const weeks = barsOf(bundle, frequencies, '1w');
    expect(weeks.map((bar) => bar.slice(0, 50))).toEqual([
      '2024-07-05T00:00 2024-07-01T13:30 2024-07-05T20:00',
      '2024-07-12T00:00 2024-07-08T13:30 2024-07-12T20:00',
      '2024-07-19T00:00 2024-07-15T13:30 2024-07-19T20:00',
      '2024-07-26T00:00 2024-07-22T13:30 2024-07-26T20:00',
      '2024-08-02T00:00 2024-07-29T13:30 2024-08-02T20:00',
    ]);
    expect(barsOf(bundle, frequencies, '1mo').map((bar) => bar.slice(0, 50))).toEqual([
      '2024-07-31T00:00 2024-07-01T13:30 2024-07-31T20:00',
      '2024-08-30T00:00 2024-08-01T13:30 2024-08-30T20:00',
    ]);
    // Made of the days or at once of the hours, weeks are the same.
    using days = await bundleFromColumns(resampledDraft(bundle, ['1d']));
    expect(barsOf(days, ['1w'], '1w')).toEqual(weeks);
    expect(resampledDraft(bundle, frequencies).groups.map(({ frequency }) => frequency)).toEqual([
      '1h',
      '1mo',
      '1w',
      '1d',
    ]);
    expect(layOut(resampledDraft(days, ['1w', '1mo'])).manifest).toEqual(
      layOut(resampledDraft(bundle, frequencies)).manifest,
    );
  });

  it('takes bars before a split of the same week in the new shares, rounded to decimals, and leaves dividends in', async () => {
    const { labels } = getCalendar('XNYS').sessions(day('2024-07-08'), day('2024-07-19'));
    const close = [30, 31, 32, 10.66, 11, 12, 13, 14, 15, 16];
    const daily: BundleDraft = {
      groups: [{ calendar: 'XNYS', frequency: '1d', times: labels, assets: [assetDraft('AAA', close)] }],
      splits: [{ symbol: 'AAA', exDate: day('2024-07-11'), ratio: '3' }],
      dividends: [{ symbol: 'AAA', exDate: day('2024-07-17'), amount: '1.00' }],
    };
    using bundle = await bundleFromColumns(daily);
    expect(barsOf(bundle, ['1w'], '1w').map((bar) => bar.slice(51))).toEqual([
      // 29.75 / 3, 32.5 / 3, 29.5 / 3; volumes 3000, 3100, 3200 times 3, and two days of new shares.
      '9.92 11.5 9.83 11 30066',
      '11.75 16.5 11.5 16 7000',
    ]);
    using weekly = await bundleFromColumns(resampledDraft(bundle, ['1w']));
    expect(weekly.splits).toEqual(bundle.splits);
    expect(formatDate(weekly.groups[1]!.times[0]!)).toBe('2024-07-12');
  });

  it('refuses what the bars do not make, and leaves what is there', async () => {
    using bundle = await bundleFromColumns(draft('24/7', '1h', '2024-07-01', 2));
    expect(() => resampledDraft(bundle, ['30m'])).toThrow(
      /Bars of 1h do not make bars of 30m; they make 2h, 4h, 6h, 8h, 12h, 1d, 1w, 1mo\./,
    );
    expect(() => resampledDraft(bundle, ['7d' as Frequency])).toThrow(/do not make bars of 7d/);
    expect(resampledDraft(bundle, ['1h']).groups.length).toBe(1);
    // Of bars that were made before rows were added, new ones stand in their place when asked for.
    const [hours, days] = resampledDraft(bundle, ['1d']).groups;
    const old = {
      ...days!,
      times: days!.times.subarray(0, 1),
      opens: days!.opens!.subarray(0, 1),
      closes: days!.closes!.subarray(0, 1),
    };
    const first = old.assets.map((asset) => ({
      ...asset,
      columns: Object.fromEntries(
        Object.entries(asset.columns).map(([field, column]) => [field, column.subarray(0, 1)]),
      ),
    }));
    using behind = await bundleFromColumns({ splits: [], dividends: [], groups: [hours!, { ...old, assets: first }] });
    expect(resampledDraft(behind, ['1d']).groups[1]!.times.length).toBe(1);
    expect(resampledDraft(behind, ['1d'], { replace: true }).groups[1]).toEqual(days);
    expect(() => resampledDraft(behind, ['1d'], { replaced: true } as never)).toThrow(/Did you mean 'replace'/);
    expect(longerThan('1w')).toEqual([]);
    expect(barsOf(bundle, ['12h'], '12h').map((bar) => bar.slice(0, 16))).toEqual([
      '2024-07-01T00:00',
      '2024-07-01T12:00',
      '2024-07-02T00:00',
      '2024-07-02T12:00',
    ]);
  });
});
