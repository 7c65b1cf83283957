import { UsageError } from '../core/errors.js';

/** What one run of an arm took. */
export interface RunSample {
  /** Wall time, in seconds. */
  readonly seconds: number;
  /** Time on all cores, of all threads of the process, user and system, in seconds. */
  readonly cpuSeconds: number;
  /** Largest resident memory, in bytes: of the run where the system can tell, else of the process so far. */
  readonly peakRssBytes: number;
  /** Memory after the run with shared pages divided among who shares them, in bytes; null where the system cannot tell. */
  readonly pssBytes: number | null;
}

/** What the counted runs of an arm took, run k in round k. */
export interface ArmSamples {
  readonly name: string;
  readonly runs: readonly RunSample[];
}

/** Counted runs below which nothing is claimed. */
export const LEAST_RUNS = 10;

/** @throws UsageError `TOO_FEW_RUNS` below {@link LEAST_RUNS} */
export function refuseFewRuns(what: string, runs: number): void {
  if (runs >= LEAST_RUNS) return;
  throw new UsageError('TOO_FEW_RUNS', {
    message: `${what} must be at least ${LEAST_RUNS} counted runs of each arm, but is ${runs}: fewer prove nothing.`,
    details: { runs, least: LEAST_RUNS },
  });
}
