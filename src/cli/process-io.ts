import { writeSync } from 'node:fs';
import type { Interruption, Io, Sink } from './io.js';

/** The outside world of this process. */
export function processIo(): Io {
  return {
    stdout: sinkOf(process.stdout, 'standard output'),
    stderr: sinkOf(process.stderr, 'standard error'),
    env: process.env,
    interruptible,
  };
}

/**
 * Returns a stream as a sink. When its reader goes away (`| head`), the rest is dropped in silence. Any other failure,
 * a full disk for one, sets exit code 1.
 */
function sinkOf(stream: NodeJS.WriteStream, name: string): Sink {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return;
    closed = true;
    if (error.code === 'EPIPE') return;
    // Not at once: the command is still running, and its own exit code would come last.
    process.once('exit', () => {
      process.exitCode = process.exitCode === 0 || process.exitCode === undefined ? 1 : process.exitCode;
    });
    if (stream === process.stderr) return;
    writeQuietly(`error: Cannot write to ${name}: ${error.code === 'ENOSPC' ? 'the disk is full' : error.message}.\n`);
  });
  return {
    write(text) {
      if (!closed) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY && stream.columns > 0 ? stream.columns : 80;
    },
  };
}

function writeQuietly(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody is left to be told.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function interruptible(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
