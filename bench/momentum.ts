// Searches of examples/momentum-portfolio.ts, 5.4 million combinations over 119 symbols and five years: the best Sharpe ratio found against
// evaluations and time. Usage: npm run bench -- momentum [--search gp]... [--trials 1000] [--seeds 1] [--jobs 2] [--json courses.json]
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
import { referenceFile } from './support/reference-workloads.js';
import { quantile, table } from './support/sampler-tables.js';

const MARKS = [50, 100, 200, 500, 1000];
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

/** The best value after each evaluation, in the order in which trials were asked for, and the seconds of all. */
interface Course {
  readonly best: readonly number[];
  readonly seconds: number;
}

async function course(
  bundle: Bundle,
  pool: PersistentWorkerPool | undefined,
  search: SearchName,
  seed: number,
): Promise<Course> {
  const { seconds, allTrials } = await searchStrategy({
    file: strategy,
    market: { bundle, commission: 'percent:0.001' },
    ...{ search, trials, seed, jobs, pool },
  });
  const best: number[] = [];
  for await (const trial of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    const value = trial.state === 'complete' ? trial.values[0] : undefined;
    best.push(Math.max(best.at(-1) ?? Number.NEGATIVE_INFINITY, value ?? Number.NEGATIVE_INFINITY));
  }
  return { best, seconds };
}

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
    const rows: string[][] = [];
    for (const search of searches) {
      const own: Course[] = [];
      for (let seed = 1; seed <= seeds; seed++) own.push(await course(bundle, pool, search, seed));
      courses[search] = own;
      const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
      rows.push([
        search,
        ...MARKS.filter((mark) => mark <= trials).map((mark) =>
          median(own.map(({ best }) => best[mark - 1]!)).toFixed(3),
        ),
        median(own.map(({ seconds }) => seconds)).toFixed(1),
      ]);
      console.error(`${search}: done`);
    }
    const marks = MARKS.filter((mark) => mark <= trials).map((mark) => `after ${mark}`);
    console.log(table(['search', ...marks, 'seconds'], rows));
    console.log(`\nBest Sharpe ratio, ${seeds === 1 ? 'one seed' : `medians of ${seeds} seeds`}, ${jobs} workers.`);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ trials, jobs, courses }));
    bundle[Symbol.dispose]();
  } finally {
    await pool?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
