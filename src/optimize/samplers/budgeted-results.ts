import type { Direction } from '../trial.js';
import type { SeenTrial } from './sampler.js';

/** Returns what a trial found on its budget, to be minimised: Infinity where it has no value. */
export function lossOn({ ending }: SeenTrial, direction: Direction): number {
  const value = ending.state === 'complete' ? ending.values[0] : ending.state === 'pruned' ? ending.value : undefined;
  if (value === undefined || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  return direction === 'maximize' ? -value : value;
}

/** Returns trials, best first; ties and those without a value by number. */
export function ranked(trials: readonly SeenTrial[], direction: Direction): SeenTrial[] {
  const losses = new Map(trials.map((trial) => [trial, lossOn(trial, direction)]));
  return [...trials].sort((a, b) => {
    const [first, second] = [losses.get(a)!, losses.get(b)!];
    return first < second ? -1 : first > second ? 1 : a.number - b.number;
  });
}
