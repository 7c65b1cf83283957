// A strict reader of Optuna's journal format, written from the rules of the format alone: it shares nothing with the product's reader.
import { readFileSync } from 'node:fs';

/** A trial as Optuna would show it. */
export interface OptunaTrial {
  readonly number: number;
  state: 'RUNNING' | 'COMPLETE' | 'PRUNED' | 'FAIL' | 'WAITING';
  values: number[] | null;
  readonly params: Record<string, unknown>;
  readonly userAttrs: Record<string, unknown>;
  readonly systemAttrs: Record<string, unknown>;
  readonly intermediate: Record<string, number>;
  start: string | null;
  complete: string | null;
}

/** A study as Optuna would show it. */
export interface OptunaStudy {
  readonly name: string;
  readonly directions: readonly string[];
  readonly userAttrs: Record<string, unknown>;
  readonly systemAttrs: Record<string, unknown>;
  readonly trials: OptunaTrial[];
}

type Fields = Record<string, unknown>;
interface ParamRecord {
  readonly param_name: string;
  readonly param_value_internal: number;
  readonly distribution: string;
}
interface Attributes {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly log: boolean;
  readonly choices: readonly unknown[];
}
const DIRECTIONS = ['NOT_SET', 'MINIMIZE', 'MAXIMIZE'];
const TRIAL_STATES = ['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'] as const;
const NAIVE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;
const FIELDS: readonly (readonly string[])[] = [
  ['study_name', 'directions'],
  ['study_id'],
  ['study_id', 'user_attr'],
  ['study_id', 'system_attr'],
  ['study_id', 'datetime_start'],
  ['trial_id', 'param_name', 'param_value_internal', 'distribution'],
  ['trial_id', 'state', 'values'],
  ['trial_id', 'step', 'intermediate_value'],
  ['trial_id', 'user_attr'],
  ['trial_id', 'system_attr'],
];

/** Reads a journal and throws at the first thing that Optuna would not have written or could not read. */
export function readOptunaJournal(path: string): OptunaStudy[] {
  const text = readFileSync(path, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const studies: OptunaStudy[] = [];
  const deleted = new Set<number>();
  const trials: { trial: OptunaTrial; study: number }[] = [];
  const kinds = new Map<string, string>();
  const lines = text.split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const fail: (problem: string) => never = (problem) => {
      throw new Error(`line ${index + 1}: ${problem}: ${line.slice(0, 300)}`);
    };
    const record = pythonJson(line) as Fields;
    const op = record.op_code as number;
    if (!Number.isInteger(op) || FIELDS[op] === undefined) fail('no op_code');
    if (typeof record.worker_id !== 'string') fail('no worker_id');
    for (const field of FIELDS[op]) if (!(field in record)) fail(`no ${field}`);
    for (const field of ['datetime_start', 'datetime_complete']) {
      const time = record[field];
      if (time !== undefined && time !== null && !NAIVE_TIME.test(String(time)))
        fail(`${field} is not naive local time`);
    }
    if (op === 0) {
      if (studies.some(({ name }, id) => name === record.study_name && !deleted.has(id))) fail('the study exists');
      const directions = (record.directions as number[]).map((direction) => DIRECTIONS[direction] ?? fail('direction'));
      studies.push({ name: record.study_name as string, directions, userAttrs: {}, systemAttrs: {}, trials: [] });
      continue;
    }
    if (op <= 4) {
      const id = record.study_id as number;
      const study = studies[id];
      if (study === undefined || deleted.has(id)) fail('unknown study');
      if (op === 1) {
        deleted.add(id);
        continue;
      }
      if (op === 2) {
        Object.assign(study.userAttrs, oneKey(record.user_attr, fail));
        continue;
      }
      if (op === 3) {
        Object.assign(study.systemAttrs, oneKey(record.system_attr, fail));
        continue;
      }
      const trial: OptunaTrial = {
        number: study.trials.length,
        state: TRIAL_STATES[(record.state as number | undefined) ?? 0] ?? fail('state'),
        values:
          (record.values as number[] | null | undefined) ?? (typeof record.value === 'number' ? [record.value] : null),
        params: {},
        userAttrs: { ...(record.user_attrs as Fields | undefined) },
        systemAttrs: { ...(record.system_attrs as Fields | undefined) },
        intermediate: { ...(record.intermediate_values as Record<string, number> | undefined) },
        start: record.datetime_start as string | null,
        complete: (record.datetime_complete as string | undefined) ?? null,
      };
      const distributions = (record.distributions ?? {}) as Record<string, string>;
      const params = (record.params ?? {}) as Record<string, number>;
      if (Object.keys(distributions).join() !== Object.keys(params).join()) fail('params and distributions differ');
      for (const [name, internal] of Object.entries(params)) {
        trial.params[name] = external(id, name, internal, distributions[name]!, kinds, fail);
      }
      study.trials.push(trial);
      trials.push({ trial, study: id });
      continue;
    }
    const { trial, study } = trials[record.trial_id as number] ?? fail('unknown trial');
    if (!['RUNNING', 'WAITING'].includes(trial.state)) fail('the trial has ended');
    if (op === 5) {
      const { param_name: name, param_value_internal: internal, distribution } = record as unknown as ParamRecord;
      trial.params[name] = external(study, name, internal, distribution, kinds, fail);
    } else if (op === 6) {
      const state = TRIAL_STATES[record.state as number] ?? fail('state');
      const values = record.values as number[] | null;
      if (state === 'RUNNING') trial.start = (record.datetime_start as string | undefined) ?? fail('no datetime_start');
      else trial.complete = (record.datetime_complete as string | undefined) ?? fail('no datetime_complete');
      if (state === 'COMPLETE' && (values?.length !== studies[study]!.directions.length || values.some(Number.isNaN))) {
        fail('a complete trial needs a number an objective');
      }
      if (state === 'FAIL' && values !== null) fail('a failed trial has no values');
      trial.state = state;
      trial.values = values;
    } else if (op === 7) trial.intermediate[String(record.step)] = record.intermediate_value as number;
    else if (op === 8) Object.assign(trial.userAttrs, oneKey(record.user_attr, fail));
    else Object.assign(trial.systemAttrs, oneKey(record.system_attr, fail));
  }
  return studies.filter((_, id) => !deleted.has(id));
}

