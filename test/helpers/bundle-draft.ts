import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AssetDraft, BundleDraft } from '../../src/data/draft.js';
import { BundleStore } from '../../src/data/store.js';

export const DAY = 86_400_000;

/** Labels of `length` days from a date on, weekends included. */
export const days = (length: number, start = '2020-01-01'): Float64Array =>
  Float64Array.from({ length }, (_, row) => Date.parse(start) + row * DAY);

/** An asset whose closes are given; the other columns follow from them, at its decimals. */
export function assetDraft(
  symbol: string,
  close: readonly number[],
  more: Partial<AssetDraft> & { readonly extra?: Readonly<Record<string, Float64Array>> } = {},
): AssetDraft {
  const { extra = {}, ...rest } = more;
  const { priceDecimals = 2, volumeDecimals = 0 } = rest;
  const column = (decimals: number, change: (value: number) => number): Float64Array =>
    Float64Array.from(close, (value) => Number(change(value).toFixed(decimals)));
  return {
    symbol,
    first: 0,
    priceDecimals,
    volumeDecimals,
    columns: {
      open: column(priceDecimals, (value) => value - 0.25),
      high: column(priceDecimals, (value) => value + 0.5),
      low: column(priceDecimals, (value) => value - 0.5),
      close: Float64Array.from(close),
      volume: column(volumeDecimals, (value) => value * 100),
      ...extra,
    },
    ...rest,
  };
}

/** A draft of daily bars that trade every day. */
export function dailyDraft(assets: readonly AssetDraft[], more: Partial<BundleDraft> = {}): BundleDraft {
  const length = Math.max(...assets.map(({ first, columns }) => first + columns.close!.length));
  return {
    groups: [{ calendar: '24/7', frequency: '1d', times: days(length), assets }],
    splits: [],
    dividends: [],
    ...more,
  };
}

/** Two assets, five rows, a missing bar, a split, a dividend. */
export const smallDraft = (): BundleDraft =>
  dailyDraft([assetDraft('BBB', [10, 11, Number.NaN, 13, 14]), assetDraft('AAA', [20, 21, 22], { first: 1 })], {
    splits: [{ symbol: 'AAA', exDate: days(5)[2]!, ratio: '2' }],
    dividends: [{ symbol: 'BBB', exDate: days(5)[3]!, amount: '0.50' }],
  });

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty store that is gone after the test. */
export const temporaryStore = (): BundleStore => new BundleStore(temporaryFolder());
