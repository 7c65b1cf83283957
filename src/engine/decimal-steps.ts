import { decimalsOf } from '../core/decimal-text.js';

/**
 * Evenly spaced values computed in decimal: `low + index * step` is the double that the decimal result prints,
 * so the tenth of 0.001 steps is 0.01 and the ninth 0.009, never 0.009000000000000001.
 */
export interface DecimalSteps {
  /** Number of values; `at(count - 1)` is the last one not above the high bound. */
  readonly count: number;
  /** Returns the value of an index, 0 inclusive to `count` exclusive (not checked: this is called per trial). */
  at(index: number): number;
  /** Returns the index of a value, or -1 when the value is not exactly one of them. */
  indexOf(value: number): number;
  /** Returns the nearest of the values; the lower one of two equally near. */
  nearest(value: number): number;
}

/** Largest power of ten that a double holds exactly. */
const EXACT_POWER_OF_TEN = 22;

/**
 * Returns the values from `low` to `high`, both inclusive when reachable.
 * The caller guarantees finite numbers, `low <= high` and `step > 0`; undefined when there are more than 2^53 - 1 values.
 */
export function decimalSteps(low: number, high: number, step: number): DecimalSteps | undefined {
  const decimals = Math.max(decimalsOf(low), decimalsOf(high), decimalsOf(step));
  const lowTicks = ticksOf(low, decimals);
  const stepTicks = ticksOf(step, decimals);
  const exactCount = (ticksOf(high, decimals) - lowTicks) / stepTicks + 1n;
  if (exactCount > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const count = Number(exactCount);
  const at = valueAt(lowTicks, stepTicks, count, decimals);
  const nearestIndex = (value: number): number => {
    let index = Math.min(count - 1, Math.max(0, Math.round((value - low) / step)));
    // The quotient is a float: the neighbours decide.
    while (index > 0 && Math.abs(at(index - 1) - value) <= Math.abs(at(index) - value)) index--;
    while (index < count - 1 && Math.abs(at(index + 1) - value) < Math.abs(at(index) - value)) index++;
    return index;
  };
  return {
    count,
    at,
    indexOf: (value) => {
      const index = nearestIndex(value);
      return at(index) === value ? index : -1;
    },
    nearest: (value) => at(nearestIndex(value)),
  };
}

function valueAt(lowTicks: bigint, stepTicks: bigint, count: number, decimals: number): (index: number) => number {
  const lastTicks = lowTicks + stepTicks * BigInt(count - 1);
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  if (decimals <= EXACT_POWER_OF_TEN && -lowTicks <= safe && lastTicks <= safe && lastTicks - lowTicks <= safe) {
    // Both sides of the division are exact integers, so IEEE division returns the double nearest to the decimal.
    const scale = Number(10n ** BigInt(decimals));
    const first = Number(lowTicks);
    const ticks = Number(stepTicks);
    return (index) => (first + index * ticks) / scale;
  }
  return (index) => Number(`${lowTicks + stepTicks * BigInt(index)}e-${decimals}`);
}

/** The number's shortest decimal form, times 10^decimals, exactly. */
function ticksOf(value: number, decimals: number): bigint {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(decimals - fraction.length + Number(exponent));
}
