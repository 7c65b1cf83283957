import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { MarketView } from '../engine/market-view.js';
import type { ParameterMap, ParamsOf } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { RUN_OPTION_KEYS } from '../engine/run-options.js';
import type { Strategy } from '../engine/strategy.js';
import { type CompiledStrategy, loadStrategy } from '../engine/strategy-loader.js';
import { METRIC_NAMES, type MetricName } from '../metrics/summary.js';
import { type JoinedRun, joinRuns, type PartialRun, scoreOfJoined } from '../optimize/joined-run.js';
import type { ResolvedObjective } from '../optimize/objective.js';
import { moduleOf } from '../optimize/strategy-module.js';
import type { BundleIdentity, StrategyIdentity } from '../optimize/study-record.js';
import { identityOf } from '../optimize/study-record.js';
import type { TrialCounts } from '../optimize/tally.js';
import type { RangeRunner, WindowRun } from './out-of-sample.js';
import { efficiencyOf, type ParameterDrift, parameterDrift } from './parameter-drift.js';
import type { RowRange } from './span.js';
import { choosingOptions, type WalkForwardOptions } from './walk-forward.js';
import { type ChoosingRequest, type ChosenWindows, refuseOther, sumOfCounts, withChoices } from './walk-forward-run.js';
import type { Choice } from './window-search.js';
import { type CombinatorialSplit, combinatorialWindows } from './windows.js';

/** What {@link crossValidate} searches, and how. */
export type CrossValidationOptions<P extends ParameterMap, M> = CombinatorialSplit &
  Omit<
    WalkForwardOptions<P, M>,
    'train' | 'validate' | 'test' | 'step' | 'anchored' | 'windows' | 'candidates' | 'seam' | 'reinvest'
  >;

/** One split: parameters chosen on some groups of bars, and what became of them on the others. */
export interface CrossValidationSplit<P> {
  /** From 1. */
  readonly number: number;
  /** Tested groups, from 1, ascending. */
  readonly groups: readonly number[];
  readonly trials: TrialCounts;
  /** Undefined when no trial of the training has a value. */
  readonly params: ParamsOf<P> | undefined;
  readonly trial: number | undefined;
  /** Objective over the training ranges laid end to end. */
  readonly trainScore: number | undefined;
  /** Objective over the tested groups laid end to end. */
  readonly testScore: number | undefined;
  /** One a tested group; none where nothing was chosen. */
  readonly tests: readonly WindowRun[];
  /** Runs over the bars of its test as a test of this split: 1, or 0 where nothing was chosen. */
  readonly testReads: number;
}

/** One way through all groups, each traded with parameters that were not chosen on it. */
export interface BacktestPath {
  /** From 1. */
  readonly number: number;
  /** The split whose test of each group it takes, from 1. */
  readonly splits: readonly number[];
  readonly equity: Float64Array;
  readonly metrics: JoinedRun['metrics'];
  /** Value of the objective; undefined where there is none. */
  readonly score: number | undefined;
}

/** What a combinatorial cross-validation found. */
export interface CrossValidationResult<P = ParameterMap> {
  readonly strategy: StrategyIdentity;
  readonly bundle: BundleIdentity;
  readonly objective: ResolvedObjective;
  readonly split: CombinatorialSplit;
  readonly splits: readonly CrossValidationSplit<P>[];
  /** As many as splits test a group; fewer where a split chose nothing. */
  readonly paths: readonly BacktestPath[];
  /** Mean test score over mean training score; undefined where the latter is not above 0. */
  readonly efficiency: number | undefined;
  readonly parameters: readonly ParameterDrift[];
  readonly trials: TrialCounts;
  readonly workers: number;
  readonly seconds: number;
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'frequency', ...RUN_OPTION_KEYS, 'groups', 'testGroups', 'purge', 'embargo'],
  ...['search', 'trials', 'seed', 'study', 'objective', 'enqueue', 'patience', 'target', 'improvement', 'select'],
  ...['jobs', 'pool', 'trialTimeoutMs', 'heapLimitMb', 'signal', 'optimization'],
  ...['onWarning', 'onStart', 'onProgress', 'onTrial', 'onCaches'],
] as const;

