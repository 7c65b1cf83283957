import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdoutPath, readHoldout } from '../../../src/validate/holdout.js';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

const FROM = '2020-04-01';
const BEFORE = '2020-03-31';

/** A home with the waves, whose later part is locked, and a study of the earlier one. */
async function locked() {
  const folder = emptyHome();
  await ingestWaves(folder);
  const strategy = file(folder, 'cross.ts', CROSSOVER);
  const lock = await hindcast(['holdout', 'lock', '--bundle', 'waves', '--from', FROM, '--json']);
  expect(lock.code).toBe(0);
  const study = join(folder, 'cross.log');
  const search = ['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--quiet'];
  return { folder, strategy, study, search, lock: JSON.parse(lock.stdout).holdout };
}

describe('a holdout', () => {
  it('is kept from searches and tests, looked at once, and counts', async () => {
    const { folder, strategy, study, search, lock } = await locked();
    expect(lock).toMatchObject({
      bundle: 'waves',
      from: FROM,
      looks: [],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    for (const args of [
      search,
      [...search, '--end', FROM],
      ['backtest', strategy, '--bundle', 'waves'],
      ['validate', strategy, '--bundle', 'waves'],
    ]) {
      const { code, stderr } = await hindcast(args);
      expect(code).toBe(2);
      expect(stderr).toContain(`--end ${BEFORE}`);
    }
    expect((await hindcast([...search, '--end', BEFORE])).code).toBe(0);

    const first = await hindcast(['holdout', 'look', study, '--json']);
    expect(first.code).toBe(0);
    const found = JSON.parse(first.stdout);
    expect(found).toMatchObject({
      study,
      inSample: { sharpe: expect.any(Number) },
      outOfSample: { trades: expect.any(Number) },
    });
    expect(found.holdout.looks).toHaveLength(1);
    expect(found.holdout.looks[0]).toMatchObject({
      forced: false,
      study: 'cross',
      result: { metrics: found.outOfSample },
    });

    const second = await hindcast(['holdout', 'look', study]);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('was looked at once') });
    expect(readHoldout('waves')!.looks).toHaveLength(1);
    const forced = await hindcast(['holdout', 'look', study, '--force']);
    expect(forced.code).toBe(0);
    expect(forced.stdout).toContain('has been looked at 2 times, 1 of them forced');
    expect(readHoldout('waves')!.looks.map((look) => look.forced)).toEqual([false, true]);
    expect((await hindcast(['holdout', 'show', '--bundle', 'waves'])).stdout).toContain('(forced)');

    const page = join(folder, 'report.html');
    await hindcast(['report', study, '--out', page, '--no-overfitting']);
    expect(readFileSync(page, 'utf8')).toContain('has been looked at 2 times, 1 of them forced');
    const end = ['--end', BEFORE, '--report', page];
    await hindcast(['backtest', strategy, '--bundle', 'waves', ...end]);
    expect(readFileSync(page, 'utf8')).toContain('has been looked at 2 times, 1 of them forced');
  });

  it('is judged on nothing but itself: the run begins on its first date', async () => {
    const { strategy, study, search } = await locked();
    await hindcast([...search, '--end', BEFORE]);
    const { params, outOfSample, orderStreamHash } = JSON.parse(
      (await hindcast(['holdout', 'look', study, '--json'])).stdout,
    );
    // Without the lock, a backtest over the same dates gives the same.
    writeFileSync(holdoutPath('waves'), '');
    const path = holdoutPath('waves');
    expect((await hindcast(['backtest', strategy, '--bundle', 'waves'])).code).toBe(3);
    rmSync(path);
    const assigned = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    const run = JSON.parse(
      (await hindcast(['backtest', strategy, '--bundle', 'waves', '--start', FROM, ...assigned, '--json'])).stdout,
    );
    expect(run).toMatchObject({ metrics: outOfSample, orderStreamHash });
  });

  it('does not judge a study that was searched on it', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const strategy = file(folder, 'cross.ts', CROSSOVER);
    const study = join(folder, 'cross.log');
    await hindcast(['optimize', strategy, '--bundle', 'waves', '--jobs', '1', '--study', study, '--quiet']);
    expect(await hindcast(['holdout', 'look', study])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holdout lock'),
    });
    await hindcast(['holdout', 'lock', '--bundle', 'waves', '--from', FROM]);
    const { code, stderr } = await hindcast(['holdout', 'look', study]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/was searched up to 2020-\d\d-\d\d, and so on the holdout/);
    expect(readHoldout('waves')!.looks).toEqual([]);
    const journal = readFileSync(study, 'utf8');
    const page = join(folder, 'report.html');
    for (const args of [
      ['resume', study, '--jobs', '1'],
      ['validate', study, '--jobs', '1'],
      ['lookahead', study, '--jobs', '1'],
      ['reproduce', study, '--trial', '0'],
      ['report', study, '--out', page],
      ['report', study, '--out', page, '--no-overfitting'],
    ]) {
      const refused = await hindcast(args);
      expect(refused.code, args.join(' ')).toBe(2);
      expect(refused.stderr).toContain('have been locked as a holdout since');
      expect(refused.stderr).toContain(`--end ${BEFORE}`);
    }
    expect(existsSync(page)).toBe(false);
    expect(readFileSync(study, 'utf8')).toBe(journal);
  });

  it('notices when its lock is changed', async () => {
    const { study, search } = await locked();
    await hindcast([...search, '--end', BEFORE]);
    await hindcast(['holdout', 'look', study]);
    const path = holdoutPath('waves');
    const written = readFileSync(path, 'utf8');
    for (const [was, is] of [
      [`"from": "${FROM}"`, '"from": "2020-05-01"'],
      ['"forced": false', '"forced": true'],
      ['"hash": "', '"hash": "0'],
      ['hindcast holdout 1', 'another'],
    ] as const) {
      writeFileSync(path, written.replace(was, is));
      const { code, stderr } = await hindcast(['holdout', 'show', '--bundle', 'waves']);
      expect({ was, code }).toEqual({ was, code: 3 });
      expect(stderr).toContain(path);
    }
    writeFileSync(path, '{');
    expect((await hindcast(['holdout', 'show', '--bundle', 'waves'])).code).toBe(3);
  });

  it('refuses what is no holdout', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const refused = async (...args: string[]) => {
      const { code, stderr } = await hindcast(['holdout', ...args]);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('lock', '--bundle', 'waves')).toContain('--from YYYY-MM-DD');
    expect(await refused('lock', '--bundle', 'waves', '--from', 'soon')).toContain("not 'soon'");
    expect(await refused('lock', '--bundle', 'waves', '--from', '2050-01-01')).toContain('nothing to hold out');
    expect(await refused('lock', '--bundle', 'waves', '--from', '1990-01-01')).toContain('nothing to search on');
    expect(await refused('lok')).toContain("Did you mean 'lock'?");
    expect(await refused('look')).toContain('hindcast holdout look STUDY');
    expect(await refused('show', '--bundle', 'waves')).toContain('No holdout');
    expect((await hindcast(['holdout', 'lock', '--bundle', 'waves', '--from', FROM])).code).toBe(0);
    expect(await refused('lock', '--bundle', 'waves', '--from', '2020-05-01')).toContain(
      'A lock that can be moved is none',
    );
  });
});
