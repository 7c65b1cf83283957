import { describe, expect, it } from 'vitest';
import type { Field, Indicator, Setup } from '../../../src/index.js';
import {
  beta,
  bollinger,
  correlation,
  crossedAbove,
  crossedBelow,
  ema,
  highest,
  linearRegression,
  macd,
  obv,
  percentRank,
  rsi,
  type Series,
  sma,
  stochastic,
} from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';
import { fillsOf, rowOf, run } from '../../helpers/tiny-market.js';

/** Closes that swing in waves of about 30 bars, with ranges around them. */
const closes = Array.from(
  { length: 120 },
  (_, row) => 100 + Math.abs(((row * 7) % 200) - 100) / 2 + ((row * 13) % 7) / 10,
);
const text = closes.map((close) => `${close.toFixed(1)}:${(close - 1).toFixed(1)}-${(close + 2).toFixed(1)}`).join(' ');
const market = { assets: { A: text } };

const close = Float64Array.from(closes, (value) => Number(value.toFixed(1)));
const bars = {
  close,
  high: Float64Array.from(closes, (value) => Number((value + 2).toFixed(1))),
  low: Float64Array.from(closes, (value) => Number((value - 1).toFixed(1))),
  volume: Float64Array.from(closes, (_, row) => 1000 + row),
};

