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
  const sorted = chosen.slice().sort();
  // Most choices are no better among the least values, and to sort these alone takes a fraction.
  const tail = sorted[Math.floor(sorted.length / TAIL)]!;
  const undecided = compareBelow(tail, sorted, valuesBelow(tail, all).sort(), all.length);
  if (!undecided.secondOrder) return undecided;
  return compareBelow(Number.POSITIVE_INFINITY, sorted, all.slice().sort(), all.length);
}

/** The share of the chosen, from the least, that is looked at before all are: one in so many. */
const TAIL = 16;

function valuesBelow(bound: number, values: Float64Array): Float64Array {
  const found = new Float64Array(values.length);
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    found[count] = value;
    if (value < bound) count++;
  }
  return found.slice(0, count);
}

/** The same as {@link stochasticDominance} as far as values below a bound tell: what fails there fails. `a` and `b` ascend, and `b` holds at least those. */
function compareBelow(
  bound: number,
  a: Float64Array,
  b: Float64Array,
  count: number,
): ReturnType<typeof stochasticDominance> {
  let firstOrder = true;
  let secondOrder = true;
  let [i, j] = [0, 0];
  let behind = 0;
  let last = Math.min(a[0]!, b[0] ?? Number.POSITIVE_INFINITY);
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (value >= bound) break;
    // How far the chosen's distribution lies above that of all, held since the value before.
    behind += (i / a.length - j / count) * (value - last);
    if (behind > ROUNDING) secondOrder = false;
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    if (i / a.length > j / count + ROUNDING) firstOrder = false;
    // Nothing that follows makes either good.
    if (!firstOrder && !secondOrder) break;
    last = value;
  }
  return { firstOrder, secondOrder };
}
