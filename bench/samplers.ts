// Searches on functions with known optima, beside published runs of Optuna's samplers where the reference data is at hand.
// Usage: npm run bench -- samplers [--search gp]... [--problem branin2]... [--lag 1]... [--budget 500]... [--seeds 30] [--json courses.json]
import { existsSync, readFileSync } from 'node:fs';
import { availableSearches } from 'hindcast/optimize';
import { REFERENCE_PROBLEMS, searchCourse } from './support/reference-problems.js';
import { referenceFile } from './support/reference-workloads.js';
import { mannWhitney, quantile, readSamplerOptions, table, writeCourses } from './support/sampler-tables.js';

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

const { searches, problems, seeds, lags, budgets, json } = readSamplerOptions({
  searches: availableSearches().filter((name) => name !== 'grid' && name !== 'nsga2'),
  seeds: 30,
  lags: [1],
  budgets: [50, 100],
});
const reference = existsSync(published) ? (JSON.parse(readFileSync(published, 'utf8')) as Published) : undefined;
if (reference === undefined) console.error(`Without Optuna's rows: the reference data is absent (${published}).`);

const shown = (value: number): string => (Math.abs(value) < 1e-3 ? value.toExponential(1) : value.toPrecision(4));
const quartiles = (values: readonly number[]): string =>
  `${shown(quantile(values, 0.5))} [${shown(quantile(values, 0.25))}, ${shown(quantile(values, 0.75))}]`;

/** The samplers of Optuna that ours is tested against, by the beginning of their names. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ random: 'random', sobol: 'qmc', tpe: 'tpe', cmaes: 'cmaes', genetic: 'nsga2', nsga2: 'nsga2' },
};
const isRival = (ours: string, theirs: string): boolean => theirs.startsWith(KINDS[ours.split(',')[0]!] ?? '');

/** Says whether values are less than those of the best of the rivals by median, as far as chance lets tell. */
function verdict(values: readonly number[], rivals: readonly (readonly number[])[]): string {
  const [rival] = [...rivals].sort((a, b) => quantile(a, 0.5) - quantile(b, 0.5));
  if (rival === undefined) return '';
  const p = mannWhitney(values, rival);
  const says = p >= 0.05 ? 'alike' : quantile(values, 0.5) < quantile(rival, 0.5) ? 'better' : 'worse';
  return `${says}, p ${p < 1e-4 ? '< 0.0001' : p.toFixed(4)}`;
}

const courses: Record<string, Record<string, number[][]>> = {};
for (const problem of REFERENCE_PROBLEMS) {
  if (problems.length > 0 && !problems.includes(problem.name)) continue;
  const theirs = Object.entries(reference?.problems[problem.name]?.results ?? {}).map(
    ([name, { raw_best_rows_by_seed }]) => ({
      name,
      columns: budgets.map((budget) => {
        const column = reference!.budgets.indexOf(budget);
        return column < 0 ? [] : raw_best_rows_by_seed.map((row) => row[column]!);
      }),
    }),
  );
  const ours: { name: string; columns: number[][]; milliseconds: number }[] = [];
  for (const search of searches) {
    for (const lag of lags) {
      const found: Float64Array[] = [];
      let milliseconds = 0;
      for (let seed = 0; seed < seeds; seed++) {
        const { best, overhead } = await searchCourse(problem, search, { trials: Math.max(...budgets), seed, lag });
        found.push(best);
        milliseconds += overhead.reduce((sum, value) => sum + value, 0) / overhead.length / seeds;
      }
      const name = lags.length === 1 && lag === 1 ? search : `${search}, lag ${lag}`;
      ours.push({ name, milliseconds, columns: budgets.map((budget) => found.map((best) => best[budget - 1]!)) });
      courses[problem.name] = { ...courses[problem.name], [name]: found.map((best) => [...best]) };
    }
  }
  console.log(`\n### ${problem.name} (optimum ${shown(problem.optimum)}, minimise)\n`);
  console.log(
    table(
      ['search', ...budgets.flatMap((budget) => [`after ${budget}`, 'against Optuna']), 'ms a trial'],
      [
        ...ours.map(({ name, columns, milliseconds }) => [
          name,
          ...columns.flatMap((values, at) => {
            const rivals = theirs.filter((their) => isRival(name, their.name) && their.columns[at]!.length > 0);
            return [
              quartiles(values),
              verdict(
                values,
                rivals.map(({ columns: own }) => own[at]!),
              ),
            ];
          }),
          milliseconds.toFixed(3),
        ]),
        ...theirs.map(({ name, columns }) => [
          `Optuna ${name}`,
          ...columns.flatMap((values) => [values.length === 0 ? '' : quartiles(values), '']),
          '',
        ]),
      ],
    ),
  );
}
console.log(
  `\n${seeds} seeds each: the median of the best values found, and their quartiles. Against Optuna: its sampler of the same kind (of several, the best by median; for gp and auto, the best of all); p is the two-sided Mann-Whitney test.`,
);
if (json !== undefined) writeCourses(json, courses);
