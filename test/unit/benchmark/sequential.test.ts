import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composed, savingOf, timeRatioOf } from '../../../src/benchmark/composition.js';
import { evaluateInRankOrder, type StepOutcome } from '../../../src/benchmark/sequential.js';

const accepted = (saved: number): StepOutcome => ({ verdict: 'accepted', timeRatio: timeRatioOf(saved) });
const rejected = (reason: string): StepOutcome => ({ verdict: 'rejected', reason });

/** Evaluates steps that are expected in the order given. */
const evaluate = (outcomes: Readonly<Record<string, StepOutcome>>, rule = {}) => {
  const names = Object.keys(outcomes);
  const steps = names.map((name, at) => ({ name, expected: 1 - at / names.length }));
  return evaluateInRankOrder(steps, ({ name }) => outcomes[name]!, rule);
};

describe('speed-ups', () => {
  it('are ratios of times: 74.97 % less time is 4.00 times as fast', () => {
    expect((14.685 / 3.675).toFixed(2)).toBe('4.00');
    expect(savingOf(14.685 / 3.675)).toBeCloseTo(0.7497, 4);
    expect(timeRatioOf(0.7497)).toBeCloseTo(4, 1);
  });

  it('multiply and never add: two halves are three quarters', () => {
    expect(savingOf(composed([timeRatioOf(0.5), timeRatioOf(0.5)]))).toBeCloseTo(0.75, 12);
    expect(composed([])).toBe(1);
  });

  it('never save all of the time, however many there are', () => {
    const savings = fc.array(fc.double({ min: -1, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(savings, (shares) => {
        const left = shares.reduce((rest, saved) => rest * (1 - saved), 1);
        expect(1 - savingOf(composed(shares.map(timeRatioOf)))).toBeCloseTo(left, 6);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('evaluation in rank order', () => {
  it("gives the source's verdicts on the source's four results", async () => {
    const asked: string[] = [];
    const results: Readonly<Record<string, StepOutcome>> = {
      PersistentWorkerPool: { verdict: 'accepted', timeRatio: 14.685 / 3.675 },
      SharedBundleContext: rejected('its bundle held database connections'),
      BOHB: rejected('no gain on 36 combinations'),
    };
    const ranked = ['PersistentWorkerPool', 'SharedBundleContext', 'BOHB', 'Ray'];
    const found = await evaluateInRankOrder(
      ranked.map((name, at) => ({ name, expected: 0.7 - 0.1 * at })),
      ({ name }) => {
        asked.push(name);
        return results[name]!;
      },
    );
    expect(found.entries.map(({ step, verdict }) => [step.name, verdict])).toEqual([
      ['PersistentWorkerPool', 'accepted'],
      ['SharedBundleContext', 'rejected'],
      ['BOHB', 'rejected'],
      ['Ray', 'skipped'],
    ]);
    expect(asked).toEqual(ranked.slice(0, 3));
    expect(found.saved).toBeCloseTo(0.7497, 4);
    expect(found.timeRatio.toFixed(2)).toBe('4.00');
    expect(found).toMatchObject({ goal: 0.9, isGoalReached: false, stopped: 'diminishing-returns' });
  });

  it('tries the largest expectation first, on top of what was accepted', async () => {
    const seen: string[][] = [];
    const steps = [
      { name: 'small', expected: 0.1 },
      { name: 'large', expected: 0.6 },
      { name: 'middle', expected: 0.3 },
    ];
    await evaluateInRankOrder(steps, ({ name }, before) => {
      seen.push([...before.map((step) => step.name), name]);
      return name === 'middle' ? rejected('slower') : accepted(0.2);
    });
    expect(seen).toEqual([['large'], ['large', 'middle'], ['large', 'small']]);
  });

  it('stops at the goal, by default 90 %', async () => {
    const found = await evaluate({ a: accepted(0.7), b: accepted(0.7), c: accepted(0.5) });
    expect(found).toMatchObject({ stopped: 'goal-reached', isGoalReached: true });
    expect(found.saved).toBeCloseTo(0.91, 10);
    expect(found.entries[2]).toMatchObject({
      verdict: 'skipped',
      timeRatio: undefined,
      reason: 'the goal was reached before',
    });
    const more = await evaluate({ a: accepted(0.7), b: accepted(0.7), c: accepted(0.5) }, { goal: 0.95 });
    expect(more.saved).toBeCloseTo(0.955, 10);
    expect(more).toMatchObject({ stopped: 'goal-reached', isGoalReached: true });
  });

  it('stops when the last two saved under 2 %, not when they stand apart', async () => {
    const small = accepted(0.019);
    const together = await evaluate({ a: accepted(0.3), b: small, c: small, d: accepted(0.3) });
    expect(together.stopped).toBe('diminishing-returns');
    expect(together.entries[3]).toMatchObject({ verdict: 'skipped', reason: 'the steps before saved too little' });
    const apart = await evaluate({ a: small, b: accepted(0.3), c: small, d: accepted(0.3) });
    expect(apart.stopped).toBe('all-evaluated');
    const enough = await evaluate({ a: accepted(0.0201), b: accepted(0.0201), c: accepted(0.3) });
    expect(enough.stopped).toBe('all-evaluated');
  });

  it('refuses a goal that nobody can reach', async () => {
    await expect(evaluate({ a: accepted(0.5) }, { goal: 1 })).rejects.toThrow(/above 0 and below 1, not 1/);
  });

  it('has nothing to say of no steps', async () => {
    expect(await evaluate({})).toMatchObject({ entries: [], timeRatio: 1, saved: 0, stopped: 'all-evaluated' });
  });
});
