import { extname } from 'node:path';
import type { Command } from 'commander';
import {
  type Arms,
  type BenchmarkOptions,
  type BenchmarkReport,
  benchmark,
  benchmarkArms,
} from '../../benchmark/benchmark.js';
import { benchmarkEnvironment } from '../../benchmark/environment.js';
import { flagsOff } from '../../benchmark/flags.js';
import { passGate, readGateFile } from '../../benchmark/gate-file.js';
import { LEAST_RUNS } from '../../benchmark/samples.js';
import { readScenarioFile, SAMPLE, SCENARIO_DEFAULTS, type Scenario } from '../../benchmark/scenario.js';
import { selfTest } from '../../benchmark/self-test.js';
import { UsageError } from '../../core/errors.js';
import { formatDate } from '../../core/time.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { decisionPages, renderBenchmark } from '../../report/index.js';
import { benchDocument, selfTestDocument } from '../bench-document.js';
import { benchText, selfTestText } from '../bench-text.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { ProgressDisplay } from '../progress.js';
import { checkReportPath, writeReport } from '../report-file.js';
import type { Session } from '../session.js';
import { assignment, positiveNumber, wholeNumber } from '../values.js';

interface Flags extends MarketFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly search?: string;
  readonly trials?: number;
  readonly objective?: string;
  readonly jobs?: number;
  readonly repeat?: number;
  readonly runs?: number;
  readonly warmUp?: number;
  readonly life?: string;
  readonly seed?: number;
  readonly threshold?: number;
  readonly gate?: string;
  readonly report?: string;
  readonly out?: string;
  readonly decision?: string;
  readonly profile?: string;
  readonly selfTest?: true;
}

/** Adds `bench FILE`, `bench STRATEGY` and `bench --self-test`. */
export function registerBench(program: Command, session: Session): void {
  const command = program
    .command('bench')
    .description(
      'Measures scenarios of a file, each a baseline and a candidate; or a strategy with all flags on against each flag off: which of them help? Results are compared first, runs are interleaved in random order, and a candidate is accepted only if the difference is large, certain, and costs no memory.',
    )
    .argument('[subject]', 'scenarios in a .yaml or .json file, or a strategy');
  addMarketOptions(command)
    .option('--param <name=value>', 'a parameter of the strategy, for one backtest; repeat it', assignment('param'))
    .option('--search <name>', 'measure a search (default: random where no --param is given)')
    .option('--trials <count>', 'trials of the search (default: 50)', wholeNumber('trials', { min: 1 }))
    .option('--objective <metric>', 'of the search (default: sharpe)')
    .option(
      '--jobs <count>',
      'workers of the search (default: -1, all cores)',
      wholeNumber('jobs', { min: 1, allowed: [-1] }),
    )
    .option('--repeat <count>', 'do the work so often in a run (default: 1)', wholeNumber('repeat', { min: 1 }))
    .option(
      '--runs <count>',
      `counted runs of each arm, at least ${LEAST_RUNS} (default: 20)`,
      wholeNumber('runs', { min: LEAST_RUNS }),
    )
    .option('--warm-up <count>', 'rounds before them (default: 2)', wholeNumber('warm-up', { min: 1 }))
    .option('--life <kind>', 'cold: a process for each run; warm: one for all runs of an arm (default: cold)')
    .option(
      '--seed <number>',
      'seed of the order of runs and of the intervals (default: 1)',
      wholeNumber('seed', { min: 0 }),
    )
    .option('--threshold <share>', 'least share of the time to save (default: 0.05)', positiveNumber('threshold'))
    .option('--gate <file>', 'compare ratios with those stored there; the first time stores them')
    .option('--out <file>', 'write everything as JSON, each single run too')
    .option('--report <file>', 'write a page with plots')
    .option('--decision <file>', 'write a decision page in Markdown')
    .option('--profile <folder>', 'record each arm once more: a folder of its own in this one')
    .option('--self-test', 'measure how often a benchmark on this machine is wrong')
    .addHelpText(
      'after',
      `
Exit code 1 when results differ or the gate fails; a rejected candidate is a
finding, not a failure.

Examples:
  $ hindcast bench scenarios.yaml --out bench.json --decision choice.md
  $ hindcast bench mine.ts --bundle us --search grid --jobs 2
  $ hindcast bench scenarios.yaml --gate bench-gate.json
  $ hindcast bench --self-test`,
    )
    .action((subject: string | undefined, flags: Flags) => bench(session, subject, flags));
}

