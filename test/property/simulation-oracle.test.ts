import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Rounding, ScaledInteger } from '../../src/core/scaled-integer.js';
import { DirectHistory } from '../../src/data/history.js';
import { openAccount, parseAccount } from '../../src/engine/account-options.js';
import type { Delisting } from '../../src/engine/corporate-actions.js';
import type { FillRule } from '../../src/engine/fill-rule.js';
import { viewOf } from '../../src/engine/market-view.js';
import { exactPrice, isFill, StreamKind } from '../../src/engine/order-stream.js';
import { Sleeve } from '../../src/engine/sleeve.js';
import { type AnyDefinition, defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import { parseCommission, parseSlippage } from '../../src/execution/models.js';
import { DirectIndicators } from '../../src/indicators/columns.js';
import { type ClaimedFill, naiveAccount } from '../helpers/naive-account.js';
import { type RandomMarket, randomMarket, tinyOf } from '../helpers/random-market.js';
import { randomStrategy } from '../helpers/random-strategy.js';
import { expectSame, expectWithin } from '../helpers/same.js';
import { openTiny } from '../helpers/tiny-market.js';

const OPENING = '25000.5';
const SCALES = { money: 8, quantity: 8 };

const costs = fc.record({
  commission: fc.constantFrom('none', 'percent:0.00125', 'per-share:0.005,min=1'),
  slippage: fc.constantFrom('none', 'bps:2.5'),
  fill: fc.constantFrom<FillRule>('next-open', 'next-close', 'same-close'),
  unaffordable: fc.constantFrom<'trim' | 'reject'>('trim', 'reject'),
  account: fc.constantFrom('cash', 'cash', 'margin', 'margin:leverage=5,maintenance=0.19'),
  delisting: fc.constantFrom<Delisting>('hold', 'close'),
});

type Costs = typeof costs extends fc.Arbitrary<infer T> ? T : never;

type Claimed = ClaimedFill & { readonly isSettlement: boolean };

interface Counted {
  readonly fills: readonly Claimed[];
  readonly equity: Float64Array;
  readonly ending: string;
  readonly checks: number;
  /** Times that a position was found short, and cash below zero. */
  readonly shorts: number;
  readonly debts: number;
  readonly calls: number;
}

/** Runs the random strategy and holds the books against `cash + receivable + cost = opening + realised - fees` wherever it is asked. */
async function count(
  market: RandomMarket,
  { commission, slippage, fill, unaffordable, account: kind, delisting }: Costs,
  seed: number,
): Promise<Counted> {
  using bundle = await openTiny(tinyOf(market));
  const view = viewOf(bundle, {});
  const account = openAccount(parseAccount(kind), {
    scales: SCALES,
    commission: parseCommission(commission),
    unaffordable,
  });
  const mayBorrow = kind !== 'cash';
  const opening = ScaledInteger.fromDecimalString(OPENING, 8, 'exact');
  let checks = 0;
  let shorts = 0;
  let debts = 0;
  let calls = 0;
  let sleeve: Sleeve | undefined;
  const check = (): void => {
    checks++;
    const { cash, receivable, realisedProfit, fees } = account.ledger;
    let cost = 0n;
    for (const { book } of sleeve!.broker.lines) {
      cost += book.cost.toBigInt();
      if (book.quantity.isZero) expectSame(book.cost.isZero, true);
      if (!mayBorrow) expectWithin(book.quantity.sign(), 0, 1);
      shorts += Number(book.quantity.sign() < 0);
      expectSame(book.isFlat, book.held === 0 && book.working === 0);
    }
    if (!mayBorrow) expectWithin(cash.sign(), 0, 1);
    debts += Number(cash.sign() < 0);
    expectSame(
      cash.toBigInt() + receivable.toBigInt() + cost,
      opening.toBigInt() + realisedProfit.toBigInt() - fees.toBigInt(),
    );
  };
  const strategy = randomStrategy([], { warmUp: 1 });
  const act = strategy.handleData as NonNullable<AnyDefinition['handleData']>;
  const definition = definitionOf(
    defineStrategy({
      parameters: {},
      ...strategy,
      beforeTradingStart: check,
      onFill: check,
      onOrder: check,
      handleData(context: never, data: never, params: never) {
        check();
        return act(context, data, params);
      },
    } as never),
  );
  sleeve = new Sleeve({
    definition,
    view,
    assets: view.assets,
    account,
    slippage: parseSlippage(slippage),
    fill,
    delisting,
    history: new DirectHistory(),
    indicators: new DirectIndicators(),
  });
  const equity = new Float64Array(view.to - view.from);
  sleeve.run({
    params: {},
    cash: opening,
    equity,
    seed,
    randomLabels: [],
    record: () => {},
    log: () => {},
  });
  check();
  const fills: Claimed[] = [];
  const { stream } = sleeve.broker;
  for (let at = 0; at < stream.length; at++) {
    const { kind, row, sid, quantity, ticks, priceDecimals, fee } = stream.read(at);
    if (kind === StreamKind.MarginCall) calls++;
    if (!isFill(kind)) continue;
    fills.push({
      row,
      isSettlement: kind === StreamKind.Settlement,
      symbol: bundle.assets[sid]!.symbol,
      quantity: quantity.toString(8),
      price: exactPrice(ticks, priceDecimals).toString(),
      fee: fee.toString(8),
    });
  }
  return {
    fills,
    equity,
    ending: sleeve.broker.valuation.exactValue(view.to - 1).toString(8),
    checks,
    shorts,
    debts,
    calls,
  };
}

/** What a fill should have cost: the bar's price moved against the trader, and the fee of the model, by hand. */
function expectFairFill(
  market: RandomMarket,
  { row, symbol, quantity, price, fee, isSettlement }: Claimed,
  costs: Costs,
): void {
  const { first, bars } = market.assets.find((asset) => asset.symbol === symbol)!;
  if (isSettlement) {
    // After the last bar, at its close, without slippage and fee.
    expect([row, costs.delisting, fee]).toEqual([first + bars.length, 'close', '0']);
    expect(Number(price) * 100).toBeCloseTo(bars.at(-1)![1], 8);
    return;
  }
  const bar = bars[row - first];
  expect(bar, 'a fill on a bar that never traded').not.toBeNull();
  const cents = costs.fill === 'next-open' ? bar![0] : bar![1];
  const buys = !quantity.startsWith('-');
  const points = costs.slippage === 'none' ? 0 : 25;
  // Cents times a hundred thousand, exactly.
  const expected = BigInt(cents) * BigInt(buys ? 100_000 + points : 100_000 - points);
  expect(ScaledInteger.fromDecimalString(price, 7, 'exact').toBigInt()).toBe(expected);
  const units = ScaledInteger.fromDecimalString(quantity.replace('-', ''), 8, 'exact');
  if (costs.commission === 'none') expect(fee).toBe('0');
  else if (costs.commission.startsWith('per-share')) {
    const half = units.toBigInt() * 5n;
    const exact = Number(half) / 1e11;
    expect(Number(fee)).toBeCloseTo(Math.max(1, exact), 7);
  } else {
    const gross = new ScaledInteger().setProduct(units, Number(expected), 7, Rounding.HalfEven);
    expect(fee).toBe(new ScaledInteger().setProduct(gross, 125, 5, Rounding.HalfEven).toString(8));
  }
}

it('equity and books equal a count by hand, whatever the market does', async () => {
  let filled = 0;
  let checked = 0;
  let shorts = 0;
  let debts = 0;
  let calls = 0;
  let settled = 0;
  await fc.assert(
    fc.asyncProperty(randomMarket(), costs, fc.nat(1_000_000), async (market, terms, seed) => {
      const { fills, equity, ending, checks, ...found } = await count(market, terms, seed);
      for (const fill of fills) expectFairFill(market, fill, terms);
      const naive = naiveAccount(market, OPENING, fills);
      const last = Math.max(...market.assets.map(({ first, bars }) => first + bars.length));
      expect(equity).toHaveLength(last);
      for (let row = 0; row < last; row++) {
        // The count by hand rounds each position to money's last decimal, the curve of doubles does not.
        const byHand = naive.equity[row]!.toNumber();
        if (!(Math.abs(equity[row]! - byHand) < 1.5e-8)) expect.fail(`row ${row}: ${equity[row]} is not ${byHand}`);
      }
      expect(ending).toBe(naive.equity[last - 1]!.toString());
      filled += fills.length;
      shorts += found.shorts;
      debts += found.debts;
      calls += found.calls;
      settled += fills.filter(({ isSettlement }) => isSettlement).length;
      checked += checks;
    }),
    { numRuns: 1_000 },
  );
  expect(filled).toBeGreaterThan(2_000);
  expect(checked).toBeGreaterThan(20_000);
  expect(shorts).toBeGreaterThan(1_000);
  expect(debts).toBeGreaterThan(500);
  expect(calls).toBeGreaterThan(5);
  expect(settled).toBeGreaterThan(10);
}, 240_000);
