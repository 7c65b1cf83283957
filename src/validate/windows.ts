import { assertInteger } from '../core/assert.js';
import { countText } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';
import type { BarTimes } from '../market/bar-axis.js';
import { addSpans, NO_SPAN, parseSpan, type RowRange, type Span, SpanAxis, type SpanParts, timesSpan } from './span.js';

/** How a run is cut into windows of training, validation and test. */
export interface Windowing {
  /** Length of the training. With `anchored` that of the first window's, which later ones lengthen. */
  readonly train: Span;
  /** Length of a validation between training and test, by which the best of the training are judged once more. @defaultValue none */
  readonly validate?: Span | undefined;
  /** Length of the test: what is traded with the parameters that were chosen before it. */
  readonly test: Span;
  /** From one window to the next, at least as long as the test. @defaultValue the test's length, so that tests lie side by side */
  readonly step?: Span | undefined;
  /** Every window trains from the first bar on. @defaultValue false: windows of one length roll */
  readonly anchored?: boolean | undefined;
  /** Bars at the end of training, and of validation, that are left out: as many as a label reads ahead. @defaultValue 0 */
  readonly purge?: number | undefined;
  /** Bars between training, validation and test that belong to none of them. @defaultValue 0 */
  readonly embargo?: number | undefined;
  /** So many windows, the first ones. @defaultValue as many as there is room for */
  readonly windows?: number | undefined;
}

/** Which groups of bars a combinatorial cross-validation trains and tests on. */
export interface CombinatorialSplit {
  /** Parts of equal length (to a bar) that the run is cut into, from 2. */
  readonly groups: number;
  /** How many of them each split tests on, from 1 and fewer than `groups`; it trains on the others. */
  readonly testGroups: number;
  /** Bars of training left out on both sides of a tested group: as many as a label reads ahead. @defaultValue 0 */
  readonly purge?: number | undefined;
  /** Bars of training left out behind a tested group, beyond the purge: as far as what is read looks back. @defaultValue 0 */
  readonly embargo?: number | undefined;
}

/** One choice of parameters and the data for it. Ranges of axis rows, each from its first row to before its last, none in common. */
export interface Window {
  /** From 1. */
  readonly number: number;
  /** One range in walk-forward; in combinatorial cross-validation what is left around the test. Ascending. */
  readonly train: readonly RowRange[];
  readonly validate: RowRange | undefined;
  /** One range in walk-forward; in combinatorial cross-validation one a group. Ascending. */
  readonly test: readonly RowRange[];
}

/** Fewest bars of a part of a window: one return. */
const LEAST_BARS = 2;
/** Most splits of a combinatorial cross-validation. */
const MOST_SPLITS = 10_000;

export const WINDOWING_KEYS = [
  'train',
  'validate',
  'test',
  'step',
  'anchored',
  'purge',
  'embargo',
  'windows',
] as const satisfies readonly (keyof Windowing)[];

/**
 * Returns the windows of a walk-forward over the rows of a time axis, ascending. All ends are laid from the first row: window k trains from
 * `k * step` (anchored: from 0) up to `k * step + train`, less the purge; then, after an embargo, it validates, and after an embargo it tests.
 * Only whole windows are made; bars behind the last test are not used.
 *
 * @throws UsageError `INVALID_SPAN`, `NO_ROOM_FOR_WINDOWS` when not one window fits, or fewer than `windows`; `WINDOW_TOO_SHORT`,
 * `TESTS_OVERLAP`
 */
export function rollingWindows(axis: BarTimes, rows: RowRange, design: Windowing): Window[] {
  const { anchored = false, purge = 0, embargo = 0, windows: wanted } = design;
  const train = parseSpan('train', design.train);
  const validate = design.validate === undefined ? undefined : parseSpan('validate', design.validate);
  const test = parseSpan('test', design.test);
  const step = design.step === undefined ? test : parseSpan('step', design.step);
  assertInteger('purge', purge, { min: 0 });
  assertInteger('embargo', embargo, { min: 0 });
  if (wanted !== undefined) assertInteger('windows', wanted, { min: 1 });
  const spans = new SpanAxis(axis, rows);
  const gap = (count: number): SpanParts => ({ ...NO_SPAN, bars: count * embargo });

  const windowAt = (number: number): Window | undefined => {
    const begin = timesSpan(number - 1, step);
    const learned = addSpans(begin, train);
    const judged = validate === undefined ? learned : addSpans(learned, gap(1), validate);
    const [from, trainTo] = [anchored ? rows.from : spans.rowAfter(begin), spans.rowAfter(learned)];
    const validateFrom = spans.rowAfter(addSpans(learned, gap(1)));
    const validateTo = spans.rowAfter(judged);
    const testFrom = spans.rowAfter(addSpans(judged, gap(1)));
    const testTo = spans.rowAfter(addSpans(judged, gap(1), test));
    if (testTo === undefined) return undefined;
    return {
      number,
      train: [{ from: from!, to: trainTo! - purge }],
      validate: validate === undefined ? undefined : { from: validateFrom!, to: validateTo! - purge },
      test: [{ from: testFrom!, to: testTo }],
    };
  };

  const windows: Window[] = [];
  while (windows.length !== wanted) {
    const window = windowAt(windows.length + 1);
    if (window === undefined) break;
    refuseShort(window, purge);
    const before = windows.at(-1)?.test[0];
    if (before !== undefined && window.test[0]!.from < before.to) throw testsOverlap(design);
    windows.push(window);
  }
  if (windows.length === 0 || windows.length < (wanted ?? 1)) throw noRoom(axis, rows, design, windows.length);
  return windows;
}

