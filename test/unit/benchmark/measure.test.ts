import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildArm, type ProcessLife } from '../../../src/benchmark/child-arm.js';
import { type MeasurableArm, type MeasuredRun, measure } from '../../../src/benchmark/measure.js';
import { beginPeak, peakRssBytes, pssBytes } from '../../../src/benchmark/resources.js';
import type { Work } from '../../../src/benchmark/work.js';
import { sampleMarket } from '../../../src/data/sample-market.js';
import { BundleStore } from '../../../src/data/store.js';
import { writeBundle } from '../../../src/data/writer.js';
import { CROSSOVER } from '../../helpers/command-line.js';

/** An arm that runs a function in this thread. */
class LocalArm implements MeasurableArm {
  readonly log: string[];
  closed = 0;
  #runs = 0;
  constructor(
    readonly name: string,
    log: string[] = [],
    readonly digest: (run: number) => string = () => 'same',
  ) {
    this.log = log;
  }
  run(): Promise<MeasuredRun> {
    this.log.push(this.name);
    const sample = { seconds: ++this.#runs, cpuSeconds: 1, peakRssBytes: 1, pssBytes: null };
    return Promise.resolve({ sample, result: { digest: this.digest(this.#runs), says: `run ${this.#runs}` } });
  }
  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

const options = { runs: 10, warmUp: 2, seed: 3 };

describe('measure', () => {
  it('runs every arm once a round, drops the warm-up, and counts the rest', async () => {
    const log: string[] = [];
    const arms = ['a', 'b', 'c'].map((name) => new LocalArm(name, log));
    const told: number[] = [];
    const found = await measure(arms, { ...options, onRun: (done, total) => told.push(done / total) });
    expect(log).toHaveLength(36);
    expect(log.slice(0, 3)).toEqual(['a', 'b', 'c']);
    for (let round = 0; round < 12; round++)
      expect(log.slice(3 * round, 3 * round + 3).sort()).toEqual(['a', 'b', 'c']);
    expect(found.arms.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    for (const { runs } of found.arms)
      expect(runs.map(({ seconds }) => seconds)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(found.orders).toHaveLength(10);
    expect(new Set(found.orders.map(String)).size).toBeGreaterThan(2);
    expect(told.at(-1)).toBe(1);
    expect(arms.map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });

  it.each([
    {
      when: 'in the first round',
      digest: () => 'other',
      message: /'b' gives other results than 'a'.*in round 1: run 1/,
    },
    {
      when: 'in the last round',
      digest: (run: number) => (run < 12 ? 'same' : 'other'),
      message: /in round 12: run 12/,
    },
  ])('reports no time when an arm gives other results $when', async ({ digest, message }) => {
    const arms = [new LocalArm('a'), new LocalArm('b', [], digest)];
    await expect(measure(arms, options)).rejects.toThrow(message);
    expect(arms.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it('says so when the baseline does not repeat itself', async () => {
    const arms = [new LocalArm('a', [], (run) => `${run}`), new LocalArm('b', [], () => '1')];
    await expect(measure(arms, options)).rejects.toThrow(/'a' does not repeat itself/);
  });

  it('refuses fewer than ten runs, and no warm-up', async () => {
    await expect(measure([new LocalArm('a')], { ...options, runs: 9 })).rejects.toThrow(/at least 10 counted runs/);
    await expect(measure([new LocalArm('a')], { ...options, warmUp: 0 })).rejects.toThrow(/warmUp must be at least 1/);
  });
});

describe('the peak of memory', () => {
  it('grows with what is used, and begins anew', () => {
    beginPeak();
    const before = peakRssBytes();
    const used = Buffer.alloc(64 << 20, 1);
    expect(peakRssBytes()).toBeGreaterThan(before + (60 << 20));
    expect(used).toHaveLength(64 << 20);
    const pss = pssBytes();
    if (process.platform === 'linux') expect(pss).toBeGreaterThan(64 << 20);
    else expect(pss).toBeNull();
  });
});

describe('an arm in processes of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
  const env = { HINDCAST_HOME: join(folder, 'home') };
  const strategy = join(folder, 'crossover.ts');
  const broken = join(folder, 'broken.ts');
  beforeAll(async () => {
    await writeBundle(new BundleStore(env.HINDCAST_HOME), 'sample', sampleMarket({ symbols: 2, sessions: 300 }));
    writeFileSync(strategy, CROSSOVER);
    writeFileSync(
      broken,
      CROSSOVER.replace('if (position.isFlat)', "throw new Error('not today'); if (position.isFlat)"),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const work: Work = { strategy, market: { bundle: 'sample' }, params: {}, seed: 1, repeat: 1 };
  const armOf = (changes: Partial<Work> = {}, life: ProcessLife = 'warm') =>
    new ChildArm({ name: 'arm', work: { ...work, ...changes }, life, env, nodeOptions: [] });

  it('gives the same result each time, hot or cold, and says what it took', async () => {
    const digests: string[] = [];
    for (const life of ['warm', 'cold'] as const) {
      const arm = armOf({}, life);
      for (let time = 0; time < 2; time++) {
        const { sample, result } = await arm.run();
        digests.push(result.digest);
        expect(result.says).toMatch(/^\d+ fills, ending equity \d/);
        expect(sample.seconds).toBeGreaterThan(0);
        expect(sample.cpuSeconds).toBeGreaterThan(0);
        expect(sample.peakRssBytes).toBeGreaterThan(20 << 20);
      }
      expect(arm.sourceHash).toMatch(/^[0-9a-f]{64}$/);
      await arm.close();
    }
    expect(new Set(digests).size).toBe(1);
  });

  it('does the work as often as it is told, searches as well, the same for any number of workers', async () => {
    const search = { name: 'grid', jobs: 1 } as const;
    const arms = [
      armOf({ search }),
      armOf({ search: { ...search, jobs: 2 }, repeat: 2 }),
      armOf({ params: { fast: 4 } }),
    ];
    const [one, two, run] = await Promise.all(arms.map((arm) => arm.run()));
    await Promise.all(arms.map((arm) => arm.close()));
    expect(one!.result.says).toMatch(/^6 trials, 6 complete, 0 failed, best #\d/);
    expect(two!.result).toEqual(one!.result);
    expect(run!.result.digest).not.toBe(one!.result.digest);
  });

  it('passes on what the strategy threw, and what was wrong with the call', async () => {
    for (const [changes, message] of [
      [{ strategy: broken }, /In the arm 'arm': .*not today/s],
      [{ market: { bundle: 'nowhere' } }, /In the arm 'arm': .*nowhere/s],
    ] as const) {
      const arm = armOf(changes);
      await expect(arm.run()).rejects.toThrow(message);
      await arm.close();
    }
  });

  it('ends its process when it is interrupted', async () => {
    const controller = new AbortController();
    const arm = armOf({ repeat: 1_000_000 });
    setTimeout(() => controller.abort(), 0);
    await expect(measure([arm], { ...options, signal: controller.signal })).rejects.toThrow(/interrupted/);
  });

  it('tells of a process that dies', async () => {
    const dying = new ChildArm({ name: 'dying', work, life: 'warm', env, nodeOptions: ['--no-such-option'] });
    await expect(dying.run()).rejects.toThrow(/The process that measures 'dying' ended with 9/);
    await dying.close();
  });
});
