import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { HindcastError } from '../../../src/core/errors.js';
import { int } from '../../../src/engine/parameters.js';
import { openStudy } from '../../../src/optimize/open-study.js';
import type { Study } from '../../../src/optimize/study.js';
import type { Outcome } from '../../../src/optimize/trial.js';
import { makeFolder } from '../../helpers/folders.js';
import { readOptunaJournal } from '../../helpers/optuna-journal.js';

const folder = makeFolder();
afterAll(() => folder.remove());
let files = 0;
const newFile = (): string => join(folder.path, `outcome-${files++}.log`);

const parameters = { x: int(0, 999) };
const open = (path?: string, directions: readonly ('maximize' | 'minimize')[] = ['maximize']) =>
  openStudy({ parameters, search: 'grid', directions, ...(path === undefined ? {} : { study: path }) });

/** What a study refuses, told to a trial that is pending; undefined where it is taken. */
function refusal<P extends typeof parameters>(study: Study<P>, trial: unknown, outcome: unknown): string | undefined {
  try {
    study.tell(trial as number, outcome as Outcome);
  } catch (error) {
    if (error instanceof HindcastError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return undefined;
}

const WAYS =
  "tell it as a number, a list of one number an objective, { state: 'pruned' } or { state: 'failed', reason }.";

describe('an outcome that says nothing', () => {
  it.each<readonly [outcome: unknown, message: unknown]>([
    ['x', `WRONG_OUTCOME: A trial was told the outcome 'x': ${WAYS}`],
    [null, `WRONG_OUTCOME: A trial was told the outcome null: ${WAYS}`],
    [undefined, `WRONG_OUTCOME: A trial was told the outcome undefined: ${WAYS}`],
    [true, `WRONG_OUTCOME: A trial was told the outcome true: ${WAYS}`],
    [5n, `WRONG_OUTCOME: A trial was told the outcome 5n: ${WAYS}`],
    [[], 'WRONG_VALUES: A trial was told [], but the study has 1 objective: tell one number each.'],
    [[1, 2], 'WRONG_VALUES: A trial was told [1, 2], but the study has 1 objective: tell one number each.'],
    [new Array(1), 'WRONG_VALUES: A trial was told [undefined], but the study has 1 objective: tell one number each.'],
    [[5n], 'WRONG_VALUES: A trial was told [5n], but the study has 1 objective: tell one number each.'],
    [
      { state: 'bad' },
      "WRONG_OUTCOME: A trial was told the outcome { state: 'bad' }: its state is one of 'complete', 'pruned', 'failed', not 'bad'.",
    ],
    [
      { state: 'Pruned' },
      "WRONG_OUTCOME: A trial was told the outcome { state: 'Pruned' }: its state is one of 'complete', 'pruned', 'failed', not 'Pruned'. Did you mean 'pruned'?",
    ],
    [
      { state: 'toString' },
      "WRONG_OUTCOME: A trial was told the outcome { state: 'toString' }: its state is one of 'complete', 'pruned', 'failed', not 'toString'.",
    ],
    [
      {},
      "WRONG_OUTCOME: A trial was told the outcome {}: its state is one of 'complete', 'pruned', 'failed', not undefined.",
    ],
    [
      { state: 'complete', value: 1 },
      "UNKNOWN_OPTION: Unknown option 'value' of the outcome of a complete trial. Did you mean 'values'?",
    ],
    [
      { state: 'complete' },
      'WRONG_VALUES: A trial was told undefined, but the study has 1 objective: tell one number each.',
    ],
    [
      { state: 'pruned', value: 'x' },
      "WRONG_OUTCOME: A trial was told the value 'x': the value of a pruned trial is a number, or left out.",
    ],
    [{ state: 'failed', reason: 5 }, 'WRONG_OUTCOME: A trial was told the reason 5: say why in words.'],
    ...[5, null, [1], { sharpe: 'high' }].map(
      (metrics) =>
        [
          { state: 'pruned', metrics },
          expect.stringContaining('tell numbers by name, null for one that is not available.'),
        ] as const,
    ),
    ...[
      5,
      [1],
      [[0, 1]],
      [[1, 'x']],
      [[1.5, 1]],
      [
        [2, 1],
        [2, 1],
      ],
      new Array(1),
    ].map(
      (intermediate) =>
        [
          { state: 'pruned', intermediate },
          expect.stringContaining('tell a list of [step, value], whole steps from 1 that ascend.'),
        ] as const,
    ),
  ])('is refused and leaves the file as it is: %o', async (outcome, message) => {
    const path = newFile();
    {
      await using study = await open(path);
      const trial = study.ask()!;
      study.flush();
      const before = readFileSync(path, 'utf8');
      expect(refusal(study, trial, outcome)).toEqual(message);
      expect(readFileSync(path, 'utf8')).toBe(before);
      expect(study.counts).toEqual({ total: 0, complete: 0, pruned: 0, failed: 0, duplicate: 0 });
      study.tell(trial, 7);
    }
    await using again = await open(path);
    expect(again.best?.values).toEqual([7]);
  });

  it('is refused of several objectives where it is not one number each', async () => {
    await using study = await open(undefined, ['maximize', 'minimize']);
    const trial = study.ask()!;
    for (const outcome of [1, [1], [1, 2, 3], [1, '2'], { state: 'complete', values: [1] }]) {
      expect(refusal(study, trial, outcome)).toContain('WRONG_VALUES');
    }
    study.tell(trial, { state: 'complete', values: [1, 2] });
    expect(study.best?.values).toEqual([1, 2]);
  });

  it('is refused of what is no trial', async () => {
    await using study = await open();
    expect(refusal(study, undefined, 1)).toBe(
      'NO_TRIAL: Give a trial that ask returned, or its number, not undefined. There is none when ask returns undefined: the study has no more.',
    );
    expect(refusal(study, '0', 1)).toBe("NO_TRIAL: Give a trial that ask returned, or its number, not '0'.");
    expect(refusal(study, 0, 1)).toContain('NOT_PENDING');
  });

  it('leaves a file that opens again, whatever is told (property)', async () => {
    const path = newFile();
    const told = fc.oneof(
      fc.anything(),
      fc.record(
        {
          state: fc.constantFrom('complete', 'pruned', 'failed', 'runing'),
          values: fc.oneof(fc.array(fc.double(), { maxLength: 2 }), fc.anything()),
          value: fc.oneof(fc.double(), fc.anything()),
          reason: fc.oneof(fc.string(), fc.anything()),
          metrics: fc.oneof(fc.dictionary(fc.string(), fc.option(fc.double())), fc.anything()),
          intermediate: fc.oneof(fc.array(fc.tuple(fc.integer(), fc.double())), fc.anything()),
        },
        { requiredKeys: ['state'] },
      ),
    );
    const states = new Map<number, string>();
    {
      await using study = await openStudy({ parameters: { x: int(0, 9999) }, search: 'random', study: path });
      fc.assert(
        fc.property(told, (outcome) => {
          const trial = study.ask()!;
          if (refusal(study as never, trial, outcome) !== undefined) study.tell(trial, 1);
          const summary = study.summaryOf(trial.number)!;
          if (summary.state === 'complete') expect(summary.values.every(Number.isFinite)).toBe(true);
          states.set(trial.number, summary.state);
        }),
        { numRuns: 1000 },
      );
    }
    await using again = await openStudy({ parameters: { x: int(0, 9999) }, search: 'random', study: path });
    for (const [number, state] of states) expect(again.summaryOf(number)?.state).toBe(state);
    expect(readOptunaJournal(path)[0]!.trials).toHaveLength(states.size);
  });
});

describe('an outcome', () => {
  it('that is not finite has no value, and never wins', async () => {
    const path = newFile();
    {
      await using study = await open(path);
      for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3]) {
        study.tell(study.ask()!, value);
      }
      study.tell(study.ask()!, { state: 'pruned', value: Number.POSITIVE_INFINITY });
      study.tell(study.ask()!, { state: 'complete', values: [Number.POSITIVE_INFINITY] });
      const reported = study.ask()!;
      study.report(reported, 2);
      study.report(reported, Number.POSITIVE_INFINITY);
      study.tell(reported, { state: 'pruned' });
      expect(study.summaryOf(reported.number)).toEqual({ state: 'pruned', values: [2] });
    }
    await using again = await open(path);
    expect(again.best).toMatchObject({ number: 3, values: [3] });
    expect(again.counts).toMatchObject({ complete: 1, pruned: 6 });
    const reasons: unknown[] = [];
    for await (const trial of again.trials()) reasons.push('reason' in trial ? trial.reason : undefined);
    expect(reasons.slice(0, 3)).toEqual([
      'the objective is infinite',
      'the objective is infinite',
      'the objective is not a number',
    ]);
  });

  it('of an infinite value in a file that another program wrote never wins', async () => {
    const path = newFile();
    {
      await using study = await open(path);
      study.tell(study.ask()!, 3);
      study.ask();
    }
    appendFileSync(
      path,
      '{"op_code":6,"worker_id":"other","trial_id":1,"state":1,"values":[Infinity],"datetime_complete":"2026-01-01T00:00:00.000000"}\n',
    );
    await using study = await open(path);
    expect(study.best?.number).toBe(0);
    expect(study.counts).toMatchObject({ complete: 1, pruned: 1 });
    const states: string[] = [];
    for await (const { state } of study.trials()) states.push(state);
    expect(states).toEqual(['complete', 'pruned']);
  });

  it('keeps figures and steps, as they were when it was told', async () => {
    const path = newFile();
    const values = [4];
    const intermediate: [number, number][] = [
      [1, 0.5],
      [2, Number.NaN],
      [3, 0.75],
    ];
    {
      await using study = await open(path);
      study.tell(study.ask()!, {
        state: 'complete',
        values,
        metrics: { sharpe: 0.5, calmar: null, sortino: Number.POSITIVE_INFINITY },
        intermediate,
      });
      values[0] = 9;
      intermediate[0]![1] = 9;
      study.tell(study.ask()!, { state: 'failed' });
    }
    await using study = await open(path);
    const trials: unknown[] = [];
    for await (const trial of study.trials()) trials.push(trial);
    expect(trials).toEqual([
      expect.objectContaining({
        values: [4],
        metrics: { sharpe: 0.5, calmar: null, sortino: null },
        intermediate: [
          [1, 0.5],
          [3, 0.75],
        ],
      }),
      expect.objectContaining({ state: 'failed', reason: 'told without a reason' }),
    ]);
  });

  it('is refused as a step where it is no number', async () => {
    await using study = await open();
    const trial = study.ask()!;
    expect(() => study.report(trial, '5' as never)).toThrow(
      "Trial 0 reported '5': report a number at each step, NaN where it has none.",
    );
    study.tell(trial, 1);
    expect(study.counts.complete).toBe(1);
  });
});
