import { join } from 'node:path';
import { HindcastError, UsageError } from '../core/errors.js';
import { formatDate, parseDate } from '../core/time.js';
import type { MarketView } from '../engine/market-view.js';
import { settingsOf } from '../engine/optimization-config.js';
import type { ParameterMap } from '../engine/parameters.js';
import type { Strategy } from '../engine/strategy.js';
import { type CompiledStrategy, loadStrategy } from '../engine/strategy-loader.js';
import { lowerBound } from '../market/calendar.js';
import { DAY_MS } from '../market/civil-date.js';
import { METRIC_NAMES, type MetricName } from '../metrics/summary.js';
import { resolveSingleObjective } from '../optimize/objective.js';
import { moduleOf } from '../optimize/strategy-module.js';
import { resolveJobs } from '../parallel/jobs.js';
import { openExecutor } from '../parallel/open-executor.js';
import { heapOptionOf } from '../parallel/pool-options.js';
import { requestOf, type WalkForwardOptions } from './walk-forward.js';
import type { WalkForwardResult } from './walk-forward-result.js';
import { runWalkForward, type WalkForwardRequest } from './walk-forward-run.js';
import { rollingWindows, type Window, type Windowing } from './windows.js';

/** What {@link doubleOutOfSample} compares, and on what it validates the winner. */
export interface DoubleOutOfSampleOptions<P extends ParameterMap, M>
  extends Omit<WalkForwardOptions<P, M>, keyof Windowing> {
  /** Ways to cut the data; at least one. */
  readonly designs: readonly Windowing[];
  /** First date of the period that no design is searched on, YYYY-MM-DD. */
  readonly unseenFrom: string;
}

/** A design and what it came to on the first period. */
export interface JudgedDesign {
  readonly windowing: Windowing;
  /** The objective on its stitched out-of-sample account; undefined where it has none. */
  readonly score: number | undefined;
  readonly windows: number;
  /** Why it could not be tried: it does not fit the data. */
  readonly refused: string | undefined;
}

/** What the protocol found. */
export interface DoubleOutOfSampleResult<P = ParameterMap> {
  readonly designs: readonly JudgedDesign[];
  /** Place of the best design, from 0. */
  readonly chosen: number;
  /** The best design on the first period. */
  readonly searched: WalkForwardResult<P>;
  /** The same design on the unseen period, run once. */
  readonly unseen: WalkForwardResult<P>;
  /** The objective on the unseen period over that on the first, as an efficiency; undefined where the latter is not above 0. */
  readonly kept: number | undefined;
}

/**
 * Double out-of-sample: the design of a walk-forward is itself a parameter, and the best of many designs is partly luck. So designs are compared by their out-of-sample
 * accounts on one period, and the best one is run once on a later period that none of them has touched. Its first test begins with that period; its first trainings
 * reach back before it.
 *
 * @throws UsageError `NO_DESIGNS`, `NO_DESIGN_FITS`, `DESIGN_NEEDS_A_METRIC`, and what a walk-forward throws
 */
export async function doubleOutOfSample<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: DoubleOutOfSampleOptions<P, M>,
): Promise<DoubleOutOfSampleResult<P>> {
  const compiled = await moduleOf(strategy as unknown as Strategy, options);
  return compareDesigns(strategy, compiled, options);
}

/** The same for a strategy in a file. */
export async function doubleOutOfSampleOfFile(
  file: string,
  options: DoubleOutOfSampleOptions<ParameterMap, unknown>,
): Promise<DoubleOutOfSampleResult<ParameterMap>> {
  const compiled = await loadStrategy(file);
  return compareDesigns(compiled.strategy as Strategy<ParameterMap, unknown>, compiled, options);
}

