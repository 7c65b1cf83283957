import { ScaledInteger } from '../../src/core/scaled-integer.js';
import type { FillFacts } from '../../src/execution/commission/commission.js';
import type { MarketMoment } from '../../src/execution/slippage/slippage.js';

/** The facts of a taker's first fill, in January of the year 2000, unless said otherwise. */
export function fillFacts(given: Partial<FillFacts> = {}): FillFacts {
  return {
    isMaker: false,
    month: 24_000,
    orderUnits: new ScaledInteger(),
    orderGross: new ScaledInteger(),
    orderFees: new ScaledInteger(),
    ...given,
  };
}

/** A bar of an asset with prices of two decimals, of which nothing else is known unless said. */
export function marketMoment(given: Partial<MarketMoment> = {}): MarketMoment {
  return {
    tickScale: 100,
    units: 0,
    filled: 0,
    held: 0,
    high: Number.NaN,
    low: Number.NaN,
    volume: Number.NaN,
    bid: Number.NaN,
    ask: Number.NaN,
    volatility: Number.NaN,
    ...given,
  };
}
