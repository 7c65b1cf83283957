import { describe, expect, it } from 'vitest';
import { type BarTimes, compileAxis } from '../../../src/market/bar-axis.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { combinatorialWindows, rollingWindows, type Windowing } from '../../../src/validate/windows.js';

/** Daily bars of a venue over some dates, both inclusive. */
function daily(calendar: string, start: string, end: string): BarTimes {
  const venue = getCalendar(calendar);
  const { labels: times, length } = venue.sessions(Date.parse(start), Date.parse(end));
  return { calendar, frequency: '1d', times, length, ...compileAxis(venue, '1d', times) };
}

const whole = ({ length }: BarTimes) => ({ from: 0, to: length });

/** First and last dates of each part, as a reader would write them. */
function dates(axis: BarTimes, design: Windowing): string[] {
  const day = (row: number): string => new Date(axis.times[row]!).toISOString().slice(0, 10);
  return rollingWindows(axis, whole(axis), design).map(({ train, validate, test }) =>
    [train[0]!, ...(validate === undefined ? [] : [validate]), test[0]!]
      .map(({ from, to }) => `${day(from)}..${day(to - 1)}`)
      .join(' '),
  );
}

describe('calendar units', () => {
  const axis = daily('XNYS', '2015-01-01', '2018-12-31');

  it('train on whole years and test on the half year behind them', () => {
    expect(dates(axis, { train: '2y', test: '6m' })).toEqual([
      // 2015-01-01 is no session: the first bar is the second, and every end falls on a second.
      '2015-01-02..2016-12-30 2017-01-03..2017-06-30',
      '2015-07-02..2017-06-30 2017-07-03..2017-12-29',
      '2016-01-04..2017-12-29 2018-01-02..2018-06-29',
      '2016-07-05..2018-06-29 2018-07-02..2018-12-31',
    ]);
  });

  it('are complete where no session is missing at the end, though the date lies behind the last bar', () => {
    const from2015 = { ...axis, times: axis.times, length: axis.length };
    // 2018-12-31 is the last session before 2019-01-02, to which the last half year reaches.
    expect(rollingWindows(from2015, whole(axis), { train: '1y', test: '1y' })).toHaveLength(3);
    const cut = daily('XNYS', '2015-01-01', '2018-12-28');
    expect(rollingWindows(cut, whole(cut), { train: '1y', test: '1y' })).toHaveLength(2);
  });

  it('keep the last day of a month where a month is short', () => {
    const always = daily('24/7', '2020-01-31', '2020-06-30');
    expect(dates(always, { train: '1m', test: '1m' })).toEqual([
      '2020-01-31..2020-02-28 2020-02-29..2020-03-30',
      '2020-02-29..2020-03-30 2020-03-31..2020-04-29',
      '2020-03-31..2020-04-29 2020-04-30..2020-05-30',
      '2020-04-30..2020-05-30 2020-05-31..2020-06-29',
    ]);
  });

  it.each([
    ['504', '504 bars'],
    ['2y', '24 months'],
    ['2 years', '2Y'],
    ['12w', '84 days'],
    ['1 week', '7d'],
  ] as const)('%s is %s', (one, other) => {
    const design = (train: string): Windowing => ({ train: train as never, test: 20 });
    expect(dates(axis, design(one))).toEqual(dates(axis, design(other)));
  });
});

it('anchored windows begin with the first bar and grow', () => {
  const axis = daily('24/7', '2020-01-01', '2020-01-10');
  expect(dates(axis, { train: 4, test: 2, anchored: true })).toEqual([
    '2020-01-01..2020-01-04 2020-01-05..2020-01-06',
    '2020-01-01..2020-01-06 2020-01-07..2020-01-08',
    '2020-01-01..2020-01-08 2020-01-09..2020-01-10',
  ]);
});

it('purge shortens what is learned from, embargo moves what follows', () => {
  const axis = daily('24/7', '2020-01-01', '2020-01-31');
  expect(dates(axis, { train: 10, validate: 5, test: 5, purge: 2, embargo: 3 })).toEqual([
    '2020-01-01..2020-01-08 2020-01-14..2020-01-16 2020-01-22..2020-01-26',
    '2020-01-06..2020-01-13 2020-01-19..2020-01-21 2020-01-27..2020-01-31',
  ]);
});

