import { join } from 'node:path';
import { checkFolder, makeFolder, type Purpose, writeFiles } from '../export/files.js';
import type { Frame } from '../profiling/call-tree.js';
import { placeOf } from '../profiling/places.js';
import type { Profile } from '../profiling/profile.js';
import { Profiler } from '../profiling/profiler.js';
import { type ProfileUnits, renderFlameGraph, renderFunctions, renderProfile, renderThreads } from '../report/index.js';
import type { Output } from './output.js';
import type { PreparedProfile, ProfiledCommand } from './profile-option.js';
import { bytesText, counted } from './text-blocks.js';

const FILES = ['cpu.cpuprofile', 'heap.heapprofile', 'flame.svg', 'functions.txt'] as const;
const PURPOSE: Purpose = { code: 'PROFILE', verb: 'write the profile' };
/** Rows of the table on a terminal, and of those in the document. */
const SHOWN = 10;

/**
 * Makes the folder of a profile where there is none, and refuses one that cannot take it, before the run that would be lost.
 * @throws UsageError `PROFILE_NOT_WRITABLE`; RunError `PROFILE_WRITE_FAILED`
 */
export function prepareProfile(folder: string): PreparedProfile {
  makeFolder(folder, PURPOSE);
  checkFolder(folder, FILES, PURPOSE);
  return { start: async () => profiledCommand(folder, await Profiler.start()) };
}

/**
 * Makes the folder of several profiles, and returns what writes each into a folder of its own beneath it and returns the facts of it.
 * @throws UsageError `PROFILE_NOT_WRITABLE`; RunError `PROFILE_WRITE_FAILED`
 */
export function prepareProfiles(
  folder: string,
): (name: string, profile: Profile, units: ProfileUnits) => Promise<object> {
  makeFolder(folder, PURPOSE);
  return async (name, profile, units) => {
    const own = join(folder, name.replace(/[^\p{L}\p{N}.]+/gu, '-'));
    makeFolder(own, PURPOSE);
    checkFolder(own, FILES, PURPOSE);
    await writeProfile(own, name, profile, units);
    return documentOf(own, profile, units);
  };
}

function profiledCommand(folder: string, profiler: Profiler): ProfiledCommand {
  return {
    sink: profiler.sink,
    finish: async (title, units) => {
      const profile = profiler.finish();
      await writeProfile(folder, title, profile, units);
      return {
        document: documentOf(folder, profile, units),
        report: {
          calls: profile.calls,
          functions: profile.functions,
          placeOf,
          remarks: [
            `A sample every ${profile.settings.sampleMicroseconds} microseconds, recorded while it ran: without that it is somewhat faster.`,
            `${allocationText(profile, units).join(' ')}.`,
          ],
        },
        text: (output) => textOf(folder, profile, units, output),
      };
    },
    [Symbol.dispose]: () => profiler[Symbol.dispose](),
  };
}

async function writeProfile(folder: string, title: string, profile: Profile, units: ProfileUnits): Promise<void> {
  const contents: Readonly<Record<(typeof FILES)[number], string>> = {
    'cpu.cpuprofile': JSON.stringify(profile.cpu),
    'heap.heapprofile': JSON.stringify(profile.heap),
    'flame.svg': renderFlameGraph(profile.calls, { title: `${title}: time at work`, placeOf }),
    'functions.txt': renderProfile(title, profile, placeOf, units),
  };
  const files = FILES.map((name) => ({ name, pieces: [contents[name]] }));
  await writeFiles(folder, files, PURPOSE);
}

function documentOf(folder: string, profile: Profile, units: ProfileUnits): object {
  const { threads, lost, functions, lines, calls, allocations, allocators, allocationSamples, settings } = profile;
  const share = (part: number): number => (calls.total > 0 ? part / calls.total : 0);
  return {
    folder,
    files: FILES,
    sampleMicroseconds: settings.sampleMicroseconds,
    threads,
    lost,
    functions: functions.slice(0, SHOWN).map(({ frame, self, total }) => ({
      ...frameDocument(frame),
      selfMs: self,
      totalMs: total,
      selfShare: share(self),
      totalShare: share(total),
    })),
    lines: lines.slice(0, SHOWN).map(({ url, line, self, functions: names }) => ({
      file: placeOf({ url }).file,
      line,
      functions: names,
      selfMs: self,
      selfShare: share(self),
    })),
    allocation: {
      bytes: allocations.total,
      samples: allocationSamples,
      intervalBytes: settings.heapIntervalBytes,
      per: units.name,
      count: units.count,
      bytesEach: units.count > 0 ? allocations.total / units.count : null,
      functions: allocators.slice(0, SHOWN).map(({ frame, self, total }) => ({
        ...frameDocument(frame),
        selfBytes: self,
        totalBytes: total,
      })),
    },
  };
}

const frameDocument = (frame: Frame) => ({
  name: frame.name,
  file: placeOf(frame).file || null,
  line: frame.line || null,
});

function textOf(
  folder: string,
  profile: Profile,
  units: ProfileUnits,
  output: Pick<Output, 'width' | 'color'>,
): string {
  const { threads, lost, functions, calls } = profile;
  const style = { width: output.width, color: output.color };
  return [
    renderFunctions(functions.slice(0, SHOWN), calls.total, placeOf, style),
    '',
    renderThreads(threads, style),
    ...(lost.length === 0 ? [] : [`Ended without a profile: ${lost.join(', ')}.`]),
    '',
    ...allocationText(profile, units),
    `Profile: ${folder}:`,
    `  ${FILES.join(', ')}`,
  ].join('\n');
}

/** How much was allocated, and how exact that is: the sum of n random samples is about 1 / sqrt(n) off. */
function allocationText({ allocations, allocationSamples: samples, settings }: Profile, units: ProfileUnits): string[] {
  const each = units.count > 0 ? `, ${bytesText(Math.round(allocations.total / units.count))} a ${units.name}` : '';
  const off = samples > 0 ? ` (± ${Math.ceil(100 / Math.sqrt(samples))} %)` : '';
  return [
    `Allocated: ${bytesText(Math.round(allocations.total))}${each}${off}`,
    `by ${counted(samples, 'sample')}, one in ${bytesText(settings.heapIntervalBytes)} of the JavaScript heap`,
  ];
}
