/** A part of a FlatBuffer: writes itself where the output stands, and returns its own position. */
export type Part = (out: FlatOutput) => number;

/** A member of a table: its size in bytes, and what writes it in place. */
type Member =
  | { readonly size: 1 | 2 | 4 | 8; readonly put: (view: DataView, at: number) => void }
  | { readonly size: 4; readonly part: Part };

export const byte = (value: number): Member => ({ size: 1, put: (view, at) => view.setUint8(at, value) });
export const bool = (value: boolean): Member => byte(value ? 1 : 0);
export const short = (value: number): Member => ({ size: 2, put: (view, at) => view.setInt16(at, value, true) });
export const int = (value: number): Member => ({ size: 4, put: (view, at) => view.setInt32(at, value, true) });
export const long = (value: number): Member => ({
  size: 8,
  put: (view, at) => view.setBigInt64(at, BigInt(value), true),
});
/** A member that lies elsewhere: a string, a vector or a table. */
export const ref = (part: Part): Member => ({ size: 4, part });

/** A table; a member that is undefined has the default of its schema. */
export function table(...members: readonly (Member | undefined)[]): Part {
  return (out) => {
    const size = 4 + members.reduce((sum, member) => sum + (member?.size ?? 0), 0);
    const vtable = out.take(4 + 2 * members.length, 2);
    // The members begin at a multiple of 8, the widest first, so that each is aligned by its own size.
    const start = out.take(size, 8, 4);
    out.view.setUint16(vtable, 4 + 2 * members.length, true);
    out.view.setUint16(vtable + 2, size, true);
    out.view.setInt32(start, start - vtable, true);
    let at = start + 4;
    const later: { readonly at: number; readonly part: Part }[] = [];
    const bySize = members
      .map((member, slot) => ({ member, slot }))
      .sort((a, b) => (b.member?.size ?? 0) - (a.member?.size ?? 0) || a.slot - b.slot);
    for (const { member, slot } of bySize) {
      if (member === undefined) continue;
      out.view.setUint16(vtable + 4 + 2 * slot, at - start, true);
      if ('part' in member) later.push({ at, part: member.part });
      else member.put(out.view, at);
      at += member.size;
    }
    for (const { at: place, part } of later) out.refer(place, part);
    return start;
  };
}

/** A text as UTF-8, with a zero behind it. */
export function text(value: string): Part {
  const bytes = Buffer.from(value, 'utf8');
  return (out) => {
    const start = out.take(4 + bytes.length + 1, 4);
    out.view.setUint32(start, bytes.length, true);
    out.bytes.set(bytes, start + 4);
    return start;
  };
}

/** A vector of tables or texts. */
export function vector(parts: readonly Part[]): Part {
  return (out) => {
    const start = out.take(4 + 4 * parts.length, 4);
    out.view.setUint32(start, parts.length, true);
    for (const [place, part] of parts.entries()) out.refer(start + 4 + 4 * place, part);
    return start;
  };
}

/** A vector of structs of so many 64-bit integers each. */
export function structs(rows: readonly (readonly number[])[]): Part {
  return (out) => {
    const width = rows[0]?.length ?? 0;
    const start = out.take(4 + 8 * width * rows.length, 8, 4);
    out.view.setUint32(start, rows.length, true);
    let at = start + 4;
    for (const value of rows.flat()) {
      out.view.setBigInt64(at, BigInt(value), true);
      at += 8;
    }
    return start;
  };
}

/** Returns the bytes of a FlatBuffer with the given root, padded to a multiple of 8. Format: https://flatbuffers.dev/internals/. */
export function flatBuffer(root: Part): Uint8Array {
  const out = new FlatOutput();
  out.refer(out.take(4, 8), root);
  out.take(0, 8);
  return out.bytes.slice(0, out.length);
}

/** The buffer being written: zeros, from which parts take their room in turn, each behind what refers to it. */
export class FlatOutput {
  bytes = new Uint8Array(1024);
  view: DataView = new DataView(this.bytes.buffer);
  length = 0;

  /** Takes room for `size` bytes from a position that is `shift` bytes before a multiple of `alignment`, and returns it. */
  take(size: number, alignment: number, shift = 0): number {
    const start = Math.ceil((this.length + shift) / alignment) * alignment - shift;
    const end = start + size;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.bytes.length));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length = end;
    return start;
  }

  /** Writes a part and, at `place`, how far behind that place it lies. */
  refer(place: number, part: Part): void {
    const target = part(this);
    this.view.setUint32(place, target - place, true);
  }
}
