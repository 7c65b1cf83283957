import { UsageError } from '../core/errors.js';
import { holm } from '../metrics/samples/holm.js';
import type { Comparison } from './comparison.js';

/** What a candidate must reach. */
export interface Thresholds {
  /** Least saving, as a share of the baseline's time. @defaultValue 0.05 */
  readonly saving?: number | undefined;
  /** The adjusted p must be below. @defaultValue 0.05 */
  readonly significance?: number | undefined;
  /** Memory must grow by less, as a share. @defaultValue 0.02 */
  readonly memoryGrowth?: number | undefined;
}

/** All thresholds. */
export type ResolvedThresholds = { readonly [K in keyof Thresholds]-?: number };

/** Returns thresholds with defaults filled in. @throws UsageError `OUT_OF_RANGE` for what is no share */
export function resolveThresholds({
  saving = 0.05,
  significance = 0.05,
  memoryGrowth = 0.02,
}: Thresholds = {}): ResolvedThresholds {
  const resolved = { saving, significance, memoryGrowth };
  for (const [name, value] of Object.entries(resolved)) {
    if (value >= 0 && value < 1) continue;
    throw new UsageError('OUT_OF_RANGE', {
      message: `The threshold '${name}' is a share from 0 to below 1 such as 0.05, not ${value}.`,
      details: { name, value },
    });
  }
  return resolved;
}

/** A condition of acceptance. */
export interface Condition {
  readonly name: 'different-code' | 'equal-results' | 'saving' | 'significance' | 'interval' | 'memory';
  readonly met: boolean;
  /** The figure and what it had to be, for people. */
  readonly says: string;
}

/** `a/a`: both arms are the same code, so that nothing can be claimed. */
export type VerdictWord = 'accepted' | 'rejected' | 'a/a';

/** What becomes of a candidate. */
export interface Verdict {
  readonly word: VerdictWord;
  /** Adjusted for all claims of the benchmark (Holm). */
  readonly adjustedP: number;
  /** All of them, whether met or not. */
  readonly conditions: readonly Condition[];
  /** Whether everything but `different-code` is met: in an A/A, a false alarm. */
  readonly wouldPass: boolean;
}

/** A comparison, with what the arms are. */
export interface Claim {
  readonly comparison: Comparison;
  /** Whether both arms are provably different code: see `codeDifference`. */
  readonly isDifferentCode: boolean;
}

/**
 * Judges the claims of one benchmark together, in their order. The runs of both arms gave equal results: a measurement whose runs do not
 * never comes this far.
 */
export function judge(claims: readonly Claim[], thresholds: Thresholds = {}): readonly Verdict[] {
  const { saving, significance, memoryGrowth } = resolveThresholds(thresholds);
  const adjusted = holm(claims.map(({ comparison }) => comparison.p));
  return claims.map(({ comparison, isDifferentCode }, at) => {
    const { saved, savedInterval, memoryGrowth: grown } = comparison;
    const adjustedP = adjusted[at]!;
    const conditions: Condition[] = [
      {
        name: 'different-code',
        met: isDifferentCode,
        says: isDifferentCode ? 'the arms are different code' : 'the arms are the same code',
      },
      { name: 'equal-results', met: true, says: 'every run gave the same results' },
      {
        name: 'saving',
        met: saved >= saving,
        says: `${percent(saved)} of the time saved, at least ${percent(saving)} needed`,
      },
      {
        name: 'significance',
        met: adjustedP < significance,
        says: `p ${pText(adjustedP)} after Holm, below ${significance} needed`,
      },
      {
        name: 'interval',
        met: savedInterval[0] > 0,
        says: `95 % interval ${percent(savedInterval[0])} to ${percent(savedInterval[1])}, above 0 needed`,
      },
      {
        name: 'memory',
        met: grown < memoryGrowth,
        says: `memory ${grown < 0 ? '' : '+'}${percent(grown)}, below +${percent(memoryGrowth)} needed`,
      },
    ];
    const wouldPass = conditions.every(({ name, met }) => met || name === 'different-code');
    return { word: isDifferentCode ? (wouldPass ? 'accepted' : 'rejected') : 'a/a', adjustedP, conditions, wouldPass };
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns a probability with as many digits as say something. */
export const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));
