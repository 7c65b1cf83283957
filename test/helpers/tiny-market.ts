import { onTestFinished } from 'vitest';
import type { Bundle, Sharing } from '../../src/data/bundle.js';
import type { AssetDraft, BundleDraft } from '../../src/data/draft.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import { DirectHistory } from '../../src/data/history.js';
import { type BacktestOptions, runOnce } from '../../src/engine/backtest.js';
import { type MarketView, viewOf } from '../../src/engine/market-view.js';
import type { BacktestResult } from '../../src/engine/result.js';
import { type RunOptions, resolveRunOptions } from '../../src/engine/run-options.js';
import { paramsFor, Simulation } from '../../src/engine/simulation.js';
import {
  type AnyDefinition,
  type CustomMetrics,
  defineStrategy,
  definitionOf,
  type NoState,
  type StrategyDefinition,
} from '../../src/engine/strategy.js';
import { DirectIndicators } from '../../src/indicators/columns.js';
import { days } from './bundle-draft.js';

/**
 * One asset's bars as text, a word each: `10` (open and close), `10>11` (open and close), `10>11:9-12` (low and high
 * too), `.` a missing bar; `-` in front or behind: outside the asset's life.
 */
export type BarText = string;

/** What a tiny market consists of. Rows are days from 2020-01-01 on. */
export interface TinyMarket {
  readonly assets: Readonly<Record<string, BarText>>;
  readonly splits?: readonly { readonly symbol: string; readonly row: number; readonly ratio: string }[];
  readonly dividends?: readonly {
    readonly symbol: string;
    readonly row: number;
    readonly amount: string;
    readonly payRow?: number;
  }[];
  /** @defaultValue 1 */
  readonly lot?: number;
  /** @defaultValue 1 */
  readonly multiplier?: number;
  /** @defaultValue 4 */
  readonly priceDecimals?: number;
}

interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

const MISSING: Bar = { open: Number.NaN, high: Number.NaN, low: Number.NaN, close: Number.NaN };

function parseBar(word: string): Bar {
  if (word === '.') return MISSING;
  const [prices = '', range] = word.split(':');
  const [open, close = open] = prices.split('>').map(Number) as [number, number?];
  const [low, high] =
    range === undefined ? [Math.min(open, close), Math.max(open, close)] : range.split('-').map(Number);
  return { open, high: high!, low: low!, close };
}

/** Returns the draft of a tiny market, whose volume is 1000 and the row's number. */
export function tinyDraft(market: TinyMarket): BundleDraft {
  const { splits = [], dividends = [], lot = 1, multiplier = 1, priceDecimals = 4 } = market;
  let length = 0;
  const assets = Object.entries(market.assets).map(([symbol, text]): AssetDraft => {
    const words = text.trim().split(/\s+/);
    length = Math.max(length, words.length);
    const first = words.findIndex((word) => word !== '-');
    const bars = words.filter((word) => word !== '-').map(parseBar);
    const column = (field: keyof Bar): Float64Array => Float64Array.from(bars, (bar) => bar[field]);
    const volume = Float64Array.from(bars, ({ close }, row) => (Number.isNaN(close) ? close : 1000 + first + row));
    return {
      symbol,
      first,
      priceDecimals,
      volumeDecimals: 0,
      lot,
      multiplier,
      columns: { open: column('open'), high: column('high'), low: column('low'), close: column('close'), volume },
    };
  });
  // Payments may lie beyond the last bar.
  const times = days(length + 100);
  return {
    groups: [{ calendar: '24/7', frequency: '1d', times: times.slice(0, length), assets }],
    splits: splits.map(({ symbol, row, ratio }) => ({ symbol, exDate: times[row]!, ratio })),
    dividends: dividends.map(({ symbol, row, amount, payRow }) => ({
      symbol,
      exDate: times[row]!,
      amount,
      ...(payRow === undefined ? {} : { payDate: times[payRow]! }),
    })),
  };
}

/** Returns an open bundle, for callers that dispose of it. */
export const openTiny = (market: TinyMarket, sharing: Sharing = 'shared'): Promise<Bundle> =>
  bundleFromColumns(tinyDraft(market), { name: 'tiny', sharing });

/** Returns a bundle that is closed when the test ends. */
export async function tinyBundle(market: TinyMarket, sharing: Sharing = 'shared'): Promise<Bundle> {
  const bundle = await openTiny(market, sharing);
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

/** Everything that {@link run} may be told beside the market. */
export type TinyRun = Omit<BacktestOptions, 'bundle'> & { readonly params?: Readonly<Record<string, unknown>> };

/** Runs a strategy of no parameters over a tiny market. */
export async function run<S = NoState, M extends CustomMetrics = Readonly<Record<never, never>>>(
  market: TinyMarket,
  handlers: Omit<StrategyDefinition<Record<never, never>, S, M>, 'parameters'>,
  options: TinyRun = {},
): Promise<BacktestResult & { readonly custom: CustomMetrics }> {
  const bundle = await tinyBundle(market);
  return runOn(bundle, handlers, options);
}

/** The same over a bundle that is open. */
export function runOn<S = NoState, M extends CustomMetrics = Readonly<Record<never, never>>>(
  bundle: Bundle,
  handlers: Omit<StrategyDefinition<Record<never, never>, S, M>, 'parameters'>,
  options: TinyRun = {},
): BacktestResult & { readonly custom: CustomMetrics } {
  const { symbols, start, end, params = {}, seed = 0, onLog, ...rest } = options;
  const definition = definitionOf(defineStrategy({ parameters: {}, ...handlers } as never)) as AnyDefinition;
  const view: MarketView = viewOf(bundle, { symbols, start, end });
  const { result, custom } = runOnce(definition, view, resolveRunOptions(rest), {
    params: paramsFor(definition, params),
    seed,
    trial: 0,
    onLog,
  });
  return { ...result, custom };
}

/** The date of a row, as options take it. */
export const dateOf = (row: number): string => new Date(days(row + 1)[row]!).toISOString().slice(0, 10);

/** The row of an instant within its day. */
export const rowOf = (instant: number): number => Math.floor((instant - days(1)[0]!) / 86_400_000);

/** Fills as text: `row symbol quantity @ price`. */
export const fillsOf = ({ fills }: BacktestResult): string[] =>
  fills.map(({ asset, time, exact }) => `${rowOf(time)} ${asset.symbol} ${exact.quantity} @ ${exact.price}`);

/** A simulation over all of a bundle that keeps nothing between runs. */
export const simulationOn = (
  bundle: Bundle,
  definition: AnyDefinition,
  options: RunOptions,
  asksEveryBar = false,
): Simulation =>
  new Simulation({
    definition,
    view: viewOf(bundle, {}),
    run: resolveRunOptions(options),
    indicators: new DirectIndicators(),
    history: new DirectHistory(),
    asksEveryBar,
  });
