import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { sha256 } from '../../../src/core/hash.js';
import type { AssetDraft, BundleDraft } from '../../../src/data/draft.js';
import { orderDraft } from '../../../src/data/draft-order.js';
import { sampleMarket } from '../../../src/data/sample-market.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { formatDate } from '../../../src/market/civil-date.js';

const market = sampleMarket();
const [group] = market.groups;
const assets = group!.assets;

/** SHA-256 over the bytes of all columns in order, then the events. */
function fingerprint({ groups, splits, dividends }: BundleDraft): string {
  const [only] = groups;
  const columns = [only!.times, ...only!.assets.flatMap(({ columns }) => Object.values(columns))];
  const bytes = columns.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return sha256(Buffer.concat([...bytes, Buffer.from(JSON.stringify([splits, dividends]))]));
}

/** Daily returns with splits and dividends undone. */
function returnsOf({ symbol, columns }: AssetDraft): number[] {
  const close = columns.close!;
  const at = new Map<number, { factor: number; cash: number }>();
  const event = (date: number) => at.get(date) ?? at.set(date, { factor: 1, cash: 0 }).get(date)!;
  for (const split of market.splits) if (split.symbol === symbol) event(split.exDate).factor *= Number(split.ratio);
  for (const paid of market.dividends) if (paid.symbol === symbol) event(paid.exDate).cash += Number(paid.amount);
  return Array.from(close.slice(1), (price, row) => {
    const { factor, cash } = at.get(group!.times[row + 1]!) ?? { factor: 1, cash: 0 };
    return (price * factor + cash) / close[row]! - 1;
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const moment = (values: readonly number[], power: number): number => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** power));
};
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const [centerA, centerB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, row) => (value - centerA) * (b[row]! - centerB)));
  return covariance / Math.sqrt(moment(a, 2) * moment(b, 2));
};

