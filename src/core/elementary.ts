/**
 * exp, log, pow, sin and cos from + - * / alone. The language leaves the last digits of Math.exp and its like to the
 * engine; these give the same bits everywhere. Each is within one unit in the last place.
 *
 * Methods: argument reduction with constants split into parts whose products are exact (Cody and Waite 1980), series on
 * the small rest, and pairs of doubles where one is too short (Dekker 1971).
 */
import { productError, sumError } from './double-double.js';

/** ln 2: the head has 32 bits, so that its product with an exponent is exact. */
const LN2_HEAD = 0.6931471803691238;
const LN2_TAIL = 1.9082149292705877e-10;
/** ln 2 as the nearest double and what it lacks. */
const LN2 = Math.LN2;
const LN2_REST = 2.3190468138462996e-17;
const INVERSE_LN2 = Math.LOG2E;
/** pi / 2: heads of 33 bits, exact when multiplied by an integer of 20 bits. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;
const INVERSE_HALF_PI = 0.6366197723675814;
const QUARTER_PI = Math.PI / 4;
const LARGEST_MULTIPLE = 2 ** 20;
/** Below this rest of a reduction, too many digits have cancelled: the exact reduction takes over. */
const SMALLEST_REST = 2 ** -20;

const EXP_OVERFLOW = 709.782712893384;
const EXP_UNDERFLOW = -745.1332191019412;

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** 1/3! + r/4! + ...: for a rest of at most 0.35 in size. */
const EXP_SERIES = Array.from({ length: 12 }, (_, n) => 1 / factorial(n + 3));
/** 2/3 + 2z/5 + ...: the series of 2 artanh(s) / s - 2 in z = s ** 2, for s of at most 0.172. */
const LOG_SERIES = Array.from({ length: 11 }, (_, n) => 2 / (2 * n + 3));
/** 1/5 + z/7 + ...: the same for pairs, whose first terms are written out. */
const LOG_PAIR_SERIES = Array.from({ length: 14 }, (_, n) => 1 / (2 * n + 5));
const THIRD = 1 / 3;
const THIRD_REST = 1 / 3 / 2 ** 54;
/** -1/3! + z/5! - ... and 1/4! - z/6! + ...: for angles of at most pi / 4. */
const SIN_SERIES = Array.from({ length: 9 }, (_, n) => (n % 2 === 0 ? -1 : 1) / factorial(2 * n + 3));
const COS_SERIES = Array.from({ length: 9 }, (_, n) => (n % 2 === 0 ? 1 : -1) / factorial(2 * n + 4));

const bits = new DataView(new ArrayBuffer(8));

/** Returns e ** x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < EXP_UNDERFLOW) return 0;
  return expOfPair(x, 0);
}

/** Returns the natural logarithm; -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  const exponent = exponentOf(x);
  const f = scale(x, -exponent) - 1;
  // log(1 + f) = f - f ** 2 / 2 + s * (f ** 2 / 2 + rest): the large terms come first and exactly.
  const s = f / (2 + f);
  const z = s * s;
  const half = 0.5 * f * f;
  const tail = s * (half + z * polynomial(LOG_SERIES, z)) + exponent * LN2_TAIL;
  return exponent * LN2_HEAD - (half - tail - f);
}

/** Returns x ** y, exactly where the result is a double; special cases as in Math.pow. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const size = Math.abs(x);
  const isOdd = Math.abs(y) % 2 === 1;
  const isNegative = isOdd && (x < 0 || Object.is(x, -0));
  if (x < 0 && size !== Number.POSITIVE_INFINITY && !Number.isInteger(y) && Math.abs(y) !== Number.POSITIVE_INFINITY) {
    return Number.NaN;
  }
  const result = powOfPositive(size, y);
  return isNegative ? -result : result;
}

/** Returns the sine of an angle in radians, of any size. */
export function sin(x: number): number {
  if (Math.abs(x) < 2 ** -27) return x;
  const quadrant = reduce(x);
  const value = quadrant % 2 === 0 ? sinOfRest() : cosOfRest();
  return quadrant < 2 ? value : -value;
}

/** Returns the cosine of an angle in radians, of any size. */
export function cos(x: number): number {
  const quadrant = reduce(x);
  const value = quadrant % 2 === 0 ? cosOfRest() : sinOfRest();
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let n = coefficients.length - 1; n >= 0; n--) sum = sum * x + coefficients[n]!;
  return sum;
}

