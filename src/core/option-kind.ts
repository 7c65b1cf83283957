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

/** Returns what somebody gave, in words: `'A'`, `5`, `null`, `a function`, `a list`. */
export function givenText(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof (value as { readonly then?: unknown }).then === 'function' ? 'a Promise' : 'an object';
}
