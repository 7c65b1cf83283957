import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { bool, choice, float, int, type ParameterMap, variant } from '../../src/engine/parameters.js';
import { openStudyOn } from '../../src/optimize/open-study.js';
import type { CreateSampler, Search } from '../../src/optimize/samplers/registry.js';
import type { BudgetedPoint, Sampler, SeenTrial, Suggestion } from '../../src/optimize/samplers/sampler.js';
import { runSearch } from '../../src/optimize/search.js';
import { type FlatParams, ParameterSpace } from '../../src/optimize/space.js';
import type { Direction, TrialEnding } from '../../src/optimize/trial.js';
import type { Executor } from '../../src/parallel/executor.js';
import { openExecutor } from '../../src/parallel/open-executor.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal } from '../helpers/optuna-journal.js';

/** What a sampler promises about itself. */
export interface SamplerTraits extends Search {
  readonly create: CreateSampler;
  /** It needs no grid. */
  readonly continuous: boolean;
  /** Trials that are drawn where the space does not end before. @defaultValue 300 */
  readonly trials?: number;
  /** Objectives it serves. @defaultValue 1 */
  readonly objectives?: number;
  /** What a study is asked for in its place: `auto`, which stands for another one by the terms of the study. @defaultValue the sampler itself */
  readonly asked?: 'auto';
}

type AnyParams = Readonly<Record<string, unknown>>;

const spaceOf = (parameters: ParameterMap, constraint?: (params: AnyParams) => boolean): ParameterSpace =>
  new ParameterSpace<ParameterMap>(parameters, constraint);

const lessThan = ({ fast, slow }: AnyParams): boolean => (fast as number) < (slow as number);

const finiteSpaces = (): ReadonlyArray<readonly [string, ParameterSpace]> => [
  ['one point', spaceOf({ only: int(3, 3) })],
  ['numbers', spaceOf({ fast: int(1, 9, { step: 2 }), threshold: float(0.001, 0.009, { step: 0.002 }) })],
  ['a constraint', spaceOf({ fast: int(1, 8), slow: int(1, 8) }, lessThan)],
  ['logarithmic integers', spaceOf({ n: int(1, 9, { log: true }), m: int(-1, 1) })],
  [
    'logarithmic integers under a constraint',
    spaceOf({ fast: int(1, 9, { log: true }), slow: int(1, 12, { log: true }) }, lessThan),
  ],
  ['a constraint that allows nothing', spaceOf({ fast: int(1, 8) }, () => false)],
  [
    'conditions',
    spaceOf({
      stop: variant({ none: {}, atr: { length: int(5, 9) } }),
      short: bool(),
      mode: choice('a', 2),
    }),
  ],
];

const infiniteSpaces = (): ReadonlyArray<readonly [string, ParameterSpace]> => [
  [
    'priors',
    spaceOf({
      a: float(-1, 1),
      b: float(0.01, 10, { prior: 'log' }),
      c: float(0, 1, { prior: { mean: 5, deviation: 1 } }),
    }),
  ],
  ['logarithmic integers', spaceOf({ n: int(1, 1000, { log: true }), m: float(-2, 2) })],
  ['a constraint', spaceOf({ fast: float(0, 1), slow: float(0, 1) }, lessThan)],
  ['conditions', spaceOf({ stop: variant({ none: {}, by: { size: float(1, 2) } }), short: bool() })],
  [
    'one name in two kinds',
    spaceOf({
      exit: variant({ bars: { length: int(1, 9) }, atr: { length: int(10, 40, { step: 10 }) } }),
      x: float(0, 1),
    }),
  ],
  ['a float of one value', spaceOf({ fixed: float(2, 2), other: int(0, 3) })],
  ['more points than doubles', spaceOf(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, int(0, 99_999)])))],
];

/** A question with its answer, kept as it was when it was asked. */
interface Exchange {
  readonly asked: Suggestion;
  readonly flat: FlatParams;
}

/** Smooth where the parameters are numbers, a tie here and there, with every seventh trial failed and every fifth pruned. */
function endingOf(space: ParameterSpace, flat: FlatParams, number: number, objectives: number): TrialEnding {
  if (number % 7 === 3) return { state: 'failed', reason: 'planted' };
  if (number % 5 === 2) return { state: 'pruned', reason: 'it never traded' };
  let sum = 0;
  for (const value of Object.values(flat))
    sum += typeof value === 'number' ? Math.abs(value - 3) : String(value).length;
  const first = Math.round(-sum * 8) / 8;
  return { state: 'complete', values: [first, ...Array(objectives - 1).fill(space.keyOf(flat).length)] };
}

const MODULE = new URL('../fixtures/math-trials.mjs', import.meta.url).href;

