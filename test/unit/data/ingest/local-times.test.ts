import { describe, expect, it } from 'vitest';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';

const file = temporaryFiles();

/** Times of bars, `'01:30'` or with a date, from one to another and `step` minutes apart. */
function times(from: string, to: string, step: number, date = '2023-11-05'): string[] {
  const list: string[] = [];
  for (let at = Date.parse(`${date}T${from}Z`); at <= Date.parse(`${date}T${to}Z`); at += step * 60_000) {
    list.push(new Date(at).toISOString().slice(0, 16));
  }
  return list;
}

const barOf = (stamp: string, close: number): string => `${stamp},${close},${close + 1},${close - 1},${close},100`;

let files = 0;
/** Writes bars of these local times, each with a close of its own. */
function write(stamps: readonly string[], first = 0): string {
  const rows = stamps.map((stamp, row) => barOf(stamp, 1000 + first + row));
  return file(`F${files++}.csv`, ['date,open,high,low,close,volume', ...rows].join('\n'));
}

const NEW_YORK = { symbol: 'X', calendar: '24/7', timezone: 'America/New_York' } as const;

/** Returns what UTC times and closes are made of files of local times. */
async function ingest(paths: readonly string[], options: Partial<IngestOptions> = {}) {
  const { draft, report } = await buildDraft({ files: [...paths], ...NEW_YORK, ...options });
  const [group] = draft.groups;
  return {
    times: Array.from(group!.times, (time) => new Date(time).toISOString().slice(0, 16)),
    closes: Array.from(group!.assets[0]!.columns.close!),
    warnings: report.warnings,
  };
}

const refusal = (paths: readonly string[], options: Partial<IngestOptions> = {}) =>
  ingest(paths, options).then(
    () => expect.unreachable('was not refused'),
    (error: { message: string; details: { counts: object } }) => error,
  );

