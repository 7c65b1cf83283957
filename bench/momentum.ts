// Searches of examples/momentum-portfolio.ts, 5.4 million combinations over 119 symbols and five years: the best Sharpe ratio found against
// evaluations and processor time. Usage: npm run bench -- momentum [--search gp]... [--trials 1000] [--seeds 1] [--jobs 2] [--json courses.json]
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bundle, BundleStore, buildDraft, openBundle, writeBundle } from 'hindcast/data';
import {
  availableSearches,
  type FinishedTrial,
  PersistentWorkerPool,
  type SearchName,
  searchStrategy,
} from 'hindcast/optimize';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { referenceFile } from './support/reference-workloads.js';
import { quantile, table } from './support/sampler-tables.js';

const MARKS = [50, 100, 200, 500, 1000];
/** Seconds of processor time after which the best value is looked at. */
const TIME_MARKS = [2, 5, 10, 20, 40];
const strategy = fileURLToPath(new URL('../examples/momentum-portfolio.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    search: { type: 'string', multiple: true },
    trials: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
});
const [trials, seeds, jobs] = [values.trials, values.seeds, values.jobs].map(Number) as [number, number, number];
for (const number of [trials, seeds, jobs]) {
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError('--trials, --seeds and --jobs take whole numbers from 1');
}
const searches =
  (values.search as SearchName[] | undefined) ??
  availableSearches().filter((name) => name !== 'grid' && name !== 'nsga2');
const prices = referenceFile('data/equities/us-wide-119-2015-2020.csv.gz');

/** What one search found. Processor time is that of all threads, evaluations, search and bookkeeping together. */
interface Course {
  /** The best value after each evaluation, in the order in which trials were asked for. */
  readonly best: readonly number[];
  /** Each better value with the seconds of processor time until it was there. */
  readonly rises: readonly (readonly [seconds: number, value: number])[];
  /** Evaluations in full ones: the sum of the shares of the data. */
  readonly full: number;
  readonly seconds: number;
  readonly processorSeconds: number;
}

async function course(
  bundle: Bundle,
  pool: PersistentWorkerPool | undefined,
  search: SearchName,
  seed: number,
): Promise<Course> {
  const begun = process.cpuUsage();
  const processorSeconds = (): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  };
  const rises: [number, number][] = [];
  const { seconds, allTrials } = await searchStrategy({
    file: strategy,
    market: { bundle, commission: 'percent:0.001' },
    ...{ search, trials, seed, jobs, pool },
    onTrial: (trial) => {
      if (trial.state !== 'complete' || trial.values[0] <= (rises.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY)) return;
      rises.push([processorSeconds(), trial.values[0]]);
    },
  });
  const taken = processorSeconds();
  const best: number[] = [];
  let full = 0;
  for await (const trial of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    const value = trial.state === 'complete' ? trial.values[0] : undefined;
    best.push(Math.max(best.at(-1) ?? Number.NEGATIVE_INFINITY, value ?? Number.NEGATIVE_INFINITY));
    full += trial.budget;
  }
  return { best, rises, full, seconds, processorSeconds: taken };
}

/** The best value until so much processor time had passed. */
const bestUntil = ({ rises }: Course, seconds: number): number =>
  rises.findLast(([at]) => at <= seconds)?.[1] ?? Number.NaN;

const shown = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '' : value.toFixed(3);

if (!existsSync(prices)) {
  console.error(`Skipped: the prices are absent (${prices}).`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-momentum-'));
  const pool = jobs > 1 ? new PersistentWorkerPool({ workers: jobs }) : undefined;
  try {
    const store = new BundleStore(folder);
    const { draft } = await buildDraft({ files: [prices] });
    const { directory } = await writeBundle(store, 'wide', draft);
    const bundle = openBundle(directory);
    const courses: Record<string, readonly Course[]> = {};
    const marks = MARKS.filter((mark) => mark <= trials);
    const load = loadBefore();
    const rows: string[][] = [];
    for (const search of searches) {
      const own: Course[] = [];
      for (let seed = 1; seed <= seeds; seed++) own.push(await course(bundle, pool, search, seed));
      courses[search] = own;
      const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
      rows.push([
        search,
        ...marks.map((mark) => shown(median(own.map(({ best }) => best[mark - 1] ?? best.at(-1)!)))),
        ...TIME_MARKS.map((mark) => shown(median(own.map((each) => bestUntil(each, mark))))),
        median(own.map(({ full }) => full)).toFixed(0),
        median(own.map(({ processorSeconds }) => processorSeconds)).toFixed(0),
        median(own.map(({ seconds }) => seconds)).toFixed(0),
      ]);
      console.error(rows.at(-1)!.join(' | '));
    }
    const head = [...marks.map((mark) => `after ${mark}`), ...TIME_MARKS.map((mark) => `in ${mark} s`)];
    console.log(machineLine(load));
    console.log(`\n${table(['search', ...head, 'full evaluations', 'processor s', 'seconds'], rows)}`);
    console.log(`\nBest Sharpe ratio, ${seeds === 1 ? 'one seed' : `medians of ${seeds} seeds`}, ${jobs} workers.`);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ trials, jobs, courses }));
    bundle[Symbol.dispose]();
  } finally {
    await pool?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
