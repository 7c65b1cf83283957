import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CACHE_FLAGS } from '../../../src/engine/optimization-config.js';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

describe('bench refuses', () => {
  it.each([
    [[], /Say what to measure: a file of scenarios, a strategy, or --self-test/],
    [['no.yaml'], /Scenario file no.yaml: cannot be read: there is no such file/],
    [['no.ts'], /no\.ts/],
    [['a.yaml', '--runs', '9'], /Option --runs is a whole number from 10, not '9'/],
    [['a.yaml', '--warm-up', '0'], /Option --warm-up is a whole number from 1/],
    [['a.yaml', '--out', '/no/where/x.json'], /Cannot write the report \/no\/where\/x.json/],
    [['examples/golden-cross.ts', '--life', 'tepid'], /Option --life is cold or warm, not 'tepid'/],
    [['examples/golden-cross.ts', '--bundle', 'nowhere'], /nowhere/],
    [['a.yaml', '--repeat', '2'], /--repeat has no meaning for scenarios in a file/],
    [['--self-test', '--gate', 'g.json'], /--gate has no meaning for the self-test/],
    [['mine.ts', '--self-test'], /'mine.ts' has no meaning for the self-test/],
  ])('%j', async (args, message) => {
    emptyHome();
    const { code, stderr } = await hindcast(['bench', ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('a gate file that is none, before anything is measured', async () => {
    const folder = emptyHome();
    const gate = file(folder, 'gate.json', 'x');
    const { code, stderr } = await hindcast(['bench', 'a.yaml', '--gate', gate]);
    expect(stderr).toMatch(/is no gate file/);
    expect(code).toBe(2);
  });
});

describe('bench of a strategy', () => {
  it('answers which flags help, for people and for programs', async () => {
    const folder = emptyHome();
    await ingestWaves(folder, 120);
    const strategy = file(folder, 'mine.ts', CROSSOVER);
    const out = join(folder, 'out.json');
    const page = join(folder, 'bench.html');
    const args = [
      'bench',
      strategy,
      '--bundle',
      'waves',
      '--report',
      page,
      '--param',
      'fast=2',
      '--param',
      'slow=8',
      '--life',
      'warm',
    ];
    const told = await hindcast([
      ...args,
      '--runs',
      '10',
      '--warm-up',
      '1',
      '--repeat',
      '2',
      '--out',
      out,
      '--threshold',
      '0.1',
    ]);
    expect(told).toMatchObject({ code: 0 });
    expect(told.stdout).toContain('mine: 2 times one backtest on waves');
    expect(told.stdout).toContain('10 runs of each arm, in random order within rounds, 1 round of warm-up');
    expect(told.stdout).toMatch(/mappedFiles: mappedFiles off -> on/);
    for (const line of told.stdout.split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(80);
    }
    expect(readFileSync(page, 'utf8')).toContain(`bench ${strategy} --bundle waves --life warm`);
    const document = JSON.parse(readFileSync(out, 'utf8')) as {
      readonly schemaVersion: number;
      readonly environment: object;
      readonly thresholds: object;
      readonly scenarios: readonly {
        readonly arms: readonly { readonly runs: readonly object[] }[];
        readonly claims: readonly { readonly name: string }[];
      }[];
    };
    expect(document).toMatchObject({ schemaVersion: 1, thresholds: { saving: 0.1, significance: 0.05 } });
    expect(document.environment).toMatchObject({ node: process.versions.node, cores: expect.any(Number) });
    const [scenario] = document.scenarios;
    for (const { runs } of scenario!.arms) {
      expect(runs).toHaveLength(10);
      expect(runs[0]).toEqual({
        seconds: expect.any(Number),
        cpuSeconds: expect.any(Number),
        peakRssBytes: expect.any(Number),
        pssBytes: process.platform === 'linux' ? expect.any(Number) : null,
      });
    }
    const mapped = process.platform === 'linux' ? ['mappedFiles'] : [];
    expect(scenario!.claims.map(({ name }) => name)).toEqual([...CACHE_FLAGS, ...mapped, 'all of them']);
    expect(scenario!.claims[4]).toMatchObject({
      name: 'historyCache',
      baseline: 'without historyCache',
      candidate: 'all on',
      difference: ['historyCache off -> on'],
    });
  });

  it('keeps nothing when it is interrupted', async () => {
    const folder = emptyHome();
    const out = join(folder, 'out.json');
    const args = ['bench', file(folder, 'mine.ts', CROSSOVER), '--param', 'fast=2', '--repeat', '100000', '--out', out];
    const { code, stderr } = await hindcast(args, {
      terminal: true,
      onInterruptible: (interrupt) => interrupt(),
    });
    expect(code).toBe(130);
    expect(stderr).toContain('The benchmark was interrupted.');
    expect(existsSync(out)).toBe(false);
  });
});
