import { createHash } from "node:crypto";
import { createChecksum, type Computed } from "@holdfast/engine";
import { readXml, s3Error, type ChecksumAlgorithm, type XmlElement } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { requireEmpty } from "./empty.ts";
import { admit, readContentMd5, readDigests, type Digests } from "./digests.ts";
import { openPayload, type Payload } from "./payload.ts";

/** 1000 keys of 1024 bytes to delete fit, and so do 10,000 parts with a checksum each. */
const limits = { bytesMax: 2 * 1024 * 1024, nodesMax: 50_000 };

interface DocumentOptions {
  readonly digestRequired?: boolean;
  readonly checksumIsOfObject?: boolean;
  readonly bytesMax?: number;
}

/** The XML body of a request, verified against its signature and digests, or undefined when empty. */
export async function readDocument(
  request: Authorized,
  options: DocumentOptions = {},
): Promise<XmlElement | undefined> {
  const bytes = await readDocumentBytes(request, options);
  return bytes.length === 0 ? undefined : readXml(bytes, limits);
}

/** The bytes of that body, verified and not yet read. */
export async function readDocumentBytes(
  request: Authorized,
  options: DocumentOptions = {},
): Promise<Buffer> {
  const { headers } = request;
  const digests: Digests =
    options.checksumIsOfObject === true ? readContentMd5(headers) : readDigests(headers);
  const isBound = [digests.md5, digests.checksum, digests.trailer].some((one) => one !== undefined);
  if (options.digestRequired === true && !isBound) {
    throw s3Error("InvalidRequest", undefined, {
      reason: "missing_digest",
      message: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    });
  }
  const { bytesMax = limits.bytesMax } = options;
  return readAll(request, digests, bytesMax);
}

async function readAll(request: Authorized, digests: Digests, bytesMax: number): Promise<Buffer> {
  const { body, size, trailers } = openDocument(request);
  if (size > bytesMax) throw s3Error("MaxMessageLengthExceeded");
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > bytesMax) throw s3Error("MaxMessageLengthExceeded");
    pieces.push(piece);
  }
  if (length !== size) throw s3Error("IncompleteBody");
  const bytes = Buffer.concat(pieces);
  admit(digests, compute(bytes, digests.algorithm), trailers);
  return bytes;
}

/** No body at all is an empty one, and what the request says of its body must hold for that too. */
function openDocument(request: Authorized): Payload {
  const { incoming, payload } = request;
  if (incoming.isPresent || payload.kind === "chunked") return openPayload(request);
  requireEmpty(payload);
  return { body: incoming, size: 0, trailers: new Map() };
}

function compute(bytes: Buffer, algorithm: ChecksumAlgorithm = "CRC32"): Computed {
  const checksum = createChecksum(algorithm);
  checksum.update(bytes);
  return {
    size: bytes.length,
    md5: createHash("md5").update(bytes).digest("hex"),
    checksum: { algorithm, value: checksum.digest().toString("base64"), type: "FULL_OBJECT" },
  };
}
