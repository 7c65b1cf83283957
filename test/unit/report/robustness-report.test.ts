import { describe, expect, it } from 'vitest';
import { robustnessText } from '../../../src/cli/robustness-text.js';
import { formatMoney } from '../../../src/report/format.js';
import { reportRobustness } from '../../../src/report/from-robustness.js';
import { renderReport } from '../../../src/report/html-report.js';
import type { PathFigure } from '../../../src/validate/robustness/monte-carlo.js';
import { sampleBacktest, sampleRobustness } from '../../helpers/report-models.js';

describe('the tests of a run on its page', () => {
  const shown = reportRobustness(sampleRobustness());
  const page = renderReport(sampleBacktest({ robustness: shown }));
  const section = page.slice(
    page.indexOf('id="robustness"'),
    page.indexOf('</section>', page.indexOf('id="robustness"')),
  );

  it('are all that was made, with the run beside them', () => {
    expect(shown.spreads.map(({ metric, recorded, kinds }) => [metric, recorded, kinds.length])).toEqual([
      ['sharpe', 0.8, 6],
      ['totalReturn', 0.5, 6],
      ['maxDrawdown', 0.2, 6],
    ]);
    expect(shown.findings.map(({ name }) => name)).toEqual([
      ...['bootstrap', 'permutation', 'random-entry', 'noise', 'costs', 'delay', 'synthetic'],
    ]);
    expect(section.match(/<svg /g)).toHaveLength(3 + 1 + 2);
    expect(section.match(/data-finding="/g)).toHaveLength(7);
    expect(section).toContain('<dt>Slippage that leaves nothing<span class="value">12.34 bps</span></dt>');
    expect(section).toContain('Not made: No &lt;reason&gt;.');
  });

  it('frame the run among the values around it, and leave out what has none', () => {
    expect(section.match(/class="num shade-\d own"/g)).toHaveLength(1);
    expect(section).toContain('<td class="num shade-7 own">0.800</td>');
    expect(section).toContain('<td class="num shade-none">–</td>');
    expect(section.match(/<circle class="base"/g)).toHaveLength(2);
    // Three values of fast of which one is not available, two of rule, eight slippages.
    expect(section.match(/<circle /g)).toHaveLength(2 + 2 + 8);
    expect(section).toContain('fast: stability 0.50 (1: it stays the same; 0: it is gone)');
  });

  it('are left out one by one where they were not asked for', () => {
    const { base, params, bundle, seed } = sampleRobustness();
    const nothing = reportRobustness({
      ...{ params, bundle, seed, base, remarks: [] },
      ...{ bootstrap: undefined, permutation: undefined, randomEntry: undefined, noise: undefined, costs: undefined },
      ...{ delay: undefined, sensitivity: undefined, start: undefined, synthetic: undefined },
    });
    expect(nothing).toMatchObject({ spreads: [], findings: [], costs: undefined, curves: [], surfaces: [] });
    const bare = renderReport(sampleBacktest({ robustness: nothing }));
    expect(bare).toContain('id="robustness"');
    expect(bare.slice(bare.indexOf('id="robustness"'))).not.toContain('class="pair"');
    expect(renderReport(sampleBacktest())).not.toContain('id="robustness"');
  });

  it('say of other orders of the trades what was asked for', () => {
    const report = sampleRobustness();
    const { permutation } = report;
    const found = (...names: PathFigure[]) => {
      const of = <T>(all: Readonly<Partial<Record<PathFigure, T>>>) =>
        Object.fromEntries(names.map((name) => [name, all[name]]));
      const asked = { ...permutation!, figures: of(permutation!.figures), recorded: of(permutation!.recorded) };
      const finding = reportRobustness({ ...report, permutation: asked }).findings.find(
        ({ name }) => name === 'permutation',
      );
      const line = robustnessText({ ...report, permutation: asked }).find((text) => text.startsWith('Its 12 trades'));
      return [finding?.label, finding?.says, line];
    };
    const text = permutation!.figures.lowestValue!;
    const lowest = `${formatMoney(text.p5.toFixed(2))} to ${formatMoney(text.p95.toFixed(2))}`;
    expect(found('lowestValue')).toEqual([
      'Lowest account value in other orders',
      'Nine of ten orders of its 12 trades; its own 90,000.00.',
      `Its 12 trades in 300 other orders: lowest account value ${lowest} (recorded 90,000.00)`,
    ]);
    expect(found('maxDrawdown', 'longestLosingStreak')[1]).toMatch(
      /^Nine of ten orders of its 12 trades; its own 20\.0 %\. Longest row of losses 3 to 3, its own 2\.$/,
    );
  });

  it('say what loses without any slippage, and what bears all of it', () => {
    const report = sampleRobustness();
    const saying = (breakEvenBps: number | undefined) =>
      reportRobustness({ ...report, costs: { ...report.costs!, breakEvenBps } }).findings.find(
        ({ name }) => name === 'costs',
      );
    expect(saying(0)).toMatchObject({ value: '0.00 bps', says: 'It loses without any slippage.' });
    expect(saying(undefined)).toMatchObject({ value: 'over 1,000 bps' });
  });
});
