import { RunError, UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import type { DecimalSteps } from '../engine/decimal-steps.js';
import {
  checkNames,
  checkParams,
  type Declaration,
  declarationOf,
  describeRange,
  flatDeclarations,
  type GivenParams,
  type ParameterMap,
  type ParamsOf,
  type Scalar,
  stepsOf,
} from '../engine/parameters.js';

/** A parameter set as journals and samplers hold it: no nesting, a variant's own parameters under `name.inner`. */
export type FlatParams = Readonly<Record<string, Scalar>>;

/** A place in a grid, from 0; a bigint only beyond 2^53 - 1. */
export type GridIndex = number | bigint;

/** Largest grid that {@link ParameterSpace.count} walks through for its constraint, in points. */
const COUNT_LIMIT = 4_000_000;

/** The declared parameters with their constraint, and, where all of them are stepped, the grid of all combinations. */
export class ParameterSpace<P extends ParameterMap = ParameterMap> {
  readonly parameters: P;
  readonly constraint: ((params: ParamsOf<P>) => boolean) | undefined;
  /** Points of the grid before the constraint; a bigint beyond 2^53 - 1, Infinity with a continuous float. */
  readonly size: number | bigint;
  readonly #level: Level;
  #count: number | bigint | undefined;

  /**
   * @throws UsageError `INVALID_PARAMETER` for a name with '.', '=' or a space or one that every object has, or something that is no
   * parameter; `INVALID_OPTION` for a constraint that is no function.
   */
  constructor(parameters: P, constraint?: (params: ParamsOf<P>) => boolean) {
    checkNames('the parameters', parameters);
    if (constraint !== undefined && typeof constraint !== 'function') {
      throw new UsageError('INVALID_OPTION', {
        message: `constraint is a function of the parameters that returns true or false, not ${givenText(constraint)}.`,
        details: { option: 'constraint', value: constraint },
      });
    }
    this.parameters = parameters;
    this.constraint = constraint;
    this.#level = compile(parameters, '');
    this.size = this.#level.size;
  }

  /** True when there is a grid: every float has a step. */
  get finite(): boolean {
    return this.size !== Number.POSITIVE_INFINITY;
  }

  /**
   * Returns the combination at a place of the grid; the last declared parameter varies fastest, and a variant's own parameters
   * vary within their kind. The constraint is not asked.
   * @throws UsageError `NO_GRID` with a continuous float, `GRID_INDEX` outside the grid.
   */
  at(index: GridIndex): ParamsOf<P> {
    return this.fromFlat(this.flatAt(index));
  }

  /** Returns the flat form of {@link at}. */
  flatAt(index: GridIndex): FlatParams {
    this.requireGrid();
    if (index < 0 || index >= this.size || (typeof index === 'number' && !Number.isInteger(index))) {
      throw new UsageError('GRID_INDEX', {
        message: `The grid has ${this.size} points, from 0: there is none at ${index}.`,
        details: { index: String(index), size: String(this.size) },
      });
    }
    const flat: Record<string, Scalar> = {};
    readLevel(this.#level, small(index), flat);
    return flat;
  }

  /** Returns the place of a combination in the grid. @throws UsageError `NO_GRID`, or as {@link checkParams} does. */
  indexOf(params: GivenParams): GridIndex {
    this.requireGrid();
    return small(indexIn(this.#level, checkParams(this.parameters, params) as GivenParams));
  }

  /**
   * Tells whether the constraint holds for a combination; true without a constraint.
   * @throws RunError `CONSTRAINT_FAILED` when the constraint throws or returns no boolean.
   */
  allows(params: ParamsOf<P>): boolean {
    if (this.constraint === undefined) return true;
    let verdict: unknown;
    try {
      verdict = this.constraint(params);
    } catch (error) {
      throw new RunError('CONSTRAINT_FAILED', {
        message: `The constraint threw for ${JSON.stringify(params)}: ${error instanceof Error ? error.message : String(error)}`,
        details: { params },
        cause: error,
      });
    }
    if (typeof verdict === 'boolean') return verdict;
    throw new RunError('CONSTRAINT_FAILED', {
      message: `The constraint returned ${typeof verdict} for ${JSON.stringify(params)}: return true or false.`,
      details: { params },
    });
  }

  /**
   * Returns how many points of the grid the constraint allows; undefined when that would take a walk over more than `limit` points.
   * Infinity with a continuous float. Counted once.
   * @param limit - @defaultValue 4,000,000 points, some seconds
   */
  count(limit: number = COUNT_LIMIT): number | bigint | undefined {
    if (this.constraint === undefined || !this.finite) return this.size;
    if (this.#count === undefined) {
      if (this.size > limit) return undefined;
      let count = 0;
      for (let index = 0; index < Number(this.size); index++) if (this.allows(this.at(index))) count++;
      this.#count = count;
    }
    return this.#count;
  }

  /** Iterates over the allowed points of the grid in order, holding one at a time. @throws UsageError `NO_GRID`. */
  *points(): Generator<ParamsOf<P>> {
    this.requireGrid();
    const one = typeof this.size === 'bigint' ? 1n : 1;
    for (let index: GridIndex = typeof this.size === 'bigint' ? 0n : 0; index < this.size; ) {
      const params = this.at(index);
      if (this.allows(params)) yield params;
      index = ((index as number) + (one as number)) as GridIndex;
    }
  }

  /** Returns the flat form of a complete parameter set, in declaration order. */
  toFlat(params: ParamsOf<P>): FlatParams {
    const flat: Record<string, Scalar> = {};
    flatten(this.#level, params as GivenParams, flat);
    return flat;
  }

  /** Returns the typed, frozen form of flat values. They are not checked: the caller took them from this space. */
  fromFlat(flat: FlatParams): ParamsOf<P> {
    return nest(this.#level, flat) as ParamsOf<P>;
  }

  /** Returns the typed form of flat values that come from outside. @throws UsageError as {@link checkParams} does. */
  checkFlat(flat: Readonly<Record<string, unknown>>): ParamsOf<P> {
    return checkParams(this.parameters, nest(this.#level, flat as FlatParams) as GivenParams);
  }

  /** Returns a text that two flat sets share when they are the same point, whatever the order of their keys. */
  keyOf(flat: FlatParams): string {
    return keyIn(this.#level, flat);
  }

  /** The tree of parameters, for samplers and journals. */
  get level(): Level {
    return this.#level;
  }

  /** Returns the space in words, by flat name: what two studies must agree on to be one. */
  describe(): Readonly<Record<string, string>> {
    const words: Record<string, string[]> = {};
    for (const [name, declaration] of flatDeclarations(this.parameters)) {
      let range = describeRange(declaration);
      if (declaration.kind === 'int' && declaration.log) range += ', logarithmic';
      if (declaration.kind === 'float' && declaration.prior !== undefined && declaration.prior !== 'uniform') {
        range += `, prior ${JSON.stringify(declaration.prior)}`;
      }
      words[name] = [...(words[name] ?? []), range];
    }
    return Object.fromEntries(Object.entries(words).map(([name, ranges]) => [name, ranges.join(' | ')]));
  }

  /** Throws a UsageError `NO_GRID` naming the continuous floats, when there are any. */
  requireGrid(): void {
    if (this.finite) return;
    const continuous = [...flatDeclarations(this.parameters)]
      .filter(([, declaration]) => declaration.kind === 'float' && declaration.step === undefined)
      .map(([name]) => name);
    throw new UsageError('NO_GRID', {
      message: `There is no grid: ${continuous.map((name) => `'${name}'`).join(', ')} ${
        continuous.length === 1 ? 'is' : 'are'
      } continuous. Declare a step, or search at random.`,
      details: { continuous },
    });
  }
}

/** One parameter of the tree. */
export interface Place {
  /** Name within its level. */
  readonly name: string;
  /** Flat name. */
  readonly key: string;
  readonly declaration: Declaration;
  /** Points it contributes to the grid, its branches included. */
  readonly size: number | bigint;
  /** Values of a stepped number. */
  readonly steps: DecimalSteps | undefined;
  /** The kinds of a variant, in declaration order. */
  readonly branches: readonly Branch[];
}

/** One kind of a variant. */
export interface Branch {
  readonly kind: string;
  readonly level: Level;
}

/** Parameters that stand side by side. */
export interface Level {
  readonly places: readonly Place[];
  readonly size: number | bigint;
}

/** Where a kind stands among the values of a bool, choice or variant; 0 for the first. */
export function choicesOf(declaration: Declaration): readonly Scalar[] {
  switch (declaration.kind) {
    case 'bool':
      return BOOLEANS;
    case 'choice':
      return declaration.values;
    case 'variant':
      return Object.keys(declaration.variants);
    default:
      return [];
  }
}

const BOOLEANS = [false, true] as const;

function compile(parameters: ParameterMap, prefix: string): Level {
  const places = Object.entries(parameters).map(([name, parameter]): Place => {
    const key = prefix + name;
    const declaration = declarationOf(key, parameter);
    const branches =
      declaration.kind === 'variant'
        ? Object.entries(declaration.variants).map(([kind, inner]) => ({ kind, level: compile(inner, `${key}.`) }))
        : [];
    const steps = declaration.kind === 'int' || declaration.kind === 'float' ? stepsOf(declaration) : undefined;
    return { name, key, declaration, steps, branches, size: sizeOf(declaration, steps, branches) };
  });
  return {
    places,
    size: combine(
      places.map((place) => place.size),
      (a, b) => a * b,
      1n,
    ),
  };
}

function sizeOf(
  declaration: Declaration,
  steps: DecimalSteps | undefined,
  branches: readonly Branch[],
): number | bigint {
  switch (declaration.kind) {
    case 'int':
    case 'float':
      return steps?.count ?? Number.POSITIVE_INFINITY;
    case 'bool':
    case 'choice':
      return choicesOf(declaration).length;
    case 'variant':
      return combine(
        branches.map(({ level }) => level.size),
        (a, b) => a + b,
        0n,
      );
  }
}

function combine(
  sizes: readonly (number | bigint)[],
  join: (a: bigint, b: bigint) => bigint,
  start: bigint,
): number | bigint {
  if (sizes.includes(Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  return small(sizes.reduce<bigint>((sum, size) => join(sum, BigInt(size)), start));
}

/** A number where that is exact. */
const small = (value: GridIndex): GridIndex =>
  typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** Splits an index by a radix into what stays for the parameters before, and the digit of this one. */
function split(index: GridIndex, radix: number | bigint): [rest: GridIndex, digit: GridIndex] {
  if (typeof index === 'number') {
    // An index that fits a double is below a radix that does not.
    if (typeof radix === 'bigint') return [0, index];
    const digit = index % radix;
    return [(index - digit) / radix, digit];
  }
  return [small(index / BigInt(radix)), small(index % BigInt(radix))];
}

function readLevel({ places }: Level, index: GridIndex, flat: Record<string, Scalar>): void {
  const digits = new Array<GridIndex>(places.length);
  let rest = index;
  for (let place = places.length - 1; place >= 0; place--) {
    const [next, digit] = split(rest, places[place]!.size);
    digits[place] = digit;
    rest = next;
  }
  for (let place = 0; place < places.length; place++) readPlace(places[place]!, digits[place]!, flat);
}

function readPlace(place: Place, digit: GridIndex, flat: Record<string, Scalar>): void {
  const { key, declaration, steps } = place;
  if (steps !== undefined) {
    flat[key] = steps.at(Number(digit));
    return;
  }
  if (declaration.kind !== 'variant') {
    flat[key] = choicesOf(declaration)[Number(digit)]!;
    return;
  }
  let rest = digit;
  for (const { kind, level } of place.branches) {
    if (rest < level.size) {
      flat[key] = kind;
      readLevel(level, rest, flat);
      return;
    }
    rest = small(BigInt(rest) - BigInt(level.size));
  }
}

function indexIn({ places }: Level, params: GivenParams): bigint {
  let index = 0n;
  for (const place of places) index = index * BigInt(place.size) + digitOf(place, params[place.name]);
  return index;
}

function digitOf({ declaration, steps, branches }: Place, value: unknown): bigint {
  if (steps !== undefined) return BigInt(steps.indexOf(value as number));
  if (declaration.kind !== 'variant') return BigInt(choicesOf(declaration).indexOf(value as Scalar));
  let before = 0n;
  for (const { kind, level } of branches) {
    if (kind === (value as GivenParams).kind) return before + indexIn(level, value as GivenParams);
    before += BigInt(level.size);
  }
  return before;
}

function flatten({ places }: Level, params: GivenParams, flat: Record<string, Scalar>): void {
  for (const { name, key, branches } of places) {
    const value = params[name];
    if (branches.length === 0) flat[key] = value as Scalar;
    else {
      const { kind } = value as { kind: string };
      flat[key] = kind;
      flatten(branches.find((branch) => branch.kind === kind)!.level, value as GivenParams, flat);
    }
  }
}

function keyIn({ places }: Level, flat: FlatParams): string {
  let key = '';
  for (const { key: name, branches } of places) {
    const value = flat[name];
    key += typeof value === 'number' ? `${value},` : `${JSON.stringify(value)},`;
    const branch = branches.find(({ kind }) => kind === value);
    if (branch !== undefined) key += keyIn(branch.level, flat);
  }
  return key;
}

function nest({ places }: Level, flat: FlatParams, kind?: string): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = kind === undefined ? {} : { kind };
  for (const { name, key, branches } of places) {
    const value = flat[key];
    if (value === undefined) continue;
    const branch = branches.find((each) => each.kind === value);
    params[name] = branch === undefined ? value : nest(branch.level, flat, branch.kind);
  }
  return Object.freeze(params);
}
