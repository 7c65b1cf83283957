import { formatScaled, parseScaled } from './decimal-text.js';
import { SPLITTER } from './double-double.js';
import { divideRounded, Rounding, raisesFloor } from './rounding.js';

export { Rounding };

const BASE = 100_000_000;
const BIG_BASE = 100_000_000n;
/** Digits of the low part: all that stands behind the point at so many decimals. */
const LOW_DECIMALS = String(BASE).length - 1;
const MAX = Number.MAX_SAFE_INTEGER;
/** A high part within it may still take a carry: checked before, because a sum beyond is already rounded. */
const LIMIT = MAX - 1;
/** Exact powers of ten; the last one is the largest below 2 ** 53, so that remainders stay exact. */
export const POWERS: readonly number[] = Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
/** Above this a limb times a factor leaves the exact integers. */
const NARROW_FACTOR = 90_000_000;
/** Above this the sum of two limb products leaves the exact integers. */
const WIDE_FACTOR = 3e15;
/** Bounds of a division by error-free products: the estimate is off by 2 at most, and 3 divisors are an exact integer. */
const DIVISOR_MAX = 2 ** 51;
const QUOTIENT_MAX = 2 ** 52;
/** Three of this size add up to an exact integer. */
const THIRD = 2 ** 51;

/**
 * A mutable register for an exact integer of any size: the mantissa of an amount of money or a quantity.
 * The number of decimals belongs to the owner, who keeps all registers of a kind at one scale.
 *
 * Every operation works in place, returns `this`, accepts `this` as operand, and is exact. As long as the
 * values stay below 9e23 nothing is allocated; beyond, BigInt computes the same answers more slowly.
 *
 * The value is `hi * 1e8 + lo` with `hi` a safe integer and 0 <= `lo` < 1e8, so -0.5 at 8 decimals is (-1, 5e7).
 * A value that does not fit lies in `big` and `hi` is NaN: then every range check of a fast path fails.
 */
export class ScaledInteger {
  // NaN as first value makes V8 keep both fields as raw doubles, overwritten in place; a field that is declared
  // without a value starts as undefined, and then every store would allocate a boxed number.
  private hi = Number.NaN;
  private lo = Number.NaN;
  private big: bigint | undefined = undefined;

  /** @param value a safe integer. @defaultValue 0 */
  constructor(value = 0) {
    this.setNumber(value);
  }

  /** Returns a register with the value of a decimal text at a scale; see {@link parseScaled} for what is refused. */
  static fromDecimalString(
    text: string,
    decimals: number,
    rounding: Rounding | 'exact',
    what = 'The amount',
  ): ScaledInteger {
    return new ScaledInteger().setBigInt(parseScaled(text, decimals, rounding, what));
  }

  /** Returns a new register with this value. */
  clone(): ScaledInteger {
    return new ScaledInteger().set(this);
  }

  /** this = other */
  set(other: ScaledInteger): this {
    this.hi = other.hi;
    this.lo = other.lo;
    this.big = other.big;
    return this;
  }

  /** this = 0 */
  clear(): this {
    return this.store(0, 0);
  }

  /** this = value, a safe integer; throws RangeError otherwise. */
  setNumber(value: number): this {
    if (!Number.isSafeInteger(value)) throw new RangeError(`expected a safe integer, got ${value}`);
    const hi = Math.floor(value / BASE);
    this.hi = hi;
    this.lo = value - hi * BASE;
    this.big = undefined;
    return this;
  }

  /** this = the largest integer at most `value`, a finite number; throws RangeError otherwise. For float estimates. */
  setFloor(value: number): this {
    const integer = Math.floor(value);
    return integer >= -MAX && integer <= MAX ? this.setNumber(integer) : this.setBigInt(BigInt(integer));
  }

  /** this = value */
  setBigInt(value: bigint): this {
    const quotient = value / BIG_BASE;
    const remainder = value - quotient * BIG_BASE;
    const hi = Number(remainder < 0n ? quotient - 1n : quotient);
    if (hi >= -MAX && hi <= MAX) return this.store(hi, Number(remainder < 0n ? remainder + BIG_BASE : remainder));
    this.hi = Number.NaN;
    this.lo = 0;
    this.big = value;
    return this;
  }

  /** this = high * 1e8 + low, as {@link writeLimbs} wrote them. */
  setLimbs(high: number, low: number): this {
    return this.store(high, low);
  }

  /** Returns the integer. */
  toBigInt(): bigint {
    return this.big ?? BigInt(this.hi) * BIG_BASE + BigInt(this.lo);
  }

