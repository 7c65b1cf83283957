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
  readonly reason?: string;
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

  it.each([{ trials: [] }, { trials: ['--trials', '100'] }])(
    'carries the best of four points to all of the data: $trials',
    async ({ trials }) => {
      const { optimize } = await prepareSearch(crossoverWith('int(11, 12)').replace('int(2, 10)', 'int(2, 3)'));
      const { code, stdout, stderr } = await hindcast(optimize('--search', 'asha', ...trials, '--json', '--all'));
      expect(code, stderr).toBe(0);
      const all = listed(stdout);
      expect([1 / 9, 1 / 3, undefined].map((share) => all.filter(({ budget }) => budget === share).length)).toEqual([
        4, 2, 1,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ trials: { total: 7, complete: 1 }, best: { number: 6 } });
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

  it.each([
    { part: 'symbols', share: '1 of 2 symbols', budget: 1 / 2 },
    { part: 'frequency', share: '1w bars, 14.2 % as many', budget: 52 / 365 },
  ])(
    'takes $part for shares, for an objective of the strategy too, and goes on with them',
    async ({ part, share, budget }) => {
      const { folder, optimize } = await prepared();
      const study = join(folder, `${part}.log`);
      const args = optimize(
        '--search',
        'asha',
        '--part',
        part,
        '--objective',
        'orders',
        '--trials',
        '12',
        '--study',
        study,
      );
      const begun = await hindcast(args.map((word) => (word === '12' ? '7' : word)));
      expect(begun.code, begun.stderr).toBe(0);
      expect((await hindcast(['resume', study, '--jobs', '1', '--no-lookahead'])).code).toBe(0);
      const { code, stdout } = await hindcast([...args, '--json', '--all']);
      expect(code).toBe(0);
      const all = listed(stdout);
      expect(new Set(all.map((trial) => trial.budget))).toEqual(new Set([budget, undefined]));
      const whole = await hindcast(
        args.filter((word) => word !== '--study' && word !== study).concat('--json', '--all'),
      );
      expect(listed(whole.stdout).map(figures)).toEqual(all.map(figures));
      expect(all[0]).toMatchObject({ state: 'pruned', reason: `a run over ${share}` });
      const refused = await hindcast(['reproduce', study, '--trial', '0']);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`Trial 0 ran over ${share}`) });
      const best = String(JSON.parse(stdout).best.number);
      expect((await hindcast(['reproduce', study, '--trial', best])).code).toBe(0);
      const other = await hindcast(args.map((word) => (word === part ? 'start' : word)));
      expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('settings of the search') });
    },
  );

  it.each([
    { part: 'symbols', asks: "symbol('AAA'), symbol('BBB')", says: 'This run has no symbol' },
    {
      part: 'frequency',
      asks: "data.history(symbol('AAA'), 'close', 1, '12h')",
      says: '12h bars are not available',
    },
  ])('ends where a share by $part lacks what the strategy asks for', async ({ part, asks, says }) => {
    const { optimize } = await prepareSearch(
      CROSSOVER.replace(
        'handleData({ state: { asset, position, fast, slow }, order }) {',
        `handleData({ state: { asset, position, fast, slow }, order, symbol }, data) {\n${asks};`,
      ),
    );
    const args = optimize('--search', 'asha', '--part', part, '--trials', '12');
    // A point that is enqueued runs over all of the data, where nothing is lacking.
    for (const enqueued of [[], ['--enqueue', 'fast=3,slow=12']]) {
      const { code, stderr } = await hindcast([...args, ...enqueued]);
      expect(code, stderr).toBe(2);
      expect(stderr).toContain(says);
      expect(stderr).toContain('let a share of it be windows (--part windows)');
    }
  });

  it('does not speak of shares where all of the data lacks a symbol', async () => {
    const { optimize } = await prepareSearch(
      CROSSOVER.replace(
        'handleData({ state: { asset, position, fast, slow }, order }) {',
        "handleData({ state: { asset, position, fast, slow }, order, symbol }) {\nsymbol('XYZ');",
      ),
    );
    const { code, stderr } = await hindcast(optimize('--search', 'asha', '--part', 'symbols', '--trials', '12'));
    expect(code, stderr).toBe(1);
    expect(stderr).toContain("This run has no symbol 'XYZ'");
    expect(stderr).not.toContain('--part');
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
    { args: ['--search', 'bohb', '--part', 'end'], says: "bohb.part is 'windows', 'start', 'symbols' or 'frequency'" },
    { args: ['--search', 'asha', '--part', 'symbols', '--windows', '3'], says: "but its part is 'symbols'" },
    { args: ['--search', 'asha', '--part', 'symbols', '--symbols', 'AAA'], says: 'This run has one symbol' },
    {
      args: ['--search', 'hyperband', '--part', 'frequency', '--min-budget', '0.5', '--eta', '2'],
      says: "No longer bars come near the shares 50 %, 100 %: this run's 1d bars make 1w bars, 14.2 % as many; 1mo bars,",
    },
    {
      args: ['--search', 'bohb', '--part', 'frequency', '--start', '2020-01-07', '--end', '2020-01-18'],
      says: "This run's 1d bars make no two longer ones",
    },
  ])('refuses $args', async ({ args, says }) => {
    const { optimize } = await prepared();
    expect(await hindcast(optimize(...args))).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});

const figures = ({ number, state, value, budget }: Listed): unknown => ({ number, state, value, budget });
