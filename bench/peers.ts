// The sweep W2 in other engines beside Hindcast: grademark of npm, and numpy, vectorbt, backtesting.py, backtrader where Python can import them; and
// piscina beside Hindcast's pool. npm's are installed into a scratch folder. Results are compared before a time counts; what is absent is said.
// Usage: npm run bench -- peers [--market goog] [--every 1] [--runs 10] [--warm-up 1] [--markdown]
// --every 20 runs each twentieth combination: engines that take minutes for 1,100 then take seconds.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openBundle } from 'hindcast/data';
import { type FinishedTrial, PersistentWorkerPool, type Search, searchStrategy } from 'hindcast/optimize';
import { type Contestant, measureInTurns, type Run } from './support/contestant.js';
import { assertSameSweep, UnequalError } from './support/equality.js';
import { loadBefore, machineLine, outcomeText } from './support/outcome-table.js';
import { plainMarket } from './support/plain-loop.js';
import type { PlainMarket } from './support/plain-rules.js';
import {
  expectedSweep,
  type SweepRow,
  sweepRowFrom,
  WORKLOADS,
  workloadFolder,
  writeWorkload,
} from './support/reference-workloads.js';
import { seededRandom } from './support/statistics.js';
import { sweepRowOf } from './support/sweep-row.js';

const MARKETS = ['goog', 'day8', 'min100k'] as const;
type Market = (typeof MARKETS)[number];
type Rows = readonly SweepRow[];

/** Grademark uses two packages that it does not ask for. */
const NPM = ['grademark@0.3.0', 'chai@4.5.0', 'data-forge@1.10.5', 'piscina@5.3.2'];
const WORKERS = 2;
const FEE = 0.001;
const strategy = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));
const python = fileURLToPath(new URL('./support/peers.py', import.meta.url));

/** Exact moving averages of a symbol, as every engine gets them. */
function averagesOf({ ticks, bars }: PlainMarket, symbol: number, window: number): Float64Array {
  const out = new Float64Array(bars).fill(Number.NaN);
  let sum = 0;
  for (let bar = 0, at = symbol * bars; bar < bars; bar++, at++) {
    sum += ticks[at]!;
    if (bar >= window) sum -= ticks[at - window]!;
    if (bar >= window - 1) out[bar] = sum / (window * 1e4);
  }
  return out;
}

/** Hindcast over some of the grid, in one thread. */
function hindcast(directory: string, expected: Rows): Contestant<Rows> {
  const bundle = openBundle(directory);
  const search: Search = {
    name: 'grid',
    create: (space) => ({
      name: 'grid',
      looksBack: false,
      distinct: true,
      size: expected.length,
      suggest: ({ ordinal }) => {
        const row = expected[ordinal];
        return row && space.toFlat({ fast: row.fast, slow: row.slow, threshold: row.threshold } as never);
      },
    }),
  };
  return {
    arms: ['Hindcast, 1 worker'],
    async run() {
      const { seconds, allTrials } = await searchStrategy({
        file: strategy,
        market: { bundle, cash: 1e9, commission: `percent:${FEE}`, annualization: 252 },
        search,
        jobs: 1,
      });
      const result: SweepRow[] = [];
      for await (const trial of allTrials()) result.push(sweepRowOf(trial as FinishedTrial<never>));
      return [{ arm: 'Hindcast, 1 worker', seconds, result }];
    },
    close: () => bundle[Symbol.dispose](),
  };
}

