import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bundle } from '../../src/data/bundle.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import type { IntrabarRule } from '../../src/execution/matching.js';
import { cutAfter, type RandomMarket, randomMarket, tinyOf } from '../helpers/random-market.js';
import { type OrderProgram, type ProgramRun, randomProgram } from '../helpers/random-orders.js';
import { expectSame, expectWithin } from '../helpers/same.js';
import { runOn, tinyDraft } from '../helpers/tiny-market.js';

const DAY = 86_400_000;
/** Sessions of New York from Monday 2020-03-02: each opens later than the one before has closed, and none is missing for weeks. */
const sessions = Float64Array.from({ length: 400 }, (_, day) => Date.UTC(2020, 2, 2) + day * DAY).filter((time) =>
  [1, 2, 3, 4, 5].includes(new Date(time).getUTCDay()),
);

/** The market in sessions, with bars that reach beyond their open and close. */
function openSessions(market: RandomMarket): Promise<Bundle> {
  const { assets, ...rest } = tinyOf(market);
  const reaching = Object.fromEntries(
    Object.entries(assets).map(([symbol, bars]) => [
      symbol,
      bars.replace(/([\d.]+)>([\d.]+)/g, (word, open: string, close: string) => {
        const reach = (Math.round(Number(open) * 700 + Number(close) * 300) % 9_000) / 100;
        const [low, high] = [Math.min(Number(open), Number(close)), Math.max(Number(open), Number(close))];
        return `${word}:${(low - reach).toFixed(2)}-${(high + reach / 2).toFixed(2)}`;
      }),
    ]),
  );
  const draft = tinyDraft({ assets: reaching, ...rest });
  const start = draft.groups[0]!.times[0]!;
  const moved = (time: number): number => sessions[Math.round((time - start) / DAY)]!;
  return bundleFromColumns(
    {
      groups: draft.groups.map((group) => ({ ...group, calendar: 'XNYS', times: group.times.map(moved) })),
      splits: draft.splits!.map((split) => ({ ...split, exDate: moved(split.exDate) })),
      dividends: draft.dividends!.map(({ payDate, ...dividend }) => ({
        ...dividend,
        exDate: moved(dividend.exDate),
        ...(payDate === undefined ? {} : { payDate: moved(payDate) }),
      })),
    },
    { name: 'orders', sharing: 'shared' },
  );
}

interface Setting {
  readonly fill: 'next-open' | 'next-close' | 'same-close';
  readonly account: 'cash' | 'margin';
  readonly intrabar: IntrabarRule;
  readonly isLimited: boolean;
  readonly seed: number;
}

/** Share of a bar's volume where orders share it: some forty units. */
const SHARE = 0.04;

const settings: fc.Arbitrary<Setting> = fc.record({
  fill: fc.constantFrom('next-open', 'next-close', 'same-close'),
  account: fc.constantFrom('cash', 'margin'),
  intrabar: fc.constantFrom<IntrabarRule>('pessimistic', 'optimistic', 'close'),
  isLimited: fc.boolean(),
  seed: fc.nat(1_000_000),
});

function execute(bundle: Bundle, { fill, account, intrabar, isLimited, seed }: Setting) {
  const program: OrderProgram = randomProgram();
  const result = runOn(bundle, program.handlers, {
    fill,
    account,
    intrabar,
    seed,
    cash: 100_000,
    commission: 'none',
    ...(isLimited ? { slippage: `volume-share:${SHARE},0` } : {}),
  });
  return { result, ran: program.ran };
}

/** Where an instant lies on the axis, and whether it is an opening. */
function placeOf(bundle: Bundle, time: number): { readonly row: number; readonly isOpening: boolean } {
  const { opens, closes } = bundle.groups[0]!;
  const opening = opens.indexOf(time);
  return opening >= 0 ? { row: opening, isOpening: true } : { row: closes.indexOf(time), isOpening: false };
}