/**
 * Returns the splits of a combinatorial purged cross-validation (López de Prado, Advances in Financial Machine Learning, 2018, ch. 12) over the
 * rows of a time axis: every way to choose `testGroups` of `groups`, in lexicographic order. A split trains on the rows of the other groups
 * but for `purge` rows before a tested group and `purge + embargo` behind it.
 *
 * @throws UsageError `INVALID_SPLIT`, `WINDOW_TOO_SHORT`
 */
export function combinatorialWindows(rows: RowRange, split: CombinatorialSplit): Window[] {
  const { groups, testGroups, purge = 0, embargo = 0 } = split;
  assertInteger('groups', groups, { min: 2 });
  assertInteger('testGroups', testGroups, { min: 1 });
  assertInteger('purge', purge, { min: 0 });
  assertInteger('embargo', embargo, { min: 0 });
  const bars = rows.to - rows.from;
  if (testGroups >= groups || splitsOf(groups, testGroups) > MOST_SPLITS || bars < groups * LEAST_BARS) {
    throw new UsageError('INVALID_SPLIT', {
      message: `groups is ${groups} and testGroups ${testGroups} over ${bars} bars: test on fewer groups than there are, in at most ${MOST_SPLITS} splits (now ${splitsOf(groups, testGroups)}), each group of at least ${LEAST_BARS} bars.`,
      details: { groups, testGroups, bars },
    });
  }
  const edge = (group: number): number => rows.from + Math.floor((group * bars) / groups);
  const rangeOf = (group: number): RowRange => ({ from: edge(group), to: edge(group + 1) });
  return combinations(groups, testGroups).map((tested, index) => {
    const test = tested.map(rangeOf);
    const kept: RowRange[] = [];
    let from = rows.from;
    for (const { from: begin, to } of test) {
      if (begin - purge > from) kept.push({ from, to: begin - purge });
      from = Math.max(from, to + purge + embargo);
    }
    if (from < rows.to) kept.push({ from, to: rows.to });
    const train = kept.filter((range) => range.to - range.from >= LEAST_BARS);
    if (train.length === 0) {
      throw tooShort(`Split ${index + 1} has no training left. Use more groups, or a shorter purge and embargo.`);
    }
    return { number: index + 1, train, validate: undefined, test };
  });
}

/** Returns how many ways there are to choose k of n. */
function splitsOf(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = (ways * (n - i + 1)) / i;
  return Math.round(ways);
}

function combinations(n: number, k: number): number[][] {
  const found: number[][] = [];
  const extend = (chosen: readonly number[], next: number): void => {
    if (chosen.length === k) found.push([...chosen]);
    else for (let each = next; each < n; each++) extend([...chosen, each], each + 1);
  };
  extend([], 0);
  return found;
}

function refuseShort({ number, train, validate, test }: Window, purge: number): void {
  const parts = { training: train[0], validation: validate, test: test[0] };
  for (const [name, range] of Object.entries(parts)) {
    if (range === undefined || range.to - range.from >= LEAST_BARS) continue;
    const left = Math.max(0, range.to - range.from);
    const why = purge > 0 && name !== 'test' ? ` after a purge of ${purge}` : '';
    throw tooShort(
      `The ${name} of window ${number} has ${left} bars${why}; it needs at least ${LEAST_BARS}. Make it longer${why === '' ? '' : ', or purge less'}.`,
    );
  }
}

const tooShort = (message: string): UsageError => new UsageError('WINDOW_TOO_SHORT', { message });

const testsOverlap = ({ step, test }: Windowing): UsageError =>
  new UsageError('TESTS_OVERLAP', {
    message: `A step of '${String(step)}' is shorter than the test of '${String(test)}': tests would share bars, and out-of-sample results would count twice. Step at least as far as the test is long.`,
    details: { step, test },
  });

function noRoom(axis: BarTimes, rows: RowRange, design: Windowing, fit: number): UsageError {
  const { train, validate, test, embargo = 0, windows } = design;
  const day = (row: number): string => new Date(axis.times[row]!).toISOString().slice(0, 10);
  const parts = [`train ${train}`, ...(validate === undefined ? [] : [`validate ${validate}`]), `test ${test}`];
  const gaps = embargo === 0 ? '' : `, embargo ${embargo}`;
  const found = fit === 0 ? 'no window fits' : `${fit} of ${windows} windows fit`;
  return new UsageError('NO_ROOM_FOR_WINDOWS', {
    message:
      `${found} into ${countText(rows.to - rows.from)} bars from ${day(rows.from)} to ${day(rows.to - 1)} (${parts.join(', ')}${gaps}). Shorten them, or take more data.`.replace(
        /^./,
        (letter) => letter.toUpperCase(),
      ),
    details: { bars: rows.to - rows.from, fit, wanted: windows },
  });
}
