// What each cache, pool and shared memory is worth: all flags on, all off, each one off, each layer alone; results are compared first.
// A grid of 100 backtests and a walk-forward of 5 windows with 50 trials each on the sample market (8 symbols, 41,600 rows), two workers;
// with a strategy that declares indicators; a hundred backtests of ten bars each, where what comes before the first bar is
// most of the work; and ten backtests of a strategy that asks for two windows of the past on each bar.
// Usage: npm run bench -- flags [--market grid] [--runs 10] [--warm-up 2] [--json samples.json] [--markdown]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { backtest, type CacheFlag, type CacheReport, OptimizationConfig, walkForward } from 'hindcast';
import { type ArmSamples, compareArms, judge, LEAST_RUNS } from 'hindcast/benchmark';
import { BundleStore, sampleMarket, writeBundle } from 'hindcast/data';
import { PersistentWorkerPool, type Search, searchStrategy } from 'hindcast/optimize';
import historyCrossover from '../examples/history-crossover.js';
import smaCrossover from '../examples/sma-crossover.js';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, measureInTurns, type Samples } from './support/contestant.js';
import { UnequalError } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { median } from './support/statistics.js';

const MARKETS = ['grid', 'walk', 'short', 'history'] as const;
type Workload = (typeof MARKETS)[number];

const SESSIONS = 5200;
const SYMBOLS = 8;
const COMBINATIONS = { grid: 100, short: 100, history: 10 };
const WINDOWS = 5;
const TRIALS = 50;
const TRAIN = 2600;
const TEST = 520;

const FLAGS: readonly CacheFlag[] = [
  ...(['assetCache', 'pregroupedColumns', 'indicatorCache'] as const),
  ...(['arrayReturn', 'historyCache'] as const),
  ...(['bundlePool', 'sharedBundle', 'persistentPool'] as const),
];

/** Arms by name, and what each switches on. */
const ARMS: Readonly<Record<string, () => OptimizationConfig>> = {
  'all on': () => OptimizationConfig.fromDefaults({}),
  'all off': () => OptimizationConfig.disableAll(),
  'layer 1 alone': () => OptimizationConfig.enableLayer(1),
  'layer 2 alone': () => OptimizationConfig.enableLayer(2),
  'layer 3 alone': () => OptimizationConfig.enableLayer(3),
  ...Object.fromEntries(
    FLAGS.map((flag) => [`${flag} off`, () => OptimizationConfig.fromDefaults({}).with({ [flag]: false })]),
  ),
};

/** Where not all flags are asked after: a run over the past takes seconds, and short ones need no workers. */
const SOME_ARMS: Partial<Readonly<Record<Workload, readonly string[]>>> = {
  history: ['all on', 'all off', 'layer 2 alone', 'arrayReturn off', 'historyCache off'],
  short: ['all on', 'all off', 'assetCache off', 'pregroupedColumns off', 'bundlePool off', 'sharedBundle off'],
};

const armsOf = (workload: Workload): readonly string[] => SOME_ARMS[workload] ?? Object.keys(ARMS);

/** Combinations of the grid at equal distances. */
const evenly = (count: number): Search => ({
  name: 'grid',
  create: (space) => ({
    name: 'grid',
    looksBack: false,
    distinct: true,
    size: count,
    suggest: ({ ordinal }) =>
      ordinal < count ? space.flatAt(Math.floor((ordinal * Number(space.size)) / count)) : undefined,
  }),
});

