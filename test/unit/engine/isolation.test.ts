import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sharing } from '../../../src/data/bundle.js';
import { DirectHistory } from '../../../src/data/history.js';
import { HistoryCache } from '../../../src/data/history-cache.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { Simulation } from '../../../src/engine/simulation.js';
import { type Context, defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import { int, sma } from '../../../src/index.js';
import { MemoIndicators } from '../../../src/indicators/columns.js';
import { type StudyReport, searchStrategy } from '../../../src/optimize/study-run.js';
import { run, tinyBundle } from '../../helpers/tiny-market.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two assets that fall for 720 days, with waves to trade on. */
const falling = (from: number): string =>
  Array.from({ length: 720 }, (_, row) => (from - row * 0.1 + ((row * 7) % 11)).toFixed(2)).join(' ');
const MARKET = { assets: { A: falling(150), B: falling(130) }, priceDecimals: 2 };

/** Even trials are good and all the same; each odd one does something else to what it was given. */
const source = `
import { defineStrategy, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: { n: int(0, 12) },
  module: import.meta.url,
  initialize: ({ assets, indicator, portfolio, random }) => ({
    bar: 0,
    first: random(),
    held: assets.map((asset) => ({ asset, position: portfolio.position(asset), mean: indicator(sma(5), asset) })),
  }),
  handleData({ state, order, random, assets }, data, { n }) {
    const bar = state.bar++;
    if (n === 1) for (const asset of assets) data.history(asset, 'close', 9, '1d', { returnType: 'array' }).sort();
    if (n === 3) {
      for (const field of ['open', 'high', 'low', 'close', 'volume']) {
        for (const asset of assets) data.history(asset, field, 9, '1d', { returnType: 'array', view: true }).reverse().fill(123);
      }
    }
    if (n === 5 && bar === 700) throw new Error('planted');
    if (n === 7 && bar === 3) state.held[0].mean.ago(-1);
    if (n === 9) return;
    if (n === 11 && bar === 10) throw 'no error';
    for (const { asset, position, mean } of state.held) {
      const recent = data.history(asset, 'close', 3, '1d', { returnType: 'array' });
      const rising = recent[2] > recent[0] && data.close(asset) > mean.value;
      if (position.isFlat && rising) order.notional(asset, 10000 + Math.floor(random() * 0));
      else if (!rising && !position.isFlat) order.close(asset);
    }
  },
  analyze: ({ fills }, { n }) => ({ fills: fills.length, good: n % 2 === 0 ? 1 : 0 }),
});
`;
const file = join(folder, 'vandal.ts');
writeFileSync(file, source);

/** What a study found, without what depends on the clock. */
async function figures(report: StudyReport): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const trial of report.allTrials()) {
    const { seconds: _seconds, worker: _worker, ...rest } = trial as unknown as Record<string, unknown>;
    found.push(JSON.parse(JSON.stringify(rest)) as Record<string, unknown>);
  }
  return found;
}

async function search(jobs: number, sharing: Sharing, objective = 'totalReturn'): Promise<StudyReport> {
  const bundle = await tinyBundle(MARKET, sharing);
  return searchStrategy({
    file,
    market: { bundle, commission: 'percent:0.02' },
    search: 'grid',
    objective,
    jobs,
    seed: 5,
  });
}

describe('a search with vandals between good trials', () => {
  const studies: Promise<Record<string, unknown>[]>[] = [];

  it.each([
    [1, 'mapped'],
    [1, 'shared'],
    [2, 'mapped'],
    [2, 'shared'],
  ] as const)('jobs %i, %s: changes no other trial', async (jobs, sharing) => {
    const report = await search(jobs, sharing);
    const trials = await figures(report);
    studies.push(Promise.resolve(trials));
    expect(trials).toHaveLength(13);
    const good = trials.filter((_, n) => n % 2 === 0);
    expect(new Set(good.map(({ orderStreamHash }) => orderStreamHash)).size).toBe(1);
    expect(new Set(good.map(({ values }) => JSON.stringify(values))).size).toBe(1);
    expect((good[0] as { fills: number }).fills).toBeGreaterThan(100);
    // What is written into a copy or a view reaches no price: even the vandal's own trial is the same.
    for (const vandal of [1, 3]) {
      expect(trials[vandal]!.orderStreamHash).toBe(good[0]!.orderStreamHash);
      expect(trials[vandal]!.values).toEqual(good[0]!.values);
    }
  });

  it('each vandal’s trial ends as it should', async () => {
    const trials = await figures(await search(1, 'mapped'));
    expect(trials[5]).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /STRATEGY_THREW: The strategy failed in handleData at 2021-12-05T00:00:00Z \(bar 704, A, B\): planted/,
      ),
    });
    expect(trials[7]).toMatchObject({ state: 'failed', reason: expect.stringContaining('LOOKAHEAD: ') });
    expect(trials[9]).toMatchObject({ state: 'pruned', reason: 'it never traded' });
    expect(trials[11]).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining("it threw 'no error', which is no Error"),
    });
  });

  it('who never trades does not win, also where all others lose', async () => {
    const report = await search(1, 'mapped');
    expect(report.best!.number).toBe(0);
    expect(report.best!.values[0]).toBeLessThan(0);
    expect(report.trials).toMatchObject({ total: 13, pruned: 1, failed: 3 });
    expect(report.top.map(({ number }) => number)).not.toContain(9);
  });

  it('the study is the same for any number of workers and way of sharing', async () => {
    const whole = await Promise.all(studies);
    expect(whole).toHaveLength(4);
    for (const trials of whole) expect(trials).toEqual(whole[0]);
  });

  it('takes what analyze returns as its objective', async () => {
    const report = await search(1, 'copied', 'good');
    expect(report.best!.values).toEqual([1]);
    expect(report.best!.number).toBe(0);
    await expect(search(1, 'copied', 'goof')).rejects.toThrowError("Did you mean 'good'?");
  });
});

