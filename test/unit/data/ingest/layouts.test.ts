import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../../src/core/errors.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { readMapping } from '../../../../src/data/ingest/mapping-file.js';
import { parseDateLabel } from '../../../../src/market/civil-date.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { zipOf } from '../../../helpers/zip-files.js';

const write = temporaryFiles();
const folder = dirname(write('mark', ''));
/** Writes a file into folders of its own, for layouts that read the path. */
function place(path: string, content: string | Uint8Array): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}
const ingest = async (path: string, options: Partial<IngestOptions> = {}) => {
  const { draft, report } = await buildDraft({ files: [path], ...options });
  const [asset] = draft.groups[0]!.assets;
  return { draft, report, asset: asset!, columns: asset!.columns, times: [...draft.groups[0]!.times] };
};
const refusal = async (work: Promise<unknown>): Promise<DataError> => {
  const error = await work.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};
const HEADER = 'date,open,high,low,close,volume';
const WEEK = ['2024-01-02', '2024-01-03', '2024-01-04'];
const zip = (name: string, content: string): Buffer => zipOf([{ name, content }]);

describe("LEAN's layout", () => {
  const daily =
    '20240102 00:00,1126300,1126300,1088000,1092500,100\n20240103 00:00,1092500,1100000,1090000,1095000,200\n';

  it('divides integer prices of shares, and takes the symbol from the name', async () => {
    const { asset, columns, report, times } = await ingest(place('equity/usa/daily/ibm.zip', zip('ibm.csv', daily)));
    expect(asset).toMatchObject({ symbol: 'IBM', priceDecimals: 2 });
    expect(columns.open).toEqual(Float64Array.of(112.63, 109.25));
    expect(columns.volume).toEqual(Float64Array.of(100, 200));
    expect(times).toEqual(['2024-01-02', '2024-01-03'].map(parseDateLabel));
    expect(report.files[0]).toMatchObject({ layout: 'lean' });
    expect(report.files[0]!.recognised).toMatch(/no header, .*prices are integers and are divided by 10,000/);
  });

  it('leaves real prices, which a folder or a point tells', async () => {
    const path = place('crypto/coinbase/daily/btcusd_trade.zip', zip('btcusd.csv', daily));
    expect((await ingest(path, { calendar: '24/7' })).columns.open![0]).toBe(1126300);
    const points = '20240102 00:00,300,370.5,300,370,0.05\n20240103 00:00,370,378,370,377,15.5\n';
    const { columns, asset } = await ingest(place('some/btcusd.zip', zip('btcusd.csv', points)), { calendar: '24/7' });
    expect(columns.high![0]).toBe(370.5);
    expect(asset.symbol).toBe('BTCUSD');
  });

  it('refuses a price with a point behind rows of integers, unless the divisor is named', async () => {
    const rows = Array.from({ length: 260 }, (_, day) => {
      const date = new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
      return `${date} 00:00,10,12,9,${day === 250 ? '11.5' : '11'},100`;
    });
    const path = place('some/odd.zip', zip('odd.csv', rows.join('\n')));
    const error = await refusal(ingest(path, { calendar: '24/7' }));
    expect(error.message).toMatch(/row 251, column 'close': '11.5' is no integer.*--divisor 1/);
    expect((await ingest(path, { calendar: '24/7', divisor: 1 })).columns.open![0]).toBe(10);
  });

  it('counts minutes from the midnight of the date in the name, local for shares and UTC for all else', async () => {
    const minutes = '34200000,1126300,1126300,1088000,1092500,90\n34260000,1092500,1092500,1092500,1092500,10\n';
    const path = place('minute/spy/20240102_trade.zip', zip('20240102_spy_minute_trade.csv', minutes));
    const { asset, times, draft } = await ingest(path, { calendar: 'XNYS' });
    expect(asset.symbol).toBe('SPY');
    expect(draft.groups[0]!.frequency).toBe('1m');
    expect(times).toEqual([Date.parse('2024-01-02T14:30:00Z'), Date.parse('2024-01-02T14:31:00Z')]);
    const plain = place('crypto/minute/btcusd/20240102_trade.csv', minutes);
    const utc = await ingest(plain, { calendar: '24/7' });
    expect(utc.asset.symbol).toBe('BTCUSD');
    expect(utc.times[0]).toBe(Date.parse('2024-01-02T09:30:00Z'));
  });

  it('makes bars of the mean of bid and ask, and puts quotes beside trades of the same time', async () => {
    const quotes =
      '34200000,10000,10200,9800,10000,1,10100,10300,9900,10100,2\n34260000,10000,10200,9800,10000,1,10100,10300,9900,10100,2\n';
    const trades = '34200000,10000,10500,9500,10200,90\n34320000,10000,10500,9500,10200,90\n';
    const quotePath = place('minute/qqq/20240102_quote.zip', zip('20240102_qqq_minute_quote.csv', quotes));
    const tradePath = place('minute/qqq/20240102_trade.zip', zip('20240102_qqq_minute_trade.csv', trades));
    const { columns } = await ingest(quotePath, { calendar: 'XNYS' });
    expect([columns.open![0], columns.close![0], columns.bid![0], columns.ask![0]]).toEqual([1.005, 1.005, 1, 1.01]);
    expect([...columns.volume!]).toEqual([0, 0]);
    const { draft, report } = await buildDraft({ files: [quotePath, tradePath], calendar: 'XNYS', frequency: '1m' });
    const both = draft.groups[0]!.assets[0]!.columns;
    expect([...both.close!]).toEqual([1.02, 1.02]);
    expect([...both.bid!]).toEqual([1, Number.NaN]);
    expect(report.warnings.map(({ code }) => code)).toContain('QUOTES_WITHOUT_TRADE');
  });

  it('means a mean that decimals can hold', async () => {
    const row = '1.31927,1.32125,1.3187,1.32095,0,1.32027,1.32225,1.3197,1.32195,0';
    const path = place(
      'forex/oanda/daily/eurusd.zip',
      zip('eurusd.csv', `20240102 00:00,${row}\n20240103 00:00,${row}\n`),
    );
    const { columns, asset } = await ingest(path, { calendar: '24/7', precision: 'exact' });
    expect([columns.open![0], columns.close![0], asset.priceDecimals]).toEqual([1.31977, 1.32145, 5]);
  });
});

