import { createHash } from 'node:crypto';
import { log } from './elementary.js';

/** What a stream may be named by. */
export type RandomLabel = string | number;

const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * A stream of random numbers that depends on its seed and labels only: not on time, thread or platform.
 *
 * The generator is xoshiro128** 1.1 (Blackman and Vigna, 2018): 128 bits of state, period 2 ** 128 - 1. Its state is the
 * head of the SHA-256 of seed and labels, so that streams of neighbouring labels share nothing.
 */
export class SeededRandom {
  readonly #labels: readonly RandomLabel[];
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  /** The second of each pair of normal values. */
  #spare = Number.NaN;

  private constructor(labels: readonly RandomLabel[], state: readonly [number, number, number, number]) {
    this.#labels = labels;
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /**
   * Returns the stream of a seed and labels, from its start. Labels are kept apart: ('a', 12) and ('a1', 2) are two
   * streams, and so are 1 and '1'.
   *
   * @throws RangeError when a number among them is not finite
   */
  static derive(seed: RandomLabel, ...labels: readonly RandomLabel[]): SeededRandom {
    const all = [seed, ...labels];
    const bytes = digest(all);
    const state = [0, 4, 8, 12].map((at) => bytes.readInt32LE(at)) as [number, number, number, number];
    return SeededRandom.fromState(state, all);
  }

  /** Returns the generator in a given state, 32-bit integers not all zero: for comparison with published sequences. */
  static fromState(
    state: readonly [number, number, number, number],
    labels: readonly RandomLabel[] = ['state', ...state],
  ): SeededRandom {
    // The all-zero state would only ever give zeros; no other state leads there.
    if (state.every((word) => word === 0)) throw new RangeError('the state of a generator must not be all zero');
    return new SeededRandom(
      labels,
      state.map((word) => word | 0) as unknown as readonly [number, number, number, number],
    );
  }

  /** Returns the stream of this stream's seed and labels with more labels; how far this one is used does not matter. */
  split(...labels: readonly RandomLabel[]): SeededRandom {
    const [seed, ...own] = this.#labels;
    return SeededRandom.derive(seed!, ...own, ...labels);
  }

  /** Returns the next integer from 0 to 2 ** 32 - 1. */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Returns the next number in [0, 1), a multiple of 2 ** -53. */
  next(): number {
    return this.#bits53() / TWO_53;
  }

  /**
   * Returns an integer from `low` to `high`, both inclusive, each equally likely.
   *
   * @throws RangeError unless both are integers, in order, and there are at most 2 ** 53 of them
   */
  int(low: number, high: number): number {
    const count = high - low + 1;
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && count >= 1 && count <= TWO_53)) {
      throw new RangeError(`no integers from ${low} to ${high}`);
    }
    // Draws beyond the last full multiple of `count` are thrown away: they would favour the low values.
    if (count <= TWO_32) {
      const limit = TWO_32 - (TWO_32 % count);
      let draw = this.uint32();
      while (draw >= limit) draw = this.uint32();
      return low + (draw % count);
    }
    const limit = TWO_53 - (TWO_53 % count);
    let draw = this.#bits53();
    while (draw >= limit) draw = this.#bits53();
    return low + (draw % count);
  }

  /** Returns one of the items, each equally likely; throws RangeError when there are none. */
  choice<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** Brings the items into a random order, each equally likely, in place, and returns them (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      const item = items[last]!;
      items[last] = items[other]!;
      items[other] = item;
    }
    return items;
  }

  /** Returns a value of the normal distribution with mean 0 and deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square < 1 && square > 0) {
        const scale = Math.sqrt((-2 * log(square)) / square);
        this.#spare = y * scale;
        return x * scale;
      }
    }
  }

  #bits53(): number {
    const high = this.uint32() >>> 5;
    return high * 67_108_864 + (this.uint32() >>> 6);
  }
}

/**
 * Returns a bijection of the integers from 0 to `size - 1`, chosen by the seed; nothing is materialised.
 * A Feistel network of eight rounds over the next power of two, walked until it falls inside (Black and Rogaway 2002):
 * fewer than two steps on average.
 *
 * @param size 1 to 2 ** 53, both inclusive; RangeError otherwise
 */
export function indexPermutation(seed: RandomLabel, size: number): (index: number) => number {
  if (!(Number.isInteger(size) && size >= 1 && size <= TWO_53)) {
    throw new RangeError(`a permutation needs a size from 1 to 2 ** 53, not ${size}`);
  }
  let bits = 2;
  while (2 ** bits < size) bits++;
  const lowBits = bits >>> 1;
  const lowSize = 2 ** lowBits;
  const lowMask = lowSize - 1;
  const highMask = 2 ** (bits - lowBits) - 1;
  const bytes = digest(['permutation', seed, size]);
  const keys = Array.from({ length: 8 }, (_, round) => bytes.readInt32LE(4 * round));
  return (index) => {
    if (!(Number.isInteger(index) && index >= 0 && index < size)) {
      throw new RangeError(`index ${index} is outside 0 to ${size - 1}`);
    }
    let value = index;
    do {
      let high = Math.floor(value / lowSize);
      let low = value - high * lowSize;
      for (let round = 0; round < keys.length; round += 2) {
        high ^= mix(low, keys[round]!) & highMask;
        low ^= mix(high, keys[round + 1]!) & lowMask;
      }
      value = high * lowSize + low;
    } while (value >= size);
    return value;
  };
}

/** Returns the place of `index` under {@link indexPermutation}; keep that function when asking more than once. */
export const permutedIndex = (seed: RandomLabel, size: number, index: number): number =>
  indexPermutation(seed, size)(index);

/** Returns 32 well mixed bits of a value and a key: the finaliser of MurmurHash3 (Appleby), twice keyed. */
function mix(value: number, key: number): number {
  let bits = Math.imul(value, 0x9e3779b1) ^ key;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  bits = (bits ^ (bits >>> 16)) + key;
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return bits ^ (bits >>> 16);
}

/** JSON keeps labels apart and tells numbers from strings. */
function digest(labels: readonly RandomLabel[]): Buffer {
  for (const label of labels) {
    if (typeof label === 'number' && !Number.isFinite(label)) throw new RangeError(`${label} cannot name a stream`);
  }
  return createHash('sha256').update(JSON.stringify(labels)).digest();
}
