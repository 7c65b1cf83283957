import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BundlePool } from '../../src/data/bundle-pool.js';
import type { BundleDraft } from '../../src/data/draft.js';
import { CachedHistory } from '../../src/data/history-cache.js';
import { BundleStore } from '../../src/data/store.js';
import { writeBundle } from '../../src/data/writer.js';
import { assetDraft, dailyDraft } from '../helpers/bundle-draft.js';
import { makeFolder } from '../helpers/folders.js';

const ROWS = 30;
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Two assets whose every value says where it is, and one value changed. */
function draftWith(asset: number, field: (typeof FIELDS)[number], row: number, value: number): BundleDraft {
  const assets = [0, 1].map((place) => {
    const draft = assetDraft(
      `A${place}`,
      Array.from({ length: ROWS }, (_, i) => 1000 * (place + 1) + i),
    );
    if (place !== asset) return draft;
    const column = draft.columns[field]!.slice();
    column[row] = value;
    return { ...draft, columns: { ...draft.columns, [field]: column } };
  });
  return dailyDraft(assets);
}

describe('when a bundle changes', () => {
  const folder = makeFolder();
  const store = new BundleStore(folder.path);
  afterAll(() => folder.remove());

  it('no layer gives a value of the version before: store, pool, columns, windows, cached windows', async () => {
    // One pool and one cache for all runs: what they remember is the danger.
    using pool = new BundlePool({ store });
    const cache = new CachedHistory({ windows: [5, 20], entries: 16 });
    const change = fc.tuple(
      fc.nat({ max: 1 }),
      fc.constantFrom(...FIELDS),
      fc.nat({ max: ROWS - 1 }),
      fc.integer({ min: 1, max: 9 }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        change,
        fc.nat({ max: ROWS - 1 }),
        fc.integer({ min: 1, max: ROWS }),
        async (changed, endRow, count) => {
          const draft = draftWith(...changed);
          const { version } = await writeBundle(store, 'us', draft, { durable: false });
          using lease = pool.acquire('us');
          expect(lease.bundle.version).toBe(version);
          for (const [sid, listing] of lease.bundle.groups[0]!.listings.entries()) {
            for (const field of FIELDS) {
              const written = draft.groups[0]!.assets[sid]!.columns[field]!;
              expect([...listing.column(field)]).toEqual([...written]);
              const window = cache.window(listing, undefined, field, endRow, count, false);
              const from = endRow - count + 1;
              const expected = Array.from({ length: count }, (_, i) => written[from + i] ?? Number.NaN);
              expect([...window]).toEqual(expected);
            }
          }
          if (++runs % 50 === 0) store.clean();
        },
      ),
      { numRuns: 1000 },
    );
    expect(pool.statistics).toMatchObject({ open: 1, users: 0 });
    expect(pool.statistics.loads).toBeGreaterThan(900);
  });
});
