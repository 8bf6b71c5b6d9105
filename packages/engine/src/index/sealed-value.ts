import { s3Error } from "@holdfast/protocol";
import { crc32c } from "../checksums/crc32c.ts";

const sealBytes = 4;

/** A value with the CRC-32C of its key and itself in front. */
export function seal(key: Buffer, value: Buffer): Buffer {
  const sealed = Buffer.allocUnsafe(sealBytes + value.length);
  sealed.writeUInt32LE(crc32c(value, crc32c(key)), 0);
  value.copy(sealed, sealBytes);
  return sealed;
}

/** The value as it was sealed under this key; `InternalError` when either is not what it was. */
export function unseal(key: Buffer, sealed: Buffer): Buffer {
  const value = sealed.subarray(sealBytes);
  if (sealed.length < sealBytes || sealed.readUInt32LE(0) !== crc32c(value, crc32c(key))) {
    throw s3Error("InternalError", undefined, { reason: "corrupt_record" });
  }
  return value;
}
