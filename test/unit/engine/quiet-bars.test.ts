import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OptimizationConfig } from '../../../src/engine/optimization-config.js';
import { rulesOfModule } from '../../../src/engine/rule/module-rules.js';
import { noteAsked, rememberRule, ruleOf } from '../../../src/engine/rule/quiet-bars.js';
import { defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import { loadStrategy } from '../../../src/engine/strategy-loader.js';
import { makeFolder } from '../../helpers/folders.js';
import { handlerFrom } from '../../helpers/random-handler.js';
import { openTiny, simulationOn } from '../../helpers/tiny-market.js';

/** A hundred bars: 10 and 11 in turns, and 20 on bars 50 and 80. */
const BARS = Array.from({ length: 100 }, (_, i) => (i === 50 || i === 80 ? 20 : 10 + (i % 2))).join(' ');
/** Bars on which the averages of the strategy are ready. */
const ALL = 98;

const NAMES = 'const { state, order, record } = context; const { asset, position, fast, slow, close } = state;';
const MODULE = 'const keep = (state) => state; const BAR = 15; const above = (a, b) => a > b;';

/** How often a handler is asked. */
async function run(text: string, around = MODULE, asksEveryBar = false) {
  using bundle = await openTiny({ assets: { A: BARS } });
  const { read, asked, isRead } = handlerFrom(`${NAMES}\n${text}`, around)();
  const simulation = simulationOn(bundle, read, { cash: 10_000 }, asksEveryBar);
  simulation.full({ params: {}, seed: 1, randomLabels: [] });
  return { asked: asked.count, isRead };
}

describe('a handler is asked only where it may act', () => {
  it.each([
    ['a test of a series', "if (close.value > 15) record('x', 1);", 2],
    ['the other branch', "if (close.value < 15) {} else record('x', 1);", 2],
    ['early return', "if (close.value < 15) return; record('x', 1);", 2],
    ['what is short for an if', "close.value > 15 && record('x', 1);", 2],
    ['a choice', "close.value > 15 ? record('x', 1) : undefined;", 2],
    ['a part of a test that is not understood', "if (close.value > 15 && context.random() < 2) record('x', 1);", 2],
    ['the same the other way round', "if (close.value < 15 || context.random() < 0) return; record('x', 1);", 2],
    ['a value some bars ago', "if (close.ago(2) > 15) record('x', 1);", 2],
    ['fields of the market', "if (data.high(asset) > 15 || data.current(asset, 'close') > 15) record('x', 1);", 2],
    ['locals', "let sum = close.value; if (sum > 15) sum += 5; if (sum > 24) record('x', 1);", 2],
    ['functions of the language', "if (Math.max(close.value, 12) > 15) record('x', 1);", 2],
    ['functions and values of the module', "if (above(close.value, BAR) && position.isFlat) record('x', 1);", 2],
    ['a crossing', "if (crossedAbove(fast, slow) && close.value > 15) record('x', 1);", 2],
    [
      'the position, which its orders change: in, out and in again, twice',
      'if (position.isFlat) order(asset, 1); else if (close.value > 15) order.target(asset, 0);',
      5,
    ],
    ['a value that it counts', 'if (close.value > 15 && state.seen < 1) state.seen++;', 0],
    ['a value that it carries on', "state.seen += 2; if (state.seen === 180) record('x', 1);", 1],
    ['every so many bars', "if (state.seen++ % 49 !== 48) return; record('x', 1);", 2],
    ['a count that comes first', "const due = ++state.seen % 49 === 0; if (due) record('x', 1);", 2],
    ['a value that it had before', "const { seen } = state; state.seen = 1; if (seen < 1) record('x', 1);", 1],
    ['a series that takes the place of another', 'if (state.fast.value > 15) state.fast = slow;', 1],
    ['an order that it keeps', 'if (close.value > 15) state.order = order(asset, 1);', 2],
    [
      'an order that it keeps, and looks at by another name',
      'const kept = state.order; if (kept === undefined && close.value > 15) state.order = order(asset, 1);',
      1,
    ],
    ['nothing at all', '', 0],
  ])('%s', async (_, text, asked) => {
    expect(await run(text)).toEqual({ asked, isRead: true });
    expect(await run(text, MODULE, true)).toEqual({ asked: ALL, isRead: true });
  });
});

describe('a handler is asked on every bar', () => {
  it.each([
    ['that acts first', "record('x', 1); if (close.value < 15) return;"],
    ['that loops', "for (const each of [close]) if (each.value > 15) record('x', 1);"],
    ['that calls what is not known', 'if (context.random() > 2) record("x", 1);'],
    ['that calls a function of its own', "const above = () => false; if (above(close.value, BAR)) record('x', 1);"],
    ['whose function is declared further down', "if (above(close.value, BAR)) record('x', 1); function above() {}"],
    ['that uses the clock', "if (context.now < 0) record('x', 1);"],
    ['that reads what moves with the market', "if (position.value > 1e9) record('x', 1);"],
  ])('%s', async (_, text) => {
    expect(await run(text)).toEqual({ asked: ALL, isRead: true });
  });

  it.each([
    ['hides a name of the language', `${MODULE} const Math = { max: () => 20 };`, 'if (Math.max(1, 2) > 15) {}'],
    ['assigns to its function', `${MODULE} function high() { return false; } high = () => true;`, 'if (high()) {}'],
    [
      'lets the state answer by a getter',
      'const keep = (state) => Object.defineProperty(state, "armed", { get: () => false });',
      'if (state.armed) {}',
    ],
    ['keeps the state in a proxy', 'const keep = (state) => new Proxy(state, {});', 'if (state.armed) {}'],
    ['hears of what is written in a proxy', 'const keep = (state) => new Proxy(state, {});', 'state.armed = true;'],
    [
      'hears of what is written by a setter',
      'const keep = (state) => Object.defineProperty(state, "armed", { get: () => false, set() {} });',
      'state.armed = true;',
    ],
    [
      'has a second way to what is written',
      'const keep = (state) => { state.nested.self = state; return state; };',
      "state.seen++; if (state.nested.self.seen > 1000) record('x', 1);",
    ],
  ])('whose module %s', async (_, around, text) => {
    expect(await run(text, around)).toEqual({ asked: ALL, isRead: true });
  });

  it('whose names may be those of another block', async () => {
    expect(await run('var x = 1;')).toEqual({ asked: ALL, isRead: false });
  });
});

describe('a handler that comes as an object', () => {
  it.each([
    [
      'a method',
      {
        handleData(context: { state: { a: number } }) {
          return context.state.a > 1 ? 1 : 0;
        },
      }.handleData,
    ],
    [
      'a function',
      function named(context: { state: { a: number } }) {
        return context.state.a;
      },
    ],
    ['an arrow function', ({ state }: { state: { a: number } }) => state.a],
  ])('is read once it has been called often: %s', (_, handler) => {
    noteAsked(handler, 1_999_999);
    expect(ruleOf(handler)).toBeUndefined();
    noteAsked(handler, 1);
    expect(ruleOf(handler)?.names).toEqual({});
  });

  it.each([
    ['nothing can be read of', async () => {}],
    ['has no text', Math.max],
    ['is bound', (() => 1).bind(undefined)],
  ])('%s', (_, handler) => {
    noteAsked(handler, 5_000_000);
    expect(ruleOf(handler)).toBeUndefined();
  });

  it('acts where it uses a name that it does not declare', async () => {
    using bundle = await openTiny({ assets: { A: BARS } });
    let asked = 0;
    let outer = 0;
    const strategy = (name: 'outer' | 'none') =>
      defineStrategy({
        parameters: {},
        initialize: ({ asset, series }) => ({ close: series(asset, 'close'), asked: 0 }),
        handleData:
          name === 'none'
            ? ({ state, record }) => {
                if (state.close.value > 15) record('x', 1);
              }
            : ({ state }) => {
                if (state.close.value > 15 || outer > 0) outer = 0;
              },
      });
    for (const [name, expected] of [
      ['none', 2],
      ['outer', 100],
    ] as const) {
      const definition = definitionOf(strategy(name));
      const handler = definition.handleData!;
      noteAsked(handler, 5_000_000);
      const counted: typeof handler = (...given) => {
        asked++;
        return handler(...given);
      };
      rememberRule(counted, ruleOf(handler)!);
      asked = 0;
      const simulation = simulationOn(bundle, { ...definition, handleData: counted }, { cash: 10_000 });
      simulation.full({ params: {}, seed: 1, randomLabels: [] });
      expect(asked).toBe(expected);
    }
  });
});

describe('what is read of a strategy file', () => {
  const folder = makeFolder();
  afterAll(() => folder.remove());

  async function load(text: string) {
    const file = join(folder.path, 'rule.ts');
    writeFileSync(file, `import { crossedAbove, defineStrategy } from 'hindcast';\n${text}`);
    return definitionOf((await loadStrategy(file)).strategy);
  }

  it('is known of a handler at the top of its module, and its errors name its lines', async () => {
    const { handleData } = await load(
      "const LEVEL: number = 3;\nexport default defineStrategy({\n  parameters: {},\n  handleData({ asset }, data) {\n    if (data.close(asset) > LEVEL) throw new Error('here');\n  },\n});",
    );
    expect(ruleOf(handleData)?.names).toHaveProperty('LEVEL');
    const call = () => handleData!({} as never, { close: () => 4 } as never, {} as never);
    expect(call).toThrow(expect.objectContaining({ stack: expect.stringContaining('rule.ts:6') as string }));
  });

  it('writes out its short functions, and reads those of the package', () => {
    // As the compiler writes modules: what is constant at their top is 'var' there.
    const rules = rulesOfModule(`import { crossedAbove, defineStrategy } from 'hindcast';
      var above = (a, b) => a > b;
      var below = (a) => a < 1;
      below = (a) => a < 2;
      var rule_default = defineStrategy({
        parameters: {},
        handleData({ state }) {
          if (above(state.close.value, 2) && crossedAbove(state.close, state.open) && below(3)) throw 1;
        }
      });
      export { rule_default as default };`);
    expect(rules).toContain('names: { "crossedAbove": () => crossedAbove, "below": () => below }');
    expect(rules).toContain('"operator":">"');
  });

  it('is nothing where another function stands around the handler', async () => {
    const { handleData } = await load(
      'const make = (level: number) => defineStrategy({ parameters: {}, handleData({ asset }, data) { if (data.close(asset) > level) throw 1; } });\nexport default make(3);',
    );
    expect(ruleOf(handleData)).toBeUndefined();
  });

  it('can be left unused', () => {
    expect(OptimizationConfig.fromDefaults({}).settings.quietBars).toBe(true);
    expect(OptimizationConfig.fromDefaults({ HINDCAST_QUIET_BARS: 'off' }).settings.quietBars).toBe(false);
    expect(OptimizationConfig.disableAll().settings.quietBars).toBe(false);
    expect(() => OptimizationConfig.fromDefaults({}).with({ quietBars: 1 as never })).toThrow(
      "'quietBars' of OptimizationConfig is true or false, not 1.",
    );
  });
});
