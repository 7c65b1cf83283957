import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { type DecimalSteps, decimalSteps } from './decimal-steps.js';

/** A declared parameter: carries its value type and whether it has a default. Made by {@link int} and its siblings. */
export interface Parameter<T, HasDefault extends boolean = boolean> {
  readonly kind: string;
  /** Only a type: never present at run time. */
  readonly value?: T;
  readonly hasDefault?: HasDefault;
}

/** What a choice may hold. */
export type Scalar = string | number | boolean;
type Show<T> = { [K in keyof T]: T[K] } & {};
type OneOf<T> = {
  [K in keyof T]: { readonly [X in K]: T[X] } & { readonly [X in Exclude<keyof T, K>]?: never };
}[keyof T];
type Defaulted<O> = O extends { readonly default: unknown } ? true : false;
type NoOptions = Record<never, never>;
type ValueOf<X> = X extends Parameter<infer T> ? T : never;
type VariantOf<V> = { [K in keyof V]: Show<{ readonly kind: K } & ParamsOf<V[K]>> }[keyof V];

/** Parameters by name, in the order that grids and listings keep. */
export type ParameterMap = { readonly [name: string]: Parameter<unknown> };

/** What a strategy receives: a value for every declared parameter. */
export type ParamsOf<P> = Show<{ readonly [K in keyof P]: ValueOf<P[K]> }>;

/** What a caller gives: parameters with a default may be left out. */
export type ParamsInput<P> = Show<
  { readonly [K in keyof P as P[K] extends Parameter<unknown, true> ? never : K]: ValueOf<P[K]> } & {
    readonly [K in keyof P as P[K] extends Parameter<unknown, true> ? K : never]?: ValueOf<P[K]>;
  }
>;

/** Options of {@link int}. `step` (default 1) and `log` exclude each other. */
export interface IntOptions {
  readonly step?: number;
  /** Samplers draw evenly over the logarithm; needs `low >= 1`. */
  readonly log?: boolean;
  readonly default?: number;
}

/** How a continuous float is drawn: evenly, evenly over the logarithm, or from a normal law cut to the bounds. */
export type Prior = 'uniform' | 'log' | { readonly mean: number; readonly deviation: number };

/** Options of {@link float}: a step or a prior, never both. @defaultValue prior 'uniform' */
export type FloatOptions = { readonly default?: number } & (
  | OneOf<{ step: number; prior: Prior }>
  | { readonly step?: never; readonly prior?: never }
);

/** What {@link int} makes: `high` is the last reachable value. */
export interface IntDeclaration extends Parameter<number> {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly log: boolean;
  readonly default?: number;
}

/** What {@link float} makes: stepped (`high` is the last reachable value) or continuous with a prior. */
export interface FloatDeclaration extends Parameter<number> {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  readonly step: number | undefined;
  readonly prior: Prior | undefined;
  readonly default?: number;
}

/** What {@link bool} makes. */
export interface BoolDeclaration extends Parameter<boolean> {
  readonly kind: 'bool';
  readonly default?: boolean;
}

/** What {@link choice} makes. */
export interface ChoiceDeclaration extends Parameter<Scalar> {
  readonly kind: 'choice';
  readonly values: readonly Scalar[];
}

/** What {@link variant} makes. */
export interface VariantDeclaration extends Parameter<{ readonly kind: string }> {
  readonly kind: 'variant';
  readonly variants: Readonly<Record<string, ParameterMap>>;
}

/** A parameter as it is at run time. */
export type Declaration = IntDeclaration | FloatDeclaration | BoolDeclaration | ChoiceDeclaration | VariantDeclaration;

/**
 * Declares an integer from `low` to `high`, both inclusive; with a step that does not reach `high`, up to the last value it reaches.
 * @throws UsageError `INVALID_PARAMETER` for bounds that are no safe integers or crossed, a step below 1, a step beside `log`,
 * or a default that is not one of the values.
 */
