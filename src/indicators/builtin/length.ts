import { UsageError } from '../../core/errors.js';

/** Longest window of an indicator: what its memory costs is allocated at once. */
const LONGEST = 10_000_000;

/** Returns a window's length as it is. Throws UsageError `INVALID_ARGUMENT` unless it is a whole number from `min` to 10,000,000. */
export function checkedLength(indicator: string, length: number, min = 1): number {
  if (!Number.isInteger(length) || length < min || length > LONGEST) {
    throw new UsageError('INVALID_ARGUMENT', {
      message: `${indicator}(${String(length)}) needs a whole number of bars from ${min} to ${LONGEST}.`,
      details: { indicator, length },
    });
  }
  return length;
}
