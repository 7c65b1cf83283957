import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandRun, CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

/** The crossover strategy, which does something else where it is loaded in a worker thread. */
const inWorkers = (act: string): string => `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (!isMainThread) { ${act} }
${CROSSOVER}`;

/** Does not come back, and leaves the processor to others. */
const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

const WINDOWS = ['--train', '120', '--test', '60'];

/** Runs a command, with Ctrl-C as soon as a file is there. */
async function interruptedAt(begun: string, args: readonly string[]): Promise<CommandRun> {
  let interrupt = (): void => {};
  const watch = setInterval(() => existsSync(begun) && interrupt(), 2);
  try {
    return await hindcast(args, {
      onInterruptible: (given) => {
        interrupt = given;
      },
    });
  } finally {
    clearInterval(watch);
  }
}

describe('a strategy whose module never ends in a worker', () => {
  async function endless(): Promise<{ readonly folder: string; readonly begun: string; readonly strategy: string }> {
    const folder = emptyHome();
    await ingestWaves(folder);
    const begun = join(folder, 'begun');
    const text = inWorkers(`writeFileSync(${JSON.stringify(begun)}, ''); ${BLOCK}`);
    return { folder, begun, strategy: file(folder, 'endless.ts', text) };
  }

  it('ends with one Ctrl-C, and resume finds the whole study', async () => {
    const { folder, begun, strategy } = await endless();
    const study = join(folder, 'endless.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--search', 'grid', '--all', '--json'];
    const alone = ['--no-overfitting', '--no-lookahead'];
    const { code, stdout, stderr } = await interruptedAt(begun, [...args, ...alone, '--jobs', '2', '--study', study]);
    expect(code).toBe(130);
    expect(stderr).toContain(`Interrupted with 0 trials finished. Go on with:\n  hindcast resume ${study}`);
    expect(JSON.parse(stdout)).toMatchObject({ stopped: 'interrupted', trials: { total: 0 }, best: null });
    const resumed = await hindcast(['resume', study, '--all', '--json', '--jobs', '1', ...alone]);
    const whole = await hindcast([...args, ...alone, '--jobs', '1']);
    expect(JSON.parse(resumed.stdout).all).toEqual(JSON.parse(whole.stdout).all);
  });

  it('ends a walk-forward with one Ctrl-C', async () => {
    const { begun, strategy } = await endless();
    const args = ['walkforward', strategy, '--bundle', 'waves', ...WINDOWS, '--jobs', '2', '--json'];
    const { code, stdout } = await interruptedAt(begun, args);
    expect(code).toBe(130);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'INTERRUPTED', details: { trials: 0, chosen: 0, windows: 3 } });
    expect(error.message).toContain('no test has been read');
  });

  it('ends where a trial has a longest time, with an error that names its file', async () => {
    const { strategy } = await endless();
    const limited = ['--bundle', 'waves', '--jobs', '2', '--trial-timeout', '50ms'];
    for (const ended of await Promise.all([
      hindcast(['optimize', strategy, ...limited]),
      hindcast(['walkforward', strategy, ...limited, ...WINDOWS]),
    ])) {
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain(`A worker was not ready after 10000 ms of loading ${strategy}`);
    }
  });
});

describe('a strategy whose module throws in a worker', () => {
  it.each([
    ["throw new Error('no such luck')", 'no such luck'],
    ["throw 'a text'", 'a text'],
    ["await Promise.reject(new RangeError('too late'))", 'too late'],
  ])('ends every command with an error that names its file: %s', async (act, says) => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'thrower.ts', inWorkers(act));
    const [study, walk] = [join(folder, 'thrower.log'), join(folder, 'walk')];
    const on = [strategy, '--bundle', 'waves', '--jobs', '2'];
    for (const args of [
      ['optimize', ...on, '--study', study],
      ['walkforward', ...on, ...WINDOWS, '--study', walk],
      ['validate', ...on, '--tests', 'delay'],
    ]) {
      const { code, stderr, stdout } = await hindcast([...args, '--json']);
      const { error } = JSON.parse(stdout);
      expect({ command: args[0], code, error: error.code }).toEqual({
        command: args[0],
        code: 2,
        error: 'STRATEGY_DOES_NOT_LOAD',
      });
      expect(error.message).toContain(strategy);
      expect(error.message).toContain(says);
      expect(stderr).toContain(strategy);
    }
    expect(existsSync(study)).toBe(false);
  });
});
