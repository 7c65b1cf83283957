import { DAY_MS, dateLabel, easterSunday, lastWeekday, nthWeekday, Weekday, weekdayOf } from '../civil-date.js';
import { nearestWeekday, sundayToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Returns July 3rd where it is a session of its own before Independence Day, else undefined. */
function eveOfIndependenceDay(year: number): number | undefined {
  const eve = dateLabel(year, 7, 3);
  const day = weekdayOf(eve);
  return day === Weekday.Mon || day === Weekday.Tue || day === Weekday.Thu ? eve : undefined;
}

/** Returns the date when it falls on the weekday, else undefined. */
function onlyOn(weekday: Weekday, date: number): number | undefined {
  return weekdayOf(date) === weekday ? date : undefined;
}

function christmasEve(year: number): number | undefined {
  const eve = dateLabel(year, 12, 24);
  // On a Friday it is the observed holiday itself.
  return weekdayOf(eve) >= Weekday.Mon && weekdayOf(eve) <= Weekday.Thu ? eve : undefined;
}

const dayAfterThanksgiving = (year: number): number => nthWeekday(year, 11, Weekday.Thu, 4) + DAY_MS;

/** New York Stock Exchange; NASDAQ holds the same sessions. Rules as the exchange publishes them, from 1990 on. */
export const xnys = createCalendar({
  name: 'XNYS',
  timeZone: 'America/New_York',
  sessionsPerYear: 252,
  sessionMinutes: 390,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:30', close: '16:00' }],
  holidays: [
    // Rule 7.2 of the exchange: no Friday off for a New Year's Day on Saturday, since it would end the year early.
    { name: "New Year's Day", date: (year) => sundayToMonday(dateLabel(year, 1, 1)) },
    { name: 'Martin Luther King Day', firstYear: 1998, date: (year) => nthWeekday(year, 1, Weekday.Mon, 3) },
    { name: "Washington's Birthday", date: (year) => nthWeekday(year, 2, Weekday.Mon, 3) },
    { name: 'Good Friday', date: (year) => easterSunday(year) - 2 * DAY_MS },
    { name: 'Memorial Day', date: (year) => lastWeekday(year, 5, Weekday.Mon) },
    { name: 'Juneteenth', firstYear: 2022, date: (year) => nearestWeekday(dateLabel(year, 6, 19)) },
    { name: 'Independence Day', date: (year) => nearestWeekday(dateLabel(year, 7, 4)) },
    { name: 'Labor Day', date: (year) => nthWeekday(year, 9, Weekday.Mon, 1) },
    { name: 'Thanksgiving', date: (year) => nthWeekday(year, 11, Weekday.Thu, 4) },
    { name: 'Christmas', date: (year) => nearestWeekday(dateLabel(year, 12, 25)) },
  ],
  closures: [
    '1994-04-27', // mourning for President Nixon
    '2001-09-11', // attacks of September 11th
    '2001-09-12',
    '2001-09-13',
    '2001-09-14',
    '2004-06-11', // mourning for President Reagan
    '2007-01-02', // mourning for President Ford
    '2012-10-29', // hurricane Sandy
    '2012-10-30',
    '2018-12-05', // mourning for President G. H. W. Bush
    '2025-01-09', // mourning for President Carter
  ],
  specialCloses: [
    { name: 'day after Thanksgiving', firstYear: 1992, lastYear: 1992, time: '14:00', date: dayAfterThanksgiving },
    { name: 'day after Thanksgiving', firstYear: 1993, time: '13:00', date: dayAfterThanksgiving },
    { name: 'Christmas Eve', lastYear: 1992, time: '14:00', date: christmasEve },
    { name: 'Christmas Eve', firstYear: 1993, time: '13:00', date: christmasEve },
    { name: 'eve of Independence Day', firstYear: 1993, time: '13:00', date: eveOfIndependenceDay },
    // With the holiday on a Thursday the short session was the Friday after it; since 2013 it is the Wednesday before.
    {
      name: 'Friday after Independence Day',
      firstYear: 1993,
      lastYear: 2012,
      time: '13:00',
      date: (year) => onlyOn(Weekday.Fri, dateLabel(year, 7, 5)),
    },
    {
      name: 'Wednesday before Independence Day',
      firstYear: 2013,
      time: '13:00',
      date: (year) => onlyOn(Weekday.Wed, dateLabel(year, 7, 3)),
    },
  ],
  adHocCloses: { '1997-12-26': '13:00', '1999-12-31': '13:00', '2003-12-26': '13:00' },
});
