import { brotliDecompressSync, crc32, gunzipSync } from 'node:zlib';
import type { ColumnMetaData, CompressionCodec, DecodedArray, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { compressors } from 'hyparquet-compressors';

/** The values of one page of a column without nesting. */
export interface Page {
  readonly rows: number;
  /** Physical values of the rows that have one, in order; or places in `dictionary`. */
  readonly values: DecodedArray;
  readonly dictionary: DecodedArray | undefined;
  /** For each row 1 where it has a value, 0 where it has none; undefined when all have. */
  readonly present: Uint8Array | undefined;
}

/** Returns bytes `[start, end)` of a file, all of them. */
export type ReadBytes = (start: number, end: number) => Uint8Array<ArrayBuffer>;

/** Bytes that nearly every header of a page fits into. */
const HEADER_BYTES = 4096;
/** Larger pages are no pages of bars; a damaged header may ask for any size. */
const LARGEST_PAGE = 1 << 30;

/**
 * Yields the pages of a column chunk, one in memory at a time. The format's own library decodes values; levels, sizes and counts, which
 * damage would turn into endless loops or into values of other rows, are checked here, and checksums where the file has them.
 * Throws an Error that says what is wrong with the chunk. Format: https://parquet.apache.org/docs/file-format/.
 */
export function* pagesOf(meta: ColumnMetaData, element: SchemaElement, rows: number, read: ReadBytes): Generator<Page> {
  const dictionaryAt = Number(meta.dictionary_page_offset ?? 0);
  const dataAt = Number(meta.data_page_offset);
  let at = dictionaryAt > 0 && dictionaryAt < dataAt ? dictionaryAt : dataAt;
  const end = at + Number(meta.total_compressed_size);
  let dictionary: DecodedArray | undefined;
  let seen = 0;
  while (seen < rows) {
    if (at >= end) throw new Error(`it ends after ${seen} of ${rows} rows`);
    const { header, length } = headerAt(at, end, read);
    const start = at + length;
    at = start + header.compressed_page_size;
    if (!(header.compressed_page_size >= 0) || at > end) throw new Error('a page is longer than its column');
    if (!(header.uncompressed_page_size >= 0) || header.uncompressed_page_size > LARGEST_PAGE) {
      throw new Error(`a page claims to be ${header.uncompressed_page_size} bytes long`);
    }
    const bytes = read(start, at);
    if (header.crc !== undefined && crc32(bytes) !== header.crc >>> 0)
      throw new Error('the checksum of a page is wrong');
    if (header.type === 'INDEX_PAGE') continue;
    if (header.type === 'DICTIONARY_PAGE') {
      const { num_values: count } = header.dictionary_page_header ?? { num_values: -1 };
      const plain = decompress(bytes, header.uncompressed_page_size, meta.codec);
      dictionary = plainValues(plain, element, countOf(count, plain.length * 8));
      continue;
    }
    const page = dataPage(header, bytes, meta, element, dictionary, rows - seen);
    seen += page.rows;
    yield page;
  }
}

type PageHeader = ReturnType<typeof parquetHeader>;

function headerAt(at: number, end: number, read: ReadBytes): { header: PageHeader; length: number } {
  for (let room = HEADER_BYTES; ; room *= 16) {
    const bytes = read(at, Math.min(end, at + room));
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      // A header with long statistics may need more; at the end of the column there is no more.
      if (at + room >= end) throw error;
    }
  }
}

function dataPage(
  header: PageHeader,
  bytes: Uint8Array<ArrayBuffer>,
  meta: ColumnMetaData,
  element: SchemaElement,
  dictionary: DecodedArray | undefined,
  most: number,
): Page {
  const isOptional = element.repetition_type === 'OPTIONAL';
  const { data_page_header: first, data_page_header_v2: second } = header;
  if (header.type === 'DATA_PAGE_V2' && second !== undefined) {
    const levels = second.definition_levels_byte_length + second.repetition_levels_byte_length;
    if (!(levels >= 0 && levels <= bytes.length)) throw new Error('the levels of a page are longer than the page');
    const rows = countOf(second.num_values, most);
    const present = isOptional
      ? presence(bytes.subarray(second.repetition_levels_byte_length, levels), rows)
      : undefined;
    const packed = bytes.subarray(levels);
    const plain =
      second.is_compressed === false ? packed : decompress(packed, header.uncompressed_page_size - levels, meta.codec);
    return valuesOf(plain, second.encoding, rows, present, element, dictionary);
  }
  if (header.type !== 'DATA_PAGE' || first === undefined) throw new Error(`a page is of unknown kind ${header.type}`);
  let plain = decompress(bytes, header.uncompressed_page_size, meta.codec);
  const rows = countOf(first.num_values, most);
  let present: Uint8Array | undefined;
  if (isOptional) {
    const length = new DataView(plain.buffer, plain.byteOffset, plain.byteLength).getUint32(0, true);
    if (4 + length > plain.length) throw new Error('the levels of a page are longer than the page');
    present = presence(plain.subarray(4, 4 + length), rows);
    plain = plain.subarray(4 + length);
  }
  return valuesOf(plain, first.encoding, rows, present, element, dictionary);
}