async function compareDesigns<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  compiled: CompiledStrategy | undefined,
  options: DoubleOutOfSampleOptions<P, M>,
): Promise<DoubleOutOfSampleResult<P>> {
  const { designs, unseenFrom, study, ...shared } = options;
  const border = borderOf(unseenFrom);
  const { metric, direction } = resolveSingleObjective(
    (options.objective ?? 'sharpe') as never,
    'Out-of-sample testing',
  );
  if (designs.length === 0) {
    throw new UsageError('NO_DESIGNS', { message: 'There is no design to compare: give lengths for train and test.' });
  }
  if (!(METRIC_NAMES as readonly string[]).includes(metric)) {
    throw new UsageError('DESIGN_NEEDS_A_METRIC', {
      message: `Designs are compared by their stitched accounts, and '${metric}' is judged over whole runs. Choose one of ${METRIC_NAMES.join(', ')}.`,
      details: { objective: metric },
    });
  }
  const { workers } = resolveJobs(options.pool?.workers ?? options.jobs);
  const limits = heapOptionOf(options);
  // One set of workers for all designs, warm from the second on.
  await using own =
    options.pool === undefined
      ? openExecutor({ workers, persistent: settingsOf(options.optimization).persistentPool, ...limits })
      : undefined;
  const walk = (
    windowing: Windowing,
    place: string,
    more: Partial<WalkForwardRequest<P>>,
  ): Promise<WalkForwardResult<P>> => {
    const folder = study === undefined ? {} : { study: join(study, place) };
    const given = { ...shared, ...windowing, ...folder, pool: options.pool ?? own };
    const request = requestOf(given as unknown as WalkForwardOptions<ParameterMap, unknown>);
    const market = { ...request.market, ...more.market };
    const full = { ...request, ...more, market, score: undefined } as unknown as WalkForwardRequest<P>;
    return runWalkForward(strategy, compiled, full, performance.now());
  };
  const end = formatDate(border - DAY_MS);
  const judged: JudgedDesign[] = [];
  let best: { readonly index: number; readonly score: number; readonly result: WalkForwardResult<P> } | undefined;
  for (const [index, windowing] of designs.entries()) {
    const place = `design-${String(index + 1).padStart(2, '0')}`;
    let result: WalkForwardResult<P>;
    try {
      result = await walk(windowing, place, { market: { bundle: options.bundle, end } });
    } catch (error) {
      if (!(error instanceof HindcastError) || error.code !== 'NO_ROOM_FOR_WINDOWS') throw error;
      judged.push({ windowing, score: undefined, windows: 0, refused: error.message });
      continue;
    }
    const score = result.stitched.metrics[metric as MetricName];
    judged.push({ windowing, score, windows: result.windows.length, refused: undefined });
    if (score === undefined) continue;
    if (best === undefined || (direction === 'maximize' ? score > best.score : score < best.score)) {
      best = { index, score, result };
    }
  }
  if (best === undefined) {
    throw new UsageError('NO_DESIGN_FITS', {
      message: `No design has a result on the bars up to ${end}: ${judged[0]!.refused ?? `${metric} is not available`}`,
      details: { designs: designs.length },
    });
  }
  const { windows: _windows, ...design } = designs[best.index]!;
  const unseen = await walk(design, 'unseen', { plan: (view) => windowsFrom(view, design, border) });
  const after = unseen.stitched.metrics[metric as MetricName];
  const [kept, of] = direction === 'maximize' ? [after, best.score] : [best.score, after];
  return {
    designs: judged,
    chosen: best.index,
    searched: best.result,
    unseen,
    kept: kept === undefined || of === undefined || !(of > 0) ? undefined : kept / of,
  };
}

/** Windows whose first test begins at the first bar of a period: the origin is the latest from which it does not begin before. */
function windowsFrom({ group, from, to }: MarketView, design: Windowing, border: number): Window[] {
  const first = lowerBound(group.times, border);
  /** Infinity where no window fits: from too late an origin. */
  const testOf = (origin: number): number => {
    try {
      return rollingWindows(group, { from: origin, to }, { ...design, windows: 1 })[0]!.test[0]!.from;
    } catch (error) {
      if (error instanceof HindcastError && error.code === 'NO_ROOM_FOR_WINDOWS') return Number.POSITIVE_INFINITY;
      throw error;
    }
  };
  // The later the origin, the later the test.
  let [low, high] = [from, Math.min(first, to - 1)];
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (testOf(middle) > first) high = middle;
    else low = middle;
  }
  // A length in calendar units may jump over the border: then the test begins at the first bar behind it.
  const origin = testOf(low) >= first ? low : high;
  if (!Number.isFinite(testOf(origin)) || testOf(from) > first) {
    throw new UsageError('NO_UNSEEN_PERIOD', {
      message: `No test can begin on ${formatDate(border)}: the data need a whole training before it and a whole test behind it. Choose another date, or shorter windows.`,
      details: { unseenFrom: formatDate(border) },
    });
  }
  const windows = rollingWindows(group, { from: origin, to }, design);
  if (design.anchored !== true) return windows;
  return windows.map((window) => ({ ...window, train: [{ ...window.train[0]!, from }] }));
}

function borderOf(unseenFrom: string): number {
  try {
    return parseDate(unseenFrom);
  } catch (cause) {
    throw new UsageError('INVALID_DATE', {
      message: `'unseenFrom' is a date such as 2018-01-01, not '${unseenFrom}'.`,
      details: { unseenFrom },
      cause,
    });
  }
}
