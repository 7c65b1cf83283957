import { SeededRandom } from '../core/random.js';
import type { AssetDraft, BundleDraft, GroupDraft, SplitDraft } from '../data/draft.js';
import { parseRatio } from '../data/ratio.js';
import { FIELDS } from '../market/bars.js';

/** A draft whose groups name the instants of their bars, as that of an open bundle does. */
type Timed = GroupDraft & { readonly closes: Float64Array };

/** How far a perturbed price may stray from the recorded one, as a factor. */
const FURTHEST = 2;

/**
 * Returns the market as it was known at an instant: no bar that closes later, no later split or dividend. Assets that are not listed yet
 * are left out. The axis stays whole, since calendars are known ahead.
 */
export function truncated(draft: BundleDraft, instant: number): BundleDraft {
  const groups = draft.groups.flatMap((group) => {
    const rows = rowsKnown(group as Timed, instant);
    const assets = group.assets.flatMap((asset) => cutAsset(asset, rows));
    return assets.length === 0 ? [] : [{ ...group, assets }];
  });
  const symbols = new Set(groups.flatMap(({ assets }) => assets.map(({ symbol }) => symbol)));
  const isKnown = ({ symbol, exDate }: { readonly symbol: string; readonly exDate: number }): boolean =>
    exDate <= instant && symbols.has(symbol);
  return { ...draft, groups, splits: draft.splits.filter(isKnown), dividends: draft.dividends.filter(isKnown) };
}

/**
 * Returns the market with another future from an instant on, drawn from a seed: prices take another path and bars turn upside down within
 * their range, volumes change, missing bars trade, later splits and dividends do not happen. What was known at the instant stays.
 */
export function perturbed(draft: BundleDraft, instant: number, seed: number): BundleDraft {
  const isKnown = ({ exDate }: { readonly exDate: number }): boolean => exDate <= instant;
  const groups = draft.groups.map((group) => {
    const rows = rowsKnown(group as Timed, instant);
    return {
      ...group,
      assets: group.assets.map((asset) => {
        const splits = draft.splits.filter((split) => split.symbol === asset.symbol && !isKnown(split));
        const random = SeededRandom.derive(seed, 'another future', group.frequency, asset.symbol);
        return perturbAsset(asset, rows, group.times, splits, random);
      }),
    };
  });
  return { ...draft, groups, splits: draft.splits.filter(isKnown), dividends: draft.dividends.filter(isKnown) };
}

/** Axis rows whose bars are known at an instant. */
function rowsKnown({ closes }: Timed, instant: number): number {
  let rows = 0;
  while (rows < closes.length && closes[rows]! <= instant) rows++;
  return rows;
}

function cutAsset(asset: AssetDraft, rows: number): AssetDraft[] {
  const close = asset.columns.close!;
  let length = Math.min(close.length, rows - asset.first);
  // An asset ends with its last bar: whether a missing bar is a gap or the end shows later.
  while (length > 0 && Number.isNaN(close[length - 1]!)) length--;
  if (length <= 0) return [];
  const columns = Object.entries(asset.columns).map(([field, column]) => [field, column.slice(0, length)]);
  return [{ ...asset, columns: Object.fromEntries(columns) }];
}

function perturbAsset(
  asset: AssetDraft,
  known: number,
  times: Float64Array,
  splits: readonly SplitDraft[],
  random: SeededRandom,
): AssetDraft {
  const copies = Object.entries(asset.columns).map(([field, column]) => [field, column.slice()] as const);
  const columns = Object.fromEntries(copies);
  const { open, high, low, close, volume } = columns as Readonly<Record<(typeof FIELDS)[number], Float64Array>>;
  const others = copies.filter(([field]) => !(FIELDS as readonly string[]).includes(field));
  const price = roundedTo(asset.priceDecimals);
  const units = roundedTo(asset.volumeDecimals);
  const from = Math.max(0, known - asset.first);
  let drift = random.next() < 0.5 ? 0.9 + 0.08 * random.next() : 1.02 + 0.08 * random.next();
  let shares = 1;
  let split = 0;
  const upcoming = splits.toSorted((a, b) => a.exDate - b.exDate);
  let last = from > 0 ? lastBefore(close, from) : { price: Number.NaN, volume: Number.NaN };
  for (let row = from; row < close!.length; row++) {
    for (; split < upcoming.length && upcoming[split]!.exDate <= times[asset.first + row]!; split++) {
      // The split does not happen, so that prices go on in the shares of before.
      const { fresh, old } = parseRatio(upcoming[split]!.ratio, asset.symbol);
      shares *= fresh / old;
    }
    drift = Math.min(FURTHEST, Math.max(1 / FURTHEST, drift * (0.97 + 0.06 * random.next())));
    const upsideDown = random.next() < 0.5;
    const bustle = 0.5 + 1.5 * random.next();
    if (Number.isNaN(close[row]!)) {
      // A gap that trades after all, where something is known of the asset.
      if (!Number.isNaN(last.price)) {
        const traded = price(last.price * (0.97 + 0.06 * random.next()));
        for (const column of [open, high, low, close]) column[row] = traded;
        volume[row] = units(Math.max(1, last.volume * bustle));
      }
      continue;
    }
    const [o, h, l, c] = [open[row]!, high[row]!, low[row]!, close[row]!];
    const factor = drift * shares;
    open[row] = price((upsideDown ? h + l - o : o) * factor);
    close[row] = price((upsideDown ? h + l - c : c) * factor);
    high[row] = price(h * factor);
    low[row] = price(l * factor);
    volume[row] = units((volume[row]! / shares) * bustle);
    for (const [, column] of others) column[row] = column[row]! * (0.8 + 0.4 * random.next());
    last = { price: close[row]!, volume: volume[row]! };
  }
  return { ...asset, columns };

  function lastBefore(column: Float64Array, row: number): { price: number; volume: number } {
    let at = Math.min(row, column.length) - 1;
    while (at >= 0 && Number.isNaN(column[at]!)) at--;
    return at < 0 ? { price: Number.NaN, volume: Number.NaN } : { price: column[at]!, volume: volume[at]! };
  }
}

/** Rounds to so many decimals; a price of more than 0 stays so. */
function roundedTo(decimals: number): (value: number) => number {
  const scale = 10 ** decimals;
  return (value) => (value > 0 ? Math.max(1, Math.round(value * scale)) / scale : value);
}
