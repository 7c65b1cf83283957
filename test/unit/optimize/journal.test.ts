import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError } from '../../../src/core/errors.js';
import { bool, choice, float, int, variant } from '../../../src/engine/parameters.js';
import { readDistribution, writeDistribution } from '../../../src/optimize/distributions.js';
import { AppendFile } from '../../../src/optimize/journal/append-file.js';
import { localTimeWriter } from '../../../src/optimize/journal/clock-text.js';
import { finishedTrials, readStudy } from '../../../src/optimize/journal/file-journal.js';
import { withAppendLock } from '../../../src/optimize/journal/file-lock.js';
import { JournalReplay, type RecordedTrial, replayFile } from '../../../src/optimize/journal/reader.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { errorOf } from '../../helpers/error-of.js';
import { makeFolder } from '../../helpers/folders.js';
import { readOptunaJournal } from '../../helpers/optuna-journal.js';
import { runModule } from '../../helpers/run-module.js';

const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `journal-${files++}.log`);

const space = new ParameterSpace({
  fast: int(1, 20, { step: 2 }),
  days: int(1, 100, { log: true }),
  threshold: float(0.001, 0.01, { step: 0.001 }),
  weight: float(0, 1),
  rate: float(0.1, 10, { prior: 'log' }),
  mode: choice('a', 2, true),
  short: bool(),
  'stop"ü"': variant({ none: {}, atr: { length: int(5, 30) } }),
} as const);
const open = (path: string, more: object = {}) => openStudyOn({ space, search: 'random', path, trials: 40, ...more });

const write = async (path: string): Promise<void> => {
  await using study = await open(path, { enqueue: [space.fromFlat(space.toFlat(firstPoint))] });
  const outcomes = [1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-300, Number.NaN, 7] as const;
  for (const outcome of outcomes) study.tell(study.ask()!, outcome);
  study.tell(study.ask()!, { state: 'pruned', value: 0.25 });
  study.tell(study.ask()!, { state: 'failed', reason: 'said "no"\n\u2028' });
  study.record(study.ask()!.number, {
    state: 'complete',
    values: [3],
    metrics: { sharpe: 0.5, sortino: null, calmar: Number.NaN },
    orderStreamHash: 'abc',
    seconds: 0.25,
    worker: 3,
  });
  study.ask();
};
const firstPoint = {
  fast: 19,
  days: 100,
  threshold: 0.009,
  weight: 0.5,
  rate: 1,
  mode: 2,
  short: true,
  'stop"ü"': { kind: 'atr', length: 14 },
} as const;

