import type { IncomingHttpHeaders } from "node:http";
import type { CompleteUpload } from "@holdfast/engine";
import { checksumAlgorithms, checksumHeader, decodeChecksum, s3Error } from "@holdfast/protocol";

/** The checksum headers of a completion: they speak of the finished object, not of the document. */
export function readObjectChecksum(headers: IncomingHttpHeaders): CompleteUpload["checksum"] {
  const found = checksumAlgorithms.filter((name) => headers[checksumHeader(name)] !== undefined);
  const [algorithm] = found;
  if (algorithm === undefined) return undefined;
  if (found.length > 1) {
    throw s3Error("InvalidRequest", undefined, {
      message: "Expecting a single x-amz-checksum- header.",
      reason: "bad_checksum_header",
    });
  }
  const value = String(headers[checksumHeader(algorithm)]);
  // A composite one ends in the number of parts.
  decodeChecksum(algorithm, value.replace(/-\d{1,5}$/, ""));
  return { algorithm, value };
}
