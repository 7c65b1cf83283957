import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatMetric,
  formatMoney,
  formatNumber,
  formatPercent,
  formatShort,
  formatTime,
  metricLabel,
} from '../../../src/report/format.js';

describe('formats', () => {
  it.each([
    ['1234567.891', 2, '1,234,567.89'],
    ['-1234.5', 2, '-1,234.50'],
    ['-0.001', 2, '0.00'],
    ['0.995', 2, '1.00'],
    ['999.999', 2, '1,000.00'],
    ['123456789012345678901234.56', 2, '123,456,789,012,345,678,901,234.56'],
    ['12', 0, '12'],
    ['not money', 2, 'not money'],
  ] as const)('money %s at %i decimals', (amount, decimals, expected) => {
    expect(formatMoney(amount, decimals)).toBe(expected);
  });

  it('keeps every digit of an amount', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 99 }),
        (whole, cents) => {
          const text = `${whole}.${String(cents).padStart(2, '0')}`;
          const shown = formatMoney(text).replaceAll(',', '');
          expect(shown).toBe(text.startsWith('-') && whole === 0n && cents === 0 ? text.slice(1) : text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('shows what is not available as a dash, and never a negative zero', () => {
    expect([formatPercent(undefined), formatNumber(null), formatMetric('sharpe', Number.NaN)]).toEqual(['–', '–', '–']);
    expect(formatNumber(-0.0001)).toBe('0.00');
    expect(formatPercent(0.29043)).toBe('29.04 %');
  });

  it('gives each metric its own form', () => {
    expect(formatMetric('maxDrawdown', 0.2904)).toBe('29.04 %');
    expect(formatMetric('sharpe', 0.8075)).toBe('0.807');
    expect(formatMetric('trades', 12345)).toBe('12,345');
    expect(metricLabel('annualReturn')).toBe('Annual return');
  });

  it('shortens numbers for axes', () => {
    expect([formatShort(0.009000000000000001), formatShort(1234567.4), formatShort(1e-12)]).toEqual([
      '0.009',
      '1,234,570',
      '1e-12',
    ]);
    expect(formatCount(41_000)).toBe('41,000');
  });

  it('shows sessions as dates and bars of the day with their time', () => {
    expect(formatTime(Date.UTC(2021, 0, 4))).toBe('2021-01-04');
    expect(formatTime(Date.UTC(2021, 0, 4, 14, 31))).toBe('2021-01-04 14:31');
  });
});
