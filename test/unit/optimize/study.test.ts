import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bool, choice, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import { type OpenStudyOptions, openStudy, openStudyOn } from '../../../src/optimize/open-study.js';
import { PointIndex } from '../../../src/optimize/point-index.js';
import { SEARCH_NAMES } from '../../../src/optimize/samplers/names.js';
import type { Search } from '../../../src/optimize/samplers/registry.js';
import type { Suggestion } from '../../../src/optimize/samplers/sampler.js';
import { type FlatParams, ParameterSpace } from '../../../src/optimize/space.js';
import { Tally } from '../../../src/optimize/tally.js';
import type { FinishedTrial, TrialEnding } from '../../../src/optimize/trial.js';
import { errorOf } from '../../helpers/error-of.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../../helpers/optuna-journal.js';

const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `study-${files++}.log`);
const collect = async <P>(trials: AsyncIterable<FinishedTrial<P>>): Promise<FinishedTrial<P>[]> => {
  const list: FinishedTrial<P>[] = [];
  for await (const trial of trials) list.push(trial);
  return list;
};

/** Suggests given points in turn, and notes what it was asked. */
const scripted = (points: readonly FlatParams[], asked: Suggestion[] = [], looksBack = false): Search => ({
  name: 'random',
  create: () => ({
    name: 'random',
    looksBack,
    distinct: false,
    size: points.length,
    suggest: (suggestion) => {
      const { history, pending } = suggestion;
      asked.push({ ...suggestion, history: [...history], pending: [...pending] });
      return points[suggestion.ordinal];
    },
  }),
});

const parameters = { x: int(0, 9), mode: choice('a', 'b') };
const space = new ParameterSpace(parameters);

describe('ask and tell', () => {
  it('goes over a grid', async () => {
    await using study = await openStudy({ parameters, search: 'grid', trials: 5 });
    expect([study.best, study.front, study.path, study.expected]).toEqual([undefined, [], undefined, 5]);
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      expect(trial.budget).toBe(1);
      study.tell(trial, trial.params.x * 2 + (trial.params.mode === 'b' ? 1 : 0));
    }
    expect(study.best).toMatchObject({ number: 4, params: { x: 2, mode: 'a' }, values: [4] });
    expect(study.front).toEqual([study.best]);
    expect((await collect(study.trials())).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    expect(study.summaryOf(4)).toEqual({ state: 'complete', values: [4] });
    expect(study.summaryOf(5)).toBeUndefined();
  });

  it.each(SEARCH_NAMES)('refuses a constraint that leaves nothing to try: %s', async (search) => {
    await using study = await openStudy({ parameters, constraint: () => false, search, trials: 5 });
    const error = await errorOf(() => study.ask());
    expect(error).toMatchObject({ code: 'CONSTRAINT_TOO_TIGHT', details: { combinations: '20' } });
    expect(study.created).toBe(0);
  });

  it('is told in any order, once each', async () => {
    await using study = await openStudy({ parameters, search: 'random', seed: 3 });
    const trials = Array.from({ length: 16 }, () => study.ask()!);
    study.tell(trials[9]!, 1);
    study.tell(3, { state: 'failed', reason: 'planted' });
    study.tell(trials[12]!.number, { state: 'pruned', value: 7 });
    expect([study.told, study.counts]).toEqual([0, { total: 3, complete: 1, pruned: 1, failed: 1, duplicate: 0 }]);
    for (const [number, problem] of [
      [9, 'told before'],
      [99, 'never asked for'],
    ] as const) {
      const error = await errorOf(() => study.tell(number, 1));
      expect([error.code, error.message.includes(problem)]).toEqual(['NOT_PENDING', true]);
    }
    for (const number of [0, 1, 2]) study.tell(number, 0);
    expect(study.told).toBe(4);
    expect(study.best?.number).toBe(9);
  });

  it('breaks ties by the lowest number and ranks without what has no value', async () => {
    await using study = await openStudy({ parameters, search: 'grid', directions: ['minimize'] });
    const trials = Array.from({ length: 6 }, () => study.ask()!);
    for (const [number, value] of [
      [5, 1],
      [3, 1],
      [4, Number.NaN],
      [1, 1],
      [0, 2],
    ] as const)
      study.tell(trials[number]!, value);
    study.tell(2, { state: 'failed', reason: 'planted' });
    expect(study.top.map(({ number }) => number)).toEqual([1, 3, 5, 0]);
    expect(study.counts).toMatchObject({ complete: 4, pruned: 1, failed: 1 });
  });

  it('keeps the Pareto set of several objectives', async () => {
    await using study = await openStudy({ parameters, search: 'grid', directions: ['minimize', 'maximize'] });
    const values = [
      [5, 5],
      [4, 4],
      [4, 6],
      [9, 9],
      [4, 6],
      [1, 0],
      [10, 8],
    ] as const;
    for (const pair of values) study.tell(study.ask()!, pair);
    expect(study.front.map(({ number }) => number)).toEqual([2, 3, 4, 5]);
    expect(study.best).toMatchObject({ number: 5, values: [1, 0] });
    const error = await errorOf(() => study.tell(study.ask()!, 1));
    expect([error.code, error.message]).toEqual([
      'WRONG_VALUES',
      'A trial was told [1], but the study has 2 objectives: tell one number each.',
    ]);
  });

  it('takes outcomes that are no numbers for a mistake', async () => {
    await using study = await openStudy({ parameters, search: 'grid' });
    const trial = study.ask()!;
    expect((await errorOf(() => study.tell(trial, ['5'] as never))).code).toBe('WRONG_VALUES');
    study.tell(trial, 5);
    expect(study.best?.values).toEqual([5]);
  });

  it.each([
    [{ trials: 0 }, 'OUT_OF_RANGE'],
    [{ seed: 0.5 }, 'NOT_AN_INTEGER'],
    [{ batch: 0 }, 'OUT_OF_RANGE'],
    [{ directions: [] }, 'NO_OBJECTIVE'],
    [{ serach: 'grid' }, 'UNKNOWN_OPTION'],
    [{ search: 'hyperbnad' }, 'UNKNOWN_SEARCH'],
    [{ parameters: { x: float(0, 1) } }, 'NO_GRID'],
    [{ parameters: { 'a b': int(0, 1) } }, 'INVALID_PARAMETER'],
  ])('refuses %j', async (wrong, code) => {
    expect((await errorOf(() => openStudy({ parameters, search: 'grid', ...(wrong as object) }))).code).toBe(code);
  });
});

