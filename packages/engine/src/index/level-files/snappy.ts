import { ByteReader } from "./byte-reader.ts";

const lengthMax = 64 * 1024 * 1024;

/** What a run of Snappy's raw format stands for; throws a `RangeError` when it is not one. */
export function unsnapped(compressed: Buffer): Buffer {
  const reader = new ByteReader(compressed);
  const length = reader.varint();
  if (length > lengthMax) throw new RangeError("the block is too long");
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (!reader.ended) {
    const tag = reader.take(1).readUInt8();
    if ((tag & 3) === 0) {
      at += reader.take(literalLength(tag, reader)).copy(bytes, at);
      continue;
    }
    const copy = copyOf(tag, reader);
    if (copy.offset === 0 || copy.offset > at || at + copy.length > length) {
      throw new RangeError("a copy reaches beyond the block");
    }
    // Byte by byte: a copy may reach into what it makes.
    for (const end = at + copy.length; at < end; at += 1) bytes[at] = bytes[at - copy.offset] ?? 0;
  }
  if (at !== length) throw new RangeError("the block ends too early");
  return bytes;
}

function literalLength(tag: number, reader: ByteReader): number {
  const short = tag >>> 2;
  if (short < 60) return short + 1;
  const bytes = short - 59;
  return reader.take(bytes).readUIntLE(0, bytes) + 1;
}

function copyOf(
  tag: number,
  reader: ByteReader,
): { readonly length: number; readonly offset: number } {
  if ((tag & 3) === 1) {
    const offset = ((tag >>> 5) << 8) | reader.take(1).readUInt8();
    return { length: ((tag >>> 2) & 7) + 4, offset };
  }
  const bytes = (tag & 3) === 2 ? 2 : 4;
  return { length: (tag >>> 2) + 1, offset: reader.take(bytes).readUIntLE(0, bytes) };
}