/** Options of every benchmark, of scenarios in a file, of the self-test. */
const ALWAYS = ['runs', 'warmUp', 'seed', 'threshold', 'out'] as const;
const OF_A_FILE = [...ALWAYS, 'gate', 'report', 'decision', 'profile'] as const;
const OF_THE_SELF_TEST = [...ALWAYS, 'selfTest'] as const;

const isScenarioFile = (subject: string): boolean =>
  ['.yaml', '.yml', '.json'].includes(extname(subject).toLowerCase());

/** Refuses options that would change nothing: whoever gives one believes that it does. */
function refuseIdleOptions(subject: string | undefined, flags: Flags): void {
  const [what, known]: [string, readonly string[]] = flags.selfTest
    ? ['the self-test', OF_THE_SELF_TEST]
    : subject !== undefined && isScenarioFile(subject)
      ? ['scenarios in a file, which say such things themselves', OF_A_FILE]
      : ['a strategy', Object.keys(flags)];
  const idle = Object.keys(flags).find((name) => !known.includes(name));
  if (idle === undefined && (flags.selfTest !== true || subject === undefined)) return;
  throw new UsageError('IDLE_OPTION', {
    message: `${idle === undefined ? `'${subject}'` : optionText(idle)} has no meaning for ${what}. Leave it out.`,
    details: { option: idle ?? subject },
  });
}

const optionText = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

async function bench(session: Session, subject: string | undefined, flags: Flags): Promise<void> {
  const { output } = session;
  refuseIdleOptions(subject, flags);
  for (const path of [flags.out, flags.report, flags.decision, flags.gate])
    if (path !== undefined) checkReportPath(path);
  const stored = flags.gate === undefined ? [] : readGateFile(flags.gate);
  const environment = benchmarkEnvironment();
  const style = { width: output.width, color: output.color };
  if (flags.selfTest === true) {
    const found = await withProgress(session, flags, (options) =>
      selfTest({ runs: flags.runs ?? LEAST_RUNS }, options),
    );
    if (flags.out !== undefined) writeDocument(flags.out, selfTestDocument(found, environment, true));
    return output.result(selfTestDocument(found, environment, false), () => selfTestText(found, style));
  }
  const profiles: object[] = [];
  const measurement = await measurementOf(subject, flags);
  const onProfile = flags.profile === undefined ? undefined : await profileWriter(session, flags.profile, profiles);
  const report = await withProgress(session, flags, (options) => measurement({ ...options, onProfile }));
  const profiled = onProfile === undefined ? {} : { profiles };
  const gate = flags.gate === undefined ? undefined : passGate(flags.gate, stored, report.scenarios);
  if (flags.out !== undefined)
    writeDocument(flags.out, { ...benchDocument(report, environment, gate, true), ...profiled });
  const command = [output.program, 'bench', ...commandLine(subject, flags)].join(' ');
  const page = { report, environment, command, date: formatDate(Date.now()) };
  if (flags.report !== undefined) writeReport(flags.report, renderBenchmark(page));
  if (flags.decision !== undefined) writeReport(flags.decision, decisionPages(page));
  output.result({ ...benchDocument(report, environment, gate, false), ...profiled }, () =>
    benchText(report, gate, style),
  );
  for (const path of [flags.out, flags.report, flags.decision, flags.profile])
    if (path !== undefined) output.note(`Written: ${path}`);
  if (gate?.passed === false) session.exitCode = 1;
}

/** Returns what writes the profiles of arms, and adds their facts to a list. */
async function profileWriter(
  { output }: Session,
  folder: string,
  found: object[],
): Promise<NonNullable<BenchmarkOptions['onProfile']>> {
  const write = (await import('../profile.js')).prepareProfiles(folder);
  return async ({ scenario, arm, repeat, profile }) => {
    if (profile === undefined) {
      output.note(
        `No profile of '${arm}' in '${scenario}': another Hindcast does its work, and writes its own with its --profile.`,
      );
      return;
    }
    found.push({ scenario, arm, ...(await write(`${scenario} ${arm}`, profile, { name: 'run', count: repeat })) });
  };
}

type Measurement = (options: BenchmarkOptions) => Promise<BenchmarkReport>;

