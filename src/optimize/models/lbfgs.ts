/** Writes the gradient at `x` and returns the value there; Infinity where there is none. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

/** How {@link minimize} goes on and stops. */
export interface LbfgsOptions {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Steps at most. */
  readonly iterations: number;
  /** Ends when no free coordinate's derivative is larger. @defaultValue 1e-5 */
  readonly tolerance?: number;
}

/** Pairs of steps and changes of the gradient that are remembered. */
const MEMORY = 8;

/**
 * Minimises a function within bounds from `x`, which becomes the best point found; returns the value there. L-BFGS (Liu and Nocedal 1989) on
 * the coordinates that are not held at a bound, every trial point projected onto the box, with backtracking until Armijo's rule holds.
 */
export function minimize(
  evaluate: Differentiable,
  x: Float64Array,
  { lower, upper, iterations, tolerance = 1e-5 }: LbfgsOptions,
): number {
  const size = x.length;
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  const gradient = new Float64Array(size);
  const direction = new Float64Array(size);
  const next = new Float64Array(size);
  const nextGradient = new Float64Array(size);
  for (let i = 0; i < size; i++) x[i] = Math.min(upper[i]!, Math.max(lower[i]!, x[i]!));
  let value = evaluate(x, gradient);
  if (!Number.isFinite(value)) return value;
  for (let iteration = 0; iteration < iterations; iteration++) {
    let steepest = 0;
    for (let i = 0; i < size; i++) {
      if (!isHeld(x[i]!, gradient[i]!, lower[i]!, upper[i]!)) steepest = Math.max(steepest, Math.abs(gradient[i]!));
    }
    if (steepest <= tolerance) break;
    const aim = (): number => {
      for (let i = 0; i < size; i++) {
        direction[i] = isHeld(x[i]!, gradient[i]!, lower[i]!, upper[i]!) ? 0 : -gradient[i]!;
      }
      turn(direction, steps, changes);
      let along = 0;
      for (let i = 0; i < size; i++) {
        if (isHeld(x[i]!, gradient[i]!, lower[i]!, upper[i]!)) direction[i] = 0;
        along += direction[i]! * gradient[i]!;
      }
      return along;
    };
    let slope = aim();
    if (!(slope < 0)) {
      forget(steps, changes);
      slope = aim();
    }
    let length = steps.length === 0 ? Math.min(1, 1 / steepest) : 1;
    let nextValue = Number.POSITIVE_INFINITY;
    let moved = false;
    for (let halving = 0; halving < 20; halving++, length /= halving < 3 ? 2 : 4) {
      moved = false;
      for (let i = 0; i < size; i++) {
        next[i] = Math.min(upper[i]!, Math.max(lower[i]!, x[i]! + length * direction[i]!));
        if (next[i] !== x[i]) moved = true;
      }
      if (!moved) break;
      nextValue = evaluate(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
    }
    if (!moved || !(nextValue < value)) {
      if (steps.length === 0) break;
      forget(steps, changes);
      continue;
    }
    remember(steps, changes, x, next, gradient, nextGradient);
    const gain = value - nextValue;
    x.set(next);
    gradient.set(nextGradient);
    value = nextValue;
    if (gain < 1e-9 * (1 + Math.abs(value))) {
      if (steps.length <= 1) break;
      forget(steps, changes);
    }
  }
  return value;
}

const isHeld = (x: number, slope: number, lower: number, upper: number): boolean =>
  (x <= lower && slope > 0) || (x >= upper && slope < 0);

/** Lets the next step go straight downhill: the memory has led astray, as it may where a bound has come or gone. */
function forget(steps: Float64Array[], changes: Float64Array[]): void {
  steps.length = 0;
  changes.length = 0;
}

function remember(
  steps: Float64Array[],
  changes: Float64Array[],
  x: Float64Array,
  next: Float64Array,
  gradient: Float64Array,
  nextGradient: Float64Array,
): void {
  const step = next.map((value, i) => value - x[i]!);
  const change = nextGradient.map((value, i) => value - gradient[i]!);
  // Curvature that is not positive would make the next direction lead uphill.
  if (dot(step, change) <= 1e-12 * dot(change, change)) return;
  steps.push(step);
  changes.push(change);
  if (steps.length > MEMORY) {
    steps.shift();
    changes.shift();
  }
}

/** The two loops of L-BFGS: multiplies a direction by the approximate inverse Hessian. */
function turn(direction: Float64Array, steps: readonly Float64Array[], changes: readonly Float64Array[]): void {
  const weights = new Float64Array(steps.length);
  for (let pair = steps.length - 1; pair >= 0; pair--) {
    weights[pair] = dot(steps[pair]!, direction) / dot(steps[pair]!, changes[pair]!);
    addScaled(direction, changes[pair]!, -weights[pair]!);
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, changes[last]!);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (let pair = 0; pair < steps.length; pair++) {
    const back = dot(changes[pair]!, direction) / dot(steps[pair]!, changes[pair]!);
    addScaled(direction, steps[pair]!, weights[pair]! - back);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(a: Float64Array, b: Float64Array, scale: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += scale * b[i]!;
}
