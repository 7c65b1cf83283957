import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyNumber,
  assignment,
  duration,
  improvementRule,
  list,
  positiveNumber,
  wholeNumber,
} from '../../../src/cli/values.js';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    [' 5 m ', 300_000],
  ])('%s is %d ms', (text, milliseconds) => expect(duration('timeout')(text)).toBe(milliseconds));

  it.each(['', '90', '0s', '-5s', '5 minutes', '1d', 's', 'Infinity s'])(
    'refuses %j and says how to write one',
    (text) => {
      expect(() => duration('timeout')(text)).toThrow(/--timeout is a span of time.*90s, 5m or 2h/);
    },
  );
});

describe('whole numbers', () => {
  it('reads back every whole number from the least on, and refuses those below', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 }), (value, min) => {
        const parse = wholeNumber('trials', { min });
        if (value >= min) expect(parse(String(value))).toBe(value);
        else expect(() => parse(String(value))).toThrow(`a whole number from ${min}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts a value that is named beside the bounds', () => {
    const jobs = wholeNumber('jobs', { min: 1, allowed: [-1] });
    expect(jobs('-1')).toBe(-1);
    expect(() => jobs('0')).toThrow('Option --jobs is a whole number from 1, or -1, not');
  });

  it.each(['', '1.5', '1e3', '0x10', 'ten', '9007199254740993'])('refuses %j', (text) => {
    expect(() => wholeNumber('seed', { min: 0 })(text)).toThrow('--seed');
  });
});

describe('other values', () => {
  it('reads a number of trials with the least improvement over them, and refuses the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: Number.MIN_VALUE, noDefaultInfinity: true, noNaN: true }),
        (trials, least) => {
          expect(improvementRule('improvement')(` ${trials}:${least} `)).toEqual({ trials, least });
        },
      ),
      { numRuns: 1000 },
    );
    for (const text of [
      '',
      '50',
      '50:',
      ':0.01',
      '0:0.01',
      '1.5:0.01',
      '50:0',
      '50:-1',
      '50:x',
      '50:1:2',
      '-5:0.1',
      '50:0x1',
    ]) {
      expect(() => improvementRule('improvement')(text)).toThrow(
        '--improvement is N:SHARE, a whole number from 1 and a share above 0, such as 50:0.01 for 1 %, not',
      );
    }
  });

  it('reads positive decimals and refuses the rest', () => {
    expect(positiveNumber('annualization')('252.5')).toBe(252.5);
    for (const text of ['0', '-1', '', 'NaN', 'Infinity', '0x10'])
      expect(() => positiveNumber('annualization')(text)).toThrow();
  });

  it('reads any finite number', () => {
    expect(anyNumber('target')('-1.5e1')).toBe(-15);
    for (const text of ['', 'NaN', 'Infinity', 'high', '0x10', '0b1'])
      expect(() => anyNumber('target')(text)).toThrow('is a number');
  });

  it('splits lists at commas and refuses gaps', () => {
    expect(list('symbols')('AAPL, IBM')).toEqual(['AAPL', 'IBM']);
    expect(() => list('symbols')('AAPL,,IBM')).toThrow('without gaps');
  });

  it('collects assignments and refuses a second value for a name', () => {
    const parse = assignment('param');
    const first = parse('fast=10');
    expect(parse(' slow = a=b ', first)).toEqual({ fast: '10', slow: 'a=b' });
    expect(() => parse('fast=20', first)).toThrow("names 'fast' for the second time");
    for (const text of ['fast', '=10', '']) expect(() => parse(text)).toThrow('is written NAME=VALUE');
  });

  it('takes names that objects inherit for what they are', () => {
    expect(assignment('param')('constructor=1')).toEqual({ constructor: '1' });
  });
});
