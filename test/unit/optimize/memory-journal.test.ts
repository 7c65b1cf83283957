import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { RunError } from '../../../src/core/errors.js';
import { MemoryJournal } from '../../../src/optimize/journal/memory-journal.js';
import type { JournalTrial, TrialEnding } from '../../../src/optimize/trial.js';
import { makeFolder } from '../../helpers/folders.js';
import { runModule } from '../../helpers/run-module.js';

const folder = makeFolder();
afterAll(() => folder.remove());
afterEach(() => vi.unstubAllEnvs());

const numbers = fc.double();
const names = fc.constantFrom('sharpe', 'sortino', '__proto__', 'a b', '0', 'metrics', 'state');
const report = fc.record(
  {
    metrics: fc.dictionary(names, fc.option(numbers, { nil: null }), { noNullPrototype: true }),
    endingEquity: fc.string(),
    orders: fc.nat(),
    orderStreamHash: fc.string(),
    seconds: numbers,
    worker: fc.nat(),
    duplicateOf: fc.nat(),
    intermediate: fc.array(fc.tuple(fc.nat(), numbers)),
  },
  { requiredKeys: [] },
);
const ending = fc.tuple(
  report,
  fc.oneof(
    fc.record({ state: fc.constant('complete'), values: fc.array(numbers, { minLength: 1, maxLength: 3 }) }),
    fc.record(
      { state: fc.constant('pruned'), value: numbers, reason: fc.string() },
      { requiredKeys: ['state'], noNullPrototype: true },
    ),
    fc.record({ state: fc.constant('failed'), reason: fc.string() }),
  ),
);
const params = fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(numbers, fc.boolean(), fc.string()), {
  noNullPrototype: true,
});
const trials = fc
  .array(fc.record({ params, budget: fc.constantFrom(1, 1 / 3), ending, enqueued: fc.boolean() }), { maxLength: 30 })
  .chain((list) =>
    fc.record({
      list: fc.constant(list),
      order: fc.shuffledSubarray([...list.keys()], { minLength: Math.max(0, list.length - 2) }),
    }),
  );

async function everyTrial(journal: MemoryJournal): Promise<JournalTrial[]> {
  const found: JournalTrial[] = [];
  for await (const trial of journal.finished()) found.push(trial);
  return found;
}

