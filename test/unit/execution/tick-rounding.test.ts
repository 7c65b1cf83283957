import { expect, it } from 'vitest';
import { roundToTick } from '../../../src/execution/tick-rounding.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

const FILE = 'reference/zipline/price_rounding.json';

/** The smallest unit in which all ticks of the table are whole. */
const UNIT = 10_000;

it.each<[number, number, boolean, number]>([
  [100, 5, true, 100],
  [104.7, 5, true, 100],
  [104.75, 5, true, 105],
  [104.7, 5, false, 105],
  [100.25, 5, false, 100],
  [100.26, 5, false, 105],
  [0.04, 1, true, 0],
  [Number.NaN, 1, true, Number.NaN],
])('rounds %d to a tick of %d (down: %s) as %d', (price, tick, down, expected) => {
  expect(roundToTick(price, tick, down)).toBe(expected);
});

describeShared('prices rounded by zipline', FILE, () => {
  it('agree for all ticks, for limits, stops and both of a stop-limit', () => {
    type Row = readonly [price: number, limitOfBuy: number, limitOfSale: number];
    const table = referenceJson<{ by_tick_size: Record<string, Row[]> }>(FILE).by_tick_size;
    let rows = 0;
    for (const [size, cases] of Object.entries(table)) {
      const tick = Math.round(Number(size) * UNIT);
      for (const [price, down, up] of cases) {
        // The stop of a stop-limit lies one above, and so does what is expected of it.
        for (const shift of [0, 1]) {
          const at = (price + shift) * UNIT;
          const name = `${price} + ${shift} at ticks of ${size}`;
          expect(roundToTick(at, tick, true), name).toBe(Math.round((down + shift) * UNIT));
          expect(roundToTick(at, tick, false), name).toBe(Math.round((up + shift) * UNIT));
        }
        rows++;
      }
    }
    expect(rows).toBe(138);
  });
});
