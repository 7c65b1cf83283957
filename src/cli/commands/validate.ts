import { extname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { backtest } from '../../engine/backtest.js';
import { openMarket } from '../../engine/market.js';
import { parseParams } from '../../engine/parameters.js';
import type { GivenParams } from '../../engine/params.js';
import { definitionOf } from '../../engine/strategy.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { findTrial, loadStudied } from '../../optimize/reproduce.js';
import { ParameterSpace } from '../../optimize/space.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import {
  type BacktestReportModel,
  formatMetric,
  renderReport,
  reportRobustness,
  type StudyReportModel,
} from '../../report/index.js';
import { refuseHoldoutOf } from '../../validate/holdout.js';
import { type JudgedStudy, judgeStudy } from '../../validate/judged-study.js';
import { type StudyPlateau, studyPlateau } from '../../validate/robustness/study-plateau.js';
import {
  ROBUSTNESS_TESTS,
  type RobustnessOptions,
  type RobustnessReport,
  robustness,
} from '../../validate/robustness.js';
import { bestTrialOf } from '../../validate/trial-lookahead.js';
import { backtestModel } from '../backtest-model.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { wrapIndented } from '../output.js';
import { overfittingDocument, overfittingWordsText } from '../overfitting.js';
import { checkReportPath, writeReport } from '../report-file.js';
import { robustnessText } from '../robustness-text.js';
import type { Session } from '../session.js';
import { studyModel, trialModel } from '../study-model.js';
import { paramsText, shortHash } from '../text-blocks.js';
import { assignment, list, positiveNumber, wholeNumber } from '../values.js';

interface Flags extends MarketFlags, TestFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly seed?: number;
}

/** Options that a study does not say already. */
interface TestFlags {
  readonly trial?: number;
  readonly tests?: string[];
  readonly figures?: string[];
  readonly runs?: number;
  readonly resamples?: number;
  readonly noise?: number;
  readonly metric?: string;
  readonly testSeed?: number;
  readonly jobs?: number;
  readonly report?: string;
}

/** Adds `validate STRATEGY --bundle B` and `validate STUDY`. */
export function registerValidate(program: Command, session: Session): void {
  const command = program
    .command('validate')
    .description(
      'Runs a strategy again with other luck, prices, costs, parameters and dates, and says what is left of its result. Of a study also says how far its best trial can be luck, and where its plateau lies.',
    )
    .argument('<strategy>', 'a strategy, or a study for the trial that --trial names');
  addMarketOptions(command)
    .option('--param <name=value>', "a parameter; repeat it (default: the strategy's)", assignment('param'))
    .option('--seed <number>', 'seed of random() (default: 0)', wholeNumber('seed', { min: 0 }))
    .option('--trial <number>', 'of a study, which trial (default: the best)', wholeNumber('trial', { min: 0 }))
    .option('--tests <list>', 'which tests A,B (default: all of them)', list('tests'))
    .option('--figures <list>', 'figures of the trade permutation (default: all)', list('figures'))
    .option('--runs <count>', 'other markets of each kind (default: 100)', wholeNumber('runs', { min: 1 }))
    .option('--resamples <count>', 'resamples of the record (default: 1000)', wholeNumber('resamples', { min: 1 }))
    .option('--noise <share>', 'noise as a share of the volatility (default: 0.2)', positiveNumber('noise'))
    .option('--metric <name>', 'metric of the sensitivity (default: sharpe)')
    .option('--test-seed <number>', 'seed of the tests (default: 1)', wholeNumber('test-seed', { min: 0 }))
    .option(
      '--jobs <count>',
      'worker threads; 1 uses none (default: -1, all cores)',
      wholeNumber('jobs', { min: 1, allowed: [-1] }),
    )
    .option('--report <file>', 'write a report')
    .addHelpText(
      'after',
      `
Tests: ${ROBUSTNESS_TESTS.slice(0, 6).join(', ')},
${ROBUSTNESS_TESTS.slice(6).join(', ')}. All are the same for any number of workers.

Examples:
  $ hindcast validate sma.log --report sma.html
  $ hindcast validate examples/sma-crossover.ts --bundle us --param fast=10 \\
      --param slow=50 --param threshold=0.005 --tests costs,delay`,
    )
    .action((subject: string, flags: Flags) => validate(session, subject, flags));
}

/** What is validated, and of what. */
interface Validated {
  readonly name: string;
  readonly report: RobustnessReport;
  readonly trial?: number;
  readonly judged?: JudgedStudy | undefined;
  readonly plateau?: StudyPlateau | undefined;
  readonly metric?: string;
  /** The page of the run that was examined, without the tests. */
  readonly page: () => Promise<BacktestReportModel | StudyReportModel>;
}

