import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyIndicatorRun, Indicator } from '../../src/indicators/indicator.js';
import { type RandomBars, randomBars } from '../helpers/random-bars.js';
import { expectSame, expectSameBits } from '../helpers/same.js';

type AnyIndicator = Indicator<readonly ('open' | 'high' | 'low' | 'close' | 'volume')[], string>;

/** What every indicator keeps, whatever it computes; `create` makes its recipe for a length. */
export function indicatorContract(name: string, create: (length: number) => AnyIndicator): void {
  const length = fc.integer({ min: 2, max: 20 });

  describe(`${name} honours the indicator contract`, () => {
    it('gives the same bits as a column and as a stream', () =>
      check(length, (recipe, bars) => expectSameColumns(columns(recipe, bars), steps(recipe, bars, 0))));

    it('has no value before its warm-up and a finite one with it', () =>
      check(length, (recipe, bars) => {
        const { warmUp } = recipe.start();
        for (const output of Object.values(steps(recipe, bars, 0))) {
          for (let row = 0; row < output.length; row++) expectSame(Number.isFinite(output[row]), row + 1 >= warmUp);
        }
      }));

    it('forgets what lies beyond its memory', () =>
      check(length, (recipe, bars) => {
        const { memory } = recipe.start();
        if (memory === undefined) return;
        const whole = steps(recipe, bars, 0);
        for (let from = 1; from + memory <= bars.close.length; from += 7) {
          const later = steps(recipe, bars, from);
          for (const output of recipe.outputs) {
            expectSameBits(later[output]!.subarray(memory - 1), whole[output]!.subarray(from + memory - 1));
          }
        }
      }));

    it('repeats itself', () =>
      check(length, (recipe, bars) => expectSameColumns(steps(recipe, bars, 0), steps(recipe, bars, 0))));

    it('looks at no later bar', () =>
      check(length, (recipe, bars) => {
        const cut = Math.ceil(bars.close.length / 2);
        const past = {
          close: bars.close.subarray(0, cut),
          high: bars.high.subarray(0, cut),
          low: bars.low.subarray(0, cut),
          volume: bars.volume.subarray(0, cut),
        };
        const whole = columns(recipe, bars);
        const prefix = Object.fromEntries(
          Object.entries(whole).map(([output, values]) => [output, values.subarray(0, cut)]),
        );
        expectSameColumns(columns(recipe, past), prefix);
      }));
  });

  function check(lengths: fc.Arbitrary<number>, body: (recipe: AnyIndicator, bars: RandomBars) => void): void {
    fc.assert(
      fc.property(lengths, randomBars(), (n, bars) => body(create(n), bars)),
      { numRuns: 1000 },
    );
  }
}

/** What every built-in indicator over a number of bars keeps. */
export function lengthContract(name: string, create: (length: number) => AnyIndicator): void {
  describe(`${name} checks its length`, () => {
    it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a length of %s', (wrong) =>
      expect(() => create(wrong).start()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', exitCode: 2 })),
    );
  });
}

/** The outputs of `step` over rows `[from, end)`. */
export function steps(recipe: AnyIndicator, bars: RandomBars, from: number): Record<string, Float64Array> {
  const run = recipe.start();
  const inputs = recipe.inputs.map((field) => bars[field as keyof RandomBars]);
  const rows = bars.close.length - from;
  const result = Object.fromEntries(recipe.outputs.map((output) => [output, new Float64Array(rows)]));
  const step = run.step as (...args: unknown[]) => unknown;
  const isSingle = recipe.outputs.length === 1 && recipe.outputs[0] === 'value';
  const out: Record<string, number> = {};
  for (let row = 0; row < rows; row++) {
    const values = inputs.map((column) => column[from + row]!);
    if (isSingle) result.value![row] = step(...values) as number;
    else {
      step(out, ...values);
      for (const output of recipe.outputs) result[output]![row] = out[output]!;
    }
  }
  return result;
}

/** The outputs of `column` where there is one or the recipe is composed of others, else of the steps. */
function columns(recipe: AnyIndicator, bars: RandomBars): Record<string, Float64Array> {
  const run: AnyIndicatorRun = recipe.start();
  if (run.column === undefined && run.composed === undefined) return steps(recipe, bars, 0);
  const out = Object.fromEntries(recipe.outputs.map((output) => [output, new Float64Array(bars.close.length).fill(7)]));
  if (run.composed !== undefined) {
    const parts = run.composed.parts.map((part) => columns(part as AnyIndicator, bars));
    (run.composed.column as (...args: unknown[]) => void)(out, ...parts);
    return out;
  }
  const inputs = recipe.inputs.map((field) => bars[field as keyof RandomBars]);
  (run.column as (...args: unknown[]) => void)(out, ...inputs);
  return out;
}

function expectSameColumns(actual: Record<string, Float64Array>, expected: Record<string, Float64Array>): void {
  expectSame(Object.keys(actual).join(), Object.keys(expected).join());
  for (const [output, values] of Object.entries(expected)) {
    expectSameBits(actual[output]!, values);
  }
}
