import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sharing } from '../../src/data/bundle.js';
import { ALIGNMENT, WindowPlan } from '../../src/data/column-memory.js';
import { type BundleManifest, type ColumnRecord, fileSizes } from '../../src/data/manifest.js';
import { MappedMemory } from '../../src/data/mapped-memory.js';
import { defaultSharing } from '../../src/data/reader.js';
import { readShared, SharedMemory } from '../../src/data/shared-memory.js';
import { temporaryFolder } from '../helpers/bundle-draft.js';
import { runModule } from '../helpers/run-module.js';
import { columnMemoryContract } from './column-memory-contract.js';

const canMap = defaultSharing() === 'mapped';

for (const sharing of ['mapped', 'shared', 'copied'] as const) {
  if (sharing !== 'mapped' || canMap) columnMemoryContract(sharing);
}

/** Opens a bundle in this process, then in a thread of its own that writes into a view, sums, restores and sums again. */
const threads = (sharing: Sharing | 'default'): string => `
  import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
  import { bundleFromColumns } from './src/data/ephemeral.ts';
  import { openBundle } from './src/data/reader.ts';
  import { smallDraft } from './test/helpers/bundle-draft.ts';
  const closes = (bundle) => bundle.groups[0].listings.map((listing) => [...listing.column('close')].map(String));
  if (isMainThread) {
    using bundle = await bundleFromColumns(smallDraft(), ${sharing === 'default' ? '{}' : `{ sharing: '${sharing}' }`});
    const results = await Promise.all([1, 2].map((n) => new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { n, handle: bundle.handle } });
      worker.once('message', resolve);
      worker.once('error', reject);
    })));
    console.log(JSON.stringify({ sharing: bundle.sharing, handle: bundle.handle.sharing, results, own: closes(bundle) }));
  } else {
    using bundle = openBundle(workerData.handle);
    bundle.groups[0].listings[0].view('close', 0, 3).fill(workerData.n);
    bundle.restore();
    parentPort.postMessage(closes(bundle));
  }`;

const CLOSES = [
  ['20', '21', '22'],
  ['10', '11', 'NaN', '13', '14'],
];

describe('threads', () => {
  it.each(canMap ? (['mapped', 'shared', 'copied'] as const) : (['shared', 'copied'] as const))(
    '%s: what one thread writes reaches no other',
    async (sharing) => {
      const { stdout, stderr } = await runModule(threads(sharing));
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({ sharing, handle: sharing, results: [CLOSES, CLOSES], own: CLOSES });
    },
  );

  it('HINDCAST_NO_MMAP=1 shares memory instead of files', async () => {
    const { stdout } = await runModule(threads('default'), { env: { HINDCAST_NO_MMAP: '1' } });
    expect(JSON.parse(stdout)).toEqual({ sharing: 'shared', handle: 'shared', results: [CLOSES, CLOSES], own: CLOSES });
  });

  it('without koffi, memory is shared instead of files, and mapped is refused by name', async () => {
    const hook = join(temporaryFolder(), 'no-koffi.cjs');
    writeFileSync(
      hook,
      `const Module = require('node:module');
       const resolve = Module._resolveFilename;
       Module._resolveFilename = function (request, ...rest) {
         if (request === 'koffi') throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
         return resolve.call(this, request, ...rest);
       };`,
    );
    const run = await runModule(threads('default'), { flags: ['--require', hook] });
    expect(JSON.parse(run.stdout)).toEqual({
      sharing: 'shared',
      handle: 'shared',
      results: [CLOSES, CLOSES],
      own: CLOSES,
    });
    const refused = await runModule(threads('mapped'), { flags: ['--require', hook] });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('MAP_UNAVAILABLE');
  });
});

