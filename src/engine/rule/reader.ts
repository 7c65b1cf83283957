import type * as Estree from 'acorn';
import { isField } from '../../market/bars.js';
import {
  ACT,
  BINARY_OPERATORS,
  type BinaryOperator,
  type Expression,
  type HandlerRule,
  type Path,
  PURE_FUNCTIONS,
  type Statement,
  UNARY_OPERATORS,
  type UnaryOperator,
} from './expression.js';

/** What a name stands for inside a handler. */
type Binding =
  /** A value found by a path: the handler only gave it a shorter name. */
  | { readonly is: 'path'; readonly path: Path }
  /** A variable of the handler's own. */
  | { readonly is: 'local'; readonly name: string }
  /** The operand of a function that is written out in place of its call. */
  | { readonly is: 'expression'; readonly value: Expression }
  /** A name of the language, of no module. */
  | { readonly is: 'hidden' };

/** Functions at the top of a module that may be written out in place of their calls. */
export type ModuleFunctions = ReadonlyMap<string, FunctionNode>;

export type FunctionNode =
  | Estree.FunctionDeclaration
  | Estree.FunctionExpression
  | Estree.ArrowFunctionExpression
  | Estree.AnonymousFunctionDeclaration;

/** What a module says of the names that a handler does not declare itself. */
export interface ModuleNames {
  /** Whether a name is bound at the top of the module. */
  has(name: string): boolean;
  readonly functions: ModuleFunctions;
}

/** What a handler asks before it does anything, and the names of its module that it uses for that. */
type HandlerReading = Pick<HandlerRule, 'body' | 'names'>;

/** How deep calls of a module's own functions are written out. */
const CALLS_MAX = 8;

/**
 * Returns a handler as a rule; undefined where nothing can be said of it, as for one that is asynchronous.
 *
 * @param names of the handler's module; undefined where they are not known: then any name that the handler does not declare is an act
 */
export function readHandler(handler: FunctionNode, names: ModuleNames | undefined): HandlerReading | undefined {
  if (handler.async || handler.generator || handler.params.length > 3) return undefined;
  const stored = storedIn(handler.body);
  if (stored.size === 0) return readWith(new Reader(names, stored), handler);
  // What is written and leads to other things, as a series does, is no value that a loop could carry from bar to bar.
  const first = new Reader(names, new Set());
  readWith(first, handler);
  for (const name of first.leading) stored.delete(name);
  const second = new Reader(names, stored);
  const rule = readWith(second, handler);
  // Nor is what comes of an act, such as an order that is kept: the handler is asked before it is written, so no name for it grows old in the loop.
  return second.carried.size === stored.size ? rule : readWith(new Reader(names, second.carried), handler);
}

function readWith(reader: Reader, handler: FunctionNode): HandlerReading | undefined {
  const scope = new Scope();
  const roots = ['context', 'data', 'params'] as const;
  const touched: Statement[] = [];
  for (const [index, pattern] of handler.params.entries()) {
    const touches = reader.bindPattern(scope, pattern, { root: roots[index]!, steps: [] });
    if (touches === undefined) return undefined;
    touched.push(...touches);
  }
  const body =
    handler.body.type === 'BlockStatement'
      ? reader.statements(handler.body.body, scope)
      : [{ is: 'evaluate', value: reader.expression(handler.body, scope) } as const];
  return { body: [...touched, ...body], names: [...reader.used] };
}

/** Names of a block and of those around it. */
class Scope {
  readonly #names = new Map<string, Binding>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  set(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  get(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.#outer?.get(name);
  }
}

class Reader {
  readonly used = new Set<string>();
  /** Names of properties whose own properties are read. */
  readonly leading = new Set<string>();
  /** Names of properties that are written with values which a loop could carry. */
  readonly carried = new Set<string>();
  readonly #module: ModuleNames | undefined;
  /** Names of properties that the handler writes, of whatever object, as far as a loop may write them. */
  readonly #stored: ReadonlySet<string>;
  /** Locals that stand for `state.bars++` and its like. */
  readonly #counts = new Map<Estree.Expression, Expression>();
  /** Locals that the handler declares as constants. */
  readonly #constants = new Set<string>();
  #locals = 0;
  #depth = 0;

  constructor(module: ModuleNames | undefined, stored: ReadonlySet<string>) {
    this.#module = module;
    this.#stored = stored;
  }

