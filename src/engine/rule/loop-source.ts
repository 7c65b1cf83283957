import type { Expression, HandlerRule, Path, Statement } from './expression.js';

/** An object that leads to what a rule reads. */
export interface Holder {
  /** Where it is found. */
  readonly path: Path;
  /** The place of the holder whose property it is; -1 for what a handler is given, and for a name of the module. */
  readonly parent: number;
}

/** Something that a rule reads and does not compute. */
export type Leaf =
  | PropertyLeaf
  /** The holder itself, as a series, an asset or a function. */
  | { readonly is: 'ago'; readonly holder: number; readonly bars: number }
  | { readonly is: 'field'; readonly holder: number; readonly field: string }
  | { readonly is: 'function'; readonly holder: number };

/** A property of a holder, or of what a handler is given where that is -1. */
export interface PropertyLeaf {
  readonly is: 'read' | 'touch';
  readonly path: Path;
  readonly holder: number;
  /** Whether only its presence, or that it is the same as another, is asked for. */
  isIdentity: boolean;
  /** Whether the handler writes it. */
  isStored: boolean;
}

/**
 * What a leaf turned out to be in a run, one letter each:
 * `c` a column whose row is the bar, `s` a column that begins later or is read some bars ago, `r` whether a column has a value, `t` the same of one
 * that begins later, `v` a value that stays while nothing is done, `n` one that is a number, `g` one by a getter of ours, `o` one that is there and not used,
 * `w` a number that the handler writes, `u` another plain value that it writes, `a` and `b` the two crossings, `x` nothing of these: the handler is asked.
 */
export type LeafKind = 'c' | 's' | 'r' | 't' | 'v' | 'n' | 'g' | 'o' | 'w' | 'u' | 'a' | 'b' | 'x';

/** The leaves of a rule, each once, and the objects that lead to them, each behind its parent. */
export class Leaves {
  readonly #places = new Map<string, number>();
  readonly #holders = new Map<string, number>();
  readonly list: Leaf[] = [];
  readonly holders: Holder[] = [];
  /** Whether the handler writes to its state, as far as that is understood. */
  hasStores = false;

  constructor({ body }: HandlerRule) {
    this.#collect(body);
  }

  read(path: Path): number {
    return this.#places.get(`read ${textOf(path)}`)!;
  }

  touch(path: Path): number {
    return this.#places.get(`touch ${textOf(path)}`)!;
  }

  ago(series: Path, bars: number): number {
    return this.#places.get(`ago ${bars} ${textOf(series)}`)!;
  }

  field(asset: Path, field: string): number {
    return this.#places.get(`field ${field} ${textOf(asset)}`)!;
  }

  function(path: Path): number {
    return this.#places.get(`function ${textOf(path)}`)!;
  }

