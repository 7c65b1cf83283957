import type { BarData, Context, Setup, StrategyDefinition } from '../../src/engine/strategy.js';
import { ema, highest, rsi, sma } from '../../src/indicators/index.js';

/** Everything that a strategy saw and decided at one bar, in an order of its own. */
export type Sight = readonly (number | string | boolean)[];

type Handlers = Omit<StrategyDefinition<Record<never, never>, never>, 'parameters' | 'initialize'>;

/**
 * A strategy that looks at everything there is and acts at random, on what it sees: it tells what it saw to `sights`,
 * in the order of the bars. Two runs that know the same do the same.
 */
export function randomStrategy(sights: Sight[], options: { readonly warmUp?: number } = {}): Handlers {
  const { warmUp } = options;
  return {
    ...(warmUp === undefined ? {} : { warmUp: () => warmUp }),
    initialize({ assets, series, indicator, portfolio }: Setup) {
      return assets.map((asset) => {
        const close = series(asset, 'close');
        return {
          asset,
          position: portfolio.position(asset),
          readings: [
            close,
            series(asset, 'volume'),
            indicator(sma(3), asset),
            indicator(ema(2), asset),
            indicator(rsi(2), asset),
            indicator(highest(2), [close]),
          ],
        };
      });
    },
    handleData(context: Context<unknown>, data: BarData) {
      const { order, portfolio, random, now, state } = context;
      const seen: (number | string | boolean)[] = [now, portfolio.cash, portfolio.value];
      for (const { asset, position, readings } of state as never as {
        asset: Context['asset'];
        position: ReturnType<Context['portfolio']['position']>;
        readings: { value: number; ready: boolean; ago(bars: number): number }[];
      }[]) {
        seen.push(asset.symbol, position.quantity, position.value, data.canTrade(asset), data.isStale(asset));
        for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
          seen.push(data.current(asset, field), ...data.history(asset, field, 4, '1d', { returnType: 'array' }));
        }
        for (const reading of readings) seen.push(reading.value, reading.ready, reading.ago(1), reading.ago(3));
      }
      // What is decided hangs on all that was seen: one other bit is another decision.
      let mix = 0;
      for (const value of seen)
        if (typeof value === 'number' && Number.isFinite(value)) mix = (mix * 31 + value * 100) % 9973;
      const asset = context.assets[Math.floor(random() * context.assets.length)]!;
      const size = 1 + Math.floor(Math.abs(mix) % 40);
      switch (Math.floor(random() * 8)) {
        case 0:
          order(asset, size);
          break;
        case 1:
          order.notional(asset, size * 7.77);
          break;
        case 2:
          order.notional(asset, 'all');
          break;
        case 3:
          order.target(asset, size);
          break;
        case 4:
          order.targetPercent(asset, (size % 10) / 10);
          break;
        case 5:
          order.close(asset);
          break;
        case 6:
          for (const open of order.open()) open.cancel();
          break;
        default:
          order(asset, -size);
      }
      seen.push(order.open().length);
      sights.push(seen);
    },
  } as unknown as Handlers;
}
