/** One of the two outputs of a command. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal now; 80 where there is none. */
  readonly columns: number;
}

/** What a command may hear of Ctrl-C while it can stop cleanly; disposed of, the next Ctrl-C kills as usual. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Everything of the outside world that commands touch beside files: tests hand in another one. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From now on the first SIGINT, SIGTERM or SIGHUP (a terminal that closes) aborts the signal, after telling `onFirst`; the second one kills. */
  interruptible(onFirst: () => void): Interruption;
}

/** Exit codes of the command line: done, run failed, wrong usage, data refused, interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;
