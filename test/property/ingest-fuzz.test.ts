import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HindcastError } from '../../src/core/errors.js';
import { orderDraft } from '../../src/data/draft-order.js';
import { buildDraft, type IngestOptions } from '../../src/data/ingest/ingest.js';
import { BundleStore } from '../../src/data/store.js';
import { writeBundle } from '../../src/data/writer.js';
import { temporaryFiles } from '../helpers/csv-files.js';
import { describeShared, sharedFile } from '../helpers/shared.js';
import { zipOf } from '../helpers/zip-files.js';

/** Cases of each kind; a nightly run has more: `node scripts/fuzz-ingest.mjs`. */
const RUNS = Number(process.env.HINDCAST_FUZZ_RUNS ?? 1000);
const MINUTES = 60_000;
const TIMEOUT = 10 * MINUTES + RUNS * 100;

const write = temporaryFiles();
const folder = dirname(write('mark', ''));

/** Bytes that mean something to some part of the reader, and any other. */
const byte = fc.oneof(
  fc.constantFrom(...[...',;"\n\r\t .-+:/0159eENnTZPK[]{}', '\0'].map((char) => char.charCodeAt(0))),
  fc.integer({ min: 0, max: 255 }),
);
const change = fc.record({
  at: fc.nat(2 ** 30),
  kind: fc.constantFrom('replace', 'replace', 'flip', 'insert', 'delete', 'cut', 'double'),
  byte,
});
const changes = fc.array(change, { minLength: 1, maxLength: 6 });
type Change = { readonly at: number; readonly kind: string; readonly byte: number };

function damaged(file: Buffer, all: readonly Change[]): Buffer {
  let bytes = Buffer.from(file);
  for (const { at, kind, byte: value } of all) {
    const place = at % Math.max(1, bytes.length);
    const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
    if (kind === 'replace') bytes[place] = value;
    else if (kind === 'flip') bytes[place]! ^= 1 << (value % 8);
    else if (kind === 'insert') bytes = Buffer.concat([head, Buffer.of(value), tail]);
    else if (kind === 'delete') bytes = Buffer.concat([head, tail.subarray(1 + (value % 4))]);
    else if (kind === 'cut') bytes = Buffer.from(head);
    else bytes = Buffer.concat([head, tail.subarray(0, value), tail]);
  }
  return bytes;
}

const policies = fc.dictionary(
  fc.constantFrom(
    ...['missing-value', 'not-a-number', 'negative-price', 'zero-price', 'high-below-low', 'close-outside-range'],
    ...['open-outside-range', 'not-finite', 'nul-byte', 'bad-utf8', 'large-move', 'suspect-spike'],
  ),
  fc.constantFrom('drop', 'fill'),
  { maxKeys: 5 },
);
const rows = fc.dictionary(
  fc.constantFrom('ragged-row', 'not-a-date', 'duplicate-conflicting', 'not-a-session', 'outside-calendar-years'),
  fc.constant('drop'),
  { maxKeys: 3 },
);
const settings = fc.record({
  calendar: fc.constantFrom('auto', 'XNYS', '24/7'),
  missing: fc.constantFrom('fail', 'skip', 'skip', 'fill'),
  precision: fc.constantFrom('auto', 'auto', 'exact', 2),
  on: fc.tuple(policies, rows).map(([a, b]) => ({ unsorted: 'warn', ...a, ...b })),
}) as fc.Arbitrary<Partial<IngestOptions>>;

/** Whether an ingest ends in a draft that the writer would take (true), or in an error of the family (false); all else throws. */
async function endsWell(ingest: IngestOptions): Promise<boolean> {
  try {
    const { draft } = await buildDraft(ingest);
    orderDraft(draft);
    return true;
  } catch (error) {
    if (!(error instanceof HindcastError)) throw error;
    return false;
  }
}

const HEADER = 'date,open,high,low,close,volume';
const bars = Array.from(
  { length: 12 },
  (_, day) => `2024-01-${String(day + 15).padStart(2, '0')},10.5,12.25,9.75,11.5,1000`,
);
const CSV = [HEADER, ...bars].join('\n');
const utf16 = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(CSV, 'utf16le')]);
const lean = bars.map((_, minute) => `${34_200_000 + minute * 60_000},105000,122500,97500,115000,90`).join('\n');
const json = `[${bars.map((_, minute) => `[${1705276800000 + minute * 86_400_000},10.5,12.25,9.75,11.5,1000.5]`).join(', ')}]`;
const wide = [
  'date,A_open,A_high,A_low,A_close,B_open,B_high,B_low,B_close,B_volume',
  ...bars.map((row) => `${row.slice(0, 31)},1,2,1,2,5`),
].join('\n');
const events = [
  `${HEADER},dividend,split`,
  ...bars.map((row, day) => `${row},${day === 4 ? 0.5 : 0},${day === 7 ? 2 : 1}`),
].join('\n');

