/**
 * e ** -x and the normal law's distribution from tables that the exact ones fill: to about 1e-9, which is far more than a choice among
 * candidates needs, in a tenth of the time. Only + - * / follow the tables, so they give the same bits everywhere.
 */
import { exp } from '../../core/elementary.js';
import { normalCdf, normalDensity } from '../../core/normal.js';

/** From here on {@link decay} is 0. */
export const DECAYED = 40;
/** From here on nothing is left of the law: {@link lowerTail} is 0. */
export const TAIL_END = 6;

const STEPS = 32;
const decays = new Float64Array(DECAYED * STEPS);
const tails = new Float64Array(TAIL_END * STEPS + 1);
const slopes = new Float64Array(TAIL_END * STEPS + 1);
let isFilled = false;

/** Fills the tables at their first use: most processes that load them never suggest anything. */
function fillTables(): void {
  decays.forEach((_, at) => {
    decays[at] = exp(-at / STEPS);
  });
  tails.forEach((_, at) => {
    tails[at] = normalCdf(-at / STEPS);
    slopes[at] = -normalDensity(at / STEPS) / STEPS;
  });
  isFilled = true;
}

/** Returns e ** -x for x of at least 0; 0 from 40 on. */
export function decay(x: number): number {
  if (!(x < DECAYED)) return 0;
  if (!isFilled) fillTables();
  const at = Math.floor(x * STEPS);
  const rest = x - at / STEPS;
  return decays[at]! * (1 - rest * (1 - rest * (1 / 2 - rest * (1 / 6 - rest * (1 / 24)))));
}

/** Returns the probability that a standard normal value lies below -x, for x of at least 0; 0 from 6 on. */
export function lowerTail(x: number): number {
  if (!(x < TAIL_END)) return 0;
  if (!isFilled) fillTables();
  const at = Math.floor(x * STEPS);
  const t = x * STEPS - at;
  // Hermite's cubic through two values and two slopes.
  const from = tails[at]!;
  const to = tails[at + 1]!;
  const start = slopes[at]!;
  const end = slopes[at + 1]!;
  const cubic = 2 * (from - to) + start + end;
  const square = 3 * (to - from) - 2 * start - end;
  return from + t * (start + t * (square + t * cubic));
}
