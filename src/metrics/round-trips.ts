import { assertOneOf } from '../core/assert.js';
import { Decimal } from '../core/decimal.js';

/**
 * Which units a closing fill closes: the oldest first, an equal share of all at their average price, or by `tag` the oldest of those that were
 * opened under the fill's own tag. By tag, trades of one asset are told apart although the account nets them, even in opposite directions; a fill
 * without a tag closes the oldest of all.
 */
export type RoundTripMethod = 'fifo' | 'average-cost' | 'tag';

/** What happened to a position, in the order of events. Rows ascend; they are the caller's. */
export type TripEvent = { readonly row: number; readonly time: number } & (
  | {
      readonly kind: 'fill';
      /** Signed units, not 0. */
      readonly quantity: Decimal;
      readonly price: Decimal;
      /** Negative for a rebate. */
      readonly fee: Decimal;
      /** The tag of its order. */
      readonly tag?: string | undefined;
    }
  | {
      readonly kind: 'split';
      /** `numerator / denominator` new units for an old one. */
      readonly numerator: Decimal;
      readonly denominator: Decimal;
      /** A holding of whole lots stays one, any other is held in `unit`s; what is left over is paid out at `price`, in new units. */
      readonly lot: Decimal;
      readonly unit: Decimal;
      readonly price: Decimal;
    }
  | {
      readonly kind: 'income';
      /** Money for one unit; what a short position pays. */
      readonly amount: Decimal;
    }
);

/** Units bought and sold again, or sold and bought back. */
export interface RoundTrip {
  readonly side: 'long' | 'short';
  /** Units, above 0, as they were at the exit. */
  readonly quantity: Decimal;
  readonly entryRow: number;
  readonly entryTime: number;
  /** Mean price of a unit as it was at the exit, splits applied. */
  readonly entryPrice: number;
  readonly exitRow: number;
  readonly exitTime: number;
  readonly exitPrice: number;
  /** The prices as decimals, the mean one to 64 digits. */
  readonly exact: { readonly entryPrice: Decimal; readonly exitPrice: Decimal };
  /** Of entry and exit. */
  readonly commission: Decimal;
  /** Income included, net of commission. */
  readonly profit: Decimal;
  /** Profit over the money at entry. */
  readonly return: number;
  /** `exitRow - entryRow`. */
  readonly bars: number;
}

interface Lot {
  readonly side: RoundTrip['side'];
  readonly tag: string | undefined;
  /** Above 0. */
  quantity: Decimal;
  /** Price times quantity, summed over entries. */
  cost: Decimal;
  /** Of a unit, while all have one. */
  price: Decimal | undefined;
  fees: Decimal;
  income: Decimal;
  readonly row: number;
  readonly time: number;
}

const ZERO = new Decimal(0);
const METHODS: readonly RoundTripMethod[] = ['fifo', 'average-cost', 'tag'];

/**
 * Returns the closed round trips of one position from what happened to it, in the order of their ends. Money is exact,
 * to 64 digits where an amount is shared. A fill through zero closes and opens; its fee is shared by quantity. What is still open
 * at the end is no round trip.
 *
 * @param method which entry an exit is matched with. @defaultValue 'fifo'
 * @param multiplier money for a point of one unit. @defaultValue 1
 * @throws UsageError `INVALID_OPTION` for another method
 */
