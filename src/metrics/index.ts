export { aggregateReturns, type CalendarSpan, spanEnds, spanValues } from './aggregate.js';
export {
  type AlphaBeta,
  alphaBeta,
  beta,
  betaFragility,
  captureRatio,
  informationRatio,
  marketSide,
  upDownCapture,
} from './benchmark.js';
export {
  compoundedAnnualReturn,
  compoundedSharpe,
  compoundedSortino,
  compoundedVolatility,
  logBeta,
} from './compounded.js';
export { drawdowns, maxDrawdown } from './drawdown.js';
export { type DrawdownSpell, drawdownSpells } from './drawdown-spells.js';
export { type Excursions, excursions } from './excursions.js';
export { exposure, type HeldRows } from './exposure.js';
export { type ParetoTail, paretoTail } from './pareto-tail.js';
export { annualVolatility, calmarRatio, sharpeRatio, sortinoRatio } from './ratios.js';
export { annualRate, compounded, simpleReturns, totalReturn } from './returns.js';
export {
  conditionalValueAtRisk,
  downsideRisk,
  omegaRatio,
  periodReturn,
  stability,
  tailRatio,
  valueAtRisk,
} from './risk.js';
export { rolling } from './rolling.js';
export { type RoundTrip, type RoundTripMethod, roundTrips, type TripEvent } from './round-trips.js';
export {
  type BootstrapOptions,
  differenceInterval,
  meanBcaInterval,
  ratioInterval,
} from './samples/bootstrap-intervals.js';
export { holm } from './samples/holm.js';
export { kolmogorovSmirnov, mannWhitney, type RankTest, wilcoxon } from './samples/rank-tests.js';
export { cohensD, meanInterval, pairedTest, pooledTest, type TTest, welchTest } from './samples/t-tests.js';
export { METRIC_DIRECTIONS, METRIC_NAMES, type MetricName, type Metrics, summarize } from './summary.js';
export { type ClosedTrade, type TradeStatistics, tradeStatistics } from './trade-statistics.js';
export { profitFactor, type RoundTripSummary, winRate } from './trades.js';
