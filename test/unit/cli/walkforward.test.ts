import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

/** A home with the waves and the crossover strategy. */
async function prepared(source = CROSSOVER): Promise<{ readonly folder: string; readonly strategy: string }> {
  const folder = emptyHome();
  await ingestWaves(folder);
  return { folder, strategy: file(folder, 'cross.ts', source) };
}

const walk = (strategy: string, ...more: string[]): string[] => [
  ...['walkforward', strategy, '--bundle', 'waves', '--train', '120', '--test', '60', '--jobs', '1', ...more],
];

describe('walkforward', () => {
  it('prints exactly the document of the contract', async () => {
    const { strategy } = await prepared();
    const { code, stdout } = await hindcast([
      ...walk(strategy, '--validate', '30', '--embargo', '2'),
      '--json',
      '--trades',
    ]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual([
      ...['schemaVersion', 'strategy', 'bundle', 'study', 'objective', 'windowing', 'windows', 'stitched'],
      ...['efficiency', 'returnEfficiency', 'parameters', 'trials', 'warnings', 'workers', 'seconds', 'startupSeconds'],
      ...['report', 'trades'],
    ]);
    expect(document).toMatchObject({
      strategy: 'cross',
      bundle: { name: 'waves' },
      study: { path: null, seed: 1, search: 'grid' },
      objective: { metric: 'sharpe', direction: 'maximize' },
      windowing: {
        train: '120',
        validate: '30',
        test: '60',
        embargo: 2,
        select: 'best',
        seam: 'close',
        unusedBars: 26,
      },
      trials: { total: 12, complete: 12 },
      report: null,
    });
    expect(document.windows).toHaveLength(2);
    const [first] = document.windows;
    expect(Object.keys(first)).toEqual([
      ...['number', 'params', 'trial', 'trials', 'train', 'validate', 'test', 'efficiency', 'testReads'],
    ]);
    expect(first).toMatchObject({
      number: 1,
      testReads: 1,
      train: { start: '2020-01-01', end: '2020-04-29', bars: 120 },
      validate: { start: '2020-05-02', end: '2020-05-31', bars: 30 },
      test: { start: '2020-06-03', end: '2020-08-01', bars: 60, startingEquity: '100000' },
    });
    expect(first.test.orderStreamHash).toMatch(/^[0-9a-f]{64}$/);
    expect(document.stitched.endingEquity).toBe(document.windows[1].test.endingEquity);
    expect(Object.keys(document.stitched.luck)).toEqual(['sessions', 'probabilisticSharpe', 'minimumTrackRecord']);
    expect(document.trades).toHaveLength(document.stitched.fills);
    expect(Object.keys(document.trades[0])).toEqual(['window', 'time', 'symbol', 'side', 'quantity', 'price', 'fee']);
    expect(document.parameters.map(({ name }: { name: string }) => name)).toEqual(['fast', 'slow']);
  });

  it('takes bars of a length that the bundle holds, as the tests of robustness do', async () => {
    const { folder, strategy } = await prepared();
    expect((await hindcast(['bundles', 'resample', 'waves', '--to', '1w'])).code).toBe(0);
    const weekly = ['--bundle', 'waves', '--frequency', '1w', '--jobs', '1', '--json'];
    const study = join(folder, 'weeks');
    const walked = await hindcast([
      ...['walkforward', strategy, '--train', '20', '--test', '8', '--study', study, ...weekly],
    ]);
    expect(walked.code, walked.stderr).toBe(0);
    const { windows } = JSON.parse(walked.stdout);
    expect(windows.length).toBeGreaterThan(1);
    expect(windows[0].train.bars).toBe(20);
    const days = (Date.parse(windows[0].train.end) - Date.parse(windows[0].train.start)) / 86_400_000;
    expect(days).toBeGreaterThan(120);
    const judged = async (frequency: string) => {
      const { code, stdout, stderr } = await hindcast([
        ...['validate', strategy, '--bundle', 'waves', '--frequency', frequency, '--jobs', '1', '--json'],
        ...['--tests', 'delay', '--param', 'fast=2', '--param', 'slow=8'],
      ]);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout).delay;
    };
    expect(await judged('1w')).not.toEqual(await judged('1d'));
  });

  it('tells people in at most 80 columns', async () => {
    const { strategy } = await prepared();
    const { code, stdout, stderr } = await hindcast(walk(strategy, '--validate', '20', '--purge', '2'));
    expect(code).toBe(0);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'Walk-forward, 2 windows: train 120 bars, validate 20 bars, test 60 bars, purge 2, 40 bars unused',
    );
    expect(stdout).toMatch(/# {2}test from {3}to {10}fast {2}slow {2}sharpe in {2} *valid {2} *out {2} *return/);
    expect(stdout).toContain('Out of sample, windows closed: 100,000.00 becomes ');
    expect(stdout.replaceAll(/\n */g, ' ')).toMatch(
      /its true Sharpe ratio is above 0 with a probability of \d+\.\d %, by 119 returns/,
    );
    expect(stdout).toMatch(/efficiency -?\d+\.\d{3} \(sharpe out of sample over in sample\)/);
    expect(stdout).toMatch(/parameter {2}chosen, window by window/);
    expect(stderr === '' || stderr.startsWith('warning: ')).toBe(true);
  });

  it('keeps a journal for each window, goes on with them, and each can be resumed, reproduced and reported', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'wf');
    const args = walk(strategy, '--study', study, '--seed', '7', '--search', 'random', '--trials', '4', '--json');
    const first = JSON.parse((await hindcast(args)).stdout);
    expect(readdirSync(study).sort()).toEqual(['window-01.log', 'window-02.log', 'window-03.log']);
    const withoutSeed = args.filter((word, index) => word !== '--seed' && args[index - 1] !== '--seed');
    const again = JSON.parse((await hindcast(withoutSeed)).stdout);
    expect({ ...again, seconds: 0, startupSeconds: 0 }).toEqual({ ...first, seconds: 0, startupSeconds: 0 });
    const window = join(study, 'window-02.log');
    const { trial } = first.windows[1];
    const reproduced = await hindcast(['reproduce', window, '--trial', String(trial), '--json']);
    expect(reproduced.code).toBe(0);
    expect(JSON.parse(reproduced.stdout)).toMatchObject({ equal: true, params: first.windows[1].params });
    const resumed = JSON.parse((await hindcast(['resume', window, '--jobs', '1', '--json'])).stdout);
    expect(resumed.best).toMatchObject({ number: trial, value: first.windows[1].train.score });
    const page = join(folder, 'window.html');
    expect((await hindcast(['report', window, '--out', page])).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('cross on waves');
    const proof = await hindcast(['lookahead', window, '--trial', String(trial), '--json']);
    expect(JSON.parse(proof.stdout)).toMatchObject({ clean: true, trial });
  });

  it('cuts intraday bars by sessions, and a trial of such a window is reproduced and resumed', async () => {
    const folder = emptyHome();
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const lines = ['date,open,high,low,close,volume'];
    for (let hour = 0; hour < 24 * 40; hour++) {
      const place = hour % 60;
      const close = 100 + (place < 30 ? place : 60 - place);
      const time = new Date(Date.UTC(2020, 0, 1) + hour * 3_600_000).toISOString();
      lines.push(`${time},${close - 0.5},${close + 1},${close - 1},${close},${1000 + hour}`);
    }
    const bars = file(folder, 'AAA.csv', `${lines.join('\n')}\n`);
    const ingested = await hindcast(['ingest', 'csv', bars, '--bundle', 'hours', '--calendar', '24/7']);
    expect({ code: ingested.code, stderr: ingested.stderr }).toMatchObject({ code: 0 });
    const study = join(folder, 'wf');
    const lengths = ['--train', '15 sessions', '--test', '100', '--embargo', '7', '--windows', '3', '--jobs', '1'];
    const args = ['walkforward', strategy, '--bundle', 'hours', ...lengths, '--study', study, '--json'];
    const { windows } = JSON.parse((await hindcast(args)).stdout);
    expect(windows.map(({ train }: { train: { bars: number } }) => train.bars)).toEqual([360, 360, 360]);
    // The step is the test's hundred bars: the second window begins within a day.
    expect(windows[1].train.start).toMatch(/^2020-01-05T04:00/);
    const second = join(study, 'window-02.log');
    const { code, stdout } = await hindcast(['reproduce', second, '--trial', String(windows[1].trial), '--json']);
    expect({ code, equal: JSON.parse(stdout).equal }).toEqual({ code: 0, equal: true });
    expect((await hindcast(['resume', second, '--jobs', '1', '--no-lookahead'])).code).toBe(0);
    const proof = await hindcast(['lookahead', second]);
    expect(proof.code).toBe(2);
    expect(proof.stderr).toContain('ran on rows 100 to 460 of intraday bars, as a window of a walk-forward');
  });

  it('writes a report', async () => {
    const { folder, strategy } = await prepared();
    const page = join(folder, 'wf.html');
    const { code } = await hindcast(walk(strategy, '--report', page, '--quiet'));
    expect(code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('Parameter drift');
  });

  it('ends with 130 and what is kept when it is interrupted', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'wf');
    const args = walk(strategy, '--study', study, '--search', 'random', '--json');
    const { code, stdout, stderr } = await hindcast(args, {
      terminal: true,
      onStderr: (text, interrupt) => {
        if (text.includes('workers')) interrupt();
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain('Stopping; finished trials are kept.');
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'INTERRUPTED' });
    const resumed = await hindcast(args);
    expect(resumed.code).toBe(0);
    const whole = await hindcast(walk(strategy, '--search', 'random', '--json'));
    const [one, other] = [JSON.parse(resumed.stdout), JSON.parse(whole.stdout)];
    expect(one.windows).toEqual(other.windows);
  });

  it('warns of an efficiency that is too low', async () => {
    const { strategy } = await prepared();
    const { stderr, stdout } = await hindcast(
      walk(strategy, '--train', '200', '--test', '40', '--objective', 'trades', '--json'),
    );
    expect(JSON.parse(stdout).efficiency).toBeLessThan(0.7);
    expect(stderr).toContain('warning: The efficiency is 0.');
  });

  it('cross-validates by groups', async () => {
    const { folder, strategy } = await prepared();
    const groups = ['--groups', '4', '--test-groups', '2', '--purge', '2', '--embargo', '3', '--jobs', '1'];
    const args = ['walkforward', strategy, '--bundle', 'waves', ...groups, '--study', join(folder, 'cv')];
    const { code, stdout } = await hindcast([...args, '--json']);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      split: { groups: 4, testGroups: 2, purge: 2, embargo: 3 },
      trials: { total: 36 },
    });
    expect(document.splits).toHaveLength(6);
    expect(document.paths).toHaveLength(3);
    const text = await hindcast(args);
    expect(text.stdout).toContain('Cross-validation, 6 splits of 4 groups, 2 tested, purge 2, embargo 3');
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const command of ['resume', 'reproduce']) {
      const split = join(folder, 'cv', 'window-02.log');
      const refused = await hindcast([command, split, ...(command === 'reproduce' ? ['--trial', '0'] : [])]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('ran on 2 ranges of bars');
    }
  });

  it('compares designs, and validates the best where none has looked', async () => {
    const { folder, strategy } = await prepared();
    const designs = [
      '--design',
      'train=60,test=30',
      '--design',
      'train=90,test=20,anchored',
      '--design',
      'train=400,test=9',
    ];
    const page = join(folder, 'unseen.html');
    const args = [
      'walkforward',
      strategy,
      '--bundle',
      'waves',
      '--jobs',
      '1',
      '--unseen-from',
      '2020-08-01',
      ...designs,
    ];
    const { code, stdout } = await hindcast([...args, '--report', page, '--json']);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.designs.map(({ windows }: { windows: number }) => windows)).toEqual([5, 6, 0]);
    expect(document.unseen.windows[0].test.start).toBe('2020-08-01');
    expect(document.kept).toBeCloseTo(
      document.unseen.stitched.metrics.sharpe / document.designs[document.chosen].score,
      9,
    );
    expect(existsSync(page)).toBe(true);
    const text = await hindcast(args);
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text.stdout).toMatch(/train 400 bars, test 9 bars +0 +no room/);
  });

  it.each([
    [[], 'Say how the data are cut: --train is missing.'],
    [['--train', '2y'], 'Say how the data are cut: --test is missing.'],
    [['--train', '20y', '--test', '1y'], 'No window fits into 300 bars from 2020-01-01 to 2020-10-26'],
    [['--train', '2x', '--test', '1y'], "'train' is a whole number of bars above 0"],
    [['--train', '60', '--test', '30', '--seam', 'glue'], "'seam' is 'close' or 'carry', not 'glue'."],
    [['--train', '60', '--test', '30', '--select', 'worst'], "'select' is best, plateau or average"],
    [['--train', '60', '--test', '30', '--groups', '4', '--test-groups', '1'], '--train does not go with --groups'],
    [['--design', 'train=60,test=30'], '--unseen-from is missing'],
    [['--design', 'trian=60,test=30'], "'trian=60' is none of them. Did you mean 'train'?"],
    [['--design', 'train=60'], 'test=... of --design is missing'],
    [
      ['--design', 'train=60,test=30', '--unseen-from', '2020-08-01', '--purge', '3'],
      '--purge does not go with --design',
    ],
    [['--groups', '4'], '--test-groups is missing'],
    [['--groups', '4', '--test-groups', '4'], 'test on fewer groups than there are'],
    [['--train', '60', '--test', '30', '--report', '/no/where/wf.html'], 'there is no folder /no/where'],
    [['--train', '60', '--test', '30', '--wndows', '3'], "Did you mean '--windows'?"],
  ])('refuses %j with exit code 2', async (more, message) => {
    const { strategy } = await prepared();
    const { code, stderr } = await hindcast(['walkforward', strategy, '--bundle', 'waves', '--jobs', '1', ...more]);
    expect({ code, said: stderr.includes(message) ? message : stderr }).toEqual({ code: 2, said: message });
  });

  it('refuses a file in place of the folder of studies, and leaves it alone', async () => {
    const { folder, strategy } = await prepared();
    const path = join(folder, 'wf');
    writeFileSync(path, 'mine');
    const { code, stderr } = await hindcast(walk(strategy, '--study', path));
    expect(code).toBe(2);
    expect(stderr).toContain('is a file. The studies of the windows lie in a folder');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(existsSync(`${path}.owner`)).toBe(false);
  });

  it('ends with 1 when every trial of a window failed', async () => {
    const { strategy } = await prepared(
      CROSSOVER.replace('if (position', 'if (1 > 0) throw new Error("no"); if (position'),
    );
    const { code, stderr } = await hindcast(walk(strategy));
    expect(code).toBe(1);
    expect(stderr).toContain('All 6 trials of window 1 failed; the first is trial 0: STRATEGY_THREW');
  });
});
