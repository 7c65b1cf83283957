/** The bar that a strategy stands at. Everything that a strategy reads looks here; only the event loop writes. */
export class Clock {
  /** Axis row of the last bar that is known. */
  row = -1;
  /** True before a session's first bar: the next bar is about to open. */
  beforeOpen = false;
}
