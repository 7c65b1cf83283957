/**
 * What a model may look at when an order fills: a register of the broker's, valid during the call.
 * It is filled only for models whose `reads` is 'bar'.
 */
export interface MarketMoment {
  /** Ticks of the asset's own decimals in one unit of price: a power of ten. */
  tickScale: number;
  /** Units about to fill, unsigned; of an order for an amount of money, what it buys at the quoted price. */
  units: number;
  /** Units of the asset that the account filled on this bar before, unsigned. */
  filled: number;
  /** Signed units of the asset that the account holds before the fill. */
  held: number;
  /** Highest and lowest price of the bar, in ticks. */
  high: number;
  low: number;
  /** Units traded on the bar; NaN when unknown. */
  volume: number;
  /** Last known bid up to this bar; NaN before the first, or where the bundle has no such column. */
  bid: number;
  /** Last known ask up to this bar, likewise. */
  ask: number;
  /** Standard deviation of the bar returns as of the bar before; NaN while fewer than two are known. */
  volatility: number;
}

/** How the price of a fill differs from the quoted bar. */
export interface SlippageModel {
  /** The model as it is written on the command line: `bps:5`. */
  readonly specification: string;
  /** Decimals that a fill price has beyond the asset's own. */
  readonly extraDecimals: number;
  /** What the model reads: 'price' alone keeps the broker from filling in a {@link MarketMoment}. */
  readonly reads: 'price' | 'bar';
  /** What becomes of a limit order whose price would slip past its limit: it fills at the limit, or not. */
  readonly pastLimit: 'fills' | 'waits';
  /** Whether the model needs the columns `bid` and `ask`: an asset without them cannot be traded. */
  readonly needsQuotes: boolean;
  /** Returns of bars that the volatility is taken over; 0 when the model reads none. */
  readonly volatilityBars: number;
  /** Largest share of a bar's volume that all orders of an account in one asset may take together; Infinity when unlimited. */
  readonly volumeLimit: number;
  /**
   * Returns the price of a fill as an integer with `extraDecimals` more decimals than `ticks`: never better than the quote, and above 0.
   *
   * @param side 1 for a buy, -1 for a sale
   * @param ticks quoted price, an integer at the asset's decimals
   */
  fillPrice(side: 1 | -1, ticks: number, market: MarketMoment): number;
}