describe('tables of several symbols', () => {
  it('with columns named by symbol and field, in any order and sign, are wide', async () => {
    for (const header of [
      'date,A_open,A_high,A_low,A_close,A_volume,BRK.B_open,BRK.B_high,BRK.B_low,BRK.B_close,BRK.B_volume',
      'Date,Open A,High A,Low A,Close A,Volume A,Open BRK.B,High BRK.B,Low BRK.B,Close BRK.B,Volume BRK.B',
    ]) {
      const rows = ['2024-01-02,10,12,9,11,100,,,,,', '2024-01-03,10,12,9,11,100,20,22,19,21,200'];
      const { draft, report } = await ingest(write('wide.csv', [header, ...rows].join('\n')));
      expect(report.files[0]!.layout).toBe('wide');
      expect(draft.groups[0]!.assets.map(({ symbol, first, columns }) => [symbol, first, columns.close![0]])).toEqual([
        ['A', 0, 11],
        ['BRK.B', 1, 21],
      ]);
    }
  });

  it('with a header of fields and one of symbols are wide, in either order', async () => {
    const fields = 'Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume';
    const symbols = 'Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT';
    const row = '2024-01-02,11,21,12,22,9,19,10,20,100,200';
    for (const lines of [
      [fields, symbols, 'Date,,,,,,,,,,', row],
      [symbols, fields, row],
    ]) {
      const { draft, report } = await ingest(write('yf.csv', lines.join('\n')));
      expect(report.rows).toBe(1);
      expect(draft.groups[0]!.assets.map(({ symbol, columns }) => [symbol, columns.high![0]])).toEqual([
        ['AAPL', 12],
        ['MSFT', 22],
      ]);
    }
  });

  it('may have symbols that are words for a missing value where their line is named', async () => {
    const lines = [
      'Price,Close,High,Low,Open,Volume',
      'Ticker,NA,NA,NA,NA,NA',
      'Date,,,,,',
      '2024-01-02,11,12,9,10,100',
    ];
    const { asset } = await ingest(write('yf.csv', lines.join('\n')));
    expect(asset.symbol).toBe('NA');
  });

  it('keep a first row without values', async () => {
    const lines = ['Date,Close,High,Low,Open', ',AAPL,AAPL,AAPL,AAPL', '2024-01-02,,,,', '2024-01-03,11,12,9,'];
    const error = await refusal(ingest(write('yf.csv', lines.join('\n'))));
    expect(error.message).toMatch(/yf.csv row 2, column 'Open AAPL': no value/);
  });

  it('of closes alone are wide where it is asked for', async () => {
    const path = write('closes.csv', 'date,A,B\n2024-01-02,10,20\n2024-01-03,11,\n');
    expect((await refusal(ingest(path))).code).toBe('UNKNOWN_LAYOUT');
    const { draft } = await ingest(path, { layout: 'wide' });
    expect(draft.groups[0]!.assets.map(({ symbol, columns }) => [symbol, ...columns.low!])).toEqual([
      ['A', 10, 11],
      ['B', 20],
    ]);
  });

  it('may have symbols that are words for fields', async () => {
    const symbols = ['LOW', 'OPEN', 'LAST', 'A'];
    const fields = ['Open', 'High', 'Low', 'Close', 'Adj Close', 'Volume'];
    const bar = [10, 12, 9, 11, 10.5, 100];
    const columns = symbols.flatMap((symbol) => fields.map((field) => [symbol, field] as const));
    const values = columns.map(([symbol, field]) => symbols.indexOf(symbol) + bar[fields.indexOf(field)]!);
    const heads = [
      [['date', ...columns.map(([symbol, field]) => `${symbol}_${field}`)]],
      [['date', ...columns.map(([symbol, field]) => `${field} ${symbol}`)]],
      [
        ['Price', ...columns.map(([, field]) => field)],
        ['Ticker', ...columns.map(([symbol]) => symbol)],
        ['Date', ...columns.map(() => '')],
      ],
      [
        ['Ticker', ...columns.map(([symbol]) => symbol)],
        ['Price', ...columns.map(([, field]) => field)],
      ],
    ];
    for (const head of heads) {
      const lines = [...head, ['2024-01-02', ...values]].map((line) => line.join(','));
      const { draft } = await ingest(write('panel.csv', lines.join('\n')));
      expect(
        draft.groups[0]!.assets.map(({ symbol, columns: { open, high, low, close, adjClose } }) => [
          symbol,
          ...[open, high, low, close, adjClose].map((column) => column![0]),
        ]),
      ).toEqual(
        ['A', 'LAST', 'LOW', 'OPEN'].map((symbol) => [
          symbol,
          ...bar.slice(0, 5).map((value) => value + symbols.indexOf(symbol)),
        ]),
      );
    }
    const one = ['Open', 'High', 'Low', 'Close'].map((field) => `LOW.${field}`).join(',');
    const { draft } = await ingest(write('one.csv', `date,${one}\n2024-01-02,10,12,9,11\n`));
    expect(draft.groups[0]!.assets.map(({ symbol, columns: { high } }) => [symbol, high![0]])).toEqual([['LOW', 12]]);
  });

  it('of closes alone may have them too, where it is asked for', async () => {
    const path = write('closes.csv', 'Date,AAPL,LOW,OPEN\n2024-01-02,10,20,30\n2024-01-03,11,21,31\n');
    expect((await refusal(ingest(path))).message).toMatch(
      /no column for high, close\. .* where each column holds the closes of one symbol, say --layout wide\./,
    );
    const { draft } = await ingest(path, { layout: 'wide' });
    expect(draft.groups[0]!.assets.map(({ symbol, columns }) => [symbol, ...columns.close!])).toEqual([
      ['AAPL', 10, 11],
      ['LOW', 20, 21],
      ['OPEN', 30, 31],
    ]);
  });

  it.each([
    ['AAPL.O,LOW.N,OPEN.L', 'an exchange behind some that are words for fields'],
    ['LOW.N,OPEN.L', 'nothing but such'],
    ['LOW.N,OPEN.N,AAPL.N', 'one exchange for all'],
    ['LAST.N,AAPL.N,IBM.N', 'a word for the close'],
    ['LOW.N,MIN.N,AAPL.O', 'two words for one field'],
    ['N:LOW,N:OPEN,N:IBM', 'the exchange before them'],
    ['LOW US,HIGH LN,VOD LN', 'a blank between'],
    ['L,OPEN.L,VOD.O', 'the symbol of an exchange among them'],
    ['LOW.N,OPEN.N,LAST.N,VOL.O,AAPL.N', 'three of one exchange'],
  ])('of closes alone may have tickers with their exchange: %s (%s)', async (header) => {
    const symbols = header.split(',');
    const rows = [1, 2].map((row) => [`2024-01-0${row}`, ...symbols.map((_, place) => 10 * row + place)].join(','));
    const path = write('rics.csv', [`Date,${header}`, ...rows].join('\n'));
    const { draft } = await ingest(path, { layout: 'wide', calendar: '24/7' });
    expect(draft.groups[0]!.assets.map(({ symbol, columns }) => [symbol, ...columns.close!])).toEqual(
      symbols.map((symbol, place) => [symbol, 10 + place, 20 + place]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
  });

  it.each([
    ['A_open,A_high,A_low', "'A_open', 'A_high', 'A_low' read as part of a panel"],
    ['A_open,A_high,A_low,notes', "'A_open', 'A_high', 'A_low' read as part of a panel"],
    ['LOW.N,OPEN.N', "'LOW.N', 'OPEN.N' read as part of a panel"],
    ['A_close,B_close', "'A_close' reads as part of a panel"],
    ['LAST.O,GOOG.N', "'LAST.O' reads as part of a panel"],
    ['A,A_open,A_high,A_low', "'A_open', 'A_high', 'A_low' read as part of a panel"],
    ['A,A_open,A_high,A_low,A_volume,B', "'A_open', 'A_high', 'A_low', 'A_volume' read as part of a panel"],
    ['A,A_volume,B,B_volume', "'A_volume' reads as part of a panel"],
    ['A_vwap,A_high,A_low,A_volume', "'A_high', 'A_low', 'A_volume' read as part of a panel"],
  ])('that have lost columns are no closes: %s', async (header, reason) => {
    const values = header.split(',').map(() => 10);
    const path = write('part.csv', `Date,${header}\n2024-01-02,${values.join(',')}\n`);
    const { code, message } = await refusal(ingest(path, { layout: 'wide' }));
    expect([code, message]).toEqual(['UNKNOWN_LAYOUT', expect.stringContaining(reason)]);
  });

  it('with a half symbol, or one twice, are refused', async () => {
    const half = write('half.csv', 'date,A_open,A_high,A_low,A_close,B_close\n2024-01-02,10,12,9,11,20\n');
    expect((await refusal(ingest(half))).message).toMatch(/columns of 'B', but not its open, high, low and close/);
    const twice = write('twice.csv', 'date,A_open,A_high,A_low,A_close,close_A\n2024-01-02,10,12,9,11,20\n');
    expect((await refusal(ingest(twice))).code).toBe('AMBIGUOUS_HEADER');
  });

  it('name the column of a symbol that is defective', async () => {
    const path = write('bad.csv', 'date,A_open,A_high,A_low,A_close\n2024-01-02,10,,9,11\n');
    expect((await refusal(ingest(path))).message).toMatch(/row 1, column 'A_high': no value/);
  });
});

describe('a first row', () => {
  const yahoo = 'Date,Open,High,Low,Close,Adj Close,Volume';
  it.each([
    ['NaN', HEADER, '2024-01-02,NaN,NaN,NaN,NaN,NaN', 'MISSING_VALUE'],
    ['N/A', HEADER, '01/13/2024,N/A,N/A,N/A,N/A,N/A', 'MISSING_VALUE'],
    ['null, as Yahoo has it', yahoo, '2024-01-02,null,null,null,null,null,null', 'MISSING_VALUE'],
    ['inf', HEADER, '1704153600.0,inf,inf,inf,inf,inf', 'NOT_FINITE'],
    ['words', HEADER, '20240102,halted,halted,halted,halted,halted', 'NOT_A_NUMBER'],
    ['NaN, and no date either', HEADER, ',NaN,NaN,NaN,NaN,NaN', 'MISSING_VALUE'],
  ])('of %s is a row and no line of symbols', async (_, header, row, code) => {
    const path = write('AAPL.csv', [header, row, '2024-01-03,1,1,1,1,1'].join('\n'));
    for (const options of [{}, { symbol: 'AAPL' }]) {
      const { details } = await refusal(ingest(path, options));
      expect((details.defects as { code: string; row: number }[])[0]).toMatchObject({ code, row: 1 });
    }
  });

  it('without values can be dropped', async () => {
    const path = write('AAPL.csv', `${HEADER}\n2024-01-02,NaN,NaN,NaN,NaN,NaN\n2024-01-03,1,1,1,1,1\n`);
    const { asset, columns, report } = await ingest(path, { calendar: 'XNYS', on: { 'missing-value': 'drop' } });
    expect([asset.symbol, report.rows, ...columns.close!]).toEqual(['AAPL', 2, 1]);
  });

  it('in scientific notation is read', async () => {
    const rows = [
      '2024-01-02,1.02e-05,1.1e-05,1e-05,1.05e-05,1.2e+12',
      '2024-01-03,1.05e-05,1.1e-05,1e-05,1.05e-05,1e+12',
    ];
    const { columns } = await ingest(write('PEPE.csv', [HEADER, ...rows].join('\n')), { calendar: '24/7' });
    expect([...columns.open!, columns.volume![0]]).toEqual([0.0000102, 0.0000105, 1.2e12]);
  });
});

describe('one price a row', () => {
  const wti = 'Date,Price\n2020-04-17,18.31\n2020-04-20,-36.98\n2020-04-21,8.91\n';

  it('is taken where it is asked for, and a negative one where it is allowed', async () => {
    const path = write('wti.csv', wti);
    expect((await refusal(ingest(path))).message).toMatch(/take it with --layout values/);
    expect((await refusal(ingest(path, { layout: 'values' }))).details.counts).toEqual({ NEGATIVE_PRICE: 4 });
    const { columns, report } = await ingest(path, { layout: 'values', on: { 'negative-price': 'warn' } });
    expect([...columns.low!]).toEqual([18.31, -36.98, 8.91]);
    expect(report.quality.find(({ defect }) => defect === 'negative-price')).toMatchObject({
      policy: 'warn',
      count: 1,
    });
  });
});

describe('text forms', () => {
  const rows = WEEK.map((date, day) => `${date},10.25,14.5,9,${11 + day}.125,1000`);
  const text = [HEADER, ...rows].join('\n');
  const expected = { open: 10.25, closes: [11.125, 12.125, 13.125] };

  it.each<[string, string | Uint8Array, RegExp?]>([
    ['UTF-16 LE', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')])],
    ['UTF-16 BE', Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(text, 'utf16le').swap16()])],
    ['UTF-16 in gzip', gzipSync(Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]))],
    ['a byte order mark', `\uFEFF${text}`],
    ['Windows line ends', text.replaceAll('\n', '\r\n')],
    ['decimal commas', text.replaceAll(',', ';').replaceAll('.', ','), /decimal commas; fields divided by ';'/],
    ['thousands in quotes', text.replaceAll(',1000', ',"1,000"')],
    [
      'thousands by points',
      text.replaceAll(',', ';').replaceAll('.', ',').replaceAll(';1000', ';1.000'),
      /decimal commas/,
    ],
    ['thousands by apostrophes', text.replaceAll(',1000', ",1'000")],
    ['no header', rows.join('\n'), /no header; taken for date, open, high, low, close, volume/],
  ])('with %s is read the same', async (_, content, reason) => {
    const { columns, report } = await ingest(write('form.csv', content));
    expect([columns.open![0], [...columns.close!], columns.volume![2]]).toEqual([expected.open, expected.closes, 1000]);
    if (reason !== undefined) expect(report.files[0]!.recognised).toMatch(reason);
  });

  it('whose commas may mean both is refused until one is named', async () => {
    const path = write('both.csv', 'date;open;high;low;close;volume\n2024-01-02;1,250;1,500;1,000;1,125;10\n');
    expect((await refusal(ingest(path))).code).toBe('AMBIGUOUS_NUMBERS');
    expect((await ingest(path, { decimal: ',' })).columns.open![0]).toBe(1.25);
    expect((await ingest(path, { decimal: '.' })).columns.open![0]).toBe(1250);
  });

  it('without a header in another order is read by the names that are given', async () => {
    const path = write('order.csv', '10,12,9,11,100,2024-01-02\n10,12,9,11,100,2024-01-03\n');
    expect((await refusal(ingest(path))).message).toMatch(/has no header line.*--header/);
    const header = ['open', 'high', 'low', 'close', 'volume', 'date'];
    expect((await ingest(path, { header })).report.rows).toBe(2);
  });

  it('without a volume has none, but a column that may be it has to be named', async () => {
    const rows = WEEK.map((date) => `${date},10,12,9,11`);
    const { columns, report } = await ingest(write('fx.csv', ['date,open,high,low,close', ...rows].join('\n')));
    expect([...columns.volume!]).toEqual([0, 0, 0]);
    expect(report.warnings.map(({ code }) => code)).toEqual(['NO_VOLUME']);
    const path = write('fx.csv', ['date,open,high,low,close,Qty', ...rows.map((row) => `${row},5`)].join('\n'));
    expect((await refusal(ingest(path))).message).toMatch(/--column volume=NAME, or that there is none/);
    expect((await ingest(path, { columns: { volume: 'Qty' } })).columns.volume![0]).toBe(5);
    expect((await ingest(path, { columns: { volume: 'none' } })).columns.volume![0]).toBe(0);
  });

  it('with a time behind the date that the header leaves out is backtrader', async () => {
    const rows = ['2024-01-02,09:30:00,10,12,9,11,5,0', '2024-01-02,09:31:00,10,12,9,11,5,0'];
    const path = write('bt.txt', ['Date,Open,High,Low,Close,Volume,OpenInterest', ...rows].join('\n'));
    const { report, columns, times } = await ingest(path, { calendar: 'XNYS' });
    expect(report.files[0]!.layout).toBe('backtrader');
    expect([...columns.openInterest!]).toEqual([0, 0]);
    expect(times[0]).toBe(Date.parse('2024-01-02T14:30:00Z'));
  });

  it("as Google's is read by its preamble", async () => {
    const lines = [
      'https://x/getprices?i=60&q=AAPL',
      'INTERVAL=60',
      'COLUMNS=DATE,CLOSE,HIGH,LOW,OPEN,VOLUME',
      'DATA=',
      'a1704205800,11,12,9,10,5',
      'TIMEZONE_OFFSET=-300',
      '1,11,12,9,10,5',
    ];
    const { asset, times, columns } = await ingest(write('g.csv', lines.join('\n')), { calendar: 'XNYS' });
    expect([asset.symbol, columns.open![0]]).toEqual(['AAPL', 10]);
    expect(times).toEqual([1704205800000, 1704205860000]);
  });
});

