import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder under which what this user's processes need for a while lies: ephemeral bundles, columns of an ingest. */
export const temporaryDirectory = (): string => join(tmpdir(), `hindcast-${process.getuid?.() ?? 'user'}`);
