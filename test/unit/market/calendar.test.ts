import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { createCalendar } from '../../../src/market/calendar.js';
import { calendarNames, getCalendar } from '../../../src/market/calendars.js';
import { DAY_MS, easterSunday, formatDate, parseDateLabel, weekdayOf } from '../../../src/market/civil-date.js';
import { describeShared, sharedFile } from '../../helpers/shared.js';

const day = (text: string): number => parseDateLabel(text);
const xnys = getCalendar('XNYS');
const always = getCalendar('24/7');

describe('XNYS', () => {
  it.each([
    ['1994-04-27', "President Nixon's funeral"],
    ['1998-01-19', 'first Martin Luther King Day that was a holiday'],
    ['2001-09-11', 'attacks'],
    ['2001-09-14', 'attacks'],
    ['2004-06-11', "President Reagan's funeral"],
    ['2012-10-29', 'hurricane Sandy'],
    ['2021-12-24', 'Christmas on a Saturday'],
    ['2022-06-20', 'first Juneteenth, on a Sunday'],
    ['2024-03-29', 'Good Friday'],
    ['2024-06-19', 'Juneteenth'],
    ['2025-01-09', "President Carter's funeral"],
    ['2025-04-18', 'Good Friday'],
    ['2026-07-03', 'Independence Day on a Saturday'],
    ['2027-06-18', 'Juneteenth on a Saturday'],
    ['2028-07-04', 'Independence Day'],
  ])('is closed on %s: %s', (date) => {
    expect(xnys.isSession(day(date))).toBe(false);
    expect(xnys.sessions(day(date), day(date)).length).toBe(0);
  });

  it.each([
    ['1997-01-20', 'Martin Luther King Day before it was a holiday'],
    ['2010-12-31', "no Friday off for a New Year's Day on Saturday"],
    ['2021-06-18', 'no Juneteenth yet'],
    ['2021-12-31', "no Friday off for a New Year's Day on Saturday"],
    ['2024-11-11', 'Veterans Day'],
    ['2024-10-14', 'Columbus Day'],
  ])('is open on %s: %s', (date) => expect(xnys.isSession(day(date))).toBe(true));

  it.each([
    ['2020-03-06', '14:30', '21:00', 'the last session of winter time'],
    ['2020-03-09', '13:30', '20:00', 'the first session of summer time'],
    ['2006-03-31', '14:30', '21:00', 'winter time lasted until April'],
    ['2006-04-03', '13:30', '20:00', 'the old first session of summer time'],
    ['2020-10-30', '13:30', '20:00', 'the last session of summer time'],
    ['2020-11-02', '14:30', '21:00', 'the first session of winter time'],
    ['2024-07-03', '13:30', '17:00', 'a half day on a Wednesday'],
    ['2024-11-29', '14:30', '18:00', 'the half day after Thanksgiving'],
    ['2025-12-24', '14:30', '18:00', 'Christmas Eve'],
    ['2026-07-02', '13:30', '20:00', 'no half day before a holiday that was moved'],
    ['2002-07-03', '13:30', '20:00', 'a full Wednesday before the holiday'],
    ['2002-07-05', '13:30', '17:00', 'the half day after the holiday'],
    ['1992-11-27', '14:30', '19:00', 'a half day until two'],
  ])('holds %s from %s to %s UTC: %s', (date, open, close) => {
    const table = xnys.sessions(day(date), day(date));
    expect(table.length).toBe(1);
    expect(new Date(table.opens[0]!).toISOString()).toBe(`${date}T${open}:00.000Z`);
    expect(new Date(table.closes[0]!).toISOString()).toBe(`${date}T${close}:00.000Z`);
  });

  it.each([
    [2020, 253],
    [2021, 252],
    [2023, 250],
    [2024, 252],
    [2025, 250],
  ])('has in %i %i sessions', (year, count) => {
    expect(xnys.sessions(day(`${year}-01-01`), day(`${year}-12-31`)).length).toBe(count);
  });
});

