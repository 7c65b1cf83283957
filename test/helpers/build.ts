// Worker threads load built JavaScript, and reports a built page: this builds what is older than its sources.
import { spawnSync } from 'node:child_process';
import { type Dirent, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry: Dirent) => entry.isFile())
    .map((entry: Dirent) => join(entry.parentPath, entry.name));
}

const newest = (folder: string): number =>
  Math.max(0, ...filesUnder(folder).map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));

/** Global setup of vitest. */
export function setup(): void {
  const dist = join(root, 'dist');
  if (newest(dist) <= newest(join(root, 'src'))) buildModules(dist);
  if (newest(join(dist, 'report', 'client')) <= newest(join(root, 'src', 'report'))) {
    spawnSync(process.execPath, [join(root, 'scripts', 'build-report-client.mjs')], { stdio: 'inherit' });
  }
}

function buildModules(dist: string): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const built = mkdtempSync(join(cache, 'build-'));
  try {
    const arguments_ = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', built];
    const { stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
    const files = filesUnder(built);
    if (files.length === 0) throw new Error(`dist cannot be built:\n${stdout}`);
    // File by file, so that a thread that another test run is starting never meets half a file.
    for (const file of files) {
      const target = join(dist, file.slice(built.length + 1));
      mkdirSync(dirname(target), { recursive: true });
      renameSync(file, target);
    }
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}
