// Mistakes that the compiler refuses. Each directive stands above one mistake, on the line that holds nothing else.
import {
  afterOpen,
  backtest,
  bool,
  choice,
  defineIndicator,
  defineStrategy,
  everyDay,
  float,
  int,
  monthStart,
  optimize,
  sma,
  walkForward,
} from 'hindcast';
import { pairs, reversion, rotation } from './accepted.js';

export async function callers(): Promise<void> {
  await backtest(reversion, {
    bundle: 'us',
    params: {
      low: 20,
      // @ts-expect-error a misspelt parameter
      lenght: 14,
    },
  });
  await backtest(reversion, {
    bundle: 'us',
    params: {
      // @ts-expect-error a word where a number belongs
      low: 'twenty',
    },
  });
  await backtest(rotation, {
    bundle: 'us',
    params: {
      lookback: 20,
      top: 1,
      // @ts-expect-error a choice that was not declared
      weighting: 'volatility',
    },
  });
  await backtest(reversion, {
    bundle: 'us',
    // @ts-expect-error a parameter without a default is missing
    params: {},
  });
  // @ts-expect-error no parameters at all, where one has no default
  await backtest(pairs, { bundle: 'us' });
  await backtest(reversion, {
    bundle: 'us',
    params: { low: 20 },
    // @ts-expect-error a misspelt option
    comission: 'none',
  });
  await backtest(reversion, {
    bundle: 'us',
    params: { low: 20 },
    // @ts-expect-error a fill rule that there is not
    fill: 'this-open',
  });
  // @ts-expect-error no bundle
  await backtest(reversion, { params: { low: 20 } });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a search that there is not
    search: 'gird',
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a metric that the strategy does not return
    objective: ({ custom }) => custom.fillsPerDay,
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a misspelt metric
    objective: 'sharp',
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a misspelt metric with a direction
    objective: { metric: 'fillsPerBars', direction: 'maximize' },
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a misspelt metric among several
    objective: ['sharpe', 'maxDrawdwon'],
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a requirement on a misspelt metric
    require: { trads: { min: 30 } },
  });
  await optimize(reversion, {
    bundle: 'us',
    // @ts-expect-error a direction that there is not
    objective: { metric: 'sharpe', direction: 'up' },
  });
  await optimize(reversion, {
    bundle: 'us',
    enqueue: [
      {
        low: 20,
        // @ts-expect-error a misspelt parameter of a point to try first
        lenght: 14,
      },
    ],
  });
  await walkForward(reversion, {
    bundle: 'us',
    test: 126,
    // @ts-expect-error a unit that there is not
    train: '2 fortnights',
  });
  await walkForward(reversion, {
    bundle: 'us',
    train: 504,
    test: 126,
    // @ts-expect-error a seam that there is not
    seam: 'glue',
  });
  await walkForward(reversion, {
    bundle: 'us',
    train: 504,
    test: 126,
    // @ts-expect-error a misspelt metric
    objective: 'sharp',
  });
  // @ts-expect-error no length of a test
  await walkForward(reversion, { bundle: 'us', train: 504 });
  const result = await backtest(reversion, { bundle: 'us', params: { low: 20 } });
  // @ts-expect-error a metric that there is not
  result.metrics.sharp;
  // @ts-expect-error a metric may be unavailable
  result.metrics.sharpe.toFixed(2);
  // @ts-expect-error equity only reads
  result.equity[0] = 1;
  // @ts-expect-error a result is not changed
  result.orders = 0;
}

export const typo = defineStrategy({
  parameters: {},
  // @ts-expect-error a misspelt handler
  handleDate() {},
});

export const sleeve = defineStrategy({
  parameters: {},
  // @ts-expect-error sleeves are equal or absent
  sleeves: 'weighted',
});

export const wrongDefault = int(1, 5, {
  // @ts-expect-error a default of another type
  default: 'two',
});

export const wrongOption = int(1, 5, {
  // @ts-expect-error a misspelt option of a parameter
  stpe: 2,
});

// @ts-expect-error a step beside a prior
export const both = float(0, 1, { step: 0.1, prior: 'uniform' });
// @ts-expect-error a choice of nothing
export const nothing = choice();
// @ts-expect-error a boolean's default is one
export const flag = bool({ default: 'yes' });

export const constrained = defineStrategy({
  parameters: { fast: int(1, 5) },
  // @ts-expect-error a parameter that was not declared
  constraint: ({ fast, slow }) => fast < slow,
});

export const waits = defineStrategy({
  parameters: {},
  // @ts-expect-error a handler that waits would see tomorrow
  async handleData() {},
});

export const waitsForFill = defineStrategy({
  parameters: {},
  // @ts-expect-error neither may this one wait
  onFill: () => Promise.resolve(),
});

export const early = defineStrategy({
  parameters: {},
  // @ts-expect-error no order in initialize: it only declares
  initialize({ order, asset }) {
    order(asset, 1);
  },
});

export const metrics = defineStrategy({
  parameters: {},
  // @ts-expect-error metrics are numbers
  analyze: () => ({ verdict: 'good' }),
});

