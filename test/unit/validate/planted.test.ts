import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { draftOf } from '../../../src/data/bundle-draft.js';
import { openMarket } from '../../../src/engine/market.js';
import { alter } from '../../../src/validate/altered-market.js';
import { lookahead } from '../../../src/validate/lookahead.js';
import { file, hindcast, waveCsv } from '../../helpers/command-line.js';
import { PLANTED } from '../../helpers/planted-strategies.js';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-lookahead-'));
beforeAll(async () => {
  vi.stubEnv('HINDCAST_HOME', join(folder, 'store'));
  // It falls for 25 days before it rises, so that not everything happens on the first bar.
  const csv = file(folder, 'AAA.csv', waveCsv(160, 35));
  const { code, stderr } = await hindcast(['ingest', 'csv', csv, '--bundle', 'waves', '--calendar', '24/7']);
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

type Columns = Readonly<Record<'high' | 'low' | 'close', Float64Array>>;

describe('a strategy that knows', () => {
  it.each(PLANTED)('$name is found out: bar, both orders, cut and cause', async ({ source, wants, cause }) => {
    const { clean, finding, differing, runs } = await lookahead(file(folder, 'planted.ts', source), {
      bundle: 'waves',
      cuts: 6,
    });
    expect({ clean, kind: finding?.kind, symbols: finding?.symbols }).toEqual({
      clean: false,
      kind: 'order',
      symbols: 'AAA',
    });
    expect(differing).toBeGreaterThan(0);
    expect(differing).toBeLessThanOrEqual(runs);
    expect(finding!.hint).toContain(cause);
    // The rule itself, over the recorded columns and over those of the altered market, says where the first order differs.
    using market = openMarket({ bundle: 'waves' });
    const { bar: row, change } = finding!.cut!;
    const recorded = draftOf(market.view.bundle);
    const ordersOver = (draft: typeof recorded): string[] => {
      const columns = draft.groups[0]!.assets[0]!.columns as Columns;
      return Array.from({ length: row + 1 }, (_, at) => `order.target(AAA, ${wants(columns, at) ? 10 : 0})`);
    };
    const [was, is] = [ordersOver(recorded), ordersOver(alter(recorded, market.view, { row, change }, 1))];
    const bar = was.findIndex((order, at) => order !== is[at]);
    expect(finding).toMatchObject({ bar, expected: was[bar], found: is[bar] });
    expect(finding!.time).toBe(new Date(Date.UTC(2020, 0, 1 + bar)).toISOString().slice(0, 10));
  });
});
