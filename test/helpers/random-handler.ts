import fc from 'fast-check';
import { type ModuleRules, RULES_EXPORT, rulesOfModule } from '../../src/engine/rule/module-rules.js';
import { CompiledRule, rememberRule } from '../../src/engine/rule/quiet-bars.js';
import { type AnyDefinition, defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import { crossedAbove, crossedBelow, sma } from '../../src/indicators/index.js';

/** A strategy as the text of its handler would be written in a module, and what was read of it. */
export interface HandlerUnderTest {
  /** Asked where its rule says so; `asked` counts. */
  readonly read: AnyDefinition;
  readonly asked: { count: number };
  /** Whether anything could be read of it. */
  readonly isRead: boolean;
}

/** What stands around a handler: names of the module that it may use; a function `keep` is given its state. */
export const MODULE = `
const LIMIT = 450;
let mood = 1;
const gap = (a, b) => a.value - b.value;
function widened(value, by) { return value * (1 + by); }
const above = (a, b) => a > b;
const chosen = (isFirst, first, second) => (isFirst ? first : second);
class Trade {
  constructor(close) { this.close = close; }
  get isLosing() { return this.close.value < 450; }
  get level() { return this.close.value; }
}
`;

/** What the function that makes the strategy is given as arguments. */
const IMPORTS = `import { defineStrategy, sma, crossedAbove, crossedBelow } from 'hindcast';\n`;

/** Reads the text of a handler. Returns what makes the strategy as the engine sees it after its module has been read, a new one each time. */
export function handlerFrom(text: string, around = MODULE): () => HandlerUnderTest {
  const keeps = /\bkeep\b/.test(around);
  const module = `${around}
const strategy = defineStrategy({
  parameters: {},
  initialize({ assets, portfolio, indicator, series }) {
    const [asset, other] = assets;
    return ${keeps ? 'keep(' : ''}{
      asset, other,
      position: portfolio.position(asset),
      fast: indicator(sma(2), asset),
      slow: indicator(sma(3), asset),
      late: indicator(sma(2), other ?? asset),
      close: series(asset, 'close'),
      seen: 0,
      level: 450,
      armed: false,
      order: undefined,
      nested: { level: 440 },
      trade: { isLosing: false, level: 450 },
    }${keeps ? ')' : ''};
  },
  handleData(context, data, params) {
${text}
  },
});`;
  const rules = rulesOfModule(`${IMPORTS}${module}`).replace('export const', 'const');
  const imports = { defineStrategy, sma, crossedAbove, crossedBelow };
  const make = new Function(
    ...Object.keys(imports),
    `'use strict';${module}\n${rules}\nreturn { strategy, rules: ${rules === '' ? undefined : RULES_EXPORT} };`,
  ) as (...values: unknown[]) => { strategy: ReturnType<typeof defineStrategy>; rules: ModuleRules | undefined };
  return () => {
    const made = make(...Object.values(imports));
    const definition = definitionOf(made.strategy);
    const handler = definition.handleData!;
    const asked = { count: 0 };
    const counted: typeof handler = (...given) => {
      asked.count++;
      return handler(...given);
    };
    const rule = made.rules?.handlers[handler.toString()];
    if (rule !== undefined) rememberRule(counted, new CompiledRule(rule, made.rules!.names));
    return { read: { ...definition, handleData: counted }, asked, isRead: rule !== undefined };
  };
}

const number = (max: number) => fc.integer({ min: 0, max }).map(String);
const bars = fc.constantFrom('0', '1', '2', '5');

interface Grammar {
  readonly value: string;
  readonly test: string;
  readonly statement: string;
  readonly choice: string;
  readonly block: string;
  readonly body: string;
}

/** Arbitrary bodies of handlers: tests of all that can be read, and now and then an order or a change of the state. */
export const randomHandler: fc.Arbitrary<string> = fc
  .letrec<Grammar>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        'fast.value',
        'slow.value',
        'close.value',
        'late.value',
        'context.state.seen',
        'state.level',
        'state.nested.level',
        'state.trade.level',
        'position.quantity',
        'portfolio.cash / 1000',
        'position.averagePrice',
        'position.value',
        'position.profit',
        'portfolio.value / 1000',
        'data.close(asset)',
        "data.current(asset, 'high')",
        'LIMIT',
        'mood',
        'NaN',
        'gap(fast, slow)',
      ),
      number(600),
      fc.tuple(fc.constantFrom('close', 'fast', 'late'), bars).map(([series, n]) => `${series}.ago(${n})`),
      fc
        .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '%'), tie('value'))
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      fc.tuple(tie('value'), tie('value')).map(([a, b]) => `Math.max(${a}, ${b})`),
      tie('value').map((a) => `(-${a})`),
      tie('value').map((a) => `widened(${a}, 0.01)`),
      fc.tuple(tie('test'), tie('value'), tie('value')).map(([test, a, b]) => `(${test} ? ${a} : ${b})`),
    ),
    test: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        'position.isFlat',
        '!position.isFlat',
        'fast.ready',
        'state.armed',
        'state.trade.isLosing',
        'state.trade',
        'state.order',
        'state.order === undefined',
        'state.order != null',
        'crossedAbove(fast, slow)',
        'crossedBelow(fast, slow)',
        'data.canTrade(asset)',
        "state.order?.status === 'filled'",
        'state.order?.filled > 0',
        'state.order?.stop < 400',
      ),
      fc
        .tuple(tie('value'), fc.constantFrom('>', '<', '>=', '<=', '===', '!=='), tie('value'))
        .map(([a, operator, b]) => `${a} ${operator} ${b}`),
      fc.tuple(tie('value'), tie('value')).map(([a, b]) => `above(${a}, ${b})`),
      fc.tuple(tie('test'), tie('value'), tie('value')).map(([test, a, b]) => `chosen(${test}, ${a}, ${b}) > 450`),
      fc.tuple(tie('test'), fc.constantFrom('&&', '||'), tie('test')).map(([a, o, b]) => `(${a} ${o} ${b})`),
      tie('test').map((a) => `!(${a})`),
      tie('value').map((a) => `Number.isNaN(${a})`),
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        "order.notional(asset, 'all');",
        'order.target(asset, 0);',
        'order(asset, 1);',
        'state.order = order(asset, 2);',
        'state.order = order(asset, 2, { limit: 350 });',
        "state.order = order.notional(asset, 'all');",
        'state.order = order.target(asset, 0) ?? state.order;',
        "record('paid', state.order?.averagePrice ?? 0);",
        'order(asset, -1, { stop: 400, limit: 380 });',
        'state.order = order(asset, -2, { trailing: { percent: 0.2 } });',
        'order(asset, 3, { stopLoss: { trailing: 0.3 }, takeProfit: { percent: 0.2 } });',
        'if (state.order?.status === "working") order.replace(state.order, { limit: 500 });',
        "record('stop', state.order?.stop ?? 0);",
        'for (const open of order.open()) open.cancel();',
        'order.notional(other ?? asset, 3000);',
        'state.seen++;',
        'if (state.seen++ % 3 === 1) order(asset, 1);',
        'state.level = Math.max(state.level, close.value);',
        'state.level -= 40;',
        'state.level = state.armed ? 300 : fast.value;',
        'state.armed = close.value > state.level;',
        'state.nested.level += 5;',
        'state.seen = "many";',
        '{ const { level } = state; state.level = 460; if (level < close.value) order(asset, 1); }',
        'state.other = undefined;',
        'if (close.value > state.level) { state.level = 900; order.target(asset, 0); }',
        'state.armed = !state.armed;',
        'state.nested = { level: close.value };',
        'state.fast = state.slow;',
        'state.fast = close;',
        'state.trade = new Trade(close);',
        'state.trade = undefined;',
        'state.trade = { isLosing: true, level: slow };',
        '{ const { level } = state.trade; if (level > 460) order(asset, 1); }',
        '[state.fast, state.close] = [state.close, state.fast];',
        'mood = close.value;',
        "record('seen', close.value);",
        'return;',
        'return close.value;',
        '{ const fast = close; if (fast.value > 590) order(asset, 1); }',
        '{ let kept = 0; if (position.isFlat) kept = fast.value; else kept += 450; if (kept > close.value) order(asset, 1); }',
      ),
      tie('choice').map(String),
      tie('test').map((test) => `${test} && order(asset, 1);`),
      tie('test').map((test) => `${test} ? order.target(asset, 0) : undefined;`),
      tie('value').map((value) => `{ const level = ${value}; if (level > fast.value) order.target(asset, 3); }`),
    ),
    choice: fc.oneof(
      { withCrossShrink: true },
      fc.tuple(tie('test'), tie('block')).map(([test, yes]) => `if (${test}) ${yes}`),
      fc.tuple(tie('test'), tie('block'), tie('block')).map(([test, yes, no]) => `if (${test}) ${yes} else ${no}`),
    ),
    body: fc.oneof(
      { weight: 4, arbitrary: tie('choice').map(String) },
      { weight: 1, arbitrary: tie('block').map(String) },
      {
        weight: 2,
        arbitrary: fc.tuple(tie('test'), tie('choice')).map(([test, rest]) => `if (${test}) return;\n${rest}`),
      },
    ),
    block: fc
      .array(tie('statement'), { minLength: 1, maxLength: 3, size: 'small' })
      .map((all) => `{ ${all.join('\n')} }`),
  }))
  .body.map(
    (body) =>
      `const { state, order, portfolio, record } = context;\nconst { asset, other, position, fast, slow, late, close } = state;\n${body}`,
  );
