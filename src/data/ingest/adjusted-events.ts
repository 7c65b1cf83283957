import { DAY_MS, formatDate } from '../../market/civil-date.js';
import type { DividendDraft, SplitDraft } from '../draft.js';
import { powerOfTen } from '../exact-decimal.js';
import { type DefectLog, firstPlaces } from './defects.js';
import { ratioText } from './lean-factors.js';
import type { BarSeries } from './series.js';

/** What became of the ratio of adjusted close to close: the events that it shows. */
export interface AdjustedEvents {
  readonly splits: readonly SplitDraft[];
  readonly dividends: readonly DividendDraft[];
}

/** Values in which a number may lie. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** A run of bars that one ratio explains, and the values that it may have. */
interface Run extends Range {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
}

/** A step of the ratio, by its bar. */
interface Step {
  /** First bar after it. */
  readonly bar: number;
  /** Whether the bars beside it leave the day open. */
  readonly isVague: boolean;
  /** What prices before it are multiplied by. */
  readonly factor: Range;
}

/** Splits below it cannot be told from a dividend of the same size: prices fall by either. */
const SMALLEST_SPLIT = 1.2;
/** A larger share of the close is no dividend, but a split, or a split and a dividend at once. */
const LARGEST_DIVIDEND = 0.5;
/** Most decimals that are looked at in a column. */
const MOST_DECIMALS = 10;
/** A column of more decimals than this, all of them float32, was not printed with so many. */
const FLOAT32_DECIMALS = 7;
/**
 * Yahoo computes with float32, however many decimals it prints: half a digit is 2^-24. Twice what the ratios of its files wander between
 * two events.
 */
const FLOAT32_SLACK = 2 ** -20;
/** Yahoo has some dividends twice, on days that follow each other. */
const TWICE_WITHIN_MS = 10 * DAY_MS;

/**
 * Returns the splits and dividends that a daily series shows in the ratio of its adjusted close to its close. The ratio changes at events
 * alone: a dividend multiplies it on all days before by `1 - amount / close before`, a split by `1 / ratio`.
 *
 * Both columns are rounded, so that the ratio of a bar is known within bounds: half a unit of the last decimal of each column, and a
 * millionth for float32. A run of bars with a value that lies within the bounds of all has no event; the fewest
 * such runs are taken, forwards and backwards, and where both end a run at the same bar its day is certain. The bounds of a run, which are
 * much closer than those of a bar, bound the step, and the amount is the decimal of fewest digits within. Smaller steps are not seen.
 *
 * A step by 1.2 or more (or 1/1.2) whose bounds hold a ratio of small numbers, and by which the prices jump, is a split; where Yahoo has
 * divided prices by splits there is none. What is neither that nor a dividend of less than half the close, or a dividend that repeats
 * the one of some days before, is the defect `ADJUSTED_STEP`.
 *
 * @param decimals decimals of the series' prices
 */
export function adjustedEvents(series: BarSeries, decimals: number, log: DefectLog): AdjustedEvents {
  const { symbol, times, values, fields } = series;
  const adjusted = values[fields.indexOf('adjClose')];
  const close = values[3]!;
  const splits: SplitDraft[] = [];
  const dividends: DividendDraft[] = [];
  if (adjusted === undefined || series.frequency !== '1d') return { splits, dividends };
  const bars = knownBars(close, adjusted);
  const half = 0.5 / powerOfTen(decimals);
  const halfAdjusted = halfUnit(bars.map((bar) => adjusted[bar]!));
  const ranges = bars.map((bar) => ratioRange(adjusted[bar]!, halfAdjusted, close[bar]!, half));
  const unclear: string[] = [];
  let slack = 0;
  for (const { bar: at, isVague, factor } of stepsOf(ranges)) {
    const [bar, before] = [bars[at]!, bars[at - 1]!];
    const exDate = times[bar]!;
    const place = `${formatDate(exDate)} (row ${series.rowOf[bar]}`;
    const ratio = splitRatio(series, before, bar, factor);
    const range = amountOf(close[before]!, half, factor);
    const last = dividends.at(-1);
    if (isVague) unclear.push(`${place}, the day is not certain)`);
    else if (ratio !== undefined) splits.push({ symbol, exDate, ratio });
    else if (range === undefined)
      unclear.push(`${place}, by ${((2 / (factor.low + factor.high) - 1) * 100).toFixed(2)} %)`);
    else {
      const amount = shortestWithin(range);
      slack = Math.max(slack, range.high - Number(amount), Number(amount) - range.low);
      if (last?.amount === amount && exDate - last.exDate <= TWICE_WITHIN_MS) {
        unclear.push(`${place}, the dividend of ${formatDate(last.exDate)} again)`);
      } else dividends.push({ symbol, exDate, amount });
    }
  }
  report(series, { splits, dividends }, { unclear, slack, ranges }, log);
  return { splits, dividends };
}

