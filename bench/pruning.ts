// What pruning saves and what it costs: random trials of examples/sma-crossover.ts on 16 markets, whole and pruned in turns; how many bars
// were run, the processor time that it took, and how good the best trial still is. Usage: npm run bench -- pruning [--trials 1000]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bundle } from 'hindcast/data';
import {
  bound,
  type MidwayStops,
  median,
  patient,
  percentile,
  type SearchRequest,
  searchStrategy,
  wilcoxonPruner,
} from 'hindcast/optimize';
import { quantile, table } from './support/sampler-tables.js';
import { studiedMarkets } from './support/studied-markets.js';

const file = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));
const trials = Number(parseArgs({ options: { trials: { type: 'string', default: '1000' } } }).values.trials);
if (!Number.isInteger(trials) || trials < 20) throw new RangeError('--trials takes a whole number from 20');

const ARMS: readonly { readonly name: string; readonly objective: string; readonly stops: MidwayStops }[] = [
  { name: 'looked at, never ended', objective: 'sharpe', stops: { stopAtDrawdown: 0.999 } },
  { name: 'median', objective: 'sharpe', stops: { prune: median() } },
  { name: 'median, from the third part', objective: 'sharpe', stops: { prune: median({ warmUpSteps: 2 }) } },
  { name: 'percentile:25', objective: 'sharpe', stops: { prune: percentile(25) } },
  { name: 'wilcoxon', objective: 'sharpe', stops: { prune: wilcoxonPruner() } },
  { name: 'patient:4', objective: 'sharpe', stops: { prune: patient(4) } },
  { name: 'bound', objective: 'maxDrawdown', stops: { prune: bound() } },
];

/** What one search did. */
interface Done {
  /** Of the processor, in this thread. */
  readonly time: number;
  readonly best: number;
  readonly pruned: number;
  /** Share of the bars of all trials. */
  readonly bars: number;
}

async function search(
  bundle: Bundle,
  symbols: string[] | undefined,
  objective: string,
  stops: MidwayStops,
): Promise<Done> {
  const market = { bundle, symbols, commission: 'percent:0.001' } as SearchRequest['market'];
  const begun = process.cpuUsage();
  const report = await searchStrategy({ file, market, search: 'random', trials, objective, jobs: 1, ...stops });
  const time = process.cpuUsage(begun).user;
  let bars = 0;
  for await (const { stoppedAt = 1 } of report.allTrials()) bars += stoppedAt / trials;
  return { time, best: report.best?.values[0] ?? 0, pruned: report.trials.pruned / trials, bars };
}

const markets = await studiedMarkets();

const rows: string[][] = [];
for (const { name, objective, stops } of ARMS) {
  // The last market is the one of eight assets.
  const ratios: number[] = [];
  const done: { readonly whole: Done; readonly pruned: Done }[] = [];
  for (const [bundle, symbols] of markets) {
    // The least of some rounds: other work on the machine only adds.
    const least = { whole: Number.POSITIVE_INFINITY, pruned: Number.POSITIVE_INFINITY };
    for (let round = 0; round < 3; round++) {
      const whole = await search(bundle, symbols, objective, {});
      const pruned = await search(bundle, symbols, objective, stops);
      least.whole = Math.min(least.whole, whole.time);
      least.pruned = Math.min(least.pruned, pruned.time);
      if (round === 0) done.push({ whole, pruned });
    }
    ratios.push(least.pruned / least.whole);
  }
  const mean = (of: (each: (typeof done)[number]) => number): number =>
    done.reduce((sum, each) => sum + of(each) / done.length, 0);
  const same = done.filter(({ whole, pruned }) => whole.best === pruned.best).length;
  rows.push([
    name,
    `${(100 * mean(({ pruned }) => pruned.pruned)).toFixed(0)} %`,
    `${(100 * mean(({ pruned }) => pruned.bars)).toFixed(0)} %`,
    quantile(ratios.slice(0, -1), 0.5).toFixed(2),
    ratios.at(-1)!.toFixed(2),
    `${same} of ${done.length}`,
    mean(({ whole, pruned }) => Math.abs(whole.best - pruned.best)).toFixed(3),
  ]);
}
console.log(
  table(['rule', 'pruned', 'bars run', 'time, one asset', 'time, eight', 'same winner', 'mean loss of the best'], rows),
);
