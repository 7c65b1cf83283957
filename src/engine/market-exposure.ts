import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { FillScales } from '../execution/commission/commission.js';
import type { PositionBook } from '../portfolio/book.js';
import type { Exposure } from '../portfolio/margin-account.js';
import type { Line } from './line.js';

/** An account's positions at the last closes that are known: what a margin account's requirements are measured by. */
export class MarketExposure implements Exposure {
  readonly net = new ScaledInteger();
  readonly gross = new ScaledInteger();
  /** Axis row of the last bar that is known. */
  row = -1;
  /** Worth of the positions estimated last, in doubles; NaN where one has no close yet. NaN comes first for V8's sake. */
  estimatedNet = Number.NaN;
  estimatedGross = Number.NaN;
  readonly #lines: readonly Line[];
  readonly #scales: FillScales;
  readonly #closeAt: (line: Line, row: number) => number;
  readonly #worth = new ScaledInteger();

  /** @param closeAt the last close of a line as of an axis row, in the shares of the account */
  constructor(lines: readonly Line[], scales: FillScales, closeAt: (line: Line, row: number) => number) {
    this.#lines = lines;
    this.#scales = scales;
    this.#closeAt = closeAt;
  }

  /** Estimates what {@link measure} would find of all positions. */
  estimate(): void {
    let net = 0;
    let gross = 0;
    const lines = this.#lines;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (line.book.held === 0) continue;
      const close = this.#closeAt(line, this.row);
      const worth = line.book.held * line.multiplier * (close > 0 ? close : Number.NaN);
      net += worth;
      gross += Math.abs(worth);
    }
    this.estimatedNet = net;
    this.estimatedGross = gross;
  }

  measure(except?: PositionBook): void {
    this.net.clear();
    this.gross.clear();
    for (const line of this.#lines) {
      if (line.book === except || line.book.held === 0) continue;
      const close = this.#closeAt(line, this.row);
      // Bought at the opening of its first bar, it has no close yet: it is worth what it cost.
      const worth = close > 0 ? worthOf(this.#worth, line, close, this.#scales) : this.#worth.set(line.book.cost);
      this.net.add(worth);
      if (worth.sign() < 0) this.gross.subtract(worth);
      else this.gross.add(worth);
    }
  }
}

/** Writes what a line's position is worth at a price into `out`, in money decimals rounded half-even, and returns it. */
export function worthOf(out: ScaledInteger, line: Line, price: number, scales: FillScales): ScaledInteger {
  const { multiplier } = line.scales;
  const ticks = Math.round(price * line.tickScale);
  const power = scales.quantity + line.view.asset.priceDecimals + multiplier.decimals - scales.money;
  out.setProduct(line.book.quantity, ticks, 0, Rounding.HalfEven);
  return out.setProduct(out, multiplier.mantissa, power, Rounding.HalfEven);
}
