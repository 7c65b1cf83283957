import type { MarketView } from '../engine/market-view.js';
import { gatherSessionValues, sessionEnds } from '../engine/sessions-of-run.js';
import { simpleReturns } from '../metrics/returns.js';
import type { StitchedRun } from './out-of-sample.js';
import { minimumTrackRecord, probabilisticSharpe } from './overfitting/probabilistic-sharpe.js';
import { sharpeSample } from './overfitting/sharpe-sample.js';
import type { RowRange } from './span.js';

/** How far a record can be believed that no parameter was chosen by: nothing deflates it. */
export interface StitchedLuck {
  /** Returns of the record, one a session. */
  readonly sessions: number;
  /** Probability that the true Sharpe ratio is above 0. */
  readonly probabilisticSharpe: number;
  /** Sessions that a Sharpe ratio like this one needs, to be above 0 with 95 % confidence; undefined where it is not above 0. */
  readonly minimumTrackRecord: number | undefined;
}

/**
 * Returns the probabilistic Sharpe ratio and the minimum track record (Bailey and López de Prado 2012) of the account of all tests, by session.
 * Undefined below two returns, where they do not vary, and where the account fell to 0.
 *
 * @param tests rows of the tests, in the order in which the account went through them
 */
export function stitchedLuck(
  { equity }: Pick<StitchedRun, 'equity'>,
  view: MarketView,
  tests: readonly RowRange[],
): StitchedLuck | undefined {
  const ends: number[] = [];
  let before = 0;
  for (const { from, to } of tests) {
    const own = sessionEnds({ ...view, from, to });
    for (let k = 0; k < (own?.length ?? to - from); k++) ends.push(before + (own?.[k] ?? k));
    before += to - from;
  }
  const values = gatherSessionValues(Int32Array.from(ends), equity, new Float64Array(ends.length));
  if (!values.every((value) => value > 0)) return undefined;
  const sample = sharpeSample(simpleReturns(values));
  if (sample === undefined) return undefined;
  return {
    sessions: sample.observations,
    probabilisticSharpe: probabilisticSharpe(sample),
    minimumTrackRecord: minimumTrackRecord(sample),
  };
}