/** Forms that are damaged as they lie on disk, and those that are damaged before they are packed. */
type Form = readonly [name: string, file: string, content: () => Buffer, pack: (bytes: Buffer) => Buffer];
const form = (name: string, file: string, content: () => Buffer, pack = (bytes: Buffer): Buffer => bytes): Form => [
  name,
  file,
  content,
  pack,
];
const forms: readonly Form[] = [
  form('UTF-16', 'a.csv', () => utf16),
  form('decimal commas', 'a.csv', () => Buffer.from(CSV.replaceAll(',', ';').replaceAll('.', ','))),
  form('JSON', 'a.json', () => Buffer.from(json)),
  form('a wide table', 'a.csv', () => Buffer.from(wide)),
  form('columns of events', 'a.csv', () => Buffer.from(events)),
  form('a table without a header', 'a.csv', () => Buffer.from(bars.join('\n'))),
  form('gzip', 'a.csv.gz', () => gzipSync(CSV)),
  form(
    'text in gzip',
    'a.csv.gz',
    () => Buffer.from(CSV),
    (bytes) => gzipSync(bytes),
  ),
  form('zip', 'a.zip', () => zipOf([{ name: 'a.csv', content: CSV }])),
  form('zip64', 'a.zip', () => zipOf([{ name: 'a.csv', content: CSV, zip64: true }], { zip64: true })),
  form('stored zip', 'a.zip', () =>
    zipOf([{ name: 'a.csv', content: CSV, deflate: false }], { comment: 'made by hand' }),
  ),
  form(
    'text in zip',
    'a.zip',
    () => Buffer.from(CSV),
    (bytes) => zipOf([{ name: 'a.csv', content: bytes }]),
  ),
  form(
    "LEAN's minutes in zip",
    '20240116_trade.zip',
    () => Buffer.from(lean),
    (bytes) => zipOf([{ name: '20240116_a_minute_trade.csv', content: bytes }]),
  ),
];

describe('damaged files', () => {
  it.each(forms)(
    'of %s give a whole draft or an error of the family',
    async (_, file, contentOf, pack) => {
      const content = contentOf();
      let drafts = 0;
      expect(await endsWell({ files: [write(file, pack(content))] })).toBe(true);
      await fc.assert(
        fc.asyncProperty(changes, settings, async (all, options) => {
          if (await endsWell({ ...options, files: [write(file, pack(damaged(content, all)))], member: '*' })) drafts++;
        }),
        { numRuns: RUNS },
      );
      expect(drafts).toBeLessThan(RUNS);
      // Nothing was unpacked, nor written anywhere beside the files of this test.
      expect(readdirSync(folder).every((name) => name === 'mark' || forms.some(([, known]) => known === name))).toBe(
        true,
      );
    },
    TIMEOUT,
  );

  it.each([false, true].flatMap((zip64) => [1, 3].map((members) => ({ zip64, members }))))(
    'that are the directory of a zip of $members members, zip64 $zip64, give a whole draft or an error of the family',
    async ({ zip64, members }) => {
      const names = ['a.csv', 'b.csv', 'c.csv'].slice(0, members);
      const archive = zipOf(
        names.map((name) => ({ name, content: CSV, zip64 })),
        { zip64, comment: 'of prices' },
      );
      // The directory begins where the last member's bytes end.
      const directory = archive.indexOf(Buffer.from('504b0102', 'hex'));
      const [content, entries] = [archive.subarray(0, directory), archive.subarray(directory)];
      let drafts = 0;
      expect(await endsWell({ files: [write('a.zip', archive)], member: '*' })).toBe(true);
      await fc.assert(
        fc.asyncProperty(changes, async (all) => {
          const bytes = Buffer.concat([content, damaged(entries, all)]);
          if (await endsWell({ files: [write('a.zip', bytes)], member: '*' })) drafts++;
        }),
        { numRuns: Math.ceil(RUNS / 2) },
      );
      // Bits of times, versions and attributes say nothing; those of places and sizes everything.
      expect(drafts).toBeGreaterThan(0);
      expect(drafts).toBeLessThan(RUNS / 2);
      expect(readdirSync(folder).every((name) => name === 'mark' || forms.some(([, known]) => known === name))).toBe(
        true,
      );
    },
    TIMEOUT,
  );

  it(
    'leave no trace in the store',
    async () => {
      const store = new BundleStore(join(folder, 'home'));
      let stored = 0;
      await fc.assert(
        fc.asyncProperty(changes, settings, async (all, options) => {
          const before = store.versionsOf('fuzz').length;
          try {
            const { draft } = await buildDraft({ ...options, files: [write('a.csv', damaged(Buffer.from(CSV), all))] });
            await writeBundle(store, 'fuzz', draft, { durable: false });
            stored++;
          } catch (error) {
            if (!(error instanceof HindcastError)) throw error;
            expect(store.versionsOf('fuzz')).toHaveLength(before);
          }
        }),
        { numRuns: Math.max(200, RUNS / 100) },
      );
      expect(stored).toBeGreaterThan(0);
      if (existsSync(store.temporaryDirectory)) expect(readdirSync(store.temporaryDirectory)).toEqual([]);
      for (const { version } of store.versionsOf('fuzz')) await store.verify(`fuzz@${version}`);
    },
    TIMEOUT,
  );
});

