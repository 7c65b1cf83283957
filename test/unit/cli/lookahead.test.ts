import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';
import { PLANTED } from '../../helpers/planted-strategies.js';

/** A home with the waves and a strategy. */
async function prepared(source = CROSSOVER): Promise<{ readonly folder: string; readonly strategy: string }> {
  const folder = emptyHome();
  await ingestWaves(folder, 120);
  return { folder, strategy: file(folder, 'mine.ts', source) };
}

const shifted = PLANTED.find(({ name }) => name === 'a negative shift')!.source;

describe('lookahead', () => {
  it('clears an honest strategy with exit code 0 and exactly the document of the contract', async () => {
    const { strategy } = await prepared();
    const args = ['lookahead', strategy, '--bundle', 'waves', '--param', 'fast=4', '--cuts', '2', '--json', '--quiet'];
    const { code, stdout, stderr } = await hindcast(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout) as Record<string, unknown> & { readonly cuts: readonly object[] };
    expect(Object.keys(document)).toEqual([
      ...['schemaVersion', 'strategy', 'bundle', 'params', 'clean', 'finding', 'runs', 'differing', 'cuts'],
      ...['decisions', 'fills', 'orderStreamHash', 'caveats', 'seconds'],
    ]);
    expect(document).toMatchObject({ strategy: 'mine', params: { fast: 4, slow: 8 }, clean: true, finding: null });
    expect(document).toMatchObject({ differing: 0, caveats: [] });
    expect(document.cuts[0]).toEqual({ bar: 7, time: '2020-01-08', changes: ['truncated', 'perturbed'] });
  });

  it('says in plain words where the runs part, and ends with 1', async () => {
    const { strategy } = await prepared(shifted);
    const args = ['lookahead', strategy, '--bundle', 'waves', '--symbols', 'BBB', '--cuts', '1', '--quiet'];
    const { code, stdout, stderr } = await hindcast(args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^mine on waves [0-9a-f]{12}\n\nLOOK-AHEAD: \d+ of \d+ runs with another future/);
    expect(stdout).toContain('First difference: bar 0 (2020-01-01), BBB\n');
    expect(stdout).toContain('  the recorded future: order.target(BBB, 10)\n');
    expect(stdout).toContain('  bars after bar 0 (2020-01-01) cut off: order.target(BBB, 0)\n');
    expect(stdout).toContain('Likely cause: The indicator change() of BBB knows the next bar: a negative shift');
  });

  it('does not call chance look-ahead, but tells it', async () => {
    const { strategy } = await prepared(CROSSOVER.replace('fast.value > slow.value', 'Math.random() > 0.5'));
    const { code, stdout } = await hindcast(['lookahead', strategy, '--bundle', 'waves', '--cuts', '1', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      clean: false,
      runs: 0,
      finding: { kind: 'repetition', cut: null, hint: expect.stringContaining('Math.random') },
    });
  });

  it('finds a value that is known too early though no order hangs on it', async () => {
    const { strategy } = await prepared(shifted.replace('state.change.value > 0', 'true'));
    const { code, stdout } = await hindcast(['lookahead', strategy, '--bundle', 'waves', '--cuts', '1', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ finding: { kind: 'indicator', expected: 'change() of AAA is 1' } });
  });

  it('finds memory that outlives a run, where each run has a thread of its own', async () => {
    const { strategy } = await prepared(`const seen = new Map();
import { defineStrategy } from 'hindcast';
export default defineStrategy({
  parameters: {},
  handleData({ asset, now, order }, data) {
    if (seen.has(now)) throw new Error('seen before');
    seen.set(now, data.close(asset));
    if (seen.size % 20 === 0) order(asset, 1);
  },
});
`);
    const { code, stdout } = await hindcast(['lookahead', strategy, '--bundle', 'waves', '--cuts', '1', '--json']);
    expect({ code, caveats: (JSON.parse(stdout) as { caveats: string[] }).caveats }).toEqual({
      code: 0,
      caveats: [expect.stringContaining('the same orders on a market whose every price is another one')],
    });
  });

  it('says that files are not cut, of a strategy that can read them', async () => {
    const { strategy } = await prepared(
      `import { existsSync } from 'node:fs';\n${CROSSOVER.replace('if (position', 'if (existsSync("/") && position')}`,
    );
    const { code, stdout } = await hindcast(['lookahead', strategy, '--bundle', 'waves', '--cuts', '1']);
    expect(code).toBe(0);
    expect(stdout).toContain('Not covered: It imports node:fs: what it reads from files');
  });

  it('proves a trial of a study, the best one unless told otherwise', async () => {
    const { folder, strategy } = await prepared();
    const study = join(folder, 'mine.log');
    const searched = await hindcast([
      'optimize',
      strategy,
      '--bundle',
      'waves',
      '--study',
      study,
      '--jobs',
      '1',
      '--json',
    ]);
    const { best, top } = JSON.parse(searched.stdout) as Record<'best', { number: number; orderStreamHash: string }> & {
      readonly top: readonly { readonly number: number; readonly orderStreamHash: string }[];
    };
    const proof = await hindcast(['lookahead', study, '--cuts', '1', '--json', '--quiet']);
    expect({ code: proof.code, stderr: proof.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(proof.stdout)).toMatchObject({ study, trial: best.number, clean: true });
    expect(JSON.parse(proof.stdout)).toMatchObject({ orderStreamHash: best.orderStreamHash });
    const { number, orderStreamHash } = top.at(-1)!;
    const other = await hindcast(['lookahead', study, '--trial', String(number), '--cuts', '1', '--json']);
    expect(JSON.parse(other.stdout)).toMatchObject({ trial: number, orderStreamHash });
  });

  it.each([
    { args: ['none.ts', '--bundle', 'waves'], says: "No strategy file 'none.ts'" },
    { args: ['mine.ts'], says: 'Say which bundle' },
    { args: ['mine.ts', '--bundle', 'waves', '--cuts', '0'], says: 'Option --cuts is a whole number from 1' },
    { args: ['mine.ts', '--bundle', 'waves', '--trial', '1'], says: '--trial is of a study' },
    { args: ['mine.ts', '--bundle', 'waves', '--param', 'fats=4'], says: "Did you mean 'fast'?" },
    { args: ['mine.ts', '--bundle', 'waves', '--start', '2020-04-29'], says: 'no future to cut' },
    { args: ['none.log'], says: 'none.log' },
    { args: ['none.log', '--bundle', 'waves'], says: '--bundle is what the study none.log says already' },
  ])('refuses $args with exit code 2', async ({ args: [subject = '', ...rest], says }) => {
    const { folder } = await prepared();
    const { code, stdout, stderr } = await hindcast([
      'lookahead',
      subject === 'mine.ts' ? join(folder, subject) : subject,
      ...rest,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  it('is made of the winner of a search in passing, outside its seconds, unless told not to', async () => {
    const { folder, strategy } = await prepared(
      shifted
        .replace('parameters: {}', 'parameters: { size: int(1, 2) }')
        .replace('defineStrategy }', 'defineStrategy, int }'),
    );
    const study = ['--study', join(folder, 'mine.log')];
    for (const how of [['1'], ['1', ...study], ['2'], ['2', ...study]]) {
      const args = ['optimize', strategy, '--bundle', 'waves', '--json', '--jobs', ...how];
      const { code, stdout, stderr } = await hindcast(args);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ lookahead: { clean: false, finding: { kind: 'order', bar: 0 } } });
      expect(stderr).toContain('warning: The best trial does not pass.\nLOOK-AHEAD: ');
    }
    const silent = await hindcast([
      'optimize',
      strategy,
      '--bundle',
      'waves',
      '--jobs',
      '1',
      '--json',
      '--no-lookahead',
    ]);
    expect(silent.stderr).toBe('');
    expect(JSON.parse(silent.stdout)).toMatchObject({ lookahead: null });
  });

  it('stops on Ctrl-C', async () => {
    const { strategy } = await prepared();
    const args = ['lookahead', strategy, '--bundle', 'waves', '--cuts', '40', '--jobs', '1'];
    const { code, stdout } = await hindcast(args, { terminal: true, onStderr: (_, interrupt) => interrupt() });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});
