import { decimalColumnOf, unscaled } from './decimal-column.js';
import {
  bool,
  byte,
  flatBuffer,
  int,
  long,
  type Part,
  ref,
  short,
  structs,
  table,
  text,
  vector,
} from './flat-buffer.js';
import { type Column, decimalText, type LongTable, rowsOf, type Table } from './table.js';

/** Key of the schema's own metadata under which a note of ours stands. */
const NOTE_KEY = 'hindcast';
const MAGIC = 'ARROW1';
/** MetadataVersion V5 of Arrow's Schema.fbs. */
const VERSION = 4;
const HEADER = { schema: 1, recordBatch: 3 } as const;
const TYPE = { int: 2, float: 3, utf8: 5, decimal: 7, date: 8, timestamp: 10 } as const;
const ALIGNMENT = 64;
const DAY_MS = 86_400_000;

/** A column as Arrow has it: its field, and the buffers of a run of it. */
interface ArrowColumn {
  readonly type: number;
  readonly typeTable: Part;
  readonly isNullable: boolean;
  buffers(column: Column): { readonly nulls: number; readonly buffers: readonly Uint8Array[] };
}

/**
 * Yields a long table as the pieces of an Arrow IPC file (format 1.0, metadata version 5), a record batch for each run, uncompressed:
 * prices are decimal128 with the scale of their column, instants timestamps in UTC milliseconds, dates date32, texts utf8, numbers
 * float64, counts int64. The note stands in the schema's metadata.
 * Format: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format.
 */
export function* arrowPieces(source: LongTable): Generator<Uint8Array> {
  let written = 0;
  const count = (piece: Uint8Array): Uint8Array => {
    written += piece.length;
    return piece;
  };
  let columns: ArrowColumn[] | undefined;
  let schema: Part | undefined;
  const blocks: number[][] = [];
  yield count(Buffer.from(`${MAGIC}\0\0`));
  for (const run of source.runs()) {
    const rows = rowsOf(run);
    if (columns === undefined) {
      columns = run.columns.map(arrowColumn);
      schema = schemaTable(run, columns, source.note);
      yield count(message(HEADER.schema, schema, 0));
    }
    const { header, body } = recordBatch(run, columns, rows);
    const metadata = message(HEADER.recordBatch, header, body.length);
    // A block is offset (64 bits), length of the metadata (32 bits and 32 of padding) and of the body (64 bits).
    blocks.push([written, metadata.length, body.length]);
    yield count(metadata);
    yield count(body);
  }
  yield Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
  const footer = flatBuffer(table(short(VERSION), ref(schema!), ref(structs([])), ref(structs(blocks))));
  const end = Buffer.alloc(4 + MAGIC.length);
  end.writeInt32LE(footer.length);
  end.write(MAGIC, 4);
  yield footer;
  yield end;
}

function schemaTable(run: Table, columns: readonly ArrowColumn[], note: string | undefined): Part {
  const fields = columns.map(({ type, typeTable, isNullable }, at) =>
    table(ref(text(run.columns[at]!.name)), bool(isNullable), byte(type), ref(typeTable), undefined, ref(vector([]))),
  );
  const metadata = note === undefined ? undefined : ref(vector([table(ref(text(NOTE_KEY)), ref(text(note)))]));
  return table(short(0), ref(vector(fields)), metadata);
}

/** An encapsulated message: a marker, the length of its padded metadata, the metadata. */
function message(type: number, header: Part, bodyLength: number): Uint8Array {
  const metadata = flatBuffer(table(short(VERSION), byte(type), ref(header), long(bodyLength)));
  const bytes = Buffer.alloc(8 + metadata.length);
  bytes.writeInt32LE(-1);
  bytes.writeInt32LE(metadata.length, 4);
  bytes.set(metadata, 8);
  return bytes;
}

function recordBatch(run: Table, columns: readonly ArrowColumn[], rows: number): { header: Part; body: Uint8Array } {
  const nodes: number[][] = [];
  const places: number[][] = [];
  const buffers: Uint8Array[] = [];
  let end = 0;
  for (const [at, column] of run.columns.entries()) {
    const { nulls, buffers: own } = columns[at]!.buffers(column);
    nodes.push([rows, nulls]);
    for (const buffer of own) {
      places.push([end, buffer.length]);
      buffers.push(buffer);
      end += Math.ceil(buffer.length / ALIGNMENT) * ALIGNMENT;
    }
  }
  const body = new Uint8Array(end);
  for (const [at, buffer] of buffers.entries()) body.set(buffer, places[at]![0]!);
  return { header: table(long(rows), ref(structs(nodes)), ref(structs(places))), body };
}

