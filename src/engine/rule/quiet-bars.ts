import { isProxy } from 'node:util/types';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { segmentAt } from '../../data/adjustments.js';
import { crossingOf } from '../../indicators/crossings.js';
import type { Series } from '../../indicators/indicator.js';
import type { Asset } from '../../market/asset.js';
import type { Clock } from '../clock.js';
import type { AssetView } from '../market-view.js';
import { constantGetters } from '../portfolio-view.js';
import { columnOf, type SeriesColumn } from '../series.js';
import type { HandlerRule, Path } from './expression.js';
import { type Leaf, type LeafKind, Leaves, LOOP_PARAMETERS, loopSource, type ReadLeaf } from './loop-source.js';
import { ruleOfFunction } from './module-rules.js';

/** Runs a rule from a bar on; see {@link loopSource}. */
type Loop = (
  from: number,
  stop: number,
  context: object,
  data: object,
  params: object,
  names: Names,
  held: readonly unknown[],
  columns: readonly (ReadonlyFloat64Array | undefined)[],
  shifts: Int32Array,
) => number;

type Names = Readonly<Record<string, () => unknown>>;

/** A rule with the loops that were made for it: one for each combination of what its leaves have turned out to be. */
export class CompiledRule {
  readonly leaves: Leaves;
  readonly names: Names;
  /** Whether the state that `initialize` returned has plain properties and no accessors. */
  readonly hasPlainState: boolean;
  readonly #rule: HandlerRule;
  readonly #loops = new Map<string, Loop | undefined>();

  constructor(rule: HandlerRule, names: Names) {
    this.#rule = rule;
    this.names = names;
    this.hasPlainState = rule.hasPlainState;
    this.leaves = new Leaves(rule);
  }

