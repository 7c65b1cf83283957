import { DataError } from '../core/errors.js';
import type { Declaration, Scalar } from '../engine/parameters.js';

/** A choice as Optuna writes it. */
export type Choice = Scalar | null;

/** What a journal says about a parameter, in Optuna's terms; its old kinds are read into these. */
export type Distribution =
  | { readonly kind: 'int'; readonly low: number; readonly high: number; readonly step: number; readonly log: boolean }
  | {
      readonly kind: 'float';
      readonly low: number;
      readonly high: number;
      readonly step: number | null;
      readonly log: boolean;
    }
  | { readonly kind: 'categorical'; readonly choices: readonly Choice[] };

/** Returns the distribution a declaration is journalled with. A normal prior is journalled as its bounds. */
export function distributionOf(declaration: Declaration): Distribution {
  switch (declaration.kind) {
    case 'int':
      return {
        kind: 'int',
        low: declaration.low,
        high: declaration.high,
        step: declaration.step,
        log: declaration.log,
      };
    case 'float':
      return {
        kind: 'float',
        low: declaration.low,
        high: declaration.high,
        step: declaration.step ?? null,
        log: declaration.prior === 'log',
      };
    case 'bool':
      return { kind: 'categorical', choices: [false, true] };
    case 'choice':
      return { kind: 'categorical', choices: declaration.values };
    case 'variant':
      return { kind: 'categorical', choices: Object.keys(declaration.variants) };
  }
}

/** Returns the JSON text of a distribution as Optuna writes it, floats with a decimal point. */
export function writeDistribution(distribution: Distribution): string {
  switch (distribution.kind) {
    case 'int': {
      const { log, step, low, high } = distribution;
      return `{"name": "IntDistribution", "attributes": {"log": ${log}, "step": ${step}, "low": ${low}, "high": ${high}}}`;
    }
    case 'float': {
      const { log, step, low, high } = distribution;
      const writtenStep = step === null ? 'null' : writeFloat(step);
      return `{"name": "FloatDistribution", "attributes": {"step": ${writtenStep}, "low": ${writeFloat(low)}, "high": ${writeFloat(high)}, "log": ${log}}}`;
    }
    case 'categorical':
      return `{"name": "CategoricalDistribution", "attributes": {"choices": [${distribution.choices
        .map((choice) => JSON.stringify(choice))
        .join(', ')}]}}`;
  }
}

/** Returns a number as Python writes a float: with a point, and NaN, Infinity and -Infinity as bare words. */
export const writeFloat = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);

const known = new Map<string, Distribution>();

/**
 * Reads a distribution's JSON text, old kinds included.
 * @throws DataError `UNKNOWN_DISTRIBUTION` for a name that Optuna does not have, or attributes that are missing.
 */
export function readDistribution(text: string): Distribution {
  // A journal repeats few texts many times. The bound keeps a hostile file from filling memory.
  let distribution = known.get(text);
  if (distribution === undefined) {
    distribution = parseDistribution(text);
    if (known.size < 10_000) known.set(text, distribution);
  }
  return distribution;
}

/** Returns the value that an internal number stands for: a choice by its place, a number as it is. */
export function externalValue(distribution: Distribution, internal: number): Choice {
  if (distribution.kind !== 'categorical') return internal;
  const choice = distribution.choices[internal];
  if (choice !== undefined) return choice;
  throw new DataError('UNKNOWN_CHOICE', {
    message: `The journal names choice ${internal} of ${distribution.choices.length}: it is damaged.`,
    details: { internal, choices: distribution.choices },
  });
}

function parseDistribution(text: string): Distribution {
  const { name, attributes } = asRecord(parse(text), text);
  const given = asRecord(attributes, text);
  const number = (key: string): number => {
    const value = given[key];
    return typeof value === 'number' ? value : unknown(text);
  };
  switch (name) {
    case 'IntDistribution':
      return {
        kind: 'int',
        low: number('low'),
        high: number('high'),
        step: (given.step as number | undefined) ?? 1,
        log: given.log === true,
      };
    case 'IntUniformDistribution':
    case 'IntLogUniformDistribution':
      return {
        kind: 'int',
        low: number('low'),
        high: number('high'),
        step: (given.step as number | undefined) ?? 1,
        log: name === 'IntLogUniformDistribution',
      };
    case 'FloatDistribution':
      return {
        kind: 'float',
        low: number('low'),
        high: number('high'),
        step: (given.step as number | null | undefined) ?? null,
        log: given.log === true,
      };
    case 'UniformDistribution':
    case 'LogUniformDistribution':
      return {
        kind: 'float',
        low: number('low'),
        high: number('high'),
        step: null,
        log: name === 'LogUniformDistribution',
      };
    case 'DiscreteUniformDistribution':
      return { kind: 'float', low: number('low'), high: number('high'), step: number('q'), log: false };
    case 'CategoricalDistribution':
      return Array.isArray(given.choices) ? { kind: 'categorical', choices: given.choices as Choice[] } : unknown(text);
    default:
      return unknown(text);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unknown(text);
  }
}

const asRecord = (value: unknown, text: string): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : unknown(text);

function unknown(text: string): never {
  throw new DataError('UNKNOWN_DISTRIBUTION', {
    message: `The journal holds a distribution that is not one of Optuna's: ${text.slice(0, 200)}`,
    details: { text },
  });
}
