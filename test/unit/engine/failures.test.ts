import { describe, expect, it } from 'vitest';
import { LookaheadError, RunError } from '../../../src/core/errors.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import type { Context, StrategyDefinition } from '../../../src/engine/strategy.js';
import { backtest, defineStrategy, float, int } from '../../../src/index.js';
import { run, runOn, tinyBundle } from '../../helpers/tiny-market.js';

type Handlers = Omit<StrategyDefinition<Record<never, never>, never>, 'parameters'>;

const LONG = { assets: { A: Array.from({ length: 720 }, (_, row) => 10 + (row % 7)).join(' ') } };
const SHORT = { assets: { A: '10 11 12' } };

async function failureOf(handlers: unknown, market: typeof SHORT = SHORT): Promise<RunError> {
  const failure = await run(market, handlers as Handlers).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RunError);
  return failure as RunError;
}

const thrower = (thrown: unknown) => () => {
  throw thrown;
};

describe('a strategy that throws', () => {
  it('at bar 700 is told where: the handler, the date and the bar', async () => {
    let bar = 0;
    const failure = await failureOf(
      {
        handleData() {
          if (bar++ === 700) throw new TypeError('cannot read the tea leaves');
        },
      },
      LONG,
    );
    expect(failure.message).toBe(
      'The strategy failed in handleData at 2021-12-01T00:00:00Z (bar 700, A): cannot read the tea leaves',
    );
    expect(failure).toMatchObject({
      code: 'STRATEGY_THREW',
      exitCode: 1,
      details: { handler: 'handleData', bar: 700 },
    });
    expect(failure.cause).toBeInstanceOf(TypeError);
    expect((failure.cause as Error).stack).toContain('failures.test.ts');
  });

  it.each([
    [
      'initialize',
      { initialize: thrower(new Error('x')), handleData() {} },
      'initialize at 2020-01-01T00:00:00Z (bar 0, A): x',
    ],
    [
      'beforeTradingStart',
      { beforeTradingStart: thrower(new Error('x')) },
      'beforeTradingStart at 2020-01-01T00:00:00Z (bar 0, A): x',
    ],
    ['warmUp', { warmUp: thrower(new Error('x')), handleData() {} }, 'warmUp at 2020-01-01T00:00:00Z (bar 0, A): x'],
    ['analyze', { handleData() {}, analyze: thrower(new Error('x')) }, 'analyze: x'],
    [
      'onFill',
      {
        handleData: ({ order, asset }: Context): void => void order(asset, 1),
        onFill: thrower(new Error('x')),
      },
      'onFill at 2020-01-02T00:00:00Z (bar 1, A): x',
    ],
    [
      'onOrder',
      {
        handleData: ({ order, asset }: Context): void => void order(asset, 0),
        onOrder: thrower(new Error('x')),
      },
      'onOrder at 2020-01-01T00:00:00Z (bar 0, A): x',
    ],
  ])('in %s is told so', async (handler, handlers, where) => {
    const failure = await failureOf(handlers);
    expect(failure.message).toBe(`The strategy failed in ${where}`);
    expect(failure.details.handler).toBe(handler);
  });

  it.each([
    ['a string', 'stop', "'stop'"],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object without a text', Object.create(null), '[Object: null prototype] {}'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
  ])('%s, which is no Error, is told what', async (_name, thrown, shown) => {
    const failure = await failureOf({ handleData: thrower(thrown) });
    expect(failure.message).toContain(`(bar 0, A): it threw ${shown}, which is no Error`);
    expect((await failureOf({ analyze: thrower(thrown) })).message).toContain(`in analyze: it threw ${shown}`);
  });

  it('in its constraint is told so', async () => {
    const bundle = await tinyBundle(SHORT);
    const strategy = defineStrategy({ parameters: { n: int(1, 5) }, constraint: thrower(new Error('x')) });
    await expect(backtest(strategy, { bundle, params: { n: 1 } })).rejects.toMatchObject({
      code: 'STRATEGY_THREW',
      message: 'The strategy failed in constraint: x',
    });
  });
});