function report(
  { symbol, files }: BarSeries,
  { splits, dividends }: AdjustedEvents,
  {
    unclear,
    slack,
    ranges,
  }: { readonly unclear: readonly string[]; readonly slack: number; readonly ranges: readonly Range[] },
  log: DefectLog,
): void {
  const file = [...new Set(files)].join(', ');
  if (unclear.length > 0) {
    const message = `the adjusted close of ${symbol} changes against the close at ${unclear.length} ${unclear.length === 1 ? 'step that is' : 'steps that are'} no certain event: ${firstPlaces(unclear)}`;
    const isDropped = log.policies.of('ADJUSTED_STEP') === 'drop';
    const done = isDropped
      ? '; no event was made of it'
      : '. Give the events in files, or leave such steps out: --on adjusted-step=drop';
    log.whole('ADJUSTED_STEP', file, message + (isDropped ? '' : done), unclear.length, isDropped ? done : '');
  }
  const width = ranges.reduce((most, { low, high }) => Math.max(most, high / low - 1), 0);
  const accuracy = dividends.length === 0 ? '' : `; amounts are right to ${slack.toPrecision(2)}`;
  const message = `${dividends.length} dividends and ${splits.length} splits of ${symbol} were derived from the adjusted close${accuracy}, and steps below ${(100 * width).toPrecision(2)} % of the close may be hidden by rounding`;
  log.whole('DERIVED_EVENTS', file, message, dividends.length + splits.length);
}

/** Returns the bars that have both prices above zero; the others have no ratio. */
function knownBars(close: Float64Array, adjusted: Float64Array): number[] {
  const bars: number[] = [];
  for (let bar = 0; bar < close.length; bar++) if (close[bar]! > 0 && adjusted[bar]! > 0) bars.push(bar);
  return bars;
}

/** Returns half a unit of the last decimal that a column has; 0 where all its values are float32, and no decimals. */
function halfUnit(values: readonly number[]): number {
  const decimals = values.reduce((most, value) => Math.max(most, decimalsOf(value)), 0);
  const isFloat32 = decimals > FLOAT32_DECIMALS && values.every((value) => Math.fround(value) === value);
  return isFloat32 ? 0 : 0.5 / powerOfTen(decimals);
}

/** Returns the values that the ratio of two rounded numbers may have. */
function ratioRange(adjusted: number, halfAdjusted: number, close: number, halfClose: number): Range {
  const above = halfAdjusted + adjusted * FLOAT32_SLACK;
  const below = Math.min(halfClose + close * FLOAT32_SLACK, close / 2);
  return { low: (adjusted - above) / (close + below), high: (adjusted + above) / (close - below) };
}

function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    if (Number(value.toFixed(decimals)) === value) return decimals;
  }
  return MOST_DECIMALS;
}

/** Returns the steps between the fewest runs of bars whose ranges meet. */
function stepsOf(ranges: readonly Range[]): Step[] {
  const forwards = runsOf(ranges);
  const last = ranges.length;
  const backwards = runsOf([...ranges].reverse())
    .reverse()
    .map(({ first, end, ...range }): Run => ({ ...range, first: last - end, end: last - first }));
  // Taken forwards each run ends as late as it can, taken backwards it begins as early; there are as many of them.
  const certain = forwards.map(({ first }, place) => meet(ranges, first, backwards[place + 1]?.first ?? last));
  return forwards.slice(1).map(({ first }, place): Step => {
    const [before, after] = [certain[place]!, certain[place + 1]!];
    return {
      bar: first,
      isVague: backwards[place + 1]!.first !== first,
      factor: { low: before.low / after.high, high: before.high / after.low },
    };
  });
}

function runsOf(ranges: readonly Range[]): Run[] {
  const runs: Run[] = [];
  let [first, low, high] = [0, 0, Number.POSITIVE_INFINITY];
  for (const [place, range] of ranges.entries()) {
    const [newLow, newHigh] = [Math.max(low, range.low), Math.min(high, range.high)];
    if (newLow <= newHigh) {
      [low, high] = [newLow, newHigh];
      continue;
    }
    runs.push({ first, end: place, low, high });
    [first, low, high] = [place, range.low, range.high];
  }
  if (ranges.length > 0) runs.push({ first, end: ranges.length, low, high });
  return runs;
}

/** Returns what the ranges of bars have in common. */
function meet(ranges: readonly Range[], from: number, to: number): Range {
  return ranges
    .slice(from, to)
    .reduce((all, { low, high }) => ({ low: Math.max(all.low, low), high: Math.min(all.high, high) }));
}

/** Returns the ratio of a split, undefined where the step or the prices do not show one. */
function splitRatio({ values }: BarSeries, before: number, bar: number, { low, high }: Range): string | undefined {
  const middle = 2 / (low + high);
  if (middle < SMALLEST_SPLIT && middle > 1 / SMALLEST_SPLIT) return undefined;
  const text = ratioText(middle, (high - low) / (high + low));
  if (!isSmall(text)) return undefined;
  const jump = values[3]![before]! / values[0]![bar]!;
  const apart = (a: number, b: number): number => Math.max(a / b, b / a);
  return apart(jump, middle) < apart(jump, 1) ? text : undefined;
}

/** Whether a ratio is one of small numbers, as companies decide them, and no decimal that fits anything. */
const isSmall = (text: string): boolean => text.includes('/') || (text.split('.')[1] ?? '').length <= 2;

/** Returns the amounts per share that a factor allows, undefined where it is no dividend. */
function amountOf(before: number, half: number, { low, high }: Range): Range | undefined {
  if (high >= 1 || low <= 1 - LARGEST_DIVIDEND) return undefined;
  return { low: (before - half) * (1 - high), high: (before + half) * (1 - low) };
}

/** Returns the decimal of fewest digits within a range, of several the one nearest to its middle. */
function shortestWithin({ low, high }: Range): string {
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    const power = powerOfTen(decimals);
    const [least, most] = [Math.ceil(low * power), Math.floor(high * power)];
    if (least > most || most === 0) continue;
    const middle = Math.round(((low + high) / 2) * power);
    return (Math.min(Math.max(middle, least, 1), most) / power).toFixed(decimals);
  }
  return ((low + high) / 2).toFixed(MOST_DECIMALS);
}
