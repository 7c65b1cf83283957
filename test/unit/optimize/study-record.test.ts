import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reproduceTrial } from '../../../src/optimize/reproduce.js';
import { readStudyRecord } from '../../../src/optimize/study-record.js';
import { resumeStudy } from '../../../src/optimize/study-run.js';
import { judgeStudy } from '../../../src/validate/judged-study.js';
import { CROSSOVER, hindcast, prepareSearch } from '../../helpers/command-line.js';

it('a study that was read is reproduced, judged and resumed as its file is, without being read again', async () => {
  const { folder, optimize } = await prepareSearch(CROSSOVER);
  const path = join(folder, 'study.log');
  expect((await hindcast(optimize('--study', path))).code).toBe(0);
  const record = readStudyRecord(path);
  const { number, expected, found, equal } = await reproduceTrial(path, 3);
  expect(await reproduceTrial(record, 3)).toMatchObject({ number, expected, found, equal });
  expect(await judgeStudy(record, 1)).toEqual(await judgeStudy(path, 1));
  expect((await resumeStudy(record, { jobs: 1 })).best).toEqual((await resumeStudy(path, { jobs: 1 })).best);
  // What was read says which strategy it was, and not the file, which may have grown since.
  const changed = { ...record, facts: { ...record.facts, strategySourceHash: 'another' } };
  await expect(reproduceTrial(changed, 3)).rejects.toMatchObject({ code: 'STUDY_MISMATCH' });
  await expect(judgeStudy(changed, 1)).rejects.toMatchObject({ code: 'STUDY_MISMATCH' });
});
