import type { Figures } from './equality.js';
import { plainColumn, plainMarket } from './plain-loop.js';
import { CASH, figuresOf, type PlainMarket } from './plain-rules.js';
import type { WorkloadName } from './reference-workloads.js';

/** The strategies of `bench/strategies`, by name. */
export const KINDS = ['bollinger', 'trailing', 'bracket'] as const;
export type Kind = (typeof KINDS)[number];

/** Parameters of one combination. */
export type Combination = Readonly<Record<string, number>>;

/** A market with highs and lows, and the columns that combinations share, each made once. */
export interface KindMarket extends PlainMarket {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly columns: Map<string, Float64Array>;
}

const COMMISSION = 0.001;
/** Prices are whole ticks of this. */
const TICK = 1e-4;

/** Reads a workload with its highs and lows. */
export const kindMarket = (name: WorkloadName): KindMarket => ({
  ...plainMarket(name),
  high: plainColumn(name, 'high'),
  low: plainColumn(name, 'low'),
  columns: new Map(),
});

/** Makes a column of each symbol's values, or returns the one that was made before. */
function shared(
  market: KindMarket,
  key: string,
  make: (from: number, to: number, out: Float64Array) => void,
): Float64Array {
  let column = market.columns.get(key);
  if (column === undefined) {
    const { symbols, bars } = market;
    column = new Float64Array(symbols * bars).fill(Number.NaN);
    for (let symbol = 0; symbol < symbols; symbol++) make(symbol * bars, (symbol + 1) * bars, column);
    market.columns.set(key, column);
  }
  return column;
}

const extreme = (market: KindMarket, length: number, side: 1 | -1): Float64Array =>
  shared(market, `extreme ${side} ${length}`, (from, to, out) => {
    const { close } = market;
    for (let at = from + length - 1; at < to; at++) {
      let best = close[at]!;
      for (let back = 1; back < length; back++) if ((close[at - back]! - best) * side > 0) best = close[at - back]!;
      out[at] = best;
    }
  });

/** Wilder's average true range: the first value is the mean of `length` ranges after the first bar. */
const averageRange = (market: KindMarket, length: number): Float64Array =>
  shared(market, `range ${length}`, (from, to, out) => {
    const { high, low, close } = market;
    let value = 0;
    for (let at = from + 1; at < to; at++) {
      const before = close[at - 1]!;
      const range = Math.max(high[at]! - low[at]!, Math.abs(high[at]! - before), Math.abs(low[at]! - before));
      const count = at - from;
      value = count <= length ? value + range / length : (value * (length - 1) + range) / length;
      if (count >= length) out[at] = value;
    }
  });

const mean = (market: KindMarket, length: number): Float64Array =>
  shared(market, `mean ${length}`, (from, to, out) => {
    const { ticks } = market;
    let sum = 0;
    for (let at = from; at < to; at++) {
      sum += ticks[at]!;
      if (at - from >= length) sum -= ticks[at - length]!;
      if (at - from >= length - 1) out[at] = (sum * TICK) / length;
    }
  });

/** The lower Bollinger band: the population deviation of the window, from its mean. */
const lowerBand = (market: KindMarket, length: number, width: number): Float64Array =>
  shared(market, `lower ${length} ${width}`, (from, to, out) => {
    const middle = mean(market, length);
    const { close } = market;
    for (let at = from + length - 1; at < to; at++) {
      let squares = 0;
      for (let back = 0; back < length; back++) squares += (close[at - back]! - middle[at]!) ** 2;
      out[at] = middle[at]! - width * Math.sqrt(squares / length);
    }
  });

