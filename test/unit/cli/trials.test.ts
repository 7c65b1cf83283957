import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { crossoverWith, file, hindcast, prepareSearch } from '../../helpers/command-line.js';

/** 36 combinations with a kind that has a parameter of its own. */
const CONDITIONAL = crossoverWith('int(13, 23, { step: 10 })')
  .replace('fast: int(2, 10)', 'fast: int(2, 10, { step: 4 }), stop: variant({ none: {}, after: { bars: int(2, 6) } })')
  .replace('defineStrategy, int', 'defineStrategy, variant, int');

interface Listed {
  readonly number: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly value: number | null;
  readonly state: string;
  readonly score?: number;
  readonly metrics: Readonly<Record<string, number | null>>;
}

const prepared = (text = CONDITIONAL) => prepareSearch(text, '--no-overfitting', '--quiet');

const documentOf = async (args: readonly string[]) => {
  const { code, stdout, stderr } = await hindcast([...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

describe('trials', () => {
  it('lists a study best first, by plateaus too, and writes it in every format with the same cells', async () => {
    const { folder, optimize } = await prepared();
    const study = join(folder, 's.log');
    const searched = await documentOf(optimize('--study', study, '--search', 'grid', '--select', 'plateau:4', '--all'));
    expect(searched.trials.total).toBe(36);
    const listed = await documentOf(['trials', study, '--select', 'plateau:4', '--all', '--top', '5']);
    expect(listed.selected).toEqual({ ...searched.selected, params: listed.selected.params });
    expect(listed.top).toHaveLength(5);
    expect(listed.top.map(({ number, value, score }: Listed) => [number, value, score])).toEqual(
      searched.top.slice(0, 5).map(({ number, value, score }: Listed) => [number, value, score]),
    );
    expect(listed.top[0].score).toBeLessThanOrEqual(listed.selected.score);
    expect(listed.trials).toEqual(searched.trials);
    const all = listed.all as readonly Listed[];
    expect(all.map(({ number, value, metrics }) => ({ number, value, metrics }))).toEqual(
      (searched.all as readonly Listed[]).map(({ number, value, metrics }) => ({ number, value, metrics })),
    );

    const table = (await hindcast(['trials', study, '--select', 'plateau:4', '--top', '3'])).stdout;
    expect(table).toMatch(/trial +parameters +sharpe +plateau/);
    expect(table).toContain(`Chosen by plateau:4: trial ${listed.selected.number}, `);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await hindcast(['trials', study])).stdout).not.toContain('plateau');

    const files = Object.fromEntries(['csv', 'jsonl', 'parquet'].map((each) => [each, join(folder, `t.${each}`)]));
    for (const path of Object.values(files)) {
      const { out } = await documentOf(['trials', study, '--out', path]);
      expect(out).toEqual({ file: path, rows: 36, textColumns: [] });
    }
    const csv = parse(readFileSync(files.csv!, 'utf8'), { columns: true }) as Record<string, string>[];
    const lines = readFileSync(files.jsonl!, 'utf8').trim().split('\n');
    const parquet = await parquetReadObjects({ file: new Uint8Array(readFileSync(files.parquet!)).buffer });
    for (const [at, { number, params, value, state, metrics }] of all.entries()) {
      const line = JSON.parse(lines[at]!);
      expect(line).toMatchObject({ number, state, value, param_fast: params.fast, param_stop: params.stop });
      expect(line['param_stop.bars']).toBe(params['stop.bars'] ?? null);
      expect(line.metric_maxDrawdown).toBe(metrics.maxDrawdown);
      expect([csv[at]!.value, csv[at]!.param_fast]).toEqual([String(value), String(params.fast)]);
      expect(csv[at]!['param_stop.bars']).toBe(params['stop.bars'] === undefined ? '' : String(params['stop.bars']));
      expect(Object.keys(csv[at]!)).toEqual(Object.keys(line));
      expect(parquet[at]).toMatchObject({ number: BigInt(number), state, value, param_stop: params.stop });
    }

    const page = join(folder, 's.html');
    expect((await hindcast(['report', study, '--out', page, '--no-overfitting'])).code).toBe(0);
    const ranked = await documentOf(['trials', study, '--select', 'plateau']);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain(`It is best around trial #${ranked.selected.number} (`);
    expect(html).toContain('its 8 nearest neighbours');
  });

  it('has a value for each of several objectives, and says which trials have none', async () => {
    const { folder, optimize } = await prepared();
    const study = join(folder, 's.log');
    const objectives = ['--objective', 'sharpe,trades:minimize', '--search', 'nsga2', '--require', 'trades:min=9'];
    await documentOf(optimize('--study', study, ...objectives, '--trials', '30'));
    const path = join(folder, 'several.csv');
    const { trials, all, objectives: named } = await documentOf(['trials', study, '--all', '--out', path]);
    expect(named).toEqual([
      { metric: 'sharpe', direction: 'maximize' },
      { metric: 'trades', direction: 'minimize' },
    ]);
    expect(trials.pruned).toBeGreaterThan(0);
    const rows = parse(readFileSync(path, 'utf8'), { columns: true }) as Record<string, string>[];
    for (const [at, row] of rows.entries()) {
      const { values = [null, null], reason } = all[at];
      expect([row.value_sharpe, row.value_trades]).toEqual(values.map((each: number | null) => String(each ?? '')));
      expect(row.reason).toBe(reason ?? '');
    }
  });

  it('shows a study that has no trial with a value, and one whose strategy has changed', async () => {
    const { folder, strategy, optimize } = await prepared();
    const study = join(folder, 's.log');
    const none = await hindcast(optimize('--study', study, '--require', 'trades:min=1000000'));
    expect(none.code).toBe(0);
    const { stdout } = await hindcast(['trials', study]);
    expect(stdout).toContain('36 without a value of the study');
    expect(stdout).toContain('No trial has a value.');
    writeFileSync(strategy, CONDITIONAL.replace('fast.value > slow.value', 'fast.value >= slow.value'));
    expect((await hindcast(['trials', study])).code).toBe(0);
    const chosen = await hindcast(['trials', study, '--select', 'plateau']);
    expect(chosen).toMatchObject({ code: 2, stderr: expect.stringContaining('strategy') });
  });

  it.each([
    { args: ['--out', 't.xlsx'], says: 'The ending of a file of trials says its format' },
    { args: ['--out', 'no-folder/t.csv'], says: 'there is no folder' },
    { args: ['--select', 'average'], says: 'an average is no trial' },
    { args: ['--select', 'plateu'], says: "Did you mean 'plateau'?" },
    { args: ['--top', '0'], says: 'Option --top is a whole number from 1' },
  ])('refuses $args', async ({ args, says }) => {
    const { folder, optimize } = await prepared();
    const study = join(folder, 's.log');
    await hindcast(optimize('--study', study, '--trials', '2'));
    expect(await hindcast(['trials', study, ...args])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(says),
    });
    const missing = await hindcast(['trials', join(folder, 'none.log'), '--json']);
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.stdout).error.code).toBe('JOURNAL_NOT_FOUND');
  });
});

