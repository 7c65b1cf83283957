import { type Amount, toScaled } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import { Rounding } from '../core/scaled-integer.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { OrderOptions, TimeInForce } from '../execution/order.js';
import { awayFrom, type Distance, type ExitPlace, OrderTerms } from '../execution/order-terms.js';
import { roundToTick } from '../execution/tick-rounding.js';
import type { Asset } from '../market/asset.js';

const KEYS = ['limit', 'stop', 'trailing', 'stopLoss', 'takeProfit', 'timeInForce', 'goodTill', 'on', 'tag'] as const;
const STOP_KEYS = ['price', 'percent', 'amount', 'trailing'] as const;
const PROFIT_KEYS = ['price', 'percent', 'amount'] as const;
const DURATIONS: readonly TimeInForce[] = ['gtc', 'day', 'ioc', 'fok'];

/** What a strategy said of an order, read once. */
export interface OrderReading {
  readonly terms: OrderTerms;
  readonly stopLoss: ExitPlace | undefined;
  readonly takeProfit: ExitPlace | undefined;
}

/** Where an order is given: the asset and what is known of it. */
export interface Quote {
  readonly asset: Asset;
  /** The last known close, in the smallest unit of the asset's decimals; NaN without one. */
  readonly last: number;
}

/** Returns the smallest price step of an asset, in the smallest unit of its decimals. */
export const tickOf = ({ tick, priceDecimals }: Asset): number => Math.max(1, Math.round(tick * 10 ** priceDecimals));

/** Checks the names of an order's options; returns whether they say more than a tag. Throws UsageError `UNKNOWN_OPTION`. */
export function saysMore(options: OrderOptions): boolean {
  rejectUnknownKeys('order', options, KEYS);
  for (const key of KEYS) if (key !== 'tag' && options[key] !== undefined) return true;
  return false;
}

/**
 * Reads what makes an order more than a plain market order. Throws UsageError `INVALID_ORDER` for what contradicts itself, and for prices and
 * distances that are none.
 */
export function readOrder(options: OrderOptions, buys: boolean, { asset, last }: Quote): OrderReading {
  const tick = tickOf(asset);
  const terms = new OrderTerms(tick);
  const { limit, stop, trailing, stopLoss, takeProfit, timeInForce = 'gtc', goodTill, on } = options;
  if (trailing !== undefined && (limit !== undefined || stop !== undefined)) {
    throw invalid('has a trailing stop beside a limit or a stop. Give one of them.');
  }
  if (on !== undefined && (limit ?? stop ?? trailing) !== undefined) {
    throw invalid("has both a price and 'on'. An order at the open or the close is a market order.");
  }
  if (on !== undefined && on !== 'open' && on !== 'close')
    throw invalid(`has on: '${String(on)}'. It is 'open' or 'close'.`);
  if (!DURATIONS.includes(timeInForce)) {
    throw invalid(
      `has timeInForce: '${String(timeInForce)}'. It is ${DURATIONS.map((word) => `'${word}'`).join(', ')}.`,
    );
  }
  terms.timeInForce = timeInForce;
  if (goodTill !== undefined) {
    if (!Number.isFinite(goodTill))
      throw invalid(`has goodTill: ${String(goodTill)}. It is an instant in UTC milliseconds.`);
    terms.goodTill = goodTill;
  }
  terms.on = on;
  if (limit !== undefined) terms.limit = roundToTick(priceOf(limit, 'limit', asset), tick, buys);
  if (stop !== undefined) terms.stop = roundToTick(priceOf(stop, 'stop', asset), tick, !buys);
  if (terms.limit === 0 || terms.stop === 0)
    throw invalid('has a price that rounds to 0. Give one of at least a tick.');
  if (trailing !== undefined) {
    const { follows = 'extreme', ...distance } = trailing;
    if (follows !== 'extreme' && follows !== 'close') {
      throw invalid(`has follows: '${String(follows)}' in trailing. It is 'extreme' or 'close'.`);
    }
    terms.trailing = distanceOf(distance, 'trailing', asset);
    terms.followsClose = follows === 'close';
    terms.best = last;
    terms.stop = awayFrom(last, terms.trailing, buys ? 1 : -1, tick, !buys);
  }
  return {
    terms,
    stopLoss: stopLoss && exitPlace(stopLoss, 'stopLoss', asset),
    takeProfit: takeProfit && exitPlace(takeProfit, 'takeProfit', asset),
  };
}

