import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { float } from '../../../src/engine/parameters.js';
import { wilcoxon } from '../../../src/metrics/samples/rank-tests.js';
import { openStudy } from '../../../src/optimize/open-study.js';
import { parsePruner, recordedPruner } from '../../../src/optimize/pruner-specification.js';
import {
  bound,
  median,
  type Pruner,
  patient,
  percentile,
  stopsAfter,
  stopsAmong,
  threshold,
  wilcoxonPruner,
} from '../../../src/optimize/pruners.js';
import type { SeenTrial } from '../../../src/optimize/samplers/sampler.js';
import type { Trial } from '../../../src/optimize/trial.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal, readOptunaJournal } from '../../helpers/optuna-journal.js';
import { referenceJson } from '../../helpers/reference.js';
import { expectSame } from '../../helpers/same.js';
import { describeShared } from '../../helpers/shared.js';

const parameters = { x1: float(-5, 10), x2: float(0, 15) };

const complete = (number: number, values: readonly number[]): SeenTrial => ({
  number,
  params: {},
  ending: { state: 'complete', values: [values.at(-1)!], intermediate: values.map((value, at) => [at + 1, value]) },
});

describe('a trial that went on to its end', () => {
  it('would have stopped where the first of its steps says so', () => {
    const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -4, max: 4 }));
    const steps = fc.array(value, { maxLength: 8 });
    const pruner = fc.oneof(
      fc.constantFrom<Pruner>(median({ startupTrials: 1 }), percentile(20, { startupTrials: 2 }), patient(2)),
      fc.constantFrom<Pruner>(threshold(0), bound(), wilcoxonPruner(0.4)),
    );
    fc.assert(
      fc.property(pruner, fc.array(steps, { maxLength: 4 }), steps, fc.boolean(), (by, seen, values, isLow) => {
        const direction = isLow ? 'minimize' : 'maximize';
        const reported = (list: readonly number[]) =>
          list.map((each, at) => [at + 1, each] as const).filter(([, each]) => !Number.isNaN(each));
        const history = seen.map((list, number): SeenTrial => {
          const ending = { state: 'complete' as const, values: [number] as const, intermediate: reported(list) };
          return { number, params: {}, ending };
        });
        const rule = by.ruleFor(history, direction);
        const stops = values.some((_value, at) => stopsAfter(rule, values.slice(0, at + 1), direction));
        expectSame(stopsAmong(rule, reported(values), direction), stops);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the median', () => {
  const history = [1, 2, 3, 4, 5].map((value, number) => complete(number, [value, 10 * value]));

  it('stops a trial whose best so far is worse than half of the complete ones, at the same step', () => {
    const rule = median().ruleFor(history, 'maximize');
    expect(rule).toEqual({ kind: 'limit', of: 'lowest', limits: [-3, -30] });
    expect(stopsAfter(rule, [2.9], 'maximize')).toBe(true);
    expect(stopsAfter(rule, [3], 'maximize')).toBe(false);
    expect(stopsAfter(rule, [31, 1], 'maximize')).toBe(false);
    expect(stopsAfter(rule, [5, 29], 'maximize')).toBe(true);
    expect(stopsAfter(rule, [5, Number.NaN], 'maximize')).toBe(false);
    expect(stopsAfter(rule, [5, 40, 1], 'maximize')).toBe(false);
    expect(stopsAfter(median().ruleFor(history, 'minimize'), [3.1], 'minimize')).toBe(true);
  });

  it('waits for its first trials and steps', () => {
    expect(median().ruleFor(history.slice(1), 'maximize')).toBeUndefined();
    const late = median({ warmUpSteps: 1, startupTrials: 2 }).ruleFor(history.slice(3), 'maximize');
    expect(stopsAfter(late, [-100], 'maximize')).toBe(false);
    expect(stopsAfter(late, [-100, -100], 'maximize')).toBe(true);
    const pruned: SeenTrial = {
      number: 9,
      params: {},
      ending: { state: 'pruned', value: 99, intermediate: [[1, 99]] },
    };
    expect(median().ruleFor([...history, pruned], 'maximize')).toEqual(median().ruleFor(history, 'maximize'));
  });

  it('is a percentile of 50; a stricter one stops more', () => {
    const few = percentile(20).ruleFor(history, 'maximize');
    const many = percentile(80).ruleFor(history, 'maximize');
    expect(stopsAfter(few, [3.5], 'maximize')).toBe(true);
    expect(stopsAfter(many, [1.9], 'maximize')).toBe(false);
  });
});

describe('the others', () => {
  it('stop at a bound, when nothing gets better, and never without a value', () => {
    expect(stopsAfter(threshold(0.5).ruleFor([], 'maximize'), [9, 0.4], 'maximize')).toBe(true);
    expect(stopsAfter(threshold(0.5).ruleFor([], 'maximize'), [0.4, 0.5], 'maximize')).toBe(false);
    expect(stopsAfter(threshold(0.5).ruleFor([], 'minimize'), [0.6], 'minimize')).toBe(true);
    const rule = patient(2, 0.1).ruleFor([], 'maximize');
    expect(stopsAfter(rule, [1, 1.05], 'maximize')).toBe(false);
    expect(stopsAfter(rule, [1, 1.05, 1.09], 'maximize')).toBe(true);
    expect(stopsAfter(rule, [1, 1.05, 1.2], 'maximize')).toBe(false);
    for (const any of [rule, threshold(1).ruleFor([], 'maximize'), undefined]) {
      expect(stopsAfter(any, [Number.NaN, Number.NaN, Number.NaN], 'maximize')).toBe(false);
      expect(stopsAfter(any, [], 'maximize')).toBe(false);
    }
  });

  it('stop by signed ranks with the probability of the exact test', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 9 }),
        fc.nat(511),
        fc.double({ min: 0.001, max: 0.49, noNaN: true }),
        (sizes, signs, p) => {
          // Losses against a best trial of zeros: the two-sided test where more ranks are above is twice ours.
          const losses = sizes.map((size, at) => ((signs >> at) & 1 ? size : -size));
          const best = complete(
            0,
            losses.map(() => 0),
          );
          const rule = wilcoxonPruner(p).ruleFor([best], 'minimize');
          const test = wilcoxon(Float64Array.from(losses), new Float64Array(losses.length));
          const ranks = [...sizes].sort((a, b) => a - b);
          const above = losses.reduce((sum, loss) => sum + (loss > 0 ? ranks.indexOf(loss) + 1 : 0), 0);
          const isHigher = above > (sizes.length * (sizes.length + 1)) / 4;
          if (Math.abs(test.p / 2 - p) < 1e-9) return;
          expect(stopsAfter(rule, losses, 'minimize')).toBe(isHigher && test.p / 2 < p);
        },
      ),
      { numRuns: 1000 },
    );
    const best = complete(3, [1, 2, 3, 4, 5]);
    expect(wilcoxonPruner().ruleFor([complete(0, [0, 0, 0, 0, 0]), best], 'maximize')).toMatchObject({
      best: [-1, -2, -3, -4, -5],
    });
    expect(wilcoxonPruner().ruleFor([], 'maximize')).toBeUndefined();
    // Ties share their rank.
    expect(stopsAfter({ kind: 'pairs', best: [0, 0, 0, 0], p: 0.07 }, [1, 1, 1, 1], 'minimize')).toBe(true);
    expect(stopsAfter({ kind: 'pairs', best: [0, 0, 0, 0], p: 0.06 }, [1, 1, 1, 1], 'minimize')).toBe(false);
  });

  it.each([
    [() => percentile(0), 'percentile is a number of per cent above 0 and below 100, not 0.'],
    [() => median({ startupTrials: 0 }), 'median'],
    [() => median({ warmup: 3 } as never), 'warmUpSteps'],
    [() => threshold(Number.NaN), 'threshold is a number, not NaN.'],
    [() => patient(0), 'patient.steps'],
    [() => patient(2, -1), 'patient.least is a number from 0, not -1.'],
    [() => wilcoxonPruner(1), 'wilcoxon is a probability above 0 and below 1, not 1.'],
  ])('refuse %s', (make, message) => {
    // The options of the median are those of a percentile.
    expect(make).toThrowError(message.replace('median', 'percentile'));
  });
});

