import { describe, expect, it } from 'vitest';
import { checkGate, type GateRatios, gateRatios } from '../../../src/benchmark/gate.js';

/** Twelve ratios around one, each a little off. */
const around = (name: string, ratio: number, spread = 0.01): GateRatios => ({
  name,
  ratios: Array.from({ length: 12 }, (_, k) => ratio * (1 + spread * (((k * 7) % 12) / 6 - 0.9))),
});
const passed = (stored: readonly GateRatios[], measured: readonly GateRatios[], options = {}): boolean[] =>
  checkGate(stored, measured, options).map((finding) => finding.passed);

describe('the regression gate', () => {
  it('fails on more than 10 % with significance', () => {
    const [finding] = checkGate([around('a', 0.5)], [around('a', 0.575)]);
    expect(finding).toMatchObject({ name: 'a', passed: false });
    expect(finding!.slowdown).toBeCloseTo(0.15, 10);
    expect(finding!.adjustedP).toBeLessThan(0.001);
  });

  it.each([
    { what: 'the same', now: around('a', 0.5) },
    { what: '9 % slower', now: around('a', 0.545) },
    { what: 'faster', now: around('a', 0.3) },
    { what: '12 % slower in noise that hides it', now: around('a', 0.56, 0.6) },
  ])('passes $what', ({ now }) => {
    expect(passed([around('a', 0.5)], [now])).toEqual([true]);
  });

  it('takes another bound', () => {
    expect(passed([around('a', 0.5)], [around('a', 0.545)], { allowed: 0.05 })).toEqual([false]);
    expect(passed([around('a', 0.5)], [around('a', 0.575)], { allowed: 0.2 })).toEqual([true]);
  });

  it('compares by name, and only what is on both sides', () => {
    const found = checkGate([around('a', 1), around('gone', 1)], [around('new', 1), around('a', 2)]);
    expect(found.map(({ name, passed: ok }) => [name, ok])).toEqual([['a', false]]);
  });

  it('divides by the reference of the same round, so that a slow machine changes nothing', () => {
    const arm = (name: string, seconds: number) => ({
      name,
      runs: Array.from({ length: 10 }, (_, k) => ({
        seconds: seconds * (1 + k),
        cpuSeconds: 0,
        peakRssBytes: 0,
        pssBytes: null,
      })),
    });
    const { ratios } = gateRatios('a', arm('subject', 1), arm('reference', 2));
    expect(ratios).toEqual(Array.from({ length: 10 }, () => 0.5));
  });

  it('refuses what too few rounds stand behind', () => {
    const short = { name: 'a', ratios: [1, 1, 1] };
    expect(() => checkGate([short], [around('a', 1)])).toThrow(/The ratio 'a' must be at least 10 counted runs/);
  });
});
