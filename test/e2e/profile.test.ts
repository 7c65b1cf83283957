import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallFrame, CpuProfile, HeapNode, HeapProfile } from '../../src/profiling/recorder.js';
import { type ChildRun, hindcastChild } from '../helpers/child-command.js';
import { CROSSOVER, waveCsv } from '../helpers/command-line.js';
import { projectRoot } from '../helpers/source-text.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-profile-'));
const at = (...names: string[]): string => join(folder, ...names);
const hindcast = (...args: string[]): Promise<ChildRun> => hindcastChild(args, { home: at('home'), cwd: folder });
const parsed = async <T>(run: Promise<ChildRun>): Promise<T> => {
  const { code, stdout, stderr } = await run;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};

interface ProfileDocument {
  readonly folder: string;
  readonly files: readonly string[];
  readonly threads: readonly { readonly name: string; readonly wallMs: number; readonly busyMs: number }[];
  readonly lost: readonly string[];
  readonly functions: readonly { readonly name: string; readonly selfMs: number; readonly totalMs: number }[];
  readonly lines: readonly { readonly file: string; readonly line: number }[];
  readonly allocation: {
    readonly bytes: number;
    readonly per: string;
    readonly count: number;
    readonly bytesEach: number;
  };
}

interface RunDocument {
  readonly orderStreamHash: string;
  readonly bars: number;
  readonly profile?: ProfileDocument;
}

/** The crossover with work of its own in each bar, so that samples find it. */
const STRATEGY = CROSSOVER.replace(
  'handleData({ state: { asset, position, fast, slow }, order }) {',
  `handleData({ state: { asset, position, fast, slow }, order }) {
    busyWork();`,
).concat(`
function busyWork(): number {
  let sum: number = 0;
  for (let i = 0; i < 5_000; i++) sum += Math.sqrt(i);
  if (sum < 0) throw new Error('never');
  return sum;
}
`);
const lineOf = (text: string): number => STRATEGY.slice(0, STRATEGY.indexOf(text)).split('\n').length;

const read = <T>(...names: string[]): T => JSON.parse(readFileSync(at(...names), 'utf8')) as T;
const framesOf = (profile: string): CallFrame[] =>
  read<CpuProfile>(profile, 'cpu.cpuprofile').nodes.map(({ callFrame }) => callFrame);
const named = (frames: readonly CallFrame[], name: string): CallFrame | undefined =>
  frames.find(({ functionName }) => functionName === name);

beforeAll(async () => {
  writeFileSync(at('cross.ts'), STRATEGY);
  for (const [name, phase] of [
    ['AAA', 0],
    ['BBB', 20],
  ] as const)
    writeFileSync(at(`${name}.csv`), waveCsv(600, phase));
  await parsed(
    hindcast('ingest', 'csv', 'AAA.csv', 'BBB.csv', '--bundle', 'waves', '--calendar', '24/7', '--quiet', '--json'),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('backtest --profile', () => {
  it('writes files that name our functions and the strategy’s, where they are written, and changes no order', async () => {
    const args = ['backtest', 'cross.ts', '--bundle', 'waves', '--json'];
    const plain = await parsed<RunDocument>(hindcast(...args));
    expect(plain.profile).toBeUndefined();
    const { profile, ...run } = await parsed<RunDocument>(
      hindcast(...args, '--profile', 'made/here', '--report', 'run.html', '--quiet'),
    );
    expect(readFileSync(at('run.html'), 'utf8')).toMatch(/id="profile".*<svg .*<title>handleData \(cross\.ts/s);
    expect(run.orderStreamHash).toBe(plain.orderStreamHash);

    const files = ['cpu.cpuprofile', 'flame.svg', 'functions.txt', 'heap.heapprofile'];
    expect(readdirSync(at('made', 'here')).sort()).toEqual(files);
    const frames = framesOf(join('made', 'here'));
    const own = 'src/engine/backtest.ts';
    const begin = readFileSync(join(projectRoot, own), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes(' function backtest<'));
    expect(named(frames, 'backtest')).toMatchObject({
      url: pathToFileURL(join(projectRoot, own)).href,
      lineNumber: begin,
    });
    const line = lineOf('  handleData(');
    expect(named(frames, 'handleData')).toMatchObject({ url: `file://${at('cross.ts')}`, lineNumber: line - 1 });
    expect(named(frames, 'busyWork')).toMatchObject({ url: `file://${at('cross.ts')}` });

    const flame = readFileSync(at('made', 'here', 'flame.svg'), 'utf8');
    expect(flame).toContain(`<title>handleData (cross.ts:${line})\n`);
    expect(flame).toContain('<title>runOnce (src/engine/backtest.ts:');
    const text = readFileSync(at('made', 'here', 'functions.txt'), 'utf8');
    expect(text).toMatch(new RegExp(`^busyWork +cross\\.ts:${lineOf('function busyWork')} .* %$`, 'm'));
    expect(text).toMatch(new RegExp(`^cross\\.ts:${lineOf('  for (let i')} +busyWork .* %$`, 'm'));

    expect(text).toMatch(/^allocates +where +KiB +share +bytes a bar$/m);
    const heap = read<HeapProfile>('made', 'here', 'heap.heapprofile');
    const allocators = (node: HeapNode): string[] => [
      node.callFrame.functionName,
      ...node.children.flatMap(allocators),
    ];
    expect(allocators(heap.head)).toEqual(expect.arrayContaining(['main', 'backtest']));

    expect(profile).toMatchObject({
      folder: 'made/here',
      threads: [{ name: 'main' }],
      lost: [],
      allocation: { per: 'bar', count: run.bars },
    });
    expect([...profile!.files].sort()).toEqual(files);
    const selves = profile!.functions.map(({ selfMs }) => selfMs);
    expect(selves).toEqual([...selves].sort((a, b) => b - a));
    expect(selves).toHaveLength(10);
    expect(profile!.lines).toHaveLength(10);
    const { bytes, bytesEach } = profile!.allocation;
    expect(bytesEach).toBeCloseTo(bytes / run.bars, 6);
    expect(bytes).toBeGreaterThan(0);
  });
});

describe('optimize --profile', () => {
  it('merges the profiles of this thread and of two workers, and finds the same study', async () => {
    const args = [
      'optimize',
      'cross.ts',
      '--bundle',
      'waves',
      '--jobs',
      '2',
      '--json',
      '--quiet',
      '--no-lookahead',
      '--no-overfitting',
    ];
    interface StudyDocument {
      readonly best: { readonly number: number; readonly orderStreamHash: string };
      readonly profile?: ProfileDocument;
    }
    const plain = await parsed<StudyDocument>(hindcast(...args));
    const { profile, ...study } = await parsed<StudyDocument>(hindcast(...args, '--profile', 'search'));
    expect(study.best).toEqual(plain.best);
    expect(plain.profile).toBeUndefined();
    expect(existsSync(at('search', 'flame.svg'))).toBe(true);
    expect(profile!.threads.map(({ name }) => name)).toEqual(['main', 'worker 0', 'worker 1']);
    expect(profile).toMatchObject({ lost: [], allocation: { per: 'trial', count: 6 } });
    const frames = framesOf('search');
    for (const name of ['main', 'worker 0', 'worker 1', 'searchStrategy', 'runLease', 'handleData']) {
      expect(named(frames, name), name).toBeDefined();
    }
    expect(named(frames, 'handleData')).toMatchObject({ url: `file://${at('cross.ts')}` });
  });
});
