/** Every way to search that the command line knows; not every version has all of them. */
export const SEARCH_NAMES = [
  'auto',
  'grid',
  'random',
  'sobol',
  'tpe',
  'gp',
  'cmaes',
  'genetic',
  'nsga2',
  'hyperband',
  'asha',
  'bohb',
] as const;

/** Name of a way to search. */
export type SearchName = (typeof SEARCH_NAMES)[number];
