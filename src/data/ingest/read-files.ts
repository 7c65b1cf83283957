import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type BarFile, readBars } from './bar-reader.js';
import { DefectLog } from './defects.js';
import type { IngestOptions, ResolvedOptions } from './ingest-options.js';
import { type InputOptions, inputsOf, isNetworkSource, serverInputs } from './inputs.js';
import { ReadingThread, type ReadPath } from './reading-thread.js';
import type { BarInput } from './row-source.js';

/** Files of less altogether are read sooner than threads have started. */
const LEAST_BYTES = 32 * 1024 * 1024;
/** Each thread has a heap of its own: with two, ten million rows stay below 500 MB. */
const USUAL_THREADS = 2;

/**
 * Reads all sources of an ingest, in the order of their paths, on several threads where there are several files. What comes of it is the same for any
 * number of threads: each path has a log of its own, and logs are put together in order; of paths that cannot be read the first one
 * is named.
 *
 * @throws what `inputsOf`, `serverInputs` and `readBars` throw; RunError `READING_THREAD_DIED`
 */
export async function readFiles(
  options: IngestOptions,
  resolved: ResolvedOptions,
  knownUntil: InputOptions['knownUntil'],
  log: DefectLog,
): Promise<BarFile[]> {
  const paths = [...resolved.files].sort();
  const files: BarFile[] = [];
  if (isNetworkSource(resolved.source)) {
    const inputs = await serverInputs(paths, { ...resolved, ...(knownUntil === undefined ? {} : { knownUntil }) });
    for (const input of inputs) files.push(await readBars(input, resolved, log));
    return files;
  }
  // What cannot be opened at all is said before anything is read.
  const inputs: BarInput[][] = [];
  for (const path of paths) inputs.push(await inputsOf(path, resolved));
  const threads = threadsFor(paths, resolved.jobs);
  if (threads > 1) return readOnThreads(paths, options, threads, log);
  for (const own of inputs) {
    const findings = new DefectLog(resolved.policies);
    for (const input of own) files.push(await readBars(input, resolved, findings));
    log.absorb(findings.findings);
  }
  return files;
}

function threadsFor(paths: readonly string[], jobs: number | undefined): number {
  if (jobs !== undefined) return Math.min(jobs, paths.length);
  const bytes = paths.reduce((sum, path) => sum + sizeOf(path), 0);
  return bytes < LEAST_BYTES ? 1 : Math.min(availableParallelism(), USUAL_THREADS, paths.length);
}

/** What cannot be looked at counts nothing: reading it says why. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

async function readOnThreads(
  paths: readonly string[],
  { network: _network, ...options }: IngestOptions,
  count: number,
  log: DefectLog,
): Promise<BarFile[]> {
  const results = paths.map(pendingRead);
  const threads = Array.from({ length: count }, () => new ReadingThread({ options }));
  let next = 0;
  const work = async (thread: ReadingThread): Promise<void> => {
    while (next < paths.length) {
      const at = next++;
      await thread.read(paths[at]!).then(results[at]!.resolve, results[at]!.reject);
    }
  };
  try {
    for (const thread of threads) void work(thread);
    const files: BarFile[] = [];
    for (const { promise } of results) {
      const { files: own, findings } = await promise;
      log.absorb(findings);
      files.push(...own);
    }
    return files;
  } finally {
    for (const thread of threads) thread[Symbol.dispose]();
  }
}

interface PendingRead {
  readonly promise: Promise<ReadPath>;
  readonly resolve: (read: ReadPath) => void;
  readonly reject: (error: unknown) => void;
}

function pendingRead(): PendingRead {
  let settle: Omit<PendingRead, 'promise'> | undefined;
  const promise = new Promise<ReadPath>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Of several that fail only the first in order is waited for.
  promise.catch(() => undefined);
  return { promise, ...settle! };
}
