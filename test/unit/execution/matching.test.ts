import { describe, expect, it } from 'vitest';
import {
  type BarTicks,
  type IntrabarRule,
  matchAfterBirth,
  matchAtPrice,
  matchWithin,
  type Touch,
} from '../../../src/execution/matching.js';

const RULES: readonly IntrabarRule[] = ['pessimistic', 'optimistic'];

/** Prices as text: `limit 90`, `stop 110`, `stop 110 limit 105`, `triggered 110 limit 105`. */
function terms(text: string) {
  const after = (word: string): number => Number(new RegExp(`${word} (\\d+)`).exec(text)?.[1] ?? Number.NaN);
  const isTriggered = text.includes('triggered');
  return { limit: after('limit'), stop: isTriggered ? after('triggered') : after('stop'), isTriggered };
}

/** `100-102:95-110` is open, close, low and high. */
function bar(text: string): BarTicks {
  const [open, close, low, high] = text.split(/[-:]/).map(Number) as [number, number, number, number];
  return { open, close, low, high };
}

const told = (touch: Touch): string =>
  typeof touch === 'object' ? `${touch.ticks}${touch.isMaker ? ' maker' : ''}` : (touch ?? '-');

/** The same seen from below: what a buy meets in a market, a sale meets in its mirror image. */
const mirror = (price: number): number => 200 - price;
const mirrored = ({ limit, stop, isTriggered }: ReturnType<typeof terms>) => ({
  limit: mirror(limit),
  stop: mirror(stop),
  isTriggered,
});
const mirroredBar = ({ open, close, low, high }: BarTicks): BarTicks => ({
  open: mirror(open),
  close: mirror(close),
  low: mirror(high),
  high: mirror(low),
});
const mirroredTouch = (touch: Touch): Touch =>
  typeof touch === 'object' ? { ...touch, ticks: mirror(touch.ticks) } : touch;

describe('the opening of a bar, for a buy', () => {
  it.each<[string, number, string]>([
    ['limit 100', 101, '-'],
    ['limit 100', 100, '100'],
    ['limit 100', 95, '95'],
    ['stop 100', 99, '-'],
    ['stop 100', 100, '100'],
    ['stop 100', 105, '105'],
    ['stop 100 limit 104', 99, '-'],
    ['stop 100 limit 104', 103, '103'],
    ['stop 100 limit 104', 104, '104'],
    ['stop 100 limit 104', 105, 'triggered'],
    ['stop 100 limit 97', 100, 'triggered'],
    ['stop 100 limit 97', 96, '-'],
    ['triggered 100', 90, '90'],
    ['triggered 100 limit 97', 98, '-'],
    ['triggered 100 limit 97', 96, '96'],
  ])('%s at %d: %s', (text, open, expected) => {
    expect(told(matchAtPrice(terms(text), true, open))).toBe(expected);
    expect(told(mirroredTouch(matchAtPrice(mirrored(terms(text)), false, mirror(open))))).toBe(expected);
  });
});

describe('the rest of a bar, for a buy', () => {
  it.each<[string, string, pessimistic: string, optimistic: string]>([
    ['limit 100', '103-104:101-105', '-', '-'],
    ['limit 100', '103-104:100-105', '100 maker', '100 maker'],
    ['stop 106', '103-104:101-105', '-', '-'],
    ['stop 105', '103-104:101-105', '105', '105'],
    ['stop 105 limit 107', '103-104:101-106', '105', '105'],
    ['stop 105 limit 105', '103-104:101-106', '105', '105'],
    ['stop 105 limit 103', '103-104:101-104', '-', '-'],
    ['stop 105 limit 103', '103-104:102-106', 'triggered', '103 maker'],
    ['stop 105 limit 103', '103-103:102-106', '103 maker', '103 maker'],
    ['stop 105 limit 103', '104-105:104-106', 'triggered', 'triggered'],
    ['triggered 105 limit 103', '104-104:103-104', '103 maker', '103 maker'],
    ['triggered 105 limit 103', '106-106:104-107', '-', '-'],
    ['triggered 105', '103-104:101-106', '-', '-'],
  ])('%s in %s: %s pessimistically, %s optimistically', (text, bars, ...expected) => {
    const seen = RULES.map((rule) => matchWithin(terms(text), true, bar(bars), rule));
    expect(seen.map(told)).toEqual(expected);
    const below = RULES.map((rule) => matchWithin(mirrored(terms(text)), false, mirroredBar(bar(bars)), rule));
    expect(below.map(mirroredTouch).map(told)).toEqual(expected);
  });
});

describe('the bar in which an exit was born, for a buy', () => {
  it.each<[string, string, pessimistic: string, optimistic: string]>([
    ['limit 100', '103-104:99-105', '-', '100 maker'],
    ['limit 100', '103-100:99-105', '100 maker', '100 maker'],
    ['limit 98', '103-104:99-105', '-', '-'],
    ['stop 105', '103-104:99-105', '105', '105'],
    ['stop 106', '103-104:99-105', '-', '-'],
    ['triggered 105 limit 100', '103-104:99-105', '-', '100 maker'],
  ])('%s in %s: %s pessimistically, %s optimistically', (text, bars, ...expected) => {
    const seen = RULES.map((rule) => matchAfterBirth(terms(text), true, bar(bars), rule));
    expect(seen.map(told)).toEqual(expected);
    const below = RULES.map((rule) => matchAfterBirth(mirrored(terms(text)), false, mirroredBar(bar(bars)), rule));
    expect(below.map(mirroredTouch).map(told)).toEqual(expected);
  });
});
