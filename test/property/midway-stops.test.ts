import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defineStrategy, int, optimize } from '../../src/index.js';
import { bound, type FinishedTrial, type Study } from '../../src/optimize/index.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { openTiny } from '../helpers/tiny-market.js';

/** Buys on one bar of twelve, sells on another: falls of any depth at any time. */
const holder = (enters: number, holds: number) =>
  defineStrategy({
    parameters: { enter: int(0, enters - 1), hold: int(1, 1 + 2 * (holds - 1), { step: 2 }) },
    initialize: () => ({ bars: 0 }),
    handleData({ assets, order, state }, _data, { enter, hold }) {
      const asset = assets[0]!;
      if (state.bars % 12 === 2 * enter) order.percent(asset, 0.9);
      if (state.bars % 12 === 2 * enter + hold) order.close(asset);
      state.bars++;
    },
  });

type Found = FinishedTrial<unknown>;

async function trialsOf(study: Study<never>): Promise<Found[]> {
  const all: Found[] = [];
  for await (const trial of study.trials()) all.push(trial);
  return all;
}

/** The grid of a strategy over a market, searched in this thread. */
const search = async (strategy: ReturnType<typeof holder>, bundle: unknown, objective: string, more: object) => {
  await using study = await optimize(strategy, {
    ...{ bundle: bundle as never, jobs: 1, search: 'grid', cash: 100_000, sizing: 'fractional' as never },
    objective: objective as never,
    ...more,
  });
  return { best: study.best, trials: await trialsOf(study as never) };
};

/** A trial sees the results up to eight before it: the last four of these may be bounded. */
const twelve = holder(3, 4);
const six = holder(3, 2);

const checks = fc.integer({ min: 2, max: 9 });

it('a bound never costs the grid its winner, and what it stops could not have won', async () => {
  let stopped = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(24),
      checks,
      fc.constantFrom('maxDrawdown', 'trades'),
      async (market, parts, metric) => {
        using bundle = await openTiny(tinyOf(market));
        const objective = { metric, direction: 'minimize' } as never;
        const whole = await search(twelve, bundle, objective, {});
        const bounded = await search(twelve, bundle, objective, { prune: bound(), checks: parts });
        expect(bounded.best?.number).toBe(whole.best?.number);
        expect(bounded.best?.values).toEqual(whole.best?.values);
        expect(bounded.best?.orderStreamHash).toBe(whole.best?.orderStreamHash);
        for (const [number, trial] of bounded.trials.entries()) {
          const same = whole.trials[number]!;
          if (trial.stoppedAt === undefined) {
            expect(trial.state).toBe(same.state);
            continue;
          }
          stopped++;
          expect(trial.state).toBe('pruned');
          if (same.state === 'complete') expect(same.values[0]).toBeGreaterThan(whole.best!.values[0]);
        }
      },
    ),
    { numRuns: 1_000 },
  );
  expect(stopped).toBeGreaterThan(300);
}, 240_000);

it('a limit takes away the trials that break it at some close, and no others, however often runs are looked at', async () => {
  const counts = { drawdown: 0, ruin: 0, early: 0 };
  await fc.assert(
    fc.asyncProperty(
      randomMarket(24),
      checks,
      fc.constantFrom(0.01, 0.05, 0.2),
      fc.constantFrom('drawdown' as const, 'ruin' as const),
      async (market, parts, depth, kind) => {
        using bundle = await openTiny(tinyOf(market));
        const lowest: number[] = [];
        const whole = await search(six, bundle, 'totalReturn', {
          objective: (result: { equity: Float64Array; metrics: { totalReturn: number } }) => {
            lowest.push(Math.min(...result.equity));
            return result.metrics.totalReturn;
          },
        });
        const rule = kind === 'drawdown' ? { stopAtDrawdown: depth } : { stopAtRuin: 1 - depth };
        const limited = await search(six, bundle, 'totalReturn', { ...rule, checks: parts });
        const breaks = (number: number): boolean =>
          kind === 'drawdown'
            ? (whole.trials[number]!.metrics?.maxDrawdown ?? 0) > depth
            : lowest[number]! <= (1 - depth) * 100_000;
        for (const [number, trial] of limited.trials.entries()) {
          expect(trial.stoppedAt !== undefined, JSON.stringify(trial)).toBe(breaks(number));
          if (trial.stoppedAt === undefined) {
            expect(trial.orderStreamHash).toBe(whole.trials[number]!.orderStreamHash);
            continue;
          }
          counts[kind]++;
          if (trial.stoppedAt < 1) counts.early++;
          expect(trial.state).toBe('pruned');
        }
        const left = whole.trials.flatMap((trial) =>
          trial.state === 'complete' && !breaks(trial.number) ? [{ number: trial.number, value: trial.values[0] }] : [],
        );
        const [winner] = left.sort((a, b) => b.value - a.value || a.number - b.number);
        expect(limited.best?.number).toBe(winner?.number);
      },
    ),
    { numRuns: 1_000 },
  );
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(300);
}, 240_000);
