import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../../src/engine/strategy.js';
import { defineStrategy, float, int, sma } from '../../../src/index.js';
import { ROBUSTNESS_TESTS, robustness } from '../../../src/validate/robustness.js';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';
import { tinyBundle } from '../../helpers/tiny-market.js';

type Any = Strategy<never, unknown>;

/** Buys with all its cash on the first bar, and keeps. */
const holder = defineStrategy({
  parameters: {},
  handleData({ order, asset, portfolio }) {
    if (portfolio.position(asset).isFlat) order.notional(asset, 'all');
  },
});

const wave = Array.from({ length: 160 }, (_, bar) => (100 + 20 * Math.sin(bar / 9) + bar / 10).toFixed(2)).join(' ');

describe('costs', () => {
  it('break even where a hand says', async () => {
    const bundle = await tinyBundle({ assets: { A: '100 100 105 110' }, lot: 1e-8 });
    const options = { bundle, tests: ['costs'], jobs: 1, liquidate: 'last-close' } as const;
    const { costs } = await robustness(holder as unknown as Any as never, undefined, options);
    // 110 (1 - s) = 100 (1 + s): s = 10 / 210.
    expect(costs!.breakEvenBps).toBeCloseTo((10 / 210) * 1e4, 1);
    const returns = costs!.points.map(({ totalReturn }) => totalReturn!);
    expect(returns[0]).toBeCloseTo(0.1, 6);
    expect(returns).toEqual([...returns].sort((a, b) => b - a));
  });

  it('break even nowhere where it loses without any, or gains with all', async () => {
    const at = async (bars: string) => {
      const bundle = await tinyBundle({ assets: { A: bars } });
      const options = { bundle, tests: ['costs'], jobs: 1, liquidate: 'last-close' } as const;
      return (await robustness(holder as unknown as Any as never, undefined, options)).costs!.breakEvenBps;
    };
    expect(await at('100 100 90 80')).toBe(0);
    expect(await at('100 100 200 300')).toBeUndefined();
  });
});

describe('sensitivity', () => {
  const crossing = (unit: number) =>
    defineStrategy({
      parameters: { length: int(2, 30, { step: 1 }), margin: float(0, 0.1 * unit, { step: 0.01 * unit }) },
      constraint: ({ length }) => length !== 9,
      initialize: ({ asset, portfolio, indicator }, { length }) => ({
        asset,
        position: portfolio.position(asset),
        mean: indicator(sma(length), asset),
      }),
      handleData({ state: { asset, position, mean }, order }, data, { margin }) {
        const close = data.current(asset, 'close');
        if (position.isFlat && close > mean.value * (1 + margin / unit)) order.notional(asset, 'all');
        else if (!position.isFlat && close < mean.value) order.target(asset, 0);
      },
    });

  it('does not change with the unit of a parameter, and leaves out what the constraint forbids', async () => {
    const bundle = await tinyBundle({ assets: { A: wave }, lot: 1e-8 });
    const options = { bundle, tests: ['sensitivity'], jobs: 1 } as const;
    const of = async (unit: number) => {
      const params = { length: 8, margin: 0.02 * unit };
      return (await robustness(crossing(unit) as unknown as Any as never, undefined, { ...options, params }))
        .sensitivity!;
    };
    const [one, other] = [await of(1), await of(100)];
    expect(other.curves.map(({ stability, metrics }) => [stability, metrics])).toEqual(
      one.curves.map(({ stability, metrics }) => [stability, metrics]),
    );
    expect(other.surfaces.map(({ stability }) => stability)).toEqual(one.surfaces.map(({ stability }) => stability));
    const [length, margin] = one.curves;
    expect(length).toMatchObject({ parameter: 'length', values: [5, 6, 7, 8, 9, 10, 11], base: 3 });
    expect(length!.metrics[4]).toBeUndefined();
    expect(margin).toMatchObject({ values: [0, 0.01, 0.02, 0.03, 0.04, 0.05], base: 2 });
    expect(one.surfaces).toHaveLength(1);
    expect(one.surfaces[0]!.metrics.length * one.surfaces[0]!.metrics[0]!.length).toBe(25);
  });
});

