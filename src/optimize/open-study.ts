import { existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import { givenText } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { ParameterMap, ParamsInput, ParamsOf } from '../engine/parameters.js';
import { checkParams, type GivenParams } from '../engine/parameters.js';
import { FileJournal } from './journal/file-journal.js';
import type { StudyDescription } from './journal/journal.js';
import { MemoryJournal } from './journal/memory-journal.js';
import type { MarketShares } from './market-shares.js';
import { checkDirections } from './objective.js';
import { checkPruner, type Pruner } from './pruners.js';
import type { KnownOutcomes } from './reuse.js';
import type { SearchName } from './samplers/names.js';
import { checkSearch, resolveSearch, type Search } from './samplers/registry.js';
import type { Sampler } from './samplers/sampler.js';
import { ParameterSpace } from './space.js';
import { Study } from './study.js';
import type { Direction } from './trial.js';
import { type WarmStart, warmPoints } from './warm-start.js';

/** Seed of a study that names none. */
const DEFAULT_SEED = 1;
/** Lag of a study that names none, in trials. */
const DEFAULT_LAG = 8;
/** Complete trials that are kept whole. */
const DEFAULT_TOP = 50;

/** What a study over a given space is opened with. */
export interface OpenStudyOptions<P extends ParameterMap> {
  readonly space: ParameterSpace<P>;
  readonly search: SearchName | Search;
  /** The journal's file, made when it is not there. @defaultValue none: the study lives in memory */
  readonly path?: string | undefined;
  /** @defaultValue the file's name without its ending; 'study' in memory */
  readonly name?: string | undefined;
  /** @defaultValue one objective, to maximise */
  readonly directions?: readonly Direction[] | undefined;
  /** @defaultValue 1, or that of the study found in the file */
  readonly seed?: number | undefined;
  /** Trial k may depend on results up to k - lag. @defaultValue 8, or that of the study found in the file */
  readonly lag?: number | undefined;
  /** Most trials, those found in the file counted. @defaultValue as many as the search has */
  readonly trials?: number | undefined;
  /** Bars that a trial visits, over all its assets: what 'auto' takes for its cost. @defaultValue not said */
  readonly trialBars?: number | undefined;
  /** In which shares trials can run: of searches over symbols or lengths of bars. @defaultValue none */
  readonly market?: MarketShares | undefined;
  /** What stops trials before their end. @defaultValue nothing */
  readonly pruner?: Pruner | undefined;
  /** Points to try first. @throws UsageError as checkParams does */
  readonly enqueue?: readonly ParamsInput<P>[] | undefined;
  /** How trials have ended elsewhere: they are not evaluated again. @defaultValue nothing is known */
  readonly known?: KnownOutcomes | undefined;
  /** What makes it this study beside its space: strategy source hash, bundle version, objective. A file that differs is refused. */
  readonly identity?: Readonly<Record<string, unknown>> | undefined;
  /** More facts to keep when the study begins: versions, options. Not compared. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  /** Complete trials kept whole, best first. @defaultValue 50 */
  readonly topSize?: number | undefined;
}

/**
 * Opens a study over a space: a new one, or the one in the file, which goes on where it ended.
 * @throws UsageError `STUDY_MISMATCH` naming what differs, `STUDY_LOCKED`, `JOURNAL_NOT_WRITABLE`, `NO_GRID`, `ENQUEUED_TOO_LATE`, `NO_OBJECTIVE`,
 * `INVALID_OPTION`;
 * DataError `JOURNAL_MALFORMED`.
 */
export async function openStudyOn<P extends ParameterMap>(options: OpenStudyOptions<P>): Promise<Study<P>> {
  const { space, path, directions = ['maximize'], trials = Number.POSITIVE_INFINITY, topSize = DEFAULT_TOP } = options;
  checkNumbers(options);
  checkSearch(options.search);
  if (options.pruner !== undefined) checkPruner(options.pruner);
  checkPath(path);
  const points = enqueuedPoints(options.enqueue).map((point) => {
    const params = checkParams(space.parameters, point as GivenParams);
    if (space.allows(params)) return space.toFlat(params);
    throw new UsageError('ENQUEUED_NOT_ALLOWED', {
      message: `The enqueued point ${JSON.stringify(params)} breaks the constraint.`,
      details: { params },
    });
  });
  const name = options.name ?? (path === undefined ? 'study' : basename(path, extname(path)));
  let attrs: Readonly<Record<string, unknown>> = {};
  let reason: string | undefined;
  let study: Study<P> | undefined;
  const make = (found: StudyDescription | undefined): Study<P> => {
    const seed = options.seed ?? numberIn(found, 'seed') ?? DEFAULT_SEED;
    const lag = options.lag ?? numberIn(found, 'lag') ?? DEFAULT_LAG;
    const foundSearch = found?.attrs.search as SearchName | undefined;
    const named = options.search === 'auto' ? (foundSearch ?? 'auto') : options.search;
    const terms = { trials: options.trials, objectives: directions.length, trialBars: options.trialBars };
    const search = resolveSearch(named, space, terms);
    const begun = options.search === 'auto' && foundSearch !== undefined ? 'the study was begun with it' : undefined;
    reason = search.reason ?? begun;
    attrs = { ...options.identity, search: search.name, seed, lag, space: space.describe() };
    if (search.settings !== undefined || found?.attrs.searchSettings !== undefined) {
      attrs = { ...attrs, searchSettings: search.settings ?? {} };
    }
    if (options.pruner !== undefined || found?.attrs.pruner !== undefined) {
      const { name: pruner = 'none', settings = {} } = options.pruner ?? {};
      attrs = { ...attrs, pruner: { name: pruner, ...settings } };
    }
    if (found !== undefined) refuseOther(path!, found, attrs, directions);
    const sampler = search.create(space, seed, directions, options.market);
    const fidelity = sampler.budgets?.fidelity;
    if (fidelity?.part === 'symbols' || fidelity?.part === 'frequency') {
      attrs = { ...attrs, fidelity };
      if (found !== undefined) refuseOther(path!, found, attrs, directions);
    }
    if (options.pruner !== undefined) refuseToPrune(options.pruner, sampler, directions.length);
    return new Study({
      name: found?.name ?? name,
      space,
      sampler,
      pruner: options.pruner,
      known: options.known,
      searchReason: reason,
      seed,
      directions,
      lag,
      trials,
      topSize,
    });
  };
  // What cannot be searched as it was asked for is refused before a file is made for it.
  if (path === undefined || !existsSync(path)) study = make(undefined);
  const journal =
    path === undefined
      ? new MemoryJournal()
      : new FileJournal({
          path,
          name: options.name,
          level: space.level,
          onStudy: (found) => {
            study = make(found);
          },
          onTrial: (trial) => study?.restore(trial),
        });
  try {
    study ??= make(undefined);
    if (journal.found === undefined) {
      const said = Object.entries({ ...options.facts, searchReason: reason ?? null, ...attrs });
      journal.begin({
        name,
        directions,
        attrs: Object.fromEntries(said.filter(([, value]) => value !== undefined)),
      });
    }
    study.attach(journal, points);
    return study;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** What {@link openStudy} takes. */
export interface AskTellOptions<P extends ParameterMap> {
  readonly parameters: P;
  readonly constraint?: (params: ParamsOf<P>) => boolean;
  /** One an objective. @defaultValue one, to maximise */
  readonly directions?: readonly Direction[];
  /**
   * How far back the results lie that a search looks at: trial k sees those up to k - batch, so that as many may be pending, told in any order, and the
   * study is the same. More may be pending; then it depends on when results were told, see {@link Study.ask}. `grid`, `random` and `sobol` look
   * at no results. @defaultValue 8, or that of the study in the file
   */
  readonly batch?: number;
  readonly search: SearchName | Search;
  /** What stops trials before their end, by what {@link Study.report} hears. @defaultValue nothing */
  readonly prune?: Pruner;
  /** @defaultValue 1 */
  readonly seed?: number;
  /** The study's file. @defaultValue none: it lives in memory */
  readonly study?: string;
  /** Most trials. @defaultValue as many as the search has */
  readonly trials?: number;
  /** Points to try first. @defaultValue none */
  readonly enqueue?: readonly ParamsInput<P>[];
  /** Another study whose best points are tried next. @defaultValue none */
  readonly warmStart?: WarmStart;
}

/**
 * Opens a study to ask and tell by hand, over declared parameters.
 * @throws UsageError as {@link openStudyOn} does, and `UNKNOWN_OPTION`.
 */
export async function openStudy<const P extends ParameterMap>(options: AskTellOptions<P>): Promise<Study<P>> {
  const known = [
    ...['parameters', 'constraint', 'directions', 'batch', 'search', 'prune', 'seed', 'study', 'trials'],
    ...['enqueue', 'warmStart'],
  ];
  rejectUnknownKeys('openStudy', options, known);
  const { parameters, constraint, directions, batch, search, prune, seed, study, trials, warmStart } = options;
  if (batch !== undefined) assertInteger('batch', batch, { min: 1 });
  const space = new ParameterSpace<P>(parameters, constraint);
  const points = warmStart === undefined ? [] : warmPoints(space, warmStart).points;
  const enqueue = [...enqueuedPoints(options.enqueue), ...points] as readonly ParamsInput<P>[];
  return openStudyOn({ space, directions, search, pruner: prune, seed, path: study, trials, lag: batch, enqueue });
}

function checkNumbers<P extends ParameterMap>({ seed, lag, trials, directions, topSize }: OpenStudyOptions<P>): void {
  if (seed !== undefined) assertInteger('seed', seed);
  if (lag !== undefined) assertInteger('lag', lag, { min: 1 });
  if (trials !== undefined && trials !== Number.POSITIVE_INFINITY) assertInteger('trials', trials, { min: 1 });
  if (topSize !== undefined) assertInteger('topSize', topSize, { min: 1 });
  if (directions !== undefined) checkDirections(directions);
}

/** Returns the points to try first, none where none are given. @throws UsageError `INVALID_OPTION` for no list of parameter sets */
function enqueuedPoints<T>(enqueue: readonly T[] | undefined): readonly T[] {
  if (enqueue === undefined) return [];
  const isPoint = (point: unknown): boolean => typeof point === 'object' && point !== null && !Array.isArray(point);
  if (Array.isArray(enqueue) && Array.from<unknown>(enqueue).every(isPoint)) return enqueue;
  throw new UsageError('INVALID_OPTION', {
    message: `enqueue is a list of parameter sets to try first, such as [{ fast: 10, slow: 50 }], not ${givenText(enqueue)}.`,
    details: { option: 'enqueue', value: enqueue },
  });
}

function checkPath(path: unknown): void {
  if (path === undefined || (typeof path === 'string' && path !== '')) return;
  throw new UsageError('INVALID_OPTION', {
    message: `study is the path of the study's file, not ${givenText(path)}.`,
    details: { option: 'study', value: path },
  });
}

/** Throws UsageError `PRUNER_NOT_HERE` where trials cannot be judged by one value before their end. */
function refuseToPrune(pruner: Pruner, { name, budgets }: Sampler, objectives: number): void {
  const reason =
    budgets !== undefined
      ? `a ${name} search decides itself which trials go on`
      : objectives > 1
        ? `the study has ${objectives} objectives`
        : undefined;
  if (reason === undefined) return;
  throw new UsageError('PRUNER_NOT_HERE', {
    message: `The pruner '${pruner.name}' judges trials by one value at each step, but ${reason}. Leave the pruner out.`,
    details: { pruner: pruner.name, search: name, objectives },
  });
}

const numberIn = (found: StudyDescription | undefined, key: string): number | undefined => {
  const value = found?.attrs[key];
  return typeof value === 'number' ? value : undefined;
};

/** How a difference is named to a trader. */
const LABELS: Readonly<Record<string, string>> = {
  lag: 'lag (batch)',
  strategySourceHash: 'strategy source',
  bundleVersion: 'bundle version',
  searchSettings: 'settings of the search',
  midway: 'what ends a run before its end',
  fidelity: 'what a share of the data is',
  bundle: 'bundle',
};

/** Returns in what a study differs from what another one says of itself, a text each. @param attrs with the parameters' descriptions as `space` */
export function differencesOf(
  found: Pick<StudyDescription, 'attrs' | 'directions'>,
  attrs: Readonly<Record<string, unknown>>,
  directions: readonly Direction[],
): readonly string[] {
  const differences: string[] = [];
  const compare = (label: string, was: unknown, now: unknown): void => {
    if (textOf(was) !== textOf(now)) differences.push(`${label} was ${short(was)}, is ${short(now)}`);
  };
  compare('directions', found.directions, directions);
  for (const [key, now] of Object.entries(attrs)) {
    if (key !== 'space') compare(LABELS[key] ?? key, found.attrs[key], now);
  }
  const was = (found.attrs.space ?? {}) as Readonly<Record<string, unknown>>;
  const now = attrs.space as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(was), ...Object.keys(now)])) {
    compare(`parameter '${name}'`, was[name], now[name]);
  }
  // The order of the parameters is the order of the grid.
  if (differences.length === 0) compare('order of the parameters', Object.keys(was), Object.keys(now));
  return differences;
}

function refuseOther(
  path: string,
  found: StudyDescription,
  attrs: Readonly<Record<string, unknown>>,
  directions: readonly Direction[],
): void {
  const differences = differencesOf(found, attrs, directions);
  if (differences.length === 0) return;
  throw new UsageError('STUDY_MISMATCH', {
    message: `${path} is another study: ${differences.join('; ')}. It was left as it is: give this search another file, or repeat it as it was.`,
    details: { path, differences },
  });
}

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : canonicalJson(value));

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : textOf(value);
  return /^[0-9a-f]{32,}$/.test(text) ? `${text.slice(0, 12)}…` : text;
}
