import { fileURLToPath } from 'node:url';
import { assertInteger } from '../core/assert.js';
import { RunError, UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { formatDate, formatInstant } from '../core/time.js';
import { draftOf } from '../data/bundle-draft.js';
import { type MarketOptions, openMarket } from '../engine/market.js';
import type { MarketView } from '../engine/market-view.js';
import type { ParameterMap, ParamsInput } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { RUN_OPTION_KEYS, resolveRunOptions, splitRunOptions } from '../engine/run-options.js';
import { paramsFor } from '../engine/simulation.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { loadStrategy } from '../engine/strategy-loader.js';
import { type Alteration, alter, type Change, canEndWith } from './altered-market.js';
import { AxisRows } from './axis-rows.js';
import { caveatsOf, decisionsOf } from './caveats.js';
import { type Comparison, compare, compareIndicators } from './comparison.js';
import { cutPoints } from './cut-points.js';
import { type Evidence, hintOf } from './hint.js';
import { outsideReads } from './outside-reads.js';
import type { Trace } from './trace.js';
import { openTracer, type Tracer } from './tracer.js';

/** Where to cut, and what to run on. */
export interface LookaheadOptions<P extends ParameterMap = ParameterMap> extends MarketOptions {
  readonly params?: ParamsInput<P> | undefined;
  /** Seed of the strategy's `random()`. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Number of the trial whose random stream the strategy uses. @defaultValue 0 */
  readonly trial?: number | undefined;
  /** Parts of the run of which each is cut at one bar, from 1, beside the bars that are always cut at. @defaultValue 12 */
  readonly cuts?: number | undefined;
  /** Decides where the parts are cut, and into which other futures. @defaultValue 1 */
  readonly cutSeed?: number | undefined;
  /** Threads at the same time. @defaultValue 2 */
  readonly jobs?: number | undefined;
  /** False runs a strategy that has a file in this thread too: much faster, but what it reads from the store by itself is not cut. @defaultValue true */
  readonly isolated?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** A bar of the run. */
export interface RunBar {
  /** From 0, the first bar of the run. */
  readonly bar: number;
  /** The bar's label: a date for daily bars, else an instant. */
  readonly time: string;
}

/** Where a strategy was found to know its future. */
export interface LookaheadFinding extends RunBar {
  /**
   * What differs: an order, a fill, an error in place of either, an indicator's value (no order hung on it), or, with the market unchanged,
   * a run from its repetition.
   */
  readonly kind: 'order' | 'fill' | 'failure' | 'indicator' | 'repetition';
  /** Symbols of the account or sleeve. */
  readonly symbols: string;
  /** What is done where the future is the recorded one; null for nothing. */
  readonly expected: string | null;
  /** What is done where it is another one; null for nothing. */
  readonly found: string | null;
  /** The last bar that both runs know, and what became of those after it; undefined for a repetition. */
  readonly cut: (RunBar & { readonly change: Change }) | undefined;
  /** The likely cause, in plain words. */
  readonly hint: string;
}

/** What {@link lookahead} found. */
export interface LookaheadReport {
  /** True when no run with another future did anything else before it. */
  readonly clean: boolean;
  /** The earliest difference; undefined when clean. */
  readonly finding: LookaheadFinding | undefined;
  /** Runs with an altered future, and how many of them differed. */
  readonly runs: number;
  readonly differing: number;
  /** Where the future was altered. */
  readonly cuts: readonly (RunBar & { readonly changes: readonly Change[] })[];
  readonly params: GivenParams;
  /** Bundle of the run. */
  readonly bundle: { readonly name: string; readonly version: string; readonly synthetic: boolean };
  /** Bars on which something was ordered, and fills, of the run with the recorded future. */
  readonly decisions: number;
  readonly fills: number;
  /** Of the run with the recorded future. Nothing is liquidated at its end, whatever the options say. */
  readonly orderStreamHash: string;
  /** What the verdict does not cover, in plain words. */
  readonly caveats: readonly string[];
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'frequency', ...RUN_OPTION_KEYS],
  ...['params', 'seed', 'trial', 'cuts', 'cutSeed', 'jobs', 'isolated', 'signal', 'onProgress'],
] as const;

/**
 * Proves that a strategy does not look ahead: runs it again on markets whose future is cut off, or another one, from some bar on, and compares
 * every order and fill up to that bar, and every value of a declared indicator. Each market is a bundle with a version of its own, so that no cache
 * can serve values of the recorded one.
 *
 * A strategy given by its file, or that declares `module`, is loaded afresh for each run in a thread whose store holds the altered bundle alone: what it
 * reads from the store by itself is cut too. Any other object runs in this thread. What a strategy reads from files, or
 * knows by heart, is out of reach: `caveats` says so where it can be seen.
 *
 * @throws UsageError for wrong options, and `NOTHING_TO_CUT` where no bar follows the first decision; RunError when the strategy fails on the
 * recorded market, and `INTERRUPTED`
 */
export async function lookahead<P extends ParameterMap, M>(
  strategy: string | Strategy<P, M>,
  options: LookaheadOptions<P>,
): Promise<LookaheadReport> {
  rejectUnknownKeys('lookahead', options, KEYS);
  const {
    bundle,
    symbols,
    start,
    end,
    frequency,
    params = {},
    seed = 0,
    trial = 0,
    cuts = 12,
    cutSeed = 1,
    jobs = 2,
  } = options;
  assertInteger('cuts', cuts, { min: 1 });
  assertInteger('cutSeed', cutSeed, { min: 0 });
  assertInteger('jobs', jobs, { min: 1 });
  const file = typeof strategy === 'string' ? strategy : moduleOf(strategy);
  const compiled = file === undefined ? undefined : await loadStrategy(file);
  const definition = definitionOf(compiled?.strategy ?? (strategy as Strategy<ParameterMap, unknown>));
  // What a run closes at its end is no decision of its strategy, and an altered market ends elsewhere.
  const run = { ...resolveRunOptions(splitRunOptions(options)[0], definition.costs), liquidate: 'never' } as const;
  const checked = paramsFor(definition, params as GivenParams);
  using market = openMarket({ bundle, symbols, start, end, frequency });
  const { view } = market;
  await using tracer = openTracer({
    definition,
    place:
      options.isolated === false || compiled === undefined ? undefined : { url: compiled.url, path: compiled.path },
    view: { symbols, start, end, frequency },
    run,
    input: { params: checked, seed, trial },
    jobs,
  });
  const proof = new Proof(view, tracer, cutSeed, options);
  const traces = await proof.recorded();
  const cutRows = proof.cutRows(traces[0], cuts);
  const outside = compiled === undefined ? [] : outsideReads(compiled.url);
  return { ...(await proof.conclude(traces, cutRows, outside)), params: checked };
}

/** The work of one proof. */
class Proof {
  readonly #view: MarketView;
  readonly #tracer: Tracer;
  readonly #seed: number;
  readonly #by: Omit<Comparison, 'upTo'>;
  readonly #options: Pick<LookaheadOptions, 'signal' | 'onProgress'>;
  readonly #draft: ReturnType<typeof draftOf>;
  #done = 0;
  #total = 0;

  constructor(
    view: MarketView,
    tracer: Tracer,
    seed: number,
    options: Pick<LookaheadOptions, 'signal' | 'onProgress'>,
  ) {
    this.#view = view;
    this.#tracer = tracer;
    this.#seed = seed;
    this.#by = { rows: new AxisRows(view.group), from: view.from };
    this.#options = options;
    this.#draft = draftOf(view.bundle);
  }

  /** Runs twice on the recorded market. */
  async recorded(): Promise<readonly [Trace, Trace]> {
    const unchanged: Alteration = { row: this.#view.from, change: 'none' };
    const [first, second] = (await this.#traces([unchanged, unchanged])) as [Trace, Trace];
    const { failure } = first;
    if (failure === undefined) return [first, second];
    const alone =
      failure.code === 'BUNDLE_NOT_FOUND' ? ' (For this proof the store holds the bundle of the run alone.)' : '';
    throw new RunError(failure.code, { message: `${failure.message}${alone}`, details: failure.details });
  }

  /** The rows after which to alter the future. */
  cutRows(trace: Trace, cuts: number): number[] {
    const { rows } = this.#by;
    const asked = trace.accounts.flatMap(({ firstAsked }) => (firstAsked === undefined ? [] : [rows.of(firstAsked)]));
    const first = Math.max(this.#view.from, Math.min(...asked));
    const last = Math.min(this.#view.to - 1, Math.max(...this.#view.assets.map(({ listing }) => listing.end)) - 2);
    if (!(first <= last)) {
      throw new UsageError('NOTHING_TO_CUT', {
        message:
          'The strategy is asked on the last bar at the earliest, so there is no future to cut. Give it more bars, or a shorter warm-up.',
      });
    }
    const orders = trace.accounts.flatMap(({ decisions }) => decisions.map((decision) => rows.of(decision)));
    const fills = trace.fills.map(({ row }) => row);
    return cutPoints({ first, last, orders: sorted(orders), fills: sorted(fills) }, cuts, this.#seed);
  }

  /** Alters the future at each of the rows, runs, and compares. */
  async conclude(
    [expected, repeated]: readonly [Trace, Trace],
    cutRows: readonly number[],
    outside: readonly string[],
  ): Promise<Omit<LookaheadReport, 'params'>> {
    const alterations = cutRows.flatMap((row): (Alteration & { readonly change: Change })[] => [
      ...(canEndWith(this.#view, row) ? [{ row, change: 'truncated' } as const] : []),
      { row, change: 'perturbed' },
    ]);
    const repetition = this.#repetition(expected, repeated);
    // Nothing can be said of the future of a strategy that differs from itself.
    const compared = repetition === undefined ? alterations : [];
    const elsewhere: Alteration = { row: this.#view.from, change: 'perturbed' };
    const traces = await this.#traces([...compared, elsewhere], compared.length);
    const evidence = compared.map((alteration, index) => {
      const by = { ...this.#by, upTo: alteration.row };
      const trace = traces[index]!;
      const difference = compare(expected, trace, by);
      return { alteration, upTo: by.upTo, difference, indicators: compareIndicators(expected, trace, by) };
    });
    const finding = repetition ?? this.#finding(evidence);
    const { name, version, manifest } = this.#view.bundle;
    return {
      clean: finding === undefined,
      finding,
      runs: compared.length,
      differing: evidence.filter(differs).length,
      cuts: cutRows.map((row) => ({
        ...this.#bar(row),
        changes: alterations.filter((each) => each.row === row).map(({ change }) => change),
      })),
      bundle: { name, version, synthetic: manifest.synthetic === true },
      decisions: decisionsOf(expected).length,
      fills: expected.fills.length,
      orderStreamHash: expected.orderStreamHash!,
      caveats: caveatsOf(expected, traces.at(-1)!, outside),
    };
  }

  #repetition(first: Trace, second: Trace): LookaheadFinding | undefined {
    const difference = compare(first, second, { ...this.#by, upTo: this.#view.to });
    if (difference === undefined && first.orderStreamHash === second.orderStreamHash) return undefined;
    const { row = this.#view.from, symbols = '', expected = null, found = null } = difference ?? {};
    return {
      kind: 'repetition',
      ...this.#bar(row),
      ...{ symbols, expected, found, cut: undefined },
      hint: 'Two runs over the same market differ: it uses Math.random, a clock, or something kept from run to run. Take chance from random() of the context, time from now, and keep state in what initialize returns.',
    };
  }

  /** The earliest difference; orders and fills before mere values. */
  #finding(evidence: readonly (Evidence & { readonly alteration: Alteration })[]): LookaheadFinding | undefined {
    let best: { readonly rank: number; readonly row: number; readonly finding: LookaheadFinding } | undefined;
    for (const each of evidence.filter(differs)) {
      const { difference, alteration, indicators } = each;
      const [indicator] = indicators;
      const row = difference?.row ?? indicator!.row;
      const rank = difference === undefined ? 1 : 0;
      if (best !== undefined && (best.rank - rank || best.row - row) <= 0) continue;
      const shown = difference ?? {
        kind: 'indicator' as const,
        symbols: indicator!.symbols,
        expected: `${indicator!.name} is ${indicator!.expected}`,
        found: `${indicator!.name} is ${indicator!.found}`,
      };
      const { kind, symbols, expected, found } = shown;
      const cut = { ...this.#bar(alteration.row), change: alteration.change as Change };
      best = {
        rank,
        row,
        finding: { kind, ...this.#bar(row), symbols, expected, found, cut, hint: hintOf(each, evidence) },
      };
    }
    return best?.finding;
  }

  #bar(row: number): RunBar {
    const { frequency, times } = this.#view.group;
    const label = times[Math.min(row, times.length - 1)]!;
    const isDated = frequency === '1d' || frequency === '1w' || frequency === '1mo';
    return { bar: row - this.#view.from, time: isDated ? formatDate(label) : formatInstant(label) };
  }

  /** @param short so many of the first are compared up to their row alone */
  async #traces(alterations: readonly Alteration[], short = 0): Promise<Trace[]> {
    const { signal, onProgress } = this.#options;
    this.#total += alterations.length;
    const { name } = this.#view.bundle;
    return this.#tracer.traces(
      alterations.map((alteration, index) => ({
        name,
        draft: () => alter(this.#draft, this.#view, alteration, this.#seed),
        upTo: index < short ? alteration.row : undefined,
      })),
      {
        signal,
        onTrace: () => onProgress?.({ done: ++this.#done, total: this.#total }),
      },
    );
  }
}

const differs = ({ difference, indicators }: Evidence): boolean => difference !== undefined || indicators.length > 0;

const sorted = (rows: readonly number[]): number[] => [...new Set(rows)].sort((a, b) => a - b);

function moduleOf(strategy: Strategy<ParameterMap, unknown> | Strategy<never, unknown>): string | undefined {
  const { module } = definitionOf(strategy as Strategy<ParameterMap, unknown>);
  return module === undefined ? undefined : fileURLToPath(module);
}
