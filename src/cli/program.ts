import { Command, Help } from 'commander';
import { packageVersion } from '../core/version.js';
import { endingOf } from './errors.js';
import type { ExitCode, Io } from './io.js';
import { openLog } from './log.js';
import { Output, type OutputOptions } from './output.js';
import type { Session } from './session.js';

/** Adds a command to the program. */
type Register = (program: Command, session: Session) => void;

/** A command as the help of all lists it, and where the rest of it is. */
interface ListedCommand {
  /** What follows its name. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Register>;
}

/** The commands, in the order of the help. Each is loaded when it is asked for: what one needs, another need not wait for. */
const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  demo: {
    usage: '[options]',
    summary: 'the first five minutes: market, search, walk-forward, report',
    load: async () => (await import('./commands/demo.js')).registerDemo,
  },
  ingest: {
    usage: '[options] <source> <file...>',
    summary: 'make a bundle of market data from files or servers',
    load: async () => (await import('./commands/ingest.js')).registerIngest,
  },
  bundles: {
    usage: '[options] [action] [bundle]',
    summary: 'list, show, verify, export, resample and clean what is ingested',
    load: async () => (await import('./commands/bundles.js')).registerBundles,
  },
  backtest: {
    usage: '[options] <strategy>',
    summary: 'run a strategy once',
    load: async () => (await import('./commands/backtest.js')).registerBacktest,
  },
  optimize: {
    usage: '[options] <strategy>',
    summary: 'search the parameters of a strategy',
    load: async () => (await import('./commands/optimize.js')).registerOptimize,
  },
  resume: {
    usage: '[options] <study>',
    summary: 'go on with a study that was stopped',
    load: async () => (await import('./commands/resume.js')).registerResume,
  },
  walkforward: {
    usage: '[options] <strategy>',
    summary: 'search on the past, trade what follows, again and again',
    load: async () => (await import('./commands/walkforward.js')).registerWalkForward,
  },
  report: {
    usage: '[options] <study>',
    summary: 'write the HTML report of a study',
    load: async () => (await import('./commands/report.js')).registerReport,
  },
  trials: {
    usage: '[options] <study>',
    summary: 'list and export the trials of a study',
    load: async () => (await import('./commands/trials.js')).registerTrials,
  },
  importance: {
    usage: '[options] <study>',
    summary: 'say which parameters of a study matter',
    load: async () => (await import('./commands/importance.js')).registerImportance,
  },
  reproduce: {
    usage: '[options] <study>',
    summary: 'run one trial again and compare',
    load: async () => (await import('./commands/reproduce.js')).registerReproduce,
  },
  lookahead: {
    usage: '[options] <strategy>',
    summary: 'prove that a strategy does not know its future',
    load: async () => (await import('./commands/lookahead.js')).registerLookahead,
  },
  validate: {
    usage: '[options] <strategy>',
    summary: 'test how much of a result is luck',
    load: async () => (await import('./commands/validate.js')).registerValidate,
  },
  holdout: {
    usage: '[options] <action> [study]',
    summary: 'hold back data, and look at them once',
    load: async () => (await import('./commands/holdout.js')).registerHoldout,
  },
  bench: {
    usage: '[options] [subject]',
    summary: 'measure what is faster, so that it can be believed',
    load: async () => (await import('./commands/bench.js')).registerBench,
  },
  doctor: {
    usage: '',
    summary: 'look at this machine: versions, store, memory',
    load: async () => (await import('./commands/doctor.js')).registerDoctor,
  },
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

/** Returns the program with the command that a command line begins with, or asks help for, else with a list of all; its actions work on the session. */
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
  const [named = '', asked = ''] = argv.slice(2).filter((word) => !word.startsWith('-'));
  const wanted = commandOf(named) ?? (named === 'help' ? commandOf(asked) : undefined);
  if (wanted === undefined) listAll(program);
  else (await wanted.load())(program, session);
  return program;
}

const commandOf = (name: string): ListedCommand | undefined =>
  Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;

/** Adds all commands by what the help says of them: enough to list them, and to suggest one for a name that is none. */
function listAll(program: Command): void {
  const terms = new Map(Object.entries(COMMANDS).map(([name, { usage }]) => [name, `${name} ${usage}`.trim()]));
  const help = new Help();
  program.configureHelp({
    showGlobalOptions: true,
    subcommandTerm: (command) => terms.get(command.name()) ?? help.subcommandTerm(command),
  });
  for (const [name, { summary }] of Object.entries(COMMANDS)) program.command(name).summary(summary);
}

/** The options that matter before, and even if, the command line can be parsed. */
function flagsOf(argv: readonly string[]): OutputOptions {
  const end = argv.indexOf('--');
  const flags = new Set(end === -1 ? argv : argv.slice(0, end));
  return { json: flags.has('--json'), quiet: flags.has('--quiet'), color: !flags.has('--no-color') };
}
