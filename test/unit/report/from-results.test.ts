import { describe, expect, it } from 'vitest';
import { asEpochMs } from '../../../src/core/brand.js';
import { Decimal } from '../../../src/core/decimal.js';
import type { BacktestResult } from '../../../src/engine/result.js';
import type { JournalTrial } from '../../../src/optimize/trial.js';
import { reportRun, reportTrial, topTrials } from '../../../src/report/from-results.js';

const complete = (number: number, value: number, duplicateOf?: number): JournalTrial => ({
  number,
  params: { fast: number, slow: null },
  enqueued: false,
  foreign: false,
  state: 'complete',
  ending: {
    state: 'complete',
    values: [value],
    metrics: { sharpe: value, winRate: null },
    ...(duplicateOf === undefined ? {} : { duplicateOf }),
  },
});
const pruned: JournalTrial = {
  number: 9,
  params: { fast: 50 },
  enqueued: false,
  foreign: false,
  state: 'pruned',
  ending: { state: 'pruned', value: 7, reason: 'no trades' },
};

describe('reportTrial', () => {
  it('gives a value to complete trials alone, and leaves out parameters that do not apply', () => {
    expect(reportTrial(complete(1, 0.5))).toEqual({ number: 1, params: { fast: 1 }, value: 0.5, state: 'complete' });
    expect(reportTrial(pruned)).toEqual({ number: 9, params: { fast: 50 }, value: null, state: 'pruned' });
    expect(reportTrial({ number: 2, params: {}, enqueued: true, foreign: false, state: 'waiting' }).state).toBe(
      'running',
    );
  });
});

describe('topTrials', () => {
  const trials = [complete(0, 1), complete(1, 3), pruned, complete(2, 3), complete(3, 2), complete(4, 3, 1)];
  it.each([
    { direction: 'maximize', numbers: [1, 2, 3] },
    { direction: 'minimize', numbers: [0, 3, 1] },
  ] as const)('ranks to $direction, the earlier of equals first, no copies', ({ direction, numbers }) => {
    expect(topTrials(trials, direction, 3).map(({ number }) => number)).toEqual(numbers);
  });

  it('keeps metrics that are not available as null', () => {
    expect(topTrials(trials, 'maximize', 1)[0]!.metrics).toEqual({ sharpe: 3, winRate: null });
  });
});

describe('reportRun', () => {
  it('keeps money exact, and quantities positive with their side', () => {
    const asset = { symbol: 'AAA' } as BacktestResult['fills'][number]['asset'];
    const exact = { quantity: new Decimal('-0.00000001'), price: new Decimal('10.50'), fee: new Decimal('0.01') };
    const result = {
      startingCash: new Decimal('100000'),
      endingEquity: new Decimal('123456789012345678.12345678'),
      times: new Float64Array([0]),
      equity: new Float64Array([100_000]),
      fills: [{ asset, time: asEpochMs(0), quantity: -1e-8, price: 10.5, exact }],
      metrics: { sharpe: undefined, totalReturn: 0.1 },
    } as unknown as BacktestResult;
    const run = reportRun(result, { fast: 1, slow: null }, { turnover: 2 });
    expect(run.endingEquity).toBe('123456789012345678.12345678');
    expect(run.params).toEqual({ fast: 1 });
    expect(run.metrics).toEqual({ sharpe: null, totalReturn: 0.1, turnover: 2 });
    expect(run.fills).toEqual([
      { time: 0, symbol: 'AAA', side: 'sell', quantity: '0.00000001', price: '10.5', fee: '0.01' },
    ]);
  });
});
