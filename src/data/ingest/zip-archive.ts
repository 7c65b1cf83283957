import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Readable, Transform } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { DataError } from '../../core/errors.js';
import { nearestHint } from '../../core/suggest.js';

/** A file in a zip archive. */
export interface ZipMember {
  /** Its path in the archive, with `/`. */
  readonly name: string;
  /** Bytes once inflated. */
  readonly size: number;
  /** Returns its bytes. The stream fails with DataError `BAD_ZIP` where they are not those that the archive promises. */
  open(): Readable;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const LOCATOR64 = 0x07064b50;
const LOCATOR64_BYTES = 20;
/** What a field of 16 or 32 bits holds whose value stands in a zip64 record. */
const ELSEWHERE16 = 0xffff;
const ELSEWHERE32 = 0xffffffff;
const EXTRA64 = 0x0001;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 1;
/** A directory of more is no archive of prices; read at once. */
const LARGEST_DIRECTORY = 64 << 20;
/** Text of prices shrinks to a third or a twentieth; a bomb to a thousandth. Small members may be anything. */
const LARGEST_RATIO = 250;
const HARMLESS_BYTES = 64 << 20;

/**
 * Returns the files of a zip archive, in the archive's order, without folders and what macOS adds. Follows PKWARE's APPNOTE 6.3 as far as
 * archives of one part need it, zip64 included: members that are stored or deflated. The directory is read, members are not.
 *
 * @throws DataError `BAD_ZIP` for an archive that is cut off, encrypted, of several parts, of other methods, or contradicts itself; `ZIP_PATH` for a member whose name leads out of the archive; `ZIP_BOMB` for one that would inflate without measure
 */
export async function zipMembers(path: string): Promise<ZipMember[]> {
  const file = basename(path);
  const handle = await open(path, 'r');
  try {
    const entries = await directoryOf(handle, file);
    const places = new Map<number, number>();
    for (const entry of entries) {
      checkName(entry.name, file);
      checkSize(entry, file);
      const start = await dataStart(handle, entry, file);
      const end = start + entry.packed;
      for (const [from, to] of places) {
        if (start < to && from < end) throw bad(file, `two members share bytes, '${entry.name}' one of them`);
      }
      places.set(start, end);
    }
    const starts = [...places.keys()];
    return entries
      .map((entry, place) => ({ entry, start: starts[place]! }))
      .filter(({ entry: { name } }) => !name.endsWith('/') && !/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(name))
      .map(({ entry, start }) => ({
        name: entry.name,
        size: entry.size,
        open: () => openMember(path, entry, start, file),
      }));
  } finally {
    await handle.close();
  }
}

/**
 * Returns the members that are meant: those that `wanted` names (`*` stands for any characters), else the only one.
 * @throws DataError `ZIP_MEMBERS` where the choice is not clear, naming the members
 */
export function chooseMembers(members: readonly ZipMember[], wanted: string | undefined, file: string): ZipMember[] {
  const names = members.map(({ name }) => name);
  const listed = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  const details = { file, members: names.slice(0, 100), wanted: wanted ?? null };
  if (members.length === 0) {
    throw new DataError('ZIP_MEMBERS', { message: `${file} is an archive without a file.`, details });
  }
  if (wanted === undefined) {
    if (members.length === 1) return [...members];
    throw new DataError('ZIP_MEMBERS', {
      message: `${file} holds ${members.length} files: ${listed}. Name the one that is meant, --member ${names[0]}, or --member '*' for all.`,
      details,
    });
  }
  const pattern = new RegExp(`^${wanted.split('*').map(escaped).join('.*')}$`, 's');
  const chosen = members.filter(({ name }) => pattern.test(name));
  if (chosen.length > 0) return chosen;
  throw new DataError('ZIP_MEMBERS', {
    message: `${file} has no file '${wanted}'.${nearestHint(wanted, names)} It holds ${listed}.`,
    details,
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

async function directoryOf(handle: FileHandle, file: string): Promise<Entry[]> {
  const { size } = await handle.stat();
  const tail = await bytesAt(handle, Math.max(0, size - END_BYTES - LONGEST_COMMENT), size, file);
  const end = endOf(tail);
  if (end === undefined) {
    throw bad(file, 'it has no directory at its end, so that it was cut off or is no zip archive');
  }
  const place64 = size - tail.length + end;
  const { count, length, offset, at } = await directoryPlace(handle, tail.subarray(end), place64, file);
  if (offset + length !== at || length > LARGEST_DIRECTORY) {
    throw bad(file, 'its directory is not where its end says');
  }
  const directory = await bytesAt(handle, offset, at, file);
  const entries: Entry[] = [];
  let place = 0;
  for (let index = 0; index < count; index++) {
    if (place + ENTRY_BYTES > directory.length || directory.readUInt32LE(place) !== ENTRY) {
      throw bad(file, `entry ${index + 1} of its directory is damaged`);
    }
    const nameLength = directory.readUInt16LE(place + 28);
    const next =
      place + ENTRY_BYTES + nameLength + directory.readUInt16LE(place + 30) + directory.readUInt16LE(place + 32);
    if (next > directory.length) throw bad(file, `entry ${index + 1} of its directory is damaged`);
    const name = directory.toString('utf8', place + ENTRY_BYTES, place + ENTRY_BYTES + nameLength);
    if ((directory.readUInt16LE(place + 8) & IS_ENCRYPTED) !== 0) throw bad(file, `'${name}' is encrypted`);
    const method = directory.readUInt16LE(place + 10);
    if (method !== STORED && method !== DEFLATED) {
      throw bad(file, `'${name}' is packed by method ${method}, and only deflate (8) is known`);
    }
    const extra = directory.subarray(place + ENTRY_BYTES + nameLength, next);
    entries.push({ name, method, crc: directory.readUInt32LE(place + 16), ...extent(directory, place, extra, file) });
    place = next;
  }
  if (place !== directory.length) throw bad(file, 'its directory is longer than its entries');
  return entries;
}

/** Returns where the directory is by the end record, or by the zip64 one before it, and where that record begins. */
async function directoryPlace(
  handle: FileHandle,
  record: Buffer,
  at: number,
  file: string,
): Promise<{ readonly count: number; readonly length: number; readonly offset: number; readonly at: number }> {
  const [disk, directoryDisk, onDisk, count] = [4, 6, 8, 10].map((field) => record.readUInt16LE(field));
  const length = record.readUInt32LE(12);
  const offset = record.readUInt32LE(16);
  const isElsewhere = count === ELSEWHERE16 || length === ELSEWHERE32 || offset === ELSEWHERE32;
  if (!isElsewhere) {
    if (disk !== 0 || directoryDisk !== 0 || onDisk !== count) throw bad(file, 'it is one part of several');
    return { count: count!, length, offset, at };
  }
  if (at < LOCATOR64_BYTES) throw bad(file, 'its zip64 record is missing');
  const locator = await bytesAt(handle, at - LOCATOR64_BYTES, at, file);
  if (locator.readUInt32LE(0) !== LOCATOR64) throw bad(file, 'its zip64 record is missing');
  const at64 = safe(locator.readBigUInt64LE(8), file);
  const end = await bytesAt(handle, at64, at64 + END64_BYTES, file);
  if (end.readUInt32LE(0) !== END64) throw bad(file, 'its zip64 record is not where its locator says');
  if (end.readUInt32LE(16) !== 0 || end.readUInt32LE(20) !== 0) throw bad(file, 'it is one part of several');
  return {
    count: safe(end.readBigUInt64LE(32), file),
    length: safe(end.readBigUInt64LE(40), file),
    offset: safe(end.readBigUInt64LE(48), file),
    at: at64,
  };
}

/** Returns sizes and place of a member: from its entry, or those that do not fit there from its zip64 field. */
function extent(
  directory: Buffer,
  place: number,
  extra: Buffer,
  file: string,
): Pick<Entry, 'size' | 'packed' | 'offset'> {
  let wide: Buffer = Buffer.alloc(0);
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    if (id === EXTRA64) wide = extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  const [size, packed, offset] = [24, 20, 42].map((field) => {
    const value = directory.readUInt32LE(place + field);
    if (value !== ELSEWHERE32) return value;
    if (wide.length < 8) throw bad(file, 'a zip64 size is missing');
    const found = safe(wide.readBigUInt64LE(0), file);
    wide = wide.subarray(8);
    return found;
  });
  return { size: size!, packed: packed!, offset: offset! };
}

/** Returns a 64-bit number; no archive reaches beyond the safe integers. */
function safe(value: bigint, file: string): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw bad(file, 'a zip64 number is beyond every file');
}

/** Returns the place of the end record in an archive's last bytes: the last one whose comment reaches exactly to the end. */
function endOf(tail: Buffer): number | undefined {
  for (let place = tail.length - END_BYTES; place >= 0; place--) {
    if (tail.readUInt32LE(place) !== END) continue;
    if (place + END_BYTES + tail.readUInt16LE(place + 20) === tail.length) return place;
  }
  return undefined;
}

/** Names are only ever compared and shown, never opened; one that leads out is refused all the same: who wrote it meant harm or was broken. */
function checkName(name: string, file: string): void {
  const isEscape =
    name === '' ||
    name.includes('\\') ||
    name.includes('\0') ||
    /^(\/|[A-Za-z]:)/.test(name) ||
    name.split('/').includes('..');
  if (!isEscape) return;
  throw new DataError('ZIP_PATH', {
    message: `${file} holds a member named '${name.replace(/\p{Cc}/gu, '?').slice(0, 80)}', which leads out of the archive. Pack it again without such names.`,
    details: { file, member: name },
  });
}

function checkSize({ name, method, packed, size }: Entry, file: string): void {
  if (method === STORED && packed !== size) throw bad(file, `'${name}' has two sizes`);
  if (size <= HARMLESS_BYTES || size <= packed * LARGEST_RATIO) return;
  throw new DataError('ZIP_BOMB', {
    message: `${file}: '${name}' would inflate from ${packed} to ${size} bytes, more than ${LARGEST_RATIO} times. If it is meant, unpack it first.`,
    details: { file, member: name, packed, size },
  });
}

/** Returns where a member's bytes begin, having compared what stands before them with the directory. */
async function dataStart(handle: FileHandle, { name, method, offset }: Entry, file: string): Promise<number> {
  const header = await bytesAt(handle, offset, offset + LOCAL_BYTES, file);
  if (header.readUInt32LE(0) !== LOCAL || header.readUInt16LE(8) !== method) {
    throw bad(file, `'${name}' is not where the directory says`);
  }
  const nameEnd = offset + LOCAL_BYTES + header.readUInt16LE(26);
  const found = await bytesAt(handle, offset + LOCAL_BYTES, nameEnd, file);
  if (found.toString('utf8') !== name) throw bad(file, `'${name}' has another name beside its bytes`);
  return nameEnd + header.readUInt16LE(28);
}

async function bytesAt(handle: FileHandle, from: number, to: number, file: string): Promise<Buffer> {
  const { size } = await handle.stat();
  if (from < 0 || to < from || to > size) throw bad(file, 'it ends before its contents do');
  const bytes = Buffer.alloc(to - from);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at);
    if (bytesRead === 0) throw bad(file, 'it ends before its contents do');
    at += bytesRead;
  }
  return bytes;
}

function openMember(path: string, entry: Entry, start: number, file: string): Readable {
  const raw = Readable.from(packedBytes(path, start, entry.packed, file), { objectMode: false });
  const checked = new CheckedBytes(entry, file);
  // pipeline destroys all of them when one fails; the error itself reaches the reader of the returned stream.
  if (entry.method === STORED) return pipeline(raw, checked, () => undefined);
  return pipeline(raw, createInflateRaw(), checked, () => undefined);
}

/** Reads a member's packed bytes; the file is open only while someone reads. */
async function* packedBytes(path: string, start: number, length: number, file: string): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  try {
    for (let at = 0; at < length; at += 1 << 16) {
      yield await bytesAt(handle, start + at, start + Math.min(length, at + (1 << 16)), file);
    }
  } finally {
    await handle.close();
  }
}

/** Passes bytes on, and fails as soon as they are more than promised, or at the end when they are fewer or others. */
class CheckedBytes extends Transform {
  readonly #entry: Entry;
  readonly #file: string;
  #crc = 0;
  #length = 0;

  constructor(entry: Entry, file: string) {
    super();
    this.#entry = entry;
    this.#file = file;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null, data?: Buffer) => void): void {
    this.#crc = crc32(chunk, this.#crc);
    this.#length += chunk.length;
    if (this.#length > this.#entry.size) done(bad(this.#file, `'${this.#entry.name}' is longer than it says`));
    else done(null, chunk);
  }

  override _flush(done: (error?: Error | null) => void): void {
    const { name, size, crc } = this.#entry;
    if (this.#length < size) done(bad(this.#file, `'${name}' ends after ${this.#length} of ${size} bytes`));
    else if (this.#crc !== crc) done(bad(this.#file, `'${name}' has another checksum than it should`));
    else done();
  }
}

const bad = (file: string, what: string): DataError =>
  new DataError('BAD_ZIP', {
    message: `${file} is no archive that can be read: ${what}. Fetch or pack it again.`,
    details: { file, what },
  });
