import { expect, it } from 'vitest';
import { backtest } from '../../../src/engine/backtest.js';
import { OptimizationConfig } from '../../../src/engine/optimization-config.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { tinyBundle } from '../../helpers/tiny-market.js';

/** Asks for a window with options, which need not be any. */
async function ask(options: unknown, arrayReturn = true): Promise<unknown> {
  let window: unknown;
  const strategy = defineStrategy({
    parameters: {},
    handleData({ asset }, data) {
      window = data.history(asset, 'close', 2, '1d', options as { returnType: 'array' });
    },
  });
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  await backtest(strategy, { bundle, optimization: OptimizationConfig.fromDefaults().with({ arrayReturn }) });
  return window;
}

const WRONG: readonly (readonly [unknown, string, string])[] = [
  [
    { returnType: 'arr' },
    'INVALID_OPTION',
    "'returnType' of history is 'frame' or 'array', not 'arr'. Did you mean 'array'?",
  ],
  [{ returnType: 5 }, 'INVALID_OPTION', "'returnType' of history is 'frame' or 'array', not 5."],
  [{ returnType: null }, 'INVALID_OPTION', "'returnType' of history is 'frame' or 'array', not null."],
  [{ returntype: 'array' }, 'UNKNOWN_OPTION', "'returntype' of history. Did you mean 'returnType'?"],
  [{ returnType: 'array', vie: true }, 'UNKNOWN_OPTION', "'vie' of history. Did you mean 'view'?"],
  [{ returnType: 'array', view: 1 }, 'INVALID_OPTION', "'view' of history is true or false, not 1."],
  ['array', 'INVALID_OPTION', "The options of history are an object with some of returnType, view, not 'array'."],
  [null, 'INVALID_OPTION', 'The options of history are an object with some of returnType, view, not null.'],
];

it.each(WRONG)('history refuses the options %o', async (options, code, message) => {
  for (const arrayReturn of [true, false]) {
    await expect(ask(options, arrayReturn)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  }
});

it.each<[string, readonly unknown[], string]>([
  [
    'options for the bar length',
    ['close', 2, { returnType: 'array' }],
    "The bar length of history, its fourth argument, is one such as '1d'; its options are the fifth; given was { returnType: 'array' }.",
  ],
  ['null for the bar length', ['close', 2, null], 'given was null.'],
  [
    'a number for the field',
    [2, 'close'],
    "The field of history, its second argument, is a column such as 'close'; given was 2.",
  ],
  ['an object in the fields', [['close', {}], 2], 'given was {}.'],
  ['options for the count', ['close', { returnType: 'array' }], "from 1 to 16777216, not { returnType: 'array' }."],
])('history names the argument that is wrong: %s', async (_name, given, message) => {
  for (const arrayReturn of [true, false]) {
    const strategy = defineStrategy({
      parameters: {},
      handleData({ asset }, data) {
        (data.history as (...all: unknown[]) => unknown)(asset, ...given);
      },
    });
    const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
    const optimization = OptimizationConfig.fromDefaults().with({ arrayReturn });
    await expect(backtest(strategy, { bundle, optimization })).rejects.toThrow(message);
  }
});

it('history says what is no asset of the run', async () => {
  const strategy = defineStrategy({
    parameters: {},
    handleData: (_context, data) => void data.history({} as never, 'close', 2),
  });
  const bundle = await tinyBundle({ assets: { A: '1 2 3' } });
  await expect(backtest(strategy, { bundle })).rejects.toThrow('{} is not part of this run; its assets are A.');
});

it.each([undefined, {}, { returnType: 'frame' }, { returnType: undefined, view: undefined }])(
  'history gives a frame for %o',
  async (options) => {
    for (const arrayReturn of [true, false]) {
      expect(await ask(options, arrayReturn)).toMatchObject({ fields: ['close'] });
    }
  },
);

it.each([{ returnType: 'array' }, { returnType: 'array', view: false }, { returnType: 'array', view: true }])(
  'history gives an array for %o',
  async (options) => {
    for (const arrayReturn of [true, false]) {
      expect(await ask(options, arrayReturn)).toEqual(Float64Array.from([2, 3]));
    }
  },
);
