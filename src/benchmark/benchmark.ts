import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../core/errors.js';
import { createOwnedDirectory, removeStale } from '../data/owned-directory.js';
import { sampleMarket } from '../data/sample-market.js';
import { BundleStore } from '../data/store.js';
import { temporaryDirectory } from '../data/temporary-directory.js';
import { writeBundle } from '../data/writer.js';
import { openMarket } from '../engine/market.js';
import { parseParams } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { loadStrategy } from '../engine/strategy-loader.js';
import type { SearchName } from '../optimize/samplers/names.js';
import { resolveJobs } from '../parallel/jobs.js';
import type { Profile } from '../profiling/profile.js';
import { ChildArm } from './child-arm.js';
import {
  type CodeIdentity,
  codeDifference,
  type PackageIdentity,
  packageFolder,
  packageIdentity,
} from './code-identity.js';
import { type Comparison, compareArms } from './comparison.js';
import { flagsIn } from './flags.js';
import { measure } from './measure.js';
import type { ArmSamples } from './samples.js';
import type { ArmSettings, Scenario, ScenarioFile } from './scenario.js';
import { evaluateInRankOrder, type SequentialResult, type StepOutcome } from './sequential.js';
import { judge, type ResolvedThresholds, resolveThresholds, type Thresholds, type Verdict } from './verdict.js';
import type { WorkResult } from './work.js';

/** How scenarios are measured where they do not say so themselves. */
export interface BenchmarkOptions {
  /** @defaultValue 20 */
  readonly runs?: number | undefined;
  /** @defaultValue 2 */
  readonly warmUp?: number | undefined;
  /** Of the order within rounds, and of the bootstrap. @defaultValue 1 */
  readonly seed?: number | undefined;
  readonly thresholds?: Thresholds | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BenchmarkProgress) => void) | undefined;
  /** Takes a profile of each arm, of one more run after those that count. @defaultValue nothing is recorded */
  readonly onProfile?: ((profile: ArmProfile) => Promise<void>) | undefined;
}

/** Where the time of an arm goes. */
export interface ArmProfile {
  readonly scenario: string;
  readonly arm: string;
  /** How often the work was done. */
  readonly repeat: number;
  /** Undefined where another Hindcast does the work. */
  readonly profile: Profile | undefined;
}

/** How far a benchmark is. */
export interface BenchmarkProgress {
  readonly scenario: string;
  readonly done: number;
  readonly total: number;
}

/** An arm of a scenario, as it was measured. */
export interface MeasuredArm extends ArmSamples {
  readonly settings: ArmSettings;
  readonly code: CodeIdentity;
}

/** Two arms of a scenario, and what is claimed of them. */
export interface ScenarioClaim {
  readonly name: string;
  readonly baseline: string;
  readonly candidate: string;
  /** What makes them different code; none for an A/A. */
  readonly difference: readonly string[];
  readonly comparison: Comparison;
  readonly verdict: Verdict;
}

/** A scenario that was measured. */
export interface ScenarioReport {
  readonly name: string;
  readonly command: Scenario['command'];
  readonly strategy: string;
  /** Of the first arm. */
  readonly work: string;
  readonly bundle: { readonly name: string; readonly version: string };
  readonly runs: number;
  readonly warmUp: number;
  readonly life: Scenario['life'];
  readonly time: Scenario['time'];
  readonly memory: Scenario['memory'];
  readonly arms: readonly MeasuredArm[];
  /** Which arm ran when, round by round, as indexes. */
  readonly orders: readonly (readonly number[])[];
  readonly result: WorkResult;
  readonly claims: readonly ScenarioClaim[];
}

/** What {@link benchmark} returns. */
export interface BenchmarkReport {
  readonly seed: number;
  readonly thresholds: ResolvedThresholds;
  readonly scenarios: readonly ScenarioReport[];
  /** Where scenarios were evaluated in rank order. */
  readonly sequential: SequentialResult<{ readonly name: string; readonly expected: number }> | undefined;
}

