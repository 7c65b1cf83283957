/** How the price of a fill differs from the quoted bar. */
export interface SlippageModel {
  /** The model as it is written on the command line: `bps:5`. */
  readonly specification: string;
  /** Decimals that a fill price has beyond the asset's own. */
  readonly extraDecimals: number;
  /**
   * Returns the price of a fill as an integer with `extraDecimals` more decimals than `ticks`: never better than the quote.
   *
   * @param side 1 for a buy, -1 for a sale
   * @param ticks quoted price, an integer at the asset's decimals
   */
  fillPrice(side: 1 | -1, ticks: number): number;
}