describe('what we write', () => {
  it('keeps every rule of the format', async () => {
    const path = newFile();
    await write(path);
    const [study, ...others] = readOptunaJournal(path);
    expect(others).toEqual([]);
    expect(study).toMatchObject({ name: `journal-${files - 1}`, directions: ['MAXIMIZE'] });
    expect(study!.userAttrs).toMatchObject({
      'hindcast:search': 'random',
      'hindcast:seed': 1,
      'hindcast:lag': 8,
      'hindcast:format': 1,
    });
    const { trials } = study!;
    expect(trials.map(({ state }) => state)).toEqual([
      'COMPLETE',
      'PRUNED',
      'PRUNED',
      'COMPLETE',
      'COMPLETE',
      'PRUNED',
      'COMPLETE',
      'PRUNED',
      'FAIL',
      'COMPLETE',
      'RUNNING',
    ]);
    expect(trials.map(({ values }) => values)).toEqual([
      [1.5],
      null,
      null,
      [-0],
      [1e-300],
      null,
      [7],
      [0.25],
      null,
      [3],
      null,
    ]);
    expect(trials[0]!.params).toEqual({ ...space.toFlat(firstPoint) });
    expect(trials[0]!.systemAttrs).toEqual({ fixed_params: space.toFlat(firstPoint) });
    expect(trials[5]!.userAttrs).toEqual({ hindcast: { reason: 'the objective is not a number' } });
    expect(trials[8]!.userAttrs).toEqual({ hindcast: { reason: 'said "no"\n\u2028' } });
    expect(trials[9]!.userAttrs).toEqual({
      hindcast: {
        metrics: { sharpe: 0.5, sortino: null, calmar: null },
        orderStreamHash: 'abc',
        seconds: 0.25,
        worker: 3,
      },
    });
    expect(
      trials.slice(0, 10).every(({ start, complete }) => start !== null && complete !== null && start <= complete),
    ).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain('\\"high\\": 19');
  });

  it('is read back as it was told', async () => {
    const path = newFile();
    await write(path);
    await using study = await open(path);
    const trials = [];
    for await (const trial of study.trials()) trials.push(trial);
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(trials[0]).toEqual({ number: 0, params: firstPoint, budget: 1, state: 'complete', values: [1.5] });
    expect(trials[7]).toMatchObject({ state: 'pruned', value: 0.25 });
    expect(trials[8]).toMatchObject({ state: 'failed', reason: 'said "no"\n\u2028' });
    expect(study.counts).toEqual({ total: 10, complete: 5, pruned: 4, failed: 1, duplicate: 0 });
    expect(study.best).toMatchObject({ number: 6, values: [7] });
    expect(study.interrupted).toBe(1);
  });

  it('writes local time without an offset', () => {
    const writer = localTimeWriter();
    const time = new Date(2026, 0, 2, 3, 4, 5, 67);
    expect(writer(time.getTime())).toBe('2026-01-02T03:04:05.067000');
    expect(writer(time.getTime() + 1)).toBe('2026-01-02T03:04:05.068000');
    expect(writer(time.getTime() + 60_000)).toBe('2026-01-02T03:05:05.067000');
  });
});

