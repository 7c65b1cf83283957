import { Command } from 'commander';
import { packageVersion } from '../core/version.js';
import { registerBacktest } from './commands/backtest.js';
import { registerBundles } from './commands/bundles.js';
import { registerDemo } from './commands/demo.js';
import { registerDoctor } from './commands/doctor.js';
import { registerHoldout } from './commands/holdout.js';
import { registerImportance } from './commands/importance.js';
import { registerIngest } from './commands/ingest.js';
import { registerLookahead } from './commands/lookahead.js';
import { registerOptimize } from './commands/optimize.js';
import { registerReport } from './commands/report.js';
import { registerReproduce } from './commands/reproduce.js';
import { registerResume } from './commands/resume.js';
import { registerValidate } from './commands/validate.js';
import { registerWalkForward } from './commands/walkforward.js';
import { endingOf } from './errors.js';
import type { ExitCode, Io } from './io.js';
import { openLog } from './log.js';
import { Output, type OutputOptions } from './output.js';
import type { Session } from './session.js';

/** Columns for which help is laid out, where the terminal is not narrower. */
const HELP_WIDTH = 80;

/** Runs one command line (`argv` as in `process.argv`) and returns its exit code. Nothing is thrown: whatever goes wrong is printed. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const output = new Output(io, flagsOf(argv));
  try {
    const session: Session = { io, output, log: openLog(io), exitCode: 0 };
    session.log.debug({ event: 'command', arguments: argv.slice(2), version: packageVersion(), node: process.version });
    await programOf(session).parseAsync(argv);
    return session.exitCode;
  } catch (thrown) {
    const { exitCode, error, stack } = endingOf(thrown);
    if (error !== undefined) output.error(error, io.env.HINDCAST_DEBUG === '1' ? stack : undefined);
    return exitCode;
  }
}

/** Returns all commands; their actions work on the session. */
export function programOf(session: Session): Command {
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
  registerDemo(program, session);
  registerIngest(program, session);
  registerBundles(program, session);
  registerBacktest(program, session);
  registerOptimize(program, session);
  registerResume(program, session);
  registerWalkForward(program, session);
  registerReport(program, session);
  registerImportance(program, session);
  registerReproduce(program, session);
  registerLookahead(program, session);
  registerValidate(program, session);
  registerHoldout(program, session);
  registerDoctor(program, session);
  return program;
}

/** The options that matter before, and even if, the command line can be parsed. */
function flagsOf(argv: readonly string[]): OutputOptions {
  const end = argv.indexOf('--');
  const flags = new Set(end === -1 ? argv : argv.slice(0, end));
  return { json: flags.has('--json'), quiet: flags.has('--quiet'), color: !flags.has('--no-color') };
}
