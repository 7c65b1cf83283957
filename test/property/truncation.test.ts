import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FillRule } from '../../src/engine/fill-rule.js';
import { cutAfter, perturbAfter, type RandomMarket, randomMarket, tinyOf } from '../helpers/random-market.js';
import { randomStrategy, type Sight } from '../helpers/random-strategy.js';
import { fillsOf, openTiny, rowOf, runOn } from '../helpers/tiny-market.js';

const MINUTE = 60_000;

interface Seen {
  readonly sights: readonly Sight[];
  readonly fills: readonly string[];
  readonly equity: readonly number[];
  readonly hash: string;
}

/** What a strategy sees, does and is worth, up to a row; of what it ordered on that row, only that it did. */
async function seenUpTo(market: RandomMarket, row: number, fill: FillRule, seed: number): Promise<Seen> {
  using bundle = await openTiny(tinyOf(market));
  const sights: Sight[] = [];
  const result = runOn(bundle, randomStrategy(sights, seed % 3 === 0 ? {} : { warmUp: 1 }), {
    fill,
    seed,
    cash: 10_000,
    account: seed % 2 === 0 ? 'cash' : 'margin:leverage=4,maintenance=0.2',
    commission: 'percent:0.001',
    slippage: 'bps:5',
  });
  const ends = bundle.groups[0]!.closes[row]!;
  // One day's close is the next one's opening.
  const fills = result.fills.filter(({ time }) => (fill === 'next-open' ? time < ends : time <= ends));
  return {
    sights: sights.filter(([now]) => (now as number) <= ends),
    fills: fillsOf({ ...result, fills }).map((text, at) => `${text} fee ${fills[at]!.exact.fee}`),
    equity: [...result.equity.slice(0, row + 1)],
    hash: result.orderStreamHash,
  };
}

const rules = fc.constantFrom<FillRule>('next-open', 'next-close', 'same-close');

it('decides, fills and is worth the same when the future is cut off or another one', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      rules,
      fc.nat(1_000_000),
      async (market, share, rule, seed) => {
        const latest = Math.max(...market.assets.map(({ first }) => first));
        const row = Math.min(market.length - 1, latest + Math.floor(share * (market.length - latest)));
        // A run ends with the last bar of any asset, so that one has to be there.
        fc.pre(market.assets.some(({ first, bars }) => bars[row - first] != null));
        const whole = await seenUpTo(market, row, rule, seed);
        const cut = await seenUpTo(cutAfter(market, row), row, rule, seed);
        const other = await seenUpTo(perturbAfter(market, row), row, rule, seed);
        expect(cut.sights).toEqual(whole.sights);
        expect(other.sights).toEqual(whole.sights);
        expect(cut.fills).toEqual(whole.fills);
        expect(other.fills).toEqual(whole.fills);
        expect(cut.equity).toEqual(whole.equity);
        expect(other.equity).toEqual(whole.equity);
        compared += whole.fills.length;
      },
    ),
    { numRuns: 1_000 },
  );
  // Not a proof about strategies that sit still.
  expect(compared).toBeGreaterThan(500);
}, 240_000);

it('notices a strategy that looks ahead, planted from outside', async () => {
  const market: RandomMarket = {
    length: 6,
    assets: [{ symbol: 'A', first: 0, bars: [1, 2, 3, 4, 5, 6].map((close) => [close * 10_000, close * 10_000]) }],
    splits: [],
    dividends: [],
  };
  const peeked = async (shown: RandomMarket): Promise<string[]> => {
    using bundle = await openTiny(tinyOf(shown));
    const column = bundle.groups[0]!.listings[0]!.column('close');
    const result = runOn(bundle, {
      handleData({ order, asset, now }) {
        const tomorrow = rowOf(now - MINUTE) + 1;
        if (tomorrow < column.length && column[tomorrow]! > 400) order(asset, 1);
      },
    });
    return fillsOf(result).filter((text) => Number(text.split(' ')[0]) <= 4);
  };
  expect(await peeked(perturbAfter(market, 3))).not.toEqual(await peeked(market));
});

it('gives eq results twenty times over', async () => {
  const [market] = fc.sample(randomMarket(), { numRuns: 1, seed: 7 }) as [RandomMarket];
  const first = await seenUpTo(market, market.length - 1, 'next-open', 3);
  for (let repetition = 0; repetition < 20; repetition++) {
    expect(await seenUpTo(market, market.length - 1, 'next-open', 3)).toEqual(first);
  }
});