describe('in a running strategy', () => {
  it('outputs are series by name, ready together, and cross', async () => {
    const crossings: string[] = [];
    await run(market, {
      initialize: ({ symbol, indicator }) => indicator(macd(5, 10, 4), symbol('A')),
      handleData({ state: { macd: line, signal, histogram }, now }) {
        expect([line.ready, signal.ready, histogram.ready]).toEqual([true, true, true]);
        expect(line.value - signal.value).toBe(histogram.value);
        if (crossedAbove(line, signal)) crossings.push(`${rowOf(now - 1)} up`);
        if (crossedBelow(line, signal)) crossings.push(`${rowOf(now - 1)} down`);
      },
    });
    const { histogram } = steps(macd(5, 10, 4), bars, 0);
    const expected: string[] = [];
    for (let row = 1; row < closes.length; row++) {
      const [now, before] = [histogram![row]!, histogram![row - 1]!];
      if (now > 0 && before <= 0) expected.push(`${row} up`);
      if (now < 0 && before >= 0) expected.push(`${row} down`);
    }
    expect(crossings).toEqual(expected);
    expect(crossings.length).toBeGreaterThan(5);
  });

  it('the first decision waits for the slowest of them', async () => {
    const rows: number[] = [];
    await run(market, {
      initialize: ({ symbol, indicator }) => [
        indicator(stochastic(14, 3, 3), symbol('A')).d,
        indicator(bollinger(20), symbol('A')).upper,
        indicator(linearRegression(9), symbol('A')).slope,
      ],
      handleData({ state, now }) {
        for (const series of state) expect(series.ready).toBe(true);
        rows.push(rowOf(now - 1));
      },
    });
    expect(rows[0]).toBe(19);
  });

  it('an indicator of an indicator is what it is over the other one’s values', async () => {
    const seen: number[][] = [];
    await run(market, {
      initialize({ symbol, indicator }) {
        const balance = indicator(obv(), symbol('A'));
        const { histogram } = indicator(macd(3, 6, 3), symbol('A'));
        const { d } = indicator(stochastic(5, 2, 2), symbol('A'));
        return [
          indicator(ema(4), [balance]),
          indicator(percentRank(5), [histogram]),
          indicator(bollinger(6, 1), [d]).lower,
        ] as const;
      },
      handleData({ state, now }) {
        seen.push([rowOf(now - 1), ...state.map((series) => series.value)]);
      },
    });
    const after = (values: Float64Array): Float64Array =>
      values.subarray(values.findIndex((value) => !Number.isNaN(value)));
    const over = (values: Float64Array, recipe: Parameters<typeof steps>[0], output = 'value'): Float64Array => {
      const inner = after(values);
      const result = steps(recipe, { close: inner, high: inner, low: inner, volume: inner }, 0)[output]!;
      const whole = new Float64Array(values.length).fill(Number.NaN);
      whole.set(result, values.length - result.length);
      return whole;
    };
    const smooth = over(steps(obv(), bars, 0).value!, ema(4));
    const rank = over(steps(macd(3, 6, 3), bars, 0).histogram!, percentRank(5));
    const lower = over(steps(stochastic(5, 2, 2), bars, 0).d!, bollinger(6, 1), 'lower');
    expect(seen[0]![0]).toBe(12 - 1);
    for (const [row, ...values] of seen) expect(values).toEqual([smooth[row!], rank[row!], lower[row!]]);
  });

  it('correlation and beta take the closes of two assets, across a split of one of them', async () => {
    const other = close.map((value, row) => Number((2 * value + (row % 3)).toFixed(1)));
    const split = 80;
    const raw = [...other].map((value, row) => (row < split ? 4 * value : value));
    const seen: number[][] = [];
    await run(
      {
        assets: { A: text, B: raw.map((value) => value.toFixed(1)).join(' ') },
        splits: [{ symbol: 'B', row: split, ratio: '4' }],
      },
      {
        initialize({ symbol, indicator, series }) {
          const pair: readonly [Series, Series] = [series(symbol('A'), 'close'), series(symbol('B'), 'close')];
          return [indicator(correlation(8), pair), indicator(beta(8), pair)] as const;
        },
        handleData({ state: [together, slope], now }) {
          seen.push([rowOf(now - 1), together.value, slope.value, together.ago(1)]);
        },
      },
    );
    const runPair = (recipe: ReturnType<typeof correlation>): number[] => {
      const step = recipe.start().step as unknown as (x: number, y: number) => number;
      return Array.from(close, (value, row) => step(value, other[row]!));
    };
    const [together, slope] = [runPair(correlation(8)), runPair(beta(8))];
    expect(seen[0]![0]).toBe(8);
    for (const [row, value, rise, before] of seen) {
      expect(value).toBeCloseTo(together[row!]!, 10);
      expect(rise).toBeCloseTo(slope[row!]!, 10);
      if (row! > 8) expect(before).toBeCloseTo(together[row! - 1]!, 10);
    }
  });

  it('bands and a mean of theirs decide orders', async () => {
    const result = await run(market, {
      initialize: ({ symbol, indicator, series, portfolio }) => ({
        asset: symbol('A'),
        position: portfolio.position(symbol('A')),
        close: series(symbol('A'), 'close'),
        bands: indicator(bollinger(10, 1), symbol('A')),
        middle: indicator(sma(10), symbol('A')),
      }),
      handleData({ state: { asset, position, close: price, bands, middle }, order }) {
        expect(bands.middle.value).toBe(middle.value);
        if (position.isFlat && crossedBelow(price, bands.lower)) order(asset, 10);
        else if (!position.isFlat && crossedAbove(price, bands.middle)) order.target(asset, 0);
      },
    });
    const { lower, middle } = steps(bollinger(10, 1), bars, 0);
    const expected: string[] = [];
    let isHeld = false;
    for (let row = 10; row < closes.length - 1; row++) {
      const isBelow = close[row]! < lower![row]! && close[row - 1]! >= lower![row - 1]!;
      const isAbove = close[row]! > middle![row]! && close[row - 1]! <= middle![row - 1]!;
      const quantity = !isHeld && isBelow ? 10 : isHeld && isAbove ? -10 : 0;
      if (quantity === 0) continue;
      isHeld = !isHeld;
      expected.push(`${row + 1} A ${quantity} @ ${close[row + 1]!}`);
    }
    expect(fillsOf(result)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(3);
  });
});

it.each<[Indicator<readonly Field[], string>, string]>([
  [highest(3), 'indicator highest over series takes a list of 1, [series], and was given a series that is in none.'],
  [
    correlation(5),
    'indicator correlation over series takes a list of 2, [series, series2], and was given a series that is in none.',
  ],
])('a series that is in no list is answered with the list that it belongs in', async (recipe, text) => {
  const initialize = ({ symbol, indicator }: Setup) => {
    indicator(recipe, indicator(rsi(3), symbol('A')) as never);
  };
  await expect(run(market, { initialize, handleData() {} })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(text),
  });
});
