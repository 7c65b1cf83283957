import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { ScaledInteger } from '../../../src/core/scaled-integer.js';
import type { FinancingModel } from '../../../src/execution/financing/financing.js';
import { parseBorrow, parseFinancing } from '../../../src/execution/models.js';

const money = (text: string): ScaledInteger => ScaledInteger.fromDecimalString(text, 8, 'exact');

/** What a balance costs over stretches of days. */
function total(model: FinancingModel, balance: ScaledInteger, stretches: readonly number[]): string {
  const sum = new ScaledInteger();
  for (const days of stretches) sum.add(model.charge(new ScaledInteger(), balance, days));
  return sum.toString(8);
}

const everyDay = (days: number): number[] => Array.from({ length: days }, () => 1);

describe('a year of', () => {
  it.each([
    { model: parseBorrow('borrow:0.03'), balance: '1000', sum: '30' },
    { model: parseBorrow('borrow:0.03,days=365'), balance: '1000', sum: '30' },
    // 1000 * 0.03 * 365 / 360 = 30.41666666...
    { model: parseBorrow('borrow:0.03,days=360'), balance: '1000', sum: '30.41666666' },
    { model: parseBorrow('borrow:0.0025'), balance: '123456.78', sum: '308.64195' },
    { model: parseFinancing('interest:0.05'), balance: '-1000', sum: '50' },
    { model: parseFinancing('interest:0.05'), balance: '1000', sum: '0' },
    { model: parseFinancing('interest:0.05,credit=0.01'), balance: '1000', sum: '-10' },
    { model: parseFinancing('interest:0.05,credit=0.01,days=360'), balance: '-3600', sum: '182.5' },
    { model: parseBorrow('none'), balance: '1000', sum: '0' },
  ])('$model.specification on $balance is $sum to the last digit', ({ model, balance, sum }) => {
    model.reset();
    expect(total(model, money(balance), everyDay(365))).toBe(sum);
    model.reset();
    // Weeks of four nights and a weekend of three days, and the year's last day.
    expect(total(model, money(balance), [...Array.from({ length: 52 }, () => [1, 1, 1, 1, 3]).flat(), 1])).toBe(sum);
  });
});

describe('interest', () => {
  it('counts a weekend as three days', () => {
    expect(total(parseBorrow('borrow:0.0365'), money('1000'), [1])).toBe('0.1');
    expect(total(parseBorrow('borrow:0.0365'), money('1000'), [3])).toBe('0.3');
    expect(total(parseBorrow('borrow:0.0365'), money('1000'), [0])).toBe('0');
  });

  it('is never off by a unit, however balances and days vary', () => {
    const stretch = fc.tuple(fc.bigInt(0n, 10n ** 24n), fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 40 }), fc.constantFrom(360, 365), (stretches, year) => {
        const model = parseBorrow(`borrow:0.0275,days=${year}`);
        let charged = 0n;
        let exact = 0n;
        for (const [balance, days] of stretches) {
          charged += model.charge(new ScaledInteger(), new ScaledInteger().setBigInt(balance), days).toBigInt();
          exact += balance * 275n * BigInt(days);
          expect(charged).toBe(exact / (10_000n * BigInt(year)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps what is owed apart from what is earned', () => {
    const model = parseFinancing('interest:0.05,credit=0.01');
    const out = new ScaledInteger();
    expect(model.charge(out, money('-365'), 1).toString(8)).toBe('0.05');
    expect(model.charge(out, money('365'), 1).toString(8)).toBe('-0.01');
    expect(model.charge(out, money('0'), 1).toString(8)).toBe('0');
  });
});

describe('financing models', () => {
  it('are written the same way they are read', () => {
    for (const text of ['none', 'borrow:0.03', 'borrow:0.03,days=360']) {
      expect(parseBorrow(text).specification).toBe(text);
    }
    for (const text of ['none', 'interest:0.05', 'interest:0.05,credit=0.01,days=360']) {
      expect(parseFinancing(text).specification).toBe(text);
    }
  });

  it('say whether anything is to be paid', () => {
    expect([parseBorrow('none'), parseBorrow('borrow:0')].map(({ isFree }) => isFree)).toEqual([true, true]);
    expect(parseFinancing('interest:0,credit=0.01').isFree).toBe(false);
    expect(parseFinancing('interest:0').isFree).toBe(true);
  });

  it.each([
    [() => parseBorrow('borrow:3'), /has the rate 3, and rates are shares below 1\. For 3 % write 0\.03/],
    [() => parseBorrow('borrow:0.03,days=366'), /counts 366 days in a year\. Give days=360 or days=365/],
    [() => parseBorrow('interest:0.03'), /Unknown borrow cost/],
    [() => parseFinancing('interest:0.05,credit=2'), /has the rate 2/],
    [() => parseFinancing('interest:-0.05'), /non-negative/],
  ])('%s is refused', (parse, message) => {
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });
});
