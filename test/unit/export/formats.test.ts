import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/core/decimal.js';
import { csvLines } from '../../../src/export/csv.js';
import { jsonLines } from '../../../src/export/json-lines.js';
import { parquetFile } from '../../../src/export/parquet.js';
import type { Column, Table } from '../../../src/export/table.js';
import { readPhysical } from '../../helpers/parquet-readers.js';

const table = (...columns: Column[]): Table => ({ name: 'fills', columns });
const decimals = (...values: (Decimal | string | null)[]): Column => ({ name: 'money', kind: 'decimal', values });

const sample = table(
  { name: 'time', kind: 'time', values: [0, 1_577_977_800_123] },
  { name: 'symbol', kind: 'text', values: ['A,"B"', ''] },
  decimals('-0.10', new Decimal('1e-30')),
  { name: 'mark', kind: 'number', values: [Number.NaN, Number.NEGATIVE_INFINITY] },
  { name: 'bars', kind: 'integer', values: [3, null] },
);

describe('csvLines', () => {
  it('quotes what needs it, and tells nothing from an empty text', () => {
    expect([...csvLines(sample)].join('')).toBe(
      'time,symbol,money,mark,bars\n' +
        '1970-01-01T00:00:00.000Z,"A,""B""",-0.1,,3\n' +
        '2020-01-02T15:10:00.123Z,"",0.000000000000000000000000000001,-Infinity,\n',
    );
  });

  it('of no rows is the header', () => expect([...csvLines(table(decimals()))]).toEqual(['money\n']));
});

describe('jsonLines', () => {
  it('has decimals and instants as strings, statistics and counts as numbers', () => {
    expect([...jsonLines(sample)]).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","symbol":"A,\\"B\\"","money":"-0.1","mark":null,"bars":3}\n',
      '{"time":"2020-01-02T15:10:00.123Z","symbol":"","money":"0.000000000000000000000000000001","mark":"-Infinity","bars":null}\n',
    ]);
  });

  it('of no rows is nothing', () => expect([...jsonLines(table(decimals()))]).toEqual([]));
});

describe('parquetFile', () => {
  it.each([
    {
      name: 'money of the ledger',
      values: ['1.5', '-2', null],
      scale: 8,
      unscaled: [150_000_000n, -200_000_000n, null],
    },
    { name: 'no value at all', values: [null], scale: 8, unscaled: [null] },
    { name: 'more decimals', values: ['0.0000000001', '7'], scale: 10, unscaled: [1n, 70_000_000_000n] },
    {
      name: 'all 38 digits',
      values: [`-${'9'.repeat(30)}.${'9'.repeat(8)}`, '1'],
      scale: 8,
      unscaled: [-(10n ** 38n - 1n), 100_000_000n],
    },
    { name: '38 decimals', values: [`0.${'0'.repeat(37)}1`], scale: 38, unscaled: [1n] },
  ])('holds $name as DECIMAL(38, $scale)', async ({ values, scale, unscaled }) => {
    const { bytes, textColumns } = await parquetFile(table(decimals(...values)));
    const { columns, rows } = await readPhysical(bytes);
    expect(textColumns).toEqual([]);
    expect(columns).toEqual([{ name: 'money', type: 'DECIMAL', scale }]);
    expect(rows.map(({ money }) => money)).toEqual(unscaled);
  });

  it.each([
    { name: '39 digits at the scale of the ledger', values: [`1${'0'.repeat(30)}`] },
    { name: '39 digits of two values together', values: ['123456789012345678901234567890', '0.000000001'] },
    { name: 'a quotient of 64 digits', values: [new Decimal(1).div(3), '2'] },
    { name: '39 decimals', values: [`0.${'0'.repeat(38)}1`] },
  ])('holds a column with $name as text, with all digits', async ({ values }) => {
    const { bytes, textColumns } = await parquetFile(table(decimals(...values)));
    const { columns, rows } = await readPhysical(bytes);
    expect(textColumns).toEqual(['money']);
    expect(columns).toEqual([{ name: 'money', type: 'STRING', scale: undefined }]);
    expect(rows.map(({ money }) => money)).toEqual(values.map((value) => new Decimal(value).toFixed()));
  });

  it('is the same, byte for byte, for the same table', async () => {
    const [first, second] = await Promise.all([parquetFile(sample), parquetFile(sample)]);
    expect(first.bytes).toEqual(second.bytes);
  });

  it('keeps more rows than a row group holds', async () => {
    const values = Array.from({ length: 250_001 }, (_, row) => `${row - 125_000}.${row % 10}`);
    const { rows } = await readPhysical((await parquetFile(table({ name: 'money', kind: 'decimal', values }))).bytes);
    expect(rows).toHaveLength(values.length);
    const sum = rows.reduce((total, { money }) => total + (money as bigint), 0n);
    const expected = values.reduce((total, value) => total.plus(value), new Decimal(0));
    expect(new Decimal(String(sum)).div(1e8).toFixed()).toBe(expected.toFixed());
  });
});

describe('a table', () => {
  it.each(['money', 'Money'])('refuses a second column named %s', async (name) => {
    const twice = table(decimals('1'), { ...decimals('2'), name });
    for (const lines of [csvLines, jsonLines]) {
      expect(() => [...lines(twice)]).toThrow(expect.objectContaining({ code: 'COLUMN_NAMED_TWICE', exitCode: 2 }));
    }
    await expect(parquetFile(twice)).rejects.toMatchObject({ code: 'COLUMN_NAMED_TWICE' });
  });

  it('refuses columns of different lengths', () => {
    expect(() => [...csvLines(table(decimals('1'), { ...decimals(), name: 'other' }))]).toThrow(RangeError);
  });
});