/** What the command line asks to be measured. */
async function measurementOf(subject: string | undefined, flags: Flags): Promise<Measurement> {
  if (subject === undefined) {
    throw new UsageError('MISSING_SUBJECT', {
      message: 'Say what to measure: a file of scenarios, a strategy, or --self-test. See: hindcast bench --help.',
    });
  }
  if (isScenarioFile(subject)) {
    const file = readScenarioFile(subject);
    return (options) => benchmark(file, options);
  }
  const scenario = await ofStrategy(subject, flags);
  return (options) => benchmarkArms(scenario, flagArms(), options);
}

/** All flags on against each of them off, and against all of them off. */
function flagArms(): Arms {
  const on = 'all on';
  const single = flagsOff();
  const none = { name: 'all of them', env: Object.assign({}, ...single.map(({ env }) => env)) };
  const flags = single.length > 1 ? [...single, none] : single;
  return {
    arms: [
      { name: on, settings: {} },
      ...flags.map(({ name, env }) => ({ name: `without ${name}`, settings: { env } })),
    ],
    pairs: flags.map(({ name }) => ({ name, baseline: `without ${name}`, candidate: on })),
  };
}

async function ofStrategy(file: string, flags: Flags): Promise<Scenario> {
  const { strategy, path, name } = await loadStrategy(file);
  const { bundle, ...market } = flags.bundle === undefined ? { bundle: { sample: SAMPLE } } : marketOptionsOf(flags);
  const isSearch =
    flags.search !== undefined || (flags.param === undefined && Object.keys(strategy.parameters).length > 0);
  const trials = flags.trials ?? (flags.search === undefined || flags.search === 'random' ? 50 : undefined);
  return {
    ...SCENARIO_DEFAULTS,
    name,
    strategy: path,
    bundle,
    market,
    params: flags.param ?? {},
    command: isSearch ? 'optimize' : 'backtest',
    search: flags.search ?? 'random',
    trials: isSearch ? trials : undefined,
    objective: flags.objective,
    jobs: flags.jobs,
    repeat: flags.repeat ?? 1,
    life: lifeOf(flags.life),
  };
}

function lifeOf(word = 'cold'): 'cold' | 'warm' {
  if (word === 'cold' || word === 'warm') return word;
  throw new UsageError('INVALID_OPTION', {
    message: `Option --life is cold or warm, not '${word}'.`,
    details: { option: 'life', value: word },
  });
}

/** Measures with progress and Ctrl-C, which leaves no process behind. */
async function withProgress<R>(
  session: Session,
  { runs, warmUp, seed, threshold }: Flags,
  start: (options: BenchmarkOptions) => Promise<R>,
): Promise<R> {
  const { io, log } = session;
  using display = new ProgressDisplay(session);
  using interruption = io.interruptible(() => display.interrupt('Stopping; nothing is kept.'));
  let scenario = '';
  let begun = performance.now();
  return await start({
    runs,
    warmUp,
    seed,
    thresholds: { saving: threshold },
    signal: interruption.signal,
    onProgress: (progress) => {
      if (progress.scenario !== scenario) {
        scenario = progress.scenario;
        begun = performance.now();
        log.info({ event: 'scenario-started', scenario });
      }
      const elapsedMs = performance.now() - begun;
      const { done, total } = progress;
      display.show({ done, total, elapsedMs, best: undefined, failed: 0, workers: { busy: 1, total: 1 } });
    },
  });
}

const writeDocument = (path: string, document: object): void =>
  writeReport(path, `${JSON.stringify({ schemaVersion: 1, ...document }, undefined, 1)}\n`);

/** The options of this command line that decide the figures, as one writes them. */
function commandLine(subject: string | undefined, flags: Flags): string[] {
  const {
    out: _,
    report: __,
    decision: ___,
    gate: ____,
    profile: _____,
    param = {},
    ...rest
  } = flags as Flags & Readonly<Record<string, unknown>>;
  const words = Object.entries(rest).map(([name, value]) => {
    return value === true
      ? optionText(name)
      : `${optionText(name)} ${Array.isArray(value) ? value.join(',') : String(value)}`;
  });
  return [
    ...(subject === undefined ? [] : [subject]),
    ...words,
    ...Object.entries(param).map(([name, value]) => `--param ${name}=${value}`),
  ];
}
