/** What happens to digits that do not fit. Small integers, so that the hot paths compare numbers. */
export const Rounding = {
  /** Towards zero. */
  Down: 0,
  /** Towards minus infinity. */
  Floor: 1,
  /** Towards plus infinity. */
  Ceiling: 2,
  /** To the nearest; a tie goes to the even neighbour. */
  HalfEven: 3,
  /** To the nearest; a tie goes away from zero. */
  HalfUp: 4,
} as const;

/** One of the rounding modes of {@link Rounding}. */
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

/**
 * Returns whether a quotient that was rounded towards minus infinity must be raised by one.
 *
 * @param remainder what the division left, at least 0 and below `modulus`; both small enough to be doubled exactly
 * @param isNegative whether the quotient before rounding is negative
 * @param isOdd whether the rounded-down quotient is odd
 */
export function raisesFloor(
  rounding: Rounding,
  remainder: number,
  modulus: number,
  isNegative: boolean,
  isOdd: boolean,
): boolean {
  if (remainder === 0) return false;
  if (rounding === Rounding.HalfEven) {
    const twice = remainder * 2;
    return twice > modulus || (twice === modulus && isOdd);
  }
  if (rounding === Rounding.Floor) return false;
  if (rounding === Rounding.Ceiling) return true;
  if (rounding === Rounding.Down) return isNegative;
  const twice = remainder * 2;
  return twice > modulus || (twice === modulus && !isNegative);
}

/** Returns `numerator / denominator` rounded to an integer; throws RangeError when the denominator is zero. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n) return quotient;
  const isNegative = remainder < 0n !== denominator < 0n;
  const awayFromZero = isNegative ? quotient - 1n : quotient + 1n;
  switch (rounding) {
    case Rounding.Down:
      return quotient;
    case Rounding.Floor:
      return isNegative ? awayFromZero : quotient;
    case Rounding.Ceiling:
      return isNegative ? quotient : awayFromZero;
    default: {
      const twice = 2n * (remainder < 0n ? -remainder : remainder);
      const size = denominator < 0n ? -denominator : denominator;
      if (twice !== size) return twice > size ? awayFromZero : quotient;
      return rounding === Rounding.HalfUp || quotient % 2n !== 0n ? awayFromZero : quotient;
    }
  }
}