/** Reports the curve of a trial step by step and tells how it ends; returns the steps. */
const STEPS = 81;
const branin = (x1: number, x2: number): number => {
  const ridge = x2 - (5.1 / (4 * Math.PI ** 2)) * x1 ** 2 + (5 / Math.PI) * x1 - 6;
  return ridge ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
};
const curve = ({ x1, x2 }: { readonly x1: number; readonly x2: number }, step: number): number =>
  (branin(x1, x2) - 0.39788735772973816) / 50 + 2 * step ** -(0.3 + 0.7 * Math.abs(Math.sin(x1)));

describe('a pruner as a word', () => {
  it.each([
    ['median', median()],
    ['median:startup=9,warmup=2', median({ startupTrials: 9, warmUpSteps: 2 })],
    ['percentile:25', percentile(25)],
    ['threshold:-0.5', threshold(-0.5)],
    ['patient:3', patient(3)],
    ['patient:3,0.01', patient(3, 0.01)],
    ['wilcoxon', wilcoxonPruner()],
    ['wilcoxon:0.05', wilcoxonPruner(0.05)],
    ['bound', bound()],
  ])('%s is the one of code, and comes back from a journal', (text, { name, settings }) => {
    expect(parsePruner(text)).toMatchObject({ name, settings });
    expect(recordedPruner({ name, ...settings })).toMatchObject({ name, settings });
  });

  it('is none where a journal has none', () => {
    expect(recordedPruner(undefined)).toBeUndefined();
    expect(recordedPruner({ name: 'none' })).toBeUndefined();
    expect(() => recordedPruner({ name: 'hope' })).toThrow("There is no pruner 'hope'.");
  });
});

