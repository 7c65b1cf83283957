import { decimalNumber } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';
import { wrongKind } from '../core/option-kind.js';
import { didYouMean, nearest } from '../core/suggest.js';
import {
  type Declaration,
  declarationOf,
  describeRange,
  flatDeclarations,
  type Parameter,
  type ParameterMap,
  type ParamsOf,
  problemOf,
  type Scalar,
  show,
  stepsOf,
} from './parameter-kinds.js';

/** Parameter values by name, not yet typed by a strategy's declaration. */
export type GivenParams = Readonly<Record<string, unknown>>;

/**
 * Returns a complete, frozen set of parameters in declaration order: defaults filled in, every value checked.
 * @throws UsageError `UNKNOWN_PARAMETER` with the nearest name, `MISSING_PARAMETER` naming all that lack,
 * `PARAMETER_OUT_OF_RANGE` with the range and the nearest valid value, `INVALID_OPTION` for what is no set of values by name.
 */
export function checkParams<P extends ParameterMap>(parameters: P, given: GivenParams): ParamsOf<P> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const [name = 'fast'] = Object.keys(parameters);
    throw wrongKind('params', given, `values by name such as { ${name}: 10 }`);
  }
  const missing: string[] = [];
  const checked = checkLevel(parameters, given, '', missing);
  if (missing.length > 0) {
    const ranges = new Map(flatDeclarations(parameters));
    const list = missing.map((name) => `'${name}' (${describeRange(ranges.get(name)!)})`);
    throw new UsageError('MISSING_PARAMETER', {
      message: `No value for ${list.join(', ')}: give ${missing.length === 1 ? 'it' : 'them'}, or declare a default.`,
      details: { missing },
    });
  }
  return checked as ParamsOf<P>;
}

/**
 * Reads one value as the command line writes it (`fast=10`); a variant's text is the name of its kind and returns that name.
 * @throws UsageError `PARAMETER_OUT_OF_RANGE` naming parameter, value, range and the nearest valid value.
 */
export function parseParameter(name: string, parameter: Parameter<unknown>, text: string): Scalar {
  const declaration = declarationOf(name, parameter);
  const value = readText(declaration, text.trim());
  if (declaration.kind === 'variant') {
    return Object.hasOwn(declaration.variants, value as string) ? value : outOfRange(name, declaration, value);
  }
  return problemOf(declaration, value) === undefined ? value : outOfRange(name, declaration, value);
}

/**
 * Reads a whole set of parameters as the command line writes it, by flat names (`stop=atr`, `stop.length=14`), and checks it
 * like {@link checkParams}.
 * @throws UsageError as {@link checkParams} and {@link parseParameter} do.
 */
export function parseParams<P extends ParameterMap>(
  parameters: P,
  texts: Readonly<Record<string, string>>,
): ParamsOf<P> {
  const used = new Set<string>();
  const read = (level: ParameterMap, prefix: string): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (const [name, parameter] of Object.entries(level)) {
      const key = prefix + name;
      const text = Object.hasOwn(texts, key) ? texts[key] : undefined;
      if (text === undefined) continue;
      used.add(key);
      const value = parseParameter(key, parameter, text);
      const declaration = declarationOf(key, parameter);
      values[name] =
        declaration.kind === 'variant'
          ? { kind: value, ...read(declaration.variants[value as string]!, `${key}.`) }
          : value;
    }
    return values;
  };
  const values = read(parameters, '');
  for (const key of Object.keys(texts)) {
    if (!used.has(key)) unknownParameter(parameters, key);
  }
  return checkParams(parameters, values);
}

function checkLevel(parameters: ParameterMap, given: GivenParams, prefix: string, missing: string[]): GivenParams {
  const known = Object.keys(parameters);
  for (const name of Object.keys(given)) {
    if (!known.includes(name) && !(prefix !== '' && name === 'kind')) {
      throw new UsageError('UNKNOWN_PARAMETER', {
        message: `Unknown parameter '${prefix}${name}'.${didYouMean(name, known)}`,
        details: { parameter: prefix + name, known },
      });
    }
  }
  const checked: Record<string, unknown> = prefix === '' ? {} : { kind: given.kind };
  for (const [name, parameter] of Object.entries(parameters)) {
    const key = prefix + name;
    const declaration = declarationOf(key, parameter);
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) {
      if ('default' in declaration && declaration.default !== undefined) checked[name] = declaration.default;
      else missing.push(key);
    } else checked[name] = checkValue(key, declaration, value, missing);
  }
  return Object.freeze(checked);
}

function checkValue(name: string, declaration: Declaration, value: unknown, missing: string[]): unknown {
  if (declaration.kind !== 'variant') {
    return problemOf(declaration, value) === undefined ? value : outOfRange(name, declaration, value);
  }
  const kind = typeof value === 'object' && value !== null ? (value as GivenParams).kind : value;
  if (typeof kind !== 'string' || !Object.hasOwn(declaration.variants, kind))
    return outOfRange(name, declaration, kind);
  const inner = typeof value === 'object' ? (value as GivenParams) : { kind };
  return checkLevel(declaration.variants[kind]!, inner, `${name}.`, missing);
}

function readText(declaration: Declaration, text: string): Scalar {
  switch (declaration.kind) {
    case 'int':
    case 'float': {
      const value = decimalNumber(text);
      return Number.isNaN(value) ? text : value;
    }
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'choice':
      return declaration.values.find((value) => String(value) === text) ?? text;
    case 'variant':
      return text;
  }
}

function outOfRange(name: string, declaration: Declaration, value: unknown): never {
  const near = nearestValid(declaration, value);
  throw new UsageError('PARAMETER_OUT_OF_RANGE', {
    message: `Parameter '${name}' is ${show(value)}, but must be ${describeRange(declaration)}.${
      near === undefined ? '' : ` Nearest valid value: ${show(near)}.`
    }`,
    details: { parameter: name, value, nearest: near ?? null },
  });
}

function nearestValid(declaration: Declaration, value: unknown): Scalar | undefined {
  switch (declaration.kind) {
    case 'int':
    case 'float': {
      if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
      const inside = Math.min(declaration.high, Math.max(declaration.low, value));
      return stepsOf(declaration)?.nearest(inside) ?? inside;
    }
    case 'bool':
      return nearest(String(value), ['true', 'false']);
    case 'choice': {
      const near = nearest(String(value), declaration.values.map(String));
      return declaration.values.find((each) => String(each) === near);
    }
    case 'variant':
      return nearest(String(value), Object.keys(declaration.variants));
  }
}

function unknownParameter(parameters: ParameterMap, key: string): never {
  const known = [...new Set([...flatDeclarations(parameters)].map(([name]) => name))];
  if (known.includes(key)) {
    const owner = key.slice(0, key.lastIndexOf('.'));
    throw new UsageError('UNKNOWN_PARAMETER', {
      message: `Parameter '${key}' does not belong to the given kind of '${owner}': change '${owner}' or leave '${key}' out.`,
      details: { parameter: key, known },
    });
  }
  throw new UsageError('UNKNOWN_PARAMETER', {
    message: `Unknown parameter '${key}'.${didYouMean(key, known)}`,
    details: { parameter: key, known },
  });
}
