import { describe, expect, it } from 'vitest';
import {
  crossedAbove,
  crossedBelow,
  defineIndicator,
  highest,
  lowest,
  rsi,
  type Series,
  sma,
  standardDeviation,
} from '../../../src/indicators/index.js';

const create = (length: number) => ({ warmUp: length, step: (close: number) => close * length });

describe('defineIndicator', () => {
  const double = defineIndicator({ name: 'times', inputs: ['close'], create });

  it('makes recipes that state what they are', () => {
    expect(double(2)).toMatchObject({ name: 'times', inputs: ['close'], outputs: ['value'], args: [2] });
    expect(double(2).sourceHash).toMatch(/^[0-9a-f]{64}$/);
    expect(double(2).start()).toMatchObject({ warmUp: 2 });
  });

  it('gives the same recipe for the same arguments, and another for others', () => {
    const pair = defineIndicator({
      name: 'pair',
      inputs: ['close'],
      create: (a: string | number | boolean, b?: string | number) => ({
        warmUp: 1,
        step: () => Number(a) + Number(b ?? 0),
      }),
    });
    const recipes = [
      pair(1),
      pair('1'),
      pair(true),
      pair('true'),
      pair(0),
      pair(-0),
      pair(1, 2),
      pair('1,2'),
      pair('1', 2),
      pair(1, '2'),
    ];
    expect(new Set(recipes.map(({ identity }) => identity)).size).toBe(recipes.length);
    expect(pair(1)).toBe(recipes[0]);
    expect(pair(1, 2)).toBe(recipes[6]);
    expect(pair(-0)).toBe(recipes[5]);
  });

  it('keeps giving right recipes after more than it keeps', () => {
    for (let k = 1; k <= 5000; k++) expect(double(k).args).toEqual([k]);
    expect(double(1).start().warmUp).toBe(1);
  });

  it('has another identity when its source, inputs or outputs change', () => {
    const edited = defineIndicator({
      name: 'times',
      inputs: ['close'],
      create: (length: number) => ({ warmUp: length, step: (close) => close + length }),
    });
    const moved = defineIndicator({ name: 'times', inputs: ['open'], create });
    expect(new Set([double(2), edited(2), moved(2)].map(({ identity }) => identity)).size).toBe(3);
  });

  it('does not let a recipe be changed', () => {
    expect(Object.isFrozen(double(2))).toBe(true);
    expect(Object.isFrozen(double(2).args)).toBe(true);
  });

  it.each([
    { name: '', inputs: ['close'], create },
    { name: 'x', inputs: [], create },
    { name: 'x', inputs: ['close'], outputs: ['a', 'a'], create },
    { name: 'x', inputs: ['close'], outputs: [], create },
  ] as const)('refuses %o', (definition) => {
    expect(() => defineIndicator(definition as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it.each([{ warmUp: 0 }, { warmUp: 1.5 }, { warmUp: Number.NaN }, { warmUp: 3, memory: 2 }])(
    'refuses a run that states %o',
    (stated) => {
      const odd = defineIndicator({
        name: 'odd',
        inputs: ['close'],
        create: () => ({ ...stated, step: (close) => close }),
      });
      expect(() => odd().start()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );
});

describe('built-in indicators', () => {
  const values = (recipe: ReturnType<typeof rsi | typeof highest | typeof lowest>, closes: number[]): unknown[] => {
    const step = recipe.start().step as unknown as (value: number) => number;
    return closes.map((close) => step(close));
  };

  it('RSI is 50 while no close changes, 100 on gains alone, 0 on losses alone', () => {
    expect(values(rsi(2), [5, 5, 5, 5])).toEqual([Number.NaN, Number.NaN, 50, 50]);
    expect(values(rsi(2), [5, 6, 7])).toEqual([Number.NaN, Number.NaN, 100]);
    expect(values(rsi(2), [7, 6, 5])).toEqual([Number.NaN, Number.NaN, 0]);
  });

  it('highest and lowest hold an extreme for as long as it is in the window', () => {
    expect(values(highest(3), [1, 5, 2, 3, 1, 1, 0])).toEqual([Number.NaN, Number.NaN, 5, 5, 3, 3, 1]);
    expect(values(lowest(3), [5, 1, 4, 3, 5, 5, 6])).toEqual([Number.NaN, Number.NaN, 1, 1, 3, 3, 5]);
  });

  it('standard deviation is the population unless the sample is asked for', () => {
    expect(values(standardDeviation(2), [1, 3])).toEqual([Number.NaN, 1]);
    expect(values(standardDeviation(2, 1), [1, 3])).toEqual([Number.NaN, Math.SQRT2]);
    expect(() => standardDeviation(1, 1).start()).toThrow('whole number of bars from 2');
    expect(() => standardDeviation(5, 2 as 1).start()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('tells the trader which length was wrong', () => {
    expect(() => sma(2.5).start()).toThrow('sma(2.5) needs a whole number of bars from 1 to 10000000.');
  });
});

describe('crossings', () => {
  const series = (now: number, before: number): Series => ({
    value: now,
    ready: !Number.isNaN(now),
    ago: (bars) => (bars === 0 ? now : before),
  });

  it.each([
    { a: [2, 1], b: [1, 1], above: true, below: false },
    { a: [2, 0], b: [1, 1], above: true, below: false },
    { a: [2, 2], b: [1, 1], above: false, below: false },
    { a: [1, 0], b: [1, 1], above: false, below: false },
    { a: [0, 1], b: [1, 1], above: false, below: true },
    { a: [0, 2], b: [1, 1], above: false, below: true },
    { a: [0, 0], b: [1, 1], above: false, below: false },
    { a: [2, Number.NaN], b: [1, 1], above: false, below: false },
    { a: [0, 2], b: [1, Number.NaN], above: false, below: false },
  ])('now and one bar ago: $a against $b', ({ a, b, above, below }) => {
    const [first, second] = [series(a[0]!, a[1]!), series(b[0]!, b[1]!)];
    expect(crossedAbove(first, second)).toBe(above);
    expect(crossedBelow(first, second)).toBe(below);
  });
});
