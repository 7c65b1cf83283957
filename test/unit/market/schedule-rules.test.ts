import { describe, expect, it } from 'vitest';
import { type BarTimes, compileAxis, INTRADAY_MS } from '../../../src/market/bar-axis.js';
import type { Frequency } from '../../../src/market/bars.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { formatDate, parseDateLabel } from '../../../src/market/civil-date.js';
import {
  afterOpen,
  beforeClose,
  checkDateRule,
  type DateRule,
  everyDay,
  monthEnd,
  monthStart,
  ruleText,
  sessionsOn,
  type TimeRule,
  weekEnd,
  weekStart,
} from '../../../src/market/schedule-rules.js';
import { type SessionAxis, sessionAxis } from '../../../src/market/session-axis.js';
import { referenceJson } from '../../helpers/reference.js';
import { sessionLabels } from '../../helpers/session-bars.js';
import { describeShared } from '../../helpers/shared.js';

const NEW_YORK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
});

function axisOf(calendar: string, frequency: Frequency, labels: readonly number[]): BarTimes {
  const times = Float64Array.from(labels);
  return { calendar, frequency, length: times.length, times, ...compileAxis(getCalendar(calendar), frequency, times) };
}

const barsOf = (calendar: string, frequency: Frequency, from: string, to: string): BarTimes =>
  axisOf(calendar, frequency, sessionLabels(calendar, frequency, from, to));

/** Rows of a schedule as the instants at which their bars are known. */
function instants(axis: BarTimes, date: DateRule, time: TimeRule = afterOpen(), halfDays = true): number[] {
  return [...sessionAxis(axis).rowsOn(date, time, halfDays)].map((row) => axis.closes[row]!);
}

/** The same as UTC dates with the time in New York. */
const local = (...given: Parameters<typeof instants>): string[] =>
  instants(...given).map((instant) => `${formatDate(instant)} ${NEW_YORK.format(instant)}`);

/** Dates named by a rule, among the sessions of some days. */
function dates(rule: DateRule, from: string, to: string, calendar = 'XNYS', halfDays = true): string[] {
  const axis = barsOf(calendar, '1d', from, to);
  return [...sessionAxis(axis).rowsOn(rule, afterOpen(), halfDays)].map((row) => formatDate(axis.times[row]!));
}

interface Reference {
  readonly nyse_first_minute_of_session_triggers: { readonly 'week_start(0)': Readonly<Record<string, boolean>> };
  readonly half_day: { readonly NotHalfDay: Readonly<Record<string, boolean>> };
  readonly composed: { readonly only_trigger: string; readonly count: number };
}

describeShared('the schedule rules of zipline', 'reference/zipline/schedule_rules.json', () => {
  const reference = (): Reference => referenceJson<Reference>('reference/zipline/schedule_rules.json');

  it('week_start(0) triggers in the first minute of the same sessions', () => {
    const wanted = reference().nyse_first_minute_of_session_triggers['week_start(0)'];
    const axis = barsOf('XNYS', '1m', '2013-12-16', '2014-01-31');
    const triggered = local(axis, weekStart(0));
    expect(Object.keys(wanted)).toHaveLength(6);
    for (const [date, triggers] of Object.entries(wanted)) expect(triggered.includes(`${date} 09:31`)).toBe(triggers);
    expect(dates(weekStart(0), '2013-12-16', '2014-01-31').filter((date) => date in wanted)).toEqual(
      Object.keys(wanted).filter((date) => wanted[date]),
    );
  });

  it('an hour and five minutes after the opening is minute 64 of each session, from 0', () => {
    const axis = barsOf('XNYS', '1m', '2014-09-22', '2014-09-26');
    expect([...sessionAxis(axis).rowsOn(everyDay(), afterOpen(65), true)]).toEqual([64, 454, 844, 1234, 1624]);
  });

  it('half days are left out where they are not wanted', () => {
    for (const [date, triggers] of Object.entries(reference().half_day.NotHalfDay)) {
      expect(dates(everyDay(), date, date, 'XNYS', false)).toEqual(triggers ? [date] : []);
      expect(dates(everyDay(), date, date)).toEqual([date]);
    }
  });

  it('the first session of a week and an hour after the opening meet once', () => {
    const { only_trigger, count } = reference().composed;
    const axis = barsOf('XNYS', '1m', '2014-01-06', '2014-01-10');
    const triggered = instants(axis, weekStart(0), afterOpen(60));
    expect(triggered).toEqual([Date.parse(only_trigger)]);
    expect(triggered).toHaveLength(count);
  });

  it.each([
    [1, true],
    [720, true],
    [0, false],
    [721, false],
  ])('an offset of %i minutes is taken: %s', (minutes, valid) => {
    for (const rule of [afterOpen, beforeClose]) {
      if (valid) expect(rule(minutes).minutes).toBe(minutes);
      else expect(() => rule(minutes)).toThrowError(/minutes of \w+ must be from 1 to 720/);
    }
  });
});

