import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BenchmarkReport, benchmark } from '../../../src/benchmark/benchmark.js';
import { packageFolder } from '../../../src/benchmark/code-identity.js';
import { benchmarkEnvironment } from '../../../src/benchmark/environment.js';
import { passGate, readGateFile } from '../../../src/benchmark/gate-file.js';
import { SCENARIO_DEFAULTS, type Scenario } from '../../../src/benchmark/scenario.js';
import { errorRates } from '../../../src/benchmark/self-test.js';
import { SeededRandom } from '../../../src/core/random.js';
import { temporaryDirectory } from '../../../src/data/temporary-directory.js';
import { renderBenchmark } from '../../../src/report/benchmark-page.js';
import { decisionPages } from '../../../src/report/decision-page.js';
import { CROSSOVER, emptyHome, file } from '../../helpers/command-line.js';
import { noisyArms } from '../../helpers/noisy-arms.js';

/** Does nothing for so many milliseconds when it begins: a difference that no noise hides. */
const slow = (milliseconds: number): string =>
  CROSSOVER.replace(
    'return { asset',
    `for (const end = performance.now() + ${milliseconds}; performance.now() < end; ) { /* wait */ }\n    return { asset`,
  );

function scenarioIn(folder: string, changes: Partial<Scenario> = {}): Scenario {
  return {
    ...SCENARIO_DEFAULTS,
    name: 'waiting',
    strategy: file(folder, 'slow.ts', slow(80)),
    bundle: { sample: { symbols: 1, sessions: 120 } },
    life: 'warm',
    candidate: { strategy: file(folder, 'quick.ts', slow(0)) },
    ...changes,
  };
}

// Ten runs on a busy machine tell little: the thresholds themselves are tested on samples that are made up.
const options = { runs: 10, warmUp: 1, thresholds: { memoryGrowth: 0.9, significance: 0.5 } };

