import { exp, log } from '../../core/elementary.js';
import { SeededRandom } from '../../core/random.js';
import type { HomeAxis } from '../../data/bundle.js';
import type { AssetDraft, BundleDraft, GroupDraft } from '../../data/draft.js';
import { parseRatio } from '../../data/ratio.js';
import { rowAtHome } from '../../engine/home-axis.js';
import type { MarketView } from '../../engine/market-view.js';
import { resample } from '../bootstrap/resampling.js';

/** How a market is turned into another one. */
export type MarketChange =
  /** Prices get errors of their own, as large as a share of the asset's volatility: normal ones, or drawn from its own returns. */
  | { readonly kind: 'noise'; readonly noise: 'gaussian' | 'bootstrap'; readonly scale: number; readonly seed: number }
  /** Bars are drawn again in blocks, of all assets together: another market of the same moments. */
  | { readonly kind: 'synthetic'; readonly blockLength: number; readonly seed: number };

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Columns beside the prices that are prices too. */
const QUOTES = ['bid', 'ask'];

/** Returns the draft of a changed market; assets that the view does not hold stay as they are. */
export const changeMarket = (draft: BundleDraft, view: MarketView, change: MarketChange): BundleDraft =>
  change.kind === 'noise' ? withNoise(draft, view, change) : synthetic(draft, view, change);

/**
 * Adds an error to every price of every bar, each by itself, so that it does not add up over time. Then bars are repaired: the high is the largest
 * and the low the smallest of their prices. Volumes and missing bars stay.
 */
function withNoise(
  draft: BundleDraft,
  view: MarketView,
  { noise, scale, seed }: Extract<MarketChange, { readonly kind: 'noise' }>,
): BundleDraft {
  return mapAssets(draft, view, (asset) => {
    const random = SeededRandom.derive(seed, 'noise', noise, asset.symbol);
    const { close } = asset.columns;
    const changes = logReturns(asset, draft);
    const { mean, deviation } = momentsOf(changes);
    const error =
      noise === 'gaussian'
        ? () => scale * deviation * random.normal()
        : () => scale * (changes[random.int(0, changes.length - 1)]! - mean);
    if (changes.length < 2) return asset;
    const columns = copies(asset);
    for (let row = 0; row < close!.length; row++) {
      if (Number.isNaN(close![row]!)) continue;
      for (const field of PRICES) columns[field]![row] = asset.columns[field]![row]! * exp(error());
      repair(columns, row, asset.priceDecimals);
      follow(columns, asset, row);
    }
    return { ...asset, columns };
  });
}

/**
 * Draws the bars of all assets together, in blocks of random length, and lets prices follow from the first close on. The returns of each asset are
 * then moved and stretched so that their mean and deviation are the recorded ones; what assets have in common on a bar stays. There are no
 * splits or dividends: returns are those of an owner of the shares.
 */
function synthetic(
  draft: BundleDraft,
  view: MarketView,
  { blockLength, seed }: Extract<MarketChange, { readonly kind: 'synthetic' }>,
): BundleDraft {
  const rows = new Int32Array(view.group.length);
  resample(SeededRandom.derive(seed, 'synthetic market'), 'stationary', blockLength, rows);
  const symbols = new Set(view.assets.map(({ asset }) => asset.symbol));
  const changed = mapAssets(draft, view, (asset, group) => {
    const home = homeOf(view, asset, group);
    return drawnAgain(asset, draft, home === undefined ? rows : rowsAtHome(home, rows), seed);
  });
  return {
    ...changed,
    splits: draft.splits.filter(({ symbol }) => !symbols.has(symbol)),
    dividends: draft.dividends.filter(({ symbol }) => !symbols.has(symbol)),
    synthetic: true,
  };
}

/** Where an asset of the view has its bars on an axis that is joined of several, the axis of a group of the draft: how its rows lie there. */
function homeOf(view: MarketView, { symbol }: AssetDraft, group: GroupDraft): HomeAxis | undefined {
  const home = view.assets.find(({ asset }) => asset.symbol === symbol)!.listing.home;
  const isOwn = home?.axis.calendar === group.calendar && home.axis.frequency === group.frequency;
  return isOwn ? home : undefined;
}

/** What is drawn for each row of an axis that others are joined with; -1 where that row has none of its own. */
const rowsAtHome = (home: HomeAxis, rows: Int32Array): Int32Array =>
  home.rows.map((place) => rowAtHome(home, rows[place]!));