describe('date rules count sessions, not days', () => {
  it.each<[string, DateRule, string[]]>([
    ['week starts, over the new year', weekStart(), ['2013-12-23', '2013-12-30', '2014-01-06', '2014-01-13']],
    ['second sessions of weeks', weekStart(1), ['2013-12-24', '2013-12-31', '2014-01-07', '2014-01-14']],
    ['week ends', weekEnd(), ['2013-12-27', '2014-01-03', '2014-01-10', '2014-01-17']],
    ['fifth sessions: not in weeks with a holiday', weekStart(4), ['2014-01-10', '2014-01-17']],
    ['fifth sessions from the end', weekEnd(4), ['2014-01-06', '2014-01-13']],
    ['month starts', monthStart(), ['2014-01-02']],
    ['month ends', monthEnd(), ['2013-12-31']],
    ['two before the month end', monthEnd(2), ['2013-12-27']],
  ])('%s', (_name, rule, wanted) => expect(dates(rule, '2013-12-23', '2014-01-17')).toEqual(wanted));

  it('count from where the period begins, also where the data does not', () => {
    expect(dates(monthStart(), '2014-01-10', '2014-02-28')).toEqual(['2014-02-03']);
    expect(dates(weekStart(), '2014-01-08', '2014-01-14')).toEqual(['2014-01-13']);
    expect(dates(monthEnd(), '2014-01-10', '2014-01-30')).toEqual([]);
  });

  it('leave out a month with too few sessions', () => {
    expect(dates(monthStart(22), '2023-01-01', '2023-12-31')).toEqual(['2023-03-31', '2023-08-31']);
    expect(dates(monthStart(30), '2020-01-01', '2020-06-30', '24/7')).toEqual([
      '2020-01-31',
      '2020-03-31',
      '2020-05-31',
    ]);
  });

  it('run on no other session where the one meant has no bar', () => {
    const labels = sessionLabels('XNYS', '1d', '2014-01-02', '2014-03-31').filter(
      (label) => label !== parseDateLabel('2014-02-03'),
    );
    const axis = axisOf('XNYS', '1d', labels);
    const rows = sessionAxis(axis).rowsOn(monthStart(), afterOpen(), true);
    expect([...rows].map((row) => formatDate(axis.times[row]!))).toEqual(['2014-01-02', '2014-03-03']);
  });

  it('run once on a weekly or monthly bar that holds the session', () => {
    const mondays = ['2014-01-27', '2014-02-03', '2014-02-10', '2014-02-17', '2014-02-24', '2014-03-03'];
    const axis = axisOf('XNYS', '1w', mondays.map(parseDateLabel));
    const rows = (rule: DateRule): number[] => [...sessionAxis(axis).rowsOn(rule, afterOpen(), true)];
    expect(rows(everyDay())).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rows(weekEnd())).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rows(weekEnd(4))).toEqual([0, 1, 2, 4, 5]);
    expect(rows(monthStart())).toEqual([1, 5]);
    expect(rows(monthEnd())).toEqual([0, 4]);
  });
});

