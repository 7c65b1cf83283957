import type { ScaledInteger } from '../../core/scaled-integer.js';

/** The scales of one asset's fills: how many decimals the integers of a fill carry. */
export interface FillScales {
  /** Decimals of money: gross values and fees. */
  readonly money: number;
  /** Decimals of quantities. */
  readonly quantity: number;
}

/** What a fee may depend on beside the fill: a register of the account's, kept up only for models that read 'order'. */
export interface FillFacts {
  /** Whether the order rested in the book, and another trader's order filled it. */
  isMaker: boolean;
  /** Calendar month of the label of the fill's bar in UTC, counted from January of the year 0: `12 * year + month`, January being 0. */
  month: number;
  /** Units of the order filled before this fill, at least 0. */
  readonly orderUnits: ScaledInteger;
  /** Traded value of the order before this fill, at least 0. */
  readonly orderGross: ScaledInteger;
  /** Fees that the order has paid before. */
  readonly orderFees: ScaledInteger;
}

/** What a venue takes for a fill. */
export interface CommissionModel {
  /** The model as it is written on the command line: `percent:0.001`. */
  readonly specification: string;
  /** What the fee depends on: 'fill' alone keeps the broker from keeping {@link FillFacts} up. */
  readonly reads: 'fill' | 'order';
  /**
   * Writes the fee of one fill into `out` and returns it, rounded half-even to the money's decimals; negative for a rebate. Changes
   * nothing else: sizing an order to a budget asks many times. Value and fee together never fall as the quantity grows.
   *
   * @param gross traded value, at least 0, in money decimals
   * @param quantity units traded, at least 0, in quantity decimals
   */
  charge(
    out: ScaledInteger,
    gross: ScaledInteger,
    quantity: ScaledInteger,
    scales: FillScales,
    facts: FillFacts,
  ): ScaledInteger;
  /**
   * About the share of the traded value that the fee takes: the first guess when an order is sized to a budget.
   *
   * @param worth value of one unit
   * @param budget what value and fee may cost together
   */
  estimatedRate(worth: number, budget: number, facts: FillFacts): number;
  /** Takes note of an executed fill of so many signed units, once for each; absent in a model that remembers nothing. */
  readonly settle?: (gross: ScaledInteger, quantity: ScaledInteger, scales: FillScales, facts: FillFacts) => void;
  /** Forgets all fills, at the start of a run; absent in a model that remembers nothing. */
  readonly reset?: () => void;
}
