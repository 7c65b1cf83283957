import { onTestFinished } from 'vitest';
import { Decimal } from '../../src/core/decimal.js';
import type { Bundle } from '../../src/data/bundle.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import type { BacktestResult } from '../../src/engine/result.js';
import type { RoundTripRecord } from '../../src/engine/round-trip-records.js';
import { days } from './bundle-draft.js';
import { referenceColumns, referenceText } from './reference.js';

const FILES: Readonly<Record<string, string>> = {
  GOOG: 'GOOG.csv.gz',
  EURUSD: 'EURUSD.csv.gz',
  BTCUSD: 'BTCUSD.csv.gz',
  daily2005_2006: '2005-2006-day-001.txt.gz',
  daily2006: '2006-day-001.txt.gz',
  'nvda-1999-2014': 'nvda-1999-2014.txt.gz',
  'orcl-1995-2014': 'orcl-1995-2014.txt.gz',
  'yhoo-1996-2015': 'yhoo-1996-2015.txt.gz',
  'yhoo-2003-2005': 'yhoo-2003-2005.txt.gz',
};

/** How the bars of a file of the other engine become a market. */
export interface EngineMarket {
  /** Days one after another where bars are counted, the file's own dates where days are. */
  readonly dates: 'consecutive' | 'own';
  /** Fine enough for every price that the other engine computes with doubles. */
  readonly priceDecimals: number;
  /** @defaultValue 1 */
  readonly multiplier?: number;
}

/** Returns a market of one asset of the reference data, closed when the test ends. */
export async function engineMarket(data: string, market: EngineMarket): Promise<Bundle> {
  const file = `reference/data/${FILES[data] ?? `${data}.txt.gz`}`;
  const { Open, High, Low, Close, Volume } = referenceColumns(file, ['Open', 'High', 'Low', 'Close', 'Volume']);
  const volume = Volume.map((value) => Number(value.toFixed(8)));
  const own = (): Float64Array =>
    Float64Array.from(referenceText(file).trim().split(/\r?\n/).slice(1), (line) => Date.parse(line.split(',')[0]!));
  const bundle = await bundleFromColumns(
    {
      groups: [
        {
          calendar: '24/7',
          frequency: '1d',
          times: market.dates === 'own' ? own() : days(Close.length),
          assets: [
            {
              symbol: 'X',
              first: 0,
              priceDecimals: market.priceDecimals,
              volumeDecimals: 8,
              lot: 1,
              multiplier: market.multiplier ?? 1,
              columns: { open: Open, high: High, low: Low, close: Close, volume },
            },
          ],
        },
      ],
      splits: [],
      dividends: [],
    },
    { name: data },
  );
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

/** One closed trade as the other engines list it. */
export interface ListedTrade {
  readonly size: number;
  readonly entryBar: number;
  readonly exitBar: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly profit: number;
  readonly commission: number;
}

/** Returns round trips as closed trades, sorted by bars. */
export const listed = (trips: readonly RoundTripRecord[]): ListedTrade[] =>
  trips
    .map((trip) => ({
      size: trip.quantity.toNumber() * (trip.side === 'long' ? 1 : -1),
      entryBar: trip.entryRow,
      exitBar: trip.exitRow,
      entryPrice: trip.entryPrice,
      exitPrice: trip.exitPrice,
      profit: trip.profit.toNumber(),
      commission: trip.commission.toNumber(),
    }))
    .sort(byBars);

/** By exit, then entry, then size. */
export const byBars = (a: ListedTrade, b: ListedTrade): number =>
  a.exitBar - b.exitBar || a.entryBar - b.entryBar || a.size - b.size;

/** Returns the fees of the fills on each bar of a run. */
export function feesByBar({ fills, times }: BacktestResult): Float64Array {
  const row = new Map(Array.from(times, (time, index) => [time, index]));
  const fees = Array.from(times, () => new Decimal(0));
  for (const { time, exact } of fills) {
    const day = Math.floor((time - 1) / 86_400_000) * 86_400_000;
    const at = row.get(day)!;
    fees[at] = fees[at]!.plus(exact.fee);
  }
  return Float64Array.from(fees, (fee) => fee.toNumber());
}

/** Returns the largest difference of two columns, as a share of the expected values, and where it is. */
export function largestGap(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): { readonly gap: number; readonly at: number } {
  let [gap, at] = [0, -1];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! / expected[i]! - 1);
    if (!(difference <= gap)) [gap, at] = [difference, i];
  }
  return { gap, at };
}
