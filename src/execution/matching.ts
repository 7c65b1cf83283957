/** One bar of one asset, in ticks. */
export interface BarTicks {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * What is assumed where a bar does not say what came first: `pessimistic` the worse for the order, `optimistic` the better. `close` looks at
 * the close of a bar alone, where an order fills or is triggered, as if nothing had traded before: it is there to compare with engines that
 * do so. The rules are listed in docs/concepts/orders.md.
 */
export type IntrabarRule = 'pessimistic' | 'optimistic' | 'close';

/**
 * How a stop-limit is judged: `from-open` by its opening first, then by the rest of the bar; `whole-bar` by high and low alone, as if the market
 * had traded through the stop wherever it opened. The second fills at prices that a gap has left behind: it is there to compare with other engines.
 */
export type StopLimitRule = 'from-open' | 'whole-bar';

/** The prices of an order that waits for one, in ticks; NaN where it has none. */
export interface PriceTerms {
  readonly limit: number;
  /** The stop, or the present level of a trailing one. */
  readonly stop: number;
  /** Whether the stop has been touched: from then on the order is a market or limit order. */
  readonly isTriggered: boolean;
}

/** Where an order fills, and whether it waited there for the market to come (a maker) rather than went to it. */
export interface Match {
  readonly ticks: number;
  readonly isMaker: boolean;
}

/** What a bar does to an order: a fill, or that its stop is touched while its limit is not. */
export type Touch = Match | 'triggered' | undefined;

/**
 * Returns what the opening of a bar does to an order that waits for a price; what any lone price does that is all there is to see. A gap through the stop fills at the open, the worse price; a gap
 * through the limit at the open too, the better price.
 */
export function matchAtPrice({ limit, stop, isTriggered }: PriceTerms, buys: boolean, price: number): Touch {
  const hasStop = !Number.isNaN(stop) && !isTriggered;
  if (hasStop && (buys ? price < stop : price > stop)) return undefined;
  if (Number.isNaN(limit) || (buys ? price <= limit : price >= limit)) return { ticks: price, isMaker: false };
  return hasStop ? 'triggered' : undefined;
}

/**
 * Returns what the rest of a bar does to an order that its opening did not fill.
 *
 * A limit fills at the limit when the bar touches it, a stop at the stop. A stop-limit whose limit lies behind the stop fills at the stop; one whose
 * limit lies before it needs the price to come back after the stop was touched: pessimistically only the close proves that, optimistically any touch.
 */
export function matchWithin(terms: PriceTerms, buys: boolean, bar: BarTicks, rule: IntrabarRule): Touch {
  const { limit, stop, isTriggered } = terms;
  if (Number.isNaN(stop) || isTriggered) {
    return touchesLimit(limit, buys, bar) ? { ticks: limit, isMaker: true } : undefined;
  }
  if (buys ? bar.high < stop : bar.low > stop) return undefined;
  if (Number.isNaN(limit) || (buys ? stop <= limit : stop >= limit)) return { ticks: stop, isMaker: false };
  const comesBack =
    rule === 'optimistic' ? touchesLimit(limit, buys, bar) : buys ? bar.close <= limit : bar.close >= limit;
  return comesBack ? { ticks: limit, isMaker: true } : 'triggered';
}

/**
 * Returns what the rest of a bar does to an order that was born within it, such as the exit of a bracket whose entry was touched: what the bar
 * showed before is unknown. Pessimistically a stop counts every touch, and a limit only what the close proves; optimistically both count every touch.
 */
export function matchAfterBirth(terms: PriceTerms, buys: boolean, bar: BarTicks, rule: IntrabarRule): Touch {
  const isLimit = Number.isNaN(terms.stop) || terms.isTriggered;
  if (!isLimit || rule === 'optimistic') return matchWithin(terms, buys, bar, rule);
  const proved = buys ? bar.close <= terms.limit : bar.close >= terms.limit;
  return proved ? { ticks: terms.limit, isMaker: true } : undefined;
}

/**
 * Returns what a whole bar does to a stop-limit under the rule of that name: a fill at the stop where both prices are touched and the limit lies
 * behind the stop; else the stop alone is touched.
 */
export function matchWholeBar({ limit, stop }: PriceTerms, buys: boolean, bar: BarTicks): Touch {
  if (buys ? bar.high < stop : bar.low > stop) return undefined;
  const isBehind = buys ? limit > stop : limit < stop;
  return isBehind && touchesLimit(limit, buys, bar) ? { ticks: stop, isMaker: false } : 'triggered';
}

const touchesLimit = (limit: number, buys: boolean, { high, low }: BarTicks): boolean =>
  buys ? low <= limit : high >= limit;