  /** this += other */
  add(other: ScaledInteger): this {
    let hi = this.hi + other.hi;
    if (!(hi >= -LIMIT && hi <= LIMIT)) return this.setBigInt(this.toBigInt() + other.toBigInt());
    let lo = this.lo + other.lo;
    if (lo >= BASE) {
      lo -= BASE;
      hi += 1;
    }
    this.hi = hi;
    this.lo = lo;
    return this;
  }

  /** this -= other */
  subtract(other: ScaledInteger): this {
    let hi = this.hi - other.hi;
    if (!(hi >= -LIMIT && hi <= LIMIT)) return this.setBigInt(this.toBigInt() - other.toBigInt());
    let lo = this.lo - other.lo;
    if (lo < 0) {
      lo += BASE;
      hi -= 1;
    }
    this.hi = hi;
    this.lo = lo;
    return this;
  }

  /** this = -this */
  negate(): this {
    const hi = this.lo === 0 ? -this.hi : -this.hi - 1;
    if (!(hi >= -MAX && hi <= MAX)) return this.setBigInt(-this.toBigInt());
    this.hi = hi;
    this.lo = this.lo === 0 ? 0 : BASE - this.lo;
    return this;
  }

  /** Returns -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    if (this.hi > 0) return 1;
    if (this.hi < 0) return -1;
    if (this.hi === 0) return this.lo > 0 ? 1 : 0;
    return this.toBigInt() > 0n ? 1 : -1;
  }

  /** Whether the value is 0. */
  get isZero(): boolean {
    return this.hi === 0 && this.lo === 0;
  }

