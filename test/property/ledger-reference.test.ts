import type { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { asSid } from '../../src/core/brand.js';
import { Rounding, ScaledInteger } from '../../src/core/scaled-integer.js';
import type { Asset } from '../../src/market/asset.js';
import { PositionBook } from '../../src/portfolio/book.js';
import { Ledger } from '../../src/portfolio/ledger.js';
import { DecimalLedger } from '../helpers/decimal-ledger.js';
import { expectSame } from '../helpers/same.js';

const asset: Asset = {
  sid: asSid(0),
  symbol: 'A',
  tick: 0.01,
  lot: 1,
  multiplier: 1,
  priceDecimals: 4,
  volumeDecimals: 0,
  currency: 'USD',
};

/** Units in 1e-8, prices and dividends in 1e-4, rates in 1e-6. */
type Step =
  | { readonly kind: 'buy' | 'sell'; readonly units: number; readonly ticks: number; readonly rate: number }
  | { readonly kind: 'close'; readonly ticks: number; readonly rate: number }
  | { readonly kind: 'split'; readonly percent: number; readonly ticks: number }
  | { readonly kind: 'dividend'; readonly ticks: number };

const upTo = (digits: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: digits }).chain((power) => fc.integer({ min: 1, max: 10 ** power }));
const rate = fc.constantFrom(0, 1000, 1250, 5);

/** `percent`: how many new units 100 old ones become. */
const steps = (units: fc.Arbitrary<number>, percent: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('buy', 'sell'), units, ticks: upTo(9), rate }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('close'), ticks: upTo(9), rate }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('split'), percent, ticks: upTo(8) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('dividend'), ticks: upTo(6) }) },
    ),
    { maxLength: 12 },
  );

/** Both ledgers, fed the same events: the fast one as an account feeds it, with amounts made by scaled integers. */
class Pair {
  readonly fast = new Ledger({ money: 8, quantity: 8 });
  readonly book = new PositionBook(asset);
  readonly reference: DecimalLedger;
  readonly #quantityDecimals: number;

  constructor(quantityDecimals: number) {
    this.#quantityDecimals = quantityDecimals;
    this.reference = new DecimalLedger({ cash: '1000000', quantityDecimals });
    this.fast.open(ScaledInteger.fromDecimalString('1000000', 8, 'exact'));
  }

  apply(step: Step): void {
    const price = (ticks: number): string => `${ticks}e-4`;
    if (step.kind === 'split') {
      this.#split(step.percent, step.ticks);
      this.reference.apply({ kind: 'split', asset: 'A', ratio: `${step.percent}/100`, price: price(step.ticks) });
    } else if (step.kind === 'dividend') {
      const income = new ScaledInteger().setProduct(this.book.quantity, step.ticks, 4, Rounding.HalfEven);
      this.fast.income(this.book, income, 'now');
      this.reference.apply({ kind: 'dividend', asset: 'A', amount: price(step.ticks) });
    } else if (step.kind !== 'close') {
      this.#trade(new ScaledInteger(step.kind === 'buy' ? step.units : -step.units), step.ticks, step.rate);
    } else if (!this.book.quantity.isZero) {
      this.#trade(this.book.quantity.clone().negate(), step.ticks, step.rate);
    }
  }

  #trade(signed: ScaledInteger, ticks: number, rate: number): void {
    const kind = signed.sign() > 0 ? 'buy' : 'sell';
    const units = kind === 'buy' ? signed.clone() : signed.clone().negate();
    const gross = new ScaledInteger().setProduct(units, ticks, 4, Rounding.HalfEven);
    const fee = new ScaledInteger().setProduct(gross, rate, 6, Rounding.HalfEven);
    this.fast.fill(this.book, signed, gross, fee);
    this.reference.apply({
      kind,
      asset: 'A',
      quantity: units.toString(8),
      price: `${ticks}e-4`,
      feeRate: `${rate}e-6`,
    });
  }

  #split(percent: number, ticks: number): void {
    const whole = new ScaledInteger().setProduct(this.book.quantity, percent, 2, Rounding.Down);
    const drop = 8 - this.#quantityDecimals;
    const kept = new ScaledInteger().setProduct(whole, 1, drop, Rounding.Down);
    kept.setProduct(kept, 10 ** drop, 0, Rounding.Down);
    const fraction = whole.subtract(kept);
    this.fast.split(this.book, kept, fraction, new ScaledInteger().setProduct(fraction, ticks, 4, Rounding.HalfEven));
  }

  expectEqual(): void {
    const same = (actual: ScaledInteger, expected: Decimal): void =>
      expectSame(actual.toString(8), expected.toFixed().replace(/^-0$/, '0'));
    const { reference, fast, book } = this;
    same(fast.cash, reference.cash);
    same(fast.fees, reference.fees);
    same(fast.realisedProfit, reference.realisedProfit);
    same(book.quantity, reference.position('A').quantity);
    same(book.cost, reference.position('A').cost);
    expectSame(book.held, reference.position('A').quantity.toNumber() + 0);
    const has = fast.cash.clone().add(fast.receivable).add(book.cost);
    const explained = fast.opening.clone().add(fast.realisedProfit).subtract(fast.fees);
    expectSame(has.equals(explained), true);
  }
}

describe('the ledger equals the reference after every event of a random stream', () => {
  it.each([
    { name: 'fractions of units', decimals: 8, units: upTo(13), percent: fc.constantFrom(200, 700) },
    {
      name: 'whole units, fractions paid out at splits',
      decimals: 0,
      units: upTo(7).map((count) => count * 10 ** 8),
      percent: fc.constantFrom(200, 150, 25, 5, 1),
    },
  ])('$name', ({ decimals, units, percent }) => {
    fc.assert(
      fc.property(steps(units, percent), (list) => {
        const pair = new Pair(decimals);
        for (const step of list) {
          pair.apply(step);
          pair.expectEqual();
        }
      }),
      { numRuns: 5000 },
    );
  });
});