it('a session of intraday bars is a session, however many bars it has', () => {
  const venue = getCalendar('XNYS');
  const table = venue.sessions(Date.parse('2020-11-23'), Date.parse('2020-12-04'));
  const times: number[] = [];
  for (let session = 0; session < table.length; session++) {
    for (let time = table.opens[session]!; time < table.closes[session]!; time += 3_600_000) times.push(time);
  }
  const column = Float64Array.from(times);
  const axis: BarTimes = {
    calendar: 'XNYS',
    frequency: '1h',
    times: column,
    length: column.length,
    ...compileAxis(venue, '1h', column),
  };
  const windows = rollingWindows(axis, whole(axis), { train: '3 sessions', test: '2 sessions' });
  const day = (row: number): string => new Date(axis.times[row]!).toISOString().slice(0, 10);
  // The 27th, behind Thanksgiving, closes early.
  expect(windows.map(({ test }) => [day(test[0]!.from), day(test[0]!.to - 1), test[0]!.to - test[0]!.from])).toEqual([
    ['2020-11-27', '2020-11-30', 4 + 7],
    ['2020-12-01', '2020-12-02', 14],
    ['2020-12-03', '2020-12-04', 14],
  ]);
});

describe('what cannot be is refused with the way out', () => {
  const axis = daily('24/7', '2020-01-01', '2020-04-09');
  it.each([
    [{ train: 90, test: 20 }, 'No window fits into 100 bars from 2020-01-01 to 2020-04-09 (train 90, test 20)'],
    [{ train: 40, test: 20, windows: 5 }, '3 of 5 windows fit into 100 bars'],
    [{ train: 10, test: 5, purge: 9 }, 'The training of window 1 has 1 bars after a purge of 9; it needs at least 2'],
    [{ train: 10, test: 1 }, 'The test of window 1 has 1 bars; it needs at least 2.'],
    [{ train: 10, test: 20, step: 10 }, "A step of '10' is shorter than the test of '20'"],
    [{ train: '2 fortnights', test: 5 }, "'train' is a whole number of bars above 0 (504)"],
    [{ train: 0, test: 5 }, "It is '0'."],
    [{ train: 1.5, test: 5 }, "It is '1.5'."],
    [{ train: 10, test: 5, purge: -1 }, 'purge must be at least 0'],
  ] as const)('%j', (design, message) => {
    expect(() => rollingWindows(axis, whole(axis), design as Windowing)).toThrow(message);
  });

  it.each([
    [{ groups: 3, testGroups: 3 }, 'test on fewer groups than there are'],
    [{ groups: 60, testGroups: 2 }, 'each group of at least 2 bars'],
    [{ groups: 30, testGroups: 15 }, 'in at most 10000 splits (now 155117520)'],
    [{ groups: 4, testGroups: 3, purge: 30 }, 'Split 1 has no training left'],
  ])('%j', (split, message) => {
    expect(() => combinatorialWindows(whole(axis), split)).toThrow(message);
  });
});

it('a cross-validation drops bars on both sides of a tested group, more behind it', () => {
  const windows = combinatorialWindows({ from: 10, to: 50 }, { groups: 4, testGroups: 2, purge: 2, embargo: 3 });
  expect(
    windows.map(({ train, test }) => [train, test].map((part) => part.map(({ from, to }) => `${from}-${to}`))),
  ).toEqual([
    [['35-50'], ['10-20', '20-30']],
    [
      ['25-28', '45-50'],
      ['10-20', '30-40'],
    ],
    [['25-38'], ['10-20', '40-50']],
    [
      ['10-18', '45-50'],
      ['20-30', '30-40'],
    ],
    [
      ['10-18', '35-38'],
      ['20-30', '40-50'],
    ],
    [['10-28'], ['30-40', '40-50']],
  ]);
});
