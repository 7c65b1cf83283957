import { exp, log } from '../core/elementary.js';
import { UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';
import type { Scalar } from '../engine/parameters.js';
import { choicesOf, type FlatParams, type Level, type ParameterSpace, type Place } from '../optimize/space.js';
import type { Direction, TrialEnding } from '../optimize/trial.js';
import { PointDistance } from './parameter-positions.js';

/**
 * How a window's parameters are chosen from its trials: the best value; the best mean over a trial and its nearest neighbours, 8 unless said otherwise
 * (`plateau:12`); the average of the best trials' parameters, 5 unless said otherwise (`average:10`).
 */
export type SelectionRule = 'best' | 'plateau' | `plateau:${number}` | 'average' | `average:${number}`;

/** A rule with its number: neighbours of a plateau, trials of an average. */
export interface Selection {
  readonly rule: 'best' | 'plateau' | 'average';
  readonly count: number;
}

/** A trial as a choice looks at it. */
export interface Candidate {
  readonly number: number;
  readonly params: FlatParams;
  readonly ending: TrialEnding;
}

/** A trial with a value, and by what it is ranked. */
export interface RankedTrial {
  readonly number: number;
  readonly params: FlatParams;
  /** Of the objective. */
  readonly value: number;
  /** What the rule ranks by: the value itself, or the mean of the neighbourhood. */
  readonly score: number;
}

const COUNTS = { best: 1, plateau: 8, average: 5 } as const;

/** Trials whose neighbourhoods are looked at: the best ones by value. */
const CENTRES = 500;

/** Reads a rule. @throws UsageError `INVALID_OPTION` */
export function parseSelection(text: string): Selection {
  const match = /^(\w+)(?::(\d+))?$/.exec(text);
  const [, rule = '', count] = match ?? [];
  if (Object.hasOwn(COUNTS, rule) && !(rule === 'best' && count !== undefined) && count !== '0') {
    const known = rule as Selection['rule'];
    return { rule: known, count: count === undefined ? COUNTS[known] : Number(count) };
  }
  throw new UsageError('INVALID_OPTION', {
    message: `'select' is best, plateau or average, the latter two with a number if you like (plateau:8, average:5), not '${text}'.${nearestHint(rule, Object.keys(COUNTS))}`,
    details: { option: 'select', value: text },
  });
}

/**
 * Returns the trials that have a value, best first, ties by number; what repeats another trial is left out.
 *
 * A plateau ranks each of the best 500 by the mean value over it and its `count` nearest neighbours, distances being free of units (see {@link PointDistance}). Those that are
 * as far away as the last share the places that are left: at an edge, where fewer of them are equally far, the point itself weighs no more than elsewhere. A neighbour without a value counts as the worst value that there is: an edge is no plateau.
 */
export function rankTrials(
  trials: readonly Candidate[],
  space: Pick<ParameterSpace, 'level'>,
  direction: Direction,
  { rule, count }: Selection,
): RankedTrial[] {
  const sign = direction === 'maximize' ? -1 : 1;
  const own = trials.filter(({ ending }) => ending.duplicateOf === undefined && ending.state !== 'failed');
  const complete = own
    .flatMap(({ number, params, ending }): RankedTrial[] =>
      ending.state === 'complete' ? [{ number, params, value: ending.values[0], score: ending.values[0] }] : [],
    )
    .sort((a, b) => sign * (a.value - b.value) || a.number - b.number);
  if (rule !== 'plateau') return complete;
  const worst = complete.at(-1)?.value ?? 0;
  const distance = new PointDistance(space);
  const points = own.map(({ number, params, ending }) => ({
    number,
    at: distance.coordinates(params),
    value: ending.state === 'complete' ? ending.values[0] : worst,
  }));
  return complete
    .slice(0, CENTRES)
    .map((trial) => ({ ...trial, score: neighbourhoodMean(trial, points, distance, count) }))
    .sort((a, b) => sign * (a.score - b.score) || a.number - b.number);
}

function neighbourhoodMean(
  { number, params, value }: RankedTrial,
  points: readonly { readonly number: number; readonly at: Float64Array; readonly value: number }[],
  distance: PointDistance,
  count: number,
): number {
  const centre = distance.coordinates(params);
  const others = points
    .filter((point) => point.number !== number)
    .map((point) => ({ value: point.value, far: distance.between(centre, point.at) }))
    .sort((a, b) => a.far - b.far);
  const size = Math.min(count, others.length);
  const radius = others[size - 1]?.far ?? 0;
  // Sums of coordinates carry rounding: what is equally far must not fall apart by it.
  const nearer = others.filter(({ far }) => far < radius * (1 - 1e-12));
  const rim = others.filter(({ far }) => far >= radius * (1 - 1e-12) && far <= radius * (1 + 1e-12));
  const sum = sumOf(nearer) + (rim.length === 0 ? 0 : ((size - nearer.length) / rim.length) * sumOf(rim));
  return (value + sum) / (size + 1);
}

const sumOf = (points: readonly { readonly value: number }[]): number =>
  points.reduce((sum, { value }) => sum + value, 0);

/**
 * Returns the average of parameter sets, the first of them weighing most where a vote is a tie. A number is averaged on its own scale (of a logarithmic one,
 * by logarithms) and rounded to the nearest value that its parameter has; a bool, choice or kind is what most have. Where the constraint
 * refuses the average, the set that lies nearest to it.
 */
export function averageParams(sets: readonly FlatParams[], space: ParameterSpace): FlatParams {
  const flat: Record<string, Scalar> = {};
  averageLevel(space.level, sets, flat);
  if (space.allows(space.fromFlat(flat))) return flat;
  const distance = new PointDistance(space);
  const centre = distance.coordinates(flat);
  const far = sets.map((set) => distance.between(centre, distance.coordinates(set)));
  return sets[far.indexOf(Math.min(...far))]!;
}

function averageLevel({ places }: Level, sets: readonly FlatParams[], flat: Record<string, Scalar>): void {
  for (const place of places) {
    const { key, branches } = place;
    const values = sets.map((set) => set[key]!);
    const value = averageOf(place, values);
    flat[key] = value;
    const branch = branches.find(({ kind }) => kind === value);
    if (branch !== undefined) {
      averageLevel(
        branch.level,
        sets.filter((set) => set[key] === value),
        flat,
      );
    }
  }
}

function averageOf({ declaration, steps }: Place, values: readonly Scalar[]): Scalar {
  if (declaration.kind !== 'int' && declaration.kind !== 'float') {
    const votes = (choice: Scalar): number => values.filter((value) => value === choice).length;
    const most = Math.max(...choicesOf(declaration).map(votes));
    return values.find((value) => votes(value) === most)!;
  }
  const numbers = values as readonly number[];
  const isLog = declaration.kind === 'int' ? declaration.log : declaration.prior === 'log';
  const mean = isLog ? exp(meanOf(numbers.map((value) => log(value)))) : meanOf(numbers);
  const inside = Math.min(declaration.high, Math.max(declaration.low, mean));
  return steps === undefined ? inside : steps.nearest(inside);
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);
