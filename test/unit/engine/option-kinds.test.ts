import { expect, it } from 'vitest';
import { Decimal } from '../../../src/core/decimal.js';
import { backtest } from '../../../src/engine/backtest.js';
import { int } from '../../../src/engine/parameters.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { tinyBundle } from '../../helpers/tiny-market.js';

const STRATEGY = defineStrategy({ parameters: { fast: int(1, 3, { default: 1 }) }, handleData() {} });

const WRONG: readonly (readonly [object, string])[] = [
  [{ symbols: 'A' }, "'symbols' takes a list of symbols such as ['SPY', 'QQQ'], not 'A'."],
  [{ symbols: [5] }, "'symbols' takes a list of symbols such as ['SPY', 'QQQ'], not [ 5 ]."],
  [{ symbols: null }, "'symbols' takes a list of symbols such as ['SPY', 'QQQ'], not null."],
  [{ bundle: {} }, "'bundle' takes the name of an ingested bundle or an open one, not {}."],
  [{ bundle: undefined }, "'bundle' takes the name of an ingested bundle or an open one, not undefined."],
  [{ commission: 5 }, "'commission' takes a model such as 'percent:0.001', not 5."],
  [{ slippage: () => 5 }, "'slippage' takes a model such as 'bps:5', not a function."],
  [{ account: null }, "'account' takes a kind of account such as 'margin:leverage=2', not null."],
  [{ borrow: 0.03 }, "'borrow' takes a model such as 'borrow:0.03', not 0.03."],
  [{ financing: {} }, "'financing' takes a model such as 'interest:0.05', not {}."],
  [{ benchmark: ['A'] }, "'benchmark' takes a symbol such as 'SPY', not [ 'A' ]."],
  [{ fill: 5 }, "'fill' is one of next-open, next-close, same-close, not 5."],
  [{ liquidate: null }, "'liquidate' is one of never, last-open, last-close, not null."],
  [{ withholding: '0.1' }, "at least 0 and below 1 such as 0.15, not '0.1'."],
  [{ annualization: '252' }, "the number of bars in a year, above 0, not '252'."],
  [{ params: null }, "'params' takes values by name such as { fast: 10 }, not null."],
  [{ params: 5 }, "'params' takes values by name such as { fast: 10 }, not 5."],
  [{ params: [5] }, "'params' takes values by name such as { fast: 10 }, not [ 5 ]."],
  [{ onLog: 'console' }, "'onLog' takes a function, not 'console'."],
];

it.each(WRONG)('backtest refuses %o with what the option takes', async (options, message) => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  await expect(backtest(STRATEGY, { bundle, ...options } as never)).rejects.toMatchObject({
    name: 'UsageError',
    code: 'INVALID_OPTION',
    message: expect.stringContaining(message),
  });
});

it('backtest refuses a seed that is no integer', async () => {
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  await expect(backtest(STRATEGY, { bundle, seed: '7' } as never)).rejects.toMatchObject({ code: 'NOT_AN_INTEGER' });
});

it.each([undefined, null, 5, 'SPY'])('backtest refuses %o in place of its options', async (options) => {
  await expect(backtest(STRATEGY, options as never)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('The options of backtest are an object with some of bundle, symbols'),
  });
});

it('a strategy refuses default costs of a wrong kind', () => {
  const strategy = { parameters: {}, costs: { commission: 5 }, handleData() {} };
  expect(() => defineStrategy(strategy as never)).toThrow("'commission' takes a model such as 'percent:0.001', not 5.");
});

it.each([
  [1000.123456789123, '1000.12345679'],
  [1e5 / 3, '33333.33333333'],
  [0.000000015, '0.00000002'],
  [0.000000025, '0.00000002'],
  ['1000.12345678', '1000.12345678'],
  [new Decimal('0.1000000010').minus('1e-9'), '0.1'],
])('opening cash of %d is %s', (cash, expected) => {
  expect(resolveRunOptions({ cash }).cash).toBe(expected);
});

it.each(['1000.123456789', new Decimal('1000.123456789')])(
  'opening cash written with more decimals than money has is refused: %s',
  (cash) => {
    expect(() => resolveRunOptions({ cash })).toThrow(
      "option 'cash' may have at most 8 decimals, but is 1000.123456789. Round it first.",
    );
  },
);
