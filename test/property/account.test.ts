import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSid } from '../../src/core/brand.js';
import { ScaledInteger } from '../../src/core/scaled-integer.js';
import { parseCommission } from '../../src/execution/models.js';
import type { Asset } from '../../src/market/asset.js';
import type { Unaffordable } from '../../src/portfolio/account.js';
import { PositionBook } from '../../src/portfolio/book.js';
import { CashAccount } from '../../src/portfolio/cash-account.js';
import { fillFacts } from '../helpers/cost-inputs.js';

const asset: Asset = {
  sid: asSid(0),
  symbol: 'X',
  tick: 0.01,
  lot: 1,
  multiplier: 1,
  priceDecimals: 4,
  volumeDecimals: 0,
  currency: 'USD',
};
const decimals = { money: 8, quantity: 8 };
const terms = { price: 4, multiplier: { mantissa: 1, decimals: 0 }, point: 1, lot: 100_000_000, step: 1 };
const models = [
  'none',
  'percent:0.001',
  'percent:0.00125',
  'percent:0.5',
  'percent:0.001,min=1',
  'per-share:0.005',
  'per-share:0.005,min=1',
  'per-share:0.005,min=1,max-rate=0.01',
  'per-trade:4.95',
  'per-contract:0.85,exchange=0.5,min=2',
  'tiered-percent:0.01,1000=0.005,20000=0.0001',
  'tiered-per-share:0.01,100=0.005,300.5=0',
  'maker-taker:maker=-0.0001,taker=0.0004',
  'maker-taker:maker=0,taker=-0.0125',
];

function accountWith(cash: bigint, commission: string, unaffordable: Unaffordable = 'trim'): CashAccount {
  const account = new CashAccount({ scales: decimals, commission: parseCommission(commission), unaffordable });
  account.ledger.open(new ScaledInteger().setBigInt(cash));
  return account;
}

/** Half-even division of non-negative integers. */
function divide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const twice = (a - quotient * b) * 2n;
  return twice > b || (twice === b && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** Cost and fee of so many 1e-8 units at a price in 1e-4, in 1e-8 money. */
function total(units: bigint, ticks: bigint, commission: string): bigint {
  const gross = divide(units * ticks, 10_000n);
  const fee = parseCommission(commission).charge(
    new ScaledInteger(),
    new ScaledInteger().setBigInt(gross),
    new ScaledInteger().setBigInt(units),
    decimals,
    fillFacts(),
  );
  return gross + fee.toBigInt();
}

const cash = fc.oneof(fc.bigInt(1n, 10n ** 10n), fc.bigInt(10n ** 10n, 10n ** 18n), fc.bigInt(10n ** 18n, 10n ** 24n));
const ticks = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.integer({ min: 1000, max: 10 ** 7 }),
  fc.integer({ min: 10 ** 7, max: 10 ** 10 }),
);

describe('sizing an order to cash', () => {
  it('spends all it can and never more: the next smallest unit would not be paid', () => {
    fc.assert(
      fc.property(cash, ticks, fc.constantFrom(...models), (free, price, commission) => {
        const account = accountWith(free, commission);
        const book = new PositionBook(asset);
        const outcome = account.execute(book, { kind: 'notional', budget: undefined }, price, price / 1e4, terms);
        const units = book.quantity.toBigInt();
        expect(total(units, BigInt(price), commission)).toBeLessThanOrEqual(free);
        expect(total(units + 1n, BigInt(price), commission)).toBeGreaterThan(free);
        expect(outcome).toBe(units === 0n ? 'no-cash' : 'filled');
        expect(account.ledger.cash.toBigInt()).toBe(
          free - (units === 0n ? 0n : total(units, BigInt(price), commission)),
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('trims whole lots to whole lots', () => {
    fc.assert(
      fc.property(
        cash,
        ticks,
        fc.constantFrom(...models),
        fc.integer({ min: 1, max: 10 ** 9 }),
        (free, price, commission, lots) => {
          const account = accountWith(free, commission);
          const book = new PositionBook(asset);
          const units = BigInt(lots) * 100_000_000n;
          const outcome = account.execute(
            book,
            { kind: 'units', units: new ScaledInteger().setBigInt(units) },
            price,
            price / 1e4,
            terms,
          );
          const held = book.quantity.toBigInt();
          expect(held % 100_000_000n).toBe(0n);
          expect(total(held, BigInt(price), commission)).toBeLessThanOrEqual(free);
          if (held === units) expect(outcome).toBe('filled');
          else {
            expect(total(held + 100_000_000n, BigInt(price), commission)).toBeGreaterThan(free);
            expect(outcome).toBe(held === 0n ? 'no-cash' : 'trimmed');
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('a cash account', () => {
  const units = (count: number): { kind: 'units'; units: ScaledInteger } => ({
    kind: 'units',
    units: ScaledInteger.fromDecimalString(String(count), 8, 'exact'),
  });

  it('rejects what it cannot pay when told to', () => {
    const account = accountWith(1_000n * 10n ** 8n, 'percent:0.001', 'reject');
    const book = new PositionBook(asset);
    expect(account.execute(book, units(10), 1_000_000, 100, terms)).toBe('no-cash');
    expect(account.execute(book, units(9), 1_000_000, 100, terms)).toBe('filled');
    expect(account.ledger.cash.toString(8)).toBe('99.1');
  });

  it('sells only what it holds', () => {
    const account = accountWith(1_000n * 10n ** 8n, 'none');
    const book = new PositionBook(asset);
    expect(account.execute(book, units(-1), 1_000_000, 100, terms)).toBe('nothing-held');
    account.execute(book, units(5), 1_000_000, 100, terms);
    expect(account.execute(book, units(-7), 1_100_000, 110, terms)).toBe('trimmed');
    expect(account.quantity.toString(8)).toBe('-5');
    expect(account.ledger.cash.toString(8)).toBe('1050');
    expect(account.ledger.realisedProfit.toString(8)).toBe('50');
    expect(account.ledger.trades).toBe(1);
  });

  it('does not sell at a fee that it cannot pay', () => {
    const account = accountWith(101n * 10n ** 8n, 'per-share:0.01,min=50');
    const book = new PositionBook(asset);
    expect(account.execute(book, { kind: 'units', units: new ScaledInteger(50_000_000) }, 1_000_000, 100, terms)).toBe(
      'filled',
    );
    expect(account.ledger.cash.toString(8)).toBe('1');
    expect(account.execute(book, units(-0.5), 10_000, 1, terms)).toBe('fee-exceeds-cash');
    expect(book.held).toBe(0.5);
  });
});
