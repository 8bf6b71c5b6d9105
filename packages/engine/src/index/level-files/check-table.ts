import { ByteReader } from "./byte-reader.ts";
import { userKey, type LiveTable } from "./live-tables.ts";
import { maskedCrc } from "./masked-crc.ts";
import { unsnapped } from "./snappy.ts";

/** A run of a table's bytes that is not what was written, and the keys that it may hold. */
export interface TableDamage {
  readonly offset: number;
  readonly length: number;
  /** First and last key, both inclusive. */
  readonly from: Buffer;
  readonly to: Buffer;
}

/** Where a block is; five bytes behind it are its kind and its CRC. */
export interface Handle {
  readonly offset: number;
  readonly length: number;
}

export const trailerBytes = 5;
export const footerBytes = 48;
const magic = Buffer.from("57fb808b247547db", "hex");

/**
 * Every run of a table that its checksums do not vouch for (doc/table_format.md). LevelDB itself
 * does not look at them when it reads unless it is told to, which its binding does not do.
 */
export function checkTable(table: LiveTable, bytes: Buffer): readonly TableDamage[] {
  const whole = { offset: 0, length: table.length, from: table.from, to: table.to };
  if (bytes.length !== table.length) return [whole];
  try {
    return checkBlocks(table, bytes);
  } catch (error) {
    if (error instanceof RangeError) return [whole];
    throw error;
  }
}

function checkBlocks(table: LiveTable, bytes: Buffer): readonly TableDamage[] {
  const { filters, index } = readFooter(bytes.subarray(bytes.length - footerBytes));
  const damage: TableDamage[] = [];
  let { from } = table;
  let covered = 0;
  for (const [key, handle] of entries(readBlock(bytes, index))) {
    const to = userKey(key);
    if (handle.offset !== covered) throw new RangeError("a block is not where it should be");
    if (!isSound(bytes, handle)) damage.push({ ...handle, from, to });
    covered = handle.offset + handle.length + trailerBytes;
    from = to;
  }
  for (const [, filter] of entries(readBlock(bytes, filters))) {
    if (filter.offset !== covered) throw new RangeError("a filter is not where it should be");
    readBlock(bytes, filter);
    covered = filter.offset + filter.length + trailerBytes;
  }
  const ends = [
    filters.offset - covered,
    index.offset - filters.offset - filters.length - trailerBytes,
  ];
  if (
    ends.some((gap) => gap !== 0) ||
    index.offset + index.length + trailerBytes + footerBytes !== bytes.length
  ) {
    throw new RangeError("the blocks do not fill the table");
  }
  return damage;
}

/** Where the list of filters and the index of a table are; throws a `RangeError` when this is no footer. */
export function readFooter(footer: Buffer): { readonly filters: Handle; readonly index: Handle } {
  const reader = new ByteReader(footer.subarray(0, footerBytes - magic.length));
  const filters = readHandle(reader);
  const index = readHandle(reader);
  const padded = reader.rest().every((byte) => byte === 0);
  if (!padded || !footer.subarray(-magic.length).equals(magic)) {
    throw new RangeError("the footer is none");
  }
  return { filters, index };
}

function readHandle(reader: ByteReader): Handle {
  return { offset: reader.varint(), length: reader.varint() };
}

/** Whether a block is what its CRC says. */
export function isSound(bytes: Buffer, { offset, length }: Handle): boolean {
  const end = offset + length;
  return bytes.readUInt32LE(end + 1) === maskedCrc(bytes.subarray(offset, end + 1));
}

/** A block as it was before it was compressed; throws a `RangeError` when it is damaged. */
export function readBlock(bytes: Buffer, handle: Handle): Buffer {
  if (!isSound(bytes, handle)) throw new RangeError("a block is damaged");
  const { offset, length } = handle;
  const block = bytes.subarray(offset, offset + length);
  return bytes.readUInt8(offset + length) === 0 ? block : unsnapped(block);
}

/** The entries of a block of handles, each key whole. */
export function* entries(block: Buffer): Generator<readonly [key: Buffer, handle: Handle]> {
  const restarts = block.readUInt32LE(block.length - 4);
  const reader = new ByteReader(block.subarray(0, block.length - 4 - restarts * 4));
  let key: Buffer = Buffer.alloc(0);
  while (!reader.ended) {
    const shared = reader.varint();
    const own = reader.varint();
    const valueLength = reader.varint();
    key = Buffer.concat([key.subarray(0, shared), reader.take(own)]);
    yield [key, readHandle(new ByteReader(reader.take(valueLength)))];
  }
}
