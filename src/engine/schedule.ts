import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { BarGroup } from '../data/bundle.js';
import { checkDateRule, type DateRule, ruleText, type TimeRule } from '../market/schedule-rules.js';
import { type SessionAxis, sessionAxis } from '../market/session-axis.js';
import type { BarData, Context, Synchronous } from './strategy.js';

/** Settings of one schedule. */
export interface ScheduleOptions {
  /** False: not on half days, nor on another session in their place. @defaultValue true */
  readonly halfDays?: boolean;
}

/** What runs by a schedule. */
export type ScheduledFunction = (context: Context, data: BarData) => Synchronous;

/** A row that no axis reaches; see the broker's. */
const NEVER = 2 ** 31 - 1;

/** One function and the axis rows at which it runs. */
class Schedule {
  /** The rules as the strategy wrote them. */
  readonly text: string;
  readonly run: ScheduledFunction;
  readonly #rows: ArrayLike<number>;
  #at = 0;

  constructor(text: string, run: ScheduledFunction, rows: ArrayLike<number>) {
    this.text = text;
    this.run = run;
    this.#rows = rows;
  }

  /** The axis row of the next run. */
  get row(): number {
    return this.#at < this.#rows.length ? this.#rows[this.#at]! : NEVER;
  }

  /** Passes over what lies before an axis row. */
  skipTo(row: number): void {
    while (this.row < row) this.#at++;
  }
}

/** What one strategy instance has scheduled, in the order in which it did. Lives for many runs. */
export class Schedules {
  /** The axis row at which something runs next; one that no axis reaches when there is nothing. */
  nextRow = NEVER;
  readonly #group: BarGroup;
  readonly #schedules: Schedule[] = [];
  /** Of an axis that grows: what appends the last row to a schedule's rows where it is due. */
  readonly #arrivals: (() => void)[] = [];

  constructor(group: BarGroup) {
    this.#group = group;
  }

  get isEmpty(): boolean {
    return this.#schedules.length === 0;
  }

  /** Forgets what the run before had scheduled. */
  clear(): void {
    // Popping is several times cheaper than setting the length.
    while (this.#schedules.length > 0) this.#schedules.pop();
    while (this.#arrivals.length > 0) this.#arrivals.pop();
    this.nextRow = NEVER;
  }

  /** Throws UsageError `INVALID_SCHEDULE`, `UNKNOWN_OPTION`, or `OUT_OF_RANGE` for a session that no week or month of the calendar has. */
  add(date: DateRule, time: TimeRule, run: ScheduledFunction, options: ScheduleOptions = {}): void {
    if (date?.rule !== 'date') throw notARule('first', 'a date rule such as monthStart()', date);
    if (time?.rule !== 'time') throw notARule('second', 'a time rule such as afterOpen(30)', time);
    if (typeof run !== 'function') throw notARule('third', 'a function (context, data) => { ... }', run);
    rejectUnknownKeys('schedule', options, ['halfDays']);
    const { halfDays = true } = options;
    if (typeof halfDays !== 'boolean') throw notARule('halfDays', 'true or false', halfDays);
    const axis = sessionAxis(this.#group);
    checkDateRule(date, axis.calendar);
    const arrived: number[] = [];
    if (this.#group.grows === true) {
      this.#arrivals.push(() => void arrived.push(...axis.rowsOn(date, time, halfDays)));
    }
    const rows = this.#group.grows === true ? arrived : rowsOf(axis, date, time, halfDays);
    this.#schedules.push(new Schedule(`schedule(${ruleText(date)}, ${ruleText(time)})`, run, rows));
  }

  /** Looks at the last row of an axis that grows, and stands before it. */
  arrive(row: number): void {
    for (const look of this.#arrivals) look();
    this.seek(row);
  }

  /** Stands before an axis row: what was scheduled for earlier ones does not run. */
  seek(row: number): void {
    this.nextRow = NEVER;
    for (const schedule of this.#schedules) {
      schedule.skipTo(row);
      this.nextRow = Math.min(this.nextRow, schedule.row);
    }
  }

  /** Gives what is due at an axis row to `call`, in the order in which it was scheduled, and moves on. */
  runAt(row: number, call: (run: ScheduledFunction, text: string) => void): void {
    for (const schedule of this.#schedules) if (schedule.row === row) call(schedule.run, schedule.text);
    this.seek(row + 1);
  }
}

const computed = new WeakMap<SessionAxis, Map<string, Int32Array>>();

/** The rows of a rule, computed once for all runs over an axis. */
function rowsOf(axis: SessionAxis, date: DateRule, time: TimeRule, halfDays: boolean): Int32Array {
  let ofAxis = computed.get(axis);
  if (ofAxis === undefined) {
    ofAxis = new Map();
    computed.set(axis, ofAxis);
  }
  const key = `${ruleText(date)} ${ruleText(time)} ${halfDays}`;
  let rows = ofAxis.get(key);
  if (rows === undefined) {
    rows = axis.rowsOn(date, time, halfDays);
    ofAxis.set(key, rows);
  }
  return rows;
}

function notARule(which: string, wanted: string, given: unknown): UsageError {
  // The likeliest slip: the name of a rule without its call.
  const hint = typeof given === 'function' && wanted.includes('rule') ? ' Call it: monthStart(), not monthStart.' : '';
  const what = which === 'halfDays' ? "option 'halfDays'" : `${which} argument`;
  return new UsageError('INVALID_SCHEDULE', {
    message: `The ${what} of schedule is ${wanted}, not ${typeof given}.${hint}`,
    details: { which, given: typeof given },
  });
}
