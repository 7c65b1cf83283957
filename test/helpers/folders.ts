import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a temporary folder, for suites that remove it in `afterAll`. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hindcast-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
