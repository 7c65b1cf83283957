import type { JournalTrial, TrialEnding } from '../trial.js';

/** A finished trial that this process made. */
export type OwnTrial = JournalTrial & Required<Pick<JournalTrial, 'ending'>>;

/** Names of parameters, of what an ending says, and of its metrics: the same for most trials of a study. */
interface Shape {
  readonly params: readonly string[];
  readonly ending: readonly string[];
  /** Undefined for an ending without metrics, which is another one than with none of them. */
  readonly metrics: readonly string[] | undefined;
}

/** {@link PackedTrials} as plain data: what they held when it was taken. */
export interface TrialData {
  readonly shapes: readonly Shape[];
  readonly count: number;
  /** How each value lies in the others, in the order of the names of its trial's shape. */
  readonly kinds: Uint8Array;
  /** Of each trial the place of its shape, its number, its budget and whether it was enqueued, then its values that are numbers. */
  readonly numbers: Float64Array;
  /** Values that are no numbers. */
  readonly others: readonly unknown[];
}

const NUMBER = 0;
/** Several numbers, behind their count: the values of several objectives, or of one. */
const NUMBERS = 1;
const OTHER = 2;

/** Numbers of a trial before those of its values. */
const HEAD = 4;

/** The name of the part that has names of its own. */
const METRICS = 'metrics';

/**
 * Finished trials in a few long columns. A trial as it is consists of some thirty objects, and while it is young the collector moves each of them
 * twice: of a sweep whose trials take 20 us that is a tenth. Here it is a row of numbers and two or three texts.
 */
export class PackedTrials {
  count = 0;
  readonly #shapes: Shape[] = [];
  /** Places of shapes by their names. */
  readonly #places = new Map<string, number>();
  #last = 0;
  #kinds = new Uint8Array(1024);
  #kindCount = 0;
  #numbers = new Float64Array(1024);
  #numberCount = 0;
  readonly #others: unknown[] = [];

  /** Adds a trial: what its parameters and its ending have of their own, as it is now. */
  add(number: number, params: object, budget: number, enqueued: boolean, ending: TrialEnding): void {
    const { metrics } = ending;
    const given: unknown[] = Object.values(params);
    const said: unknown[] = Object.values(ending);
    const measured: unknown[] | undefined = metrics && Object.values(metrics);
    const names = {
      params: Object.keys(params),
      ending: Object.keys(ending),
      metrics: metrics && Object.keys(metrics),
    };
    this.#number(this.#placeOf(names));
    this.#number(number);
    this.#number(budget);
    this.#number(enqueued ? 1 : 0);
    this.#values(given);
    for (let i = 0; i < said.length; i++) {
      if (measured !== undefined && names.ending[i] === METRICS) this.#values(measured);
      else this.#value(said[i]);
    }
    this.count++;
  }

  /** Returns what is held so far; what is added later is not in it. */
  data(): TrialData {
    return {
      shapes: [...this.#shapes],
      count: this.count,
      kinds: this.#kinds.subarray(0, this.#kindCount),
      numbers: this.#numbers.subarray(0, this.#numberCount),
      others: [...this.#others],
    };
  }

  #placeOf(shape: Shape): number {
    const last = this.#shapes[this.#last];
    if (last !== undefined && isSameShape(shape, last)) return this.#last;
    const key = JSON.stringify(shape);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#shapes.push(shape) - 1;
      this.#places.set(key, place);
    }
    this.#last = place;
    return place;
  }

  #values(values: readonly unknown[]): void {
    for (let i = 0; i < values.length; i++) this.#value(values[i]);
  }

  #value(value: unknown): void {
    if (typeof value === 'number') {
      this.#kind(NUMBER);
      this.#number(value);
    } else if (isNumbers(value)) {
      this.#kind(NUMBERS);
      this.#number(value.length);
      for (const each of value) this.#number(each);
    } else {
      this.#kind(OTHER);
      this.#others.push(value);
    }
  }

  #kind(kind: number): void {
    if (this.#kindCount === this.#kinds.length) {
      const longer = new Uint8Array(2 * this.#kinds.length);
      longer.set(this.#kinds);
      this.#kinds = longer;
    }
    this.#kinds[this.#kindCount++] = kind;
  }

  #number(value: number): void {
    if (this.#numberCount === this.#numbers.length) {
      const longer = new Float64Array(2 * this.#numbers.length);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#numberCount++] = value;
  }
}

/** Returns trials as they were added, in that order. */
export function unpack({ shapes, count, kinds, numbers, others }: TrialData): OwnTrial[] {
  let kindAt = 0;
  let numberAt = 0;
  let otherAt = 0;
  const next = (): unknown => {
    switch (kinds[kindAt++]) {
      case NUMBER:
        return numbers[numberAt++];
      case NUMBERS: {
        const length = numbers[numberAt++]!;
        numberAt += length;
        return [...numbers.subarray(numberAt - length, numberAt)];
      }
      default:
        return others[otherAt++];
    }
  };
  /** Returns a copy of an empty object of some names with the values that come next. */
  const filled = (empty: Record<string, unknown>, names: readonly string[]): Record<string, unknown> => {
    const copy = { ...empty };
    for (let i = 0; i < names.length; i++) copy[names[i]!] = next();
    return copy;
  };
  const models = shapes.map(modelOf);
  return Array.from({ length: count }, () => {
    const head = numbers.subarray(numberAt, numberAt + HEAD);
    numberAt += HEAD;
    const { params, ending: names, metrics } = shapes[head[0]!]!;
    const model = models[head[0]!]!;
    const given = filled(model.params, params);
    const ending = { ...model.ending };
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      ending[name] = name === METRICS && metrics !== undefined ? filled(model.metrics, metrics) : next();
    }
    const { state } = ending as unknown as TrialEnding;
    return {
      number: head[1]!,
      params: given as OwnTrial['params'],
      budget: head[2]!,
      enqueued: head[3] === 1,
      foreign: false,
      state,
      ending: ending as unknown as TrialEnding,
    };
  });
}

/** Objects of a shape with nothing in them: copying one and setting what it holds takes a third of the time of making one name by name. */
const modelOf = ({ params, ending, metrics = [] }: Shape) => ({
  params: blank(params),
  ending: blank(ending),
  metrics: blank(metrics),
});

const blank = (names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, undefined]));

function isSameShape(a: Shape, b: Shape): boolean {
  if (!areSame(a.params, b.params) || !areSame(a.ending, b.ending)) return false;
  if (a.metrics === undefined || b.metrics === undefined) return a.metrics === b.metrics;
  return areSame(a.metrics, b.metrics);
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function isNumbers(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'number') return false;
  return true;
}
