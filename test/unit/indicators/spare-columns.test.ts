import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backtest, defineIndicator, defineStrategy, int, optimize, type Series, sma } from '../../../src/index.js';
import { DirectIndicators, MemoIndicators, SpareColumns } from '../../../src/indicators/columns.js';
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

it('short columns lie in one block, which the next run takes too, its values zeros again', () => {
  let block: unknown;
  {
    using columns = new SpareColumns();
    const short = [100, 0, 7].map((length) => columns.take(length).fill(7));
    block = short[0]!.buffer;
    expect(short.map(({ byteOffset, length }) => [byteOffset, length])).toEqual([
      [0, 100],
      [800, 0],
      [800, 7],
    ]);
    expect(new Set(short.map(({ buffer }) => buffer)).size).toBe(1);
  }
  using columns = new SpareColumns();
  const column = columns.take(150);
  expect(column.buffer).toBe(block);
  expect(column.every((value) => value === 0)).toBe(true);
});

it('columns never overlap, whatever their lengths', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 30 }), (lengths) => {
      using columns = new SpareColumns();
      const taken = lengths.map((length) => columns.take(length));
      for (const [place, column] of taken.entries()) column.fill(place + 1);
      for (const [place, column] of taken.entries()) {
        if (column.length !== lengths[place]! || column.some((value) => value !== place + 1)) return false;
      }
      return true;
    }),
    { numRuns: 1000 },
  );
});

it.each([10, ROWS])('what a memory of %s rows has forgotten stays with those who hold it', (length) => {
  const columns = new SpareColumns();
  const held = columns.take(length).fill(7);
  columns.forget();
  const later = columns.take(length);
  columns[Symbol.dispose]();
  expect(later.buffer).not.toBe(held.buffer);
  using next = new SpareColumns();
  next.take(length).fill(3);
  expect(next.take(length).buffer).not.toBe(held.buffer);
  expect(held.every((value) => value === 7)).toBe(true);
});

it('a memory of columns that is full leaves those that it forgets to their readers', () => {
  const memory = new SpareColumns();
  const close = Float64Array.from({ length: 100 }, (_, row) => row + 1);
  const inputs = { key: 'k', length: 100, columns: [close], kinds: ['price' as const], schedule: undefined };
  // Room for two columns of 100 rows.
  const memo = new MemoIndicators(1600, memory);
  const values = [2, 3, 4, 5, 6].map((length) => memo.columns(sma(length), inputs as never).outputs.value!);
  const copies = values.map((column) => column.slice());
  memory[Symbol.dispose]();
  using next = new SpareColumns();
  next.take(100).fill(3);
  expect(values.slice(0, 4)).toEqual(copies.slice(0, 4));
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
    const found = new DirectIndicators(columns).columns(second(), inputs as never).outputs.value!;
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

it('a search has the same outcomes in memory that another has left, and its series are empty afterwards', async () => {
  const bundle = await walkBundle(3000);
  const kept: Series[] = [];
  const strategy = defineStrategy({
    parameters: { fast: int(2, 5), slow: int(20, 60, { step: 20 }) },
    initialize: ({ asset, indicator }, { fast, slow }) => {
      const quick = indicator(sma(fast), asset);
      kept.push(quick);
      return { asset, quick, calm: indicator(sma(slow), asset) };
    },
    handleData({ state: { asset, quick, calm }, order }) {
      order.targetPercent(asset, quick.value > calm.value ? 1 : 0);
    },
  });
  const search = async () => {
    const found = await optimize(strategy, { bundle, search: 'grid', jobs: 1 });
    expect(kept.splice(0).every((series) => Number.isNaN(series.value) && Number.isNaN(series.ago(1)))).toBe(true);
    const outcomes: unknown[] = [];
    for await (const { number, orderStreamHash, endingEquity } of found.trials()) {
      outcomes.push([number, orderStreamHash, endingEquity]);
    }
    return outcomes;
  };
  const first = await search();
  expect(first).toHaveLength(12);
  expect(await search()).toEqual(first);
  expect(await search()).toEqual(first);
});