describe('a calendar', () => {
  it('answers for a label inside or outside its years, and for no other number', () => {
    expect(xnys.isSession(day('1989-12-29'))).toBe(false);
    expect(xnys.isSession(day('2024-01-02') + 1)).toBe(false);
    expect(xnys.isSession(Number.NaN)).toBe(false);
    expect(() => xnys.sessions(day('1989-12-29'), day('1990-01-05'))).toThrow(UsageError);
    expect(() => xnys.sessions(Number.NaN, day('1990-01-05'))).toThrow(/knows sessions from 1990-01-01 to 2099-12-31/);
  });

  it('gives no session for an empty span', () => {
    expect(xnys.sessions(day('2024-01-06'), day('2024-01-07')).length).toBe(0);
    expect(xnys.sessions(day('2024-01-06'), day('2024-01-02')).length).toBe(0);
  });

  it('finds the session at or after a date', () => {
    expect(formatDate(xnys.sessionOnOrAfter(day('2024-12-25'))!)).toBe('2024-12-26');
    expect(formatDate(xnys.sessionOnOrAfter(day('2024-12-28'))!)).toBe('2024-12-30');
    expect(formatDate(xnys.sessionOnOrAfter(day('2010-12-25'))!)).toBe('2010-12-27');
    expect(formatDate(xnys.sessionOnOrAfter(day('1950-01-01'))!)).toBe('1990-01-02');
    expect(xnys.sessionOnOrAfter(day('2100-01-01'))).toBeUndefined();
  });

  it('gives arrays of the caller alone', () => {
    const mine = xnys.sessions(day('2024-01-01'), day('2024-01-31'));
    mine.labels.fill(0);
    expect(formatDate(xnys.sessions(day('2024-01-01'), day('2024-01-31')).labels[0]!)).toBe('2024-01-02');
  });

  it('agrees with itself, however a span is asked for', () => {
    const date = fc.integer({ min: day('1990-01-01') / DAY_MS, max: day('2099-12-31') / DAY_MS });
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 800 }), (first, length) => {
        const from = first * DAY_MS;
        const to = Math.min(from + length * DAY_MS, day('2099-12-31'));
        const table = xnys.sessions(from, to);
        const counted = [];
        for (let label = from; label <= to; label += DAY_MS) if (xnys.isSession(label)) counted.push(label);
        expect([...table.labels]).toEqual(counted);
        const odd = [...table.labels].filter((label, row) => {
          const minutes = (table.closes[row]! - table.opens[row]!) / 60_000;
          return ![390, 270, 210].includes(minutes) || weekdayOf(label) % 6 === 0;
        });
        expect(odd).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('getCalendar', () => {
  it('knows other names', () => {
    for (const name of ['XNAS', 'NASDAQ', 'NYSE', 'xnys']) expect(getCalendar(name)).toBe(xnys);
    expect(calendarNames()).toEqual(['XNYS', '24/7']);
  });

  it('suggests the nearest name', () => {
    expect(() => getCalendar('XNSY')).toThrow(/Did you mean 'XNYS'\?/);
    expect(() => getCalendar('constructor')).toThrow(UsageError);
  });
});

describe('24/7', () => {
  it('opens at midnight and closes at the next', () => {
    const table = always.sessions(day('2024-02-28'), day('2024-03-01'));
    expect([...table.labels]).toEqual([day('2024-02-28'), day('2024-02-29'), day('2024-03-01')]);
    expect([...table.opens]).toEqual([...table.labels]);
    expect([...table.closes]).toEqual([...table.labels].map((label) => label + DAY_MS));
  });
});

describe('easterSunday', () => {
  it.each([
    '1961-04-02',
    '1990-04-15',
    '2000-04-23',
    '2008-03-23',
    '2011-04-24',
    '2024-03-31',
    '2025-04-20',
    '2038-04-25',
  ])('is %s in its year', (date) => expect(formatDate(easterSunday(Number(date.slice(0, 4))))).toBe(date));
});

describeShared('reference sessions', 'data/calendars', () => {
  it.each([
    ['XNYS', 'xnys.csv'],
    ['24/7', '24-7.csv'],
  ])('%s equals every session, open and close of %s', (name, file) => {
    const rows = readFileSync(sharedFile(`data/calendars/${file}`), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    const expected = rows.map((row) =>
      row
        .split(',')
        .slice(0, 3)
        .map((text) => Date.parse(text)),
    );
    // The XNYS table begins with January 2nd 1990, its year's first session: ask from the day before.
    const table = getCalendar(name).sessions(expected[0]![0]!, expected.at(-1)![0]!);
    const computed = Array.from(table.labels, (label, row) => [label, table.opens[row]!, table.closes[row]!]);
    expect(computed).toEqual(expected);
    expect(computed.length).toBeGreaterThan(365);
  });
});

describe('createCalendar', () => {
  const venue = createCalendar({
    name: 'TEST',
    timeZone: 'Europe/London',
    sessionsPerYear: 250,
    sessionMinutes: 480,
    years: [2000, 2030],
    weekdays: [0, 1, 2, 3, 4],
    hours: [
      { from: '2000-01-01', open: '09:00', close: '17:00' },
      { from: '2020-06-15', open: '08:30', close: '16:45' },
    ],
    holidays: [
      { name: 'only in some years', firstYear: 2019, lastYear: 2020, date: (year) => Date.UTC(year, 5, 16) },
      { name: 'observed in the year before', date: (year) => Date.UTC(year, 0, 0) },
    ],
    closures: ['2020-06-17'],
    specialCloses: [{ name: 'short', firstYear: 2020, time: '12:00', date: (year) => Date.UTC(year, 5, 18) }],
    adHocCloses: { '2020-06-21': '13:15', '2019-06-18': '14:00' },
    adHocOpens: { '2020-06-22': '10:00' },
  });
  const hoursOf = (date: string): string[] => {
    const { opens, closes } = venue.sessions(day(date), day(date));
    return [...opens, ...closes].map((instant) => new Date(instant).toISOString().slice(11, 16));
  };

  it.each([
    ['2020-06-14', ['08:00', '16:00'], 'the old hours, in summer time, on a Sunday'],
    ['2020-06-15', ['07:30', '15:45'], 'the new hours'],
    ['2020-12-15', ['08:30', '16:45'], 'the new hours in winter time'],
    ['2020-06-16', [], 'a holiday within its years'],
    ['2021-06-16', ['07:30', '15:45'], 'a holiday after its years'],
    ['2018-06-18', ['08:00', '16:00'], 'a special close before its years'],
    ['2020-06-17', [], 'a closure'],
    ['2020-06-18', ['07:30', '11:00'], 'a special close by rule'],
    ['2020-06-21', ['07:30', '12:15'], 'a special close ad hoc'],
    ['2019-06-18', ['08:00', '13:00'], 'a special close ad hoc under old hours'],
    ['2020-06-22', ['09:00', '15:45'], 'a late opening'],
    ['2020-06-19', [], 'a Friday, on which this venue rests'],
    ['2020-12-31', [], 'a holiday of the next year'],
    ['2030-12-31', [], 'a holiday of a year beyond the last'],
  ])('%s: %j, %s', (date, hours) => expect(hoursOf(date)).toEqual(hours));
});
