import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { DataError } from '../../core/errors.js';
import { textFilesOf } from './text-file.js';

/** A delimited text, open. */
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
 * Opens a CSV or TSV file with a header, passes it to `read`, closes it whatever happens, and returns what `read` returned.
 * @throws what `textFilesOf` and {@link useRecords} throw
 */
export async function readCsv<T>(path: string, read: (source: CsvSource) => Promise<T>): Promise<T> {
  const [text] = await textFilesOf(path);
  const { name: file, use } = text!;
  return use((bytes) =>
    useRecords(bytes, file, undefined, async (delimiter, records) => {
      const rows = records[Symbol.asyncIterator]();
      const first = await rows.next();
      return read({
        file,
        delimiter,
        header: first.value as string[],
        rows: { [Symbol.asyncIterator]: () => rows },
      });
    }),
  );
}

/**
 * Passes the delimiter and the records of a text to `read`: the cells of every line that is not blank, spaces trimmed, at least one line.
 * Bytes that are no UTF-8 appear as U+FFFD.
 *
 * @param given the delimiter; undefined for the most frequent of comma, semicolon, tab and bar in the first line
 * @throws DataError `EMPTY_FILE`, `BAD_CSV`, and what the text's bytes throw
 */
export async function useRecords<T>(
  bytes: AsyncIterable<Buffer>,
  file: string,
  given: string | undefined,
  read: (delimiter: string, records: AsyncIterable<readonly string[]>) => Promise<T>,
): Promise<T> {
  const { start, all } = await peek(bytes);
  if (firstLineOf(start).includes(0)) {
    throw new DataError('BAD_CSV', {
      message: `${file} has NUL bytes in its first line: it is UTF-16 or UTF-32 without a byte order mark, or no text at all. Save it as UTF-8.`,
      details: { file },
    });
  }
  const delimiter = given ?? delimiterOf(start.toString('utf8'));
  const rows = recordsOf(all, delimiter, file);
  try {
    const first = await rows.next();
    if (first.done === true) {
      throw new DataError('EMPTY_FILE', {
        message: `${file} ${start.length === 0 ? 'is empty: it has no rows' : 'holds only blank lines'}.`,
        details: { file },
      });
    }
    return await read(delimiter, prepended([first.value], rows));
  } finally {
    await rows.return(undefined);
  }
}

/** Returns the first bytes of a text, and all of them, the first ones included. */
export async function peek(
  bytes: AsyncIterable<Buffer>,
): Promise<{ readonly start: Buffer; readonly all: AsyncIterable<Buffer> }> {
  const rest = bytes[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < PEEKED) {
    const next = await rest.next();
    if (next.done === true) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  const start = Buffer.concat(chunks).subarray(0, PEEKED);
  return { start, all: prepended(chunks, { [Symbol.asyncIterator]: () => rest }) };
}

/** Yields some values, then those of an iterable. */
export async function* prepended<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

async function* recordsOf(bytes: AsyncIterable<Buffer>, delimiter: string, file: string): AsyncGenerator<string[]> {
  const input = Readable.from(bytes, { objectMode: false });
  const parser = parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: LONGEST_LINE,
  });
  try {
    pipeline(input, parser, () => undefined);
    for await (const record of parser) yield record as string[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as unknown as { lines?: number };
    throw new DataError('BAD_CSV', {
      message: `${file}${lines === undefined ? '' : ` line ${lines}`}: ${error.message}. Correct the quotes of that line.`,
      details: { file, reason: error.code, line: lines ?? null },
      cause: error,
    });
  } finally {
    input.destroy();
  }
}

function firstLineOf(start: Buffer): Buffer {
  const end = start.indexOf('\n');
  return end === -1 ? start : start.subarray(0, end);
}

function delimiterOf(text: string): string {
  const line = text.split(/[\r\n]+/).find((candidate) => candidate.trim() !== '') ?? '';
  const count = (delimiter: string): number => line.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
