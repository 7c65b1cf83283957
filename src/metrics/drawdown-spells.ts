import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { drawdowns } from './drawdown.js';

/** A time below a peak. */
export interface DrawdownSpell {
  /** Row of the last value at the peak. */
  readonly from: number;
  /** Row of the recovery; the last row where there was none. */
  readonly to: number;
  readonly recovered: boolean;
  /** Deepest fall, a positive fraction of the peak. */
  readonly depth: number;
}

/**
 * Returns the times that values spent below their running peak, in order. The peak begins with the first value.
 * One that begins at the very last row is too short to be listed.
 */
export function drawdownSpells(values: ReadonlyFloat64Array): DrawdownSpell[] {
  const falls = drawdowns(values, values[0] ?? 0);
  const last = falls.length - 1;
  const spells: DrawdownSpell[] = [];
  let peak = 0;
  let depth = 0;
  for (let row = 1; row <= last; row++) {
    const recovered = falls[row] === 0;
    depth = Math.max(depth, falls[row]!);
    if (!recovered && row < last) continue;
    if (row > peak + 1) spells.push({ from: peak, to: row, recovered, depth });
    peak = row;
    depth = 0;
  }
  return spells;
}
