import { UsageError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { type AutoTerms, chooseSearch } from './auto.js';
import { cmaes } from './cmaes.js';
import { genetic, nsga2 } from './genetic.js';
import { gpSampler } from './gp.js';
import { gridSampler } from './grid.js';
import { SEARCH_NAMES, type SearchName } from './names.js';
import { randomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { sobolSampler } from './sobol.js';
import { tpe } from './tpe.js';

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
  gp: gpSampler,
  tpe: tpe().create,
  cmaes: cmaes().create,
  genetic: genetic().create,
  nsga2: nsga2().create,
};

/** A way to search with settings of its own, as a value: what `search` takes in place of a name. */
export interface Search {
  readonly name: SearchName;
  readonly create: CreateSampler;
  /** What differs from the name's defaults, plain data: a study with other settings is another study. @defaultValue none */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Why it was chosen; undefined where the user named it. */
  readonly reason?: string | undefined;
}

/** The searches that this version has. */
export const availableSearches = (): readonly SearchName[] => Object.keys(SAMPLERS) as SearchName[];

/**
 * Returns the search of a name; of 'auto' the one that suits the terms, with the reason: decided by what is declared, never by measured time.
 * @throws UsageError `UNKNOWN_SEARCH`, or `SEARCH_NOT_AVAILABLE` for one of another version.
 */
export function resolveSearch<P extends ParameterMap>(
  search: SearchName | Search,
  space: ParameterSpace<P>,
  terms: AutoTerms = {},
): Search {
  if (typeof search === 'object') return search;
  if (search === 'auto') {
    const { name, reason } = chooseSearch(space, terms, availableSearches());
    return { name, create: SAMPLERS[name]!, reason };
  }
  const name = search;
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
