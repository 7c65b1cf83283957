import { describe, expect, it } from 'vitest';
import { returnDeviation } from '../../../src/engine/return-deviation.js';

const { NaN: missing } = Number;
const closes = (...values: number[]): Float64Array => Float64Array.from(values);

describe('the deviation of bar returns', () => {
  it('of a bar knows the returns up to the bar before', () => {
    // Returns 0.1, -0.1, 0.1: deviations sqrt(0.02), then of all three sqrt(0.04 / 3).
    const [first, second, third, fourth, fifth] = returnDeviation(closes(100, 110, 99, 108.9, 108.9), undefined, 3);
    expect([first, second, third]).toEqual([missing, missing, missing]);
    expect(fourth).toBeCloseTo(Math.sqrt(0.02), 14);
    expect(fifth).toBeCloseTo(Math.sqrt(0.04 / 3), 14);
  });

  it('forgets what lies further back than the bars asked for', () => {
    const deviations = returnDeviation(closes(100, 500, 550, 495, 495), undefined, 2);
    expect(deviations[4]).toBeCloseTo(Math.sqrt(0.02), 14);
  });

  it('passes over missing bars', () => {
    const deviations = returnDeviation(closes(100, missing, 110, missing, 99, 1), undefined, 20);
    expect(deviations[5]).toBeCloseTo(Math.sqrt(0.02), 14);
  });

  it('sees no return in a split', () => {
    const schedule = { rows: Int32Array.of(2), priceFactors: Float64Array.of(0.5) };
    expect(returnDeviation(closes(100, 110, 49.5, 49.5), schedule, 20)[3]).toBeCloseTo(Math.sqrt(0.02), 14);
  });

  it('does not change with what comes later', () => {
    const long = returnDeviation(closes(100, 110, 99, 108.9, 1, 1000), undefined, 3);
    expect(returnDeviation(closes(100, 110, 99, 108.9), undefined, 3)).toEqual(long.subarray(0, 4));
  });
});