it('a trial that loops for ever fails at its deadline, and the others are done', async () => {
  const loops = join(folder, 'loops.ts');
  writeFileSync(
    loops,
    `import { defineStrategy, int } from 'hindcast';
export default defineStrategy({
  parameters: { n: int(0, 3) },
  handleData({ order, asset, portfolio }, _data, { n }) {
    while (n === 1);
    if (portfolio.position(asset).isFlat) order(asset, 1);
    else order.close(asset);
  },
});`,
  );
  const bundle = await tinyBundle(MARKET, 'shared');
  const report = await searchStrategy({
    file: loops,
    market: { bundle },
    search: 'grid',
    objective: 'totalReturn',
    jobs: 2,
    trialTimeoutMs: 1_500,
  });
  const trials = await figures(report);
  expect(trials.map(({ state }) => state)).toEqual(['complete', 'failed', 'complete', 'complete']);
  expect(trials[1]!.reason).toMatch(/1500 ms|1\.5 s/);
});

describe('random()', () => {
  const draws = join(folder, 'draws.ts');
  writeFileSync(
    draws,
    `import { defineStrategy, int } from 'hindcast';
export default defineStrategy({
  parameters: { n: int(0, 5) },
  sleeves: 'equal',
  handleData({ random, record, asset, order }) {
    record(asset.symbol, random());
    order(asset, 1);
  },
  analyze: (result) => Object.fromEntries(result.recordedNames.flatMap((name) => [[name + '0', result.recorded(name)[0]], [name + '1', result.recorded(name)[1]]])),
});`,
  );
  const drawn = async (jobs: number, seed: number): Promise<number[][]> => {
    const bundle = await tinyBundle(MARKET, 'shared');
    const report = await searchStrategy({
      file: draws,
      market: { bundle },
      search: 'grid',
      objective: 'A0',
      jobs,
      seed,
    });
    return (await figures(report)).map(({ metrics }) =>
      ['A0', 'A1', 'B0', 'B1'].map((name) => (metrics as Record<string, number>)[name]!),
    );
  };

  it('is a stream of each trial and sleeve, the same for any number of workers', async () => {
    const one = await drawn(1, 7);
    const all = one.flat();
    expect(all.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(all).size).toBe(24);
    expect(await drawn(2, 7)).toEqual(one);
    expect((await drawn(1, 8)).flat().some((value) => all.includes(value))).toBe(false);
  });

  it('repeats itself for a seed', async () => {
    const numbers = async (seed: number): Promise<number[]> => {
      const seen: number[] = [];
      await run({ assets: { A: '1 2 3' } }, { handleData: ({ random }) => void seen.push(random()) }, { seed });
      return seen;
    };
    expect(await numbers(1)).toEqual(await numbers(1));
    expect(await numbers(1)).not.toEqual(await numbers(2));
  });
});

