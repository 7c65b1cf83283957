/**
 * What restates one asset's past as of a later bar. Row numbers are the listing's own (0 is its first bar).
 * As of row i, the price of row j <= i is `raw[j]` times the price factors of all events m with `j < rows[m] <= i`;
 * volumes likewise with the volume factors.
 */
export interface AdjustmentSchedule {
  /** Rows at whose opening history is restated, ascending, each within (0, length). */
  readonly rows: Int32Array;
  /** Split: 1 / ratio. Dividend: 1 - amount / last close before the ex-date. */
  readonly priceFactors: Float64Array;
  /** Split: ratio. Dividend: 1. */
  readonly volumeFactors: Float64Array;
}
