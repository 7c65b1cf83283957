import { exp } from '../../core/elementary.js';

const ROOT5 = Math.sqrt(5);
const INVERSE_LN2 = Math.LOG2E;
const LN2 = Math.LN2;
const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40_320, 362_880, 3_628_800];
const [C2 = 0, C3 = 0, C4 = 0, C5 = 0, C6 = 0, C7 = 0, C8 = 0, C9 = 0, C10 = 0] = factorials.slice(2).map((n) => 1 / n);
/** 2 ** -n. */
const POWERS = Float64Array.from({ length: 1100 }, (_, n) => 2 ** -n);

/**
 * Returns e ** -x for x from 0 on, to a relative 1e-12, with the same bits everywhere: a few times faster than {@link exp}, which
 * a model calls millions of times.
 */
export function decay(x: number): number {
  const scaled = x * INVERSE_LN2;
  if (!(scaled < 1000)) return Number.isNaN(x) ? x : exp(-x);
  const n = Math.floor(scaled + 0.5);
  const r = n * LN2 - x;
  const high = C6 + r * (C7 + r * (C8 + r * (C9 + r * C10)));
  return POWERS[n]! * (1 + r * (1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * high))))));
}

/** Returns the Matérn 5/2 correlation at a squared scaled distance. */
export function matern52(square: number): number {
  const r = ROOT5 * Math.sqrt(square);
  return (1 + r + (5 / 3) * square) * decay(r);
}

/** Returns minus twice the derivative of {@link matern52} by the squared distance. */
export function matern52Slope(square: number): number {
  const r = ROOT5 * Math.sqrt(square);
  return (5 / 3) * (1 + r) * decay(r);
}
