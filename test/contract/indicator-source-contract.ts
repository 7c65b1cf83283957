import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restate } from '../../src/data/adjustments.js';
import type { AnyIndicator, IndicatorInputs, IndicatorSource } from '../../src/indicators/columns.js';
import { atr, defineIndicator, ema, rsi, sma, standardDeviation } from '../../src/indicators/index.js';
import { closes } from '../helpers/indicator-inputs.js';

const NaN_ = Number.NaN;

/** An indicator with two outputs, as Bollinger bands have. */
export const band = defineIndicator({
  name: 'band',
  inputs: ['high', 'low'],
  outputs: ['upper', 'lower'],
  create: (length: number) => {
    let count = 0;
    let upper = NaN_;
    let lower = NaN_;
    return {
      warmUp: length,
      step: (out, high, low) => {
        upper = upper > high ? upper : high;
        lower = lower < low ? lower : low;
        count++;
        out.upper = count < length ? NaN_ : upper;
        out.lower = count < length ? NaN_ : lower;
      },
    };
  },
});

/** What every source of indicator columns keeps; `create` makes a new one. */
/** Twice a moving average, composed of it. */
const doubled = defineIndicator({
  name: 'doubled',
  inputs: ['close'],
  create: (length: number) => {
    const step = sma(length).start().step as (close: number) => number;
    return {
      warmUp: length,
      memory: length,
      step: (close) => 2 * step(close),
      composed: {
        parts: [sma(length)],
        column: ({ value }, part) => {
          for (let row = 0; row < value.length; row++) value[row] = 2 * part.value![row]!;
        },
      },
    };
  },
});

