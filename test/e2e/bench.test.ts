import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hindcastChild } from '../helpers/child-command.js';
import { CROSSOVER } from '../helpers/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-e2e-bench-'));
const home = join(folder, 'home');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Waits when a run begins. */
const waiting = (milliseconds: number): string =>
  CROSSOVER.replace(
    'return { asset',
    `for (const end = performance.now() + ${milliseconds}; performance.now() < end; ) { /* wait */ }\n    return { asset`,
  );

const SCENARIO = `
scenarios:
  - name: waiting
    strategy: slow.ts
    bundle: { sample: { symbols: 1, sessions: 120 } }
    life: warm
    runs: 10
    warmUp: 1
    candidate: { strategy: quick.ts }
`;

describe('bench as a process', () => {
  it('measures a file of scenarios, decides, and passes its own gate', async () => {
    write('slow.ts', waiting(40));
    write('quick.ts', waiting(3));
    const scenarios = write('bench.yaml', SCENARIO);
    const [decision, gate] = [join(folder, 'decision.md'), join(folder, 'gate.json')];
    const profile = join(folder, 'profile');
    const args = ['bench', scenarios, '--json', '--decision', decision, '--gate', gate, '--profile', profile];
    const first = await hindcastChild(args, { home });
    expect(first.code).toBe(0);
    const document = JSON.parse(first.stdout) as { readonly scenarios: readonly object[] };
    expect(document).toMatchObject({
      schemaVersion: 1,
      gate: { stored: ['waiting'], passed: true },
      scenarios: [{ name: 'waiting', claims: [{ difference: [expect.stringContaining('strategy')] }] }],
    });
    expect(readFileSync(decision, 'utf8')).toContain('**Decision.**');
    expect(document).toMatchObject({ profiles: [{ arm: 'baseline' }, { arm: 'candidate' }] });
    for (const arm of ['baseline', 'candidate']) {
      const files = ['cpu.cpuprofile', 'flame.svg', 'functions.txt', 'heap.heapprofile'];
      expect(readdirSync(join(profile, `waiting-${arm}`)).sort()).toEqual(files);
    }
    // What the slow one waits for is where its time goes.
    expect(readFileSync(join(profile, 'waiting-baseline', 'functions.txt'), 'utf8')).toMatch(/initialize +.*slow\.ts/);

    // The stored ratio made ten times as small is a slowdown that no noise explains.
    const stored = JSON.parse(readFileSync(gate, 'utf8')) as { ratios: { name: string; ratios: number[] }[] };
    stored.ratios[0]!.ratios = stored.ratios[0]!.ratios.map((ratio) => ratio / 10);
    writeFileSync(gate, JSON.stringify(stored));
    const second = await hindcastChild(['bench', scenarios, '--gate', gate, '--quiet'], { home });
    expect(second.code).toBe(1);
    expect(second.stdout).toContain('The gate fails');
  });

  it('reports no time where results differ, with exit code 1', async () => {
    write('slow.ts', waiting(0));
    write('quick.ts', waiting(0).replace('fast.value > slow.value', 'fast.value >= slow.value * 1.01'));
    const { code, stdout, stderr } = await hindcastChild(['bench', write('bench.yaml', SCENARIO), '--quiet'], { home });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain("'candidate' gives other results than 'baseline'");
  });

  it('leaves no process behind after Ctrl-C', async () => {
    const mark = join(folder, 'pid');
    const source = `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(mark)}, process.pid + ' ');\n`;
    write('slow.ts', source + waiting(0));
    write('quick.ts', source + waiting(1));
    const scenarios = write('bench.yaml', SCENARIO.replace('runs: 10', 'runs: 10\n    repeat: 1000000'));
    // The first process of the list is the command itself, which compiles both strategies; then come those that measure.
    const pids = (): number[] => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split(' ').map(Number) : []);
    const { code, stderr } = await hindcastChild(['bench', scenarios], {
      home,
      signalWhen: ({ sent }) => sent === 0 && new Set(pids()).size >= 2,
    });
    expect(code).toBe(130);
    expect(stderr).toContain('The benchmark was interrupted.');
    for (const pid of pids()) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});
