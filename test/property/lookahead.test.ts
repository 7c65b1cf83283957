import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bundle } from '../../src/data/bundle.js';
import { draftOf } from '../../src/data/bundle-draft.js';
import { layOut } from '../../src/data/layout.js';
import type { FillRule } from '../../src/engine/fill-rule.js';
import { viewOf } from '../../src/engine/market-view.js';
import { resolveRunOptions } from '../../src/engine/run-options.js';
import { defineStrategy, definitionOf, type Strategy } from '../../src/engine/strategy.js';
import { alter, canEndWith, openAltered } from '../../src/validate/altered-market.js';
import { AxisRows } from '../../src/validate/axis-rows.js';
import { compare, compareIndicators } from '../../src/validate/comparison.js';
import { type LookaheadOptions, lookahead } from '../../src/validate/lookahead.js';
import type { Trace } from '../../src/validate/trace.js';
import { traceRun } from '../../src/validate/traced-run.js';
import { type RandomMarket, randomMarket, tinyOf } from '../helpers/random-market.js';
import { randomStrategy } from '../helpers/random-strategy.js';
import { openTiny } from '../helpers/tiny-market.js';

const rules = fc.constantFrom<FillRule>('next-open', 'next-close', 'same-close');

/** An honest strategy that decides at random on all that it sees, in one account or in sleeves. */
const honest = (warmUp: boolean, sleeves: boolean): Strategy =>
  defineStrategy({
    parameters: {},
    ...(sleeves ? { sleeves: 'equal' } : {}),
    ...randomStrategy([], warmUp ? { warmUp: 1 } : {}),
  } as never);

/** Whether a strategy is asked on more bars than the last. */
const isLongEnough = ({ assets, length }: RandomMarket): boolean =>
  length > 5 && assets.every(({ first, bars }) => bars.length >= 4 && first < 3);

/** Whether a market may end with the last bar but one, on which each asset that is still listed trades: one cut at least can cut off its future. */
const canLoseItsEnd = ({ assets, length }: RandomMarket): boolean =>
  assets.every(({ first, bars }) => bars[length - 2 - first] !== null);

const costs = { cash: 10_000, commission: 'percent:0.001', slippage: 'bps:5' };

it('never accuses a strategy that knows no more than the engine gave it', async () => {
  let decisions = 0;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(),
      rules,
      fc.nat(1_000_000),
      fc.boolean(),
      fc.boolean(),
      async (market, fill, seed, warmUp, sleeves) => {
        using bundle = await openTiny(tinyOf(market));
        const definition = definitionOf(honest(warmUp, sleeves));
        const run = resolveRunOptions({ ...costs, fill });
        const traceOn = (on: Bundle): Trace =>
          traceRun(definition, viewOf(on, {}), run, { params: {}, seed, trial: 0 });
        const expected = traceOn(bundle);
        const view = viewOf(bundle, {});
        const row = seed % (view.to - 1);
        const by = { rows: new AxisRows(view.group), upTo: row, from: view.from };
        for (const change of ['truncated', 'perturbed'] as const) {
          if (change === 'truncated' && !canEndWith(view, row)) continue;
          using altered = await openAltered(alter(draftOf(bundle), view, { row, change }, seed), 'tiny', 'memory');
          expect(altered.version).not.toBe(bundle.version);
          const found = traceOn(altered);
          expect(compare(expected, found, by)).toBeUndefined();
          expect(compareIndicators(expected, found, by)).toEqual([]);
          compared++;
        }
        decisions += expected.accounts.reduce((sum, account) => sum + account.decisions.length, 0);
      },
    ),
    { numRuns: 1_000 },
  );
  // Not a proof about strategies that sit still.
  expect(decisions).toBeGreaterThan(2_000);
  expect(compared).toBeGreaterThan(1_200);
}, 240_000);

it('clears honest strategies at all of its cuts', async () => {
  const markets = randomMarket().filter((market) => isLongEnough(market) && canLoseItsEnd(market));
  await fc.assert(
    fc.asyncProperty(markets, rules, fc.nat(1_000_000), async (market, fill, seed) => {
      using bundle = await openTiny(tinyOf(market));
      const options: LookaheadOptions = { ...costs, bundle, fill, seed, cuts: 2, cutSeed: seed };
      const report = await lookahead(honest(true, seed % 2 === 0), options);
      expect(report.finding).toBeUndefined();
      // The first decision and the last two bars, with another future each, and one without.
      expect(report.runs).toBeGreaterThan(3);
    }),
    { numRuns: 40 },
  );
});

it('takes a bundle apart and makes the same version of it', async () => {
  await fc.assert(
    fc.asyncProperty(randomMarket(), async (market) => {
      using bundle = await openTiny(tinyOf(market));
      expect(layOut(draftOf(bundle)).manifest).toEqual(bundle.manifest);
    }),
    { numRuns: 1_000 },
  );
});

it('says the same twenty times over', async () => {
  const [market] = fc.sample(randomMarket(14).filter(isLongEnough), { numRuns: 1, seed: 11 }) as [RandomMarket];
  using bundle = await openTiny(tinyOf(market));
  const options: LookaheadOptions = { bundle, cuts: 2, cutSeed: 3, cash: 10_000 };
  const first = await lookahead(honest(true, false), options);
  expect(first.decisions).toBeGreaterThan(0);
  for (let repetition = 0; repetition < 20; repetition++) {
    expect(await lookahead(honest(true, false), options)).toEqual(first);
  }
});
