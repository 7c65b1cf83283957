import { assertInteger, assertNumber } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { checkKinds, listOfTexts, type OptionKind, SIGNAL } from '../core/option-kind.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';
import { formatDate } from '../core/time.js';
import { runOnce } from '../engine/backtest.js';
import { type MarketOptions, openMarket } from '../engine/market.js';
import type { MarketView, ViewOptions } from '../engine/market-view.js';
import type { ParameterMap } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import type { BacktestResult } from '../engine/result.js';
import { type ResolvedRunOptions, RUN_OPTION_KEYS, resolveRunOptions, splitRunOptions } from '../engine/run-options.js';
import { gatherSessionValues, sessionEnds, sessionsPerYear } from '../engine/sessions-of-run.js';
import { paramsFor } from '../engine/simulation.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { simpleReturns } from '../metrics/returns.js';
import { METRIC_NAMES } from '../metrics/summary.js';
import { ParameterSpace } from '../optimize/space.js';
import type { StrategyPlace } from '../optimize/trial-runner.js';
import { InlineExecutor } from '../parallel/inline-executor.js';
import { resolveJobs } from '../parallel/jobs.js';
import { openExecutor } from '../parallel/open-executor.js';
import { blockLengths } from './bootstrap/block-length.js';
import { type CostSensitivity, costSensitivity } from './robustness/costs.js';
import { type Distribution, distributionOf } from './robustness/distribution.js';
import {
  bootstrapReturns,
  permuteTrades,
  type ReturnBootstrap,
  type TradePermutation,
} from './robustness/monte-carlo.js';
import type { MarketChange } from './robustness/other-markets.js';
import { heldReturns } from './robustness/position-directions.js';
import { type RandomEntryTest, randomEntry } from './robustness/random-entry.js';
import { type Scenario, type ScenarioFigures, Scenarios } from './robustness/scenarios.js';
import { type Sensitivity, sensitivity } from './robustness/sensitivity.js';

/** The tests of {@link robustness}, in the order in which they are made. */
export const ROBUSTNESS_TESTS: readonly string[] = [
  ...['bootstrap', 'permutation', 'random-entry', 'noise', 'costs', 'delay', 'sensitivity', 'start', 'synthetic'],
];

/** What to test a strategy's run with. */
export interface RobustnessOptions extends MarketOptions, Pick<ViewOptions, 'rows'> {
  readonly params?: GivenParams | undefined;
  /** Seed of the strategy's `random()`. @defaultValue 0 */
  readonly strategySeed?: number | undefined;
  /** Number of the trial whose random stream the strategy uses. @defaultValue 0 */
  readonly trial?: number | undefined;
  /** Names of {@link ROBUSTNESS_TESTS}. @defaultValue all of them */
  readonly tests?: readonly string[] | undefined;
  /** Other markets of each kind that the strategy runs on. @defaultValue 100 */
  readonly runs?: number | undefined;
  /** Resamples of returns and orders of trades. @defaultValue 1000 */
  readonly resamples?: number | undefined;
  /** Figures of the trade permutation. @defaultValue all that the order decides */
  readonly figures?: readonly string[] | undefined;
  /** Size of noise, as a share of each asset's volatility. @defaultValue 0.2 */
  readonly noise?: number | undefined;
  /** Metric that sensitivity looks at. @defaultValue 'sharpe' */
  readonly metric?: string | undefined;
  /** Decides all that is random here. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Workers; -1 or undefined for all cores, 1 for none but this thread. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a run does on other markets, or otherwise changed. */
export interface SpreadFigures {
  readonly runs: number;
  /** Share of the runs that gain. */
  readonly gaining: number;
  readonly totalReturn: Distribution | undefined;
  readonly sharpe: Distribution | undefined;
  readonly maxDrawdown: Distribution | undefined;
}

/** What {@link robustness} found. A test that was not asked for, or has nothing to work on, is undefined; `remarks` says why. */
export interface RobustnessReport {
  readonly params: GivenParams;
  readonly bundle: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  readonly seed: number;
  /** The run that is examined. */
  readonly base: ScenarioFigures;
  readonly bootstrap: { readonly stationary: ReturnBootstrap; readonly block: ReturnBootstrap } | undefined;
  readonly permutation: TradePermutation | undefined;
  readonly randomEntry: RandomEntryTest | undefined;
  readonly noise:
    | { readonly scale: number; readonly gaussian: SpreadFigures; readonly bootstrap: SpreadFigures }
    | undefined;
  readonly costs: CostSensitivity | undefined;
  /** Every order one bar later. */
  readonly delay: ScenarioFigures | undefined;
  readonly sensitivity: Sensitivity | undefined;
  /** The same run begun on later dates, up to a quarter of its length. */
  readonly start: (SpreadFigures & { readonly from: readonly string[] }) | undefined;
  readonly synthetic: (SpreadFigures & { readonly blockLength: number }) | undefined;
  readonly remarks: readonly string[];
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'rows', 'frequency', ...RUN_OPTION_KEYS],
  ...['params', 'strategySeed', 'trial', 'tests', 'runs', 'resamples', 'figures', 'noise', 'metric'],
  ...['seed', 'jobs', 'signal'],
] as const;

