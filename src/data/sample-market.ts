import { assertInteger } from '../core/assert.js';
import { exp, log } from '../core/elementary.js';
import { UsageError } from '../core/errors.js';
import { SeededRandom } from '../core/random.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { getCalendar } from '../market/calendars.js';
import { DAY_MS, parseDateLabel } from '../market/civil-date.js';
import type { AssetDraft, BundleDraft, DividendDraft, SplitDraft } from './draft.js';

/** How much of the invented market to make. */
export interface SampleMarketOptions {
  /** Same seed, same market, on every machine. @defaultValue 1 */
  readonly seed?: number;
  /** Number of symbols, 1 to 26; each is the same whatever the number. @defaultValue 8 */
  readonly symbols?: number;
  /** Sessions of each symbol. @defaultValue 5200 */
  readonly sessions?: number;
  /** First date, `YYYY-MM-DD`; the first session is the one at or after it. @defaultValue '2004-01-02' */
  readonly start?: string;
}

/** A state of the market: yearly drift and volatility of log returns, and where it goes from here. */
interface Regime {
  readonly drift: number;
  readonly volatility: number;
  /** Mean length in sessions. */
  readonly sessions: number;
  /** Probability of each next regime, in the order of the list. */
  readonly next: readonly number[];
}

/** What a symbol is like. */
interface Character {
  /** Price of the first session. */
  readonly price: number;
  /** Yearly drift of its own. */
  readonly drift: number;
  /** Splits: where in the history (0 to 1), and new shares for one old. */
  readonly splits: readonly { readonly at: number; readonly ratio: string; readonly factor: number }[];
  /** Yearly dividend as a share of the price; 0 pays none. */
  readonly yield: number;
}

/** Calm, bull, bear, crisis: shared by all symbols. */
const MARKET: readonly Regime[] = [
  { drift: 0.06, volatility: 0.09, sessions: 180, next: [0, 0.6, 0.35, 0.05] },
  { drift: 0.13, volatility: 0.13, sessions: 250, next: [0.6, 0, 0.3, 0.1] },
  { drift: -0.16, volatility: 0.22, sessions: 120, next: [0.4, 0.35, 0, 0.25] },
  { drift: -0.5, volatility: 0.45, sessions: 35, next: [0.2, 0.3, 0.5, 0] },
];

/** Steady, rising, falling, shaken: of each symbol by itself. */
const OWN: readonly Regime[] = [
  { drift: 0, volatility: 0.14, sessions: 150, next: [0, 0.45, 0.4, 0.15] },
  { drift: 0.22, volatility: 0.16, sessions: 120, next: [0.7, 0, 0.2, 0.1] },
  { drift: -0.2, volatility: 0.19, sessions: 90, next: [0.6, 0.25, 0, 0.15] },
  { drift: -0.05, volatility: 0.4, sessions: 25, next: [0.4, 0.3, 0.3, 0] },
];

/** Repeated from its beginning when there are more symbols. */
const CHARACTERS: readonly Character[] = [
  {
    price: 84,
    drift: 0.1,
    splits: [
      { at: 0.34, ratio: '2', factor: 2 },
      { at: 0.72, ratio: '4', factor: 4 },
    ],
    yield: 0.012,
  },
  { price: 42, drift: 0.03, splits: [], yield: 0.028 },
  { price: 31, drift: -0.08, splits: [{ at: 0.52, ratio: '0.1', factor: 0.1 }], yield: 0 },
  { price: 118, drift: 0.05, splits: [], yield: 0.02 },
  {
    price: 66,
    drift: 0.12,
    splits: [
      { at: 0.21, ratio: '1.5', factor: 1.5 },
      { at: 0.48, ratio: '2', factor: 2 },
      { at: 0.83, ratio: '3', factor: 3 },
    ],
    yield: 0,
  },
  { price: 53, drift: 0.02, splits: [], yield: 0.035 },
  { price: 150, drift: 0.07, splits: [{ at: 0.61, ratio: '7', factor: 7 }], yield: 0 },
  { price: 27, drift: 0.04, splits: [], yield: 0.016 },
];