/**
 * Combinatorial purged cross-validation (López de Prado, Advances in Financial Machine Learning, 2018, ch. 12): the run is cut into groups of bars; for every way to
 * choose some of them, parameters are searched on the others and tested on those. The tests make several whole paths through the data in place of one.
 *
 * A trial runs over each range of its training by itself, flat at the beginning, and is judged by the curve that they make end to end; so the objective is a metric
 * of that curve, not one of `analyze`.
 *
 * @throws UsageError for wrong options; RunError `EVERY_TRIAL_FAILED`, `INTERRUPTED`, `NOT_REPRODUCED`
 */
export async function crossValidate<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: CrossValidationOptions<P, M>,
): Promise<CrossValidationResult<P>> {
  rejectUnknownKeys('crossValidate', options, KEYS);
  const begun = performance.now();
  const compiled = await moduleOf(strategy as unknown as Strategy, options);
  return crossValidateLoaded(strategy, compiled, options, begun);
}

/** The same for a strategy in a file. */
export async function crossValidateFile(
  file: string,
  options: CrossValidationOptions<ParameterMap, unknown>,
): Promise<CrossValidationResult<ParameterMap>> {
  rejectUnknownKeys('crossValidate', options, KEYS);
  const begun = performance.now();
  const compiled = await loadStrategy(file);
  return crossValidateLoaded(compiled.strategy as Strategy<ParameterMap, unknown>, compiled, options, begun);
}

function crossValidateLoaded<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  compiled: CompiledStrategy | undefined,
  options: CrossValidationOptions<P, M>,
  begun: number,
): Promise<CrossValidationResult<P>> {
  const { groups, testGroups, purge, embargo, ...others } = options;
  const split: CombinatorialSplit = { groups, testGroups, purge, embargo };
  const request = choosingOptions(others as unknown as Parameters<typeof choosingOptions>[0]);
  const plan = (view: MarketView, objective: ResolvedObjective) => {
    refuseWhole(objective);
    return combinatorialWindows(view, split);
  };
  return withChoices(
    strategy,
    compiled,
    { ...request, score: undefined } as unknown as ChoosingRequest<P>,
    begun,
    plan,
    (chosen) => testAll(split, chosen),
  );
}

function testAll<P extends ParameterMap>(
  split: CombinatorialSplit,
  {
    view,
    windows,
    choices,
    space,
    objective,
    runner,
    run: _run,
    startupSeconds: _startup,
    ...chosen
  }: ChosenWindows<P>,
): CrossValidationResult<P> {
  const begun = performance.now();
  const groupsOf = groupNumbers(windows.flatMap(({ test }) => test));
  const tested = windows.map((window, index) => {
    const choice = choices[index]!;
    const params = choice.params && (space.fromFlat(choice.params) as GivenParams);
    const groups = window.test.map(({ from }) => groupsOf.get(from)!);
    const facts = { number: window.number, groups, trials: choice.trials, trial: choice.trial?.number };
    if (params === undefined) {
      const nothing = { params, trainScore: undefined, testScore: undefined, tests: [], testReads: 0 };
      return { split: { ...facts, ...nothing } as CrossValidationSplit<P>, runs: [] };
    }
    const trainScore = trainingScore(runner, window.number, window.train, choice, params, objective);
    const before = window.test.map((range) => runner.testReads(range));
    const runs = window.test.map((range, part) => {
      const { window: test, result, simulation } = runner.test(range, params, ['test', window.number, part], {});
      return { test, result, trips: simulation.trips, annualization: simulation.annualization };
    });
    const judged = scoreOfJoined(objective, joinRuns(runs, runs[0]!.annualization));
    return {
      split: {
        ...facts,
        params: params as ParamsOf<P>,
        trainScore,
        testScore: judged.state === 'complete' ? judged.value : undefined,
        tests: runs.map(({ test }) => test),
        testReads: Math.max(...window.test.map((range, part) => runner.testReads(range) - before[part]!)),
      } satisfies CrossValidationSplit<P>,
      runs,
    };
  });
  const splits = tested.map((each) => each.split);
  return {
    ...chosen,
    bundle: identityOf(view.bundle),
    objective,
    split,
    splits,
    paths: pathsOf(tested, split.groups, objective),
    efficiency: efficiencyOf(
      splits.map(({ trainScore: train, testScore: test }) => ({ train, test })),
      objective.direction,
    ),
    parameters: parameterDrift(
      space,
      choices.map(({ params }) => params),
    ),
    trials: sumOfCounts(choices.map(({ trials }) => trials)),
    seconds: chosen.seconds + (performance.now() - begun) / 1000,
  };
}

