import { dirname } from 'node:path';
import { RunError } from '../core/errors.js';
import type { Bundle } from '../data/bundle.js';
import type { BundleDraft } from '../data/draft.js';
import { bundleFromColumns } from '../data/ephemeral.js';
import type { MarketView } from '../engine/market-view.js';
import { perturbed, truncated } from './futures.js';

/** What becomes of the bars after a cut: they are not there, or they are others. */
export type Change = 'truncated' | 'perturbed';

/** A market to run on: the recorded one, or one whose future is altered from the bar after `row` on. */
export interface Alteration {
  readonly row: number;
  readonly change: Change | 'none';
}

/** Returns the draft of a market whose future is altered. `seed` decides which other future it is. */
export function alter(draft: BundleDraft, view: MarketView, { row, change }: Alteration, seed: number): BundleDraft {
  const instant = view.group.closes[row]!;
  if (change === 'truncated') return truncated(draft, instant);
  return change === 'perturbed' ? perturbed(draft, instant, seed) : draft;
}

/**
 * Opens a draft as a bundle of its own; it keeps the name, and its version is its own. For this thread it lies in memory, for others in a store that holds
 * nothing else.
 */
export function openAltered(draft: BundleDraft, name: string, place: 'memory' | 'store'): Promise<Bundle> {
  return bundleFromColumns(draft, { name, sharing: place === 'memory' ? 'shared' : 'copied' });
}

/** The root of the store in which {@link openAltered} put a bundle: what `HINDCAST_HOME` names. */
export function homeOf({ handle, name }: Bundle): string {
  if (handle.sharing === 'shared')
    throw new RunError('NO_STORE', { message: `The bundle '${name}' lies in no store.` });
  // HOME/bundles/NAME/VERSION
  return dirname(dirname(dirname(handle.directory)));
}

/**
 * Whether a market that ends with a row has the same assets, and asks the strategy on the same bars up to it: all are listed by then, and
 * none waits in a gap, which in a market that ends there is its end.
 */
export function canEndWith({ assets }: MarketView, row: number): boolean {
  return assets.every(({ listing }) => {
    if (listing.first > row) return false;
    return row >= listing.end || !Number.isNaN(listing.column('close')[row - listing.first]!);
  });
}
