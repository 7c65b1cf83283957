import type { BenchmarkReport, MeasuredArm, ScenarioReport } from '../benchmark/benchmark.js';
import type { BenchmarkEnvironment } from '../benchmark/environment.js';
import type { GateReport } from '../benchmark/gate-file.js';
import type { SelfTest } from '../benchmark/self-test.js';

/** Returns a benchmark as a document; with the single runs for a file, without them for a screen. */
export function benchDocument(
  { seed, thresholds, scenarios, sequential }: BenchmarkReport,
  environment: BenchmarkEnvironment,
  gate: GateReport | undefined,
  withRuns: boolean,
): object {
  return {
    environment,
    seed,
    thresholds,
    scenarios: scenarios.map((scenario) => scenarioDocument(scenario, withRuns)),
    sequential: sequential ?? null,
    gate: gate ?? null,
  };
}

/** Returns a self-test as a document. */
export const selfTestDocument = (
  { measured, falseAlarms, found, times, ...rest }: SelfTest,
  environment: BenchmarkEnvironment,
  withRuns: boolean,
): object => ({
  environment,
  selfTest: { times, ...rest, falseAlarms, falseAlarmRate: falseAlarms / times, found, foundRate: found / times },
  scenarios: [scenarioDocument(measured, withRuns)],
});

function scenarioDocument({ arms, orders, claims, ...scenario }: ScenarioReport, withRuns: boolean): object {
  return {
    ...scenario,
    arms: arms.map((arm) => armDocument(arm, withRuns)),
    ...(withRuns ? { orders } : {}),
    claims: claims.map(({ comparison, ...claim }) => ({ ...claim, comparison: finite(comparison) })),
  };
}

const armDocument = ({ name, settings, code, runs }: MeasuredArm, withRuns: boolean): object => ({
  name,
  settings,
  code,
  ...(withRuns ? { runs } : {}),
});

/** Samples that do not vary have no t. */
const finite = (value: object): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, member) => (typeof member === 'number' && !Number.isFinite(member) ? null : member)),
  );
