import { describe, expect, it } from 'vitest';
import { readBars } from '../../../../src/data/ingest/bar-reader.js';
import { DefectLog } from '../../../../src/data/ingest/defects.js';
import type { ColumnNames } from '../../../../src/data/ingest/layouts.js';
import type { BarInput, Cell, SourceColumn } from '../../../../src/data/ingest/row-source.js';

const NAMES = ['date', 'open', 'high', 'low', 'close', 'volume'];

/** A source of rows that are in memory, in batches of two. */
function input(rows: readonly (readonly Cell[])[], columns: readonly SourceColumn[]): BarInput {
  return {
    name: 'memory',
    symbol: 'X',
    use: (read) => {
      async function* batches() {
        for (let from = 0; from < rows.length; from += 2) {
          const batch = rows.slice(from, from + 2);
          yield {
            rows: batch.length,
            width: (row: number) => batch[row]!.length,
            cell: (row: number, column: number) => batch[row]![column]!,
          };
        }
      }
      return read({ columns, batches: batches() });
    },
  };
}

const named = (change: Readonly<Record<string, Omit<SourceColumn, 'name'>>> = {}): SourceColumn[] =>
  NAMES.map((name) => ({ name, ...change[name] }));
const read = async (rows: readonly (readonly Cell[])[], columns: readonly SourceColumn[], names: ColumnNames = {}) => {
  const log = new DefectLog();
  return { log, file: await readBars(input(rows, columns), { layout: 'auto', columns: names }, log) };
};
const DAY = 86_400_000;

