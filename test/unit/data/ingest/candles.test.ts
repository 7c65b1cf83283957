import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkOptions, NetworkProgress } from '../../../../src/data/index.js';
import {
  BundleStore,
  buildDraft,
  type Candle,
  type CandleExchange,
  extendBundle,
  type IngestOptions,
  openBundle,
  writeBundle,
} from '../../../../src/data/index.js';
import { candleInputs } from '../../../../src/data/ingest/candle-input.js';
import { resolveNetwork } from '../../../../src/data/ingest/network-options.js';
import { emptyHome, file } from '../../../helpers/command-line.js';
import { answers, cuts, type Handler, marketServer } from '../../../helpers/market-server.js';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2024, 0, 1);

/** Bars as an exchange sends them: instant, prices and volume as text, one an hour. */
const hours = (count: number, from = 0): string[][] =>
  Array.from({ length: count }, (_, place) => {
    const open = 42_000 + ((from + place) % 7);
    return [
      String(BEGIN + (from + place) * HOUR),
      `${open}.10`,
      `${open + 2}.50`,
      `${open - 2}.25`,
      `${open + 1}.00`,
      '3.5',
    ];
  });

/** Errors as ccxt derives them. */
class BaseError extends Error {}
class NetworkError extends BaseError {}
class RateLimitExceeded extends NetworkError {}
class BadSymbol extends BaseError {}

/** An exchange that asks a server, in the manner of ccxt's. */
function exchangeAt(url: string, facts: Partial<CandleExchange> = {}): CandleExchange {
  return {
    id: 'loopback',
    rateLimit: 0,
    timeframes: { '1m': '1', '1h': '60', '1d': 'D' },
    async fetchOHLCV(symbol, timeframe, since, limit) {
      const query = new URLSearchParams({ symbol, timeframe, since: String(since), limit: String(limit) });
      const response = await fetch(`${url}/klines?${query}`).catch((error: unknown) => {
        throw new NetworkError(String(error));
      });
      if (response.status === 429) throw new RateLimitExceeded('loopback 429 Too Many Requests');
      if (response.status === 400) throw new BadSymbol(`loopback has no ${symbol}`);
      const text = await response.text().catch((error: unknown) => {
        throw new NetworkError(String(error));
      });
      return (JSON.parse(text) as string[][]).map(([time, ...numbers]) => [Number(time), ...numbers.map(Number)]);
    },
    ...facts,
  };
}

/** Serves bars from `since` on, at most so many at once. */
const serving =
  (bars: readonly string[][], most: number): Handler =>
  (_, response, url) => {
    const since = Number(url.searchParams.get('since'));
    const page = bars
      .filter(([time]) => Number(time) >= since)
      .slice(0, Math.min(most, Number(url.searchParams.get('limit'))));
    response.end(JSON.stringify(page));
  };

const options = (exchange: CandleExchange, network: NetworkOptions = {}): IngestOptions => ({
  files: ['BTC/USDT'],
  source: 'ccxt',
  frequency: '1h',
  calendar: '24/7',
  currency: 'USDT',
  network: { exchange, from: '2024-01-01', backoffMs: 1, now: () => BEGIN + 50.5 * HOUR, ...network },
});

const refusal = async (run: Promise<unknown>): Promise<{ code: string; message: string }> =>
  run.then(
    () => ({ code: 'NONE', message: 'nothing was refused' }),
    (error: { code: string; message: string }) => error,
  );