async function validate(session: Session, subject: string, flags: Flags): Promise<void> {
  const { output, log, io } = session;
  if (flags.report !== undefined) checkReportPath(flags.report);
  const begun = performance.now();
  let found: Validated;
  {
    using interruption = io.interruptible(() => output.note('Stopping.'));
    const options = { ...testOptions(flags), signal: interruption.signal };
    found = isStrategy(subject) ? await ofStrategy(subject, flags, options) : await ofStudy(subject, flags, options);
  }
  const { name, report, trial, judged, plateau } = found;
  const seconds = (performance.now() - begun) / 1000;
  const { bundle, params } = report;
  log.info({ event: 'validated', strategy: name, seconds });
  if (flags.report !== undefined) {
    writeReport(flags.report, renderReport({ ...(await found.page()), robustness: reportRobustness(report) }));
  }
  const document = {
    ...(trial === undefined ? {} : { study: subject, trial }),
    strategy: name,
    bundle: { name: bundle.name, version: bundle.version },
    ...withNulls({ ...report, bundle: undefined }, ['bundle']),
    overfitting: judged === undefined ? null : overfittingDocument(judged),
    plateau: plateau ?? null,
    seconds,
    report: flags.report ?? null,
  };
  output.result(document, () =>
    [
      `${name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.synthetic ? ' (synthetic)' : ''}${trial === undefined ? '' : `, trial ${trial}`}`,
      ...(Object.keys(params).length === 0 ? [] : [paramsText(params)]),
      '',
      ...(judged === undefined ? [] : [...overfittingWordsText(judged, output.width), '']),
      ...(plateau === undefined ? [] : [...plateauText(plateau, found.metric ?? ''), '']),
      ...robustnessText(report),
    ]
      .map((line) => wrapIndented(line, output.width))
      .join('\n'),
  );
  if (flags.report !== undefined) output.note(`Report: ${flags.report}`);
}

async function ofStrategy(file: string, flags: Flags, options: TestOptions): Promise<Validated> {
  if (flags.trial !== undefined) {
    throw new UsageError('TRIAL_WITHOUT_STUDY', {
      message: `--trial is of a study, and ${file} is a strategy. Give the study's file: hindcast validate STUDY --trial ${flags.trial}.`,
    });
  }
  const market = marketOptionsOf(flags);
  const { strategy, ...compiled } = await loadStrategy(file);
  const params = parseParams(strategy.parameters, flags.param ?? {}) as GivenParams;
  const report = await robustness(strategy, compiled, { ...options, ...market, params, strategySeed: flags.seed });
  const page = async (): Promise<BacktestReportModel> => {
    using opened = openMarket({ bundle: market.bundle });
    const { bundle } = opened.view;
    const result = await backtest(strategy, { ...market, bundle, params: params as never, seed: flags.seed });
    const { costs } = definitionOf(strategy);
    return backtestModel({ strategy: compiled, bundle, params, result, costs }, flags);
  };
  return { name: compiled.name, report, page };
}

async function ofStudy(path: string, flags: Flags, options: TestOptions): Promise<Validated> {
  refuseMarketOptions(path, flags);
  const record = readStudyRecord(path);
  refuseHoldoutOf(record);
  const { facts } = record;
  const asked =
    flags.trial === undefined
      ? bestTrialOf(record)
      : findTrial(path, record.trials(), flags.trial, record.facts.fidelity);
  const first = asked.ending?.duplicateOf;
  const trial = first === undefined ? asked : findTrial(path, record.trials(), first);
  const { strategy, ...compiled } = await loadStudied(path, facts);
  const params = new ParameterSpace(strategy.parameters).checkFlat(trial.params) as GivenParams;
  const report = await robustness(strategy, compiled, {
    ...options,
    ...facts.view,
    ...facts.run,
    bundle: `${facts.bundleName}@${facts.bundleVersion}`,
    params,
    strategySeed: facts.seed,
    trial: trial.number,
  });
  const judged = await judgeStudy(record, flags.jobs);
  return {
    name: compiled.name,
    report,
    page: () =>
      asked.number === bestTrialOf(record).number ? studyModel(record, judged) : trialModel(record, asked.number),
    trial: asked.number,
    judged,
    plateau: studyPlateau(record.trials(), strategy.parameters, facts.objective.direction),
    metric: facts.objective.metric,
  };
}

type TestOptions = Pick<
  RobustnessOptions,
  'tests' | 'figures' | 'runs' | 'resamples' | 'noise' | 'metric' | 'seed' | 'jobs' | 'signal'
>;

const testOptions = ({ tests, figures, runs, resamples, noise, metric, testSeed, jobs }: TestFlags): TestOptions => ({
  tests,
  figures,
  runs,
  resamples,
  noise,
  metric,
  seed: testSeed,
  jobs,
});

/** Options of the tests, and those of all commands: what is none of them, a study says already. */
const OWN = [
  ...['trial', 'tests', 'figures', 'runs', 'resamples', 'noise', 'metric', 'testSeed', 'jobs', 'report'],
  ...['json', 'quiet', 'color'],
];

function refuseMarketOptions(path: string, flags: Flags): void {
  const refused = Object.keys(flags).find((name) => !OWN.includes(name));
  if (refused === undefined) return;
  throw new UsageError('OPTION_OF_THE_STUDY', {
    message: `--${refused} is what the study ${path} says already; its trials are tested with --trial, --tests, --runs and the like.`,
    details: { option: refused },
  });
}

const plateauText = (
  { trial, params, mean, least, points, stability, value }: StudyPlateau,
  metric: string,
): string[] => [
  `Plateau: trial ${trial} with ${paramsText(params)} has the best neighbourhood: ${metric} ${formatMetric(metric, value)}, ${formatMetric(metric, mean)} on average over ${points} trials, ${formatMetric(metric, least)} at least, stability ${stability.toFixed(2)}`,
];

/** A document has null where something is not available. */
function withNulls(value: object, leaveOut: readonly string[]): Record<string, unknown> {
  const kept = Object.entries(value).filter(([name]) => !leaveOut.includes(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, nulled(member)]));
}

function nulled(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(nulled);
  return typeof value === 'object' && value !== null ? withNulls(value, []) : value;
}

/** A strategy ends like a module; anything else is a study's file. */
const isStrategy = (subject: string): boolean => ['.ts', '.mts', '.js', '.mjs'].includes(extname(subject));
