import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { parseDate } from '../core/time.js';
import type { Result, WithParams } from '../engine/backtest.js';
import type { LogEntry } from '../engine/contexts.js';
import type { ParameterMap, ParamsOf } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { RUN_OPTION_KEYS, type RunOptions, resolveRunOptions } from '../engine/run-options.js';
import { paramsFor } from '../engine/simulation.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { ArrivingMarket } from './arriving-market.js';
import type { Broker } from './broker.js';
import type { Feed } from './feed.js';
import { TradingRun } from './trading-run.js';

/** Options of {@link trade} beside the parameters. Which bar is the last, to liquidate on it, a feed does not say. */
export interface TradeOptions extends Omit<RunOptions, 'benchmark' | 'liquidate'> {
  /** Where bars come from. */
  readonly feed: Feed;
  /** Where orders go. */
  readonly broker: Broker;
  /** @defaultValue all symbols of the feed, in its order */
  readonly symbols?: readonly string[] | undefined;
  /** First date, inclusive, YYYY-MM-DD; earlier bars are readable history. @defaultValue the first bar of any symbol */
  readonly start?: string | undefined;
  /** Seed of `random()`. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Hears what the strategy logs. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
}

const RUN_KEYS = RUN_OPTION_KEYS.filter((key) => key !== 'benchmark' && key !== 'liquidate');
const KEYS = ['feed', 'broker', 'symbols', 'start', 'params', 'seed', 'onLog', ...RUN_KEYS] as const;

/**
 * Runs a strategy on a feed, bar after bar, until the feed ends: the same strategy as in a backtest, with the same books and the same
 * result. What has not arrived is not in memory. Before the strategy is asked again, what the broker has reported is entered.
 *
 * On a recorded feed with a paper broker the result equals that of {@link backtest} over the same bundle, order for order.
 *
 * @throws UsageError for unknown options, symbols and parameters, and a feed that ends before the run begins; RunError when the
 * strategy throws; DataError `FEED_OUT_OF_ORDER`
 */
export async function trade<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: TradeOptions & WithParams<P>,
): Promise<Result<P, M>> {
  rejectUnknownKeys('trade', options, KEYS);
  const definition = definitionOf(strategy as unknown as Strategy);
  const { feed, broker, symbols, start, params = {}, seed = 0, onLog, ...rest } = options;
  const run = resolveRunOptions(rest, definition.costs);
  const checked = paramsFor(definition, params as GivenParams);
  const startsAt = start === undefined ? Number.NEGATIVE_INFINITY : startLabel(start);
  const market = new ArrivingMarket(feed, symbols);
  let trading: TradingRun | undefined;
  for await (const event of feed) {
    await broker.hear?.(event);
    market.hear(event);
    if (event.kind === 'opening') {
      if (trading === undefined && event.label >= startsAt && market.isListed) {
        const input = { params: checked, seed, randomLabels: ['trial', 0], log: onLog };
        trading = new TradingRun(definition, market, run, input);
        trading.begin(await broker.open(trading.terms));
      }
      trading?.openBar();
    } else if (event.kind === 'arrived') {
      const events = market.takeEvents();
      trading?.enterOpening(events);
    } else if (event.kind === 'complete') {
      market.complete();
      trading?.decide();
    } else if (event.kind === 'closed') {
      trading?.settleBar();
    }
  }
  if (trading === undefined) {
    throw new UsageError('EMPTY_SPAN', {
      message: `The feed ended before a bar${start === undefined ? '' : ` at or after ${start}`} of the chosen symbols came.`,
      details: { start },
    });
  }
  const { result, custom } = trading.end();
  return Object.assign(result, { params: checked as ParamsOf<P>, custom: custom as M });
}

function startLabel(text: string): number {
  try {
    return parseDate(text);
  } catch (cause) {
    throw new UsageError('INVALID_DATE', {
      message: `'start' is a date such as 2015-01-31, not '${text}'.`,
      details: { name: 'start', text },
      cause,
    });
  }
}
