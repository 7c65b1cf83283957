import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../src/cli/errors.js';
import { DataError, LookaheadError, RunError, UsageError } from '../../../src/core/errors.js';

describe('the ending of a command', () => {
  it.each([
    [new RunError('A', { message: 'm' }), 1],
    [new LookaheadError('A', { message: 'm' }), 1],
    [new UsageError('A', { message: 'm' }), 2],
    [new DataError('A', { message: 'm' }), 3],
    [new RunError('INTERRUPTED', { message: 'm' }), 130],
    [new TypeError('m'), 1],
    ['a string', 1],
    [undefined, 1],
  ])('%s has its exit code', (thrown, exitCode) => {
    const ending = endingOf(thrown);
    expect(ending.exitCode).toBe(exitCode);
    expect(ending.error!.message).not.toBe('');
  });

  it('keeps code and facts of our errors', () => {
    const { error } = endingOf(new DataError('BAD', { message: 'Row 3.', details: { row: 3 } }));
    expect(error).toEqual({ code: 'BAD', message: 'Row 3.', details: { row: 3 } });
  });

  it('says of an unforeseen error how to see more', () => {
    expect(endingOf(new TypeError('x is undefined')).error!.message).toBe(
      'x is undefined. This should not happen: HINDCAST_DEBUG=1 shows where.',
    );
  });

  it('tells the causes in the stack', () => {
    const thrown = new RunError('A', { message: 'outer', cause: new Error('inner') });
    expect(endingOf(thrown).stack).toMatch(/outer[\s\S]*caused by Error: inner/);
  });

  it.each([
    [
      'commander.unknownOption',
      "error: unknown option '--x'\n(Did you mean --y?)",
      'UNKNOWN_OPTION',
      "Unknown option '--x'. Did you mean '--y'?",
    ],
    [
      'commander.unknownCommand',
      "error: unknown command 'a'\n(Did you mean one of b, c?)",
      'UNKNOWN_COMMAND',
      "Unknown command 'a'. Did you mean 'b', 'c'?",
    ],
    [
      'commander.missingArgument',
      "error: missing required argument 'strategy'",
      'MISSING_ARGUMENT',
      "Missing required argument 'strategy'. See: hindcast help.",
    ],
  ])('%s speaks our voice', (code, text, expected, message) => {
    const ending = endingOf(new CommanderError(1, code, text));
    expect(ending).toEqual({ exitCode: 2, error: { code: expected, message, details: {} } });
  });

  it('is a success for help and version', () => {
    expect(endingOf(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toEqual({ exitCode: 0 });
    expect(endingOf(new CommanderError(0, 'commander.version', '0.1.0'))).toEqual({ exitCode: 0 });
  });
});
