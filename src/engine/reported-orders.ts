import type { OrderTicket } from '../execution/ticket.js';
import type { FillRule } from './fill-rule.js';
import type { OrderReport } from './order-route.js';
import { StreamKind } from './order-stream.js';
import type { Ending, RestingBroker, RestingOrders } from './resting-orders.js';

/** What entering reports needs of the broker that keeps the account's books. */
interface BookKeeper extends Pick<RestingBroker, 'account' | 'enlist' | 'filled' | 'lines' | 'stream' | 'working'> {
  markTo(row: number): void;
  /** Takes an order off the book, if it is there. */
  withdraw(ticket: OrderTicket): void;
  /** Records that an order has ended without a fill, and tells of it. */
  ended(ticket: OrderTicket, status: Ending, row: number): void;
}

/** The row of an exit that no fill has brought to life. */
export const UNBORN = -2;

/** Enters what another broker reports of an account's orders into its books. */
export class ReportedOrders {
  readonly #broker: BookKeeper;
  readonly #resting: RestingOrders;
  readonly #rule: FillRule;

  constructor(broker: BookKeeper, resting: RestingOrders, rule: FillRule) {
    this.#broker = broker;
    this.#resting = resting;
    this.#rule = rule;
  }

  /** Enters a report as of an axis row. A fill counts whatever became of the order meanwhile; an end that is known already does not count twice. */
  enter(ticket: OrderTicket, report: OrderReport, row: number): void {
    this.#resting.forget();
    if (ticket.terms?.isExit === true && ticket.submittedRow === UNBORN)
      ticket.submittedRow = this.#resting.birthRow(row);
    if (report.kind === 'fill') this.#fill(ticket, report, row);
    else if (report.kind === 'terms') this.#changeTerms(ticket, report);
    else if (ticket.status === 'working') this.#end(ticket, report.kind, report.reason, row);
  }

  #fill(ticket: OrderTicket, report: Extract<OrderReport, { kind: 'fill' }>, row: number): void {
    const broker = this.#broker;
    broker.markTo(row);
    const { account, stream } = broker;
    const { book, scales } = broker.lines[ticket.line]!;
    const { ticks, priceDecimals, quantity } = report;
    const { terms } = ticket;
    const price = ticks / 10 ** priceDecimals;
    account.enter(book, quantity, ticks, report.fee, { ...scales, price: priceDecimals });
    const filled = quantity.toNumber(account.scales.quantity);
    const value =
      (terms?.filledValue ?? Math.abs(ticket.filled) * (ticket.averagePrice || 0)) + Math.abs(filled) * price;
    ticket.averagePrice = ticket.filled === 0 ? price : value / Math.abs(ticket.filled + filled);
    ticket.filled += filled;
    ticket.measure(book.held);
    if (terms !== undefined) {
      terms.filledValue = value;
      ticket.averagePrice = value / Math.abs(ticket.filled);
      if (ticket.request.kind === 'units') terms.left.subtract(quantity);
    }
    if (report.trimmed !== undefined) ticket.reason = report.trimmed;
    const kind = kindOfFill(report, this.#rule);
    stream.push(kind, ticket.submittedRow, row, ticket.asset.sid, account.quantity, ticks, priceDecimals, account.fee);
    if (ticket.tag !== undefined) stream.tagLast(ticket.tag);
    if (report.isLast) {
      ticket.status = 'filled';
      broker.withdraw(ticket);
    }
    broker.filled(ticket, price, quantity.sign() > 0 === book.held > 0);
  }

  #end(ticket: OrderTicket, status: Ending, reason: string, row: number): void {
    ticket.status = status;
    ticket.reason = reason;
    if (ticket.terms !== undefined && ticket.filled === 0) {
      this.#resting.dropExits(ticket, `its entry was ${status}`, row);
    }
    this.#broker.withdraw(ticket);
    this.#broker.ended(ticket, status, row);
  }

  #changeTerms(ticket: OrderTicket, report: Extract<OrderReport, { kind: 'terms' }>): void {
    const { terms } = ticket;
    if (terms === undefined) return;
    const broker = this.#broker;
    if (report.isWorking && ticket.status === 'working' && !broker.working.includes(ticket)) broker.enlist(ticket);
    terms.limit = report.limit;
    terms.stop = report.stop;
    terms.left.set(report.left);
  }
}

/** The kind of record of a reported fill: those of the run's own rule are plain fills. */
function kindOfFill({ moment, trimmed }: Extract<OrderReport, { kind: 'fill' }>, rule: FillRule): StreamKind {
  const isWhole = trimmed === undefined;
  const own = rule === 'next-open' ? 'open' : 'close';
  if (moment === undefined || moment === own) return isWhole ? StreamKind.Fill : StreamKind.TrimmedFill;
  if (moment === 'open') return isWhole ? StreamKind.Opened : StreamKind.TrimmedOpened;
  return isWhole ? StreamKind.Touched : StreamKind.TrimmedTouched;
}
