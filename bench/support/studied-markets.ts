import { existsSync } from 'node:fs';
import { type Bundle, buildDraft, bundleFromColumns, sampleMarket } from 'hindcast/data';
import { referenceFile } from './reference-workloads.js';

const SYMBOLS = ['AAPL', 'XOM', 'MSFT', 'JPM', 'T', 'GE', 'INTC', 'AMD', 'KO', 'CAT', 'BA', 'WMT', 'PFE', 'DAL'];

/** A bundle and the symbols of it that a study runs on; undefined for all. */
export type StudiedMarket = readonly [bundle: Bundle, symbols: string[] | undefined];

/** Returns the sample market, then single stocks, and last eight of them together; the sample market alone, and says so, where real prices are absent. */
export async function studiedMarkets(): Promise<StudiedMarket[]> {
  const prices = referenceFile('data/equities/us-wide-119-2015-2020.csv.gz');
  const markets: StudiedMarket[] = [[await bundleFromColumns(sampleMarket()), undefined]];
  if (existsSync(prices)) {
    const { draft } = await buildDraft({ files: [prices] });
    const wide = await bundleFromColumns(draft);
    for (const symbol of SYMBOLS) markets.push([wide, [symbol]]);
    markets.push([wide, SYMBOLS.slice(0, 8)]);
  } else console.error(`The sample market alone: other prices are absent (${prices}).`);
  return markets;
}
