import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dominates } from '../../../src/optimize/dominance.js';
import { CROSSOVER, hindcast, prepareSearch } from '../../helpers/command-line.js';
import { canonicalJournal, readOptunaJournal } from '../../helpers/optuna-journal.js';

/** 308 combinations in place of six. */
const WIDE = CROSSOVER.replace('int(2, 6, { step: 2, ', 'int(2, 12, { ').replace(
  'int(8, 12, { step: 4, default: 8',
  'int(13, 40, { default: 13',
);

const prepared = () => prepareSearch(WIDE, '--no-overfitting', '--quiet');

interface Listed {
  readonly number: number;
  readonly state: string;
  readonly value: number | null;
  readonly values?: readonly number[];
}

describe('several objectives', () => {
  it('are searched by nsga2, the same on any number of workers, and give the Pareto set in document, table and page', async () => {
    const { folder, optimize } = await prepared();
    const args = optimize('--objective', 'annualReturn,trades,turnover', '--search', 'nsga2');
    const studyOf = async (name: string, ...more: string[]) => {
      const study = join(folder, name, 'same.log');
      mkdirSync(dirname(study));
      const { code, stdout, stderr } = await hindcast([
        ...args,
        '--study',
        study,
        '--json',
        '--all',
        '--trials',
        '120',
        ...more,
      ]);
      expect(code, stderr).toBe(0);
      return { study, document: JSON.parse(stdout) };
    };
    const { study, document } = await studyOf('one');
    const { all, front, best, objectives, objective, top } = document;
    expect(objective).toEqual({ metric: 'annualReturn', direction: 'maximize' });
    expect(objectives).toEqual([
      { metric: 'annualReturn', direction: 'maximize' },
      { metric: 'trades', direction: 'maximize' },
      { metric: 'turnover', direction: 'minimize' },
    ]);
    const complete = (all as readonly Listed[]).filter(({ state }) => state === 'complete');
    const losses = (values: readonly number[]): number[] => [-values[0]!, -values[1]!, values[2]!];
    const expected = complete.filter(
      ({ values }) => !complete.some((other) => dominates(losses(other.values!), losses(values!))),
    );
    const numbers = (of: readonly Listed[]): number[] => of.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers(front)).toEqual(numbers(expected));
    expect(front.length).toBeGreaterThan(2);
    expect(front[0].number).toBe(best.number);
    expect(top[0].values).toEqual(best.values);
    expect(readOptunaJournal(study)[0]!.directions).toEqual(['MAXIMIZE', 'MAXIMIZE', 'MINIMIZE']);
    const two = await studyOf('two', '--jobs', '2');
    expect(canonicalJournal(two.study)).toEqual(canonicalJournal(study));
    const text = await hindcast(['resume', study, '--jobs', '1', '--no-lookahead', '--no-overfitting', '--top', '2']);
    expect(text.stdout).toContain(
      `Pareto set: ${front.length} trials that no other one beats in every objective; the first 2`,
    );
    expect(text.stdout).toMatch(/annual return +trades +turnover/);
    expect(text.stdout).toContain(`Best by annual return: trial ${best.number}`);
    const out = join(folder, 'r.html');
    expect((await hindcast(['report', study, '--out', out])).code).toBe(0);
    const page = readFileSync(out, 'utf8');
    const others = complete.filter((trial) => !expected.includes(trial)).length;
    expect(page.match(/<circle class="front"/g)).toHaveLength(front.length);
    expect(page.match(/<circle class="other"/g)!.length).toBeLessThanOrEqual(others);
    expect(page).toContain('Annual return high, Trades high, Turnover low');
  });

  it('go on where they were stopped, in directions of their own', async () => {
    const { folder, optimize } = await prepared();
    const whole = join(folder, 'whole.log');
    const objective = ['--objective', 'sharpe,trades:minimize', '--search', 'nsga2', '--json', '--all'];
    await hindcast(optimize(...objective, '--study', whole, '--trials', '60'));
    const cut = join(folder, 'cut.log');
    await hindcast(optimize(...objective, '--study', cut, '--trials', '25'));
    const { stdout } = await hindcast(optimize(...objective, '--study', cut, '--trials', '60'));
    const trials = (of: string) => (canonicalJournal(of) as readonly { readonly trials: unknown }[])[0]!.trials;
    expect(trials(cut)).toEqual(trials(whole));
    expect(JSON.parse(stdout).objectives[1]).toEqual({ metric: 'trades', direction: 'minimize' });
    const other = await hindcast(optimize('--objective', 'sharpe,trades', '--search', 'nsga2', '--study', cut));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('directions was') });
  });

  it('one objective in another direction is that of the study, also after a resume', async () => {
    const { folder, optimize } = await prepared();
    const study = join(folder, 'low.log');
    const first = await hindcast(
      optimize('--objective', 'trades:minimize', '--study', study, '--search', 'grid', '--json', '--all'),
    );
    const { all, best, front } = JSON.parse(first.stdout);
    expect(front).toBeUndefined();
    const values = (all as readonly Listed[]).flatMap(({ value }) => (value === null ? [] : [value]));
    expect(best.value).toBe(Math.min(...values));
    expect((await hindcast(['resume', study, '--jobs', '1', '--no-lookahead'])).code).toBe(0);
  });

  it.each([
    {
      args: ['--objective', 'sharpe,calmar', '--search', 'tpe'],
      says: 'A tpe search has one objective, not 2. Search with nsga2',
    },
    {
      args: ['--objective', 'sharpe,calmar', '--search', 'gp', '--trials', '20'],
      says: 'A gp search has one objective',
    },
    { args: ['--objective', 'sharpe,calmar', '--search', 'bohb'], says: 'one objective' },
    { args: ['--objective', 'sharpe,sharpe'], says: "The objective 'sharpe' is named twice." },
    { args: ['--objective', 'sharpe:up'], says: "':maximize' or ':minimize' behind it" },
    { args: ['--objective', 'sharpe,'], says: "'sharpe,' is not" },
    { args: ['--objective', 'sharpe,shrape'], says: "No metric 'shrape'" },
    { args: ['--objective', 'sharpe,calmar', '--prune', 'median'], says: 'but the study has 2 objectives' },
    { args: ['--objective', 'sharpe,calmar', '--patience', '5'], says: 'judge one objective' },
  ])('refuses $args', async ({ args, says }) => {
    const { optimize } = await prepared();
    expect(await hindcast(optimize(...args))).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });

  it('are no rule to choose by out of sample', async () => {
    const { strategy } = await prepared();
    const walk = ['walkforward', strategy, '--bundle', 'waves', '--train', '120', '--test', '60', '--jobs', '1'];
    const { code, stderr } = await hindcast([...walk, '--objective', 'sharpe,calmar']);
    expect(code).toBe(2);
    expect(stderr).toContain('Out-of-sample testing chooses by one objective, not by sharpe and calmar.');
  });
});
