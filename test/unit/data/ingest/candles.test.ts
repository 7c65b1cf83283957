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
    expect(server.requests).toHaveLength(2);
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
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(58);
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
    const odd = { ...exchange, fetchOHLCV: async (): Promise<Candle[]> => [['soon', 1, 1, 1, 1, 1]] };
    expect((await refusal(buildDraft(options(odd)))).code).toBe('BAD_ANSWER');
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
