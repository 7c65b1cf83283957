import type { Difference, IndicatorDifference } from './comparison.js';

/** What a run with an altered future told. */
export interface Evidence {
  /** The last row that the run shared with the recorded market. */
  readonly upTo: number;
  readonly difference: Difference | undefined;
  readonly indicators: readonly IndicatorDifference[];
}

/** Returns the likely cause of a difference, in plain words and with the remedy. */
export function hintOf(found: Evidence, all: readonly Evidence[]): string {
  const suspect = found.indicators[0] ?? all.flatMap(({ indicators }) => indicators)[0];
  if (suspect !== undefined) return indicatorHint(suspect.name, all);
  if (found.difference?.kind === 'failure') {
    return 'It fails where the future is another one: it reaches past the current bar for data that the engine does not give, or opens bundles by itself. Read the market through data, series and indicators alone.';
  }
  const reach = reachOf(found.difference?.row ?? found.upTo, found.upTo);
  return `It knows ${reach} although all that the engine gives it ends at the current bar: it reads the market past the engine, from a bundle that it opens itself (hindcast/data) or from memory that outlives the bar. Read the market through data, series and indicators alone.`;
}

/** Why one declared indicator gives a bar another value once the bars after it are others. */
function indicatorHint(name: string, all: readonly Evidence[]): string {
  const seen = all.flatMap(({ upTo, indicators }) =>
    indicators.filter((each) => each.name === name).map((each) => ({ ...each, upTo })),
  );
  const widest = seen.reduce((a, b) => (b.upTo - b.row > a.upTo - a.row ? b : a));
  const remedy =
    'Compute the value of a bar from that bar and earlier ones; without a column form, step does so by itself.';
  if (widest.fromTheStart && widest.upTo > widest.row) {
    return `The indicator ${name} has other values from the first bar on: it is scaled by, or fitted to, the whole column (a global mean, deviation, minimum or maximum). ${remedy}`;
  }
  const what = widest.upTo === widest.row ? 'a negative shift' : 'a negative shift or a centred window';
  return `The indicator ${name} knows ${reachOf(widest.row, widest.upTo)}: ${what}, most likely in its column form. ${remedy}`;
}

const reachOf = (row: number, upTo: number): string =>
  row === upTo ? 'the next bar' : `bars at least ${upTo - row + 1} ahead`;
