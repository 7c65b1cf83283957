import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DataError, HindcastError, RunError, UsageError } from '../../core/errors.js';
import { chooseMembers, zipMembers } from './zip-archive.js';

/** A text, wherever it lies: a file, a compressed file, a member of an archive. */
export interface TextFile {
  /** For messages: the file's name without folder, and the member's where there is one. */
  readonly name: string;
  /** Folders, file and member, joined by `/`: their names may say what the text is. */
  readonly path: string;
  /** Passes the text's bytes to `read` as UTF-8 without a byte order mark, closes all, and returns what `read` returned. */
  use<T>(read: (bytes: AsyncIterable<Buffer>) => Promise<T>): Promise<T>;
}

const ZIP_MAGIC = Buffer.of(0x50, 0x4b);
const GZIP_MAGIC = Buffer.of(0x1f, 0x8b);
/** Gzip cannot pack tighter than a thousandth; text of prices does not pack tighter than a hundredth. */
const LARGEST_RATIO = 250;
const HARMLESS_BYTES = 64 << 20;

/**
 * Returns the texts of a file: itself, what it is when unpacked by gzip, or the chosen members of a zip archive, which the first
 * bytes say, and for gzip and zip the name too.
 *
 * @param member the members of an archive that are meant, `*` for any characters; needed where there are several
 * @throws UsageError `FILE_NOT_FOUND`, also for a folder; RunError `FILE_UNREADABLE`; DataError `EMPTY_FILE`, and what `zipMembers` throws
 */
export async function textFilesOf(path: string, member?: string): Promise<TextFile[]> {
  const file = basename(path);
  const whole = resolve(path).split(sep).join('/');
  const magic = await firstBytes(path);
  if (magic.length === 0)
    throw new DataError('EMPTY_FILE', { message: `${file} is empty: it has no rows.`, details: { file } });
  if (magic.equals(ZIP_MAGIC) || /\.zip$/i.test(path)) {
    try {
      return chooseMembers(await zipMembers(path), member, file).map(({ name, open: openMember }) => ({
        name: `${file}/${name}`,
        path: `${whole}/${name}`,
        use: (read) => useStream(openMember, read, path, `${file}/${name}`),
      }));
    } catch (error) {
      throw readFailure(error, path, file);
    }
  }
  const isGzip = magic.equals(GZIP_MAGIC) || /\.gz$/i.test(path);
  const stream = (): Readable => {
    const raw = createReadStream(path);
    // pipeline destroys the file when decompression fails; the error itself reaches the reader of the returned stream.
    return isGzip ? pipeline(raw, createGunzip(), new BombCheck(raw, file), () => undefined) : raw;
  };
  return [{ name: file, path: whole, use: (read) => useStream(stream, read, path, file) }];
}

async function useStream<T>(
  openStream: () => Readable,
  read: (bytes: AsyncIterable<Buffer>) => Promise<T>,
  path: string,
  file: string,
): Promise<T> {
  const bytes = openStream();
  const text = pipeline(bytes, new Utf8(), () => undefined);
  try {
    return await read(text);
  } catch (error) {
    throw readFailure(error, path, file);
  } finally {
    text.destroy();
    bytes.destroy();
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readFailure(error, path, basename(path));
  }
}

/** Refuses a gzip file that inflates without measure. */
class BombCheck extends Transform {
  readonly #raw: { readonly bytesRead: number };
  readonly #file: string;
  #length = 0;

  constructor(raw: { readonly bytesRead: number }, file: string) {
    super();
    this.#raw = raw;
    this.#file = file;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null, data?: Buffer) => void): void {
    this.#length += chunk.length;
    if (this.#length <= HARMLESS_BYTES || this.#length <= this.#raw.bytesRead * LARGEST_RATIO) done(null, chunk);
    else {
      done(
        new DataError('BAD_GZIP', {
          message: `${this.#file} inflates more than ${LARGEST_RATIO} times. If it is meant, unpack it first.`,
          details: { file: this.#file },
        }),
      );
    }
  }
}

/** Drops a byte order mark, and turns UTF-16 with one into UTF-8; bytes that are no text become U+FFFD there, and in UTF-8 when read. */
class Utf8 extends Transform {
  #start: Buffer | undefined = Buffer.alloc(0);
  #decoder: TextDecoder | undefined;

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null, data?: Buffer) => void): void {
    if (this.#start !== undefined) {
      this.#start = Buffer.concat([this.#start, chunk]);
      done(null, this.#start.length < 3 ? Buffer.alloc(0) : this.#begin());
    } else done(null, this.#decode(chunk));
  }

  override _flush(done: (error?: Error | null, data?: Buffer) => void): void {
    const rest = this.#start === undefined ? Buffer.alloc(0) : this.#begin();
    const end = this.#decoder === undefined ? Buffer.alloc(0) : Buffer.from(this.#decoder.decode());
    done(null, Buffer.concat([rest, end]));
  }

  #begin(): Buffer {
    const start = this.#start!;
    this.#start = undefined;
    if (start[0] === 0xff && start[1] === 0xfe) this.#decoder = new TextDecoder('utf-16le');
    else if (start[0] === 0xfe && start[1] === 0xff) this.#decoder = new TextDecoder('utf-16be');
    else if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return start.subarray(3);
    return this.#decode(start);
  }

  #decode(chunk: Buffer): Buffer {
    return this.#decoder === undefined ? chunk : Buffer.from(this.#decoder.decode(chunk, { stream: true }));
  }
}

/** Returns the error that a failure to read a file means to a trader; one of the family as it is. */
export function readFailure(error: unknown, path: string, file: string): HindcastError {
  if (error instanceof HindcastError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('Z_')) {
    const isZip = file !== basename(path);
    return new DataError(isZip ? 'BAD_ZIP' : 'BAD_GZIP', {
      message: `${file} is no intact ${isZip ? 'member of a zip' : 'gzip file'} (${message}). Fetch it again, or rename it if it is not compressed.`,
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
      message: `'${path}' is a folder. Name the files in it, as ${join(path, '*')} does.`,
      details: { path },
      cause: error,
    });
  }
  // What is no failure of a file is an error of ours, and must be seen as one.
  if (code === '') throw error;
  return new RunError('FILE_UNREADABLE', {
    message: `Cannot read '${path}': ${message}. Check that it is a file and that you may read it.`,
    details: { path, reason: code },
    cause: error,
  });
}
