import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sharing } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { openBundle } from '../../../src/data/reader.js';
import { storeError } from '../../../src/data/store-error.js';
import { writeBundle } from '../../../src/data/writer.js';
import { smallDraft, temporaryFolder, temporaryStore } from '../../helpers/bundle-draft.js';
import { runModule } from '../../helpers/run-module.js';

describe('openBundle', () => {
  it('says that a directory holds no bundle', () => {
    expect(() => openBundle(temporaryFolder())).toThrow(
      expect.objectContaining({ code: 'BUNDLE_NOT_FOUND', exitCode: 2 }),
    );
  });

  it('refuses a misspelt sharing, an unknown option, and shared memory opened otherwise', async () => {
    const { directory } = await writeBundle(temporaryStore(), 'us', smallDraft());
    expect(() => openBundle(directory, { sharing: 'maped' as Sharing })).toThrow(/Did you mean 'mapped'\?/);
    expect(() => openBundle(directory, { shared: true } as object)).toThrow(/Did you mean 'sharing'\?/);
    using shared = openBundle(directory, { sharing: 'shared' });
    expect(() => openBundle(shared.handle, { sharing: 'copied' })).toThrow(
      expect.objectContaining({ code: 'SHARING_UNKNOWN' }),
    );
  });

  it('opens a handle in another way when asked to', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { sharing: 'copied' });
    using shared = openBundle(bundle.handle, { sharing: 'shared' });
    expect([bundle.sharing, shared.sharing, shared.version]).toEqual(['copied', 'shared', bundle.version]);
  });

  it('names a file that is gone', async () => {
    const { directory } = await writeBundle(temporaryStore(), 'us', smallDraft());
    rmSync(join(directory, '0-24-7-1d.low.f64'));
    using bundle = openBundle(directory, { sharing: 'copied' });
    const [listing] = bundle.groups[0]!.listings;
    expect([...listing!.column('close')]).toEqual([20, 21, 22]);
    expect(() => listing!.column('low')).toThrow(/low\.f64 is damaged: it cannot be opened \(ENOENT\)/);
  });

  it('touches no column that nobody asks for', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { sharing: 'copied' });
    const { directory } = bundle.handle as { directory: string };
    using lazy = openBundle(directory, { sharing: 'copied' });
    rmSync(directory, { recursive: true });
    expect(lazy.assets).toHaveLength(2);
    expect(() => lazy.groups[0]!.times).toThrow(expect.objectContaining({ code: 'BUNDLE_DAMAGED' }));
  });

  it('sends a few hundred bytes to a worker, whatever the size of a mapped bundle', async () => {
    const { directory } = await writeBundle(temporaryStore(), 'us', smallDraft());
    using bundle = openBundle(directory, { sharing: 'copied' });
    expect(JSON.stringify(bundle.handle).length).toBeLessThan(500);
  });
});

describe('storeError', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL', 1],
    ['EDQUOT', 'DISK_FULL', 1],
    ['EFBIG', 'DISK_FULL', 1],
    ['EACCES', 'NO_PERMISSION', 1],
    ['EPERM', 'NO_PERMISSION', 1],
    ['EROFS', 'NO_PERMISSION', 1],
    ['ENOTDIR', 'STORE_UNUSABLE', 2],
    ['EIO', 'STORE_FAILED', 1],
  ])('makes %s %s', (errno, code, exitCode) => {
    const cause = Object.assign(new Error(`${errno}: it failed`), { code: errno });
    expect(storeError(cause, 'writing', '/store')).toMatchObject({
      code,
      exitCode,
      cause,
      details: { path: '/store', errno },
    });
    expect(storeError(cause, 'writing', '/store').message).toContain('/store');
  });
});

describe('bundleFromColumns', () => {
  it('says so when the temporary folder cannot be used', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { stdout } = await runModule(
      `
      import { bundleFromColumns } from './src/data/ephemeral.ts';
      import { smallDraft } from './test/helpers/bundle-draft.ts';
      await bundleFromColumns(smallDraft()).catch(({ code }) => console.log(code));`,
      { env: { TMPDIR: file } },
    );
    expect(stdout.trim()).toBe('STORE_UNUSABLE');
  });
});