it.each([
  [['Maximize'], "The direction of an objective is 'maximize' or 'minimize', not 'Maximize'. Did you mean 'maximize'?"],
  [['maximize', 'minimise'], "not 'minimise'. Did you mean 'minimize'?"],
  [['max'], "not 'max'."],
  [new Array(1), 'not undefined.'],
  [
    'minimize',
    "directions is a list with 'maximize' or 'minimize' for each objective, such as ['minimize'], not 'minimize'.",
  ],
  [null, 'not null.'],
])('refuses directions that are none before a file is made: %o', async (directions, message) => {
  const path = newFile();
  const error = await errorOf(() =>
    openStudy({ parameters, search: 'grid', directions: directions as never, study: path }),
  );
  expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining(message)]);
  expect(existsSync(path)).toBe(false);
});

it('keeps the settings of a search, and takes a study with others for another study', async () => {
  const path = newFile();
  const search = (settings?: Readonly<Record<string, unknown>>): Search => ({
    ...scripted([{ x: 1, mode: 'a' }]),
    settings,
  });
  const open = async (settings?: Readonly<Record<string, unknown>>): Promise<void> => {
    await using study = await openStudyOn({ space, search: search(settings), path });
    study.next();
  };
  await open({ startup: 5 });
  await open({ startup: 5 });
  for (const [other, now] of [
    [{ startup: 6 }, '{"startup":6}'],
    [undefined, '{}'],
  ] as const) {
    const error = await errorOf(() => open(other));
    expect([error.code, error.message]).toEqual([
      'STUDY_MISMATCH',
      expect.stringContaining(`settings of the search was {"startup":5}, is ${now}`),
    ]);
  }
});

