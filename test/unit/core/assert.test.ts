import { describe, expect, it } from 'vitest';
import { assertInteger, assertNever, assertOneOf } from '../../../src/core/assert.js';

describe('assertInteger', () => {
  it('accepts integers within bounds, both inclusive', () => {
    for (const value of [1, 2, 8]) expect(() => assertInteger('--jobs', value, { min: 1, max: 8 })).not.toThrow();
    expect(() => assertInteger('n', -5)).not.toThrow();
  });

  it.each([
    [0, { min: 1, max: 8 }, 'OUT_OF_RANGE', '--jobs must be from 1 to 8, but is 0.'],
    [0, { min: 1 }, 'OUT_OF_RANGE', '--jobs must be at least 1, but is 0.'],
    [9, { max: 8 }, 'OUT_OF_RANGE', '--jobs must be at most 8, but is 9.'],
    [1.5, {}, 'NOT_AN_INTEGER', '--jobs must be an integer, but is 1.5.'],
    ['2', {}, 'NOT_AN_INTEGER', "--jobs must be an integer, but is '2'."],
    [Number.NaN, {}, 'NOT_AN_INTEGER', '--jobs must be an integer, but is NaN.'],
    [2 ** 53, {}, 'NOT_AN_INTEGER', '--jobs must be an integer, but is 9007199254740992.'],
  ])('refuses %s of %o', (value, bounds, code, message) => {
    expect(() => assertInteger('--jobs', value, bounds)).toThrow(
      expect.objectContaining({ code, message, exitCode: 2 }),
    );
  });
});

describe('assertOneOf', () => {
  it.each([
    ['blck', "method is one of block, pairs, not 'blck'. Did you mean 'block'?"],
    ['none', "method is one of block, pairs, not 'none'."],
    [5, 'method is one of block, pairs, not 5.'],
    [{ by: 'block' }, "method is one of block, pairs, not { by: 'block' }."],
  ])('refuses %j, and lists what is known once', (value, message) => {
    expect(() => assertOneOf('method', value, ['block', 'pairs'])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    );
    expect(() => assertOneOf('method', 'pairs', ['block', 'pairs'])).not.toThrow();
  });
});

it('assertNever names the case', () => {
  expect(() => assertNever({ kind: 'new' } as never)).toThrow('{"kind":"new"}');
});