/** Arms beside the baseline, by name, and which pairs of all are compared. */
export interface Arms {
  readonly arms: readonly { readonly name: string; readonly settings: ArmSettings }[];
  readonly pairs: readonly { readonly name: string; readonly baseline: string; readonly candidate: string }[];
}

type Unjudged = Omit<ScenarioReport, 'claims'> & { readonly claims: readonly Omit<ScenarioClaim, 'verdict'>[] };

/**
 * Measures scenarios and judges their claims together (Holm). With a rule for a sequential evaluation they are measured one by one in rank
 * order, each on top of the candidates that were accepted, and each p counts as often as there are scenarios (Bonferroni), because nobody
 * knows beforehand how many will be measured.
 *
 * @throws UsageError for what is wrong in a scenario, `SAME_CODE` where both arms are the same code and nobody said so; RunError
 * `RESULTS_DIFFER`, `INTERRUPTED`; what a strategy throws
 */
export async function benchmark(
  { scenarios, sequential }: ScenarioFile,
  options: BenchmarkOptions,
): Promise<BenchmarkReport> {
  const thresholds = resolveThresholds(options.thresholds);
  const seed = options.seed ?? 1;
  using markets = new SampleMarkets();
  if (sequential === undefined) {
    const measured: Unjudged[] = [];
    for (const scenario of scenarios)
      measured.push(await measureScenario(scenario, twoArms(scenario), options, markets));
    return { seed, thresholds, scenarios: judged(measured, thresholds), sequential: undefined };
  }
  const reports: ScenarioReport[] = [];
  const strict = { ...thresholds, significance: thresholds.significance / scenarios.length };
  const result = await evaluateInRankOrder(
    scenarios,
    async (scenario, accepted): Promise<StepOutcome> => {
      const on = accepted.map(({ candidate }) => candidate);
      const { baseline, candidate } = scenario;
      const stacked = { ...scenario, baseline: stackedOn(on, baseline), candidate: stackedOn(on, candidate) };
      const [report] = judged([await measureScenario(stacked, twoArms(stacked), options, markets)], strict);
      reports.push(report!);
      const { verdict, comparison } = report!.claims[0]!;
      const { timeRatio } = comparison;
      if (verdict.word === 'accepted') return { verdict: 'accepted', timeRatio };
      return { verdict: 'rejected', reason: unmetText(verdict), timeRatio };
    },
    sequential,
  );
  const entries = result.entries.map(({ step: { name, expected }, ...entry }) => ({
    ...entry,
    step: { name, expected },
  }));
  return { seed, thresholds: strict, scenarios: reports, sequential: { ...result, entries } };
}

/** Measures one strategy with all flags on against each of them off, and answers which help. */
export async function benchmarkArms(
  scenario: Scenario,
  arms: Arms,
  options: BenchmarkOptions,
): Promise<BenchmarkReport> {
  const thresholds = resolveThresholds(options.thresholds);
  using markets = new SampleMarkets();
  const measured = await measureScenario(scenario, arms, options, markets);
  return { seed: options.seed ?? 1, thresholds, scenarios: judged([measured], thresholds), sequential: undefined };
}

/** Returns why a candidate was not accepted. */
export const unmetText = ({ conditions }: Verdict): string =>
  conditions
    .filter(({ met }) => !met)
    .map(({ says }) => says)
    .join('; ');

const twoArms = ({ name, baseline, candidate }: Scenario): Arms => ({
  arms: [
    { name: 'baseline', settings: baseline },
    { name: 'candidate', settings: candidate },
  ],
  pairs: [{ name, baseline: 'baseline', candidate: 'candidate' }],
});

