import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleMarket } from '../../src/data/sample-market.js';
import { BundleStore } from '../../src/data/store.js';
import { writeBundle } from '../../src/data/writer.js';
import { hindcastChild } from '../helpers/child-command.js';
import { waveCsv } from '../helpers/command-line.js';
import { PLANTED } from '../helpers/planted-strategies.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-e2e-'));
const home = join(folder, 'home');
beforeAll(async () => {
  await writeBundle(new BundleStore(home), 'sample', sampleMarket({ symbols: 3, sessions: 900 }));
  writeFileSync(join(folder, 'AAA.csv'), waveCsv(120, 35));
  const args = ['ingest', 'csv', join(folder, 'AAA.csv'), '--bundle', 'waves', '--calendar', '24/7'];
  const { code, stderr } = await hindcastChild(args, { home });
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Document {
  readonly clean: boolean;
  readonly finding: { readonly bar: number; readonly hint: string } | null;
  readonly fills: number;
  readonly seconds: number;
}

const proof = async (args: readonly string[]): Promise<{ readonly code: unknown; readonly document: Document }> => {
  const { code, stdout } = await hindcastChild(['lookahead', ...args, '--json', '--quiet'], { home });
  return { code, document: JSON.parse(stdout) as Document };
};

describe('lookahead as a process', () => {
  it.each([
    ['sma-crossover', '--param', 'fast=10', '--param', 'slow=50', '--param', 'threshold=0.005'],
    ['golden-cross'],
    ['history-crossover'],
    ['channel-breakout'],
    ['monthly-momentum'],
    ['momentum-portfolio', '--param', 'weighting=market_cap', '--param', 'top=5'],
    ['bracketed-reversion'],
  ])('clears the example %s', async (name, ...params) => {
    const { code, document } = await proof([`examples/${name}.ts`, '--bundle', 'sample', '--cuts', '2', ...params]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ clean: true, finding: null, caveats: [] });
    expect(document.fills).toBeGreaterThan(3);
  });

  // All of them are found out in test/unit/validate; here, that a process says so.
  it.each(PLANTED.slice(0, 2))('finds out a strategy that knows $name, with exit code 1', async ({ source, cause }) => {
    const strategy = join(folder, 'planted.ts');
    writeFileSync(strategy, source);
    const { code, document } = await proof([strategy, '--bundle', 'waves', '--cuts', '2']);
    expect(code).toBe(1);
    expect(document).toMatchObject({ clean: false, finding: { kind: 'order', hint: expect.stringContaining(cause) } });
  });

  it('says the same every time', async () => {
    const args = ['examples/golden-cross.ts', '--bundle', 'sample', '--cuts', '2'];
    const [a, b] = [await proof([...args, '--jobs', '1']), await proof([...args, '--jobs', '3'])];
    expect({ ...a.document, seconds: 0 }).toEqual({ ...b.document, seconds: 0 });
  });
});
