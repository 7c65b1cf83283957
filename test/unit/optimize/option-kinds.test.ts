import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { int } from '../../../src/engine/parameters.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { optimize } from '../../../src/optimize/optimize.js';
import { median } from '../../../src/optimize/pruners.js';
import { tpe } from '../../../src/optimize/samplers/tpe.js';
import { temporaryFolder } from '../../helpers/bundle-draft.js';
import { tinyBundle } from '../../helpers/tiny-market.js';

const STRATEGY = defineStrategy({
  parameters: { units: int(1, 3) },
  handleData({ order, asset }, _data, params) {
    order.target(asset, params.units);
  },
});

const TIME = 'takes a number of milliseconds above 0';
const PRUNER = 'prune is a pruner, such as median() or percentile(25)';
const SEARCH = "search is a name, such as 'auto', or a search with settings, such as tpe({ candidates: 50 })";
const OBJECTIVE = "'objective' takes a metric such as 'sharpe', { metric, direction }, a list of these or a function";

const WRONG: readonly (readonly [object, string])[] = [
  [{ symbols: 'A' }, "'symbols' takes a list of symbols such as ['SPY', 'QQQ'], not 'A'."],
  [{ commission: 5 }, "'commission' takes a model such as 'percent:0.001', not 5."],
  [{ prune: 'median' }, `${PRUNER}, not 'median'.`],
  [{ prune: median }, `${PRUNER}, not a function. Call it: median().`],
  [{ prune: null }, `${PRUNER}, not null.`],
  [{ signal: 5 }, "'signal' takes the signal of an AbortController, not 5."],
  [{ signal: new AbortController() }, "'signal' takes the signal of an AbortController, not an AbortController."],
  [{ search: tpe }, `${SEARCH}, not a function. Call it: tpe().`],
  [{ search: null }, `${SEARCH}, not null.`],
  [{ search: {} }, `${SEARCH}, not {}.`],
  [{ objective: null }, `${OBJECTIVE}, not null.`],
  [{ objective: ['sharpe', 5] }, `${OBJECTIVE}, not 5.`],
  [{ timeoutMs: -5 }, `'timeoutMs' ${TIME}, not -5.`],
  [{ timeoutMs: 0 }, `'timeoutMs' ${TIME}, not 0.`],
  [{ timeoutMs: '5s' }, `'timeoutMs' ${TIME}, not '5s'.`],
  [{ trialTimeoutMs: Number.NaN }, `'trialTimeoutMs' ${TIME}, not NaN.`],
  [
    { enqueue: { units: 1 } },
    "'enqueue' takes a list of points, each the values of its parameters by name, not { units: 1 }.",
  ],
  [{ pool: {} }, "'pool' takes an executor such as a PersistentWorkerPool, not {}."],
  [{ require: 'trades' }, "'require' takes conditions by metric such as { trades: { min: 30 } }, not 'trades'."],
  [{ improvement: 5 }, 'The options of improvement are an object with some of trials, least, not 5.'],
  ...[null, '', 'x', 5].map(
    (warmStart) =>
      [
        { warmStart },
        `The options of warmStart are an object with some of study, trials, not ${typeof warmStart === 'string' ? `'${warmStart}'` : warmStart}.`,
      ] as const,
  ),
  ...[undefined, 5, ''].map(
    (study) =>
      [
        { warmStart: { study } },
        `'warmStart.study' takes the path of a study's file, not ${study === '' ? "''" : study}.`,
      ] as const,
  ),
  ...[-5, 7, Number.NaN, '64', null].map(
    (heapLimitMb) =>
      [
        { heapLimitMb },
        `'heapLimitMb' takes a number of MiB from 8 on, not ${heapLimitMb === '64' ? "'64'" : heapLimitMb}.`,
      ] as const,
  ),
  [{ onTrial: 'log' }, "'onTrial' takes a function, not 'log'."],
];

it.each(WRONG)('optimize refuses %o with what the option takes, and leaves no study', async (options, message) => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  const study = `${temporaryFolder()}/study.log`;
  await expect(optimize(STRATEGY, { bundle, jobs: 1, study, ...options } as never)).rejects.toMatchObject({
    name: 'UsageError',
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message),
  });
  expect(existsSync(study)).toBe(false);
});

it('optimize leaves no study behind for a search that there is not', async () => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  const study = `${temporaryFolder()}/study.log`;
  const search = optimize(STRATEGY, { bundle, jobs: 1, study, search: 'tpee' as 'tpe' });
  await expect(search).rejects.toMatchObject({ code: 'UNKNOWN_SEARCH', message: expect.stringContaining("'tpe'?") });
  expect(existsSync(study)).toBe(false);
});

it('optimize refuses a study that is no path', async () => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  await expect(optimize(STRATEGY, { bundle, jobs: 1, study: 5 } as never)).rejects.toThrow(
    "Option 'study' takes the path of the study's file, not 5.",
  );
});

it('optimize takes what is of the right kind', async () => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3 4' } });
  const { signal } = new AbortController();
  await using study = await optimize(STRATEGY, {
    ...{ bundle, jobs: 1, symbols: ['A'], commission: 'none', objective: 'totalReturn', signal },
    ...{ search: tpe(), trials: 3, prune: median(), timeoutMs: 1e6, enqueue: [{ units: 2 }], onTrial: () => {} },
  });
  expect(study.counts.complete).toBe(3);
});
