import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overfittingDocument } from '../../../src/cli/overfitting.js';
import { SESSION_VALUE_BYTES } from '../../../src/optimize/session-values.js';
import { readStudyRecord } from '../../../src/optimize/study-record.js';
import { searchStrategy } from '../../../src/optimize/study-run.js';
import { judgeSearch, judgeStudy } from '../../../src/validate/judged-study.js';
import { crossoverWith, hindcast, prepareSearch } from '../../helpers/command-line.js';
import { canonicalJournal } from '../../helpers/optuna-journal.js';

const STRATEGY = crossoverWith('int(13, 23)');

interface Listed {
  readonly number: number;
  readonly params: object;
  readonly value: number | null;
  readonly state: string;
  readonly takenFrom?: string;
}

const documentOf = async (args: readonly string[]) => {
  const { code, stdout, stderr } = await hindcast([...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

/** The trials of a study, whether they were run or taken over. */
const outcomesOf = (study: string): unknown =>
  (
    canonicalJournal(study) as { readonly trials: { readonly attrs: { readonly hindcast: object } }[] }[]
  )[0]!.trials.map((trial) => ({ ...trial, attrs: { hindcast: { ...trial.attrs.hindcast, takenFrom: undefined } } }));

async function prepared() {
  const { folder, strategy, optimize } = await prepareSearch(STRATEGY, '--quiet');
  const random = join(folder, 'random.log');
  const found = await documentOf(optimize('--study', random, '--search', 'random', '--trials', '30'));
  return { folder, strategy, optimize, random, found };
}

describe('a search that reuses another study', () => {
  it('has the trials of one that does not, and says which it has taken over', async () => {
    const { folder, optimize, random, found } = await prepared();
    const [plain, reusing] = [join(folder, 'plain.log'), join(folder, 'reusing.log')];
    const expected = await documentOf(optimize('--study', plain, '--search', 'grid', '--all'));
    const actual = await documentOf(optimize('--study', reusing, '--search', 'grid', '--all', '--reuse', random));
    expect([expected.takenOver, actual.takenOver]).toEqual([0, 30 - found.trials.duplicate]);
    expect(actual.trials).toEqual(expected.trials);
    expect(actual.all).toEqual(expected.all);
    expect(actual.best).toEqual(expected.best);
    // Account values come along, so that what is said of luck is the same.
    expect(actual.overfitting).toEqual(expected.overfitting);
    const { all } = await documentOf(['trials', reusing, '--all']);
    const taken = (all as Listed[]).filter(({ takenFrom }) => takenFrom !== undefined);
    expect(taken).toHaveLength(actual.takenOver);
    for (const { takenFrom } of taken) expect(takenFrom).toMatch(/random\.log#\d+$/);
    const text = (await hindcast(optimize('--search', 'grid', '--reuse', plain))).stdout;
    expect(text).toContain(`${expected.trials.total} taken over`);
    expect((await hindcast(['reproduce', reusing, '--trial', String(taken[0]!.number)])).code).toBe(0);
  });

  it('runs nothing that is known, also where account values are gone, and the same for a search that looks back', async () => {
    const { optimize, random } = await prepared();
    rmSync(`${random}.values`);
    const tpe = ['--search', 'tpe', '--trials', '25', '--all'];
    const expected = await documentOf(optimize(...tpe));
    const actual = await documentOf(optimize(...tpe, '--reuse', random));
    expect(actual.all).toEqual(expected.all);
    expect(actual.overfitting).toEqual(expected.overfitting);
    expect(actual.takenOver).toBeGreaterThan(0);
    const one = await documentOf(optimize('--search', 'random', '--trials', '30', '--jobs', '2', '--reuse', random));
    expect(one.takenOver).toBe(30 - one.trials.duplicate);
  });

  it('takes account values of the same points only, wherever the earlier study lies by then', async () => {
    const { folder, optimize, random } = await prepared();
    const study = join(folder, 'tpe.log');
    const tpe = (trials: string, from: string) =>
      optimize('--study', study, '--search', 'random', '--seed', '5', '--trials', trials, '--reuse', from);
    const fresh = await documentOf(optimize('--search', 'random', '--seed', '5', '--trials', '60'));
    await documentOf(tpe('40', random));
    // The file is now another study, with other points under its numbers, and the one that was reused lies elsewhere.
    const moved = join(folder, 'moved.log');
    for (const ending of ['', '.values']) renameSync(`${random}${ending}`, `${moved}${ending}`);
    await documentOf(optimize('--study', random, '--search', 'random', '--seed', '9', '--trials', '30'));
    for (const from of [random, moved]) {
      rmSync(`${study}.values`);
      const again = await documentOf(tpe('60', from));
      expect(again.overfitting).toEqual(fresh.overfitting);
    }
    rmSync(`${study}.values`);
    rmSync(random);
    expect((await documentOf(tpe('60', moved))).overfitting).toEqual(fresh.overfitting);
  });

  it('takes no account values that lie beside it of another study', async () => {
    const { folder, optimize, random } = await prepared();
    const study = join(folder, 'study.log');
    const search = (name: string, ...more: string[]) =>
      documentOf(optimize('--search', name, '--trials', '40', '--seed', '5', ...more));
    const expected = await search('random');
    await search('grid', '--study', study);
    const stale = readFileSync(`${study}.values`);
    rmSync(study);
    expect((await search('random', '--study', study, '--reuse', random)).overfitting).toEqual(expected.overfitting);
    // The same beside a journal that has taken the place of another, when it is judged and when it goes on.
    writeFileSync(`${study}.values`, stale);
    expect(overfittingDocument((await judgeStudy(study, 1))!)).toEqual(expected.overfitting);
    expect((await documentOf(['resume', study, '--jobs', '1', '--no-lookahead'])).overfitting).toEqual(
      expected.overfitting,
    );
  });

  it('takes of a study that prunes what its own pruner would have let through, and no more', async () => {
    const { folder, optimize } = await prepareSearch(
      STRATEGY,
      '--quiet',
      '--search',
      'random',
      '--trials',
      '40',
      '--all',
    );
    const file = (name: string): string => join(folder, name);
    await documentOf(optimize('--seed', '9', '--prune', 'percentile:60', '--study', file('pruned.log')));
    await documentOf(optimize('--seed', '9', '--study', file('whole.log')));
    await documentOf(optimize('--seed', '9', '--stop-at-drawdown', '0.2', '--study', file('held.log')));
    const taken = async (from: string, ...terms: string[]): Promise<number> => {
      const asked = optimize('--seed', '3', ...terms);
      const [expected, actual] = [await documentOf(asked), await documentOf([...asked, '--reuse', file(from)])];
      expect(actual.all).toEqual(expected.all);
      expect(actual.trials).toEqual(expected.trials);
      expect(actual.overfitting).toEqual(expected.overfitting);
      return actual.takenOver;
    };
    const ofAll = await taken('whole.log');
    // A run that a pruner let through is one as any other, and what a limit let through keeps to a wider one.
    const ofPruned = await taken('pruned.log');
    expect(ofPruned).toBeGreaterThan(0);
    expect(ofPruned).toBeLessThan(ofAll);
    expect(await taken('pruned.log', '--prune', 'patient:4')).toBeGreaterThan(0);
    expect(await taken('pruned.log', '--prune', 'median')).toBeLessThan(ofPruned);
    expect(await taken('held.log', '--stop-at-drawdown', '0.3')).toBeGreaterThan(0);
    for (const [from, ...terms] of [
      ['whole.log', '--prune', 'median'],
      ['pruned.log', '--prune', 'wilcoxon'],
      ['pruned.log', '--prune', 'median', '--checks', '4'],
      ['held.log', '--stop-at-drawdown', '0.1'],
    ]) {
      const { code, stderr } = await hindcast(optimize(...terms, '--reuse', file(from!)));
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/what ends a run before its end was/),
      });
    }
  });

  it('goes on after a stop as the unbroken one, with the studies that it began with', async () => {
    const { folder, optimize } = await prepareSearch(STRATEGY);
    const random = ['--search', 'random', '--trials', '40', '--prune', 'median'];
    const [old, whole] = [join(folder, 'old.log'), join(folder, 'whole', 'study.log')];
    mkdirSync(join(folder, 'whole'));
    await documentOf(optimize(...random, '--seed', '9', '--study', old));
    // However the file is named here, the study must find it from any folder.
    await documentOf(optimize(...random, '--study', whole, '--reuse', relative(process.cwd(), old)));
    expect(readStudyRecord(whole).facts.reuse).toEqual([old]);
    const lines = readFileSync(whole, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('takenFrom')).every((line) => line.includes(`"${old}#`))).toBe(true);
    const cutAt = lines.findIndex((line) => line.includes('takenFrom'));
    const resume = async (name: string) => {
      const study = join(folder, name, 'study.log');
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(study, `${lines.slice(0, cutAt).join('\n')}\n`);
      const { code, stdout, stderr } = await hindcast(['resume', study, '--jobs', '1', '--no-lookahead', '--json']);
      expect(code, stderr).toBe(0);
      return { study, stderr, takenOver: JSON.parse(stdout).takenOver as number };
    };
    const resumed = await resume('cut');
    expect(resumed.takenOver).toBeGreaterThan(0);
    expect(canonicalJournal(resumed.study)).toEqual(canonicalJournal(whole));
    expect(resumed.stderr).not.toContain('taken over');
    // Studies that were moved together are found.
    mkdirSync(join(folder, 'moved'));
    renameSync(old, join(folder, 'moved', 'old.log'));
    const moved = await resume('moved');
    expect(moved.takenOver).toBe(resumed.takenOver);
    expect(outcomesOf(moved.study)).toEqual(outcomesOf(whole));
    // What is nowhere to be found, or another study by now, is evaluated again.
    const gone = await resume('gone');
    expect(gone.takenOver).toBe(0);
    expect(gone.stderr).toContain(`Nothing is taken over from ${old} any more`);
    expect(outcomesOf(gone.study)).toEqual(outcomesOf(whole));
    await documentOf(optimize(...random, '--seed', '9', '--commission', 'percent:0.5', '--study', old));
    const other = await resume('other');
    expect(other.stderr).toMatch(/Nothing is taken over from .*old\.log is of another kind: run was/s);
    expect(outcomesOf(other.study)).toEqual(outcomesOf(whole));
  });

  it('ends well where an earlier study goes away while it runs', async () => {
    const { strategy, optimize, random } = await prepared();
    const grid = ['--search', 'grid', '--all'];
    const { overfitting, takenOver } = await documentOf(optimize(...grid, '--reuse', random));
    rmSync(`${random}.values`);
    const report = await searchStrategy({
      file: strategy,
      market: { bundle: 'waves' },
      search: 'grid',
      jobs: 1,
      sessionValueBytes: SESSION_VALUE_BYTES,
      reuse: [random],
      onStart: () => {
        rmSync(random);
        mkdirSync(`${random}.values`);
      },
    });
    expect(report.takenOver).toBe(takenOver);
    expect(overfittingDocument((await judgeSearch(report))!)).toEqual(overfitting);
  });

  it('keeps the studies that a later call names', async () => {
    const { folder, optimize, random } = await prepared();
    const study = join(folder, 'study.log');
    await documentOf(optimize('--search', 'grid', '--trials', '20', '--study', study));
    const { takenOver } = await documentOf(
      optimize('--search', 'grid', '--trials', '50', '--study', study, '--reuse', random),
    );
    expect(takenOver).toBeGreaterThan(0);
    expect(readStudyRecord(study).facts.reuse).toEqual([random]);
  });

  it('takes what broke a requirement or a limit only at its end, where the other study has the same', async () => {
    const { folder, optimize } = await prepareSearch(
      STRATEGY,
      '--quiet',
      '--search',
      'random',
      '--trials',
      '40',
      '--all',
    );
    const old = join(folder, 'old.log');
    const taken = async (of: readonly string[], by: readonly string[]): Promise<number> => {
      rmSync(old, { force: true });
      const { all } = await documentOf(optimize('--seed', '9', '--study', old, ...of));
      const whole = (all as { readonly stoppedAt?: number }[]).filter(({ stoppedAt = 1 }) => stoppedAt === 1);
      expect(whole.length).toBeGreaterThan(0);
      const expected = await documentOf(optimize('--seed', '3', ...by));
      const actual = await documentOf(optimize('--seed', '3', ...by, '--reuse', old));
      expect(actual.all).toEqual(expected.all);
      expect(actual.overfitting).toEqual(expected.overfitting);
      return actual.takenOver;
    };
    const all = await taken([], []);
    const required = ['--require', 'trades:min=20'];
    expect(await taken(required, required)).toBe(all);
    // Which of both was broken is not told, so a wider limit makes a new run of it.
    const limited = (share: string): string[] => [...required, '--stop-at-drawdown', share];
    expect(await taken(limited('0.9'), limited('0.9'))).toBe(all);
    expect(await taken(limited('0.9'), limited('0.95'))).toBeLessThan(all);
    // One that is looked at more often may end before the end of its data.
    const looked = (checks: string): string[] => [
      ...['--commission', 'percent:0.1', '--stop-at-ruin', '0.6'],
      ...['--checks', checks],
    ];
    expect(await taken(looked('2'), looked('2'))).toBe(all);
    expect(await taken(looked('2'), looked('16'))).toBeLessThan(all);
    // Where no limit ends a run, it does not matter how often a pruner looked.
    expect(await taken([...required, '--prune', 'patient:4'], required)).toBeGreaterThan(0);
  });

  it('refuses what is another search, and says what differs', async () => {
    const { folder, strategy, optimize, random } = await prepared();
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await hindcast(optimize(...args, '--search', 'grid', '--reuse', random));
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('--commission', 'percent:0.5')).toMatch(/random\.log is of another kind: run was .* is /);
    expect(await refused('--objective', 'calmar')).toMatch(/objective was/);
    expect(await refused('--start', '2020-02-01')).toMatch(/view was/);
    const missing = await hindcast(optimize('--search', 'grid', '--reuse', join(folder, 'none.log')));
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') });
    writeFileSync(strategy, `${readFileSync(strategy, 'utf8')}\n// changed\nexport const more = 1;\n`);
    expect(await refused()).toMatch(/strategy source was/);
    writeFileSync(
      strategy,
      STRATEGY.replace('handleData(', 'warmUp: () => Math.ceil(Math.random() * 1),\n  handleData('),
    );
    expect(await refused()).toMatch(/the strategy says 'random'/);
  });
});
