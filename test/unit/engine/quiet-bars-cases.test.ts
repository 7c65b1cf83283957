import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type AnyDefinition, definitionOf } from '../../../src/engine/strategy.js';
import { loadStrategy } from '../../../src/engine/strategy-loader.js';
import { makeFolder } from '../../helpers/folders.js';
import { handlerFrom } from '../../helpers/random-handler.js';
import { openTiny, simulationOn, type TinyMarket } from '../../helpers/tiny-market.js';

/** A hundred bars: 10 and 11 in turns, and 20 on bars 50 and 80. */
const BARS = Array.from({ length: 100 }, (_, i) => (i === 50 || i === 80 ? 20 : 10 + (i % 2))).join(' ');
const ONE: TinyMarket = { assets: { A: BARS } };
const NAMES = 'const { state, order, record } = context; const { asset, position, fast, slow, close } = state;';

async function outcome(definition: AnyDefinition, asksEveryBar: boolean, market: TinyMarket) {
  using bundle = await openTiny(market);
  const simulation = simulationOn(bundle, definition, { cash: 10_000 }, asksEveryBar);
  const runs: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    try {
      const { result } = simulation.full({ params: {}, seed: 1, randomLabels: [] });
      const seen = result.recordedNames.map((name) => [name, ...result.recorded(name)]);
      runs.push({ orders: result.orders, hash: result.orderStreamHash, seen });
    } catch (error) {
      runs.push((error as Error).message);
    }
  }
  return runs;
}