const KINDS: Readonly<Record<string, OptionKind>> = {
  tests: listOfTexts("a list of tests such as ['costs', 'delay']"),
  figures: listOfTexts("a list of figures such as ['maxDrawdown']"),
  metric: { takes: "a metric's name such as 'sharpe'", accepts: (value) => typeof value === 'string' },
  signal: SIGNAL,
};

/** Later dates that a run is begun on. */
const STARTS = 20;
/** Least mean length of the blocks that a synthetic market is drawn in: what lasts some days shall last. */
const LEAST_MARKET_BLOCK = 10;

/**
 * Tests how much of a run's result hangs on luck, on its exact prices, costs, parameters and dates. Everything random has its seed, and all runs go
 * through one executor: the report is the same for any number of workers.
 *
 * @param compiled where the strategy was loaded from; a strategy without a file runs in this thread alone (`jobs: 1`)
 * @throws UsageError for wrong options, `ORDER_INVARIANT_METRIC` for a figure that no order of trades changes; RunError when the strategy fails
 */
export async function robustness(
  strategy: Strategy<ParameterMap, unknown>,
  compiled: StrategyPlace | undefined,
  options: RobustnessOptions,
): Promise<RobustnessReport> {
  const definition = definitionOf(strategy);
  rejectUnknownKeys('robustness', options, KEYS);
  checkKinds(options, KINDS);
  const tests = checkTests(options.tests ?? ROBUSTNESS_TESTS);
  const { bundle: source, symbols, start, end, rows, frequency } = options;
  const {
    seed = 1,
    strategySeed = 0,
    trial = 0,
    runs = 100,
    resamples = 1000,
    noise = 0.2,
    metric = 'sharpe',
  } = options;
  assertInteger('seed', seed);
  assertInteger('strategySeed', strategySeed);
  assertInteger('trial', trial, { min: 0 });
  assertInteger('runs', runs, { min: 1 });
  assertInteger('resamples', resamples, { min: 1 });
  assertNumber('noise', noise, { above: 0, max: 10 });
  const view: ViewOptions = { symbols, start, end, rows, frequency };
  const run = resolveRunOptions(splitRunOptions(options)[0], definition.costs);
  const params = paramsFor(definition, options.params ?? {});
  using market = openMarket({ bundle: source, ...view });
  const space = new ParameterSpace(strategy.parameters, definition.constraint as never);
  const flat = space.toFlat(params as never);
  const { result } = runOnce(definition, market.view, run, { params, seed: strategySeed, trial });
  await using executor = openExecutor({ workers: resolveJobs(options.jobs).workers });
  const isInline = executor instanceof InlineExecutor;
  if (!isInline && compiled === undefined) {
    throw new UsageError('STRATEGY_WITHOUT_MODULE', {
      message: 'Worker threads load a strategy by its file. Give its file, or test with jobs: 1.',
    });
  }
  const { bundle } = market.view;
  const setup = {
    strategy: isInline ? (strategy as unknown as Strategy) : { url: compiled!.url, path: compiled!.path },
    bundle: isInline ? bundle : bundle.handle,
    view,
    run,
    params: flat,
    seed: strategySeed,
    trial,
  };
  const { signal } = options;
  const scenarios = new Scenarios(executor, setup, signal === undefined ? {} : { signal });
  try {
    const examined: Examined = { view: market.view, run, result, scenarios, seed, runs, resamples, noise, options };
    const remarks: string[] = [];
    const [base] = await scenarios.run([{}]);
    checkMetric(metric, base!);
    return {
      params,
      bundle: { name: bundle.name, version: bundle.version, synthetic: bundle.manifest.synthetic === true },
      seed,
      base: base!,
      bootstrap: tests.has('bootstrap') ? bootstrapOf(examined, remarks) : undefined,
      permutation: tests.has('permutation') ? permutationOf(examined, remarks) : undefined,
      randomEntry: tests.has('random-entry') ? randomEntryOf(examined, remarks) : undefined,
      noise: tests.has('noise') ? await noiseOf(examined) : undefined,
      costs: tests.has('costs') ? await costSensitivity(scenarios) : undefined,
      delay: tests.has('delay') ? (await scenarios.run([{ run: { delay: (run.delay ?? 0) + 1 } }]))[0] : undefined,
      sensitivity: tests.has('sensitivity') ? await sensitivity(scenarios, space, flat, metric) : undefined,
      start: tests.has('start') ? await startOf(examined, remarks) : undefined,
      synthetic: tests.has('synthetic') ? await syntheticOf(examined) : undefined,
      remarks,
    };
  } finally {
    await scenarios.release();
  }
}

