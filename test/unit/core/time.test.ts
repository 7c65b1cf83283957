import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDate, formatDuration, formatInstant, parseDate, parseInstant } from '../../../src/core/time.js';

describe('dates and instants', () => {
  it.each([
    ['2020-02-29', Date.UTC(2020, 1, 29)],
    ['1970-01-01', 0],
    ['1969-12-31', -86_400_000],
    ['9999-12-31', Date.UTC(9999, 11, 31)],
  ])('reads %s', (text, time) => expect(parseDate(text)).toBe(time));

  it.each([
    '2020-02-30',
    '2021-02-29',
    '2020-13-01',
    '2020-00-10',
    '2020-01-00',
    '0050-01-01',
    '2020-1-1',
    '20200101',
    '',
    '2020-01-01 ',
    '2020-01-01T00:00:00Z',
  ])("refuses '%s' as a date", (text) =>
    expect(() => parseDate(text, '--start')).toThrow(
      expect.objectContaining({ code: 'NOT_A_DATE', message: expect.stringMatching(/^--start must be a date/) }),
    ),
  );

  it.each([
    ['2020-03-02', Date.UTC(2020, 2, 2)],
    ['2020-03-02T14:30Z', Date.UTC(2020, 2, 2, 14, 30)],
    ['2020-03-02T14:30:05.25Z', Date.UTC(2020, 2, 2, 14, 30, 5, 250)],
    ['2020-03-02T00:30:00+01:00', Date.UTC(2020, 2, 1, 23, 30)],
    ['2020-03-02T14:30:00-05:30', Date.UTC(2020, 2, 2, 20, 0)],
  ])('reads the instant %s', (text, time) => expect(parseInstant(text)).toBe(time));

  it.each([
    '2020-03-02T14:30:00',
    '2020-03-02 14:30Z',
    '2020-03-02T24:00Z',
    '2020-03-02T14:60Z',
    '2020-02-30T00:00Z',
    '2020-03-02T14:30:00+25:00',
    'now',
  ])("refuses '%s' as an instant", (text) =>
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ name: 'UsageError' })),
  );

  it('writes what it reads', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const time = date.getTime();
          expect(parseInstant(formatInstant(time))).toBe(time);
          expect(parseDate(formatDate(time))).toBe(Math.floor(time / 86_400_000) * 86_400_000);
        },
      ),
      { numRuns: 2000 },
    );
    expect(formatInstant(Date.UTC(2020, 2, 2, 14, 30))).toBe('2020-03-02T14:30:00Z');
    expect(formatInstant(Date.UTC(2020, 2, 2, 14, 30, 0, 5))).toBe('2020-03-02T14:30:00.005Z');
  });

  it.each([
    [0, '0 ms'],
    [849.6, '850 ms'],
    [999.7, '1.0 s'],
    [12_340, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [245_000, '4 min 5 s'],
    [3_599_600, '1 h 0 min'],
    [7_380_000, '2 h 3 min'],
    [86_399_000, '1 d 0 h'],
    [273_600_000, '3 d 4 h'],
  ])('writes %d ms as %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});
