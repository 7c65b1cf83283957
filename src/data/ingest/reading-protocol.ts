import type { SerializedError } from '../../core/errors.js';
import type { BarChunk, BarFile } from './bar-reader.js';
import type { DefectFindings } from './defects.js';
import type { IngestOptions } from './ingest-options.js';

/** What a thread that reads files is born with: the options of the ingest, without its servers. */
export interface ReadingBirth {
  readonly options: Omit<IngestOptions, 'network'>;
}

/** A chunk without its columns, of which only the length is told. */
export type ChunkShape = Omit<BarChunk, 'stamps' | 'rows' | 'values'> & { readonly length: number };

/** What was read from one source, without the values. */
export type FileShape = Omit<BarFile, 'chunks'> & { readonly chunks: readonly ChunkShape[] };

export type ToReading =
  | { readonly kind: 'read'; readonly path: string }
  /** The last values have arrived and were stored. */
  | { readonly kind: 'more' };

export type FromReading =
  | { readonly kind: 'shape'; readonly files: readonly FileShape[]; readonly findings: DefectFindings }
  /**
   * Values of the columns of the files last told: those of each chunk one column after the other, stamps and rows first. One piece is on
   * its way at a time, so that memory does not grow with a file.
   */
  | { readonly kind: 'values'; readonly parts: readonly Float64Array<ArrayBuffer>[] }
  | { readonly kind: 'failed'; readonly error: SerializedError };
