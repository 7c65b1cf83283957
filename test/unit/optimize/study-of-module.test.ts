import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFromColumns, sampleMarket } from '../../../src/data/index.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { loadStrategy } from '../../../src/engine/strategy-loader.js';
import { optimize } from '../../../src/optimize/optimize.js';
import { readStudyRecord } from '../../../src/optimize/study-record.js';
import { walkForward } from '../../../src/validate/walk-forward.js';
import { CROSSOVER } from '../../helpers/command-line.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal } from '../../helpers/optuna-journal.js';

const folder = makeFolder();
const bundle = await bundleFromColumns(sampleMarket({ symbols: 2, sessions: 120, seed: 4 }));
afterAll(() => {
  bundle[Symbol.dispose]();
  folder.remove();
});

/** A strategy that declares the file in which it is written, as a program has it that imports it. */
async function strategyIn(name: string) {
  const path = join(folder.path, name);
  writeFileSync(path, CROSSOVER);
  const { strategy } = await loadStrategy(path);
  return { path, strategy: defineStrategy({ ...strategy, module: pathToFileURL(path).href } as never) };
}

describe('a study of a strategy that declares its module', () => {
  it('is the same study for one worker and for two', async () => {
    const { strategy } = await strategyIn('same.ts');
    const searched = async (name: string, ...parts: readonly (readonly [jobs: number, trials: number])[]) => {
      const study = join(folder.path, name);
      for (const [jobs, trials] of parts) {
        await using _open = await optimize(strategy, { bundle, study, jobs, trials, search: 'random', seed: 3 });
      }
      return (canonicalJournal(study) as readonly { readonly trials: unknown }[])[0]!.trials;
    };
    const expected = await searched('two.log', [2, 6]);
    expect(await searched('one.log', [1, 6])).toEqual(expected);
    expect(await searched('one-two.log', [1, 3], [2, 6])).toEqual(expected);
    expect(await searched('two-one.log', [2, 3], [1, 6])).toEqual(expected);
    expect(readStudyRecord(join(folder.path, 'one.log')).facts).toMatchObject({
      strategyFile: join(folder.path, 'same.ts'),
      strategySourceHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('does not go on in one thread when the module has changed', async () => {
    const { path, strategy } = await strategyIn('changing.ts');
    const study = join(folder.path, 'changing.log');
    const search = async () => {
      await using _open = await optimize(strategy, { bundle, study, jobs: 1, trials: 3, search: 'random' });
    };
    await search();
    const kept = readFileSync(study, 'utf8');
    writeFileSync(path, CROSSOVER.replace('fast.value > slow.value', 'fast.value > slow.value * 1.01'));
    await expect(search()).rejects.toMatchObject({ code: 'STUDY_MISMATCH' });
    expect(readFileSync(study, 'utf8')).toBe(kept);
  });

  it('names it in a walk-forward too', async () => {
    const { path, strategy } = await strategyIn('windows.ts');
    const windows = { bundle, train: 60, test: 20, trials: 2, search: 'random' } as const;
    const [one, two] = [
      await walkForward(strategy, { ...windows, jobs: 1, study: join(folder.path, 'wf-1') }),
      await walkForward(strategy, { ...windows, jobs: 2, study: join(folder.path, 'wf-2') }),
    ];
    expect(one.strategy).toEqual(two.strategy);
    expect(one.strategy).toMatchObject({ file: path });
  });
});