describe('the logical clock', () => {
  const points = [...space.points()].map((params) => space.toFlat(params));

  it('shows trial k exactly the results up to k - lag, whatever else is known', async () => {
    for (const lag of [1, 3, 8]) {
      const asked: Suggestion[] = [];
      await using study = await openStudyOn({ space, search: scripted(points, asked, true), lag });
      const pending: number[] = [];
      for (;;) {
        const trial = study.next();
        if (trial === undefined) break;
        if (trial === 'wait') study.record(pending.pop()!, { state: 'complete', values: [1] });
        else pending.push(trial.number);
      }
      expect(asked.map(({ number, history }) => [number, history.map((seen) => seen.number)])).toEqual(
        Array.from({ length: 21 }, (_, k) => [
          k,
          Array.from({ length: Math.max(0, k - lag + 1) }, (_none, number) => number),
        ]),
      );
      expect(asked.every(({ number, pending }) => pending.length === Math.min(number, lag - 1))).toBe(true);
      for (const { history, pending } of asked) {
        const shown = [...history, ...pending];
        expect(shown.map(({ number, params }) => [number, params])).toEqual(shown.map((_, k) => [k, points[k]]));
      }
    }
  });

  it('shows the same after a resume, enqueued trials included', async () => {
    const enqueue = [{ x: 9, mode: 'b' }] as const;
    const ask = async (sessions: readonly number[]): Promise<Suggestion[]> => {
      const asked: Suggestion[] = [];
      const path = newFile();
      for (const trials of sessions) {
        const search = scripted(points, asked, true);
        await using study = await openStudyOn({ space, search, path, lag: 4, trials, enqueue });
        const pending: number[] = [];
        for (let trial = study.next(); trial !== undefined; trial = study.next()) {
          if (trial !== 'wait') pending.push(trial.number);
          if (trial === 'wait' || pending.length === 3) study.record(pending.shift()!, endingOfTrial(study.told));
        }
        // What is left pending is interrupted, and runs again.
      }
      return asked.slice(0, 16);
    };
    const endingOfTrial = (number: number): TrialEnding =>
      number % 4 === 1
        ? { state: 'failed', reason: 'planted' }
        : { state: 'complete', values: [number], metrics: { sharpe: 0.1 } };
    const once = await ask([20]);
    expect(once).toHaveLength(16);
    expect(once[0]).toMatchObject({ number: 1, ordinal: 0, history: [], pending: [{ number: 0, params: enqueue[0] }] });
    expect(await ask([5, 9, 20])).toEqual(once);
  });

  it('lets a caller by hand ask beyond it, shows what is known, and says so in the journal', async () => {
    const asked: Suggestion[] = [];
    const path = newFile();
    await using study = await openStudyOn({ space, search: scripted(points, asked, true), lag: 2, path });
    study.ask();
    study.ask();
    expect(readOptunaJournal(path)[0]!.userAttrs).not.toHaveProperty('hindcast:askedEarly');
    expect(study.next()).toBe('wait');
    expect(study.ask()?.number).toBe(2);
    study.tell(1, 5);
    study.ask();
    study.tell(0, 5);
    study.ask();
    study.tell(2, 5);
    study.tell(3, 5);
    study.tell(4, 5);
    study.ask();
    expect(asked.map(({ history, pending }) => [history.length, pending.map(({ saw }) => saw)])).toEqual([
      [0, []],
      [0, [undefined]],
      [0, [undefined, undefined]],
      [0, [undefined, undefined, 0]],
      [2, [0, 0]],
      // Everything is known, but what the lag hides stays hidden.
      [4, [2]],
    ]);
    study.flush();
    expect(readOptunaJournal(path)[0]!.userAttrs).toMatchObject({ 'hindcast:askedEarly': { trial: 2, told: 0 } });
  });
});

