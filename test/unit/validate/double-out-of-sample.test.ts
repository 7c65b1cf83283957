import { expect, it } from 'vitest';
import { bool, defineStrategy, doubleOutOfSample, int, sma, walkForward } from '../../../src/index.js';
import { walkBundle } from '../../helpers/walk-market.js';

const seen = new Map<number, number>();
let turn = 0;

const trend = defineStrategy({
  parameters: { length: int(2, 12), exits: bool() },
  initialize({ asset, indicator, portfolio }, { length }) {
    turn++;
    return { average: indicator(sma(length), asset), position: portfolio.position(asset) };
  },
  handleData({ asset, order, now, state: { average, position } }, data, { exits }) {
    seen.set(turn, Math.max(seen.get(turn) ?? 0, now));
    const close = data.close(asset);
    if (position.isFlat && close > average.value) order.notional(asset, 'all');
    else if (exits && close < average.value) order.target(asset, 0);
  },
});

const BORDER = Date.parse('2020-12-01');
const options = { search: 'random', trials: 6, jobs: 1, annualization: 252, unseenFrom: '2020-12-01' } as const;
const designs = [
  { train: 60, test: 30 },
  { train: 90, test: 30, anchored: true },
  { train: '2m', test: '1m', embargo: 2 },
  { train: 900, test: 30 },
] as const;

it('compares designs on one period, and runs the best one once on a period that none has touched', async () => {
  const bundle = await walkBundle(500, { seed: 3 });
  seen.clear();
  const found = await doubleOutOfSample(trend, { ...options, bundle, designs });
  expect(found.designs.map(({ windows, refused }) => [windows > 0, refused !== undefined])).toEqual([
    [true, false],
    [true, false],
    [true, false],
    [false, true],
  ]);
  const scores = found.designs.map(({ score }) => score);
  expect(found.chosen).toBe(scores.indexOf(Math.max(...scores.slice(0, 3).map(Number))));
  // Each is what a walk-forward over the first period gives.
  for (const [index, design] of designs.slice(0, 3).entries()) {
    const { unseenFrom: _border, ...plain } = options;
    const alone = await walkForward(trend, { ...plain, ...design, bundle, end: '2020-11-30' });
    expect(scores[index]).toBe(alone.stitched.metrics.sharpe);
  }
  expect(found.unseen.windows[0]!.test.start).toBe('2020-12-01');
  expect(found.searched.windows.at(-1)!.test.end < '2020-12-01').toBe(true);
  expect(found.unseen.windows.every(({ testReads }) => testReads === 1)).toBe(true);
  expect(found.kept).toBeCloseTo(found.unseen.stitched.metrics.sharpe! / found.searched.stitched.metrics.sharpe!, 12);
  // Runs that reached into the unseen period came after all that stayed before it.
  const reached = [...seen].filter(([run, last]) => run > 0 && last > BORDER + 86_400_000).map(([run]) => run);
  const first = Math.min(...reached);
  const designRuns = found.designs.reduce((sum, { windows }) => sum + windows * (6 + 2), 0);
  expect(first).toBeGreaterThan(designRuns);
});

it.each([
  [{ train: 60, test: 30 }, '2020-12-01'],
  [{ train: '3m', test: '1m' }, '2020-12-01'],
  [{ train: 60, validate: 20, test: 30, embargo: 3, purge: 2 }, '2020-12-01'],
  [{ train: '50 sessions', test: '2w', anchored: true }, '2020-12-01'],
] as const)('the first test of %j begins with the unseen period, trained before it', async (design, start) => {
  const bundle = await walkBundle(500, { seed: 3 });
  const { unseen } = await doubleOutOfSample(trend, { ...options, bundle, designs: [design] });
  expect(unseen.windows[0]!.test.start).toBe(start);
  expect(unseen.windows[0]!.trained.end < start).toBe(true);
  if ('anchored' in design) expect(unseen.windows.every(({ trained }) => trained.start === '2020-01-01')).toBe(true);
});

it('keeps its studies apart and goes on with them', async () => {
  const { temporaryFolder } = await import('../../helpers/bundle-draft.js');
  const { readdirSync } = await import('node:fs');
  const bundle = await walkBundle(500, { seed: 3 });
  const study = `${temporaryFolder()}/double`;
  const run = async () => doubleOutOfSample(trend, { ...options, bundle, designs: designs.slice(0, 2), study });
  const first = await run();
  expect(readdirSync(study)).toEqual(['design-01', 'design-02', 'unseen']);
  let trials = 0;
  const again = await doubleOutOfSample(trend, {
    ...options,
    bundle,
    designs: designs.slice(0, 2),
    study,
    onTrial: () => void trials++,
  });
  expect(trials).toBe(0);
  expect(again.unseen.stitched.endingEquity.toString()).toBe(first.unseen.stitched.endingEquity.toString());
});

it.each([
  [{ designs: [] }, 'There is no design to compare'],
  [{ designs: [{ train: 900, test: 10 }] }, 'No design has a result on the bars up to 2020-11-30: No window fits'],
  [{ unseenFrom: 'soon' }, "'unseenFrom' is a date such as 2018-01-01, not 'soon'."],
  [{ unseenFrom: '2021-05-10' }, 'No test can begin on 2021-05-10'],
  [{ objective: 'sqn' }, "Designs are compared by their stitched accounts, and 'sqn' is judged over whole runs"],
])('refuses %j', async (more, message) => {
  const bundle = await walkBundle(500, { seed: 3 });
  const run = async () => doubleOutOfSample(trend, { ...options, bundle, designs: [designs[0]], ...more } as never);
  await expect(run()).rejects.toThrow(message);
});
