import type * as Estree from 'acorn';
import { type FunctionNode, isNode, keyOf } from './reader.js';

/** Functions of `order` whose answer is an order, and that are given none. */
const ORDER_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['value', 'percent', 'notional', 'target', 'targetValue', 'targetPercent', 'close'],
]);

/**
 * Returns whether a handler keeps none of the orders that it gives: each is given by a call whose answer nobody takes, and neither `order` nor the context
 * goes anywhere as a whole. Names count wherever they are spelt, whatever hides them, so it errs on one side only: false for a handler that keeps none.
 */
export function dropsOrders(handler: FunctionNode): boolean {
  const [context] = handler.params;
  if (context === undefined) return !usesArguments(handler);
  const names = new Names();
  if (context.type === 'Identifier') names.contexts.add(context.name);
  else if (!names.takeFrom(context)) return false;
  // A shorter name within the handler: const { order } = context.
  if (!names.takeWithin(handler.body)) return false;
  const { body } = handler;
  const keeps = body.type === 'BlockStatement' ? names.keep(body) : names.keepAlone(body);
  return !keeps && !handler.params.some((pattern) => names.keepInPattern(pattern));
}

/** The names by which a handler knows its context and the function that orders. */
class Names {
  readonly contexts = new Set<string>();
  readonly #orders = new Set<string>();

  /** Takes the names that a pattern gives to parts of the context. Returns false where it does more than that. */
  takeFrom(pattern: Estree.Pattern): boolean {
    if (pattern.type !== 'ObjectPattern') return false;
    return pattern.properties.every((property) => {
      if (property.type !== 'Property' || property.computed) return false;
      if (keyOf(property.key) !== 'order') return true;
      if (property.value.type !== 'Identifier') return false;
      this.#orders.add(property.value.name);
      return true;
    });
  }

  /** The same of all declarations within a node. */
  takeWithin(node: unknown): boolean {
    if (Array.isArray(node)) return node.every((each) => this.takeWithin(each));
    if (!isNode(node)) return true;
    if (this.#takesContext(node) && !this.takeFrom(node.id)) return false;
    return Object.values(node).every((each) => this.takeWithin(each));
  }

  #takesContext(node: Estree.Node): node is Estree.VariableDeclarator {
    if (node.type !== 'VariableDeclarator') return false;
    const { init } = node as Estree.VariableDeclarator;
    return init?.type === 'Identifier' && this.contexts.has(init.name);
  }

  /** Whether a node lets an order, `order` or the context out of sight. */
  keep(node: unknown): boolean {
    if (Array.isArray(node)) return node.some((each) => this.keep(each));
    if (!isNode(node)) return false;
    switch (node.type) {
      case 'Identifier':
        return this.#isKept((node as Estree.Identifier).name);
      case 'ExpressionStatement':
        return this.keepAlone((node as Estree.ExpressionStatement).expression);
      case 'VariableDeclarator':
        if (this.#takesContext(node)) return this.keepInPattern(node.id);
        return this.#keepInParts(node);
      case 'MemberExpression': {
        const { object, property, computed } = node as Estree.MemberExpression;
        if (this.#isContext(object)) return computed || keyOf(property) === 'order';
        return this.keep(object) || (computed && this.keep(property));
      }
      case 'Property': {
        const { key, value, computed } = node as Estree.Property;
        return (computed && this.keep(key)) || this.keep(value);
      }
      default:
        return this.#keepInParts(node);
    }
  }

  /** The same of an expression whose value nobody takes. */
  keepAlone(node: Estree.Expression): boolean {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.keepAlone(node.expression);
      case 'LogicalExpression':
        return this.keep(node.left) || this.keepAlone(node.right);
      case 'ConditionalExpression':
        return this.keep(node.test) || this.keepAlone(node.consequent) || this.keepAlone(node.alternate);
      case 'CallExpression':
        return (!this.#isOrder(node.callee) && this.keep(node.callee)) || this.keep(node.arguments);
      default:
        return this.keep(node);
    }
  }

  /** The same of a pattern whose own names are not uses of them. */
  keepInPattern(pattern: Estree.Pattern): boolean {
    switch (pattern.type) {
      case 'Identifier':
        return false;
      case 'ObjectPattern':
        return pattern.properties.some((property) =>
          property.type === 'Property'
            ? (property.computed && this.keep(property.key)) || this.keepInPattern(property.value)
            : this.keepInPattern(property.argument),
        );
      case 'AssignmentPattern':
        return this.keepInPattern(pattern.left) || this.keep(pattern.right);
      default:
        return this.#keepInParts(pattern);
    }
  }

  #keepInParts(node: Estree.Node): boolean {
    return Object.values(node).some((each) => this.keep(each));
  }

  #isKept(name: string): boolean {
    return this.contexts.has(name) || this.#orders.has(name) || name === 'arguments' || name === 'eval';
  }

  #isContext(node: Estree.Expression | Estree.Super): boolean {
    return node.type === 'Identifier' && this.contexts.has(node.name);
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

/** Whether a function may reach what it is given without a name for it. */
const usesArguments = (handler: FunctionNode): boolean => new Names().keep(handler.body);
