import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './source-text.js';

/** How a command ended in a process of its own. */
export interface ChildRun {
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of {@link hindcastChild}. */
export interface ChildOptions {
  /** Folder of the store; the rest of the environment is this process's, without its HINDCAST_ variables. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Asked again and again while the command runs, with the number of signals sent; when it is true, `signal` is sent. */
  readonly signalWhen?: (seen: { readonly stdout: string; readonly stderr: string; readonly sent: number }) => boolean;
  /** @defaultValue 'SIGINT' */
  readonly signal?: NodeJS.Signals;
  /** A shell line in which "$@" is the command, for pipes and redirections. */
  readonly shell?: string;
}

const MAIN = join(projectRoot, 'dist', 'cli', 'main.js');

/** Runs the built command line as a child. */
export function hindcastChild(args: readonly string[], options: ChildOptions): Promise<ChildRun> {
  const { home, env = {}, cwd = projectRoot, signalWhen, signal = 'SIGINT', shell } = options;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HINDCAST_')));
  const command = [process.execPath, MAIN, ...args];
  const [file, ...parameters] = shell === undefined ? command : ['/bin/bash', '-c', shell, 'bash', ...command];
  const child = spawn(file!, parameters, {
    cwd,
    env: { ...inherited, NO_COLOR: '1', HINDCAST_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seen = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      seen[name] += text;
    });
  }
  let sent = 0;
  const watch = setInterval(() => {
    if (signalWhen?.({ ...seen, sent }) !== true) return;
    sent++;
    child.kill(signal);
  }, 2);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killed) => {
      clearInterval(watch);
      resolve({ code: killed ?? code, ...seen });
    });
  });
}
