// How time and memory grow with bars, assets, trials and workers: each point is a process of its own, over a seeded random walk.
// Usage: npm run bench -- curves [--curve bars]... [--runs 3] [--most 1e6] [--page curves.html] [--json points.json]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BundleDraft, BundleStore, openBundle, writeBundle } from 'hindcast/data';
import { PersistentWorkerPool, searchStrategy } from 'hindcast/optimize';
import { html } from '../src/report/html.js';
import { frame, inner, size } from '../src/report/svg-plot.js';
import { ChildProcessArm, measuringTask, serveRuns } from './support/child-process.js';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { table } from './support/sampler-tables.js';
import { median, seededRandom } from './support/statistics.js';

/** What one search is: its market, its trials, its threads. */
interface Load {
  readonly bars: number;
  readonly assets: number;
  readonly trials: number;
  readonly workers: number;
}

/** One curve: what varies, over which values, and what stays as it is. */
interface Curve {
  readonly varies: keyof Load;
  readonly values: readonly number[];
  readonly rest: Load;
}

const FIXED: Load = { bars: 1258, assets: 1, trials: 36, workers: 1 };
const CURVES: readonly Curve[] = [
  { varies: 'bars', values: [1e3, 1e4, 1e5, 1e6, 1e7], rest: FIXED },
  { varies: 'assets', values: [1, 5, 20, 100, 500], rest: FIXED },
  { varies: 'trials', values: [1e2, 1e3, 1e4, 1e5, 1e6], rest: { ...FIXED, bars: 250 } },
  { varies: 'workers', values: [1, 2, 4, 8], rest: { ...FIXED, bars: 1e5, trials: 360 } },
];

const MINUTE = 60_000;

/** Returns bars of random walks in whole cents. */
function walks({ bars, assets }: Load): BundleDraft {
  const random = seededRandom(1);
  const walk = () => {
    const close = new Float64Array(bars);
    let cents = 10_000;
    for (let bar = 0; bar < bars; bar++) {
      cents = Math.max(100, cents + Math.round((random() - 0.5) * 100));
      close[bar] = cents / 100;
    }
    return { open: close, high: close, low: close, close, volume: new Float64Array(bars).fill(1000) };
  };
  const listings = Array.from({ length: assets }, (_, index) => ({
    symbol: `W${index}`,
    first: 0,
    priceDecimals: 2,
    volumeDecimals: 0,
    columns: walk(),
  }));
  const times = Float64Array.from({ length: bars }, (_, bar) => Date.UTC(2000, 0, 1) + bar * MINUTE);
  return { groups: [{ calendar: '24/7', frequency: '1m', times, assets: listings }], splits: [], dividends: [] };
}

const strategy = fileURLToPath(new URL('./support/endless-rule.ts', import.meta.url));

/** What a process says of one search. */
interface Point {
  readonly trials: number;
  /** Most memory that the process has held so far, its bars included. */
  readonly peakMb: number;
}

