// How much of a search over budgets is spent on bars that a promoted trial has run before: what parked runs could save at most. Of windows it is
// counted as if those of a longer share went on where the shorter ones ended. Usage: npm run bench -- promotions [--trials 200]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleFromColumns, sampleMarket } from 'hindcast/data';
import { asha, bohb, halving, hyperband, searchStrategy } from 'hindcast/optimize';
import { table } from './support/sampler-tables.js';

const file = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));
const SEEDS = [1, 2, 3, 4, 5];
const trials = Number(parseArgs({ options: { trials: { type: 'string', default: '200' } } }).values.trials);
if (!Number.isInteger(trials) || trials < 20) throw new RangeError('--trials takes a whole number from 20');

const bundle = await bundleFromColumns(sampleMarket());
const rows: string[][] = [];
for (const [name, make] of Object.entries({ halving, hyperband, asha, bohb })) {
  const row = [name];
  for (const part of ['start', 'windows'] as const) {
    let spent = 0;
    let repeated = 0;
    let promoted = 0;
    for (const seed of SEEDS) {
      const market = { bundle, commission: 'percent:0.001' };
      const { allTrials } = await searchStrategy({ file, market, search: make({ part }), seed, trials, jobs: 1 });
      const longest = new Map<string, number>();
      for await (const { params, budget, duplicateOf } of allTrials()) {
        if (duplicateOf !== undefined) continue;
        const point = JSON.stringify(params);
        const before = longest.get(point) ?? 0;
        longest.set(point, Math.max(before, budget));
        spent += budget;
        if (before === 0 || before >= budget) continue;
        promoted++;
        // All of the data is one run: no window goes on in it.
        if (part === 'start' || budget < 1) repeated += before;
      }
    }
    row.push(`${((100 * repeated) / spent).toFixed(1)} %`, (promoted / SEEDS.length).toFixed(0));
  }
  rows.push(row);
}
const head = ['search', 'bars run before, start', 'promoted', 'bars run before, windows', 'promoted'];
console.log(table(head, rows));
