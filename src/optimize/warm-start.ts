import { assertInteger } from '../core/assert.js';
import { HindcastError, UsageError } from '../core/errors.js';
import { wrongKind } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { type ParameterMap, type ParamsOf, parseParams } from '../engine/parameters.js';
import { finishedTrials } from './journal/file-journal.js';
import { JournalReplay, replayFile } from './journal/reader.js';
import type { ParameterSpace } from './space.js';
import type { JournalTrial } from './trial.js';

/** A study whose best points another one begins with. */
export interface WarmStart {
  /** Its journal, written by Hindcast or by Optuna. */
  readonly study: string;
  /** How many points are taken at most. @defaultValue 10 */
  readonly trials?: number | undefined;
}

/** Points to begin with. */
export interface WarmPoints<P extends ParameterMap> {
  /** The best first, each once. */
  readonly points: readonly ParamsOf<P>[];
  /** Why better ones than the last of them are not among them: the first of `count`. @defaultValue all are */
  readonly left?: { readonly count: number; readonly trial: number; readonly reason: string };
}

const DEFAULT_TRIALS = 10;

/**
 * Returns the parameters of another study's best complete trials over all of its data, by its first objective, ties by number. Values are not taken over: another market or period
 * makes others. A parameter that the other study did not have takes its default; a point that is none of this space is left out.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`, `JOURNAL_NOT_FOUND`, `NOT_A_STUDY`, `NOTHING_TO_BEGIN_WITH`; DataError `JOURNAL_MALFORMED`
 */
export function warmPoints<P extends ParameterMap>(space: ParameterSpace<P>, warm: WarmStart): WarmPoints<P> {
  rejectUnknownKeys('warmStart', warm, ['study', 'trials']);
  const { study: path, trials = DEFAULT_TRIALS } = warm;
  if (typeof path !== 'string' || path === '') throw wrongKind('warmStart.study', path, "the path of a study's file");
  assertInteger('warmStart.trials', trials, { min: 1 });
  const ranked = bestTrials(path);
  const points = new Map<string, ParamsOf<P>>();
  let left: { count: number; trial: number; reason: string } | undefined;
  for (const { number, params } of ranked) {
    if (points.size === trials) break;
    const point = pointOf(space, params);
    if ('reason' in point) {
      left ??= { count: 0, trial: number, reason: point.reason };
      left.count++;
    } else {
      const key = space.keyOf(space.toFlat(point.params));
      if (!points.has(key)) points.set(key, point.params);
    }
  }
  if (points.size > 0) return { points: [...points.values()], ...(left === undefined ? {} : { left }) };
  throw new UsageError('NOTHING_TO_BEGIN_WITH', {
    message:
      left === undefined
        ? `${path} has no trial with a value over all of its data, so nothing to begin with.`
        : `None of the ${left.count} trials of ${path} that have a value is a point of this space; trial ${left.trial}: ${left.reason}`,
    details: { study: path },
  });
}

/** The complete trials of the only study of a file, the best first. */
function bestTrials(path: string): readonly JournalTrial[] {
  const replay = new JournalReplay();
  replayFile(path, replay);
  const studies = [...replay.studies.values()];
  const [study] = studies;
  if (study === undefined || studies.length > 1) {
    throw new UsageError('NOT_A_STUDY', {
      message: `${path} holds ${studies.length === 0 ? 'no study' : `${studies.length} studies: ${studies.map(({ name }) => `'${name}'`).join(', ')}`}. Give a file with one.`,
      details: { path },
    });
  }
  const sign = study.directions[0] === 'maximize' ? -1 : 1;
  const worth = ({ ending }: JournalTrial): number => (ending?.state === 'complete' ? ending.values[0] : Number.NaN);
  return [...finishedTrials(path, study.id)]
    .filter((trial) => (trial.budget ?? 1) === 1 && !Number.isNaN(worth(trial)))
    .sort((a, b) => sign * (worth(a) - worth(b)) || a.number - b.number);
}

/** A recorded point in this space, or why it is none of it. */
function pointOf<P extends ParameterMap>(
  space: ParameterSpace<P>,
  params: JournalTrial['params'],
): { readonly params: ParamsOf<P> } | { readonly reason: string } {
  const texts = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  let point: ParamsOf<P>;
  try {
    point = parseParams(space.parameters, texts);
  } catch (error) {
    // What the declarations refuse is what is asked here; a failure of anything else is none of it.
    if (error instanceof HindcastError) return { reason: error.message };
    throw error;
  }
  return space.allows(point) ? { params: point } : { reason: 'the constraint does not allow it.' };
}
