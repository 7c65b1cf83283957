import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DefectLog } from '../../../../src/data/ingest/defects.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { Policies } from '../../../../src/data/ingest/policies.js';
import { layOut } from '../../../../src/data/layout.js';
import { bundleVersion } from '../../../../src/data/version.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { zipOf } from '../../../helpers/zip-files.js';

const write = temporaryFiles();
const MINUTE = 60_000;

/** Minutes of a symbol; the close is the row's number, so that no two files are the same. */
function csv(rows: number, price: number, odd: (row: number) => string | undefined = () => undefined): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const time = new Date(Date.UTC(2024, 0, 1) + row * MINUTE).toISOString();
    return odd(row) ?? `${time},${price},${price + row},${price},${price + row},${row % 7}`;
  });
  return `time,open,high,low,close,volume\n${lines.join('\n')}\n`;
}

/** The version of what files make, with all that the report says; or the error. */
async function outcome(files: readonly string[], jobs: number, options: Partial<IngestOptions> = {}) {
  try {
    const { draft, report } = await buildDraft({ files, jobs, calendar: '24/7', ...options });
    return { version: bundleVersion(layOut(draft).manifest), report };
  } catch (error) {
    const { name, code, message, details } = error as Error & { code: string; details: object };
    return { name, code, message, details };
  }
}

describe('files read on several threads', () => {
  it('make the same version and report as on one, of every kind of file, large and small', async () => {
    const files = [
      // A piece of its own for several columns.
      write('LARGE.csv', csv(80_000, 100)),
      write('B.csv.gz', gzipSync(csv(50, 20))),
      write(
        'C.zip',
        zipOf([
          { name: 'C1.csv', content: csv(40, 30) },
          { name: 'C2.csv', content: csv(30, 40) },
        ]),
      ),
      write(
        'D.csv',
        csv(60, 50, (row) => (row === 7 ? `${new Date(Date.UTC(2024, 0, 1, 0, 7)).toISOString()},,,,,` : undefined)),
      ),
      write('E.csv', csv(60, 50).split('\n').toSpliced(5, 2).join('\n')),
    ];
    const options = { member: '*', on: { 'missing-value': 'drop' } } as const;
    const one = await outcome(files, 1, options);
    expect(one).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{64}$/), report: { rows: 80_238 } });
    for (const jobs of [2, 5]) expect(await outcome([...files].reverse(), jobs, options)).toEqual(one);
  });

  it('refuse with the same errors in the same order', async () => {
    const bad = (name: string, price: string): string =>
      write(
        name,
        csv(30, 10, (row) => (row % 3 === 0 ? `2024-01-01T00:${10 + row}:00Z,1,1,${price},1,1` : undefined)),
      );
    const files = [bad('A.csv', 'x'), write('B.csv', csv(5_000, 10)), bad('C.csv', '-5'), bad('D.csv', 'y')];
    const one = await outcome(files, 1);
    expect(one).toMatchObject({ name: 'DataError', code: 'INGEST_REFUSED' });
    expect(one).toEqual(await outcome(files, 2));
    // Of files that cannot be read as a whole the first by name is told, whichever thread fails first.
    const broken = [write('F.csv', csv(5_000, 10)), write('G.csv', 'a,b\n1,2\n'), write('H.csv', 'c,d\n1,2\n')];
    const whole = await outcome(broken, 1);
    expect(whole).toMatchObject({ name: 'DataError', message: expect.stringContaining('G.csv') });
    expect(await outcome(broken, 3)).toEqual(whole);
    expect(await outcome([write('F.csv', csv(2, 1)), 'nowhere.csv'], 2)).toMatchObject({
      name: 'UsageError',
      code: 'FILE_NOT_FOUND',
    });
  });

  it('refuse a number of threads that is none', async () => {
    for (const jobs of [0, 1.5, -1]) {
      expect(await outcome([write('A.csv', csv(3, 1))], jobs)).toMatchObject({ code: 'INVALID_OPTION' });
    }
  });

  it('have what each log found put together in order, as one log would have found it', () => {
    const codes = ['RAGGED_ROW', 'MISSING_VALUE', 'ZERO_PRICE', 'UNSORTED', 'NO_VOLUME'] as const;
    const finding = fc.record({
      code: fc.constantFrom(...codes),
      how: fc.constantFrom('row', 'row', 'whole', 'error', 'warning'),
    });
    const policies = fc.constantFrom({}, { 'ragged-row': 'drop' }, {
      'missing-value': 'fill',
      unsorted: 'warn',
    } as const);
    fc.assert(
      fc.property(fc.array(fc.array(finding, { maxLength: 30 }), { maxLength: 4 }), policies, (files, on) => {
        const [one, all] = [new DefectLog(new Policies(on)), new DefectLog(new Policies(on))];
        for (const [at, findings] of files.entries()) {
          const own = new DefectLog(new Policies(on));
          for (const log of [one, own]) {
            for (const [row, { code, how }] of findings.entries()) {
              if (how === 'row') log.row(code, `${at}.csv`, 'is odd', row);
              else log[how](code, `${at}.csv`, 'is odd');
            }
          }
          all.absorb(structuredClone(own.findings));
        }
        expect(all.findings).toEqual(one.findings);
        expect(all.warnings).toEqual(one.warnings);
        expect(all.quality).toEqual(one.quality);
        const refused = (log: DefectLog): unknown => {
          try {
            log.refuse();
          } catch (error) {
            return { ...(error as object), message: (error as Error).message };
          }
          return undefined;
        };
        expect(refused(all)).toEqual(refused(one));
      }),
      { numRuns: 1000 },
    );
  });
});
