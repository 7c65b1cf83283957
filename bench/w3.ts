// Twenty small searches one after another on two workers: threads kept or started for each, bars mapped or copied.
// Each is compared with a loop without an engine first. Seconds are those of all twenty, starts included.
// Usage: npm run bench -- w3 [--market day8] [--runs 10] [--warm-up 4] [--json samples.json] [--markdown]
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBundle, type Sharing } from 'hindcast/data';
import { type FinishedTrial, PersistentWorkerPool, searchStrategy } from 'hindcast/optimize';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, measureInTurns } from './support/contestant.js';
import { assertSameSweep } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { plainMarket } from './support/plain-loop.js';
import { plainLevel } from './support/plain-rules.js';
import { type SweepRow, WORKLOADS, writeWorkload } from './support/reference-workloads.js';
import { sweepRowOf } from './support/sweep-row.js';

const MARKETS = ['day8', 'min1m'] as const;
type Market = (typeof MARKETS)[number];
type Rows = readonly SweepRow[];

const BATCHES = 20;
const WORKERS = 2;
const strategy = fileURLToPath(new URL('./support/level-rule.ts', import.meta.url));

const GRID = [5, 10, 15, 20].flatMap((fast) =>
  [30, 45, 60].flatMap((slow) => [0.01, 0.03, 0.05].map((threshold) => ({ fast, slow, threshold }))),
);

/** Runs the batches, as often as told. */
function hindcast(directory: string, sharing: Sharing, keepsWorkers: boolean): void {
  const bundle = openBundle(directory, { sharing });
  const batches = async () => {
    const begun = performance.now();
    await using pool = keepsWorkers ? new PersistentWorkerPool({ workers: WORKERS }) : undefined;
    const result: SweepRow[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      const { allTrials } = await searchStrategy({
        file: strategy,
        market: { bundle, cash: 1e9, commission: 'percent:0.001', annualization: 252 },
        search: 'grid',
        jobs: WORKERS,
        pool,
      });
      for await (const trial of allTrials()) result.push(sweepRowOf(trial as FinishedTrial<never>));
    }
    return { seconds: (performance.now() - begun) / 1000, result };
  };
  serveRuns<Rows>(batches, () => bundle[Symbol.dispose]());
}

async function measure(name: Market, rounds: BenchmarkRun): Promise<Outcome> {
  const market = plainMarket(name);
  const once = GRID.map((at) => ({ ...at, ...plainLevel(market, at.fast, at.slow, at.threshold) }));
  const expected = Array.from({ length: BATCHES }, () => once).flat();
  const { folder, directory } = await writeWorkload(name);
  const arm = (label: string, sharing: Sharing, threads: 'kept' | 'anew'): Contestant<Rows> =>
    new ChildProcessArm(label, 'all runs', ['hindcast', directory, sharing, threads]);
  const contestants = [
    arm('one pool, mapped', 'mapped', 'kept'),
    arm('one pool, copied', 'copied', 'kept'),
    arm('pool a batch, mapped', 'mapped', 'anew'),
    arm('pool a batch, copied', 'copied', 'anew'),
  ];
  try {
    const samples = await measureInTurns(contestants, rounds, (run) => assertSameSweep(run.arm, run.result, expected));
    const { symbols, bars } = WORKLOADS[name];
    return {
      title: `W3 ${name}: ${BATCHES} batches of ${GRID.length} combinations x ${symbols} x ${bars.toLocaleString('en-US')} bars, ${WORKERS} workers`,
      work: expected.length * symbols * bars,
      combinations: expected.length,
      samples,
      bases: ['one pool, mapped'],
      speedups: [
        ['pool a batch, mapped', 'one pool, mapped'],
        ['pool a batch, copied', 'one pool, mapped'],
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [task, target, sharing, threads] = measuringTask() ?? [];
if (task === 'hindcast') hindcast(target!, sharing as Sharing, threads === 'kept');
else await benchmark(MARKETS, measure);
