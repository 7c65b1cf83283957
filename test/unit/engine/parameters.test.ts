import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import {
  bool,
  checkParams,
  choice,
  type Declaration,
  declarationOf,
  describeRange,
  flatDeclarations,
  float,
  int,
  type ParamsInput,
  type ParamsOf,
  parseParameter,
  parseParams,
  stepsOf,
  variant,
} from '../../../src/engine/parameters.js';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
  return 'no error';
};
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const valuesOf = (parameter: Declaration): number[] => {
  const steps = stepsOf(parameter as Extract<Declaration, { kind: 'int' | 'float' }>)!;
  return Array.from({ length: steps.count }, (_, index) => steps.at(index));
};

describe('declarations', () => {
  it('steps floats in decimal', () => {
    const threshold = declarationOf('t', float(0.001, 0.01, { step: 0.001 }));
    expect(valuesOf(threshold)).toEqual([0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01]);
    expect(valuesOf(declarationOf('t', float(-0.3, 0.3, { step: 0.1 })))).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    expect(valuesOf(declarationOf('t', float(1e-7, 4e-7, { step: 1e-7 })))).toEqual([1e-7, 2e-7, 3e-7, 4e-7]);
  });

  it('keeps steps exact where the integers leave the safe range', () => {
    const wide = declarationOf('t', float(1e-30, 1, { step: 0.25 }));
    expect(valuesOf(wide)).toEqual([1e-30, 0.25, 0.5, 0.75]);
  });

  it('ends at the last value a step reaches', () => {
    expect(int(1, 20, { step: 2 })).toMatchObject({
      kind: 'int',
      low: 1,
      high: 19,
      step: 2,
      log: false,
      hasDefault: false,
    });
    expect(float(0, 1, { step: 0.3 })).toMatchObject({ high: 0.9 });
    expect(int(3, 3)).toMatchObject({ low: 3, high: 3 });
  });

  it('holds its default and is frozen', () => {
    const fast = int(5, 50, { step: 5, default: 10 });
    expect(fast).toMatchObject({ hasDefault: true, default: 10 });
    expect(Object.isFrozen(fast)).toBe(true);
    expect(bool({ default: false })).toMatchObject({ hasDefault: true, default: false });
    expect(float(0, 1)).toMatchObject({ prior: 'uniform', step: undefined });
    expect(float(0, 1, { prior: { mean: 0.5, deviation: 0.1 } })).toMatchObject({
      prior: { mean: 0.5, deviation: 0.1 },
    });
  });

  it.each([
    ['crossed bounds', () => int(5, 1), 'low 5 is above high 1'],
    ['crossed floats', () => float(0.5, 0.1), 'low 0.5 is above high 0.1'],
    ['an int step of 0', () => int(1, 5, { step: 0 }), 'step 0 must be above 0'],
    ['a negative step', () => float(1, 5, { step: -0.5 }), 'step -0.5 must be above 0'],
    ['a fractional int', () => int(1.5, 5), 'low must be an integer, not 1.5'],
    ['a fractional int step', () => int(1, 5, { step: 0.5 }), 'step must be an integer, not 0.5'],
    ['an infinite bound', () => float(0, Number.POSITIVE_INFINITY), 'high must be a finite number, not Infinity'],
    ['NaN', () => float(Number.NaN, 1), 'low must be a finite number, not NaN'],
    ['a NaN step', () => float(0, 1, { step: Number.NaN }), 'step must be a finite number, not NaN'],
    ['step and log', () => int(1, 9, { step: 2, log: true }), 'step 2 cannot stand beside log'],
    ['log from 0', () => int(0, 9, { log: true }), 'log needs a low of at least 1, not 0'],
    ['a log prior from 0', () => float(0, 1, { prior: 'log' }), "prior 'log' needs a low above 0, not 0"],
    ['an unknown prior', () => float(0, 1, { prior: 'normal' as 'log' }), "prior 'normal' is not"],
    [
      'a deviation of 0',
      () => float(0, 1, { prior: { mean: 0, deviation: 0 } }),
      'deviation must be a finite number above 0',
    ],
    ['a NaN mean', () => float(0, 1, { prior: { mean: Number.NaN, deviation: 1 } }), 'mean must be a finite number'],
    ['step and prior', () => float(1, 2, { step: 0.1, prior: 'log' } as never), 'cannot stand beside a prior'],
    ['a default outside', () => int(1, 5, { default: 9 }), 'the default 9 is not an integer from 1 to 5'],
    [
      'a default off the grid',
      () => float(0, 1, { step: 0.1, default: 0.25 }),
      'the default 0.25 is not a number from 0 to 1',
    ],
    ['a default of another kind', () => bool({ default: 1 as never }), 'the default 1 is not true or false'],
    ['too many values', () => float(0, 1e10, { step: 1e-10 }), 'makes more than 9007199254740991 values'],
    ['no choice', () => (choice as () => unknown)(), 'at least one value is needed'],
    ['a choice twice', () => choice('a', 'a'), "'a' stands in it twice"],
    ['a choice of NaN', () => choice(Number.NaN), 'NaN is no string, boolean or finite number'],
    ['no kind', () => variant({}), 'at least one kind is needed'],
    ['a parameter named kind', () => variant({ a: { kind: int(1, 2) } }), "is named 'kind'"],
    ['a dotted name', () => variant({ a: { 'x.y': int(1, 2) } }), "the name 'x.y' is empty or holds"],
    [
      'one name of two sorts',
      () => variant({ a: { x: int(1, 2) }, b: { x: float(1, 2) } }),
      "'x' means different sorts",
    ],
    ['something else', () => declarationOf('fast', 5 as never), "Parameter 'fast' is no parameter"],
  ])('refuses %s', (_name, declare, problem) => {
    expect(codeOf(declare)).toBe('INVALID_PARAMETER');
    expect(messageOf(declare)).toContain(problem);
  });

  it('refuses a misspelt option with the nearest', () => {
    expect(messageOf(() => int(1, 5, { stp: 2 } as never))).toBe(
      "Unknown option 'stp' of int(1, 5). Did you mean 'step'?",
    );
  });

  it('lists flat names of all branches', () => {
    const stop = variant({ none: {}, atr: { length: int(5, 30), scale: variant({ fix: { by: float(1, 2) } }) } });
    expect([...flatDeclarations({ stop })].map(([name]) => name)).toEqual([
      'stop',
      'stop.length',
      'stop.scale',
      'stop.scale.by',
    ]);
    expect(describeRange(declarationOf('stop', stop))).toBe("one of 'none', 'atr'");
  });

  it('finds every stepped value again, and nothing between (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000, max: 10_000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 9 }),
        (low, step, count, decimals) => {
          const decimal = (ticks: number): number => Number(`${ticks}e-${decimals}`);
          const declared = float(decimal(low), decimal(low + step * (count - 1)), { step: decimal(step) });
          const steps = stepsOf(declarationOf('x', declared) as Extract<Declaration, { kind: 'float' }>)!;
          expect(steps.count).toBe(count);
          for (let index = 0; index < count; index++) {
            const value = steps.at(index);
            expect(value).toBe(decimal(low + step * index));
            expect(steps.indexOf(value)).toBe(index);
            const off = value + decimal(step) * 0.3;
            expect(steps.indexOf(off)).toBe(-1);
            expect(steps.nearest(off)).toBe(value);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const parameters = {
  fast: int(5, 50, { step: 5, default: 10 }),
  slow: int(50, 200, { step: 15 }),
  threshold: float(0.001, 0.01, { step: 0.001 }),
  weighting: choice('equal', 'inverse', 3),
  stop: variant({ none: {}, atr: { length: int(5, 30, { default: 14 }), multiple: float(1, 5) } }),
  short: bool({ default: false }),
};
const rest = { slow: 65, threshold: 0.009, weighting: 'equal', stop: { kind: 'none' } } as const;

describe('checkParams', () => {
  it('infers values and defaults', () => {
    const params = checkParams(parameters, rest);
    expectTypeOf(params.fast).toEqualTypeOf<number>();
    expectTypeOf(params.weighting).toEqualTypeOf<'equal' | 'inverse' | 3>();
    expectTypeOf<ParamsOf<typeof parameters>['stop']>().toEqualTypeOf<
      { readonly kind: 'none' } | { readonly kind: 'atr'; readonly length: number; readonly multiple: number }
    >();
    expectTypeOf<typeof rest>().toExtend<ParamsInput<typeof parameters>>();
    expectTypeOf<{ slow: number }>().not.toExtend<ParamsInput<typeof parameters>>();
  });

  it('fills defaults, orders keys by declaration and freezes', () => {
    const params = checkParams(parameters, { short: true, ...rest });
    expect(Object.entries(params)).toEqual([
      ['fast', 10],
      ['slow', 65],
      ['threshold', 0.009],
      ['weighting', 'equal'],
      ['stop', { kind: 'none' }],
      ['short', true],
    ]);
    const { stop } = checkParams(parameters, { ...rest, stop: { kind: 'atr', multiple: 2.5 } });
    expect(stop).toEqual({ kind: 'atr', length: 14, multiple: 2.5 });
    expect([Object.isFrozen(params), Object.isFrozen(stop)]).toEqual([true, true]);
  });

  it.each([
    ['a misspelt name', { ...rest, fsat: 5 }, 'UNKNOWN_PARAMETER', "Unknown parameter 'fsat'. Did you mean 'fast'?"],
    [
      'a stranger inside a variant',
      { ...rest, stop: { kind: 'none', length: 5 } },
      'UNKNOWN_PARAMETER',
      "'stop.length'",
    ],
    [
      'several missing',
      {},
      'MISSING_PARAMETER',
      "No value for 'slow' (an integer from 50 to 200 in steps of 15), 'threshold' (a number from 0.001 to 0.01 in steps of 0.001), 'weighting' (one of 'equal', 'inverse', 3), 'stop' (one of 'none', 'atr'): give them",
    ],
    ['one missing inside a variant', { ...rest, stop: { kind: 'atr' } }, 'MISSING_PARAMETER', "'stop.multiple'"],
    [
      'an off-grid value',
      { ...rest, fast: 12 },
      'PARAMETER_OUT_OF_RANGE',
      "Parameter 'fast' is 12, but must be an integer from 5 to 50 in steps of 5. Nearest valid value: 10.",
    ],
    ['a value above', { ...rest, fast: 1000 }, 'PARAMETER_OUT_OF_RANGE', 'Nearest valid value: 50.'],
    [
      'a continuous value below',
      { ...rest, stop: { kind: 'atr', multiple: -1 } },
      'PARAMETER_OUT_OF_RANGE',
      'value: 1.',
    ],
    ['text for a number', { ...rest, fast: '10' }, 'PARAMETER_OUT_OF_RANGE', "Parameter 'fast' is '10', but"],
    ['NaN', { ...rest, fast: Number.NaN }, 'PARAMETER_OUT_OF_RANGE', "Parameter 'fast' is NaN"],
    ['a float artefact', { ...rest, threshold: 0.009000000000000001 }, 'PARAMETER_OUT_OF_RANGE', 'value: 0.009.'],
    ['an unknown choice', { ...rest, weighting: 'equl' }, 'PARAMETER_OUT_OF_RANGE', "value: 'equal'."],
    ['an unknown kind', { ...rest, stop: { kind: 'atrr' } }, 'PARAMETER_OUT_OF_RANGE', "value: 'atr'."],
    ['no kind', { ...rest, stop: {} }, 'PARAMETER_OUT_OF_RANGE', "Parameter 'stop' is undefined"],
    ['a number for a boolean', { ...rest, short: 1 }, 'PARAMETER_OUT_OF_RANGE', 'must be true or false'],
  ])('refuses %s', (_name, given, code, message) => {
    expect(codeOf(() => checkParams(parameters, given))).toBe(code);
    expect(messageOf(() => checkParams(parameters, given))).toContain(message);
  });
});

describe('the command line', () => {
  it('reads every kind', () => {
    expect(
      parseParams(parameters, {
        fast: '15',
        slow: '50',
        threshold: '1e-3',
        weighting: '3',
        stop: 'atr',
        'stop.multiple': '2.5',
        short: 'true',
      }),
    ).toEqual({
      fast: 15,
      slow: 50,
      threshold: 0.001,
      weighting: 3,
      stop: { kind: 'atr', length: 14, multiple: 2.5 },
      short: true,
    });
    expect(parseParameter('short', bool(), ' false ')).toBe(false);
  });

  it.each([
    [
      { fast: '12' },
      'PARAMETER_OUT_OF_RANGE',
      "Parameter 'fast' is 12, but must be an integer from 5 to 50 in steps of 5. Nearest valid value: 10.",
    ],
    [{ fast: '' }, 'PARAMETER_OUT_OF_RANGE', "Parameter 'fast' is ''"],
    [{ fast: 'ten' }, 'PARAMETER_OUT_OF_RANGE', "Parameter 'fast' is 'ten'"],
    [{ fast: '0x10' }, 'PARAMETER_OUT_OF_RANGE', "'0x10'"],
    [{ fast: '1e999' }, 'PARAMETER_OUT_OF_RANGE', 'Nearest valid value: 50.'],
    [{ short: 'yes' }, 'PARAMETER_OUT_OF_RANGE', 'must be true or false'],
    [{ stop: 'art' }, 'PARAMETER_OUT_OF_RANGE', "Nearest valid value: 'atr'."],
    [{ fst: '10' }, 'UNKNOWN_PARAMETER', "Did you mean 'fast'?"],
    [
      { stop: 'none', 'stop.length': '14' },
      'UNKNOWN_PARAMETER',
      "'stop.length' does not belong to the given kind of 'stop'",
    ],
    [{ fast: '10' }, 'MISSING_PARAMETER', "'slow'"],
  ] as const)('refuses %j', (texts, code, message) => {
    expect(codeOf(() => parseParams(parameters, texts))).toBe(code);
    expect(messageOf(() => parseParams(parameters, texts))).toContain(message);
  });
});