  /** Returns -1 when this is below `other`, 1 when it is above, 0 when they are equal. */
  compare(other: ScaledInteger): -1 | 0 | 1 {
    const difference = this.hi - other.hi;
    if (difference < 0) return -1;
    if (difference > 0) return 1;
    if (difference === 0) return this.lo < other.lo ? -1 : this.lo > other.lo ? 1 : 0;
    const a = this.toBigInt();
    const b = other.toBigInt();
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** Whether this and `other` hold the same value. */
  equals(other: ScaledInteger): boolean {
    return this.hi === other.hi ? this.lo === other.lo : this.compare(other) === 0;
  }

  /**
   * this = a * factor / 10 ** power, rounded to an integer.
   *
   * @param factor a safe integer: a price in ticks, the mantissa of a rate. The caller guarantees it.
   * @param power an integer, at least 0
   */
  setProduct(a: ScaledInteger, factor: number, power: number, rounding: Rounding): this {
    // The usual case: the factor is one limb and so is its product with hi. Division of exact integers below
    // 2 ** 53 and floor give the exact quotient, because the nearest double of x / d never reaches the next integer.
    const top = a.hi * factor;
    if (!(factor >= -NARROW_FACTOR && factor <= NARROW_FACTOR && top >= -MAX && top <= MAX && power <= 15)) {
      return this.setWideProduct(a, factor, power, rounding);
    }
    const low = a.lo * factor;
    const carry = Math.floor(low / BASE);
    const high = top + carry;
    const rest = low - carry * BASE;
    if (!(high >= -MAX && high <= MAX)) return this.setWideProduct(a, factor, power, rounding);
    const isNegative = high < 0;
    let hi: number;
    let lo: number;
    let remainder: number;
    if (power <= 8) {
      const divisor = POWERS[power]!;
      hi = Math.floor(high / divisor);
      lo = Math.floor(rest / divisor);
      remainder = rest - lo * divisor;
      lo += (high - hi * divisor) * POWERS[8 - power]!;
    } else {
      const divisor = POWERS[power - 8]!;
      const quotient = Math.floor(high / divisor);
      remainder = (high - quotient * divisor) * BASE + rest;
      hi = Math.floor(quotient / BASE);
      lo = quotient - hi * BASE;
    }
    const twice = remainder * 2;
    const unit = POWERS[power]!;
    if (
      rounding === Rounding.HalfEven
        ? twice > unit || (twice === unit && (lo & 1) === 1)
        : raisesFloor(rounding, remainder, unit, isNegative, (lo & 1) === 1)
    ) {
      lo += 1;
      if (lo === BASE) {
        lo = 0;
        hi += 1;
      }
    }
    // A power of at least 1 leaves hi far below the limit, so that the carry needs no check.
    this.hi = hi;
    this.lo = lo;
    this.big = undefined;
    return this;
  }

  /**
   * this = a * b / c, rounded to an integer; `a` itself when `b` equals `c`.
   * Allocates nothing while `a` and `b` are safe integers, `c` is at most 2 ** 51 and the result at most 2 ** 52 in size.
   *
   * @throws RangeError when `c` is zero
   */
  setMulDiv(a: ScaledInteger, b: ScaledInteger, c: ScaledInteger, rounding: Rounding): this {
    if (b.hi === c.hi && b.lo === c.lo && !c.isZero) return this.set(a);
    let x = a.hi * BASE + a.lo;
    const y = b.hi * BASE + b.lo;
    let divisor = c.hi * BASE + c.lo;
    if (divisor < 0) {
      x = -x;
      divisor = -divisor;
    }
    const product = x * y;
    let quotient = Math.floor(product / divisor);
    if (
      !(x >= -MAX && x <= MAX && y >= -MAX && y <= MAX && divisor > 0 && divisor <= DIVISOR_MAX) ||
      !(quotient >= -QUOTIENT_MAX && quotient <= QUOTIENT_MAX)
    ) {
      return this.setBigInt(divideRounded(a.toBigInt() * b.toBigInt(), c.toBigInt(), rounding));
    }
    // The estimate is off by a few units at most. What it leaves is small, so the difference of the two
    // exact products (each a double and its rounding error: see productError) is an exact integer.
    // Written out, because a call that the compiler decides not to inline allocates its arguments (19 against 50 ns).
    const back = quotient * divisor;
    let scaled = x * SPLITTER;
    const xHigh = scaled - (scaled - x);
    const xLow = x - xHigh;
    scaled = y * SPLITTER;
    const yHigh = scaled - (scaled - y);
    const yLow = y - yHigh;
    scaled = quotient * SPLITTER;
    const quotientHigh = scaled - (scaled - quotient);
    const quotientLow = quotient - quotientHigh;
    scaled = divisor * SPLITTER;
    const divisorHigh = scaled - (scaled - divisor);
    const divisorLow = divisor - divisorHigh;
    let remainder =
      product -
      back +
      (xLow * yLow -
        (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow) -
        (quotientLow * divisorLow -
          (back - quotientHigh * divisorHigh - quotientLow * divisorHigh - quotientHigh * divisorLow)));
    while (remainder < 0) {
      quotient -= 1;
      remainder += divisor;
    }
    while (remainder >= divisor) {
      quotient += 1;
      remainder -= divisor;
    }
    let hi = Math.floor(quotient / BASE);
    let lo = quotient - hi * BASE;
    const twice = remainder * 2;
    if (
      rounding === Rounding.HalfEven
        ? twice > divisor || (twice === divisor && (lo & 1) === 1)
        : raisesFloor(rounding, remainder, divisor, quotient < 0, (lo & 1) === 1)
    ) {
      lo += 1;
      if (lo === BASE) {
        lo = 0;
        hi += 1;
      }
    }
    this.hi = hi;
    this.lo = lo;
    this.big = undefined;
    return this;
  }

  /**
   * this = a * 10 ** power / divisor, rounded to an integer.
   *
   * @param power an integer, at least 0
   * @param divisor a safe integer; RangeError when it is zero
   */
  setQuotient(a: ScaledInteger, power: number, divisor: number, rounding: Rounding): this {
    scratchDivisor.setNumber(divisor);
    if (power <= 15) return this.setMulDiv(a, scratchFactor.setNumber(POWERS[power]!), scratchDivisor, rounding);
    return this.setMulDiv(a, scratchFactor.setBigInt(10n ** BigInt(power)), scratchDivisor, rounding);
  }

  /** this = the largest multiple of `step` that is at most this; `step` is a safe integer above 0. */
  floorToMultiple(step: number): this {
    if (step === 1) return this;
    const value = this.hi * BASE + this.lo;
    if (value >= -MAX && value <= MAX && step <= MAX) {
      const multiple = Math.floor(value / step) * step;
      if (multiple >= -MAX) return this.setNumber(multiple);
    }
    const size = BigInt(step);
    return this.setBigInt(divideRounded(this.toBigInt(), size, Rounding.Floor) * size);
  }

  /**
   * Writes `hi` and `lo` with `hi * 1e8 + lo` being this, 0 <= lo < 1e8, into an element each: a record of fixed layout.
   * Returns false and writes nothing when the integer does not fit.
   */
  writeLimbs(high: Float64Array, highAt: number, low: Int32Array, lowAt: number): boolean {
    if (this.big !== undefined) return false;
    high[highAt] = this.hi;
    low[lowAt] = this.lo;
    return true;
  }

  /** Returns this - a - b as a double: exact up to 2 ** 53, of the right sign beyond. */
  minus(a: ScaledInteger, b: ScaledInteger): number {
    const { hi } = this;
    // With each limb this small the differences are exact; NaN fails too.
    if (hi <= THIRD && a.hi <= THIRD && b.hi <= THIRD && hi >= -THIRD && a.hi >= -THIRD && b.hi >= -THIRD) {
      return (hi - a.hi - b.hi) * BASE + (this.lo - a.lo - b.lo);
    }
    return Number(this.toBigInt() - a.toBigInt() - b.toBigInt());
  }

  /** Returns the integer as a double, exact up to 2 ** 53 and within one unit in the last place beyond. */
  approximate(): number {
    return this.big === undefined ? this.hi * BASE + this.lo : Number(this.big);
  }

  /**
   * Returns `this / 10 ** decimals` as a double: the nearest one when the mantissa is at most 2 ** 53 or at least 9e23
   * and `decimals` is at most 15, else within two units in the last place.
   */
  toNumber(decimals: number): number {
    if (decimals > 15 || this.big !== undefined) return Number(this.toString(decimals));
    const mantissa = this.hi * BASE + this.lo;
    const divisor = POWERS[decimals]!;
    if (mantissa >= -MAX && mantissa <= MAX) return mantissa / divisor;
    if (decimals >= 8) return this.hi / POWERS[decimals - 8]! + this.lo / divisor;
    return this.hi * POWERS[8 - decimals]! + this.lo / divisor;
  }

  /** Returns `this / 10 ** decimals` exactly, without trailing zeros: `-0.5`. */
  toString(decimals: number): string {
    // Every trial of a search writes what it ends with.
    if (decimals === LOW_DECIMALS && this.hi >= 0) {
      return this.lo === 0
        ? `${this.hi}`
        : `${this.hi}.${String(this.lo).padStart(LOW_DECIMALS, '0').replace(/0+$/, '')}`;
    }
    const text = this.toFixed(decimals);
    return decimals === 0 ? text : text.replace(/\.?0+$/, '');
  }

  /** Returns `this / 10 ** decimals` exactly, with all its decimals: `-0.50000000`. */
  toFixed(decimals: number): string {
    return formatScaled(this.toBigInt(), decimals);
  }

  private store(hi: number, lo: number): this {
    this.hi = hi;
    this.lo = lo;
    this.big = undefined;
    return this;
  }

  /** The product of four limbs: any factor up to 3e15, any value whose product fits. */
  private setWideProduct(a: ScaledInteger, factor: number, power: number, rounding: Rounding): this {
    if (!(factor >= -WIDE_FACTOR && factor <= WIDE_FACTOR && power <= 15)) {
      return this.setBigProduct(a, factor, power, rounding);
    }
    // One side has limbs of at most half the base in size: a product stays below 5e15, a sum of two below 2 ** 53.
    const factorHigh = Math.floor(factor / BASE + 0.5);
    const factorLow = factor - factorHigh * BASE;
    const a2 = Math.floor(a.hi / BASE);
    const a1 = a.hi - a2 * BASE;
    let sum = a.lo * factorLow;
    let carry = Math.floor(sum / BASE);
    const p0 = sum - carry * BASE;
    sum = a1 * factorLow + a.lo * factorHigh + carry;
    carry = Math.floor(sum / BASE);
    const p1 = sum - carry * BASE;
    const high = a2 * factorHigh * BASE + (a2 * factorLow + a1 * factorHigh + carry);
    // A high part beyond the exact integers is also beyond them as a double, whatever its rounding; NaN fails too.
    if (!(high >= -MAX && high <= MAX)) return this.setBigProduct(a, factor, power, rounding);
    let hi: number;
    let lo: number;
    let remainder: number;
    if (power <= 8) {
      const divisor = POWERS[power]!;
      const quotient = Math.floor(p1 / divisor);
      hi = high * POWERS[8 - power]! + quotient;
      lo = Math.floor(p0 / divisor);
      remainder = p0 - lo * divisor;
      lo += (p1 - quotient * divisor) * POWERS[8 - power]!;
    } else {
      const divisor = POWERS[power - 8]!;
      hi = Math.floor(high / divisor);
      lo = Math.floor(p1 / divisor);
      remainder = (p1 - lo * divisor) * BASE + p0;
      lo += (high - hi * divisor) * POWERS[16 - power]!;
    }
    if (!(hi >= -LIMIT && hi <= LIMIT)) return this.setBigProduct(a, factor, power, rounding);
    if (raisesFloor(rounding, remainder, POWERS[power]!, high < 0, (lo & 1) === 1)) {
      lo += 1;
      if (lo === BASE) {
        lo = 0;
        hi += 1;
      }
    }
    return this.store(hi, lo);
  }

  private setBigProduct(a: ScaledInteger, factor: number, power: number, rounding: Rounding): this {
    return this.setBigInt(divideRounded(a.toBigInt() * BigInt(factor), 10n ** BigInt(power), rounding));
  }
}

/** Operands of {@link ScaledInteger.setQuotient}; never `this`, never kept. */
const scratchFactor = new ScaledInteger();
const scratchDivisor = new ScaledInteger();
