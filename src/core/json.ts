import { RunError } from './errors.js';

/**
 * Returns the one JSON text of a plain value: keys in code unit order, no white space, numbers as JavaScript prints them.
 * Two values that are equal as data have the same text, so it can be hashed. Keys whose value is undefined are left out.
 * Throws {@link RunError} `NOT_CANONICAL` for what JSON cannot hold: NaN, infinities, bigint, functions, symbols,
 * and objects that are no plain data (a Map, a Date, a typed array).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new RunError('NOT_CANONICAL', {
    message: `A value of type ${typeof value} (${String(value)}) has no canonical JSON: give plain data.`,
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
