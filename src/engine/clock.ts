/** The bar that a strategy stands at. Everything that a strategy reads looks here; only the event loop writes. */
export class Clock {
  /** Axis row from which `at` counts. */
  readonly origin: number;
  /** Axis row of the last bar that is known. */
  row = -1;
  /** The same counted from the first row of the account's earliest asset: where most columns begin. */
  at = -1;
  /** True before a session's first bar: the next bar is about to open. */
  beforeOpen = false;

  constructor(origin: number) {
    this.origin = origin;
  }

  /** Moves to an axis row. */
  moveTo(row: number): void {
    this.row = row;
    this.at = row - this.origin;
  }
}
