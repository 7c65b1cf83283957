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

/** The name of the part that has names of its own. */
const METRICS = 'metrics';

type Values = Readonly<Record<string, unknown>>;

/**
 * Finished trials in a few long columns. A trial as it is consists of some thirty objects, and while it is young the collector moves each of them
 * twice: of a sweep whose trials take 20 us that is a tenth. Here it is a row of numbers and two or three texts.
 */
export class PackedTrials {
  count = 0;
  readonly #shapes: Shape[] = [];
  #last = 0;
  #kinds = new Uint8Array(1024);
  #kindCount = 0;
  #numbers = new Float64Array(1024);
  #numberCount = 0;
  readonly #others: unknown[] = [];

  /** Adds a trial. */
  add(number: number, params: Values, budget: number, enqueued: boolean, ending: TrialEnding): void {
    const shape = this.#shapeOf(params, ending);
    this.#number(shape);
    this.#number(number);
    this.#number(budget);
    this.#number(enqueued ? 1 : 0);
    this.#values(params);
    this.#ending(ending);
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

  /** Returns the place of a trial's shape. */
  #shapeOf(params: Values, ending: TrialEnding): number {
    const shapes = this.#shapes;
    if (shapes.length > 0 && hasShape(params, ending, shapes[this.#last]!)) return this.#last;
    let place = shapes.findIndex((shape) => hasShape(params, ending, shape));
    if (place === -1) {
      const { metrics } = ending;
      const names = { params: Object.keys(params), ending: Object.keys(ending) };
      place = shapes.push({ ...names, metrics: metrics && Object.keys(metrics) }) - 1;
    }
    this.#last = place;
    return place;
  }

  #values(of: Values): void {
    // The engine's own way over an object's properties is several times as fast as asking for one name after the other.
    for (const name in of) this.#value(of[name]);
  }

  #ending(ending: TrialEnding): void {
    const { metrics } = ending;
    for (const name in ending) {
      if (name === METRICS && metrics !== undefined) this.#values(metrics);
      else this.#value(ending[name as keyof TrialEnding]);
    }
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
  const named = (names: readonly string[], read: (name: string) => unknown): Values =>
    Object.fromEntries(names.map((name) => [name, read(name)]));
  return Array.from({ length: count }, () => {
    const [shape, number, budget, enqueued] = numbers.subarray(numberAt, numberAt + 4) as unknown as number[];
    numberAt += 4;
    const { params, ending: names, metrics } = shapes[shape!]!;
    const given = named(params, next);
    const ending = named(names, (name) =>
      name === METRICS && metrics !== undefined ? named(metrics, next) : next(),
    ) as unknown as TrialEnding;
    const { state } = ending;
    return {
      number: number!,
      params: given as OwnTrial['params'],
      budget: budget!,
      enqueued: enqueued === 1,
      foreign: false,
      state,
      ending,
    };
  });
}

const hasShape = (params: Values, ending: TrialEnding, shape: Shape): boolean =>
  hasNames(params, shape.params) &&
  hasNames(ending, shape.ending) &&
  (ending.metrics === undefined || shape.metrics === undefined
    ? ending.metrics === shape.metrics
    : hasNames(ending.metrics, shape.metrics));

/** Whether an object has these properties in this order, and no others. */
function hasNames(of: object, names: readonly string[]): boolean {
  let at = 0;
  for (const name in of) if (names[at++] !== name) return false;
  return at === names.length;
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number');
