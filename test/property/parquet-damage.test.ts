import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError } from '../../src/core/errors.js';
import { buildDraft } from '../../src/data/ingest/ingest.js';
import { makeFolder } from '../helpers/folders.js';

/** Cases of each run; a nightly run asks for more. */
const RUNS = Number(process.env.HINDCAST_FUZZ_RUNS ?? 2000);
/** Far beyond what forty rows take on a busy machine: a loop that damage makes endless would never end. */
const PATIENCE_MS = 20_000;

const fixtures = fileURLToPath(new URL('../fixtures/parquet/', import.meta.url));
const originals = readdirSync(fixtures).map((name) => readFileSync(join(fixtures, name)));
const folder = makeFolder();
afterAll(() => folder.remove());

const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.nat(255) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(), value: fc.constant(0) }) },
);

function damaged(bytes: Buffer, changes: readonly { kind: 'set' | 'cut' | 'end'; at: number; value: number }[]) {
  let result = Buffer.from(bytes);
  for (const { kind, at, value } of changes) {
    const place = result.length === 0 ? 0 : at % result.length;
    if (kind === 'set' && result.length > 0) result[place] = value;
    else if (kind === 'cut') result = Buffer.concat([result.subarray(0, place), result.subarray(place + value)]);
    else if (kind === 'end') result = result.subarray(0, place);
  }
  return result;
}

describe('a damaged Parquet file', () => {
  it('is read as rows that pass every check, or refused as data, and never anything else', async () => {
    const outcomes = { refused: 0, read: 0 };
    const property = fc.asyncProperty(
      fc.nat(originals.length - 1),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (which, changes) => {
        const path = join(folder.path, 'bars.parquet');
        writeFileSync(path, damaged(originals[which]!, changes));
        const started = performance.now();
        try {
          const { draft, report } = await buildDraft({ files: [path], calendar: '24/7', frequency: '1m' });
          expect(report.rows).toBeGreaterThan(0);
          for (const { times, assets } of draft.groups) {
            for (const { columns } of assets) {
              for (const column of Object.values(columns)) expect(column.length).toBeLessThanOrEqual(times.length);
            }
          }
          outcomes.read++;
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
          expect(error.message.length).toBeGreaterThan(10);
          outcomes.refused++;
        }
        expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
      },
    );
    await fc.assert(property, { numRuns: RUNS });
    // Both happen: damage outside of what is read changes nothing.
    expect(outcomes.refused).toBeGreaterThan(RUNS / 4);
    expect(outcomes.read).toBeGreaterThan(0);
  });
});
