import { assertFinite, assertInteger } from '../../core/assert.js';
import { studentQuantile, studentTail } from '../../core/student-t.js';
import { holmOf } from '../../metrics/samples/holm.js';

/** A Sharpe ratio after one adjustment for many trials. */
export interface Haircut {
  /** Probability of a result like this by chance, two-sided, given that so many trials were made. */
  readonly p: number;
  /** The Sharpe ratio per observation that a single trial with this p would have. */
  readonly sharpe: number;
  /** Share of the Sharpe ratio that is taken away, 0 to 1; undefined where it is not above 0. */
  readonly haircut: number | undefined;
}

/** What {@link haircutSharpe} returns. */
export interface HaircutSharpe {
  /** Of the trial on its own, as if it were the only one. */
  readonly single: number;
  /** Probability of one false find among all trials: strict. */
  readonly bonferroni: Haircut;
  /** The same, less strict for all but the smallest p. */
  readonly holm: Haircut;
  /** Share of false finds among all finds (Benjamini, Hochberg and Yekutieli), which holds for dependent trials. */
  readonly bhy: Haircut;
}

/**
 * Returns a trial's Sharpe ratio after the haircuts of Harvey and Liu (2015, Backtesting): its t-statistic `SR sqrt(T)` becomes a p-value,
 * which is adjusted for the p-values of all trials and turned back.
 *
 * @param sharpes of all trials, per observation
 * @param chosen index of the trial
 * @param observations returns of each trial, at least 2
 * @param trials how many there were, where `sharpes` is a pick of them: at least as many. @defaultValue as many as are given
 * @throws UsageError `NOT_A_NUMBER`, `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export function haircutSharpe(
  sharpes: ArrayLike<number>,
  chosen: number,
  observations: number,
  trials = sharpes.length,
): HaircutSharpe {
  assertInteger('observations', observations, { min: 2 });
  assertInteger('chosen', chosen, { min: 0, max: sharpes.length - 1 });
  assertInteger('trials', trials, { min: sharpes.length });
  assertFinite('sharpes', sharpes);
  const degrees = observations - 1;
  const root = Math.sqrt(observations);
  const ps = Float64Array.from(sharpes, (sharpe) => 2 * studentTail(Math.abs(sharpe) * root, degrees));
  const own = sharpes[chosen]!;
  const single = ps[chosen]!;
  const ascending = ps.slice().sort();
  const haircut = (p: number): Haircut => {
    const sharpe = Math.sign(own) * (-studentQuantile(p / 2, degrees) / root);
    return { p, sharpe, haircut: own > 0 ? Math.min(1, Math.max(0, 1 - sharpe / own)) : undefined };
  };
  return {
    single,
    bonferroni: haircut(Math.min(1, single * trials)),
    holm: haircut(holmOf(ascending, single, trials)),
    bhy: haircut(bhyOf(ascending, single, trials)),
  };
}

/** Benjamini and Yekutieli (2001): the smallest of `n c(n) / i p(i)` over the p-values from this one on, c(n) = 1 + 1/2 + ... + 1/n. */
function bhyOf(ascending: Float64Array, p: number, trials: number): number {
  const weight = trials / ascending.length;
  let harmonic = 0;
  for (let i = 1; i <= trials; i++) harmonic += 1 / i;
  let adjusted = 1;
  for (let i = ascending.length - 1; i >= 0 && ascending[i]! >= p; i--) {
    adjusted = Math.min(adjusted, (ascending[i]! * trials * harmonic) / (1 + i * weight));
  }
  return adjusted;
}