describe('bars of ccxt', () => {
  it('come page by page up to the last one that is over, and make the bundle of the same bars in a file', async () => {
    const server = await marketServer(serving(hours(51), 20));
    const { draft, report } = await buildDraft(options(exchangeAt(server.url)));
    // The 51st bar began half an hour ago.
    expect(report.rows).toBe(50);
    expect(server.requests.map(({ url }) => (Number(url.searchParams.get('since')) - BEGIN) / HOUR)).toEqual([
      0, 20, 40,
    ]);
    const folder = emptyHome();
    const dump = file(
      folder,
      'x.json',
      `[${hours(50)
        .map((row) => `[${row.join(',')}]`)
        .join(',')}]`,
    );
    const same = { files: [dump], symbol: 'BTC/USDT', calendar: '24/7', currency: 'USDT' };
    const store = new BundleStore();
    const fetched = await writeBundle(store, 'fetched', draft);
    const read = await writeBundle(store, 'read', (await buildDraft(same)).draft);
    expect(fetched.version).toBe(read.version);
  });

  it('go on behind an empty page, and pass over what an exchange sends from before', async () => {
    const late = hours(30, 1500);
    const server = await marketServer((request, response, url) => {
      const since = Number(url.searchParams.get('since'));
      const near = Number(late[0]![0]) - since < 1000 * HOUR;
      if (near) response.end(JSON.stringify(late.filter(([time]) => Number(time) >= since - 3 * HOUR)));
      else serving([], 1)(request, response, url);
    });
    const { report } = await buildDraft(options(exchangeAt(server.url), { now: () => BEGIN + 1530 * HOUR }));
    expect(report.rows).toBe(30);
    // Six times a hundred bars without one, then all.
    expect(server.requests).toHaveLength(7);
  });

  it('are all there where an exchange looks at less time than it is asked for', async () => {
    const kept = hours(900).filter((_, hour) => hour >= 350 && (hour < 400 || hour >= 650));
    const server = await marketServer((_, response, url) => {
      const since = Number(url.searchParams.get('since'));
      const until = since + Math.min(100, Number(url.searchParams.get('limit'))) * HOUR;
      response.end(JSON.stringify(kept.filter(([time]) => Number(time) >= since && Number(time) < until)));
    });
    const { report } = await buildDraft(options(exchangeAt(server.url), { now: () => BEGIN + 900 * HOUR }));
    expect(report.rows).toBe(300);
  });

  it('are every bar that is over, once, however an exchange cuts its pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          present: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
          most: fc.integer({ min: 1, max: 20 }),
          overlap: fc.integer({ min: 0, max: 3 }),
          age: fc.integer({ min: 0, max: 35 }),
        }),
        async ({ present, most, overlap, age }) => {
          const all = hours(present.length).filter((_, hour) => present[hour]);
          const fetchOHLCV: CandleExchange['fetchOHLCV'] = async (_symbol, _timeframe, since) => {
            const begin = all.findIndex(([time]) => Number(time) >= since);
            if (begin < 0) return all.slice(all.length - overlap);
            return all.slice(Math.max(0, begin - overlap), begin + most);
          };
          const now = BEGIN + age * HOUR;
          const network = {
            ...resolveNetwork({ from: '2024-01-01', exchange: { fetchOHLCV, rateLimit: 0 }, now: () => now }),
          };
          const [input] = await candleInputs(['A/B'], { ...network, frequency: '1h' });
          const read: string[][] = [];
          await input!.use(async ({ columns, batches }) => {
            for await (const batch of batches) {
              for (let row = 0; row < batch.rows; row++) read.push(columns.map((_, at) => String(batch.cell(row, at))));
            }
          });
          expect(read).toEqual(all.filter(([time]) => Number(time) < now));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are of a market that never closes, where no calendar is named', async () => {
    // Four hours of a Tuesday that a stock exchange is open in.
    const server = await marketServer(serving(hours(4, 39), 20));
    const { calendar: _calendar, ...open } = options(exchangeAt(server.url));
    const { report } = await buildDraft(open);
    expect(report.assets[0]).toMatchObject({ calendar: '24/7', calendarReason: 'the exchanges of ccxt never close' });
  });

  it('end with the last day that is wanted', async () => {
    const server = await marketServer(serving(hours(51), 1000));
    const { report } = await buildDraft(options(exchangeAt(server.url), { to: '2024-01-01' }));
    expect(report.rows).toBe(24);
  });

  it('survive limits and cut connections, and no more than they may', async () => {
    const bars = hours(50);
    const text = JSON.stringify(bars);
    const heard: NetworkProgress[] = [];
    const server = await marketServer(answers('', 429), cuts(text, 'length'), cuts(text, 'chunks'), answers(text));
    const onProgress = (progress: NetworkProgress): number => heard.push(progress);
    expect((await buildDraft(options(exchangeAt(server.url), { onProgress }))).report.rows).toBe(50);
    expect(heard.map(({ retry }) => retry?.reason.slice(0, 12))).toEqual([
      'loopback 429',
      'TypeError: t',
      'TypeError: t',
      undefined,
    ]);
    const down = await marketServer(answers('', 429));
    const error = await refusal(buildDraft(options(exchangeAt(down.url), { retries: 1 })));
    expect(error).toMatchObject({
      code: 'SERVER_FAILED',
      message: expect.stringMatching(/^loopback gave no answer in 2 attempts/),
    });
    const silent = await marketServer(() => {});
    const impatient = options(exchangeAt(silent.url), { retries: 0, timeoutMs: 30 });
    expect((await refusal(buildDraft(impatient))).message).toMatch(/no answer within 0.03 s/);
  });

  it("survive what exchanges throw that is none of ccxt's network errors", async () => {
    class ExchangeError extends BaseError {}
    const haste = new ExchangeError('loopback {"error":"slow"}');
    const wait = { 'Retry-After': '7' };
    const cases: { error: Error; headers?: Record<string, string>; waits: number }[] = [
      // As ccxt 4.5 throws them: a 429 whose text was read first, and a connection that was cut in mid-body.
      { error: haste, headers: { 'Retry-After': '0' }, waits: 0 },
      { error: new ExchangeError('loopback Too Many Requests'), waits: 1 },
      { error: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }), headers: wait, waits: 1 },
      { error: new RateLimitExceeded('loopback 429'), headers: { 'retry-after': '0' }, waits: 0 },
      // The headers are of an earlier answer: a connection that was lost has none.
      { error: new NetworkError('lost'), headers: { 'Retry-After': '7' }, waits: 1 },
      // An object of one's own that uses fetch.
      { error: new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }), waits: 1 },
      { error: Object.assign(new Error('HTTP 503'), { status: 503 }), waits: 1 },
    ];
    for (const { error, headers, waits } of cases) {
      const heard: NetworkProgress[] = [];
      let calls = 0;
      const exchange: CandleExchange = {
        rateLimit: 0,
        ...(headers === undefined ? {} : { last_response_headers: headers }),
        fetchOHLCV: async () => {
          if (calls++ === 0) throw error;
          return hours(50);
        },
      };
      const { report } = await buildDraft(options(exchange, { onProgress: (progress) => heard.push(progress) }));
      expect(report.rows, error.message).toBe(50);
      expect(heard[0]!.retry?.waitMs, error.message).toBe(waits);
    }
    for (const error of [haste, new BadSymbol('no 429'), Object.assign(new Error('HTTP 404'), { status: 404 })]) {
      const exchange: CandleExchange = { rateLimit: 0, fetchOHLCV: () => Promise.reject(error) };
      expect((await refusal(buildDraft(options(exchange)))).code, error.message).toBe('SERVER_REFUSED');
    }
  });

  it('keep the rate limit of the exchange, unless it does so itself', async () => {
    const gapsOf = async (facts: Partial<CandleExchange>): Promise<number[]> => {
      const server = await marketServer(serving(hours(51), 20));
      const exchange = exchangeAt(server.url, facts);
      const calls: number[] = [];
      const fetchOHLCV: CandleExchange['fetchOHLCV'] = (...args) => {
        calls.push(performance.now());
        return exchange.fetchOHLCV(...args);
      };
      await buildDraft(options({ ...exchange, fetchOHLCV }));
      return calls.slice(1).map((at, place) => at - calls[place]!);
    };
    const gaps = await gapsOf({ rateLimit: 60 });
    expect(gaps).toHaveLength(2);
    // Between the exchange's clock and this one lies what the machine does meanwhile.
    for (const gap of gaps) expect(gap).toBeGreaterThan(40);
    const began = performance.now();
    await gapsOf({ rateLimit: 60_000, enableRateLimit: true });
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it('are refused where exchange, symbol, length or time do not exist', async () => {
    const server = await marketServer(answers('', 400));
    const exchange = exchangeAt(server.url);
    expect(await refusal(buildDraft(options(exchange)))).toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('BTC/USDT'),
    });
    const listed = { ...exchange, loadMarkets: async () => ({ 'BTC/USD': {}, 'ETH/USD': {} }) };
    expect((await refusal(buildDraft(options(listed)))).message).toMatch(
      /no market 'BTC\/USDT'\. Did you mean 'BTC\/USD'/,
    );
    expect((await refusal(buildDraft({ ...options(exchange), frequency: '15m' }))).message).toMatch(
      /only of 1m, 1h, 1d/,
    );
    const { from: _from, ...rest } = options(exchange).network!;
    expect((await refusal(buildDraft({ ...options(exchange), network: rest }))).code).toBe('MISSING_FROM');
    expect((await refusal(buildDraft({ ...options(exchange), network: { from: '2024-01-01' } }))).code).toBe(
      'MISSING_EXCHANGE',
    );
    for (const answer of [
      [['soon', 1, 1, 1, 1, 1]],
      [[null, 1, 1, 1, 1, 1]],
      [['', 1]],
      [[]],
      [null],
      [7],
      {},
      null,
      'x',
    ]) {
      const odd = { ...exchange, fetchOHLCV: async () => answer as Candle[] };
      expect((await refusal(buildDraft(options(odd)))).code, JSON.stringify(answer)).toBe('BAD_ANSWER');
    }
  });

  it('without values are defects, as those of a file', async () => {
    const bars = hours(50).map((row, place) => (place === 4 ? [row[0], null, null, null, null, null] : row));
    const holes = {
      ...exchangeAt(''),
      fetchOHLCV: async () => bars.map(([time, ...numbers]) => [Number(time), ...numbers!]) as Candle[],
    };
    expect((await refusal(buildDraft(options(holes)))).message).toMatch(
      /loopback BTC\/USDT.*row 5.*no value \(null\)/s,
    );
  });

  it('are appended from the last bar on', async () => {
    emptyHome();
    const store = new BundleStore();
    const server = await marketServer(serving(hours(80), 1000));
    await writeBundle(store, 'btc', (await buildDraft(options(exchangeAt(server.url)))).draft);
    const { from: _from, ...network } = options(exchangeAt(server.url), { now: () => BEGIN + 70 * HOUR }).network!;
    const { written } = await extendBundle(store, 'btc', { ...options(exchangeAt(server.url)), network });
    expect((Number(server.requests[1]!.url.searchParams.get('since')) - BEGIN) / HOUR).toBe(49);
    using bundle = openBundle(written.directory);
    expect(bundle.groups[0]!.times).toHaveLength(70);
  });
});
