import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

const HEADER = 'date,open,high,low,close,volume';
const ROWS = [
  '2024-01-02,10,12,9,11,100',
  '2024-01-03,10,12,-9,11,100',
  '2024-01-03,10,12,-9,11,100',
  '2024-01-05,10,12,9,11,100',
];
const csv = (rows: readonly string[] = ROWS): string => [HEADER, ...rows].join('\n');
const POLICIES = ['--on', 'duplicate-identical=drop', '--allow', 'negative-price'];

describe('ingest with policies', () => {
  it('is refused without them, and stored with them', async () => {
    const folder = emptyHome();
    const args = ['ingest', 'csv', file(folder, 'A.csv', csv()), '--bundle', 'b', '--calendar', 'XNYS'];
    expect((await hindcast(args)).code).toBe(3);
    const { code, stdout } = await hindcast([...args, ...POLICIES, '--json']);
    expect(code).toBe(0);
    const { quality } = JSON.parse(stdout) as { quality: { defect: string; policy: string; count: number }[] };
    expect(quality.map(({ defect, policy, count }) => [defect, policy, count])).toEqual([
      ['negative-price', 'warn', 2],
      ['duplicate-identical', 'drop', 1],
      ['suspect-spike', 'warn', 1],
      ['missing-sessions', 'warn', 1],
    ]);
  });

  it('takes them from a mapping file, which flags override', async () => {
    const folder = emptyHome();
    const bars = file(folder, 'A.csv', csv().replaceAll(',', ';').replace('close', 'Last px'));
    const mapping = {
      columns: { close: 'Last px' },
      calendar: 'XNYS',
      on: { 'duplicate-identical': 'drop', 'negative-price': 'drop' },
    };
    const map = file(folder, 'map.json', JSON.stringify(mapping));
    const args = ['ingest', 'csv', bars, '--bundle', 'b', '--mapping', map, '--json'];
    const bars1 = (await hindcast(args)).stdout;
    expect((JSON.parse(bars1) as { symbols: { bars: number }[] }).symbols[0]!.bars).toBe(2);
    const bars2 = (await hindcast([...args, '--on', 'negative-price=warn'])).stdout;
    expect((JSON.parse(bars2) as { symbols: { bars: number }[] }).symbols[0]!.bars).toBe(3);
  });

  it.each([
    [['--on', 'negativ-price=drop'], /Did you mean 'negative-price'/],
    [['--on', 'ragged-row=fill'], /ragged-row may be fail, drop/],
    [['--allow', 'ragged-row'], /ragged-row may be fail, drop/],
    [['--decimal', ':'], /must be one of ., ,/],
    [['--delimiter', '::'], /must be one character/],
    [['--divisor', '0'], /whole number from 1/],
    [['--header', 'a,a'], /each once/],
    [['--mapping', '/nowhere.json'], /cannot be read/],
  ])('refuses %j', async (flags, message) => {
    const folder = emptyHome();
    const { code, stderr } = await hindcast(['ingest', 'csv', file(folder, 'A.csv', csv()), '--bundle', 'b', ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('bundles show --quality', () => {
  it('tells what the ingest found and did, in text and as a document', async () => {
    const folder = emptyHome();
    await hindcast(['ingest', 'csv', file(folder, 'A.csv', csv()), '--bundle', 'b', '--calendar', 'XNYS', ...POLICIES]);
    const { code, stdout } = await hindcast(['bundles', 'show', 'b', '--quality']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/read\s+4 rows of 1 file/);
    expect(stdout).toMatch(/stored\s+3 bars of 1 symbol/);
    expect(stdout).toMatch(/duplicate-identical\s+drop\s+1\s+A.csv row 3: 2024-01-03 repeats row 2/);
    const document = JSON.parse((await hindcast(['bundles', 'show', 'b', '--quality', '--json'])).stdout);
    expect(document).toMatchObject({
      schemaVersion: 1,
      name: 'b',
      rows: 4,
      symbols: [{ bars: 3, start: '2024-01-02' }],
    });
  });

  it('says so where nothing was found, and is the newest ingest of the same content', async () => {
    const folder = emptyHome();
    const args = (rows: readonly string[]) => ['ingest', 'csv', file(folder, 'A.csv', csv(rows)), '--bundle', 'b'];
    const clean = ['2024-01-02,10,12,9,11,100', '2024-01-03,10,12,9,11,100'];
    await hindcast([...args([clean[0]!, ...clean]), '--on', 'duplicate-identical=drop']);
    expect((await hindcast(['bundles', 'show', 'b', '--quality'])).stdout).toContain('duplicate-identical');
    await hindcast(args(clean));
    expect((await hindcast(['bundles', 'show', 'b', '--quality'])).stdout).toContain('No defect was found.');
  });

  it('goes with its version', async () => {
    const folder = emptyHome();
    const store = join(process.env.HINDCAST_HOME!, 'bundles', 'b', 'quality');
    for (const day of ['02', '03']) {
      await hindcast(['ingest', 'csv', file(folder, 'A.csv', csv([`2024-01-${day},10,12,9,11,100`])), '--bundle', 'b']);
    }
    expect(readdirSync(store)).toHaveLength(2);
    await hindcast(['bundles', 'clean']);
    expect(readdirSync(store)).toHaveLength(1);
  });

  it('is refused for other actions, and where no ingest of files was', async () => {
    await ingestWaves(emptyHome());
    expect((await hindcast(['bundles', 'list', '--quality'])).stderr).toMatch(/is for 'bundles show'/);
    expect((await hindcast(['bundles', 'show', 'nothing', '--quality'])).code).toBe(2);
  });
});

describe('the quality report after an append', () => {
  it('is of all rows of the version, and not counted twice by rows that it has', async () => {
    const folder = emptyHome();
    const ingest = async (name: string, rows: readonly string[], ...flags: string[]) => {
      const args = [
        'ingest',
        'csv',
        file(folder, name, csv(rows)),
        '--symbol',
        'A',
        '--bundle',
        'b',
        '--calendar',
        'XNYS',
      ];
      expect((await hindcast([...args, ...POLICIES, ...flags])).code).toBe(0);
      return JSON.parse((await hindcast(['bundles', 'show', 'b', '--quality', '--json'])).stdout) as {
        rows: number;
        files: { file: string }[];
        symbols: { bars: number; start: string; end: string }[];
        quality: { defect: string; count: number }[];
      };
    };
    await ingest('a.csv', ROWS);
    const more = ['2024-01-05,10,12,9,11,100', '2024-01-08,10,12,-9,11,100', '2024-01-09,10,12,9,11,100'];
    const both = await ingest('b.csv', more, '--append');
    expect(both.rows).toBe(7);
    expect(both.files.map((one) => one.file)).toEqual(['a.csv', 'b.csv']);
    expect(both.symbols).toMatchObject([{ bars: 5, start: '2024-01-02', end: '2024-01-09' }]);
    expect(both.quality.map(({ defect, count }) => [defect, count])).toEqual([
      ['negative-price', 3],
      ['duplicate-identical', 1],
      ['suspect-spike', 2],
      ['missing-sessions', 1],
    ]);
    expect(await ingest('c.csv', more, '--append')).toEqual(both);
  });
});
