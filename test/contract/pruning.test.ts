import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { bundleFromColumns } from '../../src/data/index.js';
import { sampleMarket } from '../../src/data/sample-market.js';
import type { Condition } from '../../src/optimize/conditions.js';
import type { MidwayStops } from '../../src/optimize/midway.js';
import { bound, median, patient, percentile, threshold, wilcoxonPruner } from '../../src/optimize/pruners.js';
import type { SearchName } from '../../src/optimize/samplers/names.js';
import { searchStrategy } from '../../src/optimize/study-run.js';
import { openExecutor } from '../../src/parallel/open-executor.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal } from '../helpers/optuna-journal.js';

const folder = makeFolder();
const bundle = await bundleFromColumns(sampleMarket({ symbols: 1, sessions: 400, seed: 6 }));
const pools = new Map([1, 2, 4, 8].map((workers) => [workers, openExecutor({ workers })]));
afterAll(async () => {
  for (const pool of pools.values()) await pool.close();
  bundle[Symbol.dispose]();
  folder.remove();
});

/** The first worker that finds it takes it away and dies; the next one runs the trial. */
const poison = join(folder.path, 'poison');

/** A crossover whose trials take a time of each thread's own, so that they end in another order on every pool. */
const strategy = join(folder.path, 'cross.ts');
writeFileSync(
  strategy,
  `import { unlinkSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import { defineStrategy, int, sma } from 'hindcast';
const pause = new Int32Array(new SharedArrayBuffer(4));
function die(params) {
  if (isMainThread || params.fast % 3 !== 0) return;
  try { unlinkSync(${JSON.stringify(poison)}); } catch { return; }
  process.exit(3);
}
export default defineStrategy({
  parameters: { fast: int(2, 12), slow: int(8, 47, { step: 3 }) },
  initialize({ asset, portfolio, indicator }, params) {
    die(params);
    if (!isMainThread) Atomics.wait(pause, 0, 0, ((params.fast * 7919 + params.slow * 31 + threadId * 17) % 7) / 2);
    return { asset, position: portfolio.position(asset), fast: indicator(sma(params.fast), asset), slow: indicator(sma(params.slow), asset) };
  },
  handleData({ state: { asset, position, fast, slow }, order }) {
    if (position.isFlat) { if (fast.value > slow.value) order.notional(asset, 'all'); }
    else if (fast.value < slow.value) order.target(asset, 0);
  },
});
`,
);

/** What ends trials before their end, each under another search. */
interface Case {
  readonly name: string;
  readonly search: SearchName;
  readonly objective: string;
  readonly stops: MidwayStops;
  readonly require?: Readonly<Record<string, Condition>>;
}

const CASES: readonly Case[] = [
  { name: 'median', search: 'grid', objective: 'sharpe', stops: { prune: median(), checks: 5 } },
  { name: 'threshold', search: 'random', objective: 'sharpe', stops: { prune: threshold(-1) } },
  { name: 'patience', search: 'cmaes', objective: 'sharpe', stops: { prune: patient(5) } },
  { name: 'signed ranks', search: 'genetic', objective: 'annualReturn', stops: { prune: wilcoxonPruner(0.2) } },
  { name: 'a bound', search: 'gp', objective: 'maxDrawdown', stops: { prune: bound() } },
  {
    name: 'a drawdown and ruin',
    search: 'sobol',
    objective: 'sharpe',
    stops: { stopAtDrawdown: 0.15, stopAtRuin: 0.9 },
  },
  {
    name: 'a percentile under a limit',
    search: 'tpe',
    objective: 'sharpe',
    stops: { prune: percentile(60, { startupTrials: 3 }), stopAtDrawdown: 0.2, checks: 3 },
  },
  {
    name: 'a requirement',
    search: 'genetic',
    objective: 'sharpe',
    stops: {},
    require: { maxDrawdown: { max: 0.15 }, trades: { min: 8 } },
  },
  { name: 'a drawdown of parts', search: 'bohb', objective: 'sharpe', stops: { stopAtDrawdown: 0.1 } },
];

const TRIALS = 40;

describe('trials that are ended inside workers', () => {
  it.each(CASES)(
    'by $name make the same journal for 1, 2, 4 and 8 workers at any pace, after a death, a stop and a kill',
    async ({ name, search, objective, stops, require }) => {
      const pathOf = (kind: string): string => join(folder.path, `${name}-${kind}.log`.replaceAll(' ', '-'));
      let last = 0;
      const study = async (path: string, workers: number, stopAfter = Number.POSITIVE_INFINITY) => {
        const stop = new AbortController();
        let ended = 0;
        const report = await searchStrategy({
          ...{ file: strategy, search, objective, ...stops, require },
          ...{ trials: TRIALS, seed: 5, study: path, pool: pools.get(workers)! },
          market: { bundle, commission: 'percent:0.001' },
          onTrial: ({ number }) => {
            if (number < last) outOfOrder.add(workers);
            last = number;
            if (++ended === stopAfter) stop.abort();
          },
          signal: stop.signal,
        });
        return report;
      };
      /** The trials alone: a study that was stopped says so. */
      const trialsOf = (path: string): unknown =>
        (canonicalJournal(path) as readonly { readonly trials: unknown }[])[0]!.trials;
      const outOfOrder = new Set<number>();

      const whole = pathOf('1');
      const { trials, prunes } = await study(whole, 1);
      expect(prunes).toBe(true);
      expect(trials.total).toBe(TRIALS);
      expect(trials.pruned).toBeGreaterThan(2);
      expect(trials.complete).toBeGreaterThan(1);
      const expected = trialsOf(whole);
      expect(JSON.stringify(expected)).toMatch(/stoppedAt/);

      for (const workers of [2, 4, 8]) {
        const path = pathOf(String(workers));
        await study(path, workers);
        expect(trialsOf(path)).toEqual(expected);
      }
      expect(outOfOrder).toContain(8);

      writeFileSync(poison, '');
      const death = pathOf('death');
      await study(death, 4);
      expect(() => readFileSync(poison)).toThrow();
      expect(trialsOf(death)).toEqual(expected);

      const stopped = pathOf('stopped');
      expect((await study(stopped, 4, 11)).stopped).toBe('interrupted');
      expect((await study(stopped, 2, 9)).stopped).toBe('interrupted');
      await study(stopped, 8);
      expect(trialsOf(stopped)).toEqual(expected);

      // What a kill leaves: the file up to some byte, in the midst of a line too.
      const bytes = readFileSync(pathOf('8'));
      const head = bytes.indexOf('"op_code":4');
      expect(head).toBeGreaterThan(0);
      const killed = pathOf('killed');
      writeFileSync(killed, bytes.subarray(0, SeededRandom.derive(7, name).int(head, bytes.length - 1)));
      await study(killed, 4);
      expect(trialsOf(killed)).toEqual(expected);
    },
  );
});
