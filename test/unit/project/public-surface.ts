/**
 * What each door of the package exports, by name, types included: the promise that a version number is about.
 * A change here is a decision, and belongs in CHANGELOG.md.
 */
export const publicSurface: Readonly<Record<string, readonly string[]>> = {
  '.': words(`
    DataError Decimal HindcastError LookaheadError OptimizationConfig RunError UsageError WalkForward accelerationOscillator
    accumulationDistribution adx adxr afterOpen apo aroon atr awesomeOscillator backtest beforeClose beta
    bollinger bool cci chaikinMoneyFlow chaikinOscillator choice cmo correlation crossValidate crossedAbove crossedBelow
    defineIndicator defineStrategy dema directionalIndicator donchian doubleOutOfSample dv2 ema envelope everyDay exportBundle exportResult exportTrials float highest
    hma ichimoku int kama keltner kst laguerreRsi linearRegression lookahead lowest macd mean medianPrice mfi momentum
    monthEnd monthStart natr obv optimize parabolicSar percentRank ppo roc rsi sma smma standardDeviation
    stochastic stochasticRsi supertrend t3 tema trima trix trueRange tsi typicalPrice ultimateOscillator
    variant volatility vwap walkForward weekEnd weekStart williamsAccumulation williamsR wma zeroLag zscore

    Amount Asset BacktestOptions BacktestPath BacktestResult BarData BundleExportOptions BundleFormat CacheFlag CacheLayer CacheReport Context CrossValidationOptions CrossValidationResult DateRule DoubleOutOfSampleOptions DoubleOutOfSampleResult EpochMs ExportFormat ExportOptions ExportedBundleFile
    ExportedFile Field Fill FillRecord FinishedTrial
    Frequency HistoryFrame Indicator LogEntry LookaheadFinding LookaheadOptions LookaheadReport MarketOptions OptimizationChange OptimizationFlags OptimizationLimits OptimizationSettings OptimizeOptions Order OrderApi OrderChange OrderOptions
    OrderStatus Parameter ParameterDrift ParameterMap ParamsInput ParamsOf Portfolio Position ReadonlyFloat64Array Result
    RoundTripRecord RunOptions RunStatistics ScheduleOptions Series Setup StitchedRun Strategy StrategyDefinition Study
    Synchronous TimeInForce TimeRule TradingControls TrialExportOptions WalkForwardOptions WalkForwardResult WalkForwardWindow Windowing WindowRun
  `),
  './data': words(`
     BundlePool BundleStore HistoryCache DirectHistory adjustmentKind adjustmentSchedule buildDraft findAsset
     bundleFromColumns calendarNames defaultSharing extendBundle findCalendar openBundle readCalendarFile resampledDraft restate sampleMarket writeBundle

    AdjustmentKind AdjustmentSchedule AllowedDefect AssetDraft BarGroup Bundle BundleDraft BundleHandle BundleLease
    BundleManifest BundlePoolOptions BundlePoolStatistics BundleSummary Calendar CalendarRecord Candle CandleExchange ColumnExtent ColumnRecord IngestOptions Damage
    DividendDraft EphemeralOptions GroupDraft GroupRecord HistoryCacheOptions HistoryCacheStatistics
    HistoryReader IngestReport Listing ListingRecord NetworkOptions NetworkProgress OpenOptions ResampleOptions ResolvedBundle SampleMarketOptions SessionTable Sharing SplitDraft StoredVersion
    WriteOptions WrittenBundle
  `),
  './optimize': words(`
    JournalReplay ParameterSpace PersistentWorkerPool SEARCH_NAMES Study availableSearches closeDefaultPool cmaes defaultPool finishedTrials genetic importanceOf nsga2
    openStudy openStudyOn optimize readDistribution readStudy readStudyRecord recordedImportance replayFile reproduceTrial
    resolveSearch resumeStudy runSearch searchStrategy tpe writeDistribution bound median patient percentile threshold wilcoxonPruner

    AskTellOptions BohbOptions BudgetOptions BudgetPlan BudgetedPoint Choice CmaEsOptions CompleteTrial CreateSampler Direction Distribution Executor Fidelity MarketShares HyperbandOptions asha bohb halving hyperband FinishedTrial FlatParams
    GeneticOptions GridIndex Importance ImportanceOptions Journal JournalTrial Nsga2Options Objective OpenStudyOptions OptimizeOptions Outcome ParameterImportance ParameterInteraction PendingTrial PoolOptions
    PoolStatistics RecordedStudy RecordedTrial Reproduction ResolvedObjective Sampler Search SearchName
    SearchProgress SearchRequest SearchRun SearchSummary SeenTrial StopReason StopRule StopRules
    StudyDescription StudyFacts StudyInFile StudyRecord StudyReport Suggestion Trial TrialCounts TrialEnding
    TpeModel TpeOptions TrialReport TrialResult TrialSummary TrialTask ValuedTrial WarmStart PruneRule PruneStart Pruner MidwayStops Condition Conditions Penalty
  `),
  './validate': words(`
    ROBUSTNESS_TESTS blockLengths bootstrapReturns countLook cscv deflatedSharpe effectiveTrials
    expectedMaximum expectedMaximumSharpe findPlateau haircutSharpe judgeStudy lockHoldout
    lookAtHoldout minimumTrackRecord overfittingWords permuteTrades probabilisticSharpe randomEntry
    readHoldout realityCheck resample robustness sharpeSample stabilityOf studyOverfitting

    BlockLengths CostSensitivity CrossValidation Distribution EffectiveTrials Haircut HaircutSharpe
    Holdout HoldoutLook HoldoutResult JudgedStudy LookAtHoldout OverfittingFinding OverfittingWords
    PathFigure Plateau PlateauPoint RandomEntryTest RealityCheck Resamples Resampling
    ReturnBootstrap RobustnessOptions RobustnessReport ScenarioFigures Sensitivity SensitivityCurve
    SensitivitySurface SharpeSample SpreadFigures StudyOverfitting StudyReturns TradePermutation TradeSize
  `),
  './benchmark': words(`
    LEAST_RUNS checkGate compareArms composed evaluateInRankOrder gateRatios judge roundOrders savingOf timeRatioOf

    ArmFigures ArmSamples Claim Comparison ComparisonOptions Condition GateFinding GateOptions GateRatios Interval RunSample
    SequentialEntry SequentialResult SequentialStep StepOutcome StopRule Thresholds Verdict VerdictWord
  `),
  './live': words(`
    PaperBroker RecordedFeed trade

    AccountTerms BarEvent Broker BrokerAccount BrokerChange BrokerOrder BrokerReport BrokerTerms Feed FeedEvent
    RecordedFeedOptions TradeOptions
  `),
  './metrics': words(`
    METRIC_DIRECTIONS METRIC_NAMES aggregateReturns alphaBeta annualRate annualVolatility beta
    betaFragility calmarRatio captureRatio cohensD compounded compoundedAnnualReturn compoundedSharpe
    compoundedSortino compoundedVolatility conditionalValueAtRisk differenceInterval downsideRisk
    drawdownSpells drawdowns excursions exposure informationRatio kolmogorovSmirnov logBeta mannWhitney
    marketSide maxDrawdown meanBcaInterval holm ratioInterval meanInterval omegaRatio pairedTest paretoTail periodReturn
    pooledTest profitFactor rolling roundTrips sharpeRatio simpleReturns sortinoRatio spanEnds spanValues
    stability summarize tailRatio totalReturn tradeStatistics upDownCapture valueAtRisk welchTest
    wilcoxon winRate

    AlphaBeta BootstrapOptions CalendarSpan ClosedTrade DrawdownSpell Excursions HeldRows MetricName
    Metrics ParetoTail RankTest RoundTrip RoundTripMethod RoundTripSummary TTest TradeStatistics
    TripEvent
  `),
};

/** Values first, then types, each in alphabetical order. */
function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
