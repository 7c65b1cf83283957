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

/**
 * Returns the sources that files hold, or those of a server's symbols, in the order of their paths, so that nothing depends on the order in which they are named.
 * @throws what `textFilesOf` throws
 */
export async function openInputs(paths: readonly string[], options: InputOptions): Promise<BarInput[]> {
  const { source } = options;
  if (isNetworkSource(source)) {
    const wish = { ...options, ...options.network, frequency: options.frequency ?? '1d' };
    return source === 'yahoo' ? yahooInputs([...paths].sort(), wish) : candleInputs([...paths].sort(), wish);
  }
  const inputs: BarInput[] = [];
  for (const path of [...paths].sort()) {
    const isParquet = source === 'auto' ? isParquetName(path) : source === 'parquet';
    if (isParquet) inputs.push(parquetInput(path));
    else for (const file of await textFilesOf(path, options.member)) inputs.push(textInput(file, options));
  }
  return inputs;
}