  #add(key: string, leaf: Leaf): void {
    const place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, this.list.push(leaf) - 1);
    else if (leaf.is === 'read' && !leaf.isIdentity) (this.list[place] as PropertyLeaf).isIdentity = false;
  }

  #property(is: PropertyLeaf['is'], path: Path, isIdentity: boolean): void {
    const { root, steps } = path;
    const holder = this.#holder({ root, steps: steps.slice(0, -1) });
    this.#add(`${is} ${textOf(path)}`, { is, path, holder, isIdentity, isStored: false });
  }

  /** Returns the place of an object; -1 for what a handler is given. */
  #holder(path: Path): number {
    const { root, steps } = path;
    if (steps.length === 0) return -1;
    const key = textOf(path);
    let place = this.#holders.get(key);
    if (place === undefined) {
      const parent = this.#holder({ root, steps: steps.slice(0, -1) });
      place = this.holders.push({ path, parent }) - 1;
      this.#holders.set(key, place);
    }
    return place;
  }

  #collect(statements: readonly Statement[]): void {
    for (const statement of statements) {
      switch (statement.is) {
        case 'if':
          this.#expression(statement.test, true);
          this.#collect(statement.yes);
          this.#collect(statement.no);
          break;
        case 'block':
          this.#collect(statement.body);
          break;
        case 'store':
          this.#expression(statement.value, false);
          this.#property('read', statement.path, false);
          (this.list[this.read(statement.path)] as PropertyLeaf).isStored = true;
          this.hasStores = true;
          break;
        case 'let':
        case 'set':
        case 'evaluate':
          // What a handler returns must be no promise, so an object will not do.
          this.#expression(statement.value, false);
      }
    }
  }

  /** `isIdentity`: only whether it is there, or the same as another, is asked of the value. */
  #expression(expression: Expression, isIdentity: boolean): void {
    switch (expression.is) {
      case 'read':
        this.#property('read', expression.path, isIdentity);
        break;
      case 'touch':
        this.#property('touch', expression.path, true);
        break;
      case 'given':
        for (const operand of expression.operands) this.#expression(operand, false);
        this.#expression(expression.value, isIdentity);
        break;
      case 'ago': {
        const { series, bars } = expression;
        this.#add(`ago ${bars} ${textOf(series)}`, { is: 'ago', holder: this.#holder(series), bars });
        break;
      }
      case 'field': {
        const { asset, field } = expression;
        this.#add(`field ${field} ${textOf(asset)}`, { is: 'field', holder: this.#holder(asset), field });
        break;
      }
      case 'crossing': {
        const { function: path } = expression;
        this.#add(`function ${textOf(path)}`, { is: 'function', holder: this.#holder(path) });
        for (const series of [expression.a, expression.b]) {
          this.#property('read', valuePath(series), false);
          this.#add(`ago 1 ${textOf(series)}`, { is: 'ago', holder: this.#holder(series), bars: 1 });
        }
        break;
      }
      case 'unary':
        this.#expression(expression.operand, expression.operator === '!');
        break;
      case 'binary': {
        const { operator, left, right } = expression;
        const passes = operator === '&&' || operator === '||' || operator === '??';
        const compares = operator.length === 3 || (isNothing(left) !== isNothing(right) && /^[=!]=$/.test(operator));
        this.#expression(left, compares || (passes && isIdentity));
        this.#expression(right, compares || (passes && isIdentity));
        break;
      }
      case 'choice':
        this.#expression(expression.test, true);
        this.#expression(expression.yes, isIdentity);
        this.#expression(expression.no, isIdentity);
        break;
      case 'call':
        for (const operand of expression.operands) this.#expression(operand, false);
    }
  }
}

const isNothing = (expression: Expression): boolean =>
  (expression.is === 'constant' && expression.value === null) ||
  (expression.is === 'global' && expression.name === 'undefined');

const valuePath = ({ root, steps }: Path): Path => ({ root, steps: [...steps, 'value'] });

const textOf = ({ root, steps }: Path): string => JSON.stringify([root, ...steps]);

/** Longer text than this is not worth its compiling: the handler is asked. */
const TEXT_MAX = 20_000;
/** How many bars one turn of a loop looks at, by the length of the text for one: the compiler checks what it reads anew in each turn. */
const BARS_A_TURN: readonly (readonly [length: number, bars: number])[] = [
  [500, 8],
  [1500, 4],
];
/** Tests that are taken apart, in one text at most. */
const SPLITS_MAX = 12;
/** Tests of values that stay are made before the loop, so many at most: each doubles its text. */
const SWITCHES_MAX = 3;

/** The names of the parameters of a loop; see {@link QuietBars}. */
export const LOOP_PARAMETERS = [
  'from',
  'to',
  'context',
  'data',
  'params',
  'names',
  'held',
  'columns',
  'shifts',
] as const;

/**
 * Returns the body of a function that runs a rule from bar `from` on and returns the first bar, below `to`, on which the handler may do something;
 * `to` when there is none; -1 when a leaf is no longer what it was. Undefined where every bar must be asked.
 *
 * It is written for the compiler, which moves little out of a loop by itself: values that stay are tested and computed before it.
 */
export function loopSource(
  rule: HandlerRule,
  leaves: Leaves,
  kinds: readonly LeafKind[],
  isFound: readonly boolean[],
): string | undefined {
  const writer = new Writer(leaves, kinds);
  const loops = writer.loops(rule.body);
  if (loops === undefined || loops.length > TEXT_MAX) return undefined;
  const before = [
    ...leaves.holders.flatMap((holder, place) => (isFound[place] === true ? sameHolder(holder, place) : [])),
    ...leaves.list.flatMap((leaf, k) => prelude(leaf, kinds[k]!, k)),
  ];
  return [...before, ...writer.constants, 'let i = from | 0;', 'const stop = to | 0;', loops].join('\n');
}

