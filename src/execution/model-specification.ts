import { decimalNumber, formatScaled, parseScaled } from '../core/decimal-text.js';
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
 * Parses a model written as `name`, `name:1`, or `name:1,2,key=3`; numbers are decimals such as 0.001, .001 or 1e-3, below 0 only
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
      const isNumber = decimalNumber(value.trim()) >= (isSigned ? Number.NEGATIVE_INFINITY : 0);
      throw refuse(
        isNumber
          ? `has '${part}', and numbers have at most ${DECIMALS} decimals, ${WHOLE_DIGITS} digits before the point and 15 in all`
          : `has '${part}' where a ${isSigned ? '' : 'non-negative '}number belongs`,
      );
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

/** Decimals that a model's number may have, and digits before its point. */
const DECIMALS = 9;
const WHOLE_DIGITS = 12;
const TOO_LARGE = 10n ** BigInt(WHOLE_DIGITS + DECIMALS);

function parseNumber(text: string, isSigned: boolean): ModelNumber | undefined {
  let mantissa = scaledOf(text.trim());
  if (mantissa === undefined || (mantissa < 0n && !isSigned)) return undefined;
  if (mantissa >= TOO_LARGE || mantissa <= -TOO_LARGE) return undefined;
  let decimals = DECIMALS;
  for (; decimals > 0 && mantissa % 10n === 0n; decimals--) mantissa /= 10n;
  const size = Number(mantissa);
  if (!Number.isSafeInteger(size)) return undefined;
  return { text: formatScaled(mantissa, decimals), mantissa: size, decimals, value: size / 10 ** decimals };
}

/** Returns a decimal in units of its last possible place, undefined for a text that is none or has more. */
function scaledOf(text: string): bigint | undefined {
  try {
    return parseScaled(text, DECIMALS, 'exact', 'the number');
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
