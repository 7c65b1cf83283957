import type { OrderTicket } from '../execution/ticket.js';

/** Orders by the ids that both sides of a broker know them by. The exits of a bracket are named after their entry. */
export class OrderNames {
  readonly #tickets = new Map<string, OrderTicket>();
  readonly #ids = new Map<OrderTicket, string>();

  add(id: string, ticket: OrderTicket): void {
    this.#set(id, ticket);
    for (const exit of ticket.terms?.exits ?? []) this.#set(`${id}/${exit.role}`, exit.ticket);
  }

  ticketOf(id: string): OrderTicket | undefined {
    return this.#tickets.get(id);
  }

  idOf(ticket: OrderTicket): string | undefined {
    return this.#ids.get(ticket);
  }

  #set(id: string, ticket: OrderTicket): void {
    this.#tickets.set(id, ticket);
    this.#ids.set(ticket, id);
  }
}