/** What a loop does with the values that the handler writes: it goes on from those before the bar on which the handler is asked. */
interface Carried {
  /** At the beginning of a bar. */
  readonly kept: string;
  /** Before the handler is asked. */
  readonly putBack: string;
  /** At the end. */
  readonly written: string;
}

/** A loop over bars around the text for one. */
function loopOver(text: string, { kept, written }: Carried): string {
  const [, bars] = BARS_A_TURN.find(([length]) => text.length < length) ?? [0, 1];
  const bar = `${kept}bar: {\n${text}\n}\ni = (i + 1) | 0;\n`;
  const turns = bars === 1 ? '' : `const last = (stop - ${bars - 1}) | 0;\nwhile (i < last) {\n${bar.repeat(bars)}}\n`;
  return `${turns}while (i < stop) {\n${bar}}\n${written}return stop;`;
}

/** The lines about what a handler writes. */
function carriedOf({ list }: Leaves, kinds: readonly LeafKind[]): Carried {
  const carried = { kept: '', putBack: '', written: '' };
  for (const [k, leaf] of list.entries()) {
    if (kinds[k] !== 'w' && kinds[k] !== 'u') continue;
    const { path, holder } = leaf as PropertyLeaf;
    const place = accessTo(path, holder);
    carried.kept += `b${k} = w${k};\n`;
    carried.putBack += `${place} = b${k};\n`;
    carried.written += `${place} = w${k};\n`;
  }
  return carried;
}

/** Looks whether an object is the one that was found before. */
const sameHolder = ({ path, parent }: Holder, place: number): string[] => [
  `const o${place} = ${accessTo(path, parent)};`,
  `if (o${place} !== held[${place}]) return -1;`,
];

/** Reads what stays. */
function prelude(leaf: Leaf, kind: LeafKind, k: number): string[] {
  const column = `const c${k} = columns[${k}];`;
  switch (kind) {
    case 'c':
    case 'r':
      return [column];
    case 's':
    case 't':
      return [column, `const s${k} = shifts[${k}];`];
    case 'w':
    case 'u': {
      const { path, holder } = leaf as PropertyLeaf;
      // Since it was looked at, it may have been frozen, deleted or given to a setter.
      return [
        `const p${k} = Object.getOwnPropertyDescriptor(o${holder}, ${JSON.stringify(path.steps.at(-1))});`,
        `if (p${k} === undefined || p${k}.writable !== true) return -1;`,
        `const v${k} = p${k}.value;`,
        `if (!(${isPlain(kind === 'w', `v${k}`)})) return -1;`,
        // The sign tells the compiler that it is a number.
        `let w${k} = ${kind === 'w' ? '+' : ''}v${k};`,
        `let b${k} = w${k};`,
      ];
    }
    case 'g':
    case 'n':
    case 'v': {
      const { path, holder, isIdentity } = leaf as PropertyLeaf;
      const read = `const v${k} = ${accessTo(path, holder)};`;
      if (kind === 'g' || isIdentity) return [read];
      return [read, `if (!(${isPlain(kind === 'n', `v${k}`)})) return -1;`];
    }
    default:
      return [];
  }
}

/** Tests that a value is a number, or any plain value. */
const isPlain = (isNumber: boolean, v: string): string =>
  isNumber
    ? `typeof ${v} === 'number'`
    : `${v} == null || typeof ${v} === 'number' || typeof ${v} === 'boolean' || typeof ${v} === 'string'`;

/** How the last step of a path is read off its holder. */
function accessTo({ root, steps }: Path, holder: number): string {
  const step = steps[steps.length - 1];
  if (step === undefined) return root;
  if (holder >= 0) return `o${holder}${stepText(step)}`;
  return root === 'module' ? `names[${JSON.stringify(step)}]()` : `${root}${stepText(step)}`;
}

