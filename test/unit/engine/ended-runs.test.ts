import { describe, expect, it } from 'vitest';
import { DirectHistory } from '../../../src/data/history.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { Simulation } from '../../../src/engine/simulation.js';
import { definitionOf } from '../../../src/engine/strategy.js';
import {
  type Asset,
  type BacktestResult,
  backtest,
  type Context,
  crossedAbove,
  crossedBelow,
  defineIndicator,
  defineStrategy,
  type Indicator,
  type Series,
  type Setup,
  sma,
} from '../../../src/index.js';
import { MemoIndicators } from '../../../src/indicators/columns.js';
import { walkBundle } from '../../helpers/walk-market.js';

/** As many rows as columns have whose memory the next run takes. */
const ROWS = 16_384;

const band = defineIndicator({
  name: 'band',
  inputs: ['high', 'low'],
  outputs: ['upper', 'lower'],
  create: () => ({
    warmUp: 1,
    memory: 1,
    step: (out, high, low) => {
      out.upper = high;
      out.lower = low;
    },
  }),
});

type Makes = (setup: Setup, asset: Asset) => Series;

/** What a strategy can give to an indicator over series. */
const MADE: Record<string, Makes> = {
  'a field': ({ series }, asset) => series(asset, 'close'),
  'an indicator': ({ indicator }, asset) => indicator(sma(5), asset),
  'an indicator over series': ({ series, indicator }, asset) => indicator(sma(3), [series(asset, 'open')]),
  'one output of several': ({ indicator }, asset) => indicator(band(), asset).upper,
};

/** A strategy that computes an indicator over what `source` gives. */
const over = (source: (setup: Setup) => Series) =>
  defineStrategy({
    parameters: {},
    initialize: (setup) => setup.indicator(sma(40) as Indicator<readonly ['close'], 'value'>, [source(setup)]),
    handleData: ({ record, state }) => record('mean', state.value),
  });

const simulationOf = async (strategy: Parameters<typeof definitionOf>[0]) =>
  new Simulation({
    definition: definitionOf(strategy),
    view: viewOf(await walkBundle(60), {}),
    run: resolveRunOptions({}),
    indicators: new MemoIndicators(),
    history: new DirectHistory(),
  });

const INPUT = { params: {}, seed: 0, randomLabels: [] };
const OTHER_RUN = expect.objectContaining({
  code: 'SERIES_OF_OTHER_RUN',
  message: expect.stringContaining('call series() or indicator() for it in this initialize'),
});

describe('a series that a strategy keeps of an ended run', () => {
  it.each(Object.entries(MADE))('is refused as the source of an indicator: %s', async (_, make) => {
    const bundle = await walkBundle(ROWS);
    const kept: Series[] = [];
    const keeping = over((setup) => {
      kept.push(make(setup, setup.asset));
      return kept.at(-1)!;
    });
    const { recorded } = await backtest(keeping, { bundle });
    expect(recorded('mean').at(-1)).toBeGreaterThan(0);
    await expect(
      backtest(
        over(() => kept[0]!),
        { bundle },
      ),
    ).rejects.toThrow(OTHER_RUN);
    // Of the run's own it is taken as ever.
    const again = await backtest(keeping, { bundle });
    expect(again.recorded('mean')).toEqual(recorded('mean'));
  });

  it('is refused in the next trial of a search as well, where both runs have one clock', async () => {
    const kept: Series[] = [];
    const strategy = defineStrategy({
      parameters: {},
      initialize(setup) {
        kept.push(setup.indicator(sma(5 + kept.length), setup.asset));
        return setup.indicator(sma(2), [kept[0]!]);
      },
      handleData: () => {},
    });
    const simulation = await simulationOf(strategy);
    simulation.summary(INPUT);
    expect(() => simulation.summary(INPUT)).toThrow(OTHER_RUN);
  });

  it('is refused in another account of the same run', async () => {
    const bundle = await walkBundle(60, { assets: 2 });
    let first: Series | undefined;
    const strategy = defineStrategy({
      parameters: {},
      sleeves: 'equal',
      initialize({ asset, series, indicator }) {
        first ??= series(asset, 'close');
        return indicator(sma(2), [first]);
      },
      handleData: () => {},
    });
    await expect(backtest(strategy, { bundle })).rejects.toThrow(OTHER_RUN);
  });

  it.each(Object.entries(MADE))('has no value in a later run: %s', async (_, make) => {
    const kept: Series[] = [];
    const seen: unknown[] = [];
    const strategy = defineStrategy({
      parameters: {},
      initialize(setup) {
        if (kept.length === 0) kept.push(make(setup, setup.asset));
        return { own: setup.indicator(sma(2), setup.asset), isFirst: seen.length === 0 };
      },
      handleData({ state: { own } }) {
        const [old] = kept as [Series];
        seen.push([old.value, old.ago(0), old.ago(3), old.ready, crossedAbove(old, own), crossedBelow(own, old)]);
      },
    });
    const simulation = await simulationOf(strategy);
    simulation.summary(INPUT);
    expect(seen.at(-1)).not.toContain(Number.NaN);
    seen.length = 0;
    simulation.summary(INPUT);
    expect(seen.length).toBeGreaterThan(50);
    for (const values of seen) expect(values).toEqual([Number.NaN, Number.NaN, Number.NaN, false, false, false]);
  });

  it('has no value where the next run belongs to another simulation', async () => {
    const kept: Series[] = [];
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ asset, indicator }) => kept.push(indicator(sma(5), asset)),
      handleData: () => {},
    });
    (await simulationOf(strategy)).full(INPUT);
    expect([kept[0]!.value, kept[0]!.ready]).toEqual([Number.NaN, false]);
  });

  it('still has its last value in analyze', async () => {
    let seen: number | undefined;
    let kept: Series | undefined;
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ asset, series }) => {
        kept = series(asset, 'close');
      },
      handleData: () => {},
      analyze() {
        seen = kept!.value;
        return {};
      },
    });
    const bundle = await walkBundle(60);
    await backtest(strategy, { bundle });
    expect(seen).toBe(bundle.groups[0]!.listings[0]!.column('close').at(-1));
  });
});

