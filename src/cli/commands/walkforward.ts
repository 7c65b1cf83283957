import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { nearestHint } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import { parseObjective } from '../../optimize/objective.js';
import type { SearchName } from '../../optimize/samplers/names.js';
import { renderReport } from '../../report/index.js';
import { crossValidateFile } from '../../validate/combinatorial.js';
import { doubleOutOfSampleOfFile } from '../../validate/double-out-of-sample.js';
import type { Seam } from '../../validate/out-of-sample.js';
import type { SelectionRule } from '../../validate/selection.js';
import type { Span } from '../../validate/span.js';
import { type WalkForwardOptions, walkForwardOfFile } from '../../validate/walk-forward.js';
import { WINDOWING_KEYS, type Windowing } from '../../validate/windows.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { checkReportPath, writeReport } from '../report-file.js';
import type { Session } from '../session.js';
import { duration, wholeNumber } from '../values.js';
import {
  crossValidationDocument,
  crossValidationText,
  doubleDocument,
  doubleText,
  testTrades,
  walkForwardDocument,
  walkForwardText,
} from '../walk-forward-document.js';
import { walkForwardModel } from '../walk-forward-model.js';
import { type WalkControlFlags, withWalkProgress } from '../walk-progress.js';

interface Flags extends MarketFlags, WalkControlFlags {
  readonly train?: string;
  readonly validate?: string;
  readonly test?: string;
  readonly step?: string;
  readonly anchored?: true;
  readonly purge?: number;
  readonly embargo?: number;
  readonly windows?: number;
  readonly groups?: number;
  readonly testGroups?: number;
  readonly design?: readonly Windowing[];
  readonly unseenFrom?: string;
  readonly select?: string;
  readonly candidates?: number;
  readonly seam?: string;
  readonly reinvest?: boolean;
  readonly search?: string;
  readonly trials?: number;
  readonly objective?: string;
  readonly seed?: number;
  readonly study?: string;
  readonly report?: string;
  readonly trades?: true;
}

