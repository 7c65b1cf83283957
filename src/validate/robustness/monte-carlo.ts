import { assertFinite, assertInteger, assertNumber, assertOneOf } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { maxDrawdown } from '../../metrics/drawdown.js';
import { calmarRatio, sharpeRatio, sortinoRatio } from '../../metrics/ratios.js';
import { annualRate, compounded } from '../../metrics/returns.js';
import { blockLengths } from '../bootstrap/block-length.js';
import { checkResampling, type Resampling, resample } from '../bootstrap/resampling.js';
import { type Distribution, distributionOf } from './distribution.js';

/** The figures of a resampled record. */
const FIGURES = ['totalReturn', 'annualReturn', 'sharpe', 'sortino', 'calmar', 'maxDrawdown'] as const;

type Figure = (typeof FIGURES)[number];

/** What {@link bootstrapReturns} returns. */
export interface ReturnBootstrap {
  readonly method: Resampling;
  readonly runs: number;
  /** Mean length of the blocks that returns were drawn in. */
  readonly blockLength: number;
  /** Share of the runs that end below where they began. */
  readonly probabilityOfLoss: number;
  readonly figures: Readonly<Partial<Record<Figure, Distribution>>>;
}

/**
 * Draws a record's returns again and again, and returns how its figures spread: what the record might have been by other luck of the same
 * kind. Returns of neighbouring sessions stay together in blocks, so that runs of good and bad times remain.
 *
 * @param returns at least two, by session
 * @param options `method`, @defaultValue 'stationary'; `blockLength`, at least 1, rounded for `block`, @defaultValue by Politis and White; `runs`, @defaultValue 1000
 * @throws UsageError `TOO_FEW_RETURNS`, `NOT_A_NUMBER` for a return that is none, `INVALID_OPTION` or `OUT_OF_RANGE` for an option
 */
export function bootstrapReturns(
  returns: ReadonlyFloat64Array,
  options: {
    readonly sessionsPerYear: number;
    readonly seed: number;
    readonly method?: Resampling;
    readonly blockLength?: number;
    readonly runs?: number;
  },
): ReturnBootstrap {
  const { sessionsPerYear, seed, method = 'stationary', runs = 1000 } = options;
  assertInteger('runs', runs, { min: 1 });
  assertNumber('sessionsPerYear', sessionsPerYear, { above: 0 });
  if (options.blockLength !== undefined) assertNumber('blockLength', options.blockLength, { min: 1 });
  assertFinite('returns', returns);
  if (returns.length < 2) {
    throw new UsageError('TOO_FEW_RETURNS', {
      message: `A bootstrap needs at least two returns, not ${returns.length}. Give a longer record.`,
    });
  }
  const automatic = blockLengths(returns);
  const chosen = options.blockLength ?? (method === 'block' ? automatic.block : automatic.stationary);
  const blockLength = method === 'independent' ? 1 : method === 'block' ? Math.max(1, Math.round(chosen)) : chosen;
  checkResampling(method, blockLength);
  const random = SeededRandom.derive(seed, 'monte carlo', method);
  const rows = new Int32Array(returns.length);
  const drawn = new Float64Array(returns.length);
  const found: Record<Figure, (number | undefined)[]> = {
    totalReturn: [],
    annualReturn: [],
    sharpe: [],
    sortino: [],
    calmar: [],
    maxDrawdown: [],
  };
  for (let run = 0; run < runs; run++) {
    resample(random, method, blockLength, rows);
    for (let i = 0; i < rows.length; i++) drawn[i] = returns[rows[i]!]!;
    const values = compounded(drawn);
    const growth = values[values.length - 1]!;
    found.totalReturn.push(growth - 1);
    found.annualReturn.push(annualRate(growth, values.length, sessionsPerYear));
    found.sharpe.push(sharpeRatio(drawn, sessionsPerYear));
    found.sortino.push(sortinoRatio(drawn, sessionsPerYear));
    found.calmar.push(calmarRatio(drawn, sessionsPerYear));
    found.maxDrawdown.push(maxDrawdown(values, 1));
  }
  const figures: Partial<Record<Figure, Distribution>> = {};
  for (const name of FIGURES) {
    const spread = distributionOf(found[name]);
    if (spread !== undefined) figures[name] = spread;
  }
  const losses = found.totalReturn.reduce((count: number, value) => count + (value! < 0 ? 1 : 0), 0);
  return { method, runs, blockLength, probabilityOfLoss: losses / runs, figures };
}

/** Figures that the order of the trades decides. */
const PATH_FIGURES = ['maxDrawdown', 'longestDrawdown', 'longestLosingStreak', 'lowestValue'] as const;

/** A figure that the order of the trades decides. */
export type PathFigure = (typeof PATH_FIGURES)[number];

/** What a trade brings at another place: the share of the account that it earned, or the money. */
export type TradeSize = 'share' | 'money';

/** What {@link permuteTrades} returns. */
export interface TradePermutation {
  readonly runs: number;
  readonly trades: number;
  /** What a trade keeps when it changes its place. */
  readonly by: TradeSize;
  /** The figures that were asked for, of the trades in the order in which they happened. */
  readonly recorded: Readonly<Partial<Record<PathFigure, number>>>;
  /** The same in other orders. */
  readonly figures: Readonly<Partial<Record<PathFigure, Distribution>>>;
}