describe('reading without owning', () => {
  it('tells what the study is and which trials have ended', async () => {
    const path = newFile();
    await write(path);
    await using study = await open(path);
    expect(readStudy(path)).toMatchObject({
      name: study.name,
      directions: ['maximize'],
      attrs: { seed: 1, search: 'random', space: { short: 'true or false' } },
      created: 11,
    });
    expect([...finishedTrials(path)].map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('holds back what ended before its predecessors', async () => {
    const path = newFile();
    await using study = await open(path);
    const trials = Array.from({ length: 6 }, () => study.ask()!);
    for (const number of [5, 1, 0, 4]) study.tell(trials[number]!, number);
    expect([...finishedTrials(path)].map(({ number }) => number)).toEqual([0, 1, 4, 5]);
  });

  it('says when there is no study of ours', () => {
    const path = newFile();
    writeFileSync(path, '');
    expect(() => readStudy(path)).toThrowError(`${path} holds no study of Hindcast. Give`);
    writeFileSync(path, `${LINES[0]}\n`);
    expect(() => readStudy(path)).toThrowError("but 'theirs' of another program");
  });
});

describe('distributions', () => {
  it.each([
    ['{"name": "IntDistribution", "attributes": {"log": false, "step": 5, "low": 1, "high": 31}}'],
    ['{"name": "FloatDistribution", "attributes": {"step": null, "low": -5.0, "high": 5.5, "log": false}}'],
    ['{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}'],
    ['{"name": "CategoricalDistribution", "attributes": {"choices": ["sma", null, true, 3]}}'],
  ])('are written as Optuna writes them: %s', (text) => {
    expect(writeDistribution(readDistribution(text))).toBe(text);
  });

  it.each([
    ['UniformDistribution', { low: 0, high: 1 }, { kind: 'float', low: 0, high: 1, step: null, log: false }],
    ['LogUniformDistribution', { low: 1, high: 2 }, { kind: 'float', low: 1, high: 2, step: null, log: true }],
    [
      'DiscreteUniformDistribution',
      { low: 0, high: 1, q: 0.5 },
      { kind: 'float', low: 0, high: 1, step: 0.5, log: false },
    ],
    ['IntUniformDistribution', { low: 0, high: 4, step: 2 }, { kind: 'int', low: 0, high: 4, step: 2, log: false }],
    ['IntLogUniformDistribution', { low: 1, high: 4 }, { kind: 'int', low: 1, high: 4, step: 1, log: true }],
    ['IntDistribution', { low: 1, high: 4 }, { kind: 'int', low: 1, high: 4, step: 1, log: false }],
    ['FloatDistribution', { low: 1, high: 4 }, { kind: 'float', low: 1, high: 4, step: null, log: false }],
  ])('of old are read: %s', (name, attributes, expected) => {
    expect(readDistribution(JSON.stringify({ name, attributes }))).toEqual(expected);
  });

  it.each([
    '{',
    '7',
    '{"name": "Beta", "attributes": {}}',
    '{"name": "IntDistribution"}',
    '{"name": "IntDistribution", "attributes": {"low": "1"}}',
    '{"name": "CategoricalDistribution", "attributes": {}}',
  ])('that are not are refused: %s', (text) => {
    expect(() => readDistribution(text)).toThrowError(DataError);
  });
});

const LINES = [
  '{"op_code": 0, "worker_id": "w", "study_name": "theirs", "directions": [1, 2]}',
  '{"op_code":0,"worker_id":"w","study_name":"theirs","directions":[1]}',
  '{"op_code":2,"worker_id":"w","study_id":0,"user_attr":{"who":NaN}}',
  '{"op_code":3,"worker_id":"w","study_id":0,"system_attr":{"dashboard:note":"NaN stays \\"NaN\\" in text"}}',
  '{"op_code":2,"worker_id":"w","study_id":9,"user_attr":{"nobody":1}}',
  '{"op_code":4,"worker_id":"w","study_id":9,"datetime_start":null}',
  '{"op_code":4,"worker_id":"w","study_id":0,"datetime_start":"2026-01-01T00:00:00.000000"}',
  '{"op_code":5,"worker_id":"w","trial_id":0,"param_name":"x","param_value_internal":1.0,"distribution":"{\\"name\\": \\"UniformDistribution\\", \\"attributes\\": {\\"low\\": 0.0, \\"high\\": 1.0}}"}',
  '{"op_code":7,"worker_id":"w","trial_id":0,"step":3,"intermediate_value":-Infinity}',
  '{"op_code":9,"worker_id":"w","trial_id":0,"system_attr":{"s":1}}',
  '{"op_code":6,"worker_id":"w","trial_id":0,"state":0,"values":null,"datetime_start":"2027-01-01T00:00:00.000000"}',
  '{"op_code":6,"worker_id":"w","trial_id":0,"state":1,"values":[1.0,Infinity],"datetime_complete":"2026-01-01T00:00:01.000000"}',
  '{"op_code":8,"worker_id":"w","trial_id":0,"user_attr":{"late":1}}',
  '{"op_code":6,"worker_id":"w","trial_id":77,"state":1,"values":[1.0]}',
];

describe('what others write', () => {
  it('is tolerated', () => {
    const path = newFile();
    writeFileSync(path, `${LINES.join('\n')}\n`);
    const trials: RecordedTrial[] = [];
    const replay = new JournalReplay((trial) => trials.push(trial));
    replayFile(path, replay);
    expect(replay.studies.get(0)).toMatchObject({
      name: 'theirs',
      directions: ['minimize', 'maximize'],
      userAttrs: { who: Number.NaN },
      systemAttrs: { 'dashboard:note': 'NaN stays "NaN" in text' },
      trials: 1,
    });
    expect(trials).toHaveLength(1);
    expect(trials[0]).toMatchObject({
      state: 'complete',
      values: [1, Number.POSITIVE_INFINITY],
      params: { x: 1 },
      userAttrs: {},
      systemAttrs: { s: 1 },
      startedAt: '2026-01-01T00:00:00.000000',
      completedAt: '2026-01-01T00:00:01.000000',
    });
    expect([...trials[0]!.intermediate]).toEqual([[3, Number.NEGATIVE_INFINITY]]);
  });

  it('stands beside our study in one file', async () => {
    const path = newFile();
    writeFileSync(path, `${LINES.join('\n')}\n`);
    {
      await using study = await open(path);
      study.tell(study.ask()!, 5);
      study.ask();
      study.flush();
      const attr = '{"op_code":9,"worker_id":"dashboard","trial_id":1,"system_attr":{"dashboard:note":"mine"}}\n';
      appendFileSync(path, attr);
      study.tell(study.ask()!, 6);
    }
    await using study = await open(path);
    expect(study.counts).toMatchObject({ total: 2, complete: 2 });
    expect(study.interrupted).toBe(1);
    expect(study.name).toBe(`journal-${files - 1}`);
  });

  it('is refused where it would shift our numbers', async () => {
    for (const line of [LINES[6]!, LINES[0]!, '{"op_code":9,"worker_id":"w"']) {
      const path = newFile();
      const study = await open(path);
      study.tell(study.ask()!, 5);
      appendFileSync(path, line.endsWith('}') ? `${line}\n` : line);
      const error = await errorOf(() => study.tell(study.ask()!, 6));
      expect(error.code).toBe('JOURNAL_CHANGED');
      expect((await errorOf(() => study.close())).code).toBe('JOURNAL_CHANGED');
    }
    const path = newFile();
    const study = await open(path);
    study.tell(study.ask()!, 5);
    truncateSync(path, 10);
    expect((await errorOf(() => study.tell(study.ask()!, 6))).message).toContain('became shorter');
    await study.close().catch(() => {});
  });

  it('is not taken for our study of the same name', async () => {
    const path = newFile();
    writeFileSync(path, `${LINES.join('\n')}\n`);
    const error = await errorOf(() => open(path, { name: 'theirs' }));
    expect([error.code, existsSync(`${path}.owner`)]).toEqual(['STUDY_MISMATCH', false]);
  });

  it.each([
    ['not json', 2, 'is not JSON'],
    ['[1]', 2, 'is no JSON object'],
    ['{"op_code":"4"}', 2, 'op_code is no integer'],
    ['{"op_code":42}', 2, 'op_code 42 is unknown'],
    ['{"op_code":0,"study_name":5,"directions":[]}', 2, 'study_name is no text'],
    ['{"op_code":0,"study_name":"b","directions":7}', 2, 'directions is no list'],
    ['{"op_code":0,"study_name":"b","directions":[7]}', 2, 'direction 7 is unknown'],
    ['{"op_code":2,"study_id":0,"user_attr":7}', 2, 'user_attr is no object'],
    ['{"op_code":4,"study_id":0,"datetime_start":7}', 2, 'datetime_start is no text'],
    ['{"op_code":4,"study_id":0,"datetime_start":null,"state":9}', 2, 'state 9 is unknown'],
    [
      '{"op_code":4,"study_id":0,"datetime_start":null,"params":{"x":1}}',
      2,
      "parameter 'x' has no number or no distribution",
    ],
    ['{"op_code":4,"study_id":0,"datetime_start":null,"params":{"x":1},"distributions":{"x":"{"}}', 2, 'Optuna'],
    [
      '{"op_code":4,"study_id":0,"datetime_start":null,"params":{"x":5},"distributions":{"x":"{\\"name\\":\\"CategoricalDistribution\\",\\"attributes\\":{\\"choices\\":[1]}}"}}',
      2,
      'choice 5 of 1',
    ],
  ])('is refused with its line when it is damaged: %s', async (line, number, problem) => {
    const path = newFile();
    writeFileSync(path, `${LINES[0]}\n${line}\n${LINES[2]}\n`);
    const error = await errorOf(() => open(path));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(problem);
    expect(error.details).toMatchObject({ path, line: number });
    expect(readdirSync(folder.path).filter((name) => name.startsWith(`journal-${files - 1}.log.`))).toEqual([]);
  });

  it('has studies that were deleted', () => {
    const replay = new JournalReplay();
    for (const [index, line] of [LINES[0]!, '{"op_code":1,"study_id":0}', LINES[0]!].entries())
      replay.apply(line, index + 1);
    expect([...replay.studies.keys()]).toEqual([1]);
  });

  it.each([
    ['absent.log', 'it does not exist'],
    ['.', 'it is a folder'],
  ])('is not there: %s', (name, reason) => {
    expect(() => replayFile(join(folder.path, name), new JournalReplay())).toThrowError(reason);
  });
});

describe('a torn last line', () => {
  it.each([1, 20, 90])('is cut: %d bytes of it are lost', async (lost) => {
    const path = newFile();
    await write(path);
    const whole = readFileSync(path, 'utf8');
    truncateSync(path, Buffer.byteLength(whole) - lost);
    {
      await using study = await open(path);
      // One byte is the line's end alone: the record itself is whole.
      expect([study.interrupted, study.created]).toEqual(lost === 1 ? [1, 11] : [0, 10]);
    }
    expect(readFileSync(path, 'utf8')).toBe(lost === 1 ? whole : whole.slice(0, whole.trimEnd().lastIndexOf('\n') + 1));
    expect(readOptunaJournal(path)[0]!.trials).toHaveLength(lost === 1 ? 11 : 10);
  });

  it('may be that of the study itself, which then begins again', async () => {
    const path = newFile();
    await (await open(path)).close();
    const [created, attribute] = readFileSync(path, 'utf8').split('\n');
    for (const rest of [created!.slice(0, 30), created!, `${created}\n${attribute!.slice(0, 50)}`, '']) {
      writeFileSync(path, rest);
      await write(path);
      expect(readOptunaJournal(path)[0]!.trials).toHaveLength(11);
      rmSync(path);
    }
  });
});

describe('the owner', () => {
  it('locks a study against a second writer, this process included', async () => {
    const path = newFile();
    await using study = await open(path);
    const error = await errorOf(() => open(path));
    expect(error.code).toBe('STUDY_LOCKED');
    expect(error.message).toContain(`is being written by this process (${process.pid}) since `);
    await study.close();
    await study.close();
    await (await open(path)).close();
    expect(existsSync(`${path}.owner`)).toBe(false);
  });

  it('is named to another process', async () => {
    const path = newFile();
    await using study = await open(path);
    study.tell(study.ask()!, 1);
    const { stdout } = await runModule(`
      import { openStudy } from './src/optimize/index.js';
      import { int } from './src/engine/parameters.js';
      try { await openStudy({ parameters: { x: int(1, 2) }, search: 'grid', study: ${JSON.stringify(path)} }); }
      catch (error) { process.stdout.write(error.code + ' ' + error.message); }`);
    expect(stdout).toContain(`STUDY_LOCKED The study ${path} is being written by process ${process.pid} since`);
    expect(study.counts.total).toBe(1);
  });

  it.each([
    ['whose process is gone', { pid: 2 ** 22 + 1, host: hostname(), born: '1', since: 'then' }],
    ['whose process id belongs to another now', { pid: process.ppid, host: hostname(), born: '1', since: 'then' }],
    ['that cannot be read', 'nonsense'],
  ])('is replaced: one %s', async (_name, owner) => {
    const path = newFile();
    writeFileSync(`${path}.owner`, JSON.stringify(owner));
    await (await open(path)).close();
    expect(readdirSync(folder.path).filter((name) => name.startsWith(`journal-${files - 1}.log.`))).toEqual([]);
  });

  it('on another machine is believed', async () => {
    const path = newFile();
    writeFileSync(`${path}.owner`, JSON.stringify({ pid: 1, host: 'elsewhere', born: '', since: 'then' }));
    expect((await errorOf(() => open(path))).message).toContain(
      `by process 1 on elsewhere since then. If it is gone, delete ${path}.owner`,
    );
  });
});

describe('the append lock', () => {
  it('is taken over when its holder died', () => {
    const path = newFile();
    writeFileSync(`${path}.lock`, '');
    expect(withAppendLock(path, () => 5, 20)).toBe(5);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('is waited for while its holder lives', async () => {
    const path = newFile();
    const holder = runModule(`
      import { withAppendLock } from './src/optimize/journal/file-lock.js';
      import { appendFileSync } from 'node:fs';
      for (let i = 0; i < 200; i++) withAppendLock(${JSON.stringify(path)}, () => {
        appendFileSync(${JSON.stringify(path)}, 'child ');
        appendFileSync(${JSON.stringify(path)}, 'child\\n');
      });`);
    for (let i = 0; i < 200; i++) {
      withAppendLock(path, () => {
        appendFileSync(path, 'parent ');
        appendFileSync(path, 'parent\n');
      });
    }
    await holder;
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.sort()).toEqual([...Array(200).fill('child child'), ...Array(200).fill('parent parent')]);
  });
});

describe('a place that cannot be written', () => {
  it.each([
    ['a missing folder', () => join(folder.path, 'absent', 'x.log'), 'the folder'],
    ['a file for a folder', () => join(writeTo('plain'), 'x.log'), 'is no folder'],
    ['a folder', () => makeTo('place'), 'it is a folder'],
  ])('is refused: %s', async (_name, path, reason) => {
    const error = await errorOf(() => open(path()));
    expect([error.exitCode, error.message.includes(reason)]).toEqual([2, true]);
  });

  it('is refused: no permission', async () => {
    const closed = makeTo('closed');
    chmodSync(closed, 0o555);
    const { stdout } = await runModule(`
      import { openStudy } from './src/optimize/index.js';
      import { int } from './src/engine/parameters.js';
      if (process.getuid() === 0) process.setuid(65534);
      try { await openStudy({ parameters: { x: int(1, 2) }, search: 'grid', study: ${JSON.stringify(join(closed, 'x.log'))} }); }
      catch (error) { process.stdout.write(error.code + ' ' + error.message); }`);
    // Either this folder or the one above it keeps the user out.
    expect(stdout).toMatch(/^JOURNAL_NOT_WRITABLE .*this user may not write there/);
  });

  it.runIf(existsSync('/dev/full'))('is told when the disk is full', async () => {
    const file = new AppendFile('/dev/full', () => {});
    const error = await errorOf(() => {
      file.append('a line\n');
      file.flush();
    });
    expect([error.exitCode, error.code]).toEqual([1, 'JOURNAL_WRITE_FAILED']);
    expect(error.message).toContain('the disk is full');
    expect((await errorOf(() => file.close())).code).toBe('JOURNAL_WRITE_FAILED');
  });

  it.skipIf(process.platform === 'win32')('leaves whole lines when a write is cut short', async () => {
    const path = newFile();
    const { stdout } = await runModule(
      `
      import { openStudy } from './src/optimize/index.js';
      import { int } from './src/engine/parameters.js';
      const study = await openStudy({ parameters: { x: int(1, 1000) }, search: 'grid', study: ${JSON.stringify(path)} });
      let told = 0;
      try { for (;;) { study.tell(study.ask(), told); told++; } }
      catch (error) { process.stdout.write(error.code + ' ' + told); }`,
      { shell: 'ulimit -f 16; exec "$@"' },
    );
    const [code, told] = stdout.split(' ');
    expect(code).toBe('JOURNAL_WRITE_FAILED');
    const ended = readOptunaJournal(path)[0]!.trials.filter(({ state }) => state === 'COMPLETE');
    expect(ended).toHaveLength(Number(told));
    expect(Number(told)).toBeGreaterThan(10);
  });
});

const writeTo = (name: string): string => {
  writeFileSync(join(folder.path, name), '');
  return join(folder.path, name);
};
const makeTo = (name: string): string => {
  mkdirSync(join(folder.path, name));
  return join(folder.path, name);
};
