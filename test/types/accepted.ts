// Strategies that compile without an annotation on any handler: what the typed surface promises of inference.
import {
  afterOpen,
  atr,
  type BacktestResult,
  backtest,
  beforeClose,
  bool,
  choice,
  crossedAbove,
  crossValidate,
  defineIndicator,
  defineStrategy,
  doubleOutOfSample,
  float,
  int,
  mean,
  monthStart,
  optimize,
  type ReadonlyFloat64Array,
  rsi,
  sma,
  variant,
  walkForward,
  weekEnd,
} from 'hindcast';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for `true`. */
const holds = <T extends true>(): T | undefined => undefined;

/** A level rule in equal sleeves. */
export const levels = defineStrategy({
  parameters: {
    fast: int(5, 50, { step: 5 }),
    slow: int(50, 200, { step: 15 }),
    threshold: float(0.001, 0.01, { step: 0.001 }),
  },
  constraint: ({ fast, slow }) => fast <= slow,
  sleeves: 'equal',
  module: import.meta.url,
  initialize({ asset, portfolio, indicator }, params) {
    holds<Equal<typeof params, { readonly fast: number; readonly slow: number; readonly threshold: number }>>();
    return {
      asset,
      position: portfolio.position(asset),
      fast: indicator(sma(params.fast), asset),
      slow: indicator(sma(params.slow), asset),
    };
  },
  handleData({ state: { asset, position, fast, slow }, order }, _data, params) {
    if (position.isFlat) {
      if (fast.value > slow.value * (1 + params.threshold)) order.notional(asset, 'all');
    } else if (fast.value < slow.value) order.target(asset, 0);
  },
});

/** Mean reversion with every handler, and metrics of its own. */
export const reversion = defineStrategy({
  parameters: { length: int(2, 30, { default: 14 }), low: int(10, 40), patient: bool({ default: false }) },
  warmUp: ({ length }) => length + 1,
  initialize: ({ asset, indicator, series }, { length }) => ({
    asset,
    strength: indicator(rsi(length), asset),
    range: indicator(atr(length), asset),
    close: series(asset, 'close'),
    entries: 0,
  }),
  beforeTradingStart({ state, log }) {
    log('a session begins', { entries: state.entries });
  },
  handleData({ state, order, portfolio, record }, data, { low, patient }) {
    const { asset, strength, close } = state;
    record('strength', strength.value);
    if (!data.canTrade(asset)) return;
    if (portfolio.position(asset).isFlat && strength.value < low && (!patient || close.value > close.ago(1))) {
      order.percent(asset, 0.5, { tag: 'entry' });
      state.entries++;
    }
  },
  onFill({ state }, fill) {
    holds<Equal<typeof state.entries, number>>();
    holds<Equal<typeof fill.quantity, number>>();
  },
  onOrder(_context, { status, reason }) {
    if (status === 'rejected') throw new Error(reason);
  },
  analyze(result, { low }) {
    holds<Equal<typeof result, BacktestResult>>();
    return { fillsPerBar: result.fills.length / result.equity.length, low };
  },
});

/** Rotation over history windows. */
export const rotation = defineStrategy({
  parameters: { lookback: int(20, 250, { step: 10 }), top: int(1, 5), weighting: choice('equal', 'volume') },
  handleData({ assets, order, portfolio }, data, { lookback, top, weighting }) {
    holds<Equal<typeof weighting, 'equal' | 'volume'>>();
    const closes = data.history(assets, 'close', lookback, '1d', { returnType: 'array' });
    holds<Equal<typeof closes, readonly ReadonlyFloat64Array[]>>();
    const keyed = data.history(assets, ['close', 'volume'], lookback, '1d', { returnType: 'array', view: true });
    holds<
      Equal<
        typeof keyed,
        { readonly close: readonly ReadonlyFloat64Array[]; readonly volume: readonly ReadonlyFloat64Array[] }
      >
    >();
    const growth = assets.map((asset, at) => ({ asset, growth: (closes[at]?.at(-1) ?? 0) / (closes[at]?.[0] ?? 1) }));
    const winners = growth.sort((a, b) => b.growth - a.growth).slice(0, top);
    for (const { asset } of portfolio.held()) if (!winners.some((each) => each.asset === asset)) order.close(asset);
    for (const { asset } of winners) order.targetPercent(asset, 1 / top);
    const frame = data.history(assets, ['close'], 3);
    mean(frame.column(assets[0]!, 'close'));
    const one = data.history(assets[0]!, 'close', 5, '1d', { returnType: 'array' });
    holds<Equal<typeof one, ReadonlyFloat64Array>>();
  },
});

/** Schedules that close over what initialize holds, with a state and without. */
export const scheduled = defineStrategy({
  parameters: { top: int(1, 5), day: int(0, 4) },
  initialize({ asset, schedule, portfolio, indicator }, { top, day }) {
    const state = { asset, mean: indicator(sma(20), asset), rebalances: 0 };
    schedule(monthStart(), afterOpen(30), ({ order, session }, data) => {
      holds<Equal<typeof session.minutesToClose, number>>();
      if (data.close(asset) > state.mean.value) order.targetPercent(asset, 1 / top);
      state.rebalances++;
    });
    schedule(weekEnd(day), beforeClose(), ({ order }) => order.close(asset), { halfDays: false });
    schedule(weekEnd(), beforeClose(5), () => portfolio.cash);
    return state;
  },
  beforeTradingStart({ state }) {
    holds<Equal<typeof state.rebalances, number>>();
  },
});