/** Returns 2 ** n for -1022 <= n <= 1023. */
function powerOfTwo(n: number): number {
  bits.setUint32(0, (n + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Returns x * 2 ** n with one rounding at most. */
function scale(x: number, n: number): number {
  if (n > 1023) return x * powerOfTwo(1023) * powerOfTwo(n - 1023);
  return n < -1021 ? x * powerOfTwo(n + 110) * powerOfTwo(-110) : x * powerOfTwo(n);
}

/** Returns the n for which x / 2 ** n lies in [sqrt(1/2), sqrt(2)), for a finite x above 0. */
function exponentOf(x: number): number {
  const isSubnormal = x < 2 ** -1022;
  bits.setFloat64(0, isSubnormal ? x * 2 ** 54 : x);
  const high = bits.getUint32(0);
  const exponent = (high >>> 20) - (isSubnormal ? 1077 : 1023);
  return (high & 0xfffff) >= 0x6a09e ? exponent + 1 : exponent;
}

/** Returns e ** (high + low), where low is below a unit in the last place of high. */
function expOfPair(high: number, low: number): number {
  const n = Math.floor(high * INVERSE_LN2 + 0.5);
  const head = high - n * LN2_HEAD;
  const tail = low - n * LN2_TAIL;
  const r = head + tail;
  const rest = sumError(head, tail, r);
  const square = r * r;
  const half = 0.5 * square;
  const first = r + half;
  const small =
    r * square * polynomial(EXP_SERIES, r) + 0.5 * squareError(r, square) + rest * (1 + r) + sumError(r, half, first);
  const sum = 1 + first;
  return scale(sum + (sumError(1, first, sum) + small), n);
}

/** Below 1e-140 the error of a square is far below what it is added to, and would not come out exact. */
const squareError = (x: number, square: number): number => (square < 1e-100 ? 0 : productError(x, x, square));

function powOfPositive(x: number, y: number): number {
  if (Math.abs(y) === Number.POSITIVE_INFINITY && x === 1) return Number.NaN;
  if (x === 0 || x === Number.POSITIVE_INFINITY) return (x === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (x === 1) return 1;
  logAsPair(x);
  const estimate = y * pairHigh;
  if (estimate > EXP_OVERFLOW + 1) return Number.POSITIVE_INFINITY;
  if (estimate < EXP_UNDERFLOW - 1) return 0;
  if (Math.abs(estimate) < 1e-20) return 1;
  return expOfPair(estimate, productError(y, pairHigh, estimate) + y * pairLow);
}

/** Results of the functions below that give a pair: no object for each call. */
let pairHigh = 0;
let pairLow = 0;

/** Writes log(x) into the pair, with about 70 correct bits; x is finite and above 0. */
function logAsPair(x: number): void {
  const exponent = exponentOf(x);
  const m = scale(x, -exponent);
  // s = (m - 1) / (m + 1), log m = 2 s (1 + z / 3 + z ** 2 / 5 + ...) with z = s ** 2.
  const above = m - 1;
  const below = m + 1;
  const s = above / below;
  const back = s * below;
  const sRest = (above - back - productError(s, below, back) - s * sumError(m, 1, below)) / below;
  const z = s * s;
  const zRest = productError(s, s, z) + 2 * s * sRest;
  const series = polynomial(LOG_PAIR_SERIES, z);
  const term = z * series;
  const third = THIRD + term;
  const thirdRest = sumError(THIRD, term, third) + THIRD_REST + productError(z, series, term) + zRest * series;
  const w = z * third;
  const wRest = productError(z, third, w) + z * thirdRest + zRest * third;
  const v = s * w;
  const vRest = productError(s, w, v) + s * wRest + sRest * w;
  const half = s + v;
  const halfRest = sumError(s, v, half) + sRest + vRest;
  const base = exponent * LN2;
  const sum = base + 2 * half;
  const rest = sumError(base, 2 * half, sum) + productError(exponent, LN2, base) + exponent * LN2_REST + 2 * halfRest;
  pairHigh = sum + rest;
  pairLow = sumError(sum, rest, pairHigh);
}

/** Writes the angle's distance from the nearest multiple of pi / 2 into the pair; returns that multiple modulo 4. */
function reduce(x: number): number {
  if (Math.abs(x) <= QUARTER_PI) {
    pairHigh = x;
    pairLow = 0;
    return 0;
  }
  if (!Number.isFinite(x)) {
    pairHigh = Number.NaN;
    return 0;
  }
  const n = Math.floor(x * INVERSE_HALF_PI + 0.5);
  if (Math.abs(n) > LARGEST_MULTIPLE) return reduceExactly(x);
  const first = x - n * HALF_PI_1;
  const second = n * HALF_PI_2;
  const rest = first - second;
  if (Math.abs(rest) < SMALLEST_REST) return reduceExactly(x);
  const small = sumError(first, -second, rest) - n * HALF_PI_3;
  pairHigh = rest + small;
  pairLow = sumError(rest, small, pairHigh);
  return ((n % 4) + 4) % 4;
}

function sinOfRest(): number {
  const z = pairHigh * pairHigh;
  return pairHigh + (pairHigh * z * polynomial(SIN_SERIES, z) + pairLow * (1 - 0.5 * z));
}

function cosOfRest(): number {
  const z = pairHigh * pairHigh;
  const half = 0.5 * z;
  const head = 1 - half;
  return head + (1 - head - half + (z * z * polynomial(COS_SERIES, z) - pairHigh * pairLow));
}

/** Bits after the point of the exact reduction: 1024 for the largest doubles and 176 for what cancels. */
const EXACT_BITS = 1200n;
let exactHalfPi: bigint | undefined;

/** The reduction in integers: for huge angles, and for those next to a multiple of pi / 2. */
function reduceExactly(x: number): number {
  exactHalfPi ??= 8n * inverseArctangent(5n) - 2n * inverseArctangent(239n);
  // Every finite double of at least pi / 4 in size is an integer times 2 ** -53.
  const scaled = Math.abs(x) < 2 ** 53 ? BigInt(x * 2 ** 53) << (EXACT_BITS - 53n) : BigInt(x) << EXACT_BITS;
  let n = (2n * scaled + exactHalfPi) / (2n * exactHalfPi);
  if (2n * scaled + exactHalfPi < 0n) n -= 1n;
  const rest = (scaled - n * exactHalfPi) >> (EXACT_BITS - 200n);
  const head = Number(rest);
  pairHigh = head * 2 ** -200;
  pairLow = Number(rest - BigInt(head)) * 2 ** -200;
  return Number(((n % 4n) + 4n) % 4n);
}

/** Returns arctan(1 / n) scaled by 2 ** EXACT_BITS; pi / 4 = 4 arctan(1/5) - arctan(1/239) (Machin). */
function inverseArctangent(n: bigint): bigint {
  const guard = 20n;
  let power = (1n << (EXACT_BITS + guard)) / n;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += odd % 4n === 1n ? power / odd : -(power / odd);
    power /= n * n;
  }
  return sum >> guard;
}