/** Adds `walkforward STRATEGY --bundle B --train SPAN --test SPAN`. */
export function registerWalkForward(program: Command, session: Session): void {
  const command = program
    .command('walkforward')
    .description(
      'Searches parameters on a window of the past, trades them on the bars behind it, and goes on so through the data. What was traded, end to end, is a record in which no parameter had seen the prices that it met. All parameters are chosen before the first test is read.',
    )
    .argument('<strategy>', 'a .ts or .js module whose default export is a strategy');
  addMarketOptions(command)
    .option('--train <span>', 'length of a training: 504 (bars), 2y, 6m (months), 90d')
    .option('--test <span>', 'length of the test behind it')
    .option('--validate <span>', 'a validation between them, which picks (default: none)')
    .option('--step <span>', 'from one window to the next (default: the test)')
    .option('--anchored', 'every training begins with the first bar')
    .option('--purge <bars>', 'bars dropped at the end of a training (default: 0)', wholeNumber('purge', { min: 0 }))
    .option('--embargo <bars>', 'bars between the parts of a window (default: 0)', wholeNumber('embargo', { min: 0 }))
    .option('--windows <count>', 'so many windows (default: all that fit)', wholeNumber('windows', { min: 1 }))
    .option(
      '--groups <count>',
      'cross-validation: groups of bars, with --test-groups',
      wholeNumber('groups', { min: 2 }),
    )
    .option('--test-groups <count>', 'groups that each split tests', wholeNumber('test-groups', { min: 1 }))
    .option('--design <lengths>', 'a design to compare, train=2y,test=6m; repeat it', designOption)
    .option('--unseen-from <date>', 'where the best design is validated, once')
    .option('--select <rule>', 'best, plateau:8 or average:5 of the trials (default: best)')
    .option(
      '--candidates <count>',
      'trials that a validation judges (default: 10)',
      wholeNumber('candidates', { min: 1 }),
    )
    .option('--seam <rule>', 'close positions at the end of a test, or carry them (default: close)')
    .option('--no-reinvest', 'every test trades the opening cash; profits are laid aside')
    .option(
      '--search <name>',
      'grid, random, sobol, gp, tpe, cmaes, genetic, nsga2 or auto (default: auto, which says why)',
    )
    .option('--trials <count>', 'most trials of a window (default: the whole grid)', wholeNumber('trials', { min: 1 }))
    .option('--objective <metric>', 'what to look for (default: sharpe)')
    .option('--seed <number>', 'seed of the searches (default: 1)', wholeNumber('seed', { min: 0 }))
    .option('--study <folder>', 'journals of the windows; a later call goes on (default: memory)')
    .option(
      '--jobs <count>',
      'worker threads; 1 uses none, -1 all cores (default: -1)',
      wholeNumber('jobs', { min: 1, allowed: [-1] }),
    )
    .option('--trial-timeout <span>', 'a trial that takes longer fails (default: none)', duration('trial-timeout'))
    .option(
      '--worker-memory <mib>',
      "heap of a worker; a trial that needs more fails (default: Node's own)",
      wholeNumber('worker-memory', { min: 8 }),
    )
    .option('--report <file>', 'write a report')
    .option('--trades', 'add the fills of the tests to the JSON document')
    .addHelpText(
      'after',
      `
A length is a whole number of bars, or of sessions, days, weeks, months, years:
504, '126 sessions', 90d, 12w, 6m, 2y. Windows that are not whole are left out.

Examples:
  $ hindcast walkforward examples/sma-crossover.ts --bundle us \\
      --train 2y --test 6m --trials 50 --study wf --report wf.html
  $ hindcast walkforward mine.ts --bundle us --train 504 --validate 126 \\
      --test 126 --purge 5 --embargo 5 --anchored --select plateau
  $ hindcast walkforward mine.ts --bundle us --groups 6 --test-groups 2 \\
      --purge 5 --embargo 10 --trials 100
  $ hindcast walkforward mine.ts --bundle us --unseen-from 2018-01-01 \\
      --design train=2y,test=6m --design train=4y,test=1y,anchored`,
    )
    .action((strategy: string, flags: Flags) => {
      if (flags.groups !== undefined || flags.testGroups !== undefined)
        return crossValidation(session, strategy, flags);
      if (flags.design !== undefined || flags.unseenFrom !== undefined) return compareDesigns(session, strategy, flags);
      return walkForward(session, strategy, flags);
    });
}

async function walkForward(session: Session, strategy: string, flags: Flags): Promise<void> {
  const { output, log } = session;
  const { train = missing('--train'), test = missing('--test'), report } = flags;
  if (report !== undefined) checkReportPath(report);
  const result = await withWalkProgress(session, flags, (control) =>
    walkForwardOfFile(strategy, {
      ...common(flags),
      ...control,
      train: train as Span,
      test: test as Span,
      validate: flags.validate as Span | undefined,
      step: flags.step as Span | undefined,
      anchored: flags.anchored,
      windows: flags.windows,
      ...seamOf(flags),
    }),
  );
  const { trials, workers, seconds, efficiency } = result;
  log.info({ event: 'walk-forward-finished', windows: result.windows.length, trials, workers, seconds, efficiency });
  if (report !== undefined) writeReport(report, renderReport(walkForwardModel(result)));
  const document = { ...walkForwardDocument(result), report: report ?? null };
  const trades = flags.trades === true ? { name: 'trades', items: testTrades(result) } : undefined;
  await output.resultWith(document, trades, () => walkForwardText(result, output));
  for (const warning of result.warnings) output.warn(warning);
}

async function crossValidation(session: Session, strategy: string, flags: Flags): Promise<void> {
  const { output } = session;
  const { groups = missing('--groups'), testGroups = missing('--test-groups') } = flags;
  refuseStray(flags, [...LENGTHS, 'candidates', 'seam', 'report', 'trades', 'design', 'unseenFrom'], '--groups');
  const result = await withWalkProgress(session, flags, (control) =>
    crossValidateFile(strategy, { ...common(flags), ...control, groups, testGroups }),
  );
  output.result(crossValidationDocument(result), () => crossValidationText(result, output));
}

