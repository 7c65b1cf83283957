/** How far a result can be believed: statistics of a choice among trials, resampling, robustness, and held-out data. */

export { type BlockLengths, blockLengths } from './bootstrap/block-length.js';
export { type Resampling, resample } from './bootstrap/resampling.js';
export { countLook, type Holdout, type HoldoutLook, type HoldoutResult, lockHoldout, readHoldout } from './holdout.js';
export { type LookAtHoldout, lookAtHoldout } from './holdout-look.js';
export { type JudgedStudy, judgeStudy } from './judged-study.js';
export { type CrossValidation, cscv } from './overfitting/cscv.js';
export { deflatedSharpe, expectedMaximum, expectedMaximumSharpe } from './overfitting/deflated-sharpe.js';
export { type EffectiveTrials, effectiveTrials } from './overfitting/effective-trials.js';
export { type Haircut, type HaircutSharpe, haircutSharpe } from './overfitting/haircut-sharpe.js';
export { minimumTrackRecord, probabilisticSharpe } from './overfitting/probabilistic-sharpe.js';
export { type RealityCheck, type Resamples, realityCheck } from './overfitting/reality-check.js';
export { type SharpeSample, sharpeSample } from './overfitting/sharpe-sample.js';
export { type OverfittingFinding, type OverfittingWords, overfittingWords } from './overfitting-findings.js';
export type { CostSensitivity } from './robustness/costs.js';
export type { Distribution } from './robustness/distribution.js';
export {
  bootstrapReturns,
  type PathFigure,
  permuteTrades,
  type ReturnBootstrap,
  type TradePermutation,
  type TradeSize,
} from './robustness/monte-carlo.js';
export { type RandomEntryTest, randomEntry } from './robustness/random-entry.js';
export type { ScenarioFigures } from './robustness/scenarios.js';
export type { Sensitivity, SensitivityCurve, SensitivitySurface } from './robustness/sensitivity.js';
export { findPlateau, type Plateau, type PlateauPoint, stabilityOf } from './robustness/stability.js';
export {
  ROBUSTNESS_TESTS,
  type RobustnessOptions,
  type RobustnessReport,
  robustness,
  type SpreadFigures,
} from './robustness.js';
export { type StudyOverfitting, type StudyReturns, studyOverfitting } from './study-overfitting.js';
