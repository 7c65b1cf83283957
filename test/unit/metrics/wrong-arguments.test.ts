import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/core/decimal.js';
import { UsageError } from '../../../src/core/errors.js';
import { SeededRandom } from '../../../src/core/random.js';
import * as metrics from '../../../src/metrics/index.js';

const column = (...values: number[]): Float64Array => Float64Array.of(...values);
const returns = column(0.01, -0.02, 0.03, -0.01);
const holed = column(0.01, Number.NaN, 0.03, -0.01);
const shorter = column(0.01, -0.02);
const values = column(100, 101, 99, 102);
const trips = { trades: 2, wins: 1, grossProfit: 10, grossLoss: 5 };
const random = (): SeededRandom => SeededRandom.derive(1, 'wrong arguments');
const trip = metrics.roundTrips([
  { row: 0, time: 0, kind: 'fill', quantity: new Decimal(1), price: new Decimal(10), fee: new Decimal(0) },
  { row: 1, time: 1, kind: 'fill', quantity: new Decimal(-1), price: new Decimal(11), fee: new Decimal(0) },
])[0]!;

/** Metrics that take the periods of a year. */
const YEARLY: readonly [name: string, (annualization: number) => unknown][] = [
  ['annualVolatility', (a) => metrics.annualVolatility(returns, a)],
  ['sharpeRatio', (a) => metrics.sharpeRatio(returns, a)],
  ['sortinoRatio', (a) => metrics.sortinoRatio(returns, a)],
  ['calmarRatio', (a) => metrics.calmarRatio(returns, a)],
  ['annualRate', (a) => metrics.annualRate(1.1, 10, a)],
  ['downsideRisk', (a) => metrics.downsideRisk(returns, a)],
  ['periodReturn', (a) => metrics.periodReturn(-0.1, a)],
  ['alphaBeta', (a) => metrics.alphaBeta(returns, returns, a)],
  ['captureRatio', (a) => metrics.captureRatio(returns, returns, a)],
  ['upDownCapture', (a) => metrics.upDownCapture(returns, returns, a)],
  ['compoundedAnnualReturn', (a) => metrics.compoundedAnnualReturn(values, a)],
  ['compoundedVolatility', (a) => metrics.compoundedVolatility(values, a)],
  ['compoundedSharpe', (a) => metrics.compoundedSharpe(values, a)],
  ['compoundedSortino', (a) => metrics.compoundedSortino(values, a)],
  ['summarize', (a) => metrics.summarize(values, 100, a, trips)],
];

describe.each(YEARLY)('%s', (_name, figure) => {
  it.each([Number.NaN, 0, -252, Number.POSITIVE_INFINITY])('refuses %d periods a year', (annualization) => {
    expect(() => figure(annualization)).toThrow(UsageError);
    expect(() => figure(annualization)).toThrow(/^annualization must be /);
  });
});

describe('a row that is NaN', () => {
  it.each<[name: string, unknown]>([
    ['totalReturn', metrics.totalReturn(holed)],
    ['annualVolatility', metrics.annualVolatility(holed, 252)],
    ['sharpeRatio', metrics.sharpeRatio(holed, 252)],
    ['sortinoRatio', metrics.sortinoRatio(holed, 252)],
    ['calmarRatio', metrics.calmarRatio(holed, 252)],
    ['maxDrawdown', metrics.maxDrawdown(holed, 1)],
    ['downsideRisk', metrics.downsideRisk(holed, 252)],
    ['omegaRatio', metrics.omegaRatio(holed)],
    ['valueAtRisk', metrics.valueAtRisk(holed)],
    ['conditionalValueAtRisk', metrics.conditionalValueAtRisk(holed)],
    ['tailRatio', metrics.tailRatio(holed)],
    ['stability', metrics.stability(holed)],
    ['paretoTail', metrics.paretoTail(holed)],
    ['beta', metrics.beta(returns, holed)],
    ['informationRatio', metrics.informationRatio(returns, holed)],
    ['captureRatio', metrics.captureRatio(returns, holed, 252)],
    ['upDownCapture', metrics.upDownCapture(returns, holed, 252)],
    ['betaFragility', metrics.betaFragility(returns, holed)],
    ['betaFragility of holed returns', metrics.betaFragility(holed, returns)],
    ['compoundedAnnualReturn', metrics.compoundedAnnualReturn(holed, 252)],
    [
      'returnProfitFactor',
      metrics.tradeStatistics([
        { profit: 1, return: 0.1 },
        { profit: -1, return: Number.NaN },
        { profit: -1, return: -0.1 },
      ]).returnProfitFactor,
    ],
  ])('makes %s undefined', (_name, found) => {
    expect(found).toBeUndefined();
  });

  it.each([column(100, Number.NaN, 102, 101), column(Number.NaN, 100, 101, 102), column(100, 101, 102, Number.NaN)])(
    'leaves a summary with what round trips tell',
    (equity) => {
      const { winRate, profitFactor, trades, ...account } = metrics.summarize(equity, 100, 252, trips);
      expect([winRate, profitFactor, trades]).toEqual([0.5, 2, 2]);
      expect(Object.values(account).every((value) => value === undefined)).toBe(true);
    },
  );

  it.each([0, -100, Number.NaN])('and cash of %d to begin with tell as little', (cash) => {
    const {
      winRate: _winRate,
      profitFactor: _profitFactor,
      trades: _trades,
      ...account
    } = metrics.summarize(values, cash, 252, trips);
    expect(Object.values(account).every((value) => value === undefined)).toBe(true);
  });
});