describe('windows of a file', () => {
  const record = (offset: number, rows: number): ColumnRecord => ({ file: 'a.f64', offset, rows, blocks: [] });
  /** A manifest of one file whose columns have the given lengths. */
  const manifestOf = (lengths: readonly number[]): { manifest: BundleManifest; columns: ColumnRecord[] } => {
    const columns = lengths.map((rows, i) => record(8 * lengths.slice(0, i).reduce((a, b) => a + b, 0), rows));
    const [times, opens, closes, ...rest] = columns;
    const listings = rest.map((column) => ({ sid: 0, first: 0, end: column.rows, columns: { close: column } }));
    const group = { calendar: '24/7', frequency: '1d' as const, rows: 1, start: 0, end: 0, listings };
    const manifest = {
      formatVersion: 2,
      blockRows: 65_536,
      synthetic: false,
      assets: [{ sid: 0, symbol: 'A' }],
      calendars: [],
      groups: [{ ...group, times, opens, closes }],
      splits: [],
      dividends: [],
    } as unknown as BundleManifest;
    return { manifest, columns };
  };

  it('never part a column, begin where a page may begin, and stay below the limit', () => {
    const { manifest, columns } = manifestOf([10_000, 3, 20_000, 16_000, 40_000, 1, 9_999]);
    const limit = 6 * ALIGNMENT;
    const plan = new WindowPlan(manifest, limit);
    expect(plan.windows.length).toBeGreaterThan(1);
    for (const { start, bytes } of plan.windows)
      expect({ page: start % ALIGNMENT, fits: bytes <= limit }).toEqual({ page: 0, fits: true });
    for (const column of columns) {
      const { start, bytes } = plan.windowOf(column);
      expect(start <= column.offset && column.offset + column.rows * 8 <= start + bytes).toBe(true);
    }
  });

  it('are read alike by mapped and shared memory when there are several', () => {
    const { manifest, columns } = manifestOf([10_000, 3, 20_000, 16_000, 40_000, 1, 9_999]);
    const folder = temporaryFolder();
    const all = Float64Array.from({ length: 96_003 }, (_, row) => row);
    writeFileSync(join(folder, 'a.f64'), new Uint8Array(all.buffer));
    const plan = new WindowPlan(manifest, 6 * ALIGNMENT);
    const sizes = fileSizes(manifest);
    const memories = [new SharedMemory(plan, readShared(folder, plan, sizes))];
    for (const memory of canMap ? [...memories, new MappedMemory(folder, plan, sizes)] : memories) {
      for (const column of columns) {
        const values = memory.column(column);
        expect([values.length, values[0], values.at(-1)]).toEqual([
          column.rows,
          column.offset / 8,
          column.offset / 8 + column.rows - 1,
        ]);
      }
      memory.close();
    }
  });

  it('refuse a column that no window holds', () => {
    const { manifest } = manifestOf([1, 1, 1, 2 ** 28 + 1]);
    expect(() => new WindowPlan(manifest)).toThrow(expect.objectContaining({ code: 'COLUMN_TOO_LARGE' }));
  });

  it.runIf(canMap)('reach beyond 2 GiB of a file', () => {
    // Sparse: the file has 3 GiB and a few pages on disk.
    const { manifest, columns } = manifestOf([1, 1, 1, 2 ** 27, 2 ** 27, 2 ** 27]);
    const folder = temporaryFolder();
    const file = openSync(join(folder, 'a.f64'), 'w');
    const last = columns.at(-1)!;
    writeSync(file, new Uint8Array(Float64Array.of(42).buffer), 0, 8, last.offset + (last.rows - 1) * 8);
    closeSync(file);
    const memory = new MappedMemory(folder, new WindowPlan(manifest), fileSizes(manifest));
    const column = memory.column(last);
    expect([column.length, column[0], column.at(-1)]).toEqual([2 ** 27, 0, 42]);
    const view = memory.viewable(last);
    view[0] = 7;
    expect([view[0], view.at(-1), column[0]]).toEqual([7, 42, 0]);
    memory.restore();
    expect([view[0], view.at(-1)]).toEqual([0, 42]);
    memory.close();
  });
});

describe.runIf(canMap)('mappings', () => {
  it('of threads that are terminated while they read and write harm nobody', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
      import { bundleFromColumns } from './src/data/ephemeral.ts';
      import { openBundle } from './src/data/reader.ts';
      import { smallDraft } from './test/helpers/bundle-draft.ts';
      if (isMainThread) {
        using bundle = await bundleFromColumns(smallDraft(), { sharing: 'mapped' });
        const [listing] = bundle.groups[0].listings;
        for (let n = 0; n < 8; n++) {
          const workers = [1, 2].map(() => new Worker(new URL(import.meta.url), { workerData: bundle.handle }));
          await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
          await Promise.all(workers.map((worker) => worker.terminate()));
        }
        console.log(JSON.stringify([...listing.column('close')]));
      } else {
        const bundle = openBundle(workerData);
        const view = bundle.groups[0].listings[0].view('close', 0, 3);
        parentPort.postMessage('reading');
        for (let n = 0; ; n++) {
          view.fill(n);
          if (n % 1000 === 0) bundle.restore();
        }
      }`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[20,21,22]\n', stderr: '' });
  });

  it('are given back when nobody can read them any more', async () => {
    const { stdout, stderr } = await runModule(
      `
      import { readFileSync } from 'node:fs';
      import { bundleFromColumns } from './src/data/ephemeral.ts';
      import { smallDraft } from './test/helpers/bundle-draft.ts';
      const mapped = () => readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => line.includes('.f64')).length;
      const counts = [];
      {
        const bundle = await bundleFromColumns(smallDraft(), { sharing: 'mapped' });
        bundle.groups[0].listings[0].column('close');
        bundle.groups[0].listings[1].column('open');
        counts.push(mapped());
        bundle[Symbol.dispose]();
      }
      for (let round = 0; round < 50 && mapped() > 0; round++) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      console.log(JSON.stringify([...counts, mapped()]));`,
      { flags: ['--expose-gc'] },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([2, 0]);
  });
});
