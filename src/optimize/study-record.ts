import { UsageError } from '../core/errors.js';
import type { Bundle } from '../data/bundle.js';
import type { ViewOptions } from '../engine/market-view.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import { finishedTrials, readStudy } from './journal/file-journal.js';
import type { MidwayTerms } from './midway.js';
import type { ResolvedObjective } from './objective.js';
import type { SearchName } from './samplers/names.js';
import type { Fidelity } from './samplers/sampler.js';
import type { StopRules } from './stop-rules.js';
import type { JournalTrial } from './trial.js';

/** Which strategy a study searched. */
export interface StrategyIdentity {
  readonly name: string;
  readonly file: string | undefined;
  readonly sourceHash: string;
}

/** Which market it searched on. */
export interface BundleIdentity {
  readonly name: string;
  readonly version: string;
  readonly synthetic: boolean;
}

/** What a study's file says of how it was made. */
export interface StudyFacts {
  readonly strategyFile: string;
  readonly strategyName: string;
  readonly strategySourceHash: string;
  readonly bundleName: string;
  readonly bundleVersion: string;
  readonly synthetic: boolean;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  readonly search: SearchName;
  /** What differs from the search's defaults. @defaultValue nothing */
  readonly searchSettings?: Readonly<Record<string, unknown>>;
  /** What a share of the data is, where the market has a say in it. @defaultValue what the settings say */
  readonly fidelity?: Fidelity;
  /** What stops trials before their end: its name, and its settings by name. @defaultValue nothing */
  readonly pruner?: Readonly<Record<string, unknown>>;
  /** How runs are looked at before their end. @defaultValue not at all */
  readonly midway?: MidwayTerms;
  readonly seed: number;
  readonly lag: number;
  readonly trials: number | null;
  readonly rules: StopRules;
  /** Where the earlier studies lay whose outcomes it takes over, absolute. @defaultValue none */
  readonly reuse?: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Ranges of bars on which each trial ran, where they are several: of a split of a cross-validation. */
  readonly parts?: number;
}

/** A study as its file holds it. */
export interface StudyRecord {
  readonly name: string;
  readonly path: string;
  readonly facts: StudyFacts;
  /** Iterates over the ended trials by number, from the file. */
  readonly trials: () => Iterable<JournalTrial>;
}

/**
 * Reads a study without owning its file: it may be written meanwhile.
 * @throws UsageError for a file that is no study of ours, or one that was made from code and names no strategy file
 */
export function readStudyRecord(path: string): StudyRecord {
  const { name, attrs } = readStudy(path);
  const facts = attrs as unknown as StudyFacts;
  if (typeof facts.strategyFile !== 'string') {
    throw new UsageError('STUDY_WITHOUT_STRATEGY', {
      message: `${path} was searched from code and names no strategy file: go on with it from that code.`,
      details: { path },
    });
  }
  return { name, path, facts, trials: () => finishedTrials(path) };
}

/** Returns a study that is read already, or reads it, as {@link readStudyRecord} does. */
export const studyRecordOf = (study: string | StudyRecord): StudyRecord =>
  typeof study === 'string' ? readStudyRecord(study) : study;

/** Refuses a study whose trials ran on several ranges of bars: one run is not one of them. @throws UsageError `STUDY_OF_PARTS` */
export function refuseParts(path: string, { parts = 1 }: StudyFacts): void {
  if (parts === 1) return;
  throw new UsageError('STUDY_OF_PARTS', {
    message: `The trials of ${path} ran on ${parts} ranges of bars, as a split of a cross-validation: repeat that command, which goes on with it.`,
    details: { path, parts },
  });
}

/** Returns what identifies an open bundle. */
export const identityOf = ({ name, version, manifest }: Bundle): BundleIdentity => ({
  name,
  version,
  synthetic: manifest.synthetic === true,
});
