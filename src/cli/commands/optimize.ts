import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { parseParams } from '../../engine/parameters.js';
import type { GivenParams } from '../../engine/params.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { type Condition, type Penalty, parseCondition } from '../../optimize/conditions.js';
import { parseObjective } from '../../optimize/objective.js';
import { parsePruner } from '../../optimize/pruner-specification.js';
import type { SearchName } from '../../optimize/samplers/names.js';
import { configuredSearch, type Search } from '../../optimize/samplers/registry.js';
import { searchStrategy } from '../../optimize/study-run.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { proveBest } from '../prove-best.js';
import { addSearchOptions, type SearchFlags, search } from '../search.js';
import type { Session } from '../session.js';
import { anyNumber, assignments, countedFile, improvementRule, positiveNumber, wholeNumber } from '../values.js';

interface Flags extends MarketFlags, SearchFlags {
  readonly search?: string;
  readonly trials?: number;
  readonly objective?: string;
  readonly seed?: number;
  readonly study?: string;
  readonly patience?: number;
  readonly target?: number;
  readonly improvement?: { readonly trials: number; readonly least: number };
  readonly minBudget?: number;
  readonly eta?: number;
  readonly iterations?: number;
  readonly part?: string;
  readonly windows?: number;
  readonly require?: Readonly<Record<string, Condition>>;
  readonly penalty?: Readonly<Record<string, Penalty>>;
  readonly prune?: string;
  readonly stopAtDrawdown?: number;
  readonly stopAtRuin?: number | true;
  readonly checks?: number;
  readonly enqueue?: readonly Readonly<Record<string, string>>[];
  readonly warmStart?: { readonly file: string; readonly count?: number };
  readonly reuse?: readonly string[];
}

