import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { SeededRandom } from '../core/random.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { ParameterMap } from '../engine/parameters.js';
import { functionalAnova } from './models/functional-anova.js';
import { RegressionForest, type Sample } from './models/regression-forest.js';
import { UnitCube } from './samplers/unit-cube.js';
import type { FlatParams, ParameterSpace } from './space.js';

/** Fewest trials with a value. */
export const ENOUGH_TRIALS = 10;
/** Times that each parameter is shuffled. */
const SHUFFLES = 5;

/** How {@link importanceOf} learns. */
export interface ImportanceOptions {
  /** Trees of the forest. @defaultValue 64 */
  readonly trees?: number;
  /** Trials that it learns from; of more, an even pick by number. @defaultValue 2000 */
  readonly most?: number;
  /** @defaultValue 1, or the study's seed */
  readonly seed?: number;
  /** Which objective, from 0. @defaultValue 0 */
  readonly objective?: number;
}

/** What a parameter has to do with the objective. */
export interface ParameterImportance {
  /** Flat name; where kinds of a variant have different parameters of one name, the kind stands behind it. */
  readonly name: string;
  /** Share of the objective's variance over the space that this parameter explains alone, 0 to 1. */
  readonly share: number;
  /**
   * How much worse unseen trials are predicted when this parameter's values are shuffled among them: added squared error as a share of
   * the variance. About 0 for a parameter that says nothing, 2 for one that says everything; chance can take it below 0.
   */
  readonly permutation: number;
}

/** What two parameters have to do with the objective together. */
export interface ParameterInteraction {
  readonly names: readonly [string, string];
  /** Share of the variance that both explain together beyond what each does alone, 0 to 1. */
  readonly share: number;
}

/** Which parameters matter. */
export interface Importance {
  /** Trials with a value that were learned from. */
  readonly trials: number;
  /** Share of the variance of unseen trials that the forest predicts, at most 1: near 0 or below, the rest says nothing. */
  readonly predicted: number;
  /** By share, largest first; parameters of one value are left out. */
  readonly parameters: readonly ParameterImportance[];
  /** By share, largest first. */
  readonly interactions: readonly ParameterInteraction[];
  /** Share of the variance that takes three parameters or more. */
  readonly higher: number;
}

/** A trial, as far as {@link importanceOf} looks at it: a journal's or a study's. */
export interface ValuedTrial {
  readonly params: Readonly<Record<string, unknown>>;
  readonly values: readonly number[];
}

/**
 * Returns which parameters of a space matter for what was measured at its points: the functional analysis of variance over a random forest
 * (Hutter, Hoos and Leyton-Brown 2014), and permutation importance (Breiman 2001). Shares are over the whole space, all values equally
 * likely under their priors and independent, whatever points a search preferred; a constraint is not looked at. The same trials give the
 * same answer.
 *
 * Shares add up to 1. A parameter of a variant's kind is taken to be drawn under the other kinds as well, where it does nothing.
 *
 * @param trials - flat parameters and values; points of another space are left out
 * @throws UsageError `TOO_FEW_TRIALS` with fewer than ten, `NO_VARIANCE` when all their values are equal, `INVALID_OPTION`
 */
export function importanceOf<P extends ParameterMap>(
  space: ParameterSpace<P>,
  trials: Iterable<ValuedTrial>,
  options: ImportanceOptions = {},
): Importance {
  const { trees, most, seed, objective } = resolved(options);
  const cube = new UnitCube(space);
  const axes = namedAxes(cube);
  const kept = [...trials].filter(({ values }) => Number.isFinite(values[objective]));
  const sample = sampleOf(cube, axes, evenly(kept, most), objective, seed);
  const { values, width } = sample;
  if (values.length < ENOUGH_TRIALS) {
    throw new UsageError('TOO_FEW_TRIALS', {
      message: `Which parameters matter takes at least ${ENOUGH_TRIALS} trials with a value; there are ${values.length}. Search on.`,
      details: { trials: values.length, least: ENOUGH_TRIALS },
    });
  }
  if (values.every((value) => value === values[0])) {
    throw new UsageError('NO_VARIANCE', {
      message: `All ${values.length} trials have the same value, so that no parameter matters.`,
      details: { trials: values.length },
    });
  }
  const random = SeededRandom.derive(seed, 'importance');
  const forest = new RegressionForest(sample, trees, random.split('forest'));
  const main = new Float64Array(width);
  const pairs = new Float64Array(width * width);
  let judged = 0;
  for (const tree of forest.trees) {
    const parts = functionalAnova(tree.leaves(), width);
    if (!(parts.variance > 0)) continue;
    judged++;
    for (const [at, part] of parts.main.entries()) main[at]! += part / parts.variance;
    for (const [at, part] of parts.pairs.entries()) pairs[at]! += part / parts.variance;
  }
  const share = (sum: number): number => (judged === 0 ? 0 : Math.min(1, sum / judged));
  const { predicted, losses } = permuted(forest, sample, random.split('permutation'));
  const parameters = axes.map(({ name }, axis) => ({
    name,
    share: share(main[axis]!),
    permutation: losses[axis]!,
  }));
  const interactions = axes.flatMap(({ name }, a) =>
    axes.slice(a + 1).map(({ name: other }, next) => ({
      names: [name, other] as const,
      share: share(pairs[a * width + a + 1 + next]!),
    })),
  );
  const explained = [...parameters, ...interactions].reduce((sum, part) => sum + part.share, 0);
  return {
    trials: values.length,
    predicted,
    parameters: parameters.sort(byShare),
    interactions: interactions.sort(byShare),
    // Less than a rounding error is nothing.
    higher: 1 - explained < 1e-12 ? 0 : 1 - explained,
  };
}

