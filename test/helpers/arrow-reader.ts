/**
 * Reads an Arrow IPC file by the definitions of its format (Schema.fbs, Message.fbs, File.fbs), sharing nothing with the writer:
 * decimals are their unscaled integers, instants milliseconds, dates days, absent values null.
 */
export function readArrow(bytes: Uint8Array): {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly metadata: Readonly<Record<string, string>>;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  expectText(bytes, 0, 'ARROW1');
  expectText(bytes, end - 6, 'ARROW1');
  const footerBytes = view.getInt32(end - 10, true);
  const footer = root(view, end - 10 - footerBytes);
  const schema = footer.table(1);
  const fields = schema.tables(1).map((field) => ({
    name: field.text(0),
    isNullable: field.byte(1) === 1,
    type: TYPES[field.byte(2)]!(field.table(3)),
    kind: field.byte(2),
  }));
  const metadata = Object.fromEntries(schema.tables(2).map((entry) => [entry.text(0), entry.text(1)]));
  const rows: Record<string, unknown>[] = [];
  for (const [offset, metadataBytes, bodyBytes] of footer.structs(3, 3)) {
    if (view.getInt32(offset!, true) !== -1) throw new Error('a block does not begin with its marker');
    if (view.getInt32(offset! + 4, true) + 8 !== metadataBytes) throw new Error('a block is not as long as it says');
    const message = root(view, offset! + 8);
    if (message.byte(1) !== 3 || message.long(3) !== bodyBytes)
      throw new Error('a block is no record batch of its body');
    const batch = message.table(2);
    const body = offset! + metadataBytes!;
    const buffers = batch.structs(2, 2);
    let next = 0;
    const length = batch.long(0);
    const columns = fields.map(({ kind }, at) => {
      const [rowsOf, nulls] = batch.structs(1, 2)[at]!;
      if (rowsOf !== length) throw new Error('a column is not as long as its batch');
      const [bits, data, texts] = [next, next + 1, next + 2].map((place) => body + (buffers[place]?.[0] ?? 0));
      next += kind === 5 ? 3 : 2;
      return Array.from({ length }, (_, row) => {
        if (nulls! > 0 && (bytes[bits! + (row >> 3)]! & (1 << (row & 7))) === 0) return null;
        return READERS[kind]!(view, data!, texts!, row);
      });
    });
    for (let row = 0; row < length; row++) {
      rows.push(Object.fromEntries(fields.map(({ name }, at) => [name, columns[at]![row]])));
    }
  }
  return { columns: fields.map(({ name, type, isNullable }) => ({ name, type, isNullable })), rows, metadata };
}

const TYPES: Readonly<Record<number, (type: FlatTable) => string>> = {
  2: (type) => `int${type.int(0)}`,
  3: (type) => (type.short(0) === 2 ? 'double' : 'other float'),
  5: () => 'utf8',
  7: (type) => `decimal(${type.int(0)}, ${type.int(1)})`,
  8: (type) => (type.short(0, 1) === 0 ? 'date32' : 'date64'),
  10: (type) => `timestamp(${type.short(0)}, ${type.text(1)})`,
};

const READERS: Readonly<Record<number, (view: DataView, data: number, texts: number, row: number) => unknown>> = {
  2: (view, data, _, row) => Number(view.getBigInt64(data + 8 * row, true)),
  3: (view, data, _, row) => view.getFloat64(data + 8 * row, true),
  5: (view, data, texts, row) => {
    const [from, to] = [view.getInt32(data + 4 * row, true), view.getInt32(data + 4 * row + 4, true)];
    return Buffer.from(view.buffer, view.byteOffset + texts + from, to - from).toString('utf8');
  },
  7: (view, data, _, row) => {
    const low = view.getBigUint64(data + 16 * row, true);
    return (view.getBigInt64(data + 16 * row + 8, true) << 64n) + low;
  },
  8: (view, data, _, row) => view.getInt32(data + 4 * row, true),
  10: (view, data, _, row) => Number(view.getBigInt64(data + 8 * row, true)),
};

const root = (view: DataView, at: number): FlatTable => new FlatTable(view, at + view.getUint32(at, true));

/** A table of a FlatBuffer, with its members by place. */
class FlatTable {
  constructor(
    readonly view: DataView,
    readonly at: number,
  ) {}

  byte = (place: number): number => this.#number(place, 0, (at) => this.view.getUint8(at));
  short = (place: number, absent = 0): number => this.#number(place, absent, (at) => this.view.getInt16(at, true));
  int = (place: number): number => this.#number(place, 0, (at) => this.view.getInt32(at, true));
  long = (place: number): number => this.#number(place, 0, (at) => Number(this.view.getBigInt64(at, true)));

  table(place: number): FlatTable {
    return new FlatTable(this.view, this.#target(place)!);
  }

  text(place: number): string {
    const at = this.#target(place)!;
    const length = this.view.getUint32(at, true);
    return Buffer.from(this.view.buffer, this.view.byteOffset + at + 4, length).toString('utf8');
  }

  tables(place: number): FlatTable[] {
    const at = this.#target(place);
    if (at === undefined) return [];
    return Array.from({ length: this.view.getUint32(at, true) }, (_, item) => {
      const member = at + 4 + 4 * item;
      return new FlatTable(this.view, member + this.view.getUint32(member, true));
    });
  }

  structs(place: number, width: number): number[][] {
    const at = this.#target(place)!;
    if ((at + 4) % 8 !== 0) throw new Error('structs of 64 bits lie off their alignment');
    return Array.from({ length: this.view.getUint32(at, true) }, (_, item) =>
      Array.from({ length: width }, (__, member) =>
        Number(this.view.getBigInt64(at + 4 + 8 * (item * width + member), true)),
      ),
    );
  }

  #number(place: number, absent: number, read: (at: number) => number): number {
    const at = this.#member(place);
    return at === undefined ? absent : read(at);
  }

  #target(place: number): number | undefined {
    const at = this.#member(place);
    return at === undefined ? undefined : at + this.view.getUint32(at, true);
  }

  #member(place: number): number | undefined {
    const vtable = this.at - this.view.getInt32(this.at, true);
    if (4 + 2 * place >= this.view.getUint16(vtable, true)) return undefined;
    const offset = this.view.getUint16(vtable + 4 + 2 * place, true);
    return offset === 0 ? undefined : this.at + offset;
  }
}

function expectText(bytes: Uint8Array, at: number, text: string): void {
  if (Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1') !== text) throw new Error(`no ${text}`);
}
