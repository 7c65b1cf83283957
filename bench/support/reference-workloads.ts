import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { BundleStore, writeBundle } from 'hindcast/data';

const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Path of a file of the reference workloads beside the project. */
export const referenceFile = (path: string): string => join(shared, path);

/** The markets of the reference workloads, by name. */
export const WORKLOADS = {
  goog: { symbols: 1, bars: 2148, frequency: '1d', sha256: '9c34fdf014142b7c' },
  min1m: { symbols: 1, bars: 1_000_000, frequency: '1m', sha256: '8cbddf90e9d63a64' },
  min100k: { symbols: 1, bars: 100_000, frequency: '1m', sha256: 'a3219f6146475520' },
  day8: { symbols: 8, bars: 1258, frequency: '1d', sha256: '49ece58314b660f1' },
} as const;

export type WorkloadName = keyof typeof WORKLOADS;

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
const STEP = { '1d': 86_400_000, '1m': 60_000 } as const;

/** Generates the workload data once per machine and user, checks it against the published hashes, and returns its folder. */
export function workloadFolder(): string {
  const folder = join(tmpdir(), `hindcast-${userInfo().uid}`, 'reference-workloads');
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const goog = join(draft, 'GOOG.csv');
  writeFileSync(goog, gunzipSync(readFileSync(referenceFile('reference/data/GOOG.csv.gz'))));
  execFileSync(process.execPath, [referenceFile('bench/gen.mjs'), draft, goog], { stdio: 'ignore' });
  for (const [name, { sha256 }] of Object.entries(WORKLOADS)) {
    const hash = createHash('sha256');
    for (const field of FIELDS) hash.update(readFileSync(join(draft, `${name}.${field}.f64`)));
    if (!hash.digest('hex').startsWith(sha256)) throw new Error(`workload ${name} was not generated as published`);
  }
  if (!existsSync(folder)) renameSync(draft, folder);
  return folder;
}

/** A workload as columns in memory, in the form that `bundleFromColumns` takes: bar i is 2020-01-01 plus i days or minutes, calendar 24/7. */
export function workloadDraft(name: WorkloadName) {
  const folder = workloadFolder();
  const { symbols, bars, frequency } = WORKLOADS[name];
  const columns = new Map(
    FIELDS.map((field) => {
      const bytes = readFileSync(join(folder, `${name}.${field}.f64`));
      return [field, new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)] as const;
    }),
  );
  const start = Date.UTC(2020, 0, 1);
  const times = Float64Array.from({ length: bars }, (_, row) => start + row * STEP[frequency]);
  const assets = Array.from({ length: symbols }, (_, symbol) => ({
    symbol: symbols === 1 ? name.toUpperCase() : `S${symbol}`,
    first: 0,
    priceDecimals: 4,
    volumeDecimals: 0,
    columns: Object.fromEntries(
      FIELDS.map((field) => [field, columns.get(field)!.slice(symbol * bars, (symbol + 1) * bars)]),
    ),
  }));
  return { groups: [{ calendar: '24/7', frequency, times, assets }], splits: [], dividends: [] };
}

/** Writes a workload as a bundle into a folder of its own, which the caller removes; `directory` is what `openBundle` takes. */
export async function writeWorkload(
  name: WorkloadName,
): Promise<{ readonly folder: string; readonly directory: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-workload-'));
  const { directory } = await writeBundle(new BundleStore(folder), name, workloadDraft(name), { durable: false });
  return { folder, directory };
}

/** One combination of the sweep W2, in the order of the reference. */
export interface SweepRow {
  readonly fast: number;
  readonly slow: number;
  readonly threshold: number;
  readonly equity: number;
  readonly fills: number;
  readonly sharpe: number;
  readonly maxDrawdown: number;
}

/** The published results of all 1,100 combinations. */
export function expectedSweep(name: 'goog' | 'day8' | 'min100k'): SweepRow[] {
  return parseSweep(gunzipSync(readFileSync(referenceFile(`bench/expected/w2-${name}.csv.gz`))).toString('utf8'));
}

/** Returns the rows of a sweep in the reference's own format: `t` is the threshold in thousandths. */
export function parseSweep(text: string): SweepRow[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const row = sweepRowFrom(line.split(',').map(Number));
      return { ...row, threshold: Number(`${row.threshold}e-3`) };
    });
}

/** Returns a row of its values, in the order of {@link SweepRow}. */
export function sweepRowFrom(values: readonly number[]): SweepRow {
  const [fast, slow, threshold, equity, fills, sharpe, maxDrawdown] = values as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { fast, slow, threshold, equity, fills, sharpe, maxDrawdown };
}
