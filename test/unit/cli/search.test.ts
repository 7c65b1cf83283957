import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overfittingDocument } from '../../../src/cli/overfitting.js';
import { int } from '../../../src/engine/parameters.js';
import { type Importance, importanceOf, type ValuedTrial } from '../../../src/optimize/importance.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { readStudyRecord } from '../../../src/optimize/study-record.js';
import { judgeStudy } from '../../../src/validate/judged-study.js';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

interface StudyDocument {
  readonly study: {
    readonly name: string;
    readonly path: string | null;
    readonly seed: number;
    readonly search: string;
  };
  readonly trials: Readonly<Record<string, number>>;
  readonly best: { readonly number: number; readonly value: number; readonly orderStreamHash: string } | null;
  readonly top: readonly { readonly number: number; readonly value: number }[];
  readonly all?: readonly { readonly number: number; readonly state: string; readonly value: number | null }[];
  readonly workers: number;
}

/** What is said about a study beside what it holds, where a test asks for the study alone. */
const STUDY_ALONE = ['--no-overfitting', '--no-lookahead'];

const parse = (text: string): StudyDocument => JSON.parse(text) as StudyDocument;

/** What a study's file says of its trials that have a value. */
const valuedTrials = (study: string): ValuedTrial[] =>
  [...readStudyRecord(study).trials()].flatMap(({ params, ending }) =>
    ending?.state === 'complete' ? [{ params, values: ending.values }] : [],
  );

/** A home with the waves and the crossover strategy. */
async function prepared(source = CROSSOVER): Promise<{ readonly folder: string; readonly strategy: string }> {
  const folder = emptyHome();
  await ingestWaves(folder);
  return { folder, strategy: file(folder, 'cross.ts', source) };
}