export function int<const O extends IntOptions = NoOptions>(
  low: number,
  high: number,
  options?: O,
): Parameter<number, Defaulted<O>> {
  const given: IntOptions = options ?? {};
  const what = `int(${low}, ${high})`;
  rejectUnknownKeys(what, given, ['step', 'log', 'default']);
  const { step = 1, log = false } = given;
  for (const [role, value] of Object.entries({ low, high, step })) {
    if (!Number.isSafeInteger(value)) refuse(what, `${role} must be an integer, not ${value}`);
  }
  checkBounds(what, low, high, step);
  if (log && given.step !== undefined) refuse(what, `step ${step} cannot stand beside log: leave one out`);
  if (log && low < 1) refuse(what, `log needs a low of at least 1, not ${low}`);
  const steps = stepsOrRefuse(what, low, high, step);
  const declared = { kind: 'int' as const, low, high: steps.at(steps.count - 1), step, log };
  return finish<number, Defaulted<O>>(what, withDefault(declared, given.default), steps);
}

/**
 * Declares a float from `low` to `high`, both inclusive. Steps are computed in decimal: 0.009, never 0.009000000000000001.
 * @throws UsageError `INVALID_PARAMETER` for bounds that are not finite or crossed, a step not above 0, a step beside a prior,
 * a prior that cannot be drawn, or a default that is not one of the values.
 */
export function float<const O extends FloatOptions = NoOptions>(
  low: number,
  high: number,
  options?: O,
): Parameter<number, Defaulted<O>> {
  const given: FloatOptions = options ?? {};
  const what = `float(${low}, ${high})`;
  rejectUnknownKeys(what, given, ['step', 'prior', 'default']);
  const { step, prior } = given;
  for (const [role, value] of Object.entries({ low, high, step: step ?? 1 })) {
    if (!Number.isFinite(value)) refuse(what, `${role} must be a finite number, not ${value}`);
  }
  checkBounds(what, low, high, step ?? 1);
  if (step !== undefined) {
    if (prior !== undefined) refuse(what, `step ${step} cannot stand beside a prior: leave one out`);
    const steps = stepsOrRefuse(what, low, high, step);
    const stepped = { kind: 'float' as const, low, high: steps.at(steps.count - 1), step, prior: undefined };
    return finish<number, Defaulted<O>>(what, withDefault(stepped, given.default), steps);
  }
  const continuous = {
    kind: 'float' as const,
    low,
    high,
    step: undefined,
    prior: checkedPrior(what, low, prior ?? 'uniform'),
  };
  return finish<number, Defaulted<O>>(what, withDefault(continuous, given.default));
}

/** Declares true or false; a grid takes false first. @throws UsageError `INVALID_PARAMETER` for a default that is no boolean. */
export function bool<const O extends { readonly default?: boolean } = NoOptions>(
  options?: O,
): Parameter<boolean, Defaulted<O>> {
  const given: { readonly default?: boolean } = options ?? {};
  rejectUnknownKeys('bool()', given, ['default']);
  return finish<boolean, Defaulted<O>>('bool()', withDefault({ kind: 'bool' as const }, given.default));
}

/**
 * Declares one of the given values; a grid takes them in this order.
 * @throws UsageError `INVALID_PARAMETER` for no value, a value twice, or one that is no string, boolean or finite number.
 */
export function choice<const T extends readonly [Scalar, ...Scalar[]]>(...values: T): Parameter<T[number], false> {
  const what = `choice(${values.map(show).join(', ')})`;
  if (values.length === 0) refuse(what, 'at least one value is needed');
  for (const [index, value] of values.entries()) {
    const known = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    if (!known) refuse(what, `${show(value)} is no string, boolean or finite number`);
    if (values.indexOf(value) !== index) refuse(what, `${show(value)} stands in it twice`);
  }
  return finish<T[number], false>(what, { kind: 'choice', values: Object.freeze([...values]), hasDefault: false });
}

/**
 * Declares conditional parameters: a tagged union that narrows on `kind`, each kind with parameters of its own.
 * Stored flat: `stop` = 'atr', `stop.length` = 14.
 * @throws UsageError `INVALID_PARAMETER` for no kind, a parameter named `kind`, or one name that means different sorts of values
 * in two kinds (the journal holds one sort a name).
 */
