import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyHome, hindcast } from '../../helpers/command-line.js';
import { answers, type ChartRow, chartAnswer, marketServer } from '../../helpers/market-server.js';

const ROWS: readonly ChartRow[] = [
  ['2024-01-02T14:30Z', '10', '12', '9', '11', '11', '100'],
  ['2024-01-03T14:30Z', '11', '13', '10', '12', '12', '100'],
  ['2024-01-04T14:30Z', '12', '14', '11', '13', '13', '100'],
];

/** Works in a folder for the rest of the test. */
function workIn(folder: string): void {
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
}

describe('ingest from servers', () => {
  it('stores the bars of symbols of Yahoo', async () => {
    emptyHome();
    const server = await marketServer(answers(chartAnswer(ROWS)));
    const args = ['ingest', 'yahoo', 'MSFT', 'AAPL', '--bundle', 'us', '--from', '2024-01-02', '--to', '2024-01-03'];
    const { code, stdout } = await hindcast([...args, '--base-url', server.url, '--json']);
    expect(code).toBe(0);
    const { symbols, rows } = JSON.parse(stdout) as { rows: number; symbols: { symbol: string; end: string }[] };
    expect(rows).toBe(4);
    expect(symbols.map(({ symbol, end }) => [symbol, end])).toEqual([
      ['AAPL', '2024-01-03'],
      ['MSFT', '2024-01-03'],
    ]);
  });

  it('says why it waits, and leaves nothing behind after Ctrl-C', async () => {
    const folder = emptyHome();
    const server = await marketServer(answers('', 503, { 'retry-after': '60' }));
    const args = ['ingest', 'yahoo', 'AAPL', '--bundle', 'us', '--base-url', server.url];
    const { code, stderr } = await hindcast(args, {
      onStderr: (text, interrupt) => text.includes('again in') && interrupt(),
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/AAPL: 0 bars; status 503, again in 60\.0 s/);
    expect(readdirSync(folder).filter((name) => name === 'store')).toEqual([]);
  });

  it.each([
    [['csv', 'a.csv', '--from', '2020-01-01'], 2, /--from is of the sources yahoo and ccxt/],
    [['yahoo', 'AAPL', '--from', 'monday'], 2, /from is 'monday'/],
    [['yahoo', 'AAPL', '--divisor', '100'], 2, /divisor is of files/],
    [
      ['yahoo', 'AAPL', '--base-url', 'http://127.0.0.1:1', '--retries', '0'],
      1,
      /127\.0\.0\.1:1 gave no answer in 1 attempt/,
    ],
    [['ccxt', 'BTC/USDT'], 2, /binance:BTC\/USDT/],
    [['ccxt', 'binance:BTC/USDT', 'kraken:BTC/USD'], 2, /One ingest is of one exchange/],
    [['ccxt', 'binance:BTC/USDT'], 2, /npm install ccxt/],
    [['yaho', 'AAPL'], 2, /Did you mean 'yahoo'/],
  ] as const)('refuses %j', async (args, expected, message) => {
    const folder = emptyHome();
    workIn(folder);
    const { code, stderr } = await hindcast(['ingest', ...args, '--bundle', 'b']);
    expect(stderr.replace(/\s+/g, ' ')).toMatch(message);
    expect(code).toBe(expected);
  });

  it('takes an exchange of the ccxt that is installed in the folder, at another address', async () => {
    const folder = emptyHome();
    workIn(folder);
    const modules = join(folder, 'node_modules', 'ccxt');
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(modules, 'package.json'), JSON.stringify({ name: 'ccxt', version: '4.0.0', main: 'index.cjs' }));
    writeFileSync(
      join(modules, 'index.cjs'),
      `class venue {
        id = 'venue'; rateLimit = 1; timeframes = { '1d': '1d' };
        urls = { api: { public: 'https://api.venue.example/v1', lists: ['https://x.example/y'] } };
        async loadMarkets() { return { 'BTC/USDT': {} }; }
        async fetchOHLCV(symbol, timeframe, since, limit) { return (await fetch(this.urls.api.public + '/klines?since=' + since)).json(); }
      }
      module.exports = { exchanges: ['venue'], venue };`,
    );
    const bar = (day: number): number[] => [Date.UTC(2024, 0, day), 10, 12, 9, 11, 100];
    const server = await marketServer(answers(JSON.stringify([1, 2, 3, 4].map(bar))));
    const args = [
      '--bundle',
      'coins',
      '--from',
      '2024-01-01',
      '--to',
      '2024-01-03',
      '--calendar',
      '24/7',
      '--base-url',
      server.url,
    ];
    const { code, stdout, stderr } = await hindcast(['ingest', 'ccxt', 'venue:BTC/USDT', ...args, '--json']);
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 3, symbols: [{ symbol: 'BTC/USDT', end: '2024-01-03' }] });
    expect(server.requests[0]!.url.pathname).toBe('/v1/klines');
    const wrong = await hindcast(['ingest', 'ccxt', 'venu:BTC/USDT', ...args]);
    expect(wrong.stderr).toMatch(/Did you mean 'venue'/);
  });
});
