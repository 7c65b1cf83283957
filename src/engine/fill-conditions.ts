import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { Rounding, type ScaledInteger } from '../core/scaled-integer.js';
import type { MarketMoment, SlippageModel } from '../execution/slippage/slippage.js';
import type { OrderRequest } from '../execution/ticket.js';
import { type Account, SHARE_DECIMALS } from '../portfolio/account.js';
import type { PositionBook } from '../portfolio/book.js';
import type { AssetView } from './market-view.js';
import { returnDeviation } from './return-deviation.js';

const NO_COLUMN: ReadonlyFloat64Array = new Float64Array(0);

/** What a slippage model reads of one asset: whole columns, made once. Listing rows. */
interface ReadColumns {
  readonly first: number;
  readonly tickScale: number;
  readonly multiplier: number;
  readonly high: ReadonlyFloat64Array;
  readonly low: ReadonlyFloat64Array;
  readonly volume: ReadonlyFloat64Array;
  readonly bid: ReadonlyFloat64Array;
  readonly ask: ReadonlyFloat64Array;
  readonly volatility: ReadonlyFloat64Array;
  /** The bar of the last fill and the units filled on it. */
  filledRow: number;
  filled: number;
}

/**
 * Tells the models of costs what they ask beside price and size: the bar for slippage, the month for a commission. Where they ask
 * nothing, `matter` is false and nothing is done.
 */
export class FillConditions {
  readonly matter: boolean;
  readonly market: MarketMoment = {
    tickScale: 1,
    units: 0,
    filled: 0,
    held: 0,
    high: Number.NaN,
    low: Number.NaN,
    volume: Number.NaN,
    bid: Number.NaN,
    ask: Number.NaN,
    volatility: Number.NaN,
  };
  readonly #readsBar: boolean;
  readonly #volumeLimit: number;
  readonly #readsOrder: boolean;
  readonly #lines: readonly ReadColumns[];
  readonly #account: Account;
  readonly #labels: ReadonlyFloat64Array;

  /** Throws UsageError (code `NO_QUOTES`) when the slippage needs bid and ask, and an asset has no such columns. */
  constructor(assets: readonly AssetView[], slippage: SlippageModel, account: Account, labels: ReadonlyFloat64Array) {
    this.#account = account;
    this.#labels = labels;
    this.#volumeLimit = slippage.volumeLimit;
    this.#readsBar = slippage.reads === 'bar' || slippage.volumeLimit !== Number.POSITIVE_INFINITY;
    this.#readsOrder = account.commission.reads === 'order';
    this.matter = this.#readsBar || this.#readsOrder;
    this.#lines = this.#readsBar ? assets.map((view) => readColumns(view, slippage)) : [];
  }

  reset(): void {
    for (const line of this.#lines) line.filledRow = -1;
  }

  /** Sets the registers for an order that is about to fill at a quoted price on an axis row. */
  observe(index: number, request: OrderRequest, book: PositionBook, quoted: number, row: number): void {
    if (this.#readsOrder) this.#account.facts.month = monthOf(this.#labels[row]!);
    if (!this.#readsBar) return;
    const line = this.#lines[index]!;
    const { market } = this;
    const at = row - line.first;
    if (line.filledRow !== row) {
      line.filledRow = row;
      line.filled = 0;
    }
    market.tickScale = line.tickScale;
    market.filled = line.filled;
    market.units = this.#unitsOf(request, book, quoted * line.multiplier);
    market.held = book.held;
    market.high = Math.round(line.high[at]! * line.tickScale);
    market.low = Math.round(line.low[at]! * line.tickScale);
    market.volume = line.volume[at]!;
    market.bid = line.bid[at] ?? Number.NaN;
    market.ask = line.ask[at] ?? Number.NaN;
    market.volatility = line.volatility[at] ?? Number.NaN;
  }

  /** What a plain market order fills whole is the first and only fill of its order, and takes what rests. */
  takesWhole(): void {
    if (!this.#readsOrder) return;
    const { facts } = this.#account;
    facts.isMaker = false;
    facts.orderUnits.clear();
    facts.orderGross.clear();
    facts.orderFees.clear();
  }

  /** Whether the orders of a bar share its volume. */
  get limitsVolume(): boolean {
    return this.#volumeLimit !== Number.POSITIVE_INFINITY;
  }

  /**
   * Writes what the bar of an observed order still offers, whole lots in quantity decimals, into `out`; undefined without a limit, and
   * where the volume is not known.
   */
  available(index: number, lot: number, out: ScaledInteger): ScaledInteger | undefined {
    if (!this.limitsVolume) return undefined;
    const { filled } = this.#lines[index]!;
    const { volume } = this.market;
    if (Number.isNaN(volume)) return undefined;
    const unit = 10 ** this.#account.scales.quantity;
    // What is a whole lot on paper is one, whatever the last digit of the product.
    const lots = Math.floor(((this.#volumeLimit * volume - filled) * unit) / lot + 1e-6);
    out.setFloor(Math.max(0, lots));
    return out.setProduct(out, lot, 0, Rounding.HalfEven);
  }

  /** Counts units that an observed order filled. */
  took(index: number, units: number): void {
    if (this.#readsBar) this.#lines[index]!.filled += units;
  }

  /** Units that an order asks for; those that its money buys without costs, of an order for an amount. */
  #unitsOf(request: OrderRequest, book: PositionBook, worth: number): number {
    const { ledger, scales } = this.#account;
    if (request.kind === 'units') return Math.abs(request.units.toNumber(scales.quantity));
    if (request.kind === 'position') return Math.abs(book.held);
    if (request.kind === 'share') {
      const power = this.#account.buyingPower().toNumber(scales.money);
      return (Math.max(0, power) * Math.abs(request.share.toNumber(SHARE_DECIMALS))) / worth;
    }
    const { budget } = request;
    const spent = budget === undefined || budget.compare(ledger.cash) > 0 ? ledger.cash : budget;
    return Math.max(0, spent.toNumber(scales.money)) / worth;
  }
}

function readColumns({ asset, listing, schedule }: AssetView, slippage: SlippageModel): ReadColumns {
  const hasQuotes = listing.fields.includes('bid') && listing.fields.includes('ask');
  if (slippage.needsQuotes && !hasQuotes) {
    throw new UsageError('NO_QUOTES', {
      message: `The slippage '${slippage.specification}' reads the columns 'bid' and 'ask', and ${asset.symbol} has ${listing.fields.join(', ')}. Ingest data that holds them, or choose a fixed spread: spread:0.02.`,
      details: { slippage: slippage.specification, symbol: asset.symbol, fields: listing.fields },
    });
  }
  return {
    first: listing.first,
    tickScale: 10 ** asset.priceDecimals,
    multiplier: asset.multiplier,
    high: listing.column('high'),
    low: listing.column('low'),
    volume: listing.column('volume'),
    bid: slippage.needsQuotes ? lastKnown(listing.column('bid')) : NO_COLUMN,
    ask: slippage.needsQuotes ? lastKnown(listing.column('ask')) : NO_COLUMN,
    volatility:
      slippage.volatilityBars === 0
        ? NO_COLUMN
        : returnDeviation(listing.column('close'), schedule, slippage.volatilityBars),
    filledRow: -1,
    filled: 0,
  };
}

/** A column whose missing values are the last ones before. */
function lastKnown(column: ReadonlyFloat64Array): Float64Array {
  let last = Number.NaN;
  return Float64Array.from(column as Float64Array, (value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

/** The calendar month of a label, counted from January of the year 0. */
function monthOf(label: number): number {
  const date = new Date(label);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
