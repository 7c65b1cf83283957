/** Bundles of market data: writing, finding, opening, and windows of the past. */

export type { Calendar, SessionTable } from '../market/calendar.js';
export { calendarNames } from '../market/calendars.js';
export {
  type AdjustmentKind,
  type AdjustmentSchedule,
  adjustmentKind,
  adjustmentSchedule,
  restate,
} from './adjustments.js';
export { findAsset } from './asset-lookup.js';
export type { AllowedDefect } from './bar-defects.js';
export type { BarGroup, Bundle, BundleHandle, Listing, Sharing } from './bundle.js';
export { type BundleLease, BundlePool, type BundlePoolOptions, type BundlePoolStatistics } from './bundle-pool.js';
export { findCalendar, readCalendarFile } from './calendar-file.js';
export type { AssetDraft, BundleDraft, DividendDraft, GroupDraft, SplitDraft } from './draft.js';
export { bundleFromColumns, type EphemeralOptions } from './ephemeral.js';
export { DirectHistory, type HistoryReader } from './history.js';
export { HistoryCache, type HistoryCacheOptions, type HistoryCacheStatistics } from './history-cache.js';
export type { Candle, CandleExchange } from './ingest/candle-input.js';
export { extendBundle } from './ingest/extend-bundle.js';
export { buildDraft, type IngestOptions, type IngestReport } from './ingest/ingest.js';
export type { NetworkOptions, NetworkProgress } from './ingest/network-options.js';
export type {
  BundleManifest,
  CalendarRecord,
  ColumnExtent,
  ColumnRecord,
  GroupRecord,
  ListingRecord,
} from './manifest.js';
export { defaultSharing, type OpenOptions, openBundle } from './reader.js';
export { type ResampleOptions, resampledDraft } from './resample.js';
export { type SampleMarketOptions, sampleMarket } from './sample-market.js';
export { BundleStore, type BundleSummary, type ResolvedBundle, type StoredVersion } from './store.js';
export type { Damage } from './verify.js';
export { type WriteOptions, type WrittenBundle, writeBundle } from './writer.js';
