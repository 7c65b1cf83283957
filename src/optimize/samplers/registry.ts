import { UsageError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { cmaes } from './cmaes.js';
import { gridSampler } from './grid.js';
import { SEARCH_NAMES, type SearchName } from './names.js';
import { randomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { sobolSampler } from './sobol.js';
import { tpe } from './tpe.js';

/** Largest grid that 'auto' searches whole when no number of trials is given. */
const AUTO_GRID = 100_000;

/** Makes the sampler of a search for a space, a seed, and the directions of the objectives, one each. */
export type CreateSampler = <P extends ParameterMap>(
  space: ParameterSpace<P>,
  seed: number,
  directions: readonly Direction[],
) => Sampler;

const SAMPLERS: Partial<Record<SearchName, CreateSampler>> = {
  grid: gridSampler,
  random: randomSampler,
  sobol: sobolSampler,
  tpe: tpe().create,
  cmaes: cmaes().create,
};

/** A way to search with settings of its own, as a value: what `search` takes in place of a name. */
export interface Search {
  readonly name: SearchName;
  readonly create: CreateSampler;
  /** What differs from the name's defaults, plain data: a study with other settings is another study. @defaultValue none */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** The searches that this version has. */
export const availableSearches = (): readonly SearchName[] => Object.keys(SAMPLERS) as SearchName[];

/**
 * Returns the search of a name. 'auto' is the grid where it has at most as many points as trials are wanted (100,000 when no
 * number is given), else random: decided by what is declared, never by measured time.
 * @throws UsageError `UNKNOWN_SEARCH`, or `SEARCH_NOT_AVAILABLE` for one of another version.
 */
export function resolveSearch<P extends ParameterMap>(
  search: SearchName | Search,
  space: ParameterSpace<P>,
  trials: number | undefined,
): Search {
  if (typeof search === 'object') return search;
  const name = search === 'auto' ? (space.size <= (trials ?? AUTO_GRID) ? 'grid' : 'random') : search;
  const create = SAMPLERS[name];
  if (create !== undefined) return { name, create };
  const available = availableSearches().join(', ');
  if ((SEARCH_NAMES as readonly string[]).includes(name)) {
    throw new UsageError('SEARCH_NOT_AVAILABLE', {
      message: `--search ${name} is not available in this version; available: ${available}`,
      details: { search: name, available: availableSearches() },
    });
  }
  const near = nearest(name, SEARCH_NAMES);
  throw new UsageError('UNKNOWN_SEARCH', {
    message: `There is no search '${name}'.${near === undefined ? '' : ` Did you mean '${near}'?`} Available: ${available}`,
    details: { search: name, available: availableSearches() },
  });
}
