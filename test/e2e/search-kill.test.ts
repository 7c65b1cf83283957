import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../helpers/optuna-journal.js';
import { compileModule } from '../helpers/run-module.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = makeFolder();
afterAll(() => {
  folder.remove();
  rmSync(program);
});

const program = await compileModule(`
import { int } from './src/engine/parameters.ts';
import { openStudyOn, ParameterSpace, runSearch } from './src/optimize/index.ts';
import { openExecutor } from './src/parallel/open-executor.ts';
const [path, workers] = process.argv.slice(2);
const parameters = { x: int(0, 19), y: int(0, 19) };
const space = new ParameterSpace(parameters, ({ x, y }) => x !== y);
const enqueue = [{ x: 7, y: 0 }, { x: 7, y: 1 }];
const study = await openStudyOn({ space, search: 'random', seed: 3, path, name: 'killed', trials: 220, enqueue });
const executor = openExecutor({ workers: Number(workers) });
const job = { key: 'math', module: ${JSON.stringify(new URL('../fixtures/math-trials.mjs', import.meta.url).href)}, setup: { pause: 1, uneven: 1 } };
const { stopped } = await runSearch({ study, executor, job });
await study.close();
await executor.close();
process.stdout.write(stopped);
`);

/** Runs the search, killed as soon as the journal has so many bytes; returns what it printed. */
function run(path: string, workers: number, killAt: number): Promise<string> {
  const child = spawn(process.execPath, [program, path, String(workers)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const watch = setInterval(() => {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= killAt) child.kill('SIGKILL');
  }, 1);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      clearInterval(watch);
      resolve(printed);
    });
  });
}

it('is the same study after 20 kills at random points as without any', async () => {
  mkdirSync(join(folder.path, 'runs'));
  const whole = join(folder.path, 'runs', 'whole.log');
  expect(await run(whole, 1, Number.POSITIVE_INFINITY)).toBe('exhausted');
  const size = statSync(whole).size;
  const random = SeededRandom.derive(20, 'kills');
  const kills = Array.from({ length: 20 }, () => random.int(1, Math.floor(size * 0.6))).sort((a, b) => a - b);
  const path = join(folder.path, 'runs', 'killed.log');
  let finished = 0;
  for (const [index, killAt] of kills.entries()) {
    expect(await run(path, 1 + (index % 3), killAt)).toBe('');
    // A kill may cut the last line; the reader of the tests is strict, so the file is looked at once it is repaired.
    const ended = statSync(path).size;
    expect(ended).toBeGreaterThanOrEqual(killAt);
    finished = ended;
  }
  expect(finished).toBeLessThan(size);
  expect(await run(path, 2, Number.POSITIVE_INFINITY)).toBe('exhausted');
  expect(canonicalJournal(path)).toEqual(canonicalJournal(whole));
  const [study] = readOptunaJournal(path);
  expect(study!.trials).toHaveLength(220);
  expect(study!.trials.every(({ state }) => state === 'COMPLETE' || state === 'PRUNED')).toBe(true);
  rmSync(join(folder.path, 'runs'), { recursive: true });
});
