import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Contestant, Run } from './contestant.js';

const TASK = 'measure';

/** An arm in a process of its own, which measures when told. */
export class ChildProcessArm<R> implements Contestant<R> {
  readonly arms: readonly string[];
  readonly #parameters: readonly string[];
  readonly #life: 'one run' | 'all runs';
  #child: ChildProcess | undefined;

  /** @param life - of the process: 'one run' measures cold code, 'all runs' code that the compiler knows from the runs before */
  constructor(arm: string, life: 'one run' | 'all runs', parameters: readonly string[]) {
    this.arms = [arm];
    this.#life = life;
    this.#parameters = parameters;
  }

  async run(): Promise<readonly Run<R>[]> {
    this.#child ??= await start(this.#parameters);
    const child = this.#child;
    child.send('run');
    const run = (await answerOf(child)) as Omit<Run<R>, 'arm'>;
    if (this.#life === 'one run') {
      this.#child = undefined;
      child.disconnect();
      await once(child, 'exit');
    }
    return [{ arm: this.arms[0]!, ...run }];
  }

  close(): void {
    if (this.#child?.connected === true) this.#child.disconnect();
  }
}

async function start(parameters: readonly string[]): Promise<ChildProcess> {
  const child = fork(process.argv[1]!, [TASK, ...parameters], { serialization: 'advanced' });
  await answerOf(child);
  return child;
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`a measuring process ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** Tells whether this process is one that measures, and with what parameters. */
export function measuringTask(): readonly string[] | undefined {
  return process.argv[2] === TASK ? process.argv.slice(3) : undefined;
}

/** Measures each time the parent says so, until it disconnects; `close` then lets go of what keeps the process alive. */
export function serveRuns<R>(run: () => Omit<Run<R>, 'arm'> | Promise<Omit<Run<R>, 'arm'>>, close: () => void): void {
  process.on('message', async () => {
    process.send!(await run());
  });
  process.once('disconnect', close);
  process.send!('ready');
}
