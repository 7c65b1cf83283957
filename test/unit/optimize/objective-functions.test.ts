import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defineStrategy, int, optimize, walkForward } from '../../../src/index.js';
import { errorOf } from '../../helpers/error-of.js';
import { makeFolder } from '../../helpers/folders.js';
import { walkBundle } from '../../helpers/walk-market.js';

const folder = makeFolder();
afterAll(() => folder.remove());

/** Buys `size` shares on its third bar; none of them where the size is 0. */
const buyer = defineStrategy({
  parameters: { size: int(0, 5) },
  initialize: () => ({ bars: 0 }),
  handleData({ asset, order, state }, _data, { size }) {
    if (++state.bars === 3 && size > 0) order(asset, size);
  },
  analyze: (_result, { size }) => ({ odd: size % 2 === 0 ? Number.NaN : size, deep: size === 5 ? -Infinity : size }),
});

type Returned = (result: { readonly params: { readonly size: number } }) => unknown;

const search = async (objective: unknown, more: object = {}) =>
  optimize(buyer, { bundle: await walkBundle(40), search: 'grid', jobs: 1, objective: objective as never, ...more });

/** Why trials have no value, by the size that they bought. */
async function reasonsOf(objective: unknown, more: object = {}): Promise<(string | undefined)[]> {
  await using study = await search(objective, more);
  const reasons: (string | undefined)[] = [];
  for await (const trial of study.trials()) {
    expect(trial.state).not.toBe('failed');
    reasons.push(trial.state === 'pruned' ? trial.reason : undefined);
  }
  return reasons;
}

describe('an objective function', () => {
  it.each<[string, Returned]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ["'1.5'", () => '1.5'],
    ['3n', () => 3n],
    ['a Promise', async () => 1],
    ['a Promise', () => Promise.reject(new Error('nobody hears it'))],
    ['{ value: 1 }', () => ({ value: 1 })],
  ])('that returns %s ends the search, which says so and leaves no file behind', async (text, objective) => {
    const study = join(folder.path, 'wrong.log');
    const error = await errorOf(() => search(objective, { study }));
    expect([error.name, error.code]).toEqual(['UsageError', 'OBJECTIVE_NOT_A_NUMBER']);
    expect(error.message).toContain(`The objective function returned ${text}`);
    // The first trial never traded, so that nothing was expected of it.
    expect(error.message).toMatch(/It returns a number without waiting.* The search ended with trial 1\.$/);
    expect(existsSync(study)).toBe(false);
    const walk = { train: 20, test: 10, search: 'grid', jobs: 1, objective: objective as never } as const;
    const walked = await errorOf(async () => walkForward(buyer, { ...walk, bundle: await walkBundle(60) }));
    expect(walked).toMatchObject({ code: 'OBJECTIVE_NOT_A_NUMBER' });
  });

  it('that returned a number before fails the trial alone', async () => {
    const objective: Returned = ({ params: { size } }) => (size === 3 ? undefined : size);
    await using study = await search(objective);
    expect(study.counts).toMatchObject({ complete: 4, pruned: 1, failed: 1 });
    expect(study.best).toMatchObject({ params: { size: 5 }, values: [5] });
  });

  it('that returns what is not finite prunes the trial, which says what it returned', async () => {
    const values = [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4, 0];
    const gave = (value: string): string => `the objective function gave ${value}, which ranks nowhere`;
    expect(await reasonsOf((({ params: { size } }) => values[size]) satisfies Returned)).toEqual([
      ...['it never traded', gave('NaN'), gave('Infinity'), gave('-Infinity')],
      ...[undefined, undefined],
    ]);
  });

  it('stands alone: in a list are metrics', async () => {
    const error = await errorOf(() => search(['odd', () => 1]));
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(error.message).toBe(
      "Option 'objective' takes in a list only metrics such as 'sharpe' and { metric, direction }, not a function.",
    );
  });
});

describe('a value of analyze that is not finite', () => {
  it.each([{ search: 'grid' }, { search: 'nsga2', trials: 6 }] as const)(
    'prunes the trial, which says what it was, of one objective and of several: %j',
    async (more) => {
      const odd = "analyze of 'odd' gave NaN, which ranks nowhere";
      const reasons = await reasonsOf(['deep', 'odd'], more);
      expect(reasons.toSorted()).toEqual(
        [
          odd,
          odd,
          "analyze of 'deep' gave -Infinity, which ranks nowhere",
          'it never traded',
          undefined,
          undefined,
        ].toSorted(),
      );
      expect((await reasonsOf('odd')).filter((reason) => reason === odd)).toHaveLength(2);
    },
  );
});