describe('the sample market', () => {
  it('is the same to the last bit on every machine', () => {
    expect(fingerprint(market)).toBe('09cd0041310b370fab191ed5b9c6c5f3d8af73ba42a0e4c595a4a44ae36931a2');
    expect(fingerprint(sampleMarket({ seed: 1 }))).toBe(fingerprint(market));
    expect(fingerprint(sampleMarket({ seed: 2 }))).not.toBe(fingerprint(market));
  });

  it('has eight symbols over 5,200 XNYS sessions, and says that it is synthetic', () => {
    expect(market.synthetic).toBe(true);
    expect(assets.map(({ symbol }) => symbol)).toEqual([...'ABCDEFGH'].map((letter) => `SYN${letter}`));
    expect(group).toMatchObject({ calendar: 'XNYS', frequency: '1d' });
    expect([...group!.times]).toEqual([...getCalendar('XNYS').sessions(group!.times[0]!, group!.times.at(-1)!).labels]);
    expect(formatDate(group!.times[0]!)).toBe('2004-01-02');
    for (const { columns } of assets) expect(columns.close!.length).toBe(5200);
  });

  it('is a draft that a bundle takes', () => {
    expect(orderDraft(market).assets).toHaveLength(8);
  });

  it('has sound bars in whole cents', () => {
    for (const { symbol, columns } of assets) {
      const { open, high, low, close, volume } = columns;
      for (let row = 0; row < 5200; row++) {
        const [o, h, l, c, v] = [open![row]!, high![row]!, low![row]!, close![row]!, volume![row]!];
        const isSound = l > 0 && l <= Math.min(o, c) && h >= Math.max(o, c) && v >= 100 && v % 100 === 0;
        const isInCents = [o, h, l, c].every((price) => Math.round(price * 100) / 100 === price);
        if (!isSound || !isInCents || c < 1 || c > 5000) expect.fail(`${symbol} row ${row}: ${[o, h, l, c, v]}`);
      }
    }
  });

  it('has returns as shares have them: clustered, fat-tailed, correlated, unpredictable', () => {
    const all = assets.map(returnsOf);
    for (const returns of all) {
      const volatility = Math.sqrt(moment(returns, 2) * 252);
      expect(volatility).toBeGreaterThan(0.18);
      expect(volatility).toBeLessThan(0.5);
      expect(moment(returns, 4) / moment(returns, 2) ** 2).toBeGreaterThan(4.5);
      const sizes = returns.map(Math.abs);
      expect(correlation(sizes.slice(1), sizes.slice(0, -1))).toBeGreaterThan(0.1);
      expect(Math.abs(correlation(returns.slice(1), returns.slice(0, -1)))).toBeLessThan(0.06);
      expect(Math.abs(mean(returns) * 252)).toBeLessThan(0.35);
    }
    for (let a = 0; a < all.length; a++) {
      for (let b = a + 1; b < all.length; b++) {
        expect(correlation(all[a]!, all[b]!)).toBeGreaterThan(0.2);
        expect(correlation(all[a]!, all[b]!)).toBeLessThan(0.85);
      }
    }
  });

  it('opens with gaps', () => {
    const { open, close } = assets[0]!.columns;
    const gaps = Array.from(open!.slice(1), (price, row) => Math.abs(price / close![row]! - 1));
    expect(gaps.filter((gap) => gap > 0.005).length).toBeGreaterThan(500);
  });

  it('jumps at each split by its ratio, one of them a reverse split', () => {
    expect(market.splits.map(({ symbol, ratio }) => [symbol, ratio])).toEqual([
      ['SYNA', '2'],
      ['SYNA', '4'],
      ['SYNC', '0.1'],
      ['SYNE', '1.5'],
      ['SYNE', '2'],
      ['SYNE', '3'],
      ['SYNG', '7'],
    ]);
    for (const { symbol, exDate, ratio } of market.splits) {
      const { open, close, volume } = assets.find((asset) => asset.symbol === symbol)!.columns;
      const row = group!.times.indexOf(exDate);
      expect((open![row]! * Number(ratio)) / close![row - 1]!).toBeCloseTo(1, 1);
      const around = (from: number): number => mean([...volume!.slice(from, from + 20)]);
      expect(around(row) / around(row - 20) / Number(ratio)).toBeGreaterThan(0.5);
      expect(around(row) / around(row - 20) / Number(ratio)).toBeLessThan(2);
    }
  });

  it('pays quarterly dividends on some symbols, on sessions, after the ex-date', () => {
    const paying = new Set(market.dividends.map(({ symbol }) => symbol));
    expect([...paying]).toEqual(['SYNA', 'SYNB', 'SYND', 'SYNF', 'SYNH']);
    for (const { exDate, payDate, amount } of market.dividends) {
      expect(payDate!).toBeGreaterThan(exDate);
      expect(getCalendar('XNYS').isSession(payDate!)).toBe(true);
      expect(amount).toMatch(/^\d+\.\d\d$/);
    }
    for (const symbol of paying) {
      expect(market.dividends.filter((paid) => paid.symbol === symbol).length).toBeGreaterThan(70);
    }
  });

  it('gives a symbol the same bars whatever else there is', () => {
    const few = sampleMarket({ symbols: 2 });
    expect(few.groups[0]!.assets[1]!.columns).toEqual(assets[1]!.columns);
  });

  it('stays sound for other seeds and lengths', () => {
    for (let seed = 2; seed < 12; seed++) {
      const other = sampleMarket({ seed, symbols: 8, sessions: 5200 });
      expect(() => orderDraft(other)).not.toThrow();
      for (const { columns } of other.groups[0]!.assets) {
        expect(Math.min(...columns.low!)).toBeGreaterThan(0.2);
        expect(Math.max(...columns.high!)).toBeLessThan(20_000);
      }
    }
    for (const sessions of [1, 2, 3, 64]) {
      expect(() => orderDraft(sampleMarket({ sessions, symbols: 26, start: '2020-12-31' }))).not.toThrow();
    }
  });

  it.each([
    { symbols: 0 },
    { symbols: 27 },
    { sessions: 0 },
    { sessions: 1.5 },
    { seed: -1 },
    { start: '1980-01-01' },
    { start: '2095-01-01' },
    { start: 'soon' },
    { seeds: 1 },
  ])('refuses %j', (options) => expect(() => sampleMarket(options)).toThrow(UsageError));
});