describe('one simulation, run again and again', () => {
  const strategy = defineStrategy({
    parameters: { n: int(0, 3) },
    initialize: ({ asset, indicator, portfolio }) => ({
      asset,
      position: portfolio.position(asset),
      mean: indicator(sma(5), asset),
    }),
    handleData({ state: { asset, position, mean }, order }, data, { n }) {
      const view = data.history(asset, 'close', 6, '1d', { returnType: 'array', view: true });
      if (n === 1) (view as unknown as Float64Array).sort();
      if (n === 2) throw new Error('planted');
      if (position.isFlat) {
        if (data.close(asset) > mean.value) order.notional(asset, 'all');
      } else if (data.close(asset) < mean.value) order.close(asset);
    },
  });

  it.each(['mapped', 'shared', 'copied'] as const)(
    'starts from the same state, whatever the run before did (%s)',
    async (sharing) => {
      const bundle = await tinyBundle(MARKET, sharing);
      for (const history of [new DirectHistory(), new HistoryCache()]) {
        const simulation = new Simulation({
          definition: definitionOf(strategy),
          view: viewOf(bundle, {}),
          run: resolveRunOptions({ commission: 'percent:0.001' }),
          indicators: new MemoIndicators(),
          history,
        });
        const trial = (n: number) => {
          try {
            return simulation.summary({ params: { n }, seed: 0, randomLabels: [] });
          } finally {
            bundle.restore();
          }
        };
        const good = trial(0);
        expect(good.fills).toBeGreaterThan(50);
        for (let repetition = 0; repetition < 20; repetition++) {
          if (repetition % 5 === 1) trial(1);
          if (repetition % 5 === 2) expect(() => trial(2)).toThrowError('planted');
          expect(trial(0)).toEqual(good);
        }
        const { result } = simulation.full({ params: { n: 0 }, seed: 0, randomLabels: [] });
        expect(result.orderStreamHash).toBe(good.orderStreamHash);
        expect(result.endingEquity.toString()).toBe(good.endingEquity);
        bundle.restore();
      }
    },
  );

  it('lets no order handle of an earlier run into the next', async () => {
    const bundle = await tinyBundle(MARKET);
    const kept: { cancel(): void }[] = [];
    const simulation = new Simulation({
      definition: definitionOf(
        defineStrategy({
          parameters: {},
          handleData({ order, asset, portfolio }) {
            for (const old of kept.splice(0)) old.cancel();
            if (portfolio.position(asset).isFlat) order(asset, 1);
          },
          analyze: () => ({}),
        }),
      ),
      view: viewOf(bundle, { end: '2020-01-05' }),
      run: resolveRunOptions({}),
      indicators: new MemoIndicators(),
      history: new DirectHistory(),
    });
    const input = { params: {}, seed: 0, randomLabels: [] };
    const first = simulation.summary(input);
    let order: { cancel(): void } | undefined;
    const keeping = new Simulation({
      definition: definitionOf(
        defineStrategy({
          parameters: {},
          handleData({ order: give, asset, portfolio }) {
            order?.cancel();
            order = undefined;
            if (portfolio.position(asset).isFlat) give(asset, 1);
            kept.push(...give.open());
          },
        }),
      ),
      view: viewOf(bundle, { end: '2020-01-01' }),
      run: resolveRunOptions({}),
      indicators: new MemoIndicators(),
      history: new DirectHistory(),
    });
    keeping.summary(input);
    const [stale] = kept.splice(0);
    order = stale;
    const second = keeping.summary(input);
    expect(second.orders).toBe(1);
    expect(kept).toHaveLength(1);
    expect(simulation.summary(input)).toEqual(first);
  });
});

describe('what a strategy is given', () => {
  it('cannot be changed by it', async () => {
    const changed: string[] = [];
    let attempts = 0;
    const attempt = (name: string, change: () => void): void => {
      attempts++;
      try {
        change();
      } catch (error) {
        expect(error, name).toBeInstanceOf(TypeError);
        return;
      }
      changed.push(name);
    };
    const write = (name: string, target: object): void => {
      const loose = target as Record<string, unknown>;
      for (const key of ['made-up', ...Object.keys(target)]) {
        if (key !== 'state') attempt(`${name}.${key}`, () => (loose[key] = 1));
      }
      attempt(`${name} prototype`, () => Object.setPrototypeOf(target, { broken: true }));
    };
    await run(
      { assets: { A: '1 2 3' } },
      {
        initialize(setup, params) {
          for (const [name, target] of Object.entries({ setup, params })) {
            write(name, target);
          }
        },
        handleData(context: Context<void>, data, params) {
          const { portfolio, order, asset, assets, session } = context;
          const given = {
            context,
            data,
            params,
            portfolio,
            order,
            asset,
            assets,
            session,
            position: portfolio.position(asset),
          };
          for (const [name, target] of Object.entries(given)) {
            write(name, target);
          }
        },
      },
    );
    expect(changed).toEqual([]);
    expect(attempts).toBeGreaterThan(100);
  });

  it('may be taken apart: functions stay bound', async () => {
    const result = await run(
      { assets: { A: '10 11 12' } },
      {
        handleData(
          { order, portfolio: { position, held }, symbol, random, record },
          { close, history, canTrade, isStale, current },
        ) {
          const a = symbol('A');
          if (canTrade(a) && !isStale(a) && position(a).isFlat && held().length === 0) order(a, 1);
          record(
            'close',
            close(a) + current(a, 'close') + history(a, 'close', 1).column(a, 'close')[0]! + random() * 0,
          );
        },
      },
    );
    expect([...result.recorded('close')]).toEqual([30, 33, 36]);
  });
});