/** What makes two studies the same: everything but times, durations and worker ids, by trial number. */
export function canonicalJournal(path: string): unknown {
  return readOptunaJournal(path).map(({ name, directions, userAttrs, trials }) => ({
    name,
    directions,
    userAttrs,
    trials: trials.map(({ number, state, values, params, intermediate, userAttrs: attrs, systemAttrs }) => {
      const { seconds: _seconds, worker: _worker, ...kept } = (attrs.hindcast ?? {}) as Fields;
      return { number, state, values, params, intermediate, attrs: { ...attrs, hindcast: kept }, systemAttrs };
    }),
  }));
}

function oneKey(value: unknown, fail: (problem: string) => never): Fields {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 1
    ? (value as Fields)
    : fail('not one key');
}

function external(
  study: number,
  name: string,
  internal: number,
  written: string,
  kinds: Map<string, string>,
  fail: (problem: string) => never,
): unknown {
  if (typeof internal !== 'number') return fail(`${name} is no number`);
  if (typeof written !== 'string') return fail(`the distribution of ${name} is no text`);
  const distribution = JSON.parse(written) as { name: string; attributes: Attributes };
  const { low, high, step, log, choices } = distribution.attributes;
  const kind = distribution.name === 'CategoricalDistribution' ? JSON.stringify(choices) : distribution.name;
  const key = `${study}:${name}`;
  if ((kinds.get(key) ?? kind) !== kind) return fail(`${name} changed its kind`);
  kinds.set(key, kind);
  switch (distribution.name) {
    case 'CategoricalDistribution':
      return internal in choices ? choices[internal] : fail(`${name} has no choice ${internal}`);
    case 'IntDistribution':
      if (![low, high, step].every(Number.isInteger) || step < 1 || typeof log !== 'boolean')
        return fail(`${name} is no integer`);
      if ((high - low) % step !== 0 || (log && step !== 1)) return fail(`${name}: high is not reached`);
      if (!Number.isInteger(internal) || internal < low || internal > high) return fail(`${name} is out of range`);
      return internal;
    case 'FloatDistribution':
      if (typeof low !== 'number' || typeof high !== 'number' || typeof log !== 'boolean')
        return fail(`${name} is no float`);
      if (step !== null && log) return fail(`${name}: step and log`);
      if (internal < low || internal > high) return fail(`${name} is out of range`);
      return internal;
    default:
      return fail(`unknown ${distribution.name}`);
  }
}

function pythonJson(line: string): unknown {
  const words: Record<string, number> = {
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    '-Infinity': Number.NEGATIVE_INFINITY,
  };
  const quoted = line.replace(
    /("(?:\\.|[^"\\])*")|(-?Infinity|NaN)/g,
    (_all, text, word) => text ?? `{"python word":"${word}"}`,
  );
  return JSON.parse(quoted, (_key, value) =>
    typeof value?.['python word'] === 'string' ? words[value['python word']] : value,
  );
}
