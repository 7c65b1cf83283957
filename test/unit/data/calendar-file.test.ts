import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { HindcastError } from '../../../src/core/errors.js';
import { findCalendar, readCalendarFile } from '../../../src/data/calendar-file.js';
import { buildDraft } from '../../../src/data/ingest/ingest.js';
import { openBundle } from '../../../src/data/reader.js';
import { writeBundle } from '../../../src/data/writer.js';
import type { Calendar } from '../../../src/market/calendar.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { formatDate, parseDateLabel } from '../../../src/market/civil-date.js';
import { temporaryFolder, temporaryStore } from '../../helpers/bundle-draft.js';

const day = parseDateLabel;

function fileOf(content: unknown, name = 'venue.json'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const venue = {
  name: 'VENUE',
  timeZone: 'Europe/Madrid',
  span: ['2020-01-01', '2029-12-31'],
  hours: [{ open: '09:00', close: '17:30' }],
};

const hoursOn = (calendar: Calendar, date: string): string => {
  const { opens, closes, breakStarts, breakEnds } = calendar.sessions(day(date), day(date));
  if (opens.length === 0) return 'closed';
  const time = (instant: number): string => new Date(instant).toISOString().slice(11, 16);
  const pause = Number.isNaN(breakStarts[0]) ? '' : ` but ${time(breakStarts[0]!)}-${time(breakEnds[0]!)}`;
  return `${time(opens[0]!)}-${time(closes[0]!)}${pause}`;
};

const refusal = (content: unknown, name?: string): string => {
  try {
    readCalendarFile(fileOf(content, name));
  } catch (error) {
    expect(error).toMatchObject({ code: 'CALENDAR_FILE', exitCode: 2 });
    return (error as Error).message;
  }
  throw new Error('It was read.');
};

describe('a calendar file', () => {
  const full = {
    ...venue,
    weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu'],
    hours: [
      { open: '09:00', close: '17:30', break: ['12:00', '13:00'] },
      { from: '2024-01-01', open: '18:00', close: '17:00', opensDayBefore: true },
    ],
    holidays: [
      '2023-03-01',
      { date: '2023-03-02' },
      { name: 'a saint', month: 5, day: 20, observed: 'weekend-to-monday', firstYear: 2022 },
      { month: 9, weekday: 'Mon', nth: 1 },
      { month: 9, weekday: 'Mon', nth: -1, lastYear: 2022 },
      { easter: 1 },
    ],
    sessions: ['2023-03-03', '2023-03-02'],
    specialOpens: [{ date: '2023-03-06', time: '10:00' }],
    specialCloses: [
      { month: 12, day: 24, time: '12:30' },
      { date: '2023-12-24', time: '14:00' },
    ],
  };

  it.each(['json', 'yaml', 'yml'])('is read as .%s', (extension) => {
    const calendar = findCalendar(fileOf(extension === 'json' ? full : stringify(full), `venue.${extension}`));
    expect(calendar).toMatchObject({
      name: 'VENUE',
      timeZone: 'Europe/Madrid',
      sessionMinutes: 1380,
      sessionsPerYear: 258,
    });
    const expected: Record<string, string> = {
      '2023-02-28': '08:00-16:30 but 11:00-12:00',
      '2023-03-01': 'closed',
      '2023-03-02': '08:00-16:30 but 11:00-12:00',
      '2023-03-03': '08:00-16:30 but 11:00-12:00',
      '2023-03-06': '09:00-16:30 but 11:00-12:00',
      '2023-03-10': 'closed',
      '2023-05-22': 'closed',
      '2021-05-20': '07:00-15:30 but 10:00-11:00',
      '2023-09-04': 'closed',
      '2023-09-25': '07:00-15:30 but 10:00-11:00',
      '2022-09-26': 'closed',
      '2023-04-10': 'closed',
      '2023-12-24': '08:00-13:00 but 11:00-12:00',
      '2020-12-24': '08:00-11:30',
      '2024-02-01': '17:00-16:00',
    };
    for (const [date, hours] of Object.entries(expected))
      expect(`${date} ${hoursOn(calendar, date)}`).toBe(`${date} ${hours}`);
  });

  it('adds to its base', () => {
    const calendar = readCalendarFile(
      fileOf({ name: 'MY DESK', base: 'nyse', holidays: ['2024-07-05'], sessions: ['2024-07-04'] }),
    );
    const { labels } = getCalendar('XNYS').sessions(day('2024-01-01'), day('2024-12-31'));
    const mine = calendar.sessions(day('2024-01-01'), day('2024-12-31')).labels;
    const differ = (some: Float64Array, others: Float64Array): string[] =>
      [...some].filter((label) => !others.includes(label)).map((label) => formatDate(label));
    expect(differ(mine, labels)).toEqual(['2024-07-04']);
    expect(differ(labels, mine)).toEqual(['2024-07-05']);
    expect(hoursOn(calendar, '2024-11-29')).toBe('14:30-18:00');
    expect(calendar.sessionMinutes).toBe(390);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /is no JSON/],
    ['no object', '[]', /the file is wrong/],
    ['no name', { ...venue, name: undefined }, /name/],
    ['a name of Hindcast', { ...venue, name: 'nyse' }, /name 'nyse' is that of a calendar of Hindcast/],
    ['a name with a line', { ...venue, name: 'a\nb' }, /name must be 1 to 32 letters/],
    ['a misspelt member', { ...venue, holiday: [] }, /unknown member 'holiday'\. Did you mean 'holidays'\?$/],
    ['a misspelt member within', { ...venue, hours: [{ opens: '09:00', close: '10:00' }] }, /Did you mean 'open'\?/],
    ['no zone', { ...venue, timeZone: undefined }, /timeZone is missing: give it, or a base/],
    ['a zone that is none', { ...venue, timeZone: 'Madrid' }, /timeZone is 'Madrid', no IANA name/],
    ['no hours', { ...venue, hours: undefined }, /hours is missing/],
    ['a time that is none', { ...venue, hours: [{ open: '9:00', close: '17:30' }] }, /hours\[0\]\.open must be a time/],
    ['a number for a time', { ...venue, hours: [{ open: 900, close: '17:30' }] }, /hours\[0\]\.open must be a time/],
    ['hours upside down', { ...venue, hours: [{ open: '18:00', close: '17:30' }] }, /opensDayBefore: true opens on/],
    [
      'a break outside',
      { ...venue, hours: [{ open: '09:00', close: '17:30', break: ['08:00', '10:00'] }] },
      /hours\[0\]\.break/,
    ],
    [
      'later hours without a date',
      { ...venue, hours: [...venue.hours, ...venue.hours] },
      /hours\[1\]\.from is missing/,
    ],
    [
      'hours out of order',
      { ...venue, hours: [...venue.hours, { from: '2019-01-01', open: '09:00', close: '10:00' }] },
      /hours\[1\]\.from is not after/,
    ],
    ['a date that is none', { ...venue, holidays: ['2024-02-30'] }, /holidays\[0\] must be a date/],
    ['a day that no month has', { ...venue, holidays: [{ month: 2, day: 30 }] }, /holidays\[0\] is day 30 of month 2/],
    ['a thirteenth month', { ...venue, holidays: [{ month: 13, day: 1 }] }, /holidays\[0\]\.month/],
    [
      'a way to move that is none',
      { ...venue, holidays: [{ month: 1, day: 1, observed: 'tuesday' }] },
      /holidays\[0\]\.observed/,
    ],
    [
      'an hour that is none',
      { ...venue, specialCloses: [{ date: '2024-12-24', time: '25:00' }] },
      /specialCloses\[0\]\.time/,
    ],
    [
      'a close before the opening',
      { ...venue, specialCloses: [{ date: '2024-12-24', time: '08:00' }] },
      /the session of 2024-12-24 closes before it opens/,
    ],
    ['a span upside down', { ...venue, span: ['2021-01-01', '2020-01-01'] }, /span begins on 2021-01-01, after/],
    [
      'a span beyond its base',
      { name: 'A', base: 'XSHG', span: ['2020-01-01', '2030-12-31'] },
      /span reaches beyond 1990-12-03 to 2026-12-31/,
    ],
    ['no session', { ...venue, span: ['2024-01-06', '2024-01-07'] }, /no day of its span is a session/],
  ])('is refused with %s', (_, content, message) => expect(refusal(content)).toMatch(message));

  it('is refused with a base that is none, YAML that is none, and where there is no file', () => {
    expect(() => readCalendarFile(fileOf({ name: 'A', base: 'XNYZ' }))).toThrow(/Did you mean 'XNYS'\?/);
    expect(refusal('name: [', 'venue.yaml')).toMatch(/venue\.yaml: is no YAML/);
    expect(() => readCalendarFile('/nowhere/venue.yaml')).toThrow(/there is no such file/);
    expect(() => readCalendarFile(temporaryFolder())).toThrow(/it is a folder/);
  });

  it('never breaks the reader with anything but an error of its own', () => {
    const path = fileOf('{}');
    const keys = fc.constantFrom(
      'name',
      'base',
      'timeZone',
      'span',
      'weekdays',
      'hours',
      'holidays',
      'sessions',
      'specialCloses',
    );
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(...Object.values(full), venue.hours, '2024-01-02', 'XNYS'),
    );
    fc.assert(
      fc.property(fc.dictionary(keys, entry), (members) => {
        writeFileSync(path, JSON.stringify({ ...venue, span: ['2024-01-01', '2024-12-31'], ...members }));
        try {
          expect(readCalendarFile(path).sessionMinutes).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof HindcastError)) throw error;
          expect(['CALENDAR_FILE', 'UNKNOWN_CALENDAR']).toContain(error.code);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('goes with the bundle, which needs it no more', async () => {
    const csv = join(temporaryFolder(), 'AAA.csv');
    writeFileSync(
      csv,
      'date,open,high,low,close,volume\n2024-01-07,1,1,1,1,1\n2024-01-08,2,2,2,2,2\n2024-01-10,3,3,3,3,3\n',
    );
    const calendar = fileOf({ ...venue, weekdays: ['Sun', 'Mon', 'Wed'] });
    const { draft, report } = await buildDraft({ files: [csv], calendar });
    expect(report.assets[0]).toMatchObject({ calendar: 'VENUE', missing: 0 });
    const { directory } = await writeBundle(temporaryStore(), 'own', draft);
    using bundle = openBundle(directory);
    expect(bundle.groups[0]!.venue!.isSession(day('2024-01-09'))).toBe(false);
    expect(new Date(bundle.groups[0]!.closes[2]!).toISOString()).toBe('2024-01-10T16:30:00.000Z');
  });
});
