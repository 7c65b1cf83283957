import { INTRADAY_MS } from '../../market/bar-axis.js';
import { lowerBound } from '../../market/calendar.js';
import type { SplitDraft } from '../draft.js';
import { afterValues, atRow } from '../scratch.js';
import { type DefectCode, type DefectLog, firstPlaces } from './defects.js';
import { type BarSeries, describeLabel, ratioOf, refillBars, removeBars } from './series.js';

/** A low so far below the body of its bar, or a high so far above, is more often a bad tick than a trade. */
const SPIKE_BELOW = 0.75;
const SPIKE_ABOVE = 1.3;
/** A close this far from the last one deserves a look unless a split explains it. */
const LARGE_MOVE = 0.4;
/** Splits below it move the price less than a market may. */
const TELLING_RATIO = 1.5;
/** So many bars in a row at one price are a feed that stopped: five days, or two hours of minutes. */
const STALE_DAYS = 5;
const STALE_BARS = 120;

/**
 * Finds what is possible but often wrong, and treats it by the log's policies: spikes, large moves, runs of one price. By default it warns
 * and changes nothing.
 */
export function treatSuspects(series: BarSeries, splits: readonly SplitDraft[], log: DefectLog): void {
  const { symbol, frequency } = series;
  const file = [...new Set(series.files)].join(', ');
  const treat = (code: DefectCode, places: readonly number[], describe: (where: string) => string): void => {
    if (places.length === 0) return;
    const where = firstPlaces(
      places.slice(0, 3).map((bar) => `${describeLabel(series.times[bar]!, frequency)} (row ${series.rowOf[bar]})`),
      places.length,
    );
    const done = { drop: '; they were left out', fill: '; they were filled with the last close' };
    const policy = log.policies.of(code);
    log.whole(code, file, describe(where), places.length, done[policy as keyof typeof done]);
    if (policy === 'drop') removeBars(series, new Set(places));
    if (policy === 'fill')
      refillBars(
        series,
        places.filter((bar) => bar > 0),
      );
  };
  const spikes = spikesOf(series);
  treat('SUSPECT_SPIKE', spikes, (where) => {
    return `${symbol} has ${counted(spikes.length, 'bar')} whose low or high is far from open and close: ${where}. A stop could fill there; check them`;
  });
  // A bar is only taken out where the price comes back behind it: a new level is no bad tick.
  const isTreated = ['drop', 'fill'].includes(log.policies.of('LARGE_MOVE'));
  const moves = movesOf(series, splits, isTreated);
  treat('LARGE_MOVE', moves, (where) => {
    return `${symbol} closes more than 40 % from the last close on ${counted(moves.length, 'bar')} without a split: ${where}. Check them, or give the splits`;
  });
  const stale = staleBars(series);
  treat('STALE_RUN', stale, (where) => {
    return `${symbol} has ${counted(stale.length, 'bar')} in runs of one price without volume: ${where}. The source may have stopped there; check them`;
  });
}

/**
 * Finds splits that the prices of a series do not show: they are adjusted already, and a split would adjust them twice. Returns the splits
 * that are to be used: without them where the policy says `drop`, and by default without those of columns beside the prices.
 */
export function shownSplits(
  series: BarSeries,
  splits: readonly SplitDraft[],
  ofColumns: ReadonlySet<SplitDraft>,
  log: DefectLog,
): SplitDraft[] {
  const { symbol, times, values, rowOf, frequency } = series;
  const [open, , , close] = values as [Float64Array, Float64Array, Float64Array, Float64Array];
  const unseen = splits.flatMap((split) => {
    if (split.symbol !== symbol) return [];
    const bar = lowerBound(times, split.exDate);
    const ratio = ratioOf(split);
    if (bar === 0 || bar === times.length || (ratio < TELLING_RATIO && ratio > 1 / TELLING_RATIO)) return [];
    const jump = close[bar - 1]! / open[bar]!;
    return apart(jump, 1) < apart(jump, ratio) ? [{ bar, split }] : [];
  });
  if (unseen.length === 0) return [...splits];
  const isChosen = log.policies.isChosen('SPLIT_WITHOUT_JUMP');
  const isDropped = log.policies.of('SPLIT_WITHOUT_JUMP') === 'drop';
  const dropped = new Set(
    unseen.flatMap(({ split }) => (isDropped || (!isChosen && ofColumns.has(split)) ? [split] : [])),
  );
  const places = unseen.map(({ bar }) => `${describeLabel(times[bar]!, frequency)} (row ${rowOf[bar]})`);
  const done =
    dropped.size === unseen.length
      ? '; they are adjusted already, so that the splits were left out'
      : '. If they are adjusted already, ingest without splits, or with --on split-without-jump=drop';
  log.whole(
    'SPLIT_WITHOUT_JUMP',
    [...new Set(series.files)].join(', '),
    `the prices of ${symbol} do not jump at ${counted(unseen.length, 'split')}: ${firstPlaces(places)}`,
    unseen.length,
    done,
  );
  return splits.filter((split) => !dropped.has(split));
}

