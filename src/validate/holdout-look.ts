import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { wrongKind } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { formatDate, parseDate } from '../core/time.js';
import { runOnce } from '../engine/backtest.js';
import { openMarket } from '../engine/market.js';
import type { GivenParams } from '../engine/params.js';
import { resolveRunOptions } from '../engine/run-options.js';
import { definitionOf } from '../engine/strategy.js';
import { findTrial, loadStudied } from '../optimize/reproduce.js';
import { ParameterSpace } from '../optimize/space.js';
import { readStudyRecord } from '../optimize/study-record.js';
import { checkClock, countLook, type Holdout, type HoldoutResult, lastSearched, requireHoldout } from './holdout.js';
import { bestTrialOf } from './trial-lookahead.js';

/** A look, and what was known before it. */
export interface LookAtHoldout {
  readonly holdout: Holdout;
  readonly trial: number;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly result: HoldoutResult;
  /** Metrics of the trial on what it was searched on. */
  readonly inSample: Readonly<Record<string, number | null>>;
}

/**
 * Runs a study's trial on the holdout of its bundle, which it must not have been searched on. Bars before the holdout are readable history. The
 * look is counted before the run begins, so that one that fails, or is killed, counts as well.
 *
 * @param options `trial`, @defaultValue the best one; `now` is the wall clock in UTC milliseconds
 * @throws UsageError `NO_HOLDOUT`, `HOLDOUT_SEEN`, `HOLDOUT_CHANGED`, `HOLDOUT_SEARCHED` for a study whose period reaches into it
 */
export async function lookAtHoldout(
  path: string,
  options: { readonly trial?: number | undefined; readonly forced: boolean; readonly now: number },
): Promise<LookAtHoldout> {
  rejectUnknownKeys('lookAtHoldout', options, ['trial', 'forced', 'now']);
  const { trial: number, forced, now } = options;
  if (typeof path !== 'string') throw wrongKind('path', path, "the path of a study's file");
  if (typeof forced !== 'boolean') throw wrongKind('forced', forced, 'true or false');
  if (number !== undefined) assertInteger('trial', number, { min: 0 });
  checkClock(now);
  const record = readStudyRecord(path);
  const { facts } = record;
  const { from } = requireHoldout(facts.bundleName);
  const begin = parseDate(from);
  const last = lastSearched(facts);
  if (last >= begin) {
    throw new UsageError('HOLDOUT_SEARCHED', {
      message: `${path} was searched up to ${formatDate(last)}, and so on the holdout from ${from} on: it cannot be judged there. Search again with --end ${formatDate(begin - 86_400_000)}.`,
      details: { path, from },
    });
  }
  const asked =
    number === undefined ? bestTrialOf(record) : findTrial(path, record.trials(), number, record.facts.fidelity);
  const first = asked.ending?.duplicateOf;
  const trial = first === undefined ? asked : findTrial(path, record.trials(), first);
  const { strategy } = await loadStudied(path, facts);
  const params = new ParameterSpace(strategy.parameters).checkFlat(trial.params) as GivenParams;
  using market = openMarket({
    bundle: `${facts.bundleName}@${facts.bundleVersion}`,
    symbols: facts.view.symbols,
    frequency: facts.view.frequency,
    start: from,
  });
  const flat = trial.params as LookAtHoldout['params'];
  const conclude = countLook(
    market.view.bundle,
    { forced, study: record.name, trial: asked.number, strategySourceHash: facts.strategySourceHash, params: flat },
    now,
  );
  const { result } = runOnce(definitionOf(strategy), market.view, resolveRunOptions(facts.run), {
    params,
    seed: facts.seed,
    trial: trial.number,
  });
  const found: HoldoutResult = {
    metrics: Object.fromEntries(Object.entries(result.metrics).map(([name, value]) => [name, value ?? null])),
    endingEquity: result.endingEquity.toString(),
    orderStreamHash: result.orderStreamHash,
  };
  return {
    holdout: conclude(found),
    trial: asked.number,
    params: flat,
    result: found,
    inSample: trial.ending?.metrics ?? {},
  };
}