  /**
   * Gives the names of a pattern to what is found by a path. Returns what is read by that, whether or not it is used; undefined for a pattern that does
   * more than name.
   */
  bindPattern(scope: Scope, pattern: Estree.Pattern, path: Path): Statement[] | undefined {
    if (pattern.type === 'Identifier') {
      // What stands directly in what a handler is given is there, and no loop writes it.
      const isSure = path.root !== 'module' && path.steps.length <= 1;
      // What is written later keeps the value here that it had when it was named.
      if (!isSure && this.#stored.has(path.steps.at(-1)!)) {
        return [{ is: 'let', name: this.#local(pattern.name, scope, true), value: { is: 'read', path } }];
      }
      scope.set(pattern.name, { is: 'path', path });
      return isSure ? [] : [{ is: 'evaluate', value: { is: 'touch', path } }];
    }
    if (pattern.type !== 'ObjectPattern') return undefined;
    this.#lead(path);
    const touches: Statement[] = pattern.properties.length > 0 ? [] : [ACT];
    for (const property of pattern.properties) {
      if (property.type !== 'Property' || property.computed) return undefined;
      const inner = this.bindPattern(scope, property.value, stepTo(path, keyOf(property.key)));
      if (inner === undefined) return undefined;
      touches.push(...inner);
    }
    return touches;
  }

  statements(nodes: readonly (Estree.Statement | Estree.ModuleDeclaration)[], scope: Scope): Statement[] {
    // What a block declares hides names of the same spelling around it from its beginning on.
    for (const node of nodes) for (const name of declaredBy(node)) scope.set(name, { is: 'hidden' });
    return nodes.flatMap((node) => this.#statement(node, scope));
  }

  #statement(node: Estree.Statement | Estree.ModuleDeclaration, scope: Scope): Statement[] {
    switch (node.type) {
      case 'EmptyStatement':
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        return node.type === 'ClassDeclaration' ? [ACT] : [];
      case 'BlockStatement':
        return [{ is: 'block', body: this.statements(node.body, new Scope(scope)) }];
      case 'IfStatement':
        return [
          ...this.#counted(node.test, scope),
          {
            is: 'if',
            test: this.expression(node.test, scope),
            yes: this.statements([node.consequent], new Scope(scope)),
            no: node.alternate == null ? [] : this.statements([node.alternate], new Scope(scope)),
          },
        ];
      case 'ReturnStatement':
        return [
          ...(node.argument == null ? [] : [{ is: 'evaluate', value: this.expression(node.argument, scope) } as const]),
          { is: 'return' },
        ];
      case 'ExpressionStatement':
        return [this.#alone(node.expression, scope)];
      case 'VariableDeclaration':
        return node.kind === 'const' || node.kind === 'let'
          ? node.declarations.flatMap((each) => this.#declaration(each, node.kind === 'const', scope))
          : [ACT];
      default:
        return [ACT];
    }
  }

  #declaration({ id, init }: Estree.VariableDeclarator, isConstant: boolean, scope: Scope): Statement[] {
    const counted = init == null ? [] : this.#counted(init, scope);
    const value: Expression = init == null ? { is: 'global', name: 'undefined' } : this.expression(init, scope);
    if (isConstant && value.is === 'read') {
      // A shorter name for something that is found elsewhere: it is read where it is used.
      return this.bindPattern(scope, id, value.path) ?? [ACT];
    }
    if (id.type !== 'Identifier') return [ACT];
    return [...counted, { is: 'let', name: this.#local(id.name, scope, isConstant), value }];
  }

  /** What `state.bars++` does where an expression begins with it: the expression then has the count as a local. */
  #counted(expression: Estree.Expression, scope: Scope): Statement[] {
    const node = firstEvaluated(expression);
    if (node.type !== 'UpdateExpression' || node.argument.type !== 'MemberExpression') return [];
    const path = this.#storedPath(node.argument, scope);
    if (path === undefined) return [];
    const name = `t${this.#locals++}`;
    const count: Expression = { is: 'local', name };
    this.#counts.set(node, count);
    // As `++` does, subtraction makes a number of what is none.
    const minus = (left: Expression, value: number): Expression => ({
      is: 'binary',
      operator: '-',
      left,
      right: { is: 'constant', value },
    });
    const step = node.operator === '++' ? -1 : 1;
    const now: Expression = { is: 'read', path };
    this.carried.add(path.steps.at(-1)!);
    return [
      { is: 'let', name, value: minus(now, node.prefix ? step : 0) },
      { is: 'store', path, value: node.prefix ? count : minus(count, step) },
    ];
  }

  #local(name: string, scope: Scope, isConstant: boolean): string {
    const local = `t${this.#locals++}`;
    if (isConstant) this.#constants.add(local);
    scope.set(name, { is: 'local', name: local });
    return local;
  }

  /** An expression whose value nobody takes. */
  #alone(node: Estree.Expression, scope: Scope): Statement {
    if (node.type === 'UpdateExpression') {
      const counted = this.#counted(node, scope);
      return counted.length === 0 ? ACT : { is: 'block', body: counted };
    }
    if (node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression') {
      const path = this.#storedPath(node.left, scope);
      if (path === undefined) return ACT;
      const right = this.expression(node.right, scope);
      if (!acts(right)) this.carried.add(path.steps.at(-1)!);
      if (node.operator === '=') return { is: 'store', path, value: right };
      const operator = node.operator.slice(0, -1);
      if (!isBinary(operator)) return ACT;
      return { is: 'store', path, value: { is: 'binary', operator, left: { is: 'read', path }, right } };
    }
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier') {
      const target = scope.get(node.left.name);
      // Of a constant the language says itself that it cannot be assigned to.
      if (target?.is !== 'local' || this.#constants.has(target.name)) return ACT;
      const right = this.expression(node.right, scope);
      if (node.operator === '=') return { is: 'set', name: target.name, value: right };
      const operator = node.operator.slice(0, -1);
      if (!isBinary(operator)) return ACT;
      return { is: 'set', name: target.name, value: { is: 'binary', operator, left: target, right } };
    }
    if (node.type === 'ConditionalExpression') {
      return {
        is: 'if',
        test: this.expression(node.test, scope),
        yes: [this.#alone(node.consequent, scope)],
        no: [this.#alone(node.alternate, scope)],
      };
    }
    if (node.type === 'LogicalExpression' && node.operator !== '??') {
      const rest = [this.#alone(node.right, scope)];
      const test = this.expression(node.left, scope);
      return node.operator === '&&' ? { is: 'if', test, yes: rest, no: [] } : { is: 'if', test, yes: [], no: rest };
    }
    return { is: 'evaluate', value: this.expression(node, scope) };
  }

  expression(node: Estree.Expression, scope: Scope): Expression {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.expression(node.expression, scope);
      case 'Literal':
        return constant(node);
      case 'Identifier':
        return this.#identifier(node.name, scope);
      case 'MemberExpression': {
        const path = this.#path(node, scope);
        return path === undefined ? ACT : { is: 'read', path };
      }
      case 'UnaryExpression':
        return isUnary(node.operator)
          ? { is: 'unary', operator: node.operator, operand: this.expression(node.argument, scope) }
          : ACT;
      case 'BinaryExpression':
      case 'LogicalExpression':
        return isBinary(node.operator) && node.left.type !== 'PrivateIdentifier'
          ? {
              is: 'binary',
              operator: node.operator,
              left: this.expression(node.left, scope),
              right: this.expression(node.right, scope),
            }
          : ACT;
      case 'ConditionalExpression':
        return {
          is: 'choice',
          test: this.expression(node.test, scope),
          yes: this.expression(node.consequent, scope),
          no: this.expression(node.alternate, scope),
        };
      case 'CallExpression':
        return this.#call(node, scope);
      case 'UpdateExpression':
        return this.#counts.get(node) ?? ACT;
      default:
        return ACT;
    }
  }

  #identifier(name: string, scope: Scope): Expression {
    const binding = scope.get(name);
    if (binding === undefined) {
      if (this.#module === undefined) return ACT;
      if (this.#module.has(name)) return { is: 'read', path: this.#ofModule(name) };
      return name === 'undefined' || name === 'NaN' || name === 'Infinity' ? { is: 'global', name } : ACT;
    }
    switch (binding.is) {
      case 'path':
        return { is: 'read', path: binding.path };
      case 'local':
        return binding;
      case 'expression':
        return binding.value;
      case 'hidden':
        return ACT;
    }
  }

  #ofModule(name: string): Path {
    this.used.add(name);
    return { root: 'module', steps: [name] };
  }

  /** Where a property of the state lies that is written. */
  #storedPath(node: Estree.MemberExpression, scope: Scope): Path | undefined {
    const path = this.#path(node, scope);
    const isCarried = path?.root === 'context' && path.steps[0] === 'state' && path.steps.length > 1;
    return isCarried && this.#stored.has(path.steps.at(-1)!) ? path : undefined;
  }

  #lead({ steps }: Path): void {
    const name = steps.at(-1);
    if (name !== undefined) this.leading.add(name);
  }

  /** Where an expression finds its value, if by nothing but names and properties. */
  #path(node: Estree.Expression | Estree.Super, scope: Scope): Path | undefined {
    if (node.type === 'Super') return undefined;
    if (node.type === 'ParenthesizedExpression') return this.#path(node.expression, scope);
    if (node.type === 'Identifier') {
      const value = this.#identifier(node.name, scope);
      return value.is === 'read' ? value.path : undefined;
    }
    if (node.type !== 'MemberExpression' || node.optional) return undefined;
    const { object, property } = node;
    const holder = this.#path(object, scope);
    if (holder === undefined) return undefined;
    this.#lead(holder);
    if (!node.computed) return property.type === 'Identifier' ? stepTo(holder, property.name) : undefined;
    if (property.type !== 'Literal') return undefined;
    const { value } = property;
    return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))
      ? stepTo(holder, String(value))
      : undefined;
  }

  #call({ callee, arguments: operands, optional }: Estree.CallExpression, scope: Scope): Expression {
    if (optional || operands.some(({ type }) => type === 'SpreadElement')) return ACT;
    const given = operands as readonly Estree.Expression[];
    const language = this.#languageFunction(callee, scope);
    if (language !== undefined) {
      return { is: 'call', function: language, operands: given.map((each) => this.expression(each, scope)) };
    }
    const own = callee.type === 'Identifier' && scope.get(callee.name) === undefined ? callee.name : '';
    const written = this.#module?.functions.get(own);
    if (written !== undefined) return this.#writtenOut(written, given, scope);
    const called = this.#path(callee, scope);
    if (called === undefined) return ACT;
    const name = called.steps.at(-1);
    if (called.root === 'module' && called.steps.length === 1) return this.#crossing(called, given, scope);
    if (called.root === 'data' && called.steps.length === 1) return this.#marketRead(name!, given, scope);
    if (name === 'ago' && given.length === 1 && callee.type === 'MemberExpression') {
      const [bars] = given;
      if (bars!.type !== 'Literal' || !Number.isInteger(bars.value) || (bars.value as number) > BARS_MAX) return ACT;
      return { is: 'ago', series: { root: called.root, steps: called.steps.slice(0, -1) }, bars: bars.value as number };
    }
    return ACT;
  }

  /** `data.close(asset)`, `data.current(asset, 'close')`, `data.canTrade(asset)`. */
  #marketRead(name: string, given: readonly Estree.Expression[], scope: Scope): Expression {
    const asset = given[0] === undefined ? undefined : this.#path(given[0], scope);
    if (asset === undefined) return ACT;
    this.#lead(asset);
    if (given.length === 1 && isField(name)) return { is: 'field', asset, field: name };
    if (given.length === 1 && name === 'canTrade') {
      const close = { is: 'field', asset, field: 'close' } as const;
      return { is: 'binary', operator: '===', left: close, right: close };
    }
    const field = given[1];
    return name === 'current' && given.length === 2 && field!.type === 'Literal' && typeof field.value === 'string'
      ? { is: 'field', asset, field: field.value }
      : ACT;
  }

  /** A function of the language as it is written, where no module hides its name. */
  #languageFunction(callee: Estree.Expression | Estree.Super, scope: Scope): string | undefined {
    if (callee.type !== 'MemberExpression' || callee.computed || callee.optional || callee.object.type !== 'Identifier')
      return undefined;
    const { name } = callee.object;
    if (this.#module === undefined || this.#module.has(name) || scope.get(name) !== undefined) return undefined;
    const text = callee.property.type === 'Identifier' ? `${name}.${callee.property.name}` : '';
    return PURE_FUNCTIONS.has(text) ? text : undefined;
  }

  /** A function that the module imports, of which the run may know what it does. */
  #crossing(called: Path, given: readonly Estree.Expression[], scope: Scope): Expression {
    const [a, b] = given.map((each) => this.#path(each, scope));
    for (const series of [a, b]) if (series !== undefined) this.#lead(series);
    return given.length === 2 && a !== undefined && b !== undefined ? { is: 'crossing', function: called, a, b } : ACT;
  }

  /** A function of the module in place of its call, where it only returns an expression. */
  #writtenOut(own: FunctionNode, given: readonly Estree.Expression[], scope: Scope): Expression {
    const result = returnedBy(own);
    if (result === undefined || given.length !== own.params.length || this.#depth === CALLS_MAX) return ACT;
    const inner = new Scope();
    if (own.type === 'FunctionExpression' && own.id != null) inner.set(own.id.name, { is: 'hidden' });
    const operands: Expression[] = [];
    for (const [index, parameter] of own.params.entries()) {
      const value = this.expression(given[index]!, scope);
      if (parameter.type !== 'Identifier' || acts(value)) return ACT;
      inner.set(parameter.name, { is: 'expression', value });
      operands.push(value.is === 'read' ? { is: 'touch', path: value.path } : value);
    }
    this.#depth++;
    const value = this.expression(result, inner);
    this.#depth--;
    return { is: 'given', operands, value };
  }
}

