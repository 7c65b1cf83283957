import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BEYOND_AUTHORING, compileStrategy, loadStrategy } from '../../../src/engine/strategy-loader.js';
import { temporaryFolder } from '../../helpers/bundle-draft.js';
import { projectRoot } from '../../helpers/source-text.js';

const STRATEGY =
  "import { defineStrategy, int } from 'hindcast';\nexport default defineStrategy({ parameters: { n: int(1, 5) } });\n";

const file = (name: string, text: string, folder = temporaryFolder()): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('a strategy file', () => {
  it('is compiled with what it imports, and known by its content', async () => {
    const folder = temporaryFolder();
    file('rule.ts', 'export const limit: number = 7;\n', folder);
    const path = file('one.ts', `import { limit } from './rule.js';\n${STRATEGY}export { limit };\n`, folder);
    const loaded = await loadStrategy(path);
    expect(loaded).toMatchObject({ path, name: 'one' });
    expect(Object.keys(loaded.strategy.parameters)).toEqual(['n']);
    expect((await compileStrategy(path)).sourceHash).toBe(loaded.sourceHash);
    file('rule.ts', 'export const limit: number = 8;\n', folder);
    expect((await compileStrategy(path)).sourceHash).not.toBe(loaded.sourceHash);
  });

  it('has the same hash wherever it lies', async () => {
    const [one, two] = [file('s.ts', STRATEGY), file('s.ts', STRATEGY)];
    expect((await compileStrategy(one)).sourceHash).toBe((await compileStrategy(two)).sourceHash);
  });

  it.each([
    ["import { defineStrategy as define, int } from 'hindcast';", 'authoring.js'],
    ["import { defineStrategy as define, int, optimize as search } from 'hindcast'; export { search };", 'index.js'],
    ["import * as all from 'hindcast'; const { defineStrategy: define, int } = all; export { all };", 'index.js'],
  ])('is linked with the part of the package that it names: %s', async (statement, linked) => {
    const path = file('s.ts', `${statement}\nexport default define({ parameters: { n: int(1, 5) } });\n`);
    const { url, strategy } = await loadStrategy(path);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    expect(text.match(/from "file:[^"]*\/dist\/([^"]*)"/)?.[1]).toBe(linked);
    expect(Object.keys(strategy.parameters)).toEqual(['n']);
  });

  it('finds in that part all that the package exports but what searches, proves and writes files', async () => {
    const [part, whole] = await Promise.all(
      ['authoring.js', 'index.js'].map(
        async (name) => (await import(pathToFileURL(join(projectRoot, 'dist', name)).href)) as Record<string, unknown>,
      ),
    );
    expect([...Object.keys(part!), ...BEYOND_AUTHORING].sort()).toEqual(Object.keys(whole!).sort());
    for (const name of Object.keys(part!)) expect(part![name]).toBe(whole![name]);
  });

  it.each([
    [
      'that is missing',
      () => join(temporaryFolder(), 'none.ts'),
      'STRATEGY_NOT_FOUND',
      'Give the path of a .ts or .js module',
    ],
    [
      'without its ending',
      () => file('rule.ts', STRATEGY).replace(/\.ts$/, ''),
      'STRATEGY_NOT_FOUND',
      /Did you mean '.*rule\.ts'\?/,
    ],
    [
      'of another kind',
      () => file('rule.py', 'x = 1'),
      'STRATEGY_NOT_FOUND',
      'its name ends in .py where .ts, .mts, .js, .mjs belongs',
    ],
    [
      'that is a folder',
      () => {
        const folder = join(temporaryFolder(), 'rule.ts');
        mkdirSync(folder);
        return folder;
      },
      'STRATEGY_NOT_FOUND',
      'No strategy file',
    ],
    [
      'that does not compile',
      () => file('s.ts', 'export default {\n  handleData( {\n};\n'),
      'STRATEGY_DOES_NOT_COMPILE',
      /s\.ts:3:2: .*\n {4}3 \| \};\n {9}\^/,
    ],
    [
      'that imports what is not there',
      () => file('s.ts', "import './absent.js';\n"),
      'STRATEGY_DOES_NOT_COMPILE',
      'Could not resolve "./absent.js"',
    ],
    [
      'that throws when it is loaded',
      () => file('s.ts', "throw new Error('at the top');\n"),
      'STRATEGY_DOES_NOT_LOAD',
      'at the top',
    ],
    [
      'that exports no strategy',
      () => file('s.ts', 'export default { parameters: {} };\n'),
      'NO_STRATEGY',
      'export default defineStrategy({ ... })',
    ],
  ])('%s is refused', async (_name, path, code, message) => {
    await expect(loadStrategy(path())).rejects.toMatchObject({
      code,
      exitCode: 2,
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    });
  });
});
