import { UsageError } from '../../core/errors.js';

/** Longest window of an indicator: what its memory costs is allocated at once. */
const LONGEST = 10_000_000;

/**
 * Returns a window's length as it is. Throws UsageError `INVALID_ARGUMENT` unless it is a whole number from `min` to
 * 10,000,000; `name` tells the lengths of one indicator apart.
 */
export function checkedLength(indicator: string, length: number, min = 1, name?: string): number {
  if (!Number.isInteger(length) || length < min || length > LONGEST) {
    const what = name === undefined ? `${indicator}(${String(length)})` : `${indicator} with ${name} ${String(length)}`;
    throw new UsageError('INVALID_ARGUMENT', {
      message: `${what} needs a whole number of bars from ${min} to ${LONGEST}.`,
      details: name === undefined ? { indicator, length } : { indicator, [name]: length },
    });
  }
  return length;
}

/** Checks the lengths of two averages that are compared: both as {@link checkedLength}, and `fast` below `slow`. */
export function checkFastAndSlow(indicator: string, fast: number, slow: number): void {
  checkedLength(indicator, fast, 1, 'fast');
  checkedLength(indicator, slow, 1, 'slow');
  if (fast >= slow) {
    throw new UsageError('INVALID_ARGUMENT', {
      message: `${indicator} with fast ${fast} and slow ${slow}: fast must be below slow.`,
      details: { indicator, fast, slow },
    });
  }
}
