import { UsageError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Field } from '../market/bars.js';

/** What an indicator may take as an argument: plain values, because they are part of its cache key. */
export type IndicatorArgument = string | number | boolean;

/** The fields that an indicator reads, in the order in which its step takes them. */
export type InputFields = readonly Field[];

type Numbers<I> = { readonly [K in keyof I]: number };
type Columns<I> = { readonly [K in keyof I]: ReadonlyFloat64Array };

/** A value that moves with the current bar: a field of an asset or an output of an indicator. */
export interface Series {
  /** As of the current bar; NaN until `ready`. */
  readonly value: number;
  /** Whether there is a value: the warm-up is over. */
  readonly ready: boolean;
  /** The value `bars` bars ago, 0 for the current one; NaN before the first value. Throws LookaheadError for a negative number. */
  ago(bars: number): number;
}

/** What declaring an indicator returns: one series, or one for each output by name. */
export type Reading<O extends string> = [O] extends ['value'] ? Series : { readonly [K in O]: Series };

/** One computation of an indicator, from its first input on. */
export interface IndicatorRun<I extends InputFields = InputFields, O extends string = 'value'> {
  /** Input bars needed for the first value, the current one included: n for an SMA over n bars. */
  readonly warmUp: number;
  /**
   * Number of the latest inputs, the current one included, that decide a value: a run that starts that many bars back
   * gives the same bits. At least `warmUp`. @defaultValue all inputs matter, as in an exponential average
   */
  readonly memory?: number;
  /**
   * Takes the next bar's inputs and returns the value, NaN before `warmUp` bars. With several outputs it writes all of
   * them into `out`, which is reused. Never called for a missing bar.
   */
  readonly step: [O] extends ['value']
    ? (...inputs: Numbers<I>) => number
    : (out: Record<O, number>, ...inputs: Numbers<I>) => void;
  /**
   * Faster form of `step` over whole columns without missing bars, optional. Called at most once, on a run that took no
   * step; must equal the steps bit for bit, NaN before `warmUp` included.
   */
  readonly column?: (out: Readonly<Record<O, Float64Array>>, ...inputs: Columns<I>) => void;
  /**
   * Columns made of those of other recipes over the same inputs, row by row, optional: what many arguments have in common is then computed once, as the deviation
   * under bands of any width. Must equal the steps bit for bit.
   */
  readonly composed?: {
    readonly parts: readonly Indicator<I, string>[];
    readonly column: (
      out: Readonly<Record<O, Float64Array>>,
      ...parts: Readonly<Record<string, ReadonlyFloat64Array>>[]
    ) => void;
  };
}

/** An {@link IndicatorRun} of any shape, as the code that drives all of them sees it. */
export interface AnyIndicatorRun {
  readonly warmUp: number;
  readonly memory?: number;
  readonly step: (...inputs: never[]) => unknown;
  readonly column?: (...columns: never[]) => void;
  readonly composed?: {
    readonly parts: readonly Indicator<InputFields, string>[];
    readonly column: (...columns: never[]) => void;
  };
}

/** A recipe: an indicator with its arguments, not yet applied to anything. `I` are its inputs, `O` its outputs. */
export interface Indicator<I extends InputFields = InputFields, O extends string = 'value'> {
  readonly name: string;
  readonly inputs: I;
  readonly outputs: readonly O[];
  readonly args: IndicatorArguments;
  /** SHA-256 of the source text of `create`: an edited indicator never meets its predecessor's cached values. */
  readonly sourceHash: string;
  /** Name, arguments and source hash as one text: equal for recipes that compute the same. */
  readonly identity: string;
  /** Begins a computation; throws what `create` throws for arguments it refuses. */
  start(): AnyIndicatorRun;
}

/** Arguments of `create`: optional ones may be left out, which is another key than giving the default. */
export type IndicatorArguments = readonly (IndicatorArgument | undefined)[];

