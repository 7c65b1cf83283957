import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, renderRecord, renderTable, truncate } from '../../../src/report/text-table.js';

describe('renderTable', () => {
  it('aligns numbers right and words left', () => {
    const table = renderTable(
      [{ header: 'symbol' }, { header: 'sharpe', align: 'right' }],
      [
        ['AAPL', '1.2'],
        ['MSFT', '-10.25'],
      ],
    );
    expect(table.split('\n')).toEqual(['symbol  sharpe', '──────  ──────', 'AAPL       1.2', 'MSFT    -10.25']);
  });

  it('cuts the widest words and no number', () => {
    const table = renderTable(
      [{ header: 'a' }, { header: 'reason' }, { header: 'value', align: 'right' }],
      [['x', 'the strategy threw at bar 700', '123456789.123456789']],
      { width: 40 },
    );
    expect(table.split('\n')[2]).toBe('x  the strategy th…  123456789.123456789');
  });

  it('stays within the width wherever words can be cut', () => {
    const word = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, word, fc.integer()), { maxLength: 8 }),
        fc.integer({ min: 40, max: 120 }),
        (rows, width) => {
          const columns = [{ header: 'one' }, { header: 'two' }, { header: 'n', align: 'right' as const }];
          const cells = rows.map(([a, b, n]) => [a, b, String(n)]);
          for (const line of renderTable(columns, cells, { width }).split('\n')) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('uses styles only when told, and then the same text', () => {
    const columns = [{ header: 'a' }];
    const plain = renderTable(columns, [['x']]);
    const styled = renderTable(columns, [['x']], { color: true });
    expect(plain).toBe(stripVTControlCharacters(plain));
    expect(styled).not.toBe(plain);
    expect(stripVTControlCharacters(styled)).toBe(plain);
  });

  it('keeps a row on one line', () => {
    expect(renderTable([{ header: 'a' }], [['x\ny']]).split('\n')).toHaveLength(3);
  });
});

describe('renderRecord', () => {
  it('puts the values in one column', () => {
    expect(
      renderRecord([
        ['bundle', 'us'],
        ['end', '2021'],
      ]),
    ).toBe('bundle  us\nend     2021');
  });
});

describe('displayWidth', () => {
  it('counts wide characters twice and marks not at all', () => {
    expect([displayWidth('abc'), displayWidth('日経'), displayWidth('e\u0301')]).toEqual([3, 4, 1]);
    expect(truncate('日経平均', 5)).toBe('日経…');
    expect([truncate('abc', 3), truncate('abcd', 3), truncate('abc', 0)]).toEqual(['abc', 'ab…', '']);
  });
});
