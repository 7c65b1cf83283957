import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { ScaledInteger } from '../core/scaled-integer.js';
import type { IntrabarRule, StopLimitRule } from '../execution/matching.js';
import type { Order } from '../execution/order.js';
import { type ExitPlace, OrderTerms, type PlannedExit } from '../execution/order-terms.js';
import type { SlippageModel } from '../execution/slippage/slippage.js';
import { ALL, BLANK, isBuy, type OrderRequest, OrderTicket, WHOLE } from '../execution/ticket.js';
import type { Asset } from '../market/asset.js';
import type { Account, Execution, Sizing } from '../portfolio/account.js';
import type { PositionBook } from '../portfolio/book.js';
import { MarginAccount } from '../portfolio/margin-account.js';
import { Carry, type CarryModels } from './carry.js';
import type { Clock } from './clock.js';
import { coarser } from './coarser-price.js';
import { CorporateActions, type Delisting } from './corporate-actions.js';
import { FillConditions } from './fill-conditions.js';
import type { FillRule } from './fill-rule.js';
import { lastRowAtHome, rowAfter } from './home-axis.js';
import { type Line, lineOf, quoteOf, unitsOf } from './line.js';
import { MarginCall } from './margin-call.js';
import { MarketExposure, worthOf } from './market-exposure.js';
import type { AssetView, LedgerEvent } from './market-view.js';
import { addMarks, writeMarks } from './marks.js';
import type { OrderControls } from './order-controls.js';
import { type OrderReading, tickOf } from './order-reading.js';
import type { OrderReport, OrderRoute, TicketChange } from './order-route.js';
import { OrderStream, StreamKind } from './order-stream.js';
import { ReportedOrders, UNBORN } from './reported-orders.js';
import { type Ending, type ExitsFrom, type RestingBroker, RestingOrders } from './resting-orders.js';
import { Stretches } from './stretches.js';
import { Valuation } from './valuation.js';
import { VenueOrders } from './venue-orders.js';
import type { Venues } from './venues.js';

/** Whether and where a run closes what it still holds on its last bar. */
export type Liquidation = 'never' | 'last-open' | 'last-close';

/** What the broker tells the strategy after the bar's executions. */
export interface BrokerNotice {
  readonly kind: 'fill' | 'order';
  readonly order: Order;
  /** Record of the fill in the broker's stream. */
  readonly record: number;
}

/** At which moment of which bar a position is closed at the end of a run. */
interface Closing {
  readonly line: Line;
  readonly row: number;
  readonly moment: 'open' | 'close';
  readonly instant: number;
}

const REASONS: Readonly<Record<Exclude<Execution, 'filled' | 'trimmed'>, string>> = {
  'no-cash': 'the cash at hand does not pay for it, fee included',
  'no-margin': 'the buying power does not carry it, fee included',
  'nothing-held': 'a cash account sells only what it holds',
  'fee-exceeds-cash': 'the fee exceeds the proceeds and the cash at hand',
};

const NO_TICKETS: readonly OrderTicket[] = [];
const ENDED = 'its data have ended: the asset trades no more';
const LIQUIDATED = 'the run closes its positions on its last bar';
const ENDINGS: Readonly<Record<Ending, StreamKind>> = {
  cancelled: StreamKind.Cancelled,
  rejected: StreamKind.Rejected,
  expired: StreamKind.Expired,
};

const NO_COLUMN = new Float64Array(0);

/** What no strategy passes for an asset. */
const NONE: Asset = Object.freeze({} as Asset);

/** In the record of what concerns no single asset. */
const NO_ASSET = -1;

/**
 * Keeps one account's working orders and turns them into fills against recorded bars. What fills at the same moment of a bar does so in the order of
 * submission, but for plain market orders, which have no terms: at an opening, and at the close on which they were given, they go before the orders with terms,
 * at the next close after them. On an axis that is joined of several every order has terms, and fills happen in the order of time. On a missing bar nothing fills
 * and orders wait.
 */
