import { describe, expect, it } from 'vitest';
import { defineStrategy, type StrategyDefinition } from '../../../src/engine/strategy.js';
import {
  type AccountTerms,
  type Broker,
  type BrokerAccount,
  type BrokerOrder,
  type BrokerReport,
  type Feed,
  type FeedEvent,
  PaperBroker,
  RecordedFeed,
  trade,
} from '../../../src/live/index.js';
import { rowOf, type TinyMarket, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10>11 12>13 14>15 16>17 18>19' } };

type Handlers = Omit<StrategyDefinition<Record<never, never>, unknown>, 'parameters'>;

const defined = (handlers: Handlers) => defineStrategy({ parameters: {}, ...handlers } as never);

/** A broker on another continent: what the paper broker reports arrives one bar later. */
class LateBroker implements Broker {
  readonly #paper: PaperBroker;
  readonly #accounts: LateAccount[] = [];

  constructor(feed: Feed) {
    this.#paper = new PaperBroker(feed);
  }

  async open(terms: AccountTerms): Promise<readonly BrokerAccount[]> {
    this.#accounts.push(...(await this.#paper.open(terms)).map((account) => new LateAccount(account)));
    return this.#accounts;
  }

  async hear(event: FeedEvent): Promise<void> {
    if (event.kind === 'arrived') for (const account of this.#accounts) account.deliver();
    await this.#paper.hear(event);
  }
}

class LateAccount implements BrokerAccount {
  readonly #account: BrokerAccount;
  readonly #waiting: BrokerReport[] = [];
  #hear: (report: BrokerReport) => void = () => {};

  constructor(account: BrokerAccount) {
    this.#account = account;
    account.listen((report) => void this.#waiting.push(report));
  }

  submit = (order: BrokerOrder): void => this.#account.submit(order);
  cancel = (id: string): void => this.#account.cancel(id);
  replace: BrokerAccount['replace'] = (id, change) => this.#account.replace(id, change);
  pair = (ids: readonly string[]): void => this.#account.pair(ids);

  listen(hear: (report: BrokerReport) => void): void {
    this.#hear = hear;
  }

  deliver(): void {
    for (const report of this.#waiting.splice(0)) this.#hear(report);
  }
}

/** A broker that answers each order as it is told to, by the number of the order. */
class ScriptedBroker implements Broker {
  readonly orders: BrokerOrder[] = [];
  readonly #answers: (order: BrokerOrder) => readonly BrokerReport[];

  constructor(answers: (order: BrokerOrder) => readonly BrokerReport[]) {
    this.#answers = answers;
  }

  async open({ accounts }: AccountTerms): Promise<readonly BrokerAccount[]> {
    return accounts.map(() => {
      let hear: (report: BrokerReport) => void = () => {};
      return {
        submit: (order) => {
          this.orders.push(order);
          for (const report of this.#answers(order)) queueMicrotask(() => hear(report));
        },
        cancel: () => {},
        replace: () => {},
        pair: () => {},
        listen: (listener) => {
          hear = listener;
        },
      };
    });
  }
}

const fill = (id: string, quantity: string, cents: number, isLast: boolean): BrokerReport => ({
  kind: 'fill',
  id,
  quantity,
  ticks: cents,
  priceDecimals: 2,
  fee: '0.05',
  isLast,
});

describe('reports', () => {
  it('may be late: the order works until then, and the strategy hears of it with the bar on which it arrives', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const log: string[] = [];
    const result = await trade(
      defined({
        handleData({ now, order, asset, portfolio }) {
          const { isFlat, quantity } = portfolio.position(asset);
          log.push(`bar ${rowOf(now - 1)} holds ${quantity}, ${order.open().length} open, flat ${isFlat}`);
          if (isFlat) order(asset, 2);
        },
        onFill: ({ now, portfolio }, { price }) =>
          void log.push(`fill ${rowOf(now)} at ${price}, cash ${portfolio.cash}`),
      }),
      { feed, broker: new LateBroker(feed) },
    );
    expect(log).toEqual([
      'bar 0 holds 0, 0 open, flat true',
      'bar 1 holds 0, 1 open, flat false',
      'fill 2 at 12, cash 99976',
      'bar 2 holds 2, 0 open, flat false',
      'bar 3 holds 2, 0 open, flat false',
      'bar 4 holds 2, 0 open, flat false',
    ]);
    expect([...result.equity]).toEqual([100_000, 100_000, 100_006, 100_010, 100_014]);
  });

  it('of a fill count although the strategy has cancelled the order meanwhile', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const log: string[] = [];
    await trade(
      defined({
        initialize: () => ({ order: undefined as { cancel(): void; status: string } | undefined }),
        handleData({ now, order, asset, portfolio, state }: never) {
          const row = rowOf((now as number) - 1);
          const held = state as { order: { cancel(): void; status: string } | undefined };
          if (row === 0) held.order = (order as (...given: unknown[]) => typeof held.order)(asset, 2);
          if (row === 1) held.order!.cancel();
          const { quantity, isFlat } = (
            portfolio as { position(asset: unknown): { quantity: number; isFlat: boolean } }
          ).position(asset);
          log.push(`${held.order!.status} ${quantity} ${isFlat}`);
        },
      } as never),
      { feed, broker: new LateBroker(feed) },
    );
    expect(log).toEqual(['working 0 false', 'cancelled 0 true', 'filled 2 false', 'filled 2 false', 'filled 2 false']);
  });

  it('may come in parts: the order works until the last, its price is the average', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const broker = new ScriptedBroker(({ id }) => [fill(id, '2', 1200, false), fill(id, '3', 1300, true)]);
    const seen: unknown[] = [];
    const result = await trade(
      defined({
        handleData({ order, asset, portfolio }) {
          if (portfolio.position(asset).isFlat) order(asset, 5, { tag: 'entry' });
        },
        onFill: (_context, { quantity, price, order, exact }) =>
          void seen.push([quantity, price, exact.fee.toString(), order.filled, order.averagePrice, order.status]),
      }),
      { feed, broker },
    );
    // Both parts are entered before the strategy hears of the first.
    expect(seen).toEqual([
      [2, 12, '0.05', 5, 12.6, 'filled'],
      [3, 13, '0.05', 5, 12.6, 'filled'],
    ]);
    expect(broker.orders).toEqual([
      { id: '0-A-1', number: 1, symbol: 'A', wants: { kind: 'units', units: '5' }, tag: 'entry' },
    ]);
    expect(result.endingEquity.toString()).toBe('100031.9');
  });

  it('of a rejection reach onOrder, and of unknown orders nobody', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const broker = new ScriptedBroker(({ id }) => [
      { kind: 'cancelled', id: 'of another account', reason: 'x' },
      { kind: 'rejected', id, reason: 'the market is closed' },
      { kind: 'expired', id, reason: 'it has ended already' },
    ]);
    const heard: string[] = [];
    const result = await trade(
      defined({
        handleData({ order, asset }, data) {
          if (data.close(asset) === 11) order(asset, 1);
        },
        onOrder: ({ now }, { status, reason }) => void heard.push(`${rowOf(now - 1)} ${status}: ${reason}`),
      }),
      { feed, broker },
    );
    expect(heard).toEqual(['0 rejected: the market is closed']);
    expect(result.fills).toEqual([]);
  });
});

describe('the paper broker', () => {
  it('answers nothing within a call', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const broker = new PaperBroker(feed);
    const [account] = await opened(broker, feed);
    const reports: BrokerReport[] = [];
    account!.listen((report) => void reports.push(report));
    account!.submit({ id: 'one', number: 1, symbol: 'A', wants: { kind: 'units', units: '3' }, tag: undefined });
    account!.submit({ id: 'two', number: 2, symbol: 'B', wants: { kind: 'position' }, tag: undefined });
    account!.cancel('one');
    account!.cancel('nobody knows it');
    expect(reports).toEqual([]);
    await broker.hear({ kind: 'split', symbol: 'A', exDate: 0, ratio: '1' });
    expect(reports).toEqual([
      { kind: 'rejected', id: 'two', reason: 'B is not traded in this account' },
      { kind: 'cancelled', id: 'one', reason: 'by the strategy' },
    ]);
  });

  it('changes a waiting order, and tells where it stands', async () => {
    const feed = new RecordedFeed(await tinyBundle(MARKET));
    const broker = new PaperBroker(feed);
    const [account] = await opened(broker, feed);
    const reports: BrokerReport[] = [];
    account!.listen((report) => void reports.push(report));
    const terms = { limit: 90_000, timeInForce: 'gtc', stopLoss: { kind: 'price', ticks: 80_000 } } as const;
    account!.submit({ id: 'one', number: 1, symbol: 'A', wants: { kind: 'units', units: '3' }, terms, tag: undefined });
    account!.replace('one', { limit: 125_000, units: '2' });
    account!.replace('another', { limit: 1 });
    for await (const event of feed) {
      if (rowOf(event.kind === 'opening' ? event.label : 0) >= 2) break;
      if (event.kind !== 'opening' || rowOf(event.label) > 0) await broker.hear(event).catch(() => {});
    }
    expect(reports.slice(0, 2)).toEqual([
      expect.objectContaining({ kind: 'fill', id: 'one', quantity: '2', ticks: 100_000, isLast: true, moment: 'open' }),
      { kind: 'terms', id: 'one/stop-loss', isWorking: true, limit: Number.NaN, stop: 80_000, left: '-2' },
    ]);
  });

  it('serves one run, and refuses slippage of which the feed does not tell', async () => {
    const bundle = await tinyBundle(MARKET);
    const feed = new RecordedFeed(bundle);
    const broker = new PaperBroker(feed);
    const lazy = defined({ handleData: () => {} });
    await trade(lazy, { feed, broker });
    const again = new RecordedFeed(bundle);
    await expect(trade(lazy, { feed: again, broker })).rejects.toThrowError(/out of order/);
    await expect(
      trade(lazy, { feed: again, broker: new PaperBroker(again), slippage: 'volatility:0.1' }),
    ).rejects.toThrowError("the slippage 'volatility:0.1' asks for more");
  });
});

/** Opens one account at the opening of the first bar. */
async function opened(broker: PaperBroker, feed: RecordedFeed): Promise<readonly BrokerAccount[]> {
  let terms: AccountTerms | undefined;
  const asks: Broker = {
    open: async (asked) => {
      terms = asked;
      throw new Error('that is all');
    },
  };
  await trade(defined({ handleData: () => {} }), { feed, broker: asks }).catch(() => {});
  for await (const event of feed) {
    await broker.hear(event);
    if (event.kind === 'opening') break;
  }
  return broker.open(terms!);
}
