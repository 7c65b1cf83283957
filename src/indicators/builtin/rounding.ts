/** More than what rounding some prices and their sums can take away, as a share of the prices. */
export const ROUNDING = 2 ** -48;

/**
 * Returns whether `a` is above `b` by more than the rounding of what they are made of. 10.3 - 10.2 is not above 10.1 - 10:
 * a rule that compares sums or differences of prices does not decide on the last digit of a double.
 *
 * @param size of the prices that `a` and `b` were computed from
 */
export function isAbove(a: number, b: number, size: number): boolean {
  return a - b > Math.abs(size) * ROUNDING;
}
