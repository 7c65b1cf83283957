/** Searching parameters: spaces, samplers, studies with their journals, and the loop that runs them on an executor. */

export { closeDefaultPool, defaultPool } from '../parallel/default-pool.js';
export type { Executor } from '../parallel/executor.js';
export { PersistentWorkerPool } from '../parallel/persistent-worker-pool.js';
export type { PoolOptions } from '../parallel/pool-options.js';
export type { PoolStatistics } from '../parallel/pool-statistics.js';
export type { Condition, Conditions, Penalty } from './conditions.js';
export { type Choice, type Distribution, readDistribution, writeDistribution } from './distributions.js';
export {
  type Importance,
  type ImportanceOptions,
  importanceOf,
  type ParameterImportance,
  type ParameterInteraction,
  type ValuedTrial,
} from './importance.js';
export { finishedTrials, readStudy, type StudyInFile } from './journal/file-journal.js';
export type { Journal, StudyDescription } from './journal/journal.js';
export { JournalReplay, type RecordedStudy, type RecordedTrial, replayFile } from './journal/reader.js';
export type { MarketShares } from './market-shares.js';
export type { MidwayStops } from './midway.js';
export type { Objective, ResolvedObjective } from './objective.js';
export { type AskTellOptions, type OpenStudyOptions, openStudy, openStudyOn } from './open-study.js';
export { type OptimizeOptions, optimize } from './optimize.js';
export {
  bound,
  median,
  type PruneRule,
  type Pruner,
  type PruneStart,
  patient,
  percentile,
  threshold,
  wilcoxonPruner,
} from './pruners.js';
export { recordedImportance } from './recorded-importance.js';
export { type Reproduction, reproduceTrial } from './reproduce.js';
export { asha } from './samplers/asha.js';
export { type BohbOptions, bohb } from './samplers/bohb.js';
export type { BudgetOptions } from './samplers/budget-ladder.js';
export { type CmaEsOptions, cmaes } from './samplers/cmaes.js';
export { type GeneticOptions, genetic, type Nsga2Options, nsga2 } from './samplers/genetic.js';
export { type HyperbandOptions, halving, hyperband } from './samplers/hyperband.js';
export { SEARCH_NAMES, type SearchName } from './samplers/names.js';
export { availableSearches, type CreateSampler, resolveSearch, type Search } from './samplers/registry.js';
export type {
  BudgetedPoint,
  BudgetPlan,
  Fidelity,
  PendingTrial,
  Sampler,
  SeenTrial,
  Suggestion,
} from './samplers/sampler.js';
export { type TpeModel, type TpeOptions, tpe } from './samplers/tpe.js';
export {
  runSearch,
  type SearchProgress,
  type SearchRun,
  type SearchSummary,
  type StopReason,
  type TrialResult,
  type TrialTask,
} from './search.js';
export { type FlatParams, type GridIndex, ParameterSpace } from './space.js';
export type { StopRule, StopRules } from './stop-rules.js';
export { Study } from './study.js';
export { readStudyRecord, type StudyFacts, type StudyRecord } from './study-record.js';
export { resumeStudy, type SearchRequest, type StudyReport, searchStrategy } from './study-run.js';
export type { TrialCounts, TrialSummary } from './tally.js';
export type {
  CompleteTrial,
  Direction,
  FinishedTrial,
  JournalTrial,
  Outcome,
  Trial,
  TrialEnding,
  TrialReport,
} from './trial.js';
export type { WarmStart } from './warm-start.js';
