import fc from 'fast-check';
import type { TinyMarket } from './tiny-market.js';

/** Opening and close in cents; null for a missing bar. */
export type CentBar = readonly [open: number, close: number] | null;

/** A small random market, in whole numbers, so that an oracle can count it by hand. */
export interface RandomMarket {
  /** Rows of the axis. */
  readonly length: number;
  readonly assets: readonly { readonly symbol: string; readonly first: number; readonly bars: readonly CentBar[] }[];
  readonly splits: readonly { readonly symbol: string; readonly row: number; readonly ratio: string }[];
  /** Amounts in cents. */
  readonly dividends: readonly {
    readonly symbol: string;
    readonly row: number;
    readonly cents: number;
    readonly payRow: number | undefined;
  }[];
}

const price = fc.integer({ min: 30_000, max: 60_000 });
const tradedBar: fc.Arbitrary<CentBar> = fc.tuple(price, price);
const bar: fc.Arbitrary<CentBar> = fc.oneof(
  { weight: 6, arbitrary: tradedBar },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** First and last bar trade: what lies outside them is outside the asset's life. */
const barsOf = (length: number): fc.Arbitrary<CentBar[]> =>
  fc
    .tuple(tradedBar, fc.array(bar, { minLength: length - 1, maxLength: length - 1 }), tradedBar)
    .map(([head, rest, last]) => (length === 1 ? [head] : [head, ...rest.slice(0, -1), last]));

const RATIOS = ['4', '2', '3/2', '1/3', '0.05', '1.5/2'];

/**
 * Arbitrary markets with events anywhere.
 *
 * @param symbols of the assets: all but the first may come later and end earlier
 */
export const randomMarket = (maxLength = 14, symbols: readonly string[] = ['A', 'B']): fc.Arbitrary<RandomMarket> =>
  fc.integer({ min: 4, max: maxLength }).chain((length) => {
    const asset = (symbol: string, whole: boolean) =>
      (whole
        ? fc.constant([0, length] as const)
        : fc
            .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 3 }))
            .map(([first, cut]) => [first, Math.max(first + 1, length - cut)] as const)
      ).chain(([first, end]) => barsOf(end - first).map((bars) => ({ symbol, first, bars })));
    const symbol = fc.constantFrom(...symbols);
    const row = fc.integer({ min: 0, max: length - 1 });
    return fc.record({
      length: fc.constant(length),
      assets: fc.tuple(...symbols.map((each, index) => asset(each, index === 0))),
      splits: fc.array(fc.record({ symbol, row, ratio: fc.constantFrom(...RATIOS) }), { maxLength: 3 }),
      dividends: fc.array(
        fc.record({
          symbol,
          row,
          cents: fc.integer({ min: 1, max: 20 }),
          payRow: fc.option(fc.integer({ min: 0, max: length + 5 }), { nil: undefined }),
        }),
        { maxLength: 3 },
      ),
    });
  });

/** The market as the builder takes it. A payment before its ex-date counts from the ex-date. */
export function tinyOf({ length, assets, splits, dividends }: RandomMarket): TinyMarket {
  const words = (first: number, bars: readonly CentBar[]): string =>
    [
      ...Array.from({ length: first }, () => '-'),
      ...bars.map((each) => (each === null ? '.' : `${each[0] / 100}>${each[1] / 100}`)),
      ...Array.from({ length: length - first - bars.length }, () => '-'),
    ].join(' ');
  return {
    assets: Object.fromEntries(assets.map(({ symbol, first, bars }) => [symbol, words(first, bars)])),
    splits,
    dividends: dividends.map(({ symbol, row, cents, payRow }) => ({
      symbol,
      row,
      amount: (cents / 100).toFixed(2),
      ...(payRow === undefined ? {} : { payRow: Math.max(row, payRow) }),
    })),
    priceDecimals: 2,
  };
}

/** The market as it was known after a row: later bars and events are not there. Assets not yet listed are left out. */
export function cutAfter(market: RandomMarket, row: number): RandomMarket {
  const assets = market.assets
    .filter(({ first }) => first <= row)
    .map(({ symbol, first, bars }) => {
      const known = bars.slice(0, row + 1 - first);
      // An asset ends with its last bar: whether a missing bar is a gap or the end shows later.
      while (known.at(-1) === null) known.pop();
      return { symbol, first, bars: known };
    });
  const symbols = new Set(assets.map(({ symbol }) => symbol));
  const isKnown = (event: { readonly symbol: string; readonly row: number }): boolean =>
    event.row <= row && symbols.has(event.symbol);
  return {
    length: row + 1,
    assets,
    splits: market.splits.filter(isKnown),
    dividends: market.dividends.filter(isKnown),
  };
}

/** The market with another future: bars after a row are turned upside down, and what was missing trades. */
export function perturbAfter(market: RandomMarket, row: number): RandomMarket {
  return {
    ...market,
    assets: market.assets.map(({ symbol, first, bars }) => ({
      symbol,
      first,
      bars: bars.map((each, at): CentBar => {
        if (first + at <= row) return each;
        return each === null ? [44_400, 55_500] : [99_999 - each[1], 99_999 - each[0]];
      }),
    })),
    splits: market.splits.map((split) => (split.row <= row ? split : { ...split, ratio: '7' })),
    dividends: market.dividends.map((dividend) =>
      dividend.row <= row ? dividend : { ...dividend, cents: dividend.cents + 1 },
    ),
  };
}
