import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asEpochMs } from '../../../src/core/brand.js';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { DirectHistory } from '../../../src/data/history.js';
import { resampledDraft } from '../../../src/data/resample.js';
import { longerRuns, longerView } from '../../../src/engine/longer-view.js';
import { type MarketView, viewOf } from '../../../src/engine/market-view.js';
import { type RunOptions, resolveRunOptions } from '../../../src/engine/run-options.js';
import { Simulation } from '../../../src/engine/simulation.js';
import { type AnyDefinition, defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import { DirectIndicators } from '../../../src/indicators/columns.js';
import type { Frequency } from '../../../src/market/bars.js';
import { resampleAxis } from '../../../src/market/resampling.js';
import { randomMarket, tinyOf } from '../../helpers/random-market.js';
import { expectSame, expectSameValues } from '../../helpers/same.js';
import { labelledDraft, sessionLabels } from '../../helpers/session-bars.js';
import { openTiny, tinyDraft } from '../../helpers/tiny-market.js';

/** Buys half of the cash on every third bar and sells on those behind: many fills, among them before and after events. */
const busy = definitionOf(
  defineStrategy({
    parameters: {},
    initialize: ({ assets }) => ({ assets, bar: 0 }),
    handleData({ state, order, portfolio }) {
      state.bar++;
      for (const [index, asset] of state.assets.entries()) {
        if ((state.bar + index) % 3 === 0) order.notional(asset, 2000);
        else if (portfolio.position(asset).quantity !== 0) order.target(asset, 0);
      }
    },
  }) as never,
) as AnyDefinition;

const simulationOver = (view: MarketView, definition: AnyDefinition, options: RunOptions = {}): Simulation =>
  new Simulation({
    definition,
    view,
    run: resolveRunOptions(options),
    indicators: new DirectIndicators(),
    history: new DirectHistory(),
  });

const input = { params: {}, seed: 1, randomLabels: ['trial', 0] };

/** A bundle of one asset, A, over the sessions between two dates. */
const labelled = (calendar: string, frequency: Frequency, from: string, to: string): Promise<Bundle> =>
  bundleFromColumns(labelledDraft(calendar, frequency, sessionLabels(calendar, frequency, from, to)));

describe('longerView', () => {
  it('is what a run sees on the longer bars that are put into a bundle, over those within it whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomMarket(40),
        fc.constantFrom('1w' as const, '1mo' as const),
        fc.nat(12),
        fc.nat(12),
        async (market, frequency, skip, drop) => {
          using bundle = await openTiny(tinyOf(market));
          const whole = viewOf(bundle, {});
          const rows = [whole.from + skip, Math.max(whole.from + skip + 1, whole.to - drop)] as const;
          if (rows[0] >= whole.to) return;
          const run = viewOf(bundle, { rows });
          const { bars } = resampleAxis(run.group, frequency);
          const isWhole = (bar: number): boolean =>
            bars.every((each, row) => each !== bar || (row >= run.from && row < run.to));
          const inside = [...new Set(bars)].filter(isWhole);
          expectSame(
            longerRuns(run).some((longer) => longer.frequency === frequency),
            inside.length >= 2,
          );
          if (inside.length === 0) return;
          const view = longerView(run, frequency);
          // Bars in which no asset lives are no part of a run.
          const lives = (bar: number): boolean =>
            view.assets.some(({ listing }) => bar >= listing.first && bar < listing.end);
          const living = inside.filter(lives);
          expectSameValues([view.from, view.to], [living[0]!, living.at(-1)! + 1]);

          using stored = await bundleFromColumns(resampledDraft(bundle, [frequency]), { sharing: 'shared' });
          const expected = viewOf(stored, { frequency, rows: [view.from, view.to] });
          expectSameValues(view.group.times, expected.group.times);
          expectSameValues(view.group.opens, expected.group.opens);
          expectSameValues(view.group.closes, expected.group.closes);
          expectSame(view.assets.length, expected.assets.length);
          for (const [index, asset] of view.assets.entries()) {
            const other = expected.assets[index]!;
            expectSame(asset.asset.symbol, other.asset.symbol);
            expectSameValues([asset.listing.first, asset.listing.end], [other.listing.first, other.listing.end]);
            for (const field of other.listing.fields) {
              expectSameValues(asset.listing.column(field), other.listing.column(field));
            }
            expect(asset.events).toEqual(other.events);
            expect(asset.schedule).toEqual(other.schedule);
          }
          expect(simulationOver(view, busy).summary(input)).toEqual(simulationOver(expected, busy).summary(input));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('counts its own bars a year, also where the run says how many of its bars make one', async () => {
    using bundle = await labelled('XNYS', '1d', '2021-01-04', '2022-12-30');
    const run = viewOf(bundle, {});
    const view = longerView(run, '1w');
    expect(longerRuns(run)).toEqual([
      { frequency: '1w', share: 52 / 252 },
      { frequency: '1mo', share: 12 / 252 },
    ]);
    expect(simulationOver(view, busy).annualization).toBe(52);
    expect(simulationOver(view, busy, { annualization: 126 }).annualization).toBe(26);
    expect(simulationOver(run, busy, { annualization: 126 }).annualization).toBe(126);
  });

  it('has lengths that differ in their bars: days for what makes one bar a session', async () => {
    using bundle = await labelled('XNYS', '1h', '2021-03-01', '2021-05-28');
    // Seven bars a session, four of 2 h, two of 4 h and of 6 h.
    expect(longerRuns(viewOf(bundle, {}))).toEqual([
      { frequency: '2h', share: 4 / 7 },
      { frequency: '4h', share: 2 / 7 },
      { frequency: '1d', share: 1 / 7 },
      { frequency: '1w', share: 52 / (7 * 252) },
      { frequency: '1mo', share: 12 / (7 * 252) },
    ]);
    using weeks = await bundleFromColumns(resampledDraft(bundle, ['1w']));
    expect(longerRuns(viewOf(weeks, { frequency: '1w' }))).toEqual([]);
  });

  it('reads windows of the past in every length that the run reads them in, as of the close of a bar', async () => {
    using bundle = await labelled('XNYS', '1h', '2021-03-01', '2021-04-30');
    const seen: string[] = [];
    const asking = definitionOf(
      defineStrategy({
        parameters: {},
        initialize: ({ asset }) => ({ asset }),
        handleData({ state: { asset } }, data) {
          const last = (frequency?: Frequency): number =>
            data.history(asset, 'close', 1, frequency).column(asset, 'close')[0]!;
          seen.push([last(), last('1h'), last('4h'), last('1d'), last('1mo')].join(' '));
        },
      }) as never,
    ) as AnyDefinition;
    simulationOver(longerView(viewOf(bundle, {}), '1w'), asking).summary(input);
    // 35 hours a week, 23 sessions in March: a window of a week's close knows the hours, the days and the complete months up to it.
    expect(seen.slice(0, 2)).toEqual(['100.34 100.34 100.34 100.34 NaN', '100.69 100.69 100.69 100.69 NaN']);
    expect(seen[4]).toBe('101.67 101.67 101.67 101.67 101.6');
  });

  it.each(['B', 'OLD'])(
    'is compared with a benchmark on the same bars, by its symbol or a former ticker: %s',
    async (benchmark) => {
      const draft = tinyDraft({
        assets: {
          A: Array.from({ length: 60 }, (_, row) => 100 + ((row * 7) % 11)).join(' '),
          B: Array.from({ length: 60 }, (_, row) => 50 + ((row * 5) % 13)).join(' '),
        },
      });
      const [group] = draft.groups;
      const [a, b] = group!.assets;
      const [until, since] = [asEpochMs(group!.times[20]!), asEpochMs(group!.times[21]!)];
      const renamed = {
        ...b!,
        tickers: [
          { ticker: 'OLD', to: until },
          { ticker: 'B', from: since },
        ],
      };
      using bundle = await bundleFromColumns({ ...draft, groups: [{ ...group!, assets: [a!, renamed] }] });
      const options = { benchmark };
      const run = viewOf(bundle, { symbols: ['A'] });
      using stored = await bundleFromColumns(resampledDraft(bundle, ['1w']));
      const view = longerView(run, '1w', benchmark);
      const expected = viewOf(stored, { frequency: '1w', symbols: ['A'], rows: [view.from, view.to] });
      const own = simulationOver(view, busy, options).full(input).result.statistics();
      expect(own.beta).toBeTypeOf('number');
      expect(own).toEqual(simulationOver(expected, busy, options).full(input).result.statistics());
    },
  );
});
