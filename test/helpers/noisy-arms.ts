import type { ArmSamples } from '../../src/benchmark/samples.js';
import { exp } from '../../src/core/elementary.js';
import type { SeededRandom } from '../../src/core/random.js';

/** How the times of a machine vary. */
export interface MachineNoise {
  /** Deviation of the logarithm from run to run. */
  readonly run: number;
  /** The same from round to round, for all arms of the round. */
  readonly round: number;
  /** Share of the runs that something disturbed, which takes up to half as long again. */
  readonly disturbed: number;
}

/** Rounds of a shared machine: 3 % from run to run, a drift of 3 % between rounds, one run of 25 disturbed. */
export const SHARED_MACHINE: MachineNoise = { run: 0.03, round: 0.03, disturbed: 0.04 };

const MEGABYTE = 1 << 20;

/** Returns interleaved runs of arms that take so many seconds on a quiet machine. */
export function noisyArms(
  seconds: Readonly<Record<string, number>>,
  runs: number,
  random: SeededRandom,
  { run, round, disturbed }: MachineNoise = SHARED_MACHINE,
): Record<string, ArmSamples> {
  const drift = Array.from({ length: runs }, () => exp(round * random.normal()));
  return Object.fromEntries(
    Object.entries(seconds).map(([name, quiet]) => [
      name,
      {
        name,
        runs: drift.map((slow) => {
          const taken =
            quiet * slow * exp(run * random.normal()) * (random.next() < disturbed ? 1 + random.next() / 2 : 1);
          const memory = 100 * MEGABYTE * exp(0.005 * random.normal());
          return { seconds: taken, cpuSeconds: taken, peakRssBytes: memory, pssBytes: memory * 0.9 };
        }),
      },
    ]),
  );
}
