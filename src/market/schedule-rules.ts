import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { period } from './bar-axis.js';
import { type Calendar, lowerBound, type SessionTable } from './calendar.js';

/** On which sessions a scheduled function runs: what {@link everyDay} and its neighbours return. */
export interface DateRule {
  readonly rule: 'date';
  readonly period: 'day' | 'week' | 'month';
  readonly from: 'start' | 'end';
  /** Sessions between the period's first or last and the rule's. */
  readonly days: number;
}

/** At which time of a session a scheduled function runs: what {@link afterOpen} and {@link beforeClose} return. */
export interface TimeRule {
  readonly rule: 'time';
  readonly from: 'open' | 'close';
  readonly minutes: number;
}

/** Returns the rule of every session. */
export const everyDay = (): DateRule => dateRule('day', 'start', 0);

/**
 * Returns the rule of a session in each week, Monday to Sunday, counted from its first. A week with too few sessions is left out.
 *
 * @param days sessions after the first, 0 to 6. @defaultValue 0
 * @throws UsageError `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export const weekStart = (days = 0): DateRule => dateRule('week', 'start', days);

/** Returns the rule of a session in each week, counted back from its last; otherwise as {@link weekStart}. */
export const weekEnd = (days = 0): DateRule => dateRule('week', 'end', days);

/**
 * Returns the rule of a session in each month, counted from its first. A month with too few sessions is left out.
 *
 * @param days sessions after the first, 0 to 30. @defaultValue 0
 * @throws UsageError `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export const monthStart = (days = 0): DateRule => dateRule('month', 'start', days);

/** Returns the rule of a session in each month, counted back from its last; otherwise as {@link monthStart}. */
export const monthEnd = (days = 0): DateRule => dateRule('month', 'end', days);

/**
 * Returns the rule of a time counted from a session's opening.
 *
 * @param minutes after the opening, 1 to 720. @defaultValue 1: the first minute
 * @throws UsageError `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export const afterOpen = (minutes = 1): TimeRule => timeRule('open', minutes);

/** Returns the rule of a time counted back from a session's close, on a half day from the early one; otherwise as {@link afterOpen}. */
export const beforeClose = (minutes = 1): TimeRule => timeRule('close', minutes);

const MOST_DAYS = { day: 1, week: 7, month: 31 } as const;
const MOST_MINUTES = 720;

function dateRule(period: DateRule['period'], from: DateRule['from'], days: number): DateRule {
  const rule: DateRule = Object.freeze({ rule: 'date', period, from, days });
  assertInteger(`days of ${nameOf(rule)}`, days, { min: 0, max: MOST_DAYS[period] - 1 });
  return rule;
}

function timeRule(from: TimeRule['from'], minutes: number): TimeRule {
  const rule: TimeRule = Object.freeze({ rule: 'time', from, minutes });
  assertInteger(`minutes of ${nameOf(rule)}`, minutes, { min: 1, max: MOST_MINUTES });
  return rule;
}

/** Returns the name of the function that makes a rule. */
function nameOf(rule: DateRule | TimeRule): string {
  if (rule.rule === 'time') return rule.from === 'open' ? 'afterOpen' : 'beforeClose';
  if (rule.period === 'day') return 'everyDay';
  return `${rule.period}${rule.from === 'start' ? 'Start' : 'End'}`;
}

/** Returns a rule as a strategy writes it: `monthEnd(2)`. */
export function ruleText(rule: DateRule | TimeRule): string {
  if (rule.rule === 'time') return `${nameOf(rule)}(${rule.minutes})`;
  return `${nameOf(rule)}(${rule.period === 'day' ? '' : rule.days})`;
}

/**
 * Throws UsageError `OUT_OF_RANGE` when no week or month of a calendar can hold the session that a date rule names.
 * A month of 31 days has each weekday four times, and three neighbouring ones a fifth time.
 */
export function checkDateRule(rule: DateRule, { name, weekdays }: Calendar): void {
  const fifths = Math.max(
    ...weekdays.map((first) => weekdays.filter((weekday) => (weekday - first + 7) % 7 < 3).length),
  );
  const most = { day: 1, week: weekdays.length, month: 4 * weekdays.length + fifths }[rule.period];
  if (rule.days < most) return;
  throw new UsageError('OUT_OF_RANGE', {
    message: `${ruleText(rule)} names no session of ${name}: a ${rule.period} has at most ${most} of them, so give 0 to ${most - 1}.`,
    details: { rule: ruleText(rule), calendar: name, max: most - 1 },
  });
}

/**
 * Returns the places of the sessions that a date rule names, ascending. Weeks and months of the table must be whole where it matters.
 *
 * @param halfDays false leaves half days out, and takes no other session in their place
 */
export function sessionsOn(rule: DateRule, table: SessionTable, halfDays: boolean): number[] {
  const places: number[] = [];
  for (let begin = 0; begin < table.length; ) {
    const end = endOfPeriod(rule.period, table, begin);
    const place = rule.from === 'start' ? begin + rule.days : end - 1 - rule.days;
    if (place >= begin && place < end && (halfDays || table.halfDays[place] === 0)) places.push(place);
    begin = end;
  }
  return places;
}

function endOfPeriod(of: DateRule['period'], { labels }: SessionTable, begin: number): number {
  if (of === 'day') return begin + 1;
  return lowerBound(labels, period(of === 'week' ? '1w' : '1mo', labels[begin]!)[1]);
}
