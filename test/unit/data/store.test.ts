import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BundleDraft } from '../../../src/data/draft.js';
import { openBundle } from '../../../src/data/reader.js';
import { BundleStore } from '../../../src/data/store.js';
import { VersionLog } from '../../../src/data/version-log.js';
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

const oneAsset = (...close: number[]): BundleDraft => dailyDraft([assetDraft('AAA', close)]);

describe('BundleStore', () => {
  it('finds the newest version of a name, and any version by the beginning of its hash', async () => {
    const store = temporaryStore();
    const first = await writeBundle(store, 'us', oneAsset(1, 2));
    const second = await writeBundle(store, 'us', oneAsset(1, 3));
    expect(store.resolve('us')).toEqual({ name: 'us', version: second.version, directory: second.directory });
    expect(store.resolve(`us@${first.version.slice(0, 8)}`).directory).toBe(first.directory);
    expect(store.resolve(`us@${first.version}`).directory).toBe(first.directory);
    await writeBundle(store, 'us', oneAsset(1, 2));
    expect(store.resolve('us').version).toBe(first.version);
    expect(store.versionsOf('us').map(({ version }) => version)).toEqual([second.version, first.version]);
  });

  it('orders versions whose history is lost by their age, before all others', async () => {
    const store = temporaryStore();
    const [old, young, last] = [
      await writeBundle(store, 'us', oneAsset(1)),
      await writeBundle(store, 'us', oneAsset(2)),
      await writeBundle(store, 'us', oneAsset(3)),
    ];
    const log = new VersionLog(join(store.directory, 'us'));
    for (const entry of log.entries()) if (entry.version !== last.version) log.remove(entry);
    utimesSync(old.directory, 1000, 1000);
    utimesSync(young.directory, 2000, 2000);
    expect(store.versionsOf('us').map(({ version }) => version)).toEqual([old.version, young.version, last.version]);
  });

  it('ignores an entry whose version never came into place', async () => {
    const store = temporaryStore();
    const { version } = await writeBundle(store, 'us', oneAsset(1));
    new VersionLog(join(store.directory, 'us')).append('f'.repeat(64));
    new VersionLog(join(store.directory, 'ghost')).append('f'.repeat(64));
    expect(store.resolve('us').version).toBe(version);
    expect(store.names()).toEqual(['us']);
  });

  it('says what is here when a bundle is not', async () => {
    const store = temporaryStore();
    expect(() => store.resolve('us')).toThrow(
      /No bundle named 'us'. No bundle is ingested here yet. Ingest it: hindcast ingest csv FILES --bundle us/,
    );
    await writeBundle(store, 'us-daily', oneAsset(1));
    await writeBundle(store, 'crypto', oneAsset(1));
    expect(() => store.resolve('us-dayly')).toThrow(/Did you mean 'us-daily'\? Ingested here: crypto, us-daily\./);
    expect(() => store.resolve('us-dayly')).toThrow(expect.objectContaining({ code: 'BUNDLE_NOT_FOUND', exitCode: 2 }));
    expect(() => store.resolve('crypto@00ff')).toThrow(/has no version '00ff'. Versions: [0-9a-f]{12}\./);
    expect(() => store.resolve('../crypto')).toThrow(expect.objectContaining({ code: 'BUNDLE_NAME' }));
  });

  it('asks for more digits when a prefix fits several versions', async () => {
    const store = temporaryStore();
    // 17 versions have two that begin with the same of 16 digits.
    for (let close = 1; close <= 17; close++) await writeBundle(store, 'us', oneAsset(close));
    const firsts = store.versionsOf('us').map(({ version }) => version[0]!);
    const twice = firsts.find((digit, i) => firsts.indexOf(digit) !== i)!;
    expect(() => store.resolve(`us@${twice}`)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_AMBIGUOUS', exitCode: 2 }),
    );
  });

  it('lists names with their assets, rows, range, bytes and versions', async () => {
    const store = temporaryStore();
    expect(store.list()).toEqual([]);
    await writeBundle(store, 'us', oneAsset(1));
    const { version, directory } = await writeBundle(store, 'us', { ...smallDraft(), synthetic: true });
    const [summary] = store.list();
    expect(summary).toMatchObject({
      name: 'us',
      newest: version,
      assets: ['AAA', 'BBB'],
      rows: 8,
      synthetic: true,
      damaged: undefined,
      groups: [{ calendar: '24/7', frequency: '1d', assets: 2, rows: 8, start: days(5)[0], end: days(5)[4] }],
    });
    expect(summary!.versions).toHaveLength(2);
    expect(summary!.bytes).toBeGreaterThan(directory.length);
    const manifest = join(directory, 'manifest.json');
    chmodSync(manifest, 0o644);
    writeFileSync(manifest, '{');
    expect(store.list()[0]!.damaged).toMatch(/not JSON/);
  });

  it('removes all but the newest version, while a reader keeps what it opened', async () => {
    const store = temporaryStore();
    const old = await writeBundle(store, 'us', oneAsset(1, 2));
    using bundle = openBundle(old.directory);
    const column = bundle.groups[0]!.listings[0]!.column('close');
    const { version } = await writeBundle(store, 'us', oneAsset(1, 3));
    await writeBundle(store, 'eu', oneAsset(1, 3));
    const before = store.list().reduce((sum, { bytes }) => sum + bytes, 0);
    const { bytesFreed, removed } = store.clean();
    expect(removed).toEqual([{ name: 'us', version: old.version }]);
    expect(store.list().reduce((sum, { bytes }) => sum + bytes, 0)).toBe(before - bytesFreed);
    expect(store.versionsOf('us').map((stored) => stored.version)).toEqual([version]);
    expect(readdirSync(join(store.directory, 'us', 'log'))).toHaveLength(1);
    expect([...column]).toEqual([1, 2]);
    expect(store.clean()).toEqual({ bytesFreed: 0, removed: [] });
  });

  it('removes what dead writers left and keeps what it does not know', () => {
    const root = temporaryFolder();
    const store = new BundleStore(root);
    const dead = spawnSync('true').pid;
    const host = spawnSync('hostname').stdout.toString().trim();
    mkdirSync(join(store.temporaryDirectory, `${host}~${dead}~0~abc`), { recursive: true });
    writeFileSync(join(store.temporaryDirectory, `${host}~${dead}~0~abc`, 'x.f64'), 'x');
    // The id of a living process that began at another time: the id was given to a second process.
    mkdirSync(join(store.temporaryDirectory, `${host}~${process.pid}~1~abc`));
    mkdirSync(join(store.temporaryDirectory, `elsewhere~1~0~young`));
    mkdirSync(join(store.temporaryDirectory, `elsewhere~1~0~old`));
    utimesSync(join(store.temporaryDirectory, `elsewhere~1~0~old`), 1000, 1000);
    mkdirSync(join(store.temporaryDirectory, 'mine'));
    new BundleStore(root);
    expect(readdirSync(store.temporaryDirectory)).toEqual(['elsewhere~1~0~young', 'mine']);
  });

  it('lies under HINDCAST_HOME, else in the home directory', () => {
    const { HINDCAST_HOME } = process.env;
    onTestFinished(() => {
      if (HINDCAST_HOME === undefined) delete process.env.HINDCAST_HOME;
      else process.env.HINDCAST_HOME = HINDCAST_HOME;
    });
    process.env.HINDCAST_HOME = '/somewhere';
    expect(new BundleStore().directory).toBe('/somewhere/bundles');
    delete process.env.HINDCAST_HOME;
    expect(new BundleStore().directory).toMatch(/\.hindcast\/bundles$/);
  });
});

