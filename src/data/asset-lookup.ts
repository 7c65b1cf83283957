import type { Asset } from '../market/asset.js';
import { formatDate } from '../market/civil-date.js';

/**
 * Returns the asset that a ticker meant on a date: tickers change owners, and assets their tickers.
 *
 * @param assets of a bundle
 * @param symbol a ticker, or an asset's own symbol
 * @param date label of a day; undefined for the asset with that symbol, else the one that had the ticker last
 * @returns undefined where no asset had that ticker then
 */
export function findAsset(assets: readonly Asset[], symbol: string, date?: number): Asset | undefined {
  const own = assets.find((asset) => asset.symbol === symbol);
  if (date === undefined) return own ?? lastHolder(assets, symbol);
  const holder = assets.find(({ tickers }) =>
    tickers?.some(
      ({ ticker, from, to }) =>
        ticker === symbol && (from === undefined || from <= date) && (to === undefined || date <= to),
    ),
  );
  // An asset without a history has had its symbol always, and one that is named for its end is known by that name alone.
  const isOwn =
    own !== undefined && (own.tickers === undefined || own.tickers.every(({ ticker }) => ticker !== symbol));
  return holder ?? (isOwn ? own : undefined);
}

function lastHolder(assets: readonly Asset[], symbol: string): Asset | undefined {
  let found: Asset | undefined;
  let latest = Number.NEGATIVE_INFINITY;
  for (const asset of assets) {
    for (const { ticker, to } of asset.tickers ?? []) {
      const end = to ?? Number.POSITIVE_INFINITY;
      if (ticker !== symbol || end <= latest) continue;
      found = asset;
      latest = end;
    }
  }
  return found;
}

/** Returns an asset's tickers for people: `FB to 2022-06-08, META from 2022-06-09`; its symbol where it had no other. */
export function tickerText({ symbol, tickers = [] }: Asset): string {
  const texts = tickers.map(({ ticker, from, to }) =>
    [
      ticker,
      ...(from === undefined ? [] : [`from ${formatDate(from)}`]),
      ...(to === undefined ? [] : [`to ${formatDate(to)}`]),
    ].join(' '),
  );
  return texts.length === 0 ? symbol : texts.join(', ');
}
