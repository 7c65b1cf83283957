import fc from 'fast-check';

/** High, low, close and volume of a random market. */
export interface RandomBars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/**
 * Arbitrary bars: decimals of 0 to 8 places, or prices with noise in every digit, as restated histories have. Some stand
 * still, some have no range, some no volume.
 */
export const randomBars = (maxLength = 120): fc.Arbitrary<RandomBars> =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.array(
        fc.tuple(
          fc.integer({ min: 1, max: 40_000 }),
          fc.integer({ min: 0, max: 300 }),
          fc.integer({ min: 0, max: 300 }),
          fc.integer({ min: 0, max: 5_000 }),
        ),
        {
          minLength: 1,
          maxLength,
        },
      ),
      fc.boolean(),
    )
    .map(([places, drawn, isCalm]) => {
      // In a calm market few prices differ: windows without a change, bars without a range, bars without a trade.
      const calm = (value: number): number => (value % 3 === 0 ? 1 : 0);
      const rows = isCalm ? drawn.map((row) => row.map(calm)) : drawn;
      const price = (ticks: number): number => (places === 9 ? ticks / 7.3 : ticks / 10 ** places);
      return {
        close: Float64Array.from(rows, ([close]) => price(close! + 1000)),
        high: Float64Array.from(rows, ([close, above]) => price(close! + 1000 + above!)),
        low: Float64Array.from(rows, ([close, , below]) => price(close! + 1000 - below!)),
        volume: Float64Array.from(rows, ([, , , volume]) => volume! * (places === 9 ? 1 / 7.3 : 1)),
      };
    });
