import type { TickerPeriod } from '../market/asset.js';
import type { Frequency } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';

/** One asset's bars before they become part of a bundle. */
export interface AssetDraft {
  readonly symbol: string;
  /** Where it is listed. @defaultValue not told */
  readonly exchange?: string;
  /** The tickers that it traded under, in order of time. @defaultValue always its symbol */
  readonly tickers?: readonly TickerPeriod[];
  /** Axis row of the first bar. */
  readonly first: number;
  /** Columns of equal length by field name, NaN where a bar is missing. `open`, `high`, `low`, `close`, `volume` are required. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly priceDecimals: number;
  readonly volumeDecimals: number;
  /** @defaultValue `10 ** -priceDecimals` */
  readonly tick?: number;
  /** @defaultValue 1 on an exchange's calendar, 1e-8 on 24/7 */
  readonly lot?: number;
  /** @defaultValue 1 */
  readonly multiplier?: number;
  /** @defaultValue 'USD' */
  readonly currency?: string;
}

/** Bars of one calendar and frequency before they become part of a bundle. */
export interface GroupDraft {
  readonly calendar: string;
  readonly frequency: Frequency;
  /** Bar labels, ascending: see `BarGroup.times`. Opens and closes are compiled from the calendar. */
  readonly times: Float64Array;
  /** Instants at which each bar opens. @defaultValue compiled from the calendar */
  readonly opens?: Float64Array;
  /** Instants from which each bar is known. @defaultValue compiled from the calendar */
  readonly closes?: Float64Array;
  readonly assets: readonly AssetDraft[];
}

/** A split before its asset has a sid. `exDate` is a session label (UTC midnight). */
export interface SplitDraft {
  readonly symbol: string;
  readonly exDate: number;
  readonly ratio: string;
}

/** A dividend before its asset has a sid. */
export interface DividendDraft {
  readonly symbol: string;
  readonly exDate: number;
  readonly payDate?: number;
  readonly amount: string;
}

/** Everything that a bundle will hold. Order of groups, assets and events does not matter: the writer sorts. */
export interface BundleDraft {
  readonly groups: readonly GroupDraft[];
  /** Calendars of groups by name: custom ones, and those whose sessions are given. @defaultValue the calendars of Hindcast */
  readonly calendars?: readonly Calendar[];
  readonly splits: readonly SplitDraft[];
  readonly dividends: readonly DividendDraft[];
  /** True for generated prices; shown wherever the bundle is named. */
  readonly synthetic?: boolean;
  /**
   * True where the values of the bars were judged already: by an ingest and its policies, or when the bundle that they are of was made. They
   * are taken as they are. @defaultValue false
   */
  readonly judged?: boolean;
}
