export { drawdowns, maxDrawdown } from './drawdown.js';
export { annualVolatility, calmarRatio, sharpeRatio, sortinoRatio } from './ratios.js';
export { annualRate, compounded, simpleReturns, totalReturn } from './returns.js';
export { METRIC_DIRECTIONS, METRIC_NAMES, type MetricName, type Metrics, summarize } from './summary.js';
export { profitFactor, type RoundTripSummary, winRate } from './trades.js';
