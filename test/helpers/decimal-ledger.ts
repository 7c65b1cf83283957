import { Decimal } from 'decimal.js';

/** Enough digits that only the roundings written below ever drop one. */
const Exact = Decimal.clone({ precision: 300, toExpPos: 500, toExpNeg: -500 });
const { ROUND_DOWN, ROUND_HALF_EVEN } = Decimal;

/** What happens to an account. Numbers are decimal strings; a ratio may be a fraction such as '1/3'. */
export type LedgerEvent =
  | {
      readonly kind: 'buy' | 'sell';
      readonly asset: string;
      /** Units, above 0. */
      readonly quantity: string;
      readonly price: string;
      /** The share of the traded value that the fill costs. @defaultValue '0' */
      readonly feeRate?: string;
      /** The fee itself, where it is no share of the value. @defaultValue as `feeRate` says */
      readonly fee?: string;
      /** Money per unit and point of price. @defaultValue '1' */
      readonly multiplier?: string;
    }
  | {
      readonly kind: 'split';
      readonly asset: string;
      /** New units for one old. */
      readonly ratio: string;
      /** What one new unit is worth where a fraction of it is paid out; or what an old one is. */
      readonly price?: string;
      readonly close?: string;
      /** Decimals of the units that can be held. @defaultValue the ledger's */
      readonly decimals?: number;
    }
  | {
      readonly kind: 'dividend';
      readonly asset: string;
      /** Cash for one unit. */
      readonly amount: string;
      /** `later`: earned now, in cash with the asset's next `payment`. @defaultValue 'now' */
      readonly paid?: 'now' | 'later';
      /** What a payment of this dividend alone calls it. */
      readonly id?: number;
    }
  /** What holding costs, negative when it earns: of the account, in exact money. */
  | { readonly kind: 'charge'; readonly amount: string }
  | {
      readonly kind: 'payment';
      readonly asset: string;
      /** Which dividend is paid. @defaultValue all that were earned and not yet paid */
      readonly id?: number;
    };

/** A holding: signed units and what they cost, fees excluded. */
export interface DecimalPosition {
  readonly quantity: Decimal;
  readonly cost: Decimal;
  /** Dividends earned and not yet paid. */
  readonly receivable: Decimal;
}

const NOTHING: DecimalPosition = { quantity: new Exact(0), cost: new Exact(0), receivable: new Exact(0) };

/**
 * The ledger as one would keep it by hand, in decimals: the reference for the fast one. Slow on purpose, and it shares
 * nothing with the source: positions at average cost, and every rounding is a call of one of the two functions below.
 */
export class DecimalLedger {
  cash: Decimal;
  realisedProfit: Decimal = new Exact(0);
  fees: Decimal = new Exact(0);
  readonly #opening: Decimal;
  readonly #positions = new Map<string, DecimalPosition>();
  readonly #due = new Map<number, Decimal>();
  readonly #moneyDecimals: number;
  readonly #quantityDecimals: number;

  constructor({
    cash,
    moneyDecimals = 8,
    quantityDecimals = 8,
  }: {
    readonly cash: string;
    readonly moneyDecimals?: number;
    readonly quantityDecimals?: number;
  }) {
    this.cash = new Exact(cash);
    this.#opening = this.cash;
    this.#moneyDecimals = moneyDecimals;
    this.#quantityDecimals = quantityDecimals;
  }

  /** Returns what is held of an asset; nothing is a position too. */
  position(asset: string): DecimalPosition {
    return this.#positions.get(asset) ?? NOTHING;
  }

  get receivable(): Decimal {
    return this.#sum(({ receivable }) => receivable);
  }

  get costOfPositions(): Decimal {
    return this.#sum(({ cost }) => cost);
  }

