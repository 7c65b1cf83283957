import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexPermutation, permutedIndex, SeededRandom } from '../../../src/core/random.js';

const take = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((sum, count) => sum + count, 0) / all.length;
  return all.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Five deviations above the mean of chi-square: the seeds are fixed, so this only asks whether the code is right. */
const chiSquareLimit = (cells: number): number => cells - 1 + 5 * Math.sqrt(2 * (cells - 1));

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], y: readonly number[], mx: number, my: number): number =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}

describe('SeededRandom', () => {
  // The sequence of the authors' C program from state {1, 2, 3, 4}.
  it('is xoshiro128** 1.1', () => {
    const random = SeededRandom.fromState([1, 2, 3, 4]);
    expect(take(10, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
    expect(() => SeededRandom.fromState([0, 0, 0, 0])).toThrow(RangeError);
  });

  it('keeps its sequences', () => {
    const random = SeededRandom.derive(42, 'trial', 7);
    expect(take(4, () => random.next())).toMatchInlineSnapshot(`
      [
        0.3132875156557058,
        0.5215004757210225,
        0.8486974100760472,
        0.8969261200821951,
      ]
    `);
    expect(take(4, () => random.int(1, 6))).toMatchInlineSnapshot(`
      [
        5,
        3,
        6,
        2,
      ]
    `);
    expect(take(3, () => random.normal())).toMatchInlineSnapshot(`
      [
        -2.147898323592609,
        0.11161687569163554,
        0.38938566783301115,
      ]
    `);
    expect(random.shuffle(['a', 'b', 'c', 'd', 'e'])).toMatchInlineSnapshot(`
      [
        "b",
        "c",
        "d",
        "a",
        "e",
      ]
    `);
  });

  it('keeps labels apart', () => {
    const streams: [string | number, ...(string | number)[]][] = [
      [1],
      ['1'],
      [1, 'a', 12],
      [1, 'a1', 2],
      [1, 'a', 1, 2],
      [1, 'a', '12'],
      [1, 'a12'],
      [1, '"a",12'],
      [1, ''],
      [1, '', ''],
      [12, 'a'],
      [1.5],
      [-1],
    ];
    const firsts = streams.map(([seed, ...labels]) => SeededRandom.derive(seed, ...labels).next());
    expect(new Set(firsts).size).toBe(streams.length);
    expect(() => SeededRandom.derive(Number.NaN)).toThrow(RangeError);
  });

  it('depends on seed and labels only', () => {
    const used = SeededRandom.derive(1, 'study');
    take(100, () => used.normal());
    const [split, derived] = [used.split('trial', 3), SeededRandom.derive(1, 'study', 'trial', 3)];
    expect(take(5, () => split.next())).toEqual(take(5, () => derived.next()));
  });

  it('gives doubles in [0, 1) with all their 53 bits, evenly', () => {
    const random = SeededRandom.derive('uniform');
    const [high, low] = [new Int32Array(256), new Int32Array(256)];
    for (let i = 0; i < 200_000; i++) {
      const x = random.next();
      if (!(x >= 0 && x < 1)) throw new Error(`${x} is outside [0, 1)`);
      high[Math.floor(x * 256)]! += 1;
      low[(x * 2 ** 53) % 256]! += 1;
    }
    expect(chiSquare(high)).toBeLessThan(chiSquareLimit(256));
    expect(chiSquare(low)).toBeLessThan(chiSquareLimit(256));
  });

  it('derives streams that know nothing of each other', () => {
    const streams = take(20, () => 0).map((_, trial) => {
      const random = SeededRandom.derive(1, 'trial', trial);
      return take(2000, () => random.next());
    });
    for (let a = 0; a < streams.length; a++) {
      for (let b = 0; b < a; b++)
        expect(Math.abs(correlation(streams[a]!, streams[b]!))).toBeLessThan(5 / Math.sqrt(2000));
    }
    // The first draws of consecutive trials fill the square evenly.
    const cells = new Int32Array(100);
    for (let trial = 0; trial < 20_000; trial += 2) {
      const [x, y] = [trial, trial + 1].map((number) => SeededRandom.derive(9, 'trial', number).next());
      cells[Math.floor(x! * 10) * 10 + Math.floor(y! * 10)]! += 1;
    }
    expect(chiSquare(cells)).toBeLessThan(chiSquareLimit(100));
  });

  it('gives every integer of a range alike, bounds included', () => {
    const random = SeededRandom.derive('int');
    for (const [low, high] of [
      [0, 0],
      [1, 6],
      [-5, 5],
      [0, 99],
    ] as const) {
      const counts = new Int32Array(high - low + 1);
      for (let i = 0; i < 50_000; i++) counts[random.int(low, high) - low]! += 1;
      if (high > low) expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(counts.length));
    }
    // Three quarters of 2 ** 32 and of 2 ** 53: a remainder without rejection would double the first third.
    for (const count of [3 * 2 ** 30, 3 * 2 ** 51]) {
      const thirds = new Int32Array(3);
      for (let i = 0; i < 30_000; i++) thirds[Math.floor((random.int(0, count - 1) / count) * 3)]! += 1;
      expect(chiSquare(thirds)).toBeLessThan(chiSquareLimit(3));
    }
  });

  it('stays inside any range', () => {
    const random = SeededRandom.derive('bounds');
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), (low, width) => {
        const high = Math.min(low + width, Number.MAX_SAFE_INTEGER);
        const value = random.int(low, high);
        expect(Number.isSafeInteger(value) && value >= low && value <= high).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(() => random.int(2, 1)).toThrow(RangeError);
    expect(() => random.int(0.5, 3)).toThrow(RangeError);
    expect(() => random.choice([])).toThrow(RangeError);
  });

  it('shuffles into every order alike', () => {
    const random = SeededRandom.derive('shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.shuffle([1, 2, 3, 4]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareLimit(24));
  });

  it('gives normal values', () => {
    const random = SeededRandom.derive('normal');
    const values = take(100_000, () => random.normal());
    const moment = (power: number): number => values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.015);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.04);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.12);
    const outside = values.filter((x) => Math.abs(x) > 1.959964).length / values.length;
    expect(Math.abs(outside - 0.05)).toBeLessThan(0.004);
    expect(Math.abs(correlation(values.slice(0, -1), values.slice(1)))).toBeLessThan(5 / Math.sqrt(values.length));
  });
});

