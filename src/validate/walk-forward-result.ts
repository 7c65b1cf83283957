import type { ParameterMap, ParamsOf } from '../engine/parameters.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { ResolvedObjective } from '../optimize/objective.js';
import type { SearchName } from '../optimize/samplers/names.js';
import type { BundleIdentity, StrategyIdentity } from '../optimize/study-record.js';
import type { TrialCounts } from '../optimize/tally.js';
import type { Seam, StitchedRun, WindowRun } from './out-of-sample.js';
import type { ParameterDrift } from './parameter-drift.js';
import type { StitchedLuck } from './stitched-luck.js';
import type { Windowing } from './windows.js';

/** One window of a walk-forward: what was searched, what was chosen, and what became of it. */
export interface WalkForwardWindow<P> {
  /** From 1. */
  readonly number: number;
  readonly trials: TrialCounts;
  /** Undefined when no trial of the training has a value: the test holds cash, or in a carried account goes on as before. */
  readonly params: ParamsOf<P> | undefined;
  /** The trial with these parameters; undefined for an average that no trial had. */
  readonly trial: number | undefined;
  /** The chosen parameters on the training; undefined without any. */
  readonly train: WindowRun | undefined;
  /** The validation and the value of the objective on it; undefined without one. */
  readonly validate:
    | { readonly start: string; readonly end: string; readonly bars: number; readonly score: number | undefined }
    | undefined;
  /** The chosen parameters on the test. */
  readonly test: WindowRun;
  /** First and last bar of the training, whether or not anything was chosen on it. */
  readonly trained: { readonly start: string; readonly end: string; readonly bars: number };
  /** Test score over training score; undefined where one is missing or the latter is not above 0. */
  readonly efficiency: number | undefined;
  /** Runs over the bars of the test as a test: 1, or 0 where nothing was chosen. */
  readonly testReads: number;
}

/** What a walk-forward found. */
export interface WalkForwardResult<P = ParameterMap> {
  readonly strategy: StrategyIdentity;
  readonly bundle: BundleIdentity;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  readonly windowing: Windowing;
  readonly select: string;
  readonly seam: Seam;
  readonly reinvest: boolean;
  readonly search: SearchName;
  readonly seed: number;
  /** Folder of the studies; undefined in memory. */
  readonly study: string | undefined;
  readonly windows: readonly WalkForwardWindow<P>[];
  /** All tests as one account. */
  readonly stitched: StitchedRun;
  /** How far that account can be luck; undefined where its returns do not vary. */
  readonly luck: StitchedLuck | undefined;
  /** Mean test score over mean training score; undefined where the latter is not above 0. */
  readonly efficiency: number | undefined;
  /** Yearly return of the stitched account over the mean yearly return of the trainings; undefined where the latter is not above 0. */
  readonly returnEfficiency: number | undefined;
  /** One a parameter. */
  readonly parameters: readonly ParameterDrift[];
  /** Of all windows together. */
  readonly trials: TrialCounts;
  /** Bars behind the last test. */
  readonly unusedBars: number;
  /** What a reader should know, in plain words. */
  readonly warnings: readonly string[];
  readonly workers: number;
  /** The searches and choices, with workers ready and the bundle open, and the tests. */
  readonly seconds: number;
  readonly startupSeconds: number;
}