describe('the night in which clocks go back', () => {
  it.each([
    ['begins and ends in the hour', times('01:45', '01:59', 1), times('01:00', '01:20', 1), '05:45', '06:20'],
    ['begins in its first run', times('01:30', '01:59', 1), times('01:00', '03:00', 1), '05:30', '08:00'],
    ['begins in its second run', [], times('01:30', '03:00', 1), '06:30', '08:00'],
    ['ends in its first run', times('00:00', '01:40', 1), [], '04:00', '05:40'],
    ['ends in its second run', times('00:00', '01:59', 1), times('01:00', '01:01', 1), '04:00', '06:01'],
  ])('is read whole where a file %s, from either end', async (_, before, after, from, to) => {
    const stamps = [...before, ...after];
    const expected = times(from, to, 1);
    const forwards = await ingest([write(stamps)], { frequency: '1m' });
    expect(forwards.times).toEqual(expected);
    expect(forwards.warnings).toEqual([]);
    const backwards = await ingest([write(stamps.toReversed())], { frequency: '1m' });
    expect(backwards.times).toEqual(expected);
    expect(backwards.warnings.map(({ code }) => code)).toEqual(['NEWEST_FIRST']);
    expect(backwards.closes).toEqual(forwards.closes.toReversed());
  });

  it.each([1, 5, 15, 30, 60])('may be cut over two files anywhere (bars of %d minutes)', async (step) => {
    const night = [...times('00:00', '01:59', step), ...times('01:00', '03:00', step)];
    const expected = times('04:00', '08:00', step);
    const frequency = step === 60 ? '1h' : (`${step}m` as '1m');
    for (let cut = 1; cut < night.length; cut += Math.max(1, Math.round(step === 1 ? 13 : 1))) {
      const paths = [write(night.slice(0, cut)), write(night.slice(cut), cut)];
      const { times: found, closes } = await ingest(paths, { frequency });
      expect([cut, found]).toEqual([cut, expected]);
      expect(closes).toEqual(expected.map((_, row) => 1000 + row));
    }
  });

  it.each([
    ['two rows change places in the first run', [...times('00:00', '01:20', 10), '01:40', '01:30', '01:50', '02:00']],
    [
      'two rows change places, and the second run follows',
      [...times('00:00', '01:20', 10), ...['01:40', '01:30', '01:50'], ...times('01:00', '02:00', 10)],
    ],
    [
      'two rows change places at the seam',
      [...times('00:00', '01:40', 10), ...['01:00', '01:50'], ...times('01:10', '02:00', 10)],
    ],
  ])('is refused where %s', async (_, stamps) => {
    const rows = stamps.map((stamp) => (stamp.length === 5 ? `2023-11-05T${stamp}` : stamp));
    const path = write(rows);
    const error = await refusal([path], { frequency: '1m' });
    expect(error.details.counts).toMatchObject({ AMBIGUOUS_LOCAL_TIME: expect.any(Number) });
    expect(error.message).toMatch(
      /F\d+\.csv row 7: the local time 2023-11-05 01:00 occurs twice, and the order of the rows does not tell/,
    );
    const { times: rest } = await ingest([path], { frequency: '1m', on: { 'ambiguous-local-time': 'drop' } });
    expect(rest).toEqual([...times('04:00', '04:50', 10), '2023-11-05T07:00']);
  });

  it('is refused where two rows may be both: the newest first, or the two runs in order', async () => {
    const path = write(['2023-11-05T01:30', '2023-11-05T01:00']);
    const { message } = await refusal([path], { frequency: '30m' });
    expect(message).toMatch(/row 1: the local time 2023-11-05 01:30 occurs twice/);
    expect(message).toMatch(/row 2: the local time 2023-11-05 01:00 occurs twice/);
    // Where the user says that order is as it should be, the clock has gone back.
    const { times: kept } = await ingest([path], { frequency: '30m', on: { 'ambiguous-local-time': 'warn' } });
    expect(kept).toEqual(['2023-11-05T05:30', '2023-11-05T06:00']);
    expect(
      (await refusal([write(['2023-11-05T01:00', '2023-11-05T01:00'])], { frequency: '1h' })).details.counts,
    ).toEqual({
      AMBIGUOUS_LOCAL_TIME: 2,
    });
  });

  it('is taken for its first run where only one is there between bars, which is said', async () => {
    const { times: found, warnings } = await ingest([write(times('00:00', '03:00', 30))]);
    expect(found).toEqual([...times('04:00', '05:30', 30), ...times('07:00', '08:00', 30)]);
    expect(warnings.map(({ code }) => code)).toContain('LOCAL_TIME_ONCE');
    expect(warnings.find(({ code }) => code === 'LOCAL_TIME_ONCE')!.message).toBe(
      'X: 2 rows are of local times that occur twice and are there once: row 3 (2023-11-05 01:00), row 4 (2023-11-05 01:30); they were taken for the first occurrence',
    );
    const strict = refusal([write(times('00:00', '03:00', 30))], { on: { 'local-time-once': 'fail' } });
    expect((await strict).details.counts).toEqual({ LOCAL_TIME_ONCE: 1 });
  });

  it.each([
    ['before', ['2023-11-04T23:00', '2023-11-05T01:00', '2023-11-05T02:00', '2023-11-05T03:00']],
    ['after', ['2023-11-04T23:00', '2023-11-05T00:00', '2023-11-05T01:00', '2023-11-05T03:00']],
  ])('is taken for its first run, which is said, also where the bar %s it is missing', async (_, night) => {
    const { times: found, warnings } = await ingest([write(night)]);
    expect(found[night.indexOf('2023-11-05T01:00')]).toBe('2023-11-05T05:00');
    expect(warnings.map(({ code }) => code)).toContain('LOCAL_TIME_ONCE');
    const strict = refusal([write(night)], { on: { 'local-time-once': 'fail' } });
    expect((await strict).details.counts).toEqual({ LOCAL_TIME_ONCE: 1 });
  });

  it('is half an hour on Lord Howe Island, where hourly bars go on at another minute', async () => {
    const lordHowe = { timezone: 'Australia/Lord_Howe' };
    const april = (...list: string[]): string[] => list.map((time) => `2023-04-02T${time}`);
    const half = await ingest([write(april('01:00', '01:30', '01:30', '02:00'))], lordHowe);
    expect(half.times).toEqual(times('14:00', '15:30', 30, '2023-04-01'));
    for (const night of [
      april('00:00', '01:00', '01:30', '02:30'),
      april('23:30', '00:30', '01:30', '02:00', '03:00'),
    ]) {
      if (night[0]!.endsWith('23:30')) night[0] = '2023-04-01T23:30';
      const { times: found, warnings } = await ingest([write(night)], { ...lordHowe, frequency: '1h' });
      const from = night[0]!.endsWith('23:30') ? '12:30' : '13:00';
      expect(found).toEqual(times(from, '17:00', 60, '2023-04-01').slice(0, night.length));
      expect(warnings).toEqual([]);
    }
  });
});