export class SimulatedBroker implements RestingBroker {
  readonly account: Account;
  readonly lines: readonly Line[];
  readonly stream = new OrderStream();
  /** Orders given since the start of the run. */
  orders = 0;
  /** Orders that may still fill, oldest first. */
  readonly working: OrderTicket[] = emptyList();
  /** Filled only while `tells` is set. */
  readonly notices: BrokerNotice[] = [];
  tells = false;
  private readonly clock: Clock;
  /** How long orders work that do not say so. */
  readonly timeInForce: 'gtc' | 'day';
  /** What the strategy's orders are held against. */
  #controls: OrderControls | null = null;
  /** Bars of its asset that an order takes to reach the market. */
  readonly #delay: number;
  /** Whether a market order is more than a plain one: orders of a bar share its volume, last for a session, take time to arrive, or wait for other venues. */
  readonly #needsTerms: boolean;
  /** Where orders go that are not filled here. */
  #route: OrderRoute | null = null;
  readonly #slippage: SlippageModel;
  readonly #conditions: FillConditions;
  readonly #lineOfSid = new Map<number, number>();
  /** The asset of an account that has but one; of more, an object that is none of them, whatever a strategy passes for an asset. */
  onlyAsset: Asset;
  readonly #actions: CorporateActions;
  readonly valuation: Valuation;
  readonly #amount = new ScaledInteger();
  /** The position of an account in one asset; of more, the first. */
  private readonly only: PositionBook;
  /** The ticket of the next order of an account in one asset. */
  private blank: OrderTicket;
  /** The one after that, where the strategy keeps none. */
  #spare: OrderTicket | null = null;
  /** Both of a margin account alone. */
  readonly #exposure: MarketExposure | null = null;
  readonly #marginCall: MarginCall | null = null;
  readonly #fill: FillRule;
  /** Of an account that is charged for holding. */
  readonly #carry: Carry | null = null;
  readonly #fillsAtClose: boolean;
  readonly #instantOf: (opens: boolean, row: number, sid: number) => number;
  readonly #resting: RestingOrders;
  readonly #reported: ReportedOrders;
  /** Working orders that are more than plain market orders. */
  #specials = 0;
  /** Lines whose asset trades no more, and whose position was closed for it. */
  readonly #isOver: boolean[];
  /** Where the account's values go: into a column, or to who takes them without one. */
  #equity: Float64Array = NO_COLUMN;
  #values: Stretches | null = null;
  #equityFrom = 0;
  #markedTo = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly assets: readonly AssetView[];
    readonly account: Account;
    readonly slippage: SlippageModel;
    readonly fill: FillRule;
    readonly withholding: number;
    readonly delisting: Delisting;
    /** Label of each axis row: the session of daily bars, the start of others. */
    readonly sessions: ReadonlyFloat64Array;
    readonly intrabar: IntrabarRule;
    /** Of orders that do not say how long they work. */
    readonly timeInForce: 'gtc' | 'day';
    readonly stopLimits: StopLimitRule;
    readonly sizing: Sizing;
    /** Whether an axis row is its session's last. */
    readonly closesSession: (row: number, line: number) => boolean;
    /** Instant at which the bar of an asset on an axis row opens, or closes, in UTC milliseconds. */
    readonly instantOf: (opens: boolean, row: number, sid: number) => number;
    /** Of assets on an axis that is joined of several: what happens on a row is taken in the order of time. @defaultValue all open together */
    readonly venues?: Venues | undefined;
    readonly exitsFrom: ExitsFrom;
    /** Bars that an order takes to reach the market. @defaultValue 0 */
    readonly delay?: number | undefined;
    readonly carry?: CarryModels | undefined;
    /** Whether the bars to come are there, and may be looked at for the next on which a working order does anything. @defaultValue false */
    readonly looksAhead?: boolean | undefined;
  }) {
    this.clock = options.clock;
    this.timeInForce = options.timeInForce;
    this.#delay = options.delay ?? 0;
    this.account = options.account;
    this.#slippage = options.slippage;
    const { quantity } = options.account.scales;
    this.#conditions = new FillConditions(options.assets, options.slippage, options.account, options.sessions);
    const wholeUnit = options.sizing === 'fractional' ? 1 : 10 ** quantity;
    this.lines = options.assets.map((view, index) => lineOf(view, index, options, wholeUnit));
    const { venues } = options;
    this.#needsTerms =
      this.#conditions.limitsVolume || this.timeInForce === 'day' || this.#delay > 0 || venues !== undefined;
    // Where an order may be turned down at once, none goes the short way.
    const isFree = !(options.account instanceof MarginAccount) && options.delisting === 'hold' && !this.#needsTerms;
    this.onlyAsset = this.lines.length === 1 && isFree ? this.lines[0]!.view.asset : NONE;
    this.only = this.lines[0]!.book;
    this.blank = new OrderTicket(this.only, this);
    for (const [index, line] of this.lines.entries()) this.#lineOfSid.set(line.view.asset.sid, index);
    this.#actions = new CorporateActions({
      lines: this.lines,
      account: options.account,
      working: this.working,
      end: (ticket, reason) => this.end(ticket, 'cancelled', reason),
      withholding: options.withholding,
      delisting: options.delisting,
      settle: (line, row) => this.#closeOut(line, row),
    });
    this.valuation = new Valuation({
      account: options.account,
      lines: this.lines,
      clock: this.clock,
      actions: this.#actions,
    });
    this.#isOver = this.lines.map(() => false);
    this.#fill = options.fill;
    this.#fillsAtClose = options.fill !== 'next-open';
    this.#instantOf = options.instantOf;
    const rules = {
      intrabar: options.intrabar,
      stopLimits: options.stopLimits,
      fill: options.fill,
      slippage: options.slippage,
      conditions: this.#conditions,
      closesSession: options.closesSession,
      opensAt: (row: number, line: number) => options.instantOf(true, row, this.lines[line]!.view.asset.sid),
      exitsFrom: options.exitsFrom,
      delay: this.#delay,
      looksAhead: options.looksAhead === true,
    };
    this.#resting = venues === undefined ? new RestingOrders(this, rules) : new VenueOrders(venues, this, rules);
    this.#reported = new ReportedOrders(this, this.#resting, options.fill);
    if (options.account instanceof MarginAccount) {
      const { valuation } = this;
      this.#exposure = new MarketExposure(
        this.lines,
        options.account.scales,
        venues === undefined
          ? (line, row) => valuation.closeAt(line, row)
          : (line, row) => valuation.closeAt(line, venues.lastClose(line.book.line, row)),
      );
      options.account.measureBy(this.#exposure);
      this.#marginCall = new MarginCall(options.account, this.#exposure, {
        cancelAll: (reason) => {
          for (const ticket of [...this.working]) this.end(ticket, 'cancelled', reason);
        },
        closeAll: (reason) => this.#closeAll(reason),
        isFlat: () => this.lines.every(({ book }) => book.held === 0),
      });
    }
    const { carry } = options;
    if (carry !== undefined && !(carry.borrow.isFree && carry.financing.isFree)) {
      const exposure = this.#exposure ?? undefined;
      this.#carry = new Carry(carry, { account: options.account, exposure, times: options.sessions });
    }
  }

  /**
   * Starts a run with so much cash; account values from axis row `from` on are written to `equity`.
   *
   * @param equity of an account in one asset may be {@link Stretches}
   */
  start(cash: ScaledInteger, equity: Float64Array | Stretches, from: number): void {
    this.account.ledger.open(cash);
    this.account.commission.reset?.();
    this.#conditions.reset();
    for (const { book } of this.lines) book.reset();
    this.stream.clear();
    this.orders = 0;
    this.blank = this.#spare === null ? new OrderTicket(this.only, this) : this.blank.renew();
    while (this.working.length > 0) this.working.pop();
    this.#specials = 0;
    this.#resting.forget();
    while (this.notices.length > 0) this.notices.pop();
    this.#actions.start(from);
    this.#marginCall?.start();
    this.#carry?.start(from);
    this.#isOver.fill(false);
    this.#controls?.start();
    this.#values = equity instanceof Stretches ? equity : null;
    this.#equity = equity instanceof Stretches ? NO_COLUMN : equity;
    this.#values?.follow(this.lines[0]!.view.marks, from - this.lines[0]!.first);
    this.#equityFrom = from;
    this.#markedTo = from;
  }

  /** Holds all further orders of the strategy against controls. */
  holdAgainst(controls: OrderControls): void {
    this.#controls = controls;
    this.onlyAsset = NONE;
  }

  /** Says whether tickets of orders that are given from now on serve again: only where the strategy keeps none. */
  reuseTickets(are: boolean): void {
    // A ticket that is out already may have been kept.
    this.settle();
    this.#spare = are ? (this.#spare ?? new OrderTicket(this.only, this)) : null;
  }

  /** Sends all further orders another way: nothing is executed here any more, reports are entered by {@link report}. */
  routeBy(route: OrderRoute): void {
    this.#route = route;
  }

  /** Takes a corporate action that has just become known; see {@link CorporateActions.add}. */
  addEvent(line: number, event: LedgerEvent | { readonly kind: 'end'; readonly row: number }): void {
    this.#actions.add(line, event);
  }

  /** Looks again for the next event: of a dividend, the row of the payment may have become known. */
  lookForEvents(): void {
    this.#actions.lookAgain();
  }

  /** Axis row of the next corporate action or payment; a row that no axis reaches when there is none. */
  get nextEventRow(): number {
    return this.#actions.nextRow;
  }

  /** The place of an asset among the account's; -1 when it is not one of them. */
  lineOf(asset: Asset): number {
    if (this.onlyAsset === asset) return 0;
    return this.#lineOfSid.get(asset?.sid) ?? -1;
  }

  /** Takes an order of the strategy's, or turns it down at once where the account or its market is closed to it. */
  submit(book: PositionBook, request: OrderRequest, tag: string | undefined, reading?: OrderReading): OrderTicket {
    const refusal = this.#isOver[book.line] ? ENDED : this.#marginCall?.refusal();
    if (refusal !== undefined) return this.reject(book.line, request, tag, refusal);
    if (this.#controls !== null) this.#controls.check(book.line, request);
    const ticket = this.#place(book, request, tag, reading?.terms);
    if (reading?.stopLoss !== undefined || reading?.takeProfit !== undefined) this.#planExits(ticket, reading);
    if (this.#route !== null) this.#route.submit(ticket, reading);
    return ticket;
  }

  #place(book: PositionBook, request: OrderRequest, tag: string | undefined, terms?: OrderTerms): OrderTicket {
    this.settle();
    const ticket = new OrderTicket(book, this);
    ticket.tag = tag;
    ticket.request = request;
    if (terms !== undefined) {
      if (request.kind === 'units') terms.left.set(request.units);
      ticket.terms = terms;
      this.#specials++;
    } else if (this.#needsTerms) {
      ticket.terms = this.#termsOfMarket(book, request);
      this.#specials++;
    }
    this.#enter(ticket, book);
    return ticket;
  }

  #termsOfMarket(book: PositionBook, request: OrderRequest): OrderTerms {
    const terms = new OrderTerms(tickOf(book.asset));
    terms.timeInForce = this.timeInForce;
    if (request.kind === 'units') terms.left.set(request.units);
    return terms;
  }

  /** Makes the exits of a bracket; they work once the entry fills. */
  #planExits(entry: OrderTicket, { stopLoss, takeProfit }: OrderReading): void {
    const { book } = this.lines[entry.line]!;
    const left = new ScaledInteger();
    const exits: PlannedExit[] = [];
    const tickets: OrderTicket[] = [];
    const plan = (place: ExitPlace | undefined, role: PlannedExit['role']): void => {
      if (place === undefined) return;
      const ticket = new OrderTicket(book, this);
      ticket.sequence = ++this.orders;
      ticket.submittedRow = UNBORN;
      ticket.tag = entry.tag;
      ticket.request = { kind: 'units', units: left };
      ticket.terms = new OrderTerms(entry.terms!.tick);
      ticket.terms.left = left;
      ticket.terms.isExit = true;
      ticket.terms.partners = tickets;
      ticket.terms.entry = entry;
      tickets.push(ticket);
      exits.push({ ticket, role, place });
    };
    plan(stopLoss, 'stop-loss');
    plan(takeProfit, 'take-profit');
    entry.terms!.exits = exits;
  }

  /**
   * Orders for all free cash of an account in one asset. Like {@link leaveOnly} it only marks a ticket that was made ahead; {@link settle} does the
   * rest after the strategy's turn. So the compiler sees nothing in a strategy's loop that could change what was read on the bar before, and keeps
   * it in registers.
   */
  spendAllOnly(): OrderTicket {
    const { clock } = this;
    if (clock.interrupted === true) return this.spendAll();
    clock.interrupted = true;
    const ticket = this.blank;
    ticket.request = ALL;
    this.only.isFlat = false;
    return ticket;
  }

  /** Orders that the position of an account in one asset is left whole; undefined where nothing is held. */
  leaveOnly(): OrderTicket | undefined {
    const { clock } = this;
    const book = this.only;
    if (clock.interrupted === true || book.working !== 0) return this.leave(book, undefined);
    if (book.held === 0) return undefined;
    clock.interrupted = true;
    const ticket = this.blank;
    ticket.request = WHOLE;
    book.isFlat = false;
    return ticket;
  }

  private spendAll(): OrderTicket {
    return this.submit(this.only, ALL, undefined);
  }

  /** Cancels what works of an asset, and orders that its position is left whole; undefined where nothing is held. */
  leave(book: PositionBook, tag: string | undefined, reading?: OrderReading): OrderTicket | undefined {
    this.cancelAll(book.line, 'entries');
    return book.held === 0 ? undefined : this.submit(book, WHOLE, tag, reading);
  }

  /** Enters the order that was only marked, if there is one. */
  settle(): void {
    const ticket = this.blank;
    if (ticket.request === BLANK) return;
    this.blank = new OrderTicket(this.only, this);
    this.#enter(ticket, this.only);
    if (this.#route !== null) this.#route.submit(ticket);
  }

  #enter(ticket: OrderTicket, book: PositionBook): void {
    this.#number(ticket, book);
    this.working.push(ticket);
    this.#resting.forget();
    book.isFlat = false;
  }

  /** Makes a ticket an order as of now. */
  #number(ticket: OrderTicket, book: PositionBook): void {
    ticket.sequence = ++this.orders;
    ticket.submittedRow = this.clock.isOpened ? this.clock.row + 1 : this.clock.row;
    ticket.heldThen = book.held;
    book.working++;
    this.clock.interrupted = true;
  }

  /** An order that never works: the strategy's record of why not. */
  reject(line: number, request: OrderRequest, tag: string | undefined, reason: string): OrderTicket {
    const ticket = this.#place(this.lines[line]!.book, request, tag);
    this.end(ticket, 'rejected', reason);
    return ticket;
  }

  /** Cancels what works of an asset: all, or the entries and not the exits that protect a position. */
  cancelAll(line: number, which: 'all' | 'entries' = 'all'): void {
    this.settle();
    if (this.lines[line]!.book.working === 0) return;
    for (const ticket of [...this.working]) {
      if (ticket.line !== line || this.#isOnTheWay(ticket)) continue;
      if (which === 'all' || ticket.terms?.isExit !== true) ticket.cancel();
    }
  }

  /**
   * The market orders of an asset that have not arrived where orders take time. Nothing that follows can take them back, or an order that is given again on
   * every bar would never arrive; what follows reckons with them.
   */
  onTheWay(line: number): readonly OrderTicket[] {
    return this.#delay === 0
      ? NO_TICKETS
      : this.working.filter((ticket) => ticket.line === line && this.#isOnTheWay(ticket));
  }

  #isOnTheWay({ terms, submittedRow, line }: OrderTicket): boolean {
    if (this.#delay === 0 || terms?.isExit !== false || terms.hasPrice) return false;
    const { listing } = this.lines[line]!.view;
    return rowAfter(listing, submittedRow, this.#delay) >= lastRowAtHome(listing, this.clock.row);
  }

  #executeAll(row: number): boolean {
    if (this.#resting.passes(row)) return true;
    this.executeOpening(row);
    this.executeBar(row);
    return this.working.length > 0;
  }

  /** The axis row before which working orders do nothing but follow the market; a row that has passed where nobody knows. */
  get dueRow(): number {
    return this.#resting.due;
  }

  /** Lets working orders follow the market over axis rows on which they do nothing else: [from, to), `to` at most {@link dueRow}. */
  follow(from: number, to: number): void {
    if (this.#specials > 0) this.#resting.follow(from, to);
  }

  /** Ends what was to last for the session of an axis row, where the row after it has shown that it was the last: see {@link RestingOrders.endSession}. */
  endSession(row: number): void {
    this.settle();
    if (this.#specials === 0) return;
    this.#resting.forget();
    this.#resting.endSession(row);
  }

  /** Fills what can fill at the opening of an axis row. */
  executeOpening(row: number): void {
    this.settle();
    if (this.#specials > 0 && this.#resting.isIdle(row)) return;
    if (!this.#fillsAtClose) this.execute(row, true);
    if (this.#specials > 0) this.#resting.open(row);
  }

  /** Fills what can fill on an axis row after its opening. */
  executeBar(row: number): void {
    this.settle();
    if (this.#specials > 0) {
      if (this.#resting.passes(row)) return;
      this.#resting.within(row);
      this.#resting.forget();
    }
    if (this.#fill === 'next-close') this.execute(row, true);
  }

  /** Fills what was given on an axis row at its close, where the run does so. */
  executeSameClose(row: number): void {
    this.settle();
    if (this.#fill !== 'same-close') return;
    this.execute(row, true);
    if (this.#specials > 0) this.#resting.sameClose(row);
  }

  /**
   * Fills what can fill on an axis row, from its opening to its close; `onlyMarket` plain market orders alone. Returns whether an order still waits.
   */
  execute(row: number, onlyMarket = false): boolean {
    if (this.#fillsBlank(row)) return false;
    if (!onlyMarket && this.#specials > 0) return this.#executeAll(row);
    const { working } = this;
    // What is given where an opening is told of is given on the bar that opens, and waits for the next.
    const before = this.#fill === 'same-close' ? row + 1 : row;
    let kept = 0;
    for (let i = 0; i < working.length; i++) {
      const ticket = working[i]!;
      const line = this.lines[ticket.line]!;
      const quoted = quoteOf(line, row);
      if (quoted > 0 && ticket.terms === undefined && ticket.submittedRow < before)
        this.#fillMarket(ticket, line, quoted, row);
      else working[kept++] = ticket;
    }
    // Popping is several times cheaper than setting the length.
    while (working.length > kept) working.pop();
    if (this.#specials > 0) this.#resting.endIdleExits(row);
    return kept > 0;
  }

  /** Fills the order that was only marked, if there is one, without a stay among those that work. Where it must stay, it is entered. */
  #fillsBlank(row: number): boolean {
    const ticket = this.blank;
    if (ticket.request === BLANK) return false;
    const line = this.lines[0]!;
    const quoted = quoteOf(line, row);
    if (this.working.length > 0 || this.#route !== null || !(quoted > 0)) {
      this.settle();
      return false;
    }
    const { book } = line;
    if (this.#spare === null) this.blank = new OrderTicket(book, this);
    else {
      this.blank = this.#spare.renew();
      this.#spare = ticket;
    }
    this.#number(ticket, book);
    this.#fillMarket(ticket, line, quoted, row);
    return true;
  }

  /**
   * Executes a plain market order at a quoted price, as far as the account allows.
   *
   * One function, although it is long: V8 inlines none whose bytecode is longer than 460 bytes, and the room for inlining in a strategy's
   * loop belongs to the strategy.
   */
  #fillMarket(ticket: OrderTicket, line: Line, quoted: number, row: number): void {
    const { account, stream } = this;
    this.markTo(row);
    const { book } = line;
    if (this.#exposure !== null) this.#exposure.row = this.#fillsAtClose ? row : row - 1;
    let { scales } = line;
    const buys = isBuy(ticket.request, book.held);
    const conditions = this.#conditions;
    if (conditions.matter) {
      conditions.observe(ticket.line, ticket.request, book, quoted, row);
      conditions.takesWhole();
    }
    let ticks = this.#slippage.fillPrice(buys ? 1 : -1, Math.round(quoted * line.tickScale), conditions.market);
    let price = ticks / line.fillScale;
    if (ticks > Number.MAX_SAFE_INTEGER) {
      ({ ticks, scales } = coarser(ticks, scales, buys));
      price = ticks / 10 ** scales.price;
    }
    book.working--;
    const execution = account.execute(book, ticket.request, ticks, price, scales);
    book.isFlat = book.held === 0 && book.working === 0;
    const { sid } = ticket.asset;
    if (execution !== 'filled' && execution !== 'trimmed') {
      ticket.status = 'rejected';
      ticket.reason = REASONS[execution];
      stream.push(StreamKind.Rejected, ticket.submittedRow, row, sid);
      if (this.tells) this.notices.push({ kind: 'order', order: ticket, record: -1 });
      return;
    }
    ticket.status = 'filled';
    ticket.filled = account.quantity.toNumber(account.scales.quantity);
    ticket.averagePrice = price;
    if (conditions.matter) conditions.took(ticket.line, Math.abs(ticket.filled));
    if (execution === 'trimmed') ticket.reason = account.trimmedBy(buys);
    const kind = execution === 'trimmed' ? StreamKind.TrimmedFill : StreamKind.Fill;
    stream.push(kind, ticket.submittedRow, row, sid, account.quantity, ticks, scales.price, account.fee);
    if (ticket.tag !== undefined) stream.tagLast(ticket.tag);
    if (this.tells) this.notices.push({ kind: 'fill', order: ticket, record: stream.length - 1 });
    if (this.#controls !== null && buys === book.held > 0) this.#controls.checkFill(ticket.line, price);
  }

  /** Takes an order off the book as its strategy wants it. */
  cancel(ticket: OrderTicket): void {
    this.settle();
    this.end(ticket, 'cancelled', 'by the strategy');
  }

  /** Takes a working order off the book, as of an axis row. */
  end(ticket: OrderTicket, status: Ending, reason: string, row = this.clock.row): void {
    const at = this.working.indexOf(ticket);
    ticket.status = status;
    ticket.reason = reason;
    if (ticket.terms !== undefined && ticket.filled === 0) {
      this.#resting.dropExits(ticket, `its entry was ${status}`, row);
    }
    if (this.#route !== null) this.#route.withdraw(ticket);
    // An exit whose entry has not filled, or the handle of an earlier run, which has nothing to say in this one.
    if (at < 0) return;
    this.#remove(ticket, at);
    this.ended(ticket, status, row);
  }

  /** Records that an order has ended without a fill, and tells of it. */
  ended(ticket: OrderTicket, status: Ending, row: number): void {
    this.stream.push(ENDINGS[status], ticket.submittedRow, row, ticket.asset.sid);
    if (this.tells) this.notices.push({ kind: 'order', order: ticket, record: -1 });
  }

  /** Enters what another broker reports of an order at an axis row; see {@link ReportedOrders.enter}. */
  report(ticket: OrderTicket, report: OrderReport, row: number): void {
    this.#reported.enter(ticket, report, row);
  }

  /** Takes an order off the book, if it is there. */
  withdraw(ticket: OrderTicket): void {
    const at = this.working.indexOf(ticket);
    if (at >= 0) this.#remove(ticket, at);
  }

  #remove(ticket: OrderTicket, at: number): void {
    this.working.splice(at, 1);
    this.#resting.forget();
    if (ticket.terms !== undefined) this.#specials--;
    const { book } = this.lines[ticket.line]!;
    book.working--;
    book.isFlat = book.held === 0 && book.working === 0;
  }

  /** Takes an order off the book that has filled as far as it will. */
  done(ticket: OrderTicket): void {
    ticket.status = 'filled';
    this.#remove(ticket, this.working.indexOf(ticket));
  }

  /** Puts the exit of a bracket onto the book. */
  enlist(ticket: OrderTicket): void {
    const { book } = this.lines[ticket.line]!;
    this.working.push(ticket);
    this.#resting.forget();
    this.#specials++;
    book.working++;
    book.isFlat = false;
  }

  /** Tells of the last fill in the stream, and holds it against the controls. */
  filled(ticket: OrderTicket, price: number, opened: boolean): void {
    const { book } = this.lines[ticket.line]!;
    book.isFlat = book.held === 0 && book.working === 0;
    if (this.tells) this.notices.push({ kind: 'fill', order: ticket, record: this.stream.length - 1 });
    if (this.#controls !== null && opened) this.#controls.checkFill(ticket.line, price);
  }

  /** Brings the account up to an axis row before something fills there. */
  prepare(row: number, atClose: boolean): void {
    this.markTo(row);
    if (this.#exposure !== null) this.#exposure.row = atClose ? row : row - 1;
  }

  refusal(execution: Execution): string {
    return execution === 'filled' || execution === 'trimmed' ? '' : REASONS[execution];
  }

  /** Changes the prices or the units of a working order. */
  replace(ticket: OrderTicket, change: TicketChange): void {
    this.settle();
    const { units, limit, stop } = change;
    if (this.#controls !== null && units !== undefined) this.#controls.checkReplacement(ticket, units);
    if (this.#route !== null) this.#route.replace(ticket, change);
    ticket.terms ??= this.#becomeSpecial(ticket);
    this.#resting.forget();
    const { terms } = ticket;
    if (units !== undefined && ticket.request.kind === 'units') {
      const filled = ticket.request.units.clone().subtract(terms.left);
      terms.left.set(units).subtract(filled);
      ticket.request = { kind: 'units', units };
    }
    if (limit !== undefined) terms.limit = limit;
    if (stop !== undefined) terms.stop = stop;
    if (units !== undefined && terms.left.sign() !== units.sign())
      this.end(ticket, 'cancelled', 'replaced by what has filled already');
  }

  #becomeSpecial(ticket: OrderTicket): OrderTerms {
    this.#specials++;
    return this.#termsOfMarket(this.lines[ticket.line]!.book, ticket.request);
  }

  /** Lets one fill of several orders cancel the others. */
  pair(tickets: readonly OrderTicket[]): void {
    this.settle();
    if (this.#route !== null) this.#route.pair(tickets);
    this.#resting.forget();
    for (const ticket of tickets) {
      ticket.terms ??= this.#becomeSpecial(ticket);
      // An order may be paired more than once: the exits of a bracket are from the start.
      ticket.terms.partners = [...new Set([...ticket.terms.partners, ...tickets])];
    }
  }

  /** Applies the corporate actions and payments that are due at the opening of an axis row. */
  applyEvents(row: number): void {
    this.markTo(row);
    this.#resting.forget();
    this.#actions.apply(row);
  }

  /**
   * Takes all orders off the book on the last axis row of a run, and closes every position at the opening or the close of its bar there, as far as
   * the bar's volume allows; where the asset's own calendar has no bar there, of its last one before. A position that has changed since the opening of
   * that bar is closed at its close: at the opening it was another. A position whose bar is missing stays.
   */
  liquidate(row: number, moment: 'open' | 'close'): void {
    this.settle();
    for (const ticket of [...this.working]) this.end(ticket, 'cancelled', LIQUIDATED);
    for (const closing of this.#closings(row, moment)) {
      const { book } = closing.line;
      const ticket = this.#place(book, WHOLE, undefined, this.#termsOfMarket(book, WHOLE));
      ticket.reason = LIQUIDATED;
      // What is closed at an earlier bar changes the account on this one.
      if (closing.row < row) this.markTo(row);
      this.#resting.fillMarket(ticket, closing.row, closing.moment);
      if (ticket.status === 'working') this.end(ticket, 'expired', 'the run has ended');
    }
  }

  /** Where the positions are closed that are left on the last axis row of a run, in the order of time. */
  #closings(row: number, moment: 'open' | 'close'): Closing[] {
    const held = this.lines.filter(({ book }) => book.held !== 0);
    const rows = held.map(({ view }) => lastRowAtHome(view.listing, row));
    const changed = this.stream.filledAfterOpening(Math.min(...rows), this.#fill);
    const closings = held.map((line, at) => {
      const { asset } = line.view;
      const own = rows[at]!;
      const when = changed.get(asset.sid) === own ? 'close' : moment;
      return { line, row: own, moment: when, instant: this.#instantOf(when === 'open', own, asset.sid) } as const;
    });
    return closings.sort((a, b) => a.row - b.row || a.instant - b.instant);
  }

  /** Closes the books of a run before an axis row: what can never fill expires, and the last bars are marked. */
  finish(to: number): void {
    for (const [index, { view }] of this.lines.entries()) {
      if (view.listing.end < to) this.#expire(index);
    }
    this.carry(to - 1);
    this.markTo(to);
  }

  #expire(line: number): void {
    for (const ticket of [...this.working]) if (ticket.line === line) this.end(ticket, 'expired', ENDED);
  }

  /** Ends what an account has to do with an asset that trades no more: its position is closed at the last close, without a fee. */
  #closeOut(index: number, row: number): void {
    this.#expire(index);
    this.#isOver[index] = true;
    const line = this.lines[index]!;
    if (line.book.held === 0) return;
    const { account, stream } = this;
    const { asset, marks } = line.view;
    const close = marks[marks.length - 1]!;
    const ticket = this.#place(line.book, WHOLE, undefined);
    this.#remove(ticket, this.working.length - 1);
    account.settle(line.book, worthOf(this.#amount, line, close, account.scales));
    line.book.isFlat = line.book.held === 0 && line.book.working === 0;
    ticket.status = 'filled';
    ticket.reason = ENDED;
    ticket.filled = account.quantity.toNumber(account.scales.quantity);
    ticket.averagePrice = close;
    let ticks = Math.round(close * line.tickScale);
    let decimals = asset.priceDecimals;
    if (ticks > Number.MAX_SAFE_INTEGER) {
      // As of a fill: against the trader.
      const told = coarser(ticks, { ...line.scales, price: decimals }, account.quantity.sign() > 0);
      ({ ticks } = told);
      decimals = told.scales.price;
    }
    stream.push(StreamKind.Settlement, row, row, asset.sid, account.quantity, ticks, decimals, account.fee);
    if (this.tells) this.notices.push({ kind: 'fill', order: ticket, record: stream.length - 1 });
  }

  /** What may be bought or sold short at the last known closes, in money. */
  buyingPower(): number {
    if (this.#exposure !== null) this.#exposure.row = this.clock.row;
    return this.account.buyingPower().toNumber(this.account.scales.money);
  }

  /** Whether the account has to be looked at on every bar: charged for the night before, judged at the close. */
  get isWatched(): boolean {
    return this.#marginCall !== null || this.#carry !== null;
  }

  /** Charges the account for the nights before an axis row. */
  carry(row: number): void {
    if (this.#carry === null) return;
    this.markTo(row);
    const paid = this.#carry.charge(row);
    if (!paid.isZero) this.stream.push(StreamKind.Carry, row, row, NO_ASSET, undefined, 0, 0, paid);
  }

  /** Judges a margin account at the closes of an axis row. */
  watch(row: number): void {
    if (this.#marginCall?.check(row)) this.stream.push(StreamKind.MarginCall, row, row, NO_ASSET);
  }

  #closeAll(reason: string): void {
    for (const { book } of this.lines) {
      if (book.held === 0) continue;
      const ticket = this.#place(book, WHOLE, undefined);
      ticket.reason = reason;
      if (this.#route !== null) this.#route.submit(ticket);
    }
  }

  /** Writes the account's value at the closes of all rows before `row` that have not been written yet. */
  markTo(row: number): void {
    const from = this.#markedTo - this.#equityFrom;
    const to = row - this.#equityFrom;
    if (from >= to) return;
    this.#markedTo = row;
    const { money } = this.account.scales;
    const { ledger } = this.account;
    let cash = ledger.cash.toNumber(money);
    if (!ledger.receivable.isZero) cash += ledger.receivable.toNumber(money);
    const only = this.lines[0]!;
    if (this.#values !== null) {
      this.#values.take(to, cash, unitsOf(only));
      return;
    }
    const equity = this.#equity;
    const start = this.#equityFrom;
    if (this.lines.length === 1 && only.book.held !== 0) {
      writeMarks(equity, from, to, cash, unitsOf(only), only.view.marks, start - only.first);
      return;
    }
    equity.fill(cash, from, to);
    for (const line of this.lines) {
      if (line.book.held !== 0) addMarks(equity, from, to, 0, unitsOf(line), line.view.marks, start - line.first);
    }
  }
}

/** Returns an empty list whose elements the compiler takes for objects from the start: one kind of array instead of two. */
function emptyList(): OrderTicket[] {
  const list = [{} as OrderTicket];
  list.pop();
  return list;
}
