import { describe, expect, it } from 'vitest';
import { importsOf, layerViolations, valueCycles } from '../../helpers/import-graph.js';
import { type SourceFile, sourceFiles } from '../../helpers/source-text.js';

const file = (path: string, text: string): SourceFile => ({ path, text });
const empty = (...paths: string[]): SourceFile[] => paths.map((path) => file(path, ''));

describe('the import graph of src', () => {
  const files = sourceFiles('src');

  it('has files to check', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(10);
  });

  it('points one way', () => {
    expect(layerViolations(files)).toEqual([]);
  });

  it('has no cycle among values', () => {
    expect(valueCycles(files)).toEqual([]);
  });
});

describe('importsOf', () => {
  it('sees every form of import, and none in comments or strings', () => {
    const text = [
      `import a, { b } from './a.js';`,
      `import type { C } from './c.js';`,
      `export * from "./d.js";`,
      `export type { E } from './e.js';`,
      `import './side-effect.js';`,
      `import {`,
      `  type F,`,
      `} from './f.js';`,
      `const g = await import('./g.js');`,
      `type H = typeof import('./h.js');`,
      `// import z from './comment.js';`,
      `const text = "import z from './string.js'";`,
      `export type Kind = 'x'; const from = 1;`,
    ].join('\n');
    expect(importsOf(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`)).toEqual([
      './a.js',
      './c.js type',
      './d.js',
      './e.js type',
      './side-effect.js',
      './f.js',
      './g.js',
      './h.js type',
    ]);
  });
});

describe('the layers check', () => {
  it.each([
    ['core', 'market'],
    ['parallel', 'data'],
    ['metrics', 'market'],
    ['data', 'engine'],
    ['portfolio', 'execution'],
    ['engine', 'optimize'],
    ['optimize', 'report'],
    ['report', 'engine'],
    ['index', 'cli'],
  ])('flags a value of %s from %s', (from, to) => {
    const path = from === 'index' ? 'src/index.ts' : `src/${from}/a.ts`;
    const back = from === 'index' ? './' : '../';
    const files = [file(path, `import { b } from '${back}${to}/b.js';`), ...empty(`src/${to}/b.ts`)];
    expect(layerViolations(files)).toEqual([`${path}:1: ${from} may not import values of ${to}`]);
  });

  it('lets types come from above, and flags them from below', () => {
    const files = [
      file('src/portfolio/a.ts', `import type { B } from '../execution/b.js';`),
      file('src/execution/b.ts', `import type { C } from '../engine/c.js';`),
      file('src/report/r.ts', `import type { C } from '../engine/c.js';`),
      ...empty('src/engine/c.ts'),
    ];
    expect(layerViolations(files)).toEqual(['src/execution/b.ts:1: execution imports types of engine, below it']);
  });

  it('flags a room that no layer names, and an import that leaves src', () => {
    const files = [...empty('src/utils/a.ts'), file('src/core/b.ts', `import { x } from '../../test/x.js';`)];
    expect(layerViolations(files)).toEqual([
      "src/utils/a.ts: 'utils' is no room of the layers table",
      "src/core/b.ts:1: '../../test/x.js' leaves src",
    ]);
  });
});

describe('the cycle check', () => {
  const a = (specifier: string): SourceFile => file('src/core/a.ts', specifier);

  it('finds a cycle of values', () => {
    const files = [
      a(`import { b } from './b.js';`),
      file('src/core/b.ts', `export * from './c.js';`),
      file('src/core/c.ts', `import { a } from './a.js';`),
    ];
    expect(valueCycles(files)).toEqual([['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/a.ts']]);
  });

  it('lets a cycle through types pass', () => {
    const files = [a(`import type { B } from './b.js';`), file('src/core/b.ts', `import { a } from './a.js';`)];
    expect(valueCycles(files)).toEqual([]);
  });
});
