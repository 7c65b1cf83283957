import { UsageError } from '../core/errors.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { CommissionModel, FillFacts, FillScales } from '../execution/commission/commission.js';
import type { OrderRequest } from '../execution/ticket.js';
import type { PositionBook } from './book.js';
import { Ledger } from './ledger.js';

/** What becomes of an order that cash cannot pay, fee included, or that sells more than is held. */
export type Unaffordable = 'trim' | 'reject';

/**
 * How an order for money becomes units: `fractional` to the smallest unit, `whole-units` to whole units (and lots, where those are larger), always as
 * many as value and fee can be paid for; `unit-cost` whole units too, at the price and the fee of one, as if each paid a fixed fee of its own.
 */
export type Sizing = 'fractional' | 'whole-units' | 'unit-cost';

/** Decimals of the share in an order for a share of the buying power. */
export const SHARE_DECIMALS = 8;

/** How one asset's prices and quantities are written as integers. */
export interface AssetScales {
  /** Decimals of fill prices: the asset's own and the slippage's. */
  readonly price: number;
  /** The asset's multiplier as `mantissa / 10 ** decimals`. */
  readonly multiplier: { readonly mantissa: number; readonly decimals: number };
  /** The multiplier as a double. */
  readonly point: number;
  /** The smallest step of an order given in units, in quantity decimals: an integer that a double holds exactly. */
  readonly lot: number;
  /** The smallest step of an order given in money, in quantity decimals. */
  readonly step: number;
}

/** What {@link Account.execute} did. */
export type Execution = 'filled' | 'trimmed' | 'no-cash' | 'no-margin' | 'nothing-held' | 'fee-exceeds-cash';

/** An account: a ledger, and the rule that says which orders it can carry. One kind of account is one file. */
export abstract class Account {
  readonly ledger: Ledger;
  readonly scales: FillScales;
  /** Units of the last execution, signed. */
  readonly quantity = new ScaledInteger();
  /** Traded value of the last execution, at least 0. */
  readonly gross = new ScaledInteger();
  /** Fee of the last execution. */
  readonly fee = new ScaledInteger();
  /** What the commission may ask beside the fill: set by the broker before an execution where the commission reads it. */
  readonly facts: FillFacts = {
    isMaker: false,
    month: 0,
    orderUnits: new ScaledInteger(),
    orderGross: new ScaledInteger(),
    orderFees: new ScaledInteger(),
  };
  readonly commission: CommissionModel;
  /** The most units, without sign, that the next execution may trade because the bar offers no more; undefined for no limit. */
  most: ScaledInteger | undefined = undefined;
  /** Whether the last execution was cut to {@link most}. */
  wasCut = false;
  readonly #quantityUnit: number;
  readonly #moneyUnit: number;
  protected readonly unaffordable: Unaffordable;
  readonly #sizing: Sizing;
  /** Units whose cost is the cost of a unit, under `unit-cost`. */
  readonly #basis = new ScaledInteger();
  readonly #budget = new ScaledInteger();
  readonly #total = new ScaledInteger();
  readonly #next = new ScaledInteger();

  constructor(options: {
    readonly scales: FillScales;
    readonly commission: CommissionModel;
    readonly unaffordable: Unaffordable;
    /** @defaultValue 'fractional' */
    readonly sizing?: Sizing | undefined;
  }) {
    this.scales = options.scales;
    this.ledger = new Ledger(options.scales);
    this.commission = options.commission;
    this.#quantityUnit = 10 ** options.scales.quantity;
    this.#moneyUnit = 10 ** options.scales.money;
    this.unaffordable = options.unaffordable;
    this.#sizing = options.sizing ?? 'fractional';
    this.#basis.setBigInt(10n ** BigInt(options.scales.quantity));
  }

