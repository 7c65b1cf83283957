import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NetworkOptions, NetworkProgress } from '../../../../src/data/index.js';
import {
  type BundleDraft,
  BundleStore,
  buildDraft,
  extendBundle,
  type IngestOptions,
  openBundle,
  writeBundle,
} from '../../../../src/data/index.js';
import { parseExactJson } from '../../../../src/data/ingest/exact-json.js';
import { makeFolder } from '../../../helpers/folders.js';
import {
  answers,
  breaksOff,
  type ChartRow,
  chartAnswer,
  cuts,
  type Handler,
  marketServer,
} from '../../../helpers/market-server.js';

/** Apple around its split of 4:1, as Yahoo has it; adjusted closes shortened. */
const ROWS: readonly ChartRow[] = [
  [
    '2020-08-27T13:30Z',
    '127.14250183105469',
    '127.48500061035156',
    '123.8324966430664',
    '125.01000213623047',
    '122.5',
    '155552400',
  ],
  [
    '2020-08-28T13:30Z',
    '126.01249694824219',
    '126.44249725341797',
    '124.57749938964844',
    '124.80750274658203',
    '122.3',
    '187630000',
  ],
  ['2020-08-31T13:30Z', '127.58000183105469', '131', '126', '129.0399932861328', '126.4', '225702700'],
  [
    '2020-09-01T13:30Z',
    '132.75999450683594',
    '134.8000030517578',
    '130.52999877929688',
    '134.17999267578125',
    '131.5',
    '151948100',
  ],
  ['2020-09-02T13:30Z', '137.58999633789062', '137.97999572753906', '127', '131.39999389648438', '128.7', '200119000'],
];
const SPLIT = { splits: { '2020-08-31T13:30Z': '4:1' } };
const LATER = Date.parse('2020-09-03T12:00Z');

const options = (url: string, network: NetworkOptions = {}, others: Partial<IngestOptions> = {}): IngestOptions => ({
  files: ['AAPL'],
  source: 'yahoo',
  network: { baseUrl: url, intervalMs: 0, backoffMs: 1, now: () => LATER, ...network },
  ...others,
});

const temporaryFolder = (): string => {
  const { path, remove } = makeFolder();
  onTestFinished(remove);
  return path;
};
const store = (): BundleStore => new BundleStore(temporaryFolder());
const closesOf = ({ groups }: BundleDraft): number[] => [...groups[0]!.assets[0]!.columns.close!];
const datesOf = ({ groups }: BundleDraft): string[] =>
  [...groups[0]!.times].map((label) => new Date(label).toISOString().slice(0, 10));
const refusal = async (run: Promise<unknown>): Promise<{ code: string; message: string }> =>
  run.then(
    () => ({ code: 'NONE', message: 'nothing was refused' }),
    (error: { code: string; message: string }) => error,
  );

