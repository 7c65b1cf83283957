/**
 * What a handler asks before it does anything, as data: read from its source text once, sent to workers as JSON, and turned into a loop over
 * columns by `loop-source.ts`. What cannot be said here is an `act`: the handler itself is called there.
 */

/** Where a value is found: properties, one after another, of what a handler is given, or of a name of its module. */
export interface Path {
  /** `module`: the first step is the name of a binding at the top of the strategy's module. */
  readonly root: 'context' | 'data' | 'params' | 'module';
  readonly steps: readonly string[];
}

/** An expression without effects, or an `act`. */
export type Expression =
  | { readonly is: 'constant'; readonly value: number | string | boolean | null }
  | { readonly is: 'global'; readonly name: 'undefined' | 'NaN' | 'Infinity' }
  | { readonly is: 'read'; readonly path: Path }
  /** `series.ago(bars)` */
  | { readonly is: 'ago'; readonly series: Path; readonly bars: number }
  /** `data.close(asset)` */
  | { readonly is: 'field'; readonly asset: Path; readonly field: string }
  /** A function of the module over two series: one of {@link crossedAbove} and {@link crossedBelow}, as the run will see. */
  | { readonly is: 'crossing'; readonly function: Path; readonly a: Path; readonly b: Path }
  | { readonly is: 'local'; readonly name: string }
  | { readonly is: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly is: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly is: 'choice';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  /** A value that is read and not used: it must be there, and reading it must do nothing. */
  | { readonly is: 'touch'; readonly path: Path }
  /** An expression in place of a call, whose operands are read before it. */
  | { readonly is: 'given'; readonly operands: readonly Expression[]; readonly value: Expression }
  /** A function of the language: `Math.max`, `Number.isNaN`. */
  | { readonly is: 'call'; readonly function: string; readonly operands: readonly Expression[] }
  | Act;

/** A statement of a handler. */
export type Statement =
  | {
      readonly is: 'if';
      readonly test: Expression;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  | { readonly is: 'let'; readonly name: string; readonly value: Expression }
  | { readonly is: 'set'; readonly name: string; readonly value: Expression }
  /** A property of the state that is written: `state.stop = Math.max(state.stop, close.value)`. */
  | { readonly is: 'store'; readonly path: Path; readonly value: Expression }
  | { readonly is: 'block'; readonly body: readonly Statement[] }
  /** An expression on its own, or the operand of `return`: what counts is whether it acts. */
  | { readonly is: 'evaluate'; readonly value: Expression }
  | { readonly is: 'return' }
  | Act;

/** Something with effects, or that is not understood. */
export interface Act {
  readonly is: 'act';
}

export const ACT: Act = Object.freeze({ is: 'act' });

export const UNARY_OPERATORS = ['-', '+', '!'] as const;
export type UnaryOperator = (typeof UNARY_OPERATORS)[number];

export const BINARY_OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '**',
  '<',
  '<=',
  '>',
  '>=',
  '===',
  '!==',
  '==',
  '!=',
  '&&',
  '||',
  '??',
] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

/** Functions of the language without effects, as they are written. */
export const PURE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...[
    'abs',
    'ceil',
    'exp',
    'floor',
    'hypot',
    'log',
    'log10',
    'log1p',
    'log2',
    'max',
    'min',
    'pow',
    'round',
    'sign',
    'sqrt',
    'trunc',
  ].map((name) => `Math.${name}`),
  'Number.isNaN',
  'Number.isFinite',
  'Number.isInteger',
]);

/** A handler as a rule. */
export interface HandlerRule {
  readonly body: readonly Statement[];
  /** Names at the top of the module that the rule reads. */
  readonly names: readonly string[];
  /** Whether the handler keeps none of the orders that it gives. */
  readonly dropsOrders: boolean;
  /** The text of an `initialize` that returns an object as it is written down, whose properties are plain. @defaultValue none is known */
  readonly plainInitialize?: string | undefined;
}
