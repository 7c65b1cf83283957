import { countText } from '../../core/decimal-text.js';
import { exp, log } from '../../core/elementary.js';
import { indexPermutation, SeededRandom } from '../../core/random.js';
import type { FloatDeclaration, IntDeclaration, ParameterMap, Scalar } from '../../engine/parameters.js';
import { choicesOf, type FlatParams, type Level, type ParameterSpace, type Place } from '../space.js';
import { DistinctWalk, type PointSequence } from './distinct-walk.js';
import { GridWalk, tooTight } from './grid-walk.js';
import type { Sampler } from './sampler.js';

/** Draws of one trial that the constraint may refuse before it counts as too tight. */
const DRAWS = 100_000;

/**
 * Random search. A grid of at most 2^53 points is drawn without repetition, until all are used: the trials follow a permutation of its places
 * that the seed chooses. With a logarithmic integer, whose values are not equally likely, they follow independent draws, each from a stream of its
 * own, that pass over what was drawn before: of the points that are left, each is as likely as its share of them. Once 2,000 draws in a row
 * have found nothing new, all that is left has hardly a thousandth of the whole, and comes in an even order.
 *
 * A space with a continuous float, or a larger grid, is drawn independently and may repeat itself.
 */
export function randomSampler<P extends ParameterMap>(space: ParameterSpace<P>, seed: number): Sampler {
  const base = { name: 'random', looksBack: false } as const;
  const { size } = space;
  const streamOf = (index: number): SeededRandom => SeededRandom.derive(seed, 'trial', index);
  if (typeof size !== 'number' || !space.finite) {
    const suggest: Sampler['suggest'] = ({ number }) => drawAllowed(space, streamOf(number));
    return { ...base, distinct: false, size: Number.POSITIVE_INFINITY, suggest };
  }
  const distinct = { ...base, distinct: true, size } as const;
  if (hasLogInteger(space)) {
    const draws: PointSequence = { at: (index) => findAllowed(space, streamOf(index)) };
    const walk = new DistinctWalk(space, draws, () => true, seed);
    return { ...distinct, suggest: ({ ordinal }) => walk.point(ordinal) };
  }
  const indexAt = indexPermutation(seed, size);
  const walk = new GridWalk(space, (position) => indexAt(position as number));
  return { ...distinct, suggest: ({ ordinal }) => walk.point(ordinal) };
}

/**
 * Returns independent draws from a space, the first that its constraint allows.
 * @throws UsageError `CONSTRAINT_TOO_TIGHT` after 100,000 refused draws.
 */
export function drawAllowed<P extends ParameterMap>(space: ParameterSpace<P>, random: SeededRandom): FlatParams {
  const flat = findAllowed(space, random);
  if (flat === undefined) throw tooTight(`${countText(DRAWS)} random draws in a row`);
  return flat;
}

/** Returns the first draw that the constraint allows; undefined after 100,000 that it refused. */
function findAllowed<P extends ParameterMap>(space: ParameterSpace<P>, random: SeededRandom): FlatParams | undefined {
  for (let draw = 0; draw < DRAWS; draw++) {
    const flat = drawPoint(space, random);
    if (space.constraint === undefined || space.allows(space.fromFlat(flat))) return flat;
  }
  return undefined;
}

/** Returns a point drawn as the parameters are declared; the constraint is not asked. */
export function drawPoint<P extends ParameterMap>(space: ParameterSpace<P>, random: SeededRandom): FlatParams {
  const flat: Record<string, Scalar> = {};
  drawLevel(space.level, random, flat);
  return flat;
}

const hasLogInteger = <P extends ParameterMap>(space: ParameterSpace<P>): boolean => {
  const inLevel = (places: readonly Place[]): boolean =>
    places.some(
      ({ declaration, branches }) =>
        (declaration.kind === 'int' && declaration.log) || branches.some(({ level }) => inLevel(level.places)),
    );
  return inLevel(space.level.places);
};

function drawLevel({ places }: Level, random: SeededRandom, flat: Record<string, Scalar>): void {
  for (const place of places) {
    const value = drawValue(place, random);
    flat[place.key] = value;
    const branch = place.branches.find(({ kind }) => kind === value);
    if (branch !== undefined) drawLevel(branch.level, random, flat);
  }
}

function drawValue({ declaration, steps }: Place, random: SeededRandom): Scalar {
  if (declaration.kind === 'int' && declaration.log) return drawLogInteger(declaration, random);
  if (steps !== undefined) return steps.at(random.int(0, steps.count - 1));
  if (declaration.kind === 'float') return drawFloat(declaration, random);
  return random.choice(choicesOf(declaration));
}

/** Evenly over the logarithm, each integer owning half a unit on both sides. */
function drawLogInteger({ low, high }: IntDeclaration, random: SeededRandom): number {
  const from = log(low - 0.5);
  const value = exp(from + random.next() * (log(high + 0.5) - from));
  return clamp(Math.round(value), low, high);
}

function drawFloat({ low, high, prior }: FloatDeclaration, random: SeededRandom): number {
  if (low === high) return low;
  if (prior === 'log') {
    const from = log(low);
    return clamp(exp(from + random.next() * (log(high) - from)), low, high);
  }
  if (typeof prior === 'object') {
    const { mean, deviation } = prior;
    const standard = drawNormalBetween((low - mean) / deviation, (high - mean) / deviation, random);
    return clamp(mean + deviation * standard, low, high);
  }
  // Not low + u * (high - low): the difference of two finite numbers may be infinite.
  const share = random.next();
  return clamp(low * (1 - share) + high * share, low, high);
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * A standard normal value between two bounds, by the rejection that suits them (Robert 1995): the normal law itself, an even one
 * over a narrow interval, or an exponential one in the tail. Each accepts a good share of its draws.
 */
function drawNormalBetween(low: number, high: number, random: SeededRandom): number {
  if (high < 0) return -drawNormalBetween(-high, -low, random);
  const isTail = low > 0;
  if (high - low < (isTail ? 2 / low : 2)) {
    const peak = isTail ? low * low : 0;
    for (;;) {
      const value = low + random.next() * (high - low);
      if (random.next() <= exp((peak - value * value) / 2)) return value;
    }
  }
  for (;;) {
    if (!isTail) {
      const value = random.normal();
      if (value >= low && value <= high) return value;
      continue;
    }
    const value = low - log(1 - random.next()) / low;
    const distance = value - low;
    if (value <= high && random.next() <= exp((-distance * distance) / 2)) return value;
  }
}
