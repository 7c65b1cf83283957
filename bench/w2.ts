// The sweep of 1,100 combinations against the C reference and a loop without an engine; every row is compared first.
// Usage: npm run bench -- w2 [--market goog] [--runs 10] [--warm-up 10] [--json samples.json] [--markdown]
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBundle } from 'hindcast/data';
import { type FinishedTrial, PersistentWorkerPool, searchStrategy } from 'hindcast/optimize';
import { sweepContestant } from './support/c-reference.js';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, meanOf, measureInTurns } from './support/contestant.js';
import { assertSameSweep } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { plainMarket } from './support/plain-loop.js';
import { plainLevel } from './support/plain-rules.js';
import { expectedSweep, type SweepRow, WORKLOADS, writeWorkload } from './support/reference-workloads.js';
import { sweepRowOf } from './support/sweep-row.js';

const MARKETS = ['goog', 'day8', 'min100k'] as const;
type Market = (typeof MARKETS)[number];
type Rows = readonly SweepRow[];

const strategy = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));
/** Sweeps a round, of which the mean counts: a short one is over before the clock has settled. The C reference takes a quarter of the others' time. */
const REFERENCE_RUNS: Readonly<Record<Market, number>> = { goog: 9, day8: 5, min100k: 1 };
const SWEEPS: Readonly<Record<Market, number>> = { goog: 3, day8: 2, min100k: 1 };

/** Sweeps as `optimize({ pool })` does on kept workers, else as the command line does; the seconds are those that `hindcast optimize` prints. */
function hindcast(directory: string, jobs: number, keepsWorkers: boolean, sweeps: number): void {
  const bundle = openBundle(directory);
  const pool = keepsWorkers && jobs > 1 ? new PersistentWorkerPool({ workers: jobs }) : undefined;
  const sweep = async () => {
    const { seconds, startupSeconds, allTrials } = await searchStrategy({
      file: strategy,
      market: { bundle, cash: 1e9, commission: 'percent:0.001', annualization: 252 },
      search: 'grid',
      jobs,
      pool,
      growing: !keepsWorkers,
    });
    const result: SweepRow[] = [];
    for await (const trial of allTrials()) result.push(sweepRowOf(trial as FinishedTrial<never>));
    return { seconds, startupSeconds, result };
  };
  serveRuns(meanOf(sweep, sweeps), () => {
    bundle[Symbol.dispose]();
    void pool?.close();
  });
}

function plain(name: Market): void {
  const market = plainMarket(name);
  const combinations = expectedSweep(name).map(({ fast, slow, threshold }) => ({ fast, slow, threshold }));
  const sweep = () => {
    const begun = performance.now();
    const result = combinations.map((at) => ({ ...at, ...plainLevel(market, at.fast, at.slow, at.threshold) }));
    return { seconds: (performance.now() - begun) / 1000, result };
  };
  serveRuns<Rows>(meanOf(sweep, SWEEPS[name]), () => {});
}

async function measure(name: Market, { reference, ...rounds }: BenchmarkRun): Promise<Outcome> {
  const expected = expectedSweep(name);
  const { folder, directory } = await writeWorkload(name);
  const arm = (label: string, life: 'one run' | 'all runs', jobs: number): Contestant<Rows> =>
    new ChildProcessArm(label, life, [
      'hindcast',
      directory,
      String(jobs),
      life,
      String(life === 'all runs' ? SWEEPS[name] : 1),
    ]);
  const contestants: Contestant<Rows>[] = [
    ...(reference === undefined ? [] : [sweepContestant(reference, name, REFERENCE_RUNS[name])]),
    new ChildProcessArm('plain JavaScript loop', 'all runs', ['plain', name]),
    arm('Hindcast, 1 worker, warm', 'all runs', 1),
    arm('Hindcast, 1 worker, cold', 'one run', 1),
    arm('Hindcast, 2 workers, warm', 'all runs', 2),
    arm('Hindcast, 2 workers, cold', 'one run', 2),
  ];
  try {
    const samples = await measureInTurns(contestants, rounds, (run) => assertSameSweep(run.arm, run.result, expected));
    const { symbols, bars } = WORKLOADS[name];
    return {
      title: `W2 ${name}: ${expected.length} combinations x ${symbols} x ${bars.toLocaleString('en-US')} bars`,
      work: expected.length * symbols * bars,
      combinations: expected.length,
      samples,
      bases: ['C-A', 'C-B'],
      speedups: (['warm', 'cold'] as const).map((state) => [
        `Hindcast, 1 worker, ${state}`,
        `Hindcast, 2 workers, ${state}`,
      ]),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [task, target, jobs, life, sweeps] = measuringTask() ?? [];
if (task === 'hindcast') hindcast(target!, Number(jobs), life === 'all runs', Number(sweeps));
else if (task === 'plain') plain(target as Market);
// Each of two threads must learn the strategy from half of the trials: after some ten sweeps it knows it.
else await benchmark(MARKETS, measure, { settledAfter: 10 });