function valuesOf(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string,
  rows: number,
  present: Uint8Array | undefined,
  element: SchemaElement,
  dictionary: DecodedArray | undefined,
): Page {
  let count = rows;
  if (present !== undefined) {
    count = 0;
    for (let row = 0; row < rows; row++) count += present[row]!;
  }
  const page = { rows, present: count === rows ? undefined : present };
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    if (dictionary === undefined) throw new Error('a page refers to a dictionary that is not there');
    const width = bytes[0] ?? 0;
    const values = count === 0 ? new Uint32Array(0) : runs(bytes.subarray(1), width, new Uint32Array(count));
    for (const place of values) {
      if (place >= dictionary.length) throw new Error('a page refers beyond its dictionary');
    }
    return { ...page, values, dictionary };
  }
  return { ...page, values: encodedValues(bytes, encoding, count, element), dictionary: undefined };
}

function encodedValues(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string,
  count: number,
  element: SchemaElement,
): DecodedArray {
  const { type, type_length: width } = element;
  const reader = readerOf(bytes);
  // Each of these encodings spends at least a bit on a value, and so bounds what a damaged count can ask for.
  if (encoding === 'PLAIN') return plainValues(bytes, element, countOf(count, bytes.length * 8));
  if (encoding === 'RLE' && type === 'BOOLEAN') return runs(bytes.subarray(4), 1, new Uint8Array(count));
  if (encoding === 'BYTE_STREAM_SPLIT') return byteStreamSplit(reader, countOf(count, bytes.length), type!, width);
  if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64')) {
    const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
    deltaBinaryUnpack(reader, count, values);
    return values;
  }
  const texts: Uint8Array[] = new Array(count);
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') deltaLengthByteArray(reader, count, texts);
  else if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, texts);
  else throw new Error(`a page is encoded as ${encoding}, which is not read here`);
  return texts;
}

const plainValues = (bytes: Uint8Array<ArrayBuffer>, element: SchemaElement, count: number): DecodedArray =>
  readPlain(readerOf(bytes), element.type!, count, element.type_length);

const readerOf = (bytes: Uint8Array<ArrayBuffer>) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

function countOf(count: number, most: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= most) return count;
  throw new Error(`a page claims to hold ${count} values`);
}

/** Returns for each row whether it has a value. */
const presence = (levels: Uint8Array, rows: number): Uint8Array => runs(levels, 1, new Uint8Array(rows));

/**
 * Fills `values` with integers of `width` bits from the hybrid of runs and packed groups of eight, and returns it.
 * Throws where they end early or a run is longer than what is left of `values`.
 */
function runs<V extends Uint8Array | Uint32Array>(bytes: Uint8Array, width: number, values: V): V {
  if (width > 32) throw new Error(`a page has integers of ${width} bits`);
  const count = values.length;
  const runBytes = (width + 7) >> 3;
  let at = 0;
  let seen = 0;
  const byte = (): number => {
    if (at >= bytes.length) throw new Error('a page ends before its values do');
    return bytes[at++]!;
  };
  while (seen < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift > 28) throw new Error('a page has a run of impossible length');
      const part = byte();
      header += (part & 0x7f) * 2 ** shift;
      if (part < 0x80) break;
    }
    const length = Math.floor(header / 2);
    if (length === 0) throw new Error('a page has a run of no length');
    if (header % 2 === 0) {
      if (length > count - seen) throw new Error('a page has a run longer than its rows');
      let value = 0;
      for (let place = 0; place < runBytes; place++) value += byte() * 2 ** (8 * place);
      values.fill(value, seen, seen + length);
      seen += length;
      continue;
    }
    const end = at + width * length;
    const last = Math.min(count, seen + 8 * length);
    const size = 2 ** width;
    let bits = 0;
    let held = 0;
    for (; seen < last; seen++) {
      for (; held < width; held += 8) bits += byte() * 2 ** held;
      const rest = Math.floor(bits / size);
      values[seen] = bits - rest * size;
      bits = rest;
      held -= width;
    }
    // The last group may be cut off behind the last value.
    at = Math.min(end, bytes.length);
  }
  return values;
}

function decompress(bytes: Uint8Array<ArrayBuffer>, length: number, codec: CompressionCodec): Uint8Array<ArrayBuffer> {
  if (codec === 'UNCOMPRESSED') return sized(bytes, length);
  if (length === 0) return new Uint8Array(0);
  // The system's own are quicker, and give no more than they are asked for.
  if (codec === 'GZIP') return sized(gunzipSync(bytes, { maxOutputLength: length }), length);
  if (codec === 'BROTLI') return sized(brotliDecompressSync(bytes, { maxOutputLength: length }), length);
  const own = compressors[codec];
  if (own === undefined) throw new Error(`it is compressed by ${codec}, which is not read here`);
  return sized(own(bytes, length), length);
}

function sized(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length === length) return bytes as Uint8Array<ArrayBuffer>;
  throw new Error(`a page has ${bytes.length} bytes where its header says ${length}`);
}
