import fc from 'fast-check';
import type { FillRule } from '../../src/engine/fill-rule.js';
import type { BarData, Context, Setup } from '../../src/engine/strategy.js';
import type { IntrabarRule } from '../../src/execution/matching.js';
import { afterOpen, everyDay, monthStart, weekEnd, weekStart } from '../../src/market/schedule-rules.js';
import { randomStrategy, type Sight } from './random-strategy.js';

/** Which parts a random trader has, and how it trades. */
export const traderVariants = fc.record({
  fill: fc.constantFrom<FillRule>('next-open', 'next-close', 'same-close'),
  account: fc.constantFrom('cash', 'margin:leverage=4,maintenance=0.2'),
  slippage: fc.constantFrom('none', 'bps:5', 'volume-share:0.025,0.1'),
  commission: fc.constantFrom('none', 'percent:0.001', 'per-share:0.005,min=1'),
  unaffordable: fc.constantFrom<'trim' | 'reject'>('trim', 'reject'),
  delisting: fc.constantFrom<'hold' | 'close'>('hold', 'close'),
  withholding: fc.constantFrom(0, 0.15),
  sleeves: fc.boolean(),
  warmUp: fc.constantFrom(undefined, 1, 3),
  before: fc.boolean(),
  told: fc.boolean(),
  scheduled: fc.boolean(),
  priced: fc.boolean(),
  onlyScheduled: fc.constantFrom(false, false, false, true),
  intrabar: fc.constantFrom<IntrabarRule>('pessimistic', 'optimistic', 'close'),
  timeInForce: fc.constantFrom<'gtc' | 'day'>('gtc', 'gtc', 'day'),
  exitsFrom: fc.constantFrom<'entry-bar' | 'next-bar'>('entry-bar', 'next-bar'),
  stopLimits: fc.constantFrom<'from-open' | 'whole-bar'>('from-open', 'whole-bar'),
  sizing: fc.constantFrom<'fractional' | 'whole-units' | 'unit-cost'>('fractional', 'whole-units', 'unit-cost'),
  borrow: fc.constantFrom('none', 'borrow:0.05'),
  financing: fc.constantFrom('none', 'interest:0.07,credit=0.02'),
  startRow: fc.constantFrom(undefined, 1, 3),
  seed: fc.nat(1_000_000),
});
export type TraderVariant = typeof traderVariants extends fc.Arbitrary<infer V> ? V : never;

/** A random strategy with further handlers, which write what they saw into `log`. */
export function randomTrader(variant: TraderVariant, sights: Sight[], log: string[]) {
  const { warmUp, before, told, scheduled, sleeves, priced, onlyScheduled } = variant;
  const base = randomStrategy(sights, warmUp === undefined ? {} : { warmUp }) as never as {
    initialize(setup: never): unknown;
    handleData(context: never, data: never): void;
  };
  const say = (what: string, { now, portfolio, asset }: Context<unknown>): void =>
    void log.push(`${what} ${asset.symbol} ${now} cash ${portfolio.exact.cash} value ${portfolio.value}`);
  return {
    ...base,
    ...(onlyScheduled ? { handleData: undefined } : {}),
    ...(priced && !onlyScheduled
      ? {
          handleData(context: Context<unknown>, data: BarData) {
            base.handleData(context as never, data as never);
            orderAtPrices(context, data, log);
          },
        }
      : {}),
    ...(sleeves ? { sleeves: 'equal' as const } : {}),
    initialize(setup: never) {
      const { schedule, assets } = setup as Setup;
      if (scheduled || onlyScheduled) {
        for (const rule of [everyDay(), weekStart(1), weekEnd(), monthStart()]) {
          schedule(rule, afterOpen(), (context: Context<unknown>, data: BarData) => {
            say('schedule', context);
            if (rule.period === 'week') context.order(assets[0]!, rule.from === 'start' ? 2 : -1);
            if (rule.period === 'day' && priced && onlyScheduled) orderAtPrices(context, data, log);
          });
        }
      }
      return base.initialize(setup);
    },
    // When the first session is asked of hangs on bars of it, unless the strategy states its warm-up.
    ...(before && warmUp !== undefined
      ? {
          beforeTradingStart(context: Context<unknown>) {
            say('before', context);
            context.record('before', context.portfolio.value);
            if (context.random() < 0.3) context.order(context.asset, 3);
          },
        }
      : {}),
    ...(told
      ? {
          onFill(
            context: Context<unknown>,
            fill: { time: number; quantity: number; price: number; exact: { fee: unknown } },
          ) {
            say(`fill ${fill.time} ${fill.quantity} at ${fill.price} for ${fill.exact.fee}`, context);
            context.record('fill', fill.price);
            if (context.random() < 0.2) context.order(context.asset, 1);
          },
          onOrder(context: Context<unknown>, order: { id: string; status: string; reason: string | undefined }) {
            say(`${order.status} ${order.id}: ${order.reason}`, context);
          },
        }
      : {}),
  };
}

/**
 * Gives orders that wait for a price or have exits, changes and pairs them, and writes down where they stand.
 *
 * @param reach how far their prices lie from the last close at most, a share of it. @defaultValue 0.1
 */
export function orderAtPrices(
  { order, asset, random, portfolio }: Context<unknown>,
  data: BarData,
  log: string[],
  reach = 0.1,
): void {
  const close = data.close(asset);
  if (Number.isNaN(close)) return;
  const near = (): number => Math.round(close * 100 * (1 - reach + random() * 2 * reach)) / 100;
  const timeInForce = (['gtc', 'day', 'ioc', 'fok'] as const)[Math.floor(random() * 4)]!;
  const size = 1 + Math.floor(random() * 30);
  switch (Math.floor(random() * 10)) {
    case 0:
      order(asset, size, { limit: near(), timeInForce });
      break;
    case 1:
      order(asset, -size, { stop: near(), timeInForce });
      break;
    case 2:
      order(asset, size, { limit: near(), stop: near() });
      break;
    case 3:
      order(asset, size, { stopLoss: { percent: 0.1 }, takeProfit: { amount: 20 } });
      break;
    case 4:
      order(asset, size, { limit: near(), stopLoss: { trailing: 0.05 } });
      break;
    case 5:
      order(asset, -size, { trailing: { percent: 0.08 } });
      break;
    case 6:
      order.oneCancelsOther(order(asset, size, { limit: near() }), order(asset, -size, { stop: near() }));
      break;
    case 7: {
      const [open] = order.open(asset);
      if (open?.limit !== undefined) order.replace(open, { limit: near() });
      break;
    }
    case 8:
      order.notional(asset, 500, { on: random() < 0.5 ? 'open' : 'close', timeInForce });
      break;
    default:
      order.close(asset);
  }
  for (const { id, limit, stop, quantity, filled, remaining, averagePrice, stopLoss } of order.open()) {
    log.push(`open ${id} ${limit} ${stop} ${quantity} ${filled} ${remaining} ${averagePrice} ${stopLoss?.stop}`);
  }
  log.push(`flat ${portfolio.position(asset).isFlat}`);
}
