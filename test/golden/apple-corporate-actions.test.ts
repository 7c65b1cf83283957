import { Decimal } from 'decimal.js';
import { expect, it } from 'vitest';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import type { BarData, Context } from '../../src/engine/strategy.js';
import { referenceText } from '../helpers/reference.js';
import { describeShared } from '../helpers/shared.js';
import { runOn, type TinyRun } from '../helpers/tiny-market.js';

/** Enough to stay short of a stock that rose eighty-fold. */
const OPENING = 10_000_000;

const FOLDER = 'data/equities';
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

const rowsOf = (path: string): string[][] =>
  referenceText(`${FOLDER}/${path}`)
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

const eventsOf = (file: string): { date: string; amount: string }[] =>
  rowsOf(`events/${file}`)
    .filter(([symbol]) => symbol === 'AAPL')
    .map(([, date, amount]) => ({ date: date!, amount: amount! }));

/** AAPL as it traded, 1998 to 2021, with its four splits and, where asked for, its dividends. */
async function apple(events: { readonly dividends: boolean }) {
  const bars = rowsOf('plain-daily/AAPL.csv');
  const dates = bars.map(([date]) => date!);
  const columns = Object.fromEntries(
    FIELDS.map((field, at) => [field, Float64Array.from(bars, (bar) => Number(bar[at + 1]))]),
  );
  const exDate = (date: string): number => Date.parse(date);
  const splits = eventsOf('splits-by-ex-date.csv');
  const dividends = events.dividends ? eventsOf('dividends-by-ex-date.csv') : [];
  const bundle = await bundleFromColumns(
    {
      groups: [
        {
          calendar: 'XNYS',
          frequency: '1d',
          times: Float64Array.from(dates, exDate),
          assets: [{ symbol: 'AAPL', first: 0, priceDecimals: 4, volumeDecimals: 0, columns }],
        },
      ],
      splits: splits.map(({ date, amount }) => ({ symbol: 'AAPL', exDate: exDate(date), ratio: amount })),
      dividends: dividends.map(({ date, amount }) => ({ symbol: 'AAPL', exDate: exDate(date), amount })),
    },
    { name: 'apple', sharing: 'shared' },
  );
  return { bundle, dates, closes: bars.map((bar) => bar[4]!), splits, dividends };
}

/** Buys 1,000 shares on the first bar and holds; tells the value of the account before and after the opening of each event. */
async function holding(options: TinyRun & { readonly dividends: boolean; readonly units?: number }) {
  const { dividends: hasDividends, units = 1_000, ...run } = options;
  const market = await apple({ dividends: hasDividends });
  using bundle = market.bundle;
  const held: string[] = [];
  const cash: string[] = [];
  const result = runOn(
    bundle,
    {
      handleData({ order, asset, portfolio }: Context) {
        if (held.length === 0) order(asset, units);
        held.push(portfolio.position(asset).exact.quantity.toString());
        cash.push(portfolio.exact.cash.toString());
      },
    },
    { cash: OPENING, fill: 'same-close', ...run },
  );
  return { ...market, held, cash, equity: result.equity, ending: result.endingEquity.toString() };
}

/** The account by hand: shares and cash at every close, in decimals. */
function byHand(
  { dates, closes, splits, dividends }: Awaited<ReturnType<typeof apple>>,
  units: number,
  withheld = '0',
): { readonly shares: Decimal[]; readonly cash: Decimal[]; readonly value: Decimal[] } {
  let shares = new Decimal(units);
  let cash = new Decimal(OPENING).minus(shares.times(closes[0]!));
  const seen: ReturnType<typeof byHand> = { shares: [], cash: [], value: [] };
  for (const [row, date] of dates.entries()) {
    for (const split of splits) if (split.date === date) shares = shares.times(split.amount);
    for (const dividend of dividends) {
      if (dividend.date !== date) continue;
      const gross = shares.times(dividend.amount);
      cash = cash.plus(gross).minus(gross.isPositive() ? gross.times(withheld) : 0);
    }
    seen.shares.push(shares);
    seen.cash.push(cash);
    seen.value.push(cash.plus(shares.times(closes[row]!)));
  }
  return seen;
}

