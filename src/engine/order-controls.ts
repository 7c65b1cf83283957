import { type Amount, toScaled } from '../core/decimal.js';
import { RunError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { formatInstant } from '../core/time.js';
import type { OrderRequest, OrderTicket } from '../execution/ticket.js';
import type { BarTimes } from '../market/bar-axis.js';
import { type SessionAxis, sessionAxis } from '../market/session-axis.js';
import { SHARE_DECIMALS } from '../portfolio/account.js';
import type { Clock } from './clock.js';
import type { ControlName, TradingControls } from './control-options.js';
import type { SimulatedBroker } from './simulated-broker.js';

/** The error that ends a run at a breach: it passes through the strategy's handlers as it is. */
export const CONTROL_BREACHED = 'CONTROL_BREACHED';

/** One control's breaches in a run that goes on. */
export interface Breaches {
  readonly control: ControlName;
  readonly limit: string;
  readonly count: number;
  /** Axis row of the first. */
  readonly row: number;
  /** What the first one would have done. */
  readonly first: string;
}

/** Holds one account's orders and fills against the controls of its strategy. */
export class OrderControls {
  /** Why the run has to end, whatever the strategy made of the error. */
  stopped: RunError | undefined = undefined;
  readonly #controls: TradingControls;
  readonly #broker: SimulatedBroker;
  readonly #clock: Clock;
  readonly #times: ReadonlyFloat64Array;
  readonly #sessions: SessionAxis;
  /** Axis row of the run's first bar. */
  readonly #from: number;
  readonly #restricted: ReadonlySet<string>;
  readonly #maxPosition: ScaledInteger | undefined;
  readonly #maxOrderSize: ScaledInteger | undefined;
  #breaches = new Map<ControlName, Breaches>();
  #orders = 0;
  #ordersToday = 0;
  #lastRow = -1;

  constructor(options: {
    readonly controls: TradingControls;
    readonly broker: SimulatedBroker;
    readonly clock: Clock;
    readonly axis: BarTimes;
    readonly from: number;
  }) {
    const { controls, broker } = options;
    this.#controls = controls;
    this.#broker = broker;
    this.#clock = options.clock;
    this.#times = options.axis.times;
    this.#sessions = sessionAxis(options.axis);
    this.#from = options.from;
    this.#restricted = new Set(controls.restricted);
    const { quantity } = broker.account.scales;
    const units = (limit: Amount | undefined, name: string): ScaledInteger | undefined =>
      limit === undefined ? undefined : toScaled(limit, quantity, Rounding.Down, `the control ${name}`);
    this.#maxPosition = units(controls.maxPosition, 'maxPosition');
    this.#maxOrderSize = units(controls.maxOrderSize, 'maxOrderSize');
  }

  /** Starts a run without orders and breaches. */
  start(): void {
    this.stopped = undefined;
    this.#breaches = new Map();
    this.#orders = 0;
    this.#ordersToday = 0;
    this.#lastRow = -1;
  }

  /** The breaches of a run that went on, in the order of their first ones. */
  get breaches(): readonly Breaches[] {
    return [...this.#breaches.values()];
  }

  /** Judges an order before it is taken. Throws RunError `CONTROL_BREACHED` where breaches stop the run. */
  check(line: number, request: OrderRequest): void {
    const { maxOrders, maxOrdersPerDay } = this.#controls;
    const { asset } = this.#broker.lines[line]!.view;
    const order = `an order of ${asset.symbol}`;
    const row = this.#row();
    this.#orders++;
    this.#ordersToday =
      this.#lastRow >= 0 && this.#sessions.openOf(this.#lastRow) === this.#sessions.openOf(row)
        ? this.#ordersToday + 1
        : 1;
    this.#lastRow = row;
    if (this.#restricted.has(asset.symbol)) this.#breach('restricted', order, asset.symbol);
    if (maxOrders !== undefined && this.#orders > maxOrders) {
      this.#breach('maxOrders', `${order}, number ${this.#orders} of the run`, maxOrders);
    }
    if (maxOrdersPerDay !== undefined && this.#ordersToday > maxOrdersPerDay) {
      this.#breach('maxOrdersPerDay', `${order}, number ${this.#ordersToday} of the day`, maxOrdersPerDay);
    }
    this.#checkUnits(line, request, order, this.#projected(line));
  }

  /** Judges other units of an order that works, on which nothing else changes. Throws RunError `CONTROL_BREACHED` where breaches stop the run. */
  checkReplacement(ticket: OrderTicket, units: ScaledInteger): void {
    const before = this.#projected(ticket.line, ticket);
    const filled =
      ticket.terms === undefined ? undefined : this.#unitsOf(ticket.line, ticket.request).subtract(ticket.terms.left);
    const left = filled === undefined ? units.clone() : units.clone().subtract(filled);
    this.#checkUnits(
      ticket.line,
      { kind: 'units', units },
      `the replaced order ${ticket.id} of ${ticket.asset.symbol}`,
      before,
      left,
    );
  }

  /** Judges the size of an order, and the position that it leads to from what is there `before`, once `left` of it has filled. */
  #checkUnits(
    line: number,
    request: OrderRequest,
    order: string,
    before: ScaledInteger,
    left = this.#unitsOf(line, request),
  ): void {
    const { longOnly, maxOrderValue, maxLeverage } = this.#controls;
    if (this.#isUnpriced(line)) this.#refuseUnmeasured(request, order);
    const size = absolute(this.#unitsOf(line, request));
    if (this.#maxOrderSize !== undefined && size.compare(this.#maxOrderSize) > 0) {
      this.#breach('maxOrderSize', `${order} of ${this.#text(size)} units`, String(this.#controls.maxOrderSize));
    }
    if (maxOrderValue !== undefined) this.#checkValue(line, request, size, maxOrderValue);
    const after = before.clone().add(left);
    if (longOnly && after.sign() < 0) {
      this.#breach('longOnly', `${order} that leads to ${this.#text(after)} units`, 'true');
    }
    if (this.#maxPosition !== undefined && absolute(after).compare(this.#maxPosition) > 0 && widens(before, after)) {
      const what = `${order} that leads to ${this.#text(after)} units`;
      this.#breach('maxPosition', what, String(this.#controls.maxPosition));
    }
    if (maxLeverage !== undefined && widens(before, after)) {
      this.#checkLeverage(maxLeverage, order, (index) =>
        (index === line ? after : this.#projected(index)).toNumber(this.#broker.account.scales.quantity),
      );
    }
  }

  /**
   * Judges an order of an asset without a price yet by what cannot be measured of it: nothing would hold it when it fills at the first bar, so it is a
   * breach. Leverage alone is judged again at the fill, and an order that closes has nothing to close.
   */
  #refuseUnmeasured(request: OrderRequest, order: string): void {
    const { longOnly, maxOrderValue } = this.#controls;
    const { kind } = request;
    const hasUnits = kind === 'units' || kind === 'position';
    const hasValue = kind === 'position' || (kind === 'notional' && request.budget !== undefined);
    const unknown = `${order} of unknown size before its first price`;
    if (this.#maxOrderSize !== undefined && !hasUnits) {
      this.#breach('maxOrderSize', unknown, String(this.#controls.maxOrderSize));
    }
    if (maxOrderValue !== undefined && !hasValue) {
      this.#breach('maxOrderValue', `${order} of unknown worth before its first price`, String(maxOrderValue));
    }
    if (longOnly && kind === 'share' && request.share.sign() < 0) this.#breach('longOnly', unknown, 'true');
    if (this.#maxPosition !== undefined && !hasUnits) {
      this.#breach('maxPosition', unknown, String(this.#controls.maxPosition));
    }
  }

  /** Judges what an account carries after a fill that opened or widened a position, at the price of the fill. */
  checkFill(line: number, price: number): void {
    const { maxLeverage } = this.#controls;
    if (maxLeverage === undefined) return;
    const { lines } = this.#broker;
    const { symbol } = lines[line]!.view.asset;
    const held = (index: number): number => lines[index]!.book.held;
    this.#checkLeverage(maxLeverage, `a fill of ${symbol} at ${price}`, held, { line, price });
  }

  #checkValue(line: number, request: OrderRequest, size: ScaledInteger, limit: Amount): void {
    const { account, lines } = this.#broker;
    const { money, quantity } = account.scales;
    const { view, multiplier } = lines[line]!;
    const most = toScaled(limit, money, Rounding.Down, 'the control maxOrderValue');
    let value: ScaledInteger;
    if (request.kind === 'notional') value = request.budget ?? account.ledger.cash;
    else {
      const worth = size.toNumber(quantity) * multiplier * this.#priceOf(line);
      // To the asset's last decimal: three at 33.33 are 99.99, whatever the last bit of the product.
      value = new ScaledInteger().setFloor(worth * 10 ** view.asset.priceDecimals + 0.5);
      value = new ScaledInteger().setQuotient(value, money, 10 ** view.asset.priceDecimals, Rounding.HalfEven);
    }
    if (value.compare(most) > 0) {
      this.#breach('maxOrderValue', `an order of ${view.asset.symbol} worth ${value.toString(money)}`, String(limit));
    }
  }

  #checkLeverage(
    limit: number,
    what: string,
    units: (line: number) => number,
    filled?: { readonly line: number; readonly price: number },
  ): void {
    const broker = this.#broker;
    const { ledger, scales } = broker.account;
    let value = ledger.cash.toNumber(scales.money) + ledger.receivable.toNumber(scales.money);
    let exposure = 0;
    for (const [index, { book, multiplier }] of broker.lines.entries()) {
      const price = filled?.line === index ? filled.price : this.#priceOf(index);
      value += book.held * multiplier * price;
      exposure += Math.abs(units(index)) * multiplier * price;
    }
    const leverage = exposure / value;
    if (leverage > limit || value <= 0) {
      this.#breach('maxLeverage', `${what} that leads to a leverage of ${leverage.toFixed(4)}`, limit);
    }
  }

  /** The last known close; 0 before the first, when an asset cannot be held and what is ordered of it is judged by {@link #refuseUnmeasured}. */
  #priceOf(line: number): number {
    const close = this.#broker.valuation.lastClose(line);
    return Number.isNaN(close) ? 0 : close;
  }

  #isUnpriced(line: number): boolean {
    return Number.isNaN(this.#broker.valuation.lastClose(line));
  }

  /** Signed units that an order asks for, those of an order by amount at the last known close. */
  #unitsOf(line: number, request: OrderRequest): ScaledInteger {
    const { account, lines } = this.#broker;
    const { book, multiplier } = lines[line]!;
    if (request.kind === 'units') return request.units.clone();
    if (request.kind === 'position') return book.quantity.clone().negate();
    const { money, quantity } = account.scales;
    const price = this.#priceOf(line) * multiplier;
    if (request.kind === 'share') {
      const amount = Math.max(0, this.#broker.buyingPower()) * request.share.toNumber(SHARE_DECIMALS);
      const size = new ScaledInteger().setFloor(price > 0 ? Math.abs(amount / price) * 10 ** quantity : 0);
      return amount < 0 ? size.negate() : size;
    }
    const amount = (request.budget ?? account.ledger.cash).toNumber(money);
    return new ScaledInteger().setFloor(price > 0 ? Math.max(0, amount / price) * 10 ** quantity : 0);
  }

  /** Units of an asset once all its working entries have filled but one: exits only ever reduce what is held, and one of two alone. */
  #projected(line: number, except?: OrderTicket): ScaledInteger {
    const { lines, working } = this.#broker;
    const units = lines[line]!.book.quantity.clone();
    for (const ticket of working) {
      const { terms, request } = ticket;
      if (ticket.line !== line || ticket === except || terms?.isExit === true) continue;
      units.add(terms !== undefined && request.kind === 'units' ? terms.left : this.#unitsOf(line, request));
    }
    return units;
  }

  #breach(control: ControlName, first: string, limit: string | number): void {
    const row = this.#row();
    if (this.#controls.breach === 'log') {
      const earlier = this.#breaches.get(control);
      const count = (earlier?.count ?? 0) + 1;
      this.#breaches.set(
        control,
        earlier === undefined ? { control, limit: String(limit), count, row, first } : { ...earlier, count },
      );
      return;
    }
    const bar = row - this.#from;
    this.stopped = new RunError(CONTROL_BREACHED, {
      message:
        `The control ${control} (${limit}) stopped the run at ${formatInstant(this.#times[row]!)} (bar ${bar}): ${first}. ` +
        `Change the strategy or the control; with breach: 'log' the run goes on.`,
      details: { control, limit, order: first, bar },
    });
    throw this.stopped;
  }

  /** Axis row of the bar that the strategy stands at, or before. */
  #row(): number {
    const { row, beforeOpen } = this.#clock;
    return beforeOpen ? row + 1 : row;
  }

  #text(units: ScaledInteger): string {
    return units.toString(this.#broker.account.scales.quantity);
  }
}

const absolute = (value: ScaledInteger): ScaledInteger => {
  const size = value.clone();
  return size.sign() < 0 ? size.negate() : size;
};

/** Whether a position grows, or stands on the other side. */
const widens = (before: ScaledInteger, after: ScaledInteger): boolean =>
  absolute(after).compare(absolute(before)) > 0 || before.sign() * after.sign() < 0;
