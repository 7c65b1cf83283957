import { ScaledInteger } from '../core/scaled-integer.js';
import type { Clock } from '../engine/clock.js';
import type { FillRule } from '../engine/fill-rule.js';
import { type OrderReading, tickOf } from '../engine/order-reading.js';
import { StreamKind } from '../engine/order-stream.js';
import type { SimulatedBroker } from '../engine/simulated-broker.js';
import { OrderTerms } from '../execution/order-terms.js';
import { ALL, type OrderRequest, type OrderTicket, WHOLE } from '../execution/ticket.js';
import type { Asset } from '../market/asset.js';
import { type ArrivedEvent, type ArrivingMarket, enterEvents } from './arriving-market.js';
import type { BrokerAccount, BrokerChange, BrokerOrder, BrokerReport, BrokerTerms } from './broker.js';
import { SHARE_DECIMALS } from './order-desk.js';
import { OrderNames } from './order-names.js';

type Moment = 'open' | 'within' | 'close';

/** An account of the paper broker: the simulated broker of a backtest, which is told of orders and tells of fills by messages. */
export class PaperAccount implements BrokerAccount {
  /** Settles when all reports so far have been passed on. */
  reported: Promise<void> = Promise.resolve();
  readonly #broker: SimulatedBroker;
  readonly #clock: Clock;
  readonly #fill: FillRule;
  readonly #names = new OrderNames();
  /** Where orders with terms stood when it was last told, by id. */
  readonly #told = new Map<OrderTicket, string>();
  #hear: (report: BrokerReport) => void = () => {};

  constructor(broker: SimulatedBroker, clock: Clock, fill: FillRule) {
    this.#broker = broker;
    this.#clock = clock;
    this.#fill = fill;
    broker.tells = true;
  }

  listen(hear: (report: BrokerReport) => void): void {
    this.#hear = hear;
  }

  submit(order: BrokerOrder): void {
    const line = this.#broker.lines.find(({ view }) => view.asset.symbol === order.symbol);
    if (line === undefined) {
      this.#pass({ kind: 'rejected', id: order.id, reason: `${order.symbol} is not traded in this account` });
      return;
    }
    const reading = order.terms && readingOf(order.terms, line.view.asset);
    const ticket = this.#broker.submit(line.book, this.#requestOf(order), order.tag, reading);
    ticket.sequence = order.number;
    for (const [at, exit] of (ticket.terms?.exits ?? []).entries()) exit.ticket.sequence = order.number + at + 1;
    this.#names.add(order.id, ticket);
    this.#remember(ticket);
    this.#report();
  }

  cancel(id: string): void {
    this.#names.ticketOf(id)?.cancel();
    this.#report();
  }

  replace(id: string, { units, ...prices }: BrokerChange): void {
    const ticket = this.#names.ticketOf(id);
    if (ticket?.status !== 'working') return;
    const { quantity } = this.#broker.account.scales;
    const change =
      units === undefined
        ? prices
        : { units: ScaledInteger.fromDecimalString(units, quantity, 'exact', 'The units'), ...prices };
    this.#broker.replace(ticket, change);
    this.#remember(ticket);
    this.#report();
  }

  pair(ids: readonly string[]): void {
    const tickets = ids.flatMap((id) => this.#names.ticketOf(id) ?? []);
    this.#broker.pair(tickets);
    for (const ticket of tickets) this.#remember(ticket);
  }

  /** A bar opens: if it is a session's first, the session before is over, whether or not that had all of its bars. */
  openBar(row: number): void {
    this.#clock.moveTo(row - 1);
    if (row === 0) return;
    this.#broker.endSession(row - 1);
    this.#report();
  }

  /** The bar has arrived: what happens to holdings at its opening, and what fills there. */
  tradeOpening(events: readonly ArrivedEvent[], market: ArrivingMarket, row: number): void {
    const broker = this.#broker;
    enterEvents(broker, events, market);
    if (broker.isWatched) broker.carry(row);
    if (broker.nextEventRow <= row) broker.applyEvents(row);
    broker.executeOpening(row);
    // What is given from here on is given on this bar.
    this.#clock.isOpened = true;
    this.#report();
  }

  /** What fills on a bar after its opening. */
  tradeBar(row: number): void {
    this.#clock.isOpened = false;
    this.#clock.moveTo(row);
    this.#broker.executeBar(row);
    this.#report();
  }

  /** The close, for orders that were given on the bar. */
  close(row: number): void {
    this.#broker.executeSameClose(row);
    this.#report();
  }

  #requestOf({ wants }: BrokerOrder): OrderRequest {
    const { money, quantity } = this.#broker.account.scales;
    if (wants.kind === 'position') return WHOLE;
    if (wants.kind === 'units') {
      return { kind: 'units', units: ScaledInteger.fromDecimalString(wants.units, quantity, 'exact', 'The units') };
    }
    if (wants.kind === 'share') {
      return {
        kind: 'share',
        share: ScaledInteger.fromDecimalString(wants.share, SHARE_DECIMALS, 'exact', 'The share'),
      };
    }
    if (wants.budget === undefined) return ALL;
    return { kind: 'notional', budget: ScaledInteger.fromDecimalString(wants.budget, money, 'exact', 'The amount') };
  }

