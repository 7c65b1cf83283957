import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proveBest } from '../../../src/cli/prove-best.js';
import { type StudyReport, searchStrategy } from '../../../src/optimize/study-run.js';
import type { Executor } from '../../../src/parallel/executor.js';
import type { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import type { LookaheadReport } from '../../../src/validate/lookahead.js';
import {
  type CommandOptions,
  type CommandRun,
  CROSSOVER,
  emptyHome,
  file,
  hindcast,
  ingestWaves,
} from '../../helpers/command-line.js';

const MARKET = { bundle: 'waves' };
const SIGNAL = new AbortController().signal;

/** Searches with two workers, and returns what `use` makes of the report while they are there. */
async function found<T>(source: string, use: (report: StudyReport, executor: Executor) => Promise<T>): Promise<T> {
  const folder = emptyHome();
  await ingestWaves(folder, 120);
  let made: { readonly value: T } | undefined;
  await searchStrategy({
    file: file(folder, 'mine.ts', source),
    market: MARKET,
    search: 'grid',
    jobs: 2,
    onFound: async (report, executor) => {
      made = { value: await use(report, executor) };
    },
  });
  return made!.value;
}

describe('the proof of the best trial', () => {
  it('is made by a thread of the search as by this one', async () => {
    const [here, there, tasks] = await found(CROSSOVER, async (report, executor) => {
      const pool = executor as PersistentWorkerPool;
      const before = pool.statistics().tasksCompleted;
      const proofs = [await proveBest(report, MARKET), await proveBest(report, MARKET, { executor, signal: SIGNAL })];
      return [...proofs, pool.statistics().tasksCompleted - before] as [LookaheadReport, LookaheadReport, number];
    });
    expect(here.clean).toBe(true);
    expect(there).toEqual(here);
    expect(tasks).toBe(1);
  });

  it('is given up where it is interrupted', async () => {
    const signal = AbortSignal.abort();
    expect(await found(CROSSOVER, (report, executor) => proveBest(report, MARKET, { executor, signal }))).toBe(
      undefined,
    );
  });

  it('is made by this thread where the other dies of it', async () => {
    // The search sets each of two sleeves up six times; the proof, which runs the best trial again and again, more often.
    const mortal = CROSSOVER.replace(
      'indicator }, { fast, slow }) {',
      'indicator }, { fast, slow }) {\n    if (!isMainThread && ++runs > 13) process.exit(9);',
    );
    const source = `import { isMainThread } from 'node:worker_threads';\nlet runs = 0;\n${mortal}`;
    const [proof, lost] = await found(source, async (report, executor) => {
      const made = await proveBest(report, MARKET, { executor, signal: SIGNAL });
      return [made, (executor as PersistentWorkerPool).statistics().threadsLost] as const;
    });
    expect(proof).toMatchObject({ clean: true });
    expect(lost).toBe(2);
  });

  /** Searches with a proof that never ends, and presses Ctrl-C when it has begun. */
  async function interrupted(options: CommandOptions, ...more: readonly string[]): Promise<CommandRun> {
    const folder = emptyHome();
    await ingestWaves(folder, 120);
    const mark = join(folder, 'proving');
    const endless = CROSSOVER.replace(
      'indicator }, { fast, slow }) {',
      `indicator }, { fast, slow }) {\n    if (!isMainThread && ++runs > 12) { writeFileSync(${JSON.stringify(mark)}, ''); for (;;); }`,
    );
    const source = `import { writeFileSync } from 'node:fs';\nimport { isMainThread } from 'node:worker_threads';\nlet runs = 0;\n${endless}`;
    const strategy = file(folder, 'mine.ts', source);
    let watcher: FSWatcher | undefined;
    const ended = await hindcast(
      ['optimize', strategy, '--bundle', 'waves', '--search', 'grid', '--jobs', '2', ...more],
      {
        ...options,
        onInterruptible: (interrupt) => {
          watcher = watch(folder, (_event, name) => {
            if (name === 'proving') interrupt();
          });
        },
      },
    );
    watcher!.close();
    return ended;
  }

  it('ends at Ctrl-C, and the search keeps its result', async () => {
    const { code, stdout, stderr } = await interrupted({}, '--json');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ trials: { complete: 6 }, stopped: 'exhausted', lookahead: null });
    expect(stderr).toContain('Interrupted when the search was done');
  });

  it('is not waited for by the table, and says what is done meanwhile', async () => {
    let written = '';
    const before: { stdout?: string; stderr?: string } = {};
    const { code, stdout } = await interrupted({
      terminal: true,
      onStdout: (text) => {
        written += text;
      },
      onStderr: (text, _interrupt) => {
        if (!text.includes('does it look ahead?')) return;
        before.stdout ??= written;
        before.stderr ??= text;
      },
    });
    expect(code).toBe(130);
    expect(before.stdout).toMatch(/^Best: trial \d+, ends with /m);
    expect(before.stdout).not.toContain('Is it luck?');
    expect(before.stderr).toMatch(/Trial \d+: does it look ahead\?$/);
    expect(stdout.slice(before.stdout!.length)).toMatch(/^\nIs it luck\? /);
  });
});
