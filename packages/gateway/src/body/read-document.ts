import { createHash } from "node:crypto";
import { createChecksum, readXml, s3Error, type XmlElement } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { requireEmpty } from "./empty.ts";
import { admit, readDigests, type Digests } from "./digests.ts";
import { openPayload } from "./payload.ts";

/** 1000 keys of 1024 bytes to delete fit, and so do 10,000 parts with a checksum each. */
const limits = { bytesMax: 2 * 1024 * 1024, nodesMax: 50_000 };

/** The XML body of a request, verified against its signature and digests, or undefined when empty. */
export async function readDocument(
  request: Authorized,
  options: { readonly digestRequired?: boolean; readonly checksumIsOfObject?: boolean } = {},
): Promise<XmlElement | undefined> {
  const digests = options.checksumIsOfObject === true ? {} : readDigests(request.headers);
  const isBound = digests.md5 !== undefined || digests.algorithm !== undefined;
  if (options.digestRequired === true && !isBound) {
    throw s3Error("InvalidRequest", undefined, {
      reason: "missing_digest",
      message: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    });
  }
  if (!request.incoming.isPresent) {
    requireEmpty(request.payload);
    return undefined;
  }
  const bytes = await readAll(request, digests);
  return bytes.length === 0 ? undefined : readXml(bytes, limits);
}

async function readAll(request: Authorized, digests: Digests): Promise<Buffer> {
  const { body, size, trailers } = openPayload(request);
  if (size > limits.bytesMax) throw s3Error("MaxMessageLengthExceeded");
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > limits.bytesMax) throw s3Error("MaxMessageLengthExceeded");
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  const algorithm = digests.algorithm ?? "CRC32";
  const checksum = createChecksum(algorithm);
  checksum.update(bytes);
  const computed = {
    size: length,
    md5: createHash("md5").update(bytes).digest("hex"),
    checksum: {
      algorithm,
      value: checksum.digest().toString("base64"),
      type: "FULL_OBJECT" as const,
    },
  };
  admit(digests, computed, trailers);
  return bytes;
}
