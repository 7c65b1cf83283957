import { asEpochMs, type EpochMs } from './brand.js';
import { UsageError } from './errors.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Returns the UTC midnight of a date `YYYY-MM-DD`: the label of a session.
 *
 * @param what names the date in the error. @defaultValue 'The date'
 * @throws UsageError `NOT_A_DATE` for any other form and for days that no calendar has, such as 2020-02-30
 */
export function parseDate(text: string, what = 'The date'): EpochMs {
  const match = DATE.exec(text);
  const time = match === null ? Number.NaN : Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  // Years below 100 become 19xx and impossible days roll over: both print another date than was written.
  if (Number.isNaN(time) || formatDate(time) !== text) {
    throw new UsageError('NOT_A_DATE', {
      message: `${what} must be a date of the calendar such as 2020-02-29, but is '${text}'.`,
      details: { what, value: text },
    });
  }
  return asEpochMs(time);
}

/**
 * Returns an instant written in ISO 8601: `2020-03-02T14:30:00Z`, with an offset such as `+01:00`, seconds and
 * up to three decimals of them optional; or a date alone, which means its UTC midnight.
 *
 * @param what names the instant in the error. @defaultValue 'The time'
 * @throws UsageError `NOT_AN_INSTANT`, also for a time without zone; `NOT_A_DATE`
 */
export function parseInstant(text: string, what = 'The time'): EpochMs {
  if (DATE.test(text)) return parseDate(text, what);
  const match = INSTANT.exec(text);
  const [hour, minute, second, offsetHour, offsetMinute] = [2, 3, 4, 7, 8].map((group) => Number(match?.[group] ?? 0));
  if (match === null || hour! > 23 || minute! > 59 || second! > 59 || offsetHour! > 23 || offsetMinute! > 59) {
    throw new UsageError('NOT_AN_INSTANT', {
      message: `${what} must be an instant with its zone such as 2020-03-02T14:30:00Z, but is '${text}'.`,
      details: { what, value: text },
    });
  }
  const offset = (match[6] === '-' ? -1 : 1) * (offsetHour! * HOUR + offsetMinute! * MINUTE);
  const milliseconds = Number((match[5] ?? '').padEnd(3, '0'));
  const time = hour! * HOUR + minute! * MINUTE + second! * SECOND + milliseconds;
  return asEpochMs(parseDate(match[1]!, what) + time - offset);
}

/** Returns the UTC date of an instant as `YYYY-MM-DD`. */
export const formatDate = (time: number): string => new Date(time).toISOString().slice(0, -14);

/** Returns an instant as `YYYY-MM-DDTHH:MM:SSZ`, with milliseconds only where there are some. */
export const formatInstant = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z');

/**
 * Returns a span of time for people, with the two largest units: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`, `3 d 4 h`.
 *
 * @param milliseconds at least 0; decimals are rounded away
 */
export function formatDuration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < SECOND) return `${whole} ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(whole / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(whole / MINUTE);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(whole / HOUR);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
