import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { ScaledInteger } from '../core/scaled-integer.js';
import {
  type BarTicks,
  type IntrabarRule,
  matchAfterBirth,
  matchAtPrice,
  matchWholeBar,
  matchWithin,
  type StopLimitRule,
  type Touch,
} from '../execution/matching.js';
import { awayFrom, type Distance, FilledPart, type OrderTerms, type PlannedExit } from '../execution/order-terms.js';
import type { SlippageModel } from '../execution/slippage/slippage.js';
import { isBuy, type OrderRequest, type OrderTicket } from '../execution/ticket.js';
import type { Account, Execution } from '../portfolio/account.js';
import { coarser } from './coarser-price.js';
import type { FillConditions } from './fill-conditions.js';
import type { FillRule } from './fill-rule.js';
import { rowAfter } from './home-axis.js';
import type { Line } from './line.js';
import { type OrderStream, StreamKind } from './order-stream.js';

/** How an order ends without a fill. */
export type Ending = 'cancelled' | 'rejected' | 'expired';

/** What of a broker its resting orders need. */
export interface RestingBroker {
  readonly lines: readonly Line[];
  readonly account: Account;
  readonly stream: OrderStream;
  readonly working: OrderTicket[];
  /** Adds the account's value at the closes before an axis row, and measures what it carries there. */
  prepare(row: number, atClose: boolean): void;
  /** Takes a working order off the book, as of an axis row. @defaultValue the last that is known */
  end(ticket: OrderTicket, status: Ending, reason: string, row?: number): void;
  /** Puts an order that was given before onto the book. */
  enlist(ticket: OrderTicket): void;
  /** Takes an order off the book that has filled as far as it will. */
  done(ticket: OrderTicket): void;
  /** Tells of a fill. */
  filled(ticket: OrderTicket, price: number, opened: boolean): void;
  refusal(execution: Execution): string;
}

/** From which bar on the exits of a bracket work: what is left of the bar of their entry, or the bar after. */
export type ExitsFrom = 'entry-bar' | 'next-bar';

/** The bars of one asset, in listing rows. */
interface Bars {
  readonly open: ReadonlyFloat64Array;
  readonly high: ReadonlyFloat64Array;
  readonly low: ReadonlyFloat64Array;
  readonly close: ReadonlyFloat64Array;
}

/** Bars that are looked at ahead after orders have changed, and at most; each look in vain doubles them. */
const AHEAD = 16;
const AHEAD_MAX = 65_536;
/** What the rounding of a product and a quotient can move a price by. */
const ROUNDING = 1e-12;

/** At which moment of its bar a fill happens. */
type Moment = 'open' | 'within' | 'close';

/** Kinds of records by moment, whole and trimmed. Those of the run's own rule are plain fills. */
const TOUCHED = [StreamKind.Touched, StreamKind.TrimmedTouched] as const;
const OPENED = [StreamKind.Opened, StreamKind.TrimmedOpened] as const;
const PLAIN = [StreamKind.Fill, StreamKind.TrimmedFill] as const;

/**
 * Matches orders that are more than plain market orders against recorded bars: those that wait for a price, last for a while, have partners, or
 * share a bar's volume. A bar is taken in three moments, its opening, what is within, and its close; the rules are listed in docs/concepts/orders.md.
 */
export class RestingOrders {
  readonly #broker: RestingBroker;
  readonly #rule: IntrabarRule;
  readonly #stopLimits: StopLimitRule;
  readonly #fillRule: FillRule;
  readonly #slippage: SlippageModel;
  readonly #conditions: FillConditions;
  readonly #closesSession: (row: number, line: number) => boolean;
  readonly #opensAt: (row: number, line: number) => number;
  readonly #exitsFrom: ExitsFrom;
  readonly #delay: number;
  readonly #looksAhead: boolean;
  /** Of each line that has had an order here. */
  readonly #bars: (Bars | undefined)[] = [];
  readonly #bar = { open: 0, high: 0, low: 0, close: 0 };
  /** The axis row before which no order does anything but follow the market; -1 where nobody has looked since the orders changed. */
  #due = -1;
  /** Whether an order may do something there, or the look ahead went no further. */
  #isTouched = false;
  #ahead = AHEAD;
  readonly #units = new ScaledInteger();
  readonly #most = new ScaledInteger();

