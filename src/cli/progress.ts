import { type Progress, renderProgressLine, renderProgressPlain } from '../report/index.js';
import { truncate } from '../report/text-table.js';
import type { Session } from './session.js';

/** Milliseconds between two drawings on a terminal: ten a second are as smooth as an eye wants. */
const REDRAW_MS = 100;
/** Milliseconds between two lines elsewhere. */
const LINE_MS = 3000;

/** Back to the first column, and away with what stands there. */
const ERASE = '\r\u001b[2K';

/**
 * Shows how far a search is, and what is done with its result, on standard error: one line drawn again and again on a terminal, a plain line now and
 * then elsewhere, nothing under `--quiet`. Time is what the progress itself says.
 */
export class ProgressDisplay implements Disposable {
  readonly #session: Session;
  #shownAt = Number.NEGATIVE_INFINITY;
  /** What the line shows: where a search is, or what is done behind it. */
  #latest: Progress | string | undefined;
  #drawn = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Takes note of where the search is, and shows it when it is time. */
  show(progress: Progress): void {
    this.#latest = progress;
    const { io, output } = this.#session;
    if (output.quiet) return;
    if (io.stderr.isTerminal) {
      if (progress.elapsedMs - this.#shownAt < REDRAW_MS) return;
      this.#draw(progress);
    } else {
      // The first line elsewhere waits too: short searches leave no trace in a log.
      if (this.#shownAt === Number.NEGATIVE_INFINITY) this.#shownAt = 0;
      if (progress.elapsedMs - this.#shownAt < LINE_MS) return;
      io.stderr.write(`${renderProgressPlain(progress)}\n`);
    }
    this.#shownAt = progress.elapsedMs;
  }

  /** Lets the line say in words what is done once the search is over; elsewhere than on a terminal nothing does. */
  say(text: string | undefined): void {
    this.#latest = text;
    if (text !== undefined && this.#session.io.stderr.isTerminal && !this.#session.output.quiet) this.#draw(text);
    else this.#erase();
  }

  /** Says something while the line stands: above it. */
  interrupt(text: string): void {
    this.#erase();
    this.#session.output.note(text);
    if (this.#latest !== undefined && this.#session.io.stderr.isTerminal && !this.#session.output.quiet) {
      this.#draw(this.#latest);
    }
  }

  /** Takes the line away: what follows says more. */
  [Symbol.dispose](): void {
    this.#erase();
    this.#latest = undefined;
  }

  #draw(shown: Progress | string): void {
    const { io, output } = this.#session;
    // One column stays free: a line of full width wraps on some terminals.
    const columns = Math.max(20, io.stderr.columns - 1);
    const line =
      typeof shown === 'string'
        ? truncate(shown, columns)
        : renderProgressLine(shown, { columns, color: output.style.isColorSupported });
    io.stderr.write(ERASE + line);
    this.#drawn = true;
  }

  #erase(): void {
    if (this.#drawn) this.#session.io.stderr.write(ERASE);
    this.#drawn = false;
  }
}
