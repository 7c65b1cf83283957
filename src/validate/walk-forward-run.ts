import { RunError, UsageError } from '../core/errors.js';
import { CacheLedger } from '../engine/cache-ledger.js';
import { type MarketOptions, openMarket } from '../engine/market.js';
import type { MarketView } from '../engine/market-view.js';
import { settingsOf } from '../engine/optimization-config.js';
import type { ParameterMap, ParamsOf } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { type ResolvedRunOptions, type RunOptions, resolveRunOptions } from '../engine/run-options.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import { METRIC_NAMES } from '../metrics/summary.js';
import {
  type Objective,
  type ResolvedObjective,
  refuseUnknownMetrics,
  resolveSingleObjective,
} from '../optimize/objective.js';
import type { SearchName } from '../optimize/samplers/names.js';
import type { Search } from '../optimize/samplers/registry.js';
import { ParameterSpace } from '../optimize/space.js';
import type { StopRules } from '../optimize/stop-rules.js';
import { identityOf, type StrategyIdentity } from '../optimize/study-record.js';
import { tellCaches } from '../optimize/study-run.js';
import type { TrialCounts } from '../optimize/tally.js';
import type { FinishedTrial } from '../optimize/trial.js';
import type { TrialSetup } from '../optimize/trial-runner.js';
import { resolveJobs } from '../parallel/jobs.js';
import { openExecutor } from '../parallel/open-executor.js';
import { heapOptionOf } from '../parallel/pool-options.js';
import { labels, type PlannedTest, RangeRunner, type Seam, type WindowRun } from './out-of-sample.js';
import { efficiencyOf, parameterDrift } from './parameter-drift.js';
import { parseSelection } from './selection.js';
import { stitchedLuck } from './stitched-luck.js';
import type { WalkForwardControl } from './walk-forward.js';
import type { WalkForwardResult, WalkForwardWindow } from './walk-forward-result.js';
import { type Choice, searchWindows } from './window-search.js';
import { rollingWindows, type Window, type Windowing } from './windows.js';

/** What parameters are chosen from, with every option read. */
export interface ChoosingRequest<P extends ParameterMap> extends StopRules, WalkForwardControl {
  readonly market: Pick<MarketOptions, 'bundle' | 'symbols' | 'start' | 'end' | 'frequency'>;
  readonly runOptions: RunOptions;
  readonly search: SearchName | Search;
  readonly trials?: number | undefined;
  readonly objective: Objective<never>;
  readonly score: TrialSetup['score'];
  readonly enqueue: readonly GivenParams[] | undefined;
  readonly seed: number;
  readonly folder: string | undefined;
  readonly select: string;
  readonly candidates: number;
  readonly onTrial?: ((window: number, trial: FinishedTrial<P>) => void) | undefined;
}

/** A walk-forward with every option read. */
export interface WalkForwardRequest<P extends ParameterMap> extends ChoosingRequest<P> {
  readonly windowing: Windowing;
  /** @defaultValue those of the windowing, from the first bar on */
  readonly plan?: ((view: MarketView) => Window[]) | undefined;
  readonly seam: Seam;
  readonly reinvest: boolean;
}

/** Efficiency below which parameters keep too little of their promise. */
const LEAST_EFFICIENCY = 0.7;

/** Parameters chosen for every window, and all that it takes to run over its bars. */
export interface ChosenWindows<P extends ParameterMap> {
  readonly view: MarketView;
  readonly windows: readonly Window[];
  readonly choices: readonly Choice[];
  readonly space: ParameterSpace<P>;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  readonly runner: RangeRunner;
  readonly strategy: StrategyIdentity;
  readonly workers: number;
  readonly seconds: number;
  readonly startupSeconds: number;
}

/**
 * Opens what a strategy needs, plans windows on its bars, chooses parameters for each, and hands them on while the bundle is open.
 *
 * @param plan may refuse the windows that it makes
 */
