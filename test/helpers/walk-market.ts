import { onTestFinished } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import type { Bundle } from '../../src/data/bundle.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import { assetDraft, dailyDraft } from './bundle-draft.js';

/** Closes of a random walk in cents. */
export function walk(bars: number, seed: number): number[] {
  const random = SeededRandom.derive(seed, 'walk');
  let price = 10_000;
  return Array.from({ length: bars }, () => {
    price = Math.max(500, Math.round(price * (1 + 0.02 * random.normal())));
    return price / 100;
  });
}

/** A bundle of one or two random walks of daily or hourly bars, closed when the test ends; `extra` adds columns to the first. */
export async function walkBundle(
  bars: number,
  options: {
    readonly seed?: number;
    readonly assets?: 1 | 2;
    readonly extra?: (closes: number[]) => object;
    readonly frequency?: '1h';
  } = {},
): Promise<Bundle> {
  const { seed = 1, assets = 1, extra, frequency } = options;
  const first = walk(bars, seed);
  const drafts = [
    assetDraft('AAA', first, extra === undefined ? {} : { extra: extra(first) as Record<string, Float64Array> }),
    ...(assets === 2 ? [assetDraft('BBB', walk(bars, seed + 1))] : []),
  ];
  const daily = dailyDraft(drafts);
  const draft =
    frequency === undefined
      ? daily
      : {
          ...daily,
          groups: daily.groups.map((group) => ({
            ...group,
            ...{ frequency, calendar: '24/7' },
            times: group.times.map((time) => group.times[0]! + (time - group.times[0]!) / 24),
          })),
        };
  const bundle = await bundleFromColumns(draft, { name: 'walk', sharing: 'shared' });
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}
