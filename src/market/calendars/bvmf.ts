import { easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { weekendToFriday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** B3, São Paulo. Holidays of the city were kept until 2021. On Ash Wednesday it opens at one. */
export const bvmf = createCalendar({
  name: 'BVMF',
  timeZone: 'America/Sao_Paulo',
  sessionsPerYear: 249,
  sessionMinutes: 480,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [
    { from: '1990-01-01', open: '10:00', close: '17:00' },
    { from: '2019-11-04', open: '10:00', close: '18:00' },
  ],
  holidays: [
    fixedDate('Universal Fraternisation', 1, 1),
    fixedDate('foundation of São Paulo', 1, 25, { lastYear: 2021 }),
    easterDay('Carnival Monday', -48),
    easterDay('Carnival Tuesday', -47),
    GOOD_FRIDAY,
    fixedDate('Tiradentes', 4, 21),
    fixedDate('Labour Day', 5, 1),
    easterDay('Corpus Christi', 60),
    // In 2020 it was moved into May, when the exchange stayed open.
    fixedDate('Constitutionalist Revolution', 7, 9, { firstYear: 1998, lastYear: 2019 }),
    fixedDate('Constitutionalist Revolution', 7, 9, { firstYear: 2021, lastYear: 2021 }),
    fixedDate('Independence Day', 9, 7),
    fixedDate('Our Lady of Aparecida', 10, 12),
    fixedDate("All Souls' Day", 11, 2),
    fixedDate('Proclamation of the Republic', 11, 15),
    fixedDate('Black Consciousness Day', 11, 20, { firstYear: 2004, lastYear: 2019 }),
    fixedDate('Black Consciousness Day', 11, 20, { firstYear: 2024 }),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('last weekday of the year', 12, 31, { observed: weekendToFriday }),
  ],
  closures: ['2014-06-12'], // opening of the World Cup
  specialOpens: [{ ...easterDay('Ash Wednesday', -46, { firstYear: 2016 }), time: '13:00' }],
});