function drawnAgain(asset: AssetDraft, draft: BundleDraft, rows: Int32Array, seed: number): AssetDraft {
  const { close, open, high, low } = asset.columns as Record<(typeof PRICES)[number], Float64Array>;
  const growth = growthByRow(asset, draft);
  const known: number[] = [];
  for (let row = 0; row < close.length; row++) if (!Number.isNaN(growth[row]!)) known.push(row);
  if (known.length < 2) return asset;
  const random = SeededRandom.derive(seed, 'synthetic market', asset.symbol);
  // Where the drawn bar is none of this asset's, another one of its own stands in.
  const drawn = Int32Array.from(close, (_, row) => {
    const other = rows[asset.first + row]! - asset.first;
    return other >= 0 && other < close.length && !Number.isNaN(growth[other]!) ? other : random.choice(known);
  });
  const isChanged = (row: number): boolean => !Number.isNaN(growth[row]!);
  const wanted = momentsOf(known.map((row) => log(growth[row]!)));
  const found = momentsOf(known.map((row) => log(growth[drawn[row]!]!)));
  const stretch = found.deviation > 0 ? wanted.deviation / found.deviation : 1;
  const columns = copies(asset);
  let last = close.find((value) => !Number.isNaN(value))!;
  for (let row = 0; row < close.length; row++) {
    if (Number.isNaN(close[row]!) || !isChanged(row)) continue;
    const from = drawn[row]!;
    const change = wanted.mean + (log(growth[from]!) - found.mean) * stretch;
    const target = last * exp(change);
    // The drawn bar keeps its shape: its prices over its close.
    for (const [field, column] of [
      ['open', open],
      ['high', high],
      ['low', low],
      ['close', close],
    ] as const) {
      columns[field]![row] = target * (column[from]! / close[from]!);
    }
    columns.volume![row] = asset.columns.volume![from]!;
    repair(columns, row, asset.priceDecimals);
    follow(columns, asset, row);
    last = target;
  }
  return { ...asset, columns };
}

/** What a unit of money in the asset became from the bar before, split-adjusted; NaN where there is no bar before. */
function growthByRow(asset: AssetDraft, draft: BundleDraft): Float64Array {
  const close = asset.columns.close!;
  const times = draft.groups.find(({ assets }) => assets.includes(asset))!.times;
  const splits = draft.splits.filter(({ symbol }) => symbol === asset.symbol).toSorted((a, b) => a.exDate - b.exDate);
  const growth = new Float64Array(close.length).fill(Number.NaN);
  let last = Number.NaN;
  let split = 0;
  for (let row = 0; row < close.length; row++) {
    for (; split < splits.length && splits[split]!.exDate <= times[asset.first + row]!; split++) {
      const { fresh, old } = parseRatio(splits[split]!.ratio, asset.symbol);
      last = (last * old) / fresh;
    }
    if (Number.isNaN(close[row]!)) continue;
    growth[row] = close[row]! / last;
    last = close[row]!;
  }
  return growth;
}

const logReturns = (asset: AssetDraft, draft: BundleDraft): number[] =>
  [...growthByRow(asset, draft)].filter((value) => !Number.isNaN(value)).map((value) => log(value));

function momentsOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

function mapAssets(
  draft: BundleDraft,
  view: MarketView,
  change: (asset: AssetDraft, group: GroupDraft) => AssetDraft,
): BundleDraft {
  const symbols = new Set(view.assets.map(({ asset }) => asset.symbol));
  const groups = draft.groups.map((group) => ({
    ...group,
    assets: group.assets.map((asset) => (symbols.has(asset.symbol) ? change(asset, group) : asset)),
  }));
  return { ...draft, groups };
}

const copies = (asset: AssetDraft): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(asset.columns).map(([field, column]) => [field, column.slice()]));

/** Rounds a bar's prices to the asset's decimals, at least one unit of the last, and makes high and low its largest and smallest. */
function repair(columns: Record<string, Float64Array>, row: number, priceDecimals: number): void {
  const scale = 10 ** priceDecimals;
  const [open, high, low, close] = PRICES.map(
    (field) => Math.max(1, Math.round(columns[field]![row]! * scale)) / scale,
  ) as [number, number, number, number];
  columns.open![row] = open;
  columns.close![row] = close;
  columns.high![row] = Math.max(open, high, low, close);
  columns.low![row] = Math.min(open, high, low, close);
}

/** Lets quotes keep their place beside the close. */
function follow(columns: Record<string, Float64Array>, asset: AssetDraft, row: number): void {
  for (const field of QUOTES) {
    const column = columns[field];
    if (column === undefined) continue;
    column[row] = asset.columns[field]![row]! * (columns.close![row]! / asset.columns.close![row]!);
  }
}
