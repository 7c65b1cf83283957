import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asSid } from '../../src/core/brand.js';
import { Rounding, ScaledInteger } from '../../src/core/scaled-integer.js';
import { parseAccount } from '../../src/engine/account-options.js';
import { parseCommission } from '../../src/execution/models.js';
import type { OrderRequest } from '../../src/execution/ticket.js';
import type { Asset } from '../../src/market/asset.js';
import { PositionBook } from '../../src/portfolio/book.js';
import { type Exposure, MarginAccount } from '../../src/portfolio/margin-account.js';
import { DecimalLedger } from '../helpers/decimal-ledger.js';
import { expectSame } from '../helpers/same.js';

const Exact = Decimal.clone({ precision: 120 });
const { ROUND_HALF_EVEN, ROUND_FLOOR } = Decimal;
const SCALES = { money: 8, quantity: 8 };
const LOT = 100_000_000;
const TERMS = { price: 4, multiplier: { mantissa: 1, decimals: 0 }, point: 1, lot: LOT, step: 1 };

const assetOf = (sid: number, symbol: string): Asset => ({
  sid: asSid(sid),
  symbol,
  tick: 0.01,
  lot: 1,
  multiplier: 1,
  priceDecimals: 4,
  volumeDecimals: 0,
  currency: 'USD',
});

/** Two positions at the prices of their last trades. */
class LastTrades implements Exposure {
  readonly net = new ScaledInteger();
  readonly gross = new ScaledInteger();
  readonly books = [new PositionBook(assetOf(0, 'A')), new PositionBook(assetOf(1, 'B'))];
  readonly ticks = [10_000, 10_000];

  measure(except?: PositionBook): void {
    this.net.setNumber(0);
    this.gross.setNumber(0);
    for (const [index, book] of this.books.entries()) {
      if (book === except) continue;
      const worth = new ScaledInteger().setProduct(book.quantity, this.ticks[index]!, 4, Rounding.HalfEven);
      this.net.add(worth);
      if (worth.sign() < 0) this.gross.subtract(worth);
      else this.gross.add(worth);
    }
  }
}

const step = fc.record({
  asset: fc.constantFrom(0, 1),
  kind: fc.constantFrom('units', 'units', 'units', 'notional', 'all', 'position'),
  /** Lots, or units of 1e-8. */
  whole: fc.boolean(),
  size: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000 })),
  sells: fc.boolean(),
  ticks: fc.oneof(fc.integer({ min: 8_000, max: 13_000 }), fc.integer({ min: 1, max: 10 ** 7 })),
});
const kinds = ['margin', 'margin:leverage=3', 'margin:leverage=1', 'margin:initial=0.15,maintenance=0.1'];
const fees = ['none', 'percent:0.00125', 'per-share:0.005,min=1'];