export async function withChoices<P extends ParameterMap, R>(
  strategy: Strategy<P, unknown>,
  compiled: CompiledStrategy | undefined,
  request: ChoosingRequest<P>,
  begun: number,
  plan: (view: MarketView, objective: ResolvedObjective) => Window[],
  use: (chosen: ChosenWindows<P>) => R,
): Promise<R> {
  const definition = definitionOf(strategy as unknown as Strategy);
  const run = resolveRunOptions(request.runOptions, definition.costs);
  const objective = resolveSingleObjective(request.objective, 'Out-of-sample testing');
  const selection = parseSelection(request.select);
  refuseUnknownMetrics(objective, definition, run, request.score && objective.metric);
  const { workers, warning } = resolveJobs(request.pool?.workers ?? request.jobs);
  if (warning !== undefined) request.onWarning?.(warning);
  const optimization = settingsOf(request.optimization);
  const ledger = CacheLedger.create(request.onCaches !== undefined);
  using market = openMarket(request.market, optimization, ledger);
  const { view } = market;
  const windows = plan(view, objective);
  const space = new ParameterSpace<P>(strategy.parameters, definition.constraint as never);
  const { pool, onProgress, onStart } = request;
  const limits = heapOptionOf(request);
  await using own =
    pool === undefined ? openExecutor({ workers, persistent: optimization.persistentPool, ...limits }) : undefined;
  const executor = own ?? pool!;
  let startupSeconds = 0;
  const { choices, seconds } = await searchWindows<P>({
    ...request,
    strategy,
    compiled,
    space,
    view,
    symbols: request.market.symbols,
    frequency: request.market.frequency,
    run,
    objective,
    windows,
    trials: request.trials,
    optimization,
    ledger,
    selection,
    executor,
    signal: request.signal,
    trialTimeoutMs: request.trialTimeoutMs,
    onTrial: request.onTrial,
    onStart: () => {
      startupSeconds = (performance.now() - begun) / 1000;
      onStart?.({ workers: executor.workers, windows: windows.length });
    },
    onProgress: onProgress && ((progress) => onProgress({ ...progress, busy: executor.activity().length })),
  });
  const runner = new RangeRunner({
    ...{ definition, view, run, objective, optimization, ledger },
    score: request.score,
    seed: choices[0]!.seed,
  });
  const chosen = use({
    view,
    windows,
    choices,
    space,
    run,
    objective,
    runner,
    strategy: {
      name: compiled?.name ?? 'strategy',
      file: compiled?.path,
      sourceHash: compiled?.sourceHash ?? 'in memory',
    },
    workers: executor.workers,
    seconds,
    startupSeconds,
  });
  runner.tellCaches();
  const { onWarning, onCaches } = request;
  tellCaches({ ledger, optimization, bundle: view.bundle, executor, isOwn: own !== undefined, onWarning, onCaches });
  return chosen;
}

/** Runs a walk-forward of a strategy that is loaded. All parameters are chosen before the first test is read. */
export function runWalkForward<P extends ParameterMap>(
  strategy: Strategy<P, unknown>,
  compiled: CompiledStrategy | undefined,
  request: WalkForwardRequest<P>,
  begun: number,
): Promise<WalkForwardResult<P>> {
  const { windowing, seam } = request;
  const plan = (view: MarketView, objective: ResolvedObjective): Window[] => {
    const windows = request.plan?.(view) ?? rollingWindows(view.group, view, windowing);
    if (seam === 'carry') refuseCarry(windows, objective);
    return windows;
  };
  return withChoices(strategy, compiled, request, begun, plan, (chosen) => tradeForward(request, chosen));
}

/** Trades the tests with the parameters that were chosen, and says what they kept of their promise. */
function tradeForward<P extends ParameterMap>(
  { windowing, select, seam, reinvest, runOptions, folder }: WalkForwardRequest<P>,
  { view, windows, choices, space, run, objective, runner, ...chosen }: ChosenWindows<P>,
): WalkForwardResult<P> {
  const begun = performance.now();
  const trained = windows.map((window, index) => runTraining(runner, window, choices[index]!, space));
  const tests = windows.map((window, index): PlannedTest => {
    const { params } = choices[index]!;
    return { number: window.number, rows: window.test[0]!, params: params && (space.fromFlat(params) as GivenParams) };
  });
  const { runs, stitched } =
    seam === 'carry' ? runner.tradeCarried(tests) : runner.tradeClosed(tests, reinvest, closingOf(runOptions, run));
  const found = windows.map((window, index) => {
    const parts = { window, choice: choices[index]!, train: trained[index], test: runs[index]! };
    return windowResult(parts, runner, view, space, objective);
  });
  const efficiency = efficiencyOf(
    found.map(({ train, test }) => ({ train: train?.score, test: test.score })),
    objective.direction,
  );
  const returnEfficiency = efficiencyOf(
    found.map(({ train }) => ({ train: train?.metrics.annualReturn, test: stitched.metrics.annualReturn })),
    'maximize',
  );
  const first = choices[0]!;
  return {
    ...chosen,
    bundle: identityOf(view.bundle),
    run,
    objective,
    windowing,
    select,
    seam,
    reinvest,
    search: first.search,
    seed: first.seed,
    study: folder,
    windows: found,
    stitched,
    luck: stitchedLuck(
      stitched,
      view,
      tests.map(({ rows }) => rows),
    ),
    efficiency,
    returnEfficiency,
    parameters: parameterDrift(
      space,
      choices.map(({ params }) => params),
    ),
    trials: sumOfCounts(choices.map(({ trials }) => trials)),
    unusedBars: view.to - windows.at(-1)!.test[0]!.to,
    warnings: warningsOf(found, efficiency, objective),
    seconds: chosen.seconds + (performance.now() - begun) / 1000,
  };
}

