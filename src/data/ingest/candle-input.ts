import { RunError, UsageError } from '../../core/errors.js';
import { nearestHint } from '../../core/suggest.js';
import { INTRADAY_MS } from '../../market/bar-axis.js';
import type { Frequency } from '../../market/bars.js';
import { DAY_MS } from '../../market/civil-date.js';
import type { ResolvedNetwork } from './network-options.js';
import { PassingFailure, patience, Requests } from './requests.js';
import type { BarInput, RowBatch } from './row-source.js';
import { TextBatch } from './text-input.js';

/** One bar as ccxt returns it: the instant of its begin in milliseconds, open, high, low, close, volume. */
export type Candle = readonly (number | string | null | undefined)[];

/** What is asked of an exchange: the part of a ccxt exchange that bars need. */
export interface CandleExchange {
  readonly id?: string;
  /** Milliseconds from one request to the next. @defaultValue 1000 */
  readonly rateLimit?: number;
  /** Whether the exchange keeps its rate limit itself. @defaultValue false */
  readonly enableRateLimit?: boolean;
  /** The bar lengths that it has, by name. @defaultValue every one */
  readonly timeframes?: Readonly<Record<string, unknown>>;
  /** Headers of the newest answer by name, as ccxt keeps them: `Retry-After` of a refusal for haste is kept to. */
  readonly last_response_headers?: Readonly<Record<string, unknown>> | undefined;
  /** Returns the markets by symbol. @defaultValue symbols are not checked before bars are asked for */
  loadMarkets?(): Promise<Readonly<Record<string, unknown>>>;
  /** Returns at most `limit` bars that begin at `since` or later, ascending. */
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<readonly Candle[]>;
}

type Wish = ResolvedNetwork & {
  readonly frequency: Frequency;
  readonly knownUntil?: (symbol: string) => number | undefined;
};

/** Bars that are asked for at once; exchanges that give fewer do. */
const PAGE = 1000;
/** Bars that an empty page stands for, while no page had more: many exchanges look at no longer time than they would send bars of. */
const SHORT_PAGE = 100;
const USUAL_RATE_LIMIT = 1000;
const COLUMNS = ['date', 'open', 'high', 'low', 'close', 'volume'].map((name) => ({ name }));

/**
 * Returns symbols of an exchange as sources of bars, fetched page by page from `begin` up to the last bar that is over. Numbers are as
 * ccxt hands them over: floats where the exchange object reads them so.
 *
 * @throws UsageError `MISSING_EXCHANGE`, `UNKNOWN_SYMBOL`, `UNKNOWN_FREQUENCY`, `MISSING_FROM`; RunError as `Requests.make`
 */
export async function candleInputs(symbols: readonly string[], wish: Wish): Promise<BarInput[]> {
  const { exchange, frequency, signal, now } = wish;
  if (exchange === undefined) {
    throw new UsageError('MISSING_EXCHANGE', {
      message: 'Bars of ccxt need an exchange: network: { exchange: new ccxt.binance() }.',
    });
  }
  const { id = 'the exchange', timeframes, rateLimit = USUAL_RATE_LIMIT, enableRateLimit = false } = exchange;
  const stepMs = frequency === '1d' ? DAY_MS : INTRADAY_MS[frequency];
  if (stepMs === undefined || (timeframes !== undefined && !(frequency in timeframes))) {
    throw new UsageError('UNKNOWN_FREQUENCY', {
      message: `${id} has no bars of ${frequency}${timeframes === undefined ? '' : `, only of ${Object.keys(timeframes).join(', ')}`}. Ask for shorter ones, and make longer ones of them with 'bundles resample'.`,
      details: { frequency, known: Object.keys(timeframes ?? {}) },
    });
  }
  const intervalMs = wish.intervalMs ?? (enableRateLimit ? 0 : rateLimit);
  const requests = new Requests(id, { ...wish, intervalMs });
  const begins = symbols.map((symbol) => beginOf(symbol, wish, id));
  if (exchange.loadMarkets !== undefined) {
    const markets = await requests.make(
      (timeout) => passing(exchange, exchange.loadMarkets!(), timeout, now),
      retried(id, 0, wish),
    );
    for (const symbol of symbols) if (!Object.hasOwn(markets, symbol)) throw unknownSymbol(symbol, id, markets);
  }
  return symbols.map((symbol, place) => ({
    name: `${id} ${symbol}`,
    symbol,
    use: (read) => {
      const page = (since: number, bars: number): Promise<readonly Candle[]> =>
        requests.make(
          (timeout) => passing(exchange, exchange.fetchOHLCV(symbol, frequency, since, PAGE), timeout, now),
          retried(symbol, bars, wish),
        );
      const batches = pages(symbol, begins[place]!, stepMs, page, wish);
      const reason = `bars fetched from ${id}`;
      return read({ columns: COLUMNS, batches, layout: { name: 'ccxt', reason }, symbol });
    },
  }));

  function beginOf(symbol: string, { begin, knownUntil }: Wish, server: string): number {
    const known = knownUntil?.(symbol);
    const first = begin === undefined ? known : Math.min(begin, known ?? begin);
    if (first !== undefined) return first;
    signal?.throwIfAborted();
    throw new UsageError('MISSING_FROM', {
      message: `Say from which day on bars of ${symbol} are wanted from ${server}: --from 2020-01-01.`,
      details: { symbol },
    });
  }
}

