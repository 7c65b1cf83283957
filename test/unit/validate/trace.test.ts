import { expect, it } from 'vitest';
import { type AnyDefinition, defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import type { Order } from '../../../src/execution/order.js';
import { TraceRecorder } from '../../../src/validate/trace.js';
import { run } from '../../helpers/tiny-market.js';

it('hears orders that are replaced, paired and taken back, by their names', async () => {
  let bar = 0;
  const orders: Order[] = [];
  const strategy = defineStrategy({
    parameters: {},
    handleData({ order, asset }) {
      if (bar === 0) {
        orders.push(order(asset, 1, { limit: 50 }), order(asset, 2, { stop: 200 }));
        order.oneCancelsOther(...orders);
      }
      if (bar === 1) order.replace(orders[0]!, { limit: 60 });
      if (bar === 2) orders[1]!.cancel();
      bar++;
    },
  });
  const recorder = new TraceRecorder(definitionOf(strategy) as AnyDefinition);
  await run({ assets: { A: '100 100 100 100' } }, recorder.definition as never);
  expect(recorder.accounts()[0]!.decisions.map(({ actions }) => actions)).toEqual([
    ['order(A, 1, { limit: 50 })', 'order(A, 2, { stop: 200 })', 'order.oneCancelsOther(A-1, A-2)'],
    ['order.replace(A-1, { limit: 60 })'],
    ['cancel A-2'],
  ]);
});
