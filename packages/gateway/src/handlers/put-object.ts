import { quoteEtag, s3Error, writeCondition } from "@holdfast/protocol";
import { admit, readDigests } from "../body/digests.ts";
import { openPayload, type Payload } from "../body/payload.ts";
import type { Authorized } from "../context.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders, readMetadata } from "./metadata.ts";

/** Of one PUT, one part and one copy: UserGuide/qfacts. */
export const uploadBytesMax = 5 * 1024 ** 3;

/** Stores an object in one piece. */
export const putObject: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const digests = readDigests(headers);
  const { body, size, trailers } = openUpload(request);
  const metadata = readMetadata(headers);
  // Before the first byte: a client that waits for 100-continue never sends the rest.
  await engine.headBucket(bucket);
  const info = await engine.putObject({
    bucket,
    key,
    body,
    size,
    metadata,
    checksumAlgorithm: digests.algorithm ?? "CRC64NVME",
    precondition: writeCondition(conditionHeaders(headers), key),
    admit: (computed) => admit(digests, computed, trailers),
  });
  return { status: 200, headers: { etag: quoteEtag(info.etag), ...checksumHeaders(info) } };
};

/** The body of a PUT, within the size that S3 takes in one request. */
export function openUpload(request: Authorized): Payload {
  const payload = openPayload(request);
  if (payload.size > uploadBytesMax) {
    throw s3Error("EntityTooLarge", undefined, {
      extra: { ProposedSize: String(payload.size), MaxSizeAllowed: String(uploadBytesMax) },
    });
  }
  return payload;
}
