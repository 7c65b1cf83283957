import { isParquetName, parquetInput } from './parquet-input.js';
import type { BarInput } from './row-source.js';
import { textInput } from './text-input.js';

/** What files are: `auto` is Parquet where the name ends so, else text. */
export const SOURCE_NAMES = ['auto', 'csv', 'parquet'] as const;

export type SourceName = (typeof SOURCE_NAMES)[number];

/** Returns the sources that files hold, in the order of their paths, so that nothing depends on the order in which they are named. */
export function openInputs(paths: readonly string[], source: SourceName): BarInput[] {
  return [...paths].sort().map((path) => {
    const isParquet = source === 'auto' ? isParquetName(path) : source === 'parquet';
    return isParquet ? parquetInput(path) : textInput(path);
  });
}
