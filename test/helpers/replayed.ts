import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bundle } from '../../src/data/bundle.js';
import { backtest } from '../../src/engine/backtest.js';
import type { BacktestResult } from '../../src/engine/result.js';
import { defineStrategy, type StrategyDefinition } from '../../src/engine/strategy.js';
import { PaperBroker, RecordedFeed, type TradeOptions, trade } from '../../src/live/index.js';
import { openTiny, type TinyMarket } from './tiny-market.js';

type Handlers<S> = Omit<StrategyDefinition<Record<never, never>, S>, 'parameters'>;

/** Options that both worlds take. */
export type BothOptions = Omit<TradeOptions, 'feed' | 'broker'> & {
  readonly end?: string;
  readonly params?: Record<string, unknown>;
};

/** Runs after which garbage is collected: V8 does not count the address space that columns reserve, of which a process has only so many pieces. */
const BETWEEN_COLLECTIONS = 50;
let runs = 0;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs a strategy on the recorded feed of a bundle, with a paper broker. */
export function replay(strategy: unknown, bundle: Bundle, options: BothOptions = {}): Promise<BacktestResult> {
  if (++runs % BETWEEN_COLLECTIONS === 0) collectGarbage();
  const { end, symbols, ...rest } = options;
  const feed = new RecordedFeed(bundle, {
    ...(symbols === undefined ? {} : { symbols }),
    ...(end === undefined ? {} : { end }),
  });
  return trade(strategy as never, { feed, broker: new PaperBroker(feed), symbols, ...rest } as never);
}

/** What a run did and was worth, for comparison to the last bit. */
export const outcomeOf = (result: BacktestResult) => ({
  orderStreamHash: result.orderStreamHash,
  orders: result.orders,
  fills: result.fills.map(({ asset, time, exact }) =>
    [asset.symbol, time, exact.quantity, exact.price, exact.fee].join(' '),
  ),
  times: [...result.times],
  equity: [...result.equity],
  endingEquity: result.endingEquity.toString(),
  metrics: result.metrics,
  recorded: result.recordedNames.map((name) => [name, ...result.recorded(name)]),
  roundTrips: JSON.stringify(result.roundTrips()),
});

/** Runs a strategy of no parameters in both worlds; `handlers` is asked for one strategy each. */
export async function inBothWorlds<S>(
  market: TinyMarket,
  handlers: () => Handlers<S>,
  options: BothOptions = {},
): Promise<{ readonly past: BacktestResult; readonly replayed: BacktestResult }> {
  using bundle = await openTiny(market);
  const strategy = () => defineStrategy({ parameters: {}, ...handlers() } as never);
  const past = await backtest(strategy() as never, { bundle, ...options } as never);
  return { past: past as BacktestResult, replayed: await replay(strategy(), bundle, options) };
}