const stepText = (step: string): string => (/^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`);

const DONE = 'break bar;';
const STAYING: ReadonlySet<LeafKind> = new Set<LeafKind>(['v', 'n', 'g']);
const COMPUTED: ReadonlySet<Expression['is']> = new Set<Expression['is']>(['unary', 'binary', 'choice', 'call']);

const choiceText = (test: string, yes: string, no: string): string =>
  no === '' ? `if (${test}) {\n${yes}\n}` : `if (${test}) {\n${yes}\n} else {\n${no}\n}`;

/** Writes the statements of a rule; what cannot be written ends the loop. */
class Writer {
  /** Declarations of what is computed before a loop. */
  readonly constants: string[] = [];
  readonly #leaves: Leaves;
  readonly #kinds: readonly LeafKind[];
  readonly #carried: Carried;
  /** Ends the loop at a bar on which the handler is asked. */
  readonly #stop: string;
  readonly #constantOf = new Map<string, string>();
  /** Tests of values that stay, with their outcome in the loop that is being written. */
  readonly #known = new Map<string, boolean>();
  /** Tests that have come up and are not among the known ones. */
  #open: string[] = [];
  /** Tests that were taken apart in the text that is being written. */
  #split = 0;

  constructor(leaves: Leaves, kinds: readonly LeafKind[]) {
    this.#leaves = leaves;
    this.#kinds = kinds;
    this.#carried = carriedOf(leaves, kinds);
    this.#stop = `${this.#carried.putBack}return i;`;
  }

  /** Returns one loop for each outcome of the tests of values that stay; undefined where a bar is never quiet. */
  loops(body: readonly Statement[]): string | undefined {
    this.#open = [];
    this.#split = 0;
    const text = this.statements(body);
    const [test] = this.#open;
    if (test === undefined || this.#known.size === SWITCHES_MAX) {
      return text.startsWith(this.#stop) ? undefined : loopOver(text, this.#carried);
    }
    const [yes, no] = [true, false].map((outcome) => {
      this.#known.set(test, outcome);
      const loops = this.loops(body);
      this.#known.delete(test);
      return loops;
    });
    if (yes === undefined && no === undefined) return undefined;
    return `if (${test}) {\n${yes ?? 'return from;'}\n} else {\n${no ?? 'return from;'}\n}`;
  }

  statements(statements: readonly Statement[]): string {
    const texts: string[] = [];
    for (const statement of statements) {
      const text = this.#statement(statement);
      if (text !== '') texts.push(text);
      if (text === this.#stop || text === DONE) break;
    }
    return texts.join('\n');
  }

  #statement(statement: Statement): string {
    switch (statement.is) {
      case 'act':
        return this.#stop;
      case 'return':
        return DONE;
      case 'block':
        return `{\n${this.statements(statement.body)}\n}`;
      case 'evaluate':
        return this.#expression(statement.value) === undefined ? this.#stop : '';
      case 'store': {
        const k = this.#leaves.read(statement.path);
        const value = this.#expression(statement.value);
        const isKnown = this.#kinds[k] === 'w' || this.#kinds[k] === 'u';
        return value === undefined || !isKnown ? this.#stop : `w${k} = ${value};`;
      }
      case 'let':
      case 'set': {
        const value = this.#expression(statement.value);
        return value === undefined
          ? this.#stop
          : `${statement.is === 'let' ? 'let ' : ''}${statement.name} = ${value};`;
      }
      case 'if':
        return this.#choice(
          statement.test,
          () => this.statements(statement.yes),
          () => this.statements(statement.no),
        );
    }
  }

  /** A choice whose test can only be written in part ends the loop where the rest would be needed. */
  #choice(test: Expression, yes: () => string, no: () => string): string {
    const text = this.#expression(test);
    if (text !== undefined && this.#stays(test)) {
      const known = this.#known.get(text);
      if (known !== undefined) return known ? yes() : no();
      if (!this.#open.includes(text)) this.#open.push(text);
    }
    // A test that is taken apart writes a branch twice: so often at most that the text stays short.
    const isWhole = text !== undefined && (this.#split >= SPLITS_MAX || !this.#beginsWithStaying(test));
    if (isWhole) return choiceText(text, yes(), no());
    if (this.#split++ >= SPLITS_MAX) return this.#stop;
    if (test.is === 'unary' && test.operator === '!') return this.#choice(test.operand, no, yes);
    if (test.is !== 'binary' || !(test.operator === '&&' || test.operator === '||')) {
      return text === undefined ? this.#stop : choiceText(text, yes(), no());
    }
    const { left, right, operator } = test;
    return operator === '&&'
      ? this.#choice(left, () => this.#choice(right, yes, no), no)
      : this.#choice(left, yes, () => this.#choice(right, yes, no));
  }

  /** Whether the first part of a test stays and the rest does not: then the first part is made before the loop. */
  #beginsWithStaying(test: Expression): boolean {
    return (
      test.is === 'binary' &&
      (test.operator === '&&' || test.operator === '||') &&
      !this.#stays(test) &&
      (this.#stays(test.left) || this.#beginsWithStaying(test.left))
    );
  }

  /** Returns the text of an expression; undefined for one that acts or reads what is not known. */
  #expression(expression: Expression): string | undefined {
    const text = this.#text(expression);
    if (text === undefined || !COMPUTED.has(expression.is) || !this.#stays(expression)) return text;
    let constant = this.#constantOf.get(text);
    if (constant === undefined) {
      constant = `h${this.#constantOf.size}`;
      this.#constantOf.set(text, constant);
      this.constants.push(`const ${constant} = ${text};`);
    }
    return constant;
  }

  /** Whether an expression has the same value on all bars of a loop. */
  #stays(expression: Expression): boolean {
    switch (expression.is) {
      case 'constant':
      case 'global':
      case 'touch':
        return true;
      case 'given':
        return this.#stays(expression.value);
      case 'read':
        return STAYING.has(this.#kinds[this.#leaves.read(expression.path)]!);
      case 'unary':
        return this.#stays(expression.operand);
      case 'binary':
        return this.#stays(expression.left) && this.#stays(expression.right);
      case 'choice':
        return this.#stays(expression.test) && this.#stays(expression.yes) && this.#stays(expression.no);
      case 'call':
        return expression.operands.every((operand) => this.#stays(operand));
      default:
        return false;
    }
  }

  #text(expression: Expression): string | undefined {
    const leaves = this.#leaves;
    switch (expression.is) {
      case 'constant':
        return JSON.stringify(expression.value);
      case 'global':
      case 'local':
        return expression.name;
      case 'touch':
        return this.#kinds[leaves.touch(expression.path)] === 'o' ? 'undefined' : undefined;
      case 'given':
        // With all holders the same, reading an operand does nothing that could be seen.
        return expression.operands.some((operand) => this.#expression(operand) === undefined)
          ? undefined
          : this.#expression(expression.value);
      case 'read':
        return this.#leaf(leaves.read(expression.path));
      case 'ago':
        return this.#leaf(leaves.ago(expression.series, expression.bars));
      case 'field':
        return this.#leaf(leaves.field(expression.asset, expression.field));
      case 'crossing':
        return this.#crossing(expression);
      case 'unary': {
        const operand = this.#expression(expression.operand);
        return operand && `(${expression.operator} ${operand})`;
      }
      case 'binary': {
        const left = this.#expression(expression.left);
        const right = this.#expression(expression.right);
        return left && right && `(${left} ${expression.operator} ${right})`;
      }
      case 'choice': {
        const test = this.#expression(expression.test);
        const yes = this.#expression(expression.yes);
        const no = this.#expression(expression.no);
        return test && yes && no && `(${test} ? ${yes} : ${no})`;
      }
      case 'call': {
        const operands = expression.operands.map((operand) => this.#expression(operand));
        return operands.includes(undefined) ? undefined : `${expression.function}(${operands.join(', ')})`;
      }
      case 'act':
        return undefined;
    }
  }

  #crossing({ function: path, a, b }: Extract<Expression, { is: 'crossing' }>): string | undefined {
    const kind = this.#kinds[this.#leaves.function(path)];
    const now = [a, b].map((series) => this.#leaf(this.#leaves.read(valuePath(series))));
    const before = [a, b].map((series) => this.#leaf(this.#leaves.ago(series, 1)));
    if ([...now, ...before].includes(undefined)) return undefined;
    if (kind === 'a') return `(${now.join(' > ')} && ${before.join(' <= ')})`;
    return kind === 'b' ? `(${now.join(' < ')} && ${before.join(' >= ')})` : undefined;
  }

  #leaf(k: number): string | undefined {
    switch (this.#kinds[k]) {
      case 'c':
        return `c${k}[i]`;
      case 's':
        return `c${k}[i - s${k}]`;
      case 'r':
        return `(c${k}[i] === c${k}[i])`;
      case 't':
        return `(c${k}[i - s${k}] === c${k}[i - s${k}])`;
      case 'v':
      case 'n':
      case 'g':
        return `v${k}`;
      case 'w':
      case 'u':
        return `w${k}`;
      default:
        return undefined;
    }
  }
}
