import type { Bundle, Listing } from './bundle.js';
import type { AssetDraft, BundleDraft } from './draft.js';

/** Returns the draft that an open bundle is made of: written again, it has the same version. Its columns share the bundle's memory. */
export function draftOf(bundle: Bundle): BundleDraft {
  const symbolOf = (sid: number): string => bundle.assets[sid]!.symbol;
  return {
    judged: true,
    calendars: bundle.calendars,
    groups: bundle.groups.map(({ calendar, frequency, times, opens, closes, listings }) => ({
      calendar,
      frequency,
      times: times as Float64Array,
      opens: opens as Float64Array,
      closes: closes as Float64Array,
      assets: listings.map(assetDraft),
    })),
    splits: bundle.splits.map(({ sid, exDate, ratio }) => ({ symbol: symbolOf(sid), exDate, ratio })),
    dividends: bundle.dividends.map(({ sid, exDate, payDate, amount }) => ({
      symbol: symbolOf(sid),
      exDate,
      amount,
      ...(payDate === undefined ? {} : { payDate }),
    })),
    ...(bundle.manifest.synthetic === true ? { synthetic: true } : {}),
  };
}

function assetDraft(listing: Listing): AssetDraft {
  const { sid: _sid, ...asset } = listing.asset;
  return {
    ...asset,
    first: listing.first,
    columns: Object.fromEntries(listing.fields.map((field) => [field, listing.column(field) as Float64Array])),
  };
}
