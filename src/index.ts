/** What a strategy author needs: write, backtest, optimise. */
export type { EpochMs } from './core/brand.js';
export { type Amount, Decimal } from './core/decimal.js';
export { DataError, HindcastError, LookaheadError, RunError, UsageError } from './core/errors.js';
export type { ReadonlyFloat64Array } from './core/readonly-array.js';
export { type BacktestOptions, backtest, type Result } from './engine/backtest.js';
export type { CacheReport } from './engine/cache-ledger.js';
export type { LogEntry } from './engine/contexts.js';
export type { TradingControls } from './engine/control-options.js';
export type { MarketOptions } from './engine/market.js';
export {
  type CacheFlag,
  type CacheLayer,
  type OptimizationChange,
  OptimizationConfig,
  type OptimizationFlags,
  type OptimizationLimits,
  type OptimizationSettings,
} from './engine/optimization-config.js';
export {
  bool,
  choice,
  float,
  int,
  type Parameter,
  type ParameterMap,
  type ParamsInput,
  type ParamsOf,
  variant,
} from './engine/parameters.js';
export type { BacktestResult, FillRecord } from './engine/result.js';
export type { RoundTripRecord } from './engine/round-trip-records.js';
export type { RunOptions } from './engine/run-options.js';
export type { RunStatistics } from './engine/run-statistics.js';
export type { ScheduleOptions } from './engine/schedule.js';
export {
  type BarData,
  type Context,
  defineStrategy,
  type HistoryFrame,
  type OrderApi,
  type Portfolio,
  type Position,
  type Setup,
  type Strategy,
  type StrategyDefinition,
  type Synchronous,
} from './engine/strategy.js';
export type { Fill, Order, OrderChange, OrderOptions, OrderStatus, TimeInForce } from './execution/order.js';
export {
  type BundleExportOptions,
  type BundleFormat,
  type ExportedBundleFile,
  type ExportedFile,
  type ExportFormat,
  type ExportOptions,
  exportBundle,
  exportResult,
  exportTrials,
  type TrialExportOptions,
} from './export/index.js';
export {
  accelerationOscillator,
  accumulationDistribution,
  adx,
  adxr,
  apo,
  aroon,
  atr,
  awesomeOscillator,
  beta,
  bollinger,
  cci,
  chaikinMoneyFlow,
  chaikinOscillator,
  cmo,
  correlation,
  crossedAbove,
  crossedBelow,
  defineIndicator,
  dema,
  directionalIndicator,
  donchian,
  dv2,
  ema,
  envelope,
  highest,
  hma,
  type Indicator,
  ichimoku,
  kama,
  keltner,
  kst,
  laguerreRsi,
  linearRegression,
  lowest,
  macd,
  mean,
  medianPrice,
  mfi,
  momentum,
  natr,
  obv,
  parabolicSar,
  percentRank,
  ppo,
  roc,
  rsi,
  type Series,
  sma,
  smma,
  standardDeviation,
  stochastic,
  stochasticRsi,
  supertrend,
  t3,
  tema,
  trima,
  trix,
  trueRange,
  tsi,
  typicalPrice,
  ultimateOscillator,
  volatility,
  vwap,
  williamsAccumulation,
  williamsR,
  wma,
  zeroLag,
  zscore,
} from './indicators/index.js';
export type { Asset } from './market/asset.js';
export type { Field, Frequency } from './market/bars.js';
export {
  afterOpen,
  beforeClose,
  type DateRule,
  everyDay,
  monthEnd,
  monthStart,
  type TimeRule,
  weekEnd,
  weekStart,
} from './market/schedule-rules.js';
export { type OptimizeOptions, optimize } from './optimize/optimize.js';
export type { Study } from './optimize/study.js';
export type { FinishedTrial } from './optimize/trial.js';
export {
  type BacktestPath,
  type CrossValidationOptions,
  type CrossValidationResult,
  crossValidate,
} from './validate/combinatorial.js';
export {
  type DoubleOutOfSampleOptions,
  type DoubleOutOfSampleResult,
  doubleOutOfSample,
} from './validate/double-out-of-sample.js';
export { type LookaheadFinding, type LookaheadOptions, type LookaheadReport, lookahead } from './validate/lookahead.js';
export type { StitchedRun, WindowRun } from './validate/out-of-sample.js';
export type { ParameterDrift } from './validate/parameter-drift.js';
export { WalkForward, type WalkForwardOptions, walkForward } from './validate/walk-forward.js';
export type { WalkForwardResult, WalkForwardWindow } from './validate/walk-forward-result.js';
export type { Windowing } from './validate/windows.js';
