import { extname } from 'node:path';
import { parse as parseYaml, YAMLError } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import type { Calendar } from '../market/calendar.js';
import { calendarAliases, calendarNames, getCalendar } from '../market/calendars.js';
import { checkedLabel, DAY_MS, formatDate, parseDateLabel, Weekday } from '../market/civil-date.js';
import { easterDay, fixedDate, weekdayInMonth } from '../market/holiday-rules.js';
import { nearestWeekday, sundayToMonday, weekendToFriday, weekendToMonday } from '../market/observance.js';
import {
  type CalendarRules,
  createCalendar,
  type DateRule,
  type RegularHours,
  rulesOf,
  WORKDAYS,
} from '../market/rule-calendar.js';
import { zoneClock } from '../market/zone-clock.js';
import { readTextFile } from './text-file.js';

const EXTENSIONS = ['.json', '.yaml', '.yml'];

/** The file that was read last: an ingest asks for each asset. */
let last: { readonly path: string; readonly text: string; readonly calendar: Calendar } | undefined;

/**
 * Returns the calendar of a name or alias, or the one in a file whose name ends in .json, .yaml or .yml.
 * @throws UsageError `UNKNOWN_CALENDAR`, and what {@link readCalendarFile} throws
 */
export const findCalendar = (nameOrFile: string): Calendar =>
  EXTENSIONS.includes(extname(nameOrFile).toLowerCase()) ? readCalendarFile(nameOrFile) : getCalendar(nameOrFile);

/**
 * Returns the calendar that a JSON or YAML file describes: zone, hours, holidays, special hours, alone or on top of another calendar.
 * docs/concepts/time.md lists the members. All of its sessions are compiled once to see that they make sense.
 * @throws UsageError `CALENDAR_FILE` naming the file, the member and what it may be; `UNKNOWN_CALENDAR` for its base
 */
export function readCalendarFile(path: string): Calendar {
  const text = readTextFile(path, (what, cause) => refusal(path, what, cause));
  if (last?.path === path && last.text === text) return last.calendar;
  const parsed = fileShape.safeParse(parseText(path, text));
  if (!parsed.success) throw refusal(path, parsed.error.issues.map((issue) => describeIssue(issue)).join('; '));
  const calendar = checked(path, rulesIn(path, parsed.data));
  last = { path, text, calendar };
  return calendar;
}

const WEEKDAYS = Object.keys(Weekday) as (keyof typeof Weekday)[];
const OBSERVANCES = {
  'nearest-weekday': nearestWeekday,
  'sunday-to-monday': sundayToMonday,
  'weekend-to-monday': weekendToMonday,
  'weekend-to-friday': weekendToFriday,
} as const;

const date = z
  .string({ error: 'must be a date such as 2024-12-25' })
  .refine((text) => !Number.isNaN(parseDateLabel(text)), { error: 'must be a date such as 2024-12-25' });
const HOUR = "must be a time such as '09:30'";
const time = z.string({ error: HOUR }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: HOUR });
const CLOSE = "must be a time such as '16:00'; '24:00' is the midnight that ends the day";
const closeTime = z.string({ error: CLOSE }).regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: CLOSE });
const weekday = z.enum(WEEKDAYS as [keyof typeof Weekday, ...(keyof typeof Weekday)[]]);
const year = z.int().min(1000).max(9999);
const validity = { name: z.string().min(1).optional(), firstYear: year.optional(), lastYear: year.optional() };
const month = z.int().min(1).max(12);

/** The ways to name a date, by the members that tell them apart. */
const dateShapes = {
  date: { date },
  easter: { easter: z.int().min(-100).max(100), ...validity },
  weekday: { month, weekday, nth: z.union([z.int().min(1).max(4), z.literal(-1)]), ...validity },
  day: {
    month,
    day: z.int().min(1).max(31),
    observed: z.enum(Object.keys(OBSERVANCES) as [keyof typeof OBSERVANCES]).optional(),
    ...validity,
  },
};

const holiday = z.union([
  date,
  z.strictObject(dateShapes.date),
  z.strictObject(dateShapes.easter),
  z.strictObject(dateShapes.weekday),
  z.strictObject(dateShapes.day),
]);
const specialHours = (value: typeof time) =>
  z.union([
    z.strictObject({ ...dateShapes.date, time: value }),
    z.strictObject({ ...dateShapes.easter, time: value }),
    z.strictObject({ ...dateShapes.weekday, time: value }),
    z.strictObject({ ...dateShapes.day, time: value }),
  ]);

