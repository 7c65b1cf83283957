import { type Amount, toScaled } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Order, OrderOptions } from '../execution/order.js';
import type { Asset } from '../market/asset.js';
import { unknownAsset } from './portfolio-view.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { OrderApi } from './strategy.js';

const OPTION_KEYS = ['tag'] as const;

/** Returns the order functions of one account. All are bound to the broker. */
export function orderApi(broker: SimulatedBroker): OrderApi {
  const { scales } = broker.account;
  const quantityUnit = 10 ** scales.quantity;

  const lineOf = (asset: Asset): number => {
    const line = broker.lineOf(asset);
    if (line < 0) throw unknownAsset(asset, broker);
    return line;
  };

  /** Orders so many units, rounded towards zero to the lot. */
  const orderUnits = (line: number, units: ScaledInteger, options: OrderOptions | undefined): Order => {
    const tag = tagOf(options);
    roundToLot(units, broker.lines[line]!.scales.lot);
    const request = { kind: 'units', units } as const;
    if (units.isZero) {
      return broker.reject(line, request, tag, `it rounds to 0 units (lot ${broker.lines[line]!.view.asset.lot})`);
    }
    return broker.submit(line, request, tag);
  };

  /** Units worth an amount of money at the last known price, not yet rounded to the lot; undefined with no price. */
  const unitsWorth = (line: number, value: number): ScaledInteger | undefined => {
    const units = value / (broker.lastClose(line) * broker.lines[line]!.multiplier);
    if (!Number.isFinite(units)) return undefined;
    // To the nearest smallest unit first: 299.97 / 99.99 must buy 3, whatever the last bit of the quotient.
    const register = new ScaledInteger().setFloor(Math.abs(units) * quantityUnit + 0.5);
    return units < 0 ? register.negate() : register;
  };

  const orderWorth = (line: number, value: number, options: OrderOptions | undefined): Order => {
    const units = unitsWorth(line, value);
    if (units === undefined) {
      const nothing = { kind: 'units', units: new ScaledInteger() } as const;
      return broker.reject(line, nothing, tagOf(options), 'no price is known yet');
    }
    return orderUnits(line, units, options);
  };

  /** Orders what leads from the present position to a target. */
  const towards = (
    line: number,
    target: ScaledInteger | undefined,
    options: OrderOptions | undefined,
  ): Order | undefined => {
    broker.cancelAll(line);
    if (target === undefined) return undefined;
    const { book, scales: asset } = broker.lines[line]!;
    if (target.isZero) return book.held === 0 ? undefined : broker.submit(line, WHOLE, tagOf(options));
    const units = target.subtract(book.quantity);
    roundToLot(units, asset.lot);
    return units.isZero ? undefined : broker.submit(line, { kind: 'units', units }, tagOf(options));
  };

  const moneyOf = (amount: Amount, what: string): number =>
    toScaled(amount, scales.money, Rounding.HalfEven, what).toNumber(scales.money);
  const shareOf = (fraction: number, what: string): number => {
    if (!Number.isFinite(fraction)) {
      throw new UsageError('INVALID_AMOUNT', {
        message: `${what} needs a finite fraction such as 0.1, not ${String(fraction)}.`,
      });
    }
    return broker.value() * fraction;
  };

  const order = (asset: Asset, quantity: Amount, options?: OrderOptions): Order =>
    orderUnits(lineOf(asset), toScaled(quantity, scales.quantity, Rounding.Down, 'the quantity of order()'), options);

  return Object.freeze(
    Object.assign(order, {
      value: (asset: Asset, value: Amount, options?: OrderOptions): Order =>
        orderWorth(lineOf(asset), moneyOf(value, 'the value of order.value()'), options),
      percent: (asset: Asset, fraction: number, options?: OrderOptions): Order =>
        orderWorth(lineOf(asset), shareOf(fraction, 'order.percent()'), options),
      notional(asset: Asset, amount: Amount | 'all', options?: OrderOptions): Order {
        const line = lineOf(asset);
        const budget =
          amount === 'all'
            ? undefined
            : toScaled(amount, scales.money, Rounding.Down, 'the amount of order.notional()');
        if (budget !== undefined && budget.sign() <= 0) {
          throw new UsageError('INVALID_AMOUNT', {
            message: `order.notional() spends an amount above 0, not ${String(amount)}; sell with order.target() or order.close().`,
          });
        }
        return broker.submit(line, budget === undefined ? ALL : { kind: 'notional', budget }, tagOf(options));
      },
      target: (asset: Asset, quantity: Amount, options?: OrderOptions): Order | undefined =>
        towards(
          lineOf(asset),
          quantity === 0 ? NOTHING : toScaled(quantity, scales.quantity, Rounding.Down, TARGET),
          options,
        ),
      targetValue(asset: Asset, value: Amount, options?: OrderOptions): Order | undefined {
        const line = lineOf(asset);
        return towards(line, unitsWorth(line, moneyOf(value, 'the value of order.targetValue()')), options);
      },
      targetPercent(asset: Asset, fraction: number, options?: OrderOptions): Order | undefined {
        const line = lineOf(asset);
        return towards(line, unitsWorth(line, shareOf(fraction, 'order.targetPercent()')), options);
      },
      close: (asset: Asset): Order | undefined => towards(lineOf(asset), NOTHING, undefined),
      open: (asset?: Asset): readonly Order[] =>
        asset === undefined ? [...broker.working] : broker.working.filter((ticket) => ticket.asset.sid === asset.sid),
    }),
  );
}

const TARGET = 'the quantity of order.target()';
/** Of an order that leaves a position whole: nothing is written to a zero target. */
const NOTHING = new ScaledInteger();
const WHOLE = Object.freeze({ kind: 'position' } as const);
const ALL = Object.freeze({ kind: 'notional', budget: undefined } as const);

/** Rounds signed units towards zero to a multiple of the lot, in place. */
function roundToLot(units: ScaledInteger, lot: number): void {
  const isNegative = units.sign() < 0;
  if (isNegative) units.negate();
  units.floorToMultiple(lot);
  if (isNegative) units.negate();
}

function tagOf(options: OrderOptions | undefined): string | undefined {
  if (options === undefined) return undefined;
  rejectUnknownKeys('order', options, OPTION_KEYS);
  return options.tag;
}