  constructor(
    broker: RestingBroker,
    options: {
      readonly intrabar: IntrabarRule;
      readonly stopLimits: StopLimitRule;
      readonly fill: FillRule;
      readonly slippage: SlippageModel;
      readonly conditions: FillConditions;
      /** Whether an axis row is the last of a session of a line's asset. */
      readonly closesSession: (row: number, line: number) => boolean;
      /** Instant at which the bar of a line's asset on an axis row opens, in UTC milliseconds. */
      readonly opensAt: (row: number, line: number) => number;
      readonly exitsFrom: ExitsFrom;
      /** Bars of its asset that an order takes to reach the market; exits lie there already. */
      readonly delay: number;
      /** Whether the bars to come are there, and may be looked at for the next on which an order does anything. */
      readonly looksAhead: boolean;
    },
  ) {
    this.#broker = broker;
    this.#rule = options.intrabar;
    this.#stopLimits = options.stopLimits;
    this.#fillRule = options.fill;
    this.#slippage = options.slippage;
    this.#conditions = options.conditions;
    this.#closesSession = options.closesSession;
    this.#opensAt = options.opensAt;
    this.#exitsFrom = options.exitsFrom;
    this.#delay = options.delay;
    this.#looksAhead = options.looksAhead;
  }

  /** The axis row before which the orders that were looked at last do nothing but follow the market; -1 where they have changed since. */
  get due(): number {
    return this.#due;
  }

  /** Forgets what was seen ahead: orders, or what they close, have changed. */
  forget(): void {
    this.#due = -1;
  }

