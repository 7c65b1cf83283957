import { expect } from 'vitest';
import type { BarData, Context, StrategyDefinition } from '../../src/engine/strategy.js';
import type { Fill, Order, OrderOptions } from '../../src/execution/order.js';

/** What a random program of orders did and saw. */
export interface ProgramRun {
  /** Orders that it gave, by the instant at which it did. */
  readonly given: Map<Order, number>;
  readonly fills: Fill[];
  readonly replaced: Set<Order>;
  readonly pairs: (readonly [Order, Order])[];
  /** What stood on the book at each bar. */
  readonly sights: { readonly now: number; readonly text: string }[];
  /** Positions by symbol, which go on after the last bar's decisions, and last closes. */
  readonly held: Map<string, { readonly quantity: number }>;
  readonly closes: Map<string, number>;
}

export interface OrderProgram {
  readonly handlers: Omit<StrategyDefinition<Record<never, never>, never>, 'parameters'>;
  readonly ran: ProgramRun;
}

/** Returns a strategy that gives, pairs, replaces and cancels orders of all kinds at random, and checks on each bar that `isFlat` is true to its word. */
export function randomProgram(): OrderProgram {
  const ran: ProgramRun = {
    given: new Map(),
    fills: [],
    replaced: new Set(),
    pairs: [],
    sights: [],
    held: new Map(),
    closes: new Map(),
  };
  const handleData = (context: Context, data: BarData): void => {
    const { order, portfolio, now, assets } = context;
    const random = (): number => context.random();
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const seen: string[] = [];
    for (const asset of assets) {
      const position = portfolio.position(asset);
      const open = order.open(asset);
      expect(position.isFlat).toBe(position.quantity === 0 && open.length === 0);
      ran.held.set(asset.symbol, position);
      const last = data.current(asset, 'close');
      if (!Number.isNaN(last)) ran.closes.set(asset.symbol, last);
      seen.push(`${asset.symbol} ${position.quantity}`);
      for (const { id, status, filled, limit, stop } of open) seen.push(`${id} ${status} ${filled} ${limit} ${stop}`);
    }
    ran.sights.push({ now, text: seen.join(', ') });
    const keep = (given: Order | undefined): void => {
      if (given !== undefined) ran.given.set(given, now);
    };
    for (let turn = 0; turn < 2; turn++) {
      const asset = pick(assets);
      const close = data.current(asset, 'close');
      if (Number.isNaN(close)) continue;
      const near = (): number => Math.round(close * (0.85 + random() * 0.3) * 100) / 100;
      const style = pick<() => OrderOptions>([
        () => ({}),
        () => ({ limit: near() }),
        () => ({ stop: near() }),
        () => ({ stop: near(), limit: near() }),
        () => ({ trailing: { percent: 0.02 + random() * 0.1 } }),
        () => ({ trailing: { amount: 5 } }),
        () => ({ on: pick(['open', 'close'] as const) }),
      ]);
      const exits = pick<() => OrderOptions>([
        () => ({}),
        () => ({ stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.08 } }),
        () => ({ stopLoss: { trailing: 0.06 }, takeProfit: { amount: 20 } }),
        () => ({ stopLoss: { amount: 15 } }),
      ]);
      const timeInForce = pick(['gtc', 'gtc', 'day', 'ioc', 'fok'] as const);
      const size = (random() < 0.7 ? 1 : -1) * (1 + Math.floor(random() * 90));
      const one = (): Order =>
        order(asset, size, { tag: 'sized', ...style(), ...exits(), timeInForce } as OrderOptions);
      switch (Math.floor(random() * 9)) {
        case 0: {
          const pair = [one(), one()] as const;
          for (const each of pair) keep(each);
          order.oneCancelsOther(...pair);
          if (pair.every(({ status }) => status === 'working')) ran.pairs.push(pair);
          break;
        }
        case 1: {
          const target = order.open().find(({ limit, status }) => limit !== undefined && status === 'working');
          if (target === undefined) break;
          order.replace(target, { limit: near() });
          ran.replaced.add(target);
          break;
        }
        case 2: {
          const target = order.open().find(({ tag, status }) => tag === 'sized' && status === 'working');
          if (target !== undefined && ran.given.has(target)) {
            order.replace(target, { quantity: Math.sign(target.quantity) * (1 + Math.floor(random() * 60)) });
          }
          break;
        }
        case 3:
          for (const open of order.open()) if (random() < 0.5) open.cancel();
          break;
        case 4:
          keep(order.target(asset, Math.abs(size), { tag: 'target', ...exits() } as OrderOptions));
          break;
        case 5:
          keep(order.close(asset));
          break;
        case 6:
          keep(order.notional(asset, 5_000, { tag: 'notional', ...style(), ...exits(), timeInForce } as OrderOptions));
          break;
        default:
          keep(one());
      }
    }
  };
  const onFill = (_context: Context, fill: Fill): void => void ran.fills.push(fill);
  return { handlers: { handleData, onFill } as unknown as OrderProgram['handlers'], ran };
}
