import { packageVersion } from '../core/version.js';
import type { Bundle } from '../data/bundle.js';
import type { BacktestResult } from '../engine/result.js';
import { type DefaultCosts, resolveRunOptions } from '../engine/run-options.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import { type BacktestReportModel, formatTime, reportRun } from '../report/index.js';
import { type MarketFlags, marketOptionsOf } from './market-options.js';
import { holdoutNote } from './study-model.js';
import { factsText } from './text-blocks.js';

/** One finished backtest and what it was made of. */
export interface FinishedBacktest {
  readonly strategy: Pick<CompiledStrategy, 'name' | 'sourceHash'>;
  readonly bundle: Pick<Bundle, 'name' | 'version' | 'manifest'>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: BacktestResult & { readonly custom: Readonly<Record<string, number>> };
  /** The strategy's own, where the command line names none. */
  readonly costs: DefaultCosts | undefined;
}

/** Returns a backtest of the command line as a report shows it. */
export function backtestModel(
  { strategy, bundle, params, result, costs }: FinishedBacktest,
  flags: MarketFlags & { readonly seed?: number },
): BacktestReportModel {
  const { bundle: _name, symbols, start, end, frequency: _length, ...run } = marketOptionsOf(flags);
  return {
    kind: 'backtest',
    title: `${strategy.name} on ${bundle.name}`,
    synthetic: bundle.manifest.synthetic ?? false,
    generatedAt: `${formatTime(Date.now())} UTC`,
    holdout: holdoutNote(bundle.name),
    provenance: {
      Bundle: `${bundle.name} ${bundle.version}`,
      'Strategy source': strategy.sourceHash,
      Market: `${symbols?.join(', ') ?? 'all symbols'}, ${start ?? 'first bar'} to ${end ?? 'last bar'}`,
      Configuration: factsText(resolveRunOptions(run, costs)),
      Seed: String(flags.seed ?? 0),
      'Order stream': result.orderStreamHash,
      Versions: `hindcast ${packageVersion()}, node ${process.version}`,
    },
    run: reportRun(result, params as Parameters<typeof reportRun>[1], result.custom),
  };
}
