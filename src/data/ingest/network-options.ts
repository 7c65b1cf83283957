import { UsageError } from '../../core/errors.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import { DAY_MS, parseDateLabel } from '../../market/civil-date.js';
import type { CandleExchange } from './candle-input.js';

/** How far a download is. Plain data. */
export interface NetworkProgress {
  /** The symbol as it was asked for. */
  readonly source: string;
  /** Bars of it received so far. */
  readonly bars: number;
  /** Why the last attempt failed, and the milliseconds until the next one; undefined after a request that succeeded. */
  readonly retry: { readonly reason: string; readonly waitMs: number } | undefined;
}

/** How bars are fetched from a server: of the sources `yahoo` and `ccxt` alone. */
export interface NetworkOptions {
  /** First day, `YYYY-MM-DD`, in UTC. @defaultValue in an append the last bar that the bundle has; else all that Yahoo has of days */
  readonly from?: string;
  /** Last day, `YYYY-MM-DD`, in UTC, inclusive. @defaultValue now */
  readonly to?: string;
  /** Where to ask instead of Yahoo's own server: a proxy or a mirror, `http://localhost:8080/yahoo`. */
  readonly baseUrl?: string;
  /** For the source `ccxt`: an exchange of ccxt, or any object that answers like one. */
  readonly exchange?: CandleExchange;
  /** Milliseconds from one request to the next. @defaultValue 500 for Yahoo; what a ccxt exchange names as its `rateLimit` */
  readonly intervalMs?: number;
  /** Milliseconds that a request may take. @defaultValue 30000 */
  readonly timeoutMs?: number;
  /** How often a request is repeated after 408, 429, 5xx, a timeout or a connection that was cut. @defaultValue 5 */
  readonly retries?: number;
  /** Milliseconds before the first repetition, twice as many before each further one, at most 30 s; a server's Retry-After is kept to. @defaultValue 1000 */
  readonly backoffMs?: number;
  /** Ends the ingest with RunError `INTERRUPTED`. */
  readonly signal?: AbortSignal;
  /** Hears of every request that succeeded and of every one that is repeated. */
  readonly onProgress?: (progress: NetworkProgress) => void;
  /** The time in milliseconds, by which a bar that is not over is left out. @defaultValue Date.now */
  readonly now?: () => number;
}

/** Options with every default filled in. Times are instants, `end` exclusive. */
export interface ResolvedNetwork
  extends Pick<Required<NetworkOptions>, 'timeoutMs' | 'retries' | 'backoffMs' | 'onProgress' | 'now'> {
  readonly begin: number | undefined;
  readonly end: number | undefined;
  readonly baseUrl: string | undefined;
  readonly exchange: CandleExchange | undefined;
  readonly intervalMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const KEYS = [
  ...['from', 'to', 'baseUrl', 'exchange', 'intervalMs', 'timeoutMs', 'retries', 'backoffMs'],
  ...['signal', 'onProgress', 'now'],
];
/** Longer than any timer of Node takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** Returns the options complete and checked; throws UsageError naming the option and what it may be. */
export function resolveNetwork(options: NetworkOptions): ResolvedNetwork {
  rejectUnknownKeys('ingest.network', options, KEYS);
  const { from, to, baseUrl, exchange, intervalMs, signal } = options;
  const { timeoutMs = 30_000, retries = 5, backoffMs = 1000, onProgress = () => {}, now = Date.now } = options;
  const begin = from === undefined ? undefined : dayOf('from', from);
  const end = to === undefined ? undefined : dayOf('to', to) + DAY_MS;
  if (begin !== undefined && end !== undefined && begin >= end) {
    throw invalid('to', to, `a day not before the first one, ${from}`);
  }
  for (const [name, value, min] of [
    ['intervalMs', intervalMs ?? 0, 0],
    ['timeoutMs', timeoutMs, 1],
    ['retries', retries, 0],
    ['backoffMs', backoffMs, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < min || value > LONGEST_MS) {
      throw invalid(name, value, `a whole number from ${min}`);
    }
  }
  if (baseUrl !== undefined) checkUrl(baseUrl);
  return {
    ...{ begin, end, baseUrl: baseUrl?.replace(/\/+$/, ''), exchange, intervalMs, signal },
    ...{ timeoutMs, retries, backoffMs, onProgress, now },
  };
}

function dayOf(option: string, text: string): number {
  const label = parseDateLabel(text);
  if (Number.isNaN(label)) throw invalid(option, text, 'a day as 2015-01-31');
  return label;
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (!isPlain) throw invalid('baseUrl', text, 'an http or https address without user, password and query');
}

const invalid = (option: string, value: unknown, wanted: string): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `Option ${option} is '${String(value)}', but must be ${wanted}.`,
    details: { option, value },
  });