export function variant<const V extends Readonly<Record<string, ParameterMap>>>(
  variants: V,
): Parameter<VariantOf<V>, false> {
  const what = `variant(${Object.keys(variants).join(', ')})`;
  if (Object.keys(variants).length === 0) refuse(what, 'at least one kind is needed');
  const sorts = new Map<string, string>();
  for (const [kind, parameters] of Object.entries(variants)) {
    checkNames(what, parameters);
    if (Object.hasOwn(parameters, 'kind'))
      refuse(what, `a parameter of '${kind}' is named 'kind', which tells the kinds apart`);
    for (const [name, declaration] of flatDeclarations(parameters)) {
      const sort = sortOf(declaration);
      if ((sorts.get(name) ?? sort) !== sort)
        refuse(what, `'${name}' means different sorts of values in two kinds: rename one`);
      sorts.set(name, sort);
    }
  }
  return finish<VariantOf<V>, false>(what, {
    kind: 'variant',
    variants: Object.freeze({ ...variants }),
    hasDefault: false,
  });
}

/** Returns a parameter as its run-time shape. @throws UsageError `INVALID_PARAMETER` when it was not made by a builder. */
export function declarationOf(name: string, parameter: Parameter<unknown>): Declaration {
  const kind = (parameter as Partial<Declaration> | null | undefined)?.kind;
  switch (kind) {
    case 'int':
    case 'float':
    case 'bool':
    case 'choice':
    case 'variant':
      return parameter as Declaration;
    default:
      throw new UsageError('INVALID_PARAMETER', {
        message: `Parameter '${name}' is no parameter: declare it with int, float, bool, choice or variant.`,
        details: { parameter: name },
      });
  }
}

/**
 * Throws a UsageError `INVALID_PARAMETER` for what is no object of declarations, and for a name that is empty or holds '.' or '=' (both mean
 * something to journals and the command line), or that every object has, so that it could not be told from one that was not given.
 */
export function checkNames(what: string, parameters: ParameterMap): void {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    refuse(what, `declare them by name, such as { fast: int(5, 20) }, not as ${show(parameters)}`);
  }
  // Written in an object literal it is no name, but what the object descends from.
  const parent = Object.getPrototypeOf(parameters) as object | null;
  const names = Object.keys(parameters);
  if (parent !== null && Object.hasOwn(parent, 'kind')) names.unshift('__proto__');
  for (const name of names) {
    if (!/^[^.=\s]+$/.test(name)) refuse(what, `the name '${name}' is empty or holds '.', '=' or a space`);
    if (name in Object.prototype)
      refuse(what, `every object has '${name}', so that no parameter can: choose another name`);
    declarationOf(name, parameters[name]!);
  }
}

/** The values of stepped declarations, kept because every trial is checked against the same few. */
const stepsByDeclaration = new WeakMap<object, DecimalSteps>();

/** Returns the values of a stepped declaration, or undefined for a continuous float. */
export function stepsOf(declaration: IntDeclaration | FloatDeclaration): DecimalSteps | undefined {
  const known = stepsByDeclaration.get(declaration);
  if (known !== undefined || declaration.step === undefined) return known;
  // Declared through another copy of the package, whose steps are not known here.
  const steps = decimalSteps(declaration.low, declaration.high, declaration.step);
  if (steps !== undefined) stepsByDeclaration.set(declaration, steps);
  return steps;
}

/** Lists every flat name that can occur with its declaration, a name in several branches once a branch; in declaration order. */
export function* flatDeclarations(
  parameters: ParameterMap,
  prefix = '',
): Generator<[name: string, declaration: Declaration]> {
  for (const [name, parameter] of Object.entries(parameters)) {
    const declaration = declarationOf(prefix + name, parameter);
    yield [prefix + name, declaration];
    if (declaration.kind !== 'variant') continue;
    for (const branch of Object.values(declaration.variants)) yield* flatDeclarations(branch, `${prefix}${name}.`);
  }
}

function withDefault<T extends object>(declared: T, value: unknown): T & { hasDefault: boolean } {
  return value === undefined ? { ...declared, hasDefault: false } : { ...declared, hasDefault: true, default: value };
}

