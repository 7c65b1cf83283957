import { type ChineseFestival, chineseFestival } from '../chinese-festivals.js';
import { DAY_MS, dateLabel, easterSunday, Weekday, weekdayOf } from '../civil-date.js';
import { EASTER_MONDAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { sundayToMonday } from '../observance.js';
import { createCalendar, type DateRule, type SpecialTimeRule, WORKDAYS } from '../rule-calendar.js';

/** The rule of a festival, observed on Monday when it falls on a Sunday. */
const festival = (name: ChineseFestival): DateRule => ({
  name,
  date: (year) => {
    const date = chineseFestival(name, year);
    return date === undefined ? undefined : sundayToMonday(date);
  },
});

/** Ching Ming gives way to Easter Monday. */
function chingMing(year: number): number | undefined {
  const date = chineseFestival('chingMing', year);
  if (date === undefined) return undefined;
  const observed = sundayToMonday(date);
  return observed === easterSunday(year) + DAY_MS ? observed + DAY_MS : observed;
}

/** The day after the Mid-Autumn Festival, which gives way to the National Day. */
function afterMidAutumn(year: number): number | undefined {
  const date = chineseFestival('midAutumn', year);
  if (date === undefined) return undefined;
  const next = date + DAY_MS;
  return next === dateLabel(year, 10, 1) ? next + DAY_MS : next;
}

/** A day of the lunar new year, counted from 0. */
const newYearDay = (days: number): DateRule => ({
  name: `lunar new year, day ${days + 1}`,
  date: (year) => {
    const first = chineseFestival('lunarNewYear', year);
    return first === undefined ? undefined : first + days * DAY_MS;
  },
});

/** When one of its three days is a Sunday, the fourth is a holiday since 2013; before, the eve was, and only where the first day was a Saturday. */
const substituteOfNewYear: DateRule = {
  name: 'in place of a day of the lunar new year',
  date: (year) => {
    const first = chineseFestival('lunarNewYear', year);
    if (first === undefined) return undefined;
    const day = weekdayOf(first);
    if (year < 2013) return day === Weekday.Sat ? first - DAY_MS : undefined;
    return day === Weekday.Sun || day === Weekday.Sat || day === Weekday.Fri ? first + 3 * DAY_MS : undefined;
  },
};

/** The morning session before the lunar new year, since 2013. */
function eveOfLunarNewYear(year: number): number | undefined {
  const first = chineseFestival('lunarNewYear', year);
  return first === undefined ? undefined : first - DAY_MS;
}

/** Short sessions ended half an hour later until the hours of March 7th 2011. */
const shortUntil2010 = (name: string, day: number): SpecialTimeRule => ({
  ...fixedDate(name, 12, day, { lastYear: 2010 }),
  time: '12:30',
});
const shortSince2011 = (name: string, day: number): SpecialTimeRule => ({
  ...fixedDate(name, 12, day, { firstYear: 2011 }),
  time: '12:00',
});

/**
 * Hong Kong Stock Exchange. Typhoons closed it until 2024 at a few hours' notice; what closed it for a whole day is listed, lost mornings are not.
 * The lunch break is today's, noon to one, for all years.
 */
export const xhkg = createCalendar({
  name: 'XHKG',
  timeZone: 'Asia/Hong_Kong',
  sessionsPerYear: 246,
  sessionMinutes: 330,
  span: ['1990-01-01', '2049-12-31'],
  weekdays: WORKDAYS,
  hours: [
    { from: '1990-01-01', open: '10:00', close: '16:00', break: ['12:00', '13:00'] },
    { from: '2011-03-07', open: '09:30', close: '16:00', break: ['12:00', '13:00'] },
  ],
  holidays: [
    fixedDate("New Year's Day", 1, 1, { observed: sundayToMonday }),
    newYearDay(0),
    newYearDay(1),
    newYearDay(2),
    substituteOfNewYear,
    { name: 'Ching Ming', date: chingMing },
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1, { firstYear: 1999, observed: sundayToMonday }),
    festival('buddhasBirthday'),
    weekdayInMonth("Queen's Birthday", 6, Weekday.Mon, 3, { lastYear: 1992 }),
    weekdayInMonth("Queen's Birthday", 6, Weekday.Mon, 2, { firstYear: 1993, lastYear: 1994 }),
    weekdayInMonth("Queen's Birthday", 6, Weekday.Mon, 3, { firstYear: 1995, lastYear: 1996 }),
    festival('dragonBoat'),
    fixedDate('Establishment Day', 7, 1, { firstYear: 1997, observed: sundayToMonday }),
    weekdayInMonth('Liberation Day', 8, Weekday.Mon, -1, { lastYear: 1996 }),
    { name: 'day after Mid-Autumn', date: afterMidAutumn },
    fixedDate('National Day', 10, 1, { firstYear: 1997, observed: sundayToMonday }),
    festival('doubleNinth'),
    fixedDate('Christmas', 12, 25),
    fixedDate('day after Christmas', 12, 26),
    fixedDate('in place of a day of Christmas', 12, 27, { on: [Weekday.Mon, Weekday.Tue] }),
  ],
  closures: [
    '1991-06-18', // day after the Queen's Birthday
    '1992-07-22', // typhoon Gary
    '1993-09-17', // typhoon Becky
    '1994-06-14', // day after the Queen's Birthday
    '1997-06-30', // handover to China
    '1997-07-02',
    '1997-08-18', // victory in the war
    '1997-10-02', // second day of the National Day
    '1998-08-17', // victory in the war
    '1998-10-02', // second day of the National Day
    '1999-04-06', // day after Easter Monday and Ching Ming
    '1999-09-16', // typhoon York
    '1999-12-31', // tests for the year 2000
    '2001-07-06', // typhoon Utor
    '2001-07-25', // typhoon Yutu
    '2008-08-06', // typhoon Kammuri
    '2008-08-22', // typhoon Nuri
    '2010-04-06', // day after Easter Monday and Ching Ming
    '2011-09-29', // typhoon Nesat
    '2012-10-02', // in place of Mid-Autumn
    '2013-08-14', // typhoon Utor
    '2015-04-07', // in place of Ching Ming
    '2015-09-03', // 70 years since the end of the war
    '2016-08-02', // typhoon Nida
    '2016-10-21', // typhoon Haima
    '2017-08-23', // typhoon Hato
    '2020-10-13', // typhoon Nangka
    '2021-10-13', // typhoon Kompasu
    '2022-09-12', // in place of Mid-Autumn
    '2023-07-17', // typhoon Talim
    '2024-09-06', // typhoon Yagi
  ],
  specialCloses: [
    shortUntil2010('Christmas Eve', 24),
    shortUntil2010("New Year's Eve", 31),
    shortSince2011('Christmas Eve', 24),
    shortSince2011("New Year's Eve", 31),
    { name: 'eve of the lunar new year', firstYear: 2013, time: '12:00', date: eveOfLunarNewYear },
  ],
});
