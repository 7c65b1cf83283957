import { type Amount, toScaled } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Order, OrderChange, OrderOptions } from '../execution/order.js';
import { roundToTick } from '../execution/tick-rounding.js';
import { ALL, isBuy, type OrderRequest, OrderTicket, WHOLE } from '../execution/ticket.js';
import type { Asset } from '../market/asset.js';
import { SHARE_DECIMALS } from '../portfolio/account.js';
import { misplacedExit, priceOf, readOrder, saysMore, tickOf } from './order-reading.js';
import { unknownAsset } from './portfolio-view.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { BuyingPowerShare, OrderApi } from './strategy.js';

/** Returns the order functions of one account. All are bound to the broker. */
export function orderApi(broker: SimulatedBroker): OrderApi {
  return ordersOf(broker, broker.onlyAsset);
}

/** Plain parameters, because the closures over them need no check that they have been initialised. */
function ordersOf(broker: SimulatedBroker, onlyAsset: Asset): OrderApi {
  const { scales } = broker.account;
  const quantityUnit = 10 ** scales.quantity;

  const lineOf = (asset: Asset): number => {
    const line = broker.lineOf(asset);
    if (line < 0) throw unknownAsset(asset, broker);
    return line;
  };

  /** The step of orders in units, in quantity decimals: the lot, or a whole unit where the run trades no less. */
  const stepIn = (line: number): number => {
    const { lot, step } = broker.lines[line]!.scales;
    return Math.max(lot, step);
  };

  /** Gives an order; an order with a price, a duration or exits is read first, and refused where they make no sense. */
  const give = (line: number, request: OrderRequest, buys: boolean, options: OrderOptions | undefined): OrderTicket => {
    const { book, view, tickScale } = broker.lines[line]!;
    if (options === undefined || !saysMore(options)) return broker.submit(book, request, options?.tag);
    const quote = { asset: view.asset, last: Math.round(broker.valuation.lastClose(line) * tickScale) };
    const reading = readOrder({ timeInForce: broker.timeInForce, ...options }, buys, quote);
    const misplaced = misplacedExit(reading, buys, quote);
    if (misplaced !== undefined) return broker.reject(line, request, options.tag, misplaced);
    if (reading.terms.trailing !== undefined && Number.isNaN(quote.last)) {
      return broker.reject(line, request, options.tag, 'no price is known yet that its stop could trail');
    }
    return broker.submit(book, request, options.tag, reading);
  };

  /** Orders so many units, rounded towards zero to the lot. */
  const orderUnits = (line: number, units: ScaledInteger, options: OrderOptions | undefined): Order => {
    roundToLot(units, stepIn(line));
    const request = { kind: 'units', units } as const;
    if (units.isZero) {
      if (options !== undefined) saysMore(options);
      const reason = `it rounds to 0 units (lot ${stepIn(line) / quantityUnit})`;
      return broker.reject(line, request, options?.tag, reason);
    }
    return give(line, request, units.sign() > 0, options);
  };

  /** Units worth an amount of money at the last known price, not yet rounded to the lot; undefined with no price. */
  const unitsWorth = (line: number, value: number): ScaledInteger | undefined => {
    const units = value / (broker.valuation.lastClose(line) * broker.lines[line]!.multiplier);
    if (!Number.isFinite(units)) return undefined;
    // To the nearest smallest unit first: 299.97 / 99.99 must buy 3, whatever the last bit of the quotient.
    const register = new ScaledInteger().setFloor(Math.abs(units) * quantityUnit + 0.5);
    return units < 0 ? register.negate() : register;
  };

  const orderWorth = (line: number, value: number, options: OrderOptions | undefined): Order => {
    const units = unitsWorth(line, value);
    if (units === undefined) {
      const nothing = { kind: 'units', units: new ScaledInteger() } as const;
      if (options !== undefined) saysMore(options);
      return broker.reject(line, nothing, options?.tag, 'no price is known yet');
    }
    return orderUnits(line, units, options);
  };

  /** Units held once the orders that are on their way have filled; of one for money nobody knows how many. */
  const expectedUnits = (held: ScaledInteger, onTheWay: readonly OrderTicket[]): ScaledInteger => {
    if (onTheWay.length === 0) return held;
    const units = new ScaledInteger().set(held);
    for (const { request } of onTheWay) {
      if (request.kind === 'position') units.set(NOTHING);
      else if (request.kind === 'units') units.add(request.units);
    }
    return units;
  };

  /** Orders what leads from the present position to a target. */
  const towards = (
    line: number,
    target: ScaledInteger | undefined,
    options: OrderOptions | undefined,
  ): Order | undefined => {
    broker.cancelAll(line, 'entries');
    if (target === undefined) return undefined;
    const { book } = broker.lines[line]!;
    const onTheWay = broker.onTheWay(line);
    if (target.isZero) {
      const last = onTheWay.at(-1);
      if (last?.request.kind === 'position') return last;
      return book.held === 0 && last === undefined ? undefined : give(line, WHOLE, book.held < 0, options);
    }
    const units = target.subtract(expectedUnits(book.quantity, onTheWay));
    roundToLot(units, stepIn(line));
    return units.isZero ? undefined : give(line, { kind: 'units', units }, units.sign() > 0, options);
  };

  function aim(asset: Asset, quantity: Amount, options: OrderOptions | undefined): Order | undefined {
    return towards(
      lineOf(asset),
      quantity === 0 ? NOTHING : toScaled(quantity, scales.quantity, Rounding.Down, 'the quantity of order.target()'),
      options,
    );
  }

  function invest(line: number, { share }: BuyingPowerShare, options: OrderOptions | undefined): Order {
    const size = toScaled(share, SHARE_DECIMALS, Rounding.Down, 'the share of order.notional()');
    if (size.isZero || Math.abs(size.toNumber(SHARE_DECIMALS)) > 1) {
      throw new UsageError('INVALID_AMOUNT', {
        message: `order.notional() takes a share of the buying power from -1 to 1, not ${String(share)}: 0.5 buys for half of it, -0.5 sells short.`,
      });
    }
    return give(line, { kind: 'share', share: size }, size.sign() > 0, options);
  }

  function spend(asset: Asset, amount: Amount | 'all' | BuyingPowerShare, options: OrderOptions | undefined): Order {
    const line = lineOf(asset);
    if (isShare(amount)) return invest(line, amount, options);
    const budget =
      amount === 'all' ? undefined : toScaled(amount, scales.money, Rounding.Down, 'the amount of order.notional()');
    if (budget !== undefined && budget.sign() <= 0) {
      throw new UsageError('INVALID_AMOUNT', {
        message: `order.notional() spends an amount above 0, not ${String(amount)}; sell with order.target() or order.close().`,
      });
    }
    return give(line, budget === undefined ? ALL : { kind: 'notional', budget }, true, options);
  }

  const readChange = (ticket: OrderTicket, { quantity, limit, stop }: OrderChange) => {
    const { view } = broker.lines[ticket.line]!;
    const { request, terms } = ticket;
    const buys = isBuy(request, 0);
    const tick = tickOf(view.asset);
    const has = (price: number | undefined, what: string, present: number | undefined): void => {
      if (price === undefined || (present !== undefined && !Number.isNaN(present))) return;
      throw new UsageError('INVALID_ORDER', {
        message: `${ticket.id} has no ${what} that could be replaced; a trailing stop follows the market, and an exit has its price from the fill of its entry. Cancel it and give another order.`,
      });
    };
    const units =
      quantity === undefined
        ? undefined
        : toScaled(quantity, scales.quantity, Rounding.Down, 'the quantity of order.replace()');
    if (
      units !== undefined &&
      (request.kind !== 'units' || terms?.isExit === true || units.sign() !== request.units.sign())
    ) {
      throw new UsageError('INVALID_ORDER', {
        message: `The quantity of ${ticket.id} cannot become ${String(quantity)}: only an entry in units can have more or fewer, on its own side.`,
      });
    }
    if (units !== undefined) roundToLot(units, stepIn(ticket.line));
    const atLimit = limit === undefined ? undefined : roundToTick(priceOf(limit, 'limit', view.asset), tick, buys);
    const atStop = stop === undefined ? undefined : roundToTick(priceOf(stop, 'stop', view.asset), tick, !buys);
    has(atLimit, 'limit', terms?.limit);
    has(atStop, 'stop', terms?.trailing === undefined ? terms?.stop : Number.NaN);
    return {
      ...(units === undefined ? {} : { units }),
      ...(atLimit === undefined ? {} : { limit: atLimit }),
      ...(atStop === undefined ? {} : { stop: atStop }),
    };
  };

  const moneyOf = (amount: Amount, what: string): number =>
    toScaled(amount, scales.money, Rounding.HalfEven, what).toNumber(scales.money);
  const shareOf = (fraction: number, what: string): number => {
    if (!Number.isFinite(fraction)) {
      throw new UsageError('INVALID_AMOUNT', {
        message: `${what} needs a finite fraction such as 0.1, not ${String(fraction)}.`,
      });
    }
    return broker.valuation.value() * fraction;
  };

  const order = (asset: Asset, quantity: Amount, options?: OrderOptions): Order =>
    orderUnits(lineOf(asset), toScaled(quantity, scales.quantity, Rounding.Down, 'the quantity of order()'), options);

  return Object.freeze(
    Object.assign(order, {
      value: (asset: Asset, value: Amount, options?: OrderOptions): Order =>
        orderWorth(lineOf(asset), moneyOf(value, 'the value of order.value()'), options),
      percent: (asset: Asset, fraction: number, options?: OrderOptions): Order =>
        orderWorth(lineOf(asset), shareOf(fraction, 'order.percent()'), options),
      // The two orders that sleeves give most go a short way: see SimulatedBroker.spendAllOnly.
      notional: (asset: Asset, amount: Amount | 'all' | BuyingPowerShare, options?: OrderOptions): Order =>
        asset === onlyAsset && amount === 'all' && options === undefined
          ? broker.spendAllOnly()
          : spend(asset, amount, options),
      target: (asset: Asset, quantity: Amount, options?: OrderOptions): Order | undefined =>
        asset === onlyAsset && quantity === 0 && options === undefined
          ? broker.leaveOnly()
          : aim(asset, quantity, options),
      targetValue(asset: Asset, value: Amount, options?: OrderOptions): Order | undefined {
        const line = lineOf(asset);
        return towards(line, unitsWorth(line, moneyOf(value, 'the value of order.targetValue()')), options);
      },
      targetPercent(asset: Asset, fraction: number, options?: OrderOptions): Order | undefined {
        const line = lineOf(asset);
        return towards(line, unitsWorth(line, shareOf(fraction, 'order.targetPercent()')), options);
      },
      close(asset: Asset): Order | undefined {
        const line = lineOf(asset);
        broker.cancelAll(line);
        return towards(line, NOTHING, undefined);
      },
      replace(order: Order, change: OrderChange): Order {
        const ticket = ticketOf(order, 'order.replace()');
        if (ticket.status !== 'working') throw notWorking(ticket, 'replaced');
        rejectUnknownKeys('order.replace()', change, ['quantity', 'limit', 'stop']);
        broker.replace(ticket, readChange(ticket, change));
        return ticket;
      },
      oneCancelsOther(...orders: readonly Order[]): void {
        const tickets = orders.map((order) => ticketOf(order, 'order.oneCancelsOther()'));
        const done = tickets.find(({ status }) => status === 'filled');
        if (done !== undefined) throw notWorking(done, 'paired');
        broker.pair(tickets);
      },
      open(asset?: Asset): readonly Order[] {
        broker.settle();
        const { working } = broker;
        return asset === undefined ? [...working] : working.filter((ticket) => ticket.asset.sid === asset.sid);
      },
    }),
  );
}

/** Of an order that leaves a position whole: nothing is written to a zero target. */
const NOTHING = new ScaledInteger();

const isShare = (amount: Amount | 'all' | BuyingPowerShare): amount is BuyingPowerShare => {
  if (typeof amount !== 'object' || amount === null || !('share' in amount)) return false;
  rejectUnknownKeys('order.notional()', amount, ['share']);
  return true;
};

/** Rounds signed units towards zero to a multiple of the lot, in place. */
function roundToLot(units: ScaledInteger, lot: number): void {
  const isNegative = units.sign() < 0;
  if (isNegative) units.negate();
  units.floorToMultiple(lot);
  if (isNegative) units.negate();
}

/** The broker's side of a handle. Throws UsageError for anything else. */
function ticketOf(order: Order, what: string): OrderTicket {
  if (order instanceof OrderTicket) return order;
  throw new UsageError('INVALID_ARGUMENT', {
    message: `${what} takes orders that this run gave, not ${typeof order}.`,
  });
}

function notWorking({ id, status }: OrderTicket, done: string): UsageError {
  return new UsageError('NOT_WORKING', {
    message: `${id} is ${status} and cannot be ${done}. Ask for its status first.`,
    details: { order: id, status },
  });
}