describe('known points', () => {
  it('are tried first, then the best of another study, and stay the first after Ctrl-C', async () => {
    const { folder, optimize } = await prepared();
    const first = join(folder, 'first.log');
    const source = await documentOf(optimize('--study', first, '--search', 'grid'));
    const study = join(folder, 'next.log');
    const args = optimize(
      ...['--study', study, '--search', 'random', '--trials', '20', '--warm-start', `${first}:3`],
      ...['--enqueue', 'fast=6,slow=23,stop=after,stop.bars=4', '--enqueue', 'fast=2,slow=13,stop=none'],
    );
    const stopped = await hindcast(args, { onInterruptible: (interrupt) => interrupt() });
    expect(stopped.code).toBe(130);
    const { all } = await documentOf([...args, '--all']);
    expect(all).toHaveLength(20);
    expect(all[0].params).toEqual({ fast: 6, slow: 23, stop: { kind: 'after', bars: 4 } });
    expect(all[1].params).toEqual({ fast: 2, slow: 13, stop: { kind: 'none' } });
    expect(all.slice(2, 5).map(({ params }: Listed) => params)).toEqual(
      source.top.slice(0, 3).map(({ params }: Listed) => params),
    );
    expect((await hindcast(['resume', study, '--jobs', '1', '--no-lookahead'])).code).toBe(0);
    const late = await hindcast([...args, '--enqueue', 'fast=2,slow=23,stop=none']);
    expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining('has begun without the point') });
  });

  it('of another space are left out with a warning, or refused where none is left', async () => {
    const { folder, strategy, optimize } = await prepared();
    const first = join(folder, 'first.log');
    await documentOf(optimize('--study', first, '--search', 'grid'));
    writeFileSync(strategy, CONDITIONAL.replace('int(13, 23, { step: 10 })', 'int(13, 43, { step: 30 })'));
    const args = optimize('--search', 'random', '--trials', '5', '--warm-start', `${first}:20`);
    const warned = await hindcast(args);
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(/warning: \d+ of the better trials of .* no points? of this space/);
    const other = file(folder, 'other.ts', crossoverWith('int(13, 23)'));
    const none = await hindcast(['optimize', other, '--bundle', 'waves', '--warm-start', first]);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown parameter 'stop'") });
  });

  it.each([
    { args: ['--enqueue', 'fast'], says: 'Option --enqueue is written NAME=VALUE' },
    { args: ['--enqueue', 'fast=2,fast=6'], says: "names 'fast' for the second time" },
    { args: ['--enqueue', 'fats=2,slow=13,stop=none'], says: "Did you mean 'fast'?" },
    { args: ['--enqueue', 'fast=3,slow=13,stop=none'], says: 'Nearest valid value: 2.' },
    { args: ['--enqueue', 'fast=2'], says: "'slow' (an integer from 13 to 23" },
    { args: ['--warm-start', 'none.log'], says: 'Cannot read the study none.log: it does not exist.' },
    { args: ['--warm-start', ':3'], says: 'Option --warm-start is a file, or FILE:COUNT with a count from 1' },
    { args: ['--warm-start', 'a.log:0'], says: 'with a count from 1' },
  ])('refuses $args', async ({ args, says }) => {
    const { optimize } = await prepared();
    expect(await hindcast(optimize(...args))).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});
