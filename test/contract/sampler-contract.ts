import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { bool, choice, float, int, type ParameterMap, variant } from '../../src/engine/parameters.js';
import { openStudyOn } from '../../src/optimize/open-study.js';
import type { CreateSampler } from '../../src/optimize/samplers/registry.js';
import type { SeenTrial } from '../../src/optimize/samplers/sampler.js';
import { type FlatParams, ParameterSpace } from '../../src/optimize/space.js';
import type { TrialEnding } from '../../src/optimize/trial.js';

/** What a sampler promises about itself. */
export interface SamplerTraits {
  readonly name: 'grid' | 'random';
  readonly create: CreateSampler;
  /** It needs no grid. */
  readonly continuous: boolean;
}

type AnyParams = Readonly<Record<string, unknown>>;

const spaceOf = (parameters: ParameterMap, constraint?: (params: AnyParams) => boolean): ParameterSpace =>
  new ParameterSpace<ParameterMap>(parameters, constraint);

const lessThan = ({ fast, slow }: AnyParams): boolean => (fast as number) < (slow as number);

const finiteSpaces = (): ReadonlyArray<readonly [string, ParameterSpace]> => [
  ['one point', spaceOf({ only: int(3, 3) })],
  ['numbers', spaceOf({ fast: int(1, 9, { step: 2 }), threshold: float(0.001, 0.009, { step: 0.002 }) })],
  ['a constraint', spaceOf({ fast: int(1, 8), slow: int(1, 8) }, lessThan)],
  ['a constraint that allows nothing', spaceOf({ fast: int(1, 8) }, () => false)],
  [
    'conditions',
    spaceOf({
      stop: variant({ none: {}, atr: { length: int(5, 9) } }),
      short: bool(),
      mode: choice('a', 2),
    }),
  ],
];

const infiniteSpaces = (): ReadonlyArray<readonly [string, ParameterSpace]> => [
  [
    'priors',
    spaceOf({
      a: float(-1, 1),
      b: float(0.01, 10, { prior: 'log' }),
      c: float(0, 1, { prior: { mean: 5, deviation: 1 } }),
    }),
  ],
  ['logarithmic integers', spaceOf({ n: int(1, 1000, { log: true }), m: int(-2, 2) })],
  ['a constraint', spaceOf({ fast: float(0, 1), slow: float(0, 1) }, lessThan)],
  ['conditions', spaceOf({ stop: variant({ none: {}, by: { size: float(1, 2) } }), short: bool() })],
  ['more points than doubles', spaceOf(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, int(0, 99_999)])))],
];

/** Every sampler keeps these promises: run the suite on each. */
export function samplerContract({ name, create, continuous }: SamplerTraits): void {
  const draw = (
    space: ParameterSpace,
    seed: number,
    count: number,
    history: readonly SeenTrial[] = [],
  ): FlatParams[] => {
    const sampler = create(space, seed);
    const drawn: FlatParams[] = [];
    for (let number = 0; number < count; number++) {
      const flat = sampler.suggest({ number, ordinal: number, history });
      if (flat === undefined) break;
      drawn.push(flat);
    }
    return drawn;
  };

  describe(`${name} honours the sampler contract`, () => {
    const spaces = continuous ? [...finiteSpaces(), ...infiniteSpaces()] : finiteSpaces();

    it.each(spaces)('repeats itself for a seed: %s', (_name, space) => {
      expect(draw(space, 7, 60)).toEqual(draw(space, 7, 60));
    });

    it.each(spaces)('answers a question the same whatever was asked before: %s', (_name, space) => {
      const inOrder = draw(space, 7, 20);
      const sampler = create(space, 7);
      const backwards = inOrder.map((_, index) => inOrder.length - 1 - index);
      for (const number of backwards) {
        expect(sampler.suggest({ number, ordinal: number, history: [] })).toEqual(inOrder[number]);
      }
    });

    it.each(spaces)('stays inside every bound and the constraint: %s', (_name, space) => {
      for (const flat of draw(space, 1, 300)) {
        const params = space.checkFlat(flat);
        expect(space.allows(params)).toBe(true);
        expect(Object.keys(flat)).toEqual(Object.keys(space.toFlat(params)));
      }
    });

    it.each(finiteSpaces())('exhausts a finite space exactly, without repeating a point: %s', (_name, space) => {
      const drawn = draw(space, 3, 10_000).map((flat) => space.keyOf(flat));
      expect(drawn).toHaveLength(Number(space.count()));
      expect(new Set(drawn)).toEqual(new Set([...space.points()].map((params) => space.keyOf(space.toFlat(params)))));
      const sampler = create(space, 3);
      const behind = Number(space.count());
      expect(sampler.suggest({ number: behind, ordinal: behind, history: [] })).toBeUndefined();
      expect(sampler.suggest({ number: behind + 5, ordinal: behind + 5, history: [] })).toBeUndefined();
    });

    it('ignores failed trials', async () => {
      const [, space] = finiteSpaces()[1]!;
      const run = async (failing: boolean): Promise<FlatParams[]> => {
        await using study = await openStudyOn({ space, search: { name, create }, seed: 5 });
        const asked: FlatParams[] = [];
        for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
          asked.push(space.toFlat(trial.params));
          study.tell(trial, failing && trial.number % 3 === 0 ? { state: 'failed', reason: 'planted' } : trial.number);
        }
        return asked;
      };
      expect(await run(true)).toEqual(await run(false));
    });

    it('has many pending at once, told in any order', async () => {
      const [, space] = finiteSpaces()[4]!;
      const end = async (order: SeededRandom): Promise<readonly [number, TrialEnding['state']][]> => {
        await using study = await openStudyOn({ space, search: { name, create }, seed: 5 });
        for (;;) {
          const batch = Array.from({ length: 16 }, () => study.ask()).filter((trial) => trial !== undefined);
          if (batch.length === 0) break;
          for (const trial of order.shuffle(batch)) study.tell(trial.number, JSON.stringify(trial.params).length);
        }
        return study.top.map(({ number, values: [value], state }) => [number * 1000 + value, state]);
      };
      const first = await end(SeededRandom.derive(1));
      expect(first.length).toBeGreaterThan(16);
      for (let seed = 2; seed < 6; seed++) expect(await end(SeededRandom.derive(seed))).toEqual(first);
    });
  });
}
