import { CacheLedger } from '../engine/cache-ledger.js';
import { openMarket } from '../engine/market.js';
import { settingsOf } from '../engine/optimization-config.js';
import { sessionsPerYear } from '../engine/sessions-of-run.js';
import type { Strategy } from '../engine/strategy.js';
import { InlineExecutor } from '../parallel/inline-executor.js';
import { resolveJobs } from '../parallel/jobs.js';
import { openExecutor } from '../parallel/open-executor.js';
import { loadStudied } from './reproduce.js';
import {
  completeValues,
  readValues,
  SESSION_VALUE_BYTES,
  SessionValues,
  type StudiedTrial,
  sessionValuesPath,
  valuesIdentity,
} from './session-values.js';
import { ParameterSpace } from './space.js';
import { refuseParts, type StudyRecord } from './study-record.js';
import { trialSetup } from './study-run.js';

/** Account values of a study's trials. */
export interface RecordedValues {
  readonly values: SessionValues;
  readonly sessionsPerYear: number;
}

/**
 * Returns the account values of a study in a file: those that lie beside it, and the others by running their trials again.
 *
 * @param best the trial that is needed in any case
 * @param options `jobs` as for a search; `bytes` limits what is kept, @defaultValue {@link SESSION_VALUE_BYTES}
 * @throws UsageError `STUDY_MISMATCH` when the strategy has changed since, and what openMarket and the executor throw
 */
export async function recordedValues(
  { path, facts, trials }: StudyRecord,
  best: number | undefined,
  options: { readonly jobs?: number | undefined; readonly bytes?: number | undefined } = {},
): Promise<RecordedValues> {
  refuseParts(path, facts);
  const compiled = await loadStudied(path, facts);
  const optimization = settingsOf(undefined);
  const ledger = CacheLedger.create(false);
  const named = { ...facts.view, bundle: `${facts.bundleName}@${facts.bundleVersion}` };
  using market = openMarket(named, optimization, ledger);
  const { bundle } = market.view;
  const studied = [...trials()] as readonly StudiedTrial[];
  const last = studied.reduce((most, { number }) => Math.max(most, number), 0);
  const values = SessionValues.over(market.view, last + 1, options.bytes ?? SESSION_VALUE_BYTES);
  const { view, run, seed, objective } = facts;
  const space = new ParameterSpace(compiled.strategy.parameters);
  const identity = valuesIdentity({ ...compiled, bundle, view, run, seed, space });
  const kept = readValues(sessionValuesPath(path), identity, values.sessions);
  const { workers } = resolveJobs(options.jobs);
  await using executor = openExecutor({ workers, persistent: optimization.persistentPool });
  const isInline = executor instanceof InlineExecutor;
  const strategy = compiled.strategy as unknown as Strategy;
  const parts = { strategy, compiled, bundle, view, run, objective, score: undefined, seed, isInline };
  const setup = trialSetup({ ...parts, optimization, ledger });
  await completeValues({ values, trials: studied, best, kept, executor, setup });
  return { values, sessionsPerYear: sessionsPerYear(market.view, run) };
}
