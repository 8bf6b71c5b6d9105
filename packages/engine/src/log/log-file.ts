import { crc32c } from "../checksums/crc32c.ts";
import { saltBytes } from "./frame.ts";

const magic = Buffer.from("HFLOG001", "latin1");

/** Magic, salt, sequence of the first frame, CRC of these. Synced before the first frame is written. */
export const logHeaderBytes = 28;

export interface LogHeader {
  readonly salt: Buffer;
  readonly firstSequence: number;
}

export function encodeLogHeader({ salt, firstSequence }: LogHeader): Buffer {
  const header = Buffer.alloc(logHeaderBytes);
  magic.copy(header, 0);
  salt.copy(header, 8);
  header.writeBigUInt64LE(BigInt(firstSequence), 16);
  header.writeUInt32LE(crc32c(header.subarray(0, 24)), 24);
  return header;
}

/** The header that a log file begins with, or undefined when it does not begin with a whole one. */
export function decodeLogHeader(bytes: Buffer): LogHeader | undefined {
  const header = bytes.subarray(0, logHeaderBytes);
  if (header.length < logHeaderBytes || !header.subarray(0, 8).equals(magic)) return undefined;
  if (header.readUInt32LE(24) !== crc32c(header.subarray(0, 24))) return undefined;
  return {
    salt: Buffer.from(header.subarray(8, 8 + saltBytes)),
    firstSequence: Number(header.readBigUInt64LE(16)),
  };
}

/** Names sort as their numbers do. */
export function logFileName(number: number): string {
  return `${String(number).padStart(16, "0")}.log`;
}

/** The number of a log file, or undefined when the name is not one of ours. */
export function logFileNumber(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}
