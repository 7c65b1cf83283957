import { createRequire } from 'node:module';
import type * as Estree from 'acorn';
import { dropsOrders } from './dropped-orders.js';
import type { HandlerRule } from './expression.js';
import { type FunctionNode, isNode, keyOf, type ModuleNames, namesIn, readHandler, writtenIn } from './reader.js';

/** The name under which a compiled module holds its rules. */
export const RULES_EXPORT = '__hindcastRules';

/** What a compiled module says of its handlers. */
export interface ModuleRules {
  /** Rules by the source text of their handler, as `Function.prototype.toString` gives it. */
  readonly handlers: Readonly<Record<string, HandlerRule>>;
  /** The module's bindings that the rules read: each by a function, for it may be assigned to. */
  readonly names: Readonly<Record<string, () => unknown>>;
}

/**
 * Returns the statement that adds the rules of a module's handlers to it; nothing where none can be read. A handler within another function or block is
 * left out, because names around it may not be those of the module.
 */
export function rulesOfModule(text: string): string {
  const { parse } = acorn();
  let program: Estree.Program;
  try {
    program = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
  } catch (error) {
    // Syntax that the parser does not know yet: the handler is asked on every bar.
    if (error instanceof SyntaxError) return '';
    throw error;
  }
  const names = namesOf(program);
  const handlers = new Map<string, HandlerRule | undefined>();
  eachHandler(program.body, (node, start, { siblings, isNested }) => {
    const source = text.slice(start, node.end);
    // Of two handlers of the same text, nobody could tell which a strategy has.
    const rule = handlers.has(source) || isNested ? undefined : read(source, node, names);
    const plain = siblings.find(returnsPlainState);
    handlers.set(source, rule && { ...rule, ...(plain && { plainInitialize: sourceOf(plain, text) }) });
  });
  const known = [...handlers].filter((entry): entry is [string, HandlerRule] => entry[1] !== undefined);
  if (known.length === 0) return '';
  const used = [...new Set(known.flatMap(([, rule]) => rule.names))];
  const getters = used.map((name) => `${JSON.stringify(name)}: () => ${name}`);
  return `\nexport const ${RULES_EXPORT} = { handlers: ${JSON.stringify(Object.fromEntries(known))}, names: { ${getters.join(', ')} } };\n`;
}

/**
 * Returns the rule of a handler given as it is, whose module nobody knows: names that it does not declare itself are acts. Undefined where nothing
 * can be read.
 */
