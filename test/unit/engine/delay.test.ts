import { describe, expect, it } from 'vitest';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import type { OrderOptions } from '../../../src/execution/order.js';
import { fillsOf, run } from '../../helpers/tiny-market.js';

/** Six bars from `open` to `close`. A fill within a bar or at its close bears the instant of its end: the row after. */
const BARS = '10>11:9-11 12>13:11-13 14>15:13-15 16>17:15-17 18>19:17-19 20>21:19-21';

/** Buys at the close of the first bar and sells at that of the fourth, and returns what filled. */
async function filled(settings: object, options: OrderOptions = {}, bars = BARS): Promise<string[]> {
  const result = await run(
    { assets: { A: bars } },
    {
      initialize: () => ({ bar: -1 }),
      handleData({ state, order, asset }) {
        state.bar++;
        if (state.bar === 0) order(asset, 10, options);
        if (state.bar === 3) order(asset, -10);
      },
    },
    settings,
  );
  return fillsOf(result);
}

describe('a delay', () => {
  it.each([
    { fill: 'next-open', delay: 0, expected: ['1 A 10 @ 12', '4 A -10 @ 18'] },
    { fill: 'next-open', delay: 1, expected: ['2 A 10 @ 14', '5 A -10 @ 20'] },
    { fill: 'next-close', delay: 0, expected: ['2 A 10 @ 13', '5 A -10 @ 19'] },
    { fill: 'next-close', delay: 2, expected: ['4 A 10 @ 17'] },
    { fill: 'same-close', delay: 0, expected: ['1 A 10 @ 11', '4 A -10 @ 17'] },
    { fill: 'same-close', delay: 1, expected: ['2 A 10 @ 13', '5 A -10 @ 19'] },
  ] as const)('of $delay bars under $fill moves every order by as many', async ({ fill, delay, expected }) => {
    expect(await filled({ fill, delay })).toEqual(expected);
  });

  it('holds for orders that wait for a price, and not for exits that lie at the market', async () => {
    const bars = '10 10>10:8-10 10>10:8-10 10 10>10:6-10 10';
    expect(await filled({ delay: 0 }, { limit: 9 }, bars)).toEqual(['2 A 10 @ 9', '4 A -10 @ 10']);
    expect(await filled({ delay: 1 }, { limit: 9 }, bars)).toEqual(['3 A 10 @ 9', '5 A -10 @ 10']);
    expect((await filled({ delay: 1 }, { stopLoss: { price: 7 } }, bars)).slice(0, 2)).toEqual([
      '2 A 10 @ 10',
      '5 A -10 @ 7',
    ]);
  });

  it('of none leaves no trace, and is a whole number', () => {
    expect('delay' in JSON.parse(JSON.stringify(resolveRunOptions({ delay: 0 })))).toBe(false);
    expect(() => resolveRunOptions({ delay: 0.5 })).toThrow(/delay/);
    expect(() => resolveRunOptions({ delay: -1 })).toThrow(/delay/);
  });
});

describe('an order that is on its way', () => {
  it('is not replaced by the same one on every bar, nor by another target: what follows reckons with it', async () => {
    const said: string[] = [];
    const orders = async (target: (bar: number) => number, delay: number): Promise<string[]> => {
      const result = await run(
        { assets: { A: '10 10 10 10 10 10 10 10' } },
        {
          initialize: () => ({ bar: -1 }),
          handleData({ state, order, asset }) {
            order.target(asset, target(++state.bar));
          },
          onOrder: (_context, { status }) => void said.push(status),
        },
        { delay },
      );
      return fillsOf(result);
    };
    expect(await orders((bar) => (bar < 3 ? 5 : 0), 0)).toEqual(['1 A 5 @ 10', '4 A -5 @ 10']);
    expect(await orders((bar) => (bar < 3 ? 5 : 0), 2)).toEqual(['3 A 5 @ 10', '6 A -5 @ 10']);
    expect(await orders((bar) => bar + 1, 2)).toEqual([
      '3 A 1 @ 10',
      '4 A 1 @ 10',
      '5 A 1 @ 10',
      '6 A 1 @ 10',
      '7 A 1 @ 10',
    ]);
    expect(await orders((bar) => (bar % 2 === 0 ? 5 : 0), 1)).toEqual([
      ...['2 A 5 @ 10', '3 A -5 @ 10', '4 A 5 @ 10', '5 A -5 @ 10', '6 A 5 @ 10', '7 A -5 @ 10'],
    ]);
    expect(said).not.toContain('cancelled');
  });
});