it('a bound stops what is worse than the best known, with room for rounding', () => {
  const rule = bound().ruleFor([complete(0, [0.3]), complete(1, [0.2]), complete(2, [0.4])], 'minimize');
  expect(stopsAfter(rule, [0.1, 0.2], 'minimize')).toBe(false);
  expect(stopsAfter(rule, [0.1, 0.2 + 1e-15], 'minimize')).toBe(false);
  expect(stopsAfter(rule, [0.1, 0.21], 'minimize')).toBe(true);
  expect(bound().ruleFor([], 'minimize')).toBeUndefined();
});

it('a pruner that is asked about a history as it grows, about parts of it and about another one remembers right', () => {
  const trial = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 4 });
  const makers = fc.constantFrom(
    () => median({ startupTrials: 1 }),
    () => wilcoxonPruner(),
    () => bound(),
  );
  fc.assert(
    fc.property(
      makers,
      fc.array(trial, { maxLength: 9 }),
      fc.constantFrom('maximize', 'minimize'),
      (make, all, way) => {
        const pruner = make();
        const history: SeenTrial[] = [];
        for (const [number, values] of all.entries()) {
          history.push(complete(number, values));
          const part = history.slice(0, number >> 1);
          expect(pruner.ruleFor(history, way)).toEqual(make().ruleFor([...history], way));
          expect(pruner.ruleFor(part, way)).toEqual(make().ruleFor([...part], way));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

describe('a study that prunes', () => {
  const folder = makeFolder();
  afterAll(() => folder.remove());
  let files = 0;

  /** Runs a study with some trials pending, whose steps are reported in a random order, in sessions of so many trials. */
  const run = async (prune: Pruner, order: SeededRandom, sessions: readonly number[]): Promise<string> => {
    const study = join(folder.path, String(files++), 'same.log');
    mkdirSync(dirname(study));
    for (const trials of sessions) {
      await using open = await openStudy({
        parameters,
        search: 'tpe',
        prune,
        study,
        trials,
        directions: ['minimize'],
        batch: 6,
      });
      const pending: {
        readonly number: number;
        readonly params: { readonly x1: number; readonly x2: number };
        step: number;
      }[] = [];
      for (;;) {
        const trial = pending.length < 6 ? open.next() : 'wait';
        if (trial !== 'wait' && trial !== undefined) {
          pending.push({ number: trial.number, params: trial.params, step: 0 });
          if (order.next() < 0.5) continue;
        }
        if (pending.length === 0) break;
        const at = order.int(0, pending.length - 1);
        const chosen = pending[at]!;
        const stops = open.report(chosen.number, curve(chosen.params, ++chosen.step));
        if (!stops && chosen.step < 12) continue;
        open.tell(chosen.number, stops ? { state: 'pruned' } : curve(chosen.params, chosen.step));
        pending.splice(at, 1);
      }
    }
    return study;
  };

  it.each([median(), percentile(30), threshold(1), patient(2, 0.2), wilcoxonPruner(0.05)])(
    'is the same in any order, and after stops in between: %o',
    async (prune) => {
      const first = await run(prune, SeededRandom.derive(1), [40]);
      const [study] = readOptunaJournal(first);
      const pruned = study!.trials.filter(({ state }) => state === 'PRUNED');
      expect(pruned.length).toBeGreaterThan(3);
      for (const { values, intermediate, state } of study!.trials) {
        expect(state).toMatch(/PRUNED|COMPLETE/);
        expect(Object.keys(intermediate).map(Number)).toEqual(Object.keys(intermediate).map((_, at) => at + 1));
        expect(values).toEqual([Object.values(intermediate).at(-1)]);
      }
      const same = canonicalJournal(first);
      for (let seed = 2; seed < 5; seed++) {
        expect(canonicalJournal(await run(prune, SeededRandom.derive(seed), [7, 8, 25, 40]))).toEqual(same);
      }
    },
  );

  it('gives each trial a rule to follow wherever it runs: it stops at the same step in any order of the results', async () => {
    const rules = fc.constantFrom(median({ startupTrials: 2 }), percentile(30), wilcoxonPruner(0.2), bound());
    await fc.assert(
      fc.asyncProperty(rules, fc.integer({ min: 1, max: 6 }), fc.nat(), async (prune, batch, seed) => {
        const endings = async (order: SeededRandom | undefined): Promise<string> => {
          const options = { parameters, search: 'random', prune, trials: 24, batch, directions: ['minimize'] } as const;
          await using study = await openStudy({ ...options, seed });
          const pending: Trial<typeof parameters>[] = [];
          for (;;) {
            const next = pending.length < (order === undefined ? 1 : batch) ? study.next() : 'wait';
            if (next !== 'wait' && next !== undefined) {
              pending.push(next);
              if (order !== undefined && order.next() < 0.7) continue;
            }
            const [trial] = pending.splice(order === undefined ? 0 : order.int(0, Math.max(0, pending.length - 1)), 1);
            if (trial === undefined) break;
            const values: number[] = [];
            while (values.length < 8 && !stopsAfter(study.ruleOf(trial.number), values, 'minimize')) {
              values.push(curve(trial.params, values.length + 1));
            }
            const intermediate = values.map((value, at) => [at + 1, value] as const);
            const last = values.at(-1)!;
            if (values.length < 8) study.record(trial.number, { state: 'pruned', value: last, intermediate });
            else study.record(trial.number, { state: 'complete', values: [last], intermediate });
          }
          const all: unknown[] = [];
          for await (const { number, state, intermediate } of study.trials()) all.push([number, state, intermediate]);
          return JSON.stringify(all);
        };
        expect(await endings(SeededRandom.derive(seed, 'order'))).toBe(await endings(undefined));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is another study with another pruner, and says what cannot be pruned', async () => {
    const study = await run(median(), SeededRandom.derive(1), [10]);
    const open = { parameters, search: 'tpe', study, directions: ['minimize'] } as const;
    await expect(openStudy({ ...open, batch: 6, prune: threshold(1) })).rejects.toThrowError('pruner was');
    await expect(openStudy({ ...open, batch: 6 })).rejects.toThrowError('pruner was');
    await expect(openStudy({ parameters, search: 'bohb', prune: median() })).rejects.toThrowError(
      "The pruner 'median' judges trials by one value at each step, but a bohb search decides itself which trials go on.",
    );
    await expect(
      openStudy({ parameters, search: 'random', prune: median(), directions: ['minimize', 'maximize'] }),
    ).rejects.toThrowError('but the study has 2 objectives');
    await using other = await openStudy({ parameters, search: 'random', trials: 2 });
    const trial = other.ask()!;
    expect(other.report(trial, 1)).toBe(false);
    expect(() => other.report(5, 1)).toThrowError('Trial 5 is not pending');
    other.tell(trial, 3);
    expect(other.best).toMatchObject({ values: [3], intermediate: [[1, 1]] });
  });

  describeShared('beside Optuna', 'reference/optimisers', () => {
    it('finds as good values in as few steps: random search with the median pruner, within the quartiles of 30 seeds', async () => {
      const { results } = referenceJson<{
        results: Record<string, { summary: Record<'best' | 'steps', Record<'q25' | 'q75', number>> }>;
      }>('reference/optimisers/pruning_random_sampler.json');
      const { best, steps } = results['random+median']!.summary;
      const ours: { best: number; steps: number }[] = [];
      for (let seed = 0; seed < 15; seed++) {
        await using study = await openStudy({
          parameters,
          search: 'random',
          prune: median(),
          seed,
          trials: 150,
          directions: ['minimize'],
          batch: 1,
        });
        let used = 0;
        for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
          let step = 0;
          let stops = false;
          while (!stops && step < STEPS) stops = study.report(trial, curve(trial.params, ++step));
          used += step;
          study.tell(trial, stops ? { state: 'pruned' } : curve(trial.params, step));
        }
        ours.push({ best: study.best!.values[0], steps: used });
      }
      const middle = (key: 'best' | 'steps'): number => ours.map((each) => each[key]).sort((a, b) => a - b)[7]!;
      expect(middle('best')).toBeLessThanOrEqual(best.q75);
      expect(middle('steps')).toBeLessThanOrEqual(steps.q75);
      expect(middle('steps')).toBeGreaterThanOrEqual(steps.q25);
    });
  });
});