describe('JSON', () => {
  const row = (minute: number, close: string): string =>
    `[${1509836520000 + minute * 60_000}, 0.5, 0.7, 0.4, ${close}, 108.14853839]`;

  it('of flat arrays is read without losing a digit, and takes the pair from its name', async () => {
    const content = `[${row(0, '0.00162008')},\n ${row(1, '6.1e-1')} ]\n`.replaceAll('0.4,', '0.001,');
    const { asset, columns, report } = await ingest(write('BTC_USDT-1m.json', content), { calendar: '24/7' });
    expect(asset.symbol).toBe('BTC_USDT');
    expect([...columns.close!]).toEqual([0.00162008, 0.61]);
    expect(report.files[0]).toMatchObject({ layout: 'ccxt', rows: 2 });
  });

  it.each([
    ['another shape', '{"data": []}', /'\{"data": \[\]\}' was not expected/],
    ['objects in it', '[{"date": 1}]', /was not expected/],
    ['a word', `[[1509836520000, 1, 2, 3, x, 5]]`, /'x' is no number/],
    ['its end cut off', `[${row(0, '0.5')}, ${row(1, '0.5').slice(0, 20)}`, /behind row 1 .*ends in the middle/],
    ['more behind its end', `[${row(0, '0.5')}] [`, /was not expected/],
    ['a comma at the end', `[${row(0, '0.5')},]`, /was not expected/],
    ['a row without end', `[[${'1,'.repeat(5000)}`, /longer than 4096/],
  ])('with %s is refused', async (_, content, message) => {
    const error = await refusal(ingest(write('bad.json', content), { calendar: '24/7' }));
    expect(error.code).toBe('BAD_JSON');
    expect(error.message).toMatch(message);
  });

  it('with a null or a missing cell is refused by row', async () => {
    const content = '[[1509836520000,0.5,0.7,0.4,null,5],[1509836580000,0.5,0.7,0.4,0.5]]';
    const error = await refusal(ingest(write('null.json', content), { calendar: '24/7' }));
    expect(error.details.counts).toEqual({ MISSING_VALUE: 1, RAGGED_ROW: 1 });
  });

  it('without rows is refused', async () => {
    expect((await refusal(ingest(write('none.json', ' [ ] ')))).details.counts).toEqual({ NO_ROWS: 1 });
  });
});

