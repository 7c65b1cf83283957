import { decimalNumber } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';

/** Returns a parser of whole numbers, for an option of the command line. `allowed` values outside the bounds are accepted. */
export function wholeNumber(
  option: string,
  { min, allowed = [] }: { readonly min: number; readonly allowed?: readonly number[] },
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(value) && (value >= min || allowed.includes(value)))
      return value;
    const others = allowed.length === 0 ? '' : `, or ${allowed.join(', ')}`;
    throw invalid(option, text, `is a whole number from ${min}${others}`);
  };
}

/** Parses any finite decimal number. */
export function anyNumber(option: string): (text: string) => number {
  return (text) => {
    const value = decimalNumber(text.trim());
    if (Number.isFinite(value)) return value;
    throw invalid(option, text, 'is a number');
  };
}

/** Parses a decimal number above 0. */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = decimalNumber(text.trim());
    if (Number.isFinite(value) && value > 0) return value;
    throw invalid(option, text, 'is a number above 0');
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Parses a span of time (`500ms`, `90s`, `5m`, `2h`) into milliseconds. */
export function duration(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim());
    const milliseconds = match === null ? 0 : Number(match[1]) * UNITS[match[2]!]!;
    if (milliseconds > 0) return milliseconds;
    throw invalid(option, text, 'is a span of time above 0 such as 500ms, 90s, 5m or 2h');
  };
}

/** Parses `A,B,C`, spaces around the commas allowed. */
export function list(option: string): (text: string) => string[] {
  return (text) => {
    const items = text.split(',').map((item) => item.trim());
    if (items.every((item) => item !== '')) return items;
    throw invalid(option, text, 'is a list A,B,C without gaps');
  };
}

/** Adds one `name=value` to those given before. A name given twice is refused: nobody could say which one counts. */
export function assignment(
  option: string,
): (text: string, before?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (text, before = {}) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    if (at < 1 || name === '') throw invalid(option, text, 'is written NAME=VALUE');
    if (Object.hasOwn(before, name)) {
      throw invalid(option, text, `names '${name}' for the second time; give each name once`, '');
    }
    return { ...before, [name]: text.slice(at + 1).trim() };
  };
}

/** Parses `A=1,B=2` and adds it, as one set, to those given before. */
export function assignments(
  option: string,
): (text: string, before?: readonly Readonly<Record<string, string>>[]) => readonly Readonly<Record<string, string>>[] {
  return (text, before = []) => {
    const add = assignment(option);
    const set = text.split(',').reduce<Readonly<Record<string, string>>>((names, part) => add(part, names), {});
    return [...before, set];
  };
}

/** Parses `FILE` or `FILE:COUNT`. */
export function countedFile(option: string): (text: string) => { readonly file: string; readonly count?: number } {
  return (text) => {
    const [, file = '', count] = /^(.*?)(?::(\d+))?$/s.exec(text.trim()) ?? [];
    if (file === '' || count === '0') throw invalid(option, text, 'is a file, or FILE:COUNT with a count from 1');
    return count === undefined ? { file } : { file, count: Number(count) };
  };
}

/** Parses `N:SHARE`, the rule that ends a search whose best has grown too little. */
export function improvementRule(option: string): (text: string) => { readonly trials: number; readonly least: number } {
  return (text) => {
    const [, count = '', share = ''] = /^(\d+):(.+)$/s.exec(text.trim()) ?? [];
    const [trials, least] = [Number(count), decimalNumber(share.trim())];
    if (Number.isSafeInteger(trials) && trials >= 1 && Number.isFinite(least) && least > 0) return { trials, least };
    throw invalid(option, text, 'is N:SHARE, a whole number from 1 and a share above 0, such as 50:0.01 for 1 %');
  };
}

/** Parses `A,B,C` and adds it to those given before. */
export function lists(option: string): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => [...before, ...list(option)(text)];
}

function invalid(option: string, value: string, rule: string, ending = `, not '${value}'`): UsageError {
  return new UsageError('INVALID_OPTION', {
    message: `Option --${option} ${rule}${ending}.`,
    details: { option, value },
  });
}
