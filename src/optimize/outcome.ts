import { UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import { nearestHint, rejectUnknownKeys } from '../core/suggest.js';
import type { Outcome, TrialEnding } from './trial.js';

type Told = Extract<Outcome, { readonly state: unknown }>;

/** What each state of a told outcome takes beside `state`. */
const KEYS: Readonly<Record<Told['state'], readonly string[]>> = {
  complete: ['values', 'metrics', 'intermediate'],
  pruned: ['value', 'reason', 'metrics', 'intermediate'],
  failed: ['reason', 'metrics', 'intermediate'],
};

/**
 * Returns how a trial ended of which a caller told: a copy, so that nothing that the caller changes afterwards reaches the study.
 *
 * @param objectives of the study
 * @throws UsageError `WRONG_VALUES` for values that are not one number an objective, `WRONG_OUTCOME` for anything else that is no
 * {@link Outcome}, `UNKNOWN_OPTION`
 */
export function endingOf(outcome: unknown, objectives: number): TrialEnding {
  if (typeof outcome === 'number') return complete([outcome], objectives);
  if (Array.isArray(outcome)) return complete(outcome, objectives);
  if (typeof outcome !== 'object' || outcome === null) {
    throw wrong(
      outcome,
      "tell it as a number, a list of one number an objective, { state: 'pruned' } or { state: 'failed', reason }",
    );
  }
  const told = outcome as Partial<Record<string, unknown>>;
  const state = stateOf(told.state, outcome);
  rejectUnknownKeys(`the outcome of a ${state} trial`, outcome, ['state', ...KEYS[state]]);
  const report = { ...metricsOf(told.metrics), ...intermediateOf(told.intermediate) };
  switch (state) {
    case 'complete':
      return { ...complete(told.values, objectives), ...report };
    case 'pruned':
      return { state, ...prunedValueOf(told.value), ...reasonOf(told.reason), ...report };
    case 'failed':
      return { state, reason: 'told without a reason', ...reasonOf(told.reason), ...report };
  }
}

/**
 * Returns an ending as a study takes it: a trial with a value that is not finite has none, and must not win, so that it counts as pruned.
 */
export function withFiniteValues(ending: TrialEnding): TrialEnding {
  if (ending.state !== 'complete' || ending.values.every(Number.isFinite)) return ending;
  const { values, ...report } = ending;
  const reason = values.some(Number.isNaN) ? 'the objective is not a number' : 'the objective is infinite';
  return { ...report, state: 'pruned', reason };
}

/** Returns values, one number an objective, as a copy. @throws UsageError `WRONG_VALUES` for any other */
export function checkedValues(values: unknown, objectives: number): [number, ...number[]] {
  // Not `some` of the list itself, which passes over holes.
  const list = Array.isArray(values) ? Array.from<unknown>(values) : [];
  if (list.length === objectives && list.every((value) => typeof value === 'number')) {
    return list as [number, ...number[]];
  }
  const text = Array.isArray(values) ? `[${Array.from(values, givenText).join(', ')}]` : givenText(values);
  throw new UsageError('WRONG_VALUES', {
    message: `A trial was told ${text}, but the study has ${objectives} ${objectives === 1 ? 'objective' : 'objectives'}: tell one number each.`,
    details: { values, objectives },
  });
}

const complete = (values: unknown, objectives: number): Extract<TrialEnding, { state: 'complete' }> => ({
  state: 'complete',
  values: checkedValues(values, objectives),
});

function stateOf(state: unknown, outcome: unknown): Told['state'] {
  if (typeof state === 'string' && Object.hasOwn(KEYS, state)) return state as Told['state'];
  const states = Object.keys(KEYS);
  const hint = typeof state === 'string' ? nearestHint(state, states) : '';
  const named = states.map((each) => `'${each}'`).join(', ');
  throw wrong(outcome, `its state is one of ${named}, not ${givenText(state)}`, 'outcome', hint);
}

function prunedValueOf(value: unknown): { readonly value?: number } {
  if (value === undefined) return {};
  if (typeof value !== 'number') throw wrong(value, 'the value of a pruned trial is a number, or left out', 'value');
  return Number.isFinite(value) ? { value } : {};
}

function reasonOf(reason: unknown): { readonly reason?: string } {
  if (reason === undefined) return {};
  if (typeof reason !== 'string') throw wrong(reason, 'say why in words', 'reason');
  return { reason };
}

/** Figures that are not finite are not available, as a journal has them. */
function metricsOf(metrics: unknown): Pick<TrialEnding, 'metrics'> {
  if (metrics === undefined) return {};
  const entries = typeof metrics === 'object' && !Array.isArray(metrics) ? Object.entries(metrics ?? {}) : undefined;
  if (metrics === null || entries?.every(([, value]) => value === null || typeof value === 'number') !== true) {
    throw wrong(metrics, 'tell numbers by name, null for one that is not available', 'metrics');
  }
  return { metrics: Object.fromEntries(entries.map(([name, value]) => [name, Number.isFinite(value) ? value : null])) };
}

/** Steps without a value are left out. */
function intermediateOf(intermediate: unknown): Pick<TrialEnding, 'intermediate'> {
  if (intermediate === undefined) return {};
  const list = Array.isArray(intermediate) ? Array.from<unknown>(intermediate) : undefined;
  let last = 0;
  const isStep = (entry: unknown): entry is readonly [number, number] => {
    if (!Array.isArray(entry) || entry.length !== 2) return false;
    const [step, value] = entry as readonly unknown[];
    if (!Number.isSafeInteger(step) || (step as number) <= last || typeof value !== 'number') return false;
    last = step as number;
    return true;
  };
  if (list?.every(isStep) !== true) {
    throw wrong(intermediate, 'tell a list of [step, value], whole steps from 1 that ascend', 'intermediate');
  }
  const kept = list.filter(([, value]) => !Number.isNaN(value)).map(([step, value]) => [step, value] as const);
  return kept.length === 0 ? {} : { intermediate: kept };
}

/** @param part of the outcome that is wrong. @defaultValue all of it */
function wrong(value: unknown, wanted: string, part = 'outcome', hint = ''): UsageError {
  return new UsageError('WRONG_OUTCOME', {
    message: `A trial was told the ${part} ${givenText(value)}: ${wanted}.${hint}`,
    details: { [part]: value },
  });
}
