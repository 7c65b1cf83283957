import type { Frame, Place } from '../profiling/call-tree.js';
import type { FunctionCost, LineCost } from '../profiling/cost-tables.js';
import type { Profile } from '../profiling/profile.js';
import { renderTable, type TextTableOptions } from './text-table.js';

/** What is counted when allocation is told for each of something: bars of a run, trials of a search. */
export interface ProfileUnits {
  readonly name: 'bar' | 'trial' | 'run';
  readonly count: number;
}

/** Says whose a function is, and where. */
type PlaceOf = (frame: Pick<Frame, 'url'>) => Place;

/** Returns the functions of a profile as a table, as many as are asked for, with their shares of all work. */
export function renderFunctions(
  functions: readonly FunctionCost[],
  workMs: number,
  placeOf: PlaceOf,
  options: TextTableOptions = {},
): string {
  return renderTable(
    [
      { header: 'function' },
      { header: 'where' },
      { header: 'self ms', align: 'right' },
      { header: 'self', align: 'right' },
      { header: 'total', align: 'right' },
    ],
    functions.map(({ frame, self, total }) => [
      frame.name,
      lineText(placeOf(frame).file, frame.line),
      self.toFixed(1),
      percent(self, workMs),
      percent(total, workMs),
    ]),
    options,
  );
}

/** Returns the lines of a profile as a table. */
function renderLines(lines: readonly LineCost[], workMs: number, placeOf: PlaceOf, options: TextTableOptions): string {
  return renderTable(
    [
      { header: 'line', whole: true },
      { header: 'function' },
      { header: 'self ms', align: 'right' },
      { header: 'self', align: 'right' },
    ],
    lines.map((line) => [
      lineText(placeOf(line).file, line.line),
      line.functions.join(', '),
      line.self.toFixed(1),
      percent(line.self, workMs),
    ]),
    options,
  );
}

/** Returns functions by what they allocate as a table, in all and for each of what is counted. */
function renderAllocators(
  { allocators, allocations }: Profile,
  placeOf: PlaceOf,
  units: ProfileUnits,
  options: TextTableOptions,
): string {
  return renderTable(
    [
      { header: 'allocates' },
      { header: 'where' },
      { header: 'KiB', align: 'right' },
      { header: 'share', align: 'right' },
      { header: `bytes a ${units.name}`, align: 'right' },
    ],
    allocators.map(({ frame, self }) => [
      frame.name,
      lineText(placeOf(frame).file, frame.line),
      (self / 1024).toFixed(1),
      percent(self, allocations.total),
      units.count > 0 ? (self / units.count).toFixed(1) : '',
    ]),
    options,
  );
}

/** Returns threads as a table: how long each was there and at work, and what it allocated. */
export function renderThreads(threads: Profile['threads'], options: TextTableOptions = {}): string {
  return renderTable(
    [
      { header: 'thread', whole: true },
      { header: 'wall ms', align: 'right' },
      { header: 'at work ms', align: 'right' },
      { header: 'samples', align: 'right' },
      { header: 'allocated MiB', align: 'right' },
    ],
    threads.map(({ name, wallMs, busyMs, samples, allocatedBytes }) => [
      name,
      wallMs.toFixed(1),
      busyMs.toFixed(1),
      String(samples),
      (allocatedBytes / 2 ** 20).toFixed(2),
    ]),
    options,
  );
}

/** Returns a whole profile as text for a file: threads, every function, every line, and every function that allocates. */
export function renderProfile(title: string, profile: Profile, placeOf: PlaceOf, units: ProfileUnits): string {
  const { threads, lost, functions, lines, calls, settings } = profile;
  const whole = { width: Number.POSITIVE_INFINITY };
  return [
    title,
    `A sample of each thread's stack every ${settings.sampleMicroseconds} microseconds. Idle time is not counted; shares are of all work.`,
    ...(lost.length === 0 ? [] : [`Ended without a profile: ${lost.join(', ')}.`]),
    '',
    renderThreads(threads, whole),
    '',
    renderFunctions(functions, calls.total, placeOf, whole),
    '',
    renderLines(lines, calls.total, placeOf, whole),
    '',
    renderAllocators(profile, placeOf, units, whole),
    '',
  ].join('\n');
}

const lineText = (file: string, line: number): string => (line > 0 && file !== '' ? `${file}:${line}` : file);

const percent = (part: number, whole: number): string => `${whole > 0 ? ((100 * part) / whole).toFixed(1) : '0.0'} %`;
