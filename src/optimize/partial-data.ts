import { assertNever } from '../core/assert.js';
import { longerView } from '../engine/longer-view.js';
import type { MarketView } from '../engine/market-view.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { RunPart } from '../engine/simulations.js';
import type { Fidelity } from './samplers/sampler.js';
import { type FidelityOf, lengthOf, symbolsIn } from './share-text.js';

/** Rows of an axis: the first, and the one behind the last. */
interface PartRows {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the parts of a run that a share of it is, each to be run by itself: several windows, or one of anything else.
 *
 * @param budget above 0, at most 1, of which the run itself is the part
 */
export function partsOf(
  view: MarketView,
  budget: number,
  fidelity: Fidelity,
  { benchmark }: Pick<ResolvedRunOptions, 'benchmark'>,
): readonly RunPart[] {
  if (budget >= 1) return [view];
  switch (fidelity.part) {
    case 'start':
    case 'windows':
      return rowsOf(view, budget, fidelity);
    case 'symbols': {
      const wanted = new Set(fidelity.order.slice(0, symbolsIn(budget, fidelity)));
      return [{ ...view, assets: view.assets.filter(({ asset }) => wanted.has(asset.symbol)) }];
    }
    case 'frequency':
      return [longerView(view, lengthOf(budget, fidelity), benchmark)];
    default:
      return assertNever(fidelity);
  }
}

/**
 * Returns the rows that a share of a run's bars is: its first ones, or windows of equal length, each in the middle of its part of the run. At least one bar each;
 * windows that would touch are one run of the whole.
 *
 * @param budget above 0, at most 1, of which the run itself is the part
 */
export function rowsOf({ from, to }: PartRows, budget: number, fidelity: FidelityOf<'start' | 'windows'>): PartRows[] {
  const bars = to - from;
  if (budget >= 1) return [{ from, to }];
  if (fidelity.part === 'start') return [{ from, to: from + Math.max(1, Math.round(budget * bars)) }];
  const count = Math.min(fidelity.count, bars);
  const length = Math.max(1, Math.round((budget * bars) / count));
  if (length * count >= bars) return [{ from, to }];
  return Array.from({ length: count }, (_, window) => {
    const [low, high] = [window, window + 1].map((edge) => from + Math.round((edge * bars) / count)) as [
      number,
      number,
    ];
    const first = Math.min(high - length, low + Math.floor((high - low - length) / 2));
    return { from: first, to: first + length };
  });
}
