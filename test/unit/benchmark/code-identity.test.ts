import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CodeIdentity,
  codeDifference,
  packageFolder,
  packageIdentity,
} from '../../../src/benchmark/code-identity.js';
import { emptyHome } from '../../helpers/command-line.js';

const code: CodeIdentity = {
  flags: { historyCache: true },
  strategySourceHash: 'a'.repeat(64),
  params: { fast: 5 },
  jobs: 2,
  nodeOptions: [],
  package: { version: '1.0.0', codeHash: 'b'.repeat(64), commit: null },
};

describe('codeDifference', () => {
  it.each([
    [{ flags: { historyCache: false } }, 'historyCache on -> off'],
    [{ flags: {} }, 'historyCache on -> unknown'],
    [{ params: { fast: 6 } }, 'fast 5 -> 6'],
    [{ params: {} }, 'fast 5 -> null'],
    [{ strategySourceHash: 'c'.repeat(64) }, 'strategy aaaaaaaaaaaa -> cccccccccccc'],
    [{ jobs: 1 }, 'jobs 2 -> 1'],
    [{ nodeOptions: ['--no-opt'] }, 'node as it is -> --no-opt'],
    [{ package: { ...code.package, codeHash: 'd'.repeat(64) } }, 'Hindcast 1.0.0 bbbbbbbbbbbb -> 1.0.0 dddddddddddd'],
  ])('names %j', (change, says) => {
    expect(codeDifference(code, { ...code, ...change })).toEqual([says]);
  });

  it('finds none between equal code, whatever commit it is called', () => {
    expect(codeDifference(code, { ...code })).toEqual([]);
    expect(codeDifference(code, { ...code, package: { ...code.package, commit: '123456789abc' } })).toEqual([]);
  });
});

describe('packageIdentity', () => {
  it('knows this package by version, code and commit', () => {
    const found = packageIdentity(packageFolder());
    expect(found.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(found.codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(packageIdentity(packageFolder())).toEqual(found);
  });

  it('changes with one letter of one module, and is of no commit outside a working copy', () => {
    const folder = emptyHome();
    mkdirSync(join(folder, 'dist', 'benchmark'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"version":"0.0.1"}');
    const module = join(folder, 'dist', 'benchmark', 'measuring-entry.js');
    writeFileSync(module, 'let a;');
    const before = packageIdentity(folder);
    expect(before).toMatchObject({ version: '0.0.1', commit: null });
    writeFileSync(module, 'let b;');
    expect(packageIdentity(folder).codeHash).not.toBe(before.codeHash);
  });

  it('refuses a folder without one', () => {
    expect(() => packageIdentity(emptyHome())).toThrow(/holds no built Hindcast that can measure/);
  });
});
