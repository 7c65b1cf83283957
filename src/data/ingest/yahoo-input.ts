import { z } from 'zod';
import { DataError, RunError, UsageError } from '../../core/errors.js';
import { INTRADAY_MS } from '../../market/bar-axis.js';
import type { Frequency } from '../../market/bars.js';
import { DAY_MS, formatDate, parseDateLabel } from '../../market/civil-date.js';
import { type ZoneClock, zoneClock } from '../../market/zone-clock.js';
import { parseExactJson } from './exact-json.js';
import type { ResolvedNetwork } from './network-options.js';
import { quote } from './number-cell.js';
import { type Answer, PassingFailure, Requests } from './requests.js';
import type { BarInput, Cell, RowBatch } from './row-source.js';
import { TextBatch } from './text-input.js';

type Wish = ResolvedNetwork & {
  readonly frequency: Frequency;
  readonly currency: string;
  readonly knownUntil?: (symbol: string) => number | undefined;
};

const SERVER = 'https://query1.finance.yahoo.com';
const USUAL_INTERVAL_MS = 500;
/** Yahoo answers 429 to clients that name themselves otherwise. */
const HEADERS = { 'user-agent': 'Mozilla/5.0', accept: 'application/json,text/csv' };
/** Days that one answer covers at most, by bar length. */
const PAGE_DAYS: Readonly<Partial<Record<Frequency, number>>> = {
  '1m': 7,
  '5m': 59,
  '15m': 59,
  '30m': 59,
  '1h': 729,
};
/** Before it Yahoo has nothing: 1927-12-30 is the first day of the S&P 500. */
const FIRST_DAY = Date.UTC(1927, 0, 1);

/** A number is the text that stands in the answer. */
const cells = z.array(z.string().nullable());
const CHART = z.object({
  chart: z.object({
    result: z
      .array(
        z.object({
          meta: z.object({
            currency: z.string().nullish(),
            exchangeTimezoneName: z.string().nullish(),
            gmtoffset: z.string().nullish(),
            currentTradingPeriod: z.object({ regular: z.object({ start: z.string(), end: z.string() }) }).nullish(),
          }),
          timestamp: z.array(z.string()).optional(),
          events: z
            .object({
              dividends: z.record(z.string(), z.object({ amount: z.string(), date: z.string() })).optional(),
              splits: z.record(z.string(), z.unknown()).optional(),
            })
            .optional(),
          indicators: z.object({
            quote: z.array(
              z.object({
                open: cells.optional(),
                high: cells.optional(),
                low: cells.optional(),
                close: cells.optional(),
                volume: cells.optional(),
              }),
            ),
            adjclose: z.array(z.object({ adjclose: cells.optional() })).optional(),
          }),
        }),
      )
      .nullish(),
    error: z.object({ code: z.string().nullish(), description: z.string().nullish() }).nullish(),
  }),
});

type Chart = NonNullable<z.infer<typeof CHART>['chart']['result']>[number];

/** The rows of one answer, as a Yahoo file has them. */
interface Page {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Dividends by label of their ex-date. */
  readonly dividends: readonly { readonly label: number; readonly amount: string }[];
  readonly splits: number;
}

const EMPTY: Page = { columns: [], rows: [], dividends: [], splits: 0 };
/** Beyond it a Date does not exist. */
const LAST_INSTANT = 8.64e15;

interface Row {
  /** The date's label, or the instant of an intraday bar, in milliseconds. */
  readonly label: number;
  readonly cells: Cell[];
}

/**
 * Returns symbols of Yahoo as sources of bars, by its chart interface (v8), or where a server answers with CSV as its downloads were, by that.
 * Numbers are the text of the answer, digit for digit. Prices are as Yahoo has them: divided by all later splits, so that splits are told in
 * the report and are no events; dividends are events, and the adjusted close stands beside the prices. A bar that is not over is left out.
 *
 * @throws UsageError `UNKNOWN_FREQUENCY`, `MISSING_FROM`; reading throws UsageError `UNKNOWN_SYMBOL`, DataError `OTHER_CURRENCY`, and
 * RunError `BAD_ANSWER`, `SERVER_REFUSED` and what `Requests.make` throws
 */
