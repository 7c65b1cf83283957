import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BarTimes, compileAxis } from '../../../src/market/bar-axis.js';
import type { Frequency } from '../../../src/market/bars.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { joinAxes } from '../../../src/market/joined-axis.js';
import { joinCalendars } from '../../../src/market/joined-calendar.js';

const DAY = 86_400_000;
const at = (text: string): number => Date.parse(text.length === 10 ? text : `${text}Z`);

function axisOf(calendar: string, frequency: Frequency, times: readonly number[]): BarTimes {
  const labels = Float64Array.from(times);
  const instants = compileAxis(getCalendar(calendar), frequency, labels);
  return { calendar, frequency, length: labels.length, times: labels, ...instants } as unknown as BarTimes;
}

const sessions = (calendar: string, from: string, to: string): number[] => [
  ...getCalendar(calendar).sessions(at(from), at(to)).labels,
];

const daily = (calendar: string, from: string, to: string): BarTimes =>
  axisOf(calendar, '1d', sessions(calendar, from, to));

describe('an axis joined of several', () => {
  it('has a row for each day of either, open from the first opening and known at the last close', () => {
    const joined = joinAxes([daily('XNYS', '2024-01-02', '2024-01-09'), daily('24/7', '2024-01-04', '2024-01-10')]);
    expect(Array.from(joined.times, (time) => new Date(time).getUTCDate())).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(joined.rows.map((rows) => [...rows])).toEqual([
      [0, 1, 2, 3, 6, 7],
      [2, 3, 4, 5, 6, 7, 8],
    ]);
    expect([joined.opens[0], joined.closes[0]]).toEqual([at('2024-01-02T14:30'), at('2024-01-02T21:00')]);
    expect([joined.opens[3], joined.closes[3]]).toEqual([at('2024-01-05T00:00'), at('2024-01-06T00:00')]);
    expect([joined.calendar, joined.frequency, joined.length]).toEqual(['XNYS+24/7', '1d', 9]);
  });

  it('is the union of the labels, whatever they are, and says where each lies', () => {
    const subset = fc
      .uniqueArray(fc.nat(60), { minLength: 1 })
      .map((minutes) => minutes.sort((a, b) => a - b).map((minute) => at('2024-03-08T20:30') + minute * 60_000));
    fc.assert(
      fc.property(subset, subset, subset, (...lists) => {
        const names = ['24/7', '24/5', 'XNYS'];
        const axes = lists.map((times, k) => axisOf(names[k]!, '1m', times));
        const joined = joinAxes(axes);
        expect([...joined.times]).toEqual([...new Set(lists.flat())].sort((a, b) => a - b));
        for (const [k, axis] of axes.entries()) {
          for (let row = 0; row < axis.length; row++) {
            const there = joined.rows[k]![row]!;
            expect(joined.times[there]).toBe(axis.times[row]);
            expect(joined.opens[there]).toBeLessThanOrEqual(axis.opens[row]!);
            expect(joined.closes[there]).toBeGreaterThanOrEqual(axis.closes[row]!);
          }
        }
        for (let row = 1; row < joined.length; row++)
          expect(joined.closes[row - 1]).toBeLessThanOrEqual(joined.opens[row]!);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['hours that begin at other minutes', '1h', 'XNYS', at('2024-01-02T14:30'), at('2024-01-02T15:00'), '24/7'],
    ['weeks of which one begins before the other has ended', '1w', '24/7', at('2024-01-07'), at('2024-01-12'), 'CMES'],
    ['two weeks in one', '1w', 'XLON', [at('2024-01-02'), at('2024-01-05')], at('2024-01-05'), '24/7'],
  ] as const)('refuses %s', (_, frequency, calendar, first, second, other) => {
    const axes = [axisOf(calendar, frequency, [first].flat()), axisOf(other, frequency, [second])];
    expect(() => joinAxes(axes)).toThrowError(
      new RegExp(
        `^${frequency} bars of ${calendar} and ${other} overlap: .* is complete only after that of .* has opened`,
      ),
    );
  });

  it('has one row for a week or a month, though venues end it on other days, labelled by the last of them', () => {
    // Christmas of 2014: London's last session is the 24th, New York's the 26th. On the third of July 2020 New York rests, and London does not.
    const weeks = (frequency: '1w' | '1mo', calendar: string, ...labels: string[]) =>
      axisOf(calendar, frequency, labels.map(at));
    const joined = joinAxes([
      weeks('1w', 'XNYS', '2014-12-26', '2020-07-02', '2020-07-10'),
      weeks('1w', 'XLON', '2014-12-24', '2020-07-03'),
      weeks('1w', '24/7', '2014-12-28', '2020-07-12'),
    ]);
    expect(Array.from(joined.times, (time) => new Date(time).toISOString().slice(0, 10))).toEqual([
      '2014-12-28',
      '2020-07-03',
      '2020-07-12',
    ]);
    expect(joined.rows.map((rows) => [...rows])).toEqual([
      [0, 1, 2],
      [0, 1],
      [0, 2],
    ]);
    expect([joined.opens[0], joined.closes[0]]).toEqual([at('2014-12-22'), at('2014-12-29')]);
    expect([joined.opens[1], joined.closes[1]]).toEqual([at('2020-06-29T07:00'), at('2020-07-03T15:30')]);
    const months = joinAxes([weeks('1mo', 'XNYS', '2024-03-28'), weeks('1mo', '24/7', '2024-03-31')]);
    expect([months.length, months.times[0]]).toEqual([1, at('2024-03-31')]);
  });

  it('refuses days of which one begins the evening before, after the other has not yet ended', () => {
    expect(() =>
      joinAxes([daily('CMES', '2024-01-03', '2024-01-05'), daily('24/7', '2024-01-03', '2024-01-05')]),
    ).toThrow(expect.objectContaining({ code: 'MIXED_TIME_AXES' }));
    const minute = (calendar: string) => axisOf(calendar, '1m', [at('2024-01-04T15:00')]);
    expect(() => joinAxes([minute('CMES'), minute('24/7')])).toThrowError(/^Sessions of CMES\+24\/7 overlap/);
  });
});

describe('a calendar joined of several', () => {
  const joined = (names: readonly string[], from = '2015-01-01', to = '2024-12-31') =>
    joinCalendars(names.map(getCalendar), at(from), at(to));

  it.each([
    [['XNYS', '24/7'], 365, 1440],
    [['XNYS', 'XLON'], 257, 780],
    [['XNYS', 'XNYS'], 252, 390],
  ] as const)('of %j has %i sessions a year of %i minutes', (names, perYear, minutes) => {
    const { sessionsPerYear, sessionMinutes } = joined(names);
    expect([sessionsPerYear, sessionMinutes]).toEqual([perYear, minutes]);
  });

  it('says the largest number of sessions a year where its dates are fewer than a year', () => {
    expect(joined(['XNYS', 'XLON'], '2024-01-01', '2024-06-30').sessionsPerYear).toBe(
      Math.max(getCalendar('XNYS').sessionsPerYear, getCalendar('XLON').sessionsPerYear),
    );
  });

  it('pauses where all of them do, and closes early where all of them do', () => {
    const { breakStarts, breakEnds } = joined(['XTKS', 'XHKG']).sessions(at('2024-05-07'), at('2024-05-07'));
    // Tokyo from 11:30 to 12:30 (UTC+9), Hong Kong from 12:00 to 13:00 (UTC+8): 2:30 to 3:30 and 4:00 to 5:00 UTC.
    expect([breakStarts[0], breakEnds[0]]).toEqual([Number.NaN, Number.NaN]);
    const alone = joined(['XTKS', 'XNYS']).sessions(at('2024-05-27'), at('2024-05-27'));
    expect([alone.breakStarts[0], alone.breakEnds[0]]).toEqual([at('2024-05-27T02:30'), at('2024-05-27T03:30')]);
    const half = (names: readonly string[], date: string) => joined(names).sessions(at(date), at(date)).halfDays[0];
    expect([half(['XNYS', 'XLON'], '2024-12-24'), half(['XNYS', '24/7'], '2024-12-24')]).toEqual([1, 0]);
  });

  it('knows the dates that any of them knows', () => {
    const calendar = joined(['XKRX', '24/7'], '2000-01-01', '2030-01-01');
    expect([calendar.isSession(at('2000-06-03')), calendar.isSession(at('2029-06-02'))]).toEqual([true, true]);
    expect([calendar.weekdays, calendar.timeZone]).toEqual([[0, 1, 2, 3, 4, 5, 6], 'UTC']);
    expect(calendar.sessions(at('2024-01-01'), at('2024-01-01') + 6 * DAY).opens[1]).toBe(at('2024-01-02'));
  });
});
