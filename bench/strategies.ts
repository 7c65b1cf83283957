// Sweeps of other strategies than moving averages: asked where they may act, asked on every bar, and a loop without an engine; figures are compared first.
// Usage: npm run bench -- strategies [--market goog] [--runs 10] [--warm-up 4] [--json samples.json] [--markdown]
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OptimizationConfig } from 'hindcast';
import { openBundle } from 'hindcast/data';
import { type FinishedTrial, searchStrategy } from 'hindcast/optimize';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, meanOf, measureInTurns, type Samples } from './support/contestant.js';
import { differenceOf, type Figures, UnequalError } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { type Combination, KINDS, type Kind, kindMarket, PLAIN_KINDS } from './support/plain-kinds.js';
import { WORKLOADS, writeWorkload } from './support/reference-workloads.js';

const MARKETS = ['goog', 'day8', 'min100k'] as const;
type Market = (typeof MARKETS)[number];

/** Sweeps a run: a short one is over before the clock has settled. */
const SWEEPS: Readonly<Record<Market, number>> = { goog: 5, day8: 2, min100k: 1 };

interface Row extends Figures {
  readonly params: Combination;
  /** Of Hindcast's arms: exact, and of all orders. */
  readonly exact?: string | undefined;
}

const fileOf = (kind: string): string => fileURLToPath(new URL(`./strategies/${kind}.ts`, import.meta.url));

async function sweep(directory: string, kind: Kind, quietBars: boolean) {
  using bundle = openBundle(directory);
  const { seconds, allTrials } = await searchStrategy({
    file: fileOf(kind),
    market: { bundle, cash: 1e9, commission: 'percent:0.001', annualization: 252 },
    search: 'grid',
    jobs: 1,
    optimization: OptimizationConfig.fromDefaults().with({ quietBars }),
  });
  const result: Row[] = [];
  for await (const trial of allTrials()) {
    const { params, endingEquity, fills = 0, metrics = {}, orderStreamHash } = trial as FinishedTrial<never>;
    const { sharpe, maxDrawdown } = metrics;
    result.push({
      params: params as Combination,
      equity: Number(endingEquity),
      fills,
      sharpe: sharpe ?? 0,
      maxDrawdown: maxDrawdown ?? 0,
      exact: `${endingEquity} ${orderStreamHash}`,
    });
  }
  return { seconds, result };
}

async function plain(name: Market, directory: string, kind: Kind): Promise<void> {
  const market = kindMarket(name);
  const combinations = (await sweep(directory, kind, true)).result.map(({ params }) => params);
  const run = () => {
    const begun = performance.now();
    const result = combinations.map((params): Row => ({ params, ...PLAIN_KINDS[kind](market, params) }));
    return { seconds: (performance.now() - begun) / 1000, result };
  };
  serveRuns<readonly Row[]>(meanOf(run, SWEEPS[name]), () => {});
}

/** @throws UnequalError where an arm's figures are not those of the first arm that ran; Hindcast's own to the last digit */
function comparing(): (arm: string, rows: readonly Row[]) => void {
  let first: readonly Row[] | undefined;
  let exact: readonly Row[] | undefined;
  return (arm, rows) => {
    first ??= rows;
    const isExact = rows[0]!.exact !== undefined;
    if (isExact) exact ??= rows;
    for (const [index, row] of rows.entries()) {
      const at = `${arm}, combination ${index} (${Object.values(row.params).join(', ')})`;
      const difference = differenceOf(row, first[index]!);
      if (difference !== undefined) throw new UnequalError(`${at}: ${difference}`);
      if (isExact && row.exact !== exact![index]!.exact) throw new UnequalError(`${at}: other orders`);
    }
  };
}

async function measure(name: Market, { reference: _reference, ...rounds }: BenchmarkRun): Promise<Outcome> {
  const { folder, directory } = await writeWorkload(name);
  const samples: Samples[] = [];
  const speedups: [string, string][] = [];
  let combinations = 0;
  try {
    for (const kind of KINDS) {
      const arm = (label: string, parameters: readonly string[]): Contestant<readonly Row[]> =>
        new ChildProcessArm(`${kind}, ${label}`, 'all runs', [...parameters, kind]);
      const contestants = [
        arm('plain JavaScript loop', ['plain', name, directory]),
        arm('asked where it may act', ['hindcast', name, directory, 'quiet']),
        arm('asked on every bar', ['hindcast', name, directory, 'every']),
      ];
      const compare = comparing();
      const taken = await measureInTurns(contestants, rounds, (run) => {
        compare(run.arm, run.result);
        combinations = run.result.length;
      });
      samples.push(...taken);
      const [loop, quiet, every] = taken.map((each) => each.arm) as [string, string, string];
      speedups.push([every, quiet], [quiet, loop]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { symbols, bars } = WORKLOADS[name];
  return {
    title: `Strategies on ${name}: ${combinations} combinations x ${symbols} x ${bars.toLocaleString('en-US')} bars`,
    work: combinations * symbols * bars,
    combinations,
    samples,
    bases: [],
    speedups,
  };
}

const [task, market, directory, ...given] = (measuringTask() ?? []) as [string, Market, string, ...string[]];
if (task === 'hindcast') {
  const [mode, kind] = given as [string, Kind];
  const run = () => sweep(directory, kind, mode === 'quiet');
  serveRuns(meanOf(run, SWEEPS[market]), () => {});
} else if (task === 'plain') await plain(market, directory, given[0] as Kind);
else await benchmark(MARKETS, measure);
