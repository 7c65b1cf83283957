import { UsageError } from '../../core/errors.js';

/** Returns a factor as it is. Throws UsageError `INVALID_ARGUMENT` unless it is a finite number from `min` to `max`. */
export function checkedFactor(indicator: string, name: string, value: number, min = 0, max = Number.MAX_VALUE): number {
  if (!(value >= min && value <= max)) {
    const bounds = max === Number.MAX_VALUE ? `from ${min} on` : `from ${min} to ${max}`;
    throw new UsageError('INVALID_ARGUMENT', {
      message: `${indicator} with ${name} ${String(value)} needs a finite number ${bounds}.`,
      details: { indicator, [name]: value },
    });
  }
  return value;
}