describe('optimize', () => {
  it('prints exactly the document of the contract', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--search', 'grid', '--jobs', '1', '--study', study];
    const { code, stdout, stderr } = await hindcast([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = parse(stdout);
    expect(Object.keys(document)).toEqual([
      ...['schemaVersion', 'study', 'strategy', 'bundle', 'objective', 'trials', 'best', 'top', 'workers', 'seconds'],
      ...['startupSeconds', 'trialsPerSecond', 'takenOver', 'stopped', 'overfitting', 'lookahead'],
    ]);
    expect(document).toMatchObject({
      study: { name: 'cross', path: study, seed: 1, search: 'grid' },
      bundle: { name: 'waves' },
      objective: { metric: 'sharpe', direction: 'maximize' },
      trials: { total: 6, complete: 6, pruned: 0, failed: 0, duplicate: 0 },
      workers: 1,
      stopped: 'exhausted',
      overfitting: { trials: 6, looked: 6, findings: expect.any(Array) },
      lookahead: { clean: true, finding: null, differing: 0 },
    });
    expect(document.top).toHaveLength(6);
    expect(document.top[0]).toEqual(document.best);
    const values = document.top.map(({ value }) => value);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(document.best!.orderStreamHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('finds the same with two workers, and with --all lists every trial', async () => {
    const { strategy } = await prepared();
    const args = ['optimize', strategy, '--bundle', 'waves', '--all', '--top', '2', '--json', '--jobs'];
    const [one, two] = [parse((await hindcast([...args, '1'])).stdout), parse((await hindcast([...args, '2'])).stdout)];
    expect(one.all).toHaveLength(6);
    expect(one.all!.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(one.top).toHaveLength(2);
    expect(two.all).toEqual(one.all);
    expect(two.best).toEqual(one.best);
    expect([one.workers, two.workers]).toEqual([1, 2]);
  });

  it('agrees with a backtest of its best trial', async () => {
    const { strategy } = await prepared();
    const { best } = parse(
      (await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--json'])).stdout,
    );
    const { params, metrics } = best as unknown as Record<string, Record<string, number>>;
    const options = Object.entries(params!).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    const run = JSON.parse((await hindcast(['backtest', strategy, '--bundle', 'waves', ...options, '--json'])).stdout);
    expect(run).toMatchObject({ params, metrics, orderStreamHash: best!.orderStreamHash });
  });

  it('shows a ranked table that fits 80 columns, and what to do next', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--top', '3'];
    const { stdout, stderr } = await hindcast(args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^cross on waves [0-9a-f]{12}\ngrid search, 6 trials: 6 complete\n {2}grid because: all 6 combinations can be tried\n1 worker, /,
    );
    expect(stdout).toMatch(/trial +fast +slow +sharpe +annual return +max drawdown +trades\n/);
    expect(stdout.match(/^ {4}\d .*%/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^Is it luck\? /m);
    expect(stdout).toMatch(/^ {2}Deflated Sharpe ratio +\d/m);
    expect(stdout).toContain(`hindcast reproduce ${study} --trial `);
    const table = stdout.split('\n').filter((line) => !line.includes(folder));
    for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('leaves out the statistics of luck where it is told to', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--no-overfitting'];
    expect((await hindcast(args)).stdout).toContain('partly luck');
    expect(existsSync(`${study}.values`)).toBe(false);
  });

  it('keeps account values beside the study, and judges the same without them', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    const searched = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--json'];
    const { overfitting } = JSON.parse((await hindcast(searched)).stdout);
    expect(overfitting).toMatchObject({
      trials: 6,
      looked: 6,
      pbo: expect.any(Number),
      deflatedSharpe: expect.any(Number),
    });
    const kept = readFileSync(`${study}.values`);
    const judged = async () => (await judgeStudy(study, 1))!;
    expect(overfittingDocument(await judged())).toEqual(overfitting);
    for (const damaged of [
      kept.subarray(0, 900),
      Buffer.concat([kept.subarray(0, -8), Buffer.alloc(8)]),
      Buffer.from('{'),
    ]) {
      writeFileSync(`${study}.values`, damaged);
      expect(overfittingDocument(await judged())).toEqual(overfitting);
    }
    rmSync(`${study}.values`);
    expect(overfittingDocument(await judged())).toEqual(overfitting);
    // A study that goes on makes what is missing.
    const resumed = JSON.parse((await hindcast(['resume', study, '--jobs', '1', '--json'])).stdout);
    expect(resumed.overfitting).toEqual(overfitting);
    expect(readFileSync(`${study}.values`)).toEqual(kept);
  });

  it('draws its progress on a terminal, and takes it away', async () => {
    const { strategy } = await prepared();
    const { stderr } = await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1'], { terminal: true });
    expect(stderr).toMatch(/1\/6/);
    expect(stderr.endsWith('\r\u001b[2K')).toBe(true);
    const quiet = await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--quiet'], {
      terminal: true,
    });
    expect(quiet.stderr).toBe('');
  });

  it('samples at random under a seed, the same every time', async () => {
    const { strategy } = await prepared();
    const args = [
      'optimize',
      strategy,
      '--bundle',
      'waves',
      '--search',
      'random',
      '--trials',
      '5',
      '--jobs',
      '1',
      '--all',
      '--json',
    ];
    const run = async (seed: string) => parse((await hindcast([...args, '--seed', seed])).stdout);
    const [a, b, c] = [await run('7'), await run('7'), await run('8')];
    expect(a.study).toMatchObject({ search: 'random', seed: 7 });
    expect(b.all).toEqual(a.all);
    expect(c.all).not.toEqual(a.all);
  });

  it('gives no value to trials that never trade, and says so when none does', async () => {
    const { strategy } = await prepared(CROSSOVER.replace('fast.value > slow.value', 'false'));
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1'];
    const { code, stdout } = await hindcast(args);
    expect(code).toBe(0);
    expect(stdout).toContain('No trial has a value');
    expect(parse((await hindcast([...args, '--json'])).stdout)).toMatchObject({
      best: null,
      top: [],
      trials: { pruned: 6 },
    });
  });

  it('refuses a constraint that leaves nothing to try, and leaves no study behind', async () => {
    const { folder, strategy } = await prepared(CROSSOVER.replace("sleeves: 'equal'", '$&, constraint: () => false'));
    const study = join(folder, 'none.log');
    for (const jobs of ['1', '2']) {
      const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', jobs, '--study', study, '--quiet'];
      const { code, stderr } = await hindcast(args);
      expect({ jobs, code }).toEqual({ jobs, code: 2 });
      expect(stderr).toContain('The constraint refused every combination of the parameters, 6 in all');
      expect(existsSync(study)).toBe(false);
    }
  });

  it('warns of failed trials with the first reason, and fails when all do', async () => {
    const broken = (when: string) =>
      CROSSOVER.replace('if (position.isFlat)', `if (${when}) throw new Error('no more'); if (position.isFlat)`);
    const some = await prepared(broken('params.fast === 4').replace('order })', 'order }, _data, params)'));
    const first = await hindcast(['optimize', some.strategy, '--bundle', 'waves', '--jobs', '1']);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('2 failed');
    expect(first.stderr).toMatch(/warning: 2 of 6 trials failed; the first is trial \d: .*no more/);
    const all = file(some.folder, 'all.ts', broken('true'));
    const second = await hindcast(['optimize', all, '--bundle', 'waves', '--jobs', '1', '--json']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/error: All 6 trials failed; the first is trial 0: .*no more/);
    expect(parse(second.stdout)).toMatchObject({ best: null, trials: { failed: 6 } });
    const third = await hindcast(['optimize', all, '--bundle', 'waves', '--jobs', '1', '--trials', '1']);
    expect(third.code).toBe(1);
    expect(third.stderr).toMatch(/error: The only trial failed: .*no more/);
    expect(third.stdout).toContain('No trial has a value: every one failed.');
  });

  it('keeps what has finished on Ctrl-C, ends with 130, and resume completes the same study', async () => {
    const { folder, strategy } = await prepared(
      CROSSOVER.replace('int(2, 6, { step: 2, default: 2 })', 'int(2, 7)').replace(
        'int(8, 12, { step: 4, default: 8 })',
        'int(8, 80)',
      ),
    );
    const whole = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--all', '--json', ...STUDY_ALONE];
    const unbroken = parse((await hindcast(whole)).stdout);
    const study = join(folder, 'cut.log');
    const stopped = await hindcast([...whole, '--study', study], {
      terminal: true,
      onStderr: (text, interrupt) => {
        if (text.includes('workers')) interrupt();
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopping; finished trials are kept.');
    expect(stopped.stderr).toContain(`hindcast resume ${study}`);
    const kept = parse(stopped.stdout);
    expect(kept.trials.total).toBeGreaterThan(0);
    expect(kept.trials.total).toBeLessThan(unbroken.trials.total!);
    const resumed = await hindcast(['resume', study, '--jobs', '1', '--all', '--json', ...STUDY_ALONE]);
    expect(resumed.code).toBe(0);
    expect(parse(resumed.stdout).all).toEqual(unbroken.all);
  });

  it.each([
    [['--patience', '9'], 'patience'],
    [['--target', '-100'], 'target'],
    [['--improvement', '9:0.5'], 'improvement'],
  ])('ends by the rule %j, and so does a study that goes on', async (rule, stopped) => {
    const { folder, strategy } = await prepared(CROSSOVER.replace('int(8, 12, { step: 4, default: 8 })', 'int(8, 60)'));
    const study = join(folder, 'ruled.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--all', '--json', ...STUDY_ALONE];
    const { code, stdout, stderr } = await hindcast([...args, ...rule, '--study', study]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout);
    expect(document.stopped).toBe(stopped);
    expect(document.trials.total).toBeLessThan(159);
    const resumed = await hindcast(['resume', study, '--jobs', '1', '--all', '--json', ...STUDY_ALONE]);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ stopped, all: document.all });
  });

  it('ends at its deadline, and says how to go on', async () => {
    const { folder, strategy } = await prepared(
      CROSSOVER.replace('int(8, 12, { step: 4, default: 8 })', 'int(8, 299)'),
    );
    const study = join(folder, 'late.log');
    const { code, stderr, stdout } = await hindcast([
      'optimize',
      strategy,
      '--bundle',
      'waves',
      '--jobs',
      '1',
      '--timeout',
      '20ms',
      '--study',
      study,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/grid search, \d+ trials?/);
    expect(stderr).toContain(`The deadline ended the search`);
    expect(stderr).toContain(`hindcast resume ${study}`);
  });

  it.each([
    { name: 'an unknown search', args: ['--search', 'gird'], says: "Did you mean 'grid'?" },
    { name: 'an unknown objective', args: ['--objective', 'sharp'], says: "Did you mean 'sharpe'?" },
    { name: 'no jobs', args: ['--jobs', '0'], says: '--jobs is a whole number from 1, or -1' },
    {
      name: 'a journal in a folder that is not there',
      args: ['--study', '/nowhere/at/all/s.log'],
      says: 'does not exist',
    },
    { name: 'a parameter', args: ['--param', 'fast=2'], says: "Unknown option '--param'" },
    { name: 'a span that is none', args: ['--timeout', 'soon'], says: '90s, 5m or 2h' },
  ])('refuses $name with exit code 2', async ({ args, says }) => {
    const { strategy } = await prepared();
    const { code, stdout, stderr } = await hindcast(['optimize', strategy, '--bundle', 'waves', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});

describe('a study in a file', () => {
  it('is reported, reproduced and resumed, and refused when its strategy has changed', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);

    const page = join(folder, 'cross.html');
    const reported = await hindcast(['report', study, '--out', page, '--json']);
    expect(JSON.parse(reported.stdout)).toMatchObject({ schemaVersion: 1, report: page, trials: 6 });
    expect(readFileSync(page, 'utf8')).toContain('<h1>cross on waves</h1>');

    const reproduced = await hindcast(['reproduce', study, '--trial', '3', '--json']);
    expect(reproduced.code).toBe(0);
    const { equal, expected, found } = JSON.parse(reproduced.stdout) as Record<string, unknown>;
    expect(equal).toBe(true);
    expect(found).toEqual(expected);
    const text = (await hindcast(['reproduce', study, '--trial', '3'])).stdout;
    expect(text).toMatch(/^Trial 3 is reproduced/);
    expect(text).toMatch(/Sharpe +(-?[\d.]+) +\1\n/);

    const again = await hindcast(['resume', study, '--jobs', '1', '--json']);
    expect(parse(again.stdout).trials).toMatchObject({ total: 6, complete: 6 });

    writeFileSync(strategy, `${CROSSOVER}\nglobalThis.changed = true;\n`);
    for (const args of [
      ['resume', study],
      ['reproduce', study, '--trial', '3'],
      ['report', study, '--out', page],
      ['importance', study],
    ]) {
      const { code, stderr } = await hindcast(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/changed|strategy source was/);
    }
  });

  it('shows what differs when a trial is not what the journal says, with exit code 1', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);
    const lines = readFileSync(study, 'utf8');
    const hash = parse((await hindcast(['resume', study, '--jobs', '1', '--json'])).stdout).best!;
    writeFileSync(study, lines.replaceAll(hash.orderStreamHash, '0'.repeat(64)));
    const { code, stdout } = await hindcast(['reproduce', study, '--trial', String(hash.number)]);
    expect(code).toBe(1);
    expect(stdout).toContain('is NOT reproduced');
    expect(stdout).toMatch(/Order stream +0{12} +[0-9a-f]{12} +differs/);
    const report = await hindcast(['report', study, '--out', join(folder, 'x.html')]);
    expect(report.code).toBe(2);
    expect(existsSync(join(folder, 'x.html'))).toBe(false);
  });

  it('tells a trial that gave other orders, though all of them rest to the end', async () => {
    const { folder, strategy } = await prepared(RESTING);
    const study = join(folder, 'resting.log');
    process.env.HINDCAST_TEST_RESTING = '2';
    try {
      await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, ...STUDY_ALONE]);
      const same = await hindcast(['reproduce', study, '--trial', '0']);
      expect(same.code).toBe(0);
      expect(same.stdout).toContain(
        'is reproduced: fills, rejections, cancellations and expiries, the number of orders, ending equity and metrics are the same.',
      );
      expect(same.stdout).toMatch(/Orders +3 +3\n/);
      const unnumbered = join(folder, 'unnumbered.log');
      writeFileSync(unnumbered, readFileSync(study, 'utf8').replaceAll('"orders":3,', ''));
      process.env.HINDCAST_TEST_RESTING = '6';
      const other = await hindcast(['reproduce', study, '--trial', '0']);
      expect(other.code).toBe(1);
      expect(other.stdout).toContain('is NOT reproduced');
      expect(other.stdout).toMatch(/Orders +3 +7 +differs\n/);
      expect(other.stdout).not.toMatch(/Order stream.*differs/);
      // A study that does not say how many there were is held to the rest, and nothing is said of orders.
      const silent = await hindcast(['reproduce', unnumbered, '--trial', '0']);
      expect(silent.code).toBe(0);
      expect(silent.stdout).not.toContain('orders');
      const { expected, found } = JSON.parse(
        (await hindcast(['reproduce', unnumbered, '--trial', '0', '--json'])).stdout,
      );
      expect([expected.orders, found.orders]).toEqual([null, 7]);
    } finally {
      delete process.env.HINDCAST_TEST_RESTING;
    }
  });

  it('says which parameters matter, on the command line and in the report', async () => {
    const { folder, strategy } = await prepared(CROSSOVER.replace('step: 2', 'step: 1').replace('step: 4', 'step: 1'));
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);
    const { code, stdout, stderr } = await hindcast(['importance', study, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout) as Importance;
    expect(document).toMatchObject({ study, objective: { metric: 'sharpe' }, trials: 25, higher: 0 });
    expect(document.parameters.map(({ name }) => name).sort()).toEqual(['fast', 'slow']);
    const shares = [...document.parameters, ...document.interactions].map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    const space = new ParameterSpace({ fast: int(2, 6), slow: int(8, 12) });
    const found = importanceOf(space, valuedTrials(study));
    expect(document).toMatchObject(found);
    const other = JSON.parse((await hindcast(['importance', study, '--seed', '9', '--trees', '5', '--json'])).stdout);
    expect(other).toMatchObject(importanceOf(space, valuedTrials(study), { seed: 9, trees: 5 }));
    const text = (await hindcast(['importance', study])).stdout;
    expect(text).toMatch(/^What decides sharpe over the whole space, from 25 trials\n/);
    expect(text).toMatch(/\nfast x slow +\d+\.\d\d %/);
    const page = join(folder, 'cross.html');
    expect((await hindcast(['report', study, '--out', page])).code).toBe(0);
    const section = /<section[^>]*id="importance">[\s\S]*?<\/section>/.exec(readFileSync(page, 'utf8'))![0];
    expect(section).toContain(`${(100 * document.parameters[0]!.share).toFixed(2)} %`);
  });

  it('of few trials has no importance: the command says so, the report goes without', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);
    const { code, stderr } = await hindcast(['importance', study]);
    expect(code).toBe(2);
    expect(stderr).toContain('at least 10 trials with a value; there are 6');
    const page = join(folder, 'cross.html');
    expect((await hindcast(['report', study, '--out', page])).code).toBe(0);
    expect(readFileSync(page, 'utf8')).not.toContain('Which parameters matter');
  });

  it('that is damaged is refused with exit code 3', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);
    appendFileSync(study, 'not a record\n');
    const { code, stderr } = await hindcast(['resume', study]);
    expect(code).toBe(3);
    expect(stderr).toContain('cross.log');
  });

  it.each([
    { args: ['resume', 'none.log'], says: 'it does not exist' },
    { args: ['report', 'none.log'], says: '--out FILE.html' },
    { args: ['report', 'none.log', '--out', 'x.html'], says: 'it does not exist' },
    { args: ['importance', 'none.log'], says: 'it does not exist' },
    { args: ['reproduce', 'none.log'], says: '--trial NUMBER' },
    { args: ['reproduce', 'none.log', '--trial', '1'], says: 'it does not exist' },
    { args: ['reproduce', 'none.log', '--trial', '-1'], says: 'whole number from 0' },
  ])('is asked for in vain by $args', async ({ args, says }) => {
    emptyHome();
    const { code, stderr } = await hindcast(args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it('has the trials it has', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study]);
    const { code, stderr } = await hindcast(['reproduce', study, '--trial', '6']);
    expect(code).toBe(2);
    expect(stderr).toContain('from 0 to 5');
  });
});

