/** Returns what somebody gave, in words: `'A'`, `5`, `null`, `a function`, `a list`. */
export function givenText(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof (value as { readonly then?: unknown }).then === 'function' ? 'a Promise' : 'an object';
}
