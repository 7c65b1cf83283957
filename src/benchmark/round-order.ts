import { SeededRandom } from '../core/random.js';

/**
 * Returns the order of the arms in each round, as their indexes: every arm once a round, each order equally likely. What drifts while a
 * benchmark runs (clock rate, heat, other processes) then favours none of them.
 *
 * @param arms how many, at least 1
 * @param seed equal seeds give equal orders
 */
export function roundOrders(arms: number, rounds: number, seed: number): readonly (readonly number[])[] {
  const random = SeededRandom.derive(seed, 'benchmark', 'order');
  return Array.from({ length: rounds }, () => random.shuffle(Array.from({ length: arms }, (_, arm) => arm)));
}
