import { describe, expect, it } from 'vitest';
import { BundlePool } from '../../../src/data/bundle-pool.js';
import { openBundle } from '../../../src/data/reader.js';
import { writeBundle } from '../../../src/data/writer.js';
import { assetDraft, dailyDraft, smallDraft, temporaryStore } from '../../helpers/bundle-draft.js';

const oneAsset = (...close: number[]) => dailyDraft([assetDraft('AAA', close)]);

describe('BundlePool', () => {
  it('opens nothing before it is asked', async () => {
    const store = temporaryStore();
    await writeBundle(store, 'us', smallDraft());
    using pool = new BundlePool({ store });
    expect(pool.statistics).toEqual({ loads: 0, hits: 0, open: 0, users: 0 });
  });

  it('counts one load for 16 users at once, and keeps the bundle for the next', async () => {
    const store = temporaryStore();
    await writeBundle(store, 'us', smallDraft());
    using pool = new BundlePool({ store });
    const leases = await Promise.all(Array.from({ length: 16 }, async () => pool.acquire('us')));
    expect(new Set(leases.map(({ bundle }) => bundle)).size).toBe(1);
    expect(pool.statistics).toEqual({ loads: 1, hits: 15, open: 1, users: 16 });
    for (const lease of leases) {
      lease[Symbol.dispose]();
      lease[Symbol.dispose]();
    }
    expect(pool.statistics).toEqual({ loads: 1, hits: 15, open: 1, users: 0 });
    using again = pool.acquire('us');
    expect(again.bundle).toBe(leases[0]!.bundle);
    expect(pool.statistics.loads).toBe(1);
  });

  it.each(['mapped', 'shared'] as const)(
    'opens a new version beside the old, which its users keep (%s)',
    async (sharing) => {
      if (sharing === 'mapped' && process.platform !== 'linux') return;
      const store = temporaryStore();
      await writeBundle(store, 'us', oneAsset(1, 2));
      using pool = new BundlePool({ store, sharing });
      const old = pool.acquire('us');
      const { version } = await writeBundle(store, 'us', oneAsset(1, 3));
      using fresh = pool.acquire('us');
      expect(fresh.bundle.version).toBe(version);
      const closeOf = ({ bundle }: typeof old) => [...bundle.groups[0]!.listings[0]!.column('close')];
      expect([closeOf(old), closeOf(fresh)]).toEqual([
        [1, 2],
        [1, 3],
      ]);
      expect(pool.statistics).toEqual({ loads: 2, hits: 0, open: 2, users: 2 });
      old[Symbol.dispose]();
      expect(pool.statistics).toEqual({ loads: 2, hits: 0, open: 1, users: 1 });
      expect(() => closeOf(old)).toThrow(expect.objectContaining({ code: 'BUNDLE_CLOSED' }));
    },
  );

  it('keeps the newest open beside an older version that is asked for by its hash', async () => {
    const store = temporaryStore();
    const { version } = await writeBundle(store, 'us', oneAsset(1, 2));
    await writeBundle(store, 'us', oneAsset(1, 3));
    using pool = new BundlePool({ store });
    pool.acquire('us')[Symbol.dispose]();
    pool.acquire(`us@${version}`)[Symbol.dispose]();
    expect(pool.statistics.open).toBe(2);
    using newest = pool.acquire('us');
    expect(newest.bundle.version).not.toBe(version);
    expect(pool.statistics).toMatchObject({ loads: 2, hits: 1, open: 2 });
  });

  it('opens by handle, once', async () => {
    const store = temporaryStore();
    using bundle = openBundle((await writeBundle(store, 'us', smallDraft())).directory, { sharing: 'shared' });
    using pool = new BundlePool();
    using first = pool.acquire(bundle.handle);
    using second = pool.acquire(structuredClone(bundle.handle));
    expect(second.bundle).toBe(first.bundle);
    expect(pool.statistics).toEqual({ loads: 1, hits: 1, open: 1, users: 2 });
    expect(() => pool.acquire('us')).toThrow(expect.objectContaining({ code: 'BUNDLE_NOT_FOUND' }));
  });

  it('closes everything when it is disposed of', async () => {
    const store = temporaryStore();
    await writeBundle(store, 'us', smallDraft());
    const pool = new BundlePool({ store });
    const { bundle } = pool.acquire('us');
    pool[Symbol.dispose]();
    expect(pool.statistics).toMatchObject({ open: 0, users: 0 });
    expect(() => bundle.groups[0]!.times).toThrow(expect.objectContaining({ code: 'BUNDLE_CLOSED' }));
  });
});