describe('a journal in memory', () => {
  it('gives back by number what it was given in any order, however few trials it holds', async () => {
    await fc.assert(
      fc.asyncProperty(trials, fc.integer({ min: 1, max: 12 }), async ({ list, order }, most) => {
        const [small, large] = [new MemoryJournal(most), new MemoryJournal(1_000)];
        for (const journal of [small, large]) {
          list.forEach(({ enqueued, params: given }, number) => {
            if (enqueued) journal.enqueue(number, given);
          });
          for (const number of order) {
            const { params: given, budget, ending: parts } = list[number]!;
            journal.finish(number, given, budget, Object.assign({}, ...parts) as TrialEnding);
          }
        }
        const found = await everyTrial(small);
        const given = [...order]
          .sort((a, b) => a - b)
          .map((number) => {
            const { ending: parts, ...trial } = list[number]!;
            const whole = Object.assign({}, ...parts) as TrialEnding;
            return { ...trial, number, foreign: false, state: whole.state, ending: whole };
          });
        expect(found).toStrictEqual(given);
        expect(JSON.stringify(found.map(({ ending: { ...whole } }) => whole))).toBe(
          JSON.stringify(given.map(({ ending: whole }) => whole)),
        );
        expect(await everyTrial(large)).toStrictEqual(given);
        expect(await everyTrial(small)).toEqual(found);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);

  it('takes of what it is given what is its own, and nothing of what it cannot read', async () => {
    const journal = new MemoryJournal(3);
    const odd = Object.create({ state: 'failed', reason: 'inherited' }, { value: { value: 3, enumerable: true } });
    const torn = {
      state: 'pruned',
      get reason(): string {
        throw new Error('torn');
      },
    };
    const sparse = Object.assign(new Array<number>(3), { 0: 1, 2: 3 });
    journal.finish(0, { x: 0 }, 1, { state: 'complete', values: [1], metrics: { sharpe: 1 } });
    journal.finish(1, Object.create({ y: 2 }, { x: { value: 1, enumerable: true } }), 1, odd);
    expect(() => journal.finish(2, { x: 2 }, 1, torn as TrialEnding)).toThrow('torn');
    journal.finish(2, { x: 2 }, 1, { state: 'complete', values: sparse as never });
    journal.finish(3, { x: 3 }, 1, { state: 'complete', values: [4] });
    expect(
      (await everyTrial(journal)).map(({ number, params: given, ending: { ...said } }) => [number, given, said]),
    ).toEqual([
      [0, { x: 0 }, { state: 'complete', values: [1], metrics: { sharpe: 1 } }],
      [1, { x: 1 }, { value: 3 }],
      [2, { x: 2 }, { state: 'complete', values: sparse }],
      [3, { x: 3 }, { state: 'complete', values: [4] }],
    ]);
  });

  it('leaves no file behind, and trials that end while it is read do not disturb it', async () => {
    vi.stubEnv('TMPDIR', folder.path);
    const journal = new MemoryJournal(3);
    const end = (number: number) => journal.finish(number, { x: number }, 1, { state: 'complete', values: [number] });
    for (let number = 0; number < 10; number++) end(number);
    const found: number[] = [];
    for await (const { number } of journal.finished()) {
      found.push(number);
      end(100 + number);
    }
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await everyTrial(journal)).length).toBe(20);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('says what to do when the temporary folder takes no file', () => {
    const missing = join(folder.path, 'missing');
    vi.stubEnv('TMPDIR', missing);
    const journal = new MemoryJournal(1);
    const end = (number: number) => journal.finish(number, {}, 1, { state: 'failed', reason: 'none' });
    end(0);
    expect(() => end(1)).toThrow(RunError);
    expect(() => end(1)).toThrow(`temporary folder ${missing}: ENOENT`);
    expect(() => end(1)).toThrow('give the search a study file');
  });

  it('does not grow with the study: a search at random keeps a few bytes a trial', async () => {
    const { stdout, stderr } = await runModule(`
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { int } from './src/engine/parameters.ts';
      import { openStudyOn } from './src/optimize/open-study.ts';
      import { ParameterSpace } from './src/optimize/space.ts';
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      const space = new ParameterSpace({ a: int(1, 1000), b: int(1, 1000), c: int(1, 100) });
      const grown = {};
      for (const search of ['grid', 'random']) {
        await using study = await openStudyOn({ space, search, trials: 1e6 });
        const run = async (count) => {
          for (let k = 0; k < count; k++) {
            const { number } = study.ask();
            const metrics = { sharpe: number / 7, sortino: number / 3, maxDrawdown: -1 / (number + 1), calmar: null };
            const orderStreamHash = number.toString(16).padStart(64, '0');
            study.record(number, { state: 'complete', values: [number % 977], metrics, orderStreamHash, seconds: 0.001 });
          }
          // Buffers are given back a turn after their owners are gone.
          for (let turn = 0; turn < 3; turn++) {
            collect();
            await new Promise(setImmediate);
          }
          const { heapUsed, external } = process.memoryUsage();
          return heapUsed + external;
        };
        const before = await run(16_384);
        grown[search] = ((await run(49_152)) - before) / 49_152;
        let read = 0;
        for await (const trial of study.trials()) if (trial.number === read && trial.metrics.sharpe === read / 7) read++;
        grown[search + 'Read'] = read;
      }
      console.log(JSON.stringify(grown));`);
    expect(stderr).toBe('');
    const grown = JSON.parse(stdout) as Record<string, number>;
    expect(grown).toMatchObject({ gridRead: 65_536, randomRead: 65_536 });
    // A byte for the state, eight for the value, in tables that double.
    expect(grown.grid).toBeLessThan(24);
    expect(grown.random).toBeLessThan(24);
  }, 60_000);
});
