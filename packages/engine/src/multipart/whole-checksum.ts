import { combineCrc, s3Error, type Checksum, type ChecksumAlgorithm } from "@holdfast/protocol";
import { compositeChecksum } from "../checksums/composite-checksum.ts";
import type { CompleteUpload } from "../api.ts";
import type { PartSegment, UploadRecord } from "../index/records.ts";

/** The checksum of an object from those of its parts; none when the parts do not agree on an algorithm. */
export function wholeChecksum(
  upload: UploadRecord,
  parts: readonly PartSegment[],
): Checksum | undefined {
  const algorithm = upload.checksumAlgorithm ?? parts[0]?.checksum?.algorithm;
  const type = upload.checksumType ?? "FULL_OBJECT";
  if (algorithm === undefined) return undefined;
  if (parts.some(({ checksum }) => checksum?.algorithm !== algorithm)) return undefined;
  const digests = parts.map(({ checksum, size }) => ({
    digest: Buffer.from(checksum?.value ?? "", "base64"),
    size,
  }));
  if (type === "COMPOSITE") {
    const value = compositeChecksum(
      algorithm,
      digests.map(({ digest }) => digest),
    );
    return { algorithm, value, type };
  }
  // Without the bytes, only a CRC of the whole follows from those of the parts.
  if (!isCrc(algorithm)) return undefined;
  return { algorithm, value: combineCrc(algorithm, digests).toString("base64"), type };
}

/** Refuses what the caller says of the whole when it is not so. */
export function checkWholeChecksum(
  { checksum: claimed, checksumType }: CompleteUpload,
  upload: UploadRecord,
  computed: Checksum | undefined,
): void {
  const type = upload.checksumType ?? computed?.type;
  if (checksumType !== undefined && checksumType !== type) {
    throw s3Error("InvalidRequest", undefined, { reason: "checksum_type_differs" });
  }
  if (claimed === undefined) return;
  if (claimed.algorithm !== computed?.algorithm) {
    throw s3Error("InvalidRequest", undefined, { reason: "checksum_algorithm_differs" });
  }
  // Some clients send a composite checksum without the number of parts.
  const bare = computed.value.replace(/-\d+$/, "");
  if (claimed.value !== computed.value && claimed.value !== bare) throw s3Error("BadDigest");
}

function isCrc(
  algorithm: ChecksumAlgorithm,
): algorithm is Extract<ChecksumAlgorithm, `CRC${string}`> {
  return algorithm.startsWith("CRC");
}
