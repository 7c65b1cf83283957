import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { calendarAliases, calendarNames, getCalendar } from '../../../src/market/calendars.js';
import { DAY_MS, easterSunday, formatDate, parseDateLabel, weekdayOf } from '../../../src/market/civil-date.js';
import { createCalendar } from '../../../src/market/rule-calendar.js';
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
    for (const [alias, name] of Object.entries(calendarAliases())) expect(getCalendar(alias).name).toBe(name);
    expect(calendarNames()).toContain('XTKS');
  });

  it('suggests the nearest name', () => {
    expect(() => getCalendar('XNYY')).toThrow(/Did you mean 'XNYS'\?/);
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

describe('calendars of the world', () => {
  it.each([
    ['XLON', '1995-05-01', 'a bank holiday that moved to the 8th'],
    ['XLON', '2022-05-30', 'a bank holiday that moved to the jubilee'],
    ['XETR', '2022-06-06', 'Whit Monday, no holiday since'],
    ['XETR', '2013-10-03', 'Day of German Unity, no holiday yet'],
    ['XPAR', '2003-07-14', 'Bastille Day, no holiday of Euronext'],
    ['XPAR', '2002-05-20', 'Whit Monday, no holiday of Euronext'],
    ['XTKS', '1998-05-06', 'a Wednesday after a Sunday holiday, made good on the 4th by the old law'],
    ['XTKS', '2019-12-23', 'the birthday of an emperor who has abdicated'],
    ['XTKS', '2020-07-20', 'Marine Day, moved to the games'],
    ['XTKS', '1995-07-20', 'Marine Day, no holiday yet'],
    ['XHKG', '2008-06-25', 'a day of which a typhoon took the morning'],
    ['XASX', '1993-01-26', 'Australia Day when the states differed'],
    ['XASX', '2021-04-26', 'Anzac Day on a Sunday, not made good'],
    ['XTSE', '2007-02-19', 'Family Day, no holiday yet'],
    ['XBOM', '2024-01-20', 'a Saturday with a session'],
    ['XSHG', '2020-02-03', 'the first session of the epidemic'],
    ['CMES', '2024-07-04', 'Independence Day, on which futures trade until noon'],
    ['XAMS', '2002-04-30', "Queen's Day, no holiday of Euronext"],
    ['XBRU', '2003-07-21', 'National Day, no holiday of Euronext'],
    ['XLIS', '2003-12-24', 'Christmas Eve, a short session since Euronext'],
    ['XMAD', '2011-12-30', 'the last session of a year without a free eve'],
    ['XMIL', '2024-11-01', "All Saints' Day"],
    ['XSWX', '2024-04-30', 'a usual Tuesday'],
    ['XWBO', '2019-05-30', 'Ascension, no holiday since 2019'],
    ['XSTO', '2004-06-07', 'no National Day yet'],
    ['XHEL', '2024-05-20', 'Whit Monday'],
    ['XCSE', '2024-04-26', 'General Prayer Day, abolished'],
    ['XOSL', '2024-05-16', 'the day before Constitution Day'],
    ['XDUB', '2019-05-06', 'the first Monday of May in the year after the bank holidays'],
    ['BVMF', '2022-01-25', 'the foundation of São Paulo, no holiday since'],
    ['XMEX', '2007-03-21', "Juárez's Birthday, kept on the Monday before"],
    ['XJSE', '2021-12-28', 'after Christmas on a Saturday, which is lost'],
    ['XNZE', '2011-04-26', 'Anzac Day on Easter Monday, not made good'],
    ['XSES', '2024-02-13', 'the first session after the lunar new year'],
    ['XKRX', '2024-04-09', 'the day before elections'],
    ['XTAI', '2024-02-15', 'the first session after the lunar new year'],
  ])('%s holds a session on %s: %s', (name, date) => expect(getCalendar(name).isSession(day(date))).toBe(true));

  it.each([
    ['XLON', '2023-05-08', 'coronation'],
    ['XLON', '2021-12-28', 'Boxing Day on a Sunday'],
    ['XETR', '2017-10-31', '500 years of the Reformation'],
    ['XPAR', '2001-12-31', "New Year's Eve, a holiday before Euronext"],
    ['XTKS', '2009-05-06', 'Constitution Memorial Day on a Sunday'],
    ['XTKS', '2014-05-06', 'Greenery Day on a Sunday'],
    ['XTKS', '2015-09-22', 'a day between two holidays'],
    ['XTKS', '2026-09-22', 'a day between two holidays'],
    ['XTKS', '2024-09-23', 'autumnal equinox on a Sunday'],
    ['XTKS', '2020-10-01', 'failure of the trading system'],
    ['XHKG', '2013-02-13', 'the fourth day of the year, for a Sunday'],
    ['XHKG', '2010-04-06', 'Ching Ming on Easter Monday'],
    ['XHKG', '2020-10-02', 'Mid-Autumn on the National Day'],
    ['XHKG', '2034-06-20', 'Dragon Boat after the leap month of 2033'],
    ['XASX', '2011-04-26', 'Anzac Day on Easter Monday'],
    ['XASX', '2022-09-22', 'mourning'],
    ['XTSE', '2023-05-22', 'Victoria Day'],
    ['XBOM', '2024-05-20', 'elections'],
    ['XSHG', '2020-01-31', 'the epidemic'],
    ['CMES', '2018-12-05', 'mourning'],
    ['XAMS', '2001-04-30', "Queen's Day, before Euronext"],
    ['XBRU', '2000-06-01', 'Ascension, before Euronext'],
    ['XLIS', '2002-06-10', 'Portugal Day, before Euronext'],
    ['XMAD', '2022-12-26', 'Boxing Day'],
    ['XMAD', '2021-12-24', 'Christmas Eve, free from 2021 to 2023'],
    ['XMIL', '2024-08-15', 'Ferragosto'],
    ['XSWX', '2024-08-01', 'National Day'],
    ['XWBO', '2018-05-31', 'Corpus Christi, a holiday until 2018'],
    ['XSTO', '2024-06-21', 'Midsummer Eve'],
    ['XSTO', '2005-06-06', 'National Day'],
    ['XHEL', '2024-12-06', 'Independence Day'],
    ['XCSE', '2024-05-10', 'the day after Ascension'],
    ['XOSL', '2024-03-28', 'Maundy Thursday'],
    ['XDUB', '2018-03-02', 'snow'],
    ['BVMF', '2014-06-12', 'opening of the World Cup'],
    ['BVMF', '2024-11-20', 'Black Consciousness Day, a national holiday'],
    ['XMEX', '2024-03-18', "Juárez's Birthday, on the third Monday"],
    ['XJSE', '2019-05-08', 'elections'],
    ['XNZE', '2024-06-28', 'Matariki'],
    ['XNZE', '2021-02-08', 'Waitangi Day on a Saturday'],
    ['XSES', '2023-09-01', 'elections of the president'],
    ['XKRX', '2024-10-01', 'Armed Forces Day, that year'],
    ['XTAI', '2024-10-31', 'typhoon Kong-rey'],
  ])('%s is closed on %s: %s', (name, date) => expect(getCalendar(name).isSession(day(date))).toBe(false));

  it.each([
    ['XAMS', '2024-12-24', '08:00-13:05'],
    ['XLIS', '2024-12-31', '08:00-13:05'],
    ['XMAD', '2024-12-24', '08:00-13:00'],
    ['XWBO', '2024-12-30', '08:00-13:15'],
    ['XSTO', '2024-05-08', '07:00-11:00'],
    ['XHEL', '2024-07-01', '07:00-15:30'],
    ['XOSL', '2024-03-27', '08:00-12:00'],
    ['XDUB', '2024-12-24', '08:00-12:28'],
    ['BVMF', '2024-02-14', '16:00-21:00'],
    ['BVMF', '2019-11-01', '13:00-20:00'],
    ['XMEX', '2024-07-01', '14:30-21:00'],
    ['XJSE', '2024-07-01', '07:00-15:00'],
    ['XNZE', '2024-12-24', '21:00-23:45'],
    ['XKRX', '2024-01-02', '01:00-06:30'],
    ['XKRX', '2024-11-14', '01:00-07:30'],
    ['XKRX', '2016-07-29', '00:00-06:00'],
    ['XTAI', '2024-07-01', '01:00-05:30'],
    ['XLON', '2024-12-24', '08:00-12:30'],
    ['XETR', '2022-12-30', '08:00-13:00'],
    ['XPAR', '2024-12-31', '08:00-13:05'],
    ['XTKS', '2024-11-01', '00:00-02:30 03:30-06:00'],
    ['XTKS', '2024-11-05', '00:00-02:30 03:30-06:30'],
    ['XHKG', '2011-03-04', '02:00-04:00 05:00-08:00'],
    ['XHKG', '2011-03-07', '01:30-04:00 05:00-08:00'],
    ['XHKG', '2010-12-24', '02:00-04:30'],
    ['XHKG', '2025-01-28', '01:30-04:00'],
    ['XASX', '2023-12-29', '23:00-03:10'],
    ['XASX', '2022-12-30', '23:00-05:00'],
    ['XTSE', '2024-12-24', '14:30-18:00'],
    ['XBOM', '2025-02-01', '03:45-10:00'],
    ['XSHG', '1990-12-03', '01:30-03:30 05:00-07:00'],
    ['CMES', '2024-03-11', '22:00-22:00'],
    ['CMES', '2024-11-29', '23:00-18:00'],
    ['24/5', '2024-01-05', '00:00-00:00'],
  ])('%s trades on %s at %s UTC', (name, date, hours) => {
    const { opens, closes, breakStarts, breakEnds } = getCalendar(name).sessions(day(date), day(date));
    const time = (instant: number): string => new Date(instant).toISOString().slice(11, 16);
    const pause = Number.isNaN(breakStarts[0]) ? '-' : `-${time(breakStarts[0]!)} ${time(breakEnds[0]!)}-`;
    expect(`${time(opens[0]!)}${pause}${time(closes[0]!)}`).toBe(hours);
  });

  it.each(calendarNames())('%s knows its years and refuses others', (name) => {
    const calendar = getCalendar(name);
    const { firstLabel, lastLabel } = calendar;
    const table = calendar.sessions(lastLabel - 365 * DAY_MS, lastLabel);
    expect(Math.abs(table.length - calendar.sessionsPerYear)).toBeLessThan(6);
    const usual = table.opens.map((open, row) => {
      const pause = table.breakEnds[row]! - table.breakStarts[row]! || 0;
      return (table.closes[row]! - open - pause) / 60_000;
    });
    expect(usual.toSorted()[usual.length >> 1]).toBe(calendar.sessionMinutes);
    expect(() => calendar.sessions(firstLabel - DAY_MS, lastLabel)).toThrow(
      expect.objectContaining({ code: 'CALENDAR_RANGE', message: expect.stringContaining(formatDate(firstLabel)) }),
    );
    expect(() => calendar.sessions(firstLabel, lastLabel + DAY_MS)).toThrow(UsageError);
    expect(calendar.sessionOnOrAfter(lastLabel + DAY_MS)).toBeUndefined();
  });
});

describeShared('reference sessions', 'data/calendars', () => {
  const linesOf = (file: string): string[][] =>
    readFileSync(sharedFile(`data/calendars/${file}`), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','));

  it.each([
    ['XNYS', 'xnys.csv', 8324],
    ['XNAS', 'xnys.csv', 8324],
    ['XLON', 'xlon.csv', 8515],
    ['XETR', 'xetr.csv', 8498],
    ['XHKG', 'xhkg.csv', 8803],
    ['CMES', 'cmes.csv', 9682],
    ['24/7', '24-7.csv', 366],
    ['24/5', '24-5.csv', 261],
  ])('%s equals every session, open, close and break of %s: %i of them', (name, file, count) => {
    const expected = linesOf(file).map((row) => row.map((text) => Date.parse(text)));
    // The tables begin with January 2nd 1990, their year's first session: ask from the day before.
    const { labels, opens, closes, breakStarts, breakEnds } = getCalendar(name).sessions(
      expected[0]![0]! - (file.startsWith('24') ? 0 : DAY_MS),
      expected.at(-1)![0]!,
    );
    const columns = [labels, opens, closes, breakStarts, breakEnds];
    expect(Array.from(labels, (_, row) => columns.map((column) => column[row]!))).toEqual(expected);
    expect(labels.length).toBe(count);
  });

  it.each(['XNYS', 'XLON', 'XETR', 'XHKG'])('the half days of %s are the short sessions of the table', (name) => {
    const calendar = getCalendar(name);
    // The table also lists whole sessions of the hours before March 2011, shorter than the usual ones of that year.
    const rows = linesOf('short-sessions.csv').filter(
      ([exchange, , , , minutes]) => exchange === name && Number(minutes) < 330,
    );
    const last = linesOf(`${name.toLowerCase()}.csv`).at(-1)![0]!.slice(0, 10);
    const { labels, halfDays, opens, closes } = calendar.sessions(day('1990-01-01'), day(last));
    const found = [...labels].flatMap((label, row) =>
      halfDays[row] === 1 ? [`${formatDate(label)} ${(closes[row]! - opens[row]!) / 60_000}`] : [],
    );
    expect(found).toEqual(rows.map(([, session, , , minutes]) => `${session} ${minutes}`));
    expect(found.length).toBeGreaterThan(12);
  });

  it.each([
    ['Equity-usa-[*]', 'XNYS', '1998-01-01', '2028-12-31', []],
    ['Index-ose-[*]', 'XTKS', '2016-01-01', '2026-12-31', ['2020-10-01', '2022-09-23']],
    // A list without the typhoons, which nobody foretells.
    [
      'Index-hkfe-[*]',
      'XHKG',
      '2017-01-01',
      '2026-12-31',
      ['2017-08-23', '2020-10-13', '2021-10-13', '2023-07-17', '2024-09-06'],
    ],
  ])('a second source has the same holidays and early closes: %s', (key, name, from, to, unforeseen) => {
    const text = readFileSync(sharedFile('data/calendars/lean-market-hours-database.json'), 'utf8');
    const { holidays, earlyCloses } = (JSON.parse(text) as { entries: Record<string, Venue> }).entries[key]!;
    const dates = (list: readonly string[]): string[] =>
      list
        .map((date) => {
          const [month, dayOfMonth, year] = date.split('/').map(Number);
          return formatDate(Date.UTC(year!, month! - 1, dayOfMonth));
        })
        .filter((date) => date >= from && date <= to && weekdayOf(day(date)) % 6 !== 0)
        .sort();
    const calendar = getCalendar(name);
    const closed: string[] = [];
    for (let label = day(from); label <= day(to); label += DAY_MS)
      if (weekdayOf(label) % 6 !== 0 && !calendar.isSession(label)) closed.push(formatDate(label));
    expect(closed.filter((date) => !unforeseen.includes(date))).toEqual([...new Set(dates(holidays))]);
    const early = dates(Object.keys(earlyCloses));
    if (early.length === 0) return;
    const { labels, halfDays } = calendar.sessions(day(early[0]!), day(early.at(-1)!));
    const halves = [...labels].filter((_, row) => halfDays[row] === 1).map((label) => formatDate(label));
    // The other source lacks the early close of the last day of 1999.
    expect(halves.filter((date) => date !== '1999-12-31')).toEqual(early);
  });

  interface Venue {
    readonly holidays: readonly string[];
    readonly earlyCloses: Readonly<Record<string, string>>;
  }
});

describe('createCalendar', () => {
  const venue = createCalendar({
    name: 'TEST',
    timeZone: 'Europe/London',
    sessionsPerYear: 250,
    sessionMinutes: 480,
    span: ['2000-01-01', '2030-12-31'],
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
