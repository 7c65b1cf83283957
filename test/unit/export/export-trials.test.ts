import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { choice, int } from '../../../src/engine/parameters.js';
import { EXPORT_FORMATS, exportTrials } from '../../../src/export/index.js';
import { openStudy } from '../../../src/optimize/open-study.js';
import { makeFolder } from '../../helpers/folders.js';
import { openDuckDb } from '../../helpers/parquet-readers.js';

function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');

describe('exportTrials', () => {
  it('writes a row for each ended trial of a study in memory, by number', async () => {
    await using study = await openStudy({
      parameters: { x: int(1, 4), kind: choice('a', 'b') },
      search: 'grid',
      batch: 4,
    });
    const asked = [study.ask()!, study.ask()!, study.ask()!, study.ask()!];
    study.tell(asked[2]!, { state: 'failed', reason: 'it broke, "badly"' });
    study.tell(asked[0]!, 0.5);
    study.tell(asked[1]!, { state: 'pruned', value: -1, reason: 'behind' });
    const path = join(temporaryFolder(), 'trials.csv');
    const file = await exportTrials(study, path);
    expect(file).toEqual({ name: 'trials.csv', rows: 3, textColumns: [] });
    const [head, ...rows] = lines(path);
    expect(head).toMatch(
      /^number,state,value,budget,stopped_at,duplicate_of,taken_from,reason,param_x,param_kind,ending_equity,/,
    );
    expect(rows.map((row) => row.replace(/,+$/, ''))).toEqual([
      '0,complete,0.5,1,,,,,1,a',
      '1,pruned,-1,1,,,,behind,1,b',
      '2,failed,,1,,,,"it broke, ""badly""",2,a',
    ]);
  });

  it('names the columns of several objectives, by number where no names are given', async () => {
    await using study = await openStudy({
      parameters: { x: int(1, 4) },
      directions: ['maximize', 'minimize'],
      search: 'grid',
    });
    study.tell(study.ask()!, [2, 3]);
    const path = join(temporaryFolder(), 'trials.jsonl');
    await exportTrials(study, path);
    expect(JSON.parse(lines(path)[0]!)).toMatchObject({ number: 0, value_1: 2, value_2: 3, param_x: 1 });
    await exportTrials(study, path, { objectives: ['sharpe', 'turnover'] });
    expect(JSON.parse(lines(path)[0]!)).toMatchObject({ value_sharpe: 2, value_turnover: 3 });
    await expect(exportTrials(study, path, { objectives: ['sharpe'] })).rejects.toThrow(
      "The study has 2 objectives; 'objectives' names 1.",
    );
  });

  it('is read by DuckDB', async () => {
    await using study = await openStudy({ parameters: { x: int(1, 50) }, search: 'grid' });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) study.tell(trial, trial.params.x ** 2);
    const path = join(temporaryFolder(), 'trials.parquet');
    await exportTrials(study, path);
    const duckDb = await openDuckDb();
    onTestFinished(() => duckDb.close());
    const { rows } = await duckDb.query(`select count(*), sum(value), max(param_x) from '${path}'`);
    expect(rows.map((row) => row.map(Number))).toEqual([[50, 42_925, 50]]);
  });

  it('refuses a file without a format, and writes nothing', async () => {
    await using study = await openStudy({ parameters: { x: int(1, 2) }, search: 'grid' });
    const path = join(temporaryFolder(), 'trials.txt');
    await expect(exportTrials(study, path)).rejects.toMatchObject({
      code: 'UNKNOWN_FORMAT',
      details: { known: EXPORT_FORMATS },
    });
    expect(existsSync(path)).toBe(false);
  });
});
