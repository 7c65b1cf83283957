import { describe, expect, it } from 'vitest';
import { draftOf } from '../../../src/data/bundle-draft.js';
import type { BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { layOut } from '../../../src/data/layout.js';
import { openBundle } from '../../../src/data/reader.js';
import { backtest } from '../../../src/engine/backtest.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { lowerBound } from '../../../src/market/calendar.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { DAY_MS, parseDateLabel } from '../../../src/market/civil-date.js';
import { createCalendar, WORKDAYS } from '../../../src/market/rule-calendar.js';
import { sessionAxis } from '../../../src/market/session-axis.js';
import { assetDraft } from '../../helpers/bundle-draft.js';

const MINUTE = 60_000;
const day = parseDateLabel;

/** A venue with a lunch break, whose session of July 2nd closes at noon. */
const venue = createCalendar({
  name: 'VENUE',
  timeZone: 'Asia/Tokyo',
  sessionsPerYear: 240,
  sessionMinutes: 300,
  span: ['2020-01-01', '2024-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '2020-01-01', open: '09:00', close: '15:00', break: ['11:30', '12:30'] }],
  closures: ['2024-07-03'],
  adHocCloses: { '2024-07-02': '11:30' },
});

/** Half-hour bars of all sessions from July 1st to 5th. */
function draft(calendar = venue): BundleDraft {
  const { opens, closes, breakStarts, breakEnds } = calendar.sessions(day('2024-07-01'), day('2024-07-05'));
  const times: number[] = [];
  for (const [session, open] of opens.entries()) {
    for (let time = open; time < closes[session]!; time += 30 * MINUTE) {
      if (!(time >= breakStarts[session]! && time < breakEnds[session]!)) times.push(time);
    }
  }
  const asset = assetDraft(
    'AAA',
    times.map((_, row) => 10 + row),
  );
  return {
    calendars: [calendar],
    groups: [{ calendar: calendar.name, frequency: '30m', times: Float64Array.from(times), assets: [asset] }],
    splits: [],
    dividends: [],
  };
}

describe('sessions in a bundle', () => {
  it('are those of the calendar that it was written with, whatever the calendar is now', async () => {
    using bundle = await bundleFromColumns(draft());
    const [group] = bundle.groups;
    expect(group!.venue).toBe(bundle.calendars[0]);
    const { length, ...columns } = bundle.calendars[0]!.sessions(day('2024-06-24'), day('2024-07-12'));
    const { length: count, ...expected } = venue.sessions(day('2024-06-24'), day('2024-07-12'));
    expect(length).toBe(count);
    expect(columns).toEqual(expected);
    expect(bundle.calendars[0]).toMatchObject({ name: 'VENUE', timeZone: 'Asia/Tokyo', sessionsPerYear: 240 });
    expect(() => getCalendar('VENUE')).toThrow(/Unknown calendar/);
    // A corrected rule of the same name makes another version: the sessions are content.
    const corrected = createCalendar({
      name: 'VENUE',
      timeZone: 'Asia/Tokyo',
      sessionsPerYear: 240,
      sessionMinutes: 300,
      span: ['2020-01-01', '2024-12-31'],
      weekdays: WORKDAYS,
      hours: [{ from: '2020-01-01', open: '09:00', close: '15:00', break: ['11:30', '12:30'] }],
      closures: ['2024-07-03', '2024-07-24'],
      adHocCloses: { '2024-07-02': '11:30' },
    });
    const one = layOut(draft()).manifest;
    const other = layOut({ ...draft(), calendars: [corrected] }).manifest;
    expect(other.calendars).not.toEqual(one.calendars);
    expect(other.groups).toEqual(one.groups);
  });

  it('reach forty days beyond the bars, but not beyond what the calendar knows', async () => {
    using bundle = await bundleFromColumns(draft());
    const { firstLabel, lastLabel } = bundle.calendars[0]!;
    expect(firstLabel).toBe(day('2024-07-01') - 40 * DAY_MS);
    expect(lastLabel).toBe(day('2024-07-05') + 40 * DAY_MS);
    expect(bundle.calendars[0]!.isSession(day('2024-07-03'))).toBe(false);
    expect(bundle.calendars[0]!.sessionOnOrAfter(day('2024-07-03'))).toBe(day('2024-07-04'));
    expect(() => bundle.calendars[0]!.sessions(firstLabel - DAY_MS, lastLabel)).toThrow(
      expect.objectContaining({ code: 'CALENDAR_RANGE' }),
    );
    const late = { ...draft(), groups: draft().groups.map((group) => ({ ...group, times: group.times.map(late12) })) };
    expect(layOut(late).manifest.calendars[0]!.last).toBe(day('2024-12-31'));
    function late12(time: number): number {
      return time + 180 * DAY_MS;
    }
  });

  it('come with the bundle into another thread, and back into the same version', async () => {
    using bundle = await bundleFromColumns(draft(), { sharing: 'shared' });
    using again = openBundle(bundle.handle);
    expect(again.calendars[0]!.sessions(day('2024-07-02'), day('2024-07-02')).halfDays[0]).toBe(1);
    const { manifest } = layOut(draftOf(again));
    expect(manifest).toEqual(bundle.manifest);
  });

  it('say to a strategy how long a session with a break has lasted', async () => {
    const seen: string[] = [];
    const strategy = defineStrategy({
      parameters: {},
      initialize: () => ({}),
      beforeTradingStart: () => void seen.push('opens'),
      handleData({ session, now }) {
        const local = new Date(now + 9 * 60 * MINUTE).toISOString().slice(11, 16);
        seen.push(`${local} ${session.minutesSinceOpen} ${session.minutesToClose}`);
      },
    });
    using bundle = await bundleFromColumns(draft());
    await backtest(strategy, { bundle });
    expect(seen.slice(4, 8)).toEqual(['11:00 120 240', '11:30 150 210', '13:00 240 120', '13:30 270 90']);
    expect(seen.indexOf('opens', 1)).toBe(11);
    expect(seen.slice(11, 17)).toEqual([
      'opens',
      ...['09:30 30 120', '10:00 60 90', '10:30 90 60', '11:00 120 30', '11:30 150 0'],
    ]);
  });

  it('belong to the date on which a session closes that opens the evening before', async () => {
    const cmes = getCalendar('CMES');
    using bundle = await bundleFromColumns(draft(cmes));
    const [group] = bundle.groups;
    const axis = sessionAxis(group!);
    // In the evening of July 4th in Chicago the session of July 5th is open; that of the holiday closed at noon.
    const row = lowerBound(group!.times, Date.parse('2024-07-05T02:30:00Z'));
    expect(new Date(axis.openOf(row)).toISOString()).toBe('2024-07-04T22:00:00.000Z');
    expect(new Date(axis.closeOf(row)).toISOString()).toBe('2024-07-05T22:00:00.000Z');
    const short = lowerBound(group!.times, Date.parse('2024-07-04T16:30:00Z'));
    expect(axis.closesSession(short)).toBe(true);
    expect(axis.opensSession(short + 1)).toBe(true);
    expect(new Date(group!.times[short + 1]!).toISOString()).toBe('2024-07-04T22:00:00.000Z');
  });
});
