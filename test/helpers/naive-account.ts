import { Decimal } from 'decimal.js';
import type { CentBar, RandomMarket } from './random-market.js';

const Exact = Decimal.clone({ precision: 200 });

/** A fill as the books under test claim it. */
export interface ClaimedFill {
  readonly row: number;
  readonly symbol: string;
  /** Signed units. */
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
}

/** An account counted row by row. */
export interface NaiveAccount {
  /** Value at the close of each row. */
  readonly equity: readonly Decimal[];
  readonly cash: Decimal;
  readonly receivable: Decimal;
  readonly quantities: ReadonlyMap<string, Decimal>;
}

/**
 * Counts an account from nothing but fills, prices and events, in decimals: slow, by hand, sharing nothing with the
 * source. Whole lots are 1 unit, fractions 1e-8, money 1e-8 rounded half-even.
 */
export function naiveAccount(
  market: RandomMarket,
  opening: string,
  fills: readonly ClaimedFill[],
  options: { readonly from?: number } = {},
): NaiveAccount {
  const { from = 0 } = options;
  let cash = new Exact(opening) as Decimal;
  const quantities = new Map<string, Decimal>();
  const payments: { row: number; amount: Decimal }[] = [];
  const held = (symbol: string): Decimal => quantities.get(symbol) ?? new Exact(0);
  const equity: Decimal[] = [];
  const events = eventsOf(market);
  for (let row = from; row < market.length; row++) {
    // What was earned before is paid at the opening, then events turn the holdings, then orders fill.
    for (const payment of payments) {
      if (payment.row !== row) continue;
      cash = cash.plus(payment.amount);
      payment.amount = new Exact(0);
    }
    const turned = new Map<string, { readonly above: Decimal; readonly below: Decimal }>();
    for (const event of events) {
      if (event.at !== row) continue;
      const units = held(event.symbol);
      if (event.kind === 'dividend') {
        const amount = money(units.times(event.cents).div(100));
        if (event.payAt <= row) cash = cash.plus(amount);
        else payments.push({ row: event.payAt, amount });
      } else {
        const [above, below = '1'] = event.ratio.split('/');
        // One division, last of all: a third that is rounded early would turn a tie.
        const earlier = turned.get(event.symbol) ?? { above: new Exact(1), below: new Exact(1) };
        const exact = units.times(above!).div(below);
        const kept = units.isInteger() ? exact.trunc() : exact.toDecimalPlaces(8, Decimal.ROUND_DOWN);
        const rest = units.times(above!).minus(kept.times(below));
        const close = lastClose(market, event.symbol, row - 1).times(earlier.below);
        cash = cash.plus(money(rest.times(close).div(earlier.above.times(above!))));
        turned.set(event.symbol, { above: earlier.above.times(above!), below: earlier.below.times(below) });
        quantities.set(event.symbol, kept);
      }
    }
    for (const fill of fills) {
      if (fill.row !== row) continue;
      const gross = money(new Exact(fill.quantity).times(fill.price));
      cash = cash.minus(gross).minus(fill.fee);
      quantities.set(fill.symbol, held(fill.symbol).plus(fill.quantity));
    }
    let value = payments.reduce((sum, { amount }) => sum.plus(amount), cash);
    for (const [symbol, units] of quantities) {
      if (!units.isZero()) value = value.plus(money(units.times(lastClose(market, symbol, row))));
    }
    equity.push(value);
  }
  const receivable = payments.reduce((sum, { amount }) => sum.plus(amount), new Exact(0) as Decimal);
  return { equity, cash, receivable, quantities };
}

type PlacedEvent =
  | {
      readonly kind: 'split';
      readonly symbol: string;
      readonly row: number;
      readonly at: number;
      readonly ratio: string;
    }
  | {
      readonly kind: 'dividend';
      readonly symbol: string;
      readonly row: number;
      readonly at: number;
      readonly cents: number;
      readonly payAt: number;
    };

/** Events on the first bar from their date on that trades; by date, splits first. */
function eventsOf(market: RandomMarket): PlacedEvent[] {
  const placed: PlacedEvent[] = [];
  const bars = new Map(market.assets.map((asset) => [asset.symbol, asset]));
  const firstTraded = (symbol: string, row: number): number | undefined => {
    const { first, bars: own } = bars.get(symbol)!;
    let at = row;
    while (at < first + own.length && at >= first && own[at - first] === null) at++;
    return at > first && at < first + own.length ? at : undefined;
  };
  for (const { symbol, row, ratio } of market.splits) {
    const at = firstTraded(symbol, row);
    if (at !== undefined) placed.push({ kind: 'split', symbol, row, at, ratio });
  }
  for (const { symbol, row, cents, payRow = row } of market.dividends) {
    const at = firstTraded(symbol, row);
    if (at !== undefined) placed.push({ kind: 'dividend', symbol, row, at, cents, payAt: Math.max(payRow, at) });
  }
  return placed.sort((a, b) => a.row - b.row || rank(a) - rank(b) || tie(a, b));
}

const rank = ({ kind }: PlacedEvent): number => (kind === 'split' ? 0 : 1);
/** Splits of one day in the order of their texts, as a bundle lists them. */
const tie = (a: PlacedEvent, b: PlacedEvent): number =>
  a.kind === 'split' && b.kind === 'split' ? (a.ratio < b.ratio ? -1 : a.ratio > b.ratio ? 1 : 0) : 0;

/** The last close at or before a row. */
export function lastClose(market: RandomMarket, symbol: string, row: number): Decimal {
  const { first, bars } = market.assets.find((asset) => asset.symbol === symbol)!;
  for (let at = Math.min(row - first, bars.length - 1); at >= 0; at--) {
    const bar: CentBar | undefined = bars[at];
    if (bar != null) return new Exact(bar[1]).div(100);
  }
  throw new Error(`${symbol} has no close up to row ${row}`);
}

const money = (value: Decimal): Decimal => value.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
