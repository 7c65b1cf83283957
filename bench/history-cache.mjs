// Whether the history cache is worth its memory: the same windows asked for directly, as views, and through the cache.
// Usage: npx tsc -p tsconfig.build.json && node bench/history-cache.mjs [--json]
import { parseArgs } from 'node:util';
import { adjustmentSchedule, bundleFromColumns, DirectHistory, HistoryCache } from '../dist/data/index.js';

const ROWS = 5_123;
const ROUNDS = 15;
const DAY = 86_400_000;
const LENGTHS = [20, 50, 200];

const close = Float64Array.from({ length: ROWS }, (_, row) => (5000 + ((row * 7919) % 1009)) / 100);
const times = Float64Array.from({ length: ROWS }, (_, row) => row * DAY);
const columns = { open: close, high: close, low: close, close, volume: close };
const asset = { symbol: 'A', first: 0, priceDecimals: 2, volumeDecimals: 2, columns };
const dividends = Array.from({ length: 80 }, (_, i) => ({ symbol: 'A', exDate: (30 + i * 63) * DAY, amount: '0.25' }));
const draft = { groups: [{ calendar: '24/7', frequency: '1d', times, assets: [asset] }], splits: [], dividends };

/** One run of a strategy: the windows of a level rule at every bar. Returns a sum, so that nothing is optimised away. */
function run(reader, listing, schedule, view) {
  let sum = 0;
  for (let row = 199; row < ROWS; row++) {
    for (const length of LENGTHS) {
      const window = reader.window(listing, schedule, 'close', row, length, view);
      sum += window[0] + window[length - 1];
    }
  }
  return sum;
}

const bundle = await bundleFromColumns(draft);
const [group] = bundle.groups;
const [listing] = group.listings;
const withEvents = adjustmentSchedule(listing, group, bundle.splits, bundle.dividends);
const results = [];
for (const [data, schedule] of Object.entries({ 'no events': undefined, '80 dividends': withEvents })) {
  const cache = new HistoryCache();
  const arms = {
    direct: () => run(new DirectHistory(), listing, schedule, false),
    cached: () => run(cache, listing, schedule, false),
    view: () => run(new DirectHistory(), listing, schedule, true),
  };
  const expected = arms.direct();
  const best = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [arm, measure] of Object.entries(arms)) {
      const began = performance.now();
      if (measure() !== expected) throw new Error(`${arm} gives other windows`);
      best[arm] = Math.min(best[arm] ?? Number.POSITIVE_INFINITY, performance.now() - began);
    }
  }
  const windows = (ROWS - 199) * LENGTHS.length;
  const nanoseconds = Object.fromEntries(Object.entries(best).map(([arm, ms]) => [arm, (ms * 1e6) / windows]));
  results.push({ data, sharing: bundle.sharing, nanoseconds, hitRate: cache.statistics.hitRate });
}
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
if (values.json) console.log(JSON.stringify(results));
else {
  console.log(
    `Nanoseconds a window, best of ${ROUNDS} interleaved rounds; lengths ${LENGTHS.join(', ')}; ${bundle.sharing}.`,
  );
  for (const { data, nanoseconds, hitRate } of results) {
    const arms = Object.entries(nanoseconds).map(([arm, value]) => `${arm} ${value.toFixed(0)} ns`);
    console.log(`${data}: ${arms.join(', ')}; hit rate of the cache ${(100 * hitRate).toFixed(1)} %`);
  }
}
bundle[Symbol.dispose]();