/** What a calendar file holds. With `base`, what it leaves out is that calendar's, and lists are added to that calendar's. */
const fileShape = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,31}$/, {
    error: 'must be 1 to 32 letters, digits, spaces and . _ / -',
  }),
  base: z.string().optional(),
  timeZone: z.string().optional(),
  span: z.tuple([date, date]).optional(),
  weekdays: z.array(weekday).min(1).optional(),
  hours: z
    .array(
      z.strictObject({
        from: date.optional(),
        open: time,
        close: closeTime,
        opensDayBefore: z.boolean().optional(),
        break: z.tuple([time, time]).optional(),
      }),
    )
    .min(1)
    .optional(),
  holidays: z.array(holiday).optional(),
  sessions: z.array(date).optional(),
  specialOpens: z.array(specialHours(time)).optional(),
  specialCloses: z.array(specialHours(closeTime)).optional(),
  sessionsPerYear: z.number().positive().max(366).optional(),
});

type CalendarFile = z.infer<typeof fileShape>;
type Hours = NonNullable<CalendarFile['hours']>[number];
type DateEntry = Exclude<NonNullable<CalendarFile['holidays']>[number], string>;

/** All words of a calendar file, for the nearest to an unknown one. */
const MEMBERS = [
  ...Object.keys(fileShape.shape),
  ...['from', 'open', 'close', 'opensDayBefore', 'break', 'time', ...Object.values(dateShapes).flatMap(Object.keys)],
];

function parseText(path: string, text: string): unknown {
  try {
    return extname(path).toLowerCase() === '.json' ? JSON.parse(text) : parseYaml(text);
  } catch (cause) {
    const what = (cause as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw refusal(path, `is no ${cause instanceof YAMLError ? 'YAML' : 'JSON'}: ${what}`, cause);
  }
}

/** Says of a wrong member where it is and what it may be; of several shapes, the one that fits best. */
function describeIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const best = issue.errors.toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0];
    if (best !== undefined) return best.map((one) => describeIssue(one, path)).join('; ');
  }
  const where = path
    .map((key, place) => (typeof key === 'number' ? `[${key}]` : `${place === 0 ? '' : '.'}${String(key)}`))
    .join('');
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    return `unknown member '${key}'${where === '' ? '' : ` in ${where}`}.${didYouMean(key!, MEMBERS)}`;
  }
  return `${where === '' ? 'the file' : where} ${/^must/.test(issue.message) ? issue.message : `is wrong: ${issue.message}`}`;
}

/** How far an alternative's first complaint lies within it: deeper is nearer to what was meant. */
const depth = (issues: readonly z.core.$ZodIssue[]): number => issues[0]?.path.length ?? 0;

function rulesIn(path: string, file: CalendarFile): CalendarRules {
  const taken = [...calendarNames(), ...Object.keys(calendarAliases())];
  if (taken.includes(file.name.toUpperCase())) {
    throw refusal(path, `name '${file.name}' is that of a calendar of Hindcast: choose another, and give it as base`);
  }
  const base = file.base === undefined ? undefined : rulesOf(getCalendar(file.base));
  const needed = <T>(member: string, value: T | undefined): T => {
    if (value !== undefined) return value;
    throw refusal(path, `${member} is missing: give it, or a base that has it (base: XNYS)`);
  };
  const timeZone = needed('timeZone', file.timeZone ?? base?.timeZone);
  try {
    zoneClock(timeZone);
  } catch (cause) {
    throw refusal(path, `timeZone is '${timeZone}', no IANA name such as America/New_York`, cause);
  }
  const span = needed('span', file.span ?? base?.span);
  if (span[0] > span[1]) throw refusal(path, `span begins on ${span[0]}, after its end ${span[1]}`);
  if (base !== undefined && (span[0] < base.span[0] || span[1] > base.span[1])) {
    throw refusal(path, `span reaches beyond ${base.span.join(' to ')}, the dates that its base ${base.name} knows`);
  }
  const usual = file.hours?.map((hours, place): RegularHours => {
    checkHours(path, hours, place);
    return {
      from: place === 0 ? (hours.from ?? span[0]) : needed(`hours[${place}].from`, hours.from),
      open: hours.open,
      close: hours.close,
      opensDayBefore: hours.opensDayBefore === true,
      ...(hours.break === undefined ? {} : { break: hours.break }),
    };
  });
  const late = usual?.findIndex(({ from }, place) => place > 0 && from <= usual[place - 1]!.from) ?? -1;
  if (late >= 0) throw refusal(path, `hours[${late}].from is not after that of the hours before it`);
  const holidays = split(path, 'holidays', file.holidays);
  const opens = split(path, 'specialOpens', file.specialOpens);
  const closes = split(path, 'specialCloses', file.specialCloses);
  return {
    name: file.name,
    timeZone,
    span,
    weekdays: file.weekdays?.map((day) => Weekday[day]) ?? base?.weekdays ?? WORKDAYS,
    hours: needed('hours', usual ?? base?.hours),
    holidays: [...(base?.holidays ?? []), ...holidays.rules],
    closures: [...(base?.closures ?? []), ...holidays.dates.keys()],
    extraSessions: [...(base?.extraSessions ?? []), ...(file.sessions ?? [])],
    specialOpens: [...(base?.specialOpens ?? []), ...opens.rules],
    specialCloses: [...(base?.specialCloses ?? []), ...closes.rules],
    adHocOpens: { ...base?.adHocOpens, ...Object.fromEntries(opens.dates) },
    adHocCloses: { ...base?.adHocCloses, ...Object.fromEntries(closes.dates) },
    sessionsPerYear: file.sessionsPerYear ?? 0,
    sessionMinutes: 0,
  };
}

