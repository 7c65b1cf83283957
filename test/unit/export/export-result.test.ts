import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXPORT_FORMATS, exportResult } from '../../../src/export/index.js';
import { makeFolder } from '../../helpers/folders.js';
import { openDuckDb } from '../../helpers/parquet-readers.js';
import { runModule } from '../../helpers/run-module.js';
import { run } from '../../helpers/tiny-market.js';

function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

/** Buys 3, sells 1 and 2, with what makes digits: fees in per cent, slippage; records one number, not at every bar. */
const traded = (recordAs = 'size') =>
  run(
    { assets: { A: '10 11 12.5 13 12 12' }, priceDecimals: 4 },
    {
      initialize: ({ assets, portfolio }) => ({ asset: assets[0]!, position: portfolio.position(assets[0]!), bar: 0 }),
      handleData({ state, order, record }) {
        const size = [3, -1, 0, -2][state.bar++] ?? 0;
        if (size === 0) return;
        order(state.asset, size);
        record(recordAs, size);
      },
    },
    { commission: 'percent:0.00123', slippage: 'bps:7' },
  );

const file = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

describe('exportResult', () => {
  it('writes four tables, the money of which is that of the result', async () => {
    const result = await traded();
    const folder = temporaryFolder();
    const files = await exportResult(result, folder, { format: 'csv' });
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      ['fills.csv', 3],
      ['round-trips.csv', 2],
      ['equity.csv', 6],
      ['recorded.csv', 6],
    ]);
    expect(file(folder, 'fills.csv')).toBe(
      `time,symbol,side,quantity,price,fee\n${result.fills
        .map(
          ({ time, quantity, exact: { price, fee } }) =>
            `${new Date(time).toISOString()},A,${quantity > 0 ? 'buy' : 'sell'},${Math.abs(quantity)},${price},${fee}\n`,
        )
        .join('')}`,
    );
    const [first, last] = result.roundTrips();
    const [header, ...trips] = file(folder, 'round-trips.csv').trim().split('\n');
    expect(header).toBe(
      'symbol,side,quantity,entryTime,entryPrice,exitTime,exitPrice,bars,commission,profit,return,mae,mfe',
    );
    const column = (name: string): string[] => trips.map((line) => line.split(',')[header!.split(',').indexOf(name)]!);
    expect(column('quantity')).toEqual(['1', '2']);
    expect(column('entryPrice')).toEqual(
      result.fills.slice(0, 1).flatMap(({ exact }) => [`${exact.price}`, `${exact.price}`]),
    );
    expect(column('exitPrice')).toEqual(result.fills.slice(1).map(({ exact }) => String(exact.price)));
    expect(column('profit')).toEqual([first!.profit.toFixed(), last!.profit.toFixed()]);
    expect(file(folder, 'equity.csv').trim().split('\n').slice(1)).toEqual(
      Array.from(result.equity, (value, row) => `${new Date(result.times.at(row)!).toISOString()},${value}`),
    );
    expect(
      file(folder, 'recorded.csv')
        .split('\n')
        .map((line) => line.split(',')[1]),
    ).toEqual(['size', '3', '-1', '', '-2', '', '', undefined]);
  });

  it('gives a database sums that are exact', async () => {
    const result = await traded();
    const folder = temporaryFolder();
    const files = await exportResult(result, folder);
    expect(files[0]).toEqual({ name: 'fills.parquet', rows: 3, textColumns: [] });
    const duckDb = await openDuckDb();
    onTestFinished(() => duckDb.close());
    const flow = `CASE side WHEN 'buy' THEN -1 ELSE 1 END * quantity::DECIMAL(18,4) * price::DECIMAL(18,6) - fee::DECIMAL(18,8)`;
    const { rows } = await duckDb.query(
      `SELECT sum((${flow})::DECIMAL(38,10)) FROM '${join(folder, 'fills.parquet')}'`,
    );
    const [[sum]] = rows as [[string]];
    expect(result.endingEquity.minus(result.startingCash).toFixed(10)).toBe(sum);
    const trips = await duckDb.query(`SELECT quantity, exitPrice, bars FROM '${join(folder, 'round-trips.parquet')}'`);
    expect(trips.types.map((type) => type.replace(/,.*/, ''))).toEqual(['DECIMAL(38', 'DECIMAL(38', 'BIGINT']);
  });

  it('writes an account that did nothing', async () => {
    const result = await run({ assets: { A: '10 11' } }, { initialize: () => undefined, handleData: () => {} });
    for (const format of EXPORT_FORMATS) {
      const files = await exportResult(result, temporaryFolder(), { format });
      expect(files.map(({ rows }) => rows)).toEqual([0, 0, 2, 2]);
    }
  });

  it('replaces what is there, and leaves nothing else', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'fills.jsonl'), 'old');
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    await exportResult(await traded(), folder, { format: 'jsonl' });
    expect(file(folder, 'fills.jsonl').split('\n')).toHaveLength(4);
    expect(readdirSync(folder).sort()).toEqual([
      'equity.jsonl',
      'fills.jsonl',
      'mine.txt',
      'recorded.jsonl',
      'round-trips.jsonl',
    ]);
  });

  it.each([
    { name: 'a missing folder', folder: 'missing', code: 'EXPORT_NOT_WRITABLE', says: 'there is no folder' },
    { name: 'a file in its place', folder: 'plain', code: 'EXPORT_NOT_WRITABLE', says: 'it is no folder' },
    { name: 'a folder in a file’s place', folder: 'taken', code: 'EXPORT_NOT_WRITABLE', says: 'it is a folder' },
    {
      name: 'an unknown format',
      folder: '.',
      format: 'parket',
      code: 'UNKNOWN_FORMAT',
      says: "Did you mean 'parquet'?",
    },
    { name: 'an unknown option', folder: '.', formt: 'csv', code: 'UNKNOWN_OPTION', says: "Did you mean 'format'?" },
  ])('refuses $name', async ({ folder, code, says, name: _name, ...options }) => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'plain'), '');
    mkdirSync(join(root, 'taken', 'equity.parquet'), { recursive: true });
    const refused = exportResult(await traded(), join(root, folder), options as never);
    await expect(refused).rejects.toMatchObject({ code, exitCode: 2, message: expect.stringContaining(says) });
    expect(readdirSync(root).sort()).toEqual(['plain', 'taken']);
    expect(readdirSync(join(root, 'taken'))).toEqual(['equity.parquet']);
  });

  it('writes nothing when a later table cannot be written', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'fills.csv'), 'old');
    const refused = exportResult(await traded('Time'), folder, { format: 'csv' });
    await expect(refused).rejects.toMatchObject({ code: 'COLUMN_NAMED_TWICE', details: { table: 'recorded' } });
    expect(readdirSync(folder)).toEqual(['fills.csv']);
    expect(file(folder, 'fills.csv')).toBe('old');
  });
});