/** A trial or a window of a run, in a line: equal lines, equal results. */
interface Result {
  readonly lines: readonly string[];
  readonly caches: readonly CacheReport[];
  /** Of all threads of the arm's process in this run, and the most memory that it ever had. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

async function once(workload: Workload, optimization: OptimizationConfig, jobs: number, pool?: PersistentWorkerPool) {
  const file = fileURLToPath(
    new URL(`../examples/${workload === 'history' ? 'history' : 'sma'}-crossover.ts`, import.meta.url),
  );
  let caches: readonly CacheReport[] = [];
  const onCaches = (reports: readonly CacheReport[]): void => {
    caches = reports;
  };
  const control = { jobs, optimization, onCaches, ...(pool === undefined ? {} : { pool }) };
  const account = { bundle: 'sample', commission: 'percent:0.001' };
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const lines: string[] = [];
  if (workload === 'short') {
    for (let run = 0; run < COMBINATIONS.short; run++) {
      const options = { ...account, optimization, onCaches, start: '2005-03-01', end: '2005-03-14', seed: run };
      const { endingEquity, orderStreamHash } = await backtest(historyCrossover, options);
      lines.push(JSON.stringify([endingEquity, orderStreamHash]));
    }
  } else if (workload !== 'walk') {
    const search = evenly(COMBINATIONS[workload]);
    const { allTrials } = await searchStrategy({ ...control, file, market: account, search });
    for await (const { params, endingEquity, orderStreamHash } of allTrials()) {
      lines.push(JSON.stringify([params, endingEquity, orderStreamHash]));
    }
  } else {
    // Bundled into this program, the strategy does not know its file.
    const strategy = { ...smaCrossover, module: pathToFileURL(file).href } as typeof smaCrossover;
    const search = evenly(TRIALS);
    const { windows, stitched } = await walkForward(strategy, {
      ...control,
      ...account,
      search,
      train: TRAIN,
      test: TEST,
    });
    for (const { params, test } of windows)
      lines.push(JSON.stringify([params, test.endingEquity, test.orderStreamHash]));
    lines.push(String(stitched.endingEquity));
  }
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return { seconds, result: { lines, caches, cpuSeconds: (user + system) / 1e6, peakRssBytes } };
}

function serve(workload: Workload, arm: string): void {
  const optimization = ARMS[arm]!();
  const pool = optimization.settings.persistentPool ? new PersistentWorkerPool({ workers: 2 }) : undefined;
  serveRuns<Result>(
    () => once(workload, optimization, 2, pool),
    () => void pool?.close(),
  );
}

async function measure(workload: Workload, rounds: BenchmarkRun): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), 'hindcast-flags-'));
  process.env.HINDCAST_HOME = home;
  const runs = workload === 'walk' ? WINDOWS * TRIALS : COMBINATIONS[workload];
  const contestants: Contestant<Result>[] = armsOf(workload).map(
    (arm) => new ChildProcessArm(arm, 'all runs', ['arm', workload, arm]),
  );
  let caches: readonly CacheReport[] = [];
  const costs = new Map<string, Result[]>();
  try {
    const market = sampleMarket({ symbols: SYMBOLS, sessions: SESSIONS });
    await writeBundle(new BundleStore(), 'sample', market, { durable: false });
    const expected = (await once(workload, OptimizationConfig.disableAll(), 1)).result.lines;
    if (expected.length !== (workload === 'walk' ? WINDOWS + 1 : runs)) {
      throw new UnequalError(`${expected.length} results of ${workload}`);
    }
    const samples = await measureInTurns(contestants, rounds, ({ arm, result }) => {
      const wrong = expected.findIndex((line, place) => line !== result.lines[place]);
      if (wrong >= 0) throw new UnequalError(`${arm}: ${result.lines[wrong]}, not ${expected[wrong]}`);
      if (arm === 'all on') caches = result.caches;
      costs.set(arm, [...(costs.get(arm) ?? []), result]);
    });
    const secondsOf = (arm: string): number => median(samples.find((each) => each.arm === arm)!.seconds);
    const saved = (share: number): string => `${((1 - share) * 100).toFixed(1)} %`;
    const layers = [1, 2, 3].flatMap((layer) => {
      const name = `layer ${layer} alone`;
      return armsOf(workload).includes(name) ? [{ name, share: secondsOf(name) / secondsOf('all off') }] : [];
    });
    const product = layers.reduce((rest, { share }) => rest * share, 1);
    const alone = `${layers.map(({ name, share }) => `${name} ${saved(share)}`).join(', ')}${layers.length > 1 ? `; multiplied ${saved(product)}` : ''}.`;
    return {
      title: `Flags, ${workload}: ${workload === 'walk' ? `${WINDOWS} windows of ${TRIALS} trials over ${TRAIN} bars` : `${runs} backtests${workload === 'short' ? ' of ten bars' : ''}`}, ${SYMBOLS} symbols, ${(SESSIONS * SYMBOLS).toLocaleString('en-US')} rows`,
      work: runs * SYMBOLS * { grid: SESSIONS, walk: TRAIN, short: 10, history: SESSIONS }[workload],
      combinations: runs,
      samples,
      bases: ['all on', 'all off'],
      speedups: [['all off', 'all on']],
      notes: [
        `All on saves ${saved(secondsOf('all on') / secondsOf('all off'))} of the time of all off.`,
        ...(layers.length === 0 ? [] : [alone]),
        ...verdictsOf(samples, costs),
        ...caches
          .filter(({ hitRate }) => hitRate !== undefined)
          // Of the last run: what runs before it left is there already.
          .map(
            ({ flag, hits, misses, hitRate, bytes }) =>
              `${flag}: ${hits} hits, ${misses} misses, rate ${(hitRate! * 100).toFixed(1)} %${bytes > 0 ? `, ${(bytes / 2 ** 20).toFixed(1)} MiB` : ''}`,
          ),
      ],
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** What the source hoped for, as shares of the time saved: of all layers together, and of each. */
const HOPES: Readonly<Record<string, string>> = {
  'all on': 'goal 90 %, at least 40 %',
  'layer 1 alone': 'hoped 70 %',
  'layer 2 alone': 'hoped 20 to 25 %',
  'layer 3 alone': 'hoped 8 to 12 %',
};

/** The rule of `hindcast bench` for each layer, all of them and each flag: what is claimed is judged together. */
function verdictsOf(samples: readonly Samples[], costs: ReadonlyMap<string, readonly Result[]>): string[] {
  const counted = samples[0]!.seconds.length;
  if (counted < LEAST_RUNS) return [`No verdicts below ${LEAST_RUNS} counted rounds.`];
  const armOf = (name: string): ArmSamples => {
    const { seconds } = samples.find(({ arm }) => arm === name)!;
    const rest = costs.get(name)!.slice(-counted);
    const runs = rest.map(({ cpuSeconds, peakRssBytes }, run) => ({
      ...{ seconds: seconds[run]!, cpuSeconds, peakRssBytes, pssBytes: null },
    }));
    return { name, runs };
  };
  const names = samples.map(({ arm }) => arm);
  const pairs = [
    ...names.filter((name) => name in HOPES).map((name) => ['all off', name] as const),
    ...names.filter((name) => name.endsWith(' off') && name !== 'all off').map((name) => [name, 'all on'] as const),
  ];
  const claims = pairs.map(([baseline, candidate]) => ({
    comparison: compareArms(armOf(baseline), armOf(candidate)),
    isDifferentCode: true,
  }));
  return judge(claims).map(({ word, conditions }, at) => {
    const [baseline, candidate] = pairs[at]!;
    const unmet = conditions.filter(({ met }) => !met).map(({ says }) => says);
    const { saved, timeRatio } = claims[at]!.comparison;
    const figures = `${timeRatio.toFixed(2)} times as fast, ${(saved * 100).toFixed(1)} % of the time saved`;
    const hope = baseline === 'all off' ? ` (${HOPES[candidate]})` : '';
    return `${candidate} against ${baseline}: ${word}; ${figures}${hope}${unmet.length === 0 ? '' : `; ${unmet.join('; ')}`}.`;
  });
}

const [task, workload, arm] = measuringTask() ?? [];
if (task === 'arm') serve(workload as Workload, arm!);
else await benchmark(MARKETS, measure, { needsReference: false });
