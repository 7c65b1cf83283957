import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Contestant, Run } from './contestant.js';
import type { Figures } from './equality.js';
import { parseSweep, referenceFile, type SweepRow, workloadFolder } from './reference-workloads.js';

/** One line that the reference prints. */
export interface ReferenceLine {
  /** 'C' for a backtest; 'C-A', 'C-B', 'C-D' for a sweep. */
  readonly variant: string;
  readonly seconds: number;
  /** Sum of final equities, or the final equity. */
  readonly equity: number;
  readonly fills: number;
  /** Of combination 500 in a sweep. */
  readonly sharpe: number;
  readonly maxDrawdown: number;
}

/** Returns what a line of the reference says. Throws for a line of another form. */
export function parseReferenceLine(line: string): ReferenceLine {
  const found =
    /^W[12] +\S+ +(C(?:-\w)?) +median ([\d.e+-]+) s .* (?:sumEq|equity) ([\d.e+-]+) fills (\d+) sharpe\S* ([\d.e+-]+) mdd\S* ([\d.e+-]+)/.exec(
      line,
    );
  if (found === null) throw new Error(`the reference printed '${line}'`);
  const [, variant, ...numbers] = found;
  const [seconds, equity, fills, sharpe, maxDrawdown] = numbers.map(Number) as [number, number, number, number, number];
  return { variant: variant!, seconds, equity, fills, sharpe, maxDrawdown };
}

/** The C reference, compiled on the spot. */
export class CReference {
  readonly #folder: string;
  readonly #driver: ChildProcessByStdio<Writable, Readable, null>;
  #text = '';

  private constructor(folder: string) {
    this.#folder = folder;
    this.#driver = spawn(join(folder, 'driver'), [workloadFolder(), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#driver.stdout.setEncoding('utf8');
  }

  /** Compiles and starts it; returns the reason where that cannot be. */
  static open(): CReference | string {
    const source = referenceFile('bench/ref.c');
    if (!existsSync(source)) return `the C reference is absent (${source})`;
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-reference-'));
    const driver = fileURLToPath(new URL('./reference-driver.c', import.meta.url));
    const flags = ['-O3', '-march=native', `-DREFERENCE=${JSON.stringify(source)}`, '-o', join(folder, 'driver')];
    try {
      execFileSync('gcc', [...flags, driver, '-lm'], { stdio: 'pipe' });
    } catch (error) {
      rmSync(folder, { recursive: true });
      const { code, stderr } = error as { code?: string; stderr?: Buffer };
      return code === 'ENOENT' ? 'gcc is absent' : `gcc refuses the C reference: ${stderr}`;
    }
    return new CReference(folder);
  }

  /** Runs a workload `times` times over; returns a line a variant, with its median. */
  async run(workload: 'w1' | 'w2', name: string, times: number): Promise<ReferenceLine[]> {
    this.#driver.stdin.write(`${workload} ${name} ${times}\n`);
    while (!this.#text.includes('done\n')) {
      this.#text += await new Promise<string>((resolve, reject) => {
        this.#driver.stdout.once('data', resolve);
        this.#driver.once('exit', (code) => reject(new Error(`the C reference ended with ${code}`)));
      });
      this.#driver.removeAllListeners('exit');
      this.#driver.stdout.removeAllListeners('data');
    }
    const lines = this.#text.slice(0, this.#text.indexOf('done\n')).trim().split('\n');
    this.#text = '';
    return lines.map(parseReferenceLine);
  }

  /** Returns the rows of the sweep that ran last. */
  rows(name: string): SweepRow[] {
    return parseSweep(readFileSync(join(this.#folder, `w2-${name}.csv`), 'utf8'));
  }

  close(): void {
    this.#driver.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The sweep's variants A, B and D. Rows are written of A alone; B's and D's totals must be A's. */
export function sweepContestant(reference: CReference, name: string, times: number): Contestant<readonly SweepRow[]> {
  return {
    arms: ['C-A', 'C-B', 'C-D'],
    async run() {
      const lines = await reference.run('w2', name, times);
      const result = reference.rows(name);
      const [first] = lines;
      return lines.map(({ variant, seconds, equity, fills }): Run<readonly SweepRow[]> => {
        if (fills !== first!.fills || Math.abs(equity / first!.equity - 1) > 1e-6) {
          throw new Error(`${variant} is not equal to ${first!.variant}`);
        }
        return { arm: variant, seconds, result };
      });
    },
    close: () => {},
  };
}

/** The single backtest. */
export function backtestContestant(reference: CReference, name: string, times: number): Contestant<Figures> {
  return {
    arms: ['C'],
    async run() {
      const [line] = await reference.run('w1', name, times);
      return [{ arm: 'C', seconds: line!.seconds, result: line! }];
    },
    close: () => {},
  };
}
