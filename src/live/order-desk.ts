import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { OrderReading } from '../engine/order-reading.js';
import type { OrderReport, OrderRoute, TicketChange } from '../engine/order-route.js';
import type { SimulatedBroker } from '../engine/simulated-broker.js';
import type { OrderTicket } from '../execution/ticket.js';
import type { BrokerAccount, BrokerOrder, BrokerReport, BrokerTerms } from './broker.js';
import { OrderNames } from './order-names.js';

/** Between one account of the engine and the same at a broker: passes orders on, and keeps reports until they are entered. */
export class OrderDesk implements OrderRoute {
  readonly #account: BrokerAccount;
  readonly #books: SimulatedBroker;
  readonly #number: number;
  readonly #names = new OrderNames();
  readonly #reports: BrokerReport[] = [];

  /** @param number the account's place among those of the run */
  constructor(account: BrokerAccount, books: SimulatedBroker, number: number) {
    this.#account = account;
    this.#books = books;
    this.#number = number;
    account.listen((report) => void this.#reports.push(report));
    books.routeBy(this);
  }

  submit(ticket: OrderTicket, reading?: OrderReading): void {
    const id = `${this.#number}-${ticket.id}`;
    this.#names.add(id, ticket);
    this.#account.submit(this.#orderOf(id, ticket, reading));
  }

  withdraw(ticket: OrderTicket): void {
    const id = this.#names.idOf(ticket);
    if (id !== undefined) this.#account.cancel(id);
  }

  replace(ticket: OrderTicket, { units, ...prices }: TicketChange): void {
    const id = this.#names.idOf(ticket);
    const { quantity } = this.#books.account.scales;
    const change = units === undefined ? prices : { units: units.toString(quantity), ...prices };
    if (id !== undefined) this.#account.replace(id, change);
  }

  pair(tickets: readonly OrderTicket[]): void {
    this.#account.pair(tickets.flatMap((ticket) => this.#names.idOf(ticket) ?? []));
  }

  /** Enters what has been reported so far into the account's books, as of an axis row. */
  enterReports(row: number): void {
    for (const report of this.#reports.splice(0)) {
      const ticket = this.#names.ticketOf(report.id);
      if (ticket !== undefined) this.#books.report(ticket, this.#reportOf(report), row);
    }
  }

  #orderOf(id: string, { sequence, asset, request, tag }: OrderTicket, reading: OrderReading | undefined): BrokerOrder {
    const { money, quantity } = this.#books.account.scales;
    const base = {
      id,
      number: sequence,
      symbol: asset.symbol,
      tag,
      ...(reading === undefined ? {} : { terms: termsOf(reading) }),
    };
    if (request.kind === 'position') return { ...base, wants: { kind: 'position' } };
    if (request.kind === 'share')
      return { ...base, wants: { kind: 'share', share: request.share.toString(SHARE_DECIMALS) } };
    return request.kind === 'units'
      ? { ...base, wants: { kind: 'units', units: request.units.toString(quantity) } }
      : { ...base, wants: { kind: 'notional', budget: request.budget?.toString(money) } };
  }

  #reportOf(report: BrokerReport): OrderReport {
    const { money, quantity } = this.#books.account.scales;
    if (report.kind === 'terms') {
      return { ...report, left: ScaledInteger.fromDecimalString(report.left, quantity, 'exact', 'What is left') };
    }
    if (report.kind !== 'fill') return report;
    return {
      ...report,
      quantity: ScaledInteger.fromDecimalString(report.quantity, quantity, 'exact', 'The quantity of a fill'),
      fee: ScaledInteger.fromDecimalString(report.fee, money, Rounding.HalfEven, 'The fee of a fill'),
    };
  }
}

/** Decimals of an order for a share. */
export const SHARE_DECIMALS = 8;

/** What a strategy said of an order, as plain data of its own. */
function termsOf({ terms, stopLoss, takeProfit }: OrderReading): BrokerTerms {
  const { limit, stop, trailing, best, timeInForce, on } = terms;
  return {
    timeInForce,
    ...(Number.isNaN(limit) ? {} : { limit }),
    ...(Number.isNaN(stop) ? {} : { stop }),
    ...(trailing === undefined ? {} : { trailing, best }),
    ...(on === undefined ? {} : { on }),
    ...(stopLoss === undefined ? {} : { stopLoss: { ...stopLoss } }),
    ...(takeProfit === undefined ? {} : { takeProfit: { ...takeProfit } }),
  };
}
