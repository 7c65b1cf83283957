import { expect, it } from 'vitest';
import { crossValidate, defineStrategy, int, sma } from '../../../src/index.js';
import { readStudyRecord, reproduceTrial } from '../../../src/optimize/index.js';
import { walkBundle } from '../../helpers/walk-market.js';

const trend = defineStrategy({
  parameters: { length: int(2, 12) },
  initialize({ asset, indicator, portfolio }, { length }) {
    return { average: indicator(sma(length), asset), position: portfolio.position(asset) };
  },
  handleData({ asset, order, state: { average, position } }, data) {
    const close = data.close(asset);
    if (position.isFlat && close > average.value) order.notional(asset, 'all');
    else if (close < average.value) order.target(asset, 0);
  },
});

const options = {
  search: 'grid',
  groups: 5,
  testGroups: 2,
  purge: 2,
  embargo: 3,
  annualization: 252,
  jobs: 1,
} as const;

it('tests every group as often, and makes whole paths of the tests', async () => {
  const bundle = await walkBundle(300);
  const { splits, paths, parameters, trials, efficiency } = await crossValidate(trend, { ...options, bundle });
  expect(splits).toHaveLength(10);
  expect(splits.map(({ groups }) => groups.join(''))).toEqual([
    '12',
    '13',
    '14',
    '15',
    '23',
    '24',
    '25',
    '34',
    '35',
    '45',
  ]);
  expect(trials.total).toBe(110);
  expect(splits.every(({ testReads, tests }) => testReads === 1 && tests.length === 2)).toBe(true);
  // Four splits test a group.
  expect(paths).toHaveLength(4);
  expect(paths[0]!.splits).toEqual([1, 1, 2, 3, 4]);
  expect(paths[3]!.splits).toEqual([4, 7, 9, 10, 10]);
  const used = paths.flatMap(({ splits: of }) => of.map((split, group) => `${split}/${group + 1}`));
  expect(new Set(used).size).toBe(20);
  for (const { equity, metrics, score, splits: of } of paths) {
    expect(equity).toHaveLength(300);
    expect(score).toBe(metrics.sharpe);
    // What a path ends with is what its tests made of their cash, one after the other.
    const growth = of.reduce((product, number, group) => {
      const split = splits[number - 1]!;
      const test = split.tests[split.groups.indexOf(group + 1)]!;
      return product * test.endingEquity.div(test.startingEquity).toNumber();
    }, 100_000);
    expect(equity.at(-1)! / growth).toBeCloseTo(1, 9);
  }
  expect(parameters[0]!.values).toHaveLength(10);
  expect(efficiency).toBeLessThan(1);
});

it('judges the training by the ranges that are left, and gives the same from files and on workers', async () => {
  const bundle = await walkBundle(300);
  const { temporaryFolder } = await import('../../helpers/bundle-draft.js');
  const study = `${temporaryFolder()}/splits`;
  const { default: strategy } = await import('../../../examples/sma-crossover.js');
  const common = { ...options, bundle, search: 'random', trials: 5 } as const;
  const scores = async (more: object) => {
    const { splits } = await crossValidate(strategy, { ...common, ...more });
    return splits.map(({ trainScore, testScore, params, trials: { complete } }) => ({
      trainScore,
      testScore,
      params,
      complete,
    }));
  };
  const serial = await scores({ jobs: 1 });
  expect(await scores({ jobs: 2 })).toEqual(serial);
  expect(await scores({ jobs: 2, study })).toEqual(serial);
  const { facts } = readStudyRecord(`${study}/window-02.log`);
  expect(facts.parts).toBe(2);
  await expect(reproduceTrial(`${study}/window-02.log`, 0)).rejects.toThrow(/ran on 2 ranges of bars/);
});

it('is refused for an objective of whole runs', async () => {
  const bundle = await walkBundle(300);
  const run = crossValidate(trend, { ...options, bundle, objective: 'sqn' as never });
  await expect(run).rejects.toThrow("The objective 'sqn' is judged over whole runs");
  await expect(crossValidate(trend, { ...options, bundle, train: 3 } as never)).rejects.toThrow(
    "Unknown option 'train'",
  );
});
