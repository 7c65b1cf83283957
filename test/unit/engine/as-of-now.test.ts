import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import type { Series } from '../../../src/indicators/index.js';
import { defineIndicator, ema, sma } from '../../../src/indicators/index.js';
import { dateOf, fillsOf, rowOf, run, runOn, tinyBundle } from '../../helpers/tiny-market.js';

const ratio = defineIndicator({
  name: 'ratio',
  inputs: ['close', 'close'],
  create: () => ({ warmUp: 1, memory: 1, step: (a: number, b: number) => a / b }),
});

/** A slow wave around 400, which turns into one around 100 at a 4:1 split. */
const LENGTH = 260;
const SPLIT = 230;
const wave = (row: number): number => 400 + ((row * 13) % 40) / 10;
const splitMarket = {
  assets: {
    A: Array.from({ length: LENGTH }, (_, row) => (row < SPLIT ? wave(row) : wave(row) / 4).toFixed(4)).join(' '),
    B: Array.from({ length: LENGTH }, () => '50').join(' '),
  },
  splits: [{ symbol: 'A', row: SPLIT, ratio: '4' }],
};

describe('a running strategy over a 4:1 split', () => {
  it('sees an average of 200 bars that does not jump, and its past in the shares of today', async () => {
    const seen: {
      row: number;
      mean: number;
      before: number;
      close: number;
      yesterday: number;
      window: number[];
      volume: number[];
    }[] = [];
    await run(splitMarket, {
      initialize({ symbol, indicator, series }) {
        const asset = symbol('A');
        return { asset, mean: indicator(sma(200), asset), close: series(asset, 'close') };
      },
      handleData({ state: { asset, mean, close }, now }, data) {
        seen.push({
          row: rowOf(now - 1),
          mean: mean.value,
          before: mean.ago(1),
          close: close.value,
          yesterday: close.ago(1),
          window: [...data.history(asset, 'close', 3, '1d', { returnType: 'array' })],
          volume: [...data.history(asset, 'volume', 2, '1d', { returnType: 'array' })],
        });
      },
    });
    expect(seen[0]!.row).toBe(199);
    for (const [at, { row, mean, before, yesterday, window, volume }] of seen.entries()) {
      const shares = row < SPLIT ? 1 : 4;
      let sum = 0;
      for (let past = row - 199; past <= row; past++) sum += wave(past) / shares;
      expect(mean / (sum / 200), `row ${row}`).toBeCloseTo(1, 12);
      expect(yesterday).toBeCloseTo(wave(row - 1) / shares, 10);
      expect(window).toEqual([
        expect.closeTo(wave(row - 2) / shares, 10),
        expect.closeTo(wave(row - 1) / shares, 10),
        expect.closeTo(wave(row) / shares, 10),
      ]);
      if (at > 0) {
        const turned = row === SPLIT ? 4 : 1;
        // Yesterday's average, in the shares of today.
        expect(before / (seen[at - 1]!.mean / turned), `row ${row}`).toBeCloseTo(1, 12);
        expect(Math.abs(mean / before - 1)).toBeLessThan(0.001);
      }
      if (row === SPLIT) expect(volume).toEqual([4 * (1000 + row - 1), 1000 + row]);
    }
  });

  it('sees a pair’s ratio in the shares of today, across the split and beyond', async () => {
    const seen: number[][] = [];
    await run(splitMarket, {
      initialize({ symbol, series, indicator }) {
        const spread = indicator(ratio(), [series(symbol('A'), 'close'), series(symbol('B'), 'close')]);
        return { spread, mean: indicator(sma(3), [spread]), smooth: indicator(ema(3), [spread]) };
      },
      handleData({ state: { spread, mean, smooth } }) {
        const past = (series: Series): number[] => [series.value, series.ago(1), series.ago(2)];
        seen.push([...past(spread), ...past(mean), ...past(smooth)]);
      },
    });
    // The pair is there from the first bar, its average from the third: the first look.
    expect(seen).toHaveLength(LENGTH - 2);
    for (const [at, [now, one, two, mean, before]] of seen.entries()) {
      const row = at + 2;
      const shares = row < SPLIT ? 1 : 4;
      const value = (past: number): number => wave(past) / shares / 50;
      expect(now).toBeCloseTo(value(row), 10);
      expect(one).toBeCloseTo(value(row - 1), 10);
      expect(two).toBeCloseTo(value(row - 2), 10);
      expect(mean).toBeCloseTo((value(row) + value(row - 1) + value(row - 2)) / 3, 10);
      if (row > 2) expect(before).toBeCloseTo((value(row - 1) + value(row - 2) + value(row - 3)) / 3, 10);
    }
  });

  it('and trades no crossing that the split alone made', async () => {
    const result = await run(splitMarket, {
      initialize: ({ symbol, indicator, portfolio }) => ({
        asset: symbol('A'),
        position: portfolio.position(symbol('A')),
        fast: indicator(sma(5), symbol('A')),
        slow: indicator(sma(200), symbol('A')),
      }),
      handleData({ state: { asset, position, fast, slow }, order }) {
        // Fast and slow are never 5 % apart, unless shares are mixed.
        if (position.isFlat && Math.abs(fast.value / slow.value - 1) > 0.05) order(asset, 1);
      },
    });
    expect(result.orders).toBe(0);
  });
});

