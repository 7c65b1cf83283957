import { describe, expect, it } from 'vitest';
import { compareArms } from '../../../src/benchmark/comparison.js';
import { checkGate, gateRatios } from '../../../src/benchmark/gate.js';
import { judge } from '../../../src/benchmark/verdict.js';
import { SeededRandom } from '../../../src/core/random.js';
import { noisyArms } from '../../helpers/noisy-arms.js';

const TIMES = 200;
/** As few as are allowed. */
const RUNS = 10;

const isAccepted = (seconds: { readonly a: number; readonly b: number }, label: string, time: number): boolean => {
  const arms = noisyArms(seconds, RUNS, SeededRandom.derive(7, label, time));
  const comparison = compareArms(arms.a!, arms.b!, { resamples: 999 });
  return judge([{ comparison, isDifferentCode: true }])[0]!.word === 'accepted';
};

const counted = (of: (time: number) => boolean): number =>
  Array.from({ length: TIMES }, (_, time) => of(time)).filter(Boolean).length;

describe('a benchmark of ten runs on a shared machine', () => {
  it('accepts the same code in at most 5 % of 200 A/A', () => {
    expect(counted((time) => isAccepted({ a: 1, b: 1 }, 'a/a', time))).toBeLessThanOrEqual(0.05 * TIMES);
  });

  it('finds a gain of 10 % in at least 95 %', () => {
    expect(counted((time) => isAccepted({ a: 1, b: 0.9 }, 'planted', time))).toBeGreaterThanOrEqual(0.95 * TIMES);
  });

  it('accepts a gain of 2 %, which is too small, in few', () => {
    expect(counted((time) => isAccepted({ a: 1, b: 0.98 }, 'small', time))).toBeLessThanOrEqual(0.05 * TIMES);
  });

  it('knows which p comes of nothing: the three tests together are wrong in at most 5 %', () => {
    const arms = (time: number) => noisyArms({ a: 1, b: 1 }, RUNS, SeededRandom.derive(8, time));
    const wrong = counted((time) => {
      const { a, b } = arms(time);
      return compareArms(a!, b!, { resamples: 1 }).p < 0.05;
    });
    expect(wrong).toBeLessThanOrEqual(0.05 * TIMES);
  });
});

describe('the gate over 20 runs', () => {
  const passes = (slower: number, label: string, time: number): boolean => {
    const ratios = (seconds: number, when: string) => {
      const { subject, reference } = noisyArms(
        { subject: seconds, reference: 3 },
        20,
        SeededRandom.derive(9, label, when, time),
      );
      return [gateRatios('scenario', subject!, reference!)];
    };
    return checkGate(ratios(1, 'then'), ratios(slower, 'now'))[0]!.passed;
  };

  it('lets the same code pass', () => {
    expect(counted((time) => passes(1, 'a/a', time))).toBeGreaterThanOrEqual(0.99 * TIMES);
  });

  it('closes on a slowdown of 15 %', () => {
    expect(counted((time) => !passes(1.15, 'planted', time))).toBeGreaterThanOrEqual(0.95 * TIMES);
  });
});
