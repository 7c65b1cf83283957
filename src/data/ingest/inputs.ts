import type { Frequency } from '../../market/bars.js';
import { candleInputs } from './candle-input.js';
import type { ResolvedNetwork } from './network-options.js';
import { isParquetName, parquetInput } from './parquet-input.js';
import type { BarInput } from './row-source.js';
import { textFilesOf } from './text-file.js';
import { type TextOptions, textInput } from './text-input.js';
import { yahooInputs } from './yahoo-input.js';

/** What files are: `auto` is Parquet where the name ends so, else text. `yahoo` and `ccxt` are servers, whose "files" are symbols. */
export const SOURCE_NAMES = ['auto', 'csv', 'parquet', 'yahoo', 'ccxt'] as const;

/** Whether a source is a server. */
export const isNetworkSource = (source: SourceName): source is 'yahoo' | 'ccxt' =>
  source === 'yahoo' || source === 'ccxt';

export type SourceName = (typeof SOURCE_NAMES)[number];

/** What decides how files are opened. */
export interface InputOptions extends TextOptions {
  readonly source: SourceName;
  /** The members of archives that are meant. */
  readonly member: string | undefined;
  readonly network: ResolvedNetwork;
  readonly frequency: Frequency | undefined;
  readonly currency: string;
  /** Returns the label of the last bar that a bundle has of a symbol, in an append. @defaultValue none */
  readonly knownUntil?: (symbol: string) => number | undefined;
}

/** Returns the symbols of a server as sources, in the order in which they are given. */
export async function serverInputs(symbols: readonly string[], options: InputOptions): Promise<BarInput[]> {
  const wish = { ...options, ...options.network, frequency: options.frequency ?? '1d' };
  return options.source === 'yahoo' ? yahooInputs(symbols, wish) : candleInputs(symbols, wish);
}

/**
 * Returns the sources that a file holds: itself, or the members of an archive.
 * @throws what `textFilesOf` throws
 */
export async function inputsOf(path: string, options: InputOptions): Promise<BarInput[]> {
  const { source } = options;
  const isParquet = source === 'auto' ? isParquetName(path) : source === 'parquet';
  if (isParquet) return [parquetInput(path)];
  return (await textFilesOf(path, options.member)).map((file) => textInput(file, options));
}
