import { log } from '../core/elementary.js';
import { holm } from '../metrics/samples/holm.js';
import { column, differenceP, medianOf } from './comparison.js';
import { type ArmSamples, refuseFewRuns } from './samples.js';

/** Times of a subject over those of the reference in the same round: what is left of a machine's speed is little. */
export interface GateRatios {
  readonly name: string;
  /** One a round, at least ten. */
  readonly ratios: readonly number[];
}

/** Where the gate closes. */
export interface GateOptions {
  /** A subject that is slower by more, as a share of the stored ratio, fails if that is significant. @defaultValue 0.1 */
  readonly allowed?: number | undefined;
  /** The p, adjusted for all subjects (Holm), must be below. @defaultValue 0.05 */
  readonly significance?: number | undefined;
}

/** What the gate says of a subject. */
export interface GateFinding {
  readonly name: string;
  /** Median ratios, then and now. */
  readonly stored: number;
  readonly measured: number;
  /** How much slower than stored, as a share; negative is faster. */
  readonly slowdown: number;
  readonly adjustedP: number;
  readonly passed: boolean;
}

/** Returns the ratios of a subject's wall times to those of the reference arm, round by round. @throws UsageError `TOO_FEW_RUNS` */
export function gateRatios(name: string, subject: ArmSamples, reference: ArmSamples): GateRatios {
  refuseFewRuns(`The ratio '${name}'`, Math.min(subject.runs.length, reference.runs.length));
  const below = column(reference, ({ seconds }) => seconds);
  return {
    name,
    ratios: [...column(subject, ({ seconds }) => seconds)].map((seconds, round) => seconds / below[round]!),
  };
}

/**
 * Compares ratios with stored ones of the same names. Ratios are compared, never seconds, so that the stored ones hold on another machine
 * of the kind. Names on one side only are not compared.
 *
 * @throws UsageError `TOO_FEW_RUNS` when ratios are of fewer than ten rounds
 */
export function checkGate(
  stored: readonly GateRatios[],
  measured: readonly GateRatios[],
  { allowed = 0.1, significance = 0.05 }: GateOptions = {},
): readonly GateFinding[] {
  const pairs = measured.flatMap((now) => {
    const then = stored.find(({ name }) => name === now.name);
    if (then === undefined) return [];
    for (const { name, ratios } of [then, now]) refuseFewRuns(`The ratio '${name}'`, ratios.length);
    return [{ name: now.name, before: then.ratios, after: now.ratios }];
  });
  const ps = holm(
    pairs.map(({ before, after }) => differenceP(Float64Array.from(after, log), Float64Array.from(before, log))),
  );
  return pairs.map(({ name, before, after }, at) => {
    const [then, now] = [medianOf(before), medianOf(after)];
    const slowdown = now / then - 1;
    const adjustedP = ps[at]!;
    const passed = !(slowdown > allowed && adjustedP < significance);
    return { name, stored: then, measured: now, slowdown, adjustedP, passed };
  });
}