describe('duplicates', () => {
  const a = { x: 1, mode: 'a' };
  const b = { x: 2, mode: 'b' };

  it('copy the outcome of the first, told or pending, and are not evaluated', async () => {
    const heard: FinishedTrial<typeof parameters>[] = [];
    await using study = await openStudyOn({ space, search: scripted([a, b, a, { mode: 'a', x: 1 }, b, a]) });
    study.onFinished = (trial) => heard.push(trial());
    expect(study.ask()).toMatchObject({ number: 0, params: a });
    expect(study.ask()).toMatchObject({ number: 1, params: b });
    expect(study.ask()).toBeUndefined();
    study.tell(1, { state: 'pruned', value: 3, reason: 'dull' });
    study.tell(0, 7);
    expect(heard.map(({ number, state, duplicateOf }) => [number, state, duplicateOf])).toEqual([
      [1, 'pruned', undefined],
      [4, 'pruned', 1],
      [0, 'complete', undefined],
      [2, 'complete', 0],
      [3, 'complete', 0],
      [5, 'complete', 0],
    ]);
    expect(heard[1]).toMatchObject({ value: 3, reason: 'as trial 1' });
    expect(study.counts).toEqual({ total: 6, complete: 4, pruned: 2, failed: 0, duplicate: 4 });
    expect(study.best?.number).toBe(0);
  });

  it('copy failures and missing values too, and are found again after a resume', async () => {
    const path = newFile();
    const search = scripted([a, b, a, b, a]);
    {
      await using study = await openStudyOn({ space, search, path, trials: 3 });
      study.tell(study.ask()!, { state: 'failed', reason: 'planted' });
      study.tell(study.ask()!, { state: 'pruned' });
      expect(study.ask()).toBeUndefined();
    }
    await using study = await openStudyOn({ space, search, path });
    expect(study.ask()).toBeUndefined();
    expect(study.counts).toEqual({ total: 5, complete: 0, pruned: 2, failed: 3, duplicate: 3 });
    const trials = await collect(study.trials());
    expect(trials[4]).toMatchObject({
      state: 'failed',
      reason: 'as trial 0, which has the same parameters',
      duplicateOf: 0,
    });
    expect(trials[3]).toEqual({ ...trials[3], state: 'pruned', reason: 'as trial 1', duplicateOf: 1 });
  });

  it('are told apart by every value (property)', () => {
    const map: ParameterMap = {
      n: int(-5, 5),
      f: float(0, 1),
      c: choice('1', 1, true, 'true'),
      b: bool(),
      v: variant({ x: {}, y: { n: int(0, 3) } }),
    };
    const over = new ParameterSpace<ParameterMap>(map);
    const flats = fc
      .record({
        n: fc.integer({ min: -5, max: 5 }),
        f: fc.constantFrom(0, 0.25, 0.1),
        c: fc.constantFrom('1', 1, true, 'true'),
        b: fc.boolean(),
        inner: fc.option(fc.integer({ min: 0, max: 3 })),
      })
      .map(
        ({ inner, ...rest }): FlatParams => (inner === null ? { ...rest, v: 'x' } : { ...rest, v: 'y', 'v.n': inner }),
      );
    fc.assert(
      fc.property(fc.array(flats, { maxLength: 400 }), (list) => {
        const index = new PointIndex();
        const first = new Map<string, number>();
        for (const [number, flat] of list.entries()) {
          const text = JSON.stringify(flat);
          expect(index.get(over.keyOf(flat))).toBe(first.get(text));
          index.add(over.keyOf(flat), number);
          if (!first.has(text)) first.set(text, number);
        }
        expect(index.size).toBe(first.size);
      }),
      { numRuns: 1000 },
    );
  });

  it('keep the lowest number, whatever was added first', () => {
    const index = new PointIndex();
    index.add('p', 9);
    index.add('p', 4);
    index.add('p', 7);
    expect([index.get('p'), index.get('q'), index.size]).toEqual([4, undefined, 1]);
  });
});

