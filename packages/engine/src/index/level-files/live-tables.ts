import { ByteReader } from "./byte-reader.ts";
import { maskedCrc } from "./masked-crc.ts";

/** A table that the index consists of, as the manifest has it. */
export interface LiveTable {
  readonly number: number;
  readonly length: number;
  /** First and last key in it, both inclusive. */
  readonly from: Buffer;
  readonly to: Buffer;
}

/** What a manifest says, as far as it could be read. */
export interface Manifest {
  readonly tables: readonly LiveTable[];
  /** Where it is damaged. What ends too early is no damage: its writing was cut short. */
  readonly damagedAt?: number;
}

const blockBytes = 32 * 1024;
const headerBytes = 7;
const kind = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** The tables that are left when all edits of a manifest are made (doc/log_format.md, db/version_edit.cc). */
export function readManifest(bytes: Buffer): Manifest {
  const tables = new Map<number, LiveTable>();
  const pieces: Buffer[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const left = blockBytes - (at % blockBytes);
    if (left < headerBytes) {
      at += left;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const end = at + headerBytes + length;
    if (end > bytes.length && headerBytes + length <= left && !holdsRecord(bytes, at)) break;
    if (end > bytes.length || bytes.readUInt32LE(at) !== maskedCrc(bytes.subarray(at + 6, end))) {
      return { tables: [...tables.values()], damagedAt: at };
    }
    const type = bytes.readUInt8(at + 6);
    if (type === kind.full || type === kind.first) pieces.length = 0;
    pieces.push(bytes.subarray(at + headerBytes, end));
    if (type === kind.full || type === kind.last)
      applyEdit(tables, new ByteReader(Buffer.concat(pieces)));
    at = end;
  }
  return { tables: [...tables.values()] };
}

/** Whether the record at `at` is whole for some length, so that it is its length that is damaged. */
function holdsRecord(bytes: Buffer, at: number): boolean {
  const crc = bytes.readUInt32LE(at);
  for (let end = at + headerBytes; end <= bytes.length; end += 1) {
    if (crc === maskedCrc(bytes.subarray(at + 6, end))) return true;
  }
  return false;
}

function applyEdit(tables: Map<number, LiveTable>, edit: ByteReader): void {
  while (!edit.ended) {
    const tag = edit.varint();
    switch (tag) {
      case 1: // comparator
        edit.prefixed();
        break;
      case 2: // log number
      case 3: // next file number
      case 4: // last sequence
      case 9: // previous log number
        edit.varint();
        break;
      case 5: // where the next compaction begins
        edit.varint();
        edit.prefixed();
        break;
      case 6: // deleted file
        edit.varint();
        tables.delete(edit.varint());
        break;
      case 7: {
        edit.varint();
        const number = edit.varint();
        const length = edit.varint();
        const [from, to] = [userKey(edit.prefixed()), userKey(edit.prefixed())];
        tables.set(number, { number, length, from, to });
        break;
      }
      default:
        throw new RangeError(`a manifest has no tag ${tag}`);
    }
  }
}

/** LevelDB appends eight bytes, sequence and kind, to every key. */
export function userKey(internal: Buffer): Buffer {
  return internal.subarray(0, Math.max(0, internal.length - 8));
}