describe('bars of Yahoo', () => {
  it('come from its chart interface, with dividends and the adjusted close, artefacts of float32 rounded', async () => {
    const server = await marketServer(
      answers(chartAnswer(ROWS, { ...SPLIT, dividends: { '2020-09-01T13:30Z': '0.205' } })),
    );
    const { draft, report } = await buildDraft(
      options(`${server.url}/mirror/`, { from: '2020-08-27', to: '2020-09-02' }),
    );
    expect(datesOf(draft)).toEqual(['2020-08-27', '2020-08-28', '2020-08-31', '2020-09-01', '2020-09-02']);
    expect(closesOf(draft)).toEqual([125.01, 124.8075, 129.04, 134.18, 131.4]);
    expect([...draft.groups[0]!.assets[0]!.columns.adjClose!]).toEqual([122.5, 122.3, 126.4, 131.5, 128.7]);
    expect(draft.dividends).toEqual([{ symbol: 'AAPL', exDate: Date.UTC(2020, 8, 1), amount: '0.205' }]);
    expect(draft.splits).toEqual([]);
    expect(report.files[0]!.recognised).toMatch(/yahoo layout.*divided by later splits already \(1 in this time\)/);
    const [{ url } = { url: new URL(server.url) }] = server.requests;
    expect(url.pathname).toBe('/mirror/v8/finance/chart/AAPL');
    expect(url.searchParams.get('interval')).toBe('1d');
    expect(Number(url.searchParams.get('period1')) * 1000).toBeLessThanOrEqual(Date.UTC(2020, 7, 27));
    expect(Number(url.searchParams.get('period2')) * 1000).toBeGreaterThanOrEqual(Date.UTC(2020, 8, 3));
  });

  it('make the bundle that the same rows make as chart, as download in CSV and from a file', async () => {
    const csv = [
      'Date,Open,High,Low,Close,Adj Close,Volume',
      ...ROWS.map(([time, ...numbers]) => [time.slice(0, 10), ...numbers].join(',')),
    ].join('\n');
    const file = join(temporaryFolder(), 'AAPL.csv');
    writeFileSync(file, csv);
    const chart = await marketServer(answers(chartAnswer(ROWS, SPLIT)));
    const download = await marketServer(answers(`${csv}\n`));
    const into = store();
    const versions: string[] = [];
    for (const one of [options(chart.url), options(download.url), { files: [file] }]) {
      versions.push((await writeBundle(into, 'aapl', (await buildDraft(one)).draft)).version);
    }
    expect(new Set(versions).size).toBe(1);
  });

  it('keep every digit that the server writes', async () => {
    const rows: ChartRow[] = [
      [ROWS[0]![0], '130', '132', '129', '131', '131', '100'],
      [ROWS[1]![0], '130', '132', '129', '130.1000000000000001', '131', '100'],
    ];
    const server = await marketServer(answers(chartAnswer(rows)));
    // As a float64 it would be 130.1, and nothing would show.
    const { message } = await refusal(buildDraft(options(server.url, {}, { precision: 'exact' })));
    expect(message).toMatch(/yahoo AAPL row 2.*'130\.1000000000000001' would not survive/s);
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.bigInt().map(String),
            fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
          ),
        ),
        fc.array(fc.string()),
        (numbers, texts) => {
          const json = `{"n":[${numbers.join(', ')}],"t":${JSON.stringify(texts)}}`;
          expect(parseExactJson(json)).toEqual({ n: numbers, t: texts });
        },
      ),
      { numRuns: 1000 },
    );
    expect(() => parseExactJson('{1:2}')).toThrow(SyntaxError);
  });

  it.each([
    ['2020-09-02T19:59Z', ['2020-09-02T13:30Z', '2020-09-02T20:00Z'], 4],
    ['2020-09-02T20:00Z', ['2020-09-02T13:30Z', '2020-09-02T20:00Z'], 5],
    ['2020-09-03T03:59Z', undefined, 4],
    ['2020-09-03T04:00Z', undefined, 5],
  ] as const)('leave out the day that is not over at %s, session %j', async (time, session, bars) => {
    const server = await marketServer(answers(chartAnswer(ROWS, session === undefined ? {} : { session })));
    const { draft } = await buildDraft(options(server.url, { now: () => Date.parse(time) }));
    expect(closesOf(draft)).toHaveLength(bars);
  });

  it('are dated in the zone of their exchange', async () => {
    const tokyo = ROWS.map(([time, ...numbers]): ChartRow => [`${time.slice(0, 10)}T00:00Z`, ...numbers]);
    const sydney: ChartRow[] = [['2020-12-10T23:00Z', ...ROWS[0]!.slice(1)]];
    const first = await marketServer(answers(chartAnswer(tokyo, { zone: 'Asia/Tokyo', currency: 'JPY' })));
    const { draft } = await buildDraft(options(first.url, {}, { currency: 'JPY', calendar: 'XTKS' }));
    expect(datesOf(draft)[0]).toBe('2020-08-27');
    const second = await marketServer(answers(chartAnswer(sydney, { zone: 'Australia/Sydney', currency: 'AUD' })));
    const asked = options(
      second.url,
      { now: () => Date.UTC(2021, 0, 1), from: '2020-12-11' },
      { currency: 'AUD', calendar: 'XASX' },
    );
    expect(datesOf((await buildDraft(asked)).draft)).toEqual(['2020-12-11']);
  });

  it('without values are a defect with a row, treated by its policy', async () => {
    const rows = ROWS.map(
      (row, place): ChartRow => (place === 2 ? [row[0], 'null', 'null', 'null', 'null', 'null', 'null'] : row),
    );
    const server = await marketServer(answers(chartAnswer(rows)));
    expect((await refusal(buildDraft(options(server.url)))).message).toMatch(/yahoo AAPL.*row 3.*no value \(null\)/s);
    const { draft } = await buildDraft(options(server.url, {}, { on: { 'missing-value': 'drop' } }));
    expect(closesOf(draft)).toEqual([125.01, 124.8075, Number.NaN, 134.18, 131.4]);
  });

  it('survive 429, 5xx and connections cut in the middle', async () => {
    const text = chartAnswer(ROWS);
    const date = new Date(Math.ceil(LATER / 1000) * 1000).toUTCString();
    const troubles: readonly [Handler, RegExp][] = [
      [answers('', 429, { 'retry-after': date }), /status 429/],
      [answers('<html>', 503, { 'retry-after': '0' }), /status 503/],
      [answers('', 500), /status 500/],
      [cuts(text, 'length'), /connection failed/],
      [cuts(text, 'chunks'), /connection failed/],
      [breaksOff(text), /no JSON/],
      [(_, response) => response.destroy(), /connection failed/],
    ];
    const server = await marketServer(...troubles.map(([handler]) => handler), answers(text));
    const heard: NetworkProgress[] = [];
    const { draft } = await buildDraft(
      options(server.url, { retries: troubles.length, onProgress: (progress) => heard.push(progress) }),
    );
    expect(closesOf(draft)).toHaveLength(5);
    expect(server.requests).toHaveLength(troubles.length + 1);
    for (const [place, [, reason]] of troubles.entries()) expect(heard[place]!.retry?.reason).toMatch(reason);
    expect(heard[1]!.retry?.waitMs).toBe(0);
    expect(heard.at(-1)).toEqual({ source: 'AAPL', bars: 5, retry: undefined });
  });

  it('are refused as a whole when a server does not recover', async () => {
    const server = await marketServer(answers(chartAnswer(ROWS)), answers('', 502));
    const into = store();
    const both = { ...options(server.url, { retries: 2 }), files: ['AAPL', 'MSFT'] };
    const { code, message } = await refusal(buildDraft(both).then(({ draft }) => writeBundle(into, 'us', draft)));
    expect(code).toBe('SERVER_FAILED');
    expect(message).toMatch(/127\.0\.0\.1.* 3 attempts: status 502\. Nothing was stored/);
    expect(server.requests).toHaveLength(4);
    expect(into.list()).toEqual([]);
    const patient = await marketServer(answers('', 429, { 'retry-after': '7200' }));
    expect((await refusal(buildDraft(options(patient.url)))).message).toMatch(/1 attempt: status 429.*in 7200 s/);
    const silent = await marketServer(() => {});
    const hasty = options(silent.url, { timeoutMs: 30, retries: 1 });
    expect((await refusal(buildDraft(hasty))).message).toMatch(/2 attempts: no answer within 0.03 s/);
  });

  it('can be interrupted while a server is waited for', async () => {
    const controller = new AbortController();
    const silent = await marketServer(() => controller.abort());
    expect((await refusal(buildDraft(options(silent.url, { signal: controller.signal })))).code).toBe('INTERRUPTED');
    const pausing = new AbortController();
    const busy = await marketServer(answers('', 503));
    const network = { signal: pausing.signal, backoffMs: 20_000, onProgress: () => pausing.abort() };
    expect((await refusal(buildDraft(options(busy.url, network)))).code).toBe('INTERRUPTED');
    expect(busy.requests).toHaveLength(1);
  });

  const failure = (code: string, description: string): string =>
    JSON.stringify({ chart: { result: null, error: { code, description } } });

  it.each([
    [
      answers(failure('Not Found', 'No data found, symbol may be delisted'), 404),
      'UNKNOWN_SYMBOL',
      /'AAPL': No data found/,
    ],
    [
      answers(failure('Unprocessable Entity', '1m data not available'), 422),
      'SERVER_REFUSED',
      /422: 1m data not available/,
    ],
    [answers('Edge: too many', 401), 'SERVER_REFUSED', /--base-url/],
    [answers(failure('Bad Request', "Data doesn't exist for startDate = 1"), 400), 'INGEST_REFUSED', /no rows|no bar/],
    [answers('<html>consent</html>'), 'BAD_ANSWER', /neither JSON nor CSV/],
    [answers('{"chart":{"result":[{"meta":{}}]}}'), 'BAD_ANSWER', /chart\.result\.0\.indicators/],
    [answers(chartAnswer(ROWS).replace('[127.14250183105469,', '[')), 'BAD_ANSWER', /column 1 of 5 bars/],
    [answers(chartAnswer(ROWS, { currency: 'EUR' })), 'OTHER_CURRENCY', /--currency EUR/],
  ] as const)('are refused with reason, case %#', async (handler, code, message) => {
    const server = await marketServer(handler);
    const error = await refusal(buildDraft(options(server.url)));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });

  it('of minutes come in pages of seven days, not faster than the limit', async () => {
    const opens = (url: URL): ChartRow[] => {
      const [from, to] = ['period1', 'period2'].map((name) => Number(url.searchParams.get(name)) * 1000) as [
        number,
        number,
      ];
      return Array.from({ length: (10 * 86_400) / 60 }, (_, minute) => Date.UTC(2024, 0, 1) + minute * 60_000)
        .filter((time) => time >= from && time < to && minute(time) < 5)
        .map((time): ChartRow => [new Date(time).toISOString(), '10', '12', '9', '11', '11', '100']);
    };
    const minute = (time: number): number => (time / 60_000) % 1440;
    const facts = { isIntraday: true, zone: 'UTC' } as const;
    const server = await marketServer((_, response, url) => response.end(chartAnswer(opens(url), facts)));
    const { draft, report } = await buildDraft(
      options(
        server.url,
        { from: '2024-01-01', now: () => Date.UTC(2024, 0, 9, 0, 3, 30), intervalMs: 800 },
        { frequency: '1m', calendar: '24/7' },
      ),
    );
    // Eight days of five minutes and three of the ninth; the fourth is not over.
    expect(report.rows).toBe(8 * 5 + 3);
    expect(draft.groups[0]!.frequency).toBe('1m');
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]!.at - server.requests[0]!.at).toBeGreaterThanOrEqual(100);
  });

  it('are dated by the offset of the exchange where its zone is unknown, and refused without either', async () => {
    const tokyo: ChartRow[] = [['2024-01-04T00:00Z', '10', '12', '9', '11', '11', '100']];
    const answer = chartAnswer(tokyo, { zone: 'Asia/Atlantis' }).replace('"gmtoffset":-14400', '"gmtoffset":32400');
    const dated = await marketServer(answers(answer));
    const to2024 = { from: '2024-01-01', now: () => Date.UTC(2024, 0, 9) };
    const { report } = await buildDraft(options(dated.url, to2024, { calendar: 'XTKS' }));
    expect(report.assets[0]!.first).toBe(Date.UTC(2024, 0, 4));
    // At -4 h the same instant is of the day before, on which Tokyo is closed.
    const west = await marketServer(answers(chartAnswer(tokyo, { zone: 'Asia/Atlantis' })));
    await expect(buildDraft(options(west.url, to2024, { calendar: 'XTKS' }))).rejects.toThrow(/2024-01-03/);
    const nowhere = await marketServer(answers(answer.replace('"gmtoffset":32400,', '')));
    await expect(buildDraft(options(nowhere.url, to2024))).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('within a day end before the price of a moment', async () => {
    const bar = (time: string): ChartRow => [`2024-01-02T${time}Z`, '10', '12', '9', '11', '11', '100'];
    const rows = ['14:30:00', '14:31:00', '14:32:00'].map(bar);
    const now = (): number => Date.UTC(2024, 0, 2, 15);
    const minutes = { frequency: '1m', calendar: 'XNYS' } as const;
    const rowsOf = async (all: readonly ChartRow[]): Promise<number> => {
      const server = await marketServer(answers(chartAnswer(all, { isIntraday: true })));
      return (await buildDraft(options(server.url, { from: '2024-01-02', now }, minutes))).report.rows;
    };
    expect(await rowsOf(rows)).toBe(3);
    // A quarter of an hour late, so that a minute has passed since.
    expect(await rowsOf([...rows, bar('14:32:41')])).toBe(3);
    expect(await rowsOf([bar('14:30:00')])).toBe(1);
  });

  it('are appended from the last bar on, unless the past was restated', async () => {
    const into = store();
    const before = await marketServer(answers(chartAnswer(ROWS.slice(0, 2))));
    await writeBundle(into, 'aapl', (await buildDraft(options(before.url, {}, { layout: 'plain' }))).draft);
    const paid = ROWS.map((row): ChartRow => [row[0], ...row.slice(1, 5), '100', row[6]!]);
    const after = await marketServer(answers(chartAnswer(paid)));
    const later = options(after.url, { from: '2020-09-01' }, { layout: 'plain' });
    const { written } = await extendBundle(into, 'aapl', later);
    expect(Number(after.requests[0]!.url.searchParams.get('period1')) * 1000).toBeLessThanOrEqual(
      Date.UTC(2020, 7, 28),
    );
    using bundle = openBundle(written.directory);
    expect(bundle.groups[0]!.times).toHaveLength(5);
    const halved = ROWS.map(([time, ...numbers]): ChartRow => [time, ...numbers.map((n) => String(Number(n) / 2))]);
    const restated = await marketServer(answers(chartAnswer(halved)));
    expect((await refusal(extendBundle(into, 'aapl', options(restated.url, {}, { layout: 'plain' })))).code).toBe(
      'APPEND_CONFLICT',
    );
  });

  it.each([
    [{ from: '2020-13-01' }, /from is '2020-13-01'/],
    [{ from: '2020-02-01', to: '2020-01-01' }, /not before the first/],
    [{ baseUrl: 'ftp://x' }, /http or https/],
    [{ baseUrl: 'http://me:pw@x' }, /without user/],
    [{ retries: -1 }, /retries is '-1'/],
  ] as const)('refuse options %j', async (network, message) => {
    const { code, message: said } = await refusal(buildDraft(options('http://127.0.0.1:1', network)));
    expect(code).toBe('INVALID_OPTION');
    expect(said).toMatch(message);
  });

  it('refuse what they cannot have or use', async () => {
    const url = 'http://127.0.0.1:1';
    expect((await refusal(buildDraft(options(url, {}, { frequency: '1w' })))).code).toBe('UNKNOWN_FREQUENCY');
    expect((await refusal(buildDraft(options(url, {}, { frequency: '1h' })))).code).toBe('MISSING_FROM');
    expect((await refusal(buildDraft(options(url, {}, { delimiter: ';' })))).code).toBe('OPTION_WITHOUT_EFFECT');
    expect((await refusal(buildDraft({ files: ['a.csv'], network: {} }))).code).toBe('OPTION_WITHOUT_EFFECT');
  });
});
