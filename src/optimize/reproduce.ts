import { UsageError } from '../core/errors.js';
import { runOnce } from '../engine/backtest.js';
import { openMarket } from '../engine/market.js';
import type { GivenParams } from '../engine/params.js';
import type { BacktestResult } from '../engine/result.js';
import { resolveRunOptions } from '../engine/run-options.js';
import { type CustomMetrics, definitionOf } from '../engine/strategy.js';
import { loadStrategy } from '../engine/strategy-loader.js';
import type { Fidelity } from './samplers/sampler.js';
import { shareText } from './share-text.js';
import { ParameterSpace } from './space.js';
import {
  type BundleIdentity,
  identityOf,
  refuseParts,
  type StrategyIdentity,
  type StudyFacts,
  type StudyRecord,
  studyRecordOf,
} from './study-record.js';
import type { JournalTrial } from './trial.js';

/** One trial of a study, run again. */
export interface Reproduction {
  readonly number: number;
  /** True when order stream, number of orders, ending equity and every metric are the same. */
  readonly equal: boolean;
  readonly expected: TrialFigures;
  readonly found: TrialFigures;
  readonly params: Readonly<Record<string, unknown>>;
  readonly strategy: StrategyIdentity;
  readonly bundle: BundleIdentity;
  /** The whole result of the new run. */
  readonly result: BacktestResult;
  readonly custom: CustomMetrics;
}

/** What is compared. Of orders that still rested at the end the number tells, nothing else. */
export interface TrialFigures {
  /** Orders given, whatever became of them. Undefined, and not compared, where the study does not say. */
  readonly orders: number | undefined;
  /** Over fills, rejections, cancellations and expiries. */
  readonly orderStreamHash: string | undefined;
  readonly endingEquity: string | undefined;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/**
 * Runs one trial of a study again, alone and without any cache, and compares it with what the study holds.
 *
 * @param study its file, or the study as it was read from there
 * @throws UsageError `UNKNOWN_TRIAL`, `TRIAL_NOT_ENDED`, `STUDY_MISMATCH` when the strategy has changed since; DataError for a damaged bundle
 */
export async function reproduceTrial(study: string | StudyRecord, number: number): Promise<Reproduction> {
  const { path, facts, trials } = studyRecordOf(study);
  refuseParts(path, facts);
  const asked = findTrial(path, trials(), number, facts.fidelity);
  // A copy of an earlier trial was never run itself: its figures are the earlier one's.
  const first = asked.ending?.duplicateOf;
  const trial = first === undefined ? asked : findTrial(path, trials(), first);
  const { strategy, ...compiled } = await loadStudied(path, facts);
  using market = openMarket({ ...facts.view, bundle: `${facts.bundleName}@${facts.bundleVersion}` });
  const definition = definitionOf(strategy);
  const params = new ParameterSpace(strategy.parameters).checkFlat(trial.params) as GivenParams;
  const { result, custom } = runOnce(definition, market.view, resolveRunOptions(facts.run), {
    params,
    seed: facts.seed,
    trial: trial.number,
  });
  const expected: TrialFigures = {
    orders: trial.ending?.orders,
    orderStreamHash: trial.ending?.orderStreamHash,
    endingEquity: trial.ending?.endingEquity,
    metrics: trial.ending?.metrics ?? {},
  };
  const found: TrialFigures = {
    orders: result.orders,
    orderStreamHash: result.orderStreamHash,
    endingEquity: result.endingEquity.toString(),
    metrics: {
      ...Object.fromEntries(Object.entries(result.metrics).map(([name, value]) => [name, value ?? null])),
      ...custom,
    },
  };
  return {
    number,
    equal: isSame(expected, found),
    expected,
    found,
    params,
    strategy: { name: compiled.name, file: compiled.path, sourceHash: compiled.sourceHash },
    bundle: identityOf(market.view.bundle),
    result,
    custom,
  };
}

/** Loads the strategy of a study. Throws UsageError `STUDY_MISMATCH` when it has changed since the study was made. */
export async function loadStudied(path: string, facts: StudyFacts): ReturnType<typeof loadStrategy> {
  const loaded = await loadStrategy(facts.strategyFile);
  if (loaded.sourceHash === facts.strategySourceHash) return loaded;
  throw new UsageError('STUDY_MISMATCH', {
    message: `The strategy ${facts.strategyFile} has changed since ${path} was made (${facts.strategySourceHash.slice(0, 12)}…, now ${loaded.sourceHash.slice(0, 12)}…). Bring back the file as it was to reproduce its trials.`,
    details: { path, file: facts.strategyFile },
  });
}

/** Returns an ended trial by its number. Throws UsageError `UNKNOWN_TRIAL`, or `TRIAL_FAILED` for one that has nothing to compare with. */
export function findTrial(
  path: string,
  trials: Iterable<JournalTrial>,
  number: number,
  fidelity?: Fidelity,
): JournalTrial {
  let last = -1;
  for (const trial of trials) {
    if (trial.number === number) {
      if (trial.budget !== undefined && trial.budget < 1) {
        throw new UsageError('TRIAL_OVER_PART', {
          message: `Trial ${number} ran over ${shareText(trial.budget, fidelity)}, to see whether its parameters are worth more. Choose a trial that ran over all of the data, or give its parameters to hindcast backtest.`,
          details: { number, budget: trial.budget },
        });
      }
      const { stoppedAt } = trial.ending ?? {};
      if (stoppedAt !== undefined && stoppedAt < 1) {
        throw new UsageError('TRIAL_STOPPED', {
          message: `Trial ${number} was ended behind ${shareText(stoppedAt)}, so there is no whole run to compare with. Choose a trial that ran through, or give its parameters to hindcast backtest.`,
          details: { number, stoppedAt },
        });
      }
      if (trial.ending === undefined || trial.ending.orderStreamHash !== undefined) return trial;
      if (trial.ending.state === 'failed') {
        throw new UsageError('TRIAL_FAILED', {
          message: `Trial ${number} failed, so there is nothing to compare with: ${trial.ending.reason}`,
          details: { number },
        });
      }
      return trial;
    }
    last = Math.max(last, trial.number);
  }
  throw new UsageError('UNKNOWN_TRIAL', {
    message:
      last < 0
        ? `${path} holds no trial that has ended.`
        : `${path} holds no ended trial ${number}; its trials go from 0 to ${last}.`,
    details: { path, number },
  });
}

function isSame(expected: TrialFigures, found: TrialFigures): boolean {
  if (expected.orderStreamHash !== found.orderStreamHash || expected.endingEquity !== found.endingEquity) return false;
  if (expected.orders !== undefined && expected.orders !== found.orders) return false;
  const names = new Set([...Object.keys(expected.metrics), ...Object.keys(found.metrics)]);
  return [...names].every((name) => Object.is(expected.metrics[name] ?? null, found.metrics[name] ?? null));
}