const BARS_MAX = 1_000_000;

/** Whether some part of an expression is an act. */
function acts(value: Expression): boolean {
  switch (value.is) {
    case 'act':
      return true;
    case 'unary':
      return acts(value.operand);
    case 'binary':
      return acts(value.left) || acts(value.right);
    case 'choice':
      return acts(value.test) || acts(value.yes) || acts(value.no);
    case 'call':
      return value.operands.some(acts);
    case 'given':
      return value.operands.some(acts) || acts(value.value);
    default:
      return false;
  }
}

const stepTo = ({ root, steps }: Path, step: string): Path => ({ root, steps: [...steps, step] });

/** The name of a property that is not computed. */
export const keyOf = (key: Estree.Expression | Estree.PrivateIdentifier): string =>
  key.type === 'Identifier' ? key.name : String((key as Estree.Literal).value);

export const isNode = (value: unknown): value is Estree.Node =>
  typeof value === 'object' && value !== null && typeof (value as { readonly type?: unknown }).type === 'string';

const isUnary = (operator: string): operator is UnaryOperator =>
  (UNARY_OPERATORS as readonly string[]).includes(operator);

const isBinary = (operator: string): operator is BinaryOperator =>
  (BINARY_OPERATORS as readonly string[]).includes(operator);

function constant({ value, regex, bigint }: Estree.Literal): Expression {
  if (regex !== undefined || bigint !== undefined) return ACT;
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return { is: 'constant', value: value as number | string | boolean | null };
  }
  return ACT;
}