describe('time rules on minute bars of XNYS', () => {
  it.each([
    ['2012-07-03', '2012-07-03', '13:00'],
    ['2014-07-03', '2014-07-03', '13:00'],
    ['2014-11-28', '2014-11-28', '13:00'],
    ['2014-12-24', '2014-12-24', '13:00'],
    ['2014-12-26', '2014-12-26', '16:00'],
  ])('count on %s back from its own close', (from, to, close) => {
    const axis = barsOf('XNYS', '1m', from, to);
    const minutes = close === '13:00' ? 210 : 390;
    expect(axis.length).toBe(minutes);
    expect(local(axis, everyDay(), beforeClose())).toEqual([`${from} ${close === '13:00' ? '12:59' : '15:59'}`]);
    expect(local(axis, everyDay(), beforeClose(30))).toEqual([`${from} ${close === '13:00' ? '12:30' : '15:30'}`]);
    expect(local(axis, everyDay(), afterOpen(minutes))).toEqual([`${from} ${close}`]);
    expect(local(axis, everyDay(), afterOpen(minutes + 1))).toEqual([]);
    expect(local(axis, everyDay(), beforeClose(minutes))).toEqual([]);
    expect(local(axis, everyDay(), afterOpen(), false)).toEqual(close === '13:00' ? [] : [`${from} 09:31`]);
  });

  it.each([
    ['spring', '2014-03-06', '2014-03-11', ['2014-03-06', '2014-03-07', '2014-03-10', '2014-03-11']],
    ['autumn', '2014-10-30', '2014-11-04', ['2014-10-30', '2014-10-31', '2014-11-03', '2014-11-04']],
  ])('keep the venue’s clock when it changes in %s', (_season, from, to, days) => {
    const axis = barsOf('XNYS', '1m', from, to);
    expect(local(axis, everyDay(), afterOpen(30))).toEqual(days.map((day) => `${day} 10:00`));
    expect(local(axis, everyDay(), beforeClose(15))).toEqual(days.map((day) => `${day} 15:45`));
  });

  it('wait for the next bar where one is missing, and for none of the next session', () => {
    const all = sessionLabels('XNYS', '1m', '2014-01-06', '2014-01-07');
    const without = (...gone: number[]): BarTimes =>
      axisOf(
        'XNYS',
        '1m',
        all.filter((_, row) => !gone.includes(row)),
      );
    expect(local(without(29, 30), everyDay(), afterOpen(30))).toEqual(['2014-01-06 10:02', '2014-01-07 10:00']);
    expect(local(without(388, 389), everyDay(), beforeClose())).toEqual(['2014-01-07 15:59']);
  });

  it.each<[Frequency, string[]]>([
    ['5m', ['12:35', '15:35']],
    ['15m', ['12:30', '15:30']],
    ['30m', ['12:30', '15:30']],
    ['1h', ['12:30', '15:30']],
  ])('on %s bars take the first that is known by then', (frequency, wanted) => {
    const axis = barsOf('XNYS', frequency, '2014-11-28', '2014-12-01');
    const perDay = (INTRADAY_MS[frequency] ?? 0) / 60_000;
    expect(axis.length).toBe(Math.ceil(210 / perDay) + Math.ceil(390 / perDay));
    expect(local(axis, everyDay(), beforeClose(frequency === '5m' ? 26 : 30))).toEqual([
      `2014-11-28 ${wanted[0]}`,
      `2014-12-01 ${wanted[1]}`,
    ]);
  });
});