/**
 * Brings a record's trades into other orders, and returns how the figures spread that the order decides: the deepest fall and the longest one
 * (in trades), the longest row of losses, the lowest account value. All others are the same in every order, and are refused.
 *
 * A trade is taken along as the share of the account that it earned or lost: an account that has grown tenfold trades ten times as much, and its last loss in money would
 * have ruined the one that it began as.
 *
 * @param profits of each closed trade, in money, in the order of their ends, at least one
 * @param options `figures` that are wanted, @defaultValue all of the path; `runs`, @defaultValue 1000; `by`, @defaultValue 'share', 'money' where a trade left
 * nothing of the account
 * @throws UsageError `ORDER_INVARIANT_METRIC` for a figure that no order changes, `UNKNOWN_METRIC` for no figure at all, `NOT_A_NUMBER` for a profit that is none,
 * `OUT_OF_RANGE` for an option
 */
export function permuteTrades(
  profits: ReadonlyFloat64Array,
  options: {
    readonly startingCash: number;
    readonly seed: number;
    readonly runs?: number;
    readonly figures?: readonly string[];
    readonly by?: TradeSize;
  },
): TradePermutation {
  const { startingCash, seed, runs = 1000, figures: wanted = PATH_FIGURES } = options;
  assertInteger('runs', runs, { min: 1 });
  assertNumber('startingCash', startingCash, { above: 0 });
  assertFinite('profits', profits);
  for (const name of wanted) refuseInvariant(name);
  if (profits.length === 0) {
    throw new UsageError('NO_TRADES', {
      message: 'The run closed no trade, so there is nothing to bring into another order.',
    });
  }
  const random = SeededRandom.derive(seed, 'trade order');
  const trades = [...(profits as Float64Array)];
  const shares = sharesOf(trades, startingCash);
  const { by = shares === undefined ? 'money' : 'share' } = options;
  assertOneOf('by', by, ['share', 'money']);
  if (by === 'share' && shares === undefined) {
    throw new UsageError('OUT_OF_RANGE', {
      message:
        "One of the trades left nothing of the account, so that those behind it have no share of it. Leave 'by' out, or give 'money'.",
    });
  }
  const moved = by === 'share' ? shares! : trades;
  const own = pathFigures(trades, startingCash, 'money');
  const found = Array.from({ length: runs }, () => pathFigures(random.shuffle([...moved]), startingCash, by));
  const recorded: Partial<Record<PathFigure, number>> = {};
  const figures: Partial<Record<PathFigure, Distribution>> = {};
  for (const name of PATH_FIGURES) {
    if (!wanted.includes(name)) continue;
    recorded[name] = own[name];
    figures[name] = distributionOf(found.map((each) => each[name]))!;
  }
  return { runs, trades: trades.length, by, recorded, figures };
}

/** Figures of trades that are sums, or made of sums: every order gives the same. */
const INVARIANT: ReadonlySet<string> = new Set([
  ...['sharpe', 'sortino', 'totalReturn', 'annualReturn', 'annualVolatility', 'winRate', 'profitFactor', 'trades'],
  ...['expectancy', 'averageTrade', 'averageProfit', 'payoffRatio', 'sqn', 'kelly', 'bestTrade', 'worstTrade', 'omega'],
]);

function refuseInvariant(name: string): void {
  if ((PATH_FIGURES as readonly string[]).includes(name)) return;
  if (INVARIANT.has(name)) {
    throw new UsageError('ORDER_INVARIANT_METRIC', {
      message: `${name} is the same in every order of the trades: a permutation would show a certainty that is none. Use the bootstrap of returns instead, which draws some of them more than once: hindcast validate --tests bootstrap.`,
      details: { metric: name, instead: 'bootstrap' },
    });
  }
  throw new UsageError('UNKNOWN_METRIC', {
    message: `A permutation of trades knows ${PATH_FIGURES.join(', ')}, not '${name}'.`,
    details: { metric: name, known: PATH_FIGURES },
  });
}

/** What each trade earned or lost of the account before it; undefined where one left nothing of it. */
function sharesOf(profits: readonly number[], startingCash: number): number[] | undefined {
  const shares: number[] = [];
  let value = startingCash;
  for (const profit of profits) {
    shares.push(profit / value);
    value += profit;
    // A share of all, or of more, would take what comes behind it along.
    if (!(value > 0)) return undefined;
  }
  return shares;
}

/** @param trades profits in money, or shares of the account */
function pathFigures(trades: readonly number[], startingCash: number, by: TradeSize): Record<PathFigure, number> {
  let [value, peak, lowest] = [startingCash, startingCash, startingCash];
  let [deepest, below, longest, streak, worst] = [0, 0, 0, 0, 0];
  for (const trade of trades) {
    const profit = by === 'money' ? trade : value * trade;
    value += profit;
    lowest = Math.min(lowest, value);
    streak = profit < 0 ? streak + 1 : 0;
    worst = Math.max(worst, streak);
    if (value >= peak) {
      peak = value;
      below = 0;
    } else {
      below++;
      longest = Math.max(longest, below);
      deepest = Math.max(deepest, 1 - value / peak);
    }
  }
  return { maxDrawdown: deepest, longestDrawdown: longest, longestLosingStreak: worst, lowestValue: lowest };
}