describe('a handler that waits', () => {
  const refusing = async (): Promise<never> => {
    throw new Error('nobody hears this');
  };
  it.each(['initialize', 'beforeTradingStart', 'handleData', 'onFill', 'onOrder'])(
    '%s is refused, and what it throws later ends nothing',
    async (handler) => {
      const orders = ({ order, asset }: Context): void => {
        order(asset, 1);
        order(asset, 0);
      };
      const unheard: unknown[] = [];
      const listen = (reason: unknown): void => void unheard.push(reason);
      process.on('unhandledRejection', listen);
      const failure = await run(SHORT, { handleData: orders, [handler]: refusing } as Handlers).catch(
        (error: unknown) => error,
      );
      // A rejection is called unhandled once the microtasks are done.
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', listen);
      expect(failure).toMatchObject({ code: 'PROMISE_RETURNED' });
      expect((failure as Error).message).toContain(`${handler} returned a Promise`);
      expect(unheard).toEqual([]);
    },
  );

  it('analyze is refused too', async () => {
    await expect(run(SHORT, { handleData() {}, analyze: refusing } as never)).rejects.toMatchObject({
      code: 'INVALID_METRIC',
      message: expect.stringContaining('analyze returned a Promise'),
    });
  });
});

describe('what analyze returns', () => {
  it.each([
    ['a word for a metric', { verdict: 'good' }, "analyze returned string for 'verdict'; metrics are numbers."],
    ['a number alone', 3, 'analyze returned number; it returns metrics by name'],
  ])('is refused when it is %s', async (_name, returned, message) => {
    await expect(run(SHORT, { handleData() {}, analyze: () => returned } as never)).rejects.toThrowError(message);
  });

  it('may be nothing', async () => {
    const result = await run(SHORT, { handleData() {}, analyze: () => undefined } as never);
    expect(result.custom).toEqual({});
  });
});

describe('orders that answer orders', () => {
  it('come to an end', async () => {
    const failure = await failureOf({
      handleData: ({ order, asset }: Context): void => void order(asset, 0),
      onOrder: ({ order, asset }: Context): void => void order(asset, 0),
    });
    expect(failure.code).toBe('ENDLESS_ORDERS');
    expect(failure.message).toContain(
      'onOrder at 2020-01-01T00:00:00Z (bar 0, A): it was told of 100000 orders on one bar',
    );
  });

  it('may well be given', async () => {
    const result = await run(
      { assets: { A: '10 10 10 10' } },
      {
        initialize: () => ({ tries: 0 }),
        handleData({ state, order, asset }) {
          if (state.tries === 0) order(asset, 0);
        },
        onOrder({ state, order, asset }) {
          if (state.tries++ < 3) order(asset, state.tries === 3 ? 1 : 0);
        },
      },
    );
    expect(result.orders).toBe(4);
    expect(result.fills).toHaveLength(1);
  });
});

describe('a warm-up', () => {
  it.each([0, -1, 1.5, Number.NaN, '3'])('of %s bars is refused', async (warmUp) => {
    await expect(run(SHORT, { warmUp: () => warmUp, handleData() {} } as never)).rejects.toMatchObject({
      code: 'INVALID_WARM_UP',
    });
  });
});

