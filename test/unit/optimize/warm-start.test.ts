import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { choice, float, int, variant } from '../../../src/engine/parameters.js';
import { openStudy } from '../../../src/optimize/open-study.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { type WarmStart, warmPoints } from '../../../src/optimize/warm-start.js';
import { makeFolder } from '../../helpers/folders.js';
import { describeShared, sharedFile } from '../../helpers/shared.js';

const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `${files++}.log`);

const parameters = { x: int(0, 30), y: float(0, 1), stop: variant({ none: {}, by: { size: int(1, 5) } }) };

/** Writes a study whose trial values are those of a function of x. */
async function study(worth: (x: number) => number, directions?: readonly ['minimize']): Promise<string> {
  const path = newFile();
  const options = directions === undefined ? {} : { directions };
  await using opened = await openStudy({ parameters, search: 'random', seed: 3, study: path, trials: 40, ...options });
  for (let trial = opened.ask(); trial !== undefined; trial = opened.ask()) {
    const { number, params } = trial;
    opened.tell(trial, number % 5 === 1 ? { state: 'pruned', value: 1000 } : worth(params.x));
  }
  return path;
}

describe('a warm start', () => {
  it('begins a study with the best complete points of another one, each once, the best first', async () => {
    for (const directions of [undefined, ['minimize'] as const]) {
      const path = await study((x) => x, directions);
      const next = newFile();
      const open = () =>
        openStudy({ parameters, search: 'tpe', study: next, trials: 12, warmStart: { study: path, trials: 6 } });
      await using opened = await open();
      const asked: number[] = [];
      for (let number = 0; number < 6; number++) {
        const trial = opened.ask()!;
        asked.push(trial.params.x);
        opened.tell(trial, trial.params.x);
      }
      await opened.close();
      expect(asked).toEqual([...asked].sort((a, b) => (directions === undefined ? b - a : a - b)));
      await using source = await openStudy({
        parameters,
        search: 'random',
        study: path,
        ...(directions && { directions }),
      });
      const known: number[] = [];
      for await (const trial of source.trials()) if (trial.state === 'complete') known.push(trial.params.x);
      known.sort((a, b) => (directions === undefined ? b - a : a - b));
      expect(asked).toEqual(known.slice(0, 6));
      // The same command goes on.
      await using again = await open();
      expect(again.counts.total).toBe(6);
      expect(again.ask()!.number).toBe(6);
    }
  });

  it('gives the points of a space back as they were, whatever the space (property)', async () => {
    const path = await study((x) => -x);
    const space = new ParameterSpace(parameters);
    const source = await openStudy({ parameters, search: 'random', study: path });
    const complete = new Map<number, unknown[]>();
    for await (const { state, params } of source.trials()) {
      if (state === 'complete') complete.set(params.x, [...(complete.get(params.x) ?? []), params]);
    }
    await source.close();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 30 }), (trials, least) => {
        const part = new ParameterSpace({ ...parameters, x: int(least, 30, { default: 30 }) });
        const inside = [...complete].filter(([x]) => x >= least).flatMap(([, points]) => points);
        if (inside.length === 0) return;
        const { points, left } = warmPoints(part, { study: path, trials });
        expect(points).toHaveLength(Math.min(trials, inside.length));
        for (const point of points) expect(complete.get(point.x)).toContainEqual(point);
        expect(points.map(({ x }) => x)).toEqual([...points.map(({ x }) => x)].sort((a, b) => a - b));
        expect(left?.count ?? 0).toBe([...complete].filter(([x]) => x < least).flatMap(([, each]) => each).length);
        for (const point of points) expect(space.checkFlat(part.toFlat(point))).toEqual(point);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a new parameter its default, leaves out what is no point here, and says why', async () => {
    const path = await study((x) => x);
    const wider = new ParameterSpace({ ...parameters, mode: choice('a', 'b') });
    expect(() => warmPoints(wider, { study: path })).toThrowError(
      /None of the 32 trials .* trial \d+: No value for 'mode'/,
    );
    const defaulted = new ParameterSpace({ ...parameters, z: int(0, 9, { default: 4 }) });
    expect(warmPoints(defaulted, { study: path }).points.every(({ z }) => z === 4)).toBe(true);
    const lower = new ParameterSpace({ ...parameters, x: int(0, 20) });
    const { points, left } = warmPoints(lower, { study: path, trials: 3 });
    expect(points.every(({ x }) => x <= 20)).toBe(true);
    expect(left!.count).toBeGreaterThan(0);
    expect(left!.reason).toContain("'x'");
    const constrained = new ParameterSpace(parameters, ({ x }) => x < 10);
    expect(warmPoints(constrained, { study: path }).left!.reason).toBe('the constraint does not allow it.');
    const narrower = new ParameterSpace({ x: int(0, 30) });
    expect(() => warmPoints(narrower, { study: path })).toThrowError("Unknown parameter 'y'");
  });

  it('refuses a file that holds no study or several, or one without a value', async () => {
    const space = new ParameterSpace(parameters);
    const refused = (warm: WarmStart): unknown => {
      try {
        return warmPoints(space, warm);
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    const empty = newFile();
    writeFileSync(empty, '');
    expect(refused({ study: join(folder.path, 'none.log') })).toBe('JOURNAL_NOT_FOUND');
    expect(refused({ study: empty })).toBe('NOT_A_STUDY');
    const path = newFile();
    await (await openStudy({ parameters, search: 'random', study: path })).close();
    expect(refused({ study: path })).toBe('NOTHING_TO_BEGIN_WITH');
    expect(refused({ study: path, trials: 0 })).toBe('OUT_OF_RANGE');
    const two = await study((x) => x);
    const line = readFileSync(two, 'utf8').split('\n')[0]!;
    writeFileSync(two, `${readFileSync(two, 'utf8')}${line.replace(/"study_name":"[^"]*"/, '"study_name":"other"')}\n`);
    expect(refused({ study: two })).toBe('NOT_A_STUDY');
  });
});

describeShared('a study that Optuna wrote', 'reference/optuna/journal_example.log', () => {
  it('begins one of ours', () => {
    const lines = readFileSync(sharedFile('reference/optuna/journal_example.log'), 'utf8').split('\n');
    const second = lines.findIndex((line) => line.includes('"study_name":"multi"'));
    const path = newFile();
    writeFileSync(path, `${lines.slice(0, second).join('\n')}\n`);
    const space = new ParameterSpace({
      x: float(-5, 5),
      lr: float(0.0001, 0.1, { prior: 'log' }),
      n: int(1, 31, { step: 5 }),
      q: float(0, 1, { step: 0.25 }),
      rule: choice('sma', 'ema', true, 3),
      li: int(1, 1000, { log: true }),
    });
    const { points } = warmPoints(space, { study: path, trials: 3 });
    expect(points).toHaveLength(3);
    expect(points[0]).toEqual({ x: 4.946258442945276, lr: 0.00011735523258785595, n: 31, q: 1, rule: 3, li: 1 });
  });
});

describe('points that are enqueued', () => {
  it('begin a study that is asked by hand, and are refused by one that has begun without them', async () => {
    const path = newFile();
    const point = { x: 7, y: 0.5, stop: { kind: 'by', size: 2 } } as const;
    const other = { x: 8, y: 0.5, stop: { kind: 'none' } } as const;
    const open = (...enqueue: (typeof point | typeof other)[]) =>
      openStudy({ parameters, search: 'random', study: path, trials: 5, enqueue });
    {
      await using study = await open(point);
      expect(study.ask()!.params).toEqual(point);
    }
    // Nothing has been sampled: more may follow, but no other in its place.
    await (await open(point, other)).close();
    await expect(open(other)).rejects.toMatchObject({ code: 'ENQUEUED_TOO_LATE' });
    {
      await using study = await open(point, other);
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) study.tell(trial, trial.params.x);
      expect(study.counts.total).toBe(5);
    }
    await (await open()).close();
    await (await open(point)).close();
    await (await open(point, other)).close();
    await expect(open(point, other, point)).rejects.toMatchObject({
      code: 'ENQUEUED_TOO_LATE',
      message: expect.stringContaining('has begun without the point {"x":7'),
    });
  });
});
