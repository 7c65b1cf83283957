import { describe, expect, it } from 'vitest';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { ArrivingMarket } from '../../../src/live/arriving-market.js';
import { type Feed, type FeedEvent, PaperBroker, RecordedFeed, trade } from '../../../src/live/index.js';
import { rowOf, tinyBundle } from '../../helpers/tiny-market.js';

const lazy = defineStrategy({ parameters: {}, handleData: () => {} });

const told = async (feed: Feed): Promise<FeedEvent[]> => {
  const events: FeedEvent[] = [];
  for await (const event of feed) events.push(event);
  return events;
};

/** A feed of the same assets that tells something else. */
const retold = ({ calendar, frequency, assets }: Feed, events: readonly FeedEvent[]): Feed => ({
  calendar,
  frequency,
  assets,
  async *[Symbol.asyncIterator](): AsyncIterator<FeedEvent> {
    yield* events;
  },
});

const words = (events: readonly FeedEvent[]): string[] =>
  events.map((event) => {
    const where = 'symbol' in event ? ` ${event.symbol}` : '';
    return `${event.kind}${where}${'label' in event ? ` ${rowOf(event.label)}` : ''}`;
  });

describe('a recorded feed', () => {
  it('tells of a bundle in the order in which it became known', async () => {
    const bundle = await tinyBundle({
      assets: { A: '10 . 6', B: '- 20 -' },
      splits: [{ symbol: 'A', row: 1, ratio: '2' }],
      dividends: [{ symbol: 'A', row: 2, amount: '0.5', payRow: 4 }],
    });
    const events = await told(new RecordedFeed(bundle));
    // The split falls on a bar that is missing: it shows with the next one.
    expect(words(events)).toEqual([
      ...['listed A', 'opening 0', 'bar A 0', 'arrived 0', 'complete 0', 'closed 0'],
      ...['listed B', 'opening 1', 'bar B 1', 'arrived 1', 'complete 1', 'closed 1'],
      ...['delisted B', 'opening 2', 'split A', 'dividend A', 'bar A 2', 'arrived 2', 'complete 2', 'closed 2'],
    ]);
    expect(events.find(({ kind }) => kind === 'bar')).toEqual({
      ...{ kind: 'bar', symbol: 'A', label: Date.UTC(2020, 0, 1) },
      ...{ open: 10, high: 10, low: 10, close: 10, volume: 1000 },
    });
  });

  it('takes symbols and an end, and refuses what a backtest does', async () => {
    const bundle = await tinyBundle({ assets: { A: '10 11 12', B: '1 2 3' } });
    const events = await told(new RecordedFeed(bundle, { symbols: ['B'], end: '2020-01-02' }));
    expect(words(events).filter((word) => word.startsWith('bar'))).toEqual(['bar B 0', 'bar B 1']);
    expect(() => new RecordedFeed(bundle, { symbols: ['C'] })).toThrowError("'tiny' has no symbol 'C'");
    expect(() => new RecordedFeed(bundle, { ends: '2020-01-02' } as never)).toThrowError("'ends'");
  });
});

describe('an arriving market', () => {
  it('holds what has arrived, and not a value more', async () => {
    const feed = new RecordedFeed(await tinyBundle({ assets: { A: '10 11 . 13', B: '- 1 2 -' } }));
    const market = new ArrivingMarket(feed);
    const [a, b] = market.assets.map(({ listing }) => listing.column('close') as Float64Array);
    const rows: number[] = [];
    for await (const event of feed) {
      market.hear(event);
      if (event.kind === 'arrived') {
        // The bar lies before the engine's door.
        expect(a!.buffer.byteLength).toBe(8 * market.to);
        market.complete();
        rows.push(a!.length);
        expect([a!.buffer.byteLength, b!.buffer.byteLength]).toEqual([8 * market.to, 8 * market.to]);
        expect(a![market.to]).toBeUndefined();
      }
    }
    expect(rows).toEqual([1, 2, 3, 4]);
    expect([...a!]).toEqual([10, 11, Number.NaN, 13]);
    expect([...b!]).toEqual([Number.NaN, 1, 2, Number.NaN]);
    expect([...market.assets[0]!.marks]).toEqual([10, 11, 11, 13]);
    expect(market.assets[1]!.listing.end).toBe(3);
  });
});

describe('a feed that is not in order', () => {
  it.each([
    ['a bar before its opening', [0, 2, 1]],
    ['a bar of another label', [0, 1, 8]],
    ['a second opening', [0, 1, 2, 7]],
    ['the same label again', [0, 1, 2, 3, 4, 5, 1]],
    ['a bar that is over twice', [0, 1, 2, 3, 4, 4]],
    ['a close before the bar is over', [0, 1, 2, 3, 5]],
    ['a dividend behind its bar', [0, 1, 2, 3, 4, 6]],
  ])('is refused: %s', async (_, places) => {
    const recorded = new RecordedFeed(await tinyBundle({ assets: { A: '10 11' } }));
    const [first, ...rest] = await told(recorded);
    const all: FeedEvent[] = [first!, ...rest.slice(0, 5)];
    all.push({ kind: 'dividend', symbol: 'A', exDate: 0, payDate: undefined, amount: '1' }, rest[5]!, rest[6]!);
    const feed = retold(
      recorded,
      places.map((place) => all[place]!),
    );
    await expect(trade(lazy, { feed, broker: new PaperBroker(feed) })).rejects.toMatchObject({
      code: 'FEED_OUT_OF_ORDER',
    });
  });
});

describe('trade', () => {
  it('refuses options that it does not know, and spans without bars', async () => {
    const feed = new RecordedFeed(await tinyBundle({ assets: { A: '10 11' } }));
    const broker = new PaperBroker(feed);
    await expect(trade(lazy, { feed, broker, benchmark: 'A' } as never)).rejects.toThrowError("'benchmark'");
    await expect(trade(lazy, { feed, broker, symbols: ['B'] })).rejects.toThrowError("The feed has no symbol 'B'");
    await expect(trade(lazy, { feed, broker, start: 'soon' })).rejects.toThrowError("not 'soon'");
    await expect(trade(lazy, { feed, broker, start: '2021-01-01' })).rejects.toMatchObject({ code: 'EMPTY_SPAN' });
  });
});
