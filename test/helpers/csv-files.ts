import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Returns a function that writes a file into a folder of the test file's own and returns its path; the folder goes after the tests. */
export function temporaryFiles(): (name: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-csv-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    // A new file: to empty an old one, ext4 waits a millisecond for the disk.
    rmSync(path, { force: true });
    writeFileSync(path, content);
    return path;
  };
}