/** Adds `optimize STRATEGY --bundle B --search S`. */
export function registerOptimize(program: Command, session: Session): void {
  const command = program
    .command('optimize')
    .description(
      'Searches the parameters of a strategy on every core. The study is the same for any number of workers. Ctrl-C stops it and keeps what has finished.',
    )
    .argument('<strategy>', 'a .ts or .js module whose default export is a strategy');
  addMarketOptions(command)
    .option(
      '--search <name>',
      'grid, random, sobol, gp, tpe, cmaes, genetic, nsga2, halving, hyperband, asha, bohb or auto (default: auto, which says why)',
    )
    .option('--trials <count>', 'at most so many trials (default: the whole grid)', wholeNumber('trials', { min: 1 }))
    .option(
      '--objective <metric>',
      'what to look for; several as sharpe,turnover:minimize, for a Pareto set (default: sharpe)',
    )
    .option('--seed <number>', 'seed of the study (default: 1)', wholeNumber('seed', { min: 0 }))
    .option('--patience <count>', 'end after so many trials without a new best', wholeNumber('patience', { min: 1 }))
    .option('--target <value>', 'end when a trial is at least as good', anyNumber('target'))
    .option(
      '--improvement <n:share>',
      'end when the best grew by less than a share over so many trials: 50:0.01 is 1 % over 50',
      improvementRule('improvement'),
    )
    .option(
      '--require <metric:bounds>',
      'a trial that breaks it has no value: trades:min=30, maxDrawdown:max=0.4; repeat it',
      conditions<Condition>('require', ['min', 'max']),
    )
    .option(
      '--penalty <metric:bounds>',
      'what makes the objective worse: turnover:max=20,weight=0.01; repeat it',
      conditions<Penalty>('penalty', ['min', 'max', 'weight']),
    )
    .option(
      '--prune <how>',
      'end trials that are behind: median, percentile:25, threshold:VALUE, patient:STEPS, wilcoxon or bound (default: none)',
    )
    .option(
      '--stop-at-drawdown <share>',
      'end a trial whose account falls by more from its peak: 0.4 is 40 % (default: none)',
      anyNumber('stop-at-drawdown'),
    )
    .option(
      '--stop-at-ruin [share]',
      'end a trial whose account is worth no more than this share of its cash (default: none; 0 where no share is given)',
      anyNumber('stop-at-ruin'),
    )
    .option(
      '--checks <count>',
      'equal parts of a run, behind each of which these may end it (default: 8)',
      wholeNumber('checks', { min: 2 }),
    )
    .option(
      '--min-budget <share>',
      'least share of the data that a trial of halving, hyperband, asha or bohb takes (default: 0.05)',
      positiveNumber('min-budget'),
    )
    .option('--eta <count>', 'of so many of their trials one goes on (default: 3)', positiveNumber('eta'))
    .option(
      '--iterations <count>',
      'brackets of halving, hyperband or bohb (default: without end)',
      wholeNumber('iterations', { min: 1 }),
    )
    .option(
      '--part <which>',
      'what a share of the data is: windows of it, its start, some of its symbols, or all of it in longer bars (frequency) (default: windows)',
    )
    .option('--windows <count>', 'how many windows that is (default: 4)', wholeNumber('windows', { min: 1 }))
    .option(
      '--enqueue <a=1,b=2>',
      'a point to try first; what is left out has its default; repeat it',
      assignments('enqueue'),
    )
    .option(
      '--warm-start <study>',
      "begin with another study's 10 best points; STUDY:25 with 25 (default: none)",
      countedFile('warm-start'),
    )
    .option(
      '--reuse <study>',
      'take over what an earlier study of the same search has evaluated; repeat it',
      (file: string, before: readonly string[] = []) => [...before, file],
    )
    .option('--study <file>', "the study's journal; a later call goes on (default: memory)");
  addSearchOptions(command)
    .addHelpText(
      'after',
      `
Objectives: sharpe, sortino, calmar, totalReturn, annualReturn, maxDrawdown,
annualVolatility, winRate, profitFactor, and what the strategy's analyze gives.
A trial that never traded has no objective and cannot win.

Examples:
  $ hindcast optimize examples/sma-crossover.ts --bundle us --study sma.log
  $ hindcast optimize mine.ts --bundle us --search random --trials 500 \\
      --objective calmar --seed 7 --jobs 4 --timeout 10m`,
    )
    .action(async (strategy: string, flags: Flags) => {
      const { search: name = 'auto', trials, objective, seed, study, patience, target, improvement } = flags;
      const market = marketOptionsOf(flags);
      const request = {
        file: strategy,
        market,
        search: searchOf(name, flags),
        trials,
        objective: objective === undefined ? undefined : parseObjective(objective),
        seed,
        study,
        patience,
        target,
        improvement,
        require: flags.require,
        penalties: flags.penalty,
        prune: flags.prune === undefined ? undefined : parsePruner(flags.prune),
        stopAtDrawdown: flags.stopAtDrawdown,
        stopAtRuin: flags.stopAtRuin,
        checks: flags.checks,
        enqueue: flags.enqueue && (await pointsOf(strategy, flags.enqueue)),
        reuse: flags.reuse,
        warmStart: flags.warmStart && { study: flags.warmStart.file, trials: flags.warmStart.count },
      };
      return search(
        session,
        flags,
        (options) => searchStrategy({ ...request, ...options }),
        (report, by) => proveBest(report, market, by),
      );
    });
}

/** Reads points as the strategy declares its parameters. @throws UsageError as parseParams does */
async function pointsOf(file: string, points: NonNullable<Flags['enqueue']>): Promise<readonly GivenParams[]> {
  const { strategy } = await loadStrategy(file);
  return points.map((texts) => parseParams(strategy.parameters, texts) as GivenParams);
}

/** Adds one condition to those given before. */
function conditions<T extends Condition>(
  option: string,
  words: readonly string[],
): (text: string, before?: Readonly<Record<string, T>>) => Readonly<Record<string, T>> {
  return (text, before = {}) => {
    const [metric, condition] = parseCondition<T>(option, text, words);
    if (!Object.hasOwn(before, metric)) return { ...before, [metric]: condition };
    throw new UsageError('INVALID_OPTION', {
      message: `Option --${option} names '${metric}' for the second time. Write both bounds at once: ${metric}:min=1,max=9.`,
      details: { option, value: text },
    });
  };
}

/** Returns the search of a name, with the settings that are given. */
function searchOf(name: string, { minBudget, eta, iterations, part, windows }: Flags): SearchName | Search {
  const given = Object.entries({ minBudget, eta, iterations, part, windows }).filter(
    ([, value]) => value !== undefined,
  );
  return given.length === 0 ? (name as SearchName) : configuredSearch(name as SearchName, Object.fromEntries(given));
}
