import { inspect } from 'node:util';

/** Returns any value as a message shows it: on one line, strings in quotes, and only the beginning of what is long. */
export const shown = (value: unknown): string =>
  inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 10, maxStringLength: 60 });
