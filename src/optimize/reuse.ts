import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HindcastError, UsageError } from '../core/errors.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import { finishedTrials, readStudy } from './journal/file-journal.js';
import { goesThrough, type MidwayTerms } from './midway.js';
import { differencesOf } from './open-study.js';
import { readValues, sessionValuesPath, type ValuesIdentity, type ValuesSource } from './session-values.js';
import type { FlatParams, ParameterSpace } from './space.js';
import { refuseParts, type StudyFacts } from './study-record.js';
import type { Direction, JournalTrial, TrialEnding } from './trial.js';

/** Outcomes that earlier studies have found, by the key of their point. */
export interface KnownOutcomes {
  /** Returns how a trial of a point over all of the data has ended; undefined where no study has one. */
  of(key: string): TrialEnding | undefined;
  /** Returns which trial of which study that outcome is; undefined where no study has one. */
  sourceOf(params: FlatParams): { readonly path: string; readonly seed: number; readonly number: number } | undefined;
}

/** Which outcomes may be taken over. */
interface Reuse {
  /** Files of earlier studies; of a point that several have, the first one counts. */
  readonly studies: readonly string[];
  /** Hears of a study that gives nothing, and why; the others count then. @defaultValue it is an error */
  readonly onUnusable?: ((path: string, reason: string) => void) | undefined;
  readonly space: ParameterSpace;
  readonly directions: readonly Direction[];
  /** All that decides how a trial ends, beside its parameters and what ends it before its end. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** What ends a run before its end. */
  readonly midway: MidwayTerms | undefined;
  /** The strategy's file; undefined for an object of this thread that is not known to be what a file exports. */
  readonly compiled: CompiledStrategy | undefined;
  /** Whether a function over results is the objective: it is nowhere recorded. */
  readonly isScored: boolean;
}

/**
 * Reads the outcomes of earlier studies that are this one's: of the same strategy source, bundle version, dates, costs and objective. Taken are trials over all of the data that ran to
 * their end; those that failed, or were stopped by what other trials had done, run again. A study that prunes judges what it takes by the values that were measured on the way, so of
 * studies that measured none, or others, it takes nothing.
 *
 * @throws UsageError `REUSE_MISMATCH` where a study differs in anything of that, or where outcomes cannot be told by it: of a strategy without a file, one that draws random
 * numbers, which each trial draws anew, or a function as objective; `JOURNAL_NOT_FOUND`, `NOT_A_STUDY`, `STUDY_OF_PARTS`
 */
export function knownOutcomes(reuse: Reuse): KnownOutcomes {
  const { studies, onUnusable, space, midway, compiled, isScored } = reuse;
  if (compiled === undefined) {
    throw refusal(
      'the strategy is not known to be the default export of a module that it declares (module: import.meta.url), so nothing tells whether it is the same one',
    );
  }
  if (isScored) throw refusal('its objective is a function, which no study records');
  if (/\brandom\b/.test(readFileSync(new URL(compiled.url), 'utf8')))
    throw refusal("the strategy says 'random', and each trial draws numbers of its own");
  const found = new Map<string, { readonly path: string; readonly seed: number; readonly trial: JournalTrial }>();
  const take = (path: string): void => {
    const { seed, midway: theirs } = factsOf(path, reuse);
    const isAlike = isLimitedAlike(theirs, midway);
    for (const trial of finishedTrials(path)) {
      if (!isWhole(trial, isAlike)) continue;
      const key = space.keyOf(trial.params as FlatParams);
      if (!found.has(key)) found.set(key, { path: resolve(path), seed, trial });
    }
  };
  for (const path of studies) {
    try {
      take(path);
    } catch (error) {
      if (onUnusable === undefined || !(error instanceof HindcastError)) throw error;
      onUnusable(path, typeof error.details.reason === 'string' ? error.details.reason : error.message);
    }
  }
  return {
    of(key) {
      const known = found.get(key);
      if (known === undefined) return undefined;
      const { path, trial } = known;
      const { worker: _worker, seconds: _seconds, intermediate, ...ending } = trial.ending!;
      const seen = midway?.over === undefined || intermediate === undefined ? {} : { intermediate };
      return { ...ending, ...seen, takenFrom: `${path}#${trial.number}` };
    },
    sourceOf(params) {
      const source = found.get(space.keyOf(params));
      return source && { path: source.path, seed: source.seed, number: source.trial.number };
    },
  };
}

/** Whether two studies end the same runs by their limits, and in the same places: one that looks more often ends a run earlier that breaks a limit on the way. */
function isLimitedAlike(one: MidwayTerms | undefined, other: MidwayTerms | undefined): boolean {
  if (one?.drawdown !== other?.drawdown || one?.ruin !== other?.ruin) return false;
  const isLimited = one?.drawdown !== undefined || one?.ruin !== undefined;
  return !isLimited || one.checks === other?.checks;
}

/** Returns the facts of a study whose outcomes can be taken over. */
function factsOf(path: string, { space, directions, identity, midway }: Reuse): StudyFacts {
  const { attrs, directions: theirs } = readStudy(path);
  const facts = attrs as unknown as StudyFacts;
  refuseParts(path, facts);
  const compared = goesThrough(facts.midway ?? {}, midway ?? {}) ? identity : { ...identity, midway };
  const differences = differencesOf(
    { directions: theirs, attrs },
    { ...compared, space: space.describe() },
    directions,
  );
  if (differences.length > 0) throw refusal(`${path} is of another kind: ${differences.join('; ')}`, path);
  return facts;
}

/**
 * Whether a trial ran over all of the data to its end, and was not a copy of another.
 *
 * @param isAlike whether what it broke at the end, a requirement or a limit, is broken in the other study too, and there alone
 */
const isWhole = ({ ending, budget = 1, foreign }: JournalTrial, isAlike: boolean): boolean =>
  budget === 1 &&
  !foreign &&
  ending !== undefined &&
  ending.state !== 'failed' &&
  ending.duplicateOf === undefined &&
  (ending.stoppedAt === undefined || (ending.stoppedAt === 1 && isAlike));

/**
 * Returns where the account values of points are that were taken over: beside the studies that have them, as far as they are kept there.
 *
 * @param identityOf what decides the values of a study, by its seed
 */
export function knownValues(
  known: KnownOutcomes,
  identityOf: (seed: number) => ValuesIdentity,
  sessions: number,
): ValuesSource {
  const files = new Map<string, ValuesSource>();
  return ({ params }) => {
    const source = known.sourceOf(params);
    if (source === undefined) return undefined;
    const { path, seed, number } = source;
    const file = files.get(path) ?? readValues(sessionValuesPath(path), identityOf(seed), sessions);
    files.set(path, file);
    return file({ number, params });
  };
}

const refusal = (why: string, path?: string): UsageError =>
  new UsageError('REUSE_MISMATCH', {
    message: `Nothing can be taken over from earlier studies: ${why}. Leave out 'reuse' (--reuse).`,
    details: { reason: why, ...(path === undefined ? {} : { study: path }) },
  });
