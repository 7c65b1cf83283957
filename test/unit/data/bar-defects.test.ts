import { describe, expect, it } from 'vitest';
import type { AllowedDefect } from '../../../src/data/bar-defects.js';
import type { AssetDraft, BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { buildDraft } from '../../../src/data/ingest/ingest.js';
import { mergeDraft } from '../../../src/data/merge-draft.js';
import { openBundle } from '../../../src/data/reader.js';
import { resampledDraft } from '../../../src/data/resample.js';
import { writeBundle } from '../../../src/data/writer.js';
import type { Field } from '../../../src/market/bars.js';
import { assetDraft, dailyDraft, days, temporaryStore } from '../../helpers/bundle-draft.js';
import { temporaryFiles } from '../../helpers/csv-files.js';

const write = temporaryFiles();

const arraysOf = (columns: Readonly<Record<Field, readonly number[]>>): AssetDraft['columns'] =>
  Object.fromEntries(Object.entries(columns).map(([field, values]) => [field, Float64Array.from(values)]));

async function outcomeOf(draft: BundleDraft): Promise<'taken' | 'refused'> {
  try {
    using _ = await bundleFromColumns(draft, { sharing: 'shared' });
    return 'taken';
  } catch (error) {
    expect(error).toMatchObject({ code: 'DRAFT_INVALID' });
    return 'refused';
  }
}

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
  it.each<[string, unknown, string]>([
    ['splits', undefined, 'are undefined: give an array, [] where there are none'],
    ['dividends', null, 'are null: give an array, [] where there are none'],
    ['splits', new Map(), 'are a Map: give an array, [] where there are none'],
    ['groups', undefined, 'are undefined: give an array'],
  ])('is refused whose %s are %s', async (key, list, reason) => {
    const { [key as 'splits']: _, ...others } = wti();
    const draft = (list === undefined ? others : { ...others, [key]: list }) as unknown as BundleDraft;
    const expected = {
      code: 'DRAFT_INVALID',
      message: `The draft's ${key} ${reason}. Nothing was written.`,
      details: { key },
    };
    await expect(bundleFromColumns(draft)).rejects.toMatchObject(expected);
    await expect(writeBundle(temporaryStore(), 'x', draft, { durable: false })).rejects.toMatchObject(expected);
    using bundle = await bundleFromColumns(wti());
    expect(() => mergeDraft(bundle, draft)).toThrow(expect.objectContaining(expected));
  });

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
    ['volume', 2 ** 53, '9007199254740992 is 2^53 or more, beyond exact counting'],
    ['volume', 1e20, '100000000000000000000 is 2^53 or more, beyond exact counting'],
    ['high', 1e17, '100000000000000000 is 2^53 or more, beyond exact counting. Give it in larger units'],
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

  it.each(['9007199254740992', '100000000000000000000', '9007199254740991', '-1', '1234567890123456'])(
    'is judged as a file of the same bars is: volume %s',
    async (volume) => {
      const file = write('V.csv', `date,open,high,low,close,volume\n2024-01-02,10,12,9,11,${volume}\n`);
      const ofFile = await buildDraft({ files: [file], calendar: '24/7' }).then(
        () => 'taken',
        () => 'refused',
      );
      const columns = { open: [10], high: [12], low: [9], close: [11], volume: [Number(volume)] };
      const asset = assetDraft('V', [11], { columns: arraysOf(columns) });
      expect(await outcomeOf(dailyDraft([asset]))).toBe(ofFile);
    },
  );

  it.each([
    [2, 9_999_999_999_999.99, 'taken'],
    [2, 10_000_000_000_000.02, 'taken'],
    [0, 2 ** 53 - 1, 'taken'],
    [0, 2 ** 53, 'refused'],
    [15, 0.123456789012345, 'taken'],
    [15, 1.5, 'taken'],
    [12, 2924.143609634038, 'taken'],
    [11, 2924.143609634038, 'refused'],
  ])('at %d decimals has prices of no more decimals, below 2^53: %d', async (priceDecimals, price, outcome) => {
    const prices = { open: [price], high: [price], low: [price], close: [price], volume: [1] };
    const draft = dailyDraft([assetDraft('P', [1], { priceDecimals, columns: arraysOf(prices) })]);
    expect(await outcomeOf(draft)).toBe(outcome);
  });

  it('has whole volumes whatever the decimals of others', async () => {
    const prices = [10, 10, 10];
    const columns = {
      open: prices,
      high: prices,
      low: prices,
      close: prices,
      volume: [36_301_200, 0.00000001, 5e9 + 0.5],
    };
    const draft = dailyDraft([assetDraft('V', [1, 1, 1], { volumeDecimals: 8, columns: arraysOf(columns) })]);
    expect(await outcomeOf(draft)).toBe('taken');
  });

  it('has one version whichever sign its zeros have', async () => {
    const versionOf = async (zero: number): Promise<string> => {
      const columns = { ...wti().groups[0]!.assets[0]!.columns, volume: Float64Array.of(1, zero, Number.NaN, 4) };
      const draft = dailyDraft([assetDraft('WTI', [], { columns: { ...columns, signal: columns.volume } })]);
      using bundle = await bundleFromColumns(draft);
      for (const field of ['volume', 'signal']) {
        expect(bundle.groups[0]!.listings[0]!.column(field)[1]).toBe(0);
      }
      // What the caller gave stays as it was.
      expect(columns.volume[1]).toBe(zero);
      return bundle.version;
    };
    expect(await versionOf(-0)).toBe(await versionOf(0));
  });

  it.each([
    ['close', [18, 10, 11, 13], "column 'close' is a plain array: give a Float64Array: Float64Array.from(values)"],
    [
      'signal',
      Float32Array.of(1, 2, 3, 4),
      "column 'signal' is a Float32Array: give a Float64Array: Float64Array.from(values)",
    ],
    ['volume', undefined, "column 'volume' is undefined: give a Float64Array"],
    ['open', 'abcd', "column 'open' is 'abcd': give a Float64Array"],
  ])('is refused for a column that is none: %s', async (field, column, reason) => {
    const draft = wti();
    const [asset] = draft.groups[0]!.assets;
    const columns = { ...asset!.columns, [field]: column as never };
    for (const sharing of ['copied', 'shared'] as const) {
      await expect(bundleFromColumns(dailyDraft([{ ...asset!, columns }]), { sharing })).rejects.toMatchObject({
        code: 'DRAFT_INVALID',
        message: `Group 24/7 1d, WTI: ${reason}. Nothing was written.`,
      });
    }
  });

  it.each(['times', 'opens', 'closes'] as const)('is refused where its %s are a plain array', async (axis) => {
    const draft = wti();
    const times = days(4);
    const groups = [{ ...draft.groups[0]!, opens: times, closes: times, [axis]: Array.from(times) as never }];
    await expect(bundleFromColumns({ ...draft, groups })).rejects.toThrow(
      `Group 24/7 1d: ${axis} is a plain array: give a Float64Array`,
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