describe('a handler does the same whether it is asked on every bar or where it may act', () => {
  const keep = (more: string): string => `const keep = (state) => Object.assign(state, ${more});`;

  it.each([
    [
      'a plain value that gives way to a series',
      `if (close.value > state.stop.value) order(asset, 1);
       if (position.quantity > 0 && close.value < 11 && state.stop.value > 0 && state.stop !== close) state.stop = slow;`,
      keep('{ stop: { value: 15 } }'),
    ],
    [
      'an object that gives way to one with a getter',
      `if (state.trade.isLosing) { order.target(asset, 0); state.trade = NONE; }
       else if (close.value > 15) { order(asset, 1); state.trade = new Trade(close); }`,
      `const NONE = { isLosing: false };
       class Trade { constructor(close) { this.close = close; } get isLosing() { return this.close.value < 11; } }
       ${keep('{ trade: NONE }')}`,
    ],
    [
      'an asset that is null',
      'if (state.target !== null && data.close(state.target) > 15) order(asset, 1); if (close.value > 15) state.target = asset;',
      keep('{ target: null }'),
    ],
    [
      'an object that vanishes',
      `if (state.trade.isOpen) { if (close.value < 10.5) { order.target(asset, 0); state.trade = undefined; } }
       else if (close.value > 15) { order(asset, 1); state.trade = { isOpen: true }; }`,
      keep('{ trade: { isOpen: false } }'),
    ],
    [
      'a shorter name of something in nothing',
      'const { level } = state.trade; if (close.value > 15 && close.value > level) order(asset, 1);',
      keep('{ trade: undefined }'),
    ],
    [
      'a shorter name of a getter that counts',
      "const { next } = state.counter; if (close.value > 15) record('n', next);",
      `class Counter { n = 0; get next() { return ++this.n; } } ${keep('{ counter: new Counter() }')}`,
    ],
    [
      'an operand that is read although it is not needed',
      `if (breached(state.armed, close.value, state.trade.level)) order(asset, 1);
       else if (close.value > 15) { state.trade = { level: 10 }; state.armed = true; }`,
      `const breached = (armed, value, level) => armed && value < level; ${keep('{ trade: undefined }')}`,
    ],
    [
      'counts outside of its state',
      "mood++; let n = 1; n++; if (close.value > 15) record('mood', mood + n);",
      'let mood = 0;',
    ],
    [
      'a count whose place it computes',
      "const at = state.list[2]; state.list[at]++; if (close.value > 15) record('seen', state.list[1]);",
      keep('{ list: [0, 0, 1] }'),
    ],
    [
      'numbers in columns that convert them',
      "state.whole[0] += 0.5; if (close.value > 15) record('seen', state.same[0]);",
      `const bytes = new ArrayBuffer(8); ${keep('{ whole: new Int32Array(bytes), same: new Int32Array(bytes) }')}`,
    ],
    [
      'a list that it cuts',
      "if (state.list[1] === undefined) record('cut', close.value); if (close.value < 10.5) state.list.length = 1;",
      keep('{ list: [1, 2] }'),
    ],
    [
      'a length that no list has',
      'state.list.length -= 1; if (close.value > 15) order(asset, 1);',
      keep('{ list: [1, 2] }'),
    ],
    [
      'an object that is frozen later, of which it would write on no bar',
      `if (close.value > 1e9) state.trade.level = 1;
       if (close.value > 15) { order(asset, 1); Object.freeze(state.trade); }`,
      keep('{ trade: { level: 0 } }'),
    ],
    [
      'an object that is frozen later',
      `state.trade.level += 1; if (close.value > 15) { order(asset, 1); Object.freeze(state.trade); }`,
      keep('{ trade: { level: 0 } }'),
    ],
    [
      'a property that it deletes',
      `if (close.value > 15) { record('keys', Object.keys(state.trade).length); delete state.trade.level; }
       if (close.value > 1e9) state.trade.level = undefined;`,
      keep('{ trade: { level: undefined } }'),
    ],
    [
      'its parameters in its state',
      `if (state.given === undefined) { state.given = params; params.count = 0; }
       state.given.count++; if (params.count === 70) record('x', params.count);`,
      '',
    ],
    ['a constant that it assigns to', 'const level = close.value + 1; if (close.value > 15) level = 3;', ''],
    [
      'a constant of the state that it assigns to',
      'const { level } = state; state.level = 3; if (close.value > 15) level = 4;',
      '',
    ],
    ['a method without its series', 'const { ago } = state.close; if (ago(1) > 15) order(asset, 1);', ''],
    [
      'a function that has a name of its own',
      'if (far(close.value)) order(asset, 1);',
      'const gap = { limit: 15 }; const far = function gap(x) { return gap.limit === undefined && x > 10.5; };',
    ],
    [
      'a long chain of choices',
      Array.from(
        { length: 18 },
        (_, i) => `if (state.step === ${i} && close.value > ${12 + i}) { order(asset, 1); state.step++; }`,
      ).join(' else '),
      keep('{ step: 0 }'),
    ],
  ])('%s', async (_, body, around) => {
    const make = handlerFrom(`${NAMES}\n${body}`, around);
    const { read, isRead } = make();
    expect(isRead).toBe(true);
    expect(await outcome(read, false, ONE)).toEqual(await outcome(make().read, true, ONE));
  });

  it('with a count that goes on over events, and while a limit waits', async () => {
    const body = `state.seen++;
      if (close.value > 15) { order(asset, 1); order(asset, 1, { limit: 5 }); record('seen', state.seen); }`;
    const make = handlerFrom(`${NAMES}\n${body}`);
    const dividends = [30, 60, 70].map((row) => ({ symbol: 'A', row, amount: '0.01' }));
    const market = { ...ONE, dividends };
    const { read, asked } = make();
    expect(await outcome(read, false, market)).toEqual(await outcome(make().read, true, market));
    expect(asked.count).toBeLessThan(20);
  });

  const folder = makeFolder();
  afterAll(() => folder.remove());
  let files = 0;

  it.each([
    [
      'a state that is not the one beside the handler',
      `const base = { parameters: {}, initialize: ({ asset }: any) => ({ asset, spread: 0 }),
         handleData({ state, order }: any) { if (state.spread > 1) order(state.asset, 1); } };
       export default defineStrategy({ ...base, initialize: ({ asset, indicator }: any) => {
         const fast = indicator(sma(2), asset); const slow = indicator(sma(3), asset);
         return { asset, get spread() { return fast.value - slow.value; } }; } } as any);`,
    ],
    [
      'a handler of the same text elsewhere',
      `const make = () => defineStrategy({ parameters: {}, initialize: ({ asset, indicator }: any) => {
         const fast = indicator(sma(2), asset); const slow = indicator(sma(3), asset);
         return { asset, get spread() { return fast.value - slow.value; } }; },
         handleData({ state, order }: any) { if (state.spread > 1) order(state.asset, 1); } } as any);
       export const other = defineStrategy({ parameters: {}, initialize: ({ asset }: any) => ({ asset, spread: 0 }),
         handleData({ state, order }: any) { if (state.spread > 1) order(state.asset, 1); } } as any);
       export default make();`,
    ],
    [
      'a series of another sleeve and of another run',
      `let close: any;
       export default defineStrategy({ parameters: {}, sleeves: 'equal',
         initialize: ({ asset, series }: any) => { close ??= series(asset, 'close'); return { asset, own: series(asset, 'open') }; },
         handleData({ state, order }: any) { if (close.value > 10.5) order(state.asset, 1); } } as any);`,
    ],
    [
      'a block that hides a name of the language',
      `let strategy: any;
       { const Math = { max: (a: number, b: number) => a + b };
         strategy = defineStrategy({ parameters: {}, initialize: ({ asset, series }: any) => ({ asset, close: series(asset, 'close') }),
           handleData({ state, order }: any) { if (Math.max(state.close.value, 1) > 11.5) order(state.asset, 1); } } as any); }
       export default strategy;`,
    ],
  ])('of a file with %s', async (_, source) => {
    const load = async (): Promise<AnyDefinition> => {
      const file = join(folder.path, `s${files++}.ts`);
      writeFileSync(file, `import { defineStrategy, sma } from 'hindcast';\n// ${files}\n${source}`);
      return definitionOf((await loadStrategy(file)).strategy);
    };
    const market = { assets: { A: BARS, B: BARS } };
    expect(await outcome(await load(), false, market)).toEqual(await outcome(await load(), true, market));
  });
});
