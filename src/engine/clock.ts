/** The bar that a strategy stands at. Everything that a strategy reads looks here; only the event loop and the broker write. */
export class Clock {
  /**
   * The last bar that is known, counted from `origin`, the first row of the account's earliest asset: where most columns begin.
   * The one field that the hot loop writes.
   */
  at = -1;
  /** Axis row from which `at` counts. */
  readonly origin: number;
  /** True before a session's first bar: the next bar is about to open. */
  beforeOpen = false;
  /** True while a strategy is told of what an opening brought: the bar that opens is the one on which it gives orders. */
  isOpened = false;
  /** Set when an order is given, cleared by the event loop before the strategy's next turn: the hot loop ends at it. */
  interrupted = false;

  constructor(origin: number) {
    this.origin = origin;
  }

  /** Axis row of the last bar that is known. */
  get row(): number {
    return this.at + this.origin;
  }

  /** Moves to an axis row. */
  moveTo(row: number): void {
    this.at = row - this.origin;
  }

  /** Moves to before the opening of an axis row: the bar before it is the last that is known. */
  standBefore(row: number): void {
    this.moveTo(row - 1);
    this.beforeOpen = true;
  }
}