describe('the sessions of an axis', () => {
  const ends = (axis: BarTimes, sessions: SessionAxis): string[] =>
    Array.from({ length: axis.length }, (_, row) => row)
      .filter((row) => sessions.opensSession(row) || sessions.closesSession(row))
      .map((row) => NEW_YORK.format(axis.times[row]));

  it('begin and end with their own bars, and give a bar outside hours to the nearer one', () => {
    const day = ['04:00', '09:30', '12:59', '13:30'].map((time) => Date.parse(`2014-11-28T${time}:00-05:00`));
    const next = ['08:00', '15:59', '19:30'].map((time) => Date.parse(`2014-12-01T${time}:00-05:00`));
    const axis = axisOf('XNYS', '1m', [...day, ...next]);
    const sessions = sessionAxis(axis);
    expect(sessionAxis(axis)).toBe(sessions);
    expect(ends(axis, sessions)).toEqual(['04:00', '13:30', '08:00', '19:30']);
    const hours = [0, 3, 4, 6, 1].map((row) =>
      [sessions.openOf(row), sessions.closeOf(row)].map((instant) => NEW_YORK.format(instant)).join('-'),
    );
    expect(hours).toEqual(['09:30-13:00', '09:30-13:00', '09:30-16:00', '09:30-16:00', '09:30-13:00']);
  });

  it('are whole bars from a day on', () => {
    const axis = barsOf('XNYS', '1d', '2014-11-26', '2014-11-28');
    const sessions = sessionAxis(axis);
    expect([0, 1].map((row) => (sessions.closeOf(row) - sessions.openOf(row)) / 60_000)).toEqual([390, 210]);
    expect([0, 1].map((row) => [sessions.opensSession(row), sessions.closesSession(row)])).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it('are not known before the calendar is', () => {
    const axis: BarTimes = {
      calendar: 'XNYS',
      frequency: '1m',
      length: 1,
      times: new Float64Array(1),
      opens: new Float64Array(1),
      closes: new Float64Array([60_000]),
    };
    expect(() => sessionAxis(axis)).toThrowError(expect.objectContaining({ code: 'CALENDAR_RANGE' }));
  });
});

describe('rules that cannot be met', () => {
  it.each<[string, () => unknown, string]>([
    ['a negative day', () => weekStart(-1), 'OUT_OF_RANGE'],
    ['half a day', () => monthEnd(0.5), 'NOT_AN_INTEGER'],
    ['the eighth day of a week', () => weekEnd(7), 'OUT_OF_RANGE'],
    ['the thirty-second day of a month', () => monthStart(31), 'OUT_OF_RANGE'],
    ['half a minute', () => afterOpen(0.5), 'NOT_AN_INTEGER'],
    ['a word', () => beforeClose('ten' as never), 'NOT_AN_INTEGER'],
  ])('%s', (_name, make, code) => expect(make).toThrowError(expect.objectContaining({ code })));

  it.each<[DateRule, string, number | undefined]>([
    [weekStart(4), 'XNYS', undefined],
    [weekStart(5), 'XNYS', 4],
    [monthEnd(22), 'XNYS', undefined],
    [monthEnd(23), 'XNYS', 22],
    [weekEnd(6), '24/7', undefined],
    [monthStart(30), '24/7', undefined],
    [everyDay(), 'XNYS', undefined],
  ])('of %j on %s', (rule, name, most) => {
    const check = (): void => checkDateRule(rule, getCalendar(name));
    if (most === undefined) check();
    else
      expect(check).toThrowError(
        expect.objectContaining({ code: 'OUT_OF_RANGE', message: expect.stringContaining(`give 0 to ${most}`) }),
      );
  });

  it('does not refuse what some week or month of three decades holds', () => {
    const table = getCalendar('XNYS').sessions(parseDateLabel('1995-01-01'), parseDateLabel('2024-12-31'));
    expect(sessionsOn(monthStart(22), table, true).length).toBeGreaterThan(20);
    expect(sessionsOn(monthStart(23), table, true)).toEqual([]);
  });

  it('are written as strategies write them', () => {
    expect([everyDay(), weekStart(), monthEnd(3), afterOpen(), beforeClose(30)].map(ruleText)).toEqual([
      'everyDay()',
      'weekStart(0)',
      'monthEnd(3)',
      'afterOpen(1)',
      'beforeClose(30)',
    ]);
  });
});
