import type * as Estree from 'acorn';
import { type FunctionNode, isNode, keyOf } from './reader.js';

/** Functions of `order` whose answer is an order, and that are given none. */
const ORDER_FUNCTIONS: ReadonlySet<string> = new Set([
  'value',
  'percent',
  'notional',
  'target',
  'targetValue',
  'targetPercent',
  'close',
]);

/** Functions of a context that do not use their `this`. */
const CONTEXT_FUNCTIONS: ReadonlySet<string> = new Set(['symbol', 'random', 'log', 'record']);

/** Parts of a context that do not lead to it or to an order, whatever a strategy has made of prototypes. */
const CONTEXT_PARTS: ReadonlySet<string> = new Set([
  ...CONTEXT_FUNCTIONS,
  ...['asset', 'assets', 'portfolio', 'state', 'now', 'session'],
]);

/**
 * Returns whether a handler of a module keeps none of the orders that it gives: each is given by a call whose answer nobody takes, and neither `order` nor
 * the context goes anywhere as a whole, as the `this` of a call included. Names count wherever they are spelt, whatever hides them, so it errs on one side
 * only: false for a handler that keeps none.
 */
export function dropsOrders(handler: FunctionNode): boolean {
  const [context] = handler.params;
  const uses = new ContextUses();
  if (context?.type === 'Identifier') uses.contexts.add(context.name);
  else if (context !== undefined && !uses.nameParts(context)) return false;
  // A shorter name within the handler: const { order } = context.
  if (!uses.namePartsWithin(handler.body)) return false;
  const { body } = handler;
  const escapes = body.type === 'BlockStatement' ? uses.escapes(body) : uses.escapesAlone(body);
  return !escapes && !handler.params.some((pattern) => uses.escapesByPattern(pattern));
}

/** What a handler does with its context, and with the function of it that orders. */
class ContextUses {
  /** Names of the context. */
  readonly contexts = new Set<string>();
  /** Names of the function that orders. */
  readonly #orders = new Set<string>();

  /** Takes the names that a pattern gives to parts of the context. Returns false where it does more than that. */
  nameParts(pattern: Estree.Pattern): boolean {
    if (pattern.type !== 'ObjectPattern') return false;
    return pattern.properties.every((property) => {
      if (property.type !== 'Property' || property.computed) return false;
      const name = keyOf(property.key);
      if (name !== 'order') return CONTEXT_PARTS.has(name);
      if (property.value.type !== 'Identifier') return false;
      this.#orders.add(property.value.name);
      return true;
    });
  }

  /** The same of all declarations within a node. */
  namePartsWithin(node: unknown): boolean {
    if (Array.isArray(node)) return node.every((each) => this.namePartsWithin(each));
    if (!isNode(node)) return true;
    if (this.#namesParts(node) && !this.nameParts(node.id)) return false;
    return Object.values(node).every((each) => this.namePartsWithin(each));
  }

  #namesParts(node: Estree.Node): node is Estree.VariableDeclarator {
    if (node.type !== 'VariableDeclarator') return false;
    const { init } = node as Estree.VariableDeclarator;
    return init != null && this.#isContext(init);
  }

  /** Whether a node lets an order, `order` or the context out of sight. */
  escapes(node: unknown): boolean {
    if (Array.isArray(node)) return node.some((each) => this.escapes(each));
    if (!isNode(node)) return false;
    switch (node.type) {
      case 'Identifier':
        return this.#isWatched((node as Estree.Identifier).name);
      case 'ExpressionStatement':
        return this.escapesAlone((node as Estree.ExpressionStatement).expression);
      case 'VariableDeclarator':
        return this.#namesParts(node) ? this.escapesByPattern(node.id) : this.#escapesInParts(node);
      case 'CallExpression': {
        const { callee, arguments: given } = node as Estree.CallExpression;
        return this.#isGivenAsThis(callee) || this.escapes(callee) || this.escapes(given);
      }
      case 'TaggedTemplateExpression':
        return this.#isGivenAsThis((node as Estree.TaggedTemplateExpression).tag) || this.#escapesInParts(node);
      case 'MemberExpression': {
        const { object, property, computed } = node as Estree.MemberExpression;
        if (this.#isContext(object)) return computed || !CONTEXT_PARTS.has(keyOf(property));
        return this.escapes(object) || (computed && this.escapes(property));
      }
      case 'Property': {
        const { key, value, computed } = node as Estree.Property;
        return (computed && this.escapes(key)) || this.escapes(value);
      }
      default:
        return this.#escapesInParts(node);
    }
  }

  /** The same of an expression whose value nobody takes. */
  escapesAlone(node: Estree.Expression): boolean {
    switch (node.type) {
      case 'LogicalExpression':
        return this.escapes(node.left) || this.escapesAlone(node.right);
      case 'ConditionalExpression':
        return this.escapes(node.test) || this.escapesAlone(node.consequent) || this.escapesAlone(node.alternate);
      case 'CallExpression':
        return this.#isOrder(node.callee) ? this.escapes(node.arguments) : this.escapes(node);
      default:
        return this.escapes(node);
    }
  }

  /** The same of a pattern, whose own names are no uses of them. */
  escapesByPattern(pattern: Estree.Pattern): boolean {
    switch (pattern.type) {
      case 'Identifier':
        return false;
      case 'ObjectPattern':
        return pattern.properties.some((property) =>
          property.type === 'Property'
            ? (property.computed && this.escapes(property.key)) || this.escapesByPattern(property.value)
            : this.escapesByPattern(property.argument),
        );
      case 'AssignmentPattern':
        return this.escapesByPattern(pattern.left) || this.escapes(pattern.right);
      default:
        return this.#escapesInParts(pattern);
    }
  }

  #escapesInParts(node: Estree.Node): boolean {
    return Object.values(node).some((each) => this.escapes(each));
  }

  #isWatched(name: string): boolean {
    return this.contexts.has(name) || this.#orders.has(name) || name === 'arguments' || name === 'eval';
  }

  #isContext(node: Estree.Expression | Estree.Super): boolean {
    return node.type === 'Identifier' && this.contexts.has(node.name);
  }

  /** Whether what is called has the context as its `this`, and may use it. */
  #isGivenAsThis(callee: Estree.Expression | Estree.Super): boolean {
    if (callee.type !== 'MemberExpression' || !this.#isContext(callee.object)) return false;
    return callee.computed || !CONTEXT_FUNCTIONS.has(keyOf(callee.property));
  }

  /** Whether what is called is `order` or one of its functions. */
  #isOrder(callee: Estree.Expression | Estree.Super): boolean {
    if (this.#isOrderItself(callee)) return true;
    if (callee.type !== 'MemberExpression' || callee.computed || callee.optional) return false;
    return this.#isOrderItself(callee.object) && ORDER_FUNCTIONS.has(keyOf(callee.property));
  }

  #isOrderItself(node: Estree.Expression | Estree.Super): boolean {
    if (node.type === 'Identifier') return this.#orders.has(node.name);
    if (node.type !== 'MemberExpression' || node.computed || node.optional) return false;
    return this.#isContext(node.object) && keyOf(node.property) === 'order';
  }
}