/** What {@link defineIndicator} takes. */
export interface IndicatorDefinition<I extends InputFields, A extends IndicatorArguments, O extends string = 'value'> {
  readonly name: string;
  readonly inputs: I;
  /** Names of the outputs. @defaultValue one, named 'value' */
  readonly outputs?: readonly O[];
  /** Begins a computation. Its result depends on the arguments alone: what it closes over is not part of the cache key. */
  readonly create: (...args: A) => NoInfer<IndicatorRun<I, O>>;
}

/**
 * Defines an indicator once, for columns and streams: the column is `step` run over the inputs.
 * Returns the function that makes recipes from arguments.
 *
 * @throws UsageError `INVALID_ARGUMENT` for an empty name, no inputs, or outputs that repeat
 */
export function defineIndicator<
  const I extends InputFields,
  A extends IndicatorArguments,
  const O extends string = 'value',
>(definition: IndicatorDefinition<I, A, O>): (...args: A) => Indicator<I, O> {
  const { name, inputs, create } = definition;
  const outputs: readonly O[] = Object.freeze([...(definition.outputs ?? (['value'] as unknown as readonly O[]))]);
  if (name === '' || inputs.length === 0 || outputs.length === 0 || new Set(outputs).size !== outputs.length) {
    throw new UsageError('INVALID_ARGUMENT', {
      message: `Indicator '${name}' needs a name, at least one input and distinct output names; it has inputs [${inputs.join(', ')}] and outputs [${outputs.join(', ')}].`,
      details: { name, inputs, outputs },
    });
  }
  const sourceHash = sha256(create.toString());
  const prefix = `${name}:${sourceHash}:${inputs.join(',')}:${outputs.join(',')}`;
  // Trials of a search ask for the same recipes again and again; a recipe that is found needs no new text.
  const byArgument = new Map<IndicatorArgument | undefined, Recipe<I, O, A>>();
  const byText = new Map<string, Recipe<I, O, A>>();
  return (...args) => {
    const [only] = args;
    const isOne = args.length === 1 && !Object.is(only, -0);
    const known = isOne ? byArgument.get(only) : undefined;
    if (known !== undefined) return known;
    const text = args.map(argumentText).join(',');
    let recipe = byText.get(text);
    if (recipe === undefined) {
      recipe = new Recipe(name, inputs, outputs, Object.freeze(args), sourceHash, `${prefix}(${text})`, create);
      if (byText.size === RECIPES_KEPT) {
        byText.clear();
        byArgument.clear();
      }
      byText.set(text, recipe);
    }
    if (isOne) byArgument.set(only, recipe);
    return recipe;
  };
}

/** Recipes of one definition that are kept; a search over a continuous argument makes any number. */
const RECIPES_KEPT = 4096;

class Recipe<I extends InputFields, O extends string, A extends IndicatorArguments> implements Indicator<I, O> {
  readonly name: string;
  readonly inputs: I;
  readonly outputs: readonly O[];
  readonly args: A;
  readonly sourceHash: string;
  readonly identity: string;
  readonly #create: (...args: A) => IndicatorRun<I, O>;

  constructor(
    name: string,
    inputs: I,
    outputs: readonly O[],
    args: A,
    sourceHash: string,
    identity: string,
    create: (...args: A) => IndicatorRun<I, O>,
  ) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.args = args;
    this.sourceHash = sourceHash;
    this.identity = identity;
    this.#create = create;
    Object.freeze(this);
  }

  start(): AnyIndicatorRun {
    const run = this.#create(...this.args);
    const { warmUp, memory = warmUp } = run;
    if (!Number.isSafeInteger(warmUp) || warmUp < 1 || !Number.isSafeInteger(memory) || memory < warmUp) {
      throw new UsageError('INVALID_ARGUMENT', {
        message: `Indicator '${this.name}' states warmUp ${warmUp} and memory ${memory}: both are whole numbers, warmUp at least 1, memory at least warmUp.`,
        details: { name: this.name, warmUp, memory },
      });
    }
    return run as unknown as AnyIndicatorRun;
  }
}

/** A text that differs for any two arguments that are not the same value: '1' is not 1, -0 is not 0. */
function argumentText(value: IndicatorArgument | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return Object.is(value, -0) ? '-0' : String(value);
}
