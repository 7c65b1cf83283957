import { describe, expect, it } from 'vitest';
import type { FillRule } from '../../../src/engine/fill-rule.js';
import { int } from '../../../src/engine/parameters.js';
import { type AnyDefinition, defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import { fillsOf, rowOf, run, simulationOn, type TinyMarket, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10>11 12>13 14>15 16>17' } };

/** What a strategy hears that buys on its first bar, asks for nothing on its second and cancels on its third. */
async function callbacks(fill: FillRule | undefined): Promise<string[]> {
  const log: string[] = [];
  const result = await run(
    MARKET,
    {
      initialize({ asset, portfolio, log: say }) {
        log.push(`initialize cash ${portfolio.cash}`);
        say('declared', { asset: asset.symbol });
        return { bar: 0 };
      },
      beforeTradingStart({ now, portfolio, asset }, data) {
        log.push(`before ${rowOf(now)} sees ${data.close(asset)} holds ${portfolio.position(asset).quantity}`);
      },
      handleData({ now, state, order, asset, portfolio }, data) {
        log.push(`bar ${rowOf(now - 1)} sees ${data.close(asset)} holds ${portfolio.position(asset).quantity}`);
        if (state.bar === 0) order(asset, 2, { tag: 'entry' });
        if (state.bar === 1) order(asset, 0.25);
        if (state.bar === 2) order(asset, 1).cancel();
        state.bar++;
      },
      onFill({ portfolio, asset }, { price, quantity, order, time }) {
        log.push(
          `fill ${order.tag} ${quantity} at ${price} of ${rowOf(time - 1) + 1}, holds ${portfolio.position(asset).quantity}`,
        );
      },
      onOrder(_context, { status, reason }) {
        log.push(`order ${status}: ${reason}`);
      },
      analyze({ fills, equity }) {
        log.push(`analyze ${fills.length} fill, ${equity.length} bars`);
        return { extra: 7 };
      },
    },
    { fill, onLog: ({ message, facts, time }) => log.push(`log ${message} ${facts.asset} ${rowOf(time)}`) },
  );
  expect(result.custom).toEqual({ extra: 7 });
  return log;
}

describe('the order of callbacks', () => {
  const opening = ['initialize cash 100000', 'log declared A 0', 'before 0 sees NaN holds 0'];
  const rejected = 'order rejected: it rounds to 0 units (lot 1)';
  const cancelled = 'order cancelled: by the strategy';

  it('with fills at the next open: a fill comes before its bar is known', async () => {
    expect(await callbacks(undefined)).toEqual([
      ...opening,
      'bar 0 sees 11 holds 0',
      'before 1 sees 11 holds 0',
      'fill entry 2 at 12 of 1, holds 2',
      'bar 1 sees 13 holds 2',
      rejected,
      'before 2 sees 13 holds 2',
      'bar 2 sees 15 holds 2',
      cancelled,
      'before 3 sees 15 holds 2',
      'bar 3 sees 17 holds 2',
      'analyze 1 fill, 4 bars',
    ]);
  });

  it('with fills at the next close: a fill comes with its bar, before handleData', async () => {
    expect(await callbacks('next-close')).toEqual([
      ...opening,
      'bar 0 sees 11 holds 0',
      'before 1 sees 11 holds 0',
      'fill entry 2 at 13 of 2, holds 2',
      'bar 1 sees 13 holds 2',
      rejected,
      'before 2 sees 13 holds 2',
      'bar 2 sees 15 holds 2',
      cancelled,
      'before 3 sees 15 holds 2',
      'bar 3 sees 17 holds 2',
      'analyze 1 fill, 4 bars',
    ]);
  });

  it('with fills at the same close: a fill comes right after handleData', async () => {
    expect(await callbacks('same-close')).toEqual([
      ...opening,
      'bar 0 sees 11 holds 0',
      'fill entry 2 at 11 of 1, holds 2',
      'before 1 sees 11 holds 2',
      'bar 1 sees 13 holds 2',
      rejected,
      'before 2 sees 13 holds 2',
      'bar 2 sees 15 holds 2',
      cancelled,
      'before 3 sees 15 holds 2',
      'bar 3 sees 17 holds 2',
      'analyze 1 fill, 4 bars',
    ]);
  });

  it('calls beforeTradingStart once a session and tells where the session stands', async () => {
    const seen: string[] = [];
    await run(MARKET, {
      beforeTradingStart: ({ session }) => void seen.push(`${session.minutesSinceOpen} ${session.minutesToClose}`),
      handleData: ({ session }) => void seen.push(`${session.minutesSinceOpen} ${session.minutesToClose}`),
    });
    expect(seen).toEqual(Array.from({ length: 4 }, () => ['0 1440', '1440 0']).flat());
  });

  it('runs a strategy with no handler at all: the cash lies still', async () => {
    const result = await run(MARKET, {});
    expect([...result.equity]).toEqual([100_000, 100_000, 100_000, 100_000]);
    expect(result.fills).toEqual([]);
    expect(result.orders).toBe(0);
  });

  it('fills what beforeTradingStart orders at that session’s first bar', async () => {
    const before = { beforeTradingStart: ({ order, asset, portfolio }: never) => void [order, asset, portfolio] };
    expect(before).toBeDefined();
    for (const [fill, at] of [
      ['next-open', '1 A 1 @ 12'],
      ['next-close', '2 A 1 @ 13'],
      ['same-close', '2 A 1 @ 13'],
    ] as const) {
      const result = await run(
        MARKET,
        {
          beforeTradingStart({ order, asset, portfolio }, data) {
            if (data.close(asset) === 11 && portfolio.position(asset).isFlat) order(asset, 1);
          },
        },
        { fill },
      );
      expect(fillsOf(result)).toEqual([at]);
    }
  });
});

describe('where orders fill', () => {
  const buy = async (fill: FillRule | undefined): Promise<string[]> =>
    fillsOf(
      await run(
        MARKET,
        {
          handleData({ order, asset, portfolio }) {
            if (portfolio.position(asset).isFlat) order(asset, 1);
          },
        },
        { fill },
      ),
    );

  it('is the next opening unless told otherwise, never the close that the signal came from', async () => {
    expect(await buy(undefined)).toEqual(['1 A 1 @ 12']);
    expect(await buy('next-open')).toEqual(['1 A 1 @ 12']);
  });

  it('is the next close, or this one, when asked for by name', async () => {
    // A close is known at the end of its day: the first instant of the next.
    expect(await buy('next-close')).toEqual(['2 A 1 @ 13']);
    expect(await buy('same-close')).toEqual(['1 A 1 @ 11']);
  });

  it('is nowhere else', async () => {
    await expect(buy('this-close' as FillRule)).rejects.toThrowError(
      "Option 'fill' is one of next-open, next-close, same-close, not 'this-close'. Did you mean 'next-close'?",
    );
  });

  it('never is a bar that did not trade: the order waits for the next that does', async () => {
    const buyOnce = (fill: FillRule) =>
      run(
        { assets: { A: '10>11 . . 16>17 18' } },
        {
          handleData({ order, asset, portfolio }) {
            if (portfolio.position(asset).isFlat) order(asset, 1);
          },
        },
        { fill },
      );
    expect(fillsOf(await buyOnce('next-open'))).toEqual(['3 A 1 @ 16']);
    expect(fillsOf(await buyOnce('next-close'))).toEqual(['4 A 1 @ 17']);
    expect(fillsOf(await buyOnce('same-close'))).toEqual(['1 A 1 @ 11']);
    const marks = await buyOnce('same-close');
    expect([...marks.equity]).toEqual([100_000, 100_000, 100_000, 100_006, 100_007]);
  });

  it('gives no fill to an order of the last bar', async () => {
    const result = await run(MARKET, {
      handleData({ order, asset }, data) {
        if (data.close(asset) === 17) order(asset, 1);
      },
    });
    expect(result.orders).toBe(1);
    expect(result.fills).toEqual([]);
  });
});

describe('assets that come later or end earlier', () => {
  const market: TinyMarket = { assets: { A: '10 11 12 13 14 15', B: '- - 20 21 - -' } };

  it('in one account: orders wait for the listing, and what was held at the end stays at its last close', async () => {
    const tradable: boolean[] = [];
    const result = await run(market, {
      handleData({ order, symbol, portfolio }, data) {
        const b = symbol('B');
        tradable.push(data.canTrade(b));
        if (portfolio.position(b).isFlat) order(b, 3);
      },
    });
    expect(tradable).toEqual([false, false, true, true, false, false]);
    expect(fillsOf(result)).toEqual(['2 B 3 @ 20']);
    expect([...result.equity]).toEqual([100_000, 100_000, 100_000, 100_003, 100_003, 100_003]);
    expect(result.endingEquity.toString()).toBe('100003');
  });

  it('in sleeves: each instance lives with its asset, its share of the cash lies before and after', async () => {
    const seen: string[] = [];
    const result = await run(market, {
      sleeves: 'equal',
      initialize({ assets, asset, portfolio }) {
        expect(assets).toEqual([asset]);
        expect(portfolio.cash).toBe(50_000);
      },
      handleData({ order, asset, portfolio, now }) {
        seen.push(`${asset.symbol}${rowOf(now - 1)}`);
        if (portfolio.position(asset).isFlat) order(asset, 1);
      },
    });
    expect(seen).toEqual(['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'B2', 'B3']);
    expect(fillsOf(result)).toEqual(['1 A 1 @ 11', '3 B 1 @ 21']);
    expect([...result.equity]).toEqual([100_000, 100_000, 100_001, 100_002, 100_003, 100_004]);
  });

  it('shares the opening cash to the last digit', async () => {
    const result = await run(
      { assets: { A: '1', B: '1', C: '1' } },
      { sleeves: 'equal', handleData: ({ record, asset, portfolio }) => record(asset.symbol, portfolio.cash) },
      { cash: '100.00000001' },
    );
    expect(['A', 'B', 'C'].map((name) => result.recorded(name)[0])).toEqual([33.33333334, 33.33333334, 33.33333333]);
    expect(result.endingEquity.toString()).toBe('100.00000001');
  });

  it('merges the fills of sleeves by time', async () => {
    const result = await run(
      { assets: { A: '1 2 3 4', B: '5 6 7 8' } },
      {
        sleeves: 'equal',
        handleData: ({ order, asset }) => void order(asset, 1),
      },
    );
    expect(fillsOf(result)).toEqual(['1 A 1 @ 2', '1 B 1 @ 6', '2 A 1 @ 3', '2 B 1 @ 7', '3 A 1 @ 4', '3 B 1 @ 8']);
  });
});

describe('record', () => {
  it('keeps a number of the bar under a name, NaN where there was none', async () => {
    const result = await run(MARKET, {
      handleData({ record, asset }, data) {
        if (data.close(asset) > 13) record('close', data.close(asset));
      },
    });
    expect(result.recordedNames).toEqual(['close']);
    expect([...result.recorded('close')]).toEqual([Number.NaN, Number.NaN, 15, 17]);
    expect(() => result.recorded('klose')).toThrowError("Nothing was recorded as 'klose'. Did you mean 'close'?");
  });

  it('is of one run: a result without records has none of a later run of the same simulation', async () => {
    const definition = definitionOf(
      defineStrategy({
        parameters: { records: int(0, 1) },
        handleData({ record, asset }, data, { records }) {
          if (records === 1) record('close', data.close(asset));
        },
      }) as never,
    ) as AnyDefinition;
    const simulation = simulationOn(await tinyBundle(MARKET), definition, {});
    const resultOf = (records: number) => simulation.full({ params: { records }, seed: 0, randomLabels: [] }).result;
    const [before, between, behind] = [resultOf(0), resultOf(1), resultOf(0)];
    for (const result of [before, behind]) {
      expect(result.recordedNames).toEqual([]);
      expect(() => result.recorded('close')).toThrowError("Nothing was recorded as 'close'.");
    }
    expect([...between.recorded('close')].at(-1)).toBe(17);
  });

  it('belongs, before the opening and at a fill, to the bar that opens', async () => {
    const result = await run(MARKET, {
      beforeTradingStart: ({ record, now }) => record('before', rowOf(now)),
      handleData({ order, asset, portfolio }) {
        if (portfolio.position(asset).isFlat) order(asset, 1);
      },
      onFill: ({ record }, { price }) => record('paid', price),
    });
    expect([...result.recorded('before')]).toEqual([0, 1, 2, 3]);
    expect([...result.recorded('paid')]).toEqual([Number.NaN, 12, Number.NaN, Number.NaN]);
  });
});
