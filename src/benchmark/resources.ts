import { readFileSync, writeFileSync } from 'node:fs';

const KIB = 1024;

/**
 * Begins a new peak of resident memory, where the system can (Linux 4.0). Elsewhere the peak is that of the process so far.
 * A process that was forked from a large one would also carry that one's peak in `resourceUsage`; its own is in /proc.
 */
export function beginPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Another system, or one that does not allow it: the peak only grows then.
  }
}

/** Returns the largest resident memory since {@link beginPeak}, in bytes. */
export const peakRssBytes = (): number => kibIn('/proc/self/status', 'VmHWM') ?? process.resourceUsage().maxRSS * KIB;

/** Returns the memory of this process with shared pages divided among those who share them, in bytes; null where the system cannot tell. */
export const pssBytes = (): number | null => kibIn('/proc/self/smaps_rollup', 'Pss') ?? null;

function kibIn(file: string, name: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // No Linux: whoever asks has another way.
    return undefined;
  }
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return kib === undefined ? undefined : Number(kib) * KIB;
}