  /** Returns the loop for these kinds of leaves; undefined where every bar must be asked. */
  loopFor(kinds: readonly LeafKind[]): Loop | undefined {
    const shape = kinds.join('');
    if (this.#loops.has(shape)) return this.#loops.get(shape);
    const source = loopSource(this.#rule, this.leaves, kinds);
    const loop =
      source === undefined ? undefined : (new Function(...LOOP_PARAMETERS, `'use strict';\n${source}`) as Loop);
    this.#loops.set(shape, loop);
    return loop;
  }
}

/** Undefined for a handler of which nothing can be read. */
const rules = new WeakMap<object, CompiledRule | undefined>();
/** How often handlers were asked that came without a rule. */
const asked = new WeakMap<object, number>();
/** Reading a handler takes some 20 ms the first time: the time of so many calls. */
const READ_AFTER = 2_000_000;

/** Remembers what was read of a handler. */
export const rememberRule = (handler: object, rule: CompiledRule): void => void rules.set(handler, rule);

/** The rule of a handler, if one was read. */
export const ruleOf = (handler: object | undefined): CompiledRule | undefined =>
  handler === undefined ? undefined : rules.get(handler);

/** Counts calls of a handler that came without a rule, given to us as an object: one that is called often is read. */
export function noteAsked(handler: object, bars: number): void {
  if (rules.has(handler)) return;
  const total = (asked.get(handler) ?? 0) + bars;
  asked.set(handler, total);
  if (total < READ_AFTER) return;
  const rule = ruleOfFunction(handler);
  rules.set(handler, rule && new CompiledRule(rule, {}));
}

/** Looks in vain, one after another, after which the handler is asked for a while without looking. */
const IDLE_MAX = 8;
/** How many bars that while is. */
const PAUSE = 32;

const NO_COLUMN = new Float64Array(0);
const NEVER = 2 ** 30;

/**
 * Finds the bars on which a handler may do something. Between them nothing happens: no order is at work, and what the handler reads beside
 * columns cannot change. It errs on one side only: a bar that it names may be one on which the handler does nothing.
 */
export class QuietBars {
  readonly #rule: CompiledRule;
  readonly #clock: Clock;
  readonly #viewOf: (asset: Asset) => AssetView | undefined;
  readonly #kinds: LeafKind[];
  readonly #held: unknown[];
  readonly #columns: ReadonlyFloat64Array[];
  readonly #shifts: Int32Array;
  /** Leaves that look back over bars at which a column's past is restated. */
  readonly #restated: { readonly column: SeriesColumn; readonly shift: number; readonly bars: number }[] = [];
  /** Bars `[first, end)` on which all columns have a row. */
  #first = 0;
  #end = NEVER;
  #loop: Loop | undefined = undefined;
  #context: { readonly state: unknown } = { state: undefined };
  /** What `initialize` returned, where its properties are known to be plain. */
  #plainState: unknown = undefined;
  #data: object = {};
  #params: object = {};
  #idle = 0;
  #pause = 0;

  constructor(rule: CompiledRule, clock: Clock, viewOf: (asset: Asset) => AssetView | undefined) {
    const { length } = rule.leaves.list;
    this.#rule = rule;
    this.#clock = clock;
    this.#viewOf = viewOf;
    this.#kinds = new Array<LeafKind>(length).fill('x');
    this.#held = new Array<unknown>(length).fill(undefined);
    this.#columns = new Array<ReadonlyFloat64Array>(length).fill(NO_COLUMN);
    this.#shifts = new Int32Array(length);
  }

  /** Starts with another instance of the strategy, which has declared. */
  begin(context: { readonly state: unknown }, data: object, params: object): void {
    this.#context = context;
    if (this.#rule.hasPlainState) this.#plainState = context.state;
    this.#data = data;
    this.#params = params;
    this.#idle = 0;
    this.#pause = 0;
    this.#bind();
  }

  /** Returns the first bar from `at` on, counted as the clock counts, on which the handler has to be asked; `stop` when there is none before. */
  next(at: number, stop: number): number {
    if (this.#loop === undefined) return at;
    if (this.#pause > 0) {
      this.#pause--;
      return at;
    }
    let found = this.#look(at, stop);
    if (found === -1) {
      this.#bind();
      found = this.#look(at, stop);
      if (found === -1) found = at;
    }
    if (found !== at) this.#idle = 0;
    else if (++this.#idle === IDLE_MAX) {
      this.#idle = 0;
      this.#pause = PAUSE;
    }
    return found;
  }

  #look(at: number, stop: number): number {
    const loop = this.#loop;
    if (loop === undefined || at < this.#first) return at;
    let end = Math.min(stop, this.#end);
    for (const { column, shift, bars } of this.#restated) {
      const { rows } = column.restatement!;
      const now = at - shift;
      const segment = segmentAt(rows, now);
      // As long as it looks back over a row at whose opening the past was restated, the handler asks for itself.
      if (segment > 0 && now - bars < rows[segment - 1]!) return at;
      if (segment < rows.length) end = Math.min(end, rows[segment]! + shift);
    }
    if (at >= end) return at;
    return loop(
      at,
      end,
      this.#context,
      this.#data,
      this.#params,
      this.#rule.names,
      this.#held,
      this.#columns,
      this.#shifts,
    );
  }

  /** Finds out what each leaf is in this run. */
  #bind(): void {
    this.#first = 0;
    this.#end = NEVER;
    // Popping is several times cheaper than setting the length.
    while (this.#restated.length > 0) this.#restated.pop();
    const { list } = this.#rule.leaves;
    let changed = false;
    for (let k = 0; k < list.length; k++) {
      const kind = this.#kindOf(list[k]!, k);
      if (kind !== this.#kinds[k]) {
        this.#kinds[k] = kind;
        changed = true;
      }
    }
    if (changed || this.#loop === undefined) this.#loop = this.#rule.loopFor(this.#kinds);
  }

  #kindOf(leaf: Leaf, k: number): LeafKind {
    switch (leaf.is) {
      case 'function': {
        const found = this.#find(leaf.path);
        this.#held[k] = found;
        const crossing = crossingOf(found);
        return crossing === 'above' ? 'a' : crossing === 'below' ? 'b' : 'x';
      }
      case 'field': {
        const asset = this.#find(leaf.asset) as Asset | undefined;
        const view = asset === undefined ? undefined : this.#viewOf(asset);
        if (view === undefined || !FIELDS.has(leaf.field)) return 'x';
        this.#held[k] = asset;
        const { listing } = view;
        return this.#column(k, listing.column(leaf.field), listing.first - this.#clock.origin);
      }
      case 'ago':
        return this.#series(k, this.#find(leaf.series), leaf.bars);
      case 'read':
        return this.#read(leaf, k);
    }
  }

  #read({ path, holder: place, isIdentity }: ReadLeaf, k: number): LeafKind {
    const holder = place === undefined ? undefined : this.#find(place);
    if (typeof holder === 'object' && holder !== null) {
      const name = path.steps[path.steps.length - 1]!;
      if (name === 'value' || name === 'ready') {
        const kind = this.#series(k, holder, 0);
        if (kind !== 'x') return name === 'value' ? kind : kind === 'c' ? 'r' : 't';
      }
      if (constantGetters(holder).includes(name)) {
        this.#held[k] = holder;
        return 'g';
      }
    }
    const value = this.#find(path);
    if (value === NOT_FOUND) return 'x';
    const type = typeof value;
    if (type === 'number') return 'n';
    const isPlain = value == null || type === 'boolean' || type === 'string';
    return isPlain || (isIdentity && type === 'object') ? 'v' : 'x';
  }

  #series(k: number, series: unknown, bars: number): LeafKind {
    const column = columnOf(series as Series);
    if (column === undefined) return 'x';
    this.#held[k] = series;
    const shift = column.first - this.#clock.origin;
    if (bars > 0 && column.restatement !== undefined && column.restatement.rows.length > 0) {
      this.#restated.push({ column, shift, bars });
    }
    return this.#column(k, column.values, shift + bars);
  }

  #column(k: number, values: ReadonlyFloat64Array, shift: number): LeafKind {
    this.#columns[k] = values;
    this.#shifts[k] = shift;
    this.#first = Math.max(this.#first, shift);
    this.#end = Math.min(this.#end, shift + values.length);
    return shift === 0 ? 'c' : 's';
  }

  /** Follows a path over plain properties. What a getter or a proxy would answer is not found: it may answer otherwise on the next bar. */
  #find({ root, steps }: Path): unknown {
    let at: unknown;
    let step = 0;
    if (root === 'context') {
      if (steps[0] === 'state') {
        at = this.#context.state;
        step = 1;
      } else at = this.#context;
    } else if (root === 'module') {
      at = this.#rule.names[steps[0]!]!();
      step = 1;
    } else at = root === 'params' ? this.#params : this.#data;
    for (; step < steps.length; step++) {
      const name = steps[step]!;
      // Parameters are objects of our own.
      const isPlain = at !== undefined && (at === this.#plainState || at === this.#params);
      at = isPlain ? (at as Record<string, unknown>)[name] : plainProperty(at, name);
      if (at === NOT_FOUND) break;
    }
    return at;
  }
}

const FIELDS: ReadonlySet<string> = new Set(['open', 'high', 'low', 'close', 'volume']);

const NOT_FOUND = Symbol('not found');

function plainProperty(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || isProxy(holder)) return NOT_FOUND;
  let at: object | null = holder;
  while (at !== null) {
    const property = Object.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return 'value' in property ? property.value : NOT_FOUND;
    at = Object.getPrototypeOf(at) as object | null;
  }
  return undefined;
}
