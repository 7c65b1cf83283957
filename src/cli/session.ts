import type { ExitCode, Io } from './io.js';
import type { Log } from './log.js';
import type { Output } from './output.js';

/** What every command works with: one call of the command line. */
export interface Session {
  readonly io: Io;
  readonly output: Output;
  /** Structured log; silent unless HINDCAST_LOG asks for it. */
  readonly log: Log;
  /** With what the command ends when nothing is thrown. */
  exitCode: ExitCode;
}