export const acts = defineStrategy({
  parameters: { fast: int(1, 5) },
  initialize: ({ asset, indicator }) => ({ asset, average: indicator(sma(3), asset) }),
  handleData({ state, order, portfolio, record, assets }, data, params) {
    const { asset, average } = state;
    const window = data.history(asset, 'close', 5, '1d', { returnType: 'array' });
    const view = data.history(asset, 'close', 5, '1d', { returnType: 'array', view: true });
    const frame = data.history(assets, 'close', 5);
    // @ts-expect-error a window is not sorted in place
    window.sort();
    // @ts-expect-error nor reversed
    view.reverse();
    // @ts-expect-error nor filled
    window.fill(0);
    // @ts-expect-error nor set
    view.set([1, 2]);
    // @ts-expect-error nor written into
    window[0] = 1;
    // @ts-expect-error nor opened down to the memory behind it
    view.buffer;
    // @ts-expect-error a frame's column is not sorted in place
    frame.column(asset, 'close').sort();
    // @ts-expect-error parameters are not changed
    params.fast = 3;
    // @ts-expect-error a parameter that was not declared
    params.slow;
    // @ts-expect-error a series' value is read
    average.value = 3;
    // @ts-expect-error a state that initialize did not return
    state.slow;
    // @ts-expect-error a position is changed by orders
    portfolio.position(asset).quantity = 3;
    // @ts-expect-error cash is changed by fills
    portfolio.cash = 1e9;
    // @ts-expect-error the assets of a run are given
    assets.push(asset);
    // @ts-expect-error an asset is not its symbol
    order('AAPL', 1);
    // @ts-expect-error a quantity is missing
    order(asset);
    // @ts-expect-error a misspelt order function
    order.targetPercentage(asset, 0.5);
    // @ts-expect-error all is the only word for an amount to spend
    order.value(asset, true);
    // @ts-expect-error a misspelt option of an order
    order(asset, 1, { tga: 'entry' });
    // @ts-expect-error a misspelt return type
    data.history(asset, 'close', 5, '1d', { returnType: 'arrays' });
    // @ts-expect-error a frequency that there is not
    data.history(asset, 'close', 5, '1day', { returnType: 'array' });
    // @ts-expect-error a recorded value is a number
    record('close', '3');
    // @ts-expect-error a field that bars do not have
    data.closing(asset);
  },
});

export const fields = defineStrategy({
  parameters: {},
  initialize({ asset, series, indicator }) {
    // @ts-expect-error a misspelt field
    series(asset, 'closing');
    // @ts-expect-error an indicator needs a source
    indicator(sma(3));
    // @ts-expect-error an argument of another type
    indicator(sma('3'), asset);
    // @ts-expect-error one series too few
    indicator(pairOf(), [series(asset, 'close')]);
  },
});

export const schedules = defineStrategy({
  parameters: {},
  initialize({ schedule }) {
    // @ts-expect-error a rule that was not called
    schedule(monthStart, afterOpen(), () => {});
    // @ts-expect-error the rules exchanged
    schedule(afterOpen(), everyDay(), () => {});
    // @ts-expect-error a session counted in words
    schedule(monthStart('first'), afterOpen(), () => {});
    // @ts-expect-error nothing to run
    schedule(everyDay(), afterOpen());
    // @ts-expect-error a misspelt option
    schedule(everyDay(), afterOpen(), () => {}, { halfDay: false });
    // @ts-expect-error a function that waits
    schedule(everyDay(), afterOpen(), async () => {});
  },
  handleData(context) {
    // @ts-expect-error nothing is scheduled later
    context.schedule(everyDay(), afterOpen(), () => {});
  },
});

const pairOf = defineIndicator({
  name: 'pair',
  inputs: ['close', 'close'],
  create: () => ({ warmUp: 1, step: (a, b) => a - b }),
});

export const noStep = defineIndicator({
  name: 'nothing',
  inputs: ['close'],
  // @ts-expect-error a computation without a step
  create: () => ({ warmUp: 1 }),
});

export const stateless = defineStrategy({
  parameters: {},
  handleData({ state }) {
    // @ts-expect-error there is no state without initialize
    state.position;
  },
});

export const orders = defineStrategy({
  parameters: {},
  handleData({ order, asset }) {
    // @ts-expect-error a limit beside a trailing stop
    order(asset, 1, { limit: 10, trailing: { percent: 0.1 } });
    // @ts-expect-error a trailing stop by two distances
    order(asset, 1, { trailing: { percent: 0.1, amount: 2 } });
    // @ts-expect-error a misspelt exit
    order(asset, 1, { stoploss: { percent: 0.1 } });
    // @ts-expect-error a misspelt distance
    order(asset, 1, { stopLoss: { percentage: 0.1 } });
    // @ts-expect-error a take-profit that trails
    order(asset, 1, { takeProfit: { trailing: 0.1 } });
    // @ts-expect-error neither the open nor the close
    order(asset, 1, { on: 'noon' });
    // @ts-expect-error a duration that there is not
    order(asset, 1, { timeInForce: 'week' });
    // @ts-expect-error what cannot be replaced
    order.replace(order(asset, 1, { limit: 10 }), { timeInForce: 'day' });
    // @ts-expect-error names instead of orders
    order.oneCancelsOther('A-1', 'A-2');
  },
});