describe('events in columns', () => {
  it('become splits and dividends on their ex-date; 0 and a split of 1 are none', async () => {
    const rows = [
      '2024-01-02,40,48,36,44,5,0.0,1.0',
      '2024-01-03,10,12,9,11,5,0.0,4.0',
      '2024-01-04,10,12,9,11,5,0.25,1.0',
    ];
    const { draft, report } = await ingest(write('ev.csv', [`${HEADER},dividend,split`, ...rows].join('\n')));
    expect(report.files[0]!.layout).toBe('csvdir');
    expect(draft.splits).toEqual([{ symbol: 'ev', exDate: parseDateLabel('2024-01-03'), ratio: '4' }]);
    expect(draft.dividends).toEqual([{ symbol: 'ev', exDate: parseDateLabel('2024-01-04'), amount: '0.25' }]);
  });

  it('are left out where prices are adjusted for them already', async () => {
    const rows = ['2024-01-02,10,12,9,11,5,1.0', '2024-01-03,10,12,9,11,5,7.0'];
    const path = write('adj.csv', [`${HEADER},split`, ...rows].join('\n'));
    const { draft, report } = await ingest(path);
    expect(draft.splits).toEqual([]);
    expect(report.warnings[0]).toMatchObject({ code: 'SPLIT_WITHOUT_JUMP' });
    expect((await ingest(path, { on: { 'split-without-jump': 'warn' } })).draft.splits).toHaveLength(1);
    expect((await refusal(ingest(path, { on: { 'split-without-jump': 'fail' } }))).code).toBe('INGEST_REFUSED');
  });

  it('that are none are refused by row', async () => {
    const path = write('ev.csv', `${HEADER},dividend\n2024-01-02,10,12,9,11,5,0\n2024-01-03,10,12,9,11,5,soon\n`);
    expect((await refusal(ingest(path))).message).toMatch(/row 2: 'soon' is not a positive amount/);
  });
});

