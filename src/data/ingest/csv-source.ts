import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, type Parser, parse } from 'csv-parse';
import { DataError, type HindcastError, RunError, UsageError } from '../../core/errors.js';

/** A delimited text file, opened as far as its header. */
export interface CsvSource {
  /** Name without folder, for messages. */
  readonly file: string;
  readonly delimiter: string;
  /** Cells of the first line, spaces trimmed. */
  readonly header: readonly string[];
  /** Yields the cells of every following line that is not blank. Can be read once. Throws DataError where the text breaks off. */
  readonly rows: AsyncIterable<readonly string[]>;
}

const DELIMITERS = [',', ';', '\t', '|'];
/** Longer lines are no table of bars: a quote that never closes would otherwise swallow the file. */
const LONGEST_LINE = 1 << 20;
const PEEKED = 1 << 16;

/**
 * Opens a CSV or TSV file, passes it to `read`, closes it whatever happens, and returns what `read` returned. The file may be
 * gzipped, which its name (`.gz`) or its first bytes say; a UTF-8 byte order mark and any line ends are accepted. The delimiter is
 * the most frequent of comma, semicolon, tab and bar in the first line. Bytes that are no UTF-8 appear as U+FFFD in their cell.
 *
 * @throws UsageError `FILE_NOT_FOUND`, also for a folder; RunError `FILE_UNREADABLE`; DataError `EMPTY_FILE`, `UTF16`, `BAD_GZIP`, `BAD_CSV`
 */
export async function readCsv<T>(path: string, read: (source: CsvSource) => Promise<T>): Promise<T> {
  const file = basename(path);
  const isGzip = path.endsWith('.gz') || (await startsWithGzipMagic(path, file));
  const stream = (): Readable => {
    const raw = createReadStream(path);
    // pipeline destroys the file when decompression fails; the error itself reaches the reader of the returned stream.
    return isGzip ? pipeline(raw, createGunzip(), () => undefined) : raw;
  };
  const start = await firstBytes(stream(), path, file);
  if (start.length === 0) {
    throw new DataError('EMPTY_FILE', {
      message: `${file} is empty: it has no header and no rows.`,
      details: { file },
    });
  }
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) {
    throw new DataError('UTF16', {
      message: `${file} is UTF-16 text. Save it as UTF-8 and ingest again.`,
      details: { file },
    });
  }
  const delimiter = delimiterOf(start.toString('utf8'));
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: LONGEST_LINE,
  });
  const rows = records(stream(), parser, path, file);
  try {
    const first = await rows.next();
    if (first.done === true) {
      throw new DataError('EMPTY_FILE', { message: `${file} holds only blank lines.`, details: { file } });
    }
    return await read({ file, delimiter, header: first.value, rows });
  } finally {
    await rows.return(undefined);
  }
}

async function* records(input: Readable, parser: Parser, path: string, file: string): AsyncGenerator<string[]> {
  try {
    pipeline(input, parser, () => undefined);
    for await (const record of parser) yield record as string[];
  } catch (error) {
    throw readFailure(error, path, file);
  } finally {
    input.destroy();
  }
}

async function startsWithGzipMagic(path: string, file: string): Promise<boolean> {
  try {
    const handle = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readFailure(error, path, file);
  }
}

async function firstBytes(input: Readable, path: string, file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of input) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= PEEKED) break;
    }
  } catch (error) {
    throw readFailure(error, path, file);
  }
  return Buffer.concat(chunks).subarray(0, PEEKED);
}

function delimiterOf(text: string): string {
  const line = text.split(/[\r\n]+/).find((candidate) => candidate.trim() !== '') ?? '';
  const count = (delimiter: string): number => line.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function readFailure(error: unknown, path: string, file: string): HindcastError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof CsvError) {
    const { lines } = error as unknown as { lines?: number };
    return new DataError('BAD_CSV', {
      message: `${file}${lines === undefined ? '' : ` line ${lines}`}: ${message}. Correct the quotes of that line.`,
      details: { file, reason: code, line: lines ?? null },
      cause: error,
    });
  }
  if (code.startsWith('Z_')) {
    return new DataError('BAD_GZIP', {
      message: `${file} is no intact gzip file (${message}). Fetch it again, or rename it if it is not compressed.`,
      details: { file, reason: code },
      cause: error,
    });
  }
  if (code === 'ENOENT') {
    return new UsageError('FILE_NOT_FOUND', {
      message: `No file '${path}'. Check the path.`,
      details: { path },
      cause: error,
    });
  }
  if (code === 'EISDIR') {
    return new UsageError('FILE_NOT_FOUND', {
      message: `'${path}' is a folder. Name the files in it, as ${join(path, '*.csv')} does.`,
      details: { path },
      cause: error,
    });
  }
  return new RunError('FILE_UNREADABLE', {
    message: `Cannot read '${path}': ${message}. Check that it is a file and that you may read it.`,
    details: { path, reason: code },
    cause: error,
  });
}