  /**
   * Executes an order at a price as far as the account allows, and enters the fill into the ledger.
   * Afterwards `quantity`, `gross` and `fee` hold what was done.
   *
   * @param ticks fill price, an integer at `asset.price` decimals, greater than 0
   * @param price the same as a double
   */
  abstract execute(
    book: PositionBook,
    request: OrderRequest,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): Execution;

  /**
   * Closes a position at what it is worth, without a fee, and enters that into the ledger; `quantity`, `gross` and `fee` say what was done.
   *
   * @param worth signed like the position, in money decimals
   */
  settle(book: PositionBook, worth: ScaledInteger): void {
    this.quantity.set(book.quantity).negate();
    this.gross.set(worth);
    if (worth.sign() < 0) this.gross.negate();
    this.fee.clear();
    this.ledger.fill(book, this.quantity, this.gross, this.fee);
  }

  /**
   * Enters a fill that another broker made and charged for into the ledger; `quantity`, `gross` and `fee` say what was done.
   *
   * @param units signed
   * @param ticks fill price, an integer at `asset.price` decimals
   */
  enter(book: PositionBook, units: ScaledInteger, ticks: number, fee: ScaledInteger, asset: AssetScales): void {
    const { quantity } = this;
    quantity.set(units);
    const sells = units.sign() < 0;
    if (sells) quantity.negate();
    this.value(quantity, ticks, asset);
    if (sells) quantity.negate();
    this.fee.set(fee);
    this.ledger.fill(book, quantity, this.gross, this.fee);
  }

  /** Returns what may be bought at the last known prices, fee included, in money decimals: a register of the account's. */
  abstract buyingPower(): ScaledInteger;

  /** Says what an order was trimmed to, for its record. */
  abstract trimmedBy(buys: boolean): string;

  /** Lowers units, without sign, to what the bar offers. */
  protected cut(quantity: ScaledInteger): ScaledInteger {
    const { most } = this;
    this.wasCut = most !== undefined && quantity.compare(most) > 0;
    return this.wasCut ? quantity.set(most!) : quantity;
  }

  /** Writes the exact traded value and fee of `quantity` units, at least 0, into `gross` and `fee`. */
  protected value(quantity: ScaledInteger, ticks: number, asset: AssetScales): void {
    const { gross, scales } = this;
    const { mantissa, decimals } = asset.multiplier;
    const power = scales.quantity + asset.price + decimals - scales.money;
    const factor = ticks * mantissa;
    if (Number.isSafeInteger(factor)) gross.setProduct(quantity, factor, power, Rounding.HalfEven);
    else gross.setProduct(quantity, ticks, 0, Rounding.HalfEven).setProduct(gross, mantissa, power, Rounding.HalfEven);
    this.commission.charge(this.fee, gross, quantity, scales, this.facts);
  }

