import { DAY_MS, dateLabel, nthWeekday, Weekday, weekdayOf } from '../civil-date.js';
import { fixedDate, weekdayInMonth } from '../holiday-rules.js';
import { sundayToMonday } from '../observance.js';
import { createCalendar, type DateRule, WORKDAYS } from '../rule-calendar.js';

/** Returns the date of an equinox in Japan, right for 1980 to 2099: the mean day of 1980, a tropical year's excess, less leap days. */
function equinox(month: 3 | 9, year: number): number {
  const years = year - 1980;
  const mean = (month === 3 ? 20.8431 : 23.2488) + 0.242194 * years;
  return dateLabel(year, month, Math.floor(mean - Math.floor(years / 4)));
}

/** A weekday between the Respect for the Aged Day and the equinox is free as well. */
function betweenHolidays(year: number): number | undefined {
  const autumn = equinox(9, year);
  return autumn - nthWeekday(year, 9, Weekday.Mon, 3) === 2 * DAY_MS ? autumn - DAY_MS : undefined;
}

/** May 3rd to 5th. Since 2007 a Sunday among them is made good on the 6th; before, on the day after it, itself free but for the 5th. */
function afterGoldenWeek(year: number): number | undefined {
  const sixth = dateLabel(year, 5, 6);
  const day = weekdayOf(sixth);
  const isFree = year < 2007 ? day === Weekday.Mon : day >= Weekday.Mon && day <= Weekday.Wed;
  return isFree ? sixth : undefined;
}

/** In the years of the Tokyo games holidays moved to them. */
const outsideGames = (rule: DateRule): DateRule => ({
  ...rule,
  date: (year) => (year === 2020 || year === 2021 ? undefined : rule.date(year)),
});

const moved = { observed: sundayToMonday };

/**
 * Tokyo Stock Exchange: holidays of Japan and the days about the new year. Equinoxes are computed; the government announces each a year ahead.
 * The lunch break is today's, 11:30 to 12:30, for all years.
 */
export const xtks = createCalendar({
  name: 'XTKS',
  timeZone: 'Asia/Tokyo',
  sessionsPerYear: 245,
  sessionMinutes: 330,
  span: ['1990-01-01', '2049-12-31'],
  weekdays: WORKDAYS,
  hours: [
    { from: '1990-01-01', open: '09:00', close: '15:00', break: ['11:30', '12:30'] },
    { from: '2024-11-05', open: '09:00', close: '15:30', break: ['11:30', '12:30'] },
  ],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('second of January', 1, 2),
    fixedDate('third of January', 1, 3),
    fixedDate('Coming of Age Day', 1, 15, { lastYear: 1999, ...moved }),
    weekdayInMonth('Coming of Age Day', 1, Weekday.Mon, 2, { firstYear: 2000 }),
    fixedDate('National Foundation Day', 2, 11, moved),
    fixedDate("Emperor's Birthday", 2, 23, { firstYear: 2020, ...moved }),
    { name: 'vernal equinox', date: (year) => sundayToMonday(equinox(3, year)) },
    fixedDate('Greenery Day, later Showa Day', 4, 29, moved),
    fixedDate('Constitution Memorial Day', 5, 3),
    fixedDate("citizens' holiday, later Greenery Day", 5, 4),
    fixedDate("Children's Day", 5, 5),
    { name: 'after Golden Week', date: afterGoldenWeek },
    fixedDate('Marine Day', 7, 20, { firstYear: 1996, lastYear: 2002, ...moved }),
    outsideGames(weekdayInMonth('Marine Day', 7, Weekday.Mon, 3, { firstYear: 2003 })),
    outsideGames(fixedDate('Mountain Day', 8, 11, { firstYear: 2016, ...moved })),
    fixedDate('Respect for the Aged Day', 9, 15, { lastYear: 2002, ...moved }),
    weekdayInMonth('Respect for the Aged Day', 9, Weekday.Mon, 3, { firstYear: 2003 }),
    { name: "citizens' holiday", firstYear: 2003, date: betweenHolidays },
    { name: 'autumnal equinox', date: (year) => sundayToMonday(equinox(9, year)) },
    fixedDate('Health and Sports Day', 10, 10, { lastYear: 1999, ...moved }),
    outsideGames(weekdayInMonth('Sports Day', 10, Weekday.Mon, 2, { firstYear: 2000 })),
    fixedDate('Culture Day', 11, 3, moved),
    fixedDate('Labour Thanksgiving Day', 11, 23, moved),
    fixedDate("Emperor's Birthday", 12, 23, { lastYear: 2018, ...moved }),
    fixedDate("New Year's Eve", 12, 31),
  ],
  closures: [
    '1990-11-12', // enthronement of Emperor Akihito
    '1993-06-09', // wedding of the Crown Prince
    '2019-04-30', // abdication, and accession of Emperor Naruhito
    '2019-05-01',
    '2019-05-02',
    '2019-10-22', // enthronement of Emperor Naruhito
    '2020-07-23', // Marine Day, Sports Day and Mountain Day about the games that were postponed
    '2020-07-24',
    '2020-08-10',
    '2020-10-01', // failure of the trading system
    '2021-07-22', // Marine Day, Sports Day and Mountain Day about the games
    '2021-07-23',
    '2021-08-09',
  ],
});
