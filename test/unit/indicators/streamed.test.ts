import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingColumn } from '../../../src/data/growing-column.js';
import { DirectIndicators, StreamedIndicators } from '../../../src/indicators/columns.js';
import type { Indicator, InputFields } from '../../../src/indicators/indicator.js';
import { lengthIndicators, otherIndicators } from '../../helpers/indicator-set.js';

const ROWS = 60;

/** Bars with gaps, and the rows and factors of events. */
const markets = fc.record({
  prices: fc.array(fc.option(fc.integer({ min: 100, max: 200 }), { freq: 8, nil: undefined }), {
    minLength: ROWS,
    maxLength: ROWS,
  }),
  events: fc.uniqueArray(fc.integer({ min: 1, max: ROWS - 1 }), { maxLength: 3 }),
  length: fc.integer({ min: 2, max: 6 }),
});

type Market = typeof markets extends fc.Arbitrary<infer M> ? M : never;

const kindOf = (field: string): 'price' | 'volume' => (field === 'volume' ? 'volume' : 'price');

/** The columns of a field: five that differ, as in a bar. */
const fieldOf = (field: string, price: number): number =>
  ({ open: price - 1, high: price + 2, low: price - 3, close: price, volume: 10 * price + 7 })[field]!;

function compare(recipe: Indicator<InputFields, string>, market: Market): void {
  const rows = market.events.toSorted((a, b) => a - b);
  const kinds = recipe.inputs.map(kindOf);
  const whole = recipe.inputs.map((field) =>
    Float64Array.from(market.prices, (price) => (price === undefined ? Number.NaN : fieldOf(field, price))),
  );
  const schedule = {
    rows: Int32Array.from(rows),
    priceFactors: Float64Array.from(rows, () => 0.5),
    volumeFactors: Float64Array.from(rows, () => 2),
  };
  const past = new DirectIndicators().columns(recipe, { key: 'k', length: ROWS, columns: whole, kinds, schedule });

  const arriving = recipe.inputs.map(() => GrowingColumn.ofDoubles(ROWS));
  const known = GrowingColumn.ofIntegers(ROWS);
  const factors = [GrowingColumn.ofDoubles(ROWS), GrowingColumn.ofDoubles(ROWS)] as const;
  const source = new StreamedIndicators(ROWS);
  const streamed = source.columns(recipe, {
    ...{ key: 'k', length: 0, kinds },
    columns: arriving.map(({ values }) => values),
    schedule: { rows: known.values, priceFactors: factors[0].values, volumeFactors: factors[1].values },
  });
  for (let row = 0; row < ROWS; row++) {
    if (rows.includes(row)) {
      known.push(row);
      factors[0].push(0.5);
      factors[1].push(2);
    }
    for (const [input, column] of arriving.entries()) column.push(whole[input]![row]!);
    source.advance();
    for (const output of recipe.outputs) {
      expect(streamed.outputs[output]!.length).toBe(row + 1);
      expect(streamed.outputs[output]![row]).toBe(past.outputs[output]![row]);
    }
  }
  expect(streamed.firstReady).toBe(past.firstReady);
  expect([...streamed.rows]).toEqual([...past.rows]);
  for (let segment = 1; segment <= rows.length; segment++) {
    for (const output of recipe.outputs) {
      const before = rows[segment - 1]! - 1;
      expect(streamed.restatedValue(segment, output, before)).toBe(past.restatedValue(segment, output, before));
      expect(streamed.restated(segment)[output]).toEqual(past.restated(segment)[output]);
    }
  }
}

describe('an indicator that goes on bar by bar', () => {
  it.each([...lengthIndicators, ...otherIndicators])('%s equals its column, over gaps and events', (_, create) => {
    fc.assert(
      fc.property(markets, (market) => compare(create(market.length), market)),
      { numRuns: 25 },
    );
  });
});

describe('a growing column', () => {
  it('shows what is appended to whoever holds it, and has nothing behind its end', () => {
    const column = GrowingColumn.ofDoubles(3);
    const { values } = column;
    expect(values.length).toBe(0);
    column.push(1);
    column.push(2);
    expect([...values]).toEqual([1, 2]);
    expect(values.buffer.byteLength).toBe(16);
    column.push(3);
    expect(() => column.push(4)).toThrowError(expect.objectContaining({ code: 'COLUMN_FULL' }));
    expect([...values]).toEqual([1, 2, 3]);
  });
});
