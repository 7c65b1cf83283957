import { expect, it } from 'vitest';
import { sha256 } from '../../../../src/core/hash.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { layOut } from '../../../../src/data/layout.js';
import { manifestText } from '../../../../src/data/manifest.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

async function versionOf(options: IngestOptions): Promise<string> {
  const { draft } = await buildDraft(options);
  return sha256(manifestText(layOut(draft).manifest));
}

describeShared('Parquet files of other writers', 'data/parquet', () => {
  it.each([
    { file: 'IBM_daily_snappy.parquet', calendar: 'XNYS', rows: 5849, symbols: 1, decimals: 4 },
    { file: 'XBTUSD_1m_zstd.parquet', calendar: '24/7', rows: 50_669, symbols: 1, decimals: 2 },
    { file: 'rustybt_market_data_2020-2023.parquet', calendar: 'XNYS', rows: 5030, symbols: 5, decimals: 8 },
    { file: 'us-wide_A-C_decimal_gzip.parquet', calendar: 'XNYS', rows: 71_763, symbols: 57, decimals: 4 },
  ])('$file has $rows rows of $symbols symbols', async ({ file, calendar, rows, symbols, decimals }) => {
    const { report } = await buildDraft({ files: [sharedFile(`data/parquet/${file}`)], calendar });
    expect(report.rows).toBe(rows);
    expect(report.assets).toHaveLength(symbols);
    expect(report.assets.reduce((sum, { bars }) => sum + bars, 0)).toBe(rows);
    expect(Math.max(...report.assets.map(({ prices }) => prices.decimals))).toBeLessThanOrEqual(decimals);
    expect(report.assets.every(({ prices, volumes }) => prices.rounded === 0 && volumes.rounded === 0)).toBe(true);
  });

  it.each([
    { parquet: 'IBM_daily_snappy.parquet', csv: 'equities/plain-daily/IBM.csv', calendar: 'XNYS' },
    {
      parquet: 'XBTUSD_1m_zstd.parquet',
      csv: 'intraday/bitfinex_XBTUSD_1m_2016_sorted.csv.gz',
      calendar: '24/7',
    },
  ])('$parquet makes the version of $csv', async ({ parquet, csv, calendar }) => {
    const options = { calendar, symbol: 'X' };
    expect(await versionOf({ files: [sharedFile(`data/parquet/${parquet}`)], ...options })).toBe(
      await versionOf({ files: [sharedFile(`data/${csv}`)], ...options }),
    );
  });

  it.each([
    { file: 'all-strings.parquet', code: 'INGEST_REFUSED', says: "column 'open' is text, not numbers" },
    { file: 'bad-magic.parquet', code: 'BAD_PARQUET', says: 'its first bytes are not PAR1' },
    { file: 'flipped-page.parquet', code: 'BAD_PARQUET', says: "column 'high' of row group 1" },
    { file: 'no-close.parquet', code: 'UNKNOWN_LAYOUT', says: 'no column for close' },
    { file: 'nulls-nan.parquet', code: 'INGEST_REFUSED', says: "row 10, column 'high': no value (null)" },
    { file: 'truncated-footer.parquet', code: 'BAD_PARQUET', says: 'cut off' },
    { file: 'truncated.parquet', code: 'BAD_PARQUET', says: 'cut off' },
    { file: 'zero-rows.parquet', code: 'INGEST_REFUSED', says: 'no rows' },
  ])('$file is refused: $says', async ({ file, code, says }) => {
    await expect(buildDraft({ files: [sharedFile(`data/dirty/made/${file}`)] })).rejects.toMatchObject({
      code,
      exitCode: 3,
      message: expect.stringContaining(says),
    });
  });
});
