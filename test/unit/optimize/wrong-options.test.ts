import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { choice, float, int, variant } from '../../../src/engine/parameters.js';
import { resolveMidway } from '../../../src/optimize/midway.js';
import { resolveObjective } from '../../../src/optimize/objective.js';
import { openStudy, openStudyOn } from '../../../src/optimize/open-study.js';
import { median } from '../../../src/optimize/pruners.js';
import { tpe } from '../../../src/optimize/samplers/tpe.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { InlineExecutor } from '../../../src/parallel/inline-executor.js';
import { errorOf } from '../../helpers/error-of.js';
import { makeFolder } from '../../helpers/folders.js';

const folder = makeFolder();
afterAll(() => folder.remove());

const parameters = { x: int(0, 9), mode: choice('a', 'b') };

describe('an option of another kind', () => {
  it.each([
    [
      { search: undefined },
      "search is a name, such as 'auto', or a search with settings, such as tpe({ candidates: 50 }), not undefined. Names: auto, grid,",
    ],
    [{ search: tpe }, 'not a function. Call it: tpe().'],
    [{ search: {} }, 'search is a name'],
    [{ search: null }, 'search is a name'],
    [
      { enqueue: { a: 1 } },
      'enqueue is a list of parameter sets to try first, such as [{ fast: 10, slow: 50 }], not { a: 1 }.',
    ],
    [{ enqueue: [null] }, 'not [ null ].'],
    [{ enqueue: [5] }, 'not [ 5 ].'],
    [{ prune: 'median' }, "prune is a pruner, such as median() or percentile(25), not 'median'."],
    [{ prune: median }, 'Call it: median().'],
    [{ prune: null }, 'not null.'],
    [{ study: 5 }, "study is the path of the study's file, not 5."],
    [{ study: '' }, "study is the path of the study's file, not ''."],
    [{ constraint: 5 }, 'constraint is a function of the parameters that returns true or false, not 5.'],
  ])('is refused by its name: %o', async (wrong, message) => {
    const error = await errorOf(() => openStudy({ parameters, search: 'grid', ...(wrong as object) }));
    expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining(message)]);
  });

  it.each([
    [undefined, 'the parameters: declare them by name, such as { fast: int(5, 20) }, not as undefined.'],
    [5, 'not as 5.'],
    [[int(0, 3)], 'declare them by name'],
    [{ constructor: int(0, 3) }, "every object has 'constructor', so that no parameter can: choose another name."],
    [{ x: int(0, 3), toString: int(0, 3) }, "every object has 'toString'"],
    [{ ['__proto__']: int(0, 3) }, "every object has '__proto__'"],
    [{ __proto__: int(0, 3), x: int(0, 3) }, "every object has '__proto__'"],
  ])('is refused of parameters: %o', async (wrong, message) => {
    for (const search of ['grid', 'random', 'tpe', 'auto'] as const) {
      const error = await errorOf(() => openStudy({ parameters: wrong as never, search }));
      expect([error.code, error.message]).toEqual(['INVALID_PARAMETER', expect.stringContaining(message)]);
    }
  });

  it('is refused of the parameters of a kind', () => {
    expect(() => variant({ atr: { valueOf: int(0, 3) } })).toThrow("every object has 'valueOf'");
  });

  it('is refused of a search that is named as what every object has', async () => {
    const error = await errorOf(() => openStudy({ parameters, search: 'constructor' as never }));
    expect([error.code, error.name]).toEqual(['UNKNOWN_SEARCH', 'UsageError']);
  });

  it.each([
    [() => openStudy(undefined as never), 'The options of openStudy are an object with some of parameters,'],
    [() => openStudy('grid' as never), "not 'grid'."],
    [
      () => openStudy({ parameters, search: 'grid', warmStart: 'x' as never }),
      'The options of warmStart are an object',
    ],
    [() => openStudy({ parameters, search: 'grid', warmStart: {} as never }), "'warmStart.study' takes the path"],
  ])('is refused where options are an object: case %#', async (open, message) => {
    const error = await errorOf(open);
    expect([error.code, error.message]).toEqual(['INVALID_OPTION', expect.stringContaining(message)]);
  });

  it('is refused before a file is made', async () => {
    const path = join(folder.path, 'none.log');
    await errorOf(() => openStudyOn({ space: new ParameterSpace(parameters), search: tpe as never, path }));
    await using study = await openStudy({ parameters, search: 'tpe', study: path });
    expect(study.created).toBe(0);
  });

  it.each([
    [{ search: 'tpee' }, 'UNKNOWN_SEARCH'],
    [{ search: 'grid', parameters: { x: float(0, 1) } }, 'NO_GRID'],
    [{ search: 'tpe', directions: ['maximize', 'minimize'] }, 'ONE_OBJECTIVE_ONLY'],
    [{ search: 'halving', prune: median() }, 'PRUNER_NOT_HERE'],
    [{ search: 'random', enqueue: [{ x: 99 }] }, 'PARAMETER_OUT_OF_RANGE'],
  ])('changes no file: %o', async (wrong, code) => {
    const ask = { parameters, search: 'random', ...(wrong as object) } as Parameters<typeof openStudy>[0];
    const fresh = join(folder.path, `fresh-${code}.log`);
    expect(await errorOf(() => openStudy({ ...ask, study: fresh }))).toMatchObject({ name: 'UsageError', code });
    expect(existsSync(fresh)).toBe(false);
    const begun = join(folder.path, `begun-${code}.log`);
    await (await openStudy({ parameters, search: 'sobol', study: begun })).close();
    const text = readFileSync(begun, 'utf8');
    expect(await errorOf(() => openStudy({ ...ask, study: begun }))).toMatchObject({ name: 'UsageError' });
    expect(readFileSync(begun, 'utf8')).toBe(text);
    expect(readdirSync(folder.path).filter((name) => name.includes(code))).toEqual([`begun-${code}.log`]);
  });

  it('is refused of a pruner of a search over strategies', () => {
    for (const prune of ['median', median, null]) {
      expect(() => resolveMidway({ prune: prune as never }, resolveObjective('sharpe'), false)).toThrow(
        'prune is a pruner, such as median() or percentile(25), not',
      );
    }
  });

  it('is refused of a signal', async () => {
    await using executor = new InlineExecutor();
    const run = executor.run(
      { key: 'k', module: 'none', setup: {} },
      { next: () => undefined, remaining: () => 0 },
      () => undefined,
      { signal: 5 as never },
    );
    const error = await errorOf(() => run);
    expect([error.code, error.message]).toEqual([
      'INVALID_OPTION',
      "Option 'signal' takes the signal of an AbortController, not 5.",
    ]);
  });
});
