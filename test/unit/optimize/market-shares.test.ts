import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MarketView, viewOf } from '../../../src/engine/market-view.js';
import { float, type ParameterMap } from '../../../src/engine/parameters.js';
import { openStudy } from '../../../src/optimize/index.js';
import { type MarketShares, marketShares } from '../../../src/optimize/market-shares.js';
import { partsOf } from '../../../src/optimize/partial-data.js';
import { bohb } from '../../../src/optimize/samplers/bohb.js';
import { budgetLadder } from '../../../src/optimize/samplers/budget-ladder.js';
import type { Fidelity } from '../../../src/optimize/samplers/sampler.js';
import { shareText } from '../../../src/optimize/share-text.js';
import { symbolOrder } from '../../../src/optimize/symbol-order.js';
import { randomMarket, tinyOf } from '../../helpers/random-market.js';
import { expectSame } from '../../helpers/same.js';
import { openTiny, type TinyMarket, tinyBundle } from '../../helpers/tiny-market.js';

const DAILY: MarketShares = {
  symbols: ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'],
  frequency: '1d',
  lengths: [
    { frequency: '1w', share: 52 / 252 },
    { frequency: '1mo', share: 12 / 252 },
  ],
};
const NO_BENCHMARK = { benchmark: undefined };
const lettered = (count: number): string[] => Array.from({ length: count }, (_, at) => `S${at}`);

