/** One long position, held while `wants` is true. */
const holding = (setup: string, wants: string): string => `  initialize({ asset, indicator, series }) {
    return { asset, ${setup} };
  },
  handleData({ state, order }) {
    order.target(state.asset, ${wants} ? 10 : 0);
  },
});
`;

/** An indicator with a step that is honest and a column that is not. */
const custom = (
  name: string,
  inputs: string,
  column: string,
): string => `import { defineIndicator, defineStrategy } from 'hindcast';
const ${name} = defineIndicator({
  name: '${name}',
  inputs: ${inputs},
  create: () => ({ warmUp: 1, step: (value) => value, column: ${column} }),
});
export default defineStrategy({
  parameters: {},
`;

/**
 * Strategies that look ahead by the ways that are left to them, as files, each with the rule by which it holds, for an oracle: whether it wants
 * to be long on a row, given the columns that it can reach.
 */
export const PLANTED: readonly {
  readonly name: string;
  readonly source: string;
  readonly wants: (columns: Readonly<Record<'high' | 'low' | 'close', Float64Array>>, row: number) => boolean;
  /** What the hint says. */
  readonly cause: string;
}[] = [
  {
    name: "tomorrow's close",
    // From the bundle, past the engine.
    source: `import { defineStrategy } from 'hindcast';
import { BundleStore, openBundle } from 'hindcast/data';
const [group] = openBundle(new BundleStore().resolve('waves').directory).groups;
const close = group.listings[0].column('close');
export default defineStrategy({
  parameters: {},
  handleData({ asset, now, order }) {
    const row = group.closes.indexOf(now);
    order.target(asset, close[row + 1] > close[row] ? 10 : 0);
  },
});
`,
    wants: ({ close }, row) => close[row + 1]! > close[row]!,
    cause: 'from a bundle that it opens itself',
  },
  {
    name: 'a centred window',
    source:
      custom(
        'centred',
        "['close']",
        `(out, close) => {
    for (let row = 0; row < close.length; row++) {
      let sum = 0;
      let count = 0;
      for (let at = Math.max(0, row - 3); at <= Math.min(close.length - 1, row + 3); at++, count++) sum += close[at];
      out.value[row] = sum / count;
    }
  }`,
      ) +
      holding(
        "mean: indicator(centred(), asset), close: series(asset, 'close')",
        'state.mean.value > state.close.value',
      ),
    wants: ({ close }, row) => {
      const window = close.slice(Math.max(0, row - 3), row + 4);
      return window.reduce((sum, value) => sum + value, 0) / window.length > close[row]!;
    },
    cause: 'a negative shift or a centred window',
  },
  {
    name: 'a global normalisation',
    source:
      custom(
        'score',
        "['close']",
        `(out, close) => {
    let sum = 0;
    for (const value of close) sum += value;
    for (let row = 0; row < close.length; row++) out.value[row] = close[row] / (sum / close.length);
  }`,
      ) + holding('score: indicator(score(), asset)', 'state.score.value < 1'),
    wants: ({ close }, row) => close[row]! / (close.reduce((sum, value) => sum + value, 0) / close.length) < 1,
    cause: 'scaled by, or fitted to, the whole column',
  },
  {
    name: 'a negative shift',
    source:
      custom(
        'change',
        "['close']",
        '(out, close) => { for (let row = 0; row < close.length; row++) out.value[row] = close[row + 1] - close[row]; }',
      ) + holding('change: indicator(change(), asset)', 'state.change.value > 0'),
    wants: ({ close }, row) => close[row + 1]! - close[row]! > 0,
    cause: 'knows the next bar: a negative shift',
  },
  {
    name: 'the high and low of the bar at which it fills',
    source:
      custom(
        'range',
        "['high', 'low']",
        '(out, high, low) => { for (let row = 0; row < high.length; row++) out.value[row] = (high[row + 1] + low[row + 1]) / (high[row] + low[row]); }',
      ) + holding('range: indicator(range(), asset)', 'state.range.value > 1'),
    wants: ({ high, low }, row) => (high[row + 1]! + low[row + 1]!) / (high[row]! + low[row]!) > 1,
    cause: 'knows the next bar: a negative shift',
  },
];
