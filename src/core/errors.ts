/**
 * The one error family. Every error carries a code, the facts, and a message that says what to do next.
 * The class decides the exit code of the command line: 1 the run failed, 2 wrong usage, 3 data refused.
 */

/** Facts of an error: plain data, so that it can cross threads and be printed as JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What an error needs beside its code. */
export interface ErrorFacts {
  /** What was wrong, which value, what to do: for the trader who reads it at 3 a.m. */
  readonly message: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of all errors that Hindcast raises on purpose. Anything else that escapes is a bug of ours. */
export abstract class HindcastError extends Error {
  /** Exit code of the command line when this error ends it. */
  abstract readonly exitCode: 1 | 2 | 3;
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, { message, details = {}, cause }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** The call was wrong: an unknown option, bundle, parameter, or file. Nothing was changed. Exit code 2. */
export class UsageError extends HindcastError {
  readonly exitCode = 2;
}

/** Input data was refused; the message names file, row and column. The store is unchanged. Exit code 3. */
export class DataError extends HindcastError {
  readonly exitCode = 3;
}

/** The work itself failed: a strategy threw, a disk was full, a worker died. Exit code 1. */
export class RunError extends HindcastError {
  readonly exitCode = 1;
}

/** A strategy reached for data that is not known yet. Exit code 1. */
export class LookaheadError extends RunError {}

/** An error as plain data: what crosses threads and is written to journals. */
export interface SerializedError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack?: string;
}

/** Returns any thrown value, Error or not, as plain data. */
export function serializeError(thrown: unknown): SerializedError {
  if (thrown instanceof Error) {
    const { code, details } = thrown as Partial<HindcastError>;
    return {
      name: thrown.name,
      code: typeof code === 'string' ? code : 'UNEXPECTED',
      message: thrown.message,
      details: details ?? {},
      ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
    };
  }
  return {
    name: 'Error',
    code: 'NON_ERROR_THROWN',
    message: `a value that is no Error was thrown: ${String(thrown)}`,
    details: {},
  };
}

/** Returns the error that was made plain data, of the family it came from; a bug of ours, with its stack, where it was of none. */
export function restoreError({ name, code, message, details, stack }: SerializedError): Error {
  const facts = { message, details };
  if (code !== 'UNEXPECTED' && code !== 'NON_ERROR_THROWN') {
    if (name === 'UsageError') return new UsageError(code, facts);
    if (name === 'DataError') return new DataError(code, facts);
    if (name === 'LookaheadError') return new LookaheadError(code, facts);
    if (name === 'RunError') return new RunError(code, facts);
  }
  return Object.assign(new Error(message), { name, ...(stack === undefined ? {} : { stack }) });
}