/** Buys once, and leaves orders on the book that nothing touches: as many as the environment says, which no study knows. */
const RESTING = `import { defineStrategy, int } from 'hindcast';
export default defineStrategy({
  parameters: { units: int(1, 2, { default: 1 }) },
  initialize: ({ assets: [asset] }, { units }) => ({ asset, units, given: false }),
  handleData({ state, order }) {
    if (state.given) return;
    state.given = true;
    order(state.asset, state.units);
    for (let i = 0; i < Number(process.env.HINDCAST_TEST_RESTING); i++) order(state.asset, 1, { limit: '0.01' });
  },
});
`;

/** Parameters of every kind, one of them conditional. */
const KINDS = CROSSOVER.replace(
  '{ defineStrategy, int, sma }',
  '{ bool, choice, defineStrategy, float, int, sma, variant }',
).replace(
  'parameters: {',
  "parameters: { eager: bool(), mode: choice('calm', 'bold'), share: float(0.5, 1, { step: 0.5 }), stop: variant({ none: {}, after: { bars: int(2, 3) } }),",
);

describe('parameters of every kind', () => {
  it('are searched, shown, reported and given by hand', async () => {
    const { folder, strategy } = await prepared(KINDS);
    const study = join(folder, 'kinds.log');
    const args = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--all', '--json'];
    const document = parse((await hindcast([...args, ...STUDY_ALONE])).stdout);
    // 2 x 2 x 2 x (1 + 2) x 6 combinations
    expect(document.trials).toMatchObject({ total: 144, complete: 144 });
    const { params } = document.all!.at(-1) as unknown as Record<string, Record<string, unknown>>;
    expect(params).toMatchObject({ eager: true, mode: 'bold', share: 1, stop: { kind: 'after', bars: 3 } });

    const text = (await hindcast(['resume', study, '--jobs', '1', '--top', '3'])).stdout;
    expect(text).toMatch(/trial +parameters +sharpe/);
    for (const line of text.split('\n').slice(0, 9)) expect(line.length).toBeLessThanOrEqual(80);

    expect(text).toMatch(
      /Best: trial \d+, ends with [\d,.]+\n {2}eager=\w+ mode=\w+ share=[\d.]+ stop=(none|after stop\.bars=\d) fast=/,
    );

    const page = join(folder, 'kinds.html');
    expect((await hindcast(['report', study, '--out', page])).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('stop.bars');

    const given = ['eager=true', 'mode=bold', 'share=1', 'stop=after', 'stop.bars=3', 'fast=6', 'slow=12'];
    const options = given.flatMap((each) => ['--param', each]);
    const run = JSON.parse((await hindcast(['backtest', strategy, '--bundle', 'waves', ...options, '--json'])).stdout);
    expect(run.params).toEqual(params);
    expect((await hindcast(['reproduce', study, '--trial', '143'])).code).toBe(0);
  });
});

describe('demo', () => {
  it('makes market, study and report in an empty home, again and again', async () => {
    const folder = emptyHome();
    const out = join(folder, 'out');
    const first = await hindcast(['demo', '--out', out]);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('SYNTHETIC');
    expect(first.stdout).toContain('All 1,100 combinations');
    expect(first.stdout).toContain('hindcast ingest csv YOUR-PRICES/*.csv --bundle mine');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Synthetic market.');
    expect(first.stdout).toContain('Searched on 6y, traded on the 2y behind them: 7 windows, 420 trials');
    expect(readFileSync(join(out, 'walk-forward.html'), 'utf8')).toContain('Parameter drift');
    const second = await hindcast(['demo', '--out', out, '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({
      schemaVersion: 1,
      synthetic: true,
      bundle: { name: 'sample' },
      optimize: { trials: { total: 1100 } },
      walkForward: { trials: { total: 420 }, report: join(out, 'walk-forward.html') },
      report: join(out, 'report.html'),
    });
  }, 240_000);

  it('leaves alone what is not its own', async () => {
    const folder = emptyHome();
    const out = join(folder, 'out');
    mkdirSync(out);
    file(out, 'demo-study.log', 'mine\n');
    const blocked = await hindcast(['demo', '--out', out]);
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toContain('is not the demo');
    expect(readFileSync(join(out, 'demo-study.log'), 'utf8')).toBe('mine\n');
    const bars = file(folder, 'A.csv', 'date,open,high,low,close,volume\n2020-01-02,1,1,1,1,1\n');
    await hindcast(['ingest', 'csv', bars, '--bundle', 'sample']);
    const other = await hindcast(['demo', '--out', join(folder, 'other')]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("A bundle 'sample' of real data is here already");
  });
});
