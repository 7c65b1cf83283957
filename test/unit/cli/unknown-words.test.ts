import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crossoverWith, emptyHome, file, hindcast, prepareSearch } from '../../helpers/command-line.js';

/** 27 combinations whose `analyze` returns `orders`, or what a text says in its place. */
const withAnalyze = (returned = '{ orders: result.orders }'): string =>
  crossoverWith('int(13, 23, { step: 5 })').replace(
    'analyze: (result) => ({ orders: result.orders })',
    `analyze: (result, params) => (${returned})`,
  );

const prepared = (text: string) => prepareSearch(text, '--no-overfitting', '--quiet');

it.each([
  [['validate', '--param', 'fast=2', '--param', 'slow=13', '--tests', 'xyzzy'], 'bootstrap, permutation, random-entry'],
  [['optimize', '--select', 'xyzzy'], 'best, plateau or average'],
  [['walkforward', '--design', 'xyzzy=1'], 'validate, step, purge, embargo, windows, anchored'],
])('a word that is like none of those known is answered with a list of them once: %j', async (args, list) => {
  const { strategy } = await prepared(withAnalyze());
  const [command, ...options] = args;
  const { code, stderr } = await hindcast([command!, strategy, '--bundle', 'waves', ...options]);
  expect(code).toBe(2);
  expect(stderr.split(list)).toHaveLength(2);
  expect(stderr).not.toContain('Known:');
});

it('an action on a holdout that there is not is answered with those there are, once', async () => {
  emptyHome();
  const { code, stderr } = await hindcast(['holdout', 'xyzzy']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/lock \| show \| look, not 'xyzzy'\.$/m) });
});

describe('a metric that no run has', () => {
  it.each([
    ['1', '--objective', 'ordres', []],
    ['2', '--objective', 'sharpe,ordres', ['--search', 'nsga2', '--trials', '20']],
    ['4', '--require', 'ordres:min=3', []],
    ['1', '--penalty', 'ordres:max=3,weight=1', ['--search', 'tpe', '--trials', '20']],
    ['2', '--objective', 'ordres', ['--search', 'halving', '--part', 'start', '--trials', '20']],
  ] as const)(
    'ends the search of a strategy with analyze after its first trial, on %s worker(s): %s %s',
    async (jobs, option, value, more) => {
      const { folder, strategy, optimize } = await prepared(withAnalyze());
      const study = join(folder, 's.log');
      const args = optimize('--study', study, option, value, ...more, '--jobs', jobs);
      const { code, stdout, stderr } = await hindcast([...args, '--json']);
      expect(code).toBe(2);
      expect(stderr).toContain(
        "No metric 'ordres': Hindcast has none, and the strategy's analyze returned only orders. Did you mean 'orders'?",
      );
      expect(stderr).toContain('Hindcast has totalReturn,');
      expect(stderr).toMatch(/The search ended with trial \d\.$/m);
      expect(JSON.parse(stdout).error).toMatchObject({ code: 'UNKNOWN_METRIC', details: { metric: 'ordres' } });
      // The corrected command takes the same file.
      expect(existsSync(study)).toBe(false);
      const corrected = args.map((word) => word.replace('ordres', 'orders'));
      expect(await hindcast(corrected)).toMatchObject({ code: 0 });
      expect(existsSync(study)).toBe(true);
      const walk = ['walkforward', strategy, '--bundle', 'waves', '--train', '120', '--test', '60', '--jobs', jobs];
      if (value !== 'ordres') return;
      expect(await hindcast([...walk, '--objective', value])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("No metric 'ordres'"),
      });
    },
  );

  it('is refused before the first trial where no analyze could return it, and so is a benchmark that is not named', async () => {
    const { folder, strategy } = await prepared(crossoverWith('int(13, 23)').replace(/ {2}analyze.*\n/, ''));
    const study = join(folder, 's.log');
    for (const [option, value, says] of [
      [
        '--objective',
        'shrape',
        "No metric 'shrape': Hindcast has none, and the strategy has no analyze that could return it.",
      ],
      ['--require', 'trade:min=3', "Did you mean 'trades'?"],
      ['--penalty', 'turnovr:max=3,weight=1', "Did you mean 'turnover'?"],
      ['--objective', 'alpha', 'alpha compares a run with a benchmark, and none is named.'],
      ['--require', 'beta:max=1', 'beta compares a run with a benchmark, and none is named.'],
    ] as const) {
      const run = await hindcast(['optimize', strategy, '--bundle', 'waves', '--study', study, option, value]);
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
      expect(run.stderr).not.toContain('The search ended');
      expect(existsSync(study)).toBe(false);
    }
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--objective', 'beta', '--symbols', 'AAA'];
    expect((await hindcast([...args, '--benchmark', 'BBB', '--no-lookahead', '--no-overfitting'])).code).toBe(0);
  });

  it('fails a trial alone where the one before had it, however the trials end', async () => {
    const { optimize, strategy, folder } = await prepared(
      withAnalyze('params.slow === 18 ? {} : { orders: result.orders }'),
    );
    const documents = [];
    for (const jobs of ['1', '4']) {
      const { code, stdout } = await hindcast(optimize('--objective', 'orders', '--json', '--jobs', jobs));
      expect(code).toBe(0);
      documents.push(JSON.parse(stdout).trials);
    }
    expect(documents[0]).toMatchObject({ total: 27, complete: 18, failed: 9 });
    expect(documents[1]).toEqual(documents[0]);
    // The other way round, the first trial lacks it.
    file(folder, 'cross.ts', withAnalyze('params.slow < 18 ? {} : { orders: result.orders }'));
    for (const jobs of ['1', '4']) {
      const first = await hindcast([
        'optimize',
        strategy,
        '--bundle',
        'waves',
        '--objective',
        'orders',
        '--jobs',
        jobs,
      ]);
      expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('analyze returned nothing.') });
      expect(first.stderr).toContain('The search ended with trial 0.');
    }
  });

  it('is nothing that trials lack which never traded', async () => {
    const text = withAnalyze('result.fills.length === 0 ? {} : { orders: result.orders }').replace(
      'if (position.isFlat)',
      'if (slow.value < 0 && position.isFlat)',
    );
    const { optimize } = await prepared(text);
    const { code, stdout } = await hindcast(optimize('--objective', 'orders', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout).trials).toMatchObject({ complete: 0, pruned: 27, failed: 0 });
  });
});