/** Settings on top of those of candidates that were accepted before. */
function stackedOn(accepted: readonly ArmSettings[], own: ArmSettings): ArmSettings {
  const all = [...accepted, own];
  return {
    ...Object.assign({}, ...all),
    env: Object.assign({}, ...all.map(({ env }) => env)),
    params: Object.assign({}, ...all.map(({ params }) => params)),
    nodeOptions: all.flatMap(({ nodeOptions = [] }) => nodeOptions),
  };
}

function judged(measured: readonly Unjudged[], thresholds: Thresholds): ScenarioReport[] {
  const claims = measured.flatMap((scenario) => scenario.claims);
  const verdicts = judge(
    claims.map(({ comparison, difference }) => ({ comparison, isDifferentCode: difference.length > 0 })),
    thresholds,
  );
  let at = 0;
  return measured.map((scenario) => ({
    ...scenario,
    claims: scenario.claims.map((claim) => ({ ...claim, verdict: verdicts[at++]! })),
  }));
}

async function measureScenario(
  scenario: Scenario,
  { arms, pairs }: Arms,
  options: BenchmarkOptions,
  markets: SampleMarkets,
): Promise<Unjudged> {
  const { seed = 1, signal, onProgress, onProfile } = options;
  const { runs = options.runs ?? 20, warmUp = options.warmUp ?? 2, name, life, time, memory } = scenario;
  const { bundle, home } = await bundleOf(scenario, markets);
  // Another Hindcast compiles for itself; then all do, or the compiler's memory would be one side's alone.
  const compilesItself = arms.some(({ settings }) => settings.package !== undefined);
  const prepared = await Promise.all(
    arms.map((arm) => prepareArm(scenario, arm, `${bundle.name}@${bundle.version}`, home, compilesItself)),
  );
  const code = (arm: string): CodeIdentity => prepared.find((one) => one.name === arm)!.code;
  const claims = pairs.map((pair) => ({
    ...pair,
    difference: codeDifference(code(pair.baseline), code(pair.candidate)),
  }));
  if (!scenario.same) {
    const same = claims.find(({ difference }) => difference.length === 0);
    if (same !== undefined) throw sameCode(name, same);
  }
  const measured = await measure(
    prepared.map(({ arm }) => arm),
    { runs, warmUp, seed, signal, onRun: (done, total) => onProgress?.({ scenario: name, done, total }) },
  );
  if (onProfile !== undefined) {
    const { repeat } = scenario;
    for (const { arm } of prepared) {
      await onProfile({ scenario: name, arm: arm.name, repeat, profile: await arm.profile(signal) });
    }
  }
  const samples = (arm: string): ArmSamples => measured.arms.find((one) => one.name === arm)!;
  return {
    name,
    command: scenario.command,
    strategy: scenario.strategy,
    work: workText(scenario),
    bundle,
    runs,
    warmUp,
    life,
    time,
    memory,
    arms: measured.arms.map((arm, at) => ({ ...arm, settings: arms[at]!.settings, code: prepared[at]!.code })),
    orders: measured.orders,
    result: measured.result,
    claims: claims.map((claim) => ({
      ...claim,
      comparison: compareArms(samples(claim.baseline), samples(claim.candidate), { seed, time, memory }),
    })),
  };
}

