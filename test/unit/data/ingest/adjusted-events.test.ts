import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendBundle } from '../../../../src/data/ingest/extend-bundle.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { BundleStore } from '../../../../src/data/store.js';
import { DAY_MS, formatDate } from '../../../../src/market/civil-date.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

const write = temporaryFiles();

/** What happens before a day: shares are divided, or a dividend is paid. */
interface Event {
  readonly day: number;
  readonly ratio?: number;
  readonly amount?: number;
}

/** A file of Yahoo's: raw closes, and closes adjusted by the events, both rounded. */
function yahoo(closes: readonly number[], events: readonly Event[], decimals: readonly [number, number]): string {
  const factors = closes.map(() => 1);
  let factor = 1;
  for (let day = closes.length - 1; day >= 0; day--) {
    factors[day] = factor;
    for (const event of events.filter((one) => one.day === day)) {
      factor *= (1 - (event.amount ?? 0) / closes[day - 1]!) / (event.ratio ?? 1);
    }
  }
  const rows = closes.map((close, day) => {
    const price = close.toFixed(decimals[0]);
    const adjusted = (close * factors[day]!).toFixed(decimals[1]);
    // Prices of cents, whatever the close is: their decimals say how it was rounded.
    const [high, low] = [close + 0.01, close - 0.01].map((other) => other.toFixed(decimals[0]));
    return `${formatDate(Date.UTC(2020, 0, 1) + day * DAY_MS)},${price},${high},${low},${price},${adjusted},10`;
  });
  return ['Date,Open,High,Low,Close,Adj Close,Volume', ...rows].join('\n');
}

async function derived(text: string, options: Partial<IngestOptions> = {}) {
  const { draft, report } = await buildDraft({
    files: [write('X.csv', text)],
    calendar: '24/7',
    adjClose: 'derive',
    ...options,
  });
  const { splits = [], dividends = [] } = draft;
  const on = (date: number): string => formatDate(date);
  return {
    splits: splits.map(({ exDate, ratio }) => `${on(exDate)} ${ratio}`),
    dividends: dividends.map(({ exDate, amount }) => `${on(exDate)} ${amount}`),
    codes: report.warnings.map(({ code }) => code),
    messages: report.warnings.map(({ message }) => message),
    quality: report.quality,
  };
}
const refusal = (text: string, options: Partial<IngestOptions> = {}) =>
  derived(text, options).then(
    () => undefined,
    (error) => error as { code: string; message: string },
  );

const tiny = [
  'Date,Open,High,Low,Close,Adj Close,Volume',
  ...[
    [100, 0.08],
    [100, 0.08],
    [55, 0.05],
    [100, 0.1],
    [100, 0.1],
  ].map(([close, adjusted], day) => `2020-01-0${day + 1},${close},${close},${close},${close},${adjusted},10`),
].join('\n');

const steady = (days: number, price: number): number[] => Array.from({ length: days }, (_, day) => price + (day % 5));

