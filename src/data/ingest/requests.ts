import { setTimeout as delay } from 'node:timers/promises';
import { RunError } from '../../core/errors.js';
import type { ResolvedNetwork } from './network-options.js';

const LONGEST_BACKOFF_MS = 30_000;
/** A server that asks for more patience than this is given up on: the user should know, not wait. */
const LONGEST_PATIENCE_MS = 300_000;

/** A failure that may be gone at the next attempt. */
export class PassingFailure extends Error {
  /** Milliseconds that the server asks to wait; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: string, retryAfterMs?: number, cause?: unknown) {
    super(reason, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a server answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What requests need of the network's options. */
export type RequestOptions = Pick<ResolvedNetwork, 'timeoutMs' | 'retries' | 'backoffMs' | 'signal' | 'now'> & {
  readonly intervalMs: number;
};

/** Makes requests to one server, one after the other: not faster than its limit, and again where a failure may pass. */
export class Requests {
  readonly #server: string;
  readonly #options: RequestOptions;
  #free = 0;

  constructor(server: string, options: RequestOptions) {
    this.#server = server;
    this.#options = options;
  }

  /**
   * Returns what an attempt returns, which is made again after every {@link PassingFailure}.
   * @param onRetry hears why an attempt failed and how many milliseconds pass before the next
   * @throws RunError `SERVER_FAILED` after the last attempt, `INTERRUPTED`; what else an attempt throws
   */
  async make<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    onRetry: (reason: string, waitMs: number) => void,
  ): Promise<T> {
    const { timeoutMs, retries, backoffMs, signal, intervalMs } = this.#options;
    for (let failures = 0; ; ) {
      await this.#wait(this.#free - performance.now());
      this.#free = performance.now() + intervalMs;
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await attempt(signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
      } catch (error) {
        refuseIfAborted(signal);
        const failure = timeout.aborted ? new PassingFailure(`no answer within ${timeoutMs / 1000} s`) : error;
        if (!(failure instanceof PassingFailure)) throw failure;
        const waitMs = failure.retryAfterMs ?? Math.min(backoffMs * 2 ** failures, LONGEST_BACKOFF_MS);
        failures++;
        if (failures > retries || waitMs > LONGEST_PATIENCE_MS) throw this.#givenUp(failure, failures);
        onRetry(failure.message, waitMs);
        await this.#wait(waitMs);
      }
    }
  }

  /**
   * Returns what `read` makes of the answer to a GET whose status is none of 408, 429 and 5xx. Throws what {@link Requests.make} and `read` throw.
   */
  get<T>(
    url: string,
    headers: Readonly<Record<string, string>>,
    read: (answer: Answer) => T,
    onRetry: (reason: string, waitMs: number) => void,
  ): Promise<T> {
    return this.make(async (signal) => read(await this.#answer(url, headers, signal)), onRetry);
  }

  async #answer(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await fetch(url, { headers, signal });
      const { status } = response;
      if (status !== 408 && status !== 429 && status < 500) return { status, text: await response.text() };
      await response.body?.cancel();
      throw new PassingFailure(`status ${status}`, patience(response.headers.get('retry-after'), this.#options.now()));
    } catch (error) {
      // What fetch throws is TypeError: no connection, or one that was cut in the middle of the answer.
      if (signal.aborted || !(error instanceof TypeError)) throw error;
      const { code, message } = (error.cause ?? error) as { code?: string; message: string };
      const reason = code === undefined ? message : `${code}: ${message}`;
      throw new PassingFailure(`the connection failed (${reason})`, undefined, error);
    }
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#options;
    refuseIfAborted(signal);
    if (ms <= 0) return;
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      refuseIfAborted(signal);
      throw error;
    }
  }

  #givenUp(failure: PassingFailure, attempts: number): RunError {
    const { retryAfterMs } = failure;
    const later =
      retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s, as the server asks for`;
    return new RunError('SERVER_FAILED', {
      message: `${this.#server} gave no answer in ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${failure.message}. Nothing was stored. Try again ${later}.`,
      details: { server: this.#server, attempts, reason: failure.message },
      cause: failure,
    });
  }
}

/** Throws RunError `INTERRUPTED` when the signal is aborted. */
export function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new RunError('INTERRUPTED', { message: 'The ingest was interrupted. Nothing was stored.' });
}

/** Returns the milliseconds of a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3). Undefined where it is neither. */
export function patience(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
