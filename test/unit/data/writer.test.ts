import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BundleDraft } from '../../../src/data/draft.js';
import { MANIFEST_FILE } from '../../../src/data/manifest.js';
import { openBundle } from '../../../src/data/reader.js';
import { BundleStore } from '../../../src/data/store.js';
import { writeBundle } from '../../../src/data/writer.js';
import {
  assetDraft,
  dailyDraft,
  days,
  smallDraft,
  temporaryFolder,
  temporaryStore,
} from '../../helpers/bundle-draft.js';
import { filesUnder, runModule } from '../../helpers/run-module.js';

describe('writeBundle', () => {
  it('writes what openBundle reads', async () => {
    const { directory, name, version, alreadyPresent } = await writeBundle(temporaryStore(), 'us', smallDraft());
    using bundle = openBundle(directory);
    expect({ name: bundle.name, version: bundle.version, alreadyPresent }).toEqual({
      name,
      version,
      alreadyPresent: false,
    });
    expect(bundle.assets.map(({ sid, symbol, tick, lot, currency }) => ({ sid, symbol, tick, lot, currency }))).toEqual(
      [
        { sid: 0, symbol: 'AAA', tick: 0.01, lot: 1e-8, currency: 'USD' },
        { sid: 1, symbol: 'BBB', tick: 0.01, lot: 1e-8, currency: 'USD' },
      ],
    );
    const [group] = bundle.groups;
    expect([...group!.times]).toEqual([...days(5)]);
    expect([...group!.closes]).toEqual([...days(6).slice(1)]);
    const [aaa, bbb] = group!.listings;
    expect({ first: aaa!.first, end: aaa!.end, close: [...aaa!.column('close')] }).toEqual({
      first: 1,
      end: 4,
      close: [20, 21, 22],
    });
    expect([...bbb!.column('volume')]).toEqual([1000, 1100, Number.NaN, 1300, 1400]);
    expect(bundle.splits).toEqual([{ sid: 0, exDate: days(5)[2], ratio: '2' }]);
    expect(bundle.dividends).toEqual([{ sid: 1, exDate: days(5)[3], payDate: undefined, amount: '0.5' }]);
    expect(() => aaa!.column('closee')).toThrow(/Did you mean 'close'/);
  });

  it('keeps several calendars and frequencies, and extra columns of some assets', async () => {
    const minute = { calendar: '24/7', frequency: '1m' as const, times: Float64Array.from([0, 60_000, 120_000]) };
    const draft: BundleDraft = {
      ...smallDraft(),
      groups: [
        {
          ...minute,
          assets: [assetDraft('AAA', [1, 2, 3], { extra: { bid: Float64Array.of(0.5, Number.NaN, 2.5) } })],
        },
        ...smallDraft().groups,
      ],
    };
    using bundle = openBundle((await writeBundle(temporaryStore(), 'mixed', draft)).directory);
    expect(bundle.groups.map(({ frequency, length }) => [frequency, length])).toEqual([
      ['1m', 3],
      ['1d', 5],
    ]);
    expect([...bundle.groups[0]!.closes]).toEqual([60_000, 120_000, 180_000]);
    expect([...bundle.groups[0]!.listings[0]!.column('bid')]).toEqual([0.5, Number.NaN, 2.5]);
    expect(bundle.groups[1]!.listings[0]!.fields).not.toContain('bid');
  });

  it('gives one version to one content, whatever its order, name and bit patterns of NaN', async () => {
    const store = temporaryStore();
    const draft = smallDraft();
    const [bbb, aaa] = draft.groups[0]!.assets;
    const columns = Object.fromEntries(
      Object.entries(bbb!.columns).map(([field, column]) => {
        const odd = new Float64Array(column);
        new Uint32Array(odd.buffer).set([7, 0xfff80001], 4);
        return [field, odd];
      }),
    );
    const turned = { ...draft, groups: [{ ...draft.groups[0]!, assets: [aaa!, { ...bbb!, columns }] }] };
    const first = await writeBundle(store, 'us', draft);
    const second = await writeBundle(store, 'eu', turned);
    expect([...columns.close!]).toEqual([...bbb!.columns.close!]);
    expect(second.version).toBe(first.version);
    expect(second.alreadyPresent).toBe(false);
    expect((await writeBundle(store, 'us', turned)).alreadyPresent).toBe(true);
  });

  it.each<[string, (draft: BundleDraft) => BundleDraft, RegExp]>([
    ['no groups', (draft) => ({ ...draft, groups: [] }), /no bars/],
    [
      'descending times',
      (draft) => ({ ...draft, groups: [{ ...draft.groups[0]!, times: days(5).reverse() }] }),
      /row 1 .* is not after row 0/,
    ],
    ['a short column', (draft) => withColumn(draft, 'high', Float64Array.of(1)), /column 'high' has 1 rows/],
    [
      'an infinite price',
      (draft) => withColumn(draft, 'low', Float64Array.of(1, 2, Number.NaN, Number.POSITIVE_INFINITY, 1)),
      /'low' is infinite in row 3/,
    ],
    [
      'half a bar',
      (draft) => withColumn(draft, 'low', Float64Array.of(1, 2, 3, 4, 5)),
      /row 2 'close' is missing and 'low' is not/,
    ],
    [
      'a column named times',
      (draft) => withColumn(draft, 'times', new Float64Array(5)),
      /'times' cannot name a column/,
    ],
    [
      'one asset twice',
      (draft) => ({
        ...draft,
        groups: [{ ...draft.groups[0]!, assets: [draft.groups[0]!.assets[0]!, draft.groups[0]!.assets[0]!] }],
      }),
      /lists BBB twice/,
    ],
    ['one group twice', (draft) => ({ ...draft, groups: [...draft.groups, ...draft.groups] }), /join them/],
    [
      'an unknown asset of a split',
      (draft) => ({ ...draft, splits: [{ symbol: 'ZZZ', exDate: 0, ratio: '2' }] }),
      /ZZZ, of which the bundle has no bars/,
    ],
    [
      'a negative dividend',
      (draft) => ({ ...draft, dividends: [{ symbol: 'AAA', exDate: 0, amount: '-1' }] }),
      /positive decimal/,
    ],
    [
      'a split by nothing',
      (draft) => ({ ...draft, splits: [{ symbol: 'AAA', exDate: 0, ratio: '0' }] }),
      /new shares for one old/,
    ],
    [
      'a dividend of more than the price',
      (draft) => ({ ...draft, dividends: [{ symbol: 'BBB', exDate: days(5)[3]!, amount: '11' }] }),
      /not below the close/,
    ],
    [
      'an event within a day',
      (draft) => ({ ...draft, splits: [{ symbol: 'AAA', exDate: 5, ratio: '2' }] }),
      /UTC midnight/,
    ],
    [
      'an asset off the axis',
      (draft) => ({ ...draft, groups: [{ ...draft.groups[0]!, assets: [assetDraft('A', [1, 2], { first: 4 })] }] }),
      /outside the axis/,
    ],
  ])('refuses %s and leaves the store alone', async (_, change, message) => {
    const root = temporaryFolder();
    await expect(writeBundle(new BundleStore(root), 'us', change(smallDraft()))).rejects.toThrow(message);
    await expect(writeBundle(new BundleStore(root), 'us', change(smallDraft()))).rejects.toMatchObject({ exitCode: 3 });
    expect(filesUnder(root)).toEqual([]);
  });

  it.each(['', '.', '..', '../up', 'a/b', 'a\\b', '-x', 'a b', '.hidden', 'x'.repeat(101)])(
    'refuses the name %j',
    async (name) => {
      await expect(writeBundle(temporaryStore(), name, smallDraft())).rejects.toMatchObject({
        code: 'BUNDLE_NAME',
        exitCode: 2,
      });
    },
  );

  it('replaces a damaged copy of the same version', async () => {
    const store = temporaryStore();
    const { directory } = await writeBundle(store, 'us', smallDraft());
    const file = join(directory, MANIFEST_FILE);
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file, 'utf8').replace('AAA', 'AAB'));
    await expect(store.verify('us')).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    expect((await writeBundle(store, 'us', smallDraft())).alreadyPresent).toBe(false);
    expect((await store.verify('us')).directory).toBe(directory);
  });

  it('lets many write the same name at once: every version is whole, the last to begin is not lost', async () => {
    const store = temporaryStore();
    const drafts = Array.from({ length: 8 }, (_, n) => dailyDraft([assetDraft('AAA', [1 + (n % 4), 2, 3])]));
    const written = await Promise.all(drafts.map((draft) => writeBundle(store, 'us', draft)));
    const versions = new Set(written.map(({ version }) => version));
    expect(versions.size).toBe(4);
    expect(new Set(store.versionsOf('us').map(({ version }) => version))).toEqual(versions);
    for (const version of versions) await store.verify(`us@${version}`);
    expect(readdirSync(store.temporaryDirectory)).toEqual([]);
  });

  it('lets two processes write the same name at once', async () => {
    const root = temporaryFolder();
    const script = (close: number): string => `
      import { BundleStore } from './src/data/store.ts';
      import { writeBundle } from './src/data/writer.ts';
      import { assetDraft, dailyDraft } from './test/helpers/bundle-draft.ts';
      for (let n = 0; n < 10; n++) {
        await writeBundle(new BundleStore(${JSON.stringify(root)}), 'us', dailyDraft([assetDraft('AAA', [${close}, n + 1, 3])]));
      }`;
    const codes = await Promise.all([runModule(script(1)), runModule(script(2))]);
    expect(codes.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    const store = new BundleStore(root);
    expect(store.versionsOf('us')).toHaveLength(20);
    for (const { version } of store.versionsOf('us')) await store.verify(`us@${version}`);
  });

  it('leaves no trace of a writer that was killed, after the next start', async () => {
    const root = temporaryFolder();
    const store = new BundleStore(root);
    await writeBundle(store, 'us', smallDraft());
    const before = filesUnder(root);
    // The column grows without end in sight, so the kill strikes while it is being written.
    const { code } = await runModule(
      `
      import { BundleStore } from './src/data/store.ts';
      import { writeBundle } from './src/data/writer.ts';
      import { assetDraft, dailyDraft } from './test/helpers/bundle-draft.ts';
      const columns = Object.fromEntries(['open', 'high', 'low', 'close', 'volume'].map((field) => [field, new Float64Array(8e6).fill(1)]));
      const times = Float64Array.from({ length: 8e6 }, (_, row) => row);
      const asset = assetDraft('AAA', [1], { columns });
      await writeBundle(new BundleStore(${JSON.stringify(root)}), 'us', {
        ...dailyDraft([asset]), groups: [{ calendar: '24/7', frequency: '1m', times, opens: times, closes: times, assets: [asset] }] });`,
      { killWhen: () => filesUnder(root).some((file) => file.includes('.tmp') && file.endsWith('.close.f64')) },
    );
    expect(code).toBe('SIGKILL');
    expect(filesUnder(root).length).toBeGreaterThan(before.length);
    expect(filesUnder(new BundleStore(root) && root)).toEqual(before);
    expect(readdirSync(store.temporaryDirectory)).toEqual([]);
  });

  it('leaves a living writer alone', () => {
    const store = temporaryStore();
    const theirs = join(store.temporaryDirectory, `${hostName()}~${process.ppid}~0~abc`);
    mkdirSync(theirs, { recursive: true });
    new BundleStore(join(store.directory, '..'));
    expect(existsSync(theirs)).toBe(true);
  });
});

const hostName = (): string => spawnSync('hostname').stdout.toString().trim();

const withColumn = (draft: BundleDraft, field: string, column: Float64Array): BundleDraft => ({
  ...draft,
  groups: draft.groups.map((group) => ({
    ...group,
    assets: group.assets.map((asset) =>
      asset.symbol === 'BBB' ? { ...asset, columns: { ...asset.columns, [field]: column } } : asset,
    ),
  })),
});
