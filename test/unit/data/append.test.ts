import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCommitLock } from '../../../src/data/commit-lock.js';
import type { BundleDraft, DividendDraft, SplitDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { extendBundle } from '../../../src/data/ingest/extend-bundle.js';
import { buildDraft, type IngestOptions } from '../../../src/data/ingest/ingest.js';
import { layOut } from '../../../src/data/layout.js';
import { BLOCK_ROWS } from '../../../src/data/manifest.js';
import { mergeDraft } from '../../../src/data/merge-draft.js';
import { openBundle } from '../../../src/data/reader.js';
import { resampledDraft } from '../../../src/data/resample.js';
import { BundleStore } from '../../../src/data/store.js';
import { bundleVersion } from '../../../src/data/version.js';
import { writeBundle } from '../../../src/data/writer.js';
import type { Frequency } from '../../../src/market/bars.js';
import { assetDraft, DAY, dailyDraft, days, temporaryFolder, temporaryStore } from '../../helpers/bundle-draft.js';
import { filesUnder, runModule } from '../../helpers/run-module.js';

/** Bars of one symbol a minute apart, from a row on. */
const minutes = (from: number, to: number, symbol = 'BTC'): BundleDraft => ({
  splits: [],
  dividends: [],
  groups: [
    {
      calendar: '24/7',
      frequency: '1m',
      times: Float64Array.from({ length: to - from }, (_, row) => (from + row) * 60_000),
      assets: [
        assetDraft(
          symbol,
          Array.from({ length: to - from }, (_, row) => 10 + ((from + row) % 100) / 4),
        ),
      ],
    },
  ],
});

/** Stores a draft, adds another, and returns the store and both versions. */
async function added(base: BundleDraft, more: BundleDraft) {
  const store = temporaryStore();
  const first = await writeBundle(store, 'us', base, { durable: false });
  using bundle = openBundle(first.directory);
  const { draft, known } = mergeDraft(bundle, more);
  const { version } = bundle;
  const extended = { version, directory: first.directory, manifest: bundle.manifest, known };
  return { store, first, second: await writeBundle(store, 'us', draft, { durable: false }, extended), known };
}

const csv = (rows: readonly string[]): string => `symbol,date,open,high,low,close,volume\n${rows.join('\n')}\n`;
const row = (symbol: string, date: string, price: number | string): string =>
  `${symbol},${date},${price},${price},${price},${price},100`;

async function ingested(rows: readonly string[], options: Partial<IngestOptions> = {}) {
  const folder = temporaryFolder();
  const store = new BundleStore(join(folder, 'home'));
  writeFileSync(join(folder, 'base.csv'), csv(rows));
  const { draft } = await buildDraft({ files: [join(folder, 'base.csv')], calendar: '24/7', ...options });
  await writeBundle(store, 'us', draft, { durable: false });
  const append = (more: readonly string[], own: Partial<IngestOptions> = {}) => {
    writeFileSync(join(folder, 'more.csv'), csv(more));
    return extendBundle(store, 'us', { files: [join(folder, 'more.csv')], ...own }, { durable: false });
  };
  return { folder, store, append };
}

describe('mergeDraft', () => {
  it.each([
    { base: [0, 100], more: [100, 130] },
    { base: [0, BLOCK_ROWS - 1], more: [BLOCK_ROWS - 1, BLOCK_ROWS] },
    { base: [0, BLOCK_ROWS], more: [BLOCK_ROWS, BLOCK_ROWS + 1] },
    { base: [0, 2 * BLOCK_ROWS + 7], more: [2 * BLOCK_ROWS, 3 * BLOCK_ROWS + 1] },
    { base: [500, 2 * BLOCK_ROWS], more: [0, 700] },
    { base: [0, 2 * BLOCK_ROWS], more: [0, 2 * BLOCK_ROWS] },
  ])('gives the version of all rows at once, $base and $more', async ({ base, more }) => {
    const { store, second } = await added(minutes(base[0]!, base[1]!), minutes(more[0]!, more[1]!));
    const all = minutes(Math.min(base[0]!, more[0]!), Math.max(base[1]!, more[1]!));
    expect(second.version).toBe(bundleVersion(layOut(all).manifest));
    await store.verify('us');
  });

  it('makes no hash of blocks that get no rows, and links files that stay as they are', async () => {
    const daily = dailyDraft([assetDraft('AAA', [1, 2, 3])]);
    const base = { ...daily, groups: [...daily.groups, ...minutes(0, 3 * BLOCK_ROWS).groups] };
    const { first, second, known } = await added(base, minutes(3 * BLOCK_ROWS, 3 * BLOCK_ROWS + 10));
    const counts = [...known].map(([column, hashes]) => [column.length, hashes.length]);
    expect(counts.filter(([rows]) => rows === 3 * BLOCK_ROWS + 10).map(([, hashes]) => hashes)).toEqual([
      3, 3, 3, 3, 3, 3,
    ]);
    const inode = (directory: string, file: string): number => statSync(join(directory, file)).ino;
    for (const file of readdirSync(second.directory).filter(
      (name) => name.endsWith('.f64') && !name.startsWith('sessions'),
    )) {
      const isLinked = inode(first.directory, file) === inode(second.directory, file);
      expect({ file, isLinked }).toEqual({ file, isLinked: file.includes('-1d.') });
    }
  });

  it('does not bless damage of the bundle that it extends', async () => {
    const store = temporaryStore();
    const { directory, version } = await writeBundle(store, 'us', minutes(0, BLOCK_ROWS), { durable: false });
    const file = join(directory, '0-24-7-1m.close.f64');
    chmodSync(file, 0o644);
    const bytes = readFileSync(file);
    bytes[4000]! ^= 1;
    writeFileSync(file, bytes);
    using bundle = openBundle(directory);
    const { draft, known } = mergeDraft(bundle, minutes(BLOCK_ROWS, BLOCK_ROWS + 5));
    await writeBundle(store, 'us', draft, { durable: false }, { version, directory, manifest: bundle.manifest, known });
    await expect(store.verify('us')).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringContaining('BTC close rows 0 to 65535 (block 0 of that column in 0-24-7-1m.close.f64)'),
    });
  });

  it('adds events, knows those that are there, and refuses others of the same day', async () => {
    const base = dailyDraft([assetDraft('AAA', [10, 11, 12, 13])], {
      splits: [{ symbol: 'AAA', exDate: days(4)[1]!, ratio: '2' }],
      dividends: [{ symbol: 'AAA', exDate: days(4)[2]!, amount: '0.5' }],
    });
    using bundle = openBundle((await writeBundle(temporaryStore(), 'us', base, { durable: false })).directory);
    const more = (splits: SplitDraft[], dividends: DividendDraft[]): BundleDraft => ({ groups: [], splits, dividends });
    const { draft } = mergeDraft(
      bundle,
      more(
        [
          { symbol: 'AAA', exDate: days(4)[1]!, ratio: '2' },
          { symbol: 'AAA', exDate: days(4)[3]!, ratio: '3' },
        ],
        [{ symbol: 'AAA', exDate: days(4)[2]!, amount: '0.50' }],
      ),
    );
    expect(draft.splits.map(({ ratio }) => ratio)).toEqual(['2', '3']);
    expect(draft.dividends).toHaveLength(1);
    expect(() => mergeDraft(bundle, more([{ symbol: 'AAA', exDate: days(4)[1]!, ratio: '4' }], []))).toThrow(
      expect.objectContaining({ code: 'APPEND_CONFLICT', exitCode: 3 }),
    );
  });

  it('keeps what the bundle says of an asset, and its calendar of several', async () => {
    const base = dailyDraft([assetDraft('ES', [10, 11], { tick: 0.25, lot: 1, multiplier: 50, currency: 'EUR' })], {
      synthetic: true,
    });
    const { second } = await added(base, {
      ...dailyDraft([assetDraft('ES', [12.125], { priceDecimals: 3, currency: 'EUR' })]),
      groups: [
        {
          calendar: '24/7',
          frequency: '1d',
          times: Float64Array.of(days(3)[2]!),
          assets: [assetDraft('ES', [12.125], { priceDecimals: 3, currency: 'EUR' })],
        },
      ],
    });
    using bundle = openBundle(second.directory);
    expect(bundle.assets[0]).toMatchObject({ tick: 0.25, lot: 1, multiplier: 50, currency: 'EUR', priceDecimals: 3 });
    expect(bundle.manifest.synthetic).toBe(true);
    expect(() => mergeDraft(bundle, dailyDraft([assetDraft('ES', [10], { currency: 'USD' })]))).toThrow(/in EUR/);
  });
});