  /** What the books do not explain: zero after every event, or value was made or lost. */
  get unexplained(): Decimal {
    const has = this.cash.plus(this.receivable).plus(this.costOfPositions);
    return has.minus(this.#opening.plus(this.realisedProfit).minus(this.fees));
  }

  apply(event: LedgerEvent): void {
    switch (event.kind) {
      case 'buy':
      case 'sell':
        this.#trade(event);
        break;
      case 'split':
        this.#split(event);
        break;
      case 'dividend':
        this.#dividend(event);
        break;
      case 'charge': {
        const amount = new Exact(event.amount);
        this.cash = this.cash.minus(amount);
        if (amount.isPositive()) this.fees = this.fees.plus(amount);
        else this.realisedProfit = this.realisedProfit.minus(amount);
        break;
      }
      case 'payment': {
        const position = this.position(event.asset);
        const paid = event.id === undefined ? position.receivable : (this.#due.get(event.id) ?? new Exact(0));
        this.cash = this.cash.plus(paid);
        this.#positions.set(event.asset, { ...position, receivable: position.receivable.minus(paid) });
      }
    }
  }

  #trade(event: LedgerEvent & { readonly kind: 'buy' | 'sell' }): void {
    const position = this.position(event.asset);
    const units = new Exact(event.quantity);
    const gross = this.#money(units.times(event.price).times(event.multiplier ?? 1));
    const fee = event.fee === undefined ? this.#money(gross.times(event.feeRate ?? 0)) : new Exact(event.fee);
    const change = event.kind === 'buy' ? units : units.negated();
    // Money moves against the units: what is bought is paid for.
    const paid = event.kind === 'buy' ? gross : gross.negated();
    this.cash = this.cash.minus(paid).minus(fee);
    this.fees = this.fees.plus(fee);

    const held = position.quantity;
    const quantity = held.plus(change);
    const widens = held.isZero() || held.isPositive() === change.isPositive();
    const turns = !widens && !quantity.isZero() && quantity.isPositive() === change.isPositive();
    let cost: Decimal;
    if (widens) {
      cost = position.cost.plus(paid);
    } else if (turns) {
      // Through zero: two fills at one price, the first of which closes.
      const closing = this.#money(paid.times(held.abs()).div(units));
      this.realisedProfit = this.realisedProfit.minus(closing).minus(position.cost);
      cost = paid.minus(closing);
    } else {
      const removed = quantity.isZero() ? position.cost : this.#money(position.cost.times(units).div(held.abs()));
      this.realisedProfit = this.realisedProfit.minus(paid).minus(removed);
      cost = position.cost.minus(removed);
    }
    this.#positions.set(event.asset, { ...position, quantity, cost });
  }

  /** Units that cannot be held are paid out, and take their share of the cost with them. */
  #split(event: LedgerEvent & { readonly kind: 'split' }): void {
    const { asset, ratio, price, close, decimals = this.#quantityDecimals } = event;
    const position = this.position(asset);
    const [numerator, denominator = '1'] = ratio.split('/');
    const scaled = position.quantity.times(numerator!);
    const quantity = scaled.div(denominator).toDecimalPlaces(decimals, ROUND_DOWN);
    const fraction = scaled.minus(quantity.times(denominator));
    if (fraction.isZero()) {
      this.#positions.set(asset, { ...position, quantity });
      return;
    }
    const worth = close === undefined ? fraction.times(price!).div(denominator) : fraction.times(close).div(numerator!);
    const inLieu = this.#money(worth);
    const removed = quantity.isZero() ? position.cost : this.#money(position.cost.times(fraction).div(scaled));
    this.cash = this.cash.plus(inLieu);
    this.realisedProfit = this.realisedProfit.plus(inLieu).minus(removed);
    this.#positions.set(asset, { ...position, quantity, cost: position.cost.minus(removed) });
  }

  #dividend({ asset, amount, paid = 'now', id }: LedgerEvent & { readonly kind: 'dividend' }): void {
    const position = this.position(asset);
    const income = this.#money(position.quantity.times(amount));
    this.realisedProfit = this.realisedProfit.plus(income);
    if (paid === 'now') this.cash = this.cash.plus(income);
    else this.#positions.set(asset, { ...position, receivable: position.receivable.plus(income) });
    if (id !== undefined && paid === 'later') this.#due.set(id, income);
  }

  #money(value: Decimal): Decimal {
    return value.toDecimalPlaces(this.#moneyDecimals, ROUND_HALF_EVEN);
  }

  #sum(part: (position: DecimalPosition) => Decimal): Decimal {
    return [...this.#positions.values()].reduce((sum, position) => sum.plus(part(position)), new Exact(0) as Decimal);
  }
}
