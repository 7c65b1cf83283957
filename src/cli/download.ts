import type { NetworkProgress } from '../data/index.js';
import { formatCount } from '../report/index.js';
import type { Interruption } from './io.js';
import type { Session } from './session.js';

/** Milliseconds between two lines of progress: a download of one answer says nothing. */
const LINE_MS = 3000;

/** Shows how far a download is, on standard error, and hears of Ctrl-C. */
export class Download implements Disposable {
  readonly #session: Session;
  readonly #interruption: Interruption;
  #shownAt = performance.now();

  constructor(session: Session) {
    this.#session = session;
    this.#interruption = session.io.interruptible(() => session.output.note('Stopping.'));
  }

  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Says why a request is repeated, and now and then how many bars there are. */
  show({ source, bars, retry }: NetworkProgress): void {
    const now = performance.now();
    if (retry === undefined && now - this.#shownAt < LINE_MS) return;
    this.#shownAt = now;
    const far = `${source}: ${formatCount(bars)} bars`;
    const again = retry === undefined ? '' : `; ${retry.reason}, again in ${(retry.waitMs / 1000).toFixed(1)} s`;
    this.#session.output.note(`${far}${again}`);
  }

  [Symbol.dispose](): void {
    this.#interruption[Symbol.dispose]();
  }
}