/** Compiles the strategy of an arm and says what code it is. */
async function prepareArm(
  scenario: Scenario,
  { name, settings }: Arms['arms'][number],
  bundle: string,
  home: string | undefined,
  compilesItself: boolean,
): Promise<{ readonly name: string; readonly arm: ChildArm; readonly code: CodeIdentity }> {
  const { strategy: file = scenario.strategy, env = {}, nodeOptions = [], jobs = scenario.jobs } = settings;
  const { strategy, ...compiled } = await loadStrategy(file);
  const given = { ...scenario.params, ...settings.params };
  const isSearch = scenario.command === 'optimize';
  if (isSearch && Object.keys(given).length > 0) {
    throw new UsageError('PARAMS_OF_A_SEARCH', {
      message: `Scenario '${scenario.name}' searches the parameters, so none can be given: leave out params, or let its command be backtest.`,
      details: { params: given },
    });
  }
  const params = isSearch ? {} : (parseParams(strategy.parameters, given) as GivenParams);
  const search = isSearch
    ? { name: scenario.search as SearchName, trials: scenario.trials, objective: scenario.objective, jobs }
    : undefined;
  const folder = settings.package;
  const work = {
    strategy: resolve(file),
    compiled: compilesItself ? undefined : compiled,
    market: { ...scenario.market, bundle },
    params,
    seed: scenario.seed,
    repeat: scenario.repeat,
    search,
  };
  const own = home === undefined ? env : { ...env, HINDCAST_HOME: home };
  return {
    name,
    arm: new ChildArm({ name, work, life: scenario.life, env: own, nodeOptions, package: folder }),
    code: {
      flags: flagsIn({ ...process.env, ...env }),
      strategySourceHash: compiled.sourceHash,
      params,
      jobs: isSearch ? resolveJobs(jobs).workers : 1,
      nodeOptions,
      package: knownPackage(folder ?? packageFolder()),
    },
  };
}

const packages = new Map<string, PackageIdentity>();

function knownPackage(folder: string): PackageIdentity {
  const known = packages.get(folder) ?? packageIdentity(folder);
  packages.set(folder, known);
  return known;
}

/** A store of the benchmark's own for markets that are made for it; gone with it, after a kill with the next one. */
class SampleMarkets implements Disposable {
  #home: string | undefined;

  async bundle(market: { readonly symbols: number; readonly sessions: number }): Promise<PinnedBundle> {
    this.#home ??= SampleMarkets.#create();
    const store = new BundleStore(this.#home);
    const name = `sample-${market.symbols}-${market.sessions}`;
    const { version } = store.versionsOf(name).at(-1) ?? (await writeBundle(store, name, sampleMarket(market)));
    return { bundle: { name, version }, home: this.#home };
  }

  [Symbol.dispose](): void {
    if (this.#home !== undefined) rmSync(this.#home, { recursive: true, force: true });
  }

  static #create(): string {
    const parent = join(temporaryDirectory(), 'benchmarks');
    removeStale(parent);
    return createOwnedDirectory(parent);
  }
}

/** The version of a bundle now, which all runs use, and the store where it lies if that is not the user's. */
interface PinnedBundle {
  readonly bundle: { readonly name: string; readonly version: string };
  readonly home: string | undefined;
}

async function bundleOf({ bundle, market }: Scenario, markets: SampleMarkets): Promise<PinnedBundle> {
  if (typeof bundle !== 'string') return markets.bundle(bundle.sample);
  const { symbols, start, end, frequency } = market;
  using opened = openMarket({ bundle, symbols, start, end, frequency });
  const { name, version } = opened.view.bundle;
  return { bundle: { name, version }, home: undefined };
}

const sameCode = (
  scenario: string,
  { baseline, candidate }: { readonly baseline: string; readonly candidate: string },
): UsageError =>
  new UsageError('SAME_CODE', {
    message: `Scenario '${scenario}': '${baseline}' and '${candidate}' are the same code with the same flags, so that no difference between them could mean anything. Let them differ in env, strategy, params, jobs, nodeOptions or package; or say 'same: true' for an A/A that shows the noise.`,
    details: { scenario, baseline, candidate },
  });

function workText({ command, search, trials, objective, repeat, jobs }: Scenario): string {
  const details = [
    trials === undefined ? '' : ` of ${trials} trials`,
    objective === undefined ? '' : ` for ${objective}`,
    jobs === undefined ? '' : ` with jobs ${jobs}`,
  ].join('');
  const once = command === 'backtest' ? 'one backtest' : `a ${search} search${details}`;
  return repeat === 1 ? once : `${repeat} times ${once}`;
}
