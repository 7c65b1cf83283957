// Does memory grow with the trials of a pool, and is anything left open? Forty searches one after another on one pool of two kept threads.
// The first ten are warm-up; the growth is that of the medians from the second ten to the last ten. Before each reading all three threads collect:
// what nobody holds is no growth. --uncollected leaves that to V8, whose threads do it when they see fit.
// Usage: npm run bench -- growth [--trials 40000] [--uncollected]; ends with 1 where resident memory grows by 2 % or more, or a handle is left.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bundleFromColumns, sampleMarket } from 'hindcast/data';
import { PersistentWorkerPool, searchStrategy } from 'hindcast/optimize';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { table } from './support/sampler-tables.js';
import { median } from './support/statistics.js';

const SEARCHES = 40;
const MOST = 0.02;
const WORKERS = 2;
const MIB = 2 ** 20;
const strategy = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));

const { values } = parseArgs({
  options: { trials: { type: 'string', default: '40000' }, uncollected: { type: 'boolean', default: false } },
});
const trials = Math.ceil(Number(values.trials) / SEARCHES);
if (!Number.isInteger(trials) || trials < 1)
  throw new RangeError(`--trials is a whole number from 1, not ${values.trials}`);

console.log(machineLine(loadBefore()));
const handles = (): string[] => process.getActiveResourcesInfo();
const before = new Set(handles());
/** What is open now and was not. */
const left = (): string[] => handles().filter((handle) => !before.has(handle));
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const collectThere = {
  key: 'collect',
  module: new URL('./support/collect-task.mjs', import.meta.url).href,
  setup: new Int32Array(new SharedArrayBuffer(4)),
};
const resident: number[] = [];
const heap: number[] = [];
{
  using bundle = await bundleFromColumns(sampleMarket({ symbols: 8, sessions: 1258 }));
  await using pool = new PersistentWorkerPool({ workers: WORKERS });
  for (let search = 0; search < SEARCHES; search++) {
    const market = { bundle, commission: 'percent:0.001' };
    await searchStrategy({ file: strategy, market, search: 'random', trials, seed: search, pool });
    if (!values.uncollected) {
      await pool.runBatch(collectThere, Array<null>(WORKERS).fill(null));
      collect();
    }
    const { rss, heapUsed } = process.memoryUsage();
    resident.push(rss);
    heap.push(heapUsed);
  }
}
// What is being closed says so in the next turns of the event loop.
for (let turn = 0; turn < 100 && left().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve));
const open = left();

const quarter = SEARCHES / 4;
const of = (column: readonly number[], from: number): number =>
  median(column.slice(from * quarter, (from + 1) * quarter));
const rows = [1, 2, 3, 4].map((part) => [
  `trials ${(part - 1) * quarter * trials + 1} to ${part * quarter * trials}`,
  (of(resident, part - 1) / MIB).toFixed(1),
  (of(heap, part - 1) / MIB).toFixed(1),
]);
console.log(table(['median of', 'resident MiB', "this thread's heap MiB"], rows));
// The first quarter is left out: code is compiled, heaps take their size.
const growth = of(resident, 3) / of(resident, 1) - 1;
console.log(
  `\nResident memory of the last quarter over the second: ${growth < 0 ? '' : '+'}${(growth * 100).toFixed(2)} %, below ${MOST * 100} % asked.`,
);
console.log(open.length === 0 ? 'No handle is left open.' : `Left open: ${open.join(', ')}.`);
if (growth >= MOST || open.length > 0) process.exitCode = 1;