describeShared('damaged files of the reference data', 'data/dirty', () => {
  const real = (path: string): Buffer => readFileSync(sharedFile(`data/${path}`));
  /** Small files as they are; of large ones the first rows. */
  const head = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.indexOf('\n', 4000));
  const files: readonly Form[] = [
    form('crypto/lean-minute/btcusd/20180404_trade.zip', '20180404_trade.zip', () =>
      real('crypto/lean-minute/btcusd/20180404_trade.zip'),
    ),
    form('intraday/lean-minute/spy/20230803_quote.zip', '20230803_quote.zip', () =>
      real('intraday/lean-minute/spy/20230803_quote.zip'),
    ),
    form('dirty/made/good.zip', 'good.zip', () => real('dirty/made/good.zip')),
    form('dirty/made/two-members.zip', 'two-members.zip', () => real('dirty/made/two-members.zip')),
    form('dirty/made/utf16le.csv', 'utf16le.csv', () => head(real('dirty/made/utf16le.csv'))),
    form('dirty/made/thousands-quoted.csv', 'thousands.csv', () => head(real('dirty/made/thousands-quoted.csv'))),
    form('dirty/real/google-preamble_AAPL_1min.csv', 'google.csv', () =>
      head(real('dirty/real/google-preamble_AAPL_1min.csv')),
    ),
    form('dirty/real/header-one-short_eurostoxx-future_1min_2006.csv', 'backtrader.csv', () =>
      head(real('dirty/real/header-one-short_eurostoxx-future_1min_2006.csv')),
    ),
    form('equities/yahoo-panel-2015-2020/AAPL.csv', 'panel.csv', () =>
      head(real('equities/yahoo-panel-2015-2020/AAPL.csv')),
    ),
    form(
      'equities/zipline-csvdir/AAPL.csv.gz',
      'csvdir.csv.gz',
      () => head(gunzipSync(real('equities/zipline-csvdir/AAPL.csv.gz'))),
      (bytes) => gzipSync(bytes),
    ),
    form(
      'equities/us-wide-119-2015-2020.csv.gz',
      'long.csv.gz',
      () => head(gunzipSync(real('equities/us-wide-119-2015-2020.csv.gz'))),
      (bytes) => gzipSync(bytes),
    ),
    form('intraday/freqtrade_UNITTEST_BTC-1m.json', 'pair-1m.json', () =>
      Buffer.from(
        `${real('intraday/freqtrade_UNITTEST_BTC-1m.json')
          .toString()
          .slice(0, 4000)
          .replace(/,\s*\[[^\]]*$/, '')}]`,
      ),
    ),
  ];

  it.each(files)(
    '%s',
    async (_, name, content, repack) => {
      const whole = content();
      await fc.assert(
        fc.asyncProperty(changes, settings, async (all, options) => {
          await endsWell({ ...options, files: [write(name, repack(damaged(whole, all)))], member: '*' });
        }),
        { numRuns: Math.ceil(RUNS / 4) },
      );
    },
    TIMEOUT,
  );
});
