import { describe, expect, it } from 'vitest';
import { readBars } from '../../../../src/data/ingest/bar-reader.js';
import { DefectLog } from '../../../../src/data/ingest/defects.js';
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
const read = async (rows: readonly (readonly Cell[])[], columns: readonly SourceColumn[]) => {
  const log = new DefectLog();
  return { log, file: await readBars(input(rows, columns), { layout: 'auto', columns: {} }, log) };
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

  it('joins a typed day and the time of day beside it', async () => {
    const columns = [...named({ date: { stamps: 'date' } }), { name: 'time', isText: true }];
    const rows = ['09:30:00.000', '09:31:00.000'].map((time) => [DAY, 10, 12, 9, 11, 1, time]);
    const { file, log } = await read(rows, columns);
    expect(log.errorCount).toBe(0);
    expect(file).toMatchObject({ stampFormat: 'typed date and time', chunks: [{ kind: 'local' }] });
    expect([...file.chunks[0]!.stamps]).toEqual([DAY + 570 * 60_000, DAY + 571 * 60_000]);
    for (const [time, reason] of [
      [null, "'' is no time of day"],
      [930, "'930' is no time of day"],
      ['25:00', "'25:00' is no time of day"],
    ] as const) {
      const bad = await read([[DAY, 10, 12, 9, 11, 1, time]], columns);
      expect(() => bad.log.refuse()).toThrow(`memory row 1, column 'date': ${reason}`);
    }
  });

  it('reads epoch numbers of no stated kind as seconds or milliseconds', async () => {
    const seconds = await read([[1_700_000_000, 10, 12, 9, 11, 1]], named());
    const milliseconds = await read([[1_700_000_000_000, 10, 12, 9, 11, 1]], named());
    expect(seconds.file.chunks[0]).toMatchObject({ kind: 'instant', stamps: Float64Array.of(1_700_000_000_000) });
    expect(milliseconds.file.chunks[0]!.stamps).toEqual(seconds.file.chunks[0]!.stamps);
  });
});
