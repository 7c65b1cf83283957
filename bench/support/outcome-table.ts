import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Samples } from './contestant.js';
import { median, type Ratio, ratioWithinRounds } from './statistics.js';

/** What was measured over one market. */
export interface Outcome {
  readonly title: string;
  /** Work of one run: bars times assets times combinations. */
  readonly work: number;
  readonly combinations: number;
  readonly samples: readonly Samples[];
  /** Arms whose times the others' are divided by. */
  readonly bases: readonly string[];
  /** Further ratios: how many times faster the second arm is than the first. */
  readonly speedups: readonly (readonly [slower: string, faster: string])[];
  /** Lines to print below. @defaultValue none */
  readonly notes?: readonly string[];
}

/** How results are shown. */
export interface Display {
  readonly markdown: boolean;
  readonly random: () => number;
}

/** Returns the machine in a line. */
export function machineLine(load: number): string {
  const [cpu] = cpus();
  return `Node ${process.version}, ${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), load before the run ${load.toFixed(2)}.`;
}

/** Returns the load before a run, and warns where it is too high for figures that mean something. */
export function loadBefore(): number {
  const load = loadavg()[0]!;
  if (load > 0.5) console.error(`The load is ${load.toFixed(2)}: other work takes part in these figures.`);
  return load;
}

/** Returns an outcome as a titled table and the speedups below it. */
export function outcomeText(outcome: Outcome, { markdown, random }: Display): string {
  const { samples, bases, combinations, work } = outcome;
  const secondsOf = (arm: string): readonly number[] | undefined => samples.find((each) => each.arm === arm)?.seconds;
  const present = bases.filter((base) => secondsOf(base) !== undefined);
  const head = ['arm', 'median', 'ns/bar', ...(combinations > 1 ? ['combos/s'] : [])];
  const rows = samples.map(({ arm, seconds, startupSeconds }) => {
    const middle = median(seconds);
    return [
      arm,
      duration(middle),
      ((middle / work) * 1e9).toFixed(2),
      ...(combinations > 1 ? [(combinations / middle).toFixed(0)] : []),
      ...present.map((base) => ratioText(ratioWithinRounds(seconds, secondsOf(base)!, random))),
      startupSeconds.length === 0 ? '' : duration(median(startupSeconds)),
    ];
  });
  const table = tableText([...head, ...present.map((base) => `x ${base} [95 %]`), 'start'], rows, markdown);
  const speedups = outcome.speedups.flatMap(([slower, faster]) => {
    const [a, b] = [secondsOf(slower), secondsOf(faster)];
    return a && b ? [`${faster} is ${ratioText(ratioWithinRounds(a, b, random))} times as fast as ${slower}.`] : [];
  });
  const runs = `${samples[0]!.seconds.length} counted runs of each arm, in turns.`;
  return [
    `${markdown ? '### ' : ''}${outcome.title}`,
    table,
    [runs, ...speedups, ...(outcome.notes ?? [])].map((line) => (markdown ? `- ${line}` : line)).join('\n'),
  ].join('\n\n');
}

/** Writes every sample. */
export function writeSamples(file: string, outcomes: readonly Outcome[], load: number): void {
  const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model, load };
  const workloads = outcomes.map(({ title, work, combinations, samples }) => ({ title, work, combinations, samples }));
  writeFileSync(file, `${JSON.stringify({ machine, workloads }, null, 1)}\n`);
}

const duration = (seconds: number): string =>
  seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.1 ? 2 : 1)} ms` : `${seconds.toFixed(3)} s`;

const ratioText = ({ value, low, high }: Ratio): string =>
  `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

function tableText(head: readonly string[], rows: readonly (readonly string[])[], markdown: boolean): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const cells = (row: readonly string[]): string[] =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)));
  if (!markdown) return [head, ...rows].map((row) => cells(row).join('  ').trimEnd()).join('\n');
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [cells(head), rule, ...rows.map(cells)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
