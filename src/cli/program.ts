import { Command } from 'commander';
import { packageVersion } from '../core/version.js';
import { endingOf } from './errors.js';
import type { ExitCode, Io } from './io.js';
import { openLog } from './log.js';
import { Output, type OutputOptions } from './output.js';
import type { Session } from './session.js';

/** Adds a command to the program. */
type Register = (program: Command, session: Session) => void;

/** The commands, in the order of the help. Each is loaded when it is asked for: what one needs, another need not wait for. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./commands/demo.js')).registerDemo,
  ingest: async () => (await import('./commands/ingest.js')).registerIngest,
  bundles: async () => (await import('./commands/bundles.js')).registerBundles,
  backtest: async () => (await import('./commands/backtest.js')).registerBacktest,
  optimize: async () => (await import('./commands/optimize.js')).registerOptimize,
  resume: async () => (await import('./commands/resume.js')).registerResume,
  walkforward: async () => (await import('./commands/walkforward.js')).registerWalkForward,
  report: async () => (await import('./commands/report.js')).registerReport,
  importance: async () => (await import('./commands/importance.js')).registerImportance,
  reproduce: async () => (await import('./commands/reproduce.js')).registerReproduce,
  lookahead: async () => (await import('./commands/lookahead.js')).registerLookahead,
  validate: async () => (await import('./commands/validate.js')).registerValidate,
  holdout: async () => (await import('./commands/holdout.js')).registerHoldout,
  bench: async () => (await import('./commands/bench.js')).registerBench,
  doctor: async () => (await import('./commands/doctor.js')).registerDoctor,
};

/** Columns for which help is laid out, where the terminal is not narrower. */
const HELP_WIDTH = 80;

/** Runs one command line (`argv` as in `process.argv`) and returns its exit code. Nothing is thrown: whatever goes wrong is printed. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const output = new Output(io, flagsOf(argv));
  try {
    const session: Session = { io, output, log: openLog(io), exitCode: 0 };
    session.log.debug({ event: 'command', arguments: argv.slice(2), version: packageVersion(), node: process.version });
    await (await programOf(session, argv)).parseAsync(argv);
    return session.exitCode;
  } catch (thrown) {
    const { exitCode, error, stack } = endingOf(thrown);
    if (error !== undefined) output.error(error, io.env.HINDCAST_DEBUG === '1' ? stack : undefined);
    return exitCode;
  }
}

/** Returns the program with the command that a command line begins with, else with all; their actions work on the session. */
async function programOf(session: Session, argv: readonly string[]): Promise<Command> {
  const { stdout, stderr } = session.io;
  const program = new Command('hindcast')
    .description('Backtests trading strategies with exact money and searches their parameters on every core.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--json', 'print exactly one JSON document on standard output')
    .option('--quiet', 'no progress and no remarks on standard error')
    .option('--no-color', 'no styles; so does the environment variable NO_COLOR')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(HELP_WIDTH, stdout.columns),
      getErrHelpWidth: () => Math.min(HELP_WIDTH, stderr.columns),
      getOutHasColors: () => session.output.color,
      // Errors are printed where all others are.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText(
      'after',
      `
Begin with:
  $ hindcast demo
  $ hindcast ingest csv prices/*.csv --bundle us
  $ hindcast backtest examples/sma-crossover.ts --bundle us \\
      --param fast=10 --param slow=50 --param threshold=0.005

Exit codes: 0 done, 1 the run failed, 2 wrong usage, 3 data refused,
130 interrupted. HINDCAST_HOME holds the bundles; by default ~/.hindcast.`,
    );
  const named = argv.slice(2).find((word) => !word.startsWith('-')) ?? '';
  const wanted = Object.hasOwn(COMMANDS, named) ? [COMMANDS[named]!] : Object.values(COMMANDS);
  for (const register of await Promise.all(wanted.map((load) => load()))) register(program, session);
  return program;
}

/** The options that matter before, and even if, the command line can be parsed. */
function flagsOf(argv: readonly string[]): OutputOptions {
  const end = argv.indexOf('--');
  const flags = new Set(end === -1 ? argv : argv.slice(0, end));
  return { json: flags.has('--json'), quiet: flags.has('--quiet'), color: !flags.has('--no-color') };
}