/** An engine of Python, in a process for each run; its seconds are those of the sweep, without starting and importing. */
function pythonEngine(engine: string, market: Market, expected: Rows): Contestant<Rows> {
  const { symbols, bars } = WORKLOADS[market];
  const input = JSON.stringify(expected.map(({ fast, slow, threshold }) => [fast, slow, threshold]));
  return {
    arms: [engine],
    async run() {
      const given = [python, engine, workloadFolder(), market, String(symbols), String(bars)];
      const { stdout, stderr, status } = spawnSync('python3', given, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
      if (status !== 0) throw new UnequalError(`${engine} ends with ${status}: ${stderr.trim().split('\n').at(-1)}`);
      const { seconds, rows } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { seconds: number; rows: number[][] };
      return [{ arm: engine, seconds, result: rows.map(sweepRowFrom) }];
    },
    close: () => {},
  };
}

interface GrademarkTrade {
  readonly growth: number;
  readonly exitReason: string;
}

/** Grademark over one symbol. It knows trades, no account: equity is made of them, with the fee; there is no Sharpe ratio and no drawdown. */
function grademark(scratch: string, market: PlainMarket, expected: Rows): Contestant<Rows> {
  const require = createRequire(join(scratch, 'package.json'));
  const { backtest } = require('grademark') as { backtest: (strategy: object, bars: object) => GrademarkTrade[] };
  const { DataFrame } = require('data-forge') as { DataFrame: new (rows: object[]) => object };
  const { open, close, bars } = market;
  interface Bar {
    readonly index: number;
    readonly open: number;
    readonly close: number;
  }
  const series = Array.from({ length: bars }, (_, index): Bar & Record<string, unknown> => ({
    ...{ index, time: new Date(Date.UTC(2020, 0, 1 + index)) },
    ...{ open: open[index]!, close: close[index]! },
    ...{ high: Math.max(open[index]!, close[index]!), low: Math.min(open[index]!, close[index]!) },
  }));
  const frame = new DataFrame(series);
  const windows = new Map<number, Float64Array>();
  for (const window of expected.flatMap(({ fast, slow }) => [fast, slow]))
    if (!windows.has(window)) windows.set(window, averagesOf(market, 0, window));
  return {
    arms: ['grademark'],
    async run() {
      const begun = performance.now();
      const result = expected.map(({ fast, slow, threshold }): SweepRow => {
        const [f, s, first] = [windows.get(fast)!, windows.get(slow)!, Math.max(fast, slow) - 1];
        const trades = backtest(
          {
            entryRule: (enter: () => void, { bar: { index } }: { readonly bar: Bar }) => {
              if (index >= first && f[index]! > s[index]! * (1 + threshold)) enter();
            },
            exitRule: (exit: () => void, { bar: { index } }: { readonly bar: Bar }) => {
              if (f[index]! < s[index]!) exit();
            },
          },
          frame,
        );
        let equity = 1e9;
        for (const { growth, exitReason } of trades) {
          equity *= (growth / (1 + FEE)) * (exitReason === 'finalize' ? 1 : 1 - FEE);
        }
        const open = trades.at(-1)?.exitReason === 'finalize' ? 1 : 0;
        return { fast, slow, threshold, equity, fills: 2 * trades.length - open, sharpe: 0, maxDrawdown: 0 };
      });
      return [{ arm: 'grademark', seconds: (performance.now() - begun) / 1000, result }];
    },
    close: () => {},
  };
}

/** The rule as grademark asks it: on no bar on which something fills. */
function grademarkRow(market: PlainMarket, { fast, slow, threshold }: SweepRow): SweepRow {
  const { open, close, bars } = market;
  const [f, s, first] = [averagesOf(market, 0, fast), averagesOf(market, 0, slow), Math.max(fast, slow) - 1];
  let [cash, units, fills, pending] = [1e9, 0, 0, 0];
  for (let bar = 0; bar < bars; bar++) {
    if (pending !== 0) {
      const price = open[bar]!;
      if (pending > 0) [units, cash] = [cash / (price * (1 + FEE)), 0];
      else [cash, units] = [units * price * (1 - FEE), 0];
      fills++;
      pending = 0;
    } else if (bar >= first) {
      if (units === 0) pending = f[bar]! > s[bar]! * (1 + threshold) ? 1 : 0;
      else if (f[bar]! < s[bar]!) pending = -1;
    }
  }
  return { fast, slow, threshold, equity: cash + units * close[bars - 1]!, fills, sharpe: 0, maxDrawdown: 0 };
}

/** A pool with kept threads over the plain loop, a task for each combination: what is compared is the pool, not an engine. */
async function poolContestants(scratch: string, market: PlainMarket, expected: Rows): Promise<Contestant<Rows>[]> {
  const file = join(scratch, 'pool-task.mjs');
  const source = fileURLToPath(new URL('./support/pool-task.ts', import.meta.url));
  const { build } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  await build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  const shared = (column: Float64Array): Float64Array => {
    const out = new Float64Array(new SharedArrayBuffer(column.byteLength));
    out.set(column);
    return out;
  };
  const { open, close, ticks, symbols, bars } = market;
  const common = {
    symbols,
    bars,
    open: shared(open),
    close: shared(close),
    ticks: shared(ticks),
    curve: new Float64Array(0),
  };
  const tasks = expected.map(({ fast, slow, threshold }) => ({ market: common, fast, slow, threshold }));
  const own = new PersistentWorkerPool({ workers: WORKERS });
  const require = createRequire(join(scratch, 'package.json'));
  const { Piscina } = require('piscina') as {
    Piscina: new (options: object) => { run: (task: object) => Promise<SweepRow>; destroy: () => Promise<void> };
  };
  const other = new Piscina({ filename: file, minThreads: WORKERS, maxThreads: WORKERS });
  const timed = async (arm: string, run: () => Promise<Rows>): Promise<readonly Run<Rows>[]> => {
    const begun = performance.now();
    const result = await run();
    return [{ arm, seconds: (performance.now() - begun) / 1000, result }];
  };
  const job = { key: 'combinations', module: pathToFileURL(file).href, setup: undefined };
  return [
    {
      arms: ["plain loop in Hindcast's pool"],
      run: () =>
        timed("plain loop in Hindcast's pool", async () => {
          const outcomes = await own.runBatch<object, SweepRow>(job, tasks);
          return outcomes.map((outcome) => {
            if (outcome.state === 'failed') throw new UnequalError(outcome.error.message);
            return outcome.value;
          });
        }),
      close: () => void own.close(),
    },
    {
      arms: ['plain loop in piscina'],
      run: () => timed('plain loop in piscina', () => Promise.all(tasks.map((task) => other.run(task)))),
      close: () => void other.destroy(),
    },
  ];
}

/** Installs npm's peers outside the project; returns the reason where that cannot be. */
function installNpm(scratch: string): string | undefined {
  writeFileSync(join(scratch, 'package.json'), '{ "private": true }\n');
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', ...options, ...NPM], { cwd: scratch, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    return `npm cannot install ${NPM.join(' and ')}: ${(error as { stderr?: Buffer }).stderr?.toString().trim().split('\n')[0] ?? String(error)}`;
  }
}

