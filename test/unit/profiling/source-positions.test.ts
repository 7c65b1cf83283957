import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileStrategy } from '../../../src/engine/strategy-loader.js';
import { SourcePositions } from '../../../src/profiling/source-positions.js';
import { temporaryFolder } from '../../helpers/bundle-draft.js';

const RULE = `/* A comment that the
compiler leaves out. */
type Side = 'long' | 'short';

export function sideOf(value: number): Side {
  const limit: number = 7;
  return value > limit ? 'long' : 'short';
}
`;
const STRATEGY = `import { defineStrategy } from 'hindcast';
import { sideOf } from './rules/rule.js';
interface Unused { readonly nothing: string }
export default defineStrategy({
  parameters: {},
  initialize: () => ({ side: sideOf(3) }),
});
`;

/** Line and column of a text in a module, from 0. */
function positionOf(code: string, text: string): { line: number; column: number } {
  const before = code.slice(0, code.indexOf(text)).split('\n');
  return { line: before.length - 1, column: before.at(-1)!.length };
}

describe('SourcePositions', () => {
  it('finds functions and lines of a compiled strategy, and of what it imports, where they were written', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'rules'));
    writeFileSync(join(folder, 'rules', 'rule.ts'), RULE);
    writeFileSync(join(folder, 'mine.ts'), STRATEGY);
    const { url } = await compileStrategy(join(folder, 'mine.ts'));
    const code = readFileSync(fileURLToPath(url), 'utf8');
    const positions = new SourcePositions();

    const rule = pathToFileURL(join(folder, 'rules', 'rule.ts')).href;
    const begin = positions.original({ url, ...positionOf(code, '(value)') });
    expect(begin).toMatchObject({ url: rule, line: 4 });
    const limit = positionOf(code, 'const limit');
    expect(positions.originalLine(url, limit.line)).toBe(5);
    expect(positions.originalLine(url, limit.line + 1)).toBe(6);

    const mine = pathToFileURL(join(folder, 'mine.ts')).href;
    const initialize = positions.original({ url, ...positionOf(code, '() => ({ side') });
    expect(initialize).toMatchObject({ url: mine, line: 5 });
  });

  it('reads a map in a file beside the module', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'rule.ts'), RULE);
    const { build } = await import('esbuild');
    const outfile = join(folder, 'made', 'rule.mjs');
    await build({ entryPoints: [join(folder, 'rule.ts')], outfile, sourcemap: 'linked', bundle: true, format: 'esm' });
    const url = pathToFileURL(outfile).href;
    const at = positionOf(readFileSync(outfile, 'utf8'), '(value)');
    const written = { url: pathToFileURL(join(folder, 'rule.ts')).href, line: 4 };
    expect(new SourcePositions().original({ url, ...at })).toMatchObject(written);
    rmSync(`${outfile}.map`);
    expect(new SourcePositions().original({ url, ...at })).toEqual({ url, ...at });
  });

  it('leaves alone modules without a map, modules that are gone, and what is no file', () => {
    const path = join(temporaryFolder(), 'plain.mjs');
    writeFileSync(path, 'export const x = 1;\n');
    const positions = new SourcePositions();
    for (const url of [pathToFileURL(path).href, pathToFileURL(`${path}.gone`).href, 'node:fs', '']) {
      expect(positions.original({ url, line: 3, column: 2 })).toEqual({ url, line: 3, column: 2 });
      expect(positions.originalLine(url, 3)).toBe(3);
    }
    rmSync(path);
  });
});
