import { checksumAlgorithmOfHeader, checksumHeader, createChecksum } from "@holdfast/protocol";
import type { Call } from "./call.ts";

/** Node computes it natively: a gigabyte in a second. */
const algorithm = "CRC32";
const written: ReadonlySet<string> = new Set(["PutObject", "UploadPart"]);
const read: ReadonlySet<string> = new Set(["GetObject", "HeadObject"]);

/** States the checksum of bytes that are sent, unless the caller states one, and asks for that of bytes to come. */
export function addChecksums(
  { operation }: Call,
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  headers: Record<string, string>,
): void {
  if (read.has(operation)) headers["x-amz-checksum-mode"] ??= "ENABLED";
  if (operation === "CreateMultipartUpload") announce(headers);
  if (!written.has(operation) || !(body instanceof Uint8Array) || isStated(headers)) return;
  const checksum = createChecksum(algorithm);
  checksum.update(body);
  headers[checksumHeader(algorithm)] = checksum.digest().toString("base64");
  headers["x-amz-sdk-checksum-algorithm"] = algorithm;
}

/** Parts with checksums need an upload that was begun for them; one of the whole object is what a reader can verify. */
function announce(headers: Record<string, string>): void {
  if (headers["x-amz-checksum-algorithm"] !== undefined) return;
  headers["x-amz-checksum-algorithm"] = algorithm;
  headers["x-amz-checksum-type"] = "FULL_OBJECT";
}

function isStated(headers: Readonly<Record<string, string>>): boolean {
  for (const name in headers) {
    if (name === "content-md5" || checksumAlgorithmOfHeader(name) !== undefined) return true;
  }
  return false;
}