export function indicatorSourceContract(name: string, create: () => IndicatorSource): void {
  describe(`${name} honours the indicator source contract`, () => {
    it('gives an average as of every bar, NaN before it is warm', () => {
      const columns = create().columns(sma(3), closes('a', [1, 2, 3, 4, 5]));
      expect([...columns.outputs.value!]).toEqual([NaN_, NaN_, 2, 3, 4]);
      expect(columns).toMatchObject({ warmUp: 3, firstReady: 2 });
    });

    it('carries the value over a missing bar and does not count it', () => {
      const columns = create().columns(sma(2), closes('a', [NaN_, 1, NaN_, 3, NaN_, NaN_, 5]));
      expect([...columns.outputs.value!]).toEqual([NaN_, NaN_, NaN_, 2, 2, 2, 4]);
      expect(columns.firstReady).toBe(3);
    });

    it('takes a bar as missing when any input is', () => {
      const inputs: IndicatorInputs = {
        key: 'a',
        length: 4,
        columns: [Float64Array.of(3, 5, NaN_, 4), Float64Array.of(1, NaN_, 2, 0.5)],
        kinds: ['price', 'price'],
        schedule: undefined,
      };
      const { outputs } = create().columns(band(1), inputs);
      expect([...outputs.upper!]).toEqual([3, 3, 3, 4]);
      expect([...outputs.lower!]).toEqual([1, 1, 1, 0.5]);
    });

    it('has no value at all where history is too short, or there is none', () => {
      expect(create().columns(sma(3), closes('a', [1, 2]))).toMatchObject({
        firstReady: 2,
        outputs: { value: Float64Array.of(NaN_, NaN_) },
      });
      expect(create().columns(sma(3), closes('b', []))).toMatchObject({
        firstReady: 0,
        outputs: { value: new Float64Array(0) },
      });
    });

    it('does not jump over a split', () => {
      const close = [400, 404, 408, 103, 104, 105];
      const columns = create().columns(sma(3), closes('a', close, [{ row: 3, factor: 0.25 }]));
      expect([...columns.outputs.value!]).toEqual([NaN_, NaN_, 404, 102, 103, 104]);
      expect([...columns.restated(1).value!]).toEqual([NaN_, NaN_, 101]);
      expect(columns.restatedValue(1, 'value', 2)).toBe(101);
      expect(columns.restated(0).value!.length).toBe(0);
    });

    it('restates volumes by their own factors, and what has no kind not at all', () => {
      const volume = (kinds: IndicatorInputs['kinds']): IndicatorInputs => ({
        ...closes(`volume ${kinds}`, [100, 100, 400], [{ row: 2, factor: 0.25 }]),
        kinds,
      });
      expect(create().columns(sma(3), volume(['volume'])).outputs.value![2]).toBe(400);
      expect(create().columns(sma(3), volume(['none'])).outputs.value![2]).toBe(200);
    });

    it('equals a recomputation over restated history at every bar, bit for bit', () => {
      const recipes: readonly AnyIndicator[] = [sma(4), ema(4), rsi(3), standardDeviation(4), doubled(4)];
      fc.assert(
        fc.property(market(), fc.integer({ min: 0, max: recipes.length - 1 }), (inputs, choice) => {
          const recipe = recipes[choice]!;
          const columns = create().columns(recipe, inputs);
          const bars = inputs.columns[0]!;
          let segment = 0;
          for (let now = 0; now < inputs.length; now++) {
            while (inputs.schedule !== undefined && inputs.schedule.rows[segment]! <= now) segment++;
            const known = new Float64Array(now + 1);
            restate(bars, inputs.schedule, 'price', now, 0, now + 1, known);
            const expected = over(recipe, known);
            expect(columns.outputs.value![now]).toBe(expected[now]);
            const start = segment === 0 ? 0 : inputs.schedule!.rows[segment - 1]!;
            for (let row = start - 1; row >= 0; row -= 5)
              expect(columns.restatedValue(segment, 'value', row)).toBe(expected[row]);
            expect([...columns.restated(segment).value!]).toEqual(expected.slice(0, start));
          }
        }),
        { numRuns: 1000 },
      );
    });

    it('restates series that are inputs themselves: an average of an average does not jump either', () => {
      const parent = closes('parent', [400, 404, 408, 412, 104, 105, 106], [{ row: 4, factor: 0.25 }]);
      const source = create();
      const inner = source.columns(sma(2), parent);
      const outer = source.columns(sma(2), {
        key: inner.key,
        length: parent.length,
        columns: [inner.outputs.value!],
        kinds: ['none'],
        schedule: undefined,
        restatements: [{ rows: inner.rows, value: (segment, row) => inner.restatedValue(segment, 'value', row) }],
      });
      expect([...inner.outputs.value!]).toEqual([NaN_, 402, 406, 410, 103.5, 104.5, 105.5]);
      expect([...outer.outputs.value!]).toEqual([NaN_, NaN_, 404, 408, 103, 104, 105]);
      expect([...outer.rows]).toEqual([4]);
      expect([...outer.restated(1).value!]).toEqual([NaN_, NaN_, 101, 102]);
    });

    it('restates two series at the events of both', () => {
      const spread = defineIndicator({
        name: 'spread',
        inputs: ['close', 'close'],
        create: () => {
          let before = NaN_;
          return {
            warmUp: 1,
            step: (a, b) => {
              const change = a - b - (Number.isNaN(before) ? a - b : before);
              before = a - b;
              return change;
            },
          };
        },
      });
      const source = create();
      const a = source.columns(sma(1), closes('a', [40, 40, 10, 10], [{ row: 2, factor: 0.25 }]));
      const b = source.columns(sma(1), closes('b', [20, 20, 20, 10], [{ row: 3, factor: 0.5 }]));
      const restatements = [a, b].map((one) => ({
        rows: one.rows,
        value: (segment: number, row: number) => one.restatedValue(segment, 'value', row),
      }));
      const columns = [a.outputs.value!, b.outputs.value!];
      const both = {
        key: `(${a.key},${b.key})`,
        length: 4,
        columns,
        kinds: ['none', 'none'] as const,
        schedule: undefined,
      };
      const restated = source.columns(spread(), { ...both, restatements });
      expect([...restated.rows]).toEqual([2, 3]);
      expect([...restated.outputs.value!]).toEqual([0, 0, 0, 0]);
      expect([...source.columns(spread(), { ...both, key: 'raw' }).outputs.value!]).toEqual([0, 0, -30, 10]);
    });

    it('gives what recipes of other arguments have in common once', () => {
      const source = create();
      const inputs = closes('a', [1, 2, 3, 4, 5]);
      const average = source.columns(sma(2), inputs).outputs.value!;
      expect([...source.columns(doubled(2), inputs).outputs.value!]).toEqual([...average].map((value) => 2 * value));
      const { computed = 0, hits = 0 } = source.statistics?.() ?? {};
      // A source that remembers has the average already.
      expect([computed, hits]).toEqual(hits > 0 ? [2, 1] : [3, 0]);
    });

    it('tells data, recipes and arguments apart, and knows the same again', () => {
      const source = create();
      const key = (recipe: AnyIndicator, data: string): string => source.columns(recipe, closes(data, [1, 2, 3])).key;
      const other = defineIndicator({
        name: 'sma',
        inputs: ['close'],
        create: (length: number) => ({ warmUp: length, step: (close) => close }),
      });
      const keys = [key(sma(2), 'a'), key(sma(3), 'a'), key(sma(2), 'b'), key(ema(2), 'a'), key(other(2), 'a')];
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(key(sma(2), 'a')).toBe(keys[0]);
      expect(source.columns(other(1), closes('a', [7])).outputs.value![0]).toBe(7);
    });

    it('lets what a recipe throws through, and serves others afterwards', () => {
      const source = create();
      const faulty = defineIndicator({
        name: 'faulty',
        inputs: ['close'],
        create: () => ({
          warmUp: 1,
          step: () => {
            throw new RangeError('no such value');
          },
        }),
      });
      for (let attempt = 0; attempt < 3; attempt++) {
        expect(() => source.columns(faulty(), closes('a', [1]))).toThrow('no such value');
        expect(() => source.columns(sma(0), closes('a', [1]))).toThrow(
          expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
        );
      }
      expect(source.columns(sma(1), closes('a', [1])).outputs.value![0]).toBe(1);
    });

    it('takes several inputs', () => {
      const inputs: IndicatorInputs = {
        key: 'bars',
        length: 4,
        columns: [Float64Array.of(11, 12, 14, 13), Float64Array.of(9, 10, 11, 12), Float64Array.of(10, 11, 13, 12)],
        kinds: ['price', 'price', 'price'],
        schedule: undefined,
      };
      expect([...create().columns(atr(2), inputs).outputs.value!]).toEqual([NaN_, NaN_, 2.5, 1.75]);
    });
  });
}

/** Markets with gaps and events, each under a key of its own. */
function market(): fc.Arbitrary<IndicatorInputs> {
  const bar = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 100, max: 9999 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  return fc
    .tuple(
      fc.uuid(),
      fc.array(bar, { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 39 }), fc.constantFrom(0.25, 0.5, 2, 0.99, 1 / 3)), { maxLength: 3 }),
    )
    .map(([key, bars, events]) => {
      const rows = new Map(events.filter(([row]) => row < bars.length));
      return closes(
        key,
        bars.map((ticks) => (ticks === undefined ? NaN_ : ticks / 100)),
        [...rows].sort(([a], [b]) => a - b).map(([row, factor]) => ({ row, factor })),
      );
    });
}

/** The values of `step` over a history, gaps carried. */
function over(recipe: AnyIndicator, history: Float64Array): number[] {
  const step = recipe.start().step as unknown as (close: number) => number;
  let value = NaN_;
  return Array.from(history, (close) => {
    if (!Number.isNaN(close)) value = step(close);
    return value;
  });
}
