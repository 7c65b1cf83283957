import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { givenText } from '../../../src/core/option-kind.js';

class Basket {
  readonly eggs = 3;
}

describe('what somebody gave, in words', () => {
  it.each<[value: unknown, text: string]>([
    ['A', "'A'"],
    ["it's", '"it\'s"'],
    ['two\nlines', "'two\\nlines'"],
    ['', "''"],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [3n, '3n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [[1, 'a'], "[ 1, 'a' ]"],
    [[], '[]'],
    [{}, '{}'],
    [{ fast: 10 }, '{ fast: 10 }'],
    [Object.create(null), '[Object: null prototype] {}'],
    [() => 1, 'a function'],
    [Basket, 'a function'],
    [Promise.resolve(1), 'a Promise'],
    // biome-ignore lint/suspicious/noThenProperty: whatever can be awaited is one
    [{ then: () => 1 }, 'a Promise'],
    [new Basket(), 'a Basket'],
    [new AbortController(), 'an AbortController'],
    [new Map(), 'a Map'],
    [Float64Array.of(1), 'a Float64Array'],
    [new (class {})(), 'an object of its own kind'],
    [runInNewContext('({})'), 'an Object'],
  ])('%#: %o', (value, text) => expect(givenText(value)).toBe(text));

  it('shows only the beginning of what is long', () => {
    expect(givenText('x'.repeat(1000))).toBe(`'${'x'.repeat(60)}'... 940 more characters`);
    const long = givenText(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`name${at}`, at])));
    expect(long).toHaveLength(203);
    expect(long).toMatch(/^\{ name0: 0, name1: 1, .*\.\.\.$/);
  });

  it('is one line of at most 203 characters, whatever it is (property)', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const text = givenText(value);
          expect(text.length).toBeGreaterThan(0);
          expect(text.length).toBeLessThanOrEqual(203);
          expect(text).not.toMatch(/\n/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