/** A run, and the means to repeat it otherwise. */
interface Examined {
  readonly view: MarketView;
  readonly run: ResolvedRunOptions;
  readonly result: BacktestResult;
  readonly scenarios: Scenarios;
  readonly seed: number;
  readonly runs: number;
  readonly resamples: number;
  readonly noise: number;
  readonly options: RobustnessOptions;
}

function checkTests(names: readonly string[]): ReadonlySet<string> {
  for (const name of names) {
    if (ROBUSTNESS_TESTS.includes(name)) continue;
    throw new UsageError('UNKNOWN_TEST', {
      message: `No test '${name}'. There are ${ROBUSTNESS_TESTS.join(', ')}.${nearestHint(name, ROBUSTNESS_TESTS)}`,
      details: { test: name, known: ROBUSTNESS_TESTS },
    });
  }
  return new Set(names);
}

/** Throws UsageError `UNKNOWN_METRIC` for what is neither a metric of ours nor one that a run's `analyze` gave. */
function checkMetric(metric: string, { metrics }: ScenarioFigures): void {
  const known = [...new Set([...METRIC_NAMES, ...Object.keys(metrics)])];
  if (known.includes(metric)) return;
  throw new UsageError('UNKNOWN_METRIC', {
    message: `No metric '${metric}' for the sensitivity. There are ${known.join(', ')}.${nearestHint(metric, known)}`,
    details: { metric, known },
  });
}

function returnsOf({ view, result }: Examined, remarks: string[]): Float64Array | undefined {
  const ends = sessionEnds(view);
  const values = gatherSessionValues(ends, result.equity, new Float64Array(ends?.length ?? result.equity.length));
  if (values.length >= 3 && values.every((value) => value > 0)) return simpleReturns(values);
  remarks.push('No bootstrap of returns: the record is shorter than three sessions, or the account fell to 0.');
  return undefined;
}

function bootstrapOf(examined: Examined, remarks: string[]): RobustnessReport['bootstrap'] {
  const returns = returnsOf(examined, remarks);
  if (returns === undefined) return undefined;
  const { view, run, seed, resamples } = examined;
  const common = { sessionsPerYear: sessionsPerYear(view, run), seed, runs: resamples };
  return {
    stationary: bootstrapReturns(returns, { ...common, method: 'stationary' }),
    block: bootstrapReturns(returns, { ...common, method: 'block' }),
  };
}

