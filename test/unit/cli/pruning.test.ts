import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crossoverWith, hindcast, prepareSearch } from '../../helpers/command-line.js';
import { canonicalJournal, readOptunaJournal } from '../../helpers/optuna-journal.js';

/** 90 combinations, some of which trade against the wave: falls from 1 to 90 %. */
const CROSSOVER = crossoverWith('int(11, 47, { step: 4 })');

interface Listed {
  readonly number: number;
  readonly state: string;
  readonly value: number | null;
  readonly stoppedAt?: number;
  readonly intermediate?: readonly (readonly [number, number])[];
  readonly metrics: Readonly<Record<string, number | null>> | null;
  readonly reason?: string;
}

async function prepared() {
  const { folder, optimize } = await prepareSearch(CROSSOVER, '--json', '--quiet', '--all');
  const run = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await hindcast(args);
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout);
    return { ...document, all: document.all as readonly Listed[] };
  };
  return { folder, optimize, run };
}

describe('pruning inside workers', () => {
  it.each([
    { prune: 'median', search: 'grid', objective: 'sharpe' },
    { prune: 'percentile:30,startup=3,warmup=1', search: 'tpe', objective: 'totalReturn' },
  ])(
    '$prune makes the same journal on any number of workers and after a stop in between',
    async ({ prune, search, objective }) => {
      const { folder, optimize, run } = await prepared();
      const args = optimize('--no-overfitting', '--prune', prune, '--search', search, '--objective', objective);
      const studyOf = async (name: string, ...more: string[]): Promise<string> => {
        const study = join(folder, name, 'same.log');
        mkdirSync(dirname(study));
        await run([...args, '--study', study, '--trials', '40', ...more]);
        return study;
      };
      const one = await studyOf('one');
      const [study] = readOptunaJournal(one);
      const pruned = study!.trials.filter(({ state }) => state === 'PRUNED');
      expect(pruned.length).toBeGreaterThan(2);
      for (const { state, values, intermediate } of study!.trials) {
        expect(Object.keys(intermediate).every((step) => Number(step) >= 1 && Number(step) <= 7)).toBe(true);
        if (state === 'PRUNED') expect(values).toEqual([Object.values(intermediate).at(-1)]);
      }
      const expected = canonicalJournal(one);
      expect(canonicalJournal(await studyOf('four', '--jobs', '4'))).toEqual(expected);
      const cut = join(folder, 'cut', 'same.log');
      mkdirSync(dirname(cut));
      await run([...args, '--study', cut, '--trials', '17']);
      await run([...args, '--study', cut, '--trials', '40', '--jobs', '2']);
      // But for the number of trials, with which the study began.
      const trialsOf = (studies: unknown) =>
        (studies as readonly { readonly trials: unknown }[]).map((each) => each.trials);
      expect(trialsOf(canonicalJournal(cut))).toEqual(trialsOf(expected));
    },
  );

  it('counts a pruned trial, never lets it win, and says so', async () => {
    const { folder, optimize, run } = await prepared();
    const study = join(folder, 'p.log');
    const args = optimize('--prune', 'median', '--checks', '5', '--search', 'grid', '--study', study);
    const { trials, all, best, overfitting } = await run(args);
    const pruned = (all as readonly Listed[]).filter(({ state }) => state === 'pruned');
    expect(trials).toMatchObject({ total: 90, pruned: pruned.length, complete: 90 - pruned.length });
    expect(pruned.length).toBeGreaterThan(10);
    expect(pruned.map(({ number }) => number)).not.toContain(best.number);
    expect(overfitting.trials).toBe(90);
    for (const { stoppedAt, intermediate, reason, value } of pruned) {
      const step = intermediate!.at(-1)![0];
      expect(value).toBe(intermediate!.at(-1)![1]);
      expect(stoppedAt).toBeCloseTo(step / 5, 2);
      expect(reason).toBe(
        `pruned after ${Number((stoppedAt! * 100).toPrecision(3))} % of the data: others had more by then`,
      );
    }
    const resumed = await hindcast(['resume', study, '--jobs', '1', '--no-lookahead']);
    expect(resumed.stdout).toContain(`90 trials: ${90 - pruned.length} complete, ${pruned.length} pruned`);
    const reproduced = await hindcast(['reproduce', study, '--trial', String(pruned[0]!.number)]);
    expect(reproduced).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Trial \d+ was ended behind [\d.]+ % of the data/),
    });
    for (const [word, other] of [
      ['median', 'wilcoxon'],
      ['5', '6'],
    ] as const) {
      const changed = await hindcast(args.map((each) => (each === word ? other : each)));
      expect(changed).toMatchObject({ code: 2, stderr: expect.stringContaining('is another study') });
    }
    expect(await hindcast(args.filter((word) => !['--prune', 'median', '--checks', '5'].includes(word)))).toMatchObject(
      {
        code: 2,
        stderr: expect.stringContaining('is another study'),
      },
    );
  });

  it('ends accounts that fall too far or are ruined, also of a search over parts, and goes on with the rule', async () => {
    const { folder, optimize, run } = await prepared();
    const whole = await run(optimize('--no-overfitting', '--search', 'grid'));
    const falls = (whole.all as readonly Listed[]).map(({ metrics }) => metrics!.maxDrawdown!).sort((a, b) => a - b);
    const limit = Number(falls[45]!.toFixed(3));
    const study = join(folder, 'd.log');
    const args = optimize(
      '--no-overfitting',
      '--search',
      'grid',
      '--stop-at-drawdown',
      String(limit),
      '--study',
      study,
    );
    await run([...args, '--trials', '30']);
    const { all, best, trials } = await run([...args, '--trials', '90', '--jobs', '2']);
    expect(trials.pruned).toBe(falls.filter((fall) => fall > limit).length);
    expect(best.metrics.maxDrawdown).toBeLessThanOrEqual(limit);
    for (const { reason, stoppedAt } of (all as readonly Listed[]).filter(({ state }) => state === 'pruned')) {
      expect(reason).toMatch(/its account fell by [\d.]+ % from its peak, and [\d.]+ % is the limit$/);
      expect(stoppedAt).toBeGreaterThan(0);
    }
    for (const { number, state, metrics } of all as readonly Listed[]) {
      if (state === 'complete') expect(metrics).toEqual((whole.all as readonly Listed[])[number]!.metrics);
    }
    const ruin = await run(optimize('--no-overfitting', '--search', 'grid', '--stop-at-ruin', '0.95'));
    expect(ruin.all.find(({ state }: Listed) => state === 'pruned')!.reason).toMatch(/and 95 % is ruin$/);
    expect((await run(optimize('--no-overfitting', '--search', 'grid', '--stop-at-ruin'))).trials.pruned).toBe(0);
    for (const part of ['windows', 'start']) {
      const parts = await run(
        optimize(
          '--no-overfitting',
          '--search',
          'halving',
          '--iterations',
          '4',
          '--part',
          part,
          '--stop-at-drawdown',
          '0.03',
        ),
      );
      const broken = (parts.all as readonly Listed[]).filter(({ reason = '' }) => reason.includes('is the limit'));
      expect(broken.length).toBeGreaterThan(0);
      expect(broken.every(({ value }) => value === null)).toBe(true);
    }
  });

  it('holds trials to requirements, at a price to others, and keeps both with the study', async () => {
    const { folder, optimize, run } = await prepared();
    const whole = (await run(optimize('--no-overfitting', '--search', 'grid'))).all as readonly Listed[];
    const study = join(folder, 'c.log');
    const figures = whole.filter(({ state }) => state === 'complete').map(({ metrics }) => metrics!);
    const ascending = (name: string): number[] =>
      [...new Set(figures.map((each) => each[name]!))].sort((x, y) => x - y);
    const least = ascending('trades')[1]!;
    const most = ascending('trades').at(-2)!;
    const deepest = Number(ascending('maxDrawdown').at(-5)!.toFixed(4));
    const conditions = [
      ...['--require', `trades:min=${least}`, '--require', `maxDrawdown:max=${deepest}`],
      ...['--penalty', `trades:max=${most},weight=0.25`],
    ];
    const args = optimize('--no-overfitting', '--search', 'grid', '--study', study, ...conditions);
    await run([...args, '--trials', '50']);
    const { all, best, objective } = await run([...args, '--trials', '90', '--jobs', '2']);
    expect(objective).toEqual({
      metric: 'sharpe',
      direction: 'maximize',
      require: [
        { metric: 'trades', min: least },
        { metric: 'maxDrawdown', max: deepest },
      ],
      penalties: [{ metric: 'trades', max: most, weight: 0.25 }],
    });
    const counts = { complete: 0, trades: 0, drawdown: 0, priced: 0 };
    for (const { number, state, value, metrics, reason = '', stoppedAt } of all as readonly Listed[]) {
      const { trades, maxDrawdown } = whole[number]!.metrics as {
        readonly trades: number;
        readonly maxDrawdown: number;
      };
      if (state === 'complete') {
        const price = 0.25 * Math.max(0, trades - most);
        expect(value).toBeCloseTo(whole[number]!.value! - price, 12);
        expect(metrics).toEqual(whole[number]!.metrics);
        counts.complete++;
        if (price > 0) counts.priced++;
      } else if (reason.startsWith('trades is')) {
        expect(trades).toBeLessThan(least);
        expect(stoppedAt).toBe(1);
        counts.trades++;
      } else if (reason.includes('is the limit')) {
        expect(maxDrawdown).toBeGreaterThan(deepest);
        counts.drawdown++;
      } else expect(whole[number]!.state).toBe('pruned');
    }
    expect(Math.min(...Object.values(counts)), JSON.stringify(counts)).toBeGreaterThan(0);
    expect(best.value).toBe(
      Math.max(...(all as readonly Listed[]).flatMap(({ state, value }) => (state === 'complete' ? [value!] : []))),
    );
    const resumed = await hindcast(['resume', study, '--jobs', '1', '--no-lookahead']);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(`${counts.complete} complete`) });
    const other = await hindcast(args.map((word) => (word === `trades:min=${least}` ? 'trades:min=1' : word)));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('objective was') });
  });

  it.each([
    { args: ['--require', 'trades>=3'], says: 'Option --require is written METRIC:min=NUMBER,max=NUMBER' },
    { args: ['--penalty', 'trades:max=3'], says: 'The weight of the penalty on trades' },
    { args: ['--require', 'trades:min=3', '--require', 'trades:max=4'], says: "names 'trades' for the second time" },
    { args: ['--penalty', 'turnover:max=3,weight=1', '--search', 'asha'], says: "'turnover' is measured on one run" },
    { args: ['--prune', 'medain'], says: "There is no pruner 'medain'. Did you mean 'median'?" },
    { args: ['--prune', 'percentile'], says: "The pruner 'percentile' is written percentile:25." },
    { args: ['--prune', 'percentile:x'], says: "'x' says nothing to the pruner 'percentile'" },
    { args: ['--prune', 'median:warm=2'], says: "'warm=2' says nothing to the pruner 'median'" },
    { args: ['--prune', 'patient:0'], says: 'patient.steps' },
    { args: ['--prune', 'bound'], says: 'no bound proves that it cannot win. There is one for maxDrawdown (minimize)' },
    { args: ['--prune', 'median', '--objective', 'orders'], says: "'orders' is measured at its end alone" },
    { args: ['--prune', 'median', '--search', 'bohb'], says: 'a bohb search decides itself which trials go on' },
    {
      args: ['--stop-at-drawdown', '40'],
      says: 'stopAtDrawdown is a share above 0 and below 1, such as 0.4 for 40 %, not 40.',
    },
    { args: ['--stop-at-ruin', '1'], says: 'stopAtRuin is a share from 0, below 1' },
    { args: ['--checks', '4'], says: 'nothing can end it there' },
  ])('refuses $args', async ({ args, says }) => {
    const { optimize } = await prepared();
    expect(await hindcast(optimize(...args))).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});
