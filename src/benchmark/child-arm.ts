import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type HindcastError, RunError, type SerializedError, UsageError } from '../core/errors.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { Profile } from '../profiling/profile.js';
import type { MeasurableArm, MeasuredRun } from './measure.js';
import type { FromMeasuring, ToMeasuring, Work } from './work.js';

/** How long the process of an arm lives: for one run, whose code is cold, or for all of them. */
export type ProcessLife = 'cold' | 'warm';

/** An arm that measures in processes of its own. */
export interface ChildArmOptions {
  readonly name: string;
  readonly work: Work;
  readonly life: ProcessLife;
  /** On top of this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Options of Node and V8. */
  readonly nodeOptions: readonly string[];
  /** Folder of a built Hindcast that measures. @defaultValue this one */
  readonly package?: string | undefined;
}

/** Measuring processes that live: none of them may outlive this one. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Measures work in child processes. */
export class ChildArm implements MeasurableArm {
  readonly name: string;
  readonly #options: ChildArmOptions;
  #child: ChildProcess | undefined;
  #sourceHash: string | undefined;

  constructor(options: ChildArmOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** SHA-256 of the compiled strategy as the last process had it. */
  get sourceHash(): string | undefined {
    return this.#sourceHash;
  }

  async run(signal?: AbortSignal): Promise<MeasuredRun> {
    const answer = await this.#answer('run', signal);
    if (answer.kind !== 'done') throw new TypeError(`a measuring process answered ${answer.kind}`);
    return { sample: answer.sample, result: answer.result };
  }

  /** Does the work once more in a process of its own, and returns what was recorded of it; undefined where another Hindcast does the work. */
  async profile(signal?: AbortSignal): Promise<Profile | undefined> {
    if (this.#options.package !== undefined) return undefined;
    await this.close();
    this.#sourceHash = undefined;
    try {
      const answer = await this.#answer('profile', signal);
      if (answer.kind !== 'profiled') throw new TypeError(`a measuring process answered ${answer.kind}`);
      return answer.profile;
    } finally {
      await this.close();
    }
  }

  async #answer(kind: 'run' | 'profile', signal: AbortSignal | undefined): Promise<FromMeasuring> {
    signal?.throwIfAborted();
    this.#child ??= this.#start();
    const child = this.#child;
    const stop = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    try {
      if (this.#sourceHash === undefined || this.#options.life === 'cold') await this.#prepare(child);
      return await ask(child, this.name, { kind });
    } finally {
      signal?.removeEventListener('abort', stop);
      if (this.#options.life === 'cold') await this.close();
    }
  }

  /** Ends the process, if there is one, and waits until it is gone. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    else child.kill('SIGKILL');
    await gone;
  }

  #start(): ChildProcess {
    const { env, nodeOptions, package: other } = this.#options;
    const entry =
      other === undefined
        ? fileURLToPath(workerEntry(import.meta.url, './measuring-entry.js'))
        : `${other}/dist/benchmark/measuring-entry.js`;
    const child = fork(entry, [], {
      // A group of its own: Ctrl-C reaches this process alone, which then ends it.
      detached: process.platform !== 'win32',
      env: { ...process.env, ...env },
      execArgv: ['--expose-gc', ...nodeOptions],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    living.add(child);
    child.once('exit', () => living.delete(child));
    return child;
  }

  async #prepare(child: ChildProcess): Promise<void> {
    const answer = await ask(child, this.name, { kind: 'prepare', work: this.#options.work });
    if (answer.kind !== 'ready') throw new TypeError(`a measuring process answered ${answer.kind}`);
    this.#sourceHash = answer.sourceHash;
  }
}

/** Characters of what a dead process said that an error repeats. */
const LAST_WORDS = 500;

function ask(child: ChildProcess, arm: string, message: ToMeasuring): Promise<FromMeasuring> {
  return new Promise((resolve, reject) => {
    let said = '';
    const onText = (text: Buffer): void => {
      said = (said + text.toString()).slice(-LAST_WORDS);
    };
    const settle = (): void => {
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      child.stderr?.off('data', onText);
    };
    const onExit = (code: number | null, killed: NodeJS.Signals | null): void => {
      settle();
      reject(
        new RunError('MEASURING_PROCESS_DIED', {
          message: `The process that measures '${arm}' ended with ${killed ?? code}.${said === '' ? '' : ` Its last words: ${said.trim()}`}`,
          details: { arm, code, signal: killed },
        }),
      );
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onMessage = (answer: FromMeasuring): void => {
      settle();
      if (answer.kind === 'failed') reject(failure(arm, answer.error));
      else resolve(answer);
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    child.stderr?.on('data', onText);
    // The callback keeps a broken channel from throwing elsewhere: the exit tells more.
    child.send(message, () => {});
  });
}

const failure = (arm: string, { name, code, message, details }: SerializedError): HindcastError => {
  const facts = { message: `In the arm '${arm}': ${message}`, details: { ...details, arm } };
  return name === 'UsageError' ? new UsageError(code, facts) : new RunError(code, facts);
};
