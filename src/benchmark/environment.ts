import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';
import { packageVersion } from '../core/version.js';
import { commitOf, packageFolder } from './code-identity.js';

/** The machine and the software of a benchmark, for whoever reads its figures. */
export interface BenchmarkEnvironment {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly hindcast: string;
  /** Of the working copy that Hindcast runs from, with `+changes` where files differ from it; null outside one. */
  readonly commit: string | null;
  /** Mean number of processes that wanted a core in the last 1, 5 and 15 minutes; zeros on Windows. */
  readonly loadAverage: readonly number[];
}

/** Returns the environment of this process, now. */
export const benchmarkEnvironment = (): BenchmarkEnvironment => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  freeMemoryBytes: freemem(),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.versions.node,
  v8: process.versions.v8,
  hindcast: packageVersion(),
  commit: commitOf(packageFolder()),
  loadAverage: loadavg(),
});