function arrowColumn(column: Column): ArrowColumn {
  switch (column.kind) {
    case 'decimal': {
      const { scale, fits } = decimalColumnOf(column.values);
      if (!fits) return utf8((values) => values.map((value) => (value === null ? null : decimalText(value as string))));
      return fixed(16, TYPE.decimal, decimalType(38, scale), true, (view, at, value) =>
        putInteger(view, at, unscaled(decimalText(value as string), scale)),
      );
    }
    case 'price': {
      const { scale, digits } = column;
      return fixed(16, TYPE.decimal, decimalType(digits <= 18 ? 18 : 38, scale), false, (view, at, value) =>
        putInteger(view, at, unscaled(value as number, scale)),
      );
    }
    case 'time':
      return fixed(8, TYPE.timestamp, table(short(1), ref(text('UTC'))), true, (view, at, value) =>
        view.setBigInt64(at, BigInt(value as number), true),
      );
    case 'date':
      return fixed(4, TYPE.date, table(short(0)), true, (view, at, value) =>
        view.setInt32(at, (value as number) / DAY_MS, true),
      );
    case 'integer':
      return fixed(8, TYPE.int, table(int(64), bool(true)), true, (view, at, value) =>
        view.setBigInt64(at, BigInt(value as number), true),
      );
    case 'number':
      return fixed(8, TYPE.float, table(short(2)), true, (view, at, value) =>
        view.setFloat64(at, value as number, true),
      );
    case 'text':
      return utf8((values) => values as readonly (string | null)[]);
  }
}

const decimalType = (precision: number, scale: number): Part => table(int(precision), int(scale), int(128));

/** Writes a 128-bit integer in two's complement, the low half first. */
function putInteger(view: DataView, at: number, value: bigint): void {
  view.setBigInt64(at, BigInt.asIntN(64, value), true);
  view.setBigInt64(at + 8, value >> 64n, true);
}

/** A column of values of one width. */
function fixed(
  width: number,
  type: number,
  typeTable: Part,
  isNullable: boolean,
  put: (view: DataView, at: number, value: unknown) => void,
): ArrowColumn {
  return {
    type,
    typeTable,
    isNullable,
    buffers: ({ values }) => {
      const data = new Uint8Array(values.length * width);
      const view = new DataView(data.buffer);
      const { nulls, bits } = validity(values);
      for (let row = 0; row < values.length; row++) {
        const value = values[row];
        if (!isAbsent(value)) put(view, row * width, value);
      }
      return { nulls, buffers: [bits, data] };
    },
  };
}

/** A column of texts: where each begins, and the bytes of all. */
function utf8(textsOf: (values: readonly unknown[]) => readonly (string | null)[]): ArrowColumn {
  return {
    type: TYPE.utf8,
    typeTable: table(),
    isNullable: true,
    buffers: ({ values }) => {
      const texts = textsOf(values as readonly unknown[]);
      const pieces = texts.map((value) => Buffer.from(value ?? '', 'utf8'));
      const starts = new Int32Array(texts.length + 1);
      for (const [row, piece] of pieces.entries()) starts[row + 1] = starts[row]! + piece.length;
      const { nulls, bits } = validity(texts);
      return { nulls, buffers: [bits, new Uint8Array(starts.buffer), Buffer.concat(pieces)] };
    },
  };
}

/** Returns how many values are absent, and a bit for each that is there; no bits where none is absent. */
function validity(values: ArrayLike<unknown>): { readonly nulls: number; readonly bits: Uint8Array } {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  let nulls = 0;
  for (let row = 0; row < values.length; row++) {
    if (isAbsent(values[row])) nulls++;
    else bits[row >> 3]! |= 1 << (row & 7);
  }
  return { nulls, bits: nulls === 0 ? new Uint8Array(0) : bits };
}

const isAbsent = (value: unknown): boolean => value === null || Number.isNaN(value);
