import { describe, expect, it } from 'vitest';
import { parsePrecision, type Settled, settleDecimals } from '../../../../src/data/ingest/precision.js';

/** Settles a copy of the values and returns it with the outcome. */
function settle(values: readonly number[], precision: Parameters<typeof settleDecimals>[1] = 'auto') {
  const column = [...values];
  return { column, outcome: settleDecimals([column], precision) };
}

describe('settleDecimals', () => {
  it('leaves decimals of at most 15 digits as they are', () => {
    const { column, outcome } = settle([1.5, 2.25, 100, 0.0001]);
    expect(column).toEqual([1.5, 2.25, 100, 0.0001]);
    const settled = { decimals: 4, rounded: 0, largestChange: 0, source: 'decimal' };
    expect(outcome).toEqual({ settled, shortened: 0, largestShare: 0 });
  });

  it('says which digits the decimals that values share have cost, and takes no artefact for one', () => {
    const { column, outcome } = settle([12345678.9, 0.123456789012]);
    expect(column).toEqual([12345678.9, 0.1234568]);
    expect(outcome).toMatchObject({ settled: { decimals: 7, rounded: 1 }, shortened: 1 });
    expect((outcome as Settled).largestShare).toBeCloseTo(8.9e-8, 9);
    expect(settle([0.1 + 0.2, 1.5]).outcome).toMatchObject({ settled: { rounded: 1 }, shortened: 0 });
    expect(settle([1.25, 1.5], 1).outcome).toMatchObject({ settled: { rounded: 1 }, shortened: 0 });
  });

  it('names the shared decimals as the cause where nothing may change', () => {
    const { outcome } = settle([12345678.9, 0.123456789012], 'exact');
    expect((outcome as { refused: { message: string }[] }).refused.map(({ message }) => message)).toEqual([
      '0.123456789012 would not survive exactly: it has 12 decimals, and all of its asset share one number of them, at most 7 beside 8 digits before the point of the largest',
    ]);
    const { outcome: artefact } = settle([0.1 + 0.2], 'exact');
    expect((artefact as { refused: { message: string }[] }).refused[0]!.message).toMatch(/or a float's artefact$/);
  });

  it('recognises prices that were float32', () => {
    const { column, outcome } = settle([112.62999725341797, 109.25, 36.900001525878906, 1234.56005859375]);
    expect(column).toEqual([112.63, 109.25, 36.9, 1234.56]);
    expect(outcome).toMatchObject({ settled: { decimals: 2, rounded: 3, source: 'float32' } });
    expect('settled' in outcome && outcome.settled.largestChange).toBeCloseTo(5.859e-5, 7);
  });

  it('takes a decimal that happens to be a float32 for what it is', () => {
    const { column } = settle([65.00390625, 65.12345678, 65.87654321]);
    expect(column).toEqual([65.00390625, 65.12345678, 65.87654321]);
    expect(settle([65.00390625]).column).toEqual([65.00390625]);
    expect(settle([123456.015625]).column).toEqual([123456.015625]);
  });

  it('recognises high prices that were float32 when there are several', () => {
    const { column, outcome } = settle([12345.67, 43210.98, 23456.78].map(Math.fround));
    expect(column).toEqual([12345.67, 43210.98, 23456.78]);
    expect(outcome).toMatchObject({ settled: { decimals: 2, source: 'float32' } });
  });

  it('removes noise of double arithmetic', () => {
    const { column, outcome } = settle([0.1 + 0.2, 1.1 * 3, 5]);
    expect(column).toEqual([0.3, 3.3, 5]);
    expect(outcome).toMatchObject({ settled: { decimals: 1, rounded: 2, source: 'float64' } });
  });

  it('rounds full doubles to 15 digits at the decimals of the largest', () => {
    const { column, outcome } = settle([1234.123456789012, 22 / 7]);
    expect(column).toEqual([1234.12345678901, 3.14285714286]);
    expect(outcome).toMatchObject({ settled: { decimals: 11, rounded: 2 } });
  });

  it('gives up decimals that do not fit beside the digits before the point', () => {
    const { column, outcome } = settle([123456789.12, 0.0123456789]);
    expect(outcome).toMatchObject({ settled: { decimals: 6, rounded: 1 } });
    expect(column).toEqual([123456789.12, 0.012346]);
  });

  it('rounds to a number of decimals', () => {
    const { column, outcome } = settle([1.005, 2.3, 1.25], 1);
    expect(column).toEqual([1, 2.3, 1.3]);
    expect(outcome).toMatchObject({ settled: { decimals: 1, rounded: 2 } });
  });

  it('keeps volumes up to 2^53', () => {
    expect(settle([9007199254740991, 5]).outcome).toMatchObject({ settled: { decimals: 0, rounded: 0 } });
    expect(settle([Number.MAX_SAFE_INTEGER, 0.4]).outcome).toMatchObject({ refused: [{ place: 1 }] });
  });

  it.each([
    [[112.62999725341797], 'auto', 0],
    [[112.62999725341797], 'exact', 1],
    [[0.1 + 0.2], 'exact', 1],
    [[123456789.12, 0.0123456789], 'exact', 1],
    [[1.5, 1e-13], 'auto', 1],
    [[0.04], 1, 1],
    [[1e16, 1.5], 'auto', 1],
    [[12345678901.5], 6, 1],
    [[1e300], 'auto', 1],
  ] as const)('of %j with %s refuses %i', (values, precision, count) => {
    const { column, outcome } = settle(values, precision);
    expect('refused' in outcome ? outcome.refused.length : 0).toBe(count);
    if (precision === 'exact') expect(column).toEqual([...values]);
  });

  it('has nothing to settle without values', () => {
    expect(settle([]).outcome).toMatchObject({ settled: { decimals: 0 } });
  });
});

describe('parsePrecision', () => {
  it('reads what the command line writes', () => {
    expect(['auto', 'exact', '4', 0].map(parsePrecision)).toEqual(['auto', 'exact', 4, 0]);
    for (const wrong of ['', '-1', '2.5', '13', 'AUTO'])
      expect(() => parsePrecision(wrong)).toThrow(/must be auto, exact/);
  });
});
