import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { choice, float, int, type ParameterMap } from '../../../src/engine/parameters.js';
import { openStudy } from '../../../src/optimize/open-study.js';
import { median } from '../../../src/optimize/pruners.js';
import { SEARCH_NAMES, type SearchName } from '../../../src/optimize/samplers/names.js';
import type { Trial } from '../../../src/optimize/trial.js';
import { makeFolder } from '../../helpers/folders.js';
import { readOptunaJournal } from '../../helpers/optuna-journal.js';

const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `pending-${files++}.log`);

const parameters: ParameterMap = { x: float(-5, 5, { step: 0.25 }), n: int(0, 40), mode: choice('a', 'b') };
const worth = ({ params, budget }: Trial<ParameterMap>): number => {
  const { x, n, mode } = params as { x: number; n: number; mode: string };
  return -((x - 1) ** 2) - (n - 20) ** 2 / 50 - (mode === 'a' ? 1 : 0) - (1 - budget);
};
const directionsOf = (search: SearchName): readonly ('maximize' | 'minimize')[] =>
  search === 'nsga2' ? ['maximize', 'minimize'] : ['maximize'];
const open = (search: SearchName, more: object = {}) =>
  openStudy({ parameters, search, directions: directionsOf(search), seed: 5, trials: 100, ...more });
type Opened = Awaited<ReturnType<typeof open>>;

const tell = (study: Opened, trial: Trial<ParameterMap>): void => {
  if (trial.number % 11 === 3) study.tell(trial, { state: 'failed', reason: 'planted' });
  else study.tell(trial, study.directions.length === 1 ? worth(trial) : [worth(trial), trial.number % 5]);
};

/** Keeps so many pending, and tells one of them at random, until the study has no more, or so many asks were made. */
function roll(study: Opened, most: number, random: SeededRandom, asks = Number.POSITIVE_INFINITY): string[] {
  const seen: string[] = [];
  const pending: Trial<ParameterMap>[] = [];
  for (let asked = 0; asked < asks; asked++) {
    const trial = study.ask();
    if (trial === undefined) break;
    seen.push(`${trial.number} ${JSON.stringify(trial.params)} ${trial.budget}`);
    pending.push(trial);
    if (pending.length === most) tell(study, pending.splice(random.int(0, most - 1), 1)[0]!);
  }
  if (asks === Number.POSITIVE_INFINITY) for (const trial of pending) tell(study, trial);
  return seen;
}

describe.each(SEARCH_NAMES)('%s with many trials pending, told in random order', (search) => {
  it('asks for 16 and for 64 at once, and repeats itself', async () => {
    for (const most of [16, 64]) {
      const runs: string[][] = [];
      for (let run = 0; run < 2; run++) {
        await using study = await open(search, run === 0 ? {} : { study: newFile() });
        runs.push(roll(study, most, SeededRandom.derive(1, 'order', most)));
        expect(study.counts.total).toBe(100);
        expect(study.told).toBe(100);
      }
      expect(runs[1]).toEqual(runs[0]);
    }
  });

  it('goes on after a stop with trials pending', async () => {
    const path = newFile();
    let asked: string[];
    {
      await using study = await open(search, { study: path });
      asked = roll(study, 32, SeededRandom.derive(2, 'order'), 70);
    }
    await using study = await open(search, { study: path });
    const { interrupted } = study;
    expect(interrupted).toBe(31);
    const again = roll(study, 32, SeededRandom.derive(3, 'order'));
    // What was pending comes first, as it was.
    expect(again.slice(0, interrupted).every((each) => asked.includes(each))).toBe(true);
    expect(study.counts.total).toBe(100);
    expect(readOptunaJournal(path)[0]!.trials.every(({ state }) => state !== 'RUNNING')).toBe(true);
  });

  it('is the same within the batch whatever the order', async () => {
    const runs: string[][] = [];
    for (const seed of [1, 2]) {
      await using study = await open(search, { batch: 8, trials: 80 });
      const random = SeededRandom.derive(seed, 'order');
      const pending: Trial<ParameterMap>[] = [];
      const seen: string[] = [];
      for (;;) {
        const trial = study.next();
        if (trial === undefined) break;
        if (trial === 'wait') tell(study, pending.splice(random.int(0, pending.length - 1), 1)[0]!);
        else {
          pending.push(trial);
          seen.push(JSON.stringify(trial));
        }
      }
      runs.push(seen);
    }
    expect(runs[1]).toEqual(runs[0]);
  });
});

