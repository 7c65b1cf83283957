import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crossoverWith, hindcast, prepareSearch } from '../../helpers/command-line.js';

/** A space of 90 points, so that brackets do not use it up at once. */
const CROSSOVER = crossoverWith('int(11, 20)');

interface Listed {
  readonly number: number;
  readonly state: string;
  readonly value: number | null;
  readonly budget?: number;
}

const prepared = () => prepareSearch(CROSSOVER);

const listed = (stdout: string): Listed[] => JSON.parse(stdout).all;

describe('a search over budgets', () => {
  it.each(['halving', 'hyperband', 'asha', 'bohb'])(
    '%s finds the same on any number of workers, and after a resume',
    async (search) => {
      const { folder, optimize } = await prepared();
      const args = optimize('--search', search, '--trials', '40', '--all', '--json', '--quiet');
      const one = await hindcast(args);
      expect(one.code, one.stderr).toBe(0);
      const { trials, overfitting, best } = JSON.parse(one.stdout);
      const all = listed(one.stdout);
      expect(new Set(all.map(({ budget }) => budget))).toEqual(new Set([1 / 9, 1 / 3, undefined]));
      expect(trials).toMatchObject({ total: 40, complete: all.filter(({ budget }) => budget === undefined).length });
      expect(best.number).toBe(all.find(({ value, budget }) => budget === undefined && value === best.value)!.number);
      // Of all points, not of those alone that went to the end.
      expect(overfitting.trials).toBeGreaterThan(trials.complete);
      const two = await hindcast([...args, '--jobs', '2']);
      expect(listed(two.stdout).map(figures)).toEqual(all.map(figures));
      const study = join(folder, 'cut.log');
      const cut = args.map((word) => (word === '40' ? '17' : word));
      expect((await hindcast([...cut, '--study', study])).code).toBe(0);
      const rest = await hindcast([...args, '--study', study]);
      expect(listed(rest.stdout).map(figures)).toEqual(all.map(figures));
    },
  );

  it('keeps its settings with the study, and says what a trial over part of the data is', async () => {
    const { folder, optimize, strategy } = await prepared();
    const study = join(folder, 'h.log');
    const args = optimize(
      '--search',
      'hyperband',
      '--min-budget',
      '0.2',
      '--eta',
      '2',
      '--iterations',
      '2',
      '--study',
      study,
    );
    const { code, stdout, stderr } = await hindcast(args);
    expect(code, stderr).toBe(0);
    // 4, 2, 1 and 2, 1.
    expect(stdout).toContain('hyperband search, 10 trials: 2 complete, 8 over part of the data');
    expect(readFileSync(study, 'utf8')).toContain('"hindcast:budget":0.25');
    expect((await hindcast(['resume', study, '--jobs', '1', '--no-lookahead'])).code).toBe(0);
    const other = await hindcast(args.map((word) => (word === '0.2' ? '0.5' : word)));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('settings of the search') });
    const reproduced = await hindcast(['reproduce', study, '--trial', '0']);
    expect(reproduced).toMatchObject({ code: 2, stderr: expect.stringContaining('Trial 0 ran over 25 % of the data') });
    const walk = [
      'walkforward',
      strategy,
      '--bundle',
      'waves',
      '--train',
      '120',
      '--test',
      '60',
      '--search',
      'asha',
      '--trials',
      '9',
    ];
    const walked = await hindcast([...walk, '--jobs', '1']);
    expect(walked).toMatchObject({ code: 2, stderr: expect.stringContaining('a training is such a part already') });
  });

  it('takes the start of the data for an objective of the strategy', async () => {
    const { optimize } = await prepared();
    const args = optimize('--search', 'asha', '--trials', '40', '--objective', 'orders');
    const refused = await hindcast(args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--part start') });
    const { code, stdout } = await hindcast([...args, '--part', 'start', '--json', '--all']);
    expect(code).toBe(0);
    const all = listed(stdout);
    const longest = Math.max(...all.filter(({ budget }) => budget !== undefined).map(({ value }) => value ?? 0));
    // Fewer bars, fewer orders.
    expect(longest).toBeLessThan(JSON.parse(stdout).best.value);
  });

  it.each([
    { args: ['--search', 'random', '--eta', '3'], says: 'A random search has no settings' },
    { args: ['--search', 'tpe', '--eta', '3'], says: "Unknown option 'eta' of tpe" },
    { args: ['--search', 'asha', '--iterations', '3'], says: "Unknown option 'iterations' of asha" },
    { args: ['--search', 'bohb', '--min-budget', '2'], says: 'bohb.minBudget is a share of the data above 0' },
    { args: ['--search', 'bohb', '--part', 'end'], says: "bohb.part is 'windows' or 'start'" },
  ])('refuses $args', async ({ args, says }) => {
    const { optimize } = await prepared();
    expect(await hindcast(optimize(...args))).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});

const figures = ({ number, state, value, budget }: Listed): unknown => ({ number, state, value, budget });
