/** Comparing vectors of losses, all to be minimised. */

/** Tells whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let objective = 0; objective < a.length; objective++) {
    if (a[objective]! > b[objective]!) return false;
    if (a[objective]! < b[objective]!) better = true;
  }
  return better;
}

/**
 * Returns the front of each vector: 0 for those that none dominates, 1 for those that only front 0 dominates, and so on (the fast
 * non-dominated sort of Deb et al. 2002).
 */
export function frontsOf(losses: readonly (readonly number[])[]): number[] {
  const fronts = new Array<number>(losses.length).fill(0);
  const dominated = losses.map(() => 0);
  const below: number[][] = losses.map(() => []);
  for (let a = 0; a < losses.length; a++) {
    for (let b = a + 1; b < losses.length; b++) {
      if (dominates(losses[a]!, losses[b]!)) {
        below[a]!.push(b);
        dominated[b]!++;
      } else if (dominates(losses[b]!, losses[a]!)) {
        below[b]!.push(a);
        dominated[a]!++;
      }
    }
  }
  let current = losses.map((_, at) => at).filter((at) => dominated[at] === 0);
  for (let front = 0; current.length > 0; front++) {
    const next: number[] = [];
    for (const at of current) {
      fronts[at] = front;
      for (const other of below[at]!) if (--dominated[other]! === 0) next.push(other);
    }
    current = next;
  }
  return fronts;
}

/**
 * Returns how much room each vector has among the others of its front (crowding distance, Deb et al. 2002): Infinity at the ends of each
 * objective, else the sum of the distances between its neighbours, each objective scaled to its range.
 */
export function crowdingOf(losses: readonly (readonly number[])[]): number[] {
  const room = new Array<number>(losses.length).fill(0);
  const objectives = losses[0]?.length ?? 0;
  for (let objective = 0; objective < objectives; objective++) {
    const valueAt = (at: number): number => losses[at]![objective]!;
    const order = losses.map((_, at) => at).sort((a, b) => compare(valueAt(a), valueAt(b)) || a - b);
    const [first, last] = [order[0]!, order.at(-1)!];
    const range = valueAt(last) - valueAt(first);
    room[first] = Number.POSITIVE_INFINITY;
    room[last] = Number.POSITIVE_INFINITY;
    if (!(range > 0 && range < Number.POSITIVE_INFINITY)) continue;
    for (let place = 1; place < order.length - 1; place++) {
      room[order[place]!]! += (valueAt(order[place + 1]!) - valueAt(order[place - 1]!)) / range;
    }
  }
  return room;
}

/** Orders numbers, infinite ones too. */
export const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Returns the hypervolume: the measure of all that some vector dominates and that lies below a reference point in every loss. Exact, by slices
 * along the last objective (While et al. 2006), a sweep in two objectives; meant for fronts of some hundred vectors in three.
 */
export function hypervolume(losses: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = losses.filter((each) => each.every((loss, objective) => loss < reference[objective]!));
  if (inside.length === 0) return 0;
  if (reference.length === 1) return reference[0]! - Math.min(...inside.map(([loss]) => loss!));
  const last = reference.length - 1;
  const sorted = [...inside].sort((a, b) => compare(a[last]!, b[last]!));
  if (reference.length === 2) return areaOf(sorted, reference);
  let volume = 0;
  for (let place = 0; place < sorted.length; place++) {
    const depth = (sorted[place + 1]?.[last] ?? reference[last]!) - sorted[place]![last]!;
    if (depth === 0) continue;
    const slice = sorted.slice(0, place + 1).map((each) => each.slice(0, last));
    volume +=
      depth *
      hypervolume(
        slice.filter((each, at) => isFirstBest(slice, each, at)),
        reference.slice(0, last),
      );
  }
  return volume;
}

/** The hypervolume of pairs, sorted by their second loss. */
function areaOf(sorted: readonly (readonly number[])[], [width = 0, height = 0]: readonly number[]): number {
  let area = 0;
  let reached = width;
  for (const [first, second] of sorted) {
    if (first! >= reached) continue;
    area += (reached - first!) * (height - second!);
    reached = first!;
  }
  return area;
}

const isFirstBest = (all: readonly (readonly number[])[], each: readonly number[], at: number): boolean =>
  !all.some(
    (other, place) =>
      dominates(other, each) || (place < at && other.every((loss, objective) => loss === each[objective])),
  );
