import { UsageError } from './errors.js';

/**
 * Throws UsageError `NOT_AN_INTEGER` or `OUT_OF_RANGE` unless the value is an integer within the bounds.
 *
 * @param name what the value is, as the user wrote it: `--jobs`, `pool.workers`
 * @param bounds both inclusive. @defaultValue the safe integers
 */
export function assertInteger(
  name: string,
  value: unknown,
  {
    min = Number.MIN_SAFE_INTEGER,
    max = Number.MAX_SAFE_INTEGER,
  }: { readonly min?: number; readonly max?: number } = {},
): asserts value is number {
  if (!Number.isSafeInteger(value)) {
    throw new UsageError('NOT_AN_INTEGER', {
      message: `${name} must be an integer, but is ${typeof value === 'string' ? `'${value}'` : String(value)}.`,
      details: { name, value },
    });
  }
  if ((value as number) < min || (value as number) > max) {
    const upTo = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
    throw new UsageError('OUT_OF_RANGE', {
      message: `${name} must be ${min === Number.MIN_SAFE_INTEGER ? `at most ${max}` : upTo}, but is ${String(value)}.`,
      details: { name, value, min, max },
    });
  }
}

/** Closes a switch over a union: a case that was forgotten fails to compile. Throws if it is reached all the same. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case: ${JSON.stringify(value)}`);
}