it.each([
  ['cmaes', {}],
  ['cmaes', { parameters: { x: float(-5, 5), y: float(-5, 5) } }],
  ['tpe', {}],
  ['gp', { trials: 60 }],
  ['genetic', {}],
  ['bohb', {}],
  ['random', { prune: median() }],
  ['tpe', { prune: median() }],
  ['tpe', { prune: median(), enqueue: Array.from({ length: 40 }, (_, n) => ({ x: 0, n, mode: 'a' })) }],
] as const)('%s is the same after stops with trials pending, however early it was asked: %j', async (search, more) => {
  const courseOf = async (stops: readonly number[]): Promise<string[]> => {
    const options = { study: newFile(), batch: 2, ...more };
    let study = await open(search, options);
    const random = SeededRandom.derive(6, 'order');
    let pending: Trial<ParameterMap>[] = [];
    const seen: string[] = [];
    const end = (trial: Trial<ParameterMap>): void => {
      const value =
        'n' in (trial.params as object) ? worth(trial) : -Math.hypot(...(Object.values(trial.params) as number[]));
      if (study.report(trial, value)) {
        seen.push(`${trial.number} stops`);
        study.tell(trial, { state: 'pruned' });
      } else study.tell(trial, value);
    };
    for (let asked = 0; ; asked++) {
      if (stops.includes(asked)) {
        await study.close();
        study = await open(search, options);
        const again = pending.map(() => study.ask()!);
        pending = pending.map(({ number }) => again.find((trial) => trial.number === number)!);
      }
      const trial = study.ask();
      if (trial === undefined) break;
      seen.push(JSON.stringify(trial));
      pending.push(trial);
      if (pending.length === 24) end(pending.splice(random.int(0, 23), 1)[0]!);
    }
    for (const trial of pending) end(trial);
    await study.close();
    return seen;
  };
  const unbroken = await courseOf([]);
  expect(await courseOf([3, 30, 31, 50, 90])).toEqual(unbroken);
});

it('learns from what is told beyond the batch', async () => {
  for (const search of ['tpe', 'gp', 'cmaes', 'genetic'] as const) {
    const bests: number[] = [];
    for (const seed of [1, 2, 3]) {
      // A process solves its whole history for each suggestion, and needs less of it.
      await using study = await open(search, { seed, trials: search === 'gp' ? 60 : 200 });
      const random = SeededRandom.derive(seed, 'order');
      roll(study, 16, random);
      bests.push(study.best!.values[0]);
    }
    expect(bests.sort((a, b) => a - b)[1]).toBeGreaterThan(-0.3);
  }
});

it('prunes with many trials pending', async () => {
  await using study = await open('random', { prune: median(), study: newFile() });
  const trials = Array.from({ length: 40 }, () => study.ask()!);
  for (const trial of trials.reverse()) {
    expect(study.report(trial, worth(trial))).toBe(false);
    tell(study, trial);
  }
  const stops = Array.from({ length: 40 }, () => study.report(study.ask()!, -100));
  expect(stops).toContain(true);
});

it('runs no configuration of a rung twice on the next, however early it is asked for', async () => {
  for (const search of ['halving', 'hyperband', 'bohb'] as const) {
    await using study = await open(search, { parameters: { x: float(0, 1) }, trials: 200 });
    const seen = roll(study, 48, SeededRandom.derive(4, search));
    expect(study.counts.duplicate).toBe(0);
    const budgets = seen.map((each) => Number(each.split(' ').at(-1)));
    await using patient = await open(search, { parameters: { x: float(0, 1) }, trials: 200 });
    const planned: number[] = [];
    for (let trial = patient.ask(); trial !== undefined; trial = patient.ask()) {
      planned.push(trial.budget);
      patient.tell(trial, 0.5);
    }
    expect(budgets).toEqual(planned);
  }
});