describe('events of an adjusted close', () => {
  it('are the dividends and splits that it was made of, and the report says how accurate', async () => {
    const closes = [...steady(10, 100), ...steady(10, 25)];
    const { splits, dividends, messages, quality } = await derived(
      yahoo(
        closes,
        [
          { day: 5, amount: 0.47 },
          { day: 10, ratio: 4 },
          { day: 15, amount: 0.12 },
        ],
        [2, 6],
      ),
    );
    expect(splits).toEqual(['2020-01-11 4']);
    expect(dividends).toEqual(['2020-01-06 0.47', '2020-01-16 0.12']);
    expect(messages[0]).toMatch(
      /^2 dividends and 1 splits of X were derived from the adjusted close; amounts are right to 0\.0\d+, and steps below 0\.0\d+ %/,
    );
    expect(quality).toEqual([expect.objectContaining({ defect: 'derived-events', policy: 'warn', count: 3 })]);
  });

  it('are none by default, nor when it is to be ignored', async () => {
    const text = yahoo(steady(10, 100), [{ day: 5, amount: 1 }], [2, 2]);
    expect((await derived(text, { adjClose: 'check' })).dividends).toEqual([]);
    expect(await derived(text, { adjClose: 'ignore' })).toMatchObject({ dividends: [], codes: [] });
    const dividends = write('dividends.csv', 'symbol,ex_date,amount\nX,2020-01-03,90\n');
    expect((await derived(text, { adjClose: 'check', dividends })).codes).toContain('ADJUSTED_CLOSE');
    expect((await derived(text, { adjClose: 'ignore', dividends })).codes).not.toContain('ADJUSTED_CLOSE');
  });

  it('are left to files for an asset that has events there', async () => {
    const dividends = write('dividends.csv', 'symbol,ex_date,amount\nX,2020-01-06,1.01\n');
    const text = yahoo(steady(10, 100), [{ day: 5, amount: 1 }], [2, 2]);
    expect((await derived(text, { dividends })).dividends).toEqual(['2020-01-06 1.01']);
  });

  it('have no split where prices were divided by it already', async () => {
    // The ratio doubles, but the prices do not: a payment of half the price, which is none of a dividend.
    const text = yahoo(steady(10, 100), [{ day: 5, ratio: 2 }], [2, 2]);
    expect(await refusal(text)).toMatchObject({
      code: 'INGEST_REFUSED',
      message: /2020-01-06 \(row 6, by -50\.00 %\)/,
    });
    expect(await derived(text, { on: { 'adjusted-step': 'drop' } })).toMatchObject({ splits: [], dividends: [] });
  });

  it.each([
    [
      'a step downwards',
      yahoo(steady(10, 100), [{ day: 5, amount: -1 }], [2, 2]),
      /2020-01-06 \(row 6, by -0\.\d+ %\)/,
    ],
    [
      'a dividend that comes twice',
      yahoo(
        steady(20, 100),
        [
          { day: 5, amount: 0.5 },
          { day: 7, amount: 0.5 },
        ],
        [2, 6],
      ),
      /2020-01-08 \(row 8, the dividend of 2020-01-06 again\)/,
    ],
    // Between the days of 0.08 and 0.10 one lies that may have either ratio.
    ['a day that rounding leaves open', tiny, /2020-01-04 \(row 4, the day is not certain\)/],
  ])('refuse %s, or leave it out', async (_, text, message) => {
    expect(await refusal(text)).toMatchObject({ code: 'INGEST_REFUSED', message: expect.stringMatching(message) });
    const { codes, dividends } = await derived(text, { on: { 'adjusted-step': 'drop' } });
    expect(codes).toContain('ADJUSTED_STEP');
    expect(dividends.length).toBeLessThan(2);
  });

  it('cannot be asked of files without it', async () => {
    const text = 'date,open,high,low,close,volume\n2020-01-01,1,1,1,1,1\n2020-01-02,1,1,1,1,1\n';
    expect(await refusal(text)).toMatchObject({ code: 'OPTION_WITHOUT_EFFECT' });
    // Dividends since restate what the bundle has: new rows alone do not show them.
    const append = extendBundle(new BundleStore(), 'any', { files: [write('X.csv', text)], adjClose: 'derive' });
    await expect(append).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(await refusal(text, { adjClose: 'guess' as 'derive' })).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('check, derive, ignore'),
    });
  });

  it('are found on their days, to within rounding, whatever the prices, and never invented', async () => {
    const event = fc.record({
      // Eleven days apart: within ten the same amount is taken for one that comes twice.
      slot: fc.nat(4),
      cents: fc.integer({ min: 20, max: 700 }),
      ratio: fc.constantFrom(undefined, undefined, undefined, 2, 3, 1.5, 4, 0.1),
    });
    const market = fc.record({
      start: fc.integer({ min: 2000, max: 40_000 }),
      moves: fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 60, maxLength: 60 }),
      events: fc.uniqueArray(event, { maxLength: 5, selector: ({ slot }) => slot }),
      shift: fc.nat(8),
      decimals: fc.constantFrom(4, 6, 8),
    });
    let found = 0;
    await fc.assert(
      fc.asyncProperty(market, async ({ start, moves, events, shift, decimals }) => {
        const wanted = events.map(({ slot, cents, ratio }): Event => {
          const day = 3 + shift + 11 * slot;
          return ratio === undefined ? { day, amount: cents / 100 } : { day, ratio };
        });
        const closes: number[] = [];
        let price = start / 100;
        for (const [day, move] of moves.entries()) {
          const split = wanted.find((one) => one.day === day && one.ratio !== undefined);
          price = Math.max(20, Math.round((price * (1 + move / 1000) * 100) / (split?.ratio ?? 1)) / 100);
          closes.push(price);
        }
        // A price that the floor of 20 moved does not show its split; a payment of a 50,000th of the price, behind some of ten for one, is hidden by rounding.
        const shown = wanted.filter(
          ({ day, ratio = 1, amount = Number.POSITIVE_INFINITY }) =>
            Math.abs(closes[day - 1]! / closes[day]! / ratio - 1) < 0.05 && amount > closes[day - 1]! / 50_000,
        );
        const text = yahoo(closes, shown, [2, decimals]);
        const { splits, dividends } = await derived(text, { on: { 'large-move': 'warn' } });
        const on = ({ day }: Event): string => formatDate(Date.UTC(2020, 0, 1) + day * DAY_MS);
        const ordered = [...shown].sort((a, b) => a.day - b.day);
        const [isSplit, isPaid] = [
          ordered.filter(({ ratio }) => ratio !== undefined),
          ordered.filter(({ amount }) => amount !== undefined),
        ];
        expect(splits.map((line) => line.slice(0, 10))).toEqual(isSplit.map(on));
        for (const [place, { ratio = 1 }] of isSplit.entries()) {
          expect(Number(splits[place]!.slice(11))).toBeCloseTo(ratio, 12);
        }
        expect(dividends.map((line) => line.slice(0, 10))).toEqual(isPaid.map(on));
        for (const [place, { day, amount = 0 }] of isPaid.entries()) {
          // Half a cent of the close and half a unit of the adjusted one, each twice, as shares of prices of 20 at least.
          const accuracy = closes[day - 1]! * 2 * (0.005 / 20 + 0.5 / 10 ** decimals);
          expect(Math.abs(Number(dividends[place]!.slice(11)) - amount)).toBeLessThan(accuracy * 2 + 1e-4);
          found++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(500);
  }, 300_000);
});

