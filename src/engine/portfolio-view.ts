import { type Decimal, toDecimal } from '../core/decimal.js';
import { UsageError } from '../core/errors.js';
import type { Asset } from '../market/asset.js';
import type { PositionBook } from '../portfolio/book.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { Portfolio, Position } from './strategy.js';

/** A strategy's handle on one position of the account. */
class PositionView implements Position {
  readonly asset: Asset;
  readonly #broker: SimulatedBroker;
  readonly #book: PositionBook;
  readonly #line: number;

  constructor(broker: SimulatedBroker, line: number) {
    this.#broker = broker;
    this.#line = line;
    this.#book = broker.lines[line]!.book;
    this.asset = this.#book.asset;
    Object.freeze(this);
  }

  get isFlat(): boolean {
    // Compared, so that the compiler knows a boolean and tests no other kind of truth.
    return this.#book.isFlat === true;
  }

  get quantity(): number {
    return this.#book.held;
  }

  get averagePrice(): number {
    const { multiplier } = this.#broker.lines[this.#line]!;
    return this.#book.held === 0 ? Number.NaN : this.#cost / (this.#book.held * multiplier);
  }

  get value(): number {
    return this.#broker.valuation.valueOfLine(this.#line);
  }

  get profit(): number {
    return this.#book.held === 0 ? 0 : this.value - this.#cost;
  }

  get exact(): { readonly quantity: Decimal; readonly cost: Decimal } {
    const { money, quantity } = this.#broker.account.scales;
    return { quantity: toDecimal(this.#book.quantity, quantity), cost: toDecimal(this.#book.cost, money) };
  }

  get #cost(): number {
    return this.#book.cost.toNumber(this.#broker.account.scales.money);
  }
}

/** The account as a strategy sees it. Functions are bound, so that destructuring is safe. */
export class PortfolioView implements Portfolio {
  readonly #broker: SimulatedBroker;
  readonly #positions: readonly PositionView[];

  constructor(broker: SimulatedBroker) {
    this.#broker = broker;
    this.#positions = broker.lines.map((_, line) => new PositionView(broker, line));
    Object.freeze(this);
  }

  get cash(): number {
    const { ledger, scales } = this.#broker.account;
    return ledger.cash.toNumber(scales.money);
  }

  get value(): number {
    return this.#broker.valuation.value();
  }

  get leverage(): number {
    let exposure = 0;
    for (const position of this.#positions) exposure += Math.abs(position.value);
    return exposure / this.value;
  }

  get buyingPower(): number {
    return this.#broker.buyingPower();
  }

  get exact(): { readonly cash: Decimal } {
    const { ledger, scales } = this.#broker.account;
    return { cash: toDecimal(ledger.cash, scales.money) };
  }

  readonly position = (asset: Asset): Position => {
    const position = this.#positions[this.#broker.lineOf(asset)];
    if (position === undefined) throw unknownAsset(asset, this.#broker);
    return position;
  };

  readonly held = (): readonly Position[] => this.#positions.filter(({ quantity }) => quantity !== 0);
}

/** Names of a view's getters whose answers stay as they are while nothing fills and no event is due. */
export function constantGetters(view: object): readonly string[] {
  if (view instanceof PositionView) return CONSTANT_OF_POSITION;
  return view instanceof PortfolioView ? CONSTANT_OF_PORTFOLIO : NO_NAMES;
}

const CONSTANT_OF_POSITION = ['isFlat', 'quantity', 'averagePrice'];
const CONSTANT_OF_PORTFOLIO = ['cash'];
const NO_NAMES: readonly string[] = [];

/** The error for an asset that an account does not trade. */
export function unknownAsset(asset: Asset, broker: SimulatedBroker): UsageError {
  return new UsageError('UNKNOWN_ASSET', {
    message: `${asset?.symbol ?? String(asset)} is not traded here; this account's assets are ${broker.lines.map(({ view }) => view.asset.symbol).join(', ')}.`,
  });
}