/** The expression that a function consists of. */
function returnedBy(node: FunctionNode): Estree.Expression | undefined {
  if (node.async || node.generator) return undefined;
  if (node.body.type !== 'BlockStatement') return node.body;
  const [only, ...more] = node.body.body;
  return only?.type === 'ReturnStatement' && more.length === 0 ? (only.argument ?? undefined) : undefined;
}

/** The part of an expression that is evaluated before all others. */
function firstEvaluated(node: Estree.Expression): Estree.Expression {
  switch (node.type) {
    case 'ParenthesizedExpression':
      return firstEvaluated(node.expression);
    case 'UnaryExpression':
      return firstEvaluated(node.argument);
    case 'ConditionalExpression':
      return firstEvaluated(node.test);
    case 'BinaryExpression':
    case 'LogicalExpression':
      return node.left.type === 'PrivateIdentifier' ? node : firstEvaluated(node.left);
    default:
      return node;
  }
}

/** Names of properties that are written anywhere within a node. */
function storedIn(node: unknown): Set<string> {
  const found = new Set<string>();
  for (const target of writtenIn(node)) if (target.type === 'MemberExpression') found.add(keyOf(target.property));
  return found;
}

/** What is written to anywhere within a node. */
export function* writtenIn(node: unknown): Generator<Estree.Pattern> {
  if (Array.isArray(node)) for (const each of node) yield* writtenIn(each);
  else if (isNode(node)) {
    if (node.type === 'AssignmentExpression' || node.type === 'ForInStatement' || node.type === 'ForOfStatement')
      yield (node as Estree.AssignmentExpression).left;
    else if (node.type === 'UpdateExpression') yield (node as Estree.UpdateExpression).argument as Estree.Pattern;
    for (const each of Object.values(node)) yield* writtenIn(each);
  }
}

/** Names that a statement declares in its block. */
function declaredBy(node: Estree.Statement | Estree.ModuleDeclaration): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => namesIn(id));
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return [node.id.name];
  return [];
}

/** Names that a pattern binds. */
export function namesIn(pattern: Estree.Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === 'Property' ? property.value : property.argument),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : namesIn(element)));
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'RestElement':
      return namesIn(pattern.argument);
    default:
      return [];
  }
}
