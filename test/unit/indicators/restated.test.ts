import fc from 'fast-check';
import { expect, it } from 'vitest';
import { restate } from '../../../src/data/adjustments.js';
import { DirectIndicators, type IndicatorInputs } from '../../../src/indicators/columns.js';
import { steps } from '../../contract/indicator-contract.js';
import { lengthIndicators, otherIndicators } from '../../helpers/indicator-set.js';
import { type RandomBars, randomBars } from '../../helpers/random-bars.js';

const FIELDS = ['high', 'low', 'close', 'volume'] as const;
const kindOf = (field: string): 'price' | 'volume' => (field === 'volume' ? 'volume' : 'price');
const all = [...lengthIndicators, ...otherIndicators];

const events = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 39 }), fc.constantFrom(0.5, 2, 1 / 3, 0.9871)), {
    maxLength: 3,
    selector: ([row]) => row,
  })
  .map((list) => list.sort(([a], [b]) => a - b));

it('every indicator over splits and dividends is what it is over history restated as of each bar, bit for bit', () => {
  const source = new DirectIndicators();
  let run = 0;
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.nat(all.length - 1),
      fc.integer({ min: 2, max: 6 }),
      randomBars(40),
      events,
      (index, n, bars, list) => {
        const [name, create] = all[index]!;
        seen.add(name);
        const recipe = create(n);
        const length = bars.close.length;
        const within = list.filter(([row]) => row < length);
        const schedule =
          within.length === 0
            ? undefined
            : {
                rows: Int32Array.from(within, ([row]) => row),
                priceFactors: Float64Array.from(within, ([, factor]) => factor),
                volumeFactors: Float64Array.from(within, ([, factor]) => 1 / factor),
              };
        const fields = recipe.inputs as readonly (typeof FIELDS)[number][];
        const inputs: IndicatorInputs = {
          key: `run ${run++}`,
          length,
          columns: fields.map((field) => bars[field]),
          kinds: fields.map(kindOf),
          schedule,
        };
        const { outputs } = source.columns(recipe, inputs);
        for (let now = 0; now < length; now += 3) {
          const known = Object.fromEntries(
            FIELDS.map((field) => {
              const column = new Float64Array(now + 1);
              restate(bars[field], schedule, kindOf(field), now, 0, now + 1, column);
              return [field, column];
            }),
          ) as unknown as RandomBars;
          const expected = steps(recipe, known, 0);
          for (const output of recipe.outputs) expect(outputs[output]![now]).toBe(expected[output]![now]);
        }
      },
    ),
    { numRuns: 3000 },
  );
  // Each has had its turn some forty times.
  expect(seen.size).toBe(all.length);
});
