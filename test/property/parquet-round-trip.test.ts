import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import { buildDraft } from '../../src/data/ingest/ingest.js';
import { layOut } from '../../src/data/layout.js';
import { bundleVersion } from '../../src/data/version.js';
import { exportBundle } from '../../src/export/export-bundle.js';
import { makeFolder } from '../helpers/folders.js';

const folder = makeFolder();
afterAll(() => folder.remove());

const START = Date.UTC(2020, 0, 1);
const STEP = { '1d': 86_400_000, '1m': 60_000 } as const;

const bar = fc.record({
  symbol: fc.constantFrom('AAA', 'B,B', 'ÄÖ'),
  row: fc.nat(39),
  cents: fc.integer({ min: 1, max: 1_000_000_000 }),
  decimals: fc.constantFrom(0, 2, 4),
  volume: fc.nat(2 ** 50),
});

describe('a bundle of CSV', () => {
  it('has the same version when it comes back from Parquet, whatever the order of files, and another when a value changes', async () => {
    let number = 0;
    const property = fc.asyncProperty(
      fc.constantFrom('1d', '1m'),
      fc.uniqueArray(bar, { minLength: 2, maxLength: 25, selector: ({ symbol, row }) => `${symbol} ${row}` }),
      fc.nat(),
      async (frequency, bars, which) => {
        const place = join(folder.path, String(number++));
        mkdirSync(place);
        const sorted = [...bars].sort((a, b) => a.row - b.row);
        const write = (name: string, rows: typeof bars): string => {
          const lines = rows.map(({ symbol, row, cents, decimals, volume }) => {
            const time = new Date(START + row * STEP[frequency]).toISOString();
            const price = (cents / 10 ** decimals).toFixed(decimals);
            const when = frequency === '1d' ? time.slice(0, 10) : time;
            return `"${symbol}",${when},${price},${price},${price},${price},${volume}`;
          });
          writeFileSync(join(place, name), `symbol,date,open,high,low,close,volume\n${lines.join('\n')}\n`);
          return join(place, name);
        };
        const options = { calendar: '24/7', frequency } as const;
        const half = Math.ceil(sorted.length / 2);
        const parts = [write('z.csv', sorted.slice(0, half)), write('a.csv', sorted.slice(half))];
        const { draft } = await buildDraft({ files: [write('all.csv', sorted)], ...options });
        const version = bundleVersion(layOut(draft).manifest);
        if (half < sorted.length) {
          const split = await buildDraft({ files: parts, ...options });
          expect(bundleVersion(layOut(split.draft).manifest)).toBe(version);
        }

        using bundle = await bundleFromColumns(draft, { sharing: 'shared' });
        expect(bundle.version).toBe(version);
        const { name } = (await exportBundle(bundle, place)).find((file) => file.name.startsWith('bars'))!;
        const again = await buildDraft({ files: [join(place, name)], ...options });
        expect(bundleVersion(layOut(again.draft).manifest)).toBe(version);

        const at = which % sorted.length;
        const changed = sorted.map((one, index) => (index === at ? { ...one, volume: one.volume + 1 } : one));
        const other = await buildDraft({ files: [write('changed.csv', changed)], ...options });
        expect(bundleVersion(layOut(other.draft).manifest)).not.toBe(version);
        rmSync(place, { recursive: true });
      },
    );
    await fc.assert(property, { numRuns: 1000 });
  }, 600_000);
});
