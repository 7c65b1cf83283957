// Processor time of a suggestion: of asking for a trial, once the earlier ones have ended; evaluations cost nothing here.
// Usage: npm run bench -- suggestions [--search gp]... [--problem 'grid, 1,100']... [--budget 300] [--seeds 1]
import { choice, float, int, type ParameterMap } from 'hindcast';
import { openStudyOn, ParameterSpace, type SearchName } from 'hindcast/optimize';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { branin, hartmann6, mixedConditional } from './support/reference-problems.js';
import { readSamplerOptions, table } from './support/sampler-tables.js';

/** A space and something to find in it. */
interface Task {
  readonly name: string;
  readonly parameters: ParameterMap;
  readonly rate: (params: Readonly<Record<string, unknown>>) => number;
}

/** A hill with detail of its own at each point. */
const jagged = (params: Readonly<Record<string, unknown>>): number => {
  let sum = 0;
  let detail = 1;
  for (const value of Object.values(params)) {
    const number = typeof value === 'number' ? value : 1;
    sum -= Math.abs(Math.log(number / 30));
    detail = (detail * 31 + Math.round(1000 * number)) % 1009;
  }
  return sum + detail / 1009;
};

const TASKS: readonly Task[] = [
  {
    name: 'grid, 1,100',
    parameters: { short: int(5, 50, { step: 5 }), long: int(50, 200, { step: 15 }), threshold: int(1, 10) },
    rate: jagged,
  },
  {
    name: 'grid, 19,602',
    parameters: { fast: int(2, 100), slow: int(100, 298), days: int(1, 1) },
    rate: jagged,
  },
  {
    name: 'momentum, 5.4 million',
    parameters: {
      lookback: int(10, 100, { step: 10 }),
      holding: int(1, 19, { step: 2 }),
      rebalance: int(1, 10),
      weighting: choice('equal', 'market_cap', 'risk_parity'),
      top: int(5, 20, { step: 5 }),
      calm: float(0.1, 0.5, { step: 0.1 }),
      least: float(0.01, 0.1, { step: 0.01 }),
      most: float(0.1, 0.5, { step: 0.05 }),
    },
    rate: jagged,
  },
  ...[branin, hartmann6, mixedConditional].map(({ name, parameters, evaluate }) => ({
    ...{ name, parameters },
    rate: (params: Readonly<Record<string, unknown>>) => -evaluate(params)!,
  })),
];

const LAST = 50;
const { searches, problems, seeds, budgets } = readSamplerOptions({
  searches: ['gp'],
  seeds: 1,
  lags: [8],
  budgets: [300],
});
const trials = Math.max(...budgets);

/** Milliseconds of processor time, all threads, of each suggestion. */
async function timesOf({ parameters, rate }: Task, search: SearchName, seed: number): Promise<number[]> {
  await using study = await openStudyOn({ space: new ParameterSpace(parameters), search, seed, lag: 1, trials });
  const times: number[] = [];
  for (;;) {
    const begun = process.cpuUsage();
    const trial = study.next();
    const { user, system } = process.cpuUsage(begun);
    if (trial === undefined || trial === 'wait') return times;
    times.push((user + system) / 1000);
    study.record(trial.number, { state: 'complete', values: [rate(trial.params)] });
  }
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

console.log(machineLine(loadBefore()));
for (const search of searches) {
  const rows: string[][] = [];
  for (const task of TASKS) {
    if (problems.length > 0 && !problems.includes(task.name)) continue;
    const runs: number[][] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await timesOf(task, search, seed));
    const all = runs.flat();
    const last = runs.flatMap((times) => times.slice(-LAST));
    rows.push([task.name, ...[mean(all), mean(last), Math.max(...last)].map((time) => time.toFixed(2))]);
  }
  const head = [search, 'mean, ms', `mean of the last ${LAST}`, 'most of these'];
  console.log(`\n${table(head, rows)}`);
}
console.log(`\n${trials} trials, ${seeds} seeds, processor time of all threads.`);