describeShared('AAPL as it traded, over its splits and dividends', `${FOLDER}/plain-daily/AAPL.csv`, () => {
  it.each([
    { name: 'long', units: 1_000 },
    { name: 'long, 15 % withheld', units: 1_000, withholding: 0.15 },
    { name: 'short', units: -100, account: 'margin:leverage=1000' },
    { name: 'short, which pays dividends whole', units: -100, account: 'margin:leverage=1000', withholding: 0.3 },
  ])('an account equals the count by hand at every close: $name', async ({ name: _name, units, ...options }) => {
    const found = await holding({ dividends: true, units, ...options });
    const { shares, cash, value } = byHand(found, units, String(options.withholding ?? 0));
    expect(found.held.slice(1)).toEqual(shares.slice(1).map(String));
    expect(found.cash.slice(1)).toEqual(cash.slice(1).map(String));
    for (const [row, exact] of value.entries()) expect(found.equity[row]! / exact.toNumber()).toBeCloseTo(1, 14);
    expect(found.ending).toBe(value.at(-1)!.toString());
    // 2 * 2 * 7 * 4
    expect(found.held.at(-1)).toBe(String(units * 112));
    expect(found.dividends.length).toBeGreaterThan(30);
  });

  it('is worth the same before and after the opening of each event, asked in between', async () => {
    const market = await apple({ dividends: true });
    using bundle = market.bundle;
    const days = new Set([...market.splits, ...market.dividends].map(({ date }) => date));
    const values: { date: string; before: number; after: number }[] = [];
    let before = 0;
    runOn(
      bundle,
      {
        beforeTradingStart({ portfolio }: Context) {
          before = portfolio.value;
        },
        handleData: ({ order, asset, portfolio, now }: Context) => {
          const date = new Date(now).toISOString().slice(0, 10);
          // An order on the eve of each event fills at its opening, after the shares have turned.
          const next = market.dates[market.dates.indexOf(date) + 1];
          if (portfolio.position(asset).quantity === 0) order(asset, 1_000);
          else if (next !== undefined && days.has(next)) order(asset, 1);
        },
        onFill({ portfolio, asset }: Context, { time, price, quantity }) {
          const date = new Date(time).toISOString().slice(0, 10);
          if (!days.has(date)) return;
          // What is bought now is worth the last close, not the opening that it was paid at. A split turns the order as well.
          const close = portfolio.position(asset).value / portfolio.position(asset).quantity;
          values.push({ date, before, after: portfolio.value + quantity * (price - close) });
        },
      },
      { cash: 1_000_000 },
    );
    expect(values.map(({ date }) => date)).toEqual([...days].sort());
    for (const { date, before: eve, after } of values) expect(after / eve, date).toBeCloseTo(1, 10);
  });

  it('pays cash in lieu for what makes no whole share', async () => {
    const market = await apple({ dividends: false });
    using bundle = market.bundle;
    const cash: string[] = [];
    let bar = 0;
    runOn(
      bundle,
      {
        handleData({ order, asset, portfolio }: Context) {
          if (bar++ === 0) order.notional(asset, '1000');
          cash.push(`${portfolio.position(asset).exact.quantity} ${portfolio.exact.cash}`);
        },
      },
      { cash: 1_000, fill: 'same-close' },
    );
    // Whole multiples lose nothing, fractions of a share held in 1e-8 neither.
    const [first] = cash.slice(1, 2);
    const units = new Decimal(first!.split(' ')[0]!);
    expect(cash.at(-1)).toBe(`${units.times(112)} ${first!.split(' ')[1]}`);
  });

  it('shows history, as of each event, that is the split-adjusted series of another vendor', async () => {
    const market = await apple({ dividends: false });
    using bundle = market.bundle;
    const theirs = new Map(rowsOf('yahoo-new/AAPL_2004-2018.csv').map((row) => [row[0]!, Number(row[4])]));
    const last = [...theirs.keys()].sort().at(-1)!;
    let compared = 0;
    const differences: number[] = [];
    runOn(
      bundle,
      {
        handleData({ asset, now }: Context, data: BarData) {
          if (new Date(now).toISOString().slice(0, 10) !== last) return;
          const count = market.dates.indexOf(last) + 1;
          const frame = data.history(asset, 'close', count);
          const closes = frame.column(asset, 'close');
          for (const [row, time] of [...frame.times].entries()) {
            const close = theirs.get(new Date(time).toISOString().slice(0, 10));
            if (close === undefined) continue;
            compared++;
            differences.push(Math.abs(closes[row]! / close - 1));
          }
        },
      },
      { cash: 1_000 },
    );
    differences.sort((a, b) => a - b);
    // The vendors' closing prints differ by so much, measured when the reference data was collected.
    expect(compared).toBe(3379);
    expect(differences[1689]).toBeLessThan(5e-8);
    expect(differences.filter((difference) => difference > 0.005).length).toBeLessThanOrEqual(7);
    expect(differences.at(-1)).toBeLessThan(0.014);
  });

  it('keeps the future out: on the eve of the 4:1 split history is in old shares, the day after in new ones', async () => {
    const market = await apple({ dividends: false });
    using bundle = market.bundle;
    const seen = new Map<string, number[]>();
    runOn(
      bundle,
      {
        handleData({ asset, now }: Context, data: BarData) {
          const date = new Date(now).toISOString().slice(0, 10);
          if (date === '2020-08-28' || date === '2020-08-31') {
            seen.set(date, [...data.history(asset, 'close', 3, '1d', { returnType: 'array' })]);
          }
        },
      },
      { cash: 1_000, start: '2020-08-01' },
    );
    const at = market.dates.indexOf('2020-08-28');
    const [wednesday, thursday, friday, monday] = market.closes.slice(at - 2, at + 2).map(Number);
    expect(seen.get('2020-08-28')).toEqual([wednesday, thursday, friday]);
    expect(seen.get('2020-08-31')).toEqual([thursday! / 4, friday! / 4, monday]);
  });
});
