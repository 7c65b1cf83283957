import type { SeededRandom } from './random.js';
import { JOE_KUO } from './sobol-numbers.js';

const BITS = 32;
const TWO_32 = 2 ** 32;

/** Most dimensions of a {@link SobolSequence}: those with a primitive polynomial of at most degree 9. */
export const SOBOL_DIMENSIONS = JOE_KUO.length + 1;

/**
 * Points that fill the unit cube evenly: Sobol's sequence (1967) in Gray code order with the direction numbers of Joe and Kuo (2008),
 * scrambled by a random linear matrix and a digital shift (Matousek 1998), which keep its evenness: of any 2 ** m points from a
 * multiple of 2 ** m on, every coordinate has one in each of 2 ** m equal intervals. Coordinates have 32 bits and lie inside (0, 1).
 */
export class SobolSequence {
  readonly dimensions: number;
  /** Direction number of a bit and dimension at `bit * dimensions + dimension`. */
  readonly #directions: Uint32Array;
  readonly #shift: Uint32Array;
  readonly #state: Uint32Array;

  /**
   * @param dimensions - 1 to 101; RangeError otherwise
   * @param random - what scrambles; the plain sequence without it
   */
  constructor(dimensions: number, random?: SeededRandom) {
    if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS)) {
      throw new RangeError(`a Sobol sequence has 1 to ${SOBOL_DIMENSIONS} dimensions, not ${dimensions}`);
    }
    this.dimensions = dimensions;
    this.#directions = new Uint32Array(BITS * dimensions);
    this.#shift = new Uint32Array(dimensions);
    this.#state = new Uint32Array(dimensions);
    for (let dimension = 0; dimension < dimensions; dimension++) {
      const plain = directionNumbers(dimension);
      const numbers = random === undefined ? plain : scrambled(plain, random);
      for (let bit = 0; bit < BITS; bit++) this.#directions[bit * dimensions + dimension] = numbers[bit]!;
      if (random !== undefined) this.#shift[dimension] = random.uint32();
    }
  }

  /** Writes the point of an index, from 0 to 2 ** 32 - 1, into `out`: of each coordinate the middle of its 2 ** -32. */
  point(index: number, out: Float64Array, offset = 0): void {
    const { dimensions } = this;
    const state = this.#state;
    const directions = this.#directions;
    state.set(this.#shift);
    let code = (index ^ (index >>> 1)) >>> 0;
    for (let at = 0; code !== 0; at += dimensions, code >>>= 1) {
      if ((code & 1) === 0) continue;
      for (let dimension = 0; dimension < dimensions; dimension++) state[dimension]! ^= directions[at + dimension]!;
    }
    for (let dimension = 0; dimension < dimensions; dimension++) {
      out[offset + dimension] = (state[dimension]! + 0.5) / TWO_32;
    }
  }
}

/** Returns the direction numbers of a dimension, from 0, as 32-bit fractions, most significant bit first. */
function directionNumbers(dimension: number): Uint32Array {
  const numbers = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let bit = 0; bit < BITS; bit++) numbers[bit] = 2 ** (BITS - 1 - bit);
    return numbers;
  }
  const initial = JOE_KUO[dimension - 1]!.split(' ').map(Number);
  const degree = initial.length;
  const polynomial = primitivePolynomials()[dimension - 1]!;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      numbers[bit] = initial[bit]! * 2 ** (BITS - 1 - bit);
      continue;
    }
    let number = numbers[bit - degree]! ^ (numbers[bit - degree]! >>> degree);
    for (let back = 1; back < degree; back++) {
      if ((polynomial >>> (degree - back)) & 1) number ^= numbers[bit - back]!;
    }
    numbers[bit] = number;
  }
  return numbers;
}

/** Multiplies direction numbers by a random lower triangular matrix over the field of two elements. */
function scrambled(numbers: Uint32Array, random: SeededRandom): Uint32Array {
  // Row r says which of the leading bits, r of them and its own, make up bit r of the result.
  const rows = Uint32Array.from({ length: BITS }, (_, row) => {
    const own = 2 ** (BITS - 1 - row);
    const above = row === 0 ? 0 : random.uint32() & ~(own * 2 - 1);
    return above | own;
  });
  return numbers.map((number) => {
    let result = 0;
    for (let row = 0; row < BITS; row++) result = (result << 1) | parity(number & rows[row]!);
    return result;
  });
}

function parity(bits: number): number {
  let folded = bits ^ (bits >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  folded ^= folded >>> 2;
  return (folded ^ (folded >>> 1)) & 1;
}

let polynomials: readonly number[] | undefined;

/**
 * Returns the primitive polynomials over the field of two elements by degree and value, as bits, x ** degree first: 3 is x + 1. One
 * for each of the {@link JOE_KUO} numbers.
 */
export function primitivePolynomials(): readonly number[] {
  if (polynomials !== undefined) return polynomials;
  const found: number[] = [];
  for (let candidate = 3; found.length < JOE_KUO.length; candidate += 2) {
    if (isPrimitive(candidate)) found.push(candidate);
  }
  polynomials = found;
  return found;
}

/** Tells whether the powers of x modulo the polynomial run through all other residues before they come back to 1. */
function isPrimitive(polynomial: number): boolean {
  const degree = 31 - Math.clz32(polynomial);
  const all = 2 ** degree - 1;
  let power = 1;
  for (let exponent = 1; exponent <= all; exponent++) {
    power <<= 1;
    if (power > all) power ^= polynomial;
    if (power === 1) return exponent === all;
  }
  return false;
}
