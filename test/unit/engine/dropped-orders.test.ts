import { describe, expect, it } from 'vitest';
import {
  type ModuleRules,
  RULES_EXPORT,
  ruleOfFunction,
  rulesOfModule,
} from '../../../src/engine/rule/module-rules.js';
import { CompiledRule, rememberRule } from '../../../src/engine/rule/quiet-bars.js';
import { type AnyDefinition, definitionOf } from '../../../src/engine/strategy.js';
import { OrderTicket } from '../../../src/execution/ticket.js';
import { beforeClose, defineStrategy, everyDay } from '../../../src/index.js';
import { handlerFrom } from '../../helpers/random-handler.js';
import { openTiny, simulationOn } from '../../helpers/tiny-market.js';

/** Whether a handler, given by its text as a module has it, is read as one that keeps no order. */
function dropsOrders(text: string): boolean | undefined {
  const isMethod = text.startsWith('handleData');
  const rules = rulesOfModule(`export default { ${isMethod ? '' : 'handleData: '}${text} };`);
  if (rules === '') return undefined;
  const read = new Function(`${rules.replace('export const', 'const')} return ${RULES_EXPORT};`) as () => ModuleRules;
  return Object.values(read().handlers)[0]?.dropsOrders;
}

describe('a handler keeps no order', () => {
  it.each([
    ["({ order, state: { asset } }) => { order.notional(asset, 'all'); }"],
    ['({ order: give, state: { asset } }) => { give(asset, 5); }'],
    ['({ order, asset }) => order.target(asset, 0)'],
    ["({ record, log, order, asset }) => { record('x', 1); log('y'); order(asset, 1); }"],
    ["(context) => { context.order(context.asset, 5); context.order.close(context.asset); context.record('x', 1); }"],
    ['(context) => { const { order, state: { asset } } = context; if (state.up) order.percent(asset, 0.1); }'],
    ['({ order, asset, state }) => { state.up && order.target(asset, 1); state.up || order(asset, 1); }'],
    ['({ order, asset, state }) => { state.up ? order.value(asset, 9) : order.targetValue(asset, 1); }'],
    ['({ order, asset, state }) => { for (const each of state.all) { (order.targetPercent(each, 0.1)); } }'],
    ['({ state, asset }) => { state.order = 5; state.kept = { order: 5 }; }'],
    ['() => {}'],
    ['handleData({ order, asset }) { order(asset, 1, { stopLoss: { trailing: 0.3 } }); }'],
  ])('%s', (text) => {
    expect(dropsOrders(text)).toBe(true);
  });
});

describe('a handler may keep an order', () => {
  it.each([
    ['({ order, asset, state }) => { state.kept = order(asset, 1); }'],
    ['({ order, asset }) => { const kept = order(asset, 1); }'],
    ['({ order, asset, state }) => { state.all.push(order.target(asset, 0)); }'],
    ['({ order, asset, state }) => { state.order = order; }'],
    ['({ order, asset, log }) => { log("x", { order }); }'],
    ['({ order, asset }) => { order(asset, order(asset, 1).quantity); }'],
    ['({ order, asset, state }) => { state.give = () => order(asset, 1); }'],
    ['({ order, asset, state }) => { state.kept = state.up && order(asset, 1); }'],
    ['({ order, asset, state }) => { (state.kept = order(asset, 1)); }'],
    ['({ order, asset, state }) => { state.up && (state.kept = order(asset, 1)); }'],
    ['({ order, asset, state }) => { state.up ? (state.kept = order(asset, 1)) : undefined; }'],
    ['({ order, asset, state }) => { state.kept ??= order(asset, 1); }'],
    ['({ order, asset, state }) => { const give = order.target; state.kept = give(asset, 1); }'],
    ['({ order: { target }, asset, state }) => { state.kept = target(asset, 1); }'],
    ['({ order, state }) => { state.kept = order.open(); }'],
    ['({ order, state }) => { order.open(); }'],
    ['({ order, asset, state }) => { order.call(state, asset, 1); }'],
    ['({ order, asset, state }) => { state.kept = order?.(asset, 1); }'],
    ['({ order, asset, state }) => { order["target"](asset, 1); }'],
    ['({ order, asset, state = order }) => { state.kept = state(asset, 1); }'],
    ['({ order, asset, state }, kept = order) => { state.kept = kept(asset, 1); }'],
    ['(context) => { context.state.kept = context.order(context.asset, 1); }'],
    ['(context) => { const { order } = context; context.state.kept = order(context.asset, 1); }'],
    ['(context) => { let order; ({ order } = context); context.state.kept = order(context.asset, 1); }'],
    ['(context) => { const all = context; all.state.kept = all.order(all.asset, 1); }'],
    ['(context) => { const { ...all } = context; all.state.kept = all.order(all.asset, 1); }'],
    ['(context) => { const { ["order"]: give } = context; context.state.kept = give(context.asset, 1); }'],
    ['(context) => { const give = context["order"]; context.state.kept = give(context.asset, 1); }'],
    ['(context) => { const give = context.order; context.state.kept = give(context.asset, 1); }'],
    ['({ asset, ...rest }) => { rest.state.kept = rest.order(asset, 1); }'],
    ['(context) => { rule(context); }'],
    ['(context) => { const all = context.valueOf(); all.order(all.asset, 1); }'],
    ['(context) => { context.grab().order(context.asset, 1); }'],
    ['(context) => { context.grab.order(context.asset, 1); }'],
    ['(context) => { context.__proto__.grab ??= function () { return this; }; }'],
    ['(context) => { context.state(); }'],
    ['(context) => { context.state?.(); }'],
    ['(context) => { context.state`x`; }'],
    ['({ grab }) => { grab.order(grab.asset, 1); }'],
    ['(context) => { const { grab } = context; grab.order(grab.asset, 1); }'],
    ['(context) => { context.state.all.push(context); }'],
    ['(context) => { const { order, state = context } = context; }'],
    ['function (context) { rule(...arguments); }'],
    ['function () { const [{ order, state }] = arguments; state.kept = order(state.asset, 1); }'],
    ['function ({ asset }) { arguments[0].state.kept = arguments[0].order(asset, 1); }'],
    ['({ order, asset, state }) => { return order(asset, 1); }'],
    ['({ order, asset, state }) => [order(asset, 1)]'],
    ['({ order, asset, state }) => { class Kept { kept = order(asset, 1); } state.kept = new Kept(); }'],
    ['({ order, asset, state }) => { const { kept = order(asset, 1) } = state; }'],
    ['({ order, asset, state }) => { for (state.kept of [order(asset, 1)]); }'],
  ])('%s', (text) => {
    expect(dropsOrders(text)).not.toBe(true);
  });
});