describe('extendBundle', () => {
  const base = [row('AAA', '2020-01-01', '10.5'), row('AAA', '2020-01-02', '11')];

  it('refuses a bar that the bundle has with another value, and changes nothing', async () => {
    const { store, append } = await ingested(base);
    const before = store.resolve('us').version;
    await expect(append([row('AAA', '2020-01-02', 12), row('AAA', '2020-01-03', 13)])).rejects.toMatchObject({
      code: 'APPEND_CONFLICT',
      exitCode: 3,
      message: expect.stringContaining('AAA has open 11 on 2020-01-02 in the bundle, and 12 in the new rows'),
    });
    expect(store.versionsOf('us').map(({ version }) => version)).toEqual([before]);
  });

  it('takes a value for the same that is rounded to that of the bundle', async () => {
    const { append } = await ingested(base);
    const { written } = await append([row('AAA', '2020-01-02', '11.0000004768'), row('AAA', '2020-01-03', '12')]);
    expect(written.alreadyPresent).toBe(false);
  });

  it('knows what it has already', async () => {
    const { store, append } = await ingested(base);
    const { written } = await append([row('AAA', '2020-01-02', 11)]);
    expect(written).toMatchObject({ version: store.resolve('us').version, alreadyPresent: true });
  });

  it.each(['fail', 'fill'] as const)('refuses a gap between the two where missing is %s', async (missing) => {
    const { append } = await ingested(base);
    await expect(append([row('AAA', '2020-01-05', 12)], { missing, frequency: '1d' })).rejects.toMatchObject({
      code: 'APPEND_GAP',
      message: expect.stringContaining('2 are missing: 2020-01-03, 2020-01-04'),
    });
    const { written } = await append([row('AAA', '2020-01-03', 12)], { missing, frequency: '1d' });
    expect(written.alreadyPresent).toBe(false);
  });

  it('takes currency and calendar from the bundle', async () => {
    const { store, append } = await ingested([row('AAA', '2020-01-02', 1), row('AAA', '2020-01-03', 2)], {
      calendar: 'XNYS',
      currency: 'EUR',
    });
    const { report } = await append([row('AAA', '2020-01-06', 3)]);
    expect(report.assets[0]).toMatchObject({ calendar: 'XNYS', calendarReason: 'as in the bundle' });
    using bundle = openBundle(store.resolve('us').directory);
    expect(bundle.assets[0]!.currency).toBe('EUR');
  });

  it('needs a bundle', async () => {
    const store = temporaryStore();
    await expect(extendBundle(store, 'us', { files: ['a.csv'] })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
  });

  it('is told when another ingest was faster', async () => {
    const { store } = await ingested(base);
    const { directory, version } = store.resolve('us');
    using bundle = openBundle(directory);
    const day = { calendar: '24/7', frequency: '1d' as const, times: Float64Array.of(Date.UTC(2020, 0, 4)) };
    const { draft, known } = mergeDraft(bundle, {
      splits: [],
      dividends: [],
      groups: [{ ...day, assets: [assetDraft('AAA', [12])] }],
    });
    const other = await writeBundle(store, 'us', dailyDraft([assetDraft('ZZZ', [1])]), { durable: false });
    await expect(
      writeBundle(store, 'us', draft, { durable: false }, { version, directory, manifest: bundle.manifest, known }),
    ).rejects.toMatchObject({ code: 'APPEND_OVERTAKEN', exitCode: 1 });
    expect(store.resolve('us').version).toBe(other.version);
    expect(readdirSync(store.temporaryDirectory)).toEqual([]);
  });

  it('lets two processes add to one bundle at once: no row is lost', async () => {
    const folder = temporaryFolder();
    const root = join(folder, 'home');
    const store = new BundleStore(root);
    const label = (number: number): string => new Date(Date.UTC(2020, 0, 1) + number * DAY).toISOString().slice(0, 10);
    writeFileSync(join(folder, 'base.csv'), csv([row('AAA', label(0), 1), row('AAA', label(1), 1)]));
    const { draft } = await buildDraft({ files: [join(folder, 'base.csv')], calendar: '24/7' });
    await writeBundle(store, 'us', draft);
    const script = (symbol: string): string => `
      import { writeFileSync } from 'node:fs';
      import { BundleStore } from './src/data/store.ts';
      import { extendBundle } from './src/data/ingest/extend-bundle.ts';
      const label = (number) => new Date(Date.UTC(2020, 0, 1) + number * 86400000).toISOString().slice(0, 10);
      for (let n = 1; n <= 8; n++) {
        const file = ${JSON.stringify(join(folder, symbol))} + n + '.csv';
        writeFileSync(file, 'symbol,date,open,high,low,close,volume\\n${symbol},' + label(n) + ',1,1,1,1,' + n + '\\n');
        for (;;) {
          try {
            await extendBundle(new BundleStore(${JSON.stringify(root)}), 'us', { files: [file], frequency: '1d' });
            break;
          } catch (error) {
            if (error.code !== 'APPEND_OVERTAKEN') throw error;
          }
        }
      }`;
    const runs = await Promise.all([runModule(script('BBB')), runModule(script('CCC'))]);
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    using bundle = openBundle(store.resolve('us').directory);
    expect(bundle.assets.map(({ symbol }) => symbol)).toEqual(['AAA', 'BBB', 'CCC']);
    for (const symbol of ['BBB', 'CCC']) {
      const listing = bundle.groups[0]!.listings.find(({ asset }) => asset.symbol === symbol)!;
      expect([...listing.column('volume')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
    await store.verify('us');
  });

  it('leaves no trace of a process that was killed at any moment, after the next start', async () => {
    const folder = temporaryFolder();
    const root = join(folder, 'home');
    const store = new BundleStore(root);
    const base = await writeBundle(store, 'us', minutes(0, 6 * BLOCK_ROWS));
    const before = filesUnder(root);
    const lines = Array.from({ length: 60_000 }, (_, at) => {
      const time = new Date((6 * BLOCK_ROWS + at) * 60_000).toISOString();
      return `BTC,${time},5,5,5,5,1`;
    });
    writeFileSync(join(folder, 'more.csv'), csv(lines));
    let killed = 0;
    for (let attempt = 0; attempt < 5; attempt++) {
      let begun: number | undefined;
      const { code, stderr } = await runModule(
        `
        import { BundleStore } from './src/data/store.ts';
        import { extendBundle } from './src/data/ingest/extend-bundle.ts';
        console.log('begun');
        await extendBundle(new BundleStore(${JSON.stringify(root)}), 'us', { files: [${JSON.stringify(join(folder, 'more.csv'))}] });
        console.log('done');`,
        {
          // At other moments of the reading in the first attempts, of the writing in the last.
          killWhen: (stdout) => {
            if (stdout.includes('begun')) begun ??= performance.now();
            if (begun === undefined) return false;
            if (attempt < 3) return performance.now() - begun > 150 * attempt;
            return filesUnder(root).some((file) => file.includes('.tmp') && file.endsWith('.close.f64'));
          },
        },
      );
      if (code !== 'SIGKILL') expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      else killed++;
      const after = new BundleStore(root);
      if (after.resolve('us').version === base.version) expect(filesUnder(root)).toEqual(before);
      else {
        // The kill came after the commit: the version is whole.
        await after.verify('us');
        break;
      }
    }
    expect(killed).toBeGreaterThan(0);
    const { written } = await extendBundle(store, 'us', { files: [join(folder, 'more.csv')] });
    await store.verify(`us@${written.version}`);
  });
});

describe('withCommitLock', () => {
  it('lets one in at a time, and replaces a holder that died', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'us.lock');
    writeFileSync(file, `${owner()}~999999~12345`);
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        withCommitLock(folder, 'us', async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is gone from a store at its next start, where its holder died', () => {
    const store = temporaryStore();
    mkdirSync(store.temporaryDirectory, { recursive: true });
    writeFileSync(join(store.temporaryDirectory, 'us.lock'), `${owner()}~999999~12345`);
    appendFileSync(join(store.temporaryDirectory, 'them.lock'), `elsewhere~1~1`);
    new BundleStore(join(store.directory, '..'));
    expect(readdirSync(store.temporaryDirectory)).toEqual(['them.lock']);
  });
});

/** This machine, as owners are named. */
function owner(): string {
  const store = temporaryStore();
  let found = '';
  void withCommitLock(store.temporaryDirectory, 'probe', async () => {
    found = readFileSync(join(store.temporaryDirectory, 'probe.lock'), 'utf8').split('~')[0]!;
  });
  return found;
}

describe('longer bars that were made', () => {
  const hourly = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, hour) => {
      const time = new Date(Date.UTC(2024, 0, 1) + (from + hour) * 3_600_000).toISOString();
      return row('BTC', `${time.slice(0, 16)}Z`, 100 + ((from + hour) % 11));
    });

  /** Stores hours with days and weeks made of them, adds hours, and returns both versions, and that of all hours at once. */
  async function extended(
    lengths: readonly Frequency[],
    alter: (draft: BundleDraft) => BundleDraft = (draft) => draft,
  ) {
    const { store, append } = await ingested(hourly(0, 60), { frequency: '1h' });
    const resample = async (name: string): Promise<string> => {
      using bundle = openBundle(store.resolve(name).directory);
      return (await writeBundle(store, name, alter(resampledDraft(bundle, lengths)), { durable: false })).version;
    };
    await resample('us');
    const { written } = await append(hourly(60, 200), { frequency: '1h' });
    const whole = await ingested(hourly(0, 200), { frequency: '1h' });
    using all = openBundle(whole.store.resolve('us').directory);
    return { written, once: bundleVersion(layOut(resampledDraft(all, lengths)).manifest) };
  }

  it('are made anew from the rows that were added, each length from bars that have them', async () => {
    const { written, once } = await extended(['2h', '1d', '1w']);
    expect(written.version).toBe(once);
  });

  it('stay as they are where they were not made of the shorter ones', async () => {
    const { written } = await extended(['1d'], (draft) => ({
      ...draft,
      groups: draft.groups.map((group) =>
        group.frequency === '1d'
          ? { ...group, assets: [{ ...group.assets[0]!, columns: doubled(group.assets[0]!.columns) }] }
          : group,
      ),
    }));
    using bundle = openBundle(written.directory);
    expect(bundle.groups.map(({ frequency, times }) => [frequency, times.length]).sort()).toEqual([
      ['1d', 3],
      ['1h', 200],
    ]);
  });

  const doubled = (columns: BundleDraft['groups'][number]['assets'][number]['columns']) =>
    Object.fromEntries(Object.entries(columns).map(([field, values]) => [field, values.map((value) => value * 2)]));

  it('of which one is replaced are not made of others that are replaced too', async () => {
    const { store, append } = await ingested(hourly(0, 60), { frequency: '1h' });
    using before = openBundle(store.resolve('us').directory);
    const stale = resampledDraft(before, ['2h', '1d']);
    await append(hourly(60, 200), { frequency: '1h' });
    using after = openBundle(store.resolve('us').directory);
    const fresh = resampledDraft(after, ['2h', '1d']);
    const mixed = [...fresh.groups.filter(({ frequency }) => frequency === '1h'), ...stale.groups.slice(1)];
    using bundle = await bundleFromColumns({ ...fresh, groups: mixed });
    const replaced = resampledDraft(bundle, ['1d', '2h'], { replace: true });
    expect(bundleVersion(layOut(replaced).manifest)).toBe(bundleVersion(layOut(fresh).manifest));
  });
});

describe('facts of an asset that an append tells', () => {
  it.each([
    ['tick', '0.25', '0.01', /AAA has tick 0\.01 and would get rows with tick 0\.25/],
    ['lot', '10', '0.00000001', /AAA has lot 1e-8 and would get rows with lot 10/],
    ['multiplier', '50', '1', /AAA has multiplier 1 and would get rows with multiplier 50/],
  ])(
    'are refused where the bundle has another %s (%s), and taken where it has the same',
    async (fact, value, same, message) => {
      const { store, append } = await ingested([row('AAA', '2024-01-01', '10.25')]);
      const assets = join(temporaryFolder(), 'assets.csv');
      const tell = (told: string): void => writeFileSync(assets, `symbol,${fact}\nAAA,${told}\n`);
      const more = [row('AAA', '2024-01-02', '10.50')];
      const before = store.resolve('us').version;
      tell(value);
      await expect(append(more, { assets })).rejects.toThrow(message);
      expect(store.resolve('us').version).toBe(before);
      tell(same);
      await expect(append(more, { assets })).resolves.toMatchObject({ written: { alreadyPresent: false } });
    },
  );
});