const SESSIONS_PER_YEAR = 252;
const QUARTER = 63;
/** Sessions between the ex-date of a dividend and its payment. */
const PAYMENT_LAG = 15;
/** Daily pull back to the symbol's trend, so that two decades end at a price that a share may have. */
const PULL = 0.0006;
/** Furthest log distance from the trend. */
const FURTHEST = 2;
/** Largest log return of a session. */
const LARGEST_RETURN = 0.35;
/** Tails of Student's t: excess kurtosis of 6 before regimes and clustering add theirs. */
const TAIL_DEGREES = 5;

/**
 * Returns an invented market on XNYS: daily bars of `SYNA`, `SYNB` and so on, marked synthetic. Log returns are a shared and
 * an own part, each with regimes that change by a Markov chain, volatility that clusters (GARCH(1,1)) and the tails of Student's t.
 * Raw prices, in cents, jump at splits (one of them a reverse split) and fall at quarterly dividends.
 * Every bar is the same on every machine: only arithmetic, square roots and functions of our own decide.
 *
 * @throws UsageError for a number of symbols or sessions out of range, or a start outside the calendar's years
 */
export function sampleMarket(options: SampleMarketOptions = {}): BundleDraft {
  rejectUnknownKeys('sample market', options, ['seed', 'symbols', 'sessions', 'start']);
  const { seed = 1, symbols = 8, sessions = 5200, start = '2004-01-02' } = options;
  assertInteger('seed', seed, { min: 0 });
  assertInteger('symbols', symbols, { min: 1, max: 26 });
  assertInteger('sessions', sessions, { min: 1, max: 20_000 });
  const labels = sessionLabels(start, sessions);
  const market = marketReturns(SeededRandom.derive(seed, 'sample market'), labels.length);
  const assets: AssetDraft[] = [];
  const splits: SplitDraft[] = [];
  const dividends: DividendDraft[] = [];
  for (let index = 0; index < symbols; index++) {
    const symbol = `SYN${String.fromCharCode(65 + index)}`;
    const random = SeededRandom.derive(seed, 'sample market', symbol);
    const made = makeAsset(symbol, CHARACTERS[index % CHARACTERS.length]!, random, market, labels, sessions);
    assets.push(made.asset);
    splits.push(...made.splits);
    dividends.push(...made.dividends);
  }
  const times = labels.slice(0, sessions);
  return { groups: [{ calendar: 'XNYS', frequency: '1d', times, assets }], splits, dividends, synthetic: true };
}

/** Returns the labels of the wanted sessions and of those after them in which the last dividends are paid. */
function sessionLabels(start: string, sessions: number): Float64Array {
  const calendar = getCalendar('XNYS');
  const from = parseDateLabel(start);
  const count = sessions + PAYMENT_LAG;
  // A year has at least 245 sessions.
  const to = from + Math.ceil((count / 245) * 366 + 14) * DAY_MS;
  if (!(from >= calendar.firstLabel && to <= calendar.lastLabel)) {
    throw new UsageError('SAMPLE_MARKET_RANGE', {
      message: `A sample market of ${sessions} sessions cannot start on '${start}': give a date YYYY-MM-DD from 1990 on, so that it ends before 2100.`,
      details: { start, sessions },
    });
  }
  return calendar.sessions(from, to).labels.slice(0, count);
}

interface MarketReturn {
  readonly drift: number;
  /** The random part of the log return. */
  readonly shock: number;
  /** Volatility of the session that was to be expected. */
  readonly volatility: number;
}

/** Draws log returns session by session: regime, clustered volatility, fat tails. */
class ReturnProcess {
  readonly #random: SeededRandom;
  readonly #regimes: readonly Regime[];
  #regime = 0;
  /** GARCH(1,1) variance relative to the regime's, mean 1. */
  #variance = 1;

  constructor(random: SeededRandom, regimes: readonly Regime[]) {
    this.#random = random;
    this.#regimes = regimes;
  }