/** Runs what was chosen over the training once more, for its curve and its fills. */
function runTraining<P extends ParameterMap>(
  runner: RangeRunner,
  { number, train }: Window,
  choice: Choice,
  space: ParameterSpace<P>,
): WindowRun | undefined {
  const { params, trial } = choice;
  if (params === undefined) return undefined;
  const stream = trial === undefined ? ['average', number] : ['trial', trial.number];
  const { window } = runner.over(train[0]!, space.fromFlat(params) as GivenParams, stream);
  refuseOther(number, choice, window.orderStreamHash);
  return window;
}

/** Refuses a strategy whose chosen trial gives other orders than it did in the search. @throws RunError `NOT_REPRODUCED` */
export function refuseOther(window: number, { trial, orderStreamHash }: Choice, found: string | undefined): void {
  if (orderStreamHash === undefined || found === orderStreamHash) return;
  throw new RunError('NOT_REPRODUCED', {
    message: `Trial ${trial!.number} of window ${window} gives other orders now than when it was searched. A strategy that keeps state outside its initialize, or reads a clock or Math.random, cannot be judged.`,
    details: { window, trial: trial!.number },
  });
}

function windowResult<P extends ParameterMap>(
  parts: {
    readonly window: Window;
    readonly choice: Choice;
    readonly train: WindowRun | undefined;
    readonly test: WindowRun;
  },
  runner: RangeRunner,
  view: MarketView,
  space: ParameterSpace<P>,
  { direction }: ResolvedObjective,
): WalkForwardWindow<P> {
  const { window, choice, train, test } = parts;
  const { validate } = window;
  return {
    number: window.number,
    trials: choice.trials,
    params: choice.params && (space.fromFlat(choice.params) as ParamsOf<P>),
    trial: choice.trial?.number,
    trained: labels(view, window.train[0]!),
    train,
    validate: validate && { ...labels(view, validate), score: choice.validated },
    test,
    efficiency: efficiencyOf([{ train: train?.score, test: test.score }], direction),
    testReads: runner.testReads(window.test[0]!),
  };
}

/** A test of its own is closed where it ends, unless the run says otherwise. */
const closingOf = ({ liquidate }: RunOptions, run: ResolvedRunOptions): ResolvedRunOptions['liquidate'] =>
  liquidate === undefined ? 'last-close' : run.liquidate;

/** A carried account has no result of its own for each window, and none for the bars between them. */
function refuseCarry(windows: readonly Window[], { metric }: ResolvedObjective): void {
  const gap = windows.find((window, index) => index > 0 && windows[index - 1]!.test[0]!.to !== window.test[0]!.from);
  if (gap !== undefined) {
    throw new UsageError('SEAM_WITH_GAPS', {
      message: `Nothing can be carried from the test of window ${gap.number - 1} to that of window ${gap.number}: bars lie between them. Let the step be as long as the test, or close positions at the seam.`,
      details: { window: gap.number },
    });
  }
  if ((METRIC_NAMES as readonly string[]).includes(metric)) return;
  throw new UsageError('SEAM_NEEDS_A_METRIC', {
    message: `The objective '${metric}' is judged over whole runs, and a carried account has no run of its own for each window. Choose one of ${METRIC_NAMES.join(', ')}, or close positions at the seam.`,
    details: { objective: metric },
  });
}

/** Returns trials of several studies taken together. */
export function sumOfCounts(counts: readonly TrialCounts[]): TrialCounts {
  const sum = { total: 0, complete: 0, pruned: 0, failed: 0, duplicate: 0 };
  for (const each of counts) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += each[name];
  return sum;
}

function warningsOf(
  windows: readonly Pick<WalkForwardWindow<unknown>, 'number' | 'params' | 'test'>[],
  efficiency: number | undefined,
  { metric }: ResolvedObjective,
): string[] {
  const warnings: string[] = [];
  if (efficiency === undefined) {
    warnings.push(`No efficiency can be given: ${metric} is missing, or not above 0 in training.`);
  } else if (efficiency < LEAST_EFFICIENCY) {
    warnings.push(
      `The efficiency is ${efficiency.toFixed(2)}, below ${LEAST_EFFICIENCY}: out of sample the parameters kept too little of their ${metric}. They are likely fitted to noise.`,
    );
  }
  const idle = windows.filter(({ params }) => params === undefined).map(({ number }) => number);
  if (idle.length > 0) {
    warnings.push(`No trial of window ${idle.join(', ')} has a value, so nothing was chosen there.`);
  }
  const silent = windows.filter(({ params, test }) => params !== undefined && test.fills.length === 0);
  if (silent.length > 0) {
    warnings.push(`The test of window ${silent.map(({ number }) => number).join(', ')} never traded.`);
  }
  return warnings;
}