describe('the first decision', () => {
  const bars = { assets: { A: '1 2 3 4 5 6 7 8 9 10' } };
  const firstOf = async (
    market: typeof bars,
    options: { start?: string; warmUp?: number; declare: (setup: never) => unknown },
  ) => {
    const seen: { row: number; ready: boolean }[] = [];
    const result = await run(
      market,
      {
        ...(options.warmUp === undefined ? {} : { warmUp: () => options.warmUp! }),
        initialize: (setup: never) => options.declare(setup) as Series[],
        handleData({ state, now }: Context<Series[]>) {
          seen.push({ row: rowOf(now - 1), ready: state.every(({ ready }) => ready) });
        },
      } as never,
      options.start === undefined ? {} : { start: options.start },
    );
    return { ...seen[0]!, looks: seen.length, bars: result.equity.length };
  };
  type Declares = {
    indicator(recipe: unknown, source: unknown): Series;
    series(asset: unknown, field: string): Series;
    asset: unknown;
    symbol(name: string): unknown;
  };
  const means =
    (...lengths: number[]) =>
    (setup: never): Series[] =>
      lengths.map((length) => (setup as Declares).indicator(sma(length), (setup as Declares).asset));

  it('falls on the first bar at which all indicators are ready', async () => {
    expect(await firstOf(bars, { declare: means(2, 4, 3) })).toEqual({ row: 3, ready: true, looks: 7, bars: 10 });
  });

  it('falls on the start date where enough bars lie before it', async () => {
    expect(await firstOf(bars, { start: dateOf(5), declare: means(4) })).toEqual({
      row: 5,
      ready: true,
      looks: 5,
      bars: 5,
    });
    expect(await firstOf(bars, { start: dateOf(2), declare: means(4) })).toEqual({
      row: 3,
      ready: true,
      looks: 7,
      bars: 8,
    });
  });

  it('counts the bars that an indicator of an indicator needs', async () => {
    const nested = (setup: never): Series[] => {
      const { indicator, asset } = setup as Declares;
      return [indicator(sma(2), [indicator(sma(3), asset)])];
    };
    expect(await firstOf(bars, { declare: nested })).toMatchObject({ row: 3, ready: true });
  });

  it('does not count missing bars', async () => {
    const gaps = { assets: { A: '1 2 . . 5 6 7 8 9 10' } };
    expect(await firstOf(gaps, { declare: means(3) })).toMatchObject({ row: 4, ready: true });
  });

  it('comes when the strategy says, with its own warm-up', async () => {
    expect(await firstOf(bars, { warmUp: 6, declare: means(2) })).toMatchObject({ row: 5, ready: true });
    expect(await firstOf(bars, { warmUp: 1, declare: means(4) })).toMatchObject({ row: 0, ready: false, looks: 10 });
  });

  it('never comes when the data is too short', async () => {
    expect(await firstOf(bars, { declare: means(11) })).toEqual({ looks: 0, bars: 10 });
  });

  it('waits for no asset that is listed later, but for what is declared over it', async () => {
    const late = { assets: { A: '1 2 3 4 5 6 7 8', B: '- - - - 5 6 7 8' } };
    const both = (setup: never): Series[] =>
      ['A', 'B'].map((name) => (setup as Declares).indicator(sma(2), (setup as Declares).symbol(name)));
    expect(await firstOf(late as never, { declare: both })).toMatchObject({ row: 1, ready: false });
    const pair = (setup: never): Series[] => {
      const { indicator, series, symbol } = setup as Declares;
      return [indicator(ratio(), [series(symbol('A'), 'close'), series(symbol('B'), 'close')])];
    };
    expect(await firstOf(late as never, { declare: pair })).toMatchObject({ row: 4, ready: true });
  });

  it('is each sleeve’s own', async () => {
    const bundle = await tinyBundle({ assets: { A: '1 2 3 4 5 6', B: '- - 3 4 5 6' } });
    const result = runOn(bundle, {
      sleeves: 'equal',
      initialize: ({ asset, indicator }) => ({ mean: indicator(sma(2), asset), asset }),
      handleData({ state: { mean, asset }, order, portfolio }) {
        expect(mean.ready).toBe(true);
        if (portfolio.position(asset).isFlat) order(asset, 1);
      },
    });
    expect(fillsOf(result)).toEqual(['2 A 1 @ 3', '4 B 1 @ 5']);
  });
});
