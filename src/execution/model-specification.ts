import { UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';

/** A number of a model as it was written, exact. */
export interface ModelNumber {
  readonly text: string;
  /** `mantissa / 10 ** decimals` is the value; both are safe integers. */
  readonly mantissa: number;
  readonly decimals: number;
  readonly value: number;
}

/** A parsed `name:1,2,key=3`. */
export interface ModelSpecification {
  readonly name: string;
  readonly positional: readonly ModelNumber[];
  readonly named: Readonly<Record<string, ModelNumber>>;
  /** `number=number` pairs, ascending by the first. */
  readonly steps: readonly { readonly from: ModelNumber; readonly value: ModelNumber }[];
  /** Words that were said. */
  readonly flags: readonly string[];
}

/** What one named model accepts. */
export interface ModelForm {
  /** How it is written, for the error text: `percent:RATE`. */
  readonly usage: string;
  /** Numbers before any `key=`. */
  readonly positional: number;
  readonly named: readonly string[];
  /** Words that may be said. */
  readonly flags?: readonly string[];
  /** Those of `named` that must be given. */
  readonly required?: readonly string[];
  /** Those of `named` that may be below 0. */
  readonly signed?: readonly string[];
  /** Whether `number=number` pairs may follow. */
  readonly steps?: boolean;
  /** Shares, which are below 1: 'first' for the first positional number, 'steps' for the values of steps, or one of `named`. */
  readonly rates?: readonly string[];
}

/**
 * Parses a model written as `name`, `name:1`, or `name:1,2,key=3`; numbers are decimals, below 0 only
 * where the form says so.
 * Throws a UsageError (code `INVALID_MODEL`) that names the nearest known model, or how this one is written.
 */
export function parseSpecification(
  what: string,
  text: string,
  forms: Readonly<Record<string, ModelForm>>,
): ModelSpecification {
  const [name = '', ...rest] = text.trim().split(':');
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form === undefined) {
    throw new UsageError('INVALID_MODEL', {
      message: `Unknown ${what} '${text}'.${nearestHint(name, Object.keys(forms))} Models: ${Object.values(forms)
        .map(({ usage }) => usage)
        .join(' | ')}.`,
      details: { what, text, known: Object.keys(forms) },
    });
  }
  const refuse = (reason: string): UsageError =>
    new UsageError('INVALID_MODEL', {
      message: `The ${what} '${text}' ${reason}. Write it as ${form.usage}.`,
      details: { what, text, usage: form.usage },
    });
  /** Returns a number, which is below 1 where the form says that it is a rate. */
  const asRate = (key: string, number: ModelNumber): ModelNumber => {
    if (form.rates?.includes(key) !== true || Math.abs(number.value) < 1) return number;
    const hint = number.value < 100 && number.value > 0 ? ` For ${number.text} % write ${number.value / 100}.` : '';
    throw refuse(`has the rate ${number.text}, and rates are shares below 1.${hint}`.replace(/\.$/, ''));
  };
  const positional: ModelNumber[] = [];
  const named: Record<string, ModelNumber> = {};
  const steps: { from: ModelNumber; value: ModelNumber }[] = [];
  const flags: string[] = [];
  const body = rest.join(':');
  for (const part of body === '' ? [] : body.split(',')) {
    if (form.flags?.includes(part.trim()) === true) {
      if (flags.includes(part.trim())) throw refuse(`has '${part.trim()}' twice`);
      flags.push(part.trim());
      continue;
    }
    const [key, value = ''] = part.includes('=') ? splitOnce(part) : [undefined, part];
    const isSigned = key !== undefined && form.signed?.includes(key) === true;
    const number = parseNumber(value, isSigned);
    if (number === undefined) {
      throw refuse(`has '${part}' where a ${isSigned ? '' : 'non-negative '}number belongs`);
    }
    const from = form.steps === true && key !== undefined ? parseNumber(key, false) : undefined;
    if (key === undefined) positional.push(number);
    else if (from !== undefined) {
      if (from.value <= (steps.at(-1)?.from.value ?? 0))
        throw refuse(`has '${part}' out of order: volumes ascend from above 0`);
      steps.push({ from, value: asRate('steps', number) });
    } else if (!form.named.includes(key)) throw refuse(`has an unknown setting '${key}'`);
    else if (Object.hasOwn(named, key)) throw refuse(`has '${key}' twice`);
    else named[key] = asRate(key, number);
  }
  if (positional.length !== form.positional) {
    throw refuse(`has ${positional.length} numbers where ${form.positional} belong`);
  }
  if (positional[0] !== undefined) asRate('first', positional[0]);
  const missing = form.required?.find((key) => !Object.hasOwn(named, key));
  if (missing !== undefined) throw refuse(`lacks '${missing}='`);
  return { name, positional, named, steps, flags };
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, at).trim(), part.slice(at + 1)];
}

function parseNumber(text: string, isSigned: boolean): ModelNumber | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, minus = '', whole = '', fraction = ''] = match;
  if (minus !== '' && !isSigned) return undefined;
  const digits = fraction.replace(/0+$/, '');
  const size = Number(whole + digits);
  // Never -0, which would print as 0 and compare as something else.
  const mantissa = minus === '' || size === 0 ? size : -size;
  const sign = mantissa < 0 ? '-' : '';
  if (!Number.isSafeInteger(mantissa)) return undefined;
  return {
    text: `${sign}${Number(whole)}${digits === '' ? '' : `.${digits}`}`,
    mantissa,
    decimals: digits.length,
    value: mantissa / 10 ** digits.length,
  };
}