  /** Writes into `quantity` the units, at least 0, that a signed share of so much buying power trades, whatever its sign. */
  protected sizeShare(
    power: ScaledInteger,
    share: ScaledInteger,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): void {
    const size = this.#basis.set(share);
    if (size.sign() < 0) size.negate();
    this.#budget.setMulDiv(power, size, SHARE_UNIT, Rounding.Floor);
    size.setProduct(size, this.#quantityUnit / 10 ** SHARE_DECIMALS, 0, Rounding.HalfEven);
    this.size(this.#budget, ticks, price, asset, asset.step);
    this.#basis.setBigInt(10n ** BigInt(this.scales.quantity));
  }

  /**
   * Writes into `quantity` the most units, a multiple of `step`, whose value and fee do not exceed `budget`.
   * A double guesses them; exact values decide, so the guess cannot show.
   */
  protected size(budget: ScaledInteger, ticks: number, price: number, asset: AssetScales, step: number): void {
    const { quantity, scales } = this;
    if (this.#sizing === 'unit-cost' && this.#sizeByUnitCost(budget, ticks, asset, step)) return;
    const worth = price * asset.point;
    const free = budget.toNumber(scales.money);
    const rate = this.commission.estimatedRate(worth, free, this.facts);
    const unitCost = worth * (1 + rate);
    const guess = Math.floor((free / unitCost) * (this.#quantityUnit / step)) * step;
    if (!(guess >= 0)) {
      quantity.clear();
      return;
    }
    if (Number.isSafeInteger(guess)) quantity.setNumber(guess);
    else quantity.setBigInt(BigInt(guess));
    const left = this.#leftOf(budget, quantity, ticks, asset);
    if (left < 0) {
      // The double was rounded up by a unit: the step below is the answer if it can be paid.
      if (guess >= step && this.#leftOf(budget, quantity.subtract(this.#stepOf(step)), ticks, asset) >= 0) return;
    } else {
      // Most guesses are right: what is left over pays for no further step, with two units of rounding to spare.
      // A further step may be free of fees, where a least fee is not used up, but never earns more than the rate says.
      const stepCost = worth * (1 + Math.min(0, rate)) * (step / this.#quantityUnit) * this.#moneyUnit;
      if (left < stepCost * 0.999 - 2) return;
      this.#next.set(quantity).add(this.#stepOf(step));
      if (this.#leftOf(budget, this.#next, ticks, asset) < 0) {
        this.value(quantity, ticks, asset);
        return;
      }
    }
    this.#bisect(budget, ticks, asset, step);
  }

  /** Sizes by what a unit costs, its fee included. Returns whether the budget pays for that: a fee that grows with size may forbid it. */
  #sizeByUnitCost(budget: ScaledInteger, ticks: number, asset: AssetScales, step: number): boolean {
    const { quantity } = this;
    this.value(this.#basis, ticks, asset);
    const cost = this.#total.set(this.gross).add(this.fee);
    if (cost.sign() <= 0) return false;
    quantity.setMulDiv(budget, this.#basis, cost, Rounding.Floor);
    if (quantity.sign() < 0) quantity.clear();
    return this.#leftOf(budget, quantity.floorToMultiple(step), ticks, asset) >= 0;
  }

  readonly #step = new ScaledInteger();
  #stepOf(step: number): ScaledInteger {
    // A whole unit of 18 decimals is no safe integer, but a double holds it.
    return this.#step.setFloor(step);
  }

  /** Values so many units, and returns what they leave of a budget, their fee included, in money decimals: below 0 where it does not pay for them. */
  #leftOf(budget: ScaledInteger, quantity: ScaledInteger, ticks: number, asset: AssetScales): number {
    this.value(quantity, ticks, asset);
    return budget.minus(this.gross, this.fee);
  }

  /** The slow way to the same answer, for guesses that minimum fees or huge numbers lead astray. */
  #bisect(budget: ScaledInteger, ticks: number, asset: AssetScales, step: number): void {
    const unit = BigInt(step);
    const affords = (steps: bigint): boolean =>
      this.#leftOf(budget, this.quantity.setBigInt(steps * unit), ticks, asset) >= 0;
    let high = this.quantity.toBigInt() / unit + 1n;
    let low = 0n;
    while (affords(high)) {
      low = high;
      high *= 2n;
      if (high > 1n << 200n) {
        throw new UsageError('UNBOUNDED_ORDER', {
          message: 'An order for all free cash has no largest size: price and fee are zero. Check the price data.',
        });
      }
    }
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (affords(middle)) low = middle;
      else high = middle;
    }
    affords(low);
  }
}

const SHARE_UNIT = new ScaledInteger(10 ** SHARE_DECIMALS);

/** The step that an order in units is trimmed by: the order's own, where its units are whole ones. */
export function stepOf(units: ScaledInteger, { lot, step }: AssetScales): number {
  if (step > lot && isMultiple(units, step)) return step;
  return isMultiple(units, lot) ? lot : 1;
}

/** Whether units are whole lots. */
function isMultiple(units: ScaledInteger, lot: number): boolean {
  return lot === 1 || units.toBigInt() % BigInt(lot) === 0n;
}
