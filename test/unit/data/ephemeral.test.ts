import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { openBundle } from '../../../src/data/reader.js';
import { smallDraft, temporaryFolder } from '../../helpers/bundle-draft.js';
import { filesUnder, runModule } from '../../helpers/run-module.js';

/** Holds an ephemeral bundle open, prints its folder, then does what it is told. */
const holder = (then: string): string => `
  import { bundleFromColumns, ephemeralDirectory } from './src/data/ephemeral.ts';
  import { smallDraft } from './test/helpers/bundle-draft.ts';
  const bundle = await bundleFromColumns(smallDraft(), { sharing: 'copied' });
  console.log(ephemeralDirectory());
  ${then}`;
const WAIT = 'setInterval(() => bundle.name, 1000);';

describe('bundleFromColumns', () => {
  it('makes a bundle like any other, and removes it on disposal', async () => {
    let directory: string;
    {
      using bundle = await bundleFromColumns({ ...smallDraft(), synthetic: true }, { name: 'made', sharing: 'copied' });
      expect([bundle.name, bundle.version.length, bundle.manifest.synthetic]).toEqual(['made', 64, true]);
      expect([...bundle.groups[0]!.listings[0]!.column('close')]).toEqual([20, 21, 22]);
      ({ directory } = bundle.handle as { directory: string });
      using other = openBundle(directory);
      expect(other.version).toBe(bundle.version);
      expect(existsSync(directory)).toBe(true);
    }
    expect(existsSync(directory)).toBe(false);
  });

  it('makes a shared bundle without a folder, equal to one that lay in files', async () => {
    using inFiles = await bundleFromColumns(smallDraft(), { sharing: 'copied' });
    using inMemory = await bundleFromColumns(smallDraft(), { sharing: 'shared' });
    expect([inMemory.version, inMemory.manifest]).toEqual([inFiles.version, inFiles.manifest]);
    const columnsOf = ({ groups }: Bundle) =>
      groups.map(({ times, opens, closes, listings }) => [
        ...[times, opens, closes],
        ...listings.map((listing) => listing.fields.map((field) => listing.column(field))),
      ]);
    expect(columnsOf(inMemory)).toEqual(columnsOf(inFiles));
    expect(inMemory.calendars.map(({ name }) => name)).toEqual(inFiles.calendars.map(({ name }) => name));
    const env = { TMPDIR: temporaryFolder() };
    const { stdout } = await runModule(
      `
      import { bundleFromColumns, ephemeralDirectory } from './src/data/ephemeral.ts';
      import { smallDraft } from './test/helpers/bundle-draft.ts';
      import { filesUnder } from './test/helpers/run-module.ts';
      using bundle = await bundleFromColumns(smallDraft(), { sharing: 'shared' });
      console.log(JSON.stringify([filesUnder(ephemeralDirectory()), [...bundle.groups[0].listings[0].column('close')]]));`,
      { env },
    );
    expect(JSON.parse(stdout)).toEqual([[], [20, 21, 22]]);
  });

  it('leaves nothing when the draft is refused', async () => {
    const env = { TMPDIR: temporaryFolder() };
    const { stdout } = await runModule(
      `
      import { bundleFromColumns } from './src/data/ephemeral.ts';
      import { smallDraft } from './test/helpers/bundle-draft.ts';
      await bundleFromColumns({ ...smallDraft(), groups: [] }).catch(({ code }) => console.log(code));
      console.log(process.listenerCount('SIGINT'));`,
      { env },
    );
    expect(stdout).toBe('DRAFT_INVALID\n0\n');
    expect(filesUnder(env.TMPDIR)).toEqual([]);
  });

  it.each<[string, string, NodeJS.Signals | undefined, number | string]>([
    ['the process ends with the bundle open', '', undefined, 0],
    ['the program fails', 'throw new Error("at bar 700");', undefined, 1],
    ['the process is told to exit', 'process.exit(3);', undefined, 3],
    ['the user presses Ctrl-C', WAIT, 'SIGINT', 'SIGINT'],
    ['the process is terminated', WAIT, 'SIGTERM', 'SIGTERM'],
    [
      'the program ends by its own handler of a signal',
      `process.on('SIGTERM', () => process.exit(4)); ${WAIT}`,
      'SIGTERM',
      4,
    ],
  ])('is removed when %s', async (_, then, signal, expected) => {
    const env = { TMPDIR: temporaryFolder() };
    const killed = signal === undefined ? {} : { signal, killWhen: (stdout: string) => stdout !== '' };
    const { code, stdout } = await runModule(holder(then), { env, ...killed });
    expect(code).toBe(expected);
    expect(stdout).toContain(env.TMPDIR);
    expect(filesUnder(env.TMPDIR)).toEqual([]);
  });

  it('is removed by the next start when the process was killed', async () => {
    const env = { TMPDIR: temporaryFolder() };
    const { code, stdout } = await runModule(holder(WAIT), { env, killWhen: (text) => text !== '' });
    expect(code).toBe('SIGKILL');
    expect(filesUnder(env.TMPDIR).length).toBeGreaterThan(5);
    await runModule(holder(''), { env });
    expect(readdirSync(stdout.trim())).toEqual([]);
  });
});