  /** Passes on what the broker has done since, later: who gave an order is in the middle of something. */
  #report(): void {
    const { notices } = this.#broker;
    for (const [at, { order, kind, record }] of notices.entries()) {
      const ticket = order as OrderTicket;
      const id = this.#names.idOf(ticket);
      if (id === undefined) continue;
      if (kind === 'order') {
        this.#pass({ kind: ticket.status as 'cancelled', id, reason: ticket.reason! });
        continue;
      }
      const fillsAgain = notices.some((later, place) => place > at && later.kind === 'fill' && later.order === order);
      this.#pass(this.#fillOf(id, ticket, record, ticket.status === 'filled' && !fillsAgain));
    }
    notices.length = 0;
    this.#reportTerms();
  }

  #fillOf(id: string, ticket: OrderTicket, record: number, isLast: boolean): BrokerReport {
    const { stream, account } = this.#broker;
    const { kind, quantity, ticks, priceDecimals, fee } = stream.read(record);
    const isTrimmed = TRIMMED.has(kind);
    return {
      kind: 'fill',
      id,

      quantity: quantity.toString(account.scales.quantity),
      ticks,
      priceDecimals,
      fee: fee.toString(account.scales.money),
      isLast,
      trimmed: isTrimmed ? ticket.reason : undefined,
      moment: this.#momentOf(kind),
    };
  }

  #momentOf(kind: StreamKind): Moment {
    if (kind === StreamKind.Touched || kind === StreamKind.TrimmedTouched) return 'within';
    if (kind === StreamKind.Opened || kind === StreamKind.TrimmedOpened) return 'open';
    return this.#fill === 'next-open' ? 'open' : 'close';
  }

  /** Tells where orders with terms stand, if they stand elsewhere than when it was last told. */
  #reportTerms(): void {
    const { working } = this.#broker;
    // Orders on the book in its order, then those that have left it.
    for (const ticket of [...working, ...this.#told.keys()]) {
      const id = this.#names.idOf(ticket);
      if (ticket.terms === undefined || id === undefined || !this.#told.has(ticket)) continue;
      const isWorking = working.includes(ticket);
      const stands = this.#standOf(ticket);
      if (this.#told.get(ticket) !== stands) {
        this.#told.set(ticket, stands);
        const { limit, stop, left } = ticket.terms;
        const units = left.toString(this.#broker.account.scales.quantity);
        this.#pass({ kind: 'terms', id, isWorking, limit, stop, left: units });
      }
      if (ticket.status !== 'working') this.#told.delete(ticket);
    }
  }

  /** Notes where an order and its exits stand: who gave it knows. */
  #remember(ticket: OrderTicket): void {
    if (ticket.terms === undefined) return;
    this.#told.set(ticket, this.#standOf(ticket));
    for (const exit of ticket.terms.exits) this.#told.set(exit.ticket, this.#standOf(exit.ticket));
  }

  #standOf(ticket: OrderTicket): string {
    const { limit, stop, left } = ticket.terms!;
    return `${this.#broker.working.includes(ticket)} ${limit} ${stop} ${left.toBigInt()}`;
  }

  #pass(report: BrokerReport): void {
    this.reported = this.reported.then(() => this.#hear(report));
  }
}

const TRIMMED: ReadonlySet<StreamKind> = new Set([
  StreamKind.TrimmedFill,
  StreamKind.TrimmedTouched,
  StreamKind.TrimmedOpened,
]);

/** What an order says beyond being a market order, as the simulated broker reads it. */
function readingOf(given: BrokerTerms, asset: Asset): OrderReading {
  const { limit = Number.NaN, stop = Number.NaN, best = Number.NaN, trailing, timeInForce, on } = given;
  const terms = Object.assign(new OrderTerms(tickOf(asset)), { limit, stop, best, trailing, timeInForce, on });
  const { stopLoss, takeProfit } = given;
  return { terms, stopLoss: stopLoss && { ...stopLoss }, takeProfit: takeProfit && { ...takeProfit } };
}