describe('an argument that makes no sense is refused:', () => {
  it.each<[says: string, call: () => unknown]>([
    ['returns and benchmark', () => metrics.beta(returns, shorter)],
    ['returns and benchmark', () => metrics.alphaBeta(returns, shorter, 252)],
    ['returns and benchmark', () => metrics.informationRatio(returns, shorter)],
    ['returns and benchmark', () => metrics.betaFragility(returns, shorter)],
    ['returns and benchmark', () => metrics.captureRatio(returns, shorter, 252)],
    ['returns and benchmark', () => metrics.logBeta(values, column(1, 2))],
    ["Did you mean 'up'?", () => metrics.marketSide(returns, returns, 'upp' as 'up')],
    ['times and returns', () => metrics.aggregateReturns(returns, shorter, 'day')],
    ['times and values', () => metrics.spanValues(values, shorter, 'day')],
    ["Did you mean 'month'?", () => metrics.spanEnds(column(1, 2), 'months' as 'month')],
    ['times must ascend', () => metrics.spanEnds(column(2, 1), 'day')],
    ['times must hold', () => metrics.spanEnds(column(1, Number.NaN), 'day')],
    ['startingValue', () => metrics.maxDrawdown(values, 0)],
    ['startingValue', () => metrics.maxDrawdown(values, Number.NaN)],
    ['cutoff', () => metrics.valueAtRisk(returns, 5)],
    ['cutoff', () => metrics.conditionalValueAtRisk(returns, -1)],
    ['cutoff', () => metrics.conditionalValueAtRisk(returns, Number.NaN)],
    ['probability', () => metrics.paretoTail(returns, 0)],
    ['probability', () => metrics.paretoTail(returns, 1)],
    ['rows', () => metrics.exposure([], 2.5)],
    ['rows', () => metrics.exposure([], -1)],
    ['exitRow', () => metrics.exposure([{ entryRow: 0, exitRow: 9 }], 5)],
    ['entryRow', () => metrics.exposure([{ entryRow: Number.NaN, exitRow: 2 }], 5)],
    ['entryRow', () => metrics.exposure([{ entryRow: 3, exitRow: 2 }], 5)],
    ['fillAt', () => metrics.excursions(trip, values, values, 'opening' as 'open')],
    ['low and high', () => metrics.excursions(trip, values, shorter, 'open')],
    ['window', () => metrics.rolling([returns], 1.5, () => 0)],
    ['window', () => metrics.rolling([returns], 0, () => 0)],
    ['columns[1] and columns[0]', () => metrics.rolling([returns, shorter], 2, () => 0)],
    ["Did you mean 'fifo'?", () => metrics.roundTrips([], 'lifo' as 'fifo')],
    ['wins', () => metrics.winRate({ ...trips, wins: 3 })],
    ['trades', () => metrics.winRate({ ...trips, trades: 1.5 })],
    ['profit', () => metrics.tradeStatistics([{ profit: Number.NaN, return: 0 }])],
    ['ps[1]', () => metrics.holm([0.1, Number.NaN])],
    ['ps[0]', () => metrics.holm([1.5])],
    ['confidence', () => metrics.meanInterval(returns, 1)],
    ['confidence', () => metrics.meanInterval(returns, Number.NaN)],
    ['a sample', () => metrics.meanInterval(holed)],
    ['a sample', () => metrics.welchTest(returns, holed)],
    ['a sample', () => metrics.pooledTest(returns, holed)],
    ['a sample', () => metrics.pairedTest(returns, holed)],
    ['a sample', () => metrics.cohensD(holed, returns)],
    ['a sample', () => metrics.mannWhitney(returns, holed, 'asymptotic')],
    ['method', () => metrics.mannWhitney(returns, returns, 'fast' as 'exact')],
    ['a sample', () => metrics.wilcoxon(returns, holed)],
    ['a sample', () => metrics.kolmogorovSmirnov(holed, returns)],
    ['resamples', () => metrics.differenceInterval(returns, returns, { random: random(), resamples: 0 })],
    ['confidence', () => metrics.differenceInterval(returns, returns, { random: random(), confidence: 95 })],
    ['b must hold', () => metrics.differenceInterval(returns, holed, { random: random() })],
    ['a must hold', () => metrics.differenceInterval(column(), returns, { random: random() })],
    ['sample must hold', () => metrics.meanBcaInterval(column(1), { random: random() })],
    ['confidence', () => metrics.meanBcaInterval(returns, { random: random(), confidence: 0 })],
    ['statistic', () => metrics.ratioInterval(values, values, 'mode' as 'mean', { random: random() })],
    ['below must hold', () => metrics.ratioInterval(returns, holed, 'mean', { random: random() })],
  ])('%s (case %#)', (says, call) => {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(says);
  });
});