describe('indexPermutation', () => {
  it('is a bijection for any size', () => {
    const sizes = [...take(130, () => 0).map((_, i) => i + 1), 255, 256, 257, 1000, 1100, 4095, 4097, 65_537];
    for (const size of sizes) {
      for (const seed of [1, 'other']) {
        const at = indexPermutation(seed, size);
        const seen = new Uint8Array(size);
        for (let i = 0; i < size; i++) seen[at(i)]! += 1;
        expect(seen.every((count) => count === 1)).toBe(true);
      }
    }
  });

  it('stays inside, and apart, up to 2 ** 53', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 53 }), fc.nat(), fc.nat({ max: 1000 }), (bits, seed, below) => {
        const size = Math.max(1, 2 ** bits - below);
        const at = indexPermutation(seed, size);
        const places = [0, 1, size - 1, Math.floor(size / 2)].filter(
          (index, i, all) => all.indexOf(index) === i && index < size,
        );
        const images = places.map(at);
        expect(images.every((image) => Number.isInteger(image) && image >= 0 && image < size)).toBe(true);
        expect(new Set(images).size).toBe(places.length);
      }),
      { numRuns: 2000 },
    );
    expect(() => indexPermutation(1, 2 ** 53 + 2)).toThrow(RangeError);
    expect(() => indexPermutation(1, 0)).toThrow(RangeError);
    expect(() => permutedIndex(1, 10, 10)).toThrow(RangeError);
  });

  it('spreads the first indexes over the whole range', () => {
    for (const size of [1100, 10_000, 10 ** 9, 2 ** 53]) {
      const counts = new Int32Array(20);
      for (let seed = 0; seed < 400; seed++) {
        const at = indexPermutation(seed, size);
        for (let i = 0; i < 20; i++) counts[Math.floor((at(i) / size) * 20)]! += 1;
      }
      expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(20));
    }
    const at = indexPermutation(3, 10 ** 9);
    const steps = take(2000, () => 0).map((_, i) => at(i));
    expect(Math.abs(correlation(steps.slice(0, -1), steps.slice(1)))).toBeLessThan(5 / Math.sqrt(2000));
  });

  it('has another order for another seed', () => {
    const order = (seed: number): string =>
      take(50, () => 0)
        .map((_, i) => permutedIndex(seed, 50, i))
        .join();
    expect(new Set(take(50, () => 0).map((_, seed) => order(seed))).size).toBe(50);
  });
});
