// Worker threads load built JavaScript, and reports a built page: this builds what is older than its sources.
import { execFileSync } from 'node:child_process';
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
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
  if (newest(dist) <= newest(join(root, 'src'))) build('modules');
  if (newest(join(dist, 'report', 'client')) <= newest(join(root, 'src', 'report'))) build('report-client');
}

function build(part: 'modules' | 'report-client'): void {
  execFileSync(process.execPath, [join(root, 'scripts', `build-${part}.mjs`)], { stdio: 'inherit' });
}