describeShared("events of Yahoo's adjusted closes", 'data/equities/yahoo-classic', () => {
  const truth = (kind: string, symbol: string): (readonly [date: string, value: number])[] =>
    readFileSync(sharedFile(`data/equities/events/${kind}-by-ex-date.csv`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','))
      .filter(([name]) => name === symbol)
      .map(([, date = '', value]) => [date, Number(value)]);

  it.each([
    ['yahoo-classic/AAPL.csv', 'AAPL', 3, 2],
    ['yahoo-classic/IBM.csv', 'IBM', 52, 0],
    ['yahoo-new/AAPL_2004-2018.csv', 'AAPL', 22, 0],
    ['yahoo-panel-2015-2020/AAPL.csv', 'AAPL', 20, 0],
  ])(
    '%s has all dividends of another vendor and no others: %s %i, and %i splits',
    async (file, symbol, paid, split) => {
      const { draft, report } = await buildDraft({
        files: [sharedFile(`data/equities/${file}`)],
        symbol,
        calendar: 'XNYS',
        adjClose: 'derive',
      });
      const { first, last } = report.assets[0]!;
      const within = ([date]: readonly [string, number]): boolean =>
        Date.parse(date) > first && Date.parse(date) <= last;
      const splits = truth('splits', symbol);
      // What was paid before a split that the file has divided by is smaller in its terms.
      const isDivided = split === 0;
      const inTerms = (date: string): number =>
        splits
          .filter(([day]) => isDivided && day > date && Date.parse(day) <= last)
          .reduce((all, [, ratio]) => all * ratio, 1);
      const expected = truth('dividends', symbol).filter(within);
      const found = (draft.dividends ?? []).map(({ exDate, amount }) => [formatDate(exDate), Number(amount)] as const);
      expect(found.map(([date]) => date)).toEqual(expected.map(([date]) => date));
      for (const [place, [date, amount]] of expected.entries()) {
        expect(Math.abs(found[place]![1] - amount / inTerms(date))).toBeLessThan(0.0002);
      }
      expect(found.length).toBe(paid);
      expect(draft.splits?.map(({ exDate, ratio }) => [formatDate(exDate), Number(ratio)])).toEqual(
        isDivided ? [] : splits.filter(within),
      );
      expect(draft.splits?.length).toBe(split);
    },
  );

  it('show that four of nineteen panels have a dividend twice', async () => {
    const symbols = ['BA', 'CAT', 'GE', 'JPM', 'NKE', 'KO', 'XOM'];
    const { report } = await buildDraft({
      files: symbols.map((symbol) => sharedFile(`data/equities/yahoo-panel-2015-2020/${symbol}.csv`)),
      calendar: 'XNYS',
      adjClose: 'derive',
      on: { 'adjusted-step': 'drop' },
    });
    const twice = report.warnings.filter(({ code }) => code === 'ADJUSTED_STEP').map(({ message }) => message);
    expect(twice.map((message) => /of (\w+) changes/.exec(message)?.[1])).toEqual(symbols.slice(0, 5));
    for (const message of twice) expect(message).toMatch(/at 1 step that is .* again\)/);
  });
});