/** Says why an exit at a stated price makes no sense beside its entry; undefined when it does. */
export function misplacedExit(reading: OrderReading, buys: boolean, { last, asset }: Quote): string | undefined {
  const { limit, stop } = reading.terms;
  const entry = Number.isNaN(limit) ? (Number.isNaN(stop) ? last : stop) : limit;
  const side = buys ? 1 : -1;
  const text = (ticks: number): string => String(ticks / 10 ** asset.priceDecimals);
  const { stopLoss, takeProfit } = reading;
  if (Number.isNaN(entry) && (stopLoss?.kind === 'price' || takeProfit?.kind === 'price')) {
    return 'no price is known yet that its exits could be held against';
  }
  if (stopLoss?.kind === 'price' && !(side * stopLoss.ticks < side * entry)) {
    return `its stop-loss ${text(stopLoss.ticks)} is not ${buys ? 'below' : 'above'} ${text(entry)}, where it would enter`;
  }
  if (takeProfit?.kind === 'price' && !(side * takeProfit.ticks > side * entry)) {
    return `its take-profit ${text(takeProfit.ticks)} is not ${buys ? 'above' : 'below'} ${text(entry)}, where it would enter`;
  }
  return undefined;
}

/** Returns a price in the smallest unit of an asset's decimals, not yet rounded to its tick. Throws UsageError `INVALID_ORDER`. */
export function priceOf(amount: Amount, what: string, { priceDecimals }: Asset): number {
  // Three digits more than the tick decide which way it is rounded.
  const decimals = priceDecimals + 3;
  const price = toScaled(amount, decimals, Rounding.HalfEven, `the ${what} of an order`).toNumber(3);
  if (!(price > 0)) throw invalid(`has the ${what} ${String(amount)}. Prices are above 0.`);
  return price;
}

function distanceOf(
  given: { readonly percent?: number | undefined; readonly amount?: Amount | undefined },
  what: string,
  asset: Asset,
): Distance {
  rejectUnknownKeys(what, given, ['percent', 'amount']);
  const { percent, amount } = given;
  if ((percent === undefined) === (amount === undefined))
    throw invalid(`needs 'percent' or 'amount' in ${what}, one of them.`);
  if (amount !== undefined) return { ticks: priceOf(amount, `amount of ${what}`, asset) };
  return { share: shareOf(percent!, what) };
}

function shareOf(percent: number, what: string): number {
  if (percent > 0 && percent < 1) return percent;
  const hint = percent >= 1 && percent < 100 ? ` Write ${percent} % as ${percent / 100}.` : '';
  throw invalid(`has the fraction ${String(percent)} in ${what}. It lies between 0 and 1.${hint}`);
}

function exitPlace(given: NonNullable<OrderOptions['stopLoss']>, what: string, asset: Asset): ExitPlace {
  const allowed = what === 'stopLoss' ? STOP_KEYS : PROFIT_KEYS;
  rejectUnknownKeys(what, given, allowed);
  const { price, percent, amount, trailing } = given;
  const said =
    Number(price !== undefined) +
    Number(percent !== undefined) +
    Number(amount !== undefined) +
    Number(trailing !== undefined);
  if (said !== 1) throw invalid(`needs one of ${allowed.join(', ')} in ${what}.`);
  if (price !== undefined) return { kind: 'price', ticks: Math.round(priceOf(price, what, asset)) };
  if (trailing !== undefined) return { kind: 'trailing', distance: { share: shareOf(trailing, what) } };
  return { kind: 'distance', distance: distanceOf({ percent, amount }, what, asset) };
}

const invalid = (what: string): UsageError => new UsageError('INVALID_ORDER', { message: `The order ${what}` });
