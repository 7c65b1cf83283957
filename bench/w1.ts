// One backtest of the cross rule 10/50 against the C reference and a loop without an engine; figures are compared first.
// Usage: npm run bench -- w1 [--market goog] [--runs 10] [--warm-up 10] [--json samples.json] [--markdown]
import { rmSync } from 'node:fs';
import { backtest } from 'hindcast';
import { openBundle } from 'hindcast/data';
import goldenCross from '../examples/golden-cross.js';
import { backtestContestant } from './support/c-reference.js';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { type BenchmarkRun, benchmark } from './support/command-line.js';
import { type Contestant, measureInTurns } from './support/contestant.js';
import { differenceOf, type Figures, type Published, UnequalError } from './support/equality.js';
import type { Outcome } from './support/outcome-table.js';
import { plainMarket } from './support/plain-loop.js';
import { plainCross } from './support/plain-rules.js';
import { WORKLOADS, writeWorkload } from './support/reference-workloads.js';

const MARKETS = ['goog', 'min1m'] as const;
type Market = (typeof MARKETS)[number];

/** Of min1m, Sharpe ratio and drawdown are not published. */
const PUBLISHED: Readonly<Record<Market, Published>> = {
  goog: { equity: 3625220668.6335, fills: 39, sharpe: 0.807513, maxDrawdown: 0.290428 },
  min1m: { equity: 1388671624.2697, fills: 27_473 },
};
const COMMISSION = { goog: 0.001, min1m: 0.00001 } as const;
/** Backtests a sample, of which the mean counts: one of goog is over in tens of microseconds. */
const REPEATS = { goog: 101, min1m: 3 } as const;

function hindcast(directory: string, name: Market, repeats: number): void {
  const bundle = openBundle(directory);
  const options = {
    bundle,
    params: { fast: 10, slow: 50 },
    cash: 1e9,
    commission: `percent:${COMMISSION[name] === 0.001 ? '0.001' : '0.00001'}`,
    annualization: 252,
  };
  const run = async () => {
    const begun = performance.now();
    let last = await backtest(goldenCross, options);
    for (let more = 1; more < repeats; more++) last = await backtest(goldenCross, options);
    const seconds = (performance.now() - begun) / 1000 / repeats;
    const { endingEquity, fills, metrics } = last;
    const { sharpe = 0, maxDrawdown = 0 } = metrics;
    return { seconds, result: { equity: endingEquity.toNumber(), fills: fills.length, sharpe, maxDrawdown } };
  };
  serveRuns<Figures>(run, () => bundle[Symbol.dispose]());
}

function plain(name: Market): void {
  const market = plainMarket(name);
  const run = () => {
    const begun = performance.now();
    let result = plainCross(market, 10, 50, COMMISSION[name]);
    for (let more = 1; more < REPEATS[name]; more++) result = plainCross(market, 10, 50, COMMISSION[name]);
    return { seconds: (performance.now() - begun) / 1000 / REPEATS[name], result };
  };
  serveRuns<Figures>(run, () => {});
}

async function measure(name: Market, { reference, ...rounds }: BenchmarkRun): Promise<Outcome> {
  const { folder, directory } = await writeWorkload(name);
  const arm = (label: string, life: 'one run' | 'all runs', repeats: number): Contestant<Figures> =>
    new ChildProcessArm(label, life, ['hindcast', directory, name, String(repeats)]);
  const contestants: Contestant<Figures>[] = [
    ...(reference === undefined ? [] : [backtestContestant(reference, name, name === 'goog' ? 101 : 3)]),
    new ChildProcessArm('plain JavaScript loop', 'all runs', ['plain', name]),
    arm('Hindcast, warm', 'all runs', REPEATS[name]),
    arm('Hindcast, cold', 'one run', 1),
  ];
  try {
    const samples = await measureInTurns(contestants, rounds, ({ arm: label, result }) => {
      const difference = differenceOf(result, PUBLISHED[name]);
      if (difference !== undefined) throw new UnequalError(`${label}: ${difference}`);
    });
    const { bars } = WORKLOADS[name];
    return {
      title: `W1 ${name}: one backtest over ${bars.toLocaleString('en-US')} bars`,
      work: bars,
      combinations: 1,
      samples,
      bases: ['C'],
      speedups: [],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [task, target, name, repeats] = measuringTask() ?? [];
if (task === 'hindcast') hindcast(target!, name as Market, Number(repeats));
else if (task === 'plain') plain(target as Market);
// A call with its whole result is settled after some thirty calls.
else await benchmark(MARKETS, measure, { settledAfter: 10 });