describe('the ladder over a market', () => {
  it.each([
    { part: 'symbols', options: {}, budgets: [1 / 8, 3 / 8, 1] },
    { part: 'symbols', options: { minBudget: 0.5, eta: 2 }, budgets: [4 / 8, 1] },
    { part: 'symbols', options: { maxBudget: 0.5, minBudget: 0.25, eta: 2 }, budgets: [2 / 8, 4 / 8] },
    { part: 'symbols', options: { maxBudget: 0.95 }, budgets: [1 / 8, 3 / 8, 7 / 8] },
    { part: 'frequency', options: {}, budgets: [52 / 252, 1] },
    { part: 'frequency', options: { maxBudget: 0.6 }, budgets: [12 / 252, 52 / 252] },
    { part: 'frequency', options: { eta: 5, minBudget: 0.04 }, budgets: [12 / 252, 52 / 252, 1] },
    { part: 'frequency', options: { minBudget: 1 }, budgets: [1] },
  ] as const)('has the shares by $part next to those of $options, each once', ({ part, options, budgets }) => {
    expect(budgetLadder('bohb', { ...options, part }, DAILY).budgets).toEqual(budgets);
  });

  it('has rungs that grow, whole numbers of symbols, and all of them at its top (property)', () => {
    const options = fc.record({
      minBudget: fc.double({ min: 0.01, max: 1, noNaN: true }),
      eta: fc.double({ min: 2, max: 8, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), options, (count, given) => {
        const symbols = lettered(count);
        const { budgets } = budgetLadder('asha', { ...given, part: 'symbols' }, { ...DAILY, symbols });
        expectSame(budgets.at(-1), 1);
        for (const [rung, budget] of budgets.entries()) {
          expectSame(Math.abs(budget * count - Math.round(budget * count)) < 1e-9, true);
          expectSame(budget > (budgets[rung - 1] ?? 0), true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    { part: 'symbols', market: { ...DAILY, symbols: ['A'] }, says: 'one symbol, of which there is no share' },
    { part: 'frequency', market: { ...DAILY, lengths: [] }, says: "This run's 1d bars make no two longer ones" },
    {
      part: 'frequency',
      market: { ...DAILY, lengths: [{ frequency: '1mo', share: 0.01 }] },
      says: 'come near the shares 25 %, 50 %, 100 %',
    },
    { part: 'symbols', market: undefined, says: 'has no symbols to take a share of: leave bohb.part out' },
    { part: 'frequency', market: undefined, says: 'has no bars to take a share of' },
  ] as const)('refuses $part where $says', ({ part, market, says }) => {
    const options = { part, minBudget: 0.25, eta: 2 };
    expect(() => budgetLadder('bohb', options, market)).toThrow(says);
  });

  it('is of a market: a study that is asked and told has none', async () => {
    const asked = openStudy({
      parameters: { x: float(0, 1) } satisfies ParameterMap,
      search: bohb({ part: 'symbols' }),
    });
    await expect(asked).rejects.toMatchObject({ code: 'NO_MARKET' });
  });
});

/** Rows of a triangle wave, moved by some rows and with a swing of its own. */
const wave = (phase: number, swing: number, rows = 80, noise = 0): string =>
  Array.from({ length: rows }, (_, row) => {
    const place = (row + phase) % 20;
    const odd = ((row * 7919 + phase * 31) % 13) * noise;
    return (100 + swing * (place < 10 ? place : 20 - place) + odd).toFixed(2);
  }).join(' ');

describe('the order of symbols', () => {
  const market: TinyMarket = {
    assets: {
      AGAINST: wave(10, 2),
      NOISY: wave(0, 2, 80, 0.05),
      FLAT: Array(80).fill('50').join(' '),
      YOUNG: `${Array(60).fill('-').join(' ')} ${wave(0, 2, 20)}`,
      PLAIN: wave(0, 2),
      // Alike: the earlier one in the run goes first.
      LATER: `${Array(50).fill('-').join(' ')} ${wave(0, 2, 30)}`,
      AGAIN: wave(0, 2),
      THIRD: wave(0, 2),
    },
  };

  it('is by correlation with all of them, the short-lived last', async () => {
    const bundle = await tinyBundle(market);
    expect(symbolOrder(viewOf(bundle, {}))).toEqual([
      'AGAIN',
      'PLAIN',
      'THIRD',
      'NOISY',
      'AGAINST',
      'FLAT',
      'LATER',
      'YOUNG',
    ]);
    // Over the last rows the young one has lived as long as the others.
    expect(symbolOrder(viewOf(bundle, { rows: [60, 80] })).indexOf('YOUNG')).toBeLessThan(4);
  });

  it('does not take a split for a fall', async () => {
    const halved = wave(0, 2, 80, 0.3)
      .split(' ')
      .map((word, row) => (row < 40 ? word : (Number(word) / 2).toFixed(3)));
    const others = Object.fromEntries(['A', 'B', 'C', 'D'].map((symbol, at) => [symbol, wave(at, 2, 80, 0.1 * at)]));
    const orderOf = async (market: TinyMarket): Promise<string[]> => symbolOrder(viewOf(await tinyBundle(market), {}));
    const assets = { ...others, SPLIT: halved.join(' ') };
    const order = await orderOf({ assets: { ...others, SPLIT: wave(0, 2, 80, 0.3) } });
    expect(await orderOf({ assets, splits: [{ symbol: 'SPLIT', row: 40, ratio: '2' }] })).toEqual(order);
    expect(await orderOf({ assets })).not.toEqual(order);
  });

  it('has every symbol once, whatever the market (property)', async () => {
    await fc.assert(
      fc.asyncProperty(randomMarket(), async (random) => {
        using bundle = await openTiny(tinyOf(random));
        const order = symbolOrder(viewOf(bundle, {}));
        expectSame(
          [...order].sort().join(),
          bundle.assets
            .map(({ symbol }) => symbol)
            .sort()
            .join(),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a share of a market', () => {
  const symbolsOf = (view: Pick<MarketView, 'assets'>): string[] => view.assets.map(({ asset }) => asset.symbol);

  it('by symbols is some of them over all of the time, in the run’s order, each in the larger ones too', async () => {
    const assets = Object.fromEntries(['A', 'B', 'C', 'D', 'E'].map((symbol, at) => [symbol, wave(at, 1 + at)]));
    const view = viewOf(await tinyBundle({ assets }), { rows: [10, 60] });
    const order = ['D', 'A', 'E', 'C', 'B'];
    const fidelity: Fidelity = { part: 'symbols', order };
    const taken = [1, 2, 3, 4].map((count) => {
      const [part] = partsOf(view, count / 5, fidelity, NO_BENCHMARK) as [MarketView];
      expect([part.from, part.to]).toEqual([10, 60]);
      return symbolsOf(part);
    });
    expect(taken).toEqual([['D'], ['A', 'D'], ['A', 'D', 'E'], ['A', 'C', 'D', 'E']]);
    expect(partsOf(view, 1, fidelity, NO_BENCHMARK)[0]).toBe(view);
  });

  it('by frequency is all of it in longer bars', async () => {
    const view = viewOf(await tinyBundle({ assets: { A: wave(0, 2), B: wave(5, 2) } }), {});
    const { lengths } = marketShares(view);
    expect(lengths.map(({ frequency }) => frequency)).toEqual(['1w', '1mo']);
    const [part] = partsOf(view, 52 / 365, { part: 'frequency', lengths }, NO_BENCHMARK) as [MarketView];
    expect([part.group.frequency, part.to - part.from, symbolsOf(part)]).toEqual(['1w', 12, ['A', 'B']]);
  });

  it.each([
    { budget: 1 / 9, fidelity: undefined, text: '11.1 % of the data' },
    { budget: 1 / 9, fidelity: { part: 'start' }, text: '11.1 % of the data' },
    { budget: 3 / 8, fidelity: { part: 'symbols', order: lettered(8) }, text: '3 of 8 symbols' },
    { budget: 52 / 252, fidelity: { part: 'frequency', lengths: DAILY.lengths }, text: '1w bars, 20.6 % as many' },
  ] as const)('is said as $text', ({ budget, fidelity, text }) => {
    expect(shareText(budget, fidelity)).toBe(text);
  });
});