const byShare = (a: { readonly share: number }, b: { readonly share: number }): number => b.share - a.share;

function resolved(options: ImportanceOptions): Required<ImportanceOptions> {
  rejectUnknownKeys('importance', options, ['trees', 'most', 'seed', 'objective']);
  const { trees = 64, most = 2000, seed = 1, objective = 0 } = options;
  assertInteger('importance.trees', trees, { min: 1 });
  assertInteger('importance.most', most, { min: ENOUGH_TRIALS });
  assertInteger('importance.seed', seed, { min: 0 });
  assertInteger('importance.objective', objective, { min: 0 });
  return { trees, most, seed, objective };
}

/** An axis of the forest: one or more of the cube, which mean the same. */
interface NamedAxis {
  readonly name: string;
  readonly places: readonly number[];
  /** Values that have no order; 0 for those that have one. */
  readonly choices: number;
}

/** Returns the axes that have more than one value; axes of the same parameter in several kinds of a variant are one. */
function namedAxes({ axes }: UnitCube): NamedAxis[] {
  const found = new Map<string, { key: string; kind: string; places: number[]; choices: number }>();
  for (const [place, { key, range, parent, count, categorical }] of axes.entries()) {
    if (count === 1) continue;
    const identity = JSON.stringify([key, range, parent?.axis ?? null]);
    const known = found.get(identity);
    if (known !== undefined) {
      known.places.push(place);
      continue;
    }
    const kind =
      parent === undefined ? '' : String(axes[parent.axis]!.valueAt((parent.choice + 0.5) / axes[parent.axis]!.count));
    found.set(identity, { key, kind, places: [place], choices: categorical ? count : 0 });
  }
  const all = [...found.values()];
  return all.map(({ key, kind, places, choices }) => ({
    name: all.filter((other) => other.key === key).length > 1 ? `${key} (${kind})` : key,
    places,
    choices,
  }));
}

/** Returns at most so many of the trials, every so many-th. */
const evenly = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most ? all : Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);

/**
 * Returns coordinates and standardised values. A coordinate that does not count is drawn at random, so that no tree can learn from it;
 * categories are ordered by the mean of their values, so that a tree can part the good ones from the others (Breiman and others 1984).
 */
function sampleOf(
  cube: UnitCube,
  axes: readonly NamedAxis[],
  trials: readonly ValuedTrial[],
  objective: number,
  seed: number,
): Sample {
  const width = axes.length;
  const random = SeededRandom.derive(seed, 'importance', 'absent');
  const own = new Float64Array(cube.size);
  const coordinates = new Float64Array(trials.length * width);
  const values: number[] = [];
  for (const { params, values: measured } of trials) {
    if (!cube.encode(params as FlatParams, own)) continue;
    for (const [axis, { places, choices }] of axes.entries()) {
      const place = places.find((candidate) => !Number.isNaN(own[candidate]!));
      coordinates[values.length * width + axis] =
        place !== undefined ? own[place]! : choices > 0 ? (random.int(0, choices - 1) + 0.5) / choices : random.next();
    }
    values.push(measured[objective]!);
  }
  const sample = {
    coordinates: coordinates.subarray(0, values.length * width),
    width,
    values: standardised(values),
  };
  for (const [axis, { choices }] of axes.entries()) if (choices > 2) rank(sample, axis, choices);
  return sample;
}

/** Puts the categories of an axis into the order of their mean values; those that no trial had go to the middle. */
function rank({ coordinates, width, values }: Sample, axis: number, choices: number): void {
  const sums = new Float64Array(choices);
  const counts = new Float64Array(choices);
  const choiceAt = (row: number): number => Math.floor(coordinates[row * width + axis]! * choices);
  for (let row = 0; row < values.length; row++) {
    sums[choiceAt(row)]! += values[row]!;
    counts[choiceAt(row)]!++;
  }
  const means = sums.map((sum, choice) => (counts[choice]! > 0 ? sum / counts[choice]! : 0));
  const order = Array.from(means.keys()).sort((a, b) => means[a]! - means[b]! || a - b);
  const placeOf = new Map(order.map((choice, place) => [choice, place]));
  for (let row = 0; row < values.length; row++) {
    coordinates[row * width + axis] = (placeOf.get(choiceAt(row))! + 0.5) / choices;
  }
}

/** Values with mean 0 and deviation 1, the order of equal and unequal ones kept. */
function standardised(values: readonly number[]): Float64Array {
  // Halved and scaled first: the sum of squares of large numbers would be infinite.
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const scaled = values.map((value) => value / largest);
  const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
  const deviation = Math.sqrt(scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scaled.length);
  return Float64Array.from(scaled, (value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** Returns how well a forest predicts what its trees have not seen, and how much worse with each axis shuffled. */
function permuted(
  forest: RegressionForest,
  { coordinates, width, values }: Sample,
  random: SeededRandom,
): { readonly predicted: number; readonly losses: Float64Array } {
  // The values have variance 1.
  const error = forest.error();
  const losses = new Float64Array(width);
  const rows = Array.from(values.keys());
  for (let axis = 0; axis < width; axis++) {
    for (let shuffle = 0; shuffle < SHUFFLES; shuffle++) {
      const others = random.split(axis, shuffle).shuffle([...rows]);
      const shuffled = coordinates.slice();
      for (const row of rows) shuffled[row * width + axis] = coordinates[others[row]! * width + axis]!;
      losses[axis]! += (forest.error(shuffled) - error) / SHUFFLES;
    }
  }
  return { predicted: 1 - error, losses };
}
