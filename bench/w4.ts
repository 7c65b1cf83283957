// The walk-forward of five windows with 50 trials each beside a loop without an engine; picks and tests are compared first.
// Usage: npm run bench -- w4 [--runs 10] [--warm-up 4] [--json samples.json] [--markdown]
import { rmSync } from 'node:fs';
import { walkForward } from 'hindcast';
import { openBundle } from 'hindcast/data';
import { PersistentWorkerPool, type Search } from 'hindcast/optimize';
import smaCrossover from '../examples/sma-crossover.js';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, measureInTurns } from './support/contestant.js';
import { assertSameWindows, type WindowFigures } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { plainMarket } from './support/plain-loop.js';
import { plainLevel } from './support/plain-rules.js';
import { expectedSweep, writeWorkload } from './support/reference-workloads.js';

const MARKETS = ['day8'] as const;
const TRAIN = 504;
const TEST = 126;
const WINDOWS = 5;
const TRIALS = 50;

/** Published picks and tests. */
const EXPECTED: readonly WindowFigures[] = [
  { params: [40, 50, 0.001], equity: 1009671011.29 },
  { params: [5, 50, 0.001], equity: 982855940.03 },
  { params: [25, 80, 0.003], equity: 1038102878.83 },
  { params: [25, 80, 0.003], equity: 975619858.53 },
  { params: [15, 50, 0.001], equity: 997884234.2 },
];

/** Every 22nd combination of the grid, in turn. */
const everyTwentySecond: Search = {
  name: 'grid',
  create: (space) => ({
    name: 'grid',
    looksBack: false,
    distinct: true,
    size: TRIALS,
    suggest: ({ ordinal }) => (ordinal < TRIALS ? space.flatAt((ordinal * 22) % Number(space.size)) : undefined),
  }),
};

/** The strategy, with the file from which workers load it: bundled into this program it does not know its own. */
const strategy = {
  ...smaCrossover,
  module: new URL('../examples/sma-crossover.ts', import.meta.url).href,
} as typeof smaCrossover;

function hindcast(directory: string, jobs: number, keepsWorkers: boolean): void {
  const bundle = openBundle(directory);
  const pool = keepsWorkers && jobs > 1 ? new PersistentWorkerPool({ workers: jobs }) : undefined;
  const walk = async () => {
    const { windows, seconds, startupSeconds } = await walkForward(strategy, {
      bundle,
      cash: 1e9,
      commission: 'percent:0.001',
      annualization: 252,
      liquidate: 'never',
      reinvest: false,
      train: TRAIN,
      test: TEST,
      search: everyTwentySecond,
      jobs,
      pool,
    });
    const result = windows.map(({ params, test }) => ({
      params: Object.values(params!) as unknown as WindowFigures['params'],
      equity: test.endingEquity.toNumber(),
    }));
    return { seconds, startupSeconds, result };
  };
  serveRuns<readonly WindowFigures[]>(walk, () => {
    bundle[Symbol.dispose]();
    void pool?.close();
  });
}

function plain(): void {
  const market = plainMarket('day8');
  const grid = expectedSweep('day8').map(({ fast, slow, threshold }) => [fast, slow, threshold] as const);
  const tried = Array.from({ length: TRIALS }, (_, trial) => grid[(trial * 22) % grid.length]!);
  const walk = () => {
    const begun = performance.now();
    const result = Array.from({ length: WINDOWS }, (_, window): WindowFigures => {
      const from = window * TEST;
      let best = Number.NEGATIVE_INFINITY;
      let params = tried[0]!;
      for (const each of tried) {
        const { sharpe, fills } = plainLevel(market, ...each, from, from + TRAIN);
        if (fills === 0 || sharpe <= best) continue;
        best = sharpe;
        params = each;
      }
      return { params, equity: plainLevel(market, ...params, from + TRAIN, from + TRAIN + TEST).equity };
    });
    return { seconds: (performance.now() - begun) / 1000, result };
  };
  serveRuns<readonly WindowFigures[]>(walk, () => {});
}

async function measure(_market: (typeof MARKETS)[number], rounds: BenchmarkRun): Promise<Outcome> {
  const { folder, directory } = await writeWorkload('day8');
  const arm = (label: string, life: 'one run' | 'all runs', jobs: number): Contestant<readonly WindowFigures[]> =>
    new ChildProcessArm(label, life, ['hindcast', directory, String(jobs), life]);
  const contestants: Contestant<readonly WindowFigures[]>[] = [
    new ChildProcessArm('plain JavaScript loop', 'all runs', ['plain']),
    arm('Hindcast, 1 worker, warm', 'all runs', 1),
    arm('Hindcast, 1 worker, cold', 'one run', 1),
    arm('Hindcast, 2 workers, warm', 'all runs', 2),
    arm('Hindcast, 2 workers, cold', 'one run', 2),
  ];
  try {
    const samples = await measureInTurns(contestants, rounds, (run) =>
      assertSameWindows(run.arm, run.result, EXPECTED),
    );
    return {
      title: `W4 day8: ${WINDOWS} windows of ${TRIALS} trials over ${TRAIN} bars, and a test over ${TEST}`,
      work: WINDOWS * (TRIALS * TRAIN + TEST) * 8,
      combinations: WINDOWS * TRIALS,
      samples,
      bases: ['plain JavaScript loop'],
      speedups: [['Hindcast, 1 worker, warm', 'Hindcast, 2 workers, warm']],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [task, target, jobs, life] = measuringTask() ?? [];
if (task === 'hindcast') hindcast(target!, Number(jobs), life === 'all runs');
else if (task === 'plain') plain();
else await benchmark(MARKETS, measure);
