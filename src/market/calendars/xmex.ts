import { Weekday } from '../civil-date.js';
import { easterDay, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

const onItsDate = { lastYear: 2006 };
const onMonday = { firstYear: 2007 };

/** Bolsa Mexicana de Valores. Since 2007 three national holidays are kept on Mondays. */
export const xmex = createCalendar({
  name: 'XMEX',
  timeZone: 'America/Mexico_City',
  sessionsPerYear: 252,
  sessionMinutes: 390,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '08:30', close: '15:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('Constitution Day', 2, 5, onItsDate),
    weekdayInMonth('Constitution Day', 2, Weekday.Mon, 1, onMonday),
    fixedDate("Juárez's Birthday", 3, 21, onItsDate),
    weekdayInMonth("Juárez's Birthday", 3, Weekday.Mon, 3, onMonday),
    easterDay('Maundy Thursday', -3),
    GOOD_FRIDAY,
    fixedDate('Labour Day', 5, 1),
    fixedDate('Independence Day', 9, 16),
    fixedDate("All Souls' Day", 11, 2, { firstYear: 2006 }),
    fixedDate('Revolution Day', 11, 20, onItsDate),
    weekdayInMonth('Revolution Day', 11, Weekday.Mon, 3, onMonday),
    fixedDate('Our Lady of Guadalupe', 12, 12),
    fixedDate('Christmas', 12, 25),
  ],
  closures: [
    '2010-09-17', // 200 years of independence
    '2024-10-01', // a new president takes office
  ],
});
