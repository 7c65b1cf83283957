import { describe, expect, it } from 'vitest';
import { compareArms } from '../../../src/benchmark/comparison.js';
import type { ArmSamples, RunSample } from '../../../src/benchmark/samples.js';
import { judge, type Thresholds } from '../../../src/benchmark/verdict.js';

/** Twelve runs around a time, each a little off. */
function arm(name: string, seconds: number, more: Partial<RunSample> = {}, runs = 12): ArmSamples {
  return {
    name,
    runs: Array.from({ length: runs }, (_, k) => {
      const taken = seconds * (1 + 0.001 * ((k * 7) % 5) + 0.00001 * k * k);
      return { seconds: taken, cpuSeconds: 2 * taken, peakRssBytes: 100e6, pssBytes: 80e6, ...more };
    }),
  };
}

const base = arm('base', 1);
const claim = (candidate: ArmSamples, isDifferentCode = true) => ({
  comparison: compareArms(base, candidate, { resamples: 999 }),
  isDifferentCode,
});
const unmet = (candidate: ArmSamples, thresholds: Thresholds = {}, isDifferentCode = true): string[] =>
  judge([claim(candidate, isDifferentCode)], thresholds)[0]!
    .conditions.filter(({ met }) => !met)
    .map(({ name }) => name);

describe('compareArms', () => {
  it('gives ratios of medians, as speed-up and as saving', () => {
    const found = compareArms(base, arm('quick', 0.25), { resamples: 999 });
    expect(found.timeRatio).toBeCloseTo(4, 10);
    expect(found.saved).toBeCloseTo(0.75, 10);
    expect(found.savedOfMeans).toBeCloseTo(0.75, 10);
    expect(found.cpuSaved).toBeCloseTo(0.75, 10);
    for (const [low, high] of [found.savedInterval, found.savedOfMeansInterval]) {
      expect(low).toBeLessThanOrEqual(0.75);
      expect(high).toBeGreaterThanOrEqual(0.75);
      expect(high - low).toBeLessThan(0.01);
    }
    expect(found.baseline).toMatchObject({ name: 'base', runs: 12, peakRssBytes: 100e6, pssBytes: 80e6 });
    expect(found.p).toBeLessThan(0.01);
    expect(found.p).toBeCloseTo(3 * Math.min(found.welch.p, found.mannWhitney.p, found.wilcoxon?.p ?? 1), 12);
  });

  it('sees nothing between equal times, whether they vary or not', () => {
    expect(compareArms(base, { ...base, name: 'same' }, { resamples: 9 })).toMatchObject({ saved: 0, p: 1 });
    const constant = (name: string): ArmSamples => ({ name, runs: base.runs.map((run) => ({ ...run, seconds: 1 })) });
    expect(compareArms(constant('a'), constant('b'), { resamples: 9 })).toMatchObject({ saved: 0, p: 1 });
  });

  it('says the same for the same seed, and the order of the runs of a round matters', () => {
    const noisy = {
      ...base,
      name: 'noisy',
      runs: base.runs.map((run, k) => ({ ...run, seconds: 1 + ((k * 5) % 7) / 10 })),
    };
    const interval = (seed: number) => compareArms(base, noisy, { seed, resamples: 99 }).savedInterval;
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('lets another time and another memory decide', () => {
    const waiting = arm('waiting', 1, { cpuSeconds: 1, pssBytes: 40e6 });
    const found = compareArms(base, waiting, { time: 'cpu', memory: 'pss', resamples: 9 });
    expect(found.saved).toBeGreaterThan(0.45);
    expect(found.memoryGrowth).toBeCloseTo(-0.5, 12);
  });

  it('refuses fewer than ten runs, rounds that are not whole, and memory that was not measured', () => {
    expect(() => compareArms(arm('a', 1, {}, 9), arm('b', 1, {}, 9))).toThrow(
      /at least 10 counted runs of each arm, but is 9/,
    );
    expect(() => compareArms(base, arm('b', 1, {}, 11), { resamples: 9 })).toThrow(/equal length/);
    expect(() => compareArms(base, arm('b', 1, { pssBytes: null }), { memory: 'pss', resamples: 9 })).toThrow(/PSS/);
  });
});

describe('judge', () => {
  it('accepts what meets every condition', () => {
    const [verdict] = judge([claim(arm('quick', 0.8))]);
    expect(verdict).toMatchObject({ word: 'accepted', wouldPass: true });
    expect(verdict!.conditions.map(({ name }) => name)).toEqual([
      'different-code',
      'equal-results',
      'saving',
      'significance',
      'interval',
      'memory',
    ]);
    expect(verdict!.conditions[2]!.says).toBe('20.0 % of the time saved, at least 5.0 % needed');
  });

  it.each([
    { what: 'a saving below 5 %', candidate: arm('b', 0.96), misses: ['saving'] },
    { what: 'no saving at all', candidate: { ...base, name: 'b' }, misses: ['saving', 'significance', 'interval'] },
    { what: 'a slowdown', candidate: arm('b', 1.2), misses: ['saving', 'interval'] },
    { what: 'memory that grows by 2 %', candidate: arm('b', 0.5, { peakRssBytes: 102e6 }), misses: ['memory'] },
    { what: 'memory that grows by less', candidate: arm('b', 0.5, { peakRssBytes: 101.9e6 }), misses: [] },
  ])('judges $what', ({ candidate, misses }) => {
    expect(unmet(candidate)).toEqual(misses);
  });

  it('takes thresholds of the user', () => {
    expect(unmet(arm('b', 0.96), { saving: 0.03 })).toEqual([]);
    expect(unmet(arm('b', 0.8, { peakRssBytes: 105e6 }), { memoryGrowth: 0.1 })).toEqual([]);
    expect(unmet(arm('b', 0.8), { significance: 1e-300 })).toEqual(['significance']);
  });

  it('never accepts code against itself, and says when it would have', () => {
    const [verdict] = judge([claim(arm('b', 0.5), false)]);
    expect(verdict).toMatchObject({ word: 'a/a', wouldPass: true });
  });

  it('asks more of each claim where there are many', () => {
    const one = claim(arm('b', 0.8));
    const none = { ...one, comparison: { ...one.comparison, p: 1 } };
    const weak = { ...one, comparison: { ...one.comparison, p: 0.02 } };
    expect(judge([weak])[0]!.word).toBe('accepted');
    const together = judge([weak, none, weak]);
    expect(together.map(({ adjustedP }) => adjustedP)).toEqual([0.06, 1, 0.06]);
    expect(together.map(({ word }) => word)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