function permutationOf(
  { result, seed, resamples, options }: Examined,
  remarks: string[],
): TradePermutation | undefined {
  const profits = Float64Array.from(result.roundTrips(), ({ profit }) => profit.toNumber());
  const { figures } = options;
  const common = { startingCash: result.startingCash.toNumber(), seed, runs: resamples };
  // Asked for figures that no order changes, it says so even without trades.
  if (profits.length > 0 || figures !== undefined) {
    return permuteTrades(profits, figures === undefined ? common : { ...common, figures });
  }
  remarks.push('No trade was closed, so there is no order of trades to change.');
  return undefined;
}

function randomEntryOf(
  { view, result, run, seed, resamples }: Examined,
  remarks: string[],
): RandomEntryTest | undefined {
  const { returns, held } = heldReturns(view, result, run);
  const found = randomEntry(returns, held, { seed, runs: resamples });
  if (found === undefined) remarks.push('No test of entries: nothing was ever held, or the same all the time.');
  return found;
}

async function noiseOf(examined: Examined): Promise<RobustnessReport['noise']> {
  const { seed, noise: scale } = examined;
  const change =
    (noise: 'gaussian' | 'bootstrap') =>
    (index: number): MarketChange => ({
      kind: 'noise',
      noise,
      scale,
      seed: seed * 1_000_003 + index,
    });
  return {
    scale,
    gaussian: await onMarkets(examined, change('gaussian')),
    bootstrap: await onMarkets(examined, change('bootstrap')),
  };
}

async function syntheticOf(examined: Examined): Promise<RobustnessReport['synthetic']> {
  const { view, seed } = examined;
  // An asset that is not there from the first bar to the last has no say.
  const returns = view.assets.map(({ marks }) => simpleReturns(marks)).filter((each) => each.every(Number.isFinite));
  const lengths = returns.map((each) => blockLengths(each).stationary);
  const blockLength = Math.max(LEAST_MARKET_BLOCK, ...lengths);
  const spread = await onMarkets(examined, (index) => ({
    kind: 'synthetic',
    blockLength,
    seed: seed * 1_000_003 + index,
  }));
  return { ...spread, blockLength };
}

const onMarkets = async (
  { scenarios, runs }: Examined,
  change: (index: number) => MarketChange,
): Promise<SpreadFigures> =>
  spreadOf(await scenarios.run(Array.from({ length: runs }, (_, index) => ({ market: change(index) }))));

async function startOf({ view, scenarios, options }: Examined, remarks: string[]): Promise<RobustnessReport['start']> {
  if (options.rows !== undefined) {
    remarks.push('No later dates to begin on: the run is over rows of the bundle, not between dates.');
    return undefined;
  }
  const { times } = view.group;
  const length = view.to - view.from;
  const dates = new Set<string>();
  for (let k = 1; k <= STARTS; k++) {
    dates.add(formatDate(times[view.from + Math.floor((k * length) / (4 * STARTS))]!));
  }
  dates.delete(formatDate(times[view.from]!));
  const from = [...dates];
  if (from.length < 2) {
    remarks.push('No later dates to begin on: the record is too short.');
    return undefined;
  }
  const found = await scenarios.run(from.map((start): Scenario => ({ view: { start } })));
  return { ...spreadOf(found), from };
}

function spreadOf(found: readonly ScenarioFigures[]): SpreadFigures {
  const of = (name: string): Distribution | undefined => distributionOf(found.map(({ metrics }) => metrics[name]));
  const gaining = found.filter(({ metrics }) => (metrics.totalReturn ?? 0) > 0).length;
  return {
    runs: found.length,
    gaining: gaining / found.length,
    totalReturn: of('totalReturn'),
    sharpe: of('sharpe'),
    maxDrawdown: of('maxDrawdown'),
  };
}
