import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bool, float, int } from '../../../src/engine/parameters.js';
import { type OpenStudyOptions, openStudyOn } from '../../../src/optimize/open-study.js';
import type { Search } from '../../../src/optimize/samplers/registry.js';
import { runSearch, type SearchRun, type SearchSummary } from '../../../src/optimize/search.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import type { FinishedTrial } from '../../../src/optimize/trial.js';
import type { Executor } from '../../../src/parallel/executor.js';
import { openExecutor } from '../../../src/parallel/open-executor.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../../helpers/optuna-journal.js';

const MODULE = new URL('../../fixtures/math-trials.mjs', import.meta.url).href;
const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `study-${files++}.log`);

const parameters = { x: int(0, 11), y: int(-2, 2) };
const space = new ParameterSpace(parameters);
const endless = new ParameterSpace({ x: float(0, 11), y: int(-2, 2), z: bool() });
type Space = typeof parameters;

/** Looks back: next to the best that it may see, one step further with every trial. */
const climbing: Search = {
  name: 'random',
  create: (over) => ({
    name: 'random',
    looksBack: true,
    distinct: false,
    size: Number.POSITIVE_INFINITY,
    suggest: ({ number, history }) => {
      let best = 0;
      for (const { number: seen, ending } of history) {
        const other = history[best]!.ending;
        if (ending.state !== 'complete') continue;
        if (other.state !== 'complete' || ending.values[0] > other.values[0]) best = seen;
      }
      const from = history.length === 0 ? 0 : Number(over.indexOf(over.fromFlat(history[best]!.params)));
      return over.flatAt((from + number * 3 + history.length) % Number(over.size));
    },
  }),
};

const executors: Executor[] = [];
afterAll(async () => {
  for (const executor of executors) await executor.close();
});
const pools = new Map<number, Executor>();
const executorOf = (workers: number): Executor => {
  let executor = pools.get(workers);
  if (executor === undefined) {
    executor = openExecutor({ workers });
    pools.set(workers, executor);
    executors.push(executor);
  }
  return executor;
};

let jobs = 0;
interface Case {
  readonly workers?: number;
  readonly setup?: object;
  readonly open?: Partial<OpenStudyOptions<Space>>;
  readonly run?: Partial<SearchRun<Space>>;
  readonly path?: string;
}
const search = async ({
  workers = 1,
  setup = {},
  open = {},
  run = {},
  path = newFile(),
}: Case = {}): Promise<{
  summary: SearchSummary<Space>;
  trials: FinishedTrial<Space>[];
  path: string;
}> => {
  const study = await openStudyOn<Space>({ space, search: 'grid', path, name: 'search', ...open });
  const trials: FinishedTrial<Space>[] = [];
  const job = { key: `math-${jobs++}`, module: MODULE, setup };
  try {
    const summary = await runSearch({
      study,
      executor: executorOf(workers),
      job,
      onTrial: (trial) => trials.push(trial),
      ...run,
    });
    return { summary, trials, path };
  } finally {
    await study.close();
  }
};
const canonical = async (given: Case): Promise<unknown> => canonicalJournal((await search(given)).path);