function pythonEngines(): Readonly<Record<string, string | null>> {
  const { stdout, status } = spawnSync('python3', [python], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as Record<string, string | null>) : {};
}

const { values } = parseArgs({
  options: {
    market: { type: 'string', default: 'goog' },
    every: { type: 'string', default: '1' },
    runs: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '1' },
    markdown: { type: 'boolean', default: false },
  },
});
const name = MARKETS.find((each) => each === values.market);
if (name === undefined) throw new RangeError(`--market is one of ${MARKETS.join(', ')}, not ${values.market}`);
const every = Number(values.every);
if (!Number.isInteger(every) || every < 1)
  throw new RangeError(`--every is a whole number from 1, not ${values.every}`);

const load = loadBefore();
const scratch = mkdtempSync(join(tmpdir(), 'hindcast-peers-'));
const { folder, directory } = await writeWorkload(name);
try {
  const expected = expectedSweep(name).filter((_, place) => place % every === 0);
  const market = plainMarket(name);
  const { symbols, bars } = WORKLOADS[name];
  const notes: string[] = [];
  const contestants: Contestant<Rows>[] = [hindcast(directory, expected)];
  const absent = installNpm(scratch);
  if (absent !== undefined) notes.push(`Absent: ${absent}`);
  else {
    contestants.push(...(await poolContestants(scratch, market, expected)));
    if (symbols === 1) contestants.push(grademark(scratch, market, expected));
    else notes.push('grademark cannot: it knows one symbol.');
  }
  const engines = pythonEngines();
  if (Object.keys(engines).length === 0) notes.push('Absent: Python with numpy, and so all engines of Python.');
  for (const [engine, version] of Object.entries(engines)) {
    if (version === null) notes.push(`Absent: Python's ${engine}.`);
    else contestants.push(pythonEngine(engine, name, expected));
  }
  const asGrademark = absent === undefined && symbols === 1 ? expected.map((row) => grademarkRow(market, row)) : [];
  const random = seededRandom(1);
  const rounds = { counted: Number(values.runs), warmUp: Number(values['warm-up']), random };
  const samples = await measureInTurns(contestants, rounds, ({ arm, result }) => {
    assertSameSweep(arm, result, arm === 'grademark' ? asGrademark : expected);
  });
  if (asGrademark.length > 0) {
    const alike = asGrademark.filter(({ equity }, at) => Math.abs(equity / expected[at]!.equity - 1) < 1e-7).length;
    notes.push(
      `grademark asks no rule on the bar of a fill: ${alike} of ${expected.length} rows are the published ones, the rest those of that habit, all compared; it has no fee, no Sharpe ratio and no drawdown.`,
    );
  }
  notes.push(
    'Others are compared with all published figures: fills, final equity to 1e-7, Sharpe ratio and drawdown to 1e-6.',
  );
  console.log(machineLine(load));
  const outcome = {
    title: `Peers, W2 ${name}: ${expected.length} combinations x ${symbols} x ${bars.toLocaleString('en-US')} bars`,
    work: expected.length * symbols * bars,
    combinations: expected.length,
    samples,
    bases: ['Hindcast, 1 worker'],
    speedups: absent === undefined ? ([['plain loop in piscina', "plain loop in Hindcast's pool"]] as const) : [],
    notes: [...notes, `Pools have ${WORKERS} threads on ${availableParallelism()} cores.`],
  };
  console.log(`\n${outcomeText(outcome, { markdown: values.markdown, random })}`);
} catch (error) {
  if (!(error instanceof UnequalError)) throw error;
  console.error(`These figures mean nothing. ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
