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
}

/** What one named model accepts. */
export interface ModelForm {
  /** How it is written, for the error text: `percent:RATE`. */
  readonly usage: string;
  /** Numbers before any `key=`. */
  readonly positional: number;
  readonly named: readonly string[];
}

/**
 * Parses a model written as `name`, `name:1`, or `name:1,2,key=3`; numbers are non-negative decimals.
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
  const positional: ModelNumber[] = [];
  const named: Record<string, ModelNumber> = {};
  const body = rest.join(':');
  for (const part of body === '' ? [] : body.split(',')) {
    const [key, value] = part.includes('=') ? (part.split('=', 2) as [string, string]) : [undefined, part];
    const number = parseNumber(value);
    if (number === undefined) throw refuse(`has '${part}' where a non-negative number belongs`);
    if (key === undefined) positional.push(number);
    else if (!form.named.includes(key)) throw refuse(`has an unknown setting '${key}'`);
    else named[key] = number;
  }
  if (positional.length !== form.positional) {
    throw refuse(`has ${positional.length} numbers where ${form.positional} belong`);
  }
  return { name, positional, named };
}

function parseNumber(text: string): ModelNumber | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  const mantissa = Number(whole + digits);
  if (!Number.isSafeInteger(mantissa)) return undefined;
  return {
    text: digits === '' ? String(Number(whole)) : `${Number(whole)}.${digits}`,
    mantissa,
    decimals: digits.length,
    value: mantissa / 10 ** digits.length,
  };
}
