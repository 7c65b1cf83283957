import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/core/decimal.js';
import { normalCdf } from '../../../src/core/normal.js';
import { bool, choice, defineStrategy, int, sma, walkForward } from '../../../src/index.js';
import { walkBundle } from '../../helpers/walk-market.js';

/** Trades with every parameter set, and remembers nothing between runs. */
const trend = defineStrategy({
  parameters: { length: int(2, 12), exits: bool() },
  initialize({ asset, indicator, portfolio }, { length }) {
    return { average: indicator(sma(length), asset), position: portfolio.position(asset) };
  },
  handleData({ asset, order, state: { average, position } }, data, { exits }) {
    const close = data.close(asset);
    if (position.isFlat && close > average.value) order.notional(asset, 'all');
    else if (exits && close < average.value) order.target(asset, 0);
  },
});

const design = {
  train: 60,
  test: 30,
  search: 'random',
  trials: 8,
  jobs: 1,
  commission: 'percent:0.001',
  annualization: 252,
} as const;

/** A result without what time makes of it. */
const timeless = ({ seconds: _s, startupSeconds: _u, workers: _w, ...rest }: Awaited<ReturnType<typeof walkForward>>) =>
  JSON.parse(JSON.stringify(rest, (_key, value) => (ArrayBuffer.isView(value) ? [...(value as never)] : value)));

