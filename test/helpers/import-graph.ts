import { posix } from 'node:path';
import { codeOnly, lineAt, type SourceFile } from './source-text.js';

/** One import of a module: the specifier as written, and whether only types pass. */
export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/**
 * The rooms of `src/`, each with the rooms whose values it may import besides its own.
 * A room may import types from any room written above it. The file `src/index.ts` is the room `index`.
 */
export const layers: ReadonlyMap<string, readonly string[]> = new Map([
  ['core', []],
  ['market', ['core']],
  ['data', ['core', 'market']],
  ['indicators', ['core', 'market', 'data']],
  ['execution', ['core', 'market']],
  ['portfolio', ['core', 'market']],
  ['metrics', ['core']],
  ['profiling', ['core']],
  ['parallel', ['core', 'profiling']],
  ['engine', ['core', 'market', 'data', 'indicators', 'execution', 'portfolio', 'metrics']],
  ['optimize', ['core', 'engine', 'data', 'metrics', 'parallel']],
  ['validate', ['core', 'market', 'data', 'metrics', 'parallel', 'engine', 'optimize']],
  ['benchmark', ['core', 'market', 'data', 'metrics', 'profiling', 'parallel', 'engine', 'optimize', 'validate']],
  ['live', ['core', 'market', 'data', 'execution', 'portfolio', 'engine']],
  ['report', ['core']],
  ['export', ['core']],
  [
    'index',
    [
      ...['core', 'market', 'data', 'indicators', 'execution', 'portfolio', 'metrics', 'parallel', 'engine'],
      ...['optimize', 'validate', 'export'],
    ],
  ],
  [
    'cli',
    [
      ...['core', 'market', 'data', 'indicators', 'execution', 'portfolio', 'metrics', 'parallel', 'engine'],
      ...['profiling', 'optimize', 'validate', 'benchmark', 'report', 'export', 'index'],
    ],
  ],
]);

/** Returns the imports of a module in order: static, re-exported, dynamic, and of types. */
export function importsOf(text: string): Import[] {
  const code = codeOnly(text);
  const imports: Import[] = [];
  const add = (quote: number, typeOnly: boolean): void => {
    const end = text.indexOf(text[quote]!, quote + 1);
    imports.push({ specifier: text.slice(quote + 1, end), typeOnly, line: lineAt(text, quote) });
  };
  const statement = /(?:^|[;}\n])\s*(import|export)\s+(type\s+(?!from\b))?(?:[\w$*\s{},]+?\s*from\s*)(?=['"])/g;
  for (const match of code.matchAll(statement)) add(match.index + match[0].length, match[2] !== undefined);
  for (const match of code.matchAll(/(?:^|[;}\n])\s*import\s*(?=['"])/g)) add(match.index + match[0].length, false);
  for (const match of code.matchAll(/(\btypeof\s+)?\bimport\s*\(\s*(?=['"])/g)) {
    add(match.index + match[0].length, match[1] !== undefined);
  }
  return imports.sort((a, b) => a.line - b.line);
}

/** Returns the room of a path below `src/`. */
export function roomOf(path: string): string {
  const [, first = '', ...rest] = path.split('/');
  return rest.length === 0 ? first.replace(/\.ts$/, '') : first;
}

/** Returns one line for each import that points the wrong way or leaves `src/`. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  const order = [...layers.keys()];
  const found: string[] = [];
  for (const { path, text } of files) {
    const room = roomOf(path);
    const allowed = layers.get(room);
    if (allowed === undefined) {
      found.push(`${path}: '${room}' is no room of the layers table`);
      continue;
    }
    for (const { specifier, typeOnly, line } of importsOf(text)) {
      if (!specifier.startsWith('.')) continue;
      const target = resolveSpecifier(path, specifier);
      const where = `${path}:${line}`;
      if (!target.startsWith('src/')) {
        found.push(`${where}: '${specifier}' leaves src`);
        continue;
      }
      const to = roomOf(target);
      if (to === room) continue;
      if (typeOnly) {
        if (order.indexOf(to) > order.indexOf(room)) found.push(`${where}: ${room} imports types of ${to}, below it`);
      } else if (!allowed.includes(to)) found.push(`${where}: ${room} may not import values of ${to}`);
    }
  }
  return found;
}

/** Returns the cycles among imports of values, each as its paths with the first one repeated at the end. */
export function valueCycles(files: readonly SourceFile[]): string[][] {
  const graph = new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('.'))
        .map(({ specifier }) => resolveSpecifier(path, specifier)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path]);
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

const resolveSpecifier = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
