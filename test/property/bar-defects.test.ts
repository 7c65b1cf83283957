import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalsOf } from '../../src/core/decimal-text.js';
import { layOut } from '../../src/data/layout.js';
import { assetDraft, dailyDraft } from '../helpers/bundle-draft.js';

/** Whether a draft of one bar at one price, of so many decimals, is laid out. */
function isTaken(price: number, priceDecimals: number): boolean {
  const prices = Float64Array.of(price);
  const columns = { open: prices, high: prices, low: prices, close: prices, volume: Float64Array.of(1) };
  try {
    layOut(dailyDraft([assetDraft('A', [1], { columns, priceDecimals })]));
    return true;
  } catch {
    return false;
  }
}

describe('the decimals of a draft', () => {
  const decimals = fc.integer({ min: 0, max: 12 });

  it('take every price of at most 15 digits that has no more of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999_999_999 }),
        decimals,
        fc.nat({ max: 3 }),
        (digits, own, more) => {
          expect(isTaken(Number(`${digits}e-${own}`), own + more)).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('refuse every price that prints more', () => {
    const prices = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(prices, decimals, (price, own) => {
        expect(isTaken(price, own)).toBe(decimalsOf(price) <= own);
      }),
      { numRuns: 5000 },
    );
  });
});
