import { codeOnly } from './source-text.js';

/** The exports of a module: names of values, names of types, and stars, which hide what they pass on. */
export interface ExportNames {
  readonly values: readonly string[];
  readonly types: readonly string[];
  readonly stars: number;
}

/** Returns the names that a module's text exports. */
export function exportNames(text: string): ExportNames {
  const code = codeOnly(text);
  const values: string[] = [];
  const types: string[] = [];
  for (const [, type, list] of code.matchAll(/\bexport\s+(type\s+)?\{([^}]*)\}/g)) {
    for (const entry of list!.split(',').map((part) => part.trim())) {
      if (entry === '') continue;
      const [, typed, name] = /^(type\s+(?=\w))?(?:.*\bas\s+)?(\w+)$/s.exec(entry)!;
      (type !== undefined || typed !== undefined ? types : values).push(name!);
    }
  }
  for (const [, name] of code.matchAll(
    /\bexport\s+(?:declare\s+)?(?:async\s+)?(?:const|let|function\*?|(?:abstract\s+)?class|enum)\s+(\w+)/g,
  )) {
    values.push(name!);
  }
  for (const [, name] of code.matchAll(/\bexport\s+(?:declare\s+)?(?:interface|type)\s+(\w+)/g)) types.push(name!);
  if (/\bexport\s+default\b/.test(code)) values.push('default');
  return { values: values.sort(), types: types.sort(), stars: [...code.matchAll(/\bexport\s*\*/g)].length };
}
