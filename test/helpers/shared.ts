import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const folder = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Returns the path of a file of reference data beside the project, whether it exists or not. */
export const sharedFile = (path: string): string => join(folder, path);

/**
 * A describe block over reference data that may be absent: skipped with a message in its name then,
 * or failing where HINDCAST_REQUIRE_ALL=1 demands everything.
 */
export function describeShared(name: string, path: string, body: () => void): void {
  if (existsSync(sharedFile(path)) || process.env.HINDCAST_REQUIRE_ALL === '1') describe(name, body);
  else describe.skip(`${name} (reference data absent: ${path})`, body);
}