async function* pages(
  symbol: string,
  begin: number,
  stepMs: number,
  page: (since: number, bars: number) => Promise<readonly Candle[]>,
  { end, now, onProgress }: Wish,
): AsyncGenerator<RowBatch> {
  let bars = 0;
  let since = begin;
  // The last bar that is over begins a bar's length before now.
  const last = Math.min(end === undefined ? Number.POSITIVE_INFINITY : end - 1, now() - stepMs);
  let largest = SHORT_PAGE;
  while (since <= last) {
    const rows: (string | null)[][] = [];
    let latest = since - stepMs;
    const candles: unknown = await page(since, bars);
    if (!Array.isArray(candles)) throw badAnswer(symbol, 'an answer is no list of bars', candles);
    largest = Math.max(largest, candles.length);
    for (const candle of candles as readonly unknown[]) {
      const cells = Array.isArray(candle) ? (candle as Candle) : [];
      const time = Number(textOf(cells[0]) || Number.NaN);
      if (!Number.isFinite(time)) throw badAnswer(symbol, 'a bar has no time', candle);
      // Exchanges begin a page where it suits them, and add the bar that is not over.
      if (time < since || time > last) continue;
      latest = Math.max(latest, time);
      rows.push(Array.from({ length: COLUMNS.length }, (_, place) => textOf(cells[place])));
    }
    bars += rows.length;
    onProgress({ source: symbol, bars, retry: undefined });
    // An empty page is a time without trades, or before the listing: what follows is asked for all the same.
    since = rows.length === 0 ? since + Math.min(PAGE, largest) * stepMs : latest + stepMs;
    if (rows.length > 0) yield new TextBatch(rows);
  }
}

const textOf = (value: Candle[number]): string | null =>
  value === null || value === undefined ? null : String(value).trim();

function retried(source: string, bars: number, { onProgress }: Wish): (reason: string, waitMs: number) => void {
  return (reason, waitMs) => onProgress({ source, bars, retry: { reason, waitMs } });
}

/** Waits for an exchange no longer than for a signal, and tells what may pass from what is refused for good. */
async function passing<T>(
  exchange: CandleExchange,
  answer: Promise<T>,
  signal: AbortSignal,
  now: () => number,
): Promise<T> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([answer, stopped]);
  } catch (error) {
    if (signal.aborted) throw error;
    const { name, message = '' } = error as Error;
    const failure = passingFailure(error, exchange, now());
    if (failure !== undefined) throw failure;
    throw new RunError('SERVER_REFUSED', {
      message: `The exchange refused the request: ${name}: ${message.slice(0, 500)}. Nothing was stored.`,
      details: { name },
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Errors of ccxt that are made of an answer, whose headers are the newest. */
const ANSWERED = ['RateLimitExceeded', 'DDoSProtection', 'ExchangeNotAvailable', 'OnMaintenance'];

/**
 * Returns an error as one that may pass; undefined where it is for good. ccxt's NetworkError and what is derived from it passes; so does what
 * fetch and sockets throw, which ccxt lets through where a connection is cut in the middle of an answer, and what bears the status 408, 429 or 5xx.
 * Some exchanges of ccxt read the text of an answer before its status: a 429 is then a plain ExchangeError, told by Retry-After or its words.
 */
function passingFailure(error: unknown, exchange: CandleExchange, now: number): PassingFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, cause } = error;
  const { status } = error as { readonly status?: unknown };
  const { code } = (cause ?? error) as { readonly code?: unknown };
  const kinds = kindsOf(error);
  const rest = patience(headerOf(exchange, 'retry-after'), now);
  const isHaste =
    kinds[0] === 'ExchangeError' && (rest !== undefined || /\b429\b|too many requests|rate.?limit/i.test(message));
  const isAnswer = isHaste || ANSWERED.some((kind) => kinds.includes(kind));
  const isStatus = typeof status === 'number' && (status === 408 || status === 429 || status >= 500);
  const isConnection = typeof code === 'string' && /^(?:E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code);
  if (!isAnswer && !isStatus && !isConnection && !kinds.includes('NetworkError')) return undefined;
  const reason = isConnection ? `the connection failed (${code}: ${message})` : message;
  return new PassingFailure(reason.slice(0, 200), isAnswer || isStatus ? rest : undefined, error);
}

function headerOf({ last_response_headers: headers }: CandleExchange, name: string): string | null {
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found === undefined ? null : String(found[1]);
}

/** Returns the names of an error's class and of all that it is derived from. */
function kindsOf(error: unknown): string[] {
  const names: string[] = [];
  for (let at: unknown = error; at !== null && typeof at === 'object'; at = Object.getPrototypeOf(at)) {
    names.push((at as { constructor: { name: string } }).constructor.name);
  }
  return names;
}

function unknownSymbol(symbol: string, id: string, markets: Readonly<Record<string, unknown>>): UsageError {
  const known = Object.keys(markets);
  return new UsageError('UNKNOWN_SYMBOL', {
    message: `${id} has no market '${symbol}'.${nearestHint(symbol, known)} It has ${known.length}, such as ${known.slice(0, 3).join(', ')}.`,
    details: { symbol, exchange: id },
  });
}

const badAnswer = (symbol: string, what: string, answer: unknown): RunError =>
  new RunError('BAD_ANSWER', {
    message: `The exchange's bars of ${symbol} are not understood: ${what}: ${String(JSON.stringify(answer)).slice(0, 100)}. Nothing was stored.`,
    details: { symbol, what },
  });
