import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { type BundleDraft, bundleFromColumns } from '../../../src/data/index.js';
import { runOnce } from '../../../src/engine/backtest.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { definitionOf } from '../../../src/engine/strategy.js';
import { defineStrategy, float, int } from '../../../src/index.js';
import { compounded, METRIC_NAMES } from '../../../src/metrics/index.js';
import { distributionOf } from '../../../src/validate/robustness/distribution.js';
import { bootstrapReturns, permuteTrades } from '../../../src/validate/robustness/monte-carlo.js';
import { changeMarket, type MarketChange } from '../../../src/validate/robustness/other-markets.js';
import { heldReturns } from '../../../src/validate/robustness/position-directions.js';
import { randomEntry } from '../../../src/validate/robustness/random-entry.js';
import { findPlateau, stabilityOf } from '../../../src/validate/robustness/stability.js';
import { studyPlateau } from '../../../src/validate/robustness/study-plateau.js';
import { randomMarket, tinyOf } from '../../helpers/random-market.js';
import { expectSame, expectWithin } from '../../helpers/same.js';
import { tinyDraft } from '../../helpers/tiny-market.js';

const normal = (seed: number, length: number, drift = 0): Float64Array => {
  const random = SeededRandom.derive(seed, 'returns');
  return Float64Array.from({ length }, () => 0.01 * (random.normal() + drift));
};

describe('a spread', () => {
  it('has the quantiles of what is known', () => {
    const values = [5, null, 1, undefined, Number.NaN, 3, 2, 4];
    expect(distributionOf(values)).toEqual({ runs: 5, mean: 3, p5: 1.2, p25: 2, median: 3, p75: 4, p95: 4.8 });
    expect(distributionOf([null])).toBeUndefined();
  });
});

describe('the bootstrap of returns', () => {
  it.each(['stationary', 'block', 'independent'] as const)('by %s draws lies around the record', (method) => {
    const returns = normal(1, 750, 0.08);
    const options = { sessionsPerYear: 252, seed: 3, method, runs: 400 };
    const found = bootstrapReturns(returns, options);
    expect(found).toMatchObject({ method, runs: 400 });
    const own = returns.reduce((growth, value) => growth * (1 + value), 1) - 1;
    const { totalReturn, maxDrawdown, sharpe } = found.figures;
    expect(totalReturn!.p5).toBeLessThan(own);
    expect(totalReturn!.p95).toBeGreaterThan(own);
    expect(sharpe!.p5).toBeLessThan(sharpe!.median);
    expect(maxDrawdown!.p5).toBeGreaterThan(0);
    expect(bootstrapReturns(returns, options)).toEqual(found);
    expect(bootstrapReturns(returns, { ...options, seed: 4 })).not.toEqual(found);
  });

  it('of returns that are all the same is certain, and needs two', () => {
    const found = bootstrapReturns(new Float64Array(10).fill(0.01), { sessionsPerYear: 252, seed: 1, runs: 5 });
    expect(found.probabilityOfLoss).toBe(0);
    expect(found.figures.totalReturn!.p5).toBeCloseTo(found.figures.totalReturn!.p95, 12);
    expect(found.figures.sharpe).toBeUndefined();
    expect(() => bootstrapReturns(Float64Array.of(1), { sessionsPerYear: 252, seed: 1 })).toThrow(
      /at least two returns/,
    );
  });
});

