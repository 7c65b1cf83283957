import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { blockLengths } from '../../../src/validate/bootstrap/block-length.js';
import { resample } from '../../../src/validate/bootstrap/resampling.js';

const rowsOf = (seed: number, method: Parameters<typeof resample>[1], blockLength: number, length: number) => {
  const rows = new Int32Array(length);
  resample(SeededRandom.derive(seed), method, blockLength, rows);
  return rows;
};

describe('resampling', () => {
  it('stays inside, and goes on from row to row around the end within a block', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom('stationary' as const, 'block' as const, 'independent' as const),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 60 }),
        (seed, method, blockLength, length) => {
          const rows = rowsOf(seed, method, blockLength, length);
          expect(rows.every((row) => row >= 0 && row < length)).toBe(true);
          expect(rowsOf(seed, method, blockLength, length)).toEqual(rows);
          if (method !== 'block') return;
          for (let i = 1; i < length; i++) if (i % blockLength !== 0) expect(rows[i]).toBe((rows[i - 1]! + 1) % length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('makes blocks of the mean length that was asked for, every row equally often', () => {
    const length = 200_000;
    const rows = rowsOf(1, 'stationary', 8, length);
    let blocks = 1;
    for (let i = 1; i < length; i++) if (rows[i] !== (rows[i - 1]! + 1) % length) blocks++;
    expect(length / blocks).toBeGreaterThan(7.8);
    expect(length / blocks).toBeLessThan(8.2);
    const half = rows.reduce((count, row) => count + (row < length / 2 ? 1 : 0), 0) / length;
    expect(half).toBeGreaterThan(0.48);
    expect(half).toBeLessThan(0.52);
  });
});

describe('automatic block length', () => {
  it('is short for noise and grows with the correlation', () => {
    const random = SeededRandom.derive(7);
    const shocks = Float64Array.from({ length: 4000 }, () => random.normal());
    const correlated = (by: number): Float64Array => {
      const series = new Float64Array(shocks.length);
      for (let i = 1; i < series.length; i++) series[i] = by * series[i - 1]! + shocks[i]!;
      return series;
    };
    const [none, some, much] = [0, 0.5, 0.9].map((by) => blockLengths(correlated(by)));
    expect(none!.stationary).toBeLessThan(4);
    expect(some!.stationary).toBeGreaterThan(none!.stationary);
    expect(much!.stationary).toBeGreaterThan(some!.stationary);
    expect(much!.block).toBeGreaterThan(much!.stationary);
    // An autoregression has G = 2 by / (1 - by) ** 4 and g = 1 / (1 - by) ** 2: b = (G / g) ** (2 / 3) n ** (1 / 3) with 2 G ** 2 / (2 g ** 2).
    const expected = ((2 * 0.5) / (1 - 0.5) ** 2 / (1 + 0.5)) ** (2 / 3) * 4000 ** (1 / 3);
    expect(some!.stationary / expected).toBeGreaterThan(0.6);
    expect(some!.stationary / expected).toBeLessThan(1.6);
  });

  it('is bounded, and 1 where there is nothing to see', () => {
    const trend = Float64Array.from({ length: 100 }, (_, i) => i);
    expect(blockLengths(trend).stationary).toBeLessThanOrEqual(30);
    expect(blockLengths(trend).stationary).toBeGreaterThan(5);
    expect(blockLengths(new Float64Array(50))).toEqual({ stationary: 1, block: 1 });
    expect(blockLengths(Float64Array.of(1, 2))).toEqual({ stationary: 1, block: 1 });
  });
});