export function ruleOfFunction(handler: object): HandlerRule | undefined {
  const { parseExpressionAt } = acorn();
  const text = Function.prototype.toString.call(handler);
  for (const source of [`(${text})`, `({${text}})`]) {
    let node: Estree.Expression;
    try {
      node = parseExpressionAt(source, 0, { ecmaVersion: 'latest', sourceType: 'module' });
    } catch (error) {
      if (error instanceof SyntaxError) continue;
      throw error;
    }
    const only = node.type === 'ObjectExpression' && node.properties.length === 1 ? node.properties[0] : undefined;
    const written = only?.type === 'Property' ? only.value : node;
    const rule = isFunction(written) ? read(text, written, undefined) : undefined;
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/** Loaded where it is used: worker threads read nothing. */
const acorn = (): typeof import('acorn') => createRequire(import.meta.url)('acorn') as typeof import('acorn');

/** A name declared by `var` belongs to the whole function: nothing is read then. */
function read(source: string, node: FunctionNode, names: ModuleNames | undefined): HandlerRule | undefined {
  const rule = /\bvar\b/.test(source) ? undefined : readHandler(node, names);
  // A handler that is no module's may be sloppy code, which reaches what it is given by other ways than names.
  return rule && { ...rule, dropsOrders: names !== undefined && dropsOrders(node) };
}

/** The text of a method or of a property's function, as `Function.prototype.toString` gives it. */
const sourceOf = ({ method, start, value }: Estree.Property, text: string): string =>
  text.slice(method ? start : value.start, value.end);

/** Whether a property is `initialize` and returns nothing but an object as it is written down. */
function returnsPlainState(property: Estree.Property | Estree.SpreadElement): property is Estree.Property {
  if (property.type !== 'Property' || property.key.type !== 'Identifier' || property.key.name !== 'initialize')
    return false;
  const { value } = property;
  if (!isFunction(value)) return false;
  if (value.body.type !== 'BlockStatement') return isPlainObject(value.body);
  const last = value.body.body.at(-1);
  return (
    last?.type === 'ReturnStatement' &&
    isPlainObject(last.argument) &&
    value.body.body.slice(0, -1).every(({ type }) => type === 'VariableDeclaration' || type === 'ExpressionStatement')
  );
}

const isPlainObject = (node: Estree.Expression | null | undefined): boolean =>
  node?.type === 'ParenthesizedExpression'
    ? isPlainObject(node.expression)
    : node?.type === 'ObjectExpression' &&
      node.properties.every(
        (each) => each.type === 'Property' && each.kind === 'init' && !each.computed && keyOf(each.key) !== '__proto__',
      );

/** What stands around a function. */
interface Surroundings {
  /** What is declared beside it. */
  readonly siblings: Estree.ObjectExpression['properties'];
  /** Whether names around it may not be those of the module. */
  readonly isNested: boolean;
}

const TOP: Surroundings = { siblings: [], isNested: false };

/** What has no names of its own, so that a handler within it sees those of the module. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  ...[
    'VariableDeclaration',
    'VariableDeclarator',
    'ExpressionStatement',
    'ExportDefaultDeclaration',
    'ExportNamedDeclaration',
  ],
  ...[
    'CallExpression',
    'ObjectExpression',
    'Property',
    'AssignmentExpression',
    'ArrayExpression',
    'ParenthesizedExpression',
  ],
  ...['SpreadElement', 'ConditionalExpression', 'LogicalExpression', 'SequenceExpression'],
]);

/** Calls `found` for each function named handleData, with where its source text starts and what stands around it. */
function eachHandler(
  node: unknown,
  found: (node: FunctionNode, start: number, around: Surroundings) => void,
  around: Surroundings = TOP,
): void {
  if (Array.isArray(node)) for (const each of node) eachHandler(each, found, around);
  if (!isNode(node)) return;
  if (node.type === 'Property') {
    const { key, value, method, kind, computed, start } = node as Estree.Property;
    if (isFunction(value) && kind === 'init' && !computed && key.type === 'Identifier' && key.name === HANDLER) {
      found(value, method ? start : value.start, around);
    }
  } else if (node.type === 'VariableDeclarator') {
    const { id, init } = node as Estree.VariableDeclarator;
    if (id.type === 'Identifier' && id.name === HANDLER && isNode(init) && isFunction(init)) {
      found(init, init.start, { ...around, siblings: [] });
    }
  } else if (node.type === 'FunctionDeclaration' && (node as Estree.FunctionDeclaration).id?.name === HANDLER) {
    found(node as FunctionNode, node.start, { ...around, siblings: [] });
  }
  const within = {
    siblings: node.type === 'ObjectExpression' ? (node as Estree.ObjectExpression).properties : around.siblings,
    isNested: around.isNested || !TRANSPARENT.has(node.type),
  };
  for (const each of Object.values(node)) eachHandler(each, found, within);
}

const HANDLER = 'handleData';

/** What is bound at the top of a module. The text of a function that is assigned to says nothing. */
function namesOf(program: Estree.Program): ModuleNames {
  const names = new Set<string>();
  const functions = new Map<string, FunctionNode>();
  const add = (name: string, value: Estree.Node | null | undefined): void => {
    names.add(name);
    if (value != null && isFunction(value)) functions.set(name, value);
  };
  for (const node of program.body) {
    const declaration =
      (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') && node.declaration != null
        ? node.declaration
        : node;
    if (declaration.type === 'ImportDeclaration') for (const { local } of declaration.specifiers) add(local.name, null);
    else if (declaration.type === 'VariableDeclaration') {
      for (const { id, init } of declaration.declarations) {
        if (id.type === 'Identifier') add(id.name, init);
        else for (const name of namesIn(id)) add(name, null);
      }
    } else if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
      if (declaration.id != null) add(declaration.id.name, declaration);
    }
  }
  for (const target of writtenIn(program)) for (const name of namesIn(target)) functions.delete(name);
  return { has: (name) => names.has(name), functions };
}

const isFunction = (node: Estree.Node): node is FunctionNode =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';
