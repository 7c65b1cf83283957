import type { ParameterMap } from '../../engine/parameters.js';
import type { ParameterSpace } from '../space.js';
import { GridWalk } from './grid-walk.js';
import type { Sampler } from './sampler.js';

/** Every combination in order, the last declared parameter varying fastest. @throws UsageError `NO_GRID` with a continuous float. */
export function gridSampler<P extends ParameterMap>(space: ParameterSpace<P>): Sampler {
  const walk = new GridWalk(space);
  return {
    name: 'grid',
    looksBack: false,
    distinct: true,
    size: space.size,
    suggest: ({ ordinal }) => walk.point(ordinal),
  };
}
