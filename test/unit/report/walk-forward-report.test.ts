import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/report/html-report.js';
import { pageData } from '../../../src/report/page-data.js';
import type { WalkForwardReportModel } from '../../../src/report/report-model.js';
import { sampleRun } from '../../helpers/report-models.js';

const span = (start: string, end: string, score: number | null) => ({ start, end, bars: 100, score });

/** Two windows over a run of 200 bars; nothing was chosen in the second. */
function model(more: Partial<WalkForwardReportModel> = {}): WalkForwardReportModel {
  const run = sampleRun(200, 4);
  return {
    kind: 'walk-forward',
    title: 'cross on us',
    synthetic: false,
    generatedAt: '2020-01-01',
    provenance: { Bundle: 'us 1' },
    design: 'train 2y, test 100 bars',
    objective: { name: 'sharpe', direction: 'maximize' },
    run,
    windows: [
      {
        number: 1,
        params: { fast: 10, rule: '<b>' },
        train: span('1996-01-02', '1997-12-31', 1.5),
        validate: undefined,
        test: span('1998-01-02', '1998-04-11', 0.75),
        efficiency: 0.5,
        totalReturn: 0.0123,
        fills: 4,
      },
      {
        number: 2,
        params: {},
        train: span('1996-04-12', '1998-04-11', null),
        validate: undefined,
        test: span('1998-04-12', '1998-07-20', null),
        efficiency: null,
        totalReturn: 0,
        fills: 0,
      },
    ],
    drift: [
      {
        name: 'fast',
        values: [10, null],
        positions: [0.25, null],
        mean: 10,
        coefficientOfVariation: null,
        spread: null,
        agreement: 1,
      },
      {
        name: 'rule',
        values: ['<b>', null],
        positions: [0, null],
        mean: null,
        coefficientOfVariation: null,
        spread: null,
        agreement: 1,
      },
    ],
    efficiency: 0.5,
    returnEfficiency: null,
    warnings: ['The efficiency is 0.50, <i>below</i> 0.7.'],
    ...more,
  };
}

const visible = (page: string): string =>
  page.replace(/<(style|script)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/\s+/g, ' ');

describe('the report of a walk-forward', () => {
  it('says how far the account of all tests can be luck, where that is known', () => {
    const luck = 'its true Sharpe ratio is above 0 with a probability of 61.0 %, by <119> returns';
    expect(renderReport(model({ luck }))).toContain(
      'a probability of 61.0 %, by &lt;119&gt; returns. No parameter was',
    );
    expect(renderReport(model())).not.toContain('id="luck"');
  });

  it('shows what was traded, the windows, the drift and the warnings', () => {
    const page = visible(renderReport(model()));
    expect(page).toContain('Walk-forward · 2 windows');
    expect(page).toContain('<h2 id="summary-title">Out of sample</h2>');
    expect(page).toContain('<dt>Efficiency</dt><dd>0.500</dd>');
    expect(page).toContain('<dt>Return efficiency</dt><dd>–</dd>');
    expect(page).toContain('train 2y, test 100 bars. All parameters were chosen before the first test was read.');
    expect(page).toContain('1996-01-02 –<br>1997-12-31');
    expect(page).toContain('<td class="num" data-value="0.0123">1.23 %</td>');
    expect(page.match(/<tr>/g)!.length).toBeGreaterThan(6);
    expect(page).not.toContain('Validation');
  });

  it('has a column for validations where there are any', () => {
    const [first, second] = model().windows;
    const windows = [{ ...first!, validate: span('1998-01-01', '1998-01-01', 0.9) }, second!];
    const page = visible(renderReport(model({ windows })));
    expect(page).toContain('Validation');
    expect(page).toContain('Sharpe on validation');
    expect(page).toContain('0.900');
  });

  it('escapes what a user named, and is equal for equal models', () => {
    const page = renderReport(model());
    expect(visible(page)).not.toMatch(/<b>|<i>/);
    expect(visible(page)).toContain('&lt;b&gt;');
    expect(page).toBe(renderReport(model()));
  });

  it('draws a band from each test to the next, without a gap, and the drift between bounds', () => {
    const { walk, equity } = pageData(model());
    const day = 86_400;
    const begin = Date.UTC(1998, 0, 2) / 1000;
    expect(walk!.bands).toEqual([
      [begin, begin + 100 * day],
      [begin + 100 * day, begin + 199 * day],
    ]);
    expect(walk!.numbers).toEqual([1, 2]);
    expect(walk!.drift[0]).toEqual({ name: 'fast', positions: [0.25, null], values: [10, null] });
    expect(equity.times).toHaveLength(200);
  });
});
