import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Progress,
  progressEta,
  progressRate,
  renderProgressLine,
  renderProgressPlain,
} from '../../../src/report/progress-line.js';
import { displayWidth } from '../../../src/report/text-table.js';

const progress = (change: Partial<Progress> = {}): Progress => ({
  done: 275,
  total: 1100,
  elapsedMs: 10_000,
  best: { name: 'sharpe', value: 0.80751, number: 212 },
  failed: 3,
  workers: { busy: 2, total: 2 },
  ...change,
});

describe('renderProgressPlain', () => {
  it('says everything', () => {
    expect(renderProgressPlain(progress())).toBe(
      '275/1,100 · 27.5/s · ETA 30.0 s · best 0.8075 (#212) · 3 failed · 2/2 workers',
    );
  });

  it('counts what was pruned', () => {
    expect(renderProgressPlain(progress({ pruned: 1_200 }))).toContain('3 failed · 1,200 pruned · 2/2 workers');
  });

  it('leaves out what is not known yet', () => {
    const start = progress({ done: 0, elapsedMs: 0, best: undefined, failed: 0, total: undefined });
    expect(renderProgressPlain(start)).toBe('0 trials · 2/2 workers');
  });
});

describe('renderProgressLine', () => {
  it('draws the share that is done', () => {
    const line = renderProgressLine(progress(), { columns: 120 });
    expect(line).toMatch(/^█{7}░{21} 275\/1,100 /);
    expect(renderProgressLine(progress({ done: 1100 }), { columns: 120 })).toMatch(/^█{28} /);
  });

  it('drops the bar, then facts from the last to the first, on a narrow terminal', () => {
    expect(renderProgressLine(progress(), { columns: 53 })).toBe(
      '275/1,100 · 27.5/s · ETA 30.0 s · best 0.8075 (#212)',
    );
    expect(renderProgressLine(progress(), { columns: 32 })).toBe('275/1,100 · 27.5/s · ETA 30.0 s');
    expect(renderProgressLine(progress(), { columns: 5 })).toBe('275/…');
  });

  it('is never wider than the terminal, with or without styles', () => {
    fc.assert(
      fc.property(
        fc.record({
          done: fc.double({ min: 0, max: 1e6, noNaN: true }),
          total: fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined }),
          elapsedMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
          best: fc.option(fc.record({ name: fc.constant('sharpe'), value: fc.double(), number: fc.nat() }), {
            nil: undefined,
          }),
          failed: fc.nat(),
          workers: fc.record({ busy: fc.nat(64), total: fc.nat(64) }),
        }),
        fc.integer({ min: 1, max: 200 }),
        (state, columns) => {
          const plain = renderProgressLine(state, { columns });
          const styled = renderProgressLine(state, { columns, color: true });
          expect(displayWidth(plain)).toBeLessThanOrEqual(columns);
          expect(stripVTControlCharacters(styled)).toBe(plain);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('rate and time left', () => {
  it('count only this run of a resumed study', () => {
    const resumed = progress({ done: 600, doneBefore: 500, elapsedMs: 10_000 });
    expect(progressRate(resumed)).toBe(10);
    expect(progressEta(resumed)).toBe(50_000);
  });

  it('are not known before the first trial', () => {
    expect(progressRate(progress({ done: 500, doneBefore: 500 }))).toBeUndefined();
    expect(progressEta(progress({ total: undefined }))).toBeUndefined();
  });
});
