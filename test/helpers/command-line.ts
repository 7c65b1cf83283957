import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/program.js';

/** How a command line ended, and what it printed. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of {@link hindcast}. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether both outputs are terminals. @defaultValue false */
  readonly terminal?: boolean;
  /** @defaultValue 80 */
  readonly columns?: number;
  /** Hears what goes to standard output, piece by piece. */
  readonly onStdout?: (text: string) => void;
  /** Hears what goes to standard error, piece by piece, with the means to press Ctrl-C. */
  readonly onStderr?: (text: string, interrupt: () => void) => void;
  /** Presses Ctrl-C as soon as the command listens for it. */
  readonly onInterruptible?: (interrupt: () => void) => void;
}

/** Runs a command line in this process. The store is the one of HINDCAST_HOME. */
export async function hindcast(args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const { env = {}, terminal = false, columns = 80, onStdout, onStderr, onInterruptible } = options;
  const written = { stdout: '', stderr: '' };
  const controller = new AbortController();
  let interrupt = (): void => {};
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
      if (name === 'stderr') onStderr?.(text, () => interrupt());
      else onStdout?.(text);
    },
    isTerminal: terminal,
    columns,
  });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env,
    interruptible: (onFirst) => {
      let pressed = false;
      interrupt = () => {
        if (pressed) return;
        pressed = true;
        onFirst();
        controller.abort();
      };
      onInterruptible?.(interrupt);
      return { signal: controller.signal, [Symbol.dispose]: () => {} };
    },
  };
  const code = await run(['node', 'hindcast', ...args], io);
  return { code, ...written };
}

/** Makes a folder whose `store` is this test's HINDCAST_HOME, both gone after the test. */
export function emptyHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-cli-'));
  vi.stubEnv('HINDCAST_HOME', join(folder, 'store'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const DAY = 86_400_000;

/** A CSV of daily bars on every day from 2020-01-01 on: a triangle wave, so that averages cross again and again. */
export function waveCsv(rows: number, phase = 0): string {
  const lines = ['date,open,high,low,close,volume'];
  for (let row = 0; row < rows; row++) {
    const place = (row + phase) % 60;
    const close = 100 + (place < 30 ? place : 60 - place);
    const date = new Date(Date.UTC(2020, 0, 1) + row * DAY).toISOString().slice(0, 10);
    lines.push(`${date},${close - 0.5},${close + 1},${close - 1},${close}.25,${1000 + row}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Writes a text into a folder and returns its path. */
export function file(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Ingests two waves, AAA and BBB, of `rows` days as the bundle 'waves'. */
export async function ingestWaves(folder: string, rows = 300): Promise<void> {
  const files = [file(folder, 'AAA.csv', waveCsv(rows)), file(folder, 'BBB.csv', waveCsv(rows, 20))];
  const { code, stderr } = await hindcast(['ingest', 'csv', ...files, '--bundle', 'waves', '--calendar', '24/7']);
  if (code !== 0) throw new Error(stderr);
}

/** A small strategy: two averages, six combinations, all of which trade on the waves. */
export const CROSSOVER = `import { defineStrategy, int, sma } from 'hindcast';
export default defineStrategy({
  parameters: { fast: int(2, 6, { step: 2, default: 2 }), slow: int(8, 12, { step: 4, default: 8 }) },
  sleeves: 'equal',
  initialize({ asset, portfolio, indicator }, { fast, slow }) {
    return { asset, position: portfolio.position(asset), fast: indicator(sma(fast), asset), slow: indicator(sma(slow), asset) };
  },
  handleData({ state: { asset, position, fast, slow }, order }) {
    if (position.isFlat) { if (fast.value > slow.value) order.notional(asset, 'all'); }
    else if (fast.value < slow.value) order.target(asset, 0);
  },
});
`;

/** Nine fast averages by the slow ones of a declaration, over the whole account; `analyze` tells how many orders were given. */
export const crossoverWith = (slow: string): string => `import { defineStrategy, int, sma } from 'hindcast';
export default defineStrategy({
  parameters: { fast: int(2, 10), slow: ${slow} },
  initialize({ asset, portfolio, indicator }, { fast, slow }) {
    return { asset, position: portfolio.position(asset), fast: indicator(sma(fast), asset), slow: indicator(sma(slow), asset) };
  },
  handleData({ state: { asset, position, fast, slow }, order }) {
    if (position.isFlat) { if (fast.value > slow.value) order.notional(asset, 'all'); }
    else if (fast.value < slow.value) order.target(asset, 0);
  },
  analyze: (result) => ({ orders: result.orders }),
});
`;

/** Makes a home with the bundle `waves` and a strategy file; `optimize` gives the arguments of a search there, in one thread and without its proof. */
export async function prepareSearch(strategyText: string, ...always: readonly string[]) {
  const folder = emptyHome();
  await ingestWaves(folder);
  const strategy = file(folder, 'cross.ts', strategyText);
  const fixed = ['optimize', strategy, '--bundle', 'waves', '--no-lookahead', '--jobs', '1', ...always];
  return { folder, strategy, optimize: (...more: string[]) => [...fixed, ...more] };
}
