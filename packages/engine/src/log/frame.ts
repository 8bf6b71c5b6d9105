import { crc32c } from "../checksums/crc32c.ts";
import type { Change } from "../index/ordered-store.ts";

/**
 * A frame is one commit: the log file's own 8 random bytes, which no client knows and so none can
 * imitate in a value; sequence, payload length, payload CRC, CRC of these; then the payload.
 */
export const frameHeaderBytes = 28;
export const saltBytes = 8;

/** Of a change's key and value, before these; a value that is deleted has the length `deleted`. */
const lengthsBytes = 8;
const deleted = 0xffffffff;

/** A frame that was read whole. */
export interface Frame {
  readonly sequence: number;
  readonly changes: readonly Change[];
  /** Where the next one begins. */
  readonly end: number;
}

/** A commit as one run of bytes. */
export function encodeFrame(salt: Buffer, sequence: number, changes: readonly Change[]): Buffer {
  const payloadBytes = changes.reduce((sum, change) => sum + changeBytes(change), 0);
  const frame = Buffer.allocUnsafeSlow(frameHeaderBytes + payloadBytes);
  let at = frameHeaderBytes;
  for (const { key, value } of changes) {
    frame.writeUInt32LE(key.length, at);
    frame.writeUInt32LE(value === undefined ? deleted : value.length, at + 4);
    frame.set(key, at + lengthsBytes);
    at += lengthsBytes + key.length;
    if (value === undefined) continue;
    frame.set(value, at);
    at += value.length;
  }
  const payload = frame.subarray(frameHeaderBytes);
  frame.set(salt, 0);
  frame.writeBigUInt64LE(BigInt(sequence), 8);
  frame.writeUInt32LE(payload.length, 16);
  frame.writeUInt32LE(crc32c(payload), 20);
  frame.writeUInt32LE(crc32c(frame.subarray(0, 24)), 24);
  return frame;
}

function changeBytes({ key, value }: Change): number {
  return lengthsBytes + key.length + (value?.length ?? 0);
}

/** The frame that begins at `offset`, or undefined when there is no whole one. */
export function decodeFrame(salt: Buffer, bytes: Buffer, offset: number): Frame | undefined {
  const header = bytes.subarray(offset, offset + frameHeaderBytes);
  if (header.length < frameHeaderBytes || !header.subarray(0, saltBytes).equals(salt)) {
    return undefined;
  }
  if (header.readUInt32LE(24) !== crc32c(header.subarray(0, 24))) return undefined;
  const end = offset + frameHeaderBytes + header.readUInt32LE(16);
  const payload = bytes.subarray(offset + frameHeaderBytes, end);
  if (end > bytes.length || crc32c(payload) !== header.readUInt32LE(20)) return undefined;
  return { sequence: Number(header.readBigUInt64LE(8)), changes: decodeChanges(payload), end };
}

function decodeChanges(payload: Buffer): readonly Change[] {
  const changes: Change[] = [];
  let at = 0;
  while (at < payload.length) {
    const keyEnd = at + lengthsBytes + payload.readUInt32LE(at);
    const length = payload.readUInt32LE(at + 4);
    const key = payload.subarray(at + lengthsBytes, keyEnd);
    at = length === deleted ? keyEnd : keyEnd + length;
    changes.push({ key, value: length === deleted ? undefined : payload.subarray(keyEnd, at) });
  }
  return changes;
}