export function yahooInputs(symbols: readonly string[], wish: Wish): BarInput[] {
  const { frequency, baseUrl = SERVER, intervalMs = USUAL_INTERVAL_MS } = wish;
  if (frequency !== '1d' && PAGE_DAYS[frequency] === undefined) {
    throw new UsageError('UNKNOWN_FREQUENCY', {
      message: `Bars of ${frequency} are not asked of Yahoo. Ask for ${['1d', ...Object.keys(PAGE_DAYS)].join(', ')}, and make longer ones of them with 'bundles resample'.`,
      details: { frequency },
    });
  }
  const requests = new Requests(new URL(baseUrl).host, { ...wish, intervalMs });
  return symbols.map((symbol) => {
    const source = new YahooSymbol(symbol, baseUrl, requests, wish);
    return { name: `yahoo ${symbol}`, symbol, use: (read) => source.use(read) };
  });
}

class YahooSymbol {
  readonly #symbol: string;
  readonly #baseUrl: string;
  readonly #requests: Requests;
  readonly #wish: Wish;
  readonly #windows: readonly (readonly [begin: number, end: number])[];
  #bars = 0;
  #splits = 0;

  constructor(symbol: string, baseUrl: string, requests: Requests, wish: Wish) {
    this.#symbol = symbol;
    this.#baseUrl = baseUrl;
    this.#requests = requests;
    this.#wish = wish;
    this.#windows = windowsOf(symbol, wish);
  }

  use: BarInput['use'] = async (read) => {
    const pages = this.#pages();
    const first = await pages.next();
    const columns = first.done === true ? ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'] : first.value.columns;
    const splits = (): number => this.#splits;
    return read({
      columns: [...columns, 'Dividends'].map((name) => ({ name })),
      batches: this.#batches(first.done === true ? undefined : first.value, columns, pages),
      get remarks() {
        const known = splits() === 0 ? '' : ` (${splits()} in this time)`;
        return `prices are divided by later splits already${known}`;
      },
      symbol: this.#symbol,
    });
  };

