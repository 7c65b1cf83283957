/** Returns the median. Throws RangeError for an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('nothing has no median');
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How many times as long one arm takes as another, and the bounds within which that lies with 95 % confidence. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/**
 * Returns the median of the ratios of two arms that were measured in the same rounds, sample k of either in round k: what slowed a round down
 * slowed both. The interval is a percentile bootstrap over rounds (Efron 1979).
 */
export function ratioWithinRounds(arm: readonly number[], base: readonly number[], random: () => number): Ratio {
  if (arm.length !== base.length) throw new RangeError('both arms have a sample of each round');
  const ratios = arm.map((seconds, round) => seconds / base[round]!);
  const medians = Float64Array.from({ length: RESAMPLES }, () =>
    median(ratios.map(() => ratios[Math.floor(random() * ratios.length)]!)),
  ).sort();
  const at = (share: number): number => medians[Math.min(RESAMPLES - 1, Math.floor(share * RESAMPLES))]!;
  return { value: median(ratios), low: at(0.025), high: at(0.975) };
}

/** Returns a stream of doubles in [0, 1) that a seed decides (mulberry32, T. Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Returns the list in a random order (Fisher and Yates 1938). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let last = out.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [out[last], out[other]] = [out[other]!, out[last]!];
  }
  return out;
}
