import { UsageError } from '../../core/errors.js';
import { givenText } from '../../core/option-kind.js';
import { nearest } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { MarketShares } from '../market-shares.js';
import type { ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { asha } from './asha.js';
import { type AutoTerms, chooseSearch } from './auto.js';
import { bohb } from './bohb.js';
import { cmaes } from './cmaes.js';
import { genetic, nsga2 } from './genetic.js';
import { gpSampler } from './gp.js';
import { gridSampler } from './grid.js';
import { halving, hyperband } from './hyperband.js';
import { SEARCH_NAMES, type SearchName } from './names.js';
import { randomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { sobolSampler } from './sobol.js';
import { tpe } from './tpe.js';

/**
 * Makes the sampler of a search for a space, a seed, and the directions of the objectives, one each; `market` says in which shares a search over budgets can run
 * its trials, where there is one.
 */
export type CreateSampler = <P extends ParameterMap>(
  space: ParameterSpace<P>,
  seed: number,
  directions: readonly Direction[],
  market?: MarketShares,
) => Sampler;

const SAMPLERS: Readonly<Record<Exclude<SearchName, 'auto'>, CreateSampler>> = {
  grid: gridSampler,
  random: randomSampler,
  sobol: sobolSampler,
  gp: gpSampler,
  tpe: tpe().create,
  cmaes: cmaes().create,
  genetic: genetic().create,
  nsga2: nsga2().create,
  halving: halving().create,
  hyperband: hyperband().create,
  asha: asha().create,
  bohb: bohb().create,
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

type MakeSearch = (settings: Readonly<Record<string, unknown>>) => Search;

/** Searches that have settings. */
const CONFIGURED = { tpe, cmaes, genetic, nsga2, halving, hyperband, asha, bohb } as unknown as Partial<
  Record<SearchName, MakeSearch>
>;

/**
 * Returns a search with settings that are given by name, as a command line or a journal has them.
 * @throws UsageError `NO_SETTINGS` for a search that has none, and what the search itself throws
 */
export function configuredSearch(name: SearchName, settings: Readonly<Record<string, unknown>>): Search {
  const make = CONFIGURED[name];
  if (make !== undefined) return make(settings);
  throw new UsageError('NO_SETTINGS', {
    message: `A ${name} search has no settings, so ${Object.keys(settings).join(', ')} cannot be one. Searches with settings: ${Object.keys(CONFIGURED).join(', ')}.`,
    details: { search: name, settings },
  });
}

/** The searches that this version has. */
export const availableSearches = (): readonly SearchName[] => Object.keys(SAMPLERS) as SearchName[];

/** Throws UsageError `INVALID_OPTION` for what is neither a name nor a {@link Search}; whether there is one of the name is not asked. */
export function checkSearch(search: unknown): void {
  if (typeof search === 'string') return;
  const { name, create } = (search ?? {}) as Partial<Search>;
  if (typeof search === 'object' && typeof name === 'string' && typeof create === 'function') return;
  const hint = typeof search === 'function' ? ` Call it: ${search.name}().` : '';
  throw new UsageError('INVALID_OPTION', {
    message: `search is a name, such as 'auto', or a search with settings, such as tpe({ candidates: 50 }), not ${givenText(search)}.${hint} Names: ${SEARCH_NAMES.join(', ')}.`,
    details: { option: 'search', value: search },
  });
}

/**
 * Returns the search of a name; of 'auto' the one that suits the terms, with the reason: decided by what is declared, never by measured time.
 * @throws UsageError `UNKNOWN_SEARCH`, `INVALID_OPTION` for what is neither a name nor a search.
 */
export function resolveSearch<P extends ParameterMap>(
  search: SearchName | Search,
  space: ParameterSpace<P>,
  terms: AutoTerms = {},
): Search {
  checkSearch(search);
  if (typeof search === 'object') return search;
  if (search === 'auto') {
    const { name, reason } = chooseSearch(space, terms, availableSearches());
    return { name, create: SAMPLERS[name as Exclude<SearchName, 'auto'>], reason };
  }
  const name = search;
  if (Object.hasOwn(SAMPLERS, name)) return { name, create: SAMPLERS[name] };
  const available = availableSearches().join(', ');
  const near = nearest(name, SEARCH_NAMES);
  throw new UsageError('UNKNOWN_SEARCH', {
    message: `There is no search '${name}'.${near === undefined ? '' : ` Did you mean '${near}'?`} Available: ${available}`,
    details: { search: name, available: availableSearches() },
  });
}
