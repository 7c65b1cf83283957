import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/metrics/summary.js';
import { excessOf, parseCondition, resolveConditions } from '../../../src/optimize/conditions.js';
import {
  judge,
  parseObjective,
  type ResolvedObjective,
  resolveObjective,
  scoreOf,
} from '../../../src/optimize/objective.js';

const number = fc.double({ min: -100, max: 100, noNaN: true });
const METRICS = ['a', 'b', 'c'] as const;
const bounds = fc
  .tuple(number, number, fc.integer({ min: 0, max: 2 }))
  .map(([x, y, which]) =>
    which === 0 ? { min: x } : which === 1 ? { max: y } : { min: Math.min(x, y), max: Math.max(x, y) },
  );

describe('conditions', () => {
  it('take the value of a run that breaks one, and lower the value of the others by their prices', () => {
    fc.assert(
      fc.property(
        fc.record({ a: number, b: number, c: number }),
        fc.constantFrom('maximize' as const, 'minimize' as const),
        fc.dictionary(fc.constantFrom(...METRICS), bounds),
        fc.dictionary(
          fc.constantFrom(...METRICS),
          fc
            .tuple(bounds, fc.double({ min: 0.001, max: 10, noNaN: true }))
            .map(([bound, weight]) => ({ ...bound, weight })),
        ),
        (metrics, direction, require, penalties) => {
          const objective: ResolvedObjective = {
            metric: 'a',
            direction,
            also: [{ metric: 'b', direction: 'maximize' }],
            ...resolveConditions({ require, penalties }),
          };
          const found = judge(objective, (metric) => metrics[metric as 'a']);
          const inside = ({ min = -1e9, max = 1e9 }: { min?: number; max?: number }, value: number): boolean =>
            value >= min && value <= max;
          const holds = Object.entries(require).every(([metric, bound]) => inside(bound, metrics[metric as 'a']));
          expect(found.state).toBe(holds ? 'complete' : 'pruned');
          if (found.state !== 'complete') {
            expect(found.broken).toBe(true);
            return;
          }
          let price = 0;
          for (const [metric, penalty] of Object.entries(penalties)) {
            const value = metrics[metric as 'a'];
            if (penalty.min !== undefined && value < penalty.min) price += penalty.weight * (penalty.min - value);
            if (penalty.max !== undefined && value > penalty.max) price += penalty.weight * (value - penalty.max);
          }
          expect(found.value).toBeCloseTo(direction === 'maximize' ? metrics.a - price : metrics.a + price, 6);
          expect(found.values).toEqual([found.value, metrics.b]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes a metric of any name as the higher the better', () => {
    for (const metric of ['mine', 'toString', 'constructor'])
      expect(resolveObjective(metric)).toEqual({ metric, direction: 'maximize' });
    expect(resolveObjective('maxDrawdown')).toEqual({ metric: 'maxDrawdown', direction: 'minimize' });
  });

  it('are closed at both ends, and prune a run without the metric', () => {
    expect(excessOf({ min: 1, max: 2 }, 1)).toBe(0);
    expect(excessOf({ min: 1, max: 2 }, 2)).toBe(0);
    expect(excessOf({ min: 1, max: 2 }, 2.5)).toBe(0.5);
    const objective = { ...resolveObjective('sharpe'), ...resolveConditions({ require: { winRate: { min: 0.5 } } }) };
    const score = judge(objective, (metric) => (metric === 'sharpe' ? 1 : undefined));
    expect(score).toEqual({ state: 'pruned', reason: 'winRate is not available: too few returns or trades' });
  });

  it('are errors on metrics that nobody knows, whatever else a run lacks', () => {
    const metrics = summarize(Float64Array.of(100, 110), 100, 252, {
      trades: 0,
      wins: 0,
      grossProfit: 0,
      grossLoss: 0,
    });
    const run = { metrics, custom: {}, endingEquity: '110', orders: 1, fills: 1, orderStreamHash: '' };
    const objective = { ...resolveObjective('winRate'), ...resolveConditions({ require: { ordres: { min: 3 } } }) };
    expect(() => scoreOf(objective, run, () => expect.unreachable())).toThrow("No metric 'ordres'");
    expect(scoreOf(resolveObjective('winRate'), run, () => expect.unreachable())).toMatchObject({ state: 'pruned' });
  });

  it('are written METRIC:min=NUMBER', () => {
    expect(parseCondition('require', 'trades:min=30', ['min', 'max'])).toEqual(['trades', { min: 30 }]);
    expect(parseCondition('penalty', ' turnover:max=2.5, weight=0.1', ['min', 'max', 'weight'])).toEqual([
      'turnover',
      { max: 2.5, weight: 0.1 },
    ]);
    for (const text of [
      'trades',
      'trades:',
      ':min=1',
      'trades:min',
      'trades:min=x',
      'trades:min=0x10',
      'trades:least=1',
      'a:min=1:2',
      'a:min=1,min=2',
    ]) {
      expect(() => parseCondition('require', text, ['min', 'max']), text).toThrow(
        'is written METRIC:min=NUMBER,max=NUMBER',
      );
    }
  });

  it.each([
    [{ require: { trades: {} } }, 'trades needs a least value (min), a greatest (max) or both'],
    [{ require: { trades: { min: Number.NaN } } }, 'A bound of trades is a finite number'],
    [{ require: { trades: { min: 3, max: 2 } } }, 'The least trades is at most the greatest, 2, not 3.'],
    [{ require: { trades: { mni: 3 } } }, "Did you mean 'min'?"],
    [
      { penalties: { trades: { min: 3, weight: 0 } } },
      'The weight of the penalty on trades is a number above 0, not 0.',
    ],
  ])('refuse %j', (given, says) => {
    expect(() => resolveConditions(given as never)).toThrow(says);
  });

  it('come back with the objective from a journal', () => {
    const written = {
      ...parseObjective('sharpe,trades:minimize'),
      ...resolveConditions({ require: { trades: { min: 2 } }, penalties: { turnover: { max: 3, weight: 2 } } }),
    };
    expect(resolveObjective(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });
});
