// Options, statistics and tables of the sampler benchmarks.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SearchName } from 'hindcast/optimize';

/** What a sampler benchmark is asked for. */
export interface SamplerBench {
  readonly searches: readonly SearchName[];
  readonly problems: readonly string[];
  readonly seeds: number;
  readonly lags: readonly number[];
  /** Trials after which the best value is looked at, ascending. */
  readonly budgets: readonly number[];
  /** File for every course. */
  readonly json: string | undefined;
}

/** Reads --search, --problem, --lag, --budget (each repeatable), --seeds and --json. */
export function readSamplerOptions(defaults: Omit<SamplerBench, 'json' | 'problems'>): SamplerBench {
  const many = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({
    options: {
      ...{ search: many, problem: many, lag: many, budget: many },
      ...{ seeds: { type: 'string' }, json: { type: 'string' } },
    },
  });
  const seeds = Number(values.seeds ?? defaults.seeds);
  const lags = values.lag?.map(Number) ?? defaults.lags;
  const budgets = (values.budget?.map(Number) ?? [...defaults.budgets]).sort((a, b) => a - b);
  for (const number of [seeds, ...lags, ...budgets]) {
    if (!Number.isInteger(number) || number < 1) {
      throw new RangeError('--seeds, --lag and --budget take whole numbers from 1');
    }
  }
  return {
    searches: (values.search as SearchName[] | undefined) ?? defaults.searches,
    problems: values.problem ?? [],
    seeds,
    lags,
    budgets,
    json: values.json,
  };
}

/** Returns the value that a share of the values lies below, between the nearest two (R's type 7). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/**
 * Returns the probability, if both samples came from one law, of a difference in rank like this one or a larger one: the two-sided test of Mann
 * and Whitney (1947) by its normal approximation, ties and continuity corrected. 1 for samples that are all ties.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].sort((x, y) => x - y);
  const ranks = new Map<number, number>();
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to] === all[from]) to++;
    ranks.set(all[from]!, (from + to + 1) / 2);
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const n = all.length;
  const u = a.reduce((sum, value) => sum + ranks.get(value)!, 0) - (a.length * (a.length + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(u - (a.length * b.length) / 2) - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * upperTail(z));
}

/** The normal law beyond z >= 0, to 8e-8 (Abramowitz and Stegun 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * series;
}

/** The interval that holds a share with 95 % confidence, of so many successes (Wilson 1927). */
export function wilson(successes: number, count: number): readonly [low: number, high: number] {
  const z = 1.959964;
  const share = successes / count;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Returns a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Writes what was found, for statistics of one's own. */
export const writeCourses = (path: string, courses: unknown): void => writeFileSync(path, JSON.stringify(courses));