describe('weeks and months', () => {
  it.each([
    ['1mo', ['2023-10-31', '2023-11-30', '2023-12-29'], 0],
    ['1mo', ['2023-08-31', '2023-09-29', '2023-11-30', '2023-12-29', '2024-01-31'], 1],
    ['1w', ['2024-01-05', '2024-01-12', '2024-01-19'], 0],
  ])('of %s are told by their steps: %j', async (frequency, dates, missing) => {
    const rows = dates.map((date) => `${date},10,12,9,11,5`);
    const { draft, report } = await ingest(write('long.csv', [HEADER, ...rows].join('\n')), { calendar: 'XNYS' });
    expect(draft.groups[0]!.frequency).toBe(frequency);
    expect(report.assets[0]).toMatchObject({ bars: dates.length, missing, calendar: 'XNYS' });
  });

  it('with two bars in one of them are refused', async () => {
    const rows = ['2023-10-31', '2023-11-30', '2023-12-15', '2023-12-29'].map((date) => `${date},10,12,9,11,5`);
    const path = write('long.csv', [HEADER, ...rows].join('\n'));
    const error = await refusal(ingest(path, { calendar: 'XNYS', frequency: '1mo' }));
    expect(error.details.counts).toEqual({ DUPLICATE_IDENTICAL: 1 });
  });

  it('are filled at the first session of what is missing', async () => {
    const rows = ['2023-08-31', '2023-09-29', '2023-11-30', '2023-12-29'].map((date) => `${date},10,12,9,11,5`);
    const path = write('long.csv', [HEADER, ...rows].join('\n'));
    const { times } = await ingest(path, { calendar: 'XNYS', frequency: '1mo', missing: 'fill' });
    expect(times[2]).toBe(parseDateLabel('2023-10-02'));
  });
});

