import type { PathFigure, TradePermutation } from '../validate/robustness/monte-carlo.js';
import { formatCount, formatMoney, formatPercent } from './format.js';

/** What other orders of a run's trades make of one figure, in words. */
export interface PathFigureText {
  /** What the figure is, as it stands within a sentence. */
  readonly what: string;
  /** From the 5 % to the 95 % quantile. */
  readonly range: string;
  /** The figure of the order in which the trades happened. */
  readonly recorded: string;
}

const TEXTS: Readonly<Record<PathFigure, { readonly what: string; readonly format: (value: number) => string }>> = {
  maxDrawdown: { what: 'max drawdown of closed trades', format: (value) => formatPercent(value, 1) },
  longestDrawdown: { what: 'longest fall in trades', format: formatCount },
  longestLosingStreak: { what: 'longest row of losses', format: formatCount },
  lowestValue: { what: 'lowest account value', format: (value) => formatMoney(value.toFixed(2)) },
};

/** Returns the figures that a permutation of trades was asked for, in words. */
export function pathFigureTexts({
  figures,
  recorded,
}: Pick<TradePermutation, 'figures' | 'recorded'>): PathFigureText[] {
  return (Object.keys(TEXTS) as PathFigure[]).flatMap((name) => {
    const spread = figures[name];
    if (spread === undefined) return [];
    const { what, format } = TEXTS[name];
    return [{ what, range: `${format(spread.p5)} to ${format(spread.p95)}`, recorded: format(recorded[name]!) }];
  });
}