describe('a search', () => {
  it('runs the whole grid and knows the best', async () => {
    const { summary, trials, path } = await search({ setup: { failing: [5] } });
    expect(summary).toMatchObject({
      stopped: 'exhausted',
      evaluated: 60,
      counts: { total: 60, complete: 54, pruned: 5, failed: 1, duplicate: 0 },
      best: {
        number: 37,
        params: { x: 7, y: 0 },
        values: [100],
        metrics: { sharpe: 10 },
        orderStreamHash: 'h7:0',
        worker: 0,
      },
    });
    expect(trials).toHaveLength(60);
    expect(trials[5]).toMatchObject({ state: 'failed', reason: 'trial 5 is planted to fail' });
    expect(trials[15]).toMatchObject({ state: 'pruned', reason: 'it never traded' });
    const [study] = readOptunaJournal(path);
    expect(study!.trials.map(({ state }) => state).filter((state) => state !== 'COMPLETE')).toEqual([
      'FAIL',
      ...Array(5).fill('PRUNED'),
    ]);
    expect(study!.trials[15]).toMatchObject({
      values: null,
      userAttrs: { hindcast: { reason: 'it never traded', metrics: { sharpe: null } } },
    });
    expect(study!.trials[37]).toMatchObject({ values: [100], params: { x: 7, y: 0 } });
  });

  const cases: readonly (readonly [string, Case])[] = [
    ['grid', { open: { search: 'grid' } }],
    ['random', { open: { search: 'random', seed: 4 } }],
    ['random in an endless space', { open: { space: endless as never, search: 'random', trials: 40 } }],
    ['a search that looks back', { open: { search: climbing, trials: 50, lag: 5 } }],
    ['failures and a crash', { open: { search: 'grid' }, setup: { failing: [3, 30] } }],
    ['patience', { run: { patience: 12 } }],
    ['a target', { run: { target: 100 }, open: { search: 'random' } }],
    ['improvement', { run: { improvement: { trials: 10, least: 0.05 } } }],
    [
      'enqueued points',
      {
        open: {
          search: 'random',
          enqueue: [
            { x: 7, y: 1 },
            { x: 2, y: 2 },
            { x: 7, y: 1 },
          ],
        },
      },
    ],
  ];
  it.each(cases)('has the same study for 1, 2, 4 and 8 workers at any pace: %s', async (_name, given) => {
    const one = await canonical(given);
    expect((one as { trials: unknown[] }[])[0]!.trials.length).toBeGreaterThan(15);
    for (const [workers, uneven] of [
      [1, 0.3],
      [2, 0.5],
      [4, 1],
      [8, 0.7],
    ] as const) {
      expect(await canonical({ ...given, workers, setup: { ...given.setup, uneven } })).toEqual(one);
    }
  });

  it('keeps the worker that crashed out of the study', async () => {
    const { summary, trials } = await search({ workers: 2, setup: { crashing: [7] }, run: { retries: 0 } });
    expect(summary.counts).toMatchObject({ total: 60, failed: 1 });
    expect(trials.find(({ number }) => number === 7)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('WORKER'),
    });
  });
});

