import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BarTimes, compileAxis, INTRADAY_MS } from '../../src/market/bar-axis.js';
import type { Frequency } from '../../src/market/bars.js';
import { getCalendar } from '../../src/market/calendars.js';
import { DAY_MS, formatDate, parseDateLabel, weekdayOf } from '../../src/market/civil-date.js';
import {
  afterOpen,
  beforeClose,
  everyDay,
  monthEnd,
  monthStart,
  weekEnd,
  weekStart,
} from '../../src/market/schedule-rules.js';
import { sessionAxis } from '../../src/market/session-axis.js';
import { sessionLabels } from '../helpers/session-bars.js';

const DATES = [everyDay(), ...[0, 1, 4].flatMap((n) => [weekStart(n), weekEnd(n), monthStart(n), monthEnd(n)])];

const cases = fc.record({
  calendar: fc.constantFrom('XNYS', '24/7'),
  frequency: fc.constantFrom<Frequency>('1m', '5m', '15m', '30m', '1h', '1d'),
  day: fc.integer({ min: parseDateLabel('1998-01-01') / DAY_MS, max: parseDateLabel('2026-12-01') / DAY_MS }),
  length: fc.integer({ min: 1, max: 9 }),
  /** Which bars are missing: those whose hash is below. */
  gaps: fc.integer({ min: 0, max: 95 }),
  salt: fc.integer({ min: 1, max: 1_000_000 }),
  date: fc.constantFrom(...DATES),
  time: fc.oneof(
    fc.integer({ min: 1, max: 720 }).map(afterOpen),
    fc.integer({ min: 1, max: 720 }).map(beforeClose),
    fc.constantFrom(afterOpen(), beforeClose()),
  ),
  halfDays: fc.boolean(),
});

/** Whether a session is the one that a rule names in its week or month, counted day by day. */
function isNamed(calendar: string, label: number, { period, from, days }: (typeof DATES)[number]): boolean {
  if (period === 'day') return true;
  const key = (day: number): string =>
    period === 'month' ? formatDate(day).slice(0, 7) : String(day - ((weekdayOf(day) + 6) % 7) * DAY_MS);
  const step = from === 'start' ? -DAY_MS : DAY_MS;
  let between = 0;
  for (let day = label + step; key(day) === key(label); day += step) {
    if (getCalendar(calendar).isSession(day)) between++;
  }
  return between === days;
}

it('a schedule runs at most once a session, never before its time, and at the first bar that is known by then', () => {
  let runs = 0;
  let without = 0;
  fc.assert(
    fc.property(cases, ({ calendar, frequency, day, length, gaps, salt, date, time, halfDays }) => {
      const [from, to] = [day * DAY_MS, (day + length) * DAY_MS];
      const labels = sessionLabels(calendar, frequency, formatDate(from), formatDate(to)).filter(
        (_, row) => ((row + 1) * salt) % 97 >= gaps,
      );
      if (labels.length === 0) return;
      const venue = getCalendar(calendar);
      const times = Float64Array.from(labels);
      const instants = compileAxis(venue, frequency, times);
      const axis: BarTimes = { calendar, frequency, length: times.length, times, ...instants };
      const table = venue.sessions(from, to);
      const expected: number[] = [];
      for (let session = 0; session < table.length; session++) {
        const [open, close] = [table.opens[session]!, table.closes[session]!];
        if (!isNamed(calendar, table.labels[session]!, date)) continue;
        if (!halfDays && calendar === 'XNYS' && close - open < 390 * 60_000) continue;
        const due = time.from === 'open' ? open + time.minutes * 60_000 : close - time.minutes * 60_000;
        const rows = labels.flatMap((label, row) => {
          if (INTRADAY_MS[frequency] === undefined) return label === table.labels[session] ? [row] : [];
          return label >= open && label < close && instants.closes[row]! >= due && due > open && due <= close
            ? [row]
            : [];
        });
        if (rows[0] === undefined) without++;
        else expected.push(rows[0]);
      }
      expect([...sessionAxis(axis).rowsOn(date, time, halfDays)]).toEqual(expected);
      runs += expected.length;
    }),
    { numRuns: 2_000 },
  );
  expect(runs).toBeGreaterThan(500);
  expect(without).toBeGreaterThan(100);
}, 120_000);
