// Searches on functions with known optima, beside published runs of Optuna's samplers where the reference data is at hand.
// Usage: npm run bench -- samplers [--search gp]... [--problem branin2]... [--lag 1]... [--seeds 30] [--json courses.json]
import { existsSync, readFileSync } from 'node:fs';
import { availableSearches } from 'hindcast/optimize';
import { REFERENCE_PROBLEMS, searchCourse } from './support/reference-problems.js';
import { referenceFile } from './support/reference-workloads.js';
import { mannWhitney, quantile, readSamplerOptions, table, writeCourses } from './support/sampler-tables.js';

const BUDGETS = [50, 100];
const published = referenceFile('reference/optimisers/samplers.json');

interface Published {
  readonly budgets: readonly number[];
  readonly problems: Readonly<
    Record<
      string,
      { readonly results: Readonly<Record<string, { readonly raw_best_rows_by_seed: readonly (readonly number[])[] }>> }
    >
  >;
}

const { searches, problems, seeds, lags, json } = readSamplerOptions({
  searches: availableSearches().filter((name) => name !== 'grid' && name !== 'nsga2'),
  seeds: 30,
  lags: [1],
});
const reference = existsSync(published) ? (JSON.parse(readFileSync(published, 'utf8')) as Published) : undefined;
if (reference === undefined) console.error(`Without Optuna's rows: the reference data is absent (${published}).`);

const shown = (value: number): string => (Math.abs(value) < 1e-3 ? value.toExponential(1) : value.toPrecision(4));
const quartiles = (values: readonly number[]): string =>
  `${shown(quantile(values, 0.5))} [${shown(quantile(values, 0.25))}, ${shown(quantile(values, 0.75))}]`;

const courses: Record<string, Record<string, number[][]>> = {};
for (const problem of REFERENCE_PROBLEMS) {
  if (problems.length > 0 && !problems.includes(problem.name)) continue;
  const theirs = Object.entries(reference?.problems[problem.name]?.results ?? {}).map(
    ([name, { raw_best_rows_by_seed }]) => ({
      name: `Optuna ${name}`,
      columns: BUDGETS.map((budget) => raw_best_rows_by_seed.map((row) => row[reference!.budgets.indexOf(budget)]!)),
    }),
  );
  const ours: { name: string; columns: number[][]; milliseconds: number }[] = [];
  for (const search of searches) {
    for (const lag of lags) {
      const found: Float64Array[] = [];
      let milliseconds = 0;
      for (let seed = 0; seed < seeds; seed++) {
        const { best, overhead } = await searchCourse(problem, search, { trials: Math.max(...BUDGETS), seed, lag });
        found.push(best);
        milliseconds += overhead.reduce((sum, value) => sum + value, 0) / overhead.length / seeds;
      }
      const name = lags.length === 1 && lag === 1 ? search : `${search}, lag ${lag}`;
      ours.push({ name, milliseconds, columns: BUDGETS.map((budget) => found.map((best) => best[budget - 1]!)) });
      courses[problem.name] = { ...courses[problem.name], [name]: found.map((best) => [...best]) };
    }
  }
  // The best of theirs by median, at each budget: what ours are tested against.
  const rivals = BUDGETS.map(
    (_, at) => [...theirs].sort((a, b) => quantile(a.columns[at]!, 0.5) - quantile(b.columns[at]!, 0.5))[0],
  );
  console.log(`\n### ${problem.name} (optimum ${shown(problem.optimum)}, minimise)\n`);
  console.log(
    table(
      [
        'search',
        ...BUDGETS.flatMap((budget) => [`after ${budget}: median [quartiles]`, 'p against best of Optuna']),
        'ms a trial',
      ],
      [
        ...ours.map(({ name, columns, milliseconds }) => [
          name,
          ...columns.flatMap((values, at) => {
            const rival = rivals[at];
            const p = rival === undefined ? '' : mannWhitney(values, rival.columns[at]!);
            return [
              quartiles(values),
              p === '' ? '' : `${p < 1e-4 ? '< 0.0001' : p.toFixed(4)} (${rival!.name.slice(7)})`,
            ];
          }),
          milliseconds.toFixed(3),
        ]),
        ...theirs.map(({ name, columns }) => [name, ...columns.flatMap((values) => [quartiles(values), '']), '']),
      ],
    ),
  );
}
console.log(`\n${seeds} seeds each; p is the two-sided Mann-Whitney test of the best values found.`);
if (json !== undefined) writeCourses(json, courses);