it('opens what its buying power carries to the last unit, always closes, and keeps exact books', () => {
  let trimmed = 0;
  let refused = 0;
  let through = 0;
  let lent = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...kinds),
      fc.constantFrom(...fees),
      fc.constantFrom<'trim' | 'reject'>('trim', 'reject'),
      (steps, kind, commission, unaffordable) => {
        const model = parseCommission(commission);
        const terms = parseAccount(kind).terms!;
        const initial = new Exact(terms.initial.above).div(terms.initial.below);
        const account = new MarginAccount({ scales: SCALES, commission: model, unaffordable, terms });
        const trades = new LastTrades();
        account.measureBy(trades);
        account.ledger.open(ScaledInteger.fromDecimalString('1000', 8, 'exact'));
        const reference = new DecimalLedger({ cash: '1000' });
        const feeOf = (units: Decimal, price: Decimal): Decimal => {
          if (commission === 'none') return new Exact(0);
          if (commission.startsWith('percent')) return money(money(units.times(price)).times('0.00125'));
          return units.isZero() ? new Exact(0) : Exact.max(1, money(units.times('0.005')));
        };
        for (const { asset, kind: request, whole, size, sells, ticks } of steps) {
          const symbol = asset === 0 ? 'A' : 'B';
          const other = asset === 0 ? 'B' : 'A';
          const book = trades.books[asset]!;
          const price = new Exact(ticks).div(10_000);
          const held = new Exact(book.quantity.toString(8));
          // Buying power by hand: the trade may cost so much, fee included, with what it closes counted in.
          const otherWorth = money(
            reference
              .position(other)
              .quantity.times(trades.ticks[1 - asset]!)
              .div(10_000),
          );
          const worth = money(held.times(price));
          const equity = reference.cash.plus(otherWorth).plus(worth);
          const isSale = request === 'units' && sells;
          const power = equity.div(initial).toDecimalPlaces(8, ROUND_FLOOR).minus(otherWorth.abs());
          const direction = isSale ? -1 : 1;
          const limit = power.minus(worth.times(direction));
          const closable = Exact.max(0, held.times(-direction));
          const units = whole ? size * LOT : size;
          const order: OrderRequest =
            request === 'position'
              ? { kind: 'position' }
              : request === 'all'
                ? { kind: 'notional', budget: undefined }
                : request === 'notional'
                  ? { kind: 'notional', budget: new ScaledInteger(size * 10 ** 7) }
                  : { kind: 'units', units: new ScaledInteger(isSale ? -units : units) };
          const outcome = account.execute(book, order, ticks, ticks / 10_000, TERMS);
          if (outcome === 'filled' || outcome === 'trimmed') {
            const filled = new Exact(account.quantity.toString(8));
            const amount = filled.abs();
            const gross = money(amount.times(price));
            const fee = feeOf(amount, price);
            expectSame(account.gross.toString(8), gross.toFixed());
            expectSame(account.fee.toString(8), fee.toFixed());
            reference.apply({
              kind: filled.isNegative() ? 'sell' : 'buy',
              asset: symbol,
              quantity: amount.toFixed(),
              price: price.toFixed(),
              fee: fee.toFixed(),
            });
            // What opens is carried, fee included; what closes needs nothing.
            if (request !== 'position' && amount.gt(closable)) {
              expect(gross.plus(fee).lte(limit), `${gross} and ${fee} within ${limit}`).toBe(true);
            }
            if (request === 'position') expectSame(book.quantity.isZero, true);
            if (outcome === 'trimmed') {
              trimmed++;
              const next = amount.plus(request === 'units' && whole ? 1 : '1e-8');
              expect(money(next.times(price)).plus(feeOf(next, price)).gt(limit), 'one more is too much').toBe(true);
            } else if (request === 'units') expectSame(amount.toFixed(), new Exact(units).div(LOT).toFixed());
            if (held.times(reference.position(symbol).quantity).isNegative() && !held.isZero()) through++;
          } else {
            refused++;
            if (outcome === 'nothing-held') expectSame(held.isZero(), true);
            if (outcome === 'no-margin' && request === 'units') {
              const wanted = new Exact(units).div(LOT);
              expectSame(money(wanted.times(price)).plus(feeOf(wanted, price)).gt(limit), true);
              expectSame(wanted.gt(closable), true);
            }
          }
          trades.ticks[asset] = ticks;
          const { cash, realisedProfit, fees: paid } = account.ledger;
          expectSame(cash.toString(8), plain(reference.cash));
          expectSame(realisedProfit.toString(8), plain(reference.realisedProfit));
          expectSame(paid.toString(8), plain(reference.fees));
          expectSame(book.cost.toString(8), plain(reference.position(symbol).cost));
          expectSame(book.quantity.toString(8), plain(reference.position(symbol).quantity));
          expectSame(reference.unexplained.isZero(), true);
          lent += Number(cash.sign() < 0);
        }
      },
    ),
    { numRuns: 4_000 },
  );
  // The interesting cases were there.
  expect(Math.min(trimmed, refused, through, lent)).toBeGreaterThan(300);
});

const money = (value: Decimal): Decimal => value.toDecimalPlaces(8, ROUND_HALF_EVEN);
const plain = (value: Decimal): string => value.toFixed().replace(/^-0$/, '0');
