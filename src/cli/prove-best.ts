import { HindcastError } from '../core/errors.js';
import { BundleStore } from '../data/store.js';
import type { MarketOptions } from '../engine/market.js';
import type { StudyReport } from '../optimize/study-run.js';
import { type LookaheadReport, lookahead } from '../validate/lookahead.js';
import { lookaheadOfTrial } from '../validate/trial-lookahead.js';

/** Rows of a bundle beyond which the proof is no matter of passing: each of its runs writes the bundle anew. */
const ROWS_IN_PASSING = 500_000;

/** Few cuts and no threads: about ten runs of one trial. The command `lookahead` does more. */
const IN_PASSING = { cuts: 1, isolated: false } as const;

/**
 * Returns the proof that the best trial of a search does not look ahead, made in passing. Undefined without a best trial, after an interruption, on a
 * bundle of more than half a million rows, and where no bar follows the trial's first decision.
 *
 * @param market what was searched on; undefined for a study that says so itself
 */
export async function proveBest(
  { best, study, strategy, bundle, stopped }: StudyReport,
  market: MarketOptions | undefined,
): Promise<LookaheadReport | undefined> {
  if (best === undefined || stopped === 'interrupted') return undefined;
  if (rowsOf(bundle.name) > ROWS_IN_PASSING) return undefined;
  try {
    if (study.path !== undefined) return await lookaheadOfTrial(study.path, best.number, IN_PASSING);
    if (market === undefined || strategy.file === undefined) return undefined;
    const { params, number, duplicateOf: trial = number } = best;
    return await lookahead(strategy.file, { ...IN_PASSING, ...market, params, seed: study.seed, trial });
  } catch (error) {
    if (error instanceof HindcastError && error.code === 'NOTHING_TO_CUT') return undefined;
    throw error;
  }
}

const rowsOf = (name: string): number => new BundleStore().list().find((each) => each.name === name)?.rows ?? 0;
