/** Claims about speed that can be believed: interleaved runs, their statistics, verdicts, and a gate for slowdowns. */

export { type ArmFigures, type Comparison, type ComparisonOptions, compareArms, type Interval } from './comparison.js';
export { composed, savingOf, timeRatioOf } from './composition.js';
export { checkGate, type GateFinding, type GateOptions, type GateRatios, gateRatios } from './gate.js';
export { roundOrders } from './round-order.js';
export { type ArmSamples, LEAST_RUNS, type RunSample } from './samples.js';
export {
  evaluateInRankOrder,
  type SequentialEntry,
  type SequentialResult,
  type SequentialStep,
  type StepOutcome,
  type StopRule,
} from './sequential.js';
export { type Claim, type Condition, judge, type Thresholds, type Verdict, type VerdictWord } from './verdict.js';
