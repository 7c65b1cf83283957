import { isModuleNamespaceObject, isProxy } from 'node:util/types';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { segmentAt } from '../../data/adjustments.js';
import { crossingOf } from '../../indicators/crossings.js';
import type { Asset } from '../../market/asset.js';
import { isField } from '../../market/bars.js';
import type { Clock } from '../clock.js';
import type { AssetView } from '../market-view.js';
import { constantGetters } from '../portfolio-view.js';
import { columnRead, isSeries, type SeriesColumn } from '../series.js';
import type { HandlerRule, Path } from './expression.js';
import { type Leaf, type LeafKind, Leaves, LOOP_PARAMETERS, loopSource, type PropertyLeaf } from './loop-source.js';
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
  /** See {@link HandlerRule}. */
  readonly dropsOrders: boolean;
  readonly #rule: HandlerRule;
  readonly #loops = new Map<string, Loop | undefined>();

  /** @param hasPlainState whether the state of its strategy has plain properties and no accessors. @defaultValue false */
  constructor(rule: HandlerRule, names: Names, hasPlainState = false) {
    this.#rule = rule;
    this.names = names;
    this.hasPlainState = hasPlainState;
    this.dropsOrders = rule.dropsOrders;
    this.leaves = new Leaves(rule);
  }

  /** Returns the loop for these kinds of leaves, and for holders that are there or not; undefined where every bar must be asked. */
  loopFor(kinds: readonly LeafKind[], isFound: readonly boolean[]): Loop | undefined {
    const shape = `${kinds.join('')} ${isFound.map(Number).join('')}`;
    if (this.#loops.has(shape)) return this.#loops.get(shape);
    const source = loopSource(this.#rule, this.leaves, kinds, isFound);
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
  /** The objects that lead to leaves, and whether each was found. */
  readonly #held: unknown[];
  readonly #isFound: boolean[];
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
    const { length: holders } = rule.leaves.holders;
    this.#held = new Array<unknown>(holders).fill(undefined);
    this.#isFound = new Array<boolean>(holders).fill(false);
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
    const { list, holders } = this.#rule.leaves;
    let changed = false;
    for (let place = 0; place < holders.length; place++) {
      const { path, parent } = holders[place]!;
      const value = this.#property(path, parent);
      const isFound = value !== NOT_FOUND;
      this.#held[place] = isFound ? value : undefined;
      if (isFound !== this.#isFound[place]) {
        this.#isFound[place] = isFound;
        changed = true;
      }
    }
    for (let k = 0; k < list.length; k++) {
      const kind = this.#isAlias(k) ? 'x' : this.#kindOf(list[k]!, k);
      if (kind !== this.#kinds[k]) {
        this.#kinds[k] = kind;
        changed = true;
      }
    }
    if (changed || this.#loop === undefined) this.#loop = this.#rule.loopFor(this.#kinds, this.#isFound);
  }

  #kindOf(leaf: Leaf, k: number): LeafKind {
    switch (leaf.is) {
      case 'function': {
        const crossing = crossingOf(this.#held[leaf.holder]);
        return crossing === 'above' ? 'a' : crossing === 'below' ? 'b' : 'x';
      }
      case 'field': {
        const asset = this.#held[leaf.holder] as Asset | null | undefined;
        const view = asset == null ? undefined : this.#viewOf(asset);
        if (view === undefined || !isField(leaf.field)) return 'x';
        const { listing } = view;
        return this.#column(k, listing.column(leaf.field), listing.first - this.#clock.origin);
      }
      case 'ago':
        return this.#series(k, this.#held[leaf.holder], leaf.bars);
      case 'touch':
        return this.#isOurs(leaf.holder) || this.#property(leaf.path, leaf.holder) !== NOT_FOUND ? 'o' : 'x';
      case 'read':
        return this.#read(leaf, k);
    }
  }

  /** The object whose property is read; undefined where it was not found, and for a name of the module. */
  #holderOf({ path: { root }, holder: place }: Pick<PropertyLeaf, 'path' | 'holder'>): unknown {
    if (place >= 0) return this.#isFound[place] === true ? this.#held[place] : undefined;
    if (root === 'module') return undefined;
    return root === 'context' ? this.#context : root === 'params' ? this.#params : this.#data;
  }

  /** Whether a property is also reached by another path, by one of which the handler writes it. */
  #isAlias(k: number): boolean {
    const { list, hasStores } = this.#rule.leaves;
    const leaf = list[k]!;
    if (!hasStores || leaf.is !== 'read') return false;
    const holder = this.#holderOf(leaf);
    return list.some(
      (other) =>
        other !== leaf &&
        other.is === 'read' &&
        (leaf.isStored || other.isStored) &&
        other.path.steps.at(-1) === leaf.path.steps.at(-1) &&
        this.#holderOf(other) === holder &&
        holder !== undefined,
    );
  }

  /** A property that the handler writes: a plain one, with a plain value. */
  #stored({ path, holder: place }: PropertyLeaf): LeafKind {
    const holder = place < 0 ? undefined : this.#held[place];
    const name = path.steps.at(-1)!;
    if (typeof holder !== 'object' || holder === null || !keepsAsWritten(holder, name)) return 'x';
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property?.writable !== true) return 'x';
    const type = typeof property.value;
    if (type === 'number') return 'w';
    return property.value == null || type === 'boolean' || type === 'string' ? 'u' : 'x';
  }

  #read(leaf: PropertyLeaf, k: number): LeafKind {
    const { path, holder: place, isIdentity } = leaf;
    if (leaf.isStored) return this.#stored(leaf);
    const holder = place < 0 ? undefined : this.#held[place];
    if (typeof holder === 'object' && holder !== null) {
      const name = path.steps[path.steps.length - 1]!;
      if (name === 'value' || name === 'ready') {
        const kind = this.#series(k, holder, 0);
        if (kind !== 'x') return name === 'value' ? kind : kind === 'c' ? 'r' : 't';
      }
      if (constantGetters(holder).includes(name)) return 'g';
    }
    const value = this.#property(path, place);
    if (value === NOT_FOUND) return 'x';
    const type = typeof value;
    if (type === 'number') return 'n';
    const isPlain = value == null || type === 'boolean' || type === 'string';
    return isPlain || (isIdentity && type === 'object') ? 'v' : 'x';
  }

  /** Whether an object is one of ours, whose getters do nothing that could be seen. */
  #isOurs(place: number): boolean {
    if (place < 0) return false;
    const holder = this.#held[place];
    return typeof holder === 'object' && holder !== null && (constantGetters(holder).length > 0 || isSeries(holder));
  }

  #series(k: number, series: unknown, bars: number): LeafKind {
    const column = columnRead(series, this.#clock);
    if (column === undefined) return 'x';
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

  /**
   * Returns the last step of a path, off its holder: a plain property. What a getter or a proxy would answer is not found, because it may answer otherwise
   * on the next bar; nor is a property of nothing, which the handler's own way of failing is asked for.
   */
  #property({ root, steps }: Path, place: number): unknown {
    const name = steps[steps.length - 1];
    if (place < 0 && root === 'module') return this.#rule.names[name!]!();
    const holder = this.#holderOf({ path: { root, steps }, holder: place });
    if (name === undefined) return holder;
    if (holder === undefined) return NOT_FOUND;
    // Parameters are objects of our own, and so is the place of the state.
    const isPlain =
      holder === this.#plainState || holder === this.#params || (holder === this.#context && name === 'state');
    return isPlain ? (holder as Record<string, unknown>)[name] : plainProperty(holder, name);
  }
}

const NOT_FOUND = Symbol('not found');

/** Whether an object takes any value as it is, and changes nothing else by that: typed arrays convert, and the length of an array rules over its elements. */
const keepsAsWritten = (holder: object, name: string): boolean =>
  !(isProxy(holder) || ArrayBuffer.isView(holder) || isModuleNamespaceObject(holder)) &&
  !(name === 'length' && Array.isArray(holder));

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
