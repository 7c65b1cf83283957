import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleDraft } from '../../src/data/draft.js';
import { layOut } from '../../src/data/layout.js';
import { BundleStore } from '../../src/data/store.js';
import { findDamage } from '../../src/data/verify.js';
import { bundleVersion } from '../../src/data/version.js';
import { writeBundle } from '../../src/data/writer.js';
import { assetDraft, dailyDraft, days, smallDraft } from '../helpers/bundle-draft.js';
import { makeFolder } from '../helpers/folders.js';

describe('verify', () => {
  const folder = makeFolder();
  let directory: string;
  let files: readonly string[];
  beforeAll(async () => {
    ({ directory } = await writeBundle(new BundleStore(folder.path), 'us', smallDraft()));
    files = readdirSync(directory).map((file) => join(directory, file));
    for (const file of files) chmodSync(file, 0o644);
  });
  afterAll(() => folder.remove());

  it('finds nothing in what was written', async () => expect(await findDamage(directory)).toEqual([]));

  it('finds any change of any single byte of any file, and names the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, change) => {
        const file = files[which % files.length]!;
        const bytes = readFileSync(file);
        const changed = Buffer.from(bytes);
        changed[where % bytes.length]! ^= change;
        writeFileSync(file, changed);
        try {
          const damages = await findDamage(directory);
          expect(damages.map((damage) => damage.file)).toEqual([basename(file)]);
        } finally {
          writeFileSync(file, bytes);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names asset, column and rows of the damage', async () => {
    const file = join(directory, '0-24-7-1d.volume.f64');
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    changed[3 * 8]! ^= 1;
    writeFileSync(file, changed);
    const place = { file: basename(file), symbol: 'BBB', field: 'volume', block: 0, rows: [0, 5] };
    expect(await findDamage(directory)).toEqual([{ ...place, reason: 'its bytes have changed' }]);
    await expect(new BundleStore(folder.path).verify('us')).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      exitCode: 3,
      message: expect.stringContaining('BBB volume rows 0 to 4'),
    });
    writeFileSync(file, bytes);
  });

  it('finds missing, foreign, shortened and lengthened files', async () => {
    const file = join(directory, '0-24-7-1d.low.f64');
    const bytes = readFileSync(file);
    const reasons = async (): Promise<string[]> => (await findDamage(directory)).map(({ reason }) => reason);
    appendFileSync(file, 'x');
    expect(await reasons()).toEqual([`it has ${bytes.length + 1} bytes instead of ${bytes.length}`]);
    writeFileSync(file, bytes.subarray(1));
    expect(await reasons()).toEqual([`it has ${bytes.length - 1} bytes instead of ${bytes.length}`]);
    rmSync(file);
    expect(await reasons()).toEqual(['it is missing']);
    writeFileSync(file, bytes);
    writeFileSync(join(directory, 'note.txt'), '');
    expect(await reasons()).toEqual(['it is no part of the bundle']);
    rmSync(join(directory, 'note.txt'));
    expect(statSync(file).size).toBe(bytes.length);
    expect(await reasons()).toEqual([]);
  });
});

/** A draft of several assets with random prices, some bars missing. */
const drafts = fc
  .array(
    fc.array(fc.option(fc.integer({ min: 1, max: 1_000_000 }), { freq: 8, nil: undefined }), {
      minLength: 1,
      maxLength: 6,
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((columns) =>
    dailyDraft(
      columns.map((cents, i) =>
        assetDraft(
          `A${i}`,
          cents.map((price) => (price === undefined ? Number.NaN : price / 100)),
          { first: i % 2 },
        ),
      ),
      {
        splits: columns.map((_, i) => ({ symbol: `A${i}`, exDate: days(9)[i]!, ratio: '2' })),
        dividends: [],
        // The smallest change of a price is no decimal.
        judged: true,
      },
    ),
  );

const versionOf = (draft: BundleDraft): string => bundleVersion(layOut(draft).manifest);

/** One change of a draft's content, and nothing else. */
const changes: readonly ((draft: BundleDraft, asset: number, row: number) => BundleDraft)[] = [
  (draft, asset, row) =>
    withAsset(draft, asset, ({ columns, ...rest }) => {
      const open = columns.open!.slice();
      const at = row % open.length;
      // The smallest change there is, or the filling of a gap.
      if (!Number.isNaN(open[at]!)) {
        const words = new Uint32Array(open.buffer);
        words[2 * at]! ^= 1;
        return { ...rest, columns: { ...columns, open } };
      }
      const filled = Object.entries(columns).map(([field, column]) => [
        field,
        column.map((value, i) => (i === at ? 1 : value)),
      ]);
      return { ...rest, columns: Object.fromEntries(filled) };
    }),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, symbol: `${found.symbol}X` }), true),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, tick: 0.05 })),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, lot: 3 })),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, currency: 'EUR' })),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, multiplier: 50 })),
  (draft, asset) => withAsset(draft, asset, (found) => ({ ...found, priceDecimals: 4, tick: 0.01 })),
  (draft, asset) =>
    withAsset(draft, asset, (found) => ({ ...found, columns: { ...found.columns, bid: found.columns.low! } })),
  (draft) => ({ ...draft, synthetic: true }),
  (draft) => ({ ...draft, splits: draft.splits.slice(1) }),
  (draft) => ({ ...draft, splits: draft.splits.map((split, i) => (i === 0 ? { ...split, ratio: '3' } : split)) }),
  (draft) => ({
    ...draft,
    groups: draft.groups.map((group) => ({ ...group, times: group.times.map((time) => time + 86_400_000) })),
  }),
  (draft) => ({
    ...draft,
    groups: draft.groups.map((group) => ({ ...group, opens: group.times.map((time) => time + 1) })),
  }),
];

function withAsset(
  draft: BundleDraft,
  index: number,
  change: (asset: BundleDraft['groups'][0]['assets'][0]) => BundleDraft['groups'][0]['assets'][0],
  dropEvents = false,
): BundleDraft {
  const { assets } = draft.groups[0]!;
  const changed = assets.map((asset, i) => (i === index % assets.length ? change(asset) : asset));
  return { ...draft, groups: [{ ...draft.groups[0]!, assets: changed }], ...(dropEvents ? { splits: [] } : {}) };
}

describe('the version', () => {
  it('changes with any change of the content', () => {
    fc.assert(
      fc.property(drafts, fc.nat(), fc.nat(), fc.nat({ max: changes.length - 1 }), (draft, asset, row, kind) => {
        expect(versionOf(changes[kind]!(draft, asset, row))).not.toBe(versionOf(draft));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not change with the order of assets and events', () => {
    fc.assert(
      fc.property(drafts, fc.func(fc.integer()), (draft, weight) => {
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((item, i) => ({ item, at: weight(i) }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const turned = {
          ...draft,
          groups: draft.groups.map((group) => ({ ...group, assets: shuffled(group.assets) })),
          splits: shuffled(draft.splits),
        };
        expect(versionOf(turned)).toBe(versionOf(draft));
      }),
      { numRuns: 1000 },
    );
  });
});