describe('stop rules', () => {
  it('count trials', async () => {
    const { summary, path } = await search({ open: { trials: 7 } });
    expect(summary).toMatchObject({ stopped: 'exhausted', counts: { total: 7 } });
    const more = await search({ open: { trials: 10 }, path });
    expect(more.summary).toMatchObject({ evaluated: 3, counts: { total: 10 } });
  });

  // In the grid's order x rises every five trials; the best of each five is its third, and x = 3 is pruned.
  it('end with the first trial that is good enough, and those that were let go with it', async () => {
    const { summary } = await search({ run: { target: 91 }, open: { lag: 4 } });
    // x = 4, y = 0 is trial 22 with 91; x = 5, y = -2 is trial 25 with 92.
    expect(summary).toMatchObject({ stopped: 'target', counts: { total: 22 + 4 }, best: { number: 25, values: [92] } });
    const strict = await search({ run: { target: 91 }, open: { lag: 1 } });
    expect(strict.summary).toMatchObject({
      stopped: 'target',
      counts: { total: 23 },
      best: { number: 22, values: [91] },
    });
  });

  it('end when patience is over', async () => {
    const { summary } = await search({ run: { patience: 5 }, open: { lag: 1 } });
    // Trial 12 (x = 2) is a new best; x = 3 is pruned; five trials later it ends.
    expect(summary).toMatchObject({ stopped: 'patience', counts: { total: 18 }, best: { number: 12 } });
  });

  it('end when little improves', async () => {
    const { summary } = await search({ run: { improvement: { trials: 10, least: 0.1 } }, open: { lag: 1 } });
    // 98 at trial 31 (x = 6, y = -1) is less than a tenth more than 90, the best after trial 21.
    expect(summary).toMatchObject({ stopped: 'improvement', best: { number: 31 }, counts: { total: 32 } });
  });

  it('never end for little improvement over more trials than there are', async () => {
    for (const trials of [10_000, Number.MAX_SAFE_INTEGER]) {
      const { summary } = await search({ run: { improvement: { trials, least: 0.1 } } });
      expect(summary).toMatchObject({ stopped: 'exhausted', counts: { total: 60 } });
    }
  });

  it('end the same way after an interruption', async () => {
    const whole = await search({ run: { patience: 12 } });
    const path = newFile();
    await search({ path, run: { patience: 12 }, open: { trials: 9 } });
    await search({ path, run: { patience: 12 }, open: { trials: 20 } });
    const resumed = await search({ path, run: { patience: 12 } });
    expect(resumed.summary.stopped).toBe('patience');
    expect(canonicalJournal(path)).toEqual(canonicalJournal(whole.path));
    expect((await search({ path, run: { patience: 12 } })).summary).toMatchObject({
      stopped: 'patience',
      evaluated: 0,
      seconds: 0,
    });
  });

  it('end in time, which the journal then says', async () => {
    const { summary, path } = await search({ run: { timeoutMs: 30 }, setup: { pause: 5 } });
    expect(summary.stopped).toBe('timeout');
    expect(summary.counts.total).toBeLessThan(60);
    const [study] = readOptunaJournal(path);
    expect(study!.userAttrs['hindcast:stopped']).toEqual({ by: 'timeout', after: summary.counts.total });
    const rest = await search({ path });
    expect(rest.summary).toMatchObject({ stopped: 'exhausted', counts: { total: 60 } });
  });

  it.each([1, 3])('keep what has ended when interrupted, with %d workers', async (workers) => {
    const controller = new AbortController();
    const path = newFile();
    let heard = 0;
    const onTrial = (): void => {
      if (++heard === 10) controller.abort();
    };
    const { summary } = await search({
      workers,
      path,
      setup: { pause: 3 },
      run: { signal: controller.signal, onTrial },
    });
    expect(summary.stopped).toBe('interrupted');
    expect(summary.counts.total).toBe(heard);
    const ended = readOptunaJournal(path)[0]!.trials.filter(({ state }) => state !== 'RUNNING');
    expect(ended).toHaveLength(heard);
    const rest = await search({ path, workers });
    expect(rest.summary).toMatchObject({
      stopped: 'exhausted',
      evaluated: 60 - heard,
      counts: { total: 60, complete: 55, pruned: 5 },
    });
  });

  it.each([
    [{ patience: 0 }, 'patience must be at least 1, but is 0'],
    [{ target: Number.NaN }, 'target must be a finite number, but is NaN'],
    [{ improvement: { trials: 0.5, least: 1 } }, 'improvement.trials must be an integer'],
    [{ improvement: { trials: 5, least: 0 } }, 'improvement.least must be above 0, but is 0'],
    [{ improvement: { trials: 5, least: -0.1 } }, 'improvement.least must be above 0, but is -0.1'],
    [{ improvement: { trials: 5, least: Number.NaN } }, 'improvement.least must be a finite number, but is NaN'],
  ])('refuse %j', async (run, message) => {
    await expect(search({ run })).rejects.toThrowError(message);
  });

  it('refuse several objectives and a search without end', async () => {
    await expect(search({ run: { patience: 3 }, open: { directions: ['maximize', 'minimize'] } })).rejects.toThrowError(
      'patience, target and improvement judge one objective, but the study has 2',
    );
    await expect(search({ open: { space: endless as never, search: 'random' } })).rejects.toThrowError(
      'A random search over this space never ends by itself.',
    );
  });
});

it('takes a runner that gives back something else for a failed trial', async () => {
  const { trials } = await search({ open: { trials: 2 }, setup: { careless: true } });
  expect(trials.map(({ state }) => state)).toEqual(['failed', 'failed']);
  expect(trials[0]).toMatchObject({ reason: 'the runner gave back no result of a trial' });
});

it('tells progress', async () => {
  const seen: unknown[] = [];
  await search({
    open: { trials: 3 },
    run: { onProgress: ({ counts, total, best }) => seen.push([counts.total, total, best?.number]) },
  });
  expect(seen).toEqual([
    [1, 3, 0],
    [2, 3, 1],
    [3, 3, 2],
  ]);
});

it('lets an error of the job or of the listener end the run, with what was recorded', async () => {
  const path = newFile();
  await expect(
    search({ path, run: { job: { key: 'absent', module: 'file:///absent.mjs', setup: {} } } }),
  ).rejects.toThrowError();
  const onTrial = (): void => {
    throw new Error('the listener is broken');
  };
  await expect(search({ path, run: { onTrial } })).rejects.toThrowError('the listener is broken');
  const { summary } = await search({ path });
  expect(summary.counts).toMatchObject({ total: 60, failed: 0 });
});