/** Freezes a declaration after its default was checked against its own values. */
function finish<T, D extends boolean>(
  what: string,
  declared: Declaration | { readonly kind: string },
  steps?: DecimalSteps,
): Parameter<T, D> {
  const declaration = declared as Declaration;
  if (steps !== undefined) stepsByDeclaration.set(declaration, steps);
  if ('default' in declaration && declaration.default !== undefined) {
    const problem = problemOf(declaration, declaration.default);
    if (problem !== undefined) refuse(what, `the default ${show(declaration.default)} is not ${problem}`);
  }
  return Object.freeze(declaration) as Parameter<T, D>;
}

/** Returns what a value should have been, or undefined when the declaration holds it. Variants are judged by {@link checkParams}. */
export function problemOf(declaration: Exclude<Declaration, VariantDeclaration>, value: unknown): string | undefined {
  const range = describeRange(declaration);
  switch (declaration.kind) {
    case 'bool':
      return typeof value === 'boolean' ? undefined : range;
    case 'choice':
      return declaration.values.includes(value as Scalar) ? undefined : range;
    case 'int':
    case 'float': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return range;
      const { low, high } = declaration;
      if (value < low || value > high) return range;
      const steps = stepsOf(declaration);
      return steps === undefined || steps.indexOf(value) >= 0 ? undefined : range;
    }
  }
}

/** Returns the values of a declaration in words: `an integer from 5 to 50 in steps of 5`. */
export function describeRange(declaration: Declaration): string {
  switch (declaration.kind) {
    case 'int': {
      const steps = declaration.step === 1 ? '' : ` in steps of ${declaration.step}`;
      return `an integer from ${declaration.low} to ${declaration.high}${steps}`;
    }
    case 'float': {
      const steps = declaration.step === undefined ? '' : ` in steps of ${declaration.step}`;
      return `a number from ${declaration.low} to ${declaration.high}${steps}`;
    }
    case 'bool':
      return 'true or false';
    case 'choice':
      return `one of ${declaration.values.map(show).join(', ')}`;
    case 'variant':
      return `one of ${Object.keys(declaration.variants).map(show).join(', ')}`;
  }
}

/** Returns a value as error messages print it: strings in quotes. */
export const show = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** What the journal can tell apart under one name: integers, floats, or one list of choices. */
function sortOf(declaration: Declaration): string {
  switch (declaration.kind) {
    case 'int':
    case 'float':
      return declaration.kind;
    case 'bool':
      return JSON.stringify([false, true]);
    case 'choice':
      return JSON.stringify(declaration.values);
    case 'variant':
      return JSON.stringify(Object.keys(declaration.variants));
  }
}

function checkBounds(what: string, low: number, high: number, step: number): void {
  if (low > high) refuse(what, `low ${low} is above high ${high}`);
  if (step <= 0) refuse(what, `step ${step} must be above 0`);
}

function stepsOrRefuse(what: string, low: number, high: number, step: number): DecimalSteps {
  return (
    decimalSteps(low, high, step) ?? refuse(what, `step ${step} makes more than ${Number.MAX_SAFE_INTEGER} values`)
  );
}

function checkedPrior(what: string, low: number, prior: Prior): Prior {
  if (prior === 'uniform') return prior;
  if (prior === 'log') return low > 0 ? prior : refuse(what, `prior 'log' needs a low above 0, not ${low}`);
  if (typeof prior !== 'object' || prior === null) {
    return refuse(what, `prior ${show(prior)} is not 'uniform', 'log' or { mean, deviation }`);
  }
  rejectUnknownKeys(`the prior of ${what}`, prior, ['mean', 'deviation']);
  const { mean, deviation } = prior;
  if (!Number.isFinite(mean)) refuse(what, `the prior's mean must be a finite number, not ${mean}`);
  if (!(Number.isFinite(deviation) && deviation > 0)) {
    refuse(what, `the prior's deviation must be a finite number above 0, not ${deviation}`);
  }
  return Object.freeze({ mean, deviation });
}

function refuse(what: string, problem: string): never {
  throw new UsageError('INVALID_PARAMETER', {
    message: `${what}: ${problem}.`,
    details: { declaration: what, problem },
  });
}
