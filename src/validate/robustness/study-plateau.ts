import { type Declaration, flatDeclarations, type ParameterMap, type Scalar } from '../../engine/parameters.js';
import type { Direction, JournalTrial } from '../../optimize/trial.js';
import { findPlateau, type Plateau } from './stability.js';

/** The best neighbourhood among a study's trials. */
export interface StudyPlateau extends Omit<Plateau, 'centre'> {
  /** Number of the trial in its middle. */
  readonly trial: number;
  readonly params: JournalTrial['params'];
  readonly value: number;
}

/** Distinct numbers beyond which a parameter counts in so many groups of equal size instead. */
const MOST_PLACES = 40;
const GROUPS = 20;
/** Trials that are compared with each other, at most. */
const MOST_TRIALS = 5000;

/**
 * Returns the trial whose neighbourhood is best: see {@link findPlateau}. Steps of a parameter are those between the values that trials have; where these are more
 * than 40, twenty groups of equal size. Undefined below three trials with a finite value, and above 5,000, which nobody compares in passing.
 */
export function studyPlateau(
  trials: Iterable<JournalTrial>,
  parameters: ParameterMap,
  direction: Direction,
): StudyPlateau | undefined {
  const known: (JournalTrial & { readonly value: number })[] = [];
  for (const trial of trials) {
    const { ending } = trial;
    if (ending?.state === 'complete' && ending.duplicateOf === undefined && Number.isFinite(ending.values[0]))
      known.push({ ...trial, value: ending.values[0] });
  }
  if (known.length < 3 || known.length > MOST_TRIALS) return undefined;
  const declarations = new Map(flatDeclarations(parameters));
  const placers = [...declarations].map(([name, { kind }]) =>
    placesOf(
      kind,
      known.map(({ params }) => params[name] ?? null),
    ),
  );
  const ordered = [...declarations.values()].map(({ kind }) => kind === 'int' || kind === 'float');
  const points = known.map(({ value }, index) => ({ value, places: placers.map((places) => places[index]!) }));
  const found = findPlateau(points, ordered, direction === 'maximize' ? 1 : -1);
  if (found === undefined) return undefined;
  const { centre, ...plateau } = found;
  const { number, params, value } = known[centre]!;
  return { ...plateau, trial: number, params, value };
}

function placesOf(kind: Declaration['kind'], values: readonly (Scalar | null)[]): number[] {
  const distinct = [...new Set(values.filter((value) => value !== null))];
  if (kind === 'int' || kind === 'float') distinct.sort((a, b) => Number(a) - Number(b));
  const groups = distinct.length > MOST_PLACES ? GROUPS / distinct.length : 1;
  const places = new Map(distinct.map((value, index) => [value, Math.floor(index * groups)]));
  return values.map((value) => (value === null ? Number.NaN : places.get(value)!));
}