describe('a mapping file', () => {
  it('holds the options of an ingest', async () => {
    const mapping = write(
      'map.json',
      JSON.stringify({ columns: { close: 'Schluss' }, decimal: ',', on: { 'duplicate-identical': 'drop' } }),
    );
    expect(await readMapping(mapping)).toEqual({
      columns: { close: 'Schluss' },
      decimal: ',',
      on: { 'duplicate-identical': 'drop' },
    });
  });

  it.each([
    ['no JSON', '{', /it is no JSON/],
    ['a list', '[]', /no JSON object/],
    ['an unknown key', '{"colums": {}}', /Did you mean 'columns'/],
    ['files', '{"files": ["a"]}', /Unknown option 'files'/],
    ['a number for a text', '{"calendar": 7}', /'calendar' must be a text/],
    ['a text for a map', '{"on": "drop"}', /'on' must be an object of texts/],
    ['a text for a list', '{"header": "a,b"}', /'header' must be a list/],
    ['a text for a number', '{"divisor": "10"}', /'divisor' must be a number/],
    ['a list for a precision', '{"precision": []}', /'precision' must be/],
  ])('with %s is refused', async (_, content, message) => {
    const work = readMapping(write('map.json', content));
    await expect(work).rejects.toBeInstanceOf(UsageError);
    await expect(work).rejects.toThrow(message);
  });

  it('that is not there is named', async () => {
    await expect(readMapping('/nowhere/map.json')).rejects.toThrow(/'\/nowhere\/map.json' cannot be read \(ENOENT\)/);
  });
});

describe('a layout that is asked for', () => {
  it.each(['lean', 'backtrader', 'google', 'csvdir', 'yahoo'] as const)('and is not %s is refused', async (layout) => {
    const path = write('plain.csv', `${HEADER}\n2024-01-02,10,12,9,11,5\n`);
    expect((await refusal(ingest(path, { layout }))).code).toBe('UNKNOWN_LAYOUT');
  });

  it('and is not JSON, or not a table, is refused', async () => {
    const table = write('plain.csv', `${HEADER}\n2024-01-02,10,12,9,11,5\n`);
    expect((await refusal(ingest(table, { layout: 'ccxt' }))).code).toBe('BAD_JSON');
    expect((await refusal(ingest(write('j.json', '[]'), { layout: 'plain' }))).code).toBe('UNKNOWN_LAYOUT');
  });
});
