import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowPieces } from '../../src/export/arrow.js';
import { longCsvLines } from '../../src/export/csv.js';
import { parquetPieces } from '../../src/export/parquet.js';
import type { LongTable, Table } from '../../src/export/table.js';
import { readArrow } from '../helpers/arrow-reader.js';
import { readPhysical } from '../helpers/parquet-readers.js';

const DAY_MS = 86_400_000;

/** `mantissa / 10 ** decimals` in plain digits, as no code of the project writes it. */
function digitsOf(mantissa: number, decimals: number): string {
  const digits = String(Math.abs(mantissa)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${mantissa < 0 ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const row = fc.record({
  symbol: fc.option(fc.oneof(fc.constantFrom('A', 'A,B', '', 'ÄÖ\n"'), fc.string({ unit: 'grapheme', maxLength: 5 })), {
    nil: null,
  }),
  day: fc.integer({ min: -30_000, max: 60_000 }),
  time: fc.option(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), { nil: null }),
  mantissa: fc.integer({ min: -(10 ** 15), max: 10 ** 15 }),
  mark: fc.double(),
  amount: fc.option(fc.integer({ min: 0, max: 10 ** 9 }), { nil: null }),
});

describe('a table written in runs', () => {
  it('is read again without loss from Arrow, Parquet and CSV', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.array(row, { maxLength: 9 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 4 }),
      fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      async (runs, decimals, more, note) => {
        const scale = decimals + more;
        const table: LongTable = {
          name: 'bars',
          ...(note === undefined ? {} : { note }),
          runs: () =>
            runs.map(
              (rows): Table => ({
                name: 'bars',
                columns: [
                  { name: 'symbol', kind: 'text', values: rows.map(({ symbol }) => symbol) },
                  { name: 'date', kind: 'date', values: rows.map(({ day }) => day * DAY_MS) },
                  { name: 'time', kind: 'time', values: rows.map(({ time }) => time) },
                  {
                    name: 'price',
                    kind: 'price',
                    values: Float64Array.from(rows, ({ mantissa }) => Number(digitsOf(mantissa, decimals))),
                    scale,
                    digits: 15 + more,
                  },
                  { name: 'mark', kind: 'number', values: Float64Array.from(rows, ({ mark }) => mark) },
                  { name: 'count', kind: 'integer', values: rows.map(({ day }) => day) },
                ],
              }),
            ),
        };
        const rows = runs.flat();
        const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
        const unscaled = ({ mantissa }: (typeof rows)[number]): bigint => BigInt(mantissa) * 10n ** BigInt(more);

        const arrow = readArrow(Buffer.concat([...arrowPieces(table)]));
        expect(arrow.metadata).toEqual(note === undefined ? {} : { hindcast: note });
        expect(arrow.columns.map(({ type }) => type)).toEqual([
          'utf8',
          'date32',
          'timestamp(1, UTC)',
          `decimal(${15 + more > 18 ? 38 : 18}, ${scale})`,
          'double',
          'int64',
        ]);
        expect(arrow.rows).toEqual(
          rows.map((each) => ({
            symbol: each.symbol,
            date: each.day,
            time: each.time,
            price: unscaled(each),
            mark: orNull(each.mark),
            count: each.day,
          })),
        );

        const parquet = await readPhysical(Buffer.concat([...(await parquetPieces(table))]));
        expect(parquet.columns.find(({ name }) => name === 'price')).toEqual({ name: 'price', type: 'DECIMAL', scale });
        expect(parquet.rows).toEqual(
          rows.map((each) => ({
            symbol: each.symbol,
            date: each.day,
            time: each.time === null ? null : BigInt(each.time),
            price: unscaled(each),
            mark: orNull(each.mark),
            count: BigInt(each.day),
          })),
        );

        const [header, ...cells] = parse([...longCsvLines(table)].join('')) as string[][];
        expect(header).toEqual(['symbol', 'date', 'time', 'price', 'mark', 'count']);
        expect(cells.map((each) => each[3])).toEqual(rows.map(({ mantissa }) => digitsOf(mantissa, decimals)));
        expect(cells.map((each) => each[1])).toEqual(
          rows.map(({ day }) => new Date(day * DAY_MS).toISOString().slice(0, 10)),
        );
      },
    );
    const nothing = { symbol: null, day: 0, time: null, mantissa: 0, amount: null };
    const bothZeros = [
      { ...nothing, mark: 0 },
      { ...nothing, mark: -0 },
    ];
    await fc.assert(property, { numRuns: 1000, examples: [[[bothZeros], 0, 0, undefined]] });
  });
});
