import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, Sharing } from '../../src/data/bundle.js';
import { openBundle } from '../../src/data/reader.js';
import { BundleStore } from '../../src/data/store.js';
import { writeBundle } from '../../src/data/writer.js';
import { assetDraft, dailyDraft, smallDraft, temporaryStore } from '../helpers/bundle-draft.js';
import { makeFolder } from '../helpers/folders.js';

/** What every way of bringing columns into memory keeps. */
export function columnMemoryContract(sharing: Sharing): void {
  describe(`${sharing} honours the column memory contract`, () => {
    const open = async (draft = smallDraft()): Promise<Bundle> =>
      openBundle((await writeBundle(temporaryStore(), 'us', draft)).directory, { sharing });

    it('reads every column of every asset as it was written', async () => {
      const draft = smallDraft();
      using bundle = await open(draft);
      expect(bundle.sharing).toBe(sharing);
      for (const listing of bundle.groups[0]!.listings) {
        const written = draft.groups[0]!.assets.find(({ symbol }) => symbol === listing.asset.symbol)!;
        for (const field of listing.fields) expect([...listing.column(field)]).toEqual([...written.columns[field]!]);
      }
    });

    it('gives one typed array for a column, however often it is asked', async () => {
      using bundle = await open();
      const [listing] = bundle.groups[0]!.listings;
      expect(listing!.column('close')).toBe(listing!.column('close'));
    });

    it('holds columns on both sides of a block', async () => {
      const close = Array.from({ length: 65_536 * 2 + 3 }, (_, row) => 1 + row);
      const assets = [assetDraft('AAA', close), assetDraft('BBB', close.slice().reverse())];
      const times = Float64Array.from(close, (_, row) => row * 60_000);
      using bundle = await open({
        ...dailyDraft(assets),
        groups: [{ calendar: '24/7', frequency: '1m', times, assets }],
      });
      const [aaa, bbb] = bundle.groups[0]!.listings;
      expect(aaa!.column('close').at(-1)).toBe(close.length);
      expect(bbb!.column('close').at(0)).toBe(close.length);
      expect(bbb!.column('close').at(-1)).toBe(1);
    });

    it('forgets what was written through a view', async () => {
      using bundle = await open();
      const [listing] = bundle.groups[0]!.listings;
      for (const round of [1, 2]) {
        const view = listing!.view('close', 0, 3) as Float64Array;
        view.fill(round).sort();
        bundle.restore();
        expect([...listing!.column('close')]).toEqual([20, 21, 22]);
        expect([...listing!.view('close', 1, 3)]).toEqual([21, 22]);
      }
    });

    it('keeps what is written in one thread from the others', async () => {
      using bundle = await open();
      const [listing] = bundle.groups[0]!.listings;
      const view = listing!.view('close', 0, 3) as Float64Array;
      view.fill(7);
      using other = openBundle(bundle.handle);
      expect([...other.groups[0]!.listings[0]!.column('close')]).toEqual([20, 21, 22]);
    });

    it('opens by its handle after a structured clone', async () => {
      using bundle = await open();
      using other = openBundle(structuredClone(bundle.handle));
      expect({ name: other.name, version: other.version, manifest: other.manifest }).toEqual({
        name: 'us',
        version: bundle.version,
        manifest: bundle.manifest,
      });
      expect([...other.groups[0]!.times]).toEqual([...bundle.groups[0]!.times]);
    });

    it('refuses to read once closed, twice', async () => {
      const bundle = await open();
      const [group] = bundle.groups;
      const column = group!.listings[0]!.column('close');
      bundle[Symbol.dispose]();
      bundle[Symbol.dispose]();
      for (const read of [
        () => group!.times,
        () => group!.listings[0]!.column('close'),
        () => group!.listings[0]!.view('close', 0, 1),
        () => bundle.restore(),
      ]) {
        expect(read).toThrow(expect.objectContaining({ code: 'BUNDLE_CLOSED', exitCode: 1 }));
      }
      // A column taken before stays what it was: a stale read must not end the process.
      expect([...column]).toEqual([20, 21, 22]);
    });

    it('refuses a shortened file', async () => {
      const { directory } = await writeBundle(temporaryStore(), 'us', smallDraft());
      const path = join(directory, '0-24-7-1d.close.f64');
      chmodSync(path, 0o644);
      truncateSync(path, 8);
      const read = (): unknown => {
        using bundle = openBundle(directory, { sharing });
        return bundle.groups[0]!.listings[0]!.column('close');
      };
      expect(read).toThrow(expect.objectContaining({ code: 'BUNDLE_DAMAGED', exitCode: 3 }));
    });

    it('refuses a changed manifest', async () => {
      const { directory } = await writeBundle(temporaryStore(), 'us', smallDraft());
      const path = join(directory, 'manifest.json');
      chmodSync(path, 0o644);
      writeFileSync(path, readFileSync(path, 'utf8').replace('"lot":1e-8', '"lot":1e-7'));
      expect(() => openBundle(directory, { sharing })).toThrow(expect.objectContaining({ code: 'BUNDLE_DAMAGED' }));
    });

    describe('in any window', () => {
      let bundle: Bundle;
      const folder = makeFolder();
      const close = Array.from({ length: 300 }, (_, row) => 100 + row);
      beforeAll(async () => {
        const draft = dailyDraft([assetDraft('AAA', close)]);
        bundle = openBundle((await writeBundle(new BundleStore(folder.path), 'us', draft)).directory, { sharing });
      });
      afterAll(() => {
        bundle[Symbol.dispose]();
        folder.remove();
      });

      it('shows the rows asked for and refuses others', () => {
        const row = fc.integer({ min: -5, max: 305 });
        fc.assert(
          fc.property(row, row, (from, to) => {
            const listing = bundle.groups[0]!.listings[0]!;
            if (from < 0 || from > to || to > 300) {
              expect(() => listing.view('close', from, to)).toThrow(expect.objectContaining({ code: 'ROWS_OUTSIDE' }));
            } else {
              expect([...listing.view('close', from, to)]).toEqual(close.slice(from, to));
            }
          }),
          { numRuns: 1000 },
        );
      });
    });
  });
}
