import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rememberedText } from '../../../src/engine/compiled-modules.js';
import { compileStrategy } from '../../../src/engine/strategy-loader.js';
import { temporaryFolder } from '../../helpers/bundle-draft.js';

const { version } = createRequire(import.meta.url)('esbuild/package.json') as { readonly version: string };

/** Writes files an hour ago, so that they count as settled; returns the path of the first. */
function strategyOf(files: Readonly<Record<string, string>>, folder = temporaryFolder()): string {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
  }
  return join(folder, Object.keys(files)[0]!);
}

const RULE = {
  's.ts': "import { limit } from './rules/limit';\nexport default limit;\n",
  'rules/limit/index.ts': 'export const limit = 7;\n',
};

describe('a compiled strategy', () => {
  it('is remembered while nothing changes, and gives the same module', async () => {
    const path = strategyOf(RULE);
    expect(rememberedText(path, version)).toBeUndefined();
    const compiled = await compileStrategy(path);
    expect(rememberedText(path, version)?.text).toContain('limit = 7');
    expect(await compileStrategy(path)).toEqual(compiled);
    expect(rememberedText(path, 'another compiler')).toBeUndefined();
  });

  it.each([
    ['its own text', { 's.ts': 'export default 8;\n' }],
    ['what it imports', { 'rules/limit/index.ts': 'export const limit = 8;\n' }],
    ['a file that comes before the imported one', { 'rules/limit.ts': 'export const limit = 9;\n' }],
    ['settings of the compiler', { 'tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": false } }' }],
    ['settings of a package', { 'rules/package.json': '{ "sideEffects": false }' }],
  ])('is compiled again after a change of %s', async (_what, change) => {
    const path = strategyOf(RULE);
    await compileStrategy(path);
    expect(rememberedText(path, version)).toBeDefined();
    strategyOf(change, join(path, '..'));
    expect(rememberedText(path, version)).toBeUndefined();
  });

  it('is compiled again when an imported file is gone', async () => {
    const path = strategyOf(RULE);
    await compileStrategy(path);
    rmSync(join(path, '../rules/limit'), { recursive: true });
    await expect(compileStrategy(path)).rejects.toMatchObject({ code: 'STRATEGY_DOES_NOT_COMPILE' });
  });

  it.each([
    [
      'imports a package',
      { 's.ts': "export { default } from 'rule';\n", 'node_modules/rule/index.js': 'export default 7;\n' },
    ],
    [
      'has settings that extend others',
      { ...RULE, 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{}' },
    ],
  ])('is not remembered when it %s', async (_what, files) => {
    const path = strategyOf(files);
    await compileStrategy(path);
    expect(rememberedText(path, version)).toBeUndefined();
  });

  it('is not remembered while its file is being written', async () => {
    const path = strategyOf(RULE);
    writeFileSync(path, 'export default 1;\n');
    await compileStrategy(path);
    expect(rememberedText(path, version)).toBeUndefined();
  });

  it('is told apart from another at the end of a link that moved', async () => {
    const [one, two] = [strategyOf({ 's.ts': 'export default 1;\n' }), strategyOf({ 's.ts': 'export default 2;\n' })];
    const link = join(temporaryFolder(), 's.ts');
    symlinkSync(one, link);
    const first = await compileStrategy(link);
    rmSync(link);
    symlinkSync(two, link);
    expect((await compileStrategy(link)).sourceHash).not.toBe(first.sourceHash);
  });
});