it('says nothing of a handler of no module, which may be sloppy code', () => {
  const handler = ({ order, asset }: Readonly<Record<string, never>>): void => {
    (order as unknown as (of: unknown, units: number) => void)(asset, 1);
  };
  expect(ruleOfFunction(handler)?.dropsOrders).toBe(false);
});

it('makes a ticket that has served as a new one', () => {
  const holding = { asset: { symbol: 'A' }, line: 0 } as never;
  const ticket = new OrderTicket(holding, undefined as never);
  const blank = { ...ticket };
  for (const name of Object.keys(blank)) {
    if (name !== 'asset' && name !== 'line') Object.assign(ticket, { [name]: 'other' });
  }
  expect({ ...ticket }).not.toEqual(blank);
  expect({ ...ticket.renew() }).toEqual(blank);
});

/** Buys and sells in turns; what is done with each order is written in its place. */
const trade = (buy: string, sell: string): string => `
const { state, order, record } = context; const { asset, position, close } = state;
if (position.isFlat && close.value > 10) { ${buy.replace('ORDER', "order.notional(asset, 'all')")} }
else if (close.value < 11) { ${sell.replace('ORDER', 'order.target(asset, 0)')} }`;

it('gives a strategy that keeps its orders a handle for each', async () => {
  using bundle = await openTiny({ assets: { A: '10 11 9 12 8 13 7 14' } });
  const keep = 'const given = ORDER; state.order ??= given;';
  const text = `${trade(keep, keep)} record('paid', state.order?.averagePrice ?? 0);`;
  const { read } = handlerFrom(text)();
  const { result } = simulationOn(bundle, read, { cash: 10_000 }).full({ params: {}, seed: 1, randomLabels: [] });
  expect(result.fills.map(({ price }) => price)).toEqual([8, 13, 7, 14]);
  expect([...result.recorded('paid').slice(4)]).toEqual([8, 8, 8, 8]);
});

it('trades the same, run after run, whether or not it keeps its orders', async () => {
  using bundle = await openTiny({ assets: { A: '10 11 10 11 10 . 11 10 11', B: '10 11 12 10 11 10' } });
  const hashes = ['ORDER;', 'state.order = ORDER;'].flatMap((place) => {
    const { read } = handlerFrom(trade(place, place))();
    const simulation = simulationOn(bundle, { ...read, sleeves: 'equal' }, { cash: 10_000 });
    return [1, 2, 3].map(() => simulation.full({ params: {}, seed: 1, randomLabels: [] }).result.orderStreamHash);
  });
  expect(new Set(hashes).size).toBe(1);
});

it('gives a handle for each to what a strategy scheduled, and to what it put aside, in a later run too', async () => {
  using bundle = await openTiny({ assets: { A: '10 11 9 12 8 13 7 14' } });
  let saved:
    | { readonly order: { notional(asset: unknown, amount: 'all'): { readonly averagePrice: number } } }
    | undefined;
  let kept: { readonly averagePrice: number } | undefined;
  // Reads as a handler that keeps nothing: what gives orders is what was put aside.
  const handleData: AnyDefinition['handleData'] = ({ state, record }) => {
    (state as { readonly act: () => void }).act();
    record('paid', kept?.averagePrice ?? 0);
  };
  rememberRule(handleData, new CompiledRule({ body: [{ is: 'act' }], names: [], dropsOrders: true }, {}));
  const definition = definitionOf(
    defineStrategy({
      parameters: {},
      initialize({ asset, portfolio, schedule }) {
        if (saved === undefined) {
          schedule(everyDay(), beforeClose(), (context) => {
            saved = context as never;
          });
        }
        const position = portfolio.position(asset);
        return {
          act(): void {
            if (saved === undefined) return;
            if (!position.isFlat) (saved.order as never as { target(asset: unknown, units: 0): void }).target(asset, 0);
            else {
              const given = saved.order.notional(asset, 'all');
              kept ??= given;
            }
          },
        };
      },
    }) as never,
  );
  const simulation = simulationOn(bundle, { ...definition, handleData }, { cash: 10_000 });
  simulation.full({ params: {}, seed: 1, randomLabels: [] });
  kept = undefined;
  const { result } = simulation.full({ params: {}, seed: 1, randomLabels: [] });
  const [first] = result.fills;
  expect(result.fills.length).toBeGreaterThan(3);
  expect([...result.recorded('paid').slice(2)]).toEqual(new Array(6).fill(first!.price));
});