describe('wrong words', () => {
  it.each([
    [
      'a handler that is none',
      { parameters: {}, handleDate() {} },
      "Unknown option 'handleDate' of defineStrategy. Did you mean 'handleData'?",
    ],
    [
      'a handler that is no function',
      { parameters: {}, handleData: 3 },
      "'handleData' of a strategy is a function, not number.",
    ],
    [
      'sleeves of another kind',
      { parameters: {}, sleeves: 'weighted' },
      "'sleeves' of a strategy is 'equal' or absent, not 'weighted'.",
    ],
    ['no parameters', {}, "A strategy declares its 'parameters': {} when it has none."],
  ])('%s: the strategy is refused', (_name, definition, message) => {
    expect(() => defineStrategy(definition as never)).toThrowError(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });

  const strategy = defineStrategy({
    parameters: { fast: int(5, 50, { step: 5 }), threshold: float(0.001, 0.01, { step: 0.001, default: 0.005 }) },
    constraint: ({ fast }) => fast !== 45,
    handleData() {},
  });

  it.each([
    [
      'a misspelt parameter',
      { params: { fats: 10 } },
      'UNKNOWN_PARAMETER',
      "Unknown parameter 'fats'. Did you mean 'fast'?",
    ],
    ['a missing parameter', { params: {} }, 'MISSING_PARAMETER', "No value for 'fast'"],
    ['a parameter off its steps', { params: { fast: 12 } }, 'PARAMETER_OUT_OF_RANGE', 'Nearest valid value: 10'],
    ['an excluded set', { params: { fast: 45 } }, 'CONSTRAINT_VIOLATED', 'excludes {"fast":45,"threshold":0.005}'],
    ['a misspelt option', { params: { fast: 10 }, comission: 'none' }, 'UNKNOWN_OPTION', "Did you mean 'commission'?"],
    ['no cash', { params: { fast: 10 }, cash: 0 }, 'INVALID_OPTION', "'cash' is an amount above 0"],
    ['cash that is none', { params: { fast: 10 }, cash: 'much' }, 'NOT_A_DECIMAL', 'cash'],
    ['a model that is none', { params: { fast: 10 }, slippage: 'bsp:5' }, 'INVALID_MODEL', "Did you mean 'bps'?"],
    ['a bars-a-year that is none', { params: { fast: 10 }, annualization: 0 }, 'INVALID_OPTION', 'bars in a year'],
    [
      'another word for trim',
      { params: { fast: 10 }, unaffordable: 'trimm' },
      'INVALID_OPTION',
      "Did you mean 'trim'?",
    ],
    [
      'whole bars of which the close alone is seen',
      { params: { fast: 10 }, intrabar: 'close', stopLimits: 'whole-bar' },
      'INVALID_OPTION',
      "'stopLimits' asks for the whole bar",
    ],
    ['an unknown symbol', { params: { fast: 10 }, symbols: ['AA'] }, 'UNKNOWN_SYMBOL', "Did you mean 'A'?"],
    ['a symbol twice', { params: { fast: 10 }, symbols: ['A', 'A'] }, 'DUPLICATE_SYMBOL', 'named twice'],
    ['no symbols', { params: { fast: 10 }, symbols: [] }, 'NO_SYMBOLS', "'tiny' holds A"],
    ['a date that is none', { params: { fast: 10 }, start: '2020-02-30' }, 'INVALID_DATE', "'start' is a date"],
    [
      'a span without bars',
      { params: { fast: 10 }, start: '2021-01-01' },
      'EMPTY_SPAN',
      'reach from 2020-01-01 to 2020-01-03',
    ],
  ])('%s: the backtest is refused', async (_name, options, code, message) => {
    const bundle = await tinyBundle(SHORT);
    await expect(backtest(strategy, { bundle, ...options } as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('what is no strategy is refused', async () => {
    const bundle = await tinyBundle(SHORT);
    await expect(backtest({ parameters: {} } as never, { bundle })).rejects.toMatchObject({ code: 'INVALID_STRATEGY' });
    expect(LookaheadError.prototype).toBeInstanceOf(RunError);
  });

  it('options are completed once, as plain data', () => {
    expect(resolveRunOptions({ cash: 0.1 })).toEqual({
      cash: '0.1',
      fill: 'next-open',
      commission: 'none',
      slippage: 'none',
      unaffordable: 'trim',
      account: 'cash',
      borrow: 'none',
      financing: 'none',
      withholding: 0,
      delisting: 'hold',
      intrabar: 'pessimistic',
      timeInForce: 'gtc',
      exitsFrom: 'entry-bar',
      stopLimits: 'from-open',
      sizing: 'fractional',
      liquidate: 'never',
      annualization: undefined,
      benchmark: undefined,
    });
  });

  it('a strategy names costs, and a run may name others', async () => {
    expect(resolveRunOptions({}, { commission: 'per-trade:1' })).toMatchObject({
      commission: 'per-trade:1',
      slippage: 'none',
    });
    expect(resolveRunOptions({ commission: 'none' }, { commission: 'per-trade:1' }).commission).toBe('none');
    expect(() => defineStrategy({ parameters: {}, costs: { comission: 'none' } as never })).toThrow(/commission/);
    expect(() => defineStrategy({ parameters: {}, costs: { commission: 'percent:5' } })).toThrow(/write 0\.05/);
    const bundle = await tinyBundle(SHORT);
    const own = defineStrategy({
      parameters: {},
      costs: { commission: 'per-trade:1' },
      handleData(context) {
        context.order(context.asset, 1);
      },
    });
    const { fills } = await backtest(own, { bundle });
    expect(fills.length).toBeGreaterThan(0);
    for (const { exact } of fills) expect(exact.fee.toString()).toBe('1');
  });

  it('a result that is asked again says the same', async () => {
    const bundle = await tinyBundle(SHORT);
    const once = await backtest(strategy, { bundle, params: { fast: 10 } });
    expect(once.params).toEqual({ fast: 10, threshold: 0.005 });
    expect(Object.isFrozen(once.params)).toBe(true);
    const empty = runOn(bundle, { handleData() {} });
    expect(empty.orderStreamHash).toBe(once.orderStreamHash);
  });
});
