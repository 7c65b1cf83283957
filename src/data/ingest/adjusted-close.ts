import { lowerBound } from '../../market/calendar.js';
import { formatDate } from '../../market/civil-date.js';
import type { DividendDraft, SplitDraft } from '../draft.js';
import type { DefectLog } from './defects.js';
import { type BarSeries, ratioOf } from './series.js';

/** Vendors round adjusted closes to cents, which near the beginning of a long series is some tenths of a per cent. */
const SLACK = 0.02;

/**
 * Compares the adjusted close of a daily series with what its events make of the close: a split divides all closes before it by its ratio, a
 * dividend multiplies them by `1 - amount / close before`. Only changes count, so that events behind the last bar do not matter. Where the
 * two differ by more than 2 %, events are missing, wrong, or in the prices already. Without any event nothing is compared.
 */
export function checkAdjustedClose(
  series: BarSeries,
  splits: readonly SplitDraft[],
  dividends: readonly DividendDraft[],
  log: DefectLog,
): void {
  const { symbol, times, values, fields, frequency, files } = series;
  const adjusted = values[fields.indexOf('adjClose')];
  const close = values[3]!;
  const isOwn = (event: { readonly symbol: string }): boolean => event.symbol === symbol;
  if (adjusted === undefined || frequency !== '1d' || ![...splits, ...dividends].some(isOwn)) return;
  const stepAt = new Map<number, number>();
  const step = (exDate: number, factorOf: (before: number) => number): void => {
    const bar = lowerBound(times, exDate);
    if (bar > 0 && bar < times.length) stepAt.set(bar, (stepAt.get(bar) ?? 1) * factorOf(close[bar - 1]!));
  };
  for (const split of splits.filter(isOwn)) step(split.exDate, () => 1 / ratioOf(split));
  for (const { exDate, amount } of dividends.filter(isOwn)) step(exDate, (before) => 1 - Number(amount) / before);
  const last = times.length - 1;
  let factor = 1;
  let worst = last;
  let largest = 0;
  let count = 0;
  for (let bar = last; bar >= 0; bar--) {
    const found = adjusted[bar]! / close[bar]! / (adjusted[last]! / close[last]!);
    const apart = Math.abs(found / factor - 1);
    if (apart > SLACK) count++;
    if (apart > largest) {
      largest = apart;
      worst = bar;
    }
    factor *= stepAt.get(bar) ?? 1;
  }
  if (count === 0) return;
  const message = `the adjusted close of ${symbol} differs from what its splits and dividends make of the close on ${count} of ${times.length} days, most on ${formatDate(times[worst]!)} by ${(100 * largest).toFixed(1)} %. Check that the events are all there, and that the prices are not adjusted already`;
  log.whole('ADJUSTED_CLOSE', [...new Set(files)].join(', '), message, count);
}