describe('validate', () => {
  const params = ['--param', 'fast=4', '--param', 'slow=12'];

  it('gives the same document for any number of workers, and another one for another seed', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const args = ['validate', strategy, '--bundle', 'waves', ...params, '--runs', '3', '--resamples', '50', '--json'];
    const found = async (...more: string[]) => {
      const { code, stdout, stderr } = await hindcast([...args, ...more]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { seconds: _, ...document } = JSON.parse(stdout);
      return document;
    };
    const one = await found('--jobs', '1');
    expect(Object.keys(one)).toEqual([
      ...['schemaVersion', 'strategy', 'bundle', 'params', 'seed', 'base', 'bootstrap', 'permutation', 'randomEntry'],
      ...['noise', 'costs', 'delay', 'sensitivity', 'start', 'synthetic', 'remarks', 'overfitting', 'plateau'],
      'report',
    ]);
    for (const name of ['bootstrap', 'noise', 'costs', 'delay', 'sensitivity', 'start', 'synthetic']) {
      expect(one[name], name).not.toBeNull();
    }
    expect(one.noise.gaussian.runs).toBe(3);
    expect(one.noise.gaussian).not.toEqual(one.noise.bootstrap);
    expect(await found('--jobs', '2')).toEqual(one);
    const other = await found('--jobs', '1', '--test-seed', '2', '--tests', 'noise,bootstrap');
    expect(other.noise).not.toEqual(one.noise);
    expect(other.bootstrap).not.toEqual(one.bootstrap);
    expect(other.costs).toBeNull();
  });

  it('of a study adds the statistics of luck and the plateau, for people too', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const study = `${folder}/cross.log`;
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--quiet']);
    const args = ['validate', study, '--jobs', '1', '--runs', '2', '--resamples', '20'];
    const { code, stdout } = await hindcast([...args, '--tests', 'delay,costs', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      study,
      trial: expect.any(Number),
      overfitting: { trials: 6 },
      plateau: { trial: expect.any(Number), stability: expect.any(Number) },
    });
    const text = (await hindcast(args)).stdout;
    for (const word of [
      'Is it luck?',
      'Not said:',
      'Plateau: trial',
      'Slippage:',
      'Every order a bar later',
      'Synthetic markets',
    ]) {
      expect(text).toContain(word);
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(await hindcast([...args, '--cash', '5'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--cash'),
    });
    expect((await hindcast([...args, '--trial', '99'])).code).toBe(2);
  });

  it('writes the page of the run that it tested, with what it found', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const study = `${folder}/cross.log`;
    const { stdout } = await hindcast([
      ...['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--json'],
    ]);
    const best = JSON.parse(stdout).best.number;
    const other = best === 0 ? 1 : 0;
    const page = async (...subject: string[]) => {
      const report = `${folder}/${subject.length}.html`;
      const args = [...subject, '--jobs', '1', '--tests', 'delay', '--report', report, '--json'];
      const { code, stdout: text, stderr } = await hindcast(['validate', ...args]);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(text).report).toBe(report);
      return readFileSync(report, 'utf8');
    };
    const delayed = 'data-finding="delay"';
    const ofStrategy = await page(strategy, '--bundle', 'waves', ...params);
    expect(ofStrategy).toContain('<li><span>fast</span> 4</li><li><span>slow</span> 12</li>');
    const ofBest = await page(study);
    expect(ofBest).toContain(`Best trial <span class="number">#${best}</span>`);
    expect(ofBest).toContain('id="luck"');
    const ofOther = await page(study, '--trial', String(other));
    expect(ofOther).toContain(`, trial ${other}</h1>`);
    for (const text of [ofStrategy, ofBest, ofOther]) expect(text).toContain(delayed);
    const refused = await hindcast(['validate', study, '--report', `${folder}/none/v.html`]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no folder') });
  });

  it('refuses what it cannot do, and says what to do', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const refused = async (...more: string[]) => {
      const { code, stderr } = await hindcast([
        'validate',
        strategy,
        '--bundle',
        'waves',
        ...params,
        '--jobs',
        '1',
        ...more,
      ]);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('--tests', 'permutation', '--figures', 'sharpe')).toContain(
      'Use the bootstrap of returns instead',
    );
    expect(await refused('--tests', 'nois')).toContain("Did you mean 'noise'?");
    expect(await refused('--tests', 'noise', '--noise', '11')).toContain('at most 10');
    expect(await refused('--trial', '1')).toContain('hindcast validate STUDY --trial 1');
    expect(ROBUSTNESS_TESTS).toHaveLength(9);
  });
});
