/** Doubles that took different ways to the same share of values may differ by this much. */
const ROUNDING = 1e-12;

/**
 * Tells whether drawing from `chosen` is better than drawing from `all` for everybody who prefers more (first order: below every value lie
 * no more of the chosen than of all), or at least for everybody who also shuns risk (second order: the same of the sums of these shares up
 * to every value). Both lists hold at least one value and are read, not changed.
 */
export function stochasticDominance(
  chosen: Float64Array,
  all: Float64Array,
): { readonly firstOrder: boolean; readonly secondOrder: boolean } {
  const [a, b] = [chosen.slice().sort(), all.slice().sort()];
  let firstOrder = true;
  let secondOrder = true;
  let [i, j] = [0, 0];
  let behind = 0;
  let last = Math.min(a[0]!, b[0]!);
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    // How far the chosen's distribution lies above that of all, held since the value before.
    behind += (i / a.length - j / b.length) * (value - last);
    if (behind > ROUNDING) secondOrder = false;
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    if (i / a.length > j / b.length + ROUNDING) firstOrder = false;
    last = value;
  }
  return { firstOrder, secondOrder };
}