describe('a folder that cannot be written', () => {
  const write = (folder: string, rows: number): string => `
    import { checkExport, writeTables } from './src/export/export.ts';
    if (process.env.AS_NOBODY) process.setuid(65534);
    const table = (name, rows) => ({ name, columns: [{ name: 'x', kind: 'integer', values: Array.from({ length: rows }, (_, row) => row) }] });
    await writeTables([table('small', 3), table('large', ${rows})], ${JSON.stringify(folder)}, 'csv').then(
      () => console.log('written'),
      ({ name, code, exitCode, message }) => console.log(JSON.stringify({ name, code, exitCode, message })));
    try {
      checkExport(${JSON.stringify(folder)}, 'csv');
    } catch ({ code, message }) {
      console.log(JSON.stringify({ code, message }));
    }`;
  const withOldFile = (): string => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'small.csv'), 'old');
    return folder;
  };

  it.runIf(process.platform === 'linux')('is as it was when no permission was given', async () => {
    const folder = withOldFile();
    chmodSync(folder, 0o555);
    const { stdout } = await runModule(write(folder, 3), process.getuid?.() === 0 ? { env: { AS_NOBODY: '1' } } : {});
    const [late, early] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(late).toMatchObject({ name: 'UsageError', code: 'EXPORT_NOT_WRITABLE', exitCode: 2 });
    for (const { message } of [late, early]) expect(message).toContain('this user may not write there');
    chmodSync(folder, 0o755);
    expect(readdirSync(folder)).toEqual(['small.csv']);
    expect(file(folder, 'small.csv')).toBe('old');
  });

  it.runIf(process.platform === 'linux')('is as it was when the disk is full', async () => {
    const folder = withOldFile();
    // A limit on the size of files stands for the end of the disk: the write that crosses it fails in the same place.
    const { stdout } = await runModule(write(folder, 50_000), { shell: 'trap "" XFSZ; ulimit -f 64; exec "$@"' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'RunError', code: 'EXPORT_WRITE_FAILED', exitCode: 1 });
    expect(JSON.parse(stdout).message).toContain('the disk is full');
    expect(readdirSync(folder)).toEqual(['small.csv']);
    expect(file(folder, 'small.csv')).toBe('old');
    expect(existsSync(join(folder, 'large.csv'))).toBe(false);
  });
});
