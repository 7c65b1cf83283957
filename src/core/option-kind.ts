import { inspect } from 'node:util';
import { UsageError } from './errors.js';

/** What an option takes: in words, behind "takes", and as a test of values. */
export interface OptionKind {
  readonly takes: string;
  readonly accepts: (value: unknown) => boolean;
}

/** An option that is told of something. */
export const LISTENER: OptionKind = { takes: 'a function', accepts: (value) => typeof value === 'function' };

/** An option that stops what runs; one of another realm will do. */
export const SIGNAL: OptionKind = {
  takes: 'the signal of an AbortController',
  accepts: (value) => typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function',
};

/** An option that takes a list of texts, such as symbols. */
export const listOfTexts = (takes: string): OptionKind => ({
  takes,
  accepts: (value) => Array.isArray(value) && value.every((text) => typeof text === 'string'),
});

/** Throws a {@link UsageError} with code `INVALID_OPTION` for the first option whose value is of another kind; undefined is not given. */
export function checkKinds(options: object, kinds: Readonly<Record<string, OptionKind>>): void {
  for (const [option, { takes, accepts }] of Object.entries(kinds)) {
    const value = (options as Readonly<Record<string, unknown>>)[option];
    if (value !== undefined && !accepts(value)) throw wrongKind(option, value, takes);
  }
}

/** Returns the error of an option whose value is of a kind that it does not take. */
export function wrongKind(option: string, value: unknown, takes: string): UsageError {
  const given = givenText(value);
  return new UsageError('INVALID_OPTION', {
    message: `Option '${option}' takes ${takes}, not ${given}.`,
    details: { option, given },
  });
}

/** Characters beyond which a message shows only the beginning of a value. */
const LONGEST = 200;

/**
 * Returns what somebody gave, as a message shows it, on one line: plain values with what is in them, such as `'A'`, `5`, `null` or `[ 1, 2 ]`, and of what is
 * long the beginning; all else by what it is, such as `a function`, `a Promise` or `a Map`.
 */
export function givenText(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    if (typeof (value as { readonly then?: unknown }).then === 'function') return 'a Promise';
    const kind = kindOf(value);
    if (kind !== undefined) return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`;
  }
  const text = inspect(value, {
    depth: 1,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 10,
    maxStringLength: 60,
  });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

/** The class of an object; undefined for lists and plain objects. */
function kindOf(value: object): string | undefined {
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  return value.constructor?.name || 'object of its own kind';
}
