import { describe, expect, it } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { sma } from '../../../src/indicators/index.js';
import { lookahead } from '../../../src/validate/lookahead.js';
import { assetDraft, dailyDraft } from '../../helpers/bundle-draft.js';
import { walk } from '../../helpers/walk-market.js';

const BARS = 120;

describe('a proof in this thread', () => {
  it('asks the strategy on no bar of a perturbed market that decides nothing', async () => {
    let asked = 0;
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ asset, indicator }) => ({ asset, line: indicator(sma(2), asset) }),
      handleData({ state: { asset, line }, order }, data) {
        asked++;
        order.target(asset, data.close(asset) > line.value ? 1 : 0);
      },
    });
    using bundle = await bundleFromColumns(dailyDraft([assetDraft('AAA', walk(BARS, 5))]));
    const report = await lookahead(strategy, { bundle, cuts: 3 });
    expect(report.clean).toBe(true);
    // The first value of the average comes with the second bar.
    const on = (bars: number): number => bars - 1;
    const cut = report.cuts.map(
      ({ bar, changes }) => (changes.includes('truncated') ? on(bar + 1) : 0) + on(Math.min(BARS, bar + 3)),
    );
    // Whole: twice the recorded market, and the market that is another one from its second bar on.
    expect(asked).toBe(3 * on(BARS) + cut.reduce((sum, bars) => sum + bars, 0));
    expect(report.cuts.length).toBeGreaterThanOrEqual(5);
    expect(report.runs).toBeGreaterThan(report.cuts.length);
  });
});
