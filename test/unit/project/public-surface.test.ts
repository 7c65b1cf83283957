import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportNames } from '../../helpers/export-names.js';
import { projectRoot } from '../../helpers/source-text.js';
import { publicSurface } from './public-surface.js';

interface PackageJson {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as PackageJson;

/** The source behind each door: `./dist/data/index.js` is built from `src/data/index.ts`. */
const doors = Object.entries(manifest.exports).flatMap(([door, target]) =>
  typeof target === 'string'
    ? []
    : [{ door, source: target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'), target }],
);

describe('the public surface', () => {
  it('has one list for each door of package.json', () => {
    expect(Object.keys(publicSurface).sort()).toEqual(doors.map(({ door }) => door).sort());
  });

  it.each(doors)('$door exports what its list says', async ({ door, source, target }) => {
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
    const path = join(projectRoot, source);
    const names = exportNames(existsSync(path) ? readFileSync(path, 'utf8') : '');
    expect(names.stars, 'a star hides what a door promises').toBe(0);
    expect([...names.values, ...names.types].sort()).toEqual([...publicSurface[door]!].sort());
    if (existsSync(path)) {
      const module = (await import(pathToFileURL(path).href)) as object;
      expect(Object.keys(module).sort()).toEqual(names.values);
    }
  });
});

describe('exportNames', () => {
  it('tells values from types, and counts stars', () => {
    const text = `
      export { a, type B, c as d } from './x.js';
      export type { E, F as G } from './y.js';
      export const h = 1; export async function i() {} export abstract class J {}
      export interface K {} export type L = string;
      export * from './z.js';
      // export { commented } from './no.js';
      const text = 'export { quoted }';`;
    expect(exportNames(text)).toEqual({
      values: ['J', 'a', 'd', 'h', 'i'],
      types: ['B', 'E', 'G', 'K', 'L'],
      stars: 1,
    });
  });
});
