// Searches on measured surfaces of a moving-average rule: how often they come within 10 % of the best of 1,100 combinations.
// Usage: npm run bench -- surfaces [--search gp]... [--problem goog-cold]... [--lag 1]... [--budget 110]... [--seeds 30] [--json courses.json]
import { existsSync } from 'node:fs';
import { availableSearches, ParameterSpace, resolveSearch } from 'hindcast/optimize';
import { searchCourse } from './support/reference-problems.js';
import { referenceFile } from './support/reference-workloads.js';
import { readSamplerOptions, table, wilson, writeCourses } from './support/sampler-tables.js';
import { SURFACES, sweepParameters, sweepSurface } from './support/sweep-surfaces.js';

const { searches, problems, seeds, lags, budgets, json } = readSamplerOptions({
  searches: availableSearches().filter((name) => name !== 'grid' && name !== 'nsga2'),
  seeds: 30,
  lags: [1, 8],
  budgets: [40, 55, 110],
});

if (!existsSync(referenceFile('reference/optimisers'))) {
  console.error(`Skipped: the reference data is absent (${referenceFile('reference/optimisers')}).`);
} else {
  const { name, reason } = resolveSearch('auto', new ParameterSpace(sweepParameters), { trials: 110 });
  console.log(`With 110 trials, auto is ${name}: ${reason}.`);
  const courses: Record<string, Record<string, number[][]>> = {};
  for (const wanted of SURFACES) {
    if (problems.length > 0 && !problems.includes(wanted)) continue;
    const problem = sweepSurface(wanted);
    const rows: string[][] = [];
    for (const search of searches) {
      for (const lag of lags) {
        const found: Float64Array[] = [];
        for (let seed = 0; seed < seeds; seed++) {
          found.push((await searchCourse(problem, search, { trials: Math.max(...budgets), seed, lag })).best);
        }
        rows.push([
          `${search}, lag ${lag}`,
          ...budgets.map((budget) => {
            const hits = found.filter((best) => best[budget - 1]! >= 0.9 * problem.optimum).length;
            const [low, high] = wilson(hits, seeds).map((share) => (100 * share).toFixed(0));
            return `${((100 * hits) / seeds).toFixed(0)} % [${low}, ${high}]`;
          }),
        ]);
        courses[wanted] = { ...courses[wanted], [`${search}, lag ${lag}`]: found.map((best) => [...best]) };
      }
    }
    console.log(`\n### ${wanted} (best Sharpe ratio ${problem.optimum.toFixed(3)})\n`);
    console.log(table(['search', ...budgets.map((budget) => `within 10 % after ${budget}`)], rows));
  }
  console.log(`\n${seeds} seeds each, in brackets Wilson's 95 % interval.`);
  if (json !== undefined) writeCourses(json, courses);
}
