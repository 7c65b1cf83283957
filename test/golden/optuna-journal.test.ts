import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { JournalReplay, type RecordedTrial, replayFile } from '../../src/optimize/index.js';
import { readOptunaJournal } from '../helpers/optuna-journal.js';
import { describeShared, sharedFile } from '../helpers/shared.js';

interface Expected {
  readonly studies: readonly {
    readonly study_name: string;
    readonly directions: readonly string[];
    readonly n_trials: number;
    readonly states: Readonly<Record<string, number>>;
    readonly param_names: readonly string[];
    readonly n_intermediate_values: number;
    readonly user_attrs: object;
    readonly best_number?: number;
    readonly best_value?: number;
    readonly best_params?: object;
    readonly pareto_front?: readonly {
      readonly number: number;
      readonly values: readonly number[];
      readonly params: object;
    }[];
  }[];
}

const NAMES = {
  complete: 'COMPLETE',
  failed: 'FAIL',
  pruned: 'PRUNED',
  running: 'RUNNING',
  waiting: 'WAITING',
} as const;

describeShared('a journal written by Optuna', 'reference/optuna/journal_example.log', () => {
  const path = sharedFile('reference/optuna/journal_example.log');
  const { studies: expected } = JSON.parse(
    readFileSync(sharedFile('reference/optuna/journal_example.expected.json'), 'utf8'),
  ) as Expected;
  const trials: RecordedTrial[] = [];
  const replay = new JournalReplay((trial) => trials.push(trial));
  const extent = replayFile(path, replay);
  const studies = [...replay.studies.values()];

  it('is read to its end', () => {
    expect(extent).toMatchObject({ lines: 120, torn: '' });
    expect(studies.map(({ name }) => name)).toEqual(expected.map(({ study_name }) => study_name));
  });

  it.each(expected.map((study, index) => [study.study_name, study, index] as const))(
    'has what is expected: %s',
    (_name, study, index) => {
      const own = trials.filter((trial) => trial.study === studies[index]).sort((a, b) => a.number - b.number);
      const states: Record<string, number> = {};
      for (const { state } of own) states[NAMES[state]] = (states[NAMES[state]] ?? 0) + 1;
      expect(studies[index]).toMatchObject({ userAttrs: study.user_attrs, trials: study.n_trials });
      expect(studies[index]!.directions.map((direction) => direction.toUpperCase())).toEqual(study.directions);
      expect(states).toEqual(study.states);
      expect([...new Set(own.flatMap(({ params }) => Object.keys(params)))].sort()).toEqual(study.param_names);
      expect(own.reduce((sum, { intermediate }) => sum + intermediate.size, 0)).toBe(study.n_intermediate_values);
      if (study.best_number !== undefined) {
        const best = own[study.best_number]!;
        expect([best.values, best.params]).toEqual([[study.best_value], study.best_params]);
      }
      for (const { number, values, params } of study.pareto_front ?? []) {
        expect([own[number]!.values, own[number]!.params]).toEqual([values, params]);
      }
    },
  );

  it('says the same to the strict reader of the tests', () => {
    const strict = readOptunaJournal(path);
    for (const [index, study] of studies.entries()) {
      const own = trials.filter((trial) => trial.study === study).sort((a, b) => a.number - b.number);
      expect(
        own.map(({ values, params, userAttrs, startedAt, completedAt }) => ({
          values,
          params,
          userAttrs,
          startedAt,
          completedAt,
        })),
      ).toEqual(
        strict[index]!.trials.map(({ values, params, userAttrs, start, complete }) => ({
          values,
          params,
          userAttrs,
          startedAt: start,
          completedAt: complete,
        })),
      );
    }
  });
});
