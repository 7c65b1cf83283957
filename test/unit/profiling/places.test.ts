import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/profiling/places.js';
import { projectRoot } from '../../helpers/source-text.js';

const inProject = (path: string): string => pathToFileURL(`${projectRoot}/${path}`).href;

describe('placeOf', () => {
  it.each([
    ['our own source', inProject('src/engine/sleeve.ts'), 'hindcast', 'src/engine/sleeve.ts'],
    ['our own', inProject('dist/engine/simulation.js'), 'hindcast', 'dist/engine/simulation.js'],
    [
      'a dependency',
      inProject('node_modules/decimal.js/decimal.mjs'),
      'library',
      'node_modules/decimal.js/decimal.mjs',
    ],
    ['a strategy below the folder', 'file:///home/me/work/strategies/a%20b.ts', 'strategy', 'strategies/a b.ts'],
    ['a strategy elsewhere', 'file:///home/me/other/mine.ts', 'strategy', '/home/me/other/mine.ts'],
    ['an example of the package', inProject('examples/sma-crossover.ts'), 'strategy', undefined],
    ['Node', 'node:internal/timers', 'node', 'node:internal/timers'],
    ['native code', '', 'native', ''],
    ['wasm', 'wasm://wasm/0123', 'library', 'wasm://wasm/0123'],
  ])('tells %s', (_name, url, owner, file) => {
    expect(placeOf({ url }, '/home/me/work')).toEqual({ owner, file: file ?? expect.stringContaining('examples/sma') });
  });
});
