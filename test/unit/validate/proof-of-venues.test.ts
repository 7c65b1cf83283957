import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import type { GroupDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { defineStrategy, lookahead } from '../../../src/index.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { assetDraft } from '../../helpers/bundle-draft.js';
import { walk } from '../../helpers/walk-market.js';

/** Days of a coin, each of which ends as the next one begins, and of two shares. */
async function market(calendars: readonly string[]): Promise<Bundle> {
  const groups = calendars.map((calendar, seed): GroupDraft => {
    const times = getCalendar(calendar).sessions(Date.parse('2024-01-02'), Date.parse('2024-02-11')).labels;
    const assets = [assetDraft(calendar.replace('/', ''), walk(times.length, seed + 1))];
    return { calendar, frequency: '1d', times, assets };
  });
  const splits = [{ symbol: '247', exDate: Date.parse('2024-02-03'), ratio: '2' }];
  const bundle = await bundleFromColumns({ groups, splits, dividends: [] }, { name: 'venues' });
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

const honest = defineStrategy({
  parameters: {},
  initialize: ({ assets }) => assets,
  handleData({ state: assets, order, random }, data) {
    for (const asset of assets) {
      const close = data.current(asset, 'close');
      if (random() < 0.5) order.targetPercent(asset, random() * 0.3);
      else if (close > 0) order(asset, 1, { limit: Math.round(close * 99) / 100, stopLoss: { percent: 0.05 } });
    }
  },
});

const ONE = ['24/7'];
const SEVERAL = ['24/7', 'XNYS', 'XTKS'];

describe('the proof that a strategy does not look ahead', () => {
  it.each(
    [ONE, SEVERAL].flatMap((calendars) =>
      (['never', 'last-open', 'last-close'] as const).flatMap((liquidate) =>
        (['next-open', 'next-close'] as const).map((fill) => ({ calendars, liquidate, fill })),
      ),
    ),
  )('accuses nobody for when bars or runs end: %j', async ({ calendars, ...rules }) => {
    const report = await lookahead(honest, { bundle: await market(calendars), seed: 3, ...rules });
    expect([report.finding, report.clean]).toEqual([undefined, true]);
    expect(report.fills).toBeGreaterThan(20);
  });
});
