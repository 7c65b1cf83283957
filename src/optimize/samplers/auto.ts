import { countText } from '../../core/decimal-text.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { ParameterSpace } from '../space.js';
import type { SearchName } from './names.js';

/** Largest grid that is searched whole when no number of trials is given. */
const WHOLE_GRID = 100_000;
/** Trials up to which a Gaussian process is worth its tens of milliseconds a suggestion, whatever a trial costs. */
const GP_TRIALS = 500;
/** The same where a trial costs at least so much: about a tenth of a second. */
const GP_TRIALS_OF_COST = 2_000;
const GP_COST = 10_000_000;
/** Parameters, conditional ones counted, beyond which a Gaussian process learns too little. */
const GP_PARAMETERS = 40;

/** What a search is chosen by: all of it declared before the first trial, so that the choice is the same on every machine. */
export interface AutoTerms {
  /** Trials that are wanted. @defaultValue not said */
  readonly trials?: number | undefined;
  /** @defaultValue 1 */
  readonly objectives?: number | undefined;
  /** Bars that a trial visits, over all its assets. @defaultValue not said: cheap */
  readonly trialBars?: number | undefined;
}

/** A search and why it was chosen. */
export interface ChosenSearch {
  readonly name: SearchName;
  readonly reason: string;
}

/** Returns the search that 'auto' stands for, among those that there are. */
export function chooseSearch<P extends ParameterMap>(
  space: ParameterSpace<P>,
  { trials, objectives = 1, trialBars = 0 }: AutoTerms,
  available: readonly SearchName[],
): ChosenSearch {
  const has = (name: SearchName): boolean => available.includes(name);
  const points = space.size;
  if (points <= (trials ?? WHOLE_GRID)) {
    const than = trials === undefined ? '' : `, no more than the ${counted(trials)} asked for`;
    return { name: 'grid', reason: `all ${counted(points, 'combination')} can be tried${than}` };
  }
  const wide = space.finite ? `of ${counted(points, 'combination')}` : 'of a continuous space';
  if (objectives > 1) {
    const name = has('nsga2') ? 'nsga2' : 'random';
    return { name, reason: `${objectives} objectives, over part ${wide}` };
  }
  const parameters = countParameters(space);
  const few = trials !== undefined && trials <= (trialBars >= GP_COST ? GP_TRIALS_OF_COST : GP_TRIALS);
  if (has('gp') && few && parameters <= GP_PARAMETERS) {
    return { name: 'gp', reason: `${counted(trials)} ${wide}: few enough for a model` };
  }
  const name = has('tpe') && trials !== undefined ? 'tpe' : 'random';
  const many = trials === undefined ? 'no number of trials is given' : counted(trials);
  if (name === 'random') return { name, reason: `${many}, over part ${wide}` };
  return { name, reason: few ? `${parameters} parameters: too many for gp` : `${many} ${wide}: too many for gp` };
}

function countParameters<P extends ParameterMap>(space: ParameterSpace<P>): number {
  const inLevel = (level: ParameterSpace['level']): number =>
    level.places.reduce(
      (sum, { branches }) => sum + 1 + branches.reduce((all, branch) => all + inLevel(branch.level), 0),
      0,
    );
  return inLevel(space.level);
}

const counted = (count: number | bigint, noun = 'trial'): string =>
  `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
