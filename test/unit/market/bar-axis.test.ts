import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/core/errors.js';
import { compileAxis } from '../../../src/market/bar-axis.js';
import type { Frequency } from '../../../src/market/bars.js';
import { getCalendar } from '../../../src/market/calendars.js';

const at = (text: string): number => Date.parse(text.includes('T') ? `${text}:00Z` : text);

describe('compileAxis', () => {
  it.each([
    ['XNYS', '1d', '2024-11-29', '2024-11-29T14:30', '2024-11-29T18:00', 'a half day'],
    ['24/7', '1d', '2024-11-30', '2024-11-30T00:00', '2024-12-01T00:00', 'a day of a crypto venue'],
    ['XNYS', '1m', '2024-11-29T17:59', '2024-11-29T17:59', '2024-11-29T18:00', 'the last minute of a half day'],
    ['XNYS', '1h', '2024-11-29T17:30', '2024-11-29T17:30', '2024-11-29T18:00', 'an hour cut at the close'],
    ['XNYS', '1h', '2024-01-02T14:00', '2024-01-02T14:30', '2024-01-02T15:00', 'an hour that begins before the open'],
    ['XNYS', '1h', '2024-01-02T22:00', '2024-01-02T22:00', '2024-01-02T23:00', 'an hour after the close'],
    ['XNYS', '1h', '2024-01-06T15:00', '2024-01-06T15:00', '2024-01-06T16:00', 'an hour of a weekend'],
    ['24/7', '30m', '2024-01-06T23:30', '2024-01-06T23:30', '2024-01-07T00:00', 'the last half hour of a day'],
    ['XTKS', '1h', '2024-11-05T02:00', '2024-11-05T02:00', '2024-11-05T02:30', 'an hour cut at the lunch break'],
    [
      'XTKS',
      '1h',
      '2024-11-05T03:00',
      '2024-11-05T03:30',
      '2024-11-05T04:00',
      'an hour that begins in the lunch break',
    ],
    ['XTKS', '30m', '2024-11-05T02:30', '2024-11-05T02:30', '2024-11-05T03:00', 'half an hour within the lunch break'],
    [
      'XHKG',
      '1h',
      '2025-01-28T03:30',
      '2025-01-28T03:30',
      '2025-01-28T04:00',
      'an hour cut at the close of a half day',
    ],
    ['CMES', '1h', '2024-07-07T21:30', '2024-07-07T22:00', '2024-07-07T22:30', 'the opening on the evening before'],
    ['CMES', '1d', '2024-07-08', '2024-07-07T22:00', '2024-07-08T22:00', 'a session that opens the evening before'],
    ['XNYS', '1w', '2024-07-05', '2024-07-01T13:30', '2024-07-05T20:00', 'a week labelled by its last session'],
    ['XNYS', '1mo', '2024-11-01', '2024-11-01T13:30', '2024-11-29T18:00', 'a month that ends on a half day'],
  ] as [string, Frequency, string, string, string, string][])(
    '%s %s bar %s spans %s to %s: %s',
    (calendar, frequency, label, open, close) => {
      const { opens, closes } = compileAxis(getCalendar(calendar), frequency, [at(label)]);
      expect(new Date(opens[0]!).toISOString()).toBe(new Date(at(open)).toISOString());
      expect(new Date(closes[0]!).toISOString()).toBe(new Date(at(close)).toISOString());
    },
  );

  it('never lets a bar be known before the one before it', () => {
    const xnys = getCalendar('XNYS');
    const { labels } = xnys.sessions(at('2019-01-01'), at('2024-12-31'));
    const { opens, closes } = compileAxis(xnys, '1d', labels);
    for (let row = 1; row < labels.length; row++) expect(opens[row]!).toBeGreaterThan(closes[row - 1]!);
  });

  it('has nothing to say of an empty axis', () => {
    expect(compileAxis(getCalendar('XNYS'), '1d', []).opens.length).toBe(0);
  });

  it('refuses a daily label without a session', () => {
    expect(() => compileAxis(getCalendar('XNYS'), '1d', [at('2024-12-25')])).toThrow(DataError);
    expect(() => compileAxis(getCalendar('XNYS'), '1d', [at('2024-12-25')])).toThrow(/the next one is 2024-12-26/);
  });
});
