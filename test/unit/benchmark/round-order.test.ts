import { expect, it } from 'vitest';
import { roundOrders } from '../../../src/benchmark/round-order.js';

it('every arm runs once a round, in an order that the seed decides, none first more often than chance', () => {
  const orders = roundOrders(3, 600, 4);
  for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2]);
  for (const arm of [0, 1, 2]) {
    const first = orders.filter(([head]) => head === arm).length;
    expect(first).toBeGreaterThan(150);
    expect(first).toBeLessThan(250);
  }
  expect(roundOrders(3, 600, 4)).toEqual(orders);
  expect(roundOrders(3, 600, 5)).not.toEqual(orders);
});