/** Finds intraday bars that do not lie a whole number of steps from most others: stamps of another kind, or late ones. */
export function treatOffGrid(series: BarSeries, log: DefectLog): void {
  const { symbol, times, rowOf, frequency, files } = series;
  const step = INTRADAY_MS[frequency];
  if (step === undefined) return;
  const phaseOf = (time: number): number => ((time % step) + step) % step;
  const first = times.length === 0 ? 0 : phaseOf(times[0]!);
  if (times.every((time) => phaseOf(time) === first)) return;
  const counts = new Map<number, number>();
  for (const time of times) counts.set(phaseOf(time), (counts.get(phaseOf(time)) ?? 0) + 1);
  const usual = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
  const off = new Set<number>();
  for (let bar = 0; bar < times.length; bar++) if (phaseOf(times[bar]!) !== usual) off.add(bar);
  if (off.size === 0) return;
  const places = [...off].slice(0, 3).map((bar) => `${describeLabel(times[bar]!, frequency)} (row ${rowOf[bar]})`);
  const message = `${symbol} has ${counted(off.size, 'bar')} off the ${frequency} grid of the others: ${firstPlaces(places, off.size)}. Check their times`;
  const isDropped = log.policies.of('OFF_GRID') === 'drop';
  log.whole('OFF_GRID', [...new Set(files)].join(', '), message, off.size, isDropped ? '; they were left out' : '');
  if (isDropped) removeBars(series, off);
}

/** Warns of assets that hold the same bars: one series under several names. */
export function warnOfSameContent(all: readonly BarSeries[], log: DefectLog): void {
  const seen = new Map<string, BarSeries[]>();
  for (const series of all) {
    const { times, values, frequency } = series;
    const sums = values.slice(0, 5).map((column) => {
      afterValues(column.length);
      return column.reduce((sum, value) => sum + value, 0);
    });
    const key = [frequency, times.length, times[0], times.at(-1), ...sums].join(' ');
    const others = seen.get(key) ?? [];
    const twin = others.find((other) =>
      values.slice(0, 5).every((column, field) => column.every((value, bar) => value === other.values[field]![bar])),
    );
    if (twin !== undefined && times.length > 1) {
      const message = `${series.symbol} holds the same bars as ${twin.symbol}: one series under two names?`;
      log.whole('SAME_CONTENT', series.files.join(', '), message);
    }
    seen.set(key, [...others, series]);
  }
}

function spikesOf({ times, values }: BarSeries): number[] {
  const [open, high, low, close] = values as [Float64Array, Float64Array, Float64Array, Float64Array];
  const spikes: number[] = [];
  for (let bar = 0; bar < times.length; bar++) {
    atRow(bar);
    const bodyLow = Math.min(open[bar]!, close[bar]!);
    const bodyHigh = Math.max(open[bar]!, close[bar]!);
    // Shares of a price that is not above zero mean nothing.
    if (bodyLow <= 0) continue;
    if (low[bar]! < SPIKE_BELOW * bodyLow || high[bar]! > SPIKE_ABOVE * bodyHigh) spikes.push(bar);
  }
  return spikes;
}

/** Returns the bars that close far from the one before; `returning` for those alone behind which the price is back. */
function movesOf(series: BarSeries, splits: readonly SplitDraft[], returning: boolean): number[] {
  const close = series.values[3]!;
  const ratios = splitRatios(series, splits);
  const isLarge = (bar: number, before: number): boolean => {
    const move = close[bar]! / close[before]!;
    const ratio = ratios.get(bar) ?? 1;
    return Math.abs(move * ratio - 1) > LARGE_MOVE && Math.abs(move - 1) > LARGE_MOVE;
  };
  const moves: number[] = [];
  for (let bar = 1; bar < close.length; bar++) {
    atRow(bar);
    if (!isLarge(bar, bar - 1)) continue;
    if (!returning) moves.push(bar);
    else if (bar + 1 < close.length && !isLarge(bar + 1, bar - 1)) moves.push(bar++);
  }
  return moves;
}

/** Returns the bars behind the first of each long run of one price without volume. */
function staleBars({ times, values, rowOf, frequency }: BarSeries): number[] {
  const [open, high, low, close, volume] = values as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const length = frequency in INTRADAY_MS ? STALE_BARS : STALE_DAYS;
  const stale: number[] = [];
  let from = 0;
  // Without any volume the source has none, and rows that were filled are no finding.
  const hasVolume = volume.some((value) => value > 0);
  const isFlat = (bar: number): boolean =>
    open[bar] === close[bar - 1] &&
    high[bar] === open[bar] &&
    low[bar] === open[bar] &&
    close[bar] === open[bar] &&
    (volume[bar] === 0 || !hasVolume) &&
    rowOf[bar] !== 0;
  for (let bar = 1; bar <= times.length; bar++) {
    atRow(bar);
    if (bar < times.length && isFlat(bar)) continue;
    if (bar - from > length) for (let at = from + 1; at < bar; at++) stale.push(at);
    from = bar;
  }
  return stale;
}

/** Returns by place of the first bar in new shares how many new shares stand for one old. */
function splitRatios({ symbol, times }: BarSeries, splits: readonly SplitDraft[]): Map<number, number> {
  const ratios = new Map<number, number>();
  for (const split of splits) {
    if (split.symbol !== symbol) continue;
    const bar = lowerBound(times, split.exDate);
    if (bar > 0) ratios.set(bar, (ratios.get(bar) ?? 1) * ratioOf(split));
  }
  return ratios;
}

/** How many times one of two numbers holds the other. */
const apart = (a: number, b: number): number => Math.max(a / b, b / a);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
