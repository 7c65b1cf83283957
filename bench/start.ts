// From the start of the process to the printed result: hindcast optimize of 36 combinations on a bundle that is there, and its parts.
// Every arm must print the same study before anything counts. One arm stops the clock when the table of the search is printed, which comes before proof and
// statistics. Then how long a worker thread takes to be ready.
// Usage: npm run bench -- start [--runs 10] [--json samples.json]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { BundleStore, sampleMarket, writeBundle } from 'hindcast/data';
import { PersistentWorkerPool } from 'hindcast/optimize';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { table } from './support/sampler-tables.js';
import { median, seededRandom, shuffled } from './support/statistics.js';

/** Reads the command line; ends the process with 2 for what it cannot use. */
function readOptions(): { readonly runs: number; readonly json: string | undefined } {
  try {
    const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, json: { type: 'string' } } });
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1)
      throw new RangeError(`--runs is a whole number from 1, not ${values.runs}`);
    return { runs, json: values.json };
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const { runs, json } = readOptions();

/** 36 combinations over eight symbols with 1,258 bars each. */
const STRATEGY = `import { defineStrategy, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: { fast: int(5, 30, { step: 5 }), slow: int(50, 125, { step: 15 }) },
  sleeves: 'equal',
  initialize({ asset, portfolio, indicator }, params) {
    const position = portfolio.position(asset);
    return { asset, position, fast: indicator(sma(params.fast), asset), slow: indicator(sma(params.slow), asset) };
  },
  handleData({ state: { asset, position, fast, slow }, order }) {
    if (position.isFlat) {
      if (fast.value > slow.value * 1.001) order.notional(asset, 'all');
    } else if (fast.value < slow.value) order.target(asset, 0);
  },
});
`;

interface Arm {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether it prints the study, in how much detail, or for people. */
  readonly prints?: 'study' | 'all' | 'text';
  readonly wall: number[];
  /** Of the process and its threads, user and system; empty where the shell does not tell. */
  readonly processor: number[];
}

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'hindcast-start-'));
const strategy = join(home, 'crossing.ts');
const text = ['optimize', strategy, '--bundle', 'start', '--search', 'grid', '--commission', 'percent:0.001'];
const search = [...text, '--json'];
const arm = (name: string, command: readonly string[], prints?: Arm['prints']): Arm => ({
  name,
  command,
  ...(prints === undefined ? {} : { prints }),
  wall: [],
  processor: [],
});
const bare = ['--no-lookahead', '--no-overfitting'];
const arms: readonly Arm[] = [
  arm('Node alone', ['-e', '0']),
  arm('hindcast --version', [main, '--version']),
  arm('hindcast optimize --help', [main, 'optimize', '--help']),
  ...[1, 2].flatMap((jobs) => [
    arm(`36 combinations, --jobs ${jobs}`, [main, ...search, '--jobs', `${jobs}`], 'all'),
    arm(`... until its table is printed`, [main, ...text, '--jobs', `${jobs}`], 'text'),
    arm(`... with --study`, [main, ...search, '--jobs', `${jobs}`, '--study', 'STUDY'], 'all'),
    arm(`... without the proof`, [main, ...search, '--jobs', `${jobs}`, '--no-lookahead'], 'study'),
    arm(`... without the statistics of luck`, [main, ...search, '--jobs', `${jobs}`, '--no-overfitting'], 'study'),
    arm(`... without either`, [main, ...search, '--jobs', `${jobs}`, ...bare], 'study'),
  ]),
];

let studies = 0;

/** The end of the table of a search: its best trial, and nothing of what is to be thought of it. */
const TABLE_END = /^Best: .*\n.*\n/m;