describe('benchmark', () => {
  it('accepts what is faster, keeps every run, and leaves nothing behind', async () => {
    const folder = emptyHome();
    const report = await benchmark({ scenarios: [scenarioIn(folder)] }, options);
    const [scenario] = report.scenarios;
    const [claim] = scenario!.claims;
    expect(claim!.verdict.word).toBe('accepted');
    expect(claim!.comparison.timeRatio).toBeGreaterThan(1.2);
    expect(claim!.difference).toEqual([expect.stringMatching(/^strategy [0-9a-f]{12} -> [0-9a-f]{12}$/)]);
    expect(scenario!.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
      ['baseline', 10],
      ['candidate', 10],
    ]);
    expect(scenario!.orders).toHaveLength(10);
    expect(scenario!.result.says).toMatch(/fills, ending equity/);
    const own = readdirSync(join(temporaryDirectory(), 'benchmarks')).filter((name) =>
      name.includes(`~${process.pid}~`),
    );
    expect(own).toEqual([]);

    const gate = join(folder, 'gate.json');
    const first = passGate(gate, readGateFile(gate), report.scenarios);
    expect(first).toMatchObject({ stored: ['waiting'], findings: [], passed: true });
    const again = passGate(gate, readGateFile(gate), report.scenarios);
    expect(again).toMatchObject({ stored: [], passed: true, findings: [{ name: 'waiting', slowdown: 0 }] });
    expect(passGate(gate, readGateFile(gate), slowedDown(report, 20)).passed).toBe(false);

    const facts = { environment: benchmarkEnvironment(), command: 'hindcast bench <x>.yaml', date: '2026-01-02' };
    const decision = decisionPages({ report, ...facts });
    expect(decision).toMatch(/^# waiting is accepted: \d+\.\d\d times as fast\n\n\*\*Question\.\*\*/);
    const parts = ['**Choices.**', '**Figures.**', '**Decision.** Accepted.', facts.command, facts.date, 'Node 2'];
    for (const part of parts) expect(decision).toContain(part);
    const page = renderBenchmark({ report, ...facts });
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page.match(/<circle /g)).toHaveLength(1 + 2 * 10);
    expect(page.match(/<polyline /g)).toHaveLength(2);
    expect(page).toContain('hindcast bench &lt;x&gt;.yaml');
    expect(page).toContain('<dt>waiting<span class="value">accepted</span></dt>');
    expect(page).not.toContain('<script');
    for (const text of [decision, page]) expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  it('evaluates in rank order, each on top of what was accepted', async () => {
    const folder = emptyHome();
    const quick = file(folder, 'quick.ts', slow(0));
    const first = scenarioIn(folder, { name: 'first', expected: 0.8, candidate: { strategy: quick } });
    // On top of the first one this changes nothing but the name of the flag.
    const second = scenarioIn(folder, { name: 'second', expected: 0.1, candidate: { env: { HINDCAST_NO_MMAP: '1' } } });
    const rule = { goal: 0.99, small: 0.02, row: 2 };
    const report = await benchmark({ scenarios: [second, first], sequential: rule }, options);
    expect(report.scenarios.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(report.thresholds.significance).toBe(0.25);
    expect(report.scenarios[1]!.arms.map(({ settings }) => settings.strategy)).toEqual([quick, quick]);
    expect(report.scenarios[1]!.claims[0]!.difference).toEqual(['mappedFiles on -> off']);
    const { entries, stopped, timeRatio } = report.sequential!;
    expect(entries[0]).toMatchObject({ step: { name: 'first', expected: 0.8 }, verdict: 'accepted' });
    expect(timeRatio).toBe(entries.at(-1)!.cumulativeTimeRatio);
    expect(stopped).toBe('all-evaluated');
  });

  it('refuses to compare code with itself, unless that is what is wanted', async () => {
    const folder = emptyHome();
    // A flag that is on already, and workers of a backtest, which has none.
    const candidate = { jobs: 3, env: { HINDCAST_HISTORY_CACHE: '1' } };
    const scenario = scenarioIn(folder, { strategy: file(folder, 'mine.ts', CROSSOVER), candidate });
    await expect(benchmark({ scenarios: [scenario] }, options)).rejects.toThrow(
      /'waiting': 'baseline' and 'candidate' are the same code/,
    );
    // The same Hindcast by another path is the same code, too.
    const own = { ...scenario, same: true, candidate: { package: packageFolder() } };
    const { scenarios } = await benchmark({ scenarios: [own] }, options);
    expect(scenarios[0]!.claims[0]!.verdict.word).toBe('a/a');
  });

  it('reports no time where results differ, and refuses parameters of a search', async () => {
    const folder = emptyHome();
    const strategy = file(folder, 'mine.ts', CROSSOVER);
    const other = scenarioIn(folder, { strategy, candidate: { params: { fast: '6' } } });
    await expect(benchmark({ scenarios: [other] }, options)).rejects.toThrow(
      /'candidate' gives other results than 'baseline', so that no time of it means anything/,
    );
    const search = scenarioIn(folder, { command: 'optimize', params: { fast: '4' } });
    await expect(benchmark({ scenarios: [search] }, options)).rejects.toThrow(
      /searches the parameters, so none can be given/,
    );
    const thresholds = { saving: 5 };
    await expect(benchmark({ scenarios: [other] }, { ...options, thresholds })).rejects.toThrow(
      /'saving' is a share from 0/,
    );
  });
});

describe('a gate file', () => {
  it('is refused where it is something else', () => {
    const folder = emptyHome();
    expect(() => readGateFile(file(folder, 'a.json', '{'))).toThrow(/a.json is no gate file: /);
    expect(() => readGateFile(file(folder, 'b.json', '{"schemaVersion":2}'))).toThrow(/no gate file: schemaVersion/);
  });
});

describe('errorRates', () => {
  it('tells a quiet machine from one that is too noisy', () => {
    const rates = (noise: number) => {
      const random = SeededRandom.derive(5, noise);
      const { a, b } = noisyArms({ a: 1, b: 1 }, 40, random, { run: noise, round: 0, disturbed: 0 });
      return errorRates(a!, b!, { runs: 10, times: 60, seed: 1 });
    };
    const quiet = rates(0.01);
    expect(quiet).toMatchObject({ times: 60, runs: 10, rounds: 40, falseAlarms: 0, found: 60 });
    expect(quiet.noise).toBeGreaterThan(0.005);
    expect(quiet.noise).toBeLessThan(0.02);
    expect(rates(0.2).found).toBeLessThan(30);
  });
});

/** The same benchmark with a candidate that takes longer by a factor. */
const slowedDown = ({ scenarios }: BenchmarkReport, factor: number) =>
  scenarios.map((scenario) => ({
    ...scenario,
    arms: scenario.arms.map((arm) =>
      arm.name === 'baseline'
        ? arm
        : { ...arm, runs: arm.runs.map((run) => ({ ...run, seconds: run.seconds * factor })) },
    ),
  }));