describe('enqueued points', () => {
  it('are the first trials, and are not repeated by the search', async () => {
    const path = newFile();
    const enqueue = [
      { x: 9, mode: 'b' },
      { x: 0, mode: 'b' },
      { x: 9, mode: 'b' },
    ] as const;
    const open = () => openStudyOn({ space, search: 'grid', path, enqueue });
    await (await open()).close();
    expect(readOptunaJournal(path)[0]!.trials.map(({ state }) => state)).toEqual(['WAITING', 'WAITING', 'WAITING']);
    {
      await using study = await open();
      expect(study.expected).toBe(23);
      expect(study.ask()?.params).toEqual(enqueue[0]);
      study.tell(0, 9);
    }
    const evaluated: unknown[] = [];
    {
      await using study = await open();
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
        evaluated.push(trial.params);
        study.tell(trial, trial.params.x);
      }
      expect(study.counts).toEqual({ total: 23, complete: 23, pruned: 0, failed: 0, duplicate: 3 });
    }
    expect(evaluated).toHaveLength(19);
    expect(new Set(evaluated.map((params) => JSON.stringify(params))).size).toBe(19);
    expect(
      readOptunaJournal(path)[0]!
        .trials.slice(0, 3)
        .map(({ params, values }) => [params, values]),
    ).toEqual([
      [enqueue[0], [9]],
      [enqueue[1], [0]],
      [enqueue[2], [9]],
    ]);
  });

  it('must be points of the space', async () => {
    const constrained = new ParameterSpace(parameters, ({ x }) => x < 5);
    const open = (point: unknown) => openStudyOn({ space: constrained, search: 'grid', enqueue: [point as never] });
    expect((await errorOf(() => open({ x: 9, mode: 'a' }))).code).toBe('ENQUEUED_NOT_ALLOWED');
    expect((await errorOf(() => open({ x: 10, mode: 'a' }))).code).toBe('PARAMETER_OUT_OF_RANGE');
  });

  it('count for the limit of trials', async () => {
    await using study = await openStudyOn({
      space,
      search: 'grid',
      trials: 1,
      enqueue: [
        { x: 9, mode: 'b' },
        { x: 8, mode: 'b' },
      ],
    });
    expect(study.ask()?.params.x).toBe(9);
    expect(study.ask()).toBeUndefined();
  });
});

describe('trials that another program added', () => {
  it('are kept, run when they are whole points, and take nothing from the grid', async () => {
    const path = newFile();
    {
      await using study = await openStudyOn({ space, search: 'grid', path });
      study.tell(study.ask()!, 1);
    }
    const distribution = JSON.stringify(
      '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 9}}',
    );
    const base = '"worker_id":"other","study_id":0';
    const waiting = (fixed: object) =>
      `{"op_code":4,${base},"datetime_start":null,"state":4,"system_attrs":${JSON.stringify({ fixed_params: fixed })}}\n`;
    appendFileSync(
      path,
      `{"op_code":4,${base},"datetime_start":"2026-01-01T00:00:00.000000","state":1,"value":50,"datetime_complete":"2026-01-01T00:00:00.000000","params":{"x":9},"distributions":{"x":${distribution}}}\n` +
        `{"op_code":4,${base},"datetime_start":"2026-01-01T00:00:00.000000"}\n${waiting({ x: 9, mode: 'b' })}${waiting({ x: 9 })}${waiting({ x: 99, mode: 'b' })}`,
    );
    await using study = await openStudyOn({ space, search: 'grid', path });
    expect(study.best).toMatchObject({ number: 1, values: [50], params: { x: 9 } });
    const asked: unknown[] = [];
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      asked.push(trial.params);
      study.tell(trial, 2);
    }
    // The whole point that was enqueued, then the grid from its second point on, but for that point.
    expect(asked).toEqual([{ x: 9, mode: 'b' }, ...[...space.points()].slice(1, -1)]);
    expect(study.counts).toEqual({ total: 25, complete: 22, pruned: 0, failed: 3, duplicate: 1 });
    expect(study.told).toBe(25);
  });
});

