import type { IndicatorInputs } from '../../src/indicators/columns.js';

/** Closes of one listing as an indicator's inputs; events as row and price factor. */
export function closes(
  key: string,
  close: ArrayLike<number>,
  events: readonly { readonly row: number; readonly factor: number }[] = [],
): IndicatorInputs {
  return {
    key,
    length: close.length,
    columns: [Float64Array.from(close)],
    kinds: ['price'],
    schedule:
      events.length === 0
        ? undefined
        : {
            rows: Int32Array.from(events, ({ row }) => row),
            priceFactors: Float64Array.from(events, ({ factor }) => factor),
            volumeFactors: Float64Array.from(events, ({ factor }) => 1 / factor),
          },
  };
}