  /**
   * Whether no order does anything on an axis row, but that trailing stops follow the market: see {@link follow}. It errs on one side only: a row that
   * is not idle may be one on which nothing happens.
   */
  isIdle(row: number): boolean {
    if (row < this.#due) return true;
    if (!this.#looksAhead || (this.#due === row && this.#isTouched)) {
      this.#due = -1;
      return false;
    }
    this.#ahead = this.#due === row ? Math.min(2 * this.#ahead, AHEAD_MAX) : AHEAD;
    const end = row + this.#ahead;
    let due = end;
    for (const ticket of this.#broker.working) due = this.#nextOf(ticket, row, due);
    this.#isTouched = due < end;
    this.#due = due > row ? due : -1;
    return due > row;
  }

  /** Lets an idle bar pass; returns false, and does nothing, for one that is not. */
  passes(row: number): boolean {
    if (!this.isIdle(row)) return false;
    this.follow(row, row + 1);
    return true;
  }

  /** Lets trailing stops follow the bars of the axis rows [from, to), on which no order does anything else. */
  follow(from: number, to: number): void {
    for (const ticket of this.#broker.working) {
      const { terms } = ticket;
      if (terms?.trailing === undefined || terms.isTriggered) continue;
      const start = Math.max(from, this.#arrivalOf(ticket as Special) + 1);
      this.#followed(ticket as Special, terms.trailing, start, to, 'writes');
    }
  }

  /** The first axis row of [from, to) on which an order may do anything but follow the market; `to` where there is none. */
  #nextOf(ticket: OrderTicket, from: number, to: number): number {
    const { terms } = ticket;
    if (terms === undefined) return from;
    const start = Math.max(from, this.#arrivalOf(ticket as Special) + 1);
    if (start >= to) return this.#isIdleExit(ticket) ? from : to;
    const { timeInForce, goodTill, isTriggered, limit, trailing } = terms;
    const isDueNow = !terms.hasPrice || (isTriggered && Number.isNaN(limit)) || this.#isIdleExit(ticket);
    if (isDueNow || timeInForce === 'ioc' || timeInForce === 'fok') return from;
    let end = to;
    if (goodTill !== Number.POSITIVE_INFINITY) {
      for (let row = start; row < end; row++) if (this.#opensAt(row, ticket.line) >= goodTill) end = row;
    }
    if (timeInForce === 'day') {
      for (let row = start; row < end; row++) if (this.#closesSession(row, ticket.line)) end = row;
    }
    if (trailing !== undefined && !isTriggered) return this.#followed(ticket as Special, trailing, start, end, 'looks');
    const { first, tickScale } = this.#broker.lines[ticket.line]!;
    const bars = this.#barsOf(ticket.line);
    const buys = this.#buys(ticket as Special);
    // A stop waits for the market to go on, a limit for it to come back.
    const isAbove = terms.waitsForStop === buys;
    const level = levelOf(terms.waitsForStop ? terms.stop : limit, tickScale, isAbove);
    const known = Math.min(end - first, bars.close.length);
    for (let at = Math.max(0, start - first); at < known; at++)
      if (reaches(bars, at, level, isAbove)) return at + first;
    return end;
  }

  /** The first axis row of [from, to) on which a trailing stop is touched; `to` where there is none. Up to there the stop follows the market. */
  #followed(ticket: Special, distance: Distance, from: number, to: number, mode: 'looks' | 'writes'): number {
    const { terms } = ticket;
    const { first, tickScale } = this.#broker.lines[ticket.line]!;
    const bars = this.#barsOf(ticket.line);
    const { high, low, close } = bars;
    const buys = this.#buys(ticket);
    const side = buys ? 1 : -1;
    const followed = terms.followsClose ? close : buys ? low : high;
    let { best, stop } = terms;
    // What nobody can follow is looked at bar by bar.
    if (Number.isNaN(best) || Number.isNaN(stop)) return from;
    let level = levelOf(stop, tickScale, buys);
    const end = Math.min(to - first, close.length);
    let isFirst = true;
    for (let at = Math.max(0, from - first); at < end; at++) {
      if (mode === 'looks' && reaches(bars, at, level, buys)) return at + first;
      if (!(close[at]! > 0)) continue;
      const reached = Math.round(followed[at]! * tickScale);
      if (!isFirst && (buys ? reached >= best : reached <= best)) continue;
      isFirst = false;
      best = buys ? Math.min(best, reached) : Math.max(best, reached);
      stop = awayFrom(best, distance, side, terms.tick, !buys);
      level = levelOf(stop, tickScale, buys);
    }
    if (mode === 'writes') {
      terms.best = best;
      terms.stop = stop;
    }
    return to;
  }

  /** Whether an order is the exit of a position that is closed, or has changed sides. */
  #isIdleExit({ terms, line }: OrderTicket): boolean {
    if (terms?.isExit !== true) return false;
    const held = this.#broker.lines[line]!.book.quantity.sign();
    return held === 0 || held === terms.left.sign();
  }

  /** The opening of a bar: market orders for it, gaps through a price. */
  open(row: number): void {
    for (const ticket of this.inPlay(row)) {
      const { terms } = ticket;
      if (terms.goodTill <= this.#opensAt(row, ticket.line) && ticket.status === 'working') {
        this.#broker.end(ticket, 'expired', 'the instant that it was good till has come');
        continue;
      }
      const bar = this.#barOf(ticket, row);
      if (bar === undefined || ticket.status !== 'working') continue;
      if (terms.hasPrice && (this.#rule === 'close' || this.#seesWholeBar(terms))) continue;
      if (terms.hasPrice) this.#touch(ticket, matchAtPrice(terms, this.#buys(ticket), bar.open), 'open', row);
      else if (this.#momentOf(terms) === 'open') this.#fill(ticket, bar.open, false, 'open', row);
    }
  }

  /** What happens within a bar, and at its close; then what has lasted long enough expires. */
  within(row: number): void {
    if (this.#rule === 'close') this.#judgeByClose(row);
    else this.#judgeWithin(row);
    for (const ticket of this.inPlay(row)) {
      if (ticket.status !== 'working' || ticket.terms.hasPrice || this.#momentOf(ticket.terms) !== 'close') continue;
      const bar = this.#barOf(ticket, row);
      if (bar !== undefined) this.#fill(ticket, bar.close, false, 'close', row);
    }
    this.#endBar(row);
  }

  /** Judges orders that wait for a price by the close of a bar alone; exits that one of them brings to life wait for the next bar. */
  #judgeByClose(row: number): void {
    // The list is made before: what a fill brings to life is not in it.
    for (const ticket of this.inPlay(row)) {
      if (ticket.status !== 'working' || !ticket.terms.hasPrice) continue;
      const bar = this.#barOf(ticket, row);
      if (bar !== undefined) {
        this.#touch(ticket, matchAtPrice(ticket.terms, this.#buys(ticket), bar.close), 'close', row);
      }
    }
  }

  /** Judges orders that wait for a price by all that a bar shows after its opening. */
  #judgeWithin(row: number): void {
    const seen = new Set<OrderTicket>();
    for (let found = true; found; ) {
      // An entry may bring its exits to life: they have the rest of the bar.
      found = false;
      const fresh = this.inPlay(row).filter((ticket) => ticket.terms.hasPrice && !seen.has(ticket));
      for (const stops of this.#rule === 'pessimistic' ? [true, false] : [false, true]) {
        for (const ticket of fresh) {
          if (seen.has(ticket) || ticket.status !== 'working' || ticket.terms.waitsForStop !== stops) continue;
          const bar = this.#barOf(ticket, row);
          seen.add(ticket);
          if (bar === undefined) continue;
          found = true;
          const match = this.#seesWholeBar(ticket.terms)
            ? matchWholeBar
            : ticket.terms.bornWithin === row
              ? matchAfterBirth
              : matchWithin;
          this.#touch(ticket, match(ticket.terms, this.#buys(ticket), bar, this.#rule), 'within', row);
        }
      }
    }
  }

  /** The close of the bar on which orders were given, where the run fills there. */
  sameClose(row: number): void {
    for (const ticket of [...this.#broker.working] as Special[]) {
      if (ticket.terms === undefined || ticket.status !== 'working' || this.#arrivalOf(ticket) > row) continue;
      if (ticket.terms.hasPrice || ticket.terms.on === 'open') continue;
      const bar = this.#barOf(ticket, row);
      if (bar !== undefined) this.#fill(ticket, bar.close, false, 'close', row);
    }
  }

  /** Fills a market order at the opening or the close of a bar, whatever rule the run has; nothing where the bar is missing. */
  fillMarket(ticket: OrderTicket, row: number, moment: 'open' | 'close'): void {
    const bar = this.#barOf(ticket, row);
    if (bar !== undefined) this.#fill(ticket as Special, bar[moment], false, moment, row);
  }

  /** Ends the exits of an order that ended without a fill. */
  dropExits(ticket: OrderTicket, reason: string, row: number): void {
    for (const exit of ticket.terms?.exits ?? []) {
      if (exit.ticket.status === 'working') this.#broker.end(exit.ticket, 'cancelled', reason, row);
    }
  }

  /** Orders with terms that have reached the market before a bar, oldest first. */
  protected inPlay(row: number): Special[] {
    return this.#broker.working.filter(
      (ticket) => ticket.terms !== undefined && this.#arrivalOf(ticket as Special) < row,
    ) as Special[];
  }

  /** The axis row by whose end an order is at the market. */
  #arrivalOf({ submittedRow, terms, line }: Special): number {
    if (terms.isExit || this.#delay === 0) return submittedRow;
    return rowAfter(this.#broker.lines[line]!.view.listing, submittedRow, this.#delay);
  }

  /** The bar of an order's asset in ticks: a register; undefined where it has none. */
  #barOf(ticket: OrderTicket, row: number): BarTicks | undefined {
    const { first, tickScale } = this.#broker.lines[ticket.line]!;
    const at = row - first;
    const bars = this.#barsOf(ticket.line);
    const close = bars.close[at];
    if (close === undefined || !(close > 0)) return undefined;
    const bar = this.#bar;
    bar.open = Math.round(bars.open[at]! * tickScale);
    bar.high = Math.round(bars.high[at]! * tickScale);
    bar.low = Math.round(bars.low[at]! * tickScale);
    bar.close = Math.round(close * tickScale);
    return bar;
  }

  #barsOf(line: number): Bars {
    const known = this.#bars[line];
    if (known !== undefined) return known;
    const { listing } = this.#broker.lines[line]!.view;
    const bars = {
      open: listing.column('open'),
      high: listing.column('high'),
      low: listing.column('low'),
      close: listing.column('close'),
    };
    // Columns that grow may be others on the next bar.
    if (this.#looksAhead) this.#bars[line] = bars;
    return bars;
  }

  #buys({ request, line, terms }: Special): boolean {
    if (terms.isExit) return terms.left.sign() > 0;
    return isBuy(request, this.#broker.lines[line]!.book.held);
  }

  /** Whether an order is judged by the high and low of a bar alone. */
  #seesWholeBar(terms: OrderTerms): boolean {
    return this.#stopLimits === 'whole-bar' && terms.waitsForStop && !Number.isNaN(terms.limit);
  }

  #momentOf(terms: OrderTerms): Moment | 'never' {
    if (terms.on !== undefined) return terms.on;
    if (this.#fillRule === 'same-close') return 'never';
    return this.#fillRule === 'next-open' ? 'open' : 'close';
  }

  #touch(ticket: Special, touch: Touch, moment: Moment, row: number): void {
    if (touch === undefined) return;
    ticket.terms.isTriggered = true;
    if (touch !== 'triggered') this.#fill(ticket, touch.ticks, touch.isMaker, moment, row);
  }

  /** Fills an order at a quoted price as far as the bar's volume and the account allow. */
  #fill(ticket: Special, quoted: number, isMaker: boolean, moment: Moment, row: number): void {
    const broker = this.#broker;
    const { account, stream } = broker;
    const line = broker.lines[ticket.line]!;
    const { book } = line;
    const { terms } = ticket;
    const buys = this.#buys(ticket);
    const request = this.#requestOf(ticket, line);
    if (request === undefined) {
      broker.end(ticket, 'cancelled', 'there is nothing left for it to close', row);
      return;
    }
    broker.prepare(row, moment === 'close');
    const conditions = this.#conditions;
    if (conditions.matter) {
      conditions.observe(ticket.line, request, book, quoted / line.tickScale, row);
      account.facts.isMaker = isMaker;
      terms.filledPart ??= new FilledPart();
      const { units, gross, fees } = terms.filledPart;
      account.facts.orderUnits.set(units);
      account.facts.orderGross.set(gross);
      account.facts.orderFees.set(fees);
    }
    const most = conditions.available(ticket.line, line.scales.lot, this.#most);
    if (
      most !== undefined &&
      terms.timeInForce === 'fok' &&
      most.toNumber(account.scales.quantity) < conditions.market.units
    ) {
      broker.end(ticket, 'cancelled', 'fill or kill: the bar offers too little of it', row);
      return;
    }
    if (most?.isZero) return;
    let ticks = this.#priced(terms, quoted, buys);
    if (ticks === undefined) return;
    const filledAt = ticks;
    let price = ticks / line.fillScale;
    let { scales } = line;
    if (ticks > Number.MAX_SAFE_INTEGER) {
      // Against the trader, but never past a limit.
      ({ ticks, scales } = coarser(ticks, scales, Number.isNaN(terms.limit) === buys));
      price = ticks / 10 ** scales.price;
    }
    account.most = most;
    const execution = account.execute(book, request, ticks, price, scales);
    account.most = undefined;
    if (execution !== 'filled' && execution !== 'trimmed') {
      broker.end(ticket, 'rejected', broker.refusal(execution), row);
      return;
    }
    // What the bar could not give is carried over, unless cash ran out first.
    const isCut = most !== undefined && account.wasCut && (execution === 'filled' || !buys);
    this.#count(ticket, price);
    if (conditions.matter) conditions.took(ticket.line, Math.abs(account.quantity.toNumber(account.scales.quantity)));
    if (execution === 'trimmed') ticket.reason = account.trimmedBy(buys);
    const kinds =
      moment === 'open'
        ? this.#fillRule === 'next-open'
          ? PLAIN
          : OPENED
        : moment === 'close' && this.#fillRule !== 'next-open'
          ? PLAIN
          : TOUCHED;
    const kind = kinds[execution === 'trimmed' ? 1 : 0];
    stream.push(kind, ticket.submittedRow, row, ticket.asset.sid, account.quantity, ticks, scales.price, account.fee);
    if (ticket.tag !== undefined) stream.tagLast(ticket.tag);
    const opened = buys === book.held > 0;
    // A share is measured once: what the bar cannot give of it is let go.
    if (!isCut || request.kind === 'share') broker.done(ticket);
    else if (request.kind === 'notional') request.budget?.subtract(account.gross).subtract(account.fee);
    broker.filled(ticket, price, opened);
    this.#liven(ticket, buys, filledAt / 10 ** this.#slippage.extraDecimals, moment, row);
    this.#endPartners(ticket, row);
    this.endIdleExits(row);
  }

  /** Ends what a fill makes void. The exits of a bracket guard what rests of their position together until one has filled whole. */
  #endPartners({ id, terms, status }: Special, row: number): void {
    const end = (partner: OrderTicket, reason: string): void => {
      if (partner.status === 'working' && partner.id !== id) this.#broker.end(partner, 'cancelled', reason, row);
    };
    for (const partner of terms.partners) {
      const guardsTogether = terms.isExit && status === 'working' && partner.terms?.entry === terms.entry;
      if (!guardsTogether) end(partner, `${id}, which it is paired with, has filled`);
    }
    // What the entry would still fill had no exits any more.
    if (terms.entry !== undefined) end(terms.entry, `${id}, which closes its position, has filled`);
  }

  /** What is asked for now; undefined when an exit has nothing to close. */
  #requestOf({ request, terms }: Special, line: Line): OrderRequest | undefined {
    if (request.kind !== 'units') return request;
    const units = this.#units.set(terms.left);
    if (terms.isExit) {
      const { quantity } = line.book;
      if (quantity.sign() === 0 || quantity.sign() === units.sign()) return undefined;
      if (units.clone().add(quantity).sign() === units.sign()) units.set(quantity).negate();
    }
    return { kind: 'units', units };
  }

  /** The price after slippage; undefined where that is worse than the limit and the model says that such a fill is refused. */
  #priced(terms: OrderTerms, quoted: number, buys: boolean): number | undefined {
    const slipped = this.#slippage.fillPrice(buys ? 1 : -1, quoted, this.#conditions.market);
    if (Number.isNaN(terms.limit)) return slipped;
    const limit = terms.limit * 10 ** this.#slippage.extraDecimals;
    if (buys ? slipped <= limit : slipped >= limit) return slipped;
    return this.#slippage.pastLimit === 'waits' ? undefined : limit;
  }

  /** Counts the account's last execution to an order. */
  #count(ticket: Special, price: number): void {
    const { account } = this.#broker;
    const { terms } = ticket;
    const { quantity } = account;
    const filled = quantity.toNumber(account.scales.quantity);
    if (ticket.request.kind === 'units') terms.left.subtract(quantity);
    const part = terms.filledPart;
    if (part !== undefined) {
      const units = this.#units.set(quantity);
      if (units.sign() < 0) units.negate();
      part.units.add(units);
      part.gross.add(account.gross);
      part.fees.add(account.fee);
    }
    terms.filledValue += Math.abs(filled) * price;
    ticket.filled += filled;
    ticket.measure(this.#broker.lines[ticket.line]!.book.held);
    ticket.averagePrice = terms.filledValue / Math.abs(ticket.filled);
  }

  /** Brings the exits of an entry to life with what has filled of it. */
  #liven(entry: Special, buys: boolean, ticks: number, moment: Moment, row: number): void {
    const { exits } = entry.terms;
    if (exits.length === 0) return;
    const { quantity } = this.#broker.account;
    const ordered = this.#rule === 'optimistic' ? [...exits].reverse() : exits;
    exits[0]!.ticket.terms!.left.subtract(quantity);
    for (const exit of ordered) {
      const { ticket } = exit;
      const terms = ticket.terms!;
      if (ticket.status !== 'working') continue;
      const isLive = this.#broker.working.includes(ticket);
      place(exit, entry, buys, this.#broker.lines[entry.line]!, isLive);
      if (isLive) continue;
      ticket.submittedRow = this.birthRow(row);
      if (this.#exitsFrom === 'next-bar') {
        this.#broker.enlist(ticket);
        continue;
      }
      terms.bornWithin = moment === 'open' ? -1 : row;
      this.#broker.enlist(ticket);
      // The market may already be where the exit stands.
      if (moment !== 'close') this.#touch(ticket as Special, matchAtPrice(terms, !buys, ticks), moment, row);
    }
  }

  /** The axis row as of which an exit is given that a fill on a row brings to life. */
  birthRow(row: number): number {
    return this.#exitsFrom === 'next-bar' ? row : row - 1;
  }

  /** Ends the exits of positions that are closed, or have changed sides. */
  endIdleExits(row: number): void {
    for (const ticket of [...this.#broker.working]) {
      if (this.#isIdleExit(ticket)) {
        this.#broker.end(ticket, 'cancelled', 'the position that it protects is closed', row);
      }
    }
  }

  /**
   * Ends what was to last for the session of an axis row, if that was its last: of a market that is arriving, the bar after it may be the first to show it,
   * where the session's own last bars are missing.
   */
  endSession(row: number): void {
    for (const ticket of this.inPlay(row)) this.#endWithSession(ticket, row);
  }

  #endWithSession(ticket: Special, row: number): void {
    if (ticket.terms.timeInForce === 'day' && this.#closesSession(row, ticket.line))
      this.#broker.end(ticket, 'expired', 'the session that it was good for is over', row);
  }

  /** Lets trailing stops follow, and ends what was to last no longer. */
  #endBar(row: number): void {
    for (const ticket of this.inPlay(row)) {
      const { terms } = ticket;
      const bar = this.#barOf(ticket, row);
      if (bar !== undefined) {
        // Of the bar of its birth only the close is sure to come after it.
        if (terms.bornWithin === row) terms.trail(this.#buys(ticket), { ...bar, high: bar.close, low: bar.close });
        else terms.trail(this.#buys(ticket), bar);
        if (terms.timeInForce === 'ioc' || terms.timeInForce === 'fok') {
          this.#broker.end(
            ticket,
            'cancelled',
            terms.timeInForce === 'ioc' ? 'immediate or cancel' : 'fill or kill',
            row,
          );
          continue;
        }
      }
      this.#endWithSession(ticket, row);
    }
  }
}

/** A price that all prices lie beyond which round to so many ticks or further that way. */
const levelOf = (ticks: number, tickScale: number, isAbove: boolean): number =>
  isAbove ? ((ticks - 0.5) / tickScale) * (1 - ROUNDING) : ((ticks + 0.5) / tickScale) * (1 + ROUNDING);

/** Whether a bar reaches a price that lies above the market, or below it. */
const reaches = ({ open, high, low, close }: Bars, at: number, level: number, isAbove: boolean): boolean =>
  isAbove
    ? high[at]! >= level || open[at]! >= level || close[at]! >= level
    : low[at]! <= level || open[at]! <= level || close[at]! <= level;

/** A ticket with terms. */
export type Special = OrderTicket & { terms: OrderTerms };

/** Sets an exit's price by the average fill of its entry; a trailing one that has begun to follow the market goes on from there. */
function place(
  { ticket, place: where, role }: PlannedExit,
  entry: OrderTicket,
  buys: boolean,
  line: Line,
  isLive: boolean,
): void {
  if (isLive && where.kind === 'trailing') return;
  const terms = ticket.terms!;
  const side = (role === 'stop-loss') === buys ? -1 : 1;
  const average = entry.averagePrice * line.tickScale;
  // The favour of the trader: a lower stop and a higher limit of a sale, and the other way round.
  const ticks =
    where.kind === 'price'
      ? where.ticks
      : awayFrom(average, where.distance, side, terms.tick, (role === 'stop-loss') === buys);
  if (where.kind === 'trailing') {
    terms.trailing = where.distance;
    terms.best = average;
  }
  if (role === 'stop-loss') terms.stop = ticks;
  else terms.limit = ticks;
}