describe('seams', () => {
  it.each([{ reinvest: true }, { reinvest: false }, { seam: 'carry' }] as const)(
    'profits, fills, orders and curves of the windows are those of the whole: %j',
    async (seam) => {
      const bundle = await walkBundle(300);
      const { windows, stitched } = await walkForward(trend, { ...design, ...seam, bundle });
      expect(windows).toHaveLength(8);
      const profit = windows.reduce(
        (sum, { test }) => sum.plus(test.endingEquity).minus(test.startingEquity),
        new Decimal(0),
      );
      expect(stitched.endingEquity.toString()).toBe(stitched.startingCash.plus(profit).toString());
      expect(stitched.fills).toEqual(windows.flatMap(({ test }) => test.fills));
      expect(stitched.orders).toBe(windows.reduce((sum, { test }) => sum + test.orders, 0));
      expect([...stitched.times]).toEqual(windows.flatMap(({ test }) => [...test.times]));
      expect(stitched.equity).toHaveLength(240);
      expect(stitched.equity.at(-1)).toBeCloseTo(stitched.endingEquity.toNumber(), 6);
      const trades = windows.reduce((sum, { test }) => sum + test.metrics.trades!, 0);
      expect(stitched.metrics.trades).toBe(trades);
      // Each window's curve, laid where the account then stood.
      let worth = stitched.startingCash;
      for (const [index, { test }] of windows.entries()) {
        const offset = worth.minus(test.startingEquity).toNumber();
        for (const [bar, value] of [...test.equity].entries()) {
          expect(stitched.equity[index * 30 + bar]).toBeCloseTo(value + offset, 6);
        }
        worth = worth.plus(test.endingEquity).minus(test.startingEquity);
        expect(test.equity.at(-1)).toBeCloseTo(test.endingEquity.toNumber(), 6);
      }
    },
  );

  it('closed: every window begins and ends flat, and pays for it', async () => {
    const bundle = await walkBundle(300);
    const { windows } = await walkForward(trend, { ...design, bundle });
    for (const { test } of windows) {
      const held = test.fills.reduce((sum, { exact }) => sum.plus(exact.quantity), new Decimal(0));
      expect(held.toString()).toBe('0');
    }
    expect(windows.filter(({ test }) => test.fills.length > 0).length).toBeGreaterThan(5);
    // Reinvested: what one ended with, the next begins with.
    for (const [index, { test }] of windows.entries()) {
      if (index > 0) expect(test.startingEquity.toString()).toBe(windows[index - 1]!.test.endingEquity.toString());
    }
    const open = await walkForward(trend, { ...design, bundle, liquidate: 'never' });
    expect(open.stitched.fills.length).toBeLessThan(windows.flatMap(({ test }) => test.fills).length);
  });

  it('carried: a position crosses the seam without an order', async () => {
    const bundle = await walkBundle(300);
    const holder = defineStrategy({
      parameters: { length: int(2, 5) },
      initialize: ({ asset, portfolio }) => ({ position: portfolio.position(asset) }),
      handleData({ asset, order, state: { position } }) {
        if (position.isFlat) order.notional(asset, 'all');
      },
    });
    const { stitched, windows } = await walkForward(holder, { ...design, bundle, seam: 'carry' });
    expect(stitched.fills).toHaveLength(1);
    expect(windows.map(({ test }) => test.fills.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    const closed = await walkForward(holder, { ...design, bundle });
    expect(closed.stitched.fills).toHaveLength(16);
  });

  it("carried: a fill at the close of a window's last bar is that window's, though the next one opens then", async () => {
    const bundle = await walkBundle(300);
    const turning = defineStrategy({
      parameters: { length: int(2, 5) },
      initialize: ({ asset, portfolio }) => ({ position: portfolio.position(asset) }),
      handleData({ asset, order, state: { position } }) {
        order.target(asset, position.quantity === 0 ? 1 : 0);
      },
    });
    const { windows } = await walkForward(turning, { ...design, bundle, seam: 'carry', fill: 'next-close' });
    // It trades on every bar but its first.
    expect(windows.map(({ test }) => test.fills.length)).toEqual([29, 30, 30, 30, 30, 30, 30, 30]);
    for (const { test } of windows) {
      for (const { time } of test.fills) {
        expect(time).toBeGreaterThan(test.times[0]!);
        expect(time).toBeLessThanOrEqual(test.times.at(-1)! + 86_400_000);
      }
    }
  });

  it('carried is refused where nothing can be', async () => {
    const bundle = await walkBundle(300);
    await expect(walkForward(trend, { ...design, bundle, seam: 'carry', step: 40 })).rejects.toThrow(
      'Nothing can be carried from the test of window 1 to that of window 2',
    );
    const judged = { ...design, bundle, seam: 'carry', objective: 'sqn' as never } as const;
    await expect(walkForward(trend, judged)).rejects.toThrow("The objective 'sqn' is judged over whole runs");
  });
});

describe('data', () => {
  it('the first bar of a test is traded on, with indicators that have seen the bars before it', async () => {
    const seen: { readonly now: number; readonly ready: boolean }[] = [];
    const strategy = defineStrategy({
      parameters: { length: choice(40) },
      initialize: ({ asset, indicator }, { length }) => ({ average: indicator(sma(length), asset) }),
      handleData({ asset, order, now, state: { average } }) {
        seen.push({ now, ready: average.ready });
        order(asset, 1);
      },
    });
    const bundle = await walkBundle(100);
    const { windows } = await walkForward(strategy, { ...design, train: 50, test: 20, trials: 1, bundle });
    expect(seen.every(({ ready }) => ready)).toBe(true);
    for (const { test } of windows) {
      const first = test.times[0]! + 86_400_000;
      expect(seen.some(({ now }) => now === first)).toBe(true);
      // Decided on its first bar, filled on its second; nothing of the training is traded or held.
      expect(test.fills[0]!.time).toBe(test.times[1]);
    }
  });

  it('each bar of a test is read once, after every choice, and bars of a training once a trial', async () => {
    const reads = new Map<number, { readonly at: number; readonly run: number }[]>();
    let runs = 0;
    let reading = 0;
    const strategy = defineStrategy({
      parameters: { size: int(1, 5) },
      initialize() {
        runs++;
      },
      handleData({ asset, order, now }, _data, { size }) {
        reads.set(now, [...(reads.get(now) ?? []), { at: reading++, run: runs }]);
        order(asset, size);
      },
    });
    const bundle = await walkBundle(400);
    // Windows that have no bar in common: what is read of a test is read for that test.
    const options = { ...design, train: 50, validate: 20, test: 25, step: 99, embargo: 2, trials: 5, candidates: 3 };
    const { windows } = await walkForward(strategy, { ...options, bundle });
    expect(windows).toHaveLength(4);
    const at = (label: number): number => label + 86_400_000;
    const chosenAt = Math.max(
      ...windows.flatMap(({ train, validate }) =>
        [...train!.times, Date.parse(validate!.end)].flatMap((label) => reads.get(at(label))!.map((read) => read.at)),
      ),
    );
    for (const { train, validate, test, testReads } of windows) {
      expect(testReads).toBe(1);
      for (const label of test.times) {
        const found = reads.get(at(label))!;
        expect(found).toHaveLength(1);
        expect(found[0]!.at).toBeGreaterThan(chosenAt);
      }
      // Five trials, and the chosen one once more for its curve.
      for (const label of train!.times) expect(reads.get(at(label))).toHaveLength(6);
      expect(reads.get(Date.parse(validate!.end) + 86_400_000)).toHaveLength(3);
    }
    // The bars of an embargo are nobody's.
    const trainEnd = windows[0]!.train!.times.at(-1)!;
    for (const bars of [1, 2]) expect(reads.get(at(trainEnd + bars * 86_400_000))).toBeUndefined();
  });
});

describe('choice', () => {
  it('a validation overrules the training', async () => {
    const bundle = await walkBundle(400);
    const options = { ...design, bundle, trials: 22, search: 'grid', validate: 30 } as const;
    const all = await walkForward(trend, { ...options, candidates: 22 });
    const one = await walkForward(trend, { ...options, candidates: 1 });
    let overruled = 0;
    for (const [index, { train, validate }] of all.windows.entries()) {
      const best = one.windows[index]!;
      expect(train!.score).toBeLessThanOrEqual(best.train!.score!);
      expect(validate!.score).toBeGreaterThanOrEqual(best.validate!.score ?? Number.NEGATIVE_INFINITY);
      if (train!.score! < best.train!.score!) overruled++;
    }
    expect(overruled).toBeGreaterThan(0);
  });

  it.each(['plateau', 'plateau:3', 'average:3'] as const)('by %s', async (select) => {
    const bundle = await walkBundle(300);
    const options = { ...design, bundle, trials: 22, search: 'grid' } as const;
    const best = await walkForward(trend, options);
    const other = await walkForward(trend, { ...options, select });
    expect(other.select).toBe(select);
    expect(other.windows.map(({ params }) => params)).not.toEqual(best.windows.map(({ params }) => params));
    for (const [index, { train }] of other.windows.entries()) {
      expect(train!.score ?? 0).toBeLessThanOrEqual(best.windows[index]!.train!.score!);
    }
  });

  it('a function judges trainings and tests in this thread', async () => {
    const bundle = await walkBundle(200);
    const objective = ({ fills }: { readonly fills: readonly unknown[] }): number => -fills.length;
    const { windows } = await walkForward(trend, { ...design, bundle, objective });
    for (const { train, test } of windows) {
      expect(train!.score).toBe(-train!.fills.length);
      expect(test.score).toBe(-test.fills.length);
    }
  });

  it('holds cash where no trial traded, and says so', async () => {
    const bundle = await walkBundle(200);
    const shy = defineStrategy({
      parameters: { size: int(1, 4) },
      initialize: () => ({}),
      handleData({ asset, order, now }, _data, { size }) {
        // Only behind the first training and before the last.
        if (now > Date.UTC(2020, 2, 15) && now < Date.UTC(2020, 4, 1)) order(asset, size);
      },
    });
    const { windows, warnings, stitched } = await walkForward(shy, { ...design, bundle });
    expect(windows[0]).toMatchObject({ params: undefined, trial: undefined, train: undefined, testReads: 0 });
    expect(windows[0]!.test).toMatchObject({ orders: 0, score: undefined, fills: [] });
    expect(warnings.join(' ')).toContain('No trial of window 1 has a value, so nothing was chosen there.');
    expect(stitched.equity).toHaveLength(120);
    const carried = await walkForward(shy, { ...design, bundle, seam: 'carry' });
    expect(carried.windows.map(({ test }) => test.bars)).toEqual([30, 30, 30, 30]);
    expect(carried.windows[0]!.test.endingEquity.toString()).toBe('100000');
  });
});

describe('luck of the account of all tests', () => {
  /** The probability of Bailey and López de Prado (2012), term by term. */
  function probability(values: readonly number[]): number {
    const returns = values.slice(1).map((value, index) => value / values[index]! - 1);
    const n = returns.length;
    const mean = returns.reduce((sum, x) => sum + x / n, 0);
    const moment = (k: number): number => returns.reduce((sum, x) => sum + (x - mean) ** k / n, 0);
    const sharpe = mean / Math.sqrt((moment(2) * n) / (n - 1));
    const [skewness, kurtosis] = [moment(3) / moment(2) ** 1.5, moment(4) / moment(2) ** 2];
    const z = (sharpe * Math.sqrt(n - 1)) / Math.sqrt(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2);
    return normalCdf(z);
  }

  it('is that of its daily returns', async () => {
    const { luck, stitched } = await walkForward(trend, { ...design, bundle: await walkBundle(300) });
    expect(luck!.sessions).toBe(239);
    expect(luck!.probabilisticSharpe).toBeCloseTo(probability([...stitched.equity]), 10);
    const { minimumTrackRecord } = luck!;
    if (stitched.metrics.sharpe! > 0) expect(minimumTrackRecord! < 240).toBe(luck!.probabilisticSharpe > 0.95);
    else expect(minimumTrackRecord).toBeUndefined();
  });

  it('is that of the last bars of its days, where bars are hours', async () => {
    const bundle = await walkBundle(300, { frequency: '1h' });
    const { luck, stitched } = await walkForward(trend, { ...design, bundle, annualization: undefined });
    const days = [...stitched.times].map((time) => Math.floor(time / 86_400_000));
    // A test of 30 hours ends within a day: what it holds of it is a session.
    const ends = days.flatMap((day, row) => (days[row + 1] !== day || row % 30 === 29 ? [row] : []));
    expect(luck!.sessions).toBe(ends.length - 1);
    expect(luck!.probabilisticSharpe).toBeCloseTo(probability(ends.map((row) => stitched.equity[row]!)), 10);
  });

  it('is not known where nothing was traded', async () => {
    const idle = defineStrategy({ parameters: { length: int(2, 12) }, handleData() {} });
    const { luck } = await walkForward(idle, { ...design, bundle: await walkBundle(200) });
    expect(luck).toBeUndefined();
  });
});

describe('the same', () => {
  it('for any number of workers, in memory and in files, and once more from the files alone', async () => {
    const { default: strategy } = await import('../../../examples/sma-crossover.js');
    const bundle = await walkBundle(500, { assets: 2 });
    const options = { ...design, train: 250, validate: 60, test: 60, purge: 3, embargo: 2, trials: 6, bundle };
    const serial = timeless(await walkForward(strategy, { ...options, jobs: 1 }));
    const parallel = timeless(await walkForward(strategy, { ...options, jobs: 2 }));
    // Only a strategy that is loaded from its file has an identity.
    expect({ ...serial, strategy: null }).toEqual({ ...parallel, strategy: null });
  });

  it('after it was stopped and begun again', async () => {
    const bundle = await walkBundle(300);
    const whole = timeless(await walkForward(trend, { ...design, bundle }));
    const { temporaryFolder } = await import('../../helpers/bundle-draft.js');
    const study = `${temporaryFolder()}/studies`;
    const controller = new AbortController();
    let trials = 0;
    const stopped = walkForward(trend, {
      ...design,
      bundle,
      study,
      signal: controller.signal,
      onTrial: (window) => {
        if (window === 3 && ++trials === 4) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringMatching(
        /^Interrupted with \d+ trials finished and the parameters of 2 of 8 windows chosen; no test has been read/,
      ),
    });
    let found = 0;
    const resumed = await walkForward(trend, {
      ...design,
      bundle,
      study,
      onProgress: ({ found: before }) => {
        found = Math.max(found, before);
      },
    });
    expect(found).toBeGreaterThanOrEqual(16 + 3);
    expect({ ...timeless(resumed), study: undefined }).toEqual({ ...whole, study: undefined });
    // A third time nothing is left to try.
    let evaluated = 0;
    const again = await walkForward(trend, { ...design, bundle, study, onTrial: () => void evaluated++ });
    expect(evaluated).toBe(0);
    expect(timeless(again)).toEqual(timeless(resumed));
    await expect(walkForward(trend, { ...design, bundle, study, train: 61 })).rejects.toThrow(
      /is another study: .*train was 2020-01-01 to 2020-02-29 \(60 bars\), is 2020-01-01 to 2020-03-01 \(61 bars\)/,
    );
  });
});

describe('is refused', () => {
  it.each([
    [{ tain: 60 }, "Unknown option 'tain' of walkForward. Did you mean 'train'?"],
    [{ seam: 'carried' }, "'seam' is 'close' or 'carry', not 'carried'."],
    [{ select: 'beste' }, "'select' is best, plateau or average"],
    [{ select: 'best:3' }, "not 'best:3'"],
    [{ objective: 'sharp' }, "No metric 'sharp'"],
    [{ candidates: 0 }, 'candidates must be at least 1'],
    [{ train: 600 }, 'No window fits into 100 bars'],
  ])('%j', async (options, message) => {
    const bundle = await walkBundle(100);
    const run = async () => walkForward(trend, { ...design, bundle, ...options } as never);
    await expect(run()).rejects.toThrow(message);
  });

  it('a strategy that fails in every trial, naming the window', async () => {
    const bundle = await walkBundle(200);
    const broken = defineStrategy({
      parameters: { size: int(1, 4) },
      handleData({ now }) {
        if (now > Date.UTC(2020, 2, 20)) throw new Error('no data for me');
      },
    });
    await expect(walkForward(broken, { ...design, bundle })).rejects.toMatchObject({
      code: 'EVERY_TRIAL_FAILED',
      message: expect.stringContaining('trials of window 2 failed; the first is trial 0: STRATEGY_THREW'),
    });
  });

  it('a strategy that remembers from run to run', async () => {
    const bundle = await walkBundle(200);
    let runs = 0;
    const leaky = defineStrategy({
      parameters: { size: int(1, 4) },
      initialize() {
        runs++;
      },
      handleData({ asset, order }) {
        order(asset, runs);
      },
    });
    await expect(walkForward(leaky, { ...design, bundle })).rejects.toMatchObject({ code: 'NOT_REPRODUCED' });
  });
});
