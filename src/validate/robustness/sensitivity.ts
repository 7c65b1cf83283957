import {
  type Declaration,
  flatDeclarations,
  type ParameterMap,
  type Scalar,
  stepsOf,
} from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../../optimize/space.js';
import type { Scenarios } from './scenarios.js';
import { stabilityOf } from './stability.js';

/** The metric over the values of one parameter, all others as they are. */
export interface SensitivityCurve {
  readonly parameter: string;
  readonly values: readonly Scalar[];
  /** Undefined where the constraint forbids the value, or the metric is not available. */
  readonly metrics: readonly (number | undefined)[];
  /** Place of the run that is examined among the values. */
  readonly base: number;
  /** How little the metric changes within {@link STEPS} steps, 0 to 1; undefined where it has no neighbours or no value. */
  readonly stability: number | undefined;
}

/** The metric over the values of two parameters. */
export interface SensitivitySurface {
  readonly parameters: readonly [string, string];
  readonly values: readonly [readonly Scalar[], readonly Scalar[]];
  /** Row by row: the first parameter's values over the second's. */
  readonly metrics: readonly (readonly (number | undefined)[])[];
  readonly base: readonly [number, number];
  readonly stability: number | undefined;
}

/** What {@link sensitivity} returns. */
export interface Sensitivity {
  readonly metric: string;
  readonly curves: readonly SensitivityCurve[];
  readonly surfaces: readonly SensitivitySurface[];
}

/** Steps to either side that a curve shows, and a surface. */
const STEPS = { curve: 3, surface: 2 } as const;
/** Steps that a parameter without steps of its own is taken to have from bound to bound. */
const CONTINUOUS_STEPS = 20;
/** Parameters whose pairs are looked at: those that the metric hangs on most. */
const SURFACE_PARAMETERS = 3;

/**
 * Varies each parameter around a run, and then pairs of those that the metric hangs on most. A step is the parameter's own, a twentieth of its range where
 * it has none (of a logarithmic one, of the range of logarithms); of words, each other one. So the unit of a parameter changes nothing.
 */
export async function sensitivity(
  scenarios: Scenarios,
  space: ParameterSpace<ParameterMap>,
  base: FlatParams,
  metric: string,
): Promise<Sensitivity> {
  const axes = axesOf(space, base);
  const curves = await curvesOf(scenarios, space, base, axes, metric);
  const ranked = axes
    .map((axis, index) => ({ axis, stability: curves[index]!.stability ?? 1 }))
    .toSorted((a, b) => a.stability - b.stability)
    .slice(0, SURFACE_PARAMETERS)
    .map(({ axis }) => axis);
  const pairs = ranked.flatMap((first, i) => ranked.slice(i + 1).map((second) => [first, second] as const));
  const surfaces: SensitivitySurface[] = [];
  for (const [first, second] of pairs) surfaces.push(await surfaceOf(scenarios, space, base, [first, second], metric));
  return { metric, curves, surfaces };
}

interface Axis {
  readonly name: string;
  /** Values that can be reached, in order. */
  readonly values: readonly Scalar[];
  readonly base: number;
}

/** The parameters of a run that have other values near. */
function axesOf(space: ParameterSpace<ParameterMap>, base: FlatParams): Axis[] {
  const axes: Axis[] = [];
  const seen = new Set<string>();
  for (const [name, declaration] of flatDeclarations(space.parameters)) {
    const own = base[name];
    if (own === undefined || seen.has(name)) continue;
    seen.add(name);
    const values = valuesAround(declaration, own);
    if (values.length > 1) axes.push({ name, values, base: values.indexOf(own) });
  }
  return axes;
}

function valuesAround(declaration: Declaration, own: Scalar): readonly Scalar[] {
  switch (declaration.kind) {
    case 'bool':
      return [false, true];
    case 'choice':
      return declaration.values;
    case 'variant':
      // Another kind has parameters of its own, which nobody has chosen.
      return [own];
    default: {
      const steps = stepsOf(declaration);
      const value = own as number;
      if (steps !== undefined) {
        const at = steps.indexOf(value);
        const from = Math.max(0, at - STEPS.curve);
        const to = Math.min(steps.count - 1, at + STEPS.curve);
        return Array.from({ length: to - from + 1 }, (_, k) => steps.at(from + k));
      }
      return continuousAround(declaration, value);
    }
  }
}

function continuousAround({ low, high }: { readonly low: number; readonly high: number }, own: number): number[] {
  const step = (high - low) / CONTINUOUS_STEPS;
  const values: number[] = [];
  for (let k = -STEPS.curve; k <= STEPS.curve; k++) {
    const value = k === 0 ? own : own + k * step;
    if (value >= low && value <= high) values.push(value);
  }
  return values;
}

async function curvesOf(
  scenarios: Scenarios,
  space: ParameterSpace<ParameterMap>,
  base: FlatParams,
  axes: readonly Axis[],
  metric: string,
): Promise<SensitivityCurve[]> {
  const points = axes.flatMap(({ name, values }) => values.map((value) => ({ [name]: value })));
  const found = await metricsAt(scenarios, space, base, points, metric);
  let from = 0;
  return axes.map(({ name, values, base: at }) => {
    const metrics = found.slice(from, from + values.length);
    from += values.length;
    const others = metrics.filter((_, index) => index !== at);
    return { parameter: name, values, metrics, base: at, stability: stabilityOf(metrics[at], others) };
  });
}

async function surfaceOf(
  scenarios: Scenarios,
  space: ParameterSpace<ParameterMap>,
  base: FlatParams,
  [first, second]: readonly [Axis, Axis],
  metric: string,
): Promise<SensitivitySurface> {
  const [rows, columns] = [nearest(first), nearest(second)];
  const points = rows.values.flatMap((row) =>
    columns.values.map((column) => ({ [first.name]: row, [second.name]: column })),
  );
  const found = await metricsAt(scenarios, space, base, points, metric);
  const width = columns.values.length;
  const at = rows.base * width + columns.base;
  return {
    parameters: [first.name, second.name],
    values: [rows.values, columns.values],
    metrics: rows.values.map((_, row) => found.slice(row * width, (row + 1) * width)),
    base: [rows.base, columns.base],
    stability: stabilityOf(
      found[at],
      found.filter((_, index) => index !== at),
    ),
  };
}

/** The part of an axis that a surface shows. */
function nearest({ name, values, base }: Axis): Axis {
  const from = Math.max(0, base - STEPS.surface);
  return { name, values: values.slice(from, base + STEPS.surface + 1), base: base - from };
}

async function metricsAt(
  scenarios: Scenarios,
  space: ParameterSpace<ParameterMap>,
  base: FlatParams,
  points: readonly FlatParams[],
  metric: string,
): Promise<(number | undefined)[]> {
  const allowed = points.map((point) => space.allows(space.fromFlat({ ...base, ...point })));
  const results = await scenarios.run(points.filter((_, index) => allowed[index]).map((params) => ({ params })));
  let next = 0;
  return allowed.map((isAllowed) => (isAllowed ? results[next++]!.metrics[metric] : undefined));
}
