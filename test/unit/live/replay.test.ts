import { describe, expect, it, onTestFinished } from 'vitest';
import type { BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { backtest } from '../../../src/engine/backtest.js';
import type { FillRule } from '../../../src/engine/fill-rule.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { bollinger, defineIndicator, ema, sma } from '../../../src/indicators/index.js';
import { type Feed, type FeedEvent, PaperBroker, RecordedFeed, trade } from '../../../src/live/index.js';
import type { Frequency } from '../../../src/market/bars.js';
import { afterOpen, beforeClose, everyDay, monthEnd, weekStart } from '../../../src/market/schedule-rules.js';
import { inBothWorlds, outcomeOf, replay } from '../../helpers/replayed.js';
import { labelledDraft, sessionLabels } from '../../helpers/session-bars.js';
import { rowOf, type TinyMarket, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10>11 12>13 14>15 16>17' } };

/** What a strategy hears that buys on its first bar, asks for nothing on its second and cancels on its third. */
const heard = async (fill: FillRule): Promise<[string[], string[]]> => {
  const logs: [string[], string[]] = [[], []];
  let world = 0;
  await inBothWorlds<{ bar: number }>(
    MARKET,
    () => {
      const log = logs[world++]!;
      return {
        initialize({ portfolio }) {
          log.push(`initialize cash ${portfolio.cash}`);
          return { bar: 0 };
        },
        beforeTradingStart({ now, portfolio, asset, session }, data) {
          const held = portfolio.position(asset).quantity;
          log.push(`before ${rowOf(now)} sees ${data.close(asset)} holds ${held}, ${session.minutesToClose} left`);
        },
        handleData({ now, state, order, asset, portfolio }, data) {
          log.push(`bar ${rowOf(now - 1)} sees ${data.close(asset)} holds ${portfolio.position(asset).quantity}`);
          if (state.bar === 0) order(asset, 2, { tag: 'entry' });
          if (state.bar === 1) order(asset, 0.25);
          if (state.bar === 2) order(asset, 1).cancel();
          state.bar++;
        },
        onFill({ portfolio, asset }, { price, quantity, order }) {
          log.push(`fill ${order.tag} ${quantity} at ${price}, holds ${portfolio.position(asset).quantity}`);
        },
        onOrder(_context, { id, status, reason }) {
          log.push(`order ${id} ${status}: ${reason}`);
        },
        analyze({ fills, equity }) {
          log.push(`analyze ${fills.length} fill, ${equity.length} bars`);
          return {};
        },
      };
    },
    { fill },
  );
  return logs;
};

describe('the order of callbacks on a feed', () => {
  it('is the one that a backtest is tested for', async () => {
    const [, replayed] = await heard('next-open');
    expect(replayed).toEqual([
      'initialize cash 100000',
      'before 0 sees NaN holds 0, 1440 left',
      'bar 0 sees 11 holds 0',
      'before 1 sees 11 holds 0, 1440 left',
      'fill entry 2 at 12, holds 2',
      'bar 1 sees 13 holds 2',
      'order A-2 rejected: it rounds to 0 units (lot 1)',
      'before 2 sees 13 holds 2, 1440 left',
      'bar 2 sees 15 holds 2',
      'order A-3 cancelled: by the strategy',
      'before 3 sees 15 holds 2, 1440 left',
      'bar 3 sees 17 holds 2',
      'analyze 1 fill, 4 bars',
    ]);
  });

  it.each(['next-open', 'next-close', 'same-close'] as const)('is eq to the backtest’s with %s', async (fill) => {
    const [past, replayed] = await heard(fill);
    expect(replayed).toEqual(past);
    expect(past.filter((line) => line.startsWith('fill'))).toHaveLength(1);
  });
});

describe('a replay', () => {
  it('restates the past of indicators at a split, whatever they keep in mind', async () => {
    const { past, replayed } = await inBothWorlds(
      {
        assets: { A: '10>11 12>13 14>15 7.5>8 9 . 8>10 10 12 11', B: '- - 5 6 7 8 - - - -' },
        splits: [{ symbol: 'A', row: 3, ratio: '2' }],
        dividends: [{ symbol: 'A', row: 6, amount: '0.5', payRow: 8 }],
      },
      () => ({
        initialize({ symbol, indicator, series }) {
          const [a, b] = [symbol('A'), symbol('B')];
          const channel = indicator(bollinger(3, 2), a);
          const slow = indicator(ema(3), a);
          return [
            ...Object.values(channel),
            slow,
            indicator(sma(2), [slow]),
            indicator(sma(2), b),
            series(a, 'volume'),
            indicator(defineIndicator(SPREAD)(), [series(a, 'close'), series(b, 'close')]),
          ];
        },
        handleData({ state, record, order, asset }) {
          for (const [at, { value, ready }] of state.entries()) {
            record(`value ${at}`, value);
            record(`ready ${at}`, Number(ready));
            for (const bars of [1, 2, 5]) record(`${bars} ago ${at}`, state[at]!.ago(bars));
          }
          order.target(asset, state[0]!.value > state[0]!.ago(1) ? 5 : 2);
        },
      }),
      { start: '2020-01-01' },
    );
    expect(outcomeOf(replayed)).toEqual(outcomeOf(past));
    expect(past.fills.length).toBeGreaterThan(2);
  });

  it.each(['1m', '30m', '1h', '1d', '1w', '1mo'] as const)(
    'keeps the sessions and schedules of %s bars',
    async (frequency) => {
      const draft = intraday(frequency);
      const bundle = await bundleFromColumns(draft);
      onTestFinished(() => bundle[Symbol.dispose]());
      const logs: string[][] = [];
      const strategy = () => {
        const log: string[] = [];
        logs.push(log);
        return defineStrategy({
          parameters: {},
          initialize({ schedule, asset }) {
            schedule(weekStart(1), afterOpen(90), ({ now, order }) => {
              log.push(`week ${now}`);
              order(asset, 1);
            });
            schedule(everyDay(), beforeClose(30), ({ now }) => void log.push(`day ${now}`), { halfDays: false });
            schedule(monthEnd(), afterOpen(), ({ now, order }) => {
              log.push(`month ${now}`);
              order.target(asset, 0);
            });
          },
          beforeTradingStart({ now, session: { minutesSinceOpen, minutesToClose } }) {
            log.push(`before ${now} ${minutesSinceOpen} ${minutesToClose}`);
          },
          onFill({ now, session: { minutesSinceOpen, minutesToClose } }, { price }) {
            log.push(`fill ${now} ${minutesSinceOpen} ${minutesToClose} ${price}`);
          },
        });
      };
      const past = await backtest(strategy() as never, { bundle });
      const replayed = await replay(strategy(), bundle);
      expect(logs[1]).toEqual(logs[0]);
      expect(outcomeOf(replayed)).toEqual(outcomeOf(past as never));
      // By months, what is bought is sold on the same bar.
      expect(past.fills.length > 0).toBe(frequency !== '1mo');
    },
  );

  it.each(['1m', '1h'] as const)(
    'ends orders for a session with it, whose last %s bars are missing',
    async (frequency) => {
      const bundle = await bundleFromColumns(intraday(frequency));
      onTestFinished(() => bundle[Symbol.dispose]());
      const open: number[][] = [];
      const strategy = () => {
        const own: number[] = [];
        open.push(own);
        let day = '';
        return defineStrategy({
          parameters: {},
          handleData({ asset, order, now }, data) {
            const today = new Date(now).toISOString().slice(0, 10);
            if (today !== day) own.push(order.open().length);
            day = today;
            const close = data.close(asset)!;
            order(asset, 1, { limit: close * 0.5, timeInForce: 'day' });
            // Given on the last bar that a session has, it is good for the next one.
            order(asset, 1, { limit: close * 1.5, timeInForce: 'day' });
          },
        });
      };
      const past = await backtest(strategy() as never, { bundle });
      const replayed = await replay(strategy(), bundle);
      // When an end was told is part of the hash: on a feed, at the next session's opening.
      const { orderStreamHash: _later, ...found } = outcomeOf(replayed);
      expect(outcomeOf(past as never)).toMatchObject(found);
      expect(open[1]).toEqual(open[0]);
      expect(open[0]!.length).toBeGreaterThan(4);
      expect(past.fills.length).toBeGreaterThan(5);
    },
  );

  it('of a strategy that fails says where, as the backtest does', async () => {
    const bundle = await tinyBundle(MARKET);
    const fails = defineStrategy({
      parameters: {},
      handleData({ asset }, data) {
        if (data.close(asset) === 15) throw new Error('enough');
      },
    });
    const message = 'The strategy failed in handleData at 2020-01-03T00:00:00Z (bar 2, A): enough';
    await expect(backtest(fails as never, { bundle })).rejects.toThrowError(message);
    await expect(replay(fails, bundle)).rejects.toThrowError(message);
  });

  it('stops at a breached control where the backtest does', async () => {
    const bundle = await tinyBundle(MARKET);
    const eager = defineStrategy({
      parameters: {},
      controls: { maxOrdersPerDay: 1, maxPosition: 3 },
      handleData: ({ order, asset }) => void order(asset, 2),
    });
    const breached = await backtest(eager as never, { bundle }).catch((error: Error) => error.message);
    expect(breached).toContain('maxPosition');
    await expect(replay(eager, bundle)).rejects.toThrowError(breached as string);
  });
});

describe('what is not known yet', () => {
  it('is not asked of the feed before the strategy has decided', async () => {
    const bundle = await tinyBundle(MARKET);
    const log: string[] = [];
    const recorded = new RecordedFeed(bundle);
    const { calendar, frequency, assets } = recorded;
    const feed: Feed = {
      calendar,
      frequency,
      assets,
      async *[Symbol.asyncIterator](): AsyncIterator<FeedEvent> {
        for await (const event of recorded) {
          if (event.kind === 'opening' || event.kind === 'bar') log.push(`${event.kind} ${rowOf(event.label)}`);
          yield event;
        }
      },
    };
    const strategy = defineStrategy({
      parameters: {},
      handleData: ({ now }) => void log.push(`decides ${rowOf(now - 1)}`),
    });
    await trade(strategy, { feed, broker: new PaperBroker(feed) });
    expect(log).toEqual([0, 1, 2, 3].flatMap((row) => [`opening ${row}`, `bar ${row}`, `decides ${row}`]));
  });

  it('is not in the memory of a strategy that reads on behind its windows', async () => {
    const bundle = await tinyBundle({ assets: { A: '1 2 3 4 5 6' } }, 'mapped');
    const peeks = (log: number[]) =>
      defineStrategy({
        parameters: {},
        handleData({ asset }, data) {
          const window = data.history(asset, 'close', 1, '1d', { returnType: 'array', view: true });
          // Past the guard of the window: the getters of all typed arrays.
          const { prototype } = Object.getPrototypeOf(Float64Array) as { readonly prototype: object };
          const buffer = Reflect.get(prototype, 'buffer', window) as ArrayBuffer;
          const next = (Reflect.get(prototype, 'byteOffset', window) as number) + Float64Array.BYTES_PER_ELEMENT;
          log.push(next < buffer.byteLength ? new Float64Array(buffer, next, 1)[0]! : Number.NaN);
        },
      });
    const [past, replayed]: [number[], number[]] = [[], []];
    await backtest(peeks(past), { bundle });
    await replay(peeks(replayed), bundle);
    expect(past.slice(0, 5)).toEqual([2, 3, 4, 5, 6]);
    expect(replayed).toEqual(Array.from({ length: 6 }, () => Number.NaN));
  });

  it('is not there for an indicator whose column reads tomorrow: the replay gives the cheat away', async () => {
    const bundle = await tinyBundle({ assets: { A: '5 3 6 2 7 1 8 2' } });
    const tomorrow = defineIndicator({
      name: 'tomorrow',
      inputs: ['close'],
      create: () => ({
        warmUp: 1,
        step: (close) => close,
        column({ value }, close) {
          for (let row = 0; row < close.length; row++) value[row] = close[row + 1] ?? close[row]!;
        },
      }),
    });
    const cheats = defineStrategy({
      parameters: {},
      initialize: ({ asset, indicator }) => ({ asset, value: indicator(tomorrow(), asset) }),
      handleData({ state, order }, data) {
        order.target(state.asset, state.value.value > data.close(state.asset) ? 10 : 0);
      },
    });
    const past = await backtest(cheats, { bundle, fill: 'same-close' });
    const replayed = await replay(cheats, bundle, { fill: 'same-close' });
    expect(past.fills.length).toBeGreaterThan(5);
    expect(replayed.fills).toEqual([]);
  });
});

/** The difference of two series. */
const SPREAD = {
  name: 'spread',
  inputs: ['close', 'close'],
  create: () => ({ warmUp: 1, step: (a: number, b: number) => a - b }),
} as const;

/** November and December with half days, a bar missing here and there, but not the last one. */
function intraday(frequency: Frequency): BundleDraft {
  const [from, to] = frequency === '1m' ? ['2019-11-25', '2019-12-04'] : ['2019-11-01', '2020-01-10'];
  const labels =
    frequency === '1w' || frequency === '1mo'
      ? sessionLabels('XNYS', '1d', '2019-01-01', '2019-12-31').filter((label, at, all) => {
          const period = (instant: number): number =>
            frequency === '1w' ? Math.floor((instant / 86_400_000 + 3) / 7) : new Date(instant).getUTCMonth();
          return at === 0 || period(all[at - 1]!) !== period(label);
        })
      : sessionLabels('XNYS', frequency, from!, to!);
  return labelledDraft(
    'XNYS',
    frequency,
    labels.filter((_, row) => row % 11 !== 7 || row === labels.length - 1),
  );
}
