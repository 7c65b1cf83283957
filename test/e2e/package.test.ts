import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../helpers/source-text.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-pack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs a folder as npm would publish it, without running its scripts. */
function pack(from: string): Packed {
  const windows = process.platform === 'win32';
  const output = execFileSync(
    windows ? 'npm.cmd' : 'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: from, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: windows },
  );
  const packed: unknown = JSON.parse(output);
  return (Array.isArray(packed) ? packed[0] : Object.values(packed as object)[0]) as Packed;
}

async function complaints({ filename }: Packed): Promise<string[]> {
  const bytes = readFileSync(join(folder, filename));
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const { messages, pkg = {} } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => formatMessage(message, pkg as Record<string, unknown>) ?? message.code);
}

/** The files of a package that nobody who installs it needs. */
const strangers = ({ files }: Packed): string[] =>
  files
    .map(({ path }) => path)
    .filter((path) => !/^(?:dist|examples)\/|^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path))
    .filter(Boolean);

/** A tree that was never built has nothing to pack; the full check demands it. */
const unbuilt = !existsSync(join(projectRoot, 'dist', 'index.js')) && process.env.HINDCAST_REQUIRE_ALL !== '1';

describe.skipIf(unbuilt)('the packed package (of a built tree)', () => {
  let packed: Packed;
  let paths: string[];
  beforeAll(() => {
    packed = pack(projectRoot);
    paths = packed.files.map(({ path }) => path);
  });

  it('holds dist, examples, README, LICENSE and CHANGELOG, and nothing else', () => {
    expect(strangers(packed)).toEqual([]);
    for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/index.js', 'dist/cli/main.js']) {
      expect(paths).toContain(path);
    }
    expect(paths.some((path) => path.startsWith('examples/'))).toBe(true);
    expect(paths.filter((path) => path.startsWith('dist/') && path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual(
      [],
    );
  });

  it('satisfies publint', async () => {
    expect(await complaints(packed)).toEqual([]);
  });
});

describe('the package check', () => {
  it('flags a door that leads nowhere, and a file that does not belong', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(join(broken, 'test'), { recursive: true });
    writeFileSync(join(broken, 'test', 'a.test.js'), '');
    writeFileSync(
      join(broken, 'package.json'),
      JSON.stringify({ name: 'broken', version: '1.0.0', type: 'module', exports: { '.': './dist/index.js' } }),
    );
    const packed = pack(broken);
    expect(strangers(packed)).toEqual(['test/a.test.js']);
    expect((await complaints(packed)).join('\n')).toMatch(/dist\/index\.js/);
  });
});