describe('a context that a strategy keeps of an ended run', () => {
  const keeping = (kept: (Context | Setup)[]) =>
    defineStrategy({
      parameters: {},
      initialize: (setup) => {
        kept.push(setup);
      },
      handleData(context, data) {
        if (kept.at(-1) !== context) kept.push(context as unknown as Context);
        context.record('close', data.close(context.asset));
        context.order.targetPercent(context.asset, data.close(context.asset) > 100 ? 1 : 0);
      },
    });
  const figures = ({ fills, equity, endingEquity, orderStreamHash, recorded, recordedNames, orders }: BacktestResult) =>
    structuredClone([
      fills.length,
      equity,
      endingEquity.toString(),
      orderStreamHash,
      recorded('close'),
      recordedNames,
      orders,
    ]);

  it('changes nothing in the result of its run, nor in that of a later one', async () => {
    const kept: (Context | Setup)[] = [];
    const bundle = await walkBundle(500);
    const result = await backtest(keeping(kept), { bundle });
    const before = figures(result);
    const old = kept[1] as Context;
    const late = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    };
    const meddling = defineStrategy({
      parameters: {},
      handleData(context, data) {
        late(() => old.record('close', 1));
        late(() => old.record('late', 1));
        late(() => old.order(old.asset, 5));
        context.record('close', data.close(context.asset));
        context.order.targetPercent(context.asset, data.close(context.asset) > 100 ? 1 : 0);
      },
    });
    expect(figures(await backtest(meddling, { bundle }))).toEqual(before);
    expect(figures(result)).toEqual(before);
  });

  it('records and declares nothing more, and says so', async () => {
    const kept: (Context | Setup)[] = [];
    const bundle = await walkBundle(60);
    await backtest(keeping(kept), { bundle });
    const [setup, context] = kept as [Setup, Context];
    expect(() => context.record('close', 1)).toThrow(
      expect.objectContaining({
        code: 'RECORDED_TOO_LATE',
        message: expect.stringContaining('each handler is given its own'),
      }),
    );
    expect(() => setup.series(setup.asset, 'close')).toThrow(expect.objectContaining({ code: 'DECLARED_TOO_LATE' }));
  });
});

it('a window that a strategy keeps of an ended run holds what it held', async () => {
  const bundle = await walkBundle(ROWS);
  const kept: ArrayLike<number>[] = [];
  const strategy = defineStrategy({
    parameters: {},
    initialize: ({ asset, indicator }) => ({ asset, mean: indicator(sma(7), asset) }),
    handleData({ state: { asset } }, data) {
      if (kept.length >= 4) return;
      kept.push(data.history(asset, 'close', 10, '1d', { returnType: 'array', view: true }));
      kept.push(data.history(asset, 'close', 10, '1d', { returnType: 'array' }));
    },
  });
  await backtest(strategy, { bundle });
  const before = kept.map((window) => Array.from(window));
  await backtest(strategy, { bundle });
  await backtest(
    over(({ asset, indicator }) => indicator(sma(9), asset)),
    { bundle },
  );
  expect(kept.map((window) => Array.from(window))).toEqual(before);
});