/** Runs what was chosen over the training once more, as the trial did. */
function trainingScore(
  runner: RangeRunner,
  number: number,
  train: readonly RowRange[],
  choice: Choice,
  params: GivenParams,
  objective: ResolvedObjective,
): number | undefined {
  const stream = choice.trial === undefined ? ['average', number] : ['trial', choice.trial.number];
  if (train.length === 1) {
    const { window } = runner.over(train[0]!, params, stream);
    refuseOther(number, choice, window.orderStreamHash);
    return window.score;
  }
  const runs = train.map((range, part) => {
    const { result, simulation } = runner.over(range, params, [...stream, 'part', part]);
    return { result, trips: simulation.trips, annualization: simulation.annualization };
  });
  const joined = joinRuns(runs, runs[0]!.annualization);
  refuseOther(number, choice, joined.orderStreamHash);
  const judged = scoreOfJoined(objective, joined);
  return judged.state === 'complete' ? judged.value : undefined;
}

/** Takes for each path one test of every group: the j-th path the j-th split that tests the group. */
function pathsOf(
  tested: readonly {
    readonly split: { readonly number: number; readonly groups: readonly number[] };
    readonly runs: readonly (PartialRun & { readonly annualization: number })[];
  }[],
  groups: number,
  objective: ResolvedObjective,
): BacktestPath[] {
  const byGroup = Array.from({ length: groups }, (_, group) =>
    tested.flatMap(({ split, runs }) => {
      const place = split.groups.indexOf(group + 1);
      return place < 0 || runs.length === 0 ? [] : [{ split: split.number, run: runs[place]! }];
    }),
  );
  const count = Math.min(...byGroup.map((tests) => tests.length));
  return Array.from({ length: count }, (_, path) => {
    const parts = byGroup.map((tests) => tests[path]!);
    const joined = joinRuns(
      parts.map(({ run }) => run),
      parts[0]!.run.annualization,
    );
    const judged = scoreOfJoined(objective, joined);
    return {
      number: path + 1,
      splits: parts.map(({ split }) => split),
      equity: joined.equity,
      metrics: joined.metrics,
      score: judged.state === 'complete' ? judged.value : undefined,
    };
  });
}

/** Numbers groups by their first rows. */
function groupNumbers(ranges: readonly RowRange[]): Map<number, number> {
  const begins = [...new Set(ranges.map(({ from }) => from))].sort((a, b) => a - b);
  return new Map(begins.map((from, index) => [from, index + 1]));
}

/** Ranges laid end to end have metrics, but no run that a strategy's own words could be about. */
function refuseWhole({ metric }: ResolvedObjective): void {
  if ((METRIC_NAMES as readonly string[]).includes(metric as MetricName)) return;
  throw new UsageError('SPLIT_NEEDS_A_METRIC', {
    message: `The objective '${metric}' is judged over whole runs, and the training of a split is several ranges of bars. Choose one of ${METRIC_NAMES.join(', ')}.`,
    details: { objective: metric },
  });
}
