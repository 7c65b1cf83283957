import { createColors } from 'picocolors';
import { formatDuration } from '../core/time.js';
import { formatCount, formatShort } from './format.js';
import { displayWidth, truncate } from './text-table.js';

/** Where a search stands: everything that a progress line shows. */
export interface Progress {
  /** Trials finished, in whatever state. May be fractional: the share of running trials included. */
  readonly done: number;
  /** All trials; undefined when the search has no known end. */
  readonly total: number | undefined;
  /** Trials that were finished before this run began (a resumed study): they count as done, not as speed. @defaultValue 0 */
  readonly doneBefore?: number;
  /** Milliseconds since the first trial of this run was handed out. */
  readonly elapsedMs: number;
  /** The best objective so far; undefined until a trial completes. */
  readonly best: { readonly name: string; readonly value: number; readonly number: number } | undefined;
  /** Trials without a value: ended before their end, over part of the data, or never traded. @defaultValue 0 */
  readonly pruned?: number;
  readonly failed: number;
  readonly workers: { readonly busy: number; readonly total: number };
}

/** How a progress line is drawn. */
export interface ProgressLineOptions {
  /** Columns of the terminal. @defaultValue 80 */
  readonly columns?: number;
  /** @defaultValue false */
  readonly color?: boolean;
}

/** Returns finished trials per second in this run; undefined before the first. */
export function progressRate({ done, doneBefore = 0, elapsedMs }: Progress): number | undefined {
  return elapsedMs > 0 && done > doneBefore ? ((done - doneBefore) * 1000) / elapsedMs : undefined;
}

/** Returns the milliseconds left at the mean rate of this run; undefined when the end or the rate is not known. */
export function progressEta(progress: Progress): number | undefined {
  const rate = progressRate(progress);
  if (rate === undefined || progress.total === undefined) return undefined;
  return (Math.max(0, progress.total - progress.done) / rate) * 1000;
}

/**
 * Returns the one line that a terminal shows while a search runs, at most `columns` wide: bar, done and total, rate,
 * time left, best so far, failures, workers. Where the line is narrow, the bar shrinks and then goes, then
 * the facts go from the last to the first.
 */
export function renderProgressLine(
  progress: Progress,
  { columns = 80, color = false }: ProgressLineOptions = {},
): string {
  const style = createColors(color);
  const facts = factsOf(progress);
  while (facts.length > 1 && displayWidth(joined(facts)) > columns) facts.pop();
  const share = progress.total === undefined ? undefined : progress.total === 0 ? 1 : progress.done / progress.total;
  const room = columns - displayWidth(joined(facts)) - 1;
  const size = Math.min(28, room);
  const text = facts.map(({ text: fact, bad }) => (bad ? style.red(fact) : fact)).join(separator);
  if (share === undefined || size < 6) return facts.length === 1 ? truncate(text, columns) : text;
  return `${bar(Math.min(1, Math.max(0, share)), size, style)} ${text}`;
}

/** Returns the plain line for an output that is no terminal: no bar, no styles, every fact. */
export const renderProgressPlain = (progress: Progress): string => joined(factsOf(progress));

const separator = ' · ';

interface Fact {
  readonly text: string;
  readonly bad?: boolean;
}

const joined = (facts: readonly Fact[]): string => facts.map(({ text }) => text).join(separator);

/** The facts, the most wanted first: the line drops from the end when it is short of room. */
function factsOf(progress: Progress): Fact[] {
  const { done, total, best, pruned = 0, failed, workers } = progress;
  const count = formatCount(Math.floor(done));
  const facts: Fact[] = [{ text: total === undefined ? `${count} trials` : `${count}/${formatCount(total)}` }];
  const rate = progressRate(progress);
  if (rate !== undefined) facts.push({ text: `${formatShort(rate, rate >= 100 ? 4 : 3)}/s` });
  const eta = progressEta(progress);
  if (eta !== undefined) facts.push({ text: `ETA ${formatDuration(eta)}` });
  if (best !== undefined) facts.push({ text: `best ${formatShort(best.value, 4)} (#${best.number})` });
  if (failed > 0) facts.push({ text: `${formatCount(failed)} failed`, bad: true });
  if (pruned > 0) facts.push({ text: `${formatCount(pruned)} pruned` });
  facts.push({ text: `${workers.busy}/${workers.total} workers` });
  return facts;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function bar(share: number, size: number, style: ReturnType<typeof createColors>): string {
  const filled = Math.floor(share * size * 8);
  const body = '█'.repeat(Math.floor(filled / 8)) + eighths[filled % 8]!;
  return style.cyan(body) + style.dim('░'.repeat(size - displayWidth(body)));
}
