import { pow } from '../../core/elementary.js';
import type { SeededRandom } from '../../core/random.js';
import type { Axis } from './unit-cube.js';

/** How children differ from their parents. */
export interface VariationOptions {
  /** Chance that a child mixes two parents; else it is a mutated copy of one. */
  readonly crossover: number;
  /** Chance of each parameter to mutate. */
  readonly mutation: number;
}

/** Spread of crossover and of mutation: larger stays nearer to the parents (Deb and Agrawal 1995; Deb and Goyal 1996). */
const CROSSOVER_SPREAD = 15;
const MUTATION_SPREAD = 20;

/**
 * Returns the coordinates of a child: simulated binary crossover and polynomial mutation for numbers, uniform crossover and a fresh draw for
 * choices. A number on a stepped axis that mutates leaves its value. What does not count in a parent is drawn afresh.
 */
export function childOf(
  parents: readonly [Float64Array, Float64Array],
  axes: readonly Axis[],
  { crossover, mutation }: VariationOptions,
  random: SeededRandom,
): Float64Array {
  const mixes = random.next() < crossover;
  return Float64Array.from(axes, ({ categorical, count }, axis) => {
    const [a, b] = parents.map((parent) => (Number.isNaN(parent[axis]!) ? random.next() : parent[axis]!));
    const mutates = random.next() < mutation;
    if (categorical) return mutates ? random.next() : mixes && random.next() < 0.5 ? b! : a!;
    const mixed = mixes ? cross(a!, b!, random) : a!;
    if (!mutates) return mixed;
    const moved = mutate(mixed, random);
    if (count === Number.POSITIVE_INFINITY || cellOf(moved, count) !== cellOf(mixed, count)) return moved;
    return clamp(mixed + (random.next() < 0.5 ? -1 : 1) / count);
  });
}

const cellOf = (coordinate: number, count: number): number => Math.min(count - 1, Math.floor(coordinate * count));
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** One of the two children of simulated binary crossover; half of the parameters stay as they are. */
function cross(a: number, b: number, random: SeededRandom): number {
  if (random.next() < 0.5 || a === b) return random.next() < 0.5 ? a : b;
  const share = random.next();
  const exponent = 1 / (CROSSOVER_SPREAD + 1);
  const spread = share <= 0.5 ? pow(2 * share, exponent) : pow(1 / (2 * (1 - share)), exponent);
  const sign = random.next() < 0.5 ? 1 : -1;
  return clamp(0.5 * (a + b + sign * spread * (a - b)));
}

/** Polynomial mutation, towards each bound by the room that there is. */
function mutate(value: number, random: SeededRandom): number {
  const share = random.next();
  const exponent = 1 / (MUTATION_SPREAD + 1);
  if (share < 0.5) {
    const room = pow(1 - value, MUTATION_SPREAD + 1);
    return clamp(value + pow(2 * share + (1 - 2 * share) * room, exponent) - 1);
  }
  const room = pow(value, MUTATION_SPREAD + 1);
  return clamp(value + 1 - pow(2 * (1 - share) + 2 * (share - 0.5) * room, exponent));
}
