import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { extendBundle } from '../../src/data/ingest/extend-bundle.js';
import { buildDraft, type IngestOptions } from '../../src/data/ingest/ingest.js';
import { layOut } from '../../src/data/layout.js';
import { BundleStore } from '../../src/data/store.js';
import { bundleVersion } from '../../src/data/version.js';
import { writeBundle } from '../../src/data/writer.js';
import { getCalendar } from '../../src/market/calendars.js';
import { makeFolder } from '../helpers/folders.js';

const folder = makeFolder();
afterAll(() => folder.remove());

const SESSIONS = getCalendar('XNYS').sessions(Date.UTC(2020, 0, 2), Date.UTC(2020, 2, 31)).labels;
const START = Date.UTC(2020, 0, 1);

const markets = {
  'XNYS days': { calendar: 'XNYS', frequency: '1d', label: (row: number) => SESSIONS[row]! },
  'days of every day': { calendar: '24/7', frequency: '1d', label: (row: number) => START + row * 86_400_000 },
  minutes: { calendar: '24/7', frequency: '1m', label: (row: number) => START + row * 60_000 },
} as const satisfies Record<string, IngestOptions | object>;

/** A bar: whose it is, when, what it costs in hundredths, and which of the two files have it. */
const bar = fc.record({
  symbol: fc.constantFrom('AAA', 'BBB', 'CCC'),
  row: fc.nat(59),
  cents: fc.integer({ min: 1, max: 100_000 }),
  decimals: fc.constantFrom(0, 2, 3),
  where: fc.constantFrom('base', 'added', 'both'),
});
const event = fc.record({ symbol: fc.constantFrom('AAA', 'BBB'), row: fc.integer({ min: 1, max: 59 }) });

describe('a bundle to which rows are added', () => {
  it('is the one that an ingest of all rows makes', async () => {
    let number = 0;
    let extended = 0;
    const property = fc.asyncProperty(
      fc.constantFrom(...(Object.keys(markets) as (keyof typeof markets)[])),
      fc.uniqueArray(bar, { minLength: 2, maxLength: 40, selector: ({ symbol, row }) => `${symbol} ${row}` }),
      fc.uniqueArray(event, { maxLength: 3, selector: ({ symbol, row }) => `${symbol} ${row}` }),
      async (name, bars, splits) => {
        const { label, ...options } = markets[name];
        const own = bars.filter(({ where }) => where !== 'added');
        const added = bars.filter(({ where }) => where !== 'base');
        fc.pre(own.length > 0 && added.length > 0);
        const place = join(folder.path, String(number++));
        mkdirSync(place);
        const csv = (file: string, rows: typeof bars): string => {
          const lines = [...rows]
            .sort((a, b) => a.row - b.row)
            .map(({ symbol, row, cents, decimals }) => {
              const price = (cents / 10 ** decimals).toFixed(decimals);
              const time = new Date(label(row)).toISOString();
              return `${symbol},${options.frequency === '1d' ? time.slice(0, 10) : time},${price},${price},${price},${price},${row}`;
            });
          writeFileSync(join(place, file), `symbol,date,open,high,low,close,volume\n${lines.join('\n')}\n`);
          return join(place, file);
        };
        const events = splits.map(
          ({ symbol, row }) => `${symbol},${new Date(label(row)).toISOString().slice(0, 10)},2`,
        );
        writeFileSync(join(place, 'splits.csv'), ['symbol,ex_date,ratio', ...new Set(events), ''].join('\n'));
        const common = { ...options, ...(options.frequency === '1d' ? { splits: join(place, 'splits.csv') } : {}) };

        const store = new BundleStore(place);
        const base = await buildDraft({ files: [csv('base.csv', own)], ...common });
        await writeBundle(store, 'us', base.draft, { durable: false });
        const { written } = await extendBundle(
          store,
          'us',
          {
            files: [csv('added.csv', added)],
            frequency: options.frequency,
            ...('splits' in common ? { splits: common.splits } : {}),
          },
          { durable: false },
        );
        const { draft } = await buildDraft({ files: [csv('all.csv', bars)], ...common });
        expect(written.version).toBe(bundleVersion(layOut(draft).manifest));
        await store.verify('us');
        if (!written.alreadyPresent) extended++;
        rmSync(place, { recursive: true });
      },
    );
    await fc.assert(property, { numRuns: 1000 });
    expect(extended).toBeGreaterThan(500);
  }, 600_000);
});