const ratio = defineIndicator({
  name: 'ratio',
  inputs: ['close', 'close'],
  create: () => ({ warmUp: 1, memory: 1, step: (a, b) => a / b }),
});

const band = defineIndicator({
  name: 'band',
  inputs: ['close'],
  outputs: ['upper', 'lower'],
  create: (width: number) => ({
    warmUp: 1,
    step(out, close) {
      out.upper = close * (1 + width);
      out.lower = close * (1 - width);
    },
  }),
});

/** Pairs: an indicator over series, and one of an indicator. */
export const pairs = defineStrategy({
  parameters: { length: int(5, 50) },
  initialize({ symbol, series, indicator }, { length }) {
    const [left, right] = [symbol('A'), symbol('B')];
    const spread = indicator(ratio(), [series(left, 'close'), series(right, 'close')]);
    const { upper, lower } = indicator(band(0.1), [spread]);
    return { left, right, spread, slow: indicator(sma(length), [spread]), upper, lower };
  },
  handleData({ state: { left, right, spread, slow, upper }, order }) {
    if (crossedAbove(spread, slow) && spread.value < upper.value) order.target(left, 10);
    else order.target(right, '0.5');
  },
});

/** Conditional parameters narrow on their kind. */
export const conditional = defineStrategy({
  parameters: {
    stop: variant({
      none: {},
      atr: { length: int(5, 20), factor: float(1, 4, { prior: 'log' }) },
      percent: { share: float(0.01, 0.1) },
    }),
  },
  handleData(_context, _data, { stop }) {
    if (stop.kind === 'atr') holds<Equal<typeof stop.length, number>>();
    else if (stop.kind === 'percent') holds<Equal<typeof stop.share, number>>();
    else holds<Equal<typeof stop, { readonly kind: 'none' }>>();
  },
});

/** A strategy without parameters, state or handlers but one. */
export const idle = defineStrategy({ parameters: {}, handleData() {} });

/** What callers may leave out, and what they get. */
export async function runs(): Promise<void> {
  await backtest(idle, { bundle: 'us' });
  await backtest(levels, { bundle: 'us', params: { fast: 10, slow: 50, threshold: 0.005 }, cash: '1e6', seed: 3 });
  const { params, custom, metrics, endingEquity } = await backtest(reversion, { bundle: 'us', params: { low: 20 } });
  holds<Equal<typeof params, { readonly length: number; readonly low: number; readonly patient: boolean }>>();
  holds<Equal<typeof custom.fillsPerBar, number>>();
  holds<Equal<typeof metrics.sharpe, number | undefined>>();
  endingEquity.plus('0.01').toString();
  await backtest(conditional, { bundle: 'us', params: { stop: { kind: 'atr', length: 5, factor: 2 } } });
  await using study = await optimize(reversion, {
    bundle: 'us',
    symbols: ['A'],
    start: '2010-01-01',
    commission: 'percent:0.001',
    search: 'random',
    trials: 10,
    jobs: 1,
    objective: 'fillsPerBar',
    enqueue: [{ low: 20 }],
    onTrial: ({ number, params: found }) => void [number, found.low],
  });
  holds<Equal<NonNullable<typeof study.best>['params'], typeof params>>();
  await optimize(reversion, { bundle: 'us', objective: { metric: 'maxDrawdown', direction: 'minimize' } });
  await optimize(reversion, {
    bundle: 'us',
    objective: ['sharpe', 'fillsPerBar', { metric: 'trades', direction: 'minimize' }],
    require: { trades: { min: 30 }, fillsPerBar: { max: 1 }, turnover: { max: 20 } },
    penalties: { maxDrawdown: { max: 0.2, weight: 3 } },
    stopAtDrawdown: 0.4,
    stopAtRuin: true,
  });
  await optimize(reversion, {
    bundle: 'us',
    jobs: 1,
    objective: ({ custom: own, metrics: all }) => own.fillsPerBar * (all.sharpe ?? 0),
  });
  const walked = await walkForward(reversion, {
    bundle: 'us',
    train: '2y',
    validate: '3 months',
    test: 126,
    step: '126 sessions',
    purge: 5,
    select: 'average:3',
    seam: 'carry',
    objective: 'fillsPerBar',
    enqueue: [{ low: 20 }],
    onTrial: (window, { params: found }) => void [window, found.low],
  });
  holds<Equal<NonNullable<(typeof walked.windows)[number]['params']>, typeof params>>();
  walked.stitched.endingEquity.plus('0.01').toString();
  const { paths } = await crossValidate(reversion, { bundle: 'us', groups: 6, testGroups: 2, embargo: 5 });
  holds<Equal<(typeof paths)[number]['score'], number | undefined>>();
  await doubleOutOfSample(reversion, {
    bundle: 'us',
    designs: [{ train: '2y', test: '6m', anchored: true }],
    unseenFrom: '2018-01-01',
  });
}

/** Orders of all kinds. */
export const ordering = defineStrategy({
  parameters: {},
  handleData({ order, asset }) {
    const entry = order(asset, 10, { limit: '99.5', stopLoss: { trailing: 0.1 }, takeProfit: { amount: 5 } });
    const other = order.target(asset, 5, { trailing: { percent: 0.05 }, timeInForce: 'day' });
    if (other !== undefined) order.oneCancelsOther(entry, other);
    if (entry.status === 'working') order.replace(entry, { limit: 98, quantity: 12 });
    holds<Equal<typeof entry.stopLoss, typeof entry.takeProfit>>();
    order(asset, -10, { on: 'close', tag: 'leave' });
    order.percent(asset, 0.1, { stop: 110, limit: 111, timeInForce: 'ioc' });
  },
});
