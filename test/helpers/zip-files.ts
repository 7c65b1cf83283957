import { crc32, deflateRawSync } from 'node:zlib';

/** A member of an archive under construction; what is given besides name and content is written as it stands, right or wrong. */
export interface MemberDraft {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** @defaultValue true */
  readonly deflate?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly localName?: string;
  /** Writes sizes and place into a zip64 field. @defaultValue false */
  readonly zip64?: boolean;
}

const fields = (bytes: number, values: readonly (readonly [offset: number, width: 2 | 4, value: number])[]): Buffer => {
  const buffer = Buffer.alloc(bytes);
  for (const [offset, width, value] of values) {
    if (width === 2) buffer.writeUInt16LE(value, offset);
    else buffer.writeUInt32LE(value >>> 0, offset);
  }
  return buffer;
};

/** Returns a zip archive of the members, in their order. */
export function zipOf(
  members: readonly MemberDraft[],
  { comment = '', zip64 = false }: { readonly comment?: string; readonly zip64?: boolean } = {},
): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content);
    const packed = member.deflate === false ? content : deflateRawSync(content);
    const method = member.method ?? (member.deflate === false ? 0 : 8);
    const { flags = 0, crc = crc32(content), size = content.length } = member;
    const localName = Buffer.from(member.localName ?? member.name);
    const name = Buffer.from(member.name);
    locals.push(
      fields(30, [
        [0, 4, 0x04034b50],
        [6, 2, flags],
        [8, 2, method],
        [14, 4, crc],
        [18, 4, packed.length],
        [22, 4, size],
        [26, 2, localName.length],
      ]),
      localName,
      packed,
    );
    const wide = Buffer.alloc(member.zip64 === true ? 28 : 0);
    if (member.zip64 === true) {
      wide.writeUInt16LE(1, 0);
      wide.writeUInt16LE(24, 2);
      for (const [at, value] of [size, packed.length, offset].entries())
        wide.writeBigUInt64LE(BigInt(value), 4 + at * 8);
    }
    const own = (value: number): number => (member.zip64 === true ? 0xffffffff : value);
    entries.push(
      fields(46, [
        [0, 4, 0x02014b50],
        [8, 2, flags],
        [10, 2, method],
        [16, 4, crc],
        [20, 4, own(packed.length)],
        [24, 4, own(size)],
        [28, 2, name.length],
        [30, 2, wide.length],
        [42, 4, own(offset)],
      ]),
      name,
      wide,
    );
    offset += 30 + localName.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end64 = Buffer.alloc(zip64 ? 76 : 0);
  if (zip64) {
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    end64.writeBigUInt64LE(BigInt(members.length), 24);
    end64.writeBigUInt64LE(BigInt(members.length), 32);
    end64.writeBigUInt64LE(BigInt(directory.length), 40);
    end64.writeBigUInt64LE(BigInt(offset), 48);
    end64.writeUInt32LE(0x07064b50, 56);
    end64.writeBigUInt64LE(BigInt(offset + directory.length), 64);
    end64.writeUInt32LE(1, 72);
  }
  const count = zip64 ? 0xffff : members.length;
  const end = fields(22, [
    [0, 4, 0x06054b50],
    [8, 2, count],
    [10, 2, count],
    [12, 4, zip64 ? 0xffffffff : directory.length],
    [16, 4, zip64 ? 0xffffffff : offset],
    [20, 2, Buffer.byteLength(comment)],
  ]);
  return Buffer.concat([...locals, directory, end64, end, Buffer.from(comment)]);
}
