import fc from 'fast-check';

/** High, low and close of a random market, decimals of `places` places. */
export interface RandomBars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Arbitrary bars: decimals of 0 to 8 places, or prices with noise in every digit, as restated histories have. */
export const randomBars = (maxLength = 120): fc.Arbitrary<RandomBars> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.array(
        fc.tuple(
          fc.integer({ min: 1, max: 40_000 }),
          fc.integer({ min: 0, max: 300 }),
          fc.integer({ min: 0, max: 300 }),
        ),
        {
          minLength: 1,
          maxLength,
        },
      ),
    )
    .map(([places, rows]) => {
      const price = (ticks: number): number => (places === 9 ? ticks / 7.3 : ticks / 10 ** places);
      return {
        close: Float64Array.from(rows, ([close]) => price(close + 1000)),
        high: Float64Array.from(rows, ([close, above]) => price(close + 1000 + above)),
        low: Float64Array.from(rows, ([close, , below]) => price(close + 1000 - below)),
      };
    });
