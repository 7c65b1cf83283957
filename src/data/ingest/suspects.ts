import { INTRADAY_MS } from '../../market/bar-axis.js';
import type { SplitDraft } from '../draft.js';
import { type DefectLog, firstPlaces } from './defects.js';
import type { BarSeries } from './series.js';
import { describeLabel } from './series.js';

/** A low so far below the body of its bar, or a high so far above, is more often a bad tick than a trade. */
const SPIKE_BELOW = 0.75;
const SPIKE_ABOVE = 1.3;
/** A close this far from the last one deserves a look unless a split explains it. */
const LARGE_MOVE = 0.4;
/** Splits below it move the price less than a market may. */
const TELLING_RATIO = 1.5;

/** Warns of what is possible but often wrong: spikes, large moves, splits that the prices do not show. Changes nothing. */
export function warnOfSuspects(series: BarSeries, splits: readonly SplitDraft[], log: DefectLog): void {
  const { symbol, times, values, rowOf, frequency } = series;
  const [open, high, low, close] = values as [number[], number[], number[], number[]];
  const ratioAt = splitRatios(series, splits);
  const place = (bar: number): string => `${describeLabel(times[bar]!, frequency)} (row ${rowOf[bar]})`;
  const spikes: string[] = [];
  const moves: string[] = [];
  const unseen: string[] = [];
  for (let bar = 0; bar < times.length; bar++) {
    const bodyLow = Math.min(open[bar]!, close[bar]!);
    const bodyHigh = Math.max(open[bar]!, close[bar]!);
    if (low[bar]! < SPIKE_BELOW * bodyLow || high[bar]! > SPIKE_ABOVE * bodyHigh) spikes.push(place(bar));
    if (bar === 0) continue;
    const ratio = ratioAt.get(bar);
    const move = close[bar]! / close[bar - 1]!;
    if (Math.abs(move * (ratio ?? 1) - 1) > LARGE_MOVE && Math.abs(move - 1) > LARGE_MOVE) moves.push(place(bar));
    if (ratio === undefined || (ratio < TELLING_RATIO && ratio > 1 / TELLING_RATIO)) continue;
    const jump = close[bar - 1]! / open[bar]!;
    if (apart(jump, 1) < apart(jump, ratio)) unseen.push(place(bar));
  }
  const file = [...new Set(series.files)].join(', ');
  if (spikes.length > 0) {
    log.warning(
      'SUSPECT_SPIKE',
      file,
      `${symbol} has ${counted(spikes.length, 'bar')} whose low or high is far from open and close: ${firstPlaces(spikes)}. A stop could fill there; check them`,
    );
  }
  if (moves.length > 0) {
    log.warning(
      'LARGE_MOVE',
      file,
      `${symbol} closes more than 40 % from the last close on ${counted(moves.length, 'bar')} without a split: ${firstPlaces(moves)}. Check them, or give the splits`,
    );
  }
  if (unseen.length > 0) {
    log.warning(
      'SPLIT_WITHOUT_JUMP',
      file,
      `the prices of ${symbol} do not jump at ${counted(unseen.length, 'split')}: ${firstPlaces(unseen)}. If they are adjusted already, ingest without splits`,
    );
  }
}

/** Warns of intraday bars that do not lie a whole number of steps from most others: stamps of another kind, or late ones. */
export function warnOfOffGrid({ symbol, times, rowOf, frequency, files }: BarSeries, log: DefectLog): void {
  const step = INTRADAY_MS[frequency];
  if (step === undefined) return;
  const phaseOf = (time: number): number => ((time % step) + step) % step;
  const counts = new Map<number, number>();
  for (const time of times) counts.set(phaseOf(time), (counts.get(phaseOf(time)) ?? 0) + 1);
  const usual = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
  const off = times.flatMap((time, bar) =>
    phaseOf(time) === usual ? [] : [`${describeLabel(time, frequency)} (row ${rowOf[bar]})`],
  );
  if (off.length === 0) return;
  const message = `${symbol} has ${counted(off.length, 'bar')} off the ${frequency} grid of the others: ${firstPlaces(off)}. Check their times`;
  log.warning('OFF_GRID', [...new Set(files)].join(', '), message);
}

/** Warns of assets that hold the same bars: one series under several names. */
export function warnOfSameContent(all: readonly BarSeries[], log: DefectLog): void {
  const seen = new Map<string, BarSeries[]>();
  for (const series of all) {
    const { times, values, frequency } = series;
    const sums = values.slice(0, 5).map((column) => column.reduce((sum, value) => sum + value, 0));
    const key = [frequency, times.length, times[0], times.at(-1), ...sums].join(' ');
    const others = seen.get(key) ?? [];
    const twin = others.find((other) =>
      values.slice(0, 5).every((column, field) => column.every((value, bar) => value === other.values[field]![bar])),
    );
    if (twin !== undefined && times.length > 1) {
      log.warning(
        'SAME_CONTENT',
        series.files.join(', '),
        `${series.symbol} holds the same bars as ${twin.symbol}: one series under two names?`,
      );
    }
    seen.set(key, [...others, series]);
  }
}

/** Returns by place of the first bar in new shares how many new shares stand for one old. */
function splitRatios({ symbol, times }: BarSeries, splits: readonly SplitDraft[]): Map<number, number> {
  const ratios = new Map<number, number>();
  for (const { symbol: of, exDate, ratio } of splits) {
    if (of !== symbol) continue;
    const bar = times.findIndex((time) => time >= exDate);
    const [fresh = 1, old = 1] = ratio.split('/').map(Number);
    if (bar > 0) ratios.set(bar, (ratios.get(bar) ?? 1) * (fresh / old));
  }
  return ratios;
}

/** How many times one of two numbers holds the other. */
const apart = (a: number, b: number): number => Math.max(a / b, b / a);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
