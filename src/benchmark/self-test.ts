import { join } from 'node:path';
import { SeededRandom } from '../core/random.js';
import { type BenchmarkOptions, benchmark, type ScenarioReport } from './benchmark.js';
import { packageFolder } from './code-identity.js';
import { compareArms, medianOf } from './comparison.js';
import type { ArmSamples, RunSample } from './samples.js';
import { SAMPLE, SCENARIO_DEFAULTS, type Scenario } from './scenario.js';
import { judge, type Thresholds } from './verdict.js';

/** How often a benchmark on this machine is wrong. */
export interface SelfTest {
  /** Benchmarks that were judged. */
  readonly times: number;
  /** Counted runs of each arm in one of them. */
  readonly runs: number;
  /** Measured rounds that they are drawn from. */
  readonly rounds: number;
  /** Of the A/A, those that would have been accepted. */
  readonly falseAlarms: number;
  /** Of the same with one side's times a tenth less, those that were accepted. */
  readonly found: number;
  /** Mean relative deviation of the times of an arm, robust: 1.4826 times the median distance from the median. */
  readonly noise: number;
  readonly measured: ScenarioReport;
}

/** What is planted: a tenth of the time. */
const PLANTED = 0.1;
/** Resamples of each of the many intervals. */
const RESAMPLES = 999;

/**
 * Measures the same code against itself on this machine, and judges benchmarks of `runs` rounds that are drawn from the measured rounds:
 * as they are, and with a tenth taken off the times of one side.
 *
 * @throws what {@link benchmark} throws
 */
export async function selfTest(
  { runs, times = 200 }: { readonly runs: number; readonly times?: number | undefined },
  options: Omit<BenchmarkOptions, 'runs'>,
): Promise<SelfTest> {
  const rounds = 4 * runs;
  const scenario: Scenario = {
    ...SCENARIO_DEFAULTS,
    name: 'self-test',
    strategy: join(packageFolder(), 'examples', 'sma-crossover.ts'),
    bundle: { sample: SAMPLE },
    params: { fast: '10', slow: '50', threshold: '0.005' },
    same: true,
  };
  const { scenarios } = await benchmark({ scenarios: [scenario] }, { ...options, runs: rounds });
  const [measured] = scenarios;
  const [a, b] = measured!.arms;
  const { seed = 1, thresholds } = options;
  return { ...errorRates(a!, b!, { runs, times, seed, thresholds }), measured: measured! };
}

/** Draws benchmarks from the rounds of an A/A, and judges them. */
export function errorRates(
  a: ArmSamples,
  b: ArmSamples,
  {
    runs,
    times,
    seed,
    thresholds,
  }: {
    readonly runs: number;
    readonly times: number;
    readonly seed: number;
    readonly thresholds?: Thresholds | undefined;
  },
): Omit<SelfTest, 'measured'> {
  const random = SeededRandom.derive(seed, 'benchmark', 'self-test');
  const rounds = a.runs.length;
  const accepts = (base: ArmSamples, candidate: ArmSamples): boolean => {
    const comparison = compareArms(base, candidate, { seed, resamples: RESAMPLES });
    return judge([{ comparison, isDifferentCode: false }], thresholds)[0]!.wouldPass;
  };
  let [falseAlarms, found] = [0, 0];
  for (let time = 0; time < times; time++) {
    const drawn = random.shuffle(Array.from({ length: rounds }, (_, round) => round)).slice(0, runs);
    // Which side is called the candidate is drawn as well: an A/A has none.
    const sides = random.int(0, 1) === 0 ? [a, b] : [b, a];
    const [base, candidate] = sides.map((side) => ({ ...side, runs: drawn.map((round) => side.runs[round]!) }));
    if (accepts(base!, candidate!)) falseAlarms++;
    if (accepts(base!, { ...candidate!, runs: candidate!.runs.map(faster) })) found++;
  }
  return { times, runs, rounds, falseAlarms, found, noise: (noiseOf(a) + noiseOf(b)) / 2 };
}

const faster = (run: RunSample): RunSample => ({ ...run, seconds: run.seconds * (1 - PLANTED) });

function noiseOf({ runs }: ArmSamples): number {
  const seconds = runs.map((run) => run.seconds);
  const middle = medianOf(seconds);
  return (1.4826 * medianOf(seconds.map((value) => Math.abs(value - middle)))) / middle;
}
