import { CommanderError } from 'commander';
import { HindcastError, type SerializedError, serializeError } from '../core/errors.js';
import type { ExitCode } from './io.js';

/** An error as the command line ends with it. */
export interface Ending {
  readonly exitCode: ExitCode;
  /** Undefined where nothing went wrong: help and version. */
  readonly error?: Pick<SerializedError, 'code' | 'message' | 'details'>;
  /** For whoever set HINDCAST_DEBUG=1. */
  readonly stack?: string;
}

/** Codes with which commander reports that it printed what was asked for. */
const SHOWN = new Set(['commander.helpDisplayed', 'commander.version']);

/**
 * Returns how a thrown value ends the command: the family of errors by its own exit codes, a wrong command line with 2,
 * Ctrl-C with 130, anything else, which is a bug of ours or of the strategy, with 1.
 */
export function endingOf(thrown: unknown): Ending {
  if (thrown instanceof CommanderError) return ofCommander(thrown);
  const { code, message, details, stack } = serializeError(thrown);
  const trace = stack === undefined ? {} : { stack: withCauses(stack, thrown) };
  if (thrown instanceof HindcastError) {
    return { exitCode: code === 'INTERRUPTED' ? 130 : thrown.exitCode, error: { code, message, details }, ...trace };
  }
  return {
    exitCode: 1,
    error: {
      code,
      message: `${message || 'no message'}. This should not happen: HINDCAST_DEBUG=1 shows where.`.replace('..', '.'),
      details,
    },
    ...trace,
  };
}

function ofCommander({ code, exitCode, message }: CommanderError): Ending {
  // The command `help` ends like a command line without any command, but for this number.
  if (SHOWN.has(code) || (code === 'commander.help' && exitCode === 0)) return { exitCode: 0 };
  const name = code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `_${letter}`);
  return { exitCode: 2, error: { code: name.toUpperCase(), message: sentence(message), details: {} } };
}

/** Commander's text in the voice of ours: a sentence, the suggestion behind it, and where to read on. */
function sentence(message: string): string {
  if (message === '(outputHelp)') return 'Say what to do: give a command.';
  const [text = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(suggestion ?? '')?.[1];
  const quoted = near?.replace(/[^\s,]+/g, "'$&'");
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return `${start.replace(/\.$/, '')}.${quoted === undefined ? ' See: hindcast help.' : ` Did you mean ${quoted}?`}`;
}

function withCauses(stack: string, thrown: unknown): string {
  let text = stack;
  for (let cause = (thrown as Error).cause; cause instanceof Error; cause = cause.cause) {
    text += `\ncaused by ${cause.stack ?? cause.message}`;
  }
  return text;
}
