import type { JournalTrial } from '../optimize/trial.js';
import type { Column, Table } from './table.js';

/**
 * Returns the trials of a study as a table, a row for each in their order: how it ended, its value (of several objectives one each, `value_sharpe`), what it was run
 * over, `param_` and the flat name of each parameter, `metric_` and the name of each metric. A parameter is numbers where all its values are, else text.
 *
 * @param objectives names of the objectives, the first one first
 */
export function trialTable(name: string, trials: readonly JournalTrial[], objectives: readonly string[]): Table {
  const valuesOf = ({ ending }: JournalTrial): readonly number[] => {
    if (ending?.state === 'complete') return ending.values;
    return ending?.state === 'pruned' && ending.value !== undefined ? [ending.value] : [];
  };
  const report = (key: 'orders' | 'fills' | 'duplicateOf' | 'stoppedAt' | 'seconds'): (number | null)[] =>
    trials.map(({ ending }) => ending?.[key] ?? null);
  const columns: Column[] = [
    { name: 'number', kind: 'integer', values: trials.map(({ number }) => number) },
    { name: 'state', kind: 'text', values: trials.map(({ state }) => state) },
    ...objectives.map(
      (objective, at): Column => ({
        name: objectives.length === 1 ? 'value' : `value_${objective}`,
        kind: 'number',
        values: trials.map((trial) => valuesOf(trial)[at] ?? null),
      }),
    ),
    { name: 'budget', kind: 'number', values: trials.map(({ budget = 1 }) => budget) },
    { name: 'stopped_at', kind: 'number', values: report('stoppedAt') },
    { name: 'duplicate_of', kind: 'integer', values: report('duplicateOf') },
    { name: 'taken_from', kind: 'text', values: trials.map(({ ending }) => ending?.takenFrom ?? null) },
    {
      name: 'reason',
      kind: 'text',
      values: trials.map(({ ending }) => (ending !== undefined && 'reason' in ending ? (ending.reason ?? null) : null)),
    },
    ...namesOf(trials.map(({ params }) => params)).map((key) =>
      parameterColumn(
        key,
        trials.map(({ params }) => params[key] ?? null),
      ),
    ),
    ...namesOf(trials.map(({ ending }) => ending?.metrics ?? {})).map(
      (key): Column => ({
        name: `metric_${key}`,
        kind: 'number',
        values: trials.map(({ ending }) => ending?.metrics?.[key] ?? null),
      }),
    ),
    { name: 'ending_equity', kind: 'decimal', values: trials.map(({ ending }) => ending?.endingEquity ?? null) },
    { name: 'orders', kind: 'integer', values: report('orders') },
    { name: 'fills', kind: 'integer', values: report('fills') },
    { name: 'order_stream_hash', kind: 'text', values: trials.map(({ ending }) => ending?.orderStreamHash ?? null) },
    { name: 'seconds', kind: 'number', values: report('seconds') },
  ];
  return { name, columns };
}

/** The keys of records, each once, in the order in which they come up. */
const namesOf = (records: readonly Readonly<Record<string, unknown>>[]): readonly string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];

function parameterColumn(key: string, values: readonly (string | number | boolean | null)[]): Column {
  const name = `param_${key}`;
  const given = values.filter((value) => value !== null);
  if (!given.every((value) => typeof value === 'number'))
    return { name, kind: 'text', values: values.map((value) => (value === null ? null : String(value))) };
  const numbers = values as readonly (number | null)[];
  return { name, kind: given.every((value) => Number.isSafeInteger(value)) ? 'integer' : 'number', values: numbers };
}
