import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decimal } from '../../src/core/decimal.js';
import { writeTables } from '../../src/export/export.js';
import type { Column } from '../../src/export/table.js';
import { makeFolder } from '../helpers/folders.js';
import { openDuckDb, readPhysical } from '../helpers/parquet-readers.js';

const RUNS = 1000;

/** A decimal by its digits: `mantissa / 10 ** decimals`, as no code of the project writes it. */
interface Digits {
  readonly mantissa: bigint;
  readonly decimals: number;
}

/** The value with all its decimals or, as an export writes it, without zeros at the end. */
function digitsText({ mantissa, decimals }: Digits, ending: 'all' | 'needed' = 'needed'): string {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const unit = 10n ** BigInt(decimals);
  const fraction = decimals === 0 ? '' : String(size % unit).padStart(decimals, '0');
  const shown = ending === 'all' ? fraction : fraction.replace(/0+$/, '');
  return `${mantissa < 0n ? '-' : ''}${size / unit}${shown === '' ? '' : `.${shown}`}`;
}

/** The integer that stands for a value at a scale; a scale that would lose digits is none. */
function unscaled({ mantissa, decimals }: Digits, scale: number): bigint {
  const power = 10n ** BigInt(Math.abs(scale - decimals));
  if (scale >= decimals) return mantissa * power;
  if (mantissa % power !== 0n) throw new Error(`${scale} decimals cannot hold ${digitsText({ mantissa, decimals })}`);
  return mantissa / power;
}

/** Amounts from the smallest unit of 18 decimals to notionals beyond 1e15, of both signs, and prices. */
const amount: fc.Arbitrary<Digits> = fc.oneof(
  fc.record({ mantissa: fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n }), decimals: fc.constant(18) }),
  fc.record({ mantissa: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), decimals: fc.constant(8) }),
  fc.record({ mantissa: fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }), decimals: fc.integer({ min: 0, max: 18 }) }),
  fc.constantFrom(
    { mantissa: 0n, decimals: 0 },
    { mantissa: -1n, decimals: 18 },
    { mantissa: 10n ** 15n, decimals: 0 },
  ),
);
const symbol = fc.oneof(
  fc.constantFrom('AAPL', 'BTC-USD', '', 'A,B', 'say "x"', 'two\nlines', 'ÄÖ', 'null', 'NaN'),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const row = fc.record({
  money: fc.option(amount, { nil: null }),
  asText: fc.option(amount, { nil: null }),
  time: fc.integer({ min: -62_000_000_000_000, max: 253_000_000_000_000 }),
  symbol: fc.option(symbol, { nil: null }),
  mark: fc.double(),
  bars: fc.option(fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }), { nil: null }),
});

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const exact = (value: Digits | null): string | null => value && digitsText(value);
const fixed = (value: Digits | null, scale: number): string | null =>
  value && digitsText({ mantissa: unscaled(value, scale), decimals: scale }, 'all');

const folder = makeFolder();
let duckDb: Awaited<ReturnType<typeof openDuckDb>>;
beforeAll(async () => {
  duckDb = await openDuckDb();
});
afterAll(() => {
  duckDb.close();
  folder.remove();
});

describe('an exported table', () => {
  it('is read again without loss by other readers, in every format', async () => {
    let number = 0;
    const property = fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
      const name = `table-${number++}`;
      const columns: Column[] = [
        {
          name: 'money',
          kind: 'decimal',
          values: rows.map(({ money }) => (money === null ? null : new Decimal(digitsText(money)))),
        },
        {
          name: 'asText',
          kind: 'decimal',
          values: rows.map(({ asText }) => (asText === null ? null : digitsText(asText))),
        },
        { name: 'time', kind: 'time', values: Float64Array.from(rows, ({ time }) => time) },
        { name: 'symbol', kind: 'text', values: rows.map((each) => each.symbol) },
        { name: 'mark', kind: 'number', values: Float64Array.from(rows, ({ mark }) => mark) },
        { name: 'bars', kind: 'integer', values: rows.map(({ bars }) => bars) },
      ];
      for (const format of ['parquet', 'csv', 'jsonl'] as const) {
        expect(await writeTables([{ name, columns }], folder.path, format)).toEqual([
          { name: `${name}.${format}`, rows: rows.length, textColumns: [] },
        ]);
      }
      const path = (format: string): string => join(folder.path, `${name}.${format}`);

      const physical = await readPhysical(readFileSync(path('parquet')));
      const [money, asText] = physical.columns.map(({ scale }) => scale!) as [number, number];
      expect(physical.rows).toEqual(
        rows.map((each) => ({
          money: each.money && unscaled(each.money, money),
          asText: each.asText && unscaled(each.asText, asText),
          time: BigInt(each.time),
          symbol: each.symbol,
          mark: orNull(each.mark),
          bars: each.bars === null ? null : BigInt(each.bars),
        })),
      );

      const { types, rows: read } = await duckDb.query(`SELECT * FROM '${path('parquet')}'`);
      expect(types).toEqual([
        `DECIMAL(38,${money})`,
        `DECIMAL(38,${asText})`,
        'TIMESTAMP WITH TIME ZONE',
        'VARCHAR',
        'DOUBLE',
        'BIGINT',
      ]);
      expect(read).toEqual(
        rows.map((each) => [
          fixed(each.money, money),
          fixed(each.asText, asText),
          each.time,
          each.symbol,
          orNull(each.mark),
          each.bars === null ? null : BigInt(each.bars),
        ]),
      );

      const instant = ({ time }: (typeof rows)[number]): string => new Date(time).toISOString();
      const lines = readFileSync(path('jsonl'), 'utf8').split('\n').slice(0, -1);
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        rows.map((each) => ({
          money: exact(each.money),
          asText: exact(each.asText),
          time: instant(each),
          symbol: each.symbol,
          mark: Number.isFinite(each.mark) ? each.mark : Number.isNaN(each.mark) ? null : String(each.mark),
          bars: each.bars,
        })),
      );

      const cells = parse(readFileSync(path('csv')), {
        cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
      });
      expect(cells).toEqual([
        ['money', 'asText', 'time', 'symbol', 'mark', 'bars'],
        ...rows.map((each) => [
          exact(each.money),
          exact(each.asText),
          instant(each),
          each.symbol,
          Number.isNaN(each.mark) ? null : Object.is(each.mark, -0) ? '-0' : String(each.mark),
          each.bars === null ? null : String(each.bars),
        ]),
      ]);
      for (const format of ['parquet', 'csv', 'jsonl']) rmSync(path(format));
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});