describe('the permutation of trades', () => {
  const options = { startingCash: 100, seed: 1, runs: 50 };

  it('gives the figures of the path by hand', () => {
    // 100, 110, 90, 80, 120: the fall is 30 of 110, two trades below the peak, two losses in a row.
    const found = permuteTrades(Float64Array.of(10, -20, -10, 40), options);
    expect(found.recorded).toEqual({
      maxDrawdown: 30 / 110,
      longestDrawdown: 2,
      longestLosingStreak: 2,
      lowestValue: 80,
    });
    expect(found.by).toBe('share');
    expect(found.figures.longestLosingStreak!.p95).toBe(2);
    // Both losses first is the worst order: 20 of 110, then 10 of 90.
    expect(found.figures.lowestValue!.p5).toBeCloseTo(100 * (1 - 20 / 110) * (1 - 10 / 90), 12);
    const inMoney = permuteTrades(Float64Array.of(10, -20, -10, 40), { ...options, by: 'money' });
    expect([inMoney.by, inMoney.figures.lowestValue!.p5]).toEqual(['money', 70]);
  });

  it('takes the losses of an account that has grown along as shares: no order ruins it', () => {
    // Ten doublings, each with a loss of a tenth behind it: in money the last loss is 37 times the first cash.
    const profits: number[] = [];
    let value = 100;
    for (let pair = 0; pair < 10; pair++) {
      profits.push(value, -0.2 * value);
      value += 0.8 * value;
    }
    const found = permuteTrades(Float64Array.from(profits), options);
    expect(found.recorded.maxDrawdown).toBeCloseTo(0.1, 12);
    expect(found.figures.maxDrawdown!.p95).toBeLessThan(0.66);
    expect(
      permuteTrades(Float64Array.from(profits), { ...options, by: 'money' }).figures.maxDrawdown!.p95,
    ).toBeGreaterThan(1);
  });

  it('goes by money where a trade left nothing of the account, the last one too, and refuses shares there', () => {
    const profits = Float64Array.of(-100, 20);
    expect(permuteTrades(profits, options).by).toBe('money');
    const ruined = permuteTrades(Float64Array.of(50, -60, -95), options);
    expect([ruined.by, ruined.figures.longestLosingStreak!.p5 >= 1, ruined.figures.longestLosingStreak!.p95]).toEqual([
      'money',
      true,
      2,
    ]);
    expect(() => permuteTrades(profits, { ...options, by: 'share' })).toThrow(/left nothing of the account/);
    expect(() => permuteTrades(profits, { ...options, by: 'shares' as never })).toThrow(
      /by is one of share, money, not 'shares'/,
    );
  });

  it('gives the figures that it was asked for, the same as among all of them', () => {
    const profits = Float64Array.of(10, -20, -10, 40);
    const all = permuteTrades(profits, options);
    const two = permuteTrades(profits, { ...options, figures: ['lowestValue', 'maxDrawdown'] });
    const { maxDrawdown, lowestValue } = all.figures;
    expect(two.figures).toEqual({ maxDrawdown, lowestValue });
    expect(two.recorded).toEqual({ maxDrawdown: 30 / 110, lowestValue: 80 });
    expect(Object.keys(all.figures)).toEqual(Object.keys(all.recorded));
    expect(Object.keys(all.figures)).toHaveLength(4);
  });

  it('refuses figures that no order changes, and says what to use', () => {
    for (const figure of ['sharpe', 'totalReturn', 'winRate', 'profitFactor']) {
      expect(() => permuteTrades(Float64Array.of(1, 2), { ...options, figures: [figure] })).toThrow(
        `${figure} is the same in every order of the trades: a permutation would show a certainty that is none. Use the bootstrap of returns instead`,
      );
    }
    expect(() => permuteTrades(Float64Array.of(1), { ...options, figures: ['drawdown'] })).toThrow(/not 'drawdown'/);
    expect(() => permuteTrades(new Float64Array(0), options)).toThrow(/no trade/);
    // Each metric of a run is either refused or one of the path.
    for (const name of METRIC_NAMES.filter((metric) => !['maxDrawdown', 'calmar'].includes(metric))) {
      expect(() => permuteTrades(Float64Array.of(1), { ...options, figures: [name] })).toThrow(/same in every order/);
    }
  });

  it('falls by no more than all losses after each other, in money or as shares', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 60 }), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        (profits, seed) => {
          const permuted = { startingCash: 10_000, seed, runs: 3 };
          const found = permuteTrades(Float64Array.from(profits), permuted);
          let [value, left] = [10_000, 10_000];
          for (const profit of profits) {
            left *= Math.min(1, 1 + profit / value);
            value += profit;
          }
          expect(found.figures.lowestValue!.p5).toBeGreaterThanOrEqual(left * (1 - 1e-12));
          expect(
            permuteTrades(Float64Array.from(profits), { ...permuted, by: 'money' }).figures.lowestValue!.p5,
          ).toBeGreaterThanOrEqual(10_000 - profits.reduce((s, p) => s + Math.max(0, -p), 0));
          expect(found.figures.longestLosingStreak!.p95).toBeLessThanOrEqual(profits.filter((p) => p < 0).length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the test of entries', () => {
  const rule = (returns: Float64Array, knows: boolean, seed: number): Int8Array => {
    const random = SeededRandom.derive(seed, 'rule');
    const held = new Int8Array(returns.length);
    for (let bar = 0; bar < held.length; bar += 4) {
      const sum = returns.slice(bar, bar + 4).reduce((a, b) => a + b, 0);
      const enters = knows ? sum + 0.03 * random.normal() > 0.01 : random.next() < 0.4;
      if (enters) held.fill(1, bar, bar + 4);
    }
    return held;
  };

  it('finds an edge, and of noise gives p that is uniform', () => {
    const returns = normal(1, 1200);
    expect(randomEntry([returns], [rule(returns, true, 1)], { seed: 1 })!.p).toBeLessThan(0.01);
    const ps = Array.from({ length: 200 }, (_, seed) => {
      const own = normal(seed, 200);
      return randomEntry([own], [rule(own, false, seed)], { seed, runs: 200 })!.p;
    }).sort((a, b) => a - b);
    // Kolmogorov and Smirnov's distance from the uniform distribution: 1.63 / sqrt(200) is passed once in a hundred.
    const distance = Math.max(...ps.map((p, k) => Math.max(Math.abs(p - k / 200), Math.abs(p - (k + 1) / 200))));
    expect(distance).toBeLessThan(1.63 / Math.sqrt(200));
  });

  it('keeps assets together that are held together, and judges short positions', () => {
    const returns = normal(2, 400);
    const held = Int8Array.from(returns, (value) => (value > 0 ? 1 : -1));
    const twice = randomEntry([returns, returns], [held, held], { seed: 1, runs: 300 })!;
    const once = randomEntry([returns], [held], { seed: 1, runs: 300 })!;
    expect(twice.recorded).toBeCloseTo(once.recorded, 12);
    expect(twice.random.p95).toBeCloseTo(once.random.p95, 12);
    expect(once.recorded).toBeGreaterThan(0);
    expect(once.p).toBeCloseTo(1 / 301, 12);
  });

  it('counts the bars that an asset has, and no rows on which others trade alone', () => {
    const bar = fc.record({
      value: fc.integer({ min: -50, max: 50 }),
      held: fc.constantFrom(-1, 0, 1),
      rows: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(bar, { minLength: 2, maxLength: 40 }), (bars) => {
        const returns = Float64Array.from(bars, ({ value }) => value / 1000);
        const held = Int8Array.from(bars, (each) => each.held);
        // Rows without a bar go before the one that then shows the return over all of them, as over a weekend.
        const spread = bars.flatMap(({ value, rows }) => [...Array<number>(rows).fill(Number.NaN), value / 1000]);
        const carried = bars.flatMap((each) => Array<number>(each.rows + 1).fill(each.held));
        const own = randomEntry([returns], [held], { seed: 1, runs: 5 });
        const among = randomEntry([Float64Array.from(spread)], [Int8Array.from(carried)], { seed: 1, runs: 5 });
        expect(among?.recorded).toBe(own?.recorded);
        expect(among?.spells).toBe(own?.spells);
      }),
      { numRuns: 1_000 },
    );
    const [nan, one] = [Number.NaN, Int8Array.of(0, 1, 0)];
    expect(randomEntry([Float64Array.of(0.1, nan, 0.1)], [one], { seed: 1 })).toBeUndefined();
    expect(randomEntry([Float64Array.of(0.1, 0.2, nan)], [one], { seed: 1 })!.random.p5).toBe(0);
  });

  it('gives p that is uniform for noise that has no bars on two days of seven', () => {
    const ps = Array.from({ length: 200 }, (_, seed) => {
      const own = normal(seed, 350, 0.2).map((value, row) => (row % 7 > 4 ? Number.NaN : value));
      return randomEntry([own], [rule(own, false, seed)], { seed, runs: 200 })!.p;
    }).sort((a, b) => a - b);
    const distance = Math.max(...ps.map((p, k) => Math.max(Math.abs(p - k / 200), Math.abs(p - (k + 1) / 200))));
    expect(distance).toBeLessThan(1.63 / Math.sqrt(200));
  });

  it('has nothing to test where nothing was held, or the same all the time', () => {
    const returns = normal(1, 50);
    expect(randomEntry([returns], [new Int8Array(50)], { seed: 1 })).toBeUndefined();
    expect(randomEntry([returns], [new Int8Array(50).fill(1)], { seed: 1 })).toBeUndefined();
    expect(randomEntry([], [], { seed: 1 })).toBeUndefined();
  });
});

describe('directions and returns of what was held', () => {
  it('follow fills, splits and dividends', async () => {
    const bundle = await bundleFromColumns(
      tinyDraft({
        assets: { A: '10 12 6 6.5 7 8' },
        splits: [{ symbol: 'A', row: 2, ratio: '2' }],
        dividends: [{ symbol: 'A', row: 4, amount: '0.5' }],
      }),
    );
    onTestFinished(() => bundle[Symbol.dispose]());
    const view = viewOf(bundle, {});
    const strategy = defineStrategy({
      parameters: {},
      initialize: () => ({ bar: -1 }),
      handleData({ state, order, asset }) {
        state.bar++;
        if (state.bar === 0) order(asset, 10);
        if (state.bar === 3) order.close(asset);
      },
    });
    const run = resolveRunOptions({});
    const { result } = runOnce(definitionOf(strategy as never), view, run, { params: {}, seed: 0, trial: 0 });
    const { returns, held } = heldReturns(view, result, run);
    // At the closes of the same bars, each of which ends as the next one begins.
    const late = resolveRunOptions({ fill: 'next-close' });
    const closing = runOnce(definitionOf(strategy as never), view, late, { params: {}, seed: 0, trial: 0 });
    expect([...heldReturns(view, closing.result, late).held[0]!]).toEqual([0, 1, 1, 1, 0]);
    // Bought at the opening of bar 1, sold at that of bar 4; 20 units after the split.
    expect([...held[0]!]).toEqual([0, 1, 1, 1, 0]);
    expect([...returns[0]!].map((value) => Number(value.toFixed(6)))).toEqual([
      0.2, // 10 to 12
      0, // 12 to 2 * 6
      Number((6.5 / 6 - 1).toFixed(6)),
      Number((7.5 / 6.5 - 1).toFixed(6)),
      Number((8 / 7 - 1).toFixed(6)),
    ]);
  });
});

describe('stability', () => {
  it('is 1 where nothing changes, 0 where all is gone, by hand between', () => {
    expect(stabilityOf(2, [2, 2])).toBe(1);
    expect(stabilityOf(2, [-2, undefined])).toBe(0);
    expect(stabilityOf(1, [3])).toBe(0.5);
    expect(stabilityOf(0, [0])).toBe(1);
    expect([stabilityOf(undefined, [1]), stabilityOf(1, [])]).toEqual([undefined, undefined]);
  });

  it('does not change with the unit of the objective', () => {
    const value = fc.integer({ min: -10_000, max: 10_000 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(
        value,
        fc.array(value, { minLength: 1 }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        (base, others, unit) => {
          const scaled = stabilityOf(
            base * unit,
            others.map((other) => other * unit),
          )!;
          expect(scaled).toBeCloseTo(stabilityOf(base, others)!, 9);
          expect(scaled).toBeGreaterThanOrEqual(0);
          expect(scaled).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a plateau', () => {
  it('is preferred to a peak, and to a corner', () => {
    // A peak of 9 among zeros, and a plateau of 5.
    const values = [0, 0, 0, 5, 5, 5, 0, 9, 0];
    const points = values.map((value, place) => ({ places: [place], value }));
    expect(findPlateau(points, [true], 1)).toEqual({ centre: 4, mean: 5, least: 5, points: 3, stability: 1 });
    expect(
      findPlateau(
        points.map(({ places, value }) => ({ places, value: -value })),
        [true],
        -1,
      )!.centre,
    ).toBe(4);
    expect(findPlateau([], [true], 1)).toBeUndefined();
  });

  const curveOf = (values: readonly number[]) => values.map((value, place) => ({ places: [place], value }));

  it.each<[values: number[], centre: number]>([
    [[9, 3, 0, 5, 5, 5, 0], 4], // (9 + 3) / 2 = 6 is of two only
    [[0, 5, 5, 5, 0, 3, 9], 2],
    [[9, 8, 0, 5, 5, 5, 0], 0], // beside a good one an edge may win
    [[4, 4, 4, 4, 4], 1], // of equal ones the larger
    [[9, 0, 0], 1],
    [[-17, -17, 34], 1], // equal at 0, where sums round
  ])('at an edge does not win by having fewer neighbours: %j', (values, centre) => {
    expect(findPlateau(curveOf(values), [true], 1)!.centre).toBe(centre);
    const lowest = curveOf(values.map((value) => -value));
    expect(findPlateau(lowest, [true], -1)!.centre).toBe(centre);
  });

  it('at an edge wins only where it would with as bad neighbours on the other side, and always is what a count by hand says', () => {
    let edges = 0;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 12 }), (values) => {
        const last = values.length - 1;
        const found = findPlateau(curveOf(values), [true], 1)!;
        const worse = (at: number, beside: number): number => Math.min(values[at]!, values[beside]!);
        const long = [worse(0, 1), ...values, worse(last, last - 1)];
        const sums = values.map((value, at) => long[at]! + value + long[at + 2]!);
        expect(sums[found.centre]).toBe(Math.max(...sums));
        const isEdge = found.centre === 0 || found.centre === last;
        if (isEdge) {
          edges++;
          expect(sums[found.centre]).toBeGreaterThan(Math.max(...sums.slice(1, -1)));
        }
        // Prolonged by its own worse values, the curve has its plateau in the same place.
        expect(sums[findPlateau(curveOf(long), [true], 1)!.centre - 1]).toBe(sums[found.centre]);
        const shown = values.slice(Math.max(0, found.centre - 1), found.centre + 2);
        expect(found.points).toBe(shown.length);
        expect(found.mean).toBeCloseTo(shown.reduce((sum, value) => sum + value, 0) / shown.length, 9);
        expect(found.least).toBe(Math.min(...shown));
      }),
      { numRuns: 1000 },
    );
    expect(edges).toBeGreaterThan(50);
  });

  it('does not change with the unit of a parameter', () => {
    const space = { length: int(1, 400), share: float(0, 1) };
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 12 }),
        fc.integer({ min: 2, max: 20 }),
        fc.nat(),
        (lengths, unit, seed) => {
          const random = SeededRandom.derive(seed);
          const trials = lengths.map((length, number) => ({
            number,
            params: { length, share: Math.round(random.next() * 4) / 4 },
            enqueued: false,
            foreign: false,
            state: 'complete' as const,
            ending: { state: 'complete' as const, values: [random.normal()] as [number] },
          }));
          const scaled = trials.map((trial) => ({
            ...trial,
            params: { length: trial.params.length * unit, share: trial.params.share * unit },
          }));
          const [one, other] = [studyPlateau(trials, space, 'maximize'), studyPlateau(scaled, space, 'maximize')];
          expect({ ...other!, params: undefined }).toEqual({ ...one!, params: undefined });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('needs three trials with a value', () => {
    expect(studyPlateau([], { length: int(1, 5) }, 'maximize')).toBeUndefined();
  });
});

function expectSound({ open, high, low, close }: Readonly<Record<string, Float64Array>>, recorded: Float64Array): void {
  close!.forEach((value, row) => {
    expectSame(Number.isNaN(value), Number.isNaN(recorded[row]!));
    if (Number.isNaN(value)) return;
    expectWithin(low![row]!, Number.MIN_VALUE, Number.POSITIVE_INFINITY);
    for (const price of [open![row]!, value]) {
      expectWithin(price, low![row]!, high![row]!);
    }
  });
}

describe('other markets', () => {
  const open = async (draft: BundleDraft) => {
    const bundle = await bundleFromColumns(draft);
    onTestFinished(() => bundle[Symbol.dispose]());
    return viewOf(bundle, {});
  };
  const bars = (draft: BundleDraft) => draft.groups.flatMap(({ assets }) => assets.map(({ columns }) => columns));

  it('have sound bars where the recorded one has some, repeat themselves for a seed, and are accepted as bundles', async () => {
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(
        randomMarket(),
        fc.constantFrom<MarketChange>(
          { kind: 'noise', noise: 'gaussian', scale: 0.5, seed: 1 },
          { kind: 'noise', noise: 'bootstrap', scale: 0.5, seed: 1 },
          { kind: 'synthetic', blockLength: 5, seed: 1 },
        ),
        async (market, change) => {
          const draft = tinyDraft(tinyOf(market));
          using bundle = await bundleFromColumns(draft, { sharing: 'shared' });
          const changed = changeMarket(draft, viewOf(bundle, {}), change);
          expect(changeMarket(draft, viewOf(bundle, {}), change)).toEqual(changed);
          bars(changed).forEach((columns, asset) => {
            expectSound(columns, bars(draft)[asset]!.close!);
          });
          if (opened++ % 20 === 0) (await bundleFromColumns(changed))[Symbol.dispose]();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('have noise of the size that was asked for', async () => {
    const prices = compounded(normal(4, 3000), 100);
    const draft = tinyDraft({ assets: { A: Array.from(prices, (price) => price.toFixed(4)).join(' ') } });
    const view = await open(draft);
    for (const noise of ['gaussian', 'bootstrap'] as const) {
      const [changed] = bars(changeMarket(draft, view, { kind: 'noise', noise, scale: 0.3, seed: 1 }));
      const errors = Float64Array.from(changed!.close!, (price, row) => Math.log(price / bars(draft)[0]!.close![row]!));
      const deviation = Math.sqrt(errors.reduce((sum, value) => sum + value * value, 0) / errors.length);
      expect(deviation / 0.003).toBeGreaterThan(0.9);
      expect(deviation / 0.003).toBeLessThan(1.1);
    }
  });

  it('have the recorded mean and deviation where they are drawn again', async () => {
    const prices = compounded(normal(6, 2000, 0.03), 100);
    const draft = tinyDraft({ assets: { A: Array.from(prices, (price) => price.toFixed(4)).join(' ') } });
    const changed = changeMarket(draft, await open(draft), { kind: 'synthetic', blockLength: 10, seed: 3 });
    const moments = (closes: Float64Array) => {
      const changes = Array.from({ length: closes.length - 1 }, (_, row) => Math.log(closes[row + 1]! / closes[row]!));
      const mean = changes.reduce((sum, value) => sum + value, 0) / changes.length;
      return [mean, Math.sqrt(changes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (changes.length - 1))];
    };
    const [was, is] = [moments(bars(draft)[0]!.close!), moments(bars(changed)[0]!.close!)];
    expect(is[0]! / was[0]!).toBeCloseTo(1, 3);
    expect(is[1]! / was[1]!).toBeCloseTo(1, 3);
    expect(changed.synthetic).toBe(true);
  });
});