/** Holds every fill against its bar, its order and the position before it. */
function checkFills(bundle: Bundle, market: RandomMarket, setting: Setting, { result, ran }: Executed): void {
  const taken = new Map<string, number>();
  const held = new Map<string, number>();
  const hasSplits = market.splits.length > 0;
  const exits = new Set([...ran.given.keys()].flatMap(({ stopLoss, takeProfit }) => [stopLoss, takeProfit]));
  expect(ran.fills.length).toBe(result.fills.length);
  for (const { order, asset, time, quantity, price } of ran.fills) {
    const { row, isOpening } = placeOf(bundle, time);
    const listing = bundle.groups[0]!.listings[market.assets.findIndex(({ symbol }) => symbol === asset.symbol)]!;
    const at = row - listing.first;
    const [low, high, volume] = (['low', 'high', 'volume'] as const).map((field) => listing.column(field)[at]!);
    expectWithin(price, low!, high!);
    if (isOpening) expectSame(price, listing.column('open')[at]);
    const given = ran.given.get(order);
    if (given !== undefined) {
      const earliest = setting.fill === 'same-close' ? given : given + 1;
      expectWithin(time, earliest, Number.POSITIVE_INFINITY);
    }
    const { limit } = order;
    if (limit !== undefined && !hasSplits && !ran.replaced.has(order)) {
      if (quantity > 0) expectWithin(price, 0, limit);
      else expectWithin(price, limit, Number.POSITIVE_INFINITY);
    }
    const bar = `${asset.symbol} ${row}`;
    taken.set(bar, (taken.get(bar) ?? 0) + Math.abs(quantity));
    if (setting.isLimited) expectWithin(taken.get(bar)!, 0, SHARE * volume!);
    const before = held.get(asset.symbol) ?? 0;
    // Quantities have eight decimals here.
    const after = Math.round((before + quantity) * 1e8) / 1e8;
    held.set(asset.symbol, after);
    if (exits.has(order) && !hasSplits) {
      expect(Math.sign(quantity)).toBe(-Math.sign(before));
      expect(after * before).toBeGreaterThanOrEqual(0);
    }
  }
  if (hasSplits) return;
  for (const [symbol, { quantity }] of ran.held) expectSame(held.get(symbol) ?? 0, quantity);
  if (market.dividends.length > 0) return;
  let value = 100_000;
  for (const { asset, quantity, price } of result.fills) value += quantity * (ran.closes.get(asset.symbol)! - price);
  expect(Number(result.endingEquity.toString())).toBeCloseTo(value, 3);
}

type Executed = { readonly result: ReturnType<typeof runOn>; readonly ran: ProgramRun };

it('fills orders of all kinds within their bars, their volume, their limits and their positions', async () => {
  let fills = 0;
  let exits = 0;
  await fc.assert(
    fc.asyncProperty(randomMarket(), settings, async (market, setting) => {
      using bundle = await openSessions(market);
      const executed = execute(bundle, setting);
      const { result, ran } = executed;
      checkFills(bundle, market, setting, executed);
      for (const [one, other] of ran.pairs) {
        expect([one.status, other.status].filter((status) => status === 'filled').length).toBeLessThan(2);
      }
      for (const order of ran.given.keys()) {
        if (order.status === 'working') expect(Math.abs(order.filled)).toBeLessThanOrEqual(Math.abs(order.quantity));
        else expect(['filled', 'cancelled', 'rejected', 'expired']).toContain(order.status);
        exits += [order.stopLoss, order.takeProfit].filter((exit) => exit?.status === 'filled').length;
      }
      expect(execute(bundle, setting).result.orderStreamHash).toBe(result.orderStreamHash);
      fills += result.fills.length;
    }),
    { numRuns: 1_000 },
  );
  // Not a proof about orders that never fill.
  expect(fills).toBeGreaterThan(3_000);
  expect(exits).toBeGreaterThan(200);
}, 240_000);

it('does nothing else before a row when what follows is cut off', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      settings,
      async (market, share, setting) => {
        const latest = Math.max(...market.assets.map(({ first }) => first));
        const row = Math.min(market.length - 1, latest + Math.floor(share * (market.length - latest)));
        fc.pre(market.assets.some(({ first, bars }) => bars[row - first] != null));
        using whole = await openSessions(market);
        using cut = await openSessions(cutAfter(market, row));
        const ends = whole.groups[0]!.closes[row]!;
        const told = (bundle: Bundle): readonly (readonly string[])[] => {
          const { result, ran } = execute(bundle, setting);
          const fills = result.fills.filter(({ time }) => time <= ends);
          compared += fills.length;
          return [
            fills.map(({ time, asset, exact }) => `${time} ${asset.symbol} ${exact.quantity} @ ${exact.price}`),
            ran.sights.filter(({ now }) => now < ends).map(({ text }) => text),
          ];
        };
        expect(told(cut)).toEqual(told(whole));
      },
    ),
    { numRuns: 1_000 },
  );
  expect(compared).toBeGreaterThan(1_000);
}, 240_000);
