import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/hash.js';
import { canonicalJson } from '../../../src/core/json.js';

/** The same data with the keys of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('canonicalJson', () => {
  it('sorts keys by code unit and writes no space', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, c: 0.1 }, B: -0, é: 1e21 })).toBe(
      '{"B":0,"a":{"c":0.1,"d":true},"b":[1,"x",null],"é":1e+21}',
    );
  });

  it('is one text for one value, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [undefined],
    [1n],
    [[undefined]],
    [{ a: Number.NaN }],
    [new Map()],
    [new Date(0)],
    [new Float64Array(1)],
    [() => 1],
  ])('refuses %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'NOT_CANONICAL' }));
  });

  it('leaves out keys without a value', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

describe('sha256', () => {
  // FIPS 180-4, the one-block example.
  it('has the published digest', () => {
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256('abc')).toBe(digest);
    expect(sha256(new TextEncoder().encode('abc'))).toBe(digest);
    expect(sha256('é')).toBe(createHash('sha256').update(Uint8Array.of(0xc3, 0xa9)).digest('hex'));
  });
});
