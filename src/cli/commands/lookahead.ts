import { extname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { type ParameterMap, type ParamsInput, parseParams } from '../../engine/parameters.js';
import { loadStrategy } from '../../engine/strategy-loader.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import { refuseHoldoutOf } from '../../validate/holdout.js';
import { type LookaheadReport, lookahead } from '../../validate/lookahead.js';
import { lookaheadOfTrial, type TrialLookaheadOptions } from '../../validate/trial-lookahead.js';
import { lookaheadDocument, lookaheadText } from '../lookahead-document.js';
import { addMarketOptions, type MarketFlags, marketOptionsOf } from '../market-options.js';
import { ProgressDisplay } from '../progress.js';
import type { Session } from '../session.js';
import { paramsText, shortHash } from '../text-blocks.js';
import { assignment, wholeNumber } from '../values.js';

interface Flags extends MarketFlags {
  readonly param?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly trial?: number;
  readonly cuts?: number;
  readonly cutSeed?: number;
  readonly jobs?: number;
}

/** Threads unless told otherwise: each run is short, and starting its thread is half of it. */
const DEFAULT_JOBS = 2;

/** Adds `lookahead STRATEGY --bundle B` and `lookahead STUDY`. */
export function registerLookahead(program: Command, session: Session): void {
  const command = program
    .command('lookahead')
    .description(
      'Runs a strategy again on markets whose future is cut off, or another one, from some bar on, and compares every order and fill up to there. Exit code 1 when one differs.',
    )
    .argument('<strategy>', 'a strategy, or a study for the trial that --trial names');
  addMarketOptions(command)
    .option('--param <name=value>', "a parameter; repeat it (default: the strategy's)", assignment('param'))
    .option('--seed <number>', 'seed of random() (default: 0)', wholeNumber('seed', { min: 0 }))
    .option('--trial <number>', 'of a study, which trial (default: the best)', wholeNumber('trial', { min: 0 }))
    .option('--cuts <count>', 'parts of the run, each cut at one bar (default: 12)', wholeNumber('cuts', { min: 1 }))
    .option('--cut-seed <number>', 'which bars, which futures (default: 1)', wholeNumber('cut-seed', { min: 0 }))
    .option('--jobs <count>', `threads at the same time (default: ${DEFAULT_JOBS})`, wholeNumber('jobs', { min: 1 }))
    .addHelpText(
      'after',
      `
The first decision, the first order with its fill and the last bars are always
cut at. Each run has a thread and a store of its own, which holds the altered
market alone.

Examples:
  $ hindcast lookahead examples/sma-crossover.ts --bundle us \\
      --param fast=10 --param slow=50 --param threshold=0.005
  $ hindcast lookahead sma.log`,
    )
    .action((subject: string, flags: Flags) => prove(session, subject, flags));
}

/** What is proved, and of what. */
interface Proved {
  readonly name: string;
  readonly report: LookaheadReport;
  readonly trial?: number;
}

async function prove(session: Session, subject: string, flags: Flags): Promise<void> {
  const { output, log, io } = session;
  const begun = performance.now();
  const { jobs = DEFAULT_JOBS, cuts, cutSeed } = flags;
  let proved: Proved;
  {
    using display = new ProgressDisplay(session);
    using interruption = io.interruptible(() => display.interrupt('Stopping.'));
    const control: TrialLookaheadOptions = {
      cuts,
      cutSeed,
      jobs,
      signal: interruption.signal,
      onProgress: ({ done, total }) => {
        const workers = { busy: Math.min(jobs, total - done), total: jobs };
        display.show({ done, total, elapsedMs: performance.now() - begun, best: undefined, failed: 0, workers });
      },
    };
    proved = isStudy(subject) ? await proveTrial(subject, flags, control) : await proveRun(subject, flags, control);
  }
  const { name, report, trial } = proved;
  const seconds = (performance.now() - begun) / 1000;
  const { bundle, params, clean } = report;
  log.info({ event: 'lookahead-finished', strategy: name, clean, runs: report.runs, seconds });
  session.exitCode = clean ? 0 : 1;
  const identity = { strategy: name, bundle: { name: bundle.name, version: bundle.version }, params };
  const study = trial === undefined ? {} : { study: subject, trial };
  output.result({ ...study, ...identity, ...lookaheadDocument(report), seconds }, () =>
    [
      `${name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.synthetic ? ' (synthetic)' : ''}${trial === undefined ? '' : `, trial ${trial}`}`,
      ...(Object.keys(params).length === 0 ? [] : [paramsText(params)]),
      '',
      ...lookaheadText(report),
    ].join('\n'),
  );
}

async function proveRun(file: string, flags: Flags, control: TrialLookaheadOptions): Promise<Proved> {
  if (flags.trial !== undefined) {
    throw new UsageError('TRIAL_WITHOUT_STUDY', {
      message: `--trial is of a study, and ${file} is a strategy. Give the study's file: hindcast lookahead STUDY --trial ${flags.trial}.`,
    });
  }
  const market = marketOptionsOf(flags);
  const { strategy, name } = await loadStrategy(file);
  const params = parseParams(strategy.parameters, flags.param ?? {}) as ParamsInput<ParameterMap>;
  return { name, report: await lookahead(file, { ...control, ...market, params, seed: flags.seed }) };
}

async function proveTrial(path: string, flags: Flags, control: TrialLookaheadOptions): Promise<Proved> {
  const { trial: number, cuts: _cuts, cutSeed: _cutSeed, jobs: _jobs, ...others } = flags;
  // Those of all commands are no options of this one.
  const { json: _json, quiet: _quiet, color: _color, ...own } = others as Readonly<Record<string, unknown>>;
  const [refused] = Object.keys(own);
  if (refused !== undefined) {
    throw new UsageError('OPTION_OF_THE_STUDY', {
      message: `--${refused} is what the study ${path} says already; a proof of its trials takes --trial, --cuts, --cut-seed and --jobs.`,
      details: { option: refused },
    });
  }
  refuseHoldoutOf(readStudyRecord(path));
  const report = await lookaheadOfTrial(path, number, control);
  return { name: report.strategy.name, report, trial: report.trial };
}

/** A strategy ends like a module; anything else is a study's file. */
const isStudy = (subject: string): boolean => !['.ts', '.mts', '.js', '.mjs'].includes(extname(subject));