  /** Yields the pages that have rows. */
  async *#pages(): AsyncGenerator<Page> {
    for (const [begin, end] of this.#windows) {
      const page = await this.#page(begin, end);
      const rows = page.rows.filter(({ label }) => label >= begin && label < end);
      this.#bars += rows.length;
      this.#splits += page.splits;
      this.#wish.onProgress({ source: this.#symbol, bars: this.#bars, retry: undefined });
      if (rows.length > 0) yield { ...page, rows };
    }
  }

  async *#batches(
    first: Page | undefined,
    columns: readonly string[],
    rest: AsyncIterable<Page>,
  ): AsyncGenerator<RowBatch> {
    if (first !== undefined) yield this.#batch(first, columns);
    for await (const page of rest) yield this.#batch(page, columns);
  }

  #batch(page: Page, columns: readonly string[]): RowBatch {
    if (page.columns.join() !== columns.join()) {
      throw badAnswer(this.#symbol, `its columns change from ${columns.join(', ')} to ${page.columns.join(', ')}`);
    }
    const amounts = new Map<Row, string>();
    for (const { label, amount } of page.dividends) {
      // A day without a bar, on which the dividend can only be seen from the next one on.
      const row = page.rows.find((one) => one.label >= label && !amounts.has(one));
      if (row !== undefined) amounts.set(row, amount);
    }
    return new TextBatch(page.rows.map((row) => [...row.cells, amounts.get(row) ?? null]));
  }

  #page(begin: number, end: number): Promise<Page> {
    const { frequency, onProgress, now } = this.#wish;
    // The session of a day may open on the day before in UTC.
    const margin = frequency === '1d' ? DAY_MS : 0;
    const query = new URLSearchParams({
      period1: String(Math.floor((begin - margin) / 1000)),
      period2: String(Math.ceil(Math.min(end + margin, now() + DAY_MS) / 1000)),
      interval: frequency,
      events: 'div,split',
      includeAdjustedClose: 'true',
    });
    const url = `${this.#baseUrl}/v8/finance/chart/${encodeURIComponent(this.#symbol)}?${query}`;
    return this.#requests.get(
      url,
      HEADERS,
      (answer) => this.#read(answer),
      (reason, waitMs) => onProgress({ source: this.#symbol, bars: this.#bars, retry: { reason, waitMs } }),
    );
  }

  #read({ status, text }: Answer): Page {
    const isJson = /^\s*\{/.test(text);
    if (isJson) {
      const chart = this.#chart(text);
      if (status === 200 && chart.result?.[0] !== undefined) return this.#chartPage(chart.result[0]);
      const { description } = chart.error ?? {};
      if (status === 400 && /doesn't exist for startDate/i.test(description ?? '')) return EMPTY;
      throw this.#refused(status, description ?? 'no reason given');
    }
    if (status === 200 && /^\s*Date,/i.test(text)) return this.#csvPage(text);
    if (status !== 200) throw this.#refused(status, text.trim() === '' ? 'no reason given' : quote(text.trim()));
    throw badAnswer(this.#symbol, `it is neither JSON nor CSV: ${quote(text)}`);
  }

  #chart(text: string): z.infer<typeof CHART>['chart'] {
    let json: unknown;
    try {
      json = parseExactJson(text);
    } catch (error) {
      // An answer without a length, cut in the middle, looks whole to the connection.
      throw new PassingFailure(`an answer that is no JSON (${(error as Error).message})`, undefined, error);
    }
    const parsed = CHART.safeParse(json);
    if (parsed.success) return parsed.data.chart;
    const [issue] = parsed.error.issues;
    throw badAnswer(this.#symbol, `'${issue!.path.join('.')}': ${issue!.message}`);
  }

  #chartPage({ meta, timestamp = [], events, indicators }: Chart): Page {
    const { frequency, currency } = this.#wish;
    const [quotes = {}] = indicators.quote;
    const adjusted = indicators.adjclose?.[0]?.adjclose;
    if (timestamp.length === 0) return EMPTY;
    if (meta.currency !== undefined && meta.currency !== null && meta.currency !== currency) {
      throw new DataError('OTHER_CURRENCY', {
        message: `Yahoo has ${this.#symbol} in ${meta.currency}, not in ${currency}. Say so: --currency ${meta.currency}.`,
        details: { symbol: this.#symbol, currency: meta.currency },
      });
    }
    const columns = [quotes.open, quotes.high, quotes.low, quotes.close, ...(adjusted === undefined ? [] : [adjusted])];
    columns.push(quotes.volume);
    for (const [place, column] of columns.entries()) {
      if (column?.length === timestamp.length) continue;
      const found = column === undefined ? 'missing' : `of length ${column.length}`;
      throw badAnswer(this.#symbol, `column ${place + 1} of ${timestamp.length} bars is ${found}`);
    }
    const clock = clockOf(this.#symbol, meta);
    const isDaily = frequency === '1d';
    const labelOf = (seconds: string): number => {
      const instant = this.#instant(seconds);
      return isDaily ? Math.floor(clock.toWallClock(instant) / DAY_MS) * DAY_MS : instant;
    };
    const isOver = this.#isOver(meta, clock);
    // Of bars within a day Yahoo's last one may be the price of a moment, at its own second: no bar at all.
    const [before, newest] = isDaily ? [] : timestamp.slice(-2).map(Number);
    const isMoment = newest !== undefined && (newest - before!) % 60 !== 0;
    const rows = (isMoment ? timestamp.slice(0, -1) : timestamp).flatMap((seconds, place): Row[] => {
      const label = labelOf(seconds);
      const stamp = isDaily ? formatDate(label) : seconds;
      return isOver(label) ? [{ label, cells: [stamp, ...columns.map((column) => column![place]!)] }] : [];
    });
    return {
      columns: ['Date', 'Open', 'High', 'Low', 'Close', ...(adjusted === undefined ? [] : ['Adj Close']), 'Volume'],
      rows,
      dividends: Object.values(events?.dividends ?? {})
        .map(({ date, amount }) => ({ label: labelOf(date), amount }))
        .sort((a, b) => a.label - b.label),
      splits: Object.keys(events?.splits ?? {}).length,
    };
  }

  /** Returns what tells by its label whether a bar is over. */
  #isOver({ currentTradingPeriod }: Chart['meta'], clock: WallClock): (label: number) => boolean {
    const { frequency, now } = this.#wish;
    const time = now();
    const length = INTRADAY_MS[frequency];
    if (length !== undefined) return (label) => label + length <= time;
    const { start, end } = currentTradingPeriod?.regular ?? {};
    const endOfSession = end === undefined ? undefined : this.#instant(end);
    const session = start === undefined ? undefined : Math.floor(clock.toWallClock(this.#instant(start)) / DAY_MS);
    return (label) => {
      if (label / DAY_MS === session && endOfSession !== undefined) return endOfSession <= time;
      return clock.toWallClock(time) >= label + DAY_MS;
    };
  }

  #instant(seconds: string): number {
    const instant = Number(seconds) * 1000;
    if (Number.isSafeInteger(instant) && Math.abs(instant) <= LAST_INSTANT) return instant;
    throw badAnswer(this.#symbol, `${quote(seconds)} is no time in seconds`);
  }

  #csvPage(text: string): Page {
    const { frequency, now } = this.#wish;
    if (frequency !== '1d') throw badAnswer(this.#symbol, 'it is CSV, which has days only');
    const [header = [], ...lines] = text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => line.split(',').map((cell) => cell.trim()));
    const rows = lines.flatMap((line, place): Row[] => {
      const label = parseDateLabel(line[0]!);
      if (Number.isNaN(label))
        throw badAnswer(this.#symbol, `row ${place + 1} begins with ${quote(line[0]!)}, no date`);
      if (line.length !== header.length) {
        throw new PassingFailure(
          `an answer whose row ${place + 1} has ${line.length} fields, the header ${header.length}`,
        );
      }
      return label + DAY_MS <= now() ? [{ label, cells: line }] : [];
    });
    return { columns: header, rows, dividends: [], splits: 0 };
  }

  #refused(status: number, reason: string): UsageError | RunError {
    const details = { symbol: this.#symbol, status, reason };
    if (status === 404) {
      return new UsageError('UNKNOWN_SYMBOL', {
        message: `Yahoo knows no '${this.#symbol}': ${reason}. Check how Yahoo writes it, BRK-B, ^GSPC or BTC-USD for example.`,
        details,
      });
    }
    const isDenied = status === 401 || status === 403;
    const way = isDenied
      ? 'Yahoo lets this address in no longer: try later, or go another way with --base-url'
      : 'Check symbol, days and --frequency: Yahoo keeps minutes for 30 days and hours for two years';
    return new RunError('SERVER_REFUSED', {
      message: `Yahoo refused ${this.#symbol} with status ${status}: ${reason}. Nothing was stored. ${way}.`,
      details,
    });
  }
}

type WallClock = Pick<ZoneClock, 'toWallClock'>;

/** Returns the clock of a chart's exchange: of its zone, or where Yahoo names none, or one that this Node does not know, of its present offset. */
function clockOf(symbol: string, { exchangeTimezoneName: zone, gmtoffset }: Chart['meta']): WallClock {
  if (typeof zone === 'string' && zone !== '' && isZone(zone)) return zoneClock(zone);
  const offset = Number(gmtoffset ?? Number.NaN) * 1000;
  if (!Number.isFinite(offset)) throw badAnswer(symbol, 'it names neither the zone of the exchange nor its offset');
  return { toWallClock: (instant) => instant + offset };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Returns the spans that are asked for one by one: all days at once, and of shorter bars as many as an answer covers. */
function windowsOf(symbol: string, { frequency, begin, end, knownUntil, now }: Wish): (readonly [number, number])[] {
  const known = knownUntil?.(symbol);
  const first = begin === undefined ? known : Math.min(begin, known ?? begin);
  const pageDays = PAGE_DAYS[frequency];
  if (pageDays === undefined) return [[first ?? FIRST_DAY, end ?? Number.POSITIVE_INFINITY]];
  if (first === undefined) {
    throw new UsageError('MISSING_FROM', {
      message: `Say from which day on bars of ${frequency} are wanted: --from 2026-01-31. Yahoo keeps minutes for 30 days and hours for two years.`,
      details: { frequency },
    });
  }
  const windows: (readonly [number, number])[] = [];
  const last = Math.min(end ?? Number.POSITIVE_INFINITY, now());
  for (let at = first; at < last; at += pageDays * DAY_MS) windows.push([at, Math.min(at + pageDays * DAY_MS, last)]);
  return windows;
}

const badAnswer = (symbol: string, what: string): RunError =>
  new RunError('BAD_ANSWER', {
    message: `Yahoo's answer for ${symbol} is not understood: ${what}. Nothing was stored.`,
    details: { symbol, what },
  });