describe('resuming', () => {
  it('runs what was running again under its number', async () => {
    const path = newFile();
    const open = (trials: number) => openStudy({ parameters, search: 'random', seed: 9, study: path, trials });
    const first = await open(6);
    const asked = Array.from({ length: 6 }, () => first.ask()!);
    first.tell(asked[4]!, 4);
    first.tell(asked[1]!, 1);
    await first.close();
    await using study = await open(8);
    expect([study.interrupted, study.created, study.seed]).toEqual([4, 6, 9]);
    const again = Array.from({ length: 6 }, () => study.ask()!);
    expect(again.map(({ number }) => number)).toEqual([0, 2, 3, 5, 6, 7]);
    expect(again.slice(0, 4).map(({ params }) => params)).toEqual([0, 2, 3, 5].map((number) => asked[number]!.params));
    for (const trial of again) study.tell(trial, trial.number);
    expect(study.counts.total).toBe(8);
    expect(study.best?.number).toBe(7);
  });

  it('is the study that was never interrupted (property)', async () => {
    const whole = newFile();
    const seen = async (path: string, stops: readonly number[]): Promise<void> => {
      for (const stop of [...stops, Number.POSITIVE_INFINITY]) {
        await using study = await openStudyOn({
          space,
          search: 'random',
          path,
          name: 's',
          seed: 2,
          enqueue: [{ x: 3, mode: 'a' }],
        });
        for (let asked = 0; asked < stop; asked++) {
          const trial = study.ask();
          if (trial === undefined) break;
          // Every third one is still running at the stop.
          if (stop === Number.POSITIVE_INFINITY || asked % 3 !== 0) study.tell(trial, trial.params.x);
        }
      }
    };
    await seen(whole, []);
    const stopsList = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(stopsList, async (stops) => {
        const path = newFile();
        await seen(path, stops);
        expect(canonicalJournal(path)).toEqual(canonicalJournal(whole));
      }),
      { numRuns: 60 },
    );
  });

  const identity = { strategySourceHash: 'a'.repeat(64), bundleVersion: 'b'.repeat(64), objective: 'sharpe' };
  const changes: readonly (readonly [string, Partial<OpenStudyOptions<never>> | { space: unknown }, string])[] = [
    [
      'strategy',
      { identity: { ...identity, strategySourceHash: 'c'.repeat(64) } },
      'strategy source was aaaaaaaaaaaa…, is cccccccccccc…',
    ],
    [
      'bundle',
      { identity: { ...identity, bundleVersion: 'd'.repeat(64) } },
      'bundle version was bbbbbbbbbbbb…, is dddddddddddd…',
    ],
    ['objective', { identity: { ...identity, objective: 'calmar' } }, 'objective was sharpe, is calmar'],
    ['more to compare', { identity: { ...identity, cash: '5' } }, 'cash was nothing, is 5'],
    ['seed', { seed: 5 }, 'seed was 1, is 5'],
    ['lag', { lag: 9 }, 'lag (batch) was 8, is 9'],
    ['search', { search: 'random' }, 'search was grid, is random'],
    ['direction', { directions: ['minimize'] }, 'directions was ["maximize"], is ["minimize"]'],
    [
      'range',
      { space: new ParameterSpace({ ...parameters, x: int(0, 8) }) },
      "parameter 'x' was an integer from 0 to 9, is an integer from 0 to 8",
    ],
    [
      'parameter',
      { space: new ParameterSpace({ ...parameters, z: int(0, 1) }) },
      "parameter 'z' was nothing, is an integer from 0 to 1",
    ],
    [
      'order',
      { space: new ParameterSpace({ mode: parameters.mode, x: parameters.x }) },
      'order of the parameters was ["x","mode"], is ["mode","x"]',
    ],
  ];
  it.each(changes)('refuses a study of another %s', async (_name, change, difference) => {
    const path = newFile();
    const open = (more: object) =>
      openStudyOn({ space, search: 'grid', path, identity, ...more } as OpenStudyOptions<typeof parameters>);
    const study = await open({ facts: { version: '0.1.0' } });
    study.tell(study.ask()!, 1);
    await study.close();
    const before = canonicalJournal(path);
    const error = await errorOf(() => open(change));
    expect([error.code, error.exitCode]).toEqual(['STUDY_MISMATCH', 2]);
    expect(error.message).toContain(`is another study: ${difference}`);
    expect(canonicalJournal(path)).toEqual(before);
    const again = await open({ search: 'auto', facts: { version: '0.2.0' } });
    expect(again.counts.total).toBe(1);
    await again.close();
  });
});

describe('memory', () => {
  it('keeps 9 bytes of a trial, and the best whole', () => {
    const tally = new Tally<typeof parameters>(['maximize'], 3);
    let made = 0;
    for (let number = 0; number < 5000; number++) {
      const ending = { state: 'complete', values: [(number * 7919) % 5000] } as const;
      tally.add(number, ending, () => {
        made++;
        return { number, params: { x: 1, mode: 'a' }, budget: 1, ...ending };
      });
    }
    expect(tally.top.map(({ values }) => values[0])).toEqual([4999, 4998, 4997]);
    expect(tally.told).toBe(5000);
    expect(made).toBeLessThan(60);
  });
});
