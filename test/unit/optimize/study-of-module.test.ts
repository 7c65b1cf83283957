import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFromColumns, sampleMarket } from '../../../src/data/index.js';
import type { ParameterMap } from '../../../src/engine/parameters.js';
import type { Strategy } from '../../../src/engine/strategy.js';
import { optimize } from '../../../src/optimize/optimize.js';
import { readStudyRecord } from '../../../src/optimize/study-record.js';
import { walkForward } from '../../../src/validate/walk-forward.js';
import { CROSSOVER } from '../../helpers/command-line.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal } from '../../helpers/optuna-journal.js';
import { projectRoot } from '../../helpers/source-text.js';

const folder = makeFolder();
const bundle = await bundleFromColumns(sampleMarket({ symbols: 2, sessions: 120, seed: 4 }));
afterAll(() => {
  bundle[Symbol.dispose]();
  folder.remove();
});

const SOURCE = CROSSOVER.replace('defineStrategy({', '$& module: import.meta.url,');

async function importFrom<T>(name: string, text: string): Promise<{ readonly path: string; readonly module: T }> {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return { path, module: (await import(pathToFileURL(path).href)) as T };
}

type Cross = Strategy<ParameterMap>;

/** A strategy that declares the file in which it is written, as a program has it that imports it. */
async function strategyIn(name: string) {
  const { path, module } = await importFrom<{ readonly default: Cross }>(name, SOURCE);
  return { path, strategy: module.default };
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
    writeFileSync(path, SOURCE.replace('fast.value > slow.value', 'fast.value > slow.value * 1.01'));
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

  it('takes over what the default export of its module has found, and nothing that another strategy of the file has', async () => {
    const [two, one, none] = ['two.log', 'one.log', 'other.log'].map((name) => join(folder.path, `reused-${name}`));
    const text = `${SOURCE.replace('export default', 'export const make = (by: number) =>').replace('slow.value', '$& * by')}
export const other = make(1.05);
export default make(1);
`;
    const { path, module } = await importFrom<{ readonly default: Cross; readonly other: Cross }>('several.ts', text);
    const search = async (strategy: Cross, more: object) => {
      await using study = await optimize(strategy, { bundle, search: 'grid', ...more });
      const outcomes = [];
      for await (const { takenFrom, seconds: _seconds, worker: _worker, ...outcome } of study.trials())
        outcomes.push(outcome);
      return { outcomes, taken: study.takenOver };
    };
    const expected = await search(module.default, { jobs: 2, study: two });
    await search(module.default, { jobs: 1, study: one });
    for (const from of [one, two]) {
      expect(await search(module.default, { jobs: 1, reuse: [from] })).toEqual({ ...expected, taken: 6 });
      expect(await search(module.default, { jobs: 2, reuse: [from] })).toEqual({ ...expected, taken: 6 });
      await expect(search(module.other, { jobs: 1, reuse: [from] })).rejects.toMatchObject({
        code: 'REUSE_MISMATCH',
        message: expect.stringContaining('not known to be the default export'),
      });
    }
    // A study of it is that of an object: nobody takes it for one of the file.
    await search(module.other, { jobs: 1, study: none });
    expect(() => readStudyRecord(none!)).toThrow(/names no strategy file/);
    await expect(search(module.default, { jobs: 1, reuse: [none] })).rejects.toMatchObject({
      code: 'REUSE_MISMATCH',
      message: expect.stringMatching(/strategy source was in memory/),
    });
    expect(readStudyRecord(one!).facts.strategyFile).toBe(path);
  });

  it.each([
    ['a program searches its own strategy', 'program.mjs', undefined],
    ['a module searches its own strategy', 'module.mjs', "import './module.mjs';"],
  ])('is that of an object where %s, while it is loaded', async (_, name, importer) => {
    const study = join(folder.path, `${name}.log`);
    const store = join(folder.path, 'store');
    const modules = join(folder.path, 'node_modules');
    mkdirSync(modules, { recursive: true });
    if (!existsSync(join(modules, 'hindcast'))) symlinkSync(projectRoot, join(modules, 'hindcast'));
    const module = join(folder.path, name);
    writeFileSync(
      module,
      `${SOURCE.replace('export default', 'const cross =')}
export default cross;
import { optimize } from 'hindcast';
import { bundleFromColumns, sampleMarket } from 'hindcast/data';
const bundle = await bundleFromColumns(sampleMarket({ symbols: 2, sessions: 120, seed: 4 }));
const begun = performance.now();
const study = await optimize(cross, { bundle, jobs: 1, study: ${JSON.stringify(study)}, search: 'grid' });
console.log(JSON.stringify({ complete: study.counts.complete, isPrompt: performance.now() - begun < 4000 }));
await study.close();
`,
    );
    const program = importer === undefined ? module : join(folder.path, `importer-of-${name}`);
    if (importer !== undefined) writeFileSync(program, importer);
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env: { HINDCAST_HOME: store } });
    // Its code ran once.
    expect(stdout).toBe('{"complete":6,"isPrompt":true}\n');
    expect(() => readStudyRecord(study)).toThrow(/names no strategy file/);
  });
});