  next(): MarketReturn {
    const regime = this.#regimes[this.#regime]!;
    const volatility = Math.sqrt((regime.volatility * regime.volatility * this.#variance) / SESSIONS_PER_YEAR);
    const unit = this.#tailed();
    this.#variance = Math.min(0.04 + 0.86 * this.#variance + 0.1 * unit * unit, 6);
    if (this.#random.next() < 1 / regime.sessions) this.#regime = this.#nextRegime(regime);
    return { drift: regime.drift / SESSIONS_PER_YEAR, shock: volatility * unit, volatility };
  }

  /** Returns a value of Student's t scaled to deviation 1. */
  #tailed(): number {
    const normal = this.#random.normal();
    let squares = 0;
    for (let degree = 0; degree < TAIL_DEGREES; degree++) {
      const value = this.#random.normal();
      squares += value * value;
    }
    return (normal / Math.sqrt(squares / TAIL_DEGREES)) * Math.sqrt((TAIL_DEGREES - 2) / TAIL_DEGREES);
  }

  #nextRegime({ next }: Regime): number {
    let draw = this.#random.next();
    for (const [index, probability] of next.entries()) {
      if (draw < probability) return index;
      draw -= probability;
    }
    return 0;
  }
}

function marketReturns(random: SeededRandom, sessions: number): MarketReturn[] {
  const process = new ReturnProcess(random, MARKET);
  return Array.from({ length: sessions }, () => process.next());
}

function makeAsset(
  symbol: string,
  character: Character,
  random: SeededRandom,
  market: readonly MarketReturn[],
  labels: Float64Array,
  sessions: number,
): { asset: AssetDraft; splits: SplitDraft[]; dividends: DividendDraft[] } {
  const open = new Float64Array(sessions);
  const high = new Float64Array(sessions);
  const low = new Float64Array(sessions);
  const close = new Float64Array(sessions);
  const volume = new Float64Array(sessions);
  const splits: SplitDraft[] = [];
  const dividends: DividendDraft[] = [];
  const splitAt = new Map(character.splits.map((split) => [Math.floor(split.at * sessions), split]));
  const process = new ReturnProcess(random.split('returns'), OWN);
  const shape = random.split('bars');
  const beta = 0.7 + 0.6 * shape.next();
  const usualVolume = 1_000_000 * (1 + 9 * shape.next());
  const payday = shape.int(5, QUARTER - 1);
  // Log price before splits and dividends, and its trend; `shares` and `paid` turn it into the raw price.
  let path = log(character.price);
  let trend = path;
  let shares = 1;
  let paid = 1;
  for (let session = 0; session < sessions; session++) {
    const before = session === 0 ? character.price : close[session - 1]!;
    // The close before in terms of this session's shares, the dividend taken off.
    let base = before;
    const split = session === 0 ? undefined : splitAt.get(session);
    if (split !== undefined) {
      shares *= split.factor;
      base /= split.factor;
      splits.push({ symbol, exDate: labels[session]!, ratio: split.ratio });
    } else if (session > 0 && session % QUARTER === payday) {
      const amount = Math.round((before * character.yield * 100) / 4) / 100;
      if (amount > 0) {
        paid *= 1 - amount / before;
        base -= amount;
        const payDate = labels[session + PAYMENT_LAG]!;
        dividends.push({ symbol, exDate: labels[session]!, payDate, amount: amount.toFixed(2) });
      }
    }
    const shared = market[session]!;
    const own = process.next();
    const drift = character.drift / SESSIONS_PER_YEAR;
    trend += drift;
    const wanted = drift + own.drift + own.shock + beta * (shared.drift + shared.shock) - PULL * (path - trend);
    const bounded = Math.min(LARGEST_RETURN, Math.max(-LARGEST_RETURN, wanted));
    path = Math.min(trend + FURTHEST, Math.max(trend - FURTHEST, path + bounded));
    const volatility = Math.sqrt(own.volatility * own.volatility + beta * beta * shared.volatility * shared.volatility);
    const last = (exp(path) * paid) / shares;
    const overnight = 0.3 * bounded + 0.3 * volatility * shape.normal();
    const first = base * exp(overnight);
    open[session] = cents(first);
    close[session] = cents(last);
    high[session] = cents(Math.max(first, last) * exp(0.45 * volatility * Math.abs(shape.normal())));
    low[session] = cents(Math.min(first, last) * exp(-0.45 * volatility * Math.abs(shape.normal())));
    const bustle = exp(0.3 * shape.normal() + 0.3 * Math.min(3, Math.abs(bounded) / volatility) - 0.25);
    volume[session] = Math.max(100, Math.round((usualVolume * shares * bustle) / 100) * 100);
  }
  const columns = { open, high, low, close, volume };
  return {
    asset: { symbol, first: 0, columns, priceDecimals: 2, volumeDecimals: 0 },
    splits,
    dividends,
  };
}

/** Returns a price in whole cents, at least one. */
function cents(price: number): number {
  return Math.max(1, Math.round(price * 100)) / 100;
}
