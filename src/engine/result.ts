import type { EpochMs } from '../core/brand.js';
import type { Decimal } from '../core/decimal.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Asset } from '../market/asset.js';
import type { RoundTripMethod } from '../metrics/round-trips.js';
import type { Metrics } from '../metrics/summary.js';
import type { RoundTripRecord } from './round-trip-records.js';
import type { RunStatistics } from './run-statistics.js';

/** A fill as the result lists it. */
export interface FillRecord {
  readonly asset: Asset;
  /** The instant of the fill: the bar's opening, or its close. */
  readonly time: EpochMs;
  /** Signed units. */
  readonly quantity: number;
  readonly price: number;
  /** The tag of its order. */
  readonly tag: string | undefined;
  readonly exact: { readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal };
}

/** What a backtest found. */
export interface BacktestResult {
  /** Of all money of the run: the quote currency of its assets. */
  readonly currency: string;
  readonly startingCash: Decimal;
  /** Cash, dividends not yet paid, and positions at the last known closes, exact. */
  readonly endingEquity: Decimal;
  /** Borrow cost and interest paid, less interest earned, exact. */
  readonly financing: Decimal;
  /** Labels of the run's bars, UTC milliseconds. */
  readonly times: ReadonlyFloat64Array;
  /** Account value at the close of each bar of the run. */
  readonly equity: ReadonlyFloat64Array;
  /** In the order of events. */
  readonly fills: readonly FillRecord[];
  /** Orders given, whatever became of them. */
  readonly orders: number;
  /** SHA-256 over fills, rejections, cancellations and expiries. Of orders that still rest at the end only `orders` tells. */
  readonly orderStreamHash: string;
  /** Undefined below the sample size. */
  readonly metrics: Metrics;
  /** Closed round trips in the order of their ends, made when asked for. @defaultValue 'fifo' */
  roundTrips(method?: RoundTripMethod): readonly RoundTripRecord[];
  /** Figures beside the metrics, over first-in-first-out round trips, made when asked for. */
  statistics(): RunStatistics;
  /** The numbers recorded under a name, one for each bar of the run, NaN where none was. Throws UsageError for an unknown name. */
  recorded(name: string): ReadonlyFloat64Array;
  /** Names given to `record`. */
  readonly recordedNames: readonly string[];
}