describe('a store that cannot be written', () => {
  const write = (root: string, rows: number): string => `
    import { BundleStore } from './src/data/store.ts';
    import { writeBundle } from './src/data/writer.ts';
    import { assetDraft, dailyDraft } from './test/helpers/bundle-draft.ts';
    if (process.env.AS_NOBODY) process.setuid(65534);
    const draft = dailyDraft([assetDraft('AAA', Array.from({ length: ${rows} }, (_, row) => row + 1))]);
    await writeBundle(new BundleStore(${JSON.stringify(root)}), 'us', draft).then(
      () => console.log('written'),
      ({ name, code, exitCode, message }) => console.log(JSON.stringify({ name, code, exitCode, message })));`;
  const isRoot = process.getuid?.() === 0;

  it.runIf(process.platform === 'linux')('is as it was when no permission was given', async () => {
    const root = temporaryFolder();
    await writeBundle(new BundleStore(root), 'us', smallDraft());
    const before = filesUnder(root);
    for (const folder of [root, join(root, 'bundles'), join(root, 'bundles', '.tmp')]) chmodSync(folder, 0o555);
    const { stdout } = await runModule(write(root, 3), { env: isRoot ? { AS_NOBODY: '1' } : {} });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'RunError', code: 'NO_PERMISSION', exitCode: 1 });
    expect(JSON.parse(stdout).message).toContain('HINDCAST_HOME');
    for (const folder of [root, join(root, 'bundles'), join(root, 'bundles', '.tmp')]) chmodSync(folder, 0o755);
    expect(filesUnder(root)).toEqual(before);
  });

  it.runIf(process.platform === 'linux')('is as it was when the disk is full', async () => {
    const root = temporaryFolder();
    await writeBundle(new BundleStore(root), 'us', smallDraft());
    const before = filesUnder(root);
    // A limit on the size of files stands for the end of the disk: the write that crosses it fails in the same place.
    const { stdout } = await runModule(write(root, 20_000), { shell: 'trap "" XFSZ; ulimit -f 64; exec "$@"' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'RunError', code: 'DISK_FULL', exitCode: 1 });
    expect(JSON.parse(stdout).message).toContain('The store is unchanged');
    expect(filesUnder(root)).toEqual(before);
    await new BundleStore(root).verify('us');
  });

  const privateMounts = 'unshare -m';
  const canMount =
    isRoot && process.platform === 'linux' && spawnSync('/bin/sh', ['-c', `${privateMounts} true`]).status === 0;
  it.runIf(canMount)('is as it was when a small disk is full', async () => {
    const root = temporaryFolder();
    const shell = `${privateMounts} sh -c 'mount -t tmpfs -o size=256k tmpfs ${root} && "$@"; find ${root} -type f' sh "$@"`;
    const { stdout } = await runModule(write(root, 20_000), { shell });
    const [error, ...files] = stdout.trim().split('\n');
    expect(JSON.parse(error!)).toMatchObject({ name: 'RunError', code: 'DISK_FULL', exitCode: 1 });
    expect(files).toEqual([]);
  });

  it('is refused where a file stands in its place', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'bundles'), '');
    await expect(writeBundle(new BundleStore(root), 'us', smallDraft())).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      exitCode: 2,
    });
  });
});