export function roundTrips(
  events: readonly TripEvent[],
  method: RoundTripMethod = 'fifo',
  multiplier: Decimal = new Decimal(1),
): RoundTrip[] {
  assertOneOf('method', method, METHODS);
  const trips: RoundTrip[] = [];
  let lots: Lot[] = [];

  function enter(lot: Lot): void {
    const [held] = lots;
    if (method !== 'average-cost' || held === undefined) {
      lots.push(lot);
      return;
    }
    held.cost = held.cost.plus(lot.cost);
    held.price = undefined;
    held.quantity = held.quantity.plus(lot.quantity);
    held.fees = held.fees.plus(lot.fees);
  }

  /** Closes units of some lots, at most those that they hold. */
  function leave(
    from: readonly Lot[],
    row: number,
    time: number,
    quantity: Decimal,
    price: Decimal,
    fee: Decimal,
  ): void {
    let left = quantity;
    for (const lot of from) {
      if (!left.greaterThan(0)) break;
      const part = smallerOf(left, lot.quantity);
      const [cost, fees, income] = takeOut(lot, part);
      const entryPrice = lot.price ?? cost.div(part);
      const commission = fees.plus(shareOf(fee, part, quantity));
      const moved = lot.side === 'long' ? price.times(part).minus(cost) : cost.minus(price.times(part));
      const profit = moved.times(multiplier).plus(income).minus(commission);
      trips.push({
        side: lot.side,
        quantity: part,
        entryRow: lot.row,
        entryTime: lot.time,
        entryPrice: entryPrice.toNumber(),
        exitRow: row,
        exitTime: time,
        exitPrice: price.toNumber(),
        exact: { entryPrice, exitPrice: price },
        commission,
        profit,
        return: profit.div(cost.times(multiplier)).toNumber(),
        bars: row - lot.row,
      });
      left = left.minus(part);
    }
    lots = lots.filter((lot) => !lot.quantity.isZero());
  }

  /** Signed units of all lots: what the account holds. */
  const net = (): Decimal => lots.reduce((sum, { quantity, side }) => sum.plus(quantity.times(signOf(side))), ZERO);

  for (const event of events) {
    const { row, time } = event;
    if (event.kind === 'income') {
      for (const lot of lots) lot.income = lot.income.plus(event.amount.times(lot.quantity).times(signOf(lot.side)));
    } else if (event.kind === 'split') {
      const step = net().mod(event.lot).isZero() ? event.lot : event.unit;
      for (const lot of lots) {
        lot.quantity = lot.quantity.times(event.numerator).div(event.denominator);
        lot.price = undefined;
      }
      const fraction = net().abs().mod(step);
      const held = net().greaterThan(0) ? 'long' : 'short';
      const own = lots.filter(({ side }) => side === held);
      // What is less than the smallest unit is worth nothing that could be listed.
      if (fraction.greaterThanOrEqualTo(event.unit)) leave(own, row, time, fraction, event.price, ZERO);
      else if (fraction.greaterThan(0)) own[0]!.quantity = own[0]!.quantity.minus(fraction);
    } else {
      const side = event.quantity.greaterThan(0) ? 'long' : 'short';
      const size = event.quantity.abs();
      const { tag } = event;
      const closable = lots.filter(
        (lot) => lot.side !== side && (method !== 'tag' || tag === undefined || lot.tag === tag),
      );
      const open = closable.reduce((sum, lot) => sum.plus(lot.quantity), ZERO);
      const closing = smallerOf(size, open);
      const fee = shareOf(event.fee, closing, size);
      if (closing.greaterThan(0)) leave(closable, row, time, closing, event.price, fee);
      const quantity = size.minus(closing);
      if (quantity.greaterThan(0)) {
        const cost = quantity.times(event.price);
        enter({ side, tag, quantity, cost, price: event.price, fees: event.fee.minus(fee), income: ZERO, row, time });
      }
    }
  }
  return trips;
}

const signOf = (side: RoundTrip['side']): 1 | -1 => (side === 'long' ? 1 : -1);

const smallerOf = (a: Decimal, b: Decimal): Decimal => (b.lessThan(a) ? b : a);

/** The share of an amount that some of the units have; dividing is most of the time of a trade, and mostly they are all. */
const shareOf = (amount: Decimal, part: Decimal, units: Decimal): Decimal =>
  part.equals(units) ? amount : amount.times(part).div(units);

/** Takes units out of a lot, with their share of what it holds: the last ones take all that is left. */
function takeOut(lot: Lot, part: Decimal): readonly [cost: Decimal, fees: Decimal, income: Decimal] {
  const share = (amount: Decimal): Decimal => shareOf(amount, part, lot.quantity);
  const parts = [share(lot.cost), share(lot.fees), share(lot.income)] as const;
  lot.cost = lot.cost.minus(parts[0]);
  lot.fees = lot.fees.minus(parts[1]);
  lot.income = lot.income.minus(parts[2]);
  lot.quantity = lot.quantity.minus(part);
  return parts;
}
