import { Rounding, ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';

/** Simple interest on a balance that changes from day to day, exact over any number of days. */
export class Accrual {
  readonly #rate: ModelNumber;
  readonly #divisor = new ScaledInteger();
  readonly #due = new ScaledInteger();
  readonly #whole = new ScaledInteger();
  /** What a day's rounding leaves over, in units of 1 / divisor. */
  readonly #rest = new ScaledInteger();
  readonly #one = new ScaledInteger(1);

  /**
   * @param rate share of the balance in a year
   * @param yearDays days that the rate is spread over: 360 or 365
   */
  constructor(rate: ModelNumber, yearDays: number) {
    this.#rate = rate;
    this.#divisor.setNumber(10 ** rate.decimals * yearDays);
  }

  /** Writes the interest on a balance, at least 0, for so many days into `out`, with what is left over from before; rounded down. */
  add(out: ScaledInteger, balance: ScaledInteger, days: number): ScaledInteger {
    this.#due.setProduct(balance, this.#rate.mantissa, 0, Rounding.HalfEven);
    this.#due.setProduct(this.#due, days, 0, Rounding.HalfEven).add(this.#rest);
    out.setMulDiv(this.#due, this.#one, this.#divisor, Rounding.Floor);
    this.#whole.setBigInt(out.toBigInt() * this.#divisor.toBigInt());
    this.#rest.set(this.#due).subtract(this.#whole);
    return out;
  }

  reset(): void {
    this.#rest.clear();
  }
}
