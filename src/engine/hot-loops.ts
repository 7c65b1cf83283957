import type { Clock } from './clock.js';
import type { TradingContext } from './contexts.js';
import type { GivenParams } from './params.js';
import { isPromise, promiseReturned } from './returned-promise.js';
import type { QuietBars } from './rule/quiet-bars.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { AnyDefinition, BarData, Context } from './strategy.js';

/**
 * The hot loop: bar by bar what is due is filled, then the strategy asked.
 *
 * It is written for the compiler. Bars go in pairs: what the first call has checked of the strategy's objects, the compiler need not check again
 * for the second, since an inlined order only marks a ticket (see {@link SimulatedBroker.spendAllOnly}); over the end of a loop it remembers
 * nothing. `| 0` keeps the count of bars an integer.
 */
export function decide(
  definition: AnyDefinition,
  broker: SimulatedBroker,
  clock: Clock,
  context: TradingContext,
  data: BarData,
  params: GivenParams,
  from: number,
  to: number,
): void {
  const origin = clock.origin | 0;
  const stop = (to - origin) | 0;
  let at = (from - origin) | 0;
  let waits = true;
  clock.interrupted = true;
  while (at < stop) {
    if (waits || clock.interrupted) waits = broker.execute(at + origin);
    clock.interrupted = false;
    clock.at = at;
    at = (at + 1) | 0;
    const first = definition.handleData!(context as unknown as Context, data, params);
    if (first !== undefined && isPromise(first)) throw promiseReturned('handleData', first);
    if (waits || clock.interrupted || at >= stop) continue;
    clock.at = at;
    at = (at + 1) | 0;
    const second = definition.handleData!(context as unknown as Context, data, params);
    if (second !== undefined && isPromise(second)) throw promiseReturned('handleData', second);
  }
}

/** The same as {@link decide}, without the bars on which the handler does nothing. */
export function decideWhereNotQuiet(
  definition: AnyDefinition,
  broker: SimulatedBroker,
  clock: Clock,
  quiet: QuietBars,
  context: TradingContext,
  data: BarData,
  params: GivenParams,
  from: number,
  to: number,
): void {
  if (from >= to) return;
  const { origin } = clock;
  const stop = to - origin;
  let at = from - origin;
  let waits = true;
  clock.interrupted = true;
  while (at < stop) {
    if (waits || clock.interrupted) waits = broker.execute(at + origin);
    // Until there, what works does nothing but follow the market.
    const due = waits ? Math.min(stop, broker.dueRow - origin) : stop;
    if (due > at + 1) {
      const from = at;
      at = quiet.next(at, due);
      if (waits && at > from) broker.follow(from + 1 + origin, Math.min(at + 1, due) + origin);
      if (at === stop) break;
      if (at === due) {
        clock.at = at - 1;
        continue;
      }
    }
    clock.interrupted = false;
    clock.at = at++;
    const returned = definition.handleData!(context as unknown as Context, data, params);
    if (returned !== undefined && isPromise(returned)) throw promiseReturned('handleData', returned);
  }
  clock.at = stop - 1;
}