/** Reversion between Bollinger bands: float cash, nothing of an engine. */
function plainBollinger(market: KindMarket, { length, width }: Combination): Figures {
  const { symbols, bars, open, close, curve } = market;
  const middle = mean(market, length!);
  const lower = lowerBand(market, length!, width!);
  let fills = 0;
  curve.fill(0);
  for (let symbol = 0; symbol < symbols; symbol++) {
    let cash = CASH / symbols;
    let quantity = 0;
    let pending = 0;
    for (let bar = 0, at = symbol * bars; bar < bars; bar++, at++) {
      if (pending !== 0) {
        if (pending > 0) {
          quantity = cash / (open[at]! * (1 + COMMISSION));
          cash = 0;
        } else {
          cash = quantity * open[at]! * (1 - COMMISSION);
          quantity = 0;
        }
        fills++;
        pending = 0;
      }
      curve[bar] = curve[bar]! + cash + quantity * close[at]!;
      if (quantity === 0) {
        if (close[at]! < lower[at]!) pending = 1;
      } else if (close[at]! > middle[at]!) pending = -1;
    }
  }
  return figuresOf(curve, fills);
}

/** Breakout with a stop that follows the close. */
function plainTrailing(market: KindMarket, { entry, length, width }: Combination): Figures {
  const { symbols, bars, open, close, curve } = market;
  const top = extreme(market, entry!, 1);
  const range = averageRange(market, length!);
  const first = Math.max(entry! - 1, length!);
  let fills = 0;
  curve.fill(0);
  for (let symbol = 0; symbol < symbols; symbol++) {
    let cash = CASH / symbols;
    let quantity = 0;
    let pending = 0;
    let stop = 0;
    for (let bar = 0, at = symbol * bars; bar < bars; bar++, at++) {
      if (pending !== 0) {
        if (pending > 0) {
          quantity = cash / (open[at]! * (1 + COMMISSION));
          cash = 0;
        } else {
          cash = quantity * open[at]! * (1 - COMMISSION);
          quantity = 0;
        }
        fills++;
        pending = 0;
      }
      curve[bar] = curve[bar]! + cash + quantity * close[at]!;
      if (bar < first) continue;
      const level = close[at]! - width! * range[at]!;
      if (quantity === 0) {
        if (close[at]! >= top[at]!) {
          pending = 1;
          stop = level;
        }
      } else {
        if (level > stop) stop = level;
        if (close[at]! < stop) pending = -1;
      }
    }
  }
  return figuresOf(curve, fills);
}

/** Breakout with a stop order below the fill, which a gap fills at the open. */
function plainBracket(market: KindMarket, { entry, length, width }: Combination): Figures {
  const { symbols, bars, open, low, close, curve } = market;
  const top = extreme(market, entry!, 1);
  const bottom = extreme(market, entry! / 4, -1);
  const range = averageRange(market, length!);
  const first = Math.max(entry! - 1, length!);
  let fills = 0;
  curve.fill(0);
  for (let symbol = 0; symbol < symbols; symbol++) {
    let cash = CASH / symbols;
    let quantity = 0;
    let pending = 0;
    let distance = 0;
    let stop = 0;
    for (let bar = 0, at = symbol * bars; bar < bars; bar++, at++) {
      if (pending > 0) {
        quantity = cash / (open[at]! * (1 + COMMISSION));
        cash = 0;
        // In the favour of who holds it: down to a whole tick, but for the last twentieth of one.
        stop = Math.floor(Math.round(open[at]! / TICK) - distance + 0.05) * TICK;
        fills++;
      } else if (pending < 0) {
        cash = quantity * open[at]! * (1 - COMMISSION);
        quantity = 0;
        fills++;
      }
      pending = 0;
      if (quantity !== 0 && low[at]! <= stop + TICK / 2) {
        cash = quantity * Math.min(open[at]!, stop) * (1 - COMMISSION);
        quantity = 0;
        fills++;
      }
      curve[bar] = curve[bar]! + cash + quantity * close[at]!;
      if (bar < first) continue;
      if (quantity === 0) {
        if (close[at]! >= top[at]!) {
          pending = 1;
          // In ticks, to three decimals.
          distance = Math.round((width! * range[at]! * 1000) / TICK) / 1000;
        }
      } else if (close[at]! <= bottom[at]!) pending = -1;
    }
  }
  return figuresOf(curve, fills);
}

/** The same strategies without an engine. */
export const PLAIN_KINDS: Readonly<Record<Kind, (market: KindMarket, params: Combination) => Figures>> = {
  bollinger: plainBollinger,
  trailing: plainTrailing,
  bracket: plainBracket,
};