/** Every sampler keeps these promises: run the suite on each. */
export function samplerContract({ continuous, trials = 300, objectives = 1, asked, ...search }: SamplerTraits): void {
  const { name, create } = search;
  const directions: readonly Direction[] = Array(objectives).fill('maximize');

  const open = (space: ParameterSpace, seed: number): Sampler => create(space, seed, directions);

  const converse = (space: ParameterSpace, seed: number, count: number, lag = 4): Exchange[] => {
    const sampler = open(space, seed);
    const seen: SeenTrial[] = [];
    const said: Exchange[] = [];
    for (let number = 0; number < count; number++) {
      const { budgets, looksBack } = sampler;
      let visible = looksBack ? Math.max(0, number - lag + 1, budgets?.awaits(number) ?? 0) : 0;
      const question = (): Suggestion => ({
        number,
        ordinal: number,
        history: seen.slice(0, visible),
        pending: looksBack
          ? seen.slice(visible).map(({ params, budget = 1 }, at) => ({ number: visible + at, params, budget }))
          : [],
      });
      while (visible < number && budgets?.place(question()) === 'later') visible++;
      const asked = question();
      const placed = budgets?.place(asked);
      expect(placed).not.toBe('later');
      const flat = sampler.suggest(asked);
      if (flat === undefined) break;
      said.push({ asked, flat });
      const budget = (placed as BudgetedPoint | undefined)?.budget ?? 1;
      seen.push({ number, params: flat, budget, ending: endingOf(space, flat, number, objectives) });
    }
    return said;
  };

  const draw = (space: ParameterSpace, seed: number, count: number, lag?: number): FlatParams[] =>
    converse(space, seed, count, lag).map(({ flat }) => flat);

  describe(`${name} honours the sampler contract`, () => {
    const spaces = continuous ? [...finiteSpaces(), ...infiniteSpaces()] : finiteSpaces();
    const folder = makeFolder();
    const executors = new Map<number, Executor>();
    afterAll(async () => {
      folder.remove();
      for (const executor of executors.values()) await executor.close();
    });

    it.each(spaces)('repeats itself for a seed: %s', (_name, space) => {
      const count = Math.min(60, trials);
      expect(draw(space, 7, count)).toEqual(draw(space, 7, count));
    });

    it.each(spaces)('answers a question the same whatever was asked before: %s', (_name, space) => {
      const said = converse(space, 7, Math.min(60, trials));
      const sampler = open(space, 7);
      for (const { asked, flat } of [...said].reverse()) expect(sampler.suggest(asked)).toEqual(flat);
      for (const { asked, flat } of said.slice(-2)) expect(open(space, 7).suggest(asked)).toEqual(flat);
    });

    it.each(spaces)('stays inside every bound and the constraint: %s', (_name, space) => {
      for (const flat of draw(space, 1, trials)) {
        const params = space.checkFlat(flat);
        expect(space.allows(params)).toBe(true);
        expect(Object.keys(flat)).toEqual(Object.keys(space.toFlat(params)));
      }
    });

    // A search over budgets has a point several times, and leaves most of them at the first: see its own tests.
    const spendsBudgets = open(finiteSpaces()[1]![1], 1).budgets !== undefined;

    it.skipIf(spendsBudgets).each(finiteSpaces())(
      'exhausts a finite space exactly, without repeating a point: %s',
      (_name, space) => {
        for (const lag of [1, 8]) {
          const said = converse(space, 3, 10_000, lag);
          const keys = said.map(({ flat }) => space.keyOf(flat));
          expect(keys).toHaveLength(Number(space.count()));
          expect(new Set(keys)).toEqual(
            new Set([...space.points()].map((params) => space.keyOf(space.toFlat(params)))),
          );
          const sampler = open(space, 3);
          const all = said.map(({ flat }, number): SeenTrial => {
            return { number, params: flat, ending: endingOf(space, flat, number, objectives) };
          });
          const history = sampler.looksBack ? all : [];
          const behind = said.length;
          expect(sampler.suggest({ number: behind, ordinal: behind, history, pending: [] })).toBeUndefined();
          if (sampler.looksBack) continue;
          expect(sampler.suggest({ number: behind + 5, ordinal: behind + 5, history, pending: [] })).toBeUndefined();
        }
      },
    );

    /** Runs a study over a space of 25 points to its end and returns the points in the order of asking. */
    const whole = async (endings: (number: number) => TrialEnding): Promise<FlatParams[]> => {
      const [, space] = finiteSpaces()[1]!;
      await using study = await openStudyOn({ space, search, directions, seed: 5, lag: 1 });
      const asked: FlatParams[] = [];
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
        asked.push(space.toFlat(trial.params));
        study.record(trial.number, endings(trial.number));
      }
      return asked;
    };
    const complete = (number: number): TrialEnding => ({
      state: 'complete',
      values: [number, ...Array(objectives - 1).fill(-number)],
    });
    const { looksBack } = open(finiteSpaces()[1]![1], 1);

    it.skipIf(spendsBudgets)(
      'is not stopped by trials that failed or have no value, and does not try them again',
      async () => {
        const failed = { state: 'failed', reason: 'planted' } as const;
        const pruned = { state: 'pruned', reason: 'planted' } as const;
        const some = await whole((number) =>
          number % 3 === 0 ? failed : number % 3 === 1 ? pruned : complete(number),
        );
        const none = await whole((number) => (number % 2 === 0 ? failed : pruned));
        const ties = await whole(() => complete(1));
        const endless = await whole((number) =>
          number % 2 === 0 ? complete(Number.NEGATIVE_INFINITY) : complete(number),
        );
        for (const asked of [some, none, ties, endless]) {
          expect(asked).toHaveLength(25);
          expect(new Set(asked.map((flat) => JSON.stringify(flat))).size).toBe(25);
        }
        // Without looking back, how trials end decides nothing.
        if (!looksBack) expect([none, ties, endless]).toEqual([some, some, some]);
      },
    );

    it.skipIf(spendsBudgets)('has many pending at once, told in any order', async () => {
      const [, space] = finiteSpaces().at(-1)!;
      const end = async (order: SeededRandom): Promise<readonly [number, TrialEnding['state']][]> => {
        await using study = await openStudyOn({ space, search, directions, seed: 5, lag: 16 });
        for (;;) {
          const batch = Array.from({ length: 16 }, () => study.ask()).filter((trial) => trial !== undefined);
          if (batch.length === 0) break;
          for (const trial of order.shuffle(batch)) {
            study.tell(trial.number, [JSON.stringify(trial.params).length, ...Array(objectives - 1).fill(1)]);
          }
        }
        return study.top.map(({ number, values: [value], state }) => [number * 1000 + value, state]);
      };
      const first = await end(SeededRandom.derive(1));
      expect(first.length).toBeGreaterThan(16);
      for (let seed = 2; seed < 6; seed++) expect(await end(SeededRandom.derive(seed))).toEqual(first);
    });

    it.skipIf(spendsBudgets)('takes enqueued points, and those of other programs, as it finds them', async () => {
      const space = spaceOf({ x: int(0, 9), y: choice('a', 'b') });
      const enqueue = [
        { x: 3, y: 'b' },
        { x: 9, y: 'a' },
      ] as never;
      await using study = await openStudyOn({ space, search, directions, enqueue, lag: 2 });
      const asked: string[] = [];
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
        asked.push(space.keyOf(space.toFlat(trial.params)));
        study.record(trial.number, complete(trial.number));
      }
      expect(asked).toHaveLength(20);
      expect(new Set(asked).size).toBe(20);
      if (!looksBack) return;
      expect(study.counts.duplicate).toBe(0);
      const strange: FlatParams[] = [{ x: 4 }, { x: 77, y: 'a' }, { y: 'zebra', x: 1 }, {}, { x: 5, y: 'a' }];
      const history = strange.map((params, number): SeenTrial => ({ number, params, ending: complete(number) }));
      expect(space.checkFlat(open(space, 1).suggest({ number: 5, ordinal: 5, history, pending: [] })!)).toBeDefined();
    });

    let files = 0;
    interface Run {
      readonly workers: number;
      readonly setup?: object;
      /** Trials of each session; the study is closed and resumed between them. */
      readonly sessions?: readonly number[];
      /** What a kill left of the study's file. @defaultValue nothing: it begins anew */
      readonly left?: Uint8Array;
    }
    const study = async (endless: boolean, { workers, setup = {}, sessions = [], left }: Run): Promise<string> => {
      const x = endless ? float(0, 11) : int(0, 11);
      const space = spaceOf({ x, y: int(-2, 2) });
      const path = join(folder.path, `${name}-${files++}.log`);
      if (left !== undefined) writeFileSync(path, left);
      let executor = executors.get(workers);
      if (executor === undefined) {
        executor = openExecutor({ workers });
        executors.set(workers, executor);
      }
      for (const count of [...sessions, endless ? 40 : 60]) {
        const terms = { space, search: asked ?? search, directions, path, name: 'same', seed: 11, trials: count };
        await using opened = await openStudyOn(terms);
        const job = { key: `${name} ${files} ${count}`, module: MODULE, setup: { objectives, ...setup } };
        await runSearch({ study: opened, executor, job });
      }
      return path;
    };

    it.each(continuous ? [false, true] : [false])(
      'has the same study for 1, 2, 4 and 8 workers at any pace, after a death, a kill and a resume; endless: %s',
      async (endless) => {
        const path = await study(endless, { workers: 1 });
        const one = canonicalJournal(path);
        expect((one as { trials: unknown[] }[])[0]!.trials).toHaveLength(endless ? 40 : 60);
        const bytes = readFileSync(path);
        const once = new SharedArrayBuffer(4);
        // Another number of trials makes 'auto' another search.
        const resumes: readonly Run[] =
          asked === 'auto'
            ? []
            : [
                { workers: 1, sessions: [1, 13, 30] },
                { workers: 4, setup: { uneven: 1 }, sessions: [17] },
              ];
        const runs: readonly Run[] = [
          ...resumes,
          { workers: 2, setup: { uneven: 0.5 } },
          { workers: 4, setup: { uneven: 0.6 }, left: bytes.subarray(0, Math.floor(bytes.length * 0.6)) },
          { workers: 8, setup: { uneven: 0.7 } },
          { workers: 2, setup: { uneven: 0.3, dying: { trial: 21, once } } },
        ];
        for (const run of runs) expect(canonicalJournal(await study(endless, run))).toEqual(one);
        expect(new Int32Array(once)[0]).toBe(1);
      },
    );
  });
}