function checkHours(path: string, { open, close, opensDayBefore = false, break: pause }: Hours, place: number): void {
  if (!opensDayBefore && open >= close) {
    throw refusal(
      path,
      `hours[${place}] opens at ${open} and closes at ${close}; opensDayBefore: true opens on the evening before`,
    );
  }
  if (pause !== undefined && !(pause[0] < pause[1] && pause[1] < close && (opensDayBefore || open < pause[0]))) {
    throw refusal(path, `hours[${place}].break from ${pause[0]} to ${pause[1]} lies outside ${open} to ${close}`);
  }
}

/** Parts entries into rules and dates of their own, each with its time. */
function split(
  path: string,
  member: string,
  entries: readonly (string | (DateEntry & { readonly time?: string }))[] = [],
): { readonly rules: (DateRule & { readonly time: string })[]; readonly dates: Map<string, string> } {
  const rules: (DateRule & { readonly time: string })[] = [];
  const dates = new Map<string, string>();
  for (const [place, entry] of entries.entries()) {
    if (typeof entry === 'string') dates.set(entry, '');
    else if ('date' in entry) dates.set(entry.date, entry.time ?? '');
    else rules.push({ ...ruleOf(path, `${member}[${place}]`, entry), time: entry.time ?? '' });
  }
  return { rules, dates };
}

function ruleOf(path: string, where: string, entry: Exclude<DateEntry, { readonly date: string }>): DateRule {
  const { name = where, firstYear, lastYear } = entry;
  const years = {
    ...(firstYear === undefined ? {} : { firstYear }),
    ...(lastYear === undefined ? {} : { lastYear }),
  };
  if ('easter' in entry) return easterDay(name, entry.easter, years);
  if ('weekday' in entry) return weekdayInMonth(name, entry.month, Weekday[entry.weekday], entry.nth, years);
  // A leap year has all days that a month may have.
  if (Number.isNaN(checkedLabel(2024, entry.month, entry.day))) {
    throw refusal(path, `${where} is day ${entry.day} of month ${entry.month}, which has fewer`);
  }
  const observed = entry.observed === undefined ? {} : { observed: OBSERVANCES[entry.observed] };
  return fixedDate(name, entry.month, entry.day, { ...years, ...observed });
}

/** Compiles all sessions, so that no wrong hour waits for its year, and counts what the file leaves to be counted. */
function checked(path: string, rules: CalendarRules): Calendar {
  const calendar = createCalendar(rules);
  const { firstLabel, lastLabel } = calendar;
  const { length, labels, opens, closes, breakStarts, breakEnds } = calendar.sessions(firstLabel, lastLabel);
  if (length === 0) throw refusal(path, 'no day of its span is a session');
  for (let row = 0; row < length; row++) {
    const session = `the session of ${formatDate(labels[row]!)}`;
    if (opens[row]! >= closes[row]!) throw refusal(path, `${session} closes before it opens`);
    if (row > 0 && opens[row]! < closes[row - 1]!)
      throw refusal(path, `${session} opens before the one before it closes`);
  }
  const minutes =
    (closes[length - 1]! - opens[length - 1]! - (breakEnds[length - 1]! - breakStarts[length - 1]! || 0)) / 60_000;
  const days = Math.min(365, (lastLabel - firstLabel) / DAY_MS + 1);
  const recent = labels.filter((label) => label > lastLabel - days * DAY_MS).length;
  const sessionsPerYear = rules.sessionsPerYear || Math.round((recent * 365) / days);
  return createCalendar({ ...rules, sessionMinutes: minutes, sessionsPerYear });
}

function refusal(path: string, what: string, cause?: unknown): UsageError {
  return new UsageError('CALENDAR_FILE', {
    message: `Calendar file ${path}: ${what}${/[.?]$/.test(what) ? '' : '.'}`,
    details: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}