async function searchPoint(load: Load): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-curves-'));
  const { directory } = await writeBundle(new BundleStore(folder), 'walks', walks(load), { durable: false });
  const bundle = openBundle(directory);
  const pool = load.workers > 1 ? new PersistentWorkerPool({ workers: load.workers }) : undefined;
  const search = async () => {
    const { seconds, trials } = await searchStrategy({
      file: strategy,
      market: { bundle, commission: 'percent:0.001' },
      search: 'random',
      trials: load.trials,
      jobs: load.workers,
      pool,
    });
    return { seconds, result: { trials: trials.total, peakMb: process.resourceUsage().maxRSS / 1024 } };
  };
  serveRuns<Point>(search, () => {
    bundle[Symbol.dispose]();
    void pool?.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The median of some runs of a point, after one that does not count. */
async function measured(load: Load, runs: number): Promise<{ readonly seconds: number; readonly peakMb: number }> {
  const arm = new ChildProcessArm<Point>('point', 'all runs', [JSON.stringify(load)]);
  const seconds: number[] = [];
  let peakMb = 0;
  try {
    for (let run = -1; run < runs; run++) {
      const [{ seconds: taken, result }] = (await arm.run()) as [Awaited<ReturnType<typeof arm.run>>[0]];
      if (result.trials !== load.trials) throw new Error(`${result.trials} trials, not ${load.trials}`);
      if (run >= 0) seconds.push(taken);
      peakMb = result.peakMb;
    }
  } finally {
    arm.close();
  }
  return { seconds: median(seconds), peakMb };
}

interface Measured {
  readonly value: number;
  readonly seconds: number;
  readonly peakMb: number;
}

/** Over how much more of what varies time grows how much: 1 is in proportion. */
const exponent = (from: Measured, to: Measured): number =>
  Math.log(to.seconds / from.seconds) / Math.log(to.value / from.value);

function curveTable({ varies, rest }: Curve, points: readonly Measured[]): string {
  const rows = points.map((point, index) => {
    const { bars, assets, trials }: Load = Object.assign({ ...rest }, { [varies]: point.value });
    return [
      point.value.toLocaleString('en-US'),
      `${(point.seconds * 1000).toFixed(2)} ms`,
      ((point.seconds / (bars * assets * trials)) * 1e9).toFixed(1),
      index === 0 ? '' : exponent(points[index - 1]!, point).toFixed(2),
      point.peakMb.toFixed(0),
    ];
  });
  return table([varies, 'median', 'ns per bar', 'growth', 'peak MiB'], rows);
}

/** Time over what varies, both in powers of ten. */
function picture(varies: string, points: readonly Measured[]): string {
  const [xs, ys] = [points.map(({ value }) => Math.log10(value)), points.map(({ seconds }) => Math.log10(seconds))];
  const axis = (values: readonly number[]) => ({ low: Math.min(...values), high: Math.max(...values) });
  const [x, y] = [axis(xs), axis(ys)];
  const at = (value: number, { low, high }: typeof x): number => (value - low) / (high - low || 1);
  const places = points.map((_, k) => [
    size.left + at(xs[k]!, x) * inner.width,
    size.top + (1 - at(ys[k]!, y)) * inner.height,
  ]);
  const line = html`<polyline fill="none" stroke="#2563eb" points="${places.map((place) => place.map((part) => part.toFixed(1)).join()).join(' ')}"/>`;
  const power = (value: number): string => `10^${value.toFixed(1)}`;
  return frame(
    `Seconds over ${varies}`,
    line,
    { ...x, title: varies, format: power },
    { ...y, title: 'seconds', format: power },
  ).markup;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      curve: { type: 'string', multiple: true },
      runs: { type: 'string', default: '3' },
      most: { type: 'string', default: 'Infinity' },
      page: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const wanted = CURVES.filter(({ varies }) => values.curve?.includes(varies) ?? true);
  console.log(machineLine(loadBefore()));
  const all: Record<string, Measured[]> = {};
  for (const curve of wanted) {
    const points: Measured[] = [];
    for (const value of curve.values.filter((each) => each <= Number(values.most))) {
      points.push({ value, ...(await measured({ ...curve.rest, [curve.varies]: value }, Number(values.runs))) });
    }
    all[curve.varies] = points;
    console.log(`\n### ${curve.varies}\n\n${curveTable(curve, points)}`);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(all, null, 1)}\n`);
  if (values.page !== undefined) {
    const pictures = Object.entries(all).map(([varies, points]) => picture(varies, points));
    const style = 'svg { width: 480px; display: block; font: 12px sans-serif } .frame { fill: none; stroke: #999 }';
    const head = `<!doctype html><meta charset="utf-8"><title>Cost curves</title><style>${style}</style>`;
    writeFileSync(values.page, `${head}${pictures.join('\n')}\n`);
  }
}

const [task] = measuringTask() ?? [];
if (task === undefined) await main();
else await searchPoint(JSON.parse(task));
