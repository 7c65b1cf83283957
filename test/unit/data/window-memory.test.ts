import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WindowBlocks } from '../../../src/data/window-memory.js';

it('windows are zeros of their own, whatever their lengths and whatever was written into others', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 40 }), (lengths) => {
      const memory = new WindowBlocks();
      const windows = lengths.map((length, place) => {
        if (place % 7 === 6) memory.begin();
        const window = memory.take(length);
        if (window.length !== length || window.some((value) => value !== 0)) throw new Error(`window ${place}`);
        return window.fill(place + 1);
      });
      return windows.every((window, place) => window.every((value) => value === place + 1));
    }),
    { numRuns: 1000 },
  );
});

it('short windows share a block, but no run has one with another', () => {
  const memory = new WindowBlocks();
  const [first, second] = [memory.take(200), memory.take(50)];
  expect(second.buffer).toBe(first.buffer);
  memory.begin();
  expect(memory.take(50).buffer).not.toBe(first.buffer);
});
