import { expect, it } from 'vitest';
import { backtest, defineIndicator, defineStrategy, type Series, sma } from '../../../src/index.js';
import { DirectIndicators, SpareColumns } from '../../../src/indicators/columns.js';
import { walkBundle } from '../../helpers/walk-market.js';

const ROWS = 20_000;

it('a column is made of what an ended run has left, its values zeros again', () => {
  let buffer: unknown;
  {
    using columns = new SpareColumns();
    const column = columns.take(ROWS).fill(7);
    ({ buffer } = column);
  }
  using columns = new SpareColumns();
  const column = columns.take(ROWS);
  expect(column.buffer).toBe(buffer);
  expect(column.every((value) => value === 0)).toBe(true);
  expect(columns.take(ROWS).buffer).not.toBe(buffer);
});

it('no column is given to two runs at once, nor one of another length', () => {
  using first = new SpareColumns();
  using second = new SpareColumns();
  const columns = [first.take(ROWS), first.take(ROWS), second.take(ROWS), second.take(ROWS + 1)];
  expect(new Set(columns.map(({ buffer }) => buffer)).size).toBe(4);
  expect(columns.map(({ length }) => length)).toEqual([ROWS, ROWS, ROWS, ROWS + 1]);
});

it('a recipe that leaves rows out finds zeros there, whatever lay in the memory', () => {
  const second = defineIndicator({
    name: 'second',
    inputs: ['close'],
    create: () => ({
      warmUp: 1,
      memory: 1,
      step: (close) => close,
      column: ({ value }, close) => {
        for (let row = 1; row < close.length; row += 2) value[row] = close[row]!;
      },
    }),
  });
  const close = Float64Array.from({ length: ROWS }, (_, row) => row + 1);
  const inputs = { key: 'k', length: ROWS, columns: [close], kinds: ['price' as const], schedule: undefined };
  const plain = new DirectIndicators().columns(second(), inputs as never).outputs.value!;
  for (let turn = 0; turn < 2; turn++) {
    using columns = new SpareColumns();
    const found = new DirectIndicators(columns.take).columns(second(), inputs as never).outputs.value!;
    expect(found).toEqual(plain);
    found.fill(3);
  }
});

it('a backtest has the same result in memory that another has left, and its series are empty afterwards', async () => {
  const bundle = await walkBundle(ROWS);
  const kept: Series[] = [];
  const strategy = defineStrategy({
    parameters: {},
    initialize: ({ asset, indicator }) => {
      const fast = indicator(sma(5), asset);
      kept.push(fast);
      return { asset, fast, slow: indicator(sma(40), asset) };
    },
    handleData({ state: { asset, fast, slow }, order }) {
      order.targetPercent(asset, fast.value > slow.value ? 1 : 0);
    },
  });
  const results = [];
  for (let run = 0; run < 3; run++) {
    results.push(await backtest(strategy, { bundle }));
    expect([kept[run]!.value, kept[run]!.ago(1), kept[run]!.ready]).toEqual([Number.NaN, Number.NaN, false]);
  }
  const [first, ...others] = results.map(({ fills, orderStreamHash, endingEquity, equity }) => [
    fills.length,
    orderStreamHash,
    endingEquity.toString(),
    equity,
  ]);
  expect(first![0]).toBeGreaterThan(100);
  for (const other of others) expect(other).toEqual(first);
});
