import { isParquetName, parquetInput } from './parquet-input.js';
import type { BarInput } from './row-source.js';
import { textFilesOf } from './text-file.js';
import { type TextOptions, textInput } from './text-input.js';

/** What files are: `auto` is Parquet where the name ends so, else text. */
export const SOURCE_NAMES = ['auto', 'csv', 'parquet'] as const;

export type SourceName = (typeof SOURCE_NAMES)[number];

/** What decides how files are opened. */
export interface InputOptions extends TextOptions {
  readonly source: SourceName;
  /** The members of archives that are meant. */
  readonly member: string | undefined;
}

/**
 * Returns the sources that files hold, in the order of their paths, so that nothing depends on the order in which they are named.
 * @throws what `textFilesOf` throws
 */
export async function openInputs(paths: readonly string[], options: InputOptions): Promise<BarInput[]> {
  const inputs: BarInput[] = [];
  for (const path of [...paths].sort()) {
    const isParquet = options.source === 'auto' ? isParquetName(path) : options.source === 'parquet';
    if (isParquet) inputs.push(parquetInput(path));
    else for (const file of await textFilesOf(path, options.member)) inputs.push(textInput(file, options));
  }
  return inputs;
}