/** Runs an arm as a process; returns what it printed. */
async function run({ command, prints, wall, processor }: Arm, counts: boolean): Promise<string> {
  const given = command.map((word) => (word === 'STUDY' ? join(home, `study-${++studies}.log`) : word));
  const hasShell = process.platform !== 'win32';
  const [program, parameters] = hasShell
    ? ['sh', ['-c', '"$@"; code=$?; times >&2; exit $code', 'sh', process.execPath, ...given]]
    : [process.execPath, given];
  const begun = performance.now();
  const child = spawn(program, parameters, { env: { ...process.env, HINDCAST_HOME: home } });
  let [stdout, stderr] = ['', ''];
  let milliseconds: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
    if (prints === 'text' && TABLE_END.test(stdout)) milliseconds ??= performance.now() - begun;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
  });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${given.join(' ')} ended with ${status}: ${stderr}`);
  if (counts) {
    wall.push(milliseconds ?? performance.now() - begun);
    // The last line: minutes and seconds of the shell's children, user and system.
    const used = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
    if (hasShell)
      processor.push(used.reduce((sum, [, minutes, seconds]) => sum + 6e4 * +minutes! + 1e3 * +seconds!, 0));
  }
  return stdout;
}

/** What two arms must agree on: times and workers differ. */
function outcomeOf(printed: string, prints: Arm['prints']): string {
  if (prints === 'text') return printed.replace(/^\d+ workers?, .*$/m, '');
  const document = JSON.parse(printed) as Record<string, unknown>;
  const { trials, best, top, overfitting, lookahead } = document;
  const kept = prints === 'all' ? { trials, best, top, overfitting, lookahead } : { trials, best, top };
  return JSON.stringify(kept, (key, value: unknown) => (['seconds', 'worker'].includes(key) ? undefined : value));
}

/** Milliseconds from the start of a thread to its first message: of one that does nothing else, and of a pool's. */
async function readiness(): Promise<{ readonly empty: number; readonly worker: number }> {
  const begun = performance.now();
  const nothing = new Worker("require('node:worker_threads').parentPort.postMessage(0)", { eval: true });
  await new Promise((resolve) => nothing.once('message', resolve));
  const empty = performance.now() - begun;
  await nothing.terminate();
  await using pool = new PersistentWorkerPool({ workers: 1 });
  await pool.ready();
  return { empty, worker: pool.statistics().perWorker[0]!.readyAfterMs! };
}

try {
  console.log(machineLine(loadBefore()));
  await writeBundle(new BundleStore(home), 'start', sampleMarket({ symbols: 8, sessions: 1258 }), { durable: false });
  writeFileSync(strategy, STRATEGY);
  const outcomes = new Map<Arm['prints'], string>();
  for (const each of arms) {
    const printed = await run(each, false);
    if (each.prints === undefined) continue;
    const outcome = outcomeOf(printed, each.prints);
    const expected = outcomes.get(each.prints) ?? outcome;
    outcomes.set(each.prints, expected);
    if (outcome !== expected) throw new Error(`${each.name} does not print what the arms before it print`);
  }
  const random = seededRandom(1);
  for (let round = 0; round < runs; round++) for (const each of shuffled(arms, random)) await run(each, true);
  const figure = (list: readonly number[], of: (values: readonly number[]) => number): string =>
    list.length === 0 ? '' : of(list).toFixed(0);
  const least = (list: readonly number[]): number => Math.min(...list);
  const row = ({ name, wall, processor }: Arm): string[] => [
    name,
    ...[figure(wall, least), figure(wall, median), figure(processor, least), figure(processor, median)],
  ];
  console.log(`\n${table(['milliseconds', 'wall, least', 'median', 'processor, least', 'median'], arms.map(row))}`);

  const ready: Awaited<ReturnType<typeof readiness>>[] = [];
  for (let round = 0; round < Math.max(20, runs); round++) ready.push(await readiness());
  const threads = (['empty', 'worker'] as const).map((kind) => {
    const list = ready.map((each) => each[kind]);
    return [
      kind === 'empty' ? 'a thread that does nothing' : "a pool's worker",
      least(list).toFixed(1),
      median(list).toFixed(1),
    ];
  });
  console.log(`\n${table(['milliseconds until ready', 'least', 'median'], threads)}`);
  if (json !== undefined) writeFileSync(json, JSON.stringify({ arms, ready }));
} finally {
  rmSync(home, { recursive: true, force: true });
}
