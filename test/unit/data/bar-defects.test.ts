import { describe, expect, it } from 'vitest';
import type { AllowedDefect } from '../../../src/data/bar-defects.js';
import type { AssetDraft, BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { mergeDraft } from '../../../src/data/merge-draft.js';
import { openBundle } from '../../../src/data/reader.js';
import { resampledDraft } from '../../../src/data/resample.js';
import { writeBundle } from '../../../src/data/writer.js';
import type { Field } from '../../../src/market/bars.js';
import { assetDraft, dailyDraft, days, temporaryStore } from '../../helpers/bundle-draft.js';

/** WTI in April 2020, with one value changed. */
function wti(field: Field = 'close', value = 10.01, more: Partial<AssetDraft> = {}): BundleDraft {
  const asset = assetDraft('WTI', [18.27, 10.01, Number.NaN, 13.78], more);
  const column = asset.columns[field]!.slice();
  column[1] = value;
  return dailyDraft([{ ...asset, columns: { ...asset.columns, [field]: column } }]);
}

const negative = (): BundleDraft => {
  const prices = Float64Array.of(18.27, -37.63, 0, 10.01);
  const columns = { open: prices, high: prices, low: prices, close: prices, volume: Float64Array.of(1, 2, 3, 4) };
  return dailyDraft([assetDraft('WTI', [1, 2, 3, 4], { columns })]);
};

describe('a draft of columns', () => {
  it.each<[Field, number, string]>([
    ['close', -37.63, "-37.63 is negative. Correct it, or let it in with allow: ['negative-price']"],
    ['low', 0, "is zero. Correct it, or let it in with allow: ['zero-price']"],
    ['high', 9.5, "high 9.5 is below low 9.51. Correct it, or let it in with allow: ['high-below-low']"],
    ['open', 11, "11 lies outside low 9.51 to high 10.51. Correct it, or let it in with allow: ['open-outside-range']"],
    ['close', 9, "9 lies outside low 9.51 to high 10.51. Correct it, or let it in with allow: ['close-outside-range']"],
    ['volume', -5, '-5 is negative'],
    ['close', 10.015, '10.015 is no number of 2 decimals: it needs 3. Round it, or give priceDecimals: 3'],
    ['close', 9.969999999999999, '9.969999999999999 is no number of 2 decimals: it needs 15. Round it to 2'],
    ['volume', 0.5, '0.5 is no number of 0 decimals: it needs 1. Round it, or give volumeDecimals: 1'],
  ])('is refused for a %s of %d', async (field, value, reason) => {
    for (const sharing of ['copied', 'shared'] as const) {
      await expect(bundleFromColumns(wti(field, value), { sharing })).rejects.toMatchObject({
        code: 'DRAFT_INVALID',
        exitCode: 3,
        message: `Group 24/7 1d, WTI: row 1, column '${field}': ${reason}. Nothing was written.`,
        details: { symbol: 'WTI', field, row: 1, value },
      });
    }
  });

  it.each<[AllowedDefect, Field, number]>([
    ['negative-price', 'low', -37.63],
    ['negative-price', 'low', 0],
    ['zero-price', 'low', 0],
    ['high-below-low', 'high', 9.5],
    ['open-outside-range', 'open', 11],
    ['close-outside-range', 'close', 9],
  ])('has %s where it is allowed', async (defect, field, value) => {
    const { directory } = await writeBundle(temporaryStore(), 'oil', wti(field, value), { allow: [defect] });
    using bundle = openBundle(directory);
    expect(bundle.groups[0]!.listings[0]!.column(field)[1]).toBe(value);
    const others = (['zero-price', 'high-below-low', 'open-outside-range', 'close-outside-range'] as const).filter(
      (other) => other !== defect && value !== 0,
    );
    await expect(bundleFromColumns(wti(field, value), { allow: value === 0 ? [] : others })).rejects.toThrow(
      `allow: ['${value === 0 ? 'zero-price' : defect}']`,
    );
  });

  it('says which defects may be allowed', async () => {
    await expect(bundleFromColumns(wti(), { allow: ['negative' as never] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message:
        "Option 'allow' takes a list of zero-price, negative-price, high-below-low, open-outside-range, close-outside-range, not 'negative'.",
    });
    await expect(bundleFromColumns(wti(), { allow: 'zero-price' as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('of a bundle that exists is not judged again', async () => {
    using bundle = await bundleFromColumns(negative(), { allow: ['negative-price'] });
    using weekly = await bundleFromColumns(resampledDraft(bundle, ['1w']));
    expect([...weekly.groups[1]!.listings[0]!.column('low')]).toEqual([-37.63]);
    const { directory } = await writeBundle(temporaryStore(), 'oil', negative(), { allow: ['negative-price'] });
    using stored = openBundle(directory);
    const later = { ...dailyDraft([assetDraft('WTI', [20])]), judged: true };
    const times = days(1, '2020-01-05');
    const { draft } = mergeDraft(stored, { ...later, groups: [{ ...later.groups[0]!, times }] });
    using whole = await bundleFromColumns(draft);
    expect([...whole.groups[0]!.listings[0]!.column('close')]).toEqual([18.27, -37.63, 0, 10.01, 20]);
  });
});
