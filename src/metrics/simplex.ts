type Point = readonly [number, number];

const [REFLECTION, EXPANSION, CONTRACTION, SHRINK] = [1, 2, 0.5, 0.5];
const TOLERANCE = 1e-4;
const EVALUATIONS_MAX = 400;

/**
 * Returns where a function of two variables is least near a start without a 0 in it, or undefined where it did not settle
 * within 400 evaluations. The simplex method of Nelder and Mead (1965) with the usual coefficients, begun with steps
 * of 5 %, ended when values and corners differ by at most 1e-4.
 */
export function minimize2(f: (x: number, y: number) => number, start: Point): Point | undefined {
  const corners: Corner[] = [];
  let evaluations = 0;
  const at = (x: number, y: number): Corner => {
    evaluations++;
    return { x, y, value: f(x, y) };
  };
  const [x, y] = start;
  corners.push(at(x, y), at(x * 1.05, y), at(x, y * 1.05));
  const order = (): void => void corners.sort((a, b) => a.value - b.value);
  order();
  while (evaluations < EVALUATIONS_MAX) {
    const [best, middle, worst] = corners as [Corner, Corner, Corner];
    const spread = Math.max(
      ...[middle, worst].map((corner) => Math.max(Math.abs(corner.x - best.x), Math.abs(corner.y - best.y))),
    );
    if (spread <= TOLERANCE && worst.value - best.value <= TOLERANCE) return [best.x, best.y];
    const centre = { x: (best.x + middle.x) / 2, y: (best.y + middle.y) / 2 };
    const beyond = (factor: number): Corner =>
      at((1 + factor) * centre.x - factor * worst.x, (1 + factor) * centre.y - factor * worst.y);
    const reflected = beyond(REFLECTION);
    let next: Corner | undefined;
    if (reflected.value < best.value) {
      const expanded = beyond(REFLECTION * EXPANSION);
      next = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < middle.value) {
      next = reflected;
    } else if (reflected.value < worst.value) {
      const contracted = beyond(CONTRACTION * REFLECTION);
      if (contracted.value <= reflected.value) next = contracted;
    } else {
      const contracted = beyond(-CONTRACTION);
      if (contracted.value < worst.value) next = contracted;
    }
    if (next === undefined) {
      for (const index of [1, 2]) {
        const corner = corners[index]!;
        corners[index] = at(best.x + SHRINK * (corner.x - best.x), best.y + SHRINK * (corner.y - best.y));
      }
    } else {
      corners[2] = next;
    }
    order();
  }
  return undefined;
}

interface Corner {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}