/** Compares designs on one period, and validates the best on another. */
async function compareDesigns(session: Session, strategy: string, flags: Flags): Promise<void> {
  const { output } = session;
  const { design: designs = missing('--design'), unseenFrom = missing('--unseen-from'), report } = flags;
  refuseStray(flags, [...LENGTHS, 'purge', 'embargo', 'trades'], '--design');
  if (report !== undefined) checkReportPath(report);
  const result = await withWalkProgress(session, flags, (control) => {
    const { purge: _purge, embargo: _embargo, ...options } = common(flags);
    return doubleOutOfSampleOfFile(strategy, { ...options, ...seamOf(flags), ...control, designs, unseenFrom });
  });
  if (report !== undefined) writeReport(report, renderReport(walkForwardModel(result.unseen)));
  output.result({ ...doubleDocument(result), report: report ?? null }, () => doubleText(result, output));
  for (const warning of result.unseen.warnings) output.warn(warning);
}

const LENGTHS = ['train', 'test', 'validate', 'step', 'anchored', 'windows'] as const;

/** Refuses options of another way to cut the data. */
function refuseStray(flags: Flags, names: readonly (keyof Flags)[], other: string): void {
  const stray = names.find((name) => Object.hasOwn(flags, name));
  if (stray === undefined) return;
  const option = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError('OPTION_OF_ANOTHER_CUT', {
    message: `--${option} does not go with ${other}, which cuts the data in its own way. Leave one of them out.`,
    details: { option, other },
  });
}

/** Adds a design, such as `train=2y,test=6m,purge=5,anchored`, to those given before. */
function designOption(text: string, before: readonly Windowing[] = []): readonly Windowing[] {
  const design: Record<string, unknown> = {};
  for (const part of text.split(',')) {
    const [name = '', value] = part.split('=').map((word) => word.trim());
    if (!(WINDOWING_KEYS as readonly string[]).includes(name) || (value === undefined) !== (name === 'anchored')) {
      throw new UsageError('INVALID_OPTION', {
        message: `--design is written train=2y,test=6m and, where wanted, validate, step, purge, embargo, windows, anchored; '${part}' is none of them.${nearestHint(name, WINDOWING_KEYS)}`,
        details: { option: 'design', value: text },
      });
    }
    const isCount = ['purge', 'embargo', 'windows'].includes(name);
    design[name] = value === undefined ? true : isCount ? Number(value) : value;
  }
  const { train = missing('train=... of --design'), test = missing('test=... of --design') } =
    design as Partial<Windowing>;
  return [...before, { ...design, train, test }];
}

function seamOf(flags: Flags) {
  return {
    ...(flags.candidates === undefined ? {} : { candidates: flags.candidates }),
    ...(flags.seam === undefined ? {} : { seam: flags.seam as Seam }),
    ...(flags.reinvest === undefined ? {} : { reinvest: flags.reinvest }),
  };
}

/** The options that all have. */
function common(flags: Flags) {
  const { purge, embargo, search, trials, objective, seed, study, select } = flags;
  return {
    ...marketOptionsOf(flags),
    purge,
    embargo,
    ...(search === undefined ? {} : { search: search as SearchName }),
    ...(trials === undefined ? {} : { trials }),
    ...(objective === undefined
      ? {}
      : { objective: parseObjective(objective) as WalkForwardOptions<ParameterMap, never>['objective'] }),
    ...(seed === undefined ? {} : { seed }),
    ...(study === undefined ? {} : { study }),
    ...(select === undefined ? {} : { select: select as SelectionRule }),
  } as Omit<WalkForwardOptions<ParameterMap, unknown>, 'train' | 'test'>;
}

function missing(option: string): never {
  throw new UsageError('MISSING_OPTION', {
    message: `Say how the data are cut: ${option} is missing. For example: --train 2y --test 6m, or --groups 6 --test-groups 2.`,
    details: { option },
  });
}