describe('readBars', () => {
  it('takes numbers of a typed source as they are, with the kind of stamp that its column says', async () => {
    const rows = [1, 2, 3].map((day) => [day * DAY, 10, 12, 9, 11.25, 100]);
    const { file, log } = await read(rows, named({ date: { stamps: 'date' } }));
    expect(log.errorCount).toBe(0);
    expect(file).toMatchObject({ rows: 3, stampFormat: 'typed date' });
    const [chunk] = file.chunks;
    expect(chunk).toMatchObject({ symbol: 'X', isNamed: false, kind: 'date' });
    expect(chunk!.stamps).toEqual(Float64Array.of(DAY, 2 * DAY, 3 * DAY));
    expect(chunk!.rows).toEqual(Float64Array.of(1, 2, 3));
    expect(chunk!.values[3]).toEqual(Float64Array.of(11.25, 11.25, 11.25));
  });

  it('divides scaled prices, and counts times from a midnight', async () => {
    const columns = named({
      date: { stamps: 'local', stampsFrom: 40 * DAY },
      ...Object.fromEntries(['open', 'high', 'low', 'close'].map((name) => [name, { divisor: 10_000 }])),
    });
    for (const time of [60_000, '60000']) {
      const typed = await read([[time, '1126300', '1126300', '1088000', '1092500', '90']], columns);
      expect(typed.log.errorCount).toBe(0);
      expect(typed.file.chunks[0]!.stamps[0]).toBe(40 * DAY + 60_000);
      expect(typed.file.chunks[0]!.values.map(([value]) => value)).toEqual([112.63, 112.63, 108.8, 109.25, 90]);
    }
  });

  it('refuses what a typed cell does not hold, by row and column', async () => {
    const rows = [
      [DAY, null, 12, 9, 11, 1],
      [2 * DAY, 10, Number.NaN, 9, 11, 1],
      [3 * DAY, 10, 12, Number.POSITIVE_INFINITY, 11, 1],
      [Number.NaN, 10, 12, 9, 11, 1],
      [4 * DAY + 0.5, 10, 12, 9, 11, 1],
      [null, 10, 12, 9, 11, 1],
    ];
    const { file, log } = await read(rows, named({ date: { stamps: 'date' } }));
    expect(file.chunks).toEqual([]);
    expect(() => log.refuse()).toThrow(
      "memory row 1, column 'open': no value (null); memory row 2, column 'high': no value (NaN)",
    );
    expect(log.errorCount).toBe(6);
  });

  it('reads integers of no stated kind that write a date as that date', async () => {
    const rows = [20240131, 20240201, 20240202].map((date) => [date, 10, 12, 9, 11, 1]);
    const { file, log } = await read(rows, named());
    expect(log.errorCount).toBe(0);
    expect(file).toMatchObject({ stampFormat: 'YYYYMMDD', chunks: [{ kind: 'date' }] });
    expect([...file.chunks[0]!.stamps]).toEqual([31, 32, 33].map((day) => Date.UTC(2024, 0, day)));
    const bad = await read([[20240230, 10, 12, 9, 11, 1]], named());
    expect(() => bad.log.refuse()).toThrow("memory row 1, column 'date': '20240230' is a date that does not exist");
  });

  it.each([
    ['a typed date', DAY * 19_724, 'date', 'typed date and time'],
    ['a typed midnight', DAY * 19_724, 'local', 'typed date and time'],
    ['an integer that writes a date', 20240102, undefined, 'YYYYMMDD with time'],
  ] as const)('joins %s and the time of day beside it', async (_, day, stamps, stampFormat) => {
    const columns = [...named({ date: stamps === undefined ? {} : { stamps } }), { name: 'time', isText: true }];
    const rows = ['09:30:00.000', '09:31:00.000'].map((time) => [day, 10, 12, 9, 11, 1, time]);
    const { file, log } = await read(rows, columns);
    expect(log.errorCount).toBe(0);
    expect(file).toMatchObject({ stampFormat, chunks: [{ kind: 'local' }] });
    expect([...file.chunks[0]!.stamps]).toEqual([570, 571].map((minute) => Date.UTC(2024, 0, 2, 0, minute)));
    for (const time of [null, 930, '25:00']) {
      const bad = await read([[day, 10, 12, 9, 11, 1, time]], columns);
      const reason =
        stamps === undefined ? `'20240102 ${time ?? ''}' is not a date` : `'${time ?? ''}' is no time of day`;
      expect(() => bad.log.refuse()).toThrow(`memory row 1, column 'date': ${reason}`);
    }
  });

  it('leaves no time of day out beside a stamp that has one, unless it is told to', async () => {
    const noon = 1_704_196_800_000;
    for (const [cell, stamps, reason] of [
      [noon, 'local', "'2024-01-02T12:00:00' has a time of its own and stands beside '09:30' in a column of times"],
      [noon, 'instant', "'2024-01-02T12:00:00Z' has a time of its own"],
      [noon - DAY / 2, 'instant', "'2024-01-02T00:00:00Z' has a time of its own"],
      [Number.NaN, 'local', 'no date (empty cell)'],
      [noon, undefined, "'1704196800000 09:30' is not a date"],
    ] as const) {
      const columns = [...named({ date: stamps === undefined ? {} : { stamps } }), { name: 'time', isText: true }];
      const rows = [[cell, 10, 12, 9, 11, 1, '09:30']];
      const { log } = await read(rows, columns);
      expect(() => log.refuse()).toThrow(`memory row 1, column 'date': ${reason}`);
      if (Number.isNaN(cell)) continue;
      const alone = await read(rows, columns, { time: 'none' });
      expect(alone.log.errorCount).toBe(0);
      expect([...alone.file.chunks[0]!.stamps]).toEqual([cell]);
    }
  });

  it('reads epoch numbers of no stated kind as seconds or milliseconds', async () => {
    const seconds = await read([[1_700_000_000, 10, 12, 9, 11, 1]], named());
    const milliseconds = await read([[1_700_000_000_000, 10, 12, 9, 11, 1]], named());
    expect(seconds.file.chunks[0]).toMatchObject({ kind: 'instant', stamps: Float64Array.of(1_700_000_000_000) });
    expect(milliseconds.file.chunks[0]!.stamps).toEqual(seconds.file.chunks[0]!.stamps);
  });
});
