import { quoteEtag, writeCondition } from "@holdfast/protocol";
import { admit, readDigests } from "../body/digests.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders, readMetadata } from "./metadata.ts";
import { openUpload } from "./upload-body.ts";

/** Stores an object in one piece. */
export const putObject: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const digests = readDigests(headers);
  const { body, size, trailers } = openUpload(request);
  const metadata = readMetadata(headers);
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
