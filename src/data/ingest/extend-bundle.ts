import { DataError, UsageError } from '../../core/errors.js';
import type { Bundle } from '../bundle.js';
import type { BundleDraft, GroupDraft } from '../draft.js';
import { bundleFromColumns } from '../ephemeral.js';
import { mergeDraft } from '../merge-draft.js';
import { openBundle } from '../reader.js';
import { groupsMadeOf, resampledDraft } from '../resample.js';
import type { BundleStore } from '../store.js';
import { type WriteOptions, type WrittenBundle, writeBundle } from '../writer.js';
import { firstPlaces } from './defects.js';
import { wholeCalendar } from './extended-bundle.js';
import { buildDraft, type IngestOptions, type IngestReport } from './ingest.js';
import { resolveOptions } from './ingest-options.js';
import { missingLabels } from './missing-bars.js';
import type { Policies } from './policies.js';
import { describeLabel } from './series.js';

/**
 * Adds the rows of files to the newest version of a bundle, which makes a new version: that which one ingest of all rows would make. Rows that
 * the bundle has already must be the same. Calendar and currency are the bundle's where the options name none. Columns that get no
 * rows are not read again, and files that stay as they are are linked. Longer bars that were made of bars which get rows are made anew.
 *
 * @returns where the version is, and what was found in the files
 * @throws what `buildDraft`, `writeBundle` and the store throw; DataError `APPEND_CONFLICT` where rows or events contradict the bundle,
 * `APPEND_GAP` where bars are missing between the two and the options do not let them be; RunError `APPEND_OVERTAKEN`
 */
export async function extendBundle(
  store: BundleStore,
  name: string,
  options: IngestOptions,
  write: WriteOptions = {},
): Promise<{ readonly written: WrittenBundle; readonly report: IngestReport }> {
  if (options.adjClose === 'derive') {
    throw new UsageError('INVALID_OPTION', {
      message:
        'Each dividend changes all adjusted closes before it, so that new rows alone do not show events. Ingest everything again with --adj-close derive, or give the events in files.',
      details: { option: 'adjClose' },
    });
  }
  const { directory, version } = store.resolve(name);
  using base = openBundle(directory);
  const currencies = new Set(base.assets.map(({ currency }) => currency));
  const currency = options.currency ?? (currencies.size === 1 ? base.assets[0]!.currency : undefined);
  const { draft, report } = await buildDraft(currency === undefined ? options : { ...options, currency }, base);
  refuseGaps(base, draft, resolveOptions(options).policies);
  const { draft: whole, known } = mergeDraft(base, draft);
  const extended = { version, directory, manifest: base.manifest, known };
  const made = groupsMadeOf(base, draft);
  if (made.length === 0) return { written: await writeBundle(store, name, whole, write, extended), report };
  const isMade = ({ calendar, frequency }: GroupDraft): boolean =>
    made.some((group) => group.calendar === calendar && group.frequency === frequency);
  using shorter = await bundleFromColumns({ ...whole, groups: whole.groups.filter((group) => !isMade(group)) });
  const again = resampledDraft(
    shorter,
    made.map(({ frequency }) => frequency),
  );
  // A length that only one calendar has is not made for the others.
  const remade = again.groups.filter(isMade);
  const { groups } = whole;
  const { calendars = [] } = again;
  const remadeWhole = { ...whole, calendars, groups: [...groups.filter((group) => !isMade(group)), ...remade] };
  return { written: await writeBundle(store, name, remadeWhole, write, extended), report };
}

/** Between the bundle's bars and the new ones nothing was judged yet. */
function refuseGaps(base: Bundle, draft: BundleDraft, policies: Policies): void {
  for (const { calendar, frequency, times, assets } of draft.groups) {
    const policy = policies.of(frequency === '1d' ? 'MISSING_SESSIONS' : 'MISSING_BARS');
    if (policy !== 'fail' && policy !== 'fill') continue;
    const before = base.groups.find((group) => group.calendar === calendar && group.frequency === frequency);
    for (const { symbol, first, columns } of assets) {
      const listing = before?.listings.find(({ asset }) => asset.symbol === symbol);
      if (before === undefined || listing === undefined) continue;
      const [ownFirst, ownLast] = [before.times[listing.first]!, before.times[listing.end - 1]!];
      const [addedFirst, addedLast] = [times[first]!, times[first + columns.close!.length - 1]!];
      const gap = ownLast < addedFirst ? [ownLast, addedFirst] : addedLast < ownFirst ? [addedLast, ownFirst] : [];
      const missing = [
        ...missingLabels({
          calendar: wholeCalendar(calendar, [...(draft.calendars ?? []), ...base.calendars]),
          frequency,
          times: Float64Array.from(gap),
        }),
      ];
      if (missing.length === 0) continue;
      const places = firstPlaces(
        missing.slice(0, 3).map((label) => describeLabel(label, frequency)),
        missing.length,
      );
      throw new DataError('APPEND_GAP', {
        message: `Between the bundle's bars of ${symbol} and the new ones ${missing.length} are missing: ${places}. Nothing was stored. Add them, or choose --missing skip${policy === 'fill' ? ', or ingest everything again to have them filled' : ''}.`,
        details: { symbol, missing: missing.length },
      });
    }
  }
}
