/** Every way to search. */
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
  'halving',
  'hyperband',
  'asha',
  'bohb',
] as const;

/** Name of a way to search. */
export type SearchName = (typeof SEARCH_NAMES)[number];
