import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, sourceFiles } from './source-text.js';

/** Builds the browser side of the report where it is absent or older than its sources. */
export function ensureReportClient(): void {
  const built = join(projectRoot, 'dist', 'report', 'client', 'page.js');
  const sources = [...sourceFiles('src/report').map(({ path }) => path), 'src/report/client/page.css'];
  const newest = Math.max(...sources.map((path) => statSync(join(projectRoot, path)).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  execFileSync(process.execPath, [join(projectRoot, 'scripts', 'build-report-client.mjs')]);
}
